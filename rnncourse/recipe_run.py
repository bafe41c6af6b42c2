"""A training run of a character model: what it consists of, how far it is, and its files."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
import torch

from rnncourse.batches import contiguous_batches
from rnncourse.cells.state import map_state
from rnncourse.checkpoints import load_checkpoint, read_checkpoint, save_checkpoint
from rnncourse.evaluation import cross_entropy, evaluate
from rnncourse.recipe_model import UNKNOWN, new_model
from rnncourse.recipe_settings import Settings
from rnncourse.text import Vocabulary
from rnncourse.training import History

MAX_HELD_OUT = 200_000
MAX_STEPS_BETWEEN = 2_000
HELD_OUT_COLUMNS, HELD_OUT_STEPS = 16, 256
BEST, LAST = "best.ckpt", "last.ckpt"


@dataclass
class Run:
    """A training run.

    Args:
        settings: Settings.
        fingerprint: SHA-256 of the text.
        vocabulary: the Vocabulary of the training part.
        ids: the training part, whole numbers (N,).
        held_out: the held-out part, whole numbers (M,).
        model: CharacterModel, on the device.
        optimizer: of its weights.
        history: History of the steps.
        evaluations: list of pairs (steps done, held-out loss in nats per character).
        lowest: the lowest held-out loss so far, also of an evaluation that was out of turn.
        elapsed: seconds of training, evaluations included.
    """

    settings: Settings
    fingerprint: str
    vocabulary: Vocabulary
    ids: np.ndarray
    held_out: np.ndarray
    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    history: History = field(default_factory=History)
    evaluations: list = field(default_factory=list)
    lowest: float = float("inf")
    elapsed: float = 0.0

    def steps_per_epoch(self):
        """Return how many batches one reading of the training part gives."""
        size = self.settings.batch_size
        return (len(self.ids) - 1 - self.settings.steps) // size // self.settings.steps

    def batches(self, epoch):
        """Return the batches of one epoch, cut at places that differ from epoch to epoch.

        Args:
            epoch: its number, from 0.

        Returns:
            iterator over pairs inputs (T, B), targets (T, B).
        """
        steps = self.settings.steps
        first = np.random.default_rng((self.settings.seed, epoch)).integers(steps + 1)
        ids = self.ids[first : len(self.ids) - steps + first]  # (N - T,)
        return self._on_device(contiguous_batches(ids, self.settings.batch_size, steps))

    def progress(self, step):
        """Return how much of the training is over, 1 or more at its end.

        Where time is limited, the last evaluation has to fit in. It reads each character once,
        forward only: a third of what a training step does.

        Args:
            step: number of the step, from 0; or a number in between.
        """
        settings = self.settings
        if settings.seconds is None:
            return step / (settings.epochs * self.steps_per_epoch())
        characters = max(step, 1) * settings.batch_size * settings.steps
        last = min(self.elapsed * len(self.held_out) / characters / 3, settings.seconds / 4)
        return self.elapsed / (settings.seconds - last)

    def interval(self):
        """Return how many steps lie between two evaluations."""
        return min(self.steps_per_epoch(), MAX_STEPS_BETWEEN)

    def due(self):
        """Return whether after the steps so far an evaluation is due."""
        done = len(self.history.losses)
        return done % self.interval() == 0 or self.progress(done) >= 1

    def finished(self):
        """Return whether the end is reached, or the held-out loss has stopped falling."""
        done, losses = len(self.history.losses), [loss for _, loss in self.evaluations]
        if not losses or self.evaluations[-1][0] < done:
            return False
        waited = len(losses) - 1 - losses.index(min(losses))
        return self.progress(done) >= 1 or waited >= self.settings.patience

    def held_out_loss(self):
        """Return the mean loss on the held-out part, in nats per character."""
        sizes = (HELD_OUT_COLUMNS, HELD_OUT_STEPS)
        batches = self._on_device(contiguous_batches(self.held_out, *sizes, drop_last=False))
        return evaluate(self.model, batches, cross_entropy, carry_state=True)

    def _on_device(self, batches):
        device = self.model.readout.weight.device
        return (tuple(torch.tensor(part, device=device) for part in batch) for batch in batches)

    def save(self, folder, best):
        """Write ``last.ckpt``, all that the run needs to go on, and ``best.ckpt``, the model.

        Args:
            folder: path of the run's folder.
            best: whether the model is the best one so far; else ``best.ckpt`` stays as it is.
        """
        if best:
            save_checkpoint(folder / BEST, self.model, vocabulary=self.vocabulary)
        notes = {"settings": self.settings.as_notes(), "fingerprint": self.fingerprint}
        notes |= {"evaluations": self.evaluations, "elapsed": self.elapsed, "lowest": self.lowest}
        parts = (self.model, self.optimizer, self.history, self.vocabulary)
        save_checkpoint(folder / LAST, *parts, notes=notes)


def begin(text, settings):
    """Set a new run up.

    Args:
        text: str.
        settings: Settings.

    Returns:
        Run.

    Raises:
        TypeError: ``text`` is not a string.
        ValueError: ``text`` is too short.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, but is {type(text).__name__}")
    held = min(round(len(text) * settings.held_out), MAX_HELD_OUT)
    needed = (settings.batch_size + 1) * settings.steps + 1
    if len(text) - held < needed or held < 2 * HELD_OUT_COLUMNS:
        parts = f"{len(text) - held} to train on and {held} held out"
        least = f"{needed} and {2 * HELD_OUT_COLUMNS}"
        raise ValueError(f"text must hold {least} characters for one batch, but has {parts}")
    training, rest = text[: len(text) - held], text[len(text) - held :]
    vocabulary = Vocabulary(training, unknown=UNKNOWN)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    ids, held_out = vocabulary.encode(training), vocabulary.encode(rest)  # (N,), (M,)
    torch.manual_seed(settings.seed)
    model = new_model(settings, vocabulary).to(device)
    optimizer = _optimizer(model, settings)
    fingerprint = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Run(settings, fingerprint, vocabulary, ids, held_out, model, optimizer)


def _optimizer(model, settings):
    """AdamW; the decay pulls weights to zero, but no biases: these cannot learn by heart."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": weights}, {"params": biases, "weight_decay": 0.0}]
    rates = {"lr": settings.learning_rate, "betas": (0.9, 0.99), "fused": True}
    return torch.optim.AdamW(groups, weight_decay=settings.weight_decay, **rates)


def resume(text, folder, settings=None):
    """Set a run up as it stood when it was saved.

    Args:
        text: the text it was begun with.
        folder: path of its folder.
        settings: the Settings it was begun with, or None to take the saved ones.

    Returns:
        Run.

    Raises:
        FileNotFoundError: there is no run in the folder.
        TypeError: ``text`` is not a string.
        ValueError: damaged files, another text or other settings.
    """
    notes = read_notes(folder)
    saved = Settings.from_notes(notes["settings"])
    for name, value in vars(saved).items():
        given = value if settings is None else getattr(settings, name)
        if given != value:
            raise ValueError(f"{name} must be {value!r} as the run began, but is {given!r}")
    run = begin(text, saved)
    if run.fingerprint != notes["fingerprint"]:
        raise ValueError("text must be the one the run began with, but is another")
    history = load_checkpoint(folder / LAST, run.model, run.optimizer, run.vocabulary)
    device = run.model.readout.weight.device
    history.state = map_state(lambda part: part.to(device), history.state)
    run.history, run.elapsed, run.lowest = history, notes["elapsed"], notes["lowest"]
    run.evaluations = [tuple(pair) for pair in notes["evaluations"]]
    return run


def read_notes(folder):
    """Read what a saved run knows beside its weights.

    Args:
        folder: path of its folder.

    Returns:
        dict with ``settings``, for ``Settings.from_notes``; ``fingerprint`` of the text;
        ``evaluations``, ``lowest`` and ``elapsed``, as in Run.

    Raises:
        FileNotFoundError: there is no run in the folder.
        ValueError: the file is damaged, or a checkpoint of something else.
    """
    path = folder / LAST
    if not path.is_file():
        raise FileNotFoundError(f"folder must hold a run to resume, but {path} is not there")
    notes = read_checkpoint(path)["notes"]
    if not isinstance(notes, dict) or "fingerprint" not in notes:
        raise ValueError(f"folder must hold a run of train, but {path} is another checkpoint")
    return notes
