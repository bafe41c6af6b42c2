"""Train a character model on any text, stop and resume at will, and keep the best of it."""

import signal
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from rnncourse import recipe_run
from rnncourse.checkpoints import read_checkpoint
from rnncourse.evaluation import cross_entropy
from rnncourse.recipe_settings import Settings, schedule
from rnncourse.text import Vocabulary
from rnncourse.training import fit


@dataclass
class Outcome:
    """What training gave.

    Args:
        model: CharacterModel with the weights of the lowest held-out loss.
        vocabulary: the Vocabulary that its numbers belong to.
        loss: that loss, in nats per character.
        evaluations: list of pairs (steps done, held-out loss).
        steps: number of steps that were done.
        interrupted: whether Ctrl-C ended the training.
        path: the model's file, or None.
    """

    model: nn.Module
    vocabulary: Vocabulary
    loss: float
    evaluations: list
    steps: int
    interrupted: bool
    path: Path | None


def train(text, folder=None, settings=None, *, resume=False, progress=False):
    """Train a character model: AdamW, warm-up and cosine, carried state, early stopping.

    Ctrl-C ends the training after the step that is under way; the best model so far is kept. A run
    of a number of epochs that is resumed on a CPU ends with the same weights, to the last bit, as
    one that was never broken off. In a run of a number of seconds the clock decides.

    Args:
        text: str.
        folder: where to write ``best.ckpt``, the model, and ``last.ckpt``, to resume from; it must
            be new or empty. None writes nothing.
        settings: Settings, or None for those that are filled in; where a run is resumed, for those
            that it began with.
        resume: whether to go on with the run in the folder.
        progress: whether to show a progress bar, on the standard error stream.

    Returns:
        Outcome.

    Raises:
        FileExistsError: something is in the folder, and ``resume`` is false.
        FileNotFoundError: nothing is there to resume.
        OSError: a file cannot be written.
        TypeError: ``text`` is not a string.
        ValueError: ``text`` is too short, the loss is no longer a number; or, where a run is
            resumed, damaged files, another text or other settings.
    """
    folder = None if folder is None else Path(folder)
    with _own_torch():
        if resume:
            if folder is None:
                raise ValueError("folder must name the run to resume, but is None")
            run = recipe_run.resume(text, folder, settings)
            best = read_checkpoint(folder / recipe_run.BEST)["model"]
        else:
            refuse_full(folder)
            run, best = recipe_run.begin(text, Settings() if settings is None else settings), None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        torch.set_num_threads(run.settings.threads)
        best, interrupted = _train(run, folder, best, progress)
        run.model.load_state_dict(best)
    done, path = len(run.history.losses), folder and folder / recipe_run.BEST
    model = run.model.cpu().eval()
    return Outcome(model, run.vocabulary, run.lowest, run.evaluations, done, interrupted, path)


def refuse_full(folder):
    """Refuse a folder that something might be overwritten in.

    Args:
        folder: a path, or None.

    Raises:
        FileExistsError: it is a file, or there is something in it.
    """
    if folder is not None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"folder must be new or empty, but {folder} is not; resume its run?")


def _train(run, folder, best, progress):
    """Take steps and evaluate by turns; return the best weights, and whether Ctrl-C came."""
    clock = _clock(run.elapsed)
    with _interruptible() as asked_to_stop, _bar(run, progress) as bar:
        while not run.finished() and (best is None or not asked_to_stop()):
            _advance(run, clock, asked_to_stop, bar)
            loss = run.held_out_loss()
            if run.due():
                run.evaluations.append((len(run.history.losses), loss))
            better, run.lowest = loss < run.lowest, min(loss, run.lowest)
            if better:
                best = {name: value.clone() for name, value in run.model.state_dict().items()}
            run.elapsed = clock()
            if folder is not None:
                run.save(folder, better)
            bar.update(_shown(run, len(run.history.losses)) - bar.n)
            bar.set_postfix_str(f"held out {loss:.3f} nats")
        return best, asked_to_stop()


def _advance(run, clock, asked_to_stop, bar):
    """Take steps until an evaluation is due."""
    settings = run.settings

    def hook(step, loss):
        run.elapsed = clock()
        rate = settings.learning_rate * schedule(run.progress(step + 0.5), settings.warm_up)
        for group in run.optimizer.param_groups:
            group["lr"] = rate
        nn.utils.clip_grad_norm_(run.model.parameters(), settings.clip_norm)
        bar.update(_shown(run, step + 1) - bar.n)
        over = (step + 1) % run.interval() == 0 or run.progress(step + 1) >= 1
        return over or asked_to_stop()

    epochs = settings.epochs if settings.seconds is None else sys.maxsize
    model, optimizer, history = run.model, run.optimizer, run.history
    fit(
        model,
        run.batches,
        cross_entropy,
        optimizer,
        epochs,
        hook,
        carry_state=True,
        history=history,
    )


def _clock(before):
    """Make a function that returns the seconds since now, on top of those before."""
    start = time.monotonic() - before
    return lambda: time.monotonic() - start


def _shown(run, done):
    """How far the progress bar is after so many steps, in steps or in seconds."""
    limit = run.settings.seconds
    return done if limit is None else min(run.elapsed, limit)


def _bar(run, progress):
    limit, done = run.settings.seconds, len(run.history.losses)
    total, unit = (limit, "s") if limit else (run.settings.epochs * run.steps_per_epoch(), "steps")
    shape = "{percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} {unit}, {remaining} left {postfix}"
    return tqdm(
        total=total, initial=_shown(run, done), unit=unit, bar_format=shape, disable=not progress
    )


@contextmanager
def _own_torch():
    """Leave torch's random numbers and number of threads behind as they were."""
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices):
        try:
            yield
        finally:
            torch.set_num_threads(threads)


@contextmanager
def _interruptible():
    """Turn the first Ctrl-C into a question that can be asked; the second one acts as ever."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # no signal arrives there
        yield asked.is_set
        return
    before = signal.getsignal(signal.SIGINT) or signal.SIG_DFL

    def note(number, frame):
        asked.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
