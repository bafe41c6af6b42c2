"""What to read off gradients and states: lengths, saturation, spikes. Arrays in, arrays out."""

from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_array, as_integer, as_real

FLAT = 0.02  # no scatter of log norms counts as smaller than this: 2 %
TO_SIGMA = 1.4826  # of a normal distribution: standard deviation / median absolute deviation


def norm_by_step(gradients):
    """Compute the length of the gradient at every step, over all sequences and units.

    Args:
        gradients: (T, B, H), or (T, ...) in general: dL/dh_t.

    Returns:
        (T,) lengths. They underflow only where a single entry would.

    Raises:
        TypeError: ``gradients`` does not hold numbers.
        ValueError: no step, only one axis, or NaN.
    """
    gradients = _as_gradients(gradients)
    return _lengths(gradients.reshape(len(gradients), -1))


def norm_by_unit(gradients):
    """Compute the length of the gradient at every step and for every unit, over all sequences.

    Args:
        gradients: (T, B, H), or (T, B, ...) in general: dL/dh_t.

    Returns:
        (T, H) lengths, or (T, ...).

    Raises:
        TypeError: ``gradients`` does not hold numbers.
        ValueError: no step, only one axis, or NaN.
    """
    return _lengths(np.moveaxis(_as_gradients(gradients), 1, -1))


class Saturation(NamedTuple):
    """Shares of values at the ends of the range of an activation, from 0 to 1.

    Attributes:
        by_step: (T,) share at either end, over all sequences and units.
        low: (H,) share at the lower end, for each unit.
        high: (H,) share at the upper end, for each unit.
        share: float, share at either end, over everything.
    """

    by_step: np.ndarray
    low: np.ndarray
    high: np.ndarray
    share: float


def saturation(values, low=-0.95, high=0.95, mask=None):
    """Compute how many activations lie at the ends of their range, where the slope is nearly 0.

    For tanh, whose slope is 1 - h^2, the ends begin by default where ``|h| > 0.95`` and the slope
    is below 0.1. For a sigmoid the same point is 0.025 from 0 and 1. For ReLU
    ``low=0, high=None`` finds the units that are off. Cost: one pass over the array.

    Args:
        values: (T, B, H) activations.
        low: values at or below count as low; None for no such end.
        high: values at or above count as high; None for no such end.
        mask: booleans (T, B), False where a step is padding, or None.

    Returns:
        Saturation. A step that is padding in every sequence has the share NaN.

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: shapes that do not fit, NaN, nothing but padding, no end, or ``low`` is not
            below ``high``.

    Source:
        Karpathy, Johnson & Fei-Fei (2015), Visualizing and understanding recurrent networks,
        arXiv:1506.02078: the shares of left- and right-saturated gates.
    """
    values = as_array(values, "values", ndim=3)
    if low is None and high is None:
        raise ValueError("low and high must not both be None")
    low = -np.inf if low is None else as_real(low, "low")
    high = np.inf if high is None else as_real(high, "high")
    if low >= high:
        raise ValueError(f"low must be below high, but they are {low} and {high}")
    real = _as_mask(mask, values.shape[:2])[:, :, np.newaxis]  # (T, B, 1)
    lows, highs = (values <= low) & real, (values >= high) & real  # (T, B, H)
    count = np.count_nonzero(real)
    with np.errstate(invalid="ignore"):
        per_step = np.count_nonzero(real, axis=(1, 2)) * values.shape[2]
        by_step = np.count_nonzero(lows | highs, axis=(1, 2)) / per_step  # (T,)
    low_share, high_share = lows.sum(axis=(0, 1)) / count, highs.sum(axis=(0, 1)) / count  # (H,)
    return Saturation(by_step, low_share, high_share, float((low_share + high_share).mean()))


def find_spikes(norms, window=50, threshold=6.0, minimum=10):
    """Find the steps of a training run whose gradient is far longer than it was just before.

    The logarithm of each norm is compared with the median of the last ``window`` ones before it;
    how much those scatter is told by the median absolute deviation, scaled to a standard deviation.
    Neither is moved much by earlier spikes. Norms that stay high are spikes no more after half a
    window. A norm that is not finite is always a spike. Cost: two medians of ``window`` numbers a
    step.

    Args:
        norms: (S,) gradient norm of each step; NaN and infinity allowed.
        window: how many steps before count.
        threshold: how many standard deviations above the median.
        minimum: how many steps before there must at least be.

    Returns:
        booleans (S,).

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: ``norms`` is not (S,) or has negative numbers, or a setting is out of range.

    Source:
        Hampel (1974), The influence curve and its role in robust estimation, JASA 69, for the
        median absolute deviation.
    """
    norms = np.asarray(norms)
    as_array(np.nan_to_num(norms), "norms", ndim=1, min_length=0)
    if (norms < 0).any():
        raise ValueError(f"norms must not be negative, but one is {norms.min()}")
    minimum = as_integer(minimum, "minimum", minimum=1)
    window = as_integer(window, "window", minimum=minimum)
    threshold = as_real(threshold, "threshold", minimum=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(norms.astype(np.float64))  # (S,)
    spikes = ~np.isfinite(norms)
    for step in range(minimum, len(logs)):
        past = logs[max(step - window, 0) : step]
        past = past[np.isfinite(past)]
        if len(past) >= minimum and np.isfinite(logs[step]):
            middle = np.median(past)
            scatter = max(TO_SIGMA * np.median(np.abs(past - middle)), FLAT)
            spikes[step] = logs[step] > middle + threshold * scatter
    return spikes


def _as_gradients(gradients):
    gradients = as_array(gradients, "gradients")
    if gradients.ndim < 2 or gradients.size == 0:
        raise ValueError(f"gradients must be (T, B, H), but has shape {gradients.shape}")
    return gradients


def _lengths(rows):
    """Lengths along the last axis, of rows so short or long that their squares would not fit."""
    largest = np.abs(rows).max(axis=-1, keepdims=True)
    scaled = rows / np.where(largest == 0.0, 1.0, largest)
    return largest[..., 0] * np.sqrt((scaled**2).sum(axis=-1))


def _as_mask(mask, shape):
    if mask is None:
        return np.ones(shape, dtype=bool)
    mask = np.asarray(mask)
    if mask.dtype != bool:
        raise TypeError(f"mask must hold booleans, but has dtype {mask.dtype}")
    if mask.shape != shape or not mask.any():
        found = f"has shape {mask.shape} and {np.count_nonzero(mask)} True"
        raise ValueError(f"mask must be {shape} with at least one True, but {found}")
    return mask
