"""What hidden Markov models accept: distributions, and one or several sequences."""

import numpy as np

from rnncourse.validate import as_array

ROUNDING = 1e-8  # how far from 1 the sum of a distribution may lie


def as_distribution(value, name, shape):
    """Return one probability distribution, or several as the rows of a matrix.

    Args:
        value: array of shape ``shape``; no entry is negative, the last axis sums to 1.
        name: the argument's name, for the message.
        shape: the shape that is required, a tuple.

    Returns:
        float64 array of shape ``shape``, a copy.

    Raises:
        TypeError: ``value`` does not hold real numbers.
        ValueError: wrong shape, NaN, infinite or negative entries, or a sum that is not 1.
    """
    array = as_array(value, name).copy()
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, but has {array.shape}")
    if array.min() < 0:
        raise ValueError(f"{name} must not be negative, but holds {array.min():g}")
    sums = array.sum(axis=-1)
    if np.abs(sums - 1).max() > ROUNDING:
        worst = np.ravel(sums)[np.abs(np.ravel(sums) - 1).argmax()]
        where = name if array.ndim == 1 else f"each row of {name}"
        raise ValueError(f"{where} must sum to 1, but sums to {worst:.9g}")
    return array


def as_chain(startprob, transmat):
    """Return the two distributions of a Markov chain.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.

    Returns:
        startprob (N,) and transmat (N, N), float64 arrays.

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: wrong shape, NaN, infinite or negative entries, or a sum that is not 1.
    """
    num_states = len(as_array(startprob, "startprob", ndim=1))
    startprob = as_distribution(startprob, "startprob", (num_states,))
    return startprob, as_distribution(transmat, "transmat", (num_states, num_states))


def as_likelihoods(value, num_states):
    """Return the probabilities, or densities, of the observations in each state.

    Args:
        value: (T, N) array, finite and not negative.
        num_states: N.

    Returns:
        (T, N) float64 array.

    Raises:
        TypeError: ``value`` does not hold real numbers.
        ValueError: not (T, N) with T >= 1, NaN, infinite or negative entries.
    """
    array = as_array(value, "likelihoods", ndim=2)
    if array.shape[1] != num_states:
        raise ValueError(f"likelihoods must have shape (T, {num_states}), but has {array.shape}")
    if array.min() < 0:
        raise ValueError(f"likelihoods must not be negative, but hold {array.min():g}")
    return array


def as_scales(value, length):
    """Return what the forward recursion divided its rows by.

    Args:
        value: (T,) numbers above 0.
        length: T.

    Returns:
        (T,) float64 array.

    Raises:
        TypeError: ``value`` does not hold real numbers.
        ValueError: not (T,), NaN, infinite, or not above 0.
    """
    array = as_array(value, "scales", ndim=1)
    if array.shape != (length,):
        raise ValueError(f"scales must have shape {(length,)}, but has {array.shape}")
    if array.min() <= 0:
        raise ValueError(f"scales must be above 0, but hold {array.min():g}")
    return array


def as_log_likelihoods(value, num_states):
    """Return the logarithms of the likelihoods; minus infinity stands for probability 0.

    Args:
        value: (T, N) array; each entry is a finite number or minus infinity.
        num_states: N.

    Returns:
        (T, N) float64 array.

    Raises:
        TypeError: ``value`` does not hold real numbers.
        ValueError: not (T, N) with T >= 1, NaN, or plus infinity.
    """
    array = np.asarray(value)
    finite = array if array.dtype.kind not in "f" else np.where(array == -np.inf, 0.0, array)
    as_array(finite, "log_likelihoods", ndim=2)
    if array.shape[1] != num_states:
        message = f"log_likelihoods must have shape (T, {num_states}), but has {array.shape}"
        raise ValueError(message)
    return array.astype(np.float64, copy=False)


def as_symbols(value, num_symbols):
    """Return a sequence of symbols.

    Args:
        value: (T,) whole numbers from 0 to V - 1, T >= 1.
        num_symbols: V, the size of the alphabet.

    Returns:
        (T,) integer array.

    Raises:
        TypeError: ``value`` does not hold whole numbers.
        ValueError: not 1-D, empty, or a symbol outside the alphabet.
    """
    as_array(value, "observations", ndim=1)
    symbols = np.asarray(value)
    if symbols.dtype.kind not in "iu":
        raise TypeError(f"observations must be whole numbers, but have dtype {symbols.dtype}")
    low, high = symbols.min(), symbols.max()
    if low < 0 or high >= num_symbols:
        wrong = low if low < 0 else high
        raise ValueError(f"observations must lie in 0..{num_symbols - 1}, but hold {wrong}")
    return symbols


def as_vectors(value, num_features):
    """Return a sequence of vectors.

    Args:
        value: (T, D) finite numbers, T >= 1.
        num_features: D.

    Returns:
        (T, D) float64 array.

    Raises:
        TypeError: ``value`` does not hold real numbers.
        ValueError: not (T, D), empty, NaN or infinite.
    """
    array = as_array(value, "observations", ndim=2)
    if array.shape[1] != num_features:
        raise ValueError(
            f"observations must have shape (T, {num_features}), but have {array.shape}"
        )
    return array


def as_sequences(observations, lengths, convert, ndim):
    """Return one or several sequences, end to end, and their lengths.

    Args:
        observations: one sequence; or a list of B sequences; or B sequences end to end, where
            ``lengths`` says how long each of them is.
        lengths: (B,) whole numbers of 1 or more, or None.
        convert: function that checks one sequence and returns it as an array.
        ndim: number of dimensions of one sequence.

    Returns:
        all observations (T, ...) end to end and lengths (B,), which add up to T.

    Raises:
        TypeError: observations or lengths of a wrong type, or a list together with lengths.
        ValueError: an empty sequence, lengths that do not add up, or what ``convert`` refuses.
    """
    if _is_list_of_sequences(observations, ndim):
        if lengths is not None:
            raise TypeError("lengths must be None where observations are a list of sequences")
        sequences = [convert(sequence) for sequence in observations]
        return np.concatenate(sequences), np.array([len(sequence) for sequence in sequences])
    observations = convert(observations)
    if lengths is None:
        return observations, np.array([len(observations)])
    lengths = np.asarray(lengths)
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu":
        raise TypeError(f"lengths must be a list of whole numbers, but are {lengths!r}")
    if lengths.min(initial=1) < 1:
        raise ValueError(f"lengths must be at least 1, but hold {lengths.min()}")
    if lengths.sum() != len(observations):
        raise ValueError(
            f"lengths must add up to the {len(observations)} observations, "
            f"but add up to {lengths.sum()}"
        )
    return observations, lengths


def _is_list_of_sequences(observations, ndim):
    if not isinstance(observations, (list, tuple)) or not observations:
        return False
    return all(_ndim(sequence) == ndim for sequence in observations)


def _ndim(value):
    try:
        return np.ndim(value)
    except ValueError:  # rows that differ in length
        return None
