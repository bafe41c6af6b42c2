"""Turn arguments into what a function needs, or raise an error that names the argument.

Every message says which argument it was, what it was, and what is allowed.
"""

import numbers

import numpy as np


def as_integer(value, name, minimum=None, maximum=None):
    """Return ``value`` as an int.

    Args:
        value: a whole number; NumPy integers are accepted, booleans are not.
        name: the argument's name, for the message.
        minimum: smallest allowed value, or None.
        maximum: largest allowed value, or None.

    Returns:
        int.

    Raises:
        TypeError: ``value`` is not a whole number.
        ValueError: ``value`` lies outside ``minimum`` .. ``maximum``.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, but is {value!r}")
    return int(_within(value, name, minimum, maximum))


def as_real(value, name, minimum=None, maximum=None):
    """Return ``value`` as a float.

    Args:
        value: a finite real number; booleans are not accepted.
        name: the argument's name, for the message.
        minimum: smallest allowed value, or None.
        maximum: largest allowed value, or None.

    Returns:
        float.

    Raises:
        TypeError: ``value`` is not a real number.
        ValueError: ``value`` is NaN, infinite or outside ``minimum`` .. ``maximum``.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, but is {value!r}")
    if not np.isfinite(value):
        raise ValueError(f"{name} must be finite, but is {value!r}")
    return float(_within(value, name, minimum, maximum))


def as_array(value, name, ndim=None, min_length=1):
    """Return ``value`` as a finite float64 array.

    Args:
        value: numbers, as nested lists or as an array of any shape that ``ndim`` allows.
        name: the argument's name, for the message.
        ndim: number of dimensions that is required, or None for any.
        min_length: smallest allowed length of the first axis.

    Returns:
        float64 array of the shape of ``value``; a view where no conversion is needed.

    Raises:
        TypeError: ``value`` does not hold real numbers.
        ValueError: wrong number of dimensions, too short, or NaN or infinite entries.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise TypeError(
            f"{name} must be an array of numbers, but its rows differ in length"
        ) from None
    if array.size and array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers, but has dtype {array.dtype}")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), but has shape {array.shape}")
    if array.ndim and len(array) < min_length:
        raise ValueError(f"{name} must have at least {min_length} value(s), but has {len(array)}")
    check_finite(array, name)
    return array.astype(np.float64, copy=False)


def as_ids(ids, num_symbols, name="ids", min_length=0):
    """Return symbols as whole numbers.

    Args:
        ids: (T,) whole numbers from 0 to V - 1.
        num_symbols: V, the size of the alphabet.
        name: the argument's name, for the message.
        min_length: smallest allowed T.

    Returns:
        int64 array (T,), a copy.

    Raises:
        TypeError: ``ids`` are not whole numbers.
        ValueError: ``ids`` is not 1-D, too short, or a number lies outside the alphabet.
    """
    ids = np.asarray(ids)
    as_array(ids, name, ndim=1, min_length=min_length)
    if ids.size and ids.dtype.kind not in "iu":
        raise TypeError(f"{name} must be whole numbers, but have dtype {ids.dtype}")
    for number in ids[(ids < 0) | (ids >= num_symbols)][:1]:
        raise ValueError(f"{name} must be from 0 to {num_symbols - 1}, but one is {number}")
    return ids.astype(np.int64)  # (T,)


def check_finite(array, name):
    """Refuse NaN and infinity.

    Args:
        array: array of numbers, of any shape.
        name: the argument's name, for the message.

    Raises:
        ValueError: an entry is NaN or infinite.
    """
    bad = array.size - np.count_nonzero(np.isfinite(array))
    if bad:
        raise ValueError(
            f"{name} must be finite, but {bad} of its {array.size} values are NaN or infinite"
        )


def as_generator(seed):
    """Return a random generator.

    Args:
        seed: a whole number that is not negative, or a ``numpy.random.Generator``, which is
            returned as it is and so keeps its place in its stream.

    Returns:
        numpy.random.Generator.

    Raises:
        TypeError: ``seed`` is neither.
        ValueError: ``seed`` is negative.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(as_integer(seed, "seed", minimum=0))


def _within(value, name, minimum, maximum):
    too_small = minimum is not None and value < minimum
    too_large = maximum is not None and value > maximum
    if too_small or too_large:
        low = "" if minimum is None else f"at least {minimum}"
        high = "" if maximum is None else f"at most {maximum}"
        allowed = " and ".join(part for part in (low, high) if part)
        raise ValueError(f"{name} must be {allowed}, but is {value!r}")
    return value
