"""Nested expressions, against Python's own arithmetic on what is written."""

import numpy as np
import pytest

from rnncourse.datasets.expressions import (
    BOOLEAN,
    arithmetic_expressions,
    boolean_expressions,
    expressions,
    value_of,
    written,
)


def depth_of(tree):
    return 0 if isinstance(tree, str) else 1 + max(depth_of(child) for child in tree[1:])


@pytest.mark.parametrize("depth", [0, 1, 2, 5])
def test_boolean_values_are_pythons(depth):
    drawn = boolean_expressions(53, depth, seed=3)
    spelling = {"0": "False", "1": "True", "xor": "!="}
    for tree, tokens, value in zip(drawn.trees, drawn.tokens, drawn.values, strict=True):
        assert eval(" ".join(spelling.get(token, token) for token in tokens)) == value
        assert depth_of(tree) == depth


@pytest.mark.parametrize("modulus", [2, 5, 10])
def test_arithmetic_values_are_pythons(modulus):
    drawn = arithmetic_expressions(53, 4, modulus, seed=3)
    for tree, tokens, value in zip(drawn.trees, drawn.tokens, drawn.values, strict=True):
        assert eval(" ".join(tokens)) % modulus == value
        assert depth_of(tree) == 4 and set(tokens) <= {*"0123456789"[:modulus], *"+-*()"}


def test_written_and_valued_by_hand():
    tree = ("and", "1", ("not", ("xor", "1", "1")))
    assert " ".join(written(tree)) == "( 1 and ( not ( 1 xor 1 ) ) )"
    assert value_of(tree, BOOLEAN) == 1
    assert written("7") == ["7"] and value_of("7", BOOLEAN) == 7


def test_the_seed_decides():
    one, same, other = (boolean_expressions(29, 3, seed=seed) for seed in (0, 0, 1))
    assert one.trees == same.trees != other.trees
    generator = np.random.default_rng(0)
    assert boolean_expressions(29, 3, generator).trees == one.trees
    assert boolean_expressions(29, 3, generator).trees != one.trees


def test_the_deepest_operand_stands_on_either_side():
    trees = arithmetic_expressions(400, 3, seed=0).trees
    left = np.mean([depth_of(tree[1]) == 2 for tree in trees])
    right = np.mean([depth_of(tree[2]) == 2 for tree in trees])
    assert left == pytest.approx(2 / 3, abs=0.1) and right == pytest.approx(2 / 3, abs=0.1)


def test_boolean_values_are_balanced_at_every_depth():
    for depth in (1, 3, 6):
        drawn = boolean_expressions(2000, depth, seed=depth)
        assert 0.5 <= drawn.chance < 0.54
        assert drawn.chance == max(drawn.values.mean(), 1 - drawn.values.mean())


def test_operators_of_ones_own():
    drawn = expressions(31, 2, {"max": (2, max), "keep": (1, int)}, 4, seed=0)
    for tokens, value in zip(drawn.tokens, drawn.values, strict=True):
        assert max(int(token) for token in tokens if token.isdigit()) == value


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"number": 0}, ValueError, "number must be at least 1"),
        ({"depth": -1}, ValueError, "depth must be at least 0"),
        ({"depth": 1.5}, TypeError, "depth must be a whole number"),
        ({"modulus": 1}, ValueError, "modulus must be at least 2"),
        ({"modulus": 11}, ValueError, "modulus must be .*at most 10"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        arithmetic_expressions(**{"number": 3, "depth": 2, **arguments})
    with pytest.raises(ValueError, match="num_digits must be"):
        expressions(3, 1, BOOLEAN, 11)
