"""Two ways to fit an autoregressive model: least squares, and the Yule-Walker equations.

An *estimator* is a function ``(series, order) -> (intercept, coefficients, noise_variance)``.
Both functions here are estimators; ``AutoregressiveModel.fit`` takes either, or a reader's own.
"""

import numpy as np

from rnncourse.autocorrelation import autocovariance, check_series, levinson
from rnncourse.validate import as_integer

WELL_CONDITIONED = 1e-10  # smallest ratio of eigenvalues at which normal equations are trusted


def lag_matrix(series, order):
    """Collect the p values before each value of a series, the newest first.

    Args:
        series: (T,) array.
        order: p, the number of past values, 0 <= p < T.

    Returns:
        (T - p, p) view of the series; row t holds the p values that come before
        ``series[p + t]``, lag 1 first.

    Raises:
        TypeError: ``series`` does not hold real numbers, or ``order`` is not a whole number.
        ValueError: the series is too short, not 1-D, not finite or constant; negative order.
    """
    series, order = check_series(series, order)
    return np.lib.stride_tricks.sliding_window_view(series[:-1], order)[:, ::-1]


def lag_covariance(series, order):
    """Compute the covariances of a series with itself at every pair of the lags 0 .. p.

    Only the first row costs a pass over the series for each lag. One step down the diagonal moves
    both factors by one step: one product enters at the front and one leaves at the end.

    Args:
        series: (T,) finite numbers; where their mean is far from 0, digits are lost.
        order: p, the largest lag, 0 <= p < T.

    Returns:
        (p + 1, p + 1) covariance matrix of the targets ``series[p:]`` (row and column 0) and of
        the p columns of the lag matrix.

    Raises:
        TypeError: ``series`` does not hold real numbers, or ``order`` is not a whole number.
        ValueError: the series is too short, not 1-D, not finite or constant; negative order.
    """
    series, order = check_series(series, order)
    length = len(series) - order
    columns = [series[order - lag :][:length] for lag in range(order + 1)]  # each (T - p,)
    first = np.array([column[0] for column in columns])  # (p + 1,)
    last = np.array([column[-1] for column in columns])  # (p + 1,)
    products = np.empty((order + 1, order + 1))
    products[0] = products[:, 0] = [columns[0] @ column for column in columns]
    for lag in range(1, order + 1):
        entering, leaving = first[lag] * first[1:], last[lag - 1] * last[:-1]
        products[lag, 1:] = products[lag - 1, :-1] + entering - leaving
    means = np.array([column.mean() for column in columns])  # (p + 1,)
    return products / length - np.outer(means, means)


def fit_least_squares(series, order):
    """Choose the coefficients that make the mean squared one-step error smallest.

    Args:
        series: (T,) finite numbers that are not all the same, T >= 2 p + 2.
        order: p, the number of past values that a prediction sees, 0 or more.

    Returns:
        intercept (float), coefficients (p,) with lag 1 first, noise_variance (float): the mean
        squared error of the T - p predictions.

    Raises:
        TypeError: ``series`` does not hold real numbers, or ``order`` is not a whole number.
        ValueError: the series is too short, not 1-D, not finite or constant; negative order.

    Source:
        Box & Jenkins (1970), Time Series Analysis: Forecasting and Control, chapter 7.
    """
    order = as_integer(order, "order", minimum=0)
    series, order = check_series(series, order, min_length=2 * order + 2)
    centred = series - series.mean()  # (T,)
    lags, targets = lag_matrix(centred, order), centred[order:]  # (T - p, p), (T - p,)
    coefficients = solve_least_squares(lags, targets, lag_covariance(centred, order))  # (p,)
    errors = targets - lags @ coefficients  # (T - p,)
    intercept = series.mean() * (1 - coefficients.sum()) + errors.mean()
    return float(intercept), coefficients, float(errors.var())


def solve_least_squares(lags, targets, covariance):
    """Solve the normal equations twice over, or call on a slower method where they fail.

    The second round fits what the first one left, and so removes its rounding errors. Lags that
    are nearly a linear function of each other, as in a series without noise, go to a singular
    value decomposition, which gives the shortest of all vectors of coefficients that fit.

    Args:
        lags: (N, p) inputs.
        targets: (N,) values to predict; an intercept is allowed for.
        covariance: (p + 1, p + 1) covariances of the targets and the columns of ``lags``.

    Returns:
        (p,) coefficients.
    """
    within, with_target = covariance[1:, 1:], covariance[1:, 0]
    spread = np.linalg.eigvalsh(within)  # (p,) ascending
    if len(spread) and not spread[0] > WELL_CONDITIONED * spread[-1]:
        return np.linalg.lstsq(lags - lags.mean(axis=0), targets - targets.mean())[0]
    coefficients = np.linalg.solve(within, with_target)  # (p,)
    errors = targets - lags @ coefficients  # (N,)
    missed = (errors - errors.mean()) @ lags / len(lags)  # (p,) covariance of errors and lags
    return coefficients + np.linalg.solve(within, missed)


def fit_yule_walker(series, order):
    """Choose the coefficients whose autocovariances are those of the series.

    The fitted model is always stationary.

    Args:
        series: (T,) finite numbers that are not all the same, T > p.
        order: p, the number of past values that a prediction sees, 0 or more.

    Returns:
        intercept (float), coefficients (p,) with lag 1 first, noise_variance (float).

    Raises:
        TypeError: ``series`` does not hold real numbers, or ``order`` is not a whole number.
        ValueError: the series is too short, not 1-D, not finite or constant; negative order.

    Source:
        Yule (1927), On a method of investigating periodicities in disturbed series;
        Walker (1931), On periodicity in series of related terms; solved as in Levinson (1947).
    """
    series, order = check_series(series, order)
    solution = levinson(autocovariance(series, order))
    intercept = series.mean() * (1 - solution.coefficients.sum())
    return float(intercept), solution.coefficients, float(solution.variances[-1])
