"""Nested expressions with their exact values, as trees and as the tokens that one would write.

A tree is a tuple (label, child, child, ...): an operator and its operands. A leaf is its label.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_generator, as_integer

# What each operator does, and to how many operands.
BOOLEAN = {
    "not": (1, lambda a: 1 - a),
    "and": (2, lambda a, b: a & b),
    "or": (2, lambda a, b: a | b),
    "xor": (2, lambda a, b: a ^ b),
}


class Expressions(NamedTuple):
    """Drawn expressions.

    Args:
        trees: list of N trees.
        tokens: list of N lists of str: the expression written out, with a pair of parentheses
            around every operation.
        values: what each expression is worth, (N,).
        chance: share of the most frequent value, the accuracy of one who does not look.
    """

    trees: list
    tokens: list
    values: np.ndarray
    chance: float


def boolean_expressions(number, depth, seed=0):
    """Draw expressions of 0 and 1 with not, and, or, xor.

    Args:
        number: how many expressions, N.
        depth: operators on the longest way from the root to a leaf; 0 draws single digits.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        Expressions: ``trees``, ``tokens``, ``values`` (N,) of 0 and 1, ``chance``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is too small.
    """
    return expressions(number, depth, BOOLEAN, 2, seed)


def arithmetic_expressions(number, depth, modulus=5, seed=0):
    """Draw expressions of +, - and * on 0 .. modulus - 1, where the count starts over at 0.

    Args:
        number: how many expressions, N.
        depth: operators on the longest way from the root to a leaf; 0 draws single digits.
        modulus: values are remainders of a division by it; from 2 to 10.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        Expressions: ``trees``, ``tokens``, ``values`` (N,) from 0 to modulus - 1, ``chance``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is out of range.
    """
    modulus = as_integer(modulus, "modulus", minimum=2, maximum=10)
    operators = {
        "+": (2, lambda a, b: (a + b) % modulus),
        "-": (2, lambda a, b: (a - b) % modulus),
        "*": (2, lambda a, b: (a * b) % modulus),
    }
    return expressions(number, depth, operators, modulus, seed)


def expressions(number, depth, operators, num_digits, seed=0):
    """Draw expressions over any operators on 0 .. num_digits - 1.

    One operand of each operation is as deep as it may be, the other one any depth up to that; every
    operator and every digit is as likely as any other.

    Args:
        number: how many expressions, N.
        depth: operators on the longest way from the root to a leaf.
        operators: dict from a token to (1 or 2, function of so many digits that returns a digit).
        num_digits: how many digits, from 1 to 10.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        Expressions: ``trees``, ``tokens``, ``values`` (N,), ``chance``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is out of range.
    """
    number = as_integer(number, "number", minimum=1)
    depth = as_integer(depth, "depth", minimum=0)
    num_digits = as_integer(num_digits, "num_digits", minimum=1, maximum=10)
    rng = as_generator(seed)
    trees = [_draw(rng, depth, operators, num_digits) for _ in range(number)]
    values = np.array([value_of(tree, operators) for tree in trees])  # (N,)
    chance = float(np.bincount(values).max() / number)
    return Expressions(trees, [written(tree) for tree in trees], values, chance)


def value_of(tree, operators):
    """Evaluate an expression.

    Args:
        tree: the expression.
        operators: as in ``expressions``.

    Returns:
        int.
    """
    if isinstance(tree, str):
        return int(tree)
    operator, *operands = tree
    return operators[operator][1](*(value_of(operand, operators) for operand in operands))


def written(tree):
    """Write an expression out: ("and", "1", ("not", "0")) becomes ( 1 and ( not 0 ) ).

    Args:
        tree: the expression.

    Returns:
        list of str.
    """
    if isinstance(tree, str):
        return [tree]
    operator, *operands = tree
    *before, last = [written(operand) for operand in operands]
    return ["(", *(token for part in before for token in part), operator, *last, ")"]


def _draw(rng, depth, operators, num_digits):
    """Draw a tree of exactly this depth."""
    if depth == 0:
        return str(rng.integers(num_digits))
    operator = list(operators)[rng.integers(len(operators))]
    deepest = _draw(rng, depth - 1, operators, num_digits)
    if operators[operator][0] == 1:
        return (operator, deepest)
    other = _draw(rng, int(rng.integers(depth)), operators, num_digits)
    return (operator, deepest, other) if rng.integers(2) else (operator, other, deepest)
