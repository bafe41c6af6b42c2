"""Looking ahead: where the state and the observations go after the last known one."""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from rnncourse.kalman_filter import predict
from rnncourse.kalman_input import as_matrix
from rnncourse.validate import as_integer, as_real


class Outlook(NamedTuple):
    """Forecasts of a linear Gaussian model.

    Attributes:
        means: (steps, M) expected observations.
        covariances: (steps, M, M) their covariances, measurement noise included.
        state_means: (steps, D) expected states.
        state_covariances: (steps, D, D) their covariances.
    """

    means: np.ndarray
    covariances: np.ndarray
    state_means: np.ndarray
    state_covariances: np.ndarray


def interval(means, covariances, level=0.95):
    """Turn means and covariances into an interval for each number by itself.

    Args:
        means: (T, D) means.
        covariances: (T, D, D) covariances.
        level: probability that one number falls into its interval, between 0 and 1.

    Returns:
        lower (T, D) and upper (T, D).

    Raises:
        TypeError: an argument is not numeric.
        ValueError: the shapes do not fit, or ``level`` is not between 0 and 1.
    """
    means = as_matrix(means, "means", (None, None))
    covariances = as_matrix(covariances, "covariances", (*means.shape, means.shape[1]))
    if not 0 < as_real(level, "level") < 1:
        raise ValueError(f"level must lie between 0 and 1, but is {level!r}")
    variances = np.diagonal(covariances, axis1=1, axis2=2)  # (T, D)
    if (variances < 0).any():
        raise ValueError(f"covariances must not hold a negative variance: {variances.min():.3g}")
    width = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(variances)
    return means - width, means + width


@np.errstate(over="ignore", invalid="ignore")  # an error is raised instead
def forecast_series(model, filtered, steps):
    """Predict without updates: the filter's first half alone, again and again.

    Args:
        model: object with the matrices of ``LinearGaussianModel``.
        filtered: Filtered, of the same model, (T, ...).
        steps: how many steps to predict, 1 or more.

    Returns:
        Outlook.

    Raises:
        TypeError, ValueError: ``steps`` is not a whole number of 1 or more, or the state grows
            beyond floating-point numbers.
    """
    steps, states = as_integer(steps, "steps", minimum=1), []
    mean, covariance = filtered.means[-1], filtered.covariances[-1]
    for _ in range(steps):
        mean, covariance = predict(mean, covariance, model.transition, model.process_covariance)
        states.append((mean, covariance))
    means, covariances = map(np.array, zip(*states, strict=True))  # (steps, D), (steps, D, D)
    if not np.isfinite(covariances[-1]).all():
        raise ValueError(f"transition makes the state overflow within {steps} steps: take fewer")
    spread = model.observation @ covariances @ model.observation.T + model.measurement_covariance
    return Outlook(means @ model.observation.T, spread, means, covariances)
