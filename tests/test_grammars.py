"""Synthetic grammars: what is drawn keeps the grammar, and the entropy is the true one."""

import itertools

import numpy as np
import pytest

from rnncourse.datasets.grammars import brackets
from rnncourse.markov import MarkovChain

SETTINGS = [(2, 3, 0.5), (3, 5, 0.3), (1, 2, 0.7), (5, 1, 0.5)]


def chain_of_stacks(kinds, max_depth, opening):
    """Build the chain over all stacks of open brackets; its moves are the symbols."""
    stacks = [s for d in range(max_depth + 1) for s in itertools.product(range(kinds), repeat=d)]
    transition = np.zeros((len(stacks), len(stacks)))
    for row, stack in enumerate(stacks):
        up = 1.0 if not stack else 0.0 if len(stack) == max_depth else opening
        for kind in range(kinds if up else 0):
            transition[row, stacks.index((*stack, kind))] += up / kinds
        if stack:
            transition[row, stacks.index(stack[:-1])] += 1 - up
    return transition


def read(ids):
    """Read a text; return its depths, and fail where a bracket closes another kind."""
    stack, depths = [], []
    for symbol in ids.tolist():
        depths.append(len(stack))
        if symbol % 2 == 0:
            stack.append(symbol // 2)
        else:
            assert stack.pop() == symbol // 2
    return depths


@pytest.mark.parametrize("kinds, max_depth, opening", SETTINGS)
def test_every_bracket_is_closed_in_order(kinds, max_depth, opening):
    text = brackets(1009, kinds, max_depth, opening, seed=0)
    assert text.ids.shape == text.depths.shape == text.losses.shape == (1009,)
    assert read(text.ids) == text.depths.tolist()
    assert set(text.ids) == set(range(2 * kinds))
    assert text.depths.max() == max_depth


@pytest.mark.parametrize("kinds, max_depth, opening", SETTINGS)
def test_entropy_rate_is_that_of_the_chain_of_stacks(kinds, max_depth, opening):
    expected = MarkovChain.from_transition(chain_of_stacks(kinds, max_depth, opening)).entropy_rate
    found = brackets(7, kinds, max_depth, opening, seed=0).entropy_rate
    assert found == pytest.approx(expected, abs=1e-12)


def test_entropy_rate_by_hand():
    assert brackets(5, seed=0).entropy_rate == pytest.approx(7 / 6 * np.log(2), abs=1e-15)


@pytest.mark.parametrize("kinds, max_depth, opening", SETTINGS)
def test_true_losses_have_the_entropy_rate_as_their_mean(kinds, max_depth, opening):
    text = brackets(60_013, kinds, max_depth, opening, seed=1)
    assert text.losses.mean() == pytest.approx(text.entropy_rate, abs=0.02)


def test_true_losses_by_hand():
    text = brackets(2003, kinds=3, max_depth=2, opening=0.4, seed=0)
    closes = text.ids % 2 == 1
    expected = np.select(
        [text.depths == 0, text.depths == 2, closes], [np.log(3), 0, -np.log(0.6)], -np.log(0.4 / 3)
    )
    np.testing.assert_allclose(text.losses, expected, atol=1e-15)


def test_frequencies_are_those_asked_for():
    text = brackets(60_013, kinds=3, max_depth=4, opening=0.3, seed=2)
    inside = (text.depths > 0) & (text.depths < 4)
    opens = text.ids % 2 == 0
    assert opens[inside].mean() == pytest.approx(0.3, abs=0.01)
    np.testing.assert_allclose(np.bincount(text.ids[opens] // 2) / opens.sum(), 1 / 3, atol=0.015)


def test_the_seed_decides():
    first, again, other = (brackets(101, seed=seed).ids for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    drawn = brackets(101, seed=np.random.default_rng(0)).ids
    np.testing.assert_array_equal(first, drawn)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"length": 0}, ValueError, "length"),
        ({"length": 2.5}, TypeError, "length"),
        ({"length": 5, "kinds": 0}, ValueError, "kinds"),
        ({"length": 5, "max_depth": 0}, ValueError, "max_depth"),
        ({"length": 5, "opening": 0.0}, ValueError, "opening must be above 0 and below 1"),
        ({"length": 5, "opening": 1}, ValueError, "opening must be above 0 and below 1"),
        ({"length": 5, "opening": "half"}, TypeError, "opening"),
        ({"length": 5, "opening": np.nan}, ValueError, "opening"),
        ({"length": 5, "seed": "zero"}, TypeError, "seed"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        brackets(**arguments)
