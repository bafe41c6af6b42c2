"""Guess in a few words what is wrong with a number or an array, given the right one.

The checks of the exercises end their messages with these guesses.
"""

import numpy as np

_KNOWN_FACTORS = [
    (-1.0, "the sign is wrong"),
    (np.log(2), "nats and bits: nats divided by ln 2 are bits"),
    (1 / np.log(2), "nats and bits: nats divided by ln 2 are bits"),
    (2.0, "off by the constant factor 2"),
    (0.5, "off by the constant factor 0.5"),
]

_KNOWN_FUNCTIONS = [
    (np.square, "squared: a square root was forgotten"),
    (np.sqrt, "a square root too many"),
    (np.exp, "exp() too many: logarithms are wanted"),
    (np.log, "a logarithm where exp() of it is wanted"),
    (lambda x: 2**x, "2 to the power of it: logarithms are wanted"),
    (np.log2, "a logarithm (base 2) where 2 to the power of it is wanted"),
    (lambda x: 1 - x, "1 minus it is wanted"),
]


def same(a, b, tolerance):
    """Return whether two arrays are equal up to a tolerance relative to the largest entry of b.

    Args:
        a: array of any shape.
        b: array of any shape.
        tolerance: allowed difference as a share of the largest absolute value in ``b``.

    Returns:
        bool; False where the shapes differ, or ``a`` or ``b`` is not finite.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    return bool(a.size == 0 or np.abs(a - b).max() <= tolerance * (np.abs(b).max() or 1.0))


def guess_shape(found, wanted):
    """Guess why an array has the wrong shape.

    Args:
        found: its shape, a tuple of int.
        wanted: the right shape, a tuple of int, or None for any length.

    Returns:
        str to end a message with, such as ``": transposed"``; empty where nothing fits.
    """
    if [n for n in found if n != 1] == [n for n in wanted if n != 1]:
        return ": an axis of length 1 too many or too few"
    if len(found) != len(wanted) or len(found) == 0:
        return ""
    if len(found) == 2 and found[::-1] == wanted:
        return ": transposed"
    if len(found) > 2 and (found[1], found[0], *found[2:]) == wanted:
        return ": the first two axes are swapped (time comes first, then the batch)"
    off = [k for k, n in enumerate(wanted) if n is not None and found[k] != n]
    if len(off) == 1 and abs(found[off[0]] - wanted[off[0]]) == 1:
        return f": off by one along axis {off[0]}"
    return ""


def guess_values(value, expected, tolerance):
    """Guess how wrong numbers are related to the right ones.

    A single whole number says nothing: 1 for -1 may be a wrong sign, and may as well be chance.

    Args:
        value: array of any shape, or a number.
        expected: what it should be, of any shape.
        tolerance: passed on to ``same``.

    Returns:
        str to end a message with, such as ``": equal after transposing"``; empty where nothing
        fits.
    """
    value = np.asarray(value, dtype=np.float64)
    expected = np.asarray(expected, dtype=np.float64)
    if value.ndim > 1 and same(np.swapaxes(value, 0, 1), expected, tolerance):
        return ": equal after transposing (the first two axes are swapped)"
    if value.shape != expected.shape:
        if value.size and same(value.squeeze(), expected.squeeze(), tolerance):
            return ": equal apart from an axis of length 1"
        return guess_shape(value.shape, expected.shape)
    if not np.isfinite(value).all():
        return ""
    return _guess_order(value, expected, tolerance) or _guess_formula(value, expected, tolerance)


def _guess_order(value, expected, tolerance):
    if value.ndim == 0 or len(value) < 3 or same(value[1:], value[:-1], tolerance):
        return ""
    if same(value[1:], expected[:-1], tolerance):
        return ": equal after shifting by one (what you have at t belongs to t - 1)"
    if same(value[:-1], expected[1:], tolerance):
        return ": equal after shifting by one (what you have at t belongs to t + 1)"
    if same(value[::-1], expected, tolerance):
        return ": equal after reversing the first axis"
    return ""


def _guess_formula(value, expected, tolerance):
    varied = bool(value.size and np.ptp(expected) > 0)  # two or more different numbers
    if not varied and _whole(value) and _whole(expected):
        return ""
    scale = np.vdot(expected, expected)
    factor = np.vdot(value, expected) / scale if scale else 0.0
    if factor and same(value, factor * expected, tolerance):
        for known, words in _KNOWN_FACTORS:
            if abs(factor - known) < 1e-6 * abs(known):
                return f": {words}"
        if varied:
            return f": off by the constant factor {factor:.4g}"
    with np.errstate(all="ignore"):
        for function, words in _KNOWN_FUNCTIONS:
            if same(value, function(expected), tolerance):
                return f": {words}"
    shift = float(np.mean(value - expected))
    if varied and same(value - expected, np.full(value.shape, shift), tolerance):
        return f": off by the constant {shift:.4g}"
    return ""


def _whole(array):
    return bool((array == np.rint(array)).all())
