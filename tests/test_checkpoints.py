"""Checkpoints: a resumed run is the uninterrupted one; damaged and foreign files are refused."""

import copy
import errno
import hashlib
import io
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse.batches import contiguous_batches
from rnncourse.cells.elman import ElmanCell
from rnncourse.checkpoints import MAGIC, load_checkpoint, read_checkpoint, save_checkpoint
from rnncourse.evaluation import cross_entropy
from rnncourse.models import LanguageModel
from rnncourse.text import Vocabulary
from rnncourse.training import History, fit
from twins import ROOT

TEXT = "the quick brown fox jumps over the lazy dog. " * 7
VOCABULARY = Vocabulary(TEXT)
V = len(VOCABULARY)


class DroppingModel(LanguageModel):
    """A language model with dropout, which draws from torch's global generator."""

    def __init__(self, size=11):
        super().__init__(ElmanCell(5, size), V)
        self.dropout = nn.Dropout(0.3)

    def forward(self, ids, state=None, mask=None):
        xs = self.dropout(self.embedding(ids))
        outputs = []
        state = self.cell.initial_state(ids.shape[1]) if state is None else state
        for x in xs:
            output, state = self.cell(x, state)
            outputs.append(self.dropout(output))
        return self.readout(torch.stack(outputs)), state


class Run:
    """All that a training run consists of, made anew: as after starting Python again."""

    def __init__(self, kind=torch.optim.Adam, seed=0):
        torch.manual_seed(seed)
        self.model = DroppingModel()
        self.optimizer = kind(self.model.parameters(), lr=0.01)
        self.noise = torch.Generator().manual_seed(seed)
        self.history = None

    def go_on(self, stop=None, epochs=3):
        def hook(step, loss):
            for p in self.model.parameters():  # a run may draw from a generator of its own
                p.grad += 1e-3 * torch.randn(p.shape, generator=self.noise)
            return step == stop

        batches = list(contiguous_batches(VOCABULARY.encode(TEXT), 4, 13))
        self.history = fit(
            self.model,
            batches,
            cross_entropy,
            self.optimizer,
            epochs,
            hook,
            carry_state=True,
            history=self.history,
        )

    def save(self, path):
        parts = (self.model, self.optimizer, self.history, VOCABULARY, [self.noise])
        save_checkpoint(path, *parts)

    def load(self, path):
        parts = (self.model, self.optimizer, VOCABULARY, [self.noise])
        self.history = load_checkpoint(path, *parts)

    def everything(self):
        optimizer = self.optimizer.state_dict()
        slots = {k: dict(v) for k, v in optimizer["state"].items()}
        return self.model.state_dict(), slots, self.history.losses, self.history.state


def assert_same(one, other):
    torch.testing.assert_close(one, other, atol=0, rtol=0)


SGD = pytest.param(lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9), id="momentum")
ADAM = pytest.param(torch.optim.Adam, id="Adam")
ADAGRAD = pytest.param(torch.optim.Adagrad, id="Adagrad")


@pytest.mark.parametrize("kind", [SGD, ADAM, ADAGRAD])
@pytest.mark.parametrize("stop", [0, 4, 5, 6, 9])
def test_a_resumed_run_is_the_uninterrupted_one_to_the_last_bit(tmp_path, kind, stop):
    whole = Run(kind)
    whole.go_on()
    drawn = torch.rand(3)
    assert len(whole.history.losses) == 18  # six batches an epoch
    first = Run(kind)
    first.go_on(stop)
    first.save(tmp_path / "run")
    second = Run(kind, seed=99)  # other weights, other random numbers, until it is loaded
    torch.rand(17)
    second.load(tmp_path / "run")
    second.go_on()
    assert_same(second.everything(), whole.everything())
    assert torch.equal(torch.rand(3), drawn)


def test_in_a_new_process_too(tmp_path):
    whole = Run()
    whole.go_on()
    first = Run()
    first.go_on(stop=8)
    first.save(tmp_path / "run")
    program = (
        "import sys, torch; sys.path[:0] = ['tests', 'tools']\n"
        "torch.set_num_threads(int(sys.argv[2]))\n"
        "from test_checkpoints import Run\n"
        "run = Run(seed=5); run.load(sys.argv[1]); run.go_on(); run.save(sys.argv[1])\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "run"), str(torch.get_num_threads())]
    subprocess.run(command, check=True, cwd=ROOT, timeout=120)
    run = Run(seed=7)
    run.load(tmp_path / "run")
    assert_same(run.everything(), whole.everything())


def test_a_model_alone(tmp_path):
    run, other = Run(), Run(seed=1)
    save_checkpoint(tmp_path / "model", run.model)
    torch.manual_seed(3)
    wanted = torch.rand(2)
    torch.manual_seed(3)
    assert load_checkpoint(tmp_path / "model", other.model) is None
    assert_same(other.model.state_dict(), run.model.state_dict())
    assert torch.equal(torch.rand(2), wanted)  # random numbers were left alone


def test_a_history_with_a_pair_of_states(tmp_path):
    pair = (torch.randn(3, 5), (torch.randn(3, 7, dtype=torch.float64),))
    history = History([1.5, 0.1 + 0.2], 2, pair)
    save_checkpoint(tmp_path / "x", nn.Linear(2, 3), history=history)
    found = load_checkpoint(tmp_path / "x", nn.Linear(2, 3))
    assert found.losses == history.losses and found.steps_per_epoch == 2
    assert_same(found.state, pair)


# Files that are not what they should be


@pytest.fixture
def saved(tmp_path):
    run = Run()
    run.go_on(stop=2)
    run.save(tmp_path / "run")
    return tmp_path / "run"


def refuse(path, message, run=None, **changed):
    """Loading fails with the message and changes nothing."""
    run = Run(seed=1) if run is None else run
    parts = {"optimizer": run.optimizer, "vocabulary": VOCABULARY, "generators": [run.noise]}
    before = copy.deepcopy(run.model.state_dict()), torch.get_rng_state(), run.noise.get_state()
    with pytest.raises(ValueError, match=message):
        load_checkpoint(path, run.model, **{**parts, **changed})
    assert_same(before, (run.model.state_dict(), torch.get_rng_state(), run.noise.get_state()))
    assert not run.optimizer.state


@pytest.mark.parametrize("keep", [0, 5, 40, 120, 2000, -1])
def test_a_file_cut_short(saved, keep):
    saved.write_bytes(saved.read_bytes()[:keep])
    message = "does not begin so" if keep in (0, 5) else "must be a whole checkpoint|begin so"
    refuse(saved, message)


def test_one_changed_byte_anywhere(saved):
    data = saved.read_bytes()
    for at in np.random.default_rng(0).integers(data.index(b"\n") + 1, len(data), size=50):
        changed = bytearray(data)
        changed[at] ^= 1
        saved.write_bytes(bytes(changed))
        with pytest.raises(ValueError, match="fails its checksum"):
            read_checkpoint(saved)


def test_a_changed_header_or_more_bytes(saved):
    data = saved.read_bytes()
    saved.write_bytes(data + b"x")
    refuse(saved, "must be a whole checkpoint")
    saved.write_bytes(data.replace(MAGIC, b"another checkpoint 1"))
    refuse(saved, "does not begin so")


def with_header(payload):
    digest = hashlib.sha256(payload).hexdigest().encode()
    return MAGIC + b" %d %s\n" % (len(payload), digest) + payload


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_code_in_a_file_is_not_run(tmp_path, saved):
    """Even if someone has put the right checksum on it."""
    sprung = tmp_path / "sprung"
    for content in (Trap(sprung), {"model": Trap(sprung)}):
        buffer = io.BytesIO()
        torch.save(content, buffer)
        saved.write_bytes(with_header(buffer.getvalue()))
        refuse(saved, "must hold numbers and names only")
    assert not sprung.exists()


@pytest.mark.parametrize("content", [{"model": {}}, [1, 2], 3])
def test_other_content(saved, content):
    buffer = io.BytesIO()
    torch.save(content, buffer)
    saved.write_bytes(with_header(buffer.getvalue()))
    refuse(saved, "must hold numbers and names only")
    saved.write_bytes(with_header(b"no torch file"))
    refuse(saved, "must hold numbers and names only")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_checkpoint(tmp_path / "none", nn.Linear(2, 3))


@pytest.mark.parametrize(
    "vocabulary, message",
    [
        (Vocabulary(TEXT.replace("q", "Q")), "id 8 was 'a' and is 'Q'"),
        (Vocabulary(TEXT + "!"), "had 28 tokens and has 29"),
        (Vocabulary(VOCABULARY.tokens[:1]), "had 28 tokens and has 1"),
        (Vocabulary(TEXT, unknown="<unk>", max_size=V), "id 0 was ' ' and is '<unk>'"),
        (Vocabulary(TEXT, end=" "), "special tokens were .None, None, None. and are .*' '"),
        (None, "one was saved and none is given"),
    ],
)
def test_another_vocabulary(saved, vocabulary, message):
    refuse(saved, f"vocabulary must be the saved one, but .*{message}", vocabulary=vocabulary)


def test_a_vocabulary_where_none_was_saved(tmp_path):
    save_checkpoint(tmp_path / "model", Run().model)
    with pytest.raises(ValueError, match="none was saved and one is given"):
        load_checkpoint(tmp_path / "model", Run().model, vocabulary=VOCABULARY)


def test_other_sizes(saved):
    run = Run(seed=1)
    run.model = DroppingModel(size=12)
    refuse(saved, r"cell.W_xh was \(5, 11\).* and is \(5, 12\)", run)
    run.model = DroppingModel().double()
    refuse(saved, "was .*float32 and is .*float64", run)
    run.model = nn.Linear(3, 2)
    refuse(saved, r"model must have the saved weights, but lacks \['cell.W_hh'", run)


def test_another_optimizer_or_other_generators(saved):
    run = Run(torch.optim.Adagrad, seed=1)
    run.optimizer.state.clear()
    refuse(saved, "optimizer must be the saved Adam, but is Adagrad", run)
    run = Run(seed=1)
    run.optimizer = torch.optim.Adam([run.model.cell.W_hh])
    refuse(saved, "parameter group", run)
    refuse(saved, "generators must be the 1 saved, but are 0", generators=[])


# Saving


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failed_save_leaves_the_old_file(saved, monkeypatch, broken):
    old = saved.read_bytes()

    def fail(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(OSError, match="No space left"):
        Run(seed=3).save(saved)
    assert saved.read_bytes() == old and os.listdir(saved.parent) == ["run"]


def test_a_save_that_is_killed_leaves_the_old_file(saved, monkeypatch):
    old = saved.read_bytes()
    monkeypatch.setattr(os, "replace", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        Run(seed=3).save(saved)
    assert saved.read_bytes() == old and os.listdir(saved.parent) == ["run"]


def test_what_cannot_be_saved_leaves_the_old_file(saved):
    old = saved.read_bytes()
    with pytest.raises(Exception, match="pickle|lambda"):
        save_checkpoint(saved, Run().model, history=History([lambda: 0]))
    assert saved.read_bytes() == old and os.listdir(saved.parent) == ["run"]


def test_saving_twice_is_saving_the_last_one(saved):
    run = Run(seed=3)
    run.go_on(stop=1)
    run.save(saved)
    assert read_checkpoint(saved)["history"]["losses"] == run.history.losses
    assert os.listdir(saved.parent) == ["run"]


def test_notes_come_back(tmp_path):
    notes = {"name": "fox", "evaluations": [(3, 2.5), (5, 2.25)], "seconds": None}
    save_checkpoint(tmp_path / "run", nn.Linear(2, 3), notes=notes)
    assert read_checkpoint(tmp_path / "run")["notes"] == notes
    save_checkpoint(tmp_path / "run", nn.Linear(2, 3))
    assert read_checkpoint(tmp_path / "run")["notes"] is None


def test_a_file_from_before_there_were_notes(tmp_path, monkeypatch):
    save = torch.save
    monkeypatch.setattr(torch, "save", lambda content, file: save(without_notes(content), file))
    save_checkpoint(tmp_path / "run", nn.Linear(2, 3), notes="lost")
    assert read_checkpoint(tmp_path / "run")["notes"] is None


def without_notes(content):
    return {name: value for name, value in content.items() if name != "notes"}
