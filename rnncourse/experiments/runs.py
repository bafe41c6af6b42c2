"""One run: train a model on a task until it is solved or the budget is spent."""

import math
import time
from contextlib import contextmanager

import numpy as np
import torch

from rnncourse.experiments.problems import held_out
from rnncourse.training import fit


def train_until_solved(
    problem, build, seed, rate, *, hidden_size, batch_size, updates, check_every, check_size
):
    """Train with Adam on fresh sequences; stop as soon as a check meets the problem's goal.

    At every ``check_every``-th update and after the last one, the model is scored on sequences that
    are drawn for this check alone. What the last check found is the result.

    Args:
        problem: a Problem.
        build: ``build(input_size, hidden_size, seed)`` returns a cell and a hook, which is called
            as ``hook(model, optimizer, step)`` between the backward pass and the optimizer's step.
        seed: a whole number; it decides the first weights, the data and the checks.
        rate: learning rate.
        hidden_size: H.
        batch_size: B.
        updates: the budget, a multiple of ``check_every``.
        check_every: updates from one check to the next.
        check_size: sequences of a check.

    Returns:
        dict: ``loss`` and ``score`` of the last check (None after an overflow), ``updates`` until
        solved (None if never), ``solved``, ``nan`` (whether the run ended because a loss or a
        gradient was NaN or infinite), ``seconds`` of processor time.

    Raises:
        ValueError: ``updates`` is no multiple of ``check_every``.
    """
    if updates % check_every:
        raise ValueError(f"updates must be a multiple of {check_every}, but is {updates}")
    training, fresh = (np.random.default_rng([seed, stream]) for stream in (0, 1))
    model, hook = _begin(problem, build, hidden_size, seed)
    optimizer = torch.optim.Adam(model.parameters(), rate)
    checks = []

    def check(step):
        checks.append((step, *held_out(model, problem, check_size, fresh)))
        return checks[-1][-1] >= problem.goal

    def after_backward(step, loss):
        hook(model, optimizer, step)
        return step % check_every == 0 and check(step)

    def batches(epoch):
        return (problem.draw(batch_size, training) for _ in range(check_every))

    begin, overflow = time.process_time(), False
    try:
        epochs = updates // check_every
        with without_denormals():
            fit(model, batches, finite(problem.loss), optimizer, epochs, after_backward)
            if checks[-1][-1] < problem.goal:
                check(updates)
    except (FloatingPointError, ValueError) as error:
        if "finite" not in str(error):  # a bad argument; else NaN or infinity, found by a check
            raise
        overflow = True
    return _result(checks, problem.goal, overflow, time.process_time() - begin)


def finite(loss):
    """Wrap a loss function, so that NaN and infinity end the run.

    Args:
        loss: function of predictions and targets that returns a scalar.

    Returns:
        function of the same.

    Raises:
        FloatingPointError: (in that function) the loss is not finite.
    """

    def checked(predictions, targets):
        value = loss(predictions, targets)
        if not torch.isfinite(value):
            raise FloatingPointError(f"loss must be finite, but is {value.item()}")
        return value

    return checked


@contextmanager
def without_denormals():
    """Take 0 for numbers below 1e-38, such as gradients that have vanished: they are slow."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def _begin(problem, build, hidden_size, seed):
    """The model and the hook; torch's own generator stays where it was."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        cell, hook = build(problem.input_size, hidden_size, seed)
        return problem.model(cell), hook


def _result(checks, goal, overflow, seconds):
    step, loss, score = checks[-1]
    lost = overflow or not (math.isfinite(loss) and math.isfinite(score))
    solved = not lost and score >= goal
    return {
        "loss": None if lost else float(f"{loss:.5g}"),
        "score": None if lost else float(f"{score:.5g}"),
        "updates": step if solved else None,
        "solved": solved,
        "nan": lost,
        "seconds": round(seconds, 1),
    }
