"""One run of an experiment: the tasks' chance levels, the budget, the verdict, the overflow."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.experiments.problems import Problem, adding, copying, held_out, order
from rnncourse.experiments.runs import train_until_solved

BUDGET = {"hidden_size": 5, "batch_size": 7, "updates": 12, "check_every": 4, "check_size": 11}
PROBLEMS = [adding(13), copying(11, 5, 3), order(17)]


def elman(D, H, seed):
    return ElmanCell(D, H), lambda model, optimizer, step: None


# Tasks


@pytest.mark.parametrize("problem", PROBLEMS)
def test_model_and_data_fit(problem):
    torch.manual_seed(0)
    model = problem.model(ElmanCell(problem.input_size, 5))
    loss, score = held_out(model, problem, 9, np.random.default_rng(0))
    assert math.isfinite(loss) and score < problem.goal


class Constant(nn.Module):
    """Says the same, whatever it reads."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def forward(self, inputs):
        shape = (*inputs.shape[1:2], len(self.answer))
        return self.answer.expand(shape) if self.answer.ndim < 2 else self.answer


def test_chance_of_adding_is_the_error_of_the_best_constant():
    problem = adding(13)
    loss, score = held_out(Constant(torch.ones(1)), problem, 50000, np.random.default_rng(0))
    assert loss == pytest.approx(problem.chance, rel=0.03) and abs(score) < 0.03


def test_chance_of_order_is_the_loss_of_the_best_constant():
    problem = order(17)
    loss, score = held_out(Constant(torch.zeros(4)), problem, 20000, np.random.default_rng(0))
    assert loss == pytest.approx(problem.chance, rel=1e-5) and abs(score - 0.25) < 0.02


def test_chance_of_copying_is_the_loss_of_who_counts_and_has_forgotten():
    problem = copying(11, num_symbols=5, num_items=3)
    logits = torch.full((18, 4000, 7), -50.0)
    logits[:-3, :, 5] = 0  # blanks, surely
    logits[-3:, :, :5] = 0  # any of the symbols

    class Forgetful(nn.Module):
        def forward(self, inputs):
            return logits

    loss, _ = held_out(Forgetful(), problem, 4000, np.random.default_rng(0))
    assert loss == pytest.approx(problem.chance, rel=1e-4)
    assert problem.chance == pytest.approx(3 * math.log(5) / 18)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_right_answer_has_score_one(problem):
    inputs, targets = problem.draw(23, np.random.default_rng(0))
    right = (
        targets[:, None] if targets.is_floating_point() else 9.0 * nn.functional.one_hot(targets)
    )
    assert problem.score(right, targets) == pytest.approx(1)
    assert problem.loss(right, targets) < 0.01 * problem.chance
    assert len(inputs) in (13, 18, 17)


def test_the_goal_of_adding_is_an_error_of_a_hundredth():
    problem = adding(13)
    targets = torch.zeros(100)
    for error, solved in ((0.0099, True), (0.0101, False)):
        score = problem.score(torch.full((100, 1), error**0.5), targets)
        assert (score >= problem.goal) == solved


# Runs


def easy(scores, goal=0.5):
    """A task whose n-th check has the n-th score, with a record of what was drawn."""
    drawn, left = [], list(scores)

    def draw(batch_size, rng):
        xs = torch.from_numpy(rng.random((3, batch_size, 2), dtype=np.float32))  # (T, B, D)
        drawn.append((batch_size, float(xs.sum())))
        return xs, xs[-1, :, 0]

    class Model(nn.Module):
        def __init__(self, cell):
            super().__init__()
            self.cell = cell

        def forward(self, xs):
            return self.cell(xs[0], self.cell.initial_state(xs.shape[1]))[0]

    def loss(predictions, targets):
        return (predictions[:, 0] - targets).square().mean()

    return Problem(2, Model, draw, loss, lambda p, t: left.pop(0), goal), drawn


def test_a_run_stops_at_the_first_check_that_meets_the_goal():
    problem, drawn = easy([0.1, 0.49, 0.5, 0.9])
    result = train_until_solved(problem, elman, 3, 0.01, **BUDGET)
    assert result["solved"] and result["updates"] == 8 and result["score"] == 0.5
    assert not result["nan"] and result["seconds"] >= 0
    sizes = [size for size, _ in drawn]
    assert sizes.count(7) == 9 and sizes.count(11) == 3  # the ninth batch is the one of update 8
    assert len({total for _, total in drawn}) == len(drawn)  # no sequence comes twice


def test_a_run_ends_with_its_budget_and_a_last_check():
    problem, drawn = easy([0.1, 0.2, 0.3, 0.4])
    result = train_until_solved(problem, elman, 3, 0.01, **BUDGET)
    assert (result["solved"], result["updates"], result["score"]) == (False, None, 0.4)
    assert [size for size, _ in drawn].count(7) == 12


def test_the_last_check_can_solve():
    problem, _ = easy([0.1, 0.2, 0.3, 0.6])
    result = train_until_solved(problem, elman, 3, 0.01, **BUDGET)
    assert (result["solved"], result["updates"]) == (True, 12)


def test_a_run_can_be_repeated_and_leaves_no_trace():
    state = torch.get_rng_state()
    one, two, other = (train_until_solved(adding(5), elman, s, 0.01, **BUDGET) for s in (1, 1, 2))
    assert one["loss"] == two["loss"] != other["loss"]
    assert torch.equal(torch.get_rng_state(), state)


def test_it_learns():
    budget = {**BUDGET, "hidden_size": 32, "batch_size": 32, "updates": 600, "check_every": 100}
    result = train_until_solved(adding(2), elman, 1, 0.01, **{**budget, "check_size": 500})
    assert result["solved"] and result["loss"] < 0.01


@pytest.mark.parametrize("where", ["loss", "hook"])
def test_an_overflow_ends_the_run(where):
    problem, _ = easy([0.1, 0.2, 0.3, 0.4])
    seen = []

    def build(D, H, seed):
        def hook(model, optimizer, step):
            seen.append(step)
            if step == 5 and where == "hook":
                raise ValueError("dL/dh_t must be finite to be clipped, but holds NaN or infinity")
            if step == 5:
                model.cell.W_xh.grad.fill_(math.nan)

        return ElmanCell(D, H), hook

    result = train_until_solved(problem, build, 3, 0.01, **BUDGET)
    assert result["nan"] and not result["solved"] and seen[-1] == 5
    assert result["loss"] is result["score"] is result["updates"] is None


def test_a_mistake_is_no_overflow():
    def build(D, H, seed):
        raise ValueError("radius must be at least 0")

    with pytest.raises(ValueError, match="radius"):
        train_until_solved(adding(5), build, 3, 0.01, **BUDGET)


def test_the_budget_is_a_multiple_of_the_checks():
    with pytest.raises(ValueError, match="updates must be a multiple of 4, but is 13"):
        train_until_solved(adding(5), elman, 3, 0.01, **{**BUDGET, "updates": 13})
