"""From one long sequence to what a model is trained on: windows, batches, padding, splits."""

import numpy as np

from rnncourse.validate import as_array, as_integer, as_real


def next_step_pairs(sequence):
    """Pair every step of a sequence with the step that follows it.

    Args:
        sequence: numbers (T,) or (T, ...), time first, T at least 2.

    Returns:
        inputs, targets: two views (T - 1, ...), where ``targets[t]`` is what follows ``inputs[t]``.

    Raises:
        TypeError: ``sequence`` does not hold real numbers.
        ValueError: ``sequence`` is too short or holds NaN.
    """
    as_array(sequence, "sequence", min_length=2)
    sequence = np.asarray(sequence)
    return sequence[:-1], sequence[1:]


def windows(series, width):
    """Cut a series into overlapping windows, each with the value that follows it.

    Args:
        series: numbers (T,).
        width: how many past values a window holds, from 1 to T - 1.

    Returns:
        inputs (N, width) with N = T - width, oldest value first, and targets (N,).

    Raises:
        TypeError: ``series`` does not hold real numbers, or ``width`` is not a whole number.
        ValueError: ``series`` is not one-dimensional, is too short or holds NaN.
    """
    as_array(series, "series", ndim=1, min_length=2)
    series = np.asarray(series)  # (T,), whole numbers stay whole
    width = as_integer(width, "width", minimum=1, maximum=len(series) - 1)
    inputs = np.lib.stride_tricks.sliding_window_view(series[:-1], width)  # (N, width)
    return inputs.copy(), series[width:].copy()


def contiguous_batches(ids, batch_size, steps, drop_last=True):
    """Cut one long sequence into batches that continue each other.

    Column b of a batch goes on where column b of the batch before stopped, so the state that a
    model ends one batch with is the state to begin the next one with.

    Args:
        ids: numbers (N,), one long sequence.
        batch_size: B, how many stretches of the sequence are read side by side.
        steps: T, how many steps a batch holds.
        drop_last: whether to leave out a last batch of fewer than T steps.

    Returns:
        iterator over pairs inputs (T, B), targets (T, B); targets are inputs one step later.

    Raises:
        TypeError: an argument is not numeric.
        ValueError: ``ids`` is not one-dimensional, or too short for one batch.
    """
    as_array(ids, "ids", ndim=1, min_length=2)
    ids = np.asarray(ids)  # (N,)
    batch_size = as_integer(batch_size, "batch_size", minimum=1, maximum=len(ids) - 1)
    length = (len(ids) - 1) // batch_size
    steps = as_integer(steps, "steps", minimum=1, maximum=length if drop_last else None)
    inputs = ids[: batch_size * length].reshape(batch_size, length).T  # (length, B)
    targets = ids[1 : batch_size * length + 1].reshape(batch_size, length).T  # (length, B)
    stop = length - length % steps if drop_last else length
    return ((inputs[t : t + steps], targets[t : t + steps]) for t in range(0, stop, steps))


def pad(sequences, value=0, length=None):
    """Put sequences of different lengths side by side and mark what is real.

    Args:
        sequences: list of B arrays (T_b,) or (T_b, D), each with at least one step.
        value: the number that stands where a sequence has ended.
        length: T, or None for the length of the longest sequence.

    Returns:
        padded (T, B) or (T, B, D), and mask (T, B) of booleans, True where a value is real.

    Raises:
        TypeError: ``sequences`` do not hold numbers, or ``value`` or ``length`` is not a number.
        ValueError: no sequences, an empty one, different D, or ``length`` too small.
    """
    arrays = _as_sequences(sequences)
    longest = max(len(array) for array in arrays)
    length = longest if length is None else as_integer(length, "length", minimum=longest)
    shape = (length, len(arrays), *arrays[0].shape[1:])
    as_real(value, "value")
    padded = np.full(shape, value, dtype=np.result_type(*arrays, value))  # (T, B, ...)
    mask = np.zeros(shape[:2], dtype=bool)  # (T, B)
    for b, array in enumerate(arrays):
        padded[: len(array), b] = array
        mask[: len(array), b] = True
    return padded, mask


def split_in_time(series, fractions, gap=0):
    """Cut a series into parts that follow each other, so that no part knows a later one.

    Args:
        series: anything with a length that can be sliced: an array (T, ...), a list, a text.
        fractions: share of each part, in order of time; positive, together 1.
        gap: how many steps to leave out before each part but the first, so that the end of one
            part does not give the beginning of the next away.

    Returns:
        list of slices of ``series``, one for each fraction.

    Raises:
        TypeError: ``fractions`` or ``gap`` is not numeric.
        ValueError: ``fractions`` do not sum to 1, or a part would be empty.
    """
    fractions = as_array(fractions, "fractions", ndim=1)
    if fractions.min() <= 0 or abs(fractions.sum() - 1) > 1e-9:
        raise ValueError(f"fractions must be positive and sum to 1, but are {fractions.tolist()}")
    gap = as_integer(gap, "gap", minimum=0)
    stops = np.rint(np.cumsum(fractions) * len(series)).astype(int).tolist()
    starts = [0, *(stop + gap for stop in stops[:-1])]
    if any(start >= stop for start, stop in zip(starts, stops, strict=True)):
        raise ValueError(f"series of length {len(series)} is too short: a part would be empty")
    return [series[start:stop] for start, stop in zip(starts, stops, strict=True)]


def _as_sequences(sequences):
    arrays = [np.asarray(sequence) for sequence in sequences]
    if not arrays:
        raise ValueError("sequences must hold at least one sequence, but is empty")
    for b, array in enumerate(arrays):
        as_array(array, f"sequences[{b}]")
        if array.ndim == 0:
            raise ValueError(f"sequences[{b}] must be a sequence, but is the number {array}")
    if len({array.shape[1:] for array in arrays}) > 1:
        raise ValueError(f"sequences must agree in D, but have shapes {[a.shape for a in arrays]}")
    return arrays
