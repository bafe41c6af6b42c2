"""Long-term tasks with numbers and symbols: against their rules, and their chance levels drawn."""

import numpy as np
import pytest

from rnncourse.tasks import (
    ORDER_TOKENS,
    adding_chance,
    adding_problem,
    copy_memory,
    temporal_order,
)

T, B, MANY = 11, 7, 60_013


def same_for_the_same_seed(draw):
    one, again, other = draw(3), draw(3), draw(4)
    rng = np.random.default_rng(3)
    fields = [i for i, part in enumerate(one) if isinstance(part, np.ndarray)]
    assert fields
    for i in fields:
        np.testing.assert_array_equal(one[i], again[i])
    assert not np.array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[0], draw(rng)[0])
    assert not np.array_equal(one[0], draw(rng)[0])


@pytest.mark.parametrize(
    "draw",
    [
        lambda seed: adding_problem(T, B, seed),
        lambda seed: copy_memory(T, B, seed=seed),
        lambda seed: temporal_order(T, B, seed),
    ],
)
def test_a_seed_makes_the_same_task_again(draw):
    same_for_the_same_seed(draw)


# Adding problem


@pytest.mark.parametrize("length", [2, 3, 11, 100])
def test_adding_problem_follows_its_rules(length):
    task = adding_problem(length, B, seed=1)
    assert task.xs.shape == (length, B, 2) and task.targets.shape == (B,)
    assert task.xs.dtype == task.targets.dtype == np.float32
    half = length // 2
    assert set(np.unique(task.xs[:, :, 1])) <= {0, 1}
    for b in range(B):
        (first, second) = np.flatnonzero(task.xs[:, b, 1])
        assert first < half <= second
        assert task.targets[b] == task.xs[first, b, 0] + task.xs[second, b, 0]
    assert task.xs.min() >= 0 and task.xs.max() <= 1


def test_every_step_of_its_half_is_marked_equally_often():
    marks = adding_problem(5, MANY, seed=2).xs[:, :, 1].mean(axis=1)  # (5,)
    np.testing.assert_allclose(marks, [1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3], atol=0.01)


def test_adding_chance_level_is_a_sixth():
    task = adding_problem(T, MANY, seed=3)
    assert task.chance == pytest.approx(2 / 12)
    errors = [np.mean((task.targets - constant) ** 2) for constant in (0.9, 1.0, 1.1)]
    assert errors[1] == pytest.approx(1 / 6, abs=0.003)  # and so not 0.1767
    assert errors[1] < min(errors[0], errors[2])
    assert errors[1] == pytest.approx(task.targets.var(), abs=1e-4)


@pytest.mark.parametrize("window", [0, 1, 3, 6, 8, 11])
def test_adding_chance_of_a_window_is_what_the_best_window_reaches(window):
    """Who sees a marked number adds it; for every one out of sight he adds its mean."""
    task = adding_problem(T, MANY, seed=4)
    numbers, marks = task.xs[T - window :].transpose(2, 0, 1)  # (window, B) each
    guess = (numbers * marks).sum(axis=0) + 0.5 * (2 - marks.sum(axis=0))
    error = np.mean((task.targets - guess) ** 2)
    assert adding_chance(T, window) == pytest.approx(error, abs=0.002)


def test_adding_chance_runs_from_a_sixth_to_nothing():
    assert adding_chance(T) == pytest.approx(1 / 6)
    assert adding_chance(T, 6) == pytest.approx(1 / 12)
    assert adding_chance(T, T) == pytest.approx(0)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: adding_problem(1, B), ValueError, "length must be at least 2, but is 1"),
        (lambda: adding_problem(2.0, B), TypeError, "length must be a whole number"),
        (lambda: adding_problem(T, 0), ValueError, "batch_size must be at least 1"),
        (lambda: adding_problem(T, B, -1), ValueError, "seed must be at least 0"),
        (lambda: adding_problem(float("nan"), B), TypeError, "length must be a whole number"),
        (lambda: adding_chance(T, T + 1), ValueError, "window must be .*at most 11, but is 12"),
        (lambda: adding_chance(T, -1), ValueError, "window must be at least 0"),
        (lambda: adding_chance(1), ValueError, "length must be at least 2"),
    ],
)
def test_adding_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


# Copy memory


def test_copy_memory_follows_its_rules():
    task = copy_memory(13, B, num_symbols=5, num_items=3, seed=1)
    assert task.ids.shape == task.targets.shape == (3 + 13 + 1 + 3, B)
    assert task.vocab_size == 7
    np.testing.assert_array_equal(task.ids[:3], task.targets[-3:])
    assert (task.ids[3:16] == 5).all() and (task.ids[17:] == 5).all()
    assert (task.ids[16] == 6).all() and (task.targets[:17] == 5).all()
    many = copy_memory(2, MANY, num_symbols=5, num_items=3, seed=2).ids[:3]
    for row in many:
        np.testing.assert_allclose(np.bincount(row) / MANY, [0.2] * 5, atol=0.01)


def test_copy_memory_is_the_published_task():
    """At T = 100 blanks and delimiter, 10 items of 8 symbols: 120 steps, loss 10 ln 8 / 120."""
    task = copy_memory(99, B)
    assert len(task.ids) == 120
    assert task.chance == pytest.approx(10 * np.log(8) / 120)


def test_copy_memory_chance_level_is_that_of_counting():
    """The table of how often each target stood at each step is the best predictor without items."""
    shape = {"num_symbols": 5, "num_items": 3}
    table, task = copy_memory(2, MANY, seed=3, **shape), copy_memory(2, MANY, seed=4, **shape)
    losses, hits = [], []
    for seen, wanted in zip(table.targets, task.targets, strict=True):
        frequencies = np.bincount(seen, minlength=7) / MANY
        losses.append(-np.log(frequencies[wanted]).mean())
        hits.append(np.mean(wanted == frequencies.argmax()))
    assert np.mean(losses) == pytest.approx(task.chance, rel=1e-3)
    assert np.mean(hits[-3:]) == pytest.approx(task.chance_accuracy, abs=0.01)
    assert task.chance_accuracy == 1 / 5 and hits[:-3] == [1.0] * 6


@pytest.mark.parametrize(
    "name, value",
    [
        ("num_blanks", 0),
        ("num_blanks", -3),
        ("batch_size", 0),
        ("num_symbols", 1),
        ("num_items", 0),
    ],
)
def test_copy_memory_refuses(name, value):
    with pytest.raises(ValueError, match=f"{name} must be at least .*but is {value}"):
        copy_memory(**{"num_blanks": T, "batch_size": B, name: value})


# Temporal order


@pytest.mark.parametrize("length", [4, 5, 6, 11, 100])
def test_temporal_order_follows_its_rules(length):
    task = temporal_order(length, 97, seed=1)
    assert task.ids.shape == (length, 97) and task.targets.shape == (97,)
    classes = {("X", "X"): 0, ("X", "Y"): 1, ("Y", "X"): 2, ("Y", "Y"): 3}
    for b in range(97):
        tokens = [ORDER_TOKENS[i] for i in task.ids[:, b]]
        assert tokens[0] == "E" and tokens[-1] == "B"
        steps = [t for t, token in enumerate(tokens) if token in "XY"]
        assert steps == list(task.positions[:, b])
        assert classes[tokens[steps[0]], tokens[steps[1]]] == task.targets[b]
        assert set(tokens[1:-1]) <= set("XYabcd")


def test_temporal_order_at_100_has_the_published_steps():
    positions = temporal_order(100, 2003, seed=2).positions
    assert set(positions[0]) == set(range(10, 21))
    assert set(positions[1]) == set(range(50, 61))


def test_temporal_order_takes_other_steps():
    task = temporal_order(13, 997, first=(1, 3), second=(5, 11))
    assert set(task.positions[0]) == {1, 2, 3}
    assert set(task.positions[1]) == set(range(5, 12))


def test_temporal_order_chance_levels():
    task = temporal_order(T, MANY, seed=3)
    frequencies = np.bincount(task.targets) / MANY
    assert frequencies.max() == pytest.approx(task.chance, abs=0.01) and task.chance == 0.25
    assert -np.log(frequencies[task.targets]).mean() == pytest.approx(task.chance_loss, abs=1e-3)
    assert task.chance_loss == pytest.approx(1.386, abs=1e-3)
    for row in task.ids[[0, 8, 9, 10]]:  # no step outside the two ranges tells anything
        best = sum(np.bincount(task.targets[row == token]).max() for token in np.unique(row))
        assert best / MANY == pytest.approx(0.25, abs=0.01)


def test_one_of_the_two_symbols_is_worth_a_half():
    task = temporal_order(T, MANY, seed=4)
    for which in (0, 1):
        symbol = task.ids[task.positions[which], np.arange(MANY)]
        best = sum(np.bincount(task.targets[symbol == s]).max() for s in (0, 1))
        assert best / MANY == pytest.approx(1 / 2, abs=0.01)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"length": 3}, ValueError, "length must be at least 4"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"first": (0, 3)}, ValueError, r"first\[0\] must be at least 1 .*but is 0"),
        ({"first": (3, 2)}, ValueError, r"first\[1\] must be at least 3 .*but is 2"),
        ({"first": (1, 5)}, ValueError, r"second\[0\] must be at least 6 .*but is 5"),
        ({"second": (5, 10)}, ValueError, r"second\[1\] must be .*at most 9, but is 10"),
        ({"first": 3}, TypeError, "first must be a pair of steps, but is 3"),
        ({"second": (5.5, 6)}, TypeError, r"second\[0\] must be a whole number"),
    ],
)
def test_temporal_order_refuses(arguments, error, message):
    with pytest.raises(error, match=message):
        temporal_order(**{"length": T, "batch_size": B, **arguments})
