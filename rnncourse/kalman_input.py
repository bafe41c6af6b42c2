"""Checks of what a linear Gaussian model is given: matrices, covariances, series, masks."""

import numpy as np

from rnncourse.validate import as_array

ROUNDING = 1e-10  # how far a covariance may be from symmetric and non-negative, relative


def as_matrix(value, name, shape):
    """Return a copy of an array of finite numbers that has a given shape.

    Args:
        value: numbers, as nested lists or an array of the given shape.
        name: the argument's name, for the message.
        shape: tuple of the lengths; None for a length of 1 or more that is free.

    Returns:
        float64 array of that shape.

    Raises:
        TypeError: ``value`` does not hold real numbers.
        ValueError: another shape, or NaN or infinite entries.
    """
    matrix = as_array(value, name, ndim=len(shape)).copy()
    if 0 in matrix.shape:
        raise ValueError(f"{name} must hold numbers, but has shape {matrix.shape}")
    pairs = zip(shape, matrix.shape, strict=True)
    if any(want not in (None, have) for want, have in pairs):
        raise ValueError(f"{name} must have shape {shape}, but has {matrix.shape}")
    return matrix


def as_covariance(value, name, size):
    """Return a covariance matrix, made exactly symmetric.

    Args:
        value: (D, D) symmetric, without negative eigenvalues; eigenvalues of 0 are allowed.
        name: the argument's name, for the message.
        size: D.

    Returns:
        (D, D) float64 array.

    Raises:
        TypeError: ``value`` does not hold real numbers.
        ValueError: wrong shape, not finite, not symmetric, or not positive semidefinite.
    """
    matrix = as_matrix(value, name, (size, size))
    gap = np.abs(matrix - matrix.T).max()
    if gap > ROUNDING * np.abs(matrix).max():
        raise ValueError(f"{name} must be symmetric, but differs by {gap:.3g} from its transpose")
    matrix = (matrix + matrix.T) / 2
    scale = np.sqrt(np.abs(np.diagonal(matrix)))  # (D,) units, so that none outweighs another
    scale = np.where(scale > 0, scale, 1.0)
    smallest = np.linalg.eigvalsh(matrix / np.outer(scale, scale))[0]
    if smallest < -ROUNDING:
        raise ValueError(
            f"{name} must be positive semidefinite, but in units in which the variances are 1 "
            f"its smallest eigenvalue is {smallest:.3g}"
        )
    return matrix


def as_observations(observations, mask, size, name="observations"):
    """Split observations into their values and where there are any.

    Args:
        observations: (T, M) numbers; NaN where a value is missing.
        mask: (T,) or (T, M) booleans, True where observed; or None.
        size: M.
        name: the argument's name, for the message.

    Returns:
        values (T, M) with 0 where missing, and seen (T, M), bool.

    Raises:
        TypeError: ``observations`` are not real numbers, or ``mask`` is not boolean.
        ValueError: wrong shape, no steps, or an infinite value.
    """
    values = _numbers(observations, name)
    if values.ndim != 2 or values.shape[1] != size or not len(values):
        raise ValueError(f"{name} must have shape (T, {size}), T >= 1, but has {values.shape}")
    seen = ~np.isnan(values)  # (T, M)
    if mask is not None:
        seen &= _as_mask(mask, values.shape)
    values = np.where(seen, values, 0.0)  # (T, M)
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite, or NaN where missing, but hold infinite values")
    return values, seen


def as_series_list(series, masks, size):
    """Check several series, each as ``as_observations`` does.

    Args:
        series: one series (T, M), or a list of series, which may differ in T.
        masks: None, or one mask, or a list of as many masks (or None) as there are series.
        size: M.

    Returns:
        list of pairs: values (T, M) with 0 where missing, and seen (T, M), bool.

    Raises:
        TypeError: a series does not hold numbers, or a mask is not boolean.
        ValueError: no series, another number of masks, or a wrong shape.
    """
    if isinstance(series, np.ndarray) and series.ndim != 3:
        return [as_observations(series, masks, size, "series")]
    if not isinstance(series, (list, tuple, np.ndarray)):
        raise TypeError(f"series must be an array or a list of arrays, but is {series!r}")
    if len(series) == 0:
        raise ValueError("series must hold at least one series, but is empty")
    masks = [None] * len(series) if masks is None else masks
    if len(masks) != len(series):
        raise ValueError(f"masks must be as many as the {len(series)} series, not {len(masks)}")
    pairs = zip(series, masks, strict=True)
    return [as_observations(ys, m, size, f"series[{i}]") for i, (ys, m) in enumerate(pairs)]


def _numbers(values, name):
    try:
        array = np.asarray(values)
    except ValueError:
        raise TypeError(f"{name} must be an array, but its rows differ in length") from None
    if array.size and array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers, but has dtype {array.dtype}")
    return array.astype(np.float64, copy=False)


def _as_mask(mask, shape):
    mask = np.asarray(mask)
    if mask.dtype != bool:
        raise TypeError(f"mask must hold booleans, but has dtype {mask.dtype}")
    if mask.shape not in (shape[:1], shape):
        raise ValueError(f"mask must have shape {shape[:1]} or {shape}, but has {mask.shape}")
    return mask if mask.ndim == 2 else mask[:, np.newaxis]
