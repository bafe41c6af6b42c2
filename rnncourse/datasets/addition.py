"""Sums of two binary numbers, column by column, least significant bit first.

Column t holds one digit of each number. Bits are read in the order in which one adds by hand, so
row 0 of every array is the column of the ones.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_array, as_generator, as_integer


class AdditionProblems(NamedTuple):
    """Pairs of numbers and their sums.

    Args:
        inputs: the two digits of each column, (T, B, 2), whole numbers 0 and 1.
        targets: the digits of the sums, (T, B).
        carries: what each column hands on to the next one, (T, B).
    """

    inputs: np.ndarray
    targets: np.ndarray
    carries: np.ndarray


def addition_problems(number, num_bits, seed=0):
    """Draw pairs of numbers whose digits are fair coins, and add them.

    The last column of the inputs is 0 and 0, so that the sum always has room.

    Args:
        number: how many pairs, B.
        num_bits: digits of each number, T - 1; the first of them may be 0.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        AdditionProblems: ``inputs`` (T, B, 2), ``targets`` (T, B), ``carries`` (T, B).

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is too small.
    """
    number = as_integer(number, "number", minimum=1)
    num_bits = as_integer(num_bits, "num_bits", minimum=1)
    digits = as_generator(seed).integers(2, size=(num_bits, number, 2))  # (T - 1, B, 2)
    return add_columns(np.concatenate([digits, np.zeros((1, number, 2), dtype=digits.dtype)]))


def add_columns(inputs):
    """Add two numbers as one learns it at school: column by column, with a carry.

    Args:
        inputs: the two digits of each column, (T, B, 2), least significant first.

    Returns:
        AdditionProblems: ``inputs`` (T, B, 2), ``targets`` (T, B), ``carries`` (T, B). A carry out
        of the last column is lost.

    Raises:
        TypeError: ``inputs`` does not hold numbers.
        ValueError: another shape, or digits other than 0 and 1.
    """
    inputs = as_digits(inputs, "inputs", 3)
    if inputs.shape[2] != 2:
        raise ValueError(f"inputs must have shape (T, B, 2), but has shape {inputs.shape}")
    carries = np.empty_like(inputs[:, :, 0])  # (T, B)
    targets = np.empty_like(carries)  # (T, B)
    carry = 0
    for t, ones in enumerate(inputs.sum(axis=2)):
        carries[t], targets[t] = np.divmod(ones + carry, 2)
        carry = carries[t]
    return AdditionProblems(inputs, targets, carries)


def to_bits(number, num_bits):
    """Write a whole number in binary, least significant bit first.

    Args:
        number: 0 or more; Python's whole numbers have no limit.
        num_bits: how many digits to write, T.

    Returns:
        array (T,) of whole numbers 0 and 1.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: a negative number, or one that needs more digits.
    """
    number = as_integer(number, "number", minimum=0)
    num_bits = as_integer(num_bits, "num_bits", minimum=1)
    if number.bit_length() > num_bits:
        raise ValueError(f"number must have at most {num_bits} bits, but is {number}")
    return np.array([number >> t & 1 for t in range(num_bits)])  # (T,)


def from_bits(bits):
    """Read a number in binary, least significant bit first.

    Args:
        bits: whole numbers 0 and 1, (T,).

    Returns:
        int, however many digits there are.

    Raises:
        TypeError: ``bits`` does not hold numbers.
        ValueError: another shape, or digits other than 0 and 1.
    """
    digits = as_digits(bits, "bits", 1)
    return int("".join(map(str, digits[::-1])), 2)


def as_digits(value, name, ndim):
    """Return binary digits as whole numbers.

    Args:
        value: digits 0 and 1, array of any shape that ``ndim`` allows.
        name: the argument's name, for the message.
        ndim: number of dimensions that is required.

    Returns:
        array of whole numbers, of the shape of ``value``.

    Raises:
        TypeError: ``value`` does not hold numbers.
        ValueError: another number of dimensions, no digits, or digits other than 0 and 1.
    """
    digits = as_array(value, name, ndim=ndim)
    wrong = digits[(digits != 0) & (digits != 1)]
    if wrong.size or not digits.size:
        found = f"holds {wrong[0]:g}" if wrong.size else f"has shape {digits.shape}"
        raise ValueError(f"{name} must hold digits 0 and 1, but {found}")
    return digits.astype(np.int64)
