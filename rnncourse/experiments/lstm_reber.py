"""Embedded Reber strings, the state reset before each: who learns to recall the second symbol?

Three networks learn to predict the next symbol. The last but one symbol of a string repeats the
second one: whoever predicts it has carried it over all that lies between.
"""

from typing import NamedTuple

import torch

from rnncourse.cells.lstm import LSTM1997Cell
from rnncourse.datasets.reber import SYMBOLS, embedded_reber
from rnncourse.evaluation import cross_entropy
from rnncourse.experiments.fast import fast_lstm, fast_rnn
from rnncourse.experiments.gates import train_cell
from rnncourse.experiments.grid import Run
from rnncourse.experiments.problems import Problem
from rnncourse.models import LanguageModel

T, P = SYMBOLS.index("T"), SYMBOLS.index("P")
SEEDS = (1, 2, 3, 4, 5)
CELLS = {
    "tanh RNN": fast_rnn,
    "LSTM of 1997": LSTM1997Cell,
    "LSTM": fast_lstm,
}
SETTINGS = {
    "rate": 0.01,
    "longest_gradient": 1.0,
    "hidden_size": 16,
    "batch_size": 32,
    "updates": 3000,
    "check_every": 50,
    "check_size": 500,
}


class Next(NamedTuple):
    """What comes next at each step.

    Args:
        ids: whole numbers (T, B).
        mask: False where there is only padding, (T, B).
        recall: True where the symbol repeats the second one of its string, (T, B).
    """

    ids: torch.Tensor
    mask: torch.Tensor
    recall: torch.Tensor


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return [Run({"cell": name, "seed": seed}, SETTINGS) for name in CELLS for seed in SEEDS]


def run(cell, seed, longest_gradient, **training):
    """Train one network until 99 % of the second symbols are recalled.

    Args:
        cell: a name of ``CELLS``.
        seed: whole number.
        longest_gradient: longer gradients are shortened to this length.
        training: what else ``train_until_solved`` takes.

    Returns:
        dict for a row: ``parameters``, and what ``train_until_solved`` returns.
    """
    return train_cell(CELLS[cell], embedded_reber_problem(), seed, longest_gradient, training)


def embedded_reber_problem():
    """Make the prediction of embedded Reber strings; the score is the accuracy of the recall.

    The loss is the mean over all symbols but the first, in nats: at best 7 ln 2 / 11 over many
    strings, as each has 11 symbols to predict.

    Returns:
        Problem.
    """

    def draw(batch_size, rng):
        text = embedded_reber(batch_size, rng)
        ids, mask, recall = map(torch.from_numpy, (text.ids, text.mask, text.recall))
        return ids[:-1], Next(ids[1:], mask[1:], recall[1:])

    return Problem(len(SYMBOLS), _language_model, draw, _loss, recall_accuracy, goal=0.99)


def recall_accuracy(logits, following):
    """How often, of T and P, the right one is the more probable where it must be recalled.

    Args:
        logits: tensor (T, B, 7).
        following: Next.

    Returns:
        float; chance is 1/2.
    """
    logits, ids = logits[following.recall], following.ids[following.recall]  # (M, 7), (M,)
    return ((logits[:, T] > logits[:, P]) == (ids == T)).float().mean().item()


def _language_model(cell):
    return LanguageModel(cell, len(SYMBOLS))


def _loss(logits, following):
    return cross_entropy(logits, following.ids, following.mask)
