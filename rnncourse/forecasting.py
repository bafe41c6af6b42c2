"""Going on from the last known values: roll-outs, and the linear recursion behind them."""

from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_array, as_integer


class Forecast(NamedTuple):
    """A forecast and its interval, in units of the series.

    Attributes:
        mean: (steps,) expected values.
        lower: (steps,) lower ends of the interval.
        upper: (steps,) upper ends of the interval.
    """

    mean: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def roll_out(predict, windows, steps):
    """Predict several steps ahead: each prediction enters the window of the next one.

    Args:
        predict: function from windows (N, p), oldest value first, to the next values (N,).
        windows: (N, p) the last known values, one row for each of N forecasts.
        steps: how many steps to predict, 1 or more.

    Returns:
        (N, steps) predictions.

    Raises:
        TypeError: ``windows`` does not hold numbers, or ``steps`` is not a whole number.
        ValueError: ``windows`` is not 2-D or not finite, ``steps`` is below 1, or ``predict``
            does not return one value for each window.
    """
    windows = as_array(windows, "windows", ndim=2)
    predictions = np.empty((len(windows), as_integer(steps, "steps", minimum=1)))
    for k in range(steps):
        values = np.asarray(predict(windows))  # (N,)
        if values.shape != (len(windows),):
            raise ValueError(
                f"predict must return shape {(len(windows),)}, but gave {values.shape}"
            )
        predictions[:, k] = values
        windows = np.column_stack([windows, values])[:, 1:]  # the oldest value leaves
    return predictions


def drive(coefficients, start, shocks):
    """Run x_t = phi_1 x_{t-1} + ... + phi_p x_{t-p} + shock_t from given first values.

    Args:
        coefficients: (p,) phi, lag 1 first.
        start: (p,) the values before the first shock, the oldest first.
        shocks: (T,) what enters at each step.

    Returns:
        (T,) values, without the start.

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: an argument is not 1-D or not finite, or there are not p start values.
    """
    coefficients = as_array(coefficients, "coefficients", ndim=1, min_length=0)
    start = as_array(start, "start", ndim=1, min_length=0)
    shocks = as_array(shocks, "shocks", ndim=1)
    order = len(coefficients)
    if len(start) != order:
        raise ValueError(f"start must have {order} values, one for each lag, but has {len(start)}")
    values = np.append(start, shocks)  # (p + T,)
    oldest_first = coefficients[::-1]  # (p,)
    for t in range(order, len(values)):
        values[t] += oldest_first @ values[t - order : t]
    return values[order:]


def impulse_response(coefficients, steps):
    """Compute how much of a unit of noise is still there 0, 1, 2, ... steps later.

    Args:
        coefficients: shape (p,), the AR coefficients, lag 1 first.
        steps: how many values, 1 or more.

    Returns:
        (steps,) the psi weights; the first is 1.

    Raises:
        TypeError: ``coefficients`` are not numbers, or ``steps`` is not a whole number.
        ValueError: ``coefficients`` are not 1-D or not finite, or ``steps`` is below 1.

    Source:
        Box & Jenkins (1970), Time Series Analysis: Forecasting and Control, chapter 5.
    """
    coefficients = as_array(coefficients, "coefficients", ndim=1, min_length=0)
    impulse = np.zeros(as_integer(steps, "steps", minimum=1))  # (steps,)
    impulse[0] = 1.0
    return drive(coefficients, np.zeros(len(coefficients)), impulse)


def companion_roots(coefficients):
    """Find the roots of z^p - phi_1 z^(p-1) - ... - phi_p, which say how a recursion behaves.

    They are the eigenvalues of the companion matrix. A root of modulus r and angle w adds a term
    r^t cos(w t) to the recursion: with every root *inside* the unit circle, all of them die out.
    statsmodels and Box & Jenkins use the reciprocals, which then lie outside.

    Args:
        coefficients: shape (p,), the AR coefficients, lag 1 first.

    Returns:
        (p,) complex array, the largest modulus first.

    Raises:
        TypeError: ``coefficients`` are not numbers.
        ValueError: ``coefficients`` are not 1-D or not finite.

    Source:
        Box & Jenkins (1970), Time Series Analysis: Forecasting and Control, chapter 3.
    """
    coefficients = as_array(coefficients, "coefficients", ndim=1, min_length=0)
    roots = np.roots(np.append(1.0, -coefficients)).astype(complex)
    return roots[np.argsort(-np.abs(roots), kind="stable")]
