"""Training a character model: resuming, stopping, keeping the best, and what it refuses."""

import dataclasses
import math
import signal
import threading

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import recipe, recipe_run
from rnncourse.checkpoints import read_checkpoint, save_checkpoint
from rnncourse.datasets import corpora
from rnncourse.recipe import train
from rnncourse.recipe_model import load_model
from rnncourse.recipe_settings import Settings

TEXT = "The quick brown fox jumps over the lazy dog, and nobody minds.\n" * 31
SMALL = Settings(
    hidden_size=13, embedding_size=7, batch_size=5, steps=11, epochs=3, dropout=0.2, patience=9
)


def small(**changes):
    return dataclasses.replace(SMALL, **changes)


@pytest.fixture
def stop_after(monkeypatch):
    """Let Ctrl-C arrive during step number ``step``, counted from 0."""

    def arrange(step):
        def loss_fn(*args, **kwargs):
            if torch.is_grad_enabled():
                arrange.left -= 1
                if arrange.left < 0:
                    signal.raise_signal(signal.SIGINT)
                    arrange.left = math.inf
            return true_loss(*args, **kwargs)

        arrange.left = step
        monkeypatch.setattr(recipe, "cross_entropy", loss_fn)

    true_loss = recipe.cross_entropy
    return arrange


def everything(folder):
    content = read_checkpoint(folder / "last.ckpt")
    content["notes"].pop("elapsed")
    return content


@pytest.mark.parametrize("rnn", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("step", [0, 16, 30, 31, 40])
def test_a_resumed_run_is_the_uninterrupted_one_to_the_last_bit(tmp_path, stop_after, rnn, step):
    whole = train(TEXT, tmp_path / "whole", small(rnn=rnn))
    stop_after(step)
    first = train(TEXT, tmp_path / "parts", small(rnn=rnn))
    assert first.interrupted and first.steps == step + 1 < whole.steps == 93
    torch.rand(7)
    second = train(TEXT, tmp_path / "parts", resume=True)
    assert not second.interrupted and not whole.interrupted
    same = {"atol": 0, "rtol": 0}
    found, wanted = everything(tmp_path / "parts"), everything(tmp_path / "whole")
    assert found.pop("random")[0].equal(wanted.pop("random")[0])
    torch.testing.assert_close(found["model"], wanted["model"], **same)
    torch.testing.assert_close(found["optimizer"]["state"], wanted["optimizer"]["state"], **same)
    assert found["history"]["losses"] == wanted["history"]["losses"]
    assert found["notes"] == wanted["notes"] and second.evaluations == whole.evaluations
    torch.testing.assert_close(second.model.state_dict(), whole.model.state_dict(), **same)


def test_a_finished_run_has_nothing_to_resume(tmp_path):
    whole = train(TEXT, tmp_path, SMALL)
    again = train(TEXT, tmp_path, SMALL, resume=True)
    assert (again.steps, again.loss) == (whole.steps, whole.loss)


def test_learns_and_keeps_the_best_model():
    outcome = train(TEXT, settings=small(epochs=12, dropout=0.0))
    steps, losses = zip(*outcome.evaluations, strict=True)
    assert steps == tuple(range(31, 373, 31)) and outcome.path is None
    assert outcome.loss == min(losses) < 1.5 < 2.5 < losses[0]
    assert not outcome.model.training


def test_the_loss_that_is_reported_is_that_of_the_file(tmp_path):
    outcome = train(TEXT, tmp_path, SMALL)
    model, vocabulary = load_model(outcome.path)
    cut = len(TEXT) - round(len(TEXT) / 10)
    assert vocabulary.tokens == outcome.vocabulary.tokens
    assert set(vocabulary.tokens) == set(TEXT[:cut]) | {"<unk>"}
    ids = vocabulary.encode(TEXT[cut:])
    size = (len(ids) - 1) // 16
    columns = torch.tensor(ids[: 16 * size + 1])
    with torch.no_grad():
        logits, _ = model.eval()(columns[:-1].view(16, size).T)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), columns[1:].view(16, size).T.flatten())
    assert loss.item() == pytest.approx(outcome.loss, abs=1e-6)


def test_training_does_not_look_at_what_is_held_out():
    cut = len(TEXT) - round(len(TEXT) / 10)
    other = TEXT[:cut] + "?" * (len(TEXT) - cut)
    one, two = (train(text, settings=small(epochs=1)) for text in (TEXT, other))
    torch.testing.assert_close(one.model.state_dict(), two.model.state_dict(), atol=0, rtol=0)
    assert two.loss > one.loss + 2


def test_stops_early(monkeypatch):
    losses = iter([3.0, 2.0, 2.5, 2.1, 1.9, 2.0, 2.2, 2.0, 0.1])
    weights = []

    def held_out_loss(run):
        weights.append(run.model.readout.weight.detach().clone())
        return next(losses)

    monkeypatch.setattr(recipe_run.Run, "held_out_loss", held_out_loss)
    outcome = train(TEXT, settings=small(epochs=50, patience=3))
    assert [loss for _, loss in outcome.evaluations] == [3.0, 2.0, 2.5, 2.1, 1.9, 2.0, 2.2, 2.0]
    assert outcome.loss == 1.9 and not outcome.interrupted
    assert outcome.model.readout.weight.equal(weights[4])


def test_the_clock_ends_a_run_and_the_learning_rate_has_fallen_to_zero(monkeypatch):
    rates, now = [], [100.0]
    step = torch.optim.AdamW.step

    def slow_step(optimizer, *args):
        rates.append(optimizer.param_groups[0]["lr"])
        now[0] += 0.1 if len(rates) < 20 else 0.3  # the machine has other work, too
        return step(optimizer, *args)

    monkeypatch.setattr(recipe.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(torch.optim.AdamW, "step", slow_step)
    outcome = train(TEXT, settings=small(seconds=10.0, learning_rate=0.02))
    assert 9 <= now[0] - 100 <= 10.3 and 40 <= outcome.steps < 60
    assert max(rates) == pytest.approx(0.02, rel=0.02) and rates[0] < 0.005
    assert rates[-1] < 0.0005
    assert outcome.evaluations[-1][0] == outcome.steps


def test_a_small_model_soon_beats_the_bigram():
    text = corpora.english(200_000)
    outcome = train(text, settings=Settings(epochs=2, hidden_size=64, batch_size=8))
    cut = len(text) - round(len(text) / 10)
    ids = outcome.vocabulary.encode(text)
    counts = np.zeros((len(outcome.vocabulary),) * 2) + 0.1
    np.add.at(counts, (ids[: cut - 1], ids[1:cut]), 1)
    bigram = counts / counts.sum(1, keepdims=True)
    assert outcome.loss < -np.log(bigram[ids[cut:-1], ids[cut + 1 :]]).mean() < 3


def test_leaves_torch_as_it_was():
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    before, threads = signal.getsignal(signal.SIGINT), torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        train(TEXT, settings=small(epochs=1))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)
    assert torch.rand(3).equal(wanted)
    assert signal.getsignal(signal.SIGINT) is before


def test_runs_outside_the_main_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(train(TEXT, settings=small(epochs=1))))
    thread.start()
    thread.join()
    assert found[0].steps == 31


def test_the_seed_decides():
    one, same, other = (train(TEXT, settings=small(epochs=1, seed=s)) for s in (1, 1, 2))
    assert one.loss == same.loss != other.loss


def test_a_progress_bar_on_the_error_stream(capsys):
    train(TEXT, settings=small(epochs=1), progress=True)
    captured = capsys.readouterr()
    assert "100%" in captured.err and "held out" in captured.err and not captured.out


@pytest.mark.parametrize("length", [100, 831])
def test_a_text_shorter_than_one_batch(tmp_path, length):
    text = (TEXT * 9)[:length]
    with pytest.raises(ValueError, match=rf"text must hold .* but has {length - length // 10}"):
        train(text, tmp_path / "run", small(batch_size=67))
    assert not (tmp_path / "run").exists()


def test_a_text_of_one_batch():
    text = (TEXT * 9)[: 68 * 11 + 1 + 83]
    assert train(text, settings=small(batch_size=67, epochs=1)).steps == 1


def test_no_text():
    with pytest.raises(TypeError, match="text must be a string, but is bytes"):
        train(TEXT.encode())


@pytest.mark.parametrize("kind", ["run", "other folder", "file"])
def test_nothing_is_written_over(tmp_path, kind):
    path = tmp_path / "out"
    if kind == "file":
        path.write_text("precious")
    elif kind == "run":
        train(TEXT, path, small(epochs=1))
    else:
        path.mkdir()
        (path / "notes.txt").write_text("precious")
    files = path.iterdir() if path.is_dir() else [path]
    before = {file: file.read_bytes() for file in files}
    with pytest.raises(FileExistsError, match="out is not"):
        train(TEXT, path, SMALL)
    assert {file: file.read_bytes() for file in before} == before


def test_an_empty_folder_will_do(tmp_path):
    assert train(TEXT, tmp_path, small(epochs=1)).path == tmp_path / "best.ckpt"


def test_what_cannot_be_resumed(tmp_path):
    train(TEXT, tmp_path / "run", small(epochs=1))
    model = load_model(tmp_path / "run" / "best.ckpt")[0]
    (tmp_path / "other").mkdir()
    save_checkpoint(tmp_path / "other" / "last.ckpt", model)
    for message, text, folder, settings in (
        ("last.ckpt is not there", TEXT, "absent", None),
        ("text must be the one the run began with", TEXT + ".", "run", None),
        ("hidden_size must be 13 .* but is 17", TEXT, "run", small(epochs=1, hidden_size=17)),
        ("epochs must be 1 .* but is 3", TEXT, "run", SMALL),
        ("last.ckpt is another checkpoint", TEXT, "other", None),
    ):
        with pytest.raises((ValueError, FileNotFoundError), match=message):
            train(text, tmp_path / folder, settings, resume=True)
    with pytest.raises(ValueError, match="folder must name the run to resume"):
        train(TEXT, resume=True)
    assert not (tmp_path / "absent").exists()
