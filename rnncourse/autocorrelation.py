"""How a series resembles its own past: autocovariance, Levinson's recursion, partial correlation.

All three work on one series of shape ``(T,)``. Lags are counted in steps, lag 0 included.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_array, as_integer


class Levinson(NamedTuple):
    """What Levinson's recursion finds, for the orders 0 .. p.

    Attributes:
        coefficients: (p,) the AR coefficients of order p, lag 1 first.
        variances: (p + 1,) the noise variance that is left with the orders 0 .. p.
        partial: (p,) partial autocorrelations at the lags 1 .. p.
    """

    coefficients: np.ndarray
    variances: np.ndarray
    partial: np.ndarray


def check_series(series, order, min_length=None):
    """Turn a series and an order into what an estimator needs.

    Args:
        series: (T,) finite numbers that are not all the same.
        order: how many past values a prediction sees; 0 or more, less than T.
        min_length: smallest T that will do, or None for ``order + 1``.

    Returns:
        The series as a float64 array (T,), and the order as an int.

    Raises:
        TypeError: ``series`` does not hold real numbers, or ``order`` is not a whole number.
        ValueError: wrong number of dimensions, NaN, infinite, constant or too short a series,
            or a negative order.
    """
    order = as_integer(order, "order", minimum=0)
    series = as_array(series, "series", ndim=1)
    needed = order + 1 if min_length is None else min_length
    if len(series) < needed:
        raise ValueError(
            f"series must have at least {needed} values for order {order}, but has {len(series)}"
        )
    if np.ptp(series) == 0:
        raise ValueError(f"series must vary, but every value is {float(series[0])!r}")
    return series, order


def autocovariance(series, max_lag):
    """Compute the autocovariances of a series, each a sum of products divided by T.

    Dividing by T, and not by the number of products, keeps every autocovariance matrix positive
    definite, so that a model fitted to them is stationary.

    Args:
        series: (T,) finite numbers.
        max_lag: largest lag, 0 <= max_lag < T.

    Returns:
        (max_lag + 1,) autocovariances at the lags 0 .. max_lag, in squared units of the series.

    Raises:
        TypeError: ``series`` does not hold real numbers, or ``max_lag`` is not a whole number.
        ValueError: the series is not finite, empty or not 1-D, or ``max_lag`` is out of range.

    Source:
        Box & Jenkins (1970), Time Series Analysis: Forecasting and Control, chapter 2.
    """
    series = as_array(series, "series", ndim=1)
    max_lag = as_integer(max_lag, "max_lag", minimum=0, maximum=len(series) - 1)
    centred = series - series.mean()  # (T,)
    products = [centred[lag:] @ centred[: len(series) - lag] for lag in range(max_lag + 1)]
    return np.array(products) / len(series)  # (max_lag + 1,)


def levinson(autocovariances):
    """Solve the Yule-Walker equations for the orders 1 .. p, each from the one before.

    Args:
        autocovariances: (p + 1,) autocovariances at the lags 0 .. p; the first is the variance.

    Returns:
        Levinson: coefficients (p,), variances (p + 1,), partial (p,).

    Raises:
        TypeError, ValueError: they are not numeric, not finite, not 1-D, or of no series.

    Source:
        Levinson (1947), The Wiener RMS error criterion in filter design and prediction.
    """
    gamma = as_array(autocovariances, "autocovariances", ndim=1)  # (p + 1,)
    coefficients, variances, partial = np.zeros(0), [gamma[0]], []
    for k in range(1, len(gamma)):
        unexplained = gamma[k] - coefficients @ gamma[k - 1 : 0 : -1]
        if not abs(unexplained) <= variances[-1] > 0:
            raise ValueError(f"autocovariances must be those of a series, but not at lag {k}")
        reflection = unexplained / variances[-1]
        shorter = coefficients - reflection * coefficients[::-1]  # (k - 1,)
        coefficients = np.append(shorter, reflection)  # (k,)
        variances.append(variances[-1] * (1 - reflection**2))
        partial.append(reflection)
    return Levinson(coefficients, np.array(variances), np.array(partial))


def partial_autocorrelation(series, max_lag):
    """Compute what each lag adds to a prediction that already has all the shorter lags.

    Args:
        series: (T,) finite numbers that are not all the same.
        max_lag: largest lag, 0 <= max_lag < T.

    Returns:
        (max_lag + 1,) partial autocorrelations at the lags 0 .. max_lag, in -1 .. 1; the first
        is 1 by definition.

    Raises:
        TypeError: ``series`` does not hold real numbers, or ``max_lag`` is not a whole number.
        ValueError: the series is not finite, constant, empty or not 1-D, or ``max_lag`` is out
            of range.

    Source:
        Durbin (1960), The fitting of time-series models.
    """
    series, max_lag = check_series(series, as_integer(max_lag, "max_lag", minimum=0))
    return np.append(1.0, levinson(autocovariance(series, max_lag)).partial)  # (max_lag + 1,)
