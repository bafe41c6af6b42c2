"""Long-term tasks as experiments train on them: data, loss, score, and what counts as solved."""

from collections.abc import Callable
from math import log
from typing import NamedTuple

import torch

from rnncourse.evaluation import cross_entropy, evaluation_mode
from rnncourse.models import LanguageModel, SequenceClassifier
from rnncourse.tasks import ORDER_TOKENS, adding_problem, copy_memory, temporal_order


class Problem(NamedTuple):
    """A task, ready for training.

    Args:
        input_size: D, numbers in one input of the cell, or symbols read as one-hot rows.
        model: function of a cell that builds the model around it.
        draw: function of a batch size and a generator; returns inputs and targets.
        loss: function of predictions and targets; returns a scalar tensor.
        score: likewise; 1 is perfect.
        goal: the score from which on the task counts as solved.
        chance: the loss of the best predictor that carries nothing over the gap, or None.
    """

    input_size: int
    model: Callable
    draw: Callable
    loss: Callable
    score: Callable
    goal: float
    chance: float | None = None


def adding(length):
    """Make the adding problem; its score is the share of the variance that is explained.

    The loss is the mean squared error, of which chance reaches 1/6. The score is 1 - 6 loss, so the
    goal of 0.94 is an error of 0.01.

    Args:
        length: number of steps T.

    Returns:
        Problem.
    """

    def draw(batch_size, rng):
        task = adding_problem(length, batch_size, rng)
        return torch.from_numpy(task.xs), torch.from_numpy(task.targets)  # (T, B, 2), (B,)

    def loss(predictions, targets):
        return (predictions[:, 0] - targets).square().mean()

    def score(predictions, targets):
        return 1 - 6 * loss(predictions, targets)

    def model(cell):
        return SequenceClassifier(cell, 1)

    return Problem(2, model, draw, loss, score, goal=0.94, chance=1 / 6)


def copying(gap, num_symbols, num_items):
    """Make the copy memory; its score is the accuracy on the symbols to be repeated.

    Args:
        gap: blanks between the symbols and the delimiter.
        num_symbols: number of different symbols.
        num_items: how many symbols to remember.

    Returns:
        Problem.
    """

    def draw(batch_size, rng):
        task = copy_memory(gap, batch_size, num_symbols, num_items, rng)
        return torch.from_numpy(task.ids), torch.from_numpy(task.targets)  # (T, B), (T, B)

    def score(logits, targets):
        right = logits[-num_items:].argmax(2) == targets[-num_items:]  # (S, B)
        return right.float().mean()

    def model(cell):
        return LanguageModel(cell, size)

    size = num_symbols + 2  # V
    chance = copy_memory(gap, 1, num_symbols, num_items).chance
    return Problem(size, model, draw, cross_entropy, score, goal=0.95, chance=chance)


def order(length):
    """Make the temporal order problem; its score is the accuracy.

    Args:
        length: number of steps T.

    Returns:
        Problem.
    """

    def draw(batch_size, rng):
        task = temporal_order(length, batch_size, rng)
        return torch.from_numpy(task.ids), torch.from_numpy(task.targets)  # (T, B), (B,)

    def score(logits, targets):
        return (logits.argmax(1) == targets).float().mean()

    def model(cell):
        return SequenceClassifier(cell, 4)

    size = len(ORDER_TOKENS)
    return Problem(size, model, draw, cross_entropy, score, goal=0.95, chance=log(4))


def held_out(model, problem, num_sequences, rng):
    """Compute loss and score of a model on sequences that are drawn for this alone.

    Args:
        model: what ``problem.model`` built.
        problem: a Problem.
        num_sequences: how many.
        rng: a ``numpy.random.Generator``.

    Returns:
        two floats.
    """
    inputs, targets = problem.draw(num_sequences, rng)
    with evaluation_mode(model):
        predictions = model(inputs)
        predictions = predictions[0] if isinstance(predictions, tuple) else predictions
        return problem.loss(predictions, targets).item(), float(problem.score(predictions, targets))
