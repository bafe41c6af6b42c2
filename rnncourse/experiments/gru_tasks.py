"""Three tasks that RNN, GRU and LSTM are compared on: text, numbers to add, music."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from rnncourse.cells.unroll import unroll
from rnncourse.datasets.corpora import english
from rnncourse.datasets.polyphony import SCALE, polyphony
from rnncourse.evaluation import cross_entropy
from rnncourse.models import LanguageModel, SequenceClassifier
from rnncourse.tasks import adding_problem
from rnncourse.text import Vocabulary

WINDOW = 60  # characters
PIECE = 100  # steps of music


class Task(NamedTuple):
    """A task with sequences that are held out.

    Args:
        input_size: D, numbers in one input of the cell, or symbols read as one-hot rows.
        model: function of a cell that builds the model around it.
        draw: function of a batch size and a generator; returns inputs and targets to train on.
        loss: function of a model, inputs and targets; returns a scalar tensor.
        test: held-out inputs (T, B, ...) and targets.
        optimum: smallest possible loss on them, or None where nobody knows.
    """

    input_size: int
    model: Callable
    draw: Callable
    loss: Callable
    test: tuple
    optimum: float | None


class NoteModel(nn.Module):
    """A cell that hears notes and says, after each step, which ones come next.

    Args:
        cell: any cell that reads notes (B, 12).
    """

    def __init__(self, cell):
        super().__init__()
        self.cell, self.readout = cell, nn.Linear(cell.output_size, SCALE)

    def forward(self, xs):
        """Return the logits of all notes, each for itself.

        Args:
            xs: notes (T, B, 12).

        Returns:
            tensor (T, B, 12).
        """
        return self.readout(unroll(self.cell, xs)[0])


def text_task():
    """Predict the next character of ``english()``: the first nine tenths, and the last tenth.

    Returns:
        Task; loss in nats per character of windows of 60, the state fresh at the start of each.
    """
    text = english()
    cut = len(text) * 9 // 10
    vocabulary = Vocabulary(text[:cut], unknown="\0")
    train, test = (torch.as_tensor(vocabulary.encode(part)) for part in (text[:cut], text[cut:]))
    size = len(vocabulary.tokens)

    def draw(batch_size, rng):
        starts = torch.from_numpy(rng.integers(len(train) - WINDOW, size=batch_size))  # (B,)
        rows = train[torch.arange(WINDOW + 1)[:, None] + starts]  # (WINDOW + 1, B)
        return rows[:-1], rows[1:]

    def loss(model, inputs, targets):
        return cross_entropy(model(inputs)[0], targets)

    count = min(len(test) // (WINDOW + 1), 400)
    rows = test[: count * (WINDOW + 1)].reshape(count, WINDOW + 1).T  # (WINDOW + 1, B)
    return Task(size, _language_model(size), draw, loss, (rows[:-1], rows[1:]), None)


def adding_task(length):
    """Add the two marked numbers.

    Args:
        length: number of steps T.

    Returns:
        Task; loss is the squared error, of which chance reaches 1/6.
    """

    def draw(batch_size, rng):
        task = adding_problem(length, batch_size, rng)
        return torch.from_numpy(task.xs), torch.from_numpy(task.targets)  # (T, B, 2), (B,)

    def loss(model, inputs, targets):
        return (model(inputs)[:, 0] - targets).square().mean()

    return Task(2, lambda cell: SequenceClassifier(cell, 1), draw, loss, draw(500, 1_000_003), 0.0)


def music_task():
    """Predict the next notes of ``polyphony``, each note by itself.

    Returns:
        Task; loss in nats per step.
    """
    pieces = torch.from_numpy(polyphony(PIECE + 1, 2000, seed=1_000_001).notes)  # (T, B, 12)
    held_out = polyphony(PIECE + 1, 200, seed=1_000_003)

    def draw(batch_size, rng):
        chosen = pieces[:, rng.integers(pieces.shape[1], size=batch_size)]  # (PIECE + 1, B, 12)
        return chosen[:-1], chosen[1:]

    def loss(model, inputs, targets):
        logits = model(inputs)  # (T, B, 12)
        each = nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        return each.sum(2).mean()

    notes, p = torch.from_numpy(held_out.notes), held_out.probabilities[1:]  # (T, B, 12) each
    optimum = -np.where(held_out.notes[1:] == 1, np.log(p), np.log1p(-p)).sum(2).mean()
    return Task(SCALE, NoteModel, draw, loss, (notes[:-1], notes[1:]), round(float(optimum), 5))


def _language_model(size):
    return lambda cell: LanguageModel(cell, size)
