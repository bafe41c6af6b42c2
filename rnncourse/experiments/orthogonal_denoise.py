"""Symbols among noise, to be repeated in their order: what gates can do and a rotation cannot.

In copy memory all symbols stand at the beginning, so each waits equally long for its turn, and a
state that turns by the same W at each step can bring it there. Here they stand anywhere. How long
one has to wait depends on where it stood, and that is a matter for gates: they decide by the input
whether the state goes on or stays.
"""

import numpy as np
import torch

from rnncourse.evaluation import cross_entropy
from rnncourse.experiments.grid import Run
from rnncourse.experiments.orthogonal_cells import CELLS, ORTHOGONAL_START, TANH, solve
from rnncourse.experiments.problems import Problem
from rnncourse.models import LanguageModel

NAMES = [
    TANH,
    ORTHOGONAL_START,
    "linear, orthogonal start",
    "modReLU, orthogonal",
    "unitary",
    "GORU",
    "LSTM",
    "GRU",
]
TRIED = (0.01, 0.003)
TRIAL_SEED, TRIAL_UPDATES = 0, 500
RATES = {name: 0.01 if name in ("GORU", "LSTM", "GRU") else 0.003 for name in NAMES}
UPDATES, SEEDS = 1000, (1, 2, 3)
SETTINGS = {
    "length": 20,
    "num_symbols": 4,
    "num_items": 3,
    "hidden_size": 64,
    "batch_size": 32,
    "longest_gradient": 1.0,
    "check_every": 50,
    "check_size": 300,
}


def trials():
    """List the short runs that choose the learning rates.

    Returns:
        list of Run.
    """
    return [_run(name, TRIAL_SEED, rate, TRIAL_UPDATES) for name in NAMES for rate in TRIED]


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    long = [_run(name, seed, RATES[name], UPDATES) for name in NAMES for seed in SEEDS]
    return trials() + long


def run(cell, seed, rate, numbers, longest_gradient, length, num_symbols, num_items, **training):
    """Train one network until 95 % of the symbols are repeated.

    Args:
        cell: a name of ``CELLS``.
        seed: whole number.
        rate: Adam's learning rate.
        numbers: dict, what else the cell is built with, such as ``reflections`` (16).
        longest_gradient: longer gradients are shortened to this length.
        length, num_symbols, num_items: as ``denoising`` takes them.
        training: what else ``train_until_solved`` takes.

    Returns:
        dict for a row, see ``solve``.
    """
    problem = denoising(length, num_symbols, num_items)
    return solve(problem, cell, seed, rate, numbers, longest_gradient, training)


def denoising(length, num_symbols, num_items):
    """Make the task; its score is the accuracy on the symbols to be repeated.

    What is read: ``length`` steps of noise, ``num_items`` of them, drawn at random, replaced by
    symbols; a delimiter; ``num_items`` steps of noise. What is to be said: noise, and in the last
    steps the symbols in their order. With K symbols and S items in T steps the chance level is
    S ln K / T, as in copy memory.

    Args:
        length: steps before the delimiter.
        num_symbols: number of different symbols.
        num_items: how many symbols to remember.

    Returns:
        Problem.

    Source:
        after the denoise task of Jing et al. (2019), Gated orthogonal recurrent units: on learning
        to forget, arXiv:1706.02761.
    """

    def draw(batch_size, rng):
        return draw_denoising(length, batch_size, num_symbols, num_items, rng)

    def score(logits, targets):
        right = logits[-num_items:].argmax(2) == targets[-num_items:]  # (S, B)
        return right.float().mean()

    def model(cell):
        return LanguageModel(cell, num_symbols + 2)

    chance = num_items * np.log(num_symbols) / (length + 1 + num_items)
    return Problem(num_symbols + 2, model, draw, cross_entropy, score, goal=0.95, chance=chance)


def draw_denoising(length, batch_size, num_symbols, num_items, rng):
    """Draw sequences of the task.

    Args:
        length, num_symbols, num_items: as for ``denoising``.
        batch_size: B.
        rng: a ``numpy.random.Generator``.

    Returns:
        what is read and what is to be said, two tensors of whole numbers (T, B); K is the noise,
        K + 1 the delimiter.
    """
    S, noise = num_items, num_symbols
    ids = np.full((length + 1 + S, batch_size), noise)  # (T, B)
    targets = ids.copy()  # (T, B)
    symbols = rng.integers(num_symbols, size=(S, batch_size))  # (S, B)
    order = rng.random((length, batch_size)).argsort(axis=0)[:S]  # (S, B), without repeats
    np.put_along_axis(ids, np.sort(order, axis=0), symbols, axis=0)
    ids[length], targets[-S:] = noise + 1, symbols
    return torch.from_numpy(ids), torch.from_numpy(targets)


def _run(cell, seed, rate, updates):
    key = {"cell": cell, "seed": seed, "rate": rate}
    return Run(key, {**SETTINGS, "updates": updates, "numbers": CELLS[cell][1]})
