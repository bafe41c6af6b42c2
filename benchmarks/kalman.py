"""Linear Gaussian models against statsmodels' compiled Kalman filter."""

import numpy as np
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

from benchmarks.timing import compare
from rnncourse.kalman import LinearGaussianModel


def ratios(rounds=7):
    """Time filter, likelihood and smoother: 4 states, 2 observations, 10,000 steps, none missing.

    Both sides return means and covariances, predicted and filtered (or smoothed), gains,
    innovations and the log-likelihood of each step; statsmodels with its defaults, which also
    notice the steady state.

    Args:
        rounds: how often each function is timed.

    Returns:
        list of Ratio.
    """
    model, ys, reference = _tracking()
    return [
        compare(
            "Kalman filter / KalmanFilter.filter",
            lambda: model.filter(ys),
            reference.filter,
            at_most=1.0,
            rounds=rounds,
        ),
        compare(
            "Kalman log-likelihood / KalmanFilter.loglike",
            lambda: model.log_likelihood(ys),
            reference.loglike,
            at_most=1.0,
            rounds=rounds,
        ),
        compare(
            "Kalman smoother / KalmanSmoother.smooth",
            lambda: model.smooth(ys),
            reference.smooth,
            rounds=rounds,
        ),
    ]


def _tracking(steps=10_000):
    """A point in the plane: place and velocity are hidden, the place is measured with noise."""
    transition = np.eye(4) + np.eye(4, k=2)
    process, measurement = np.diag([0.1, 0.1, 0.05, 0.05]), np.eye(2)
    model = LinearGaussianModel(
        transition, np.eye(2, 4), process, measurement, np.zeros(4), np.eye(4)
    )
    ys = model.sample(steps, seed=0)[1]  # (T, 2)
    reference = KalmanSmoother(k_endog=2, k_states=4)
    reference.bind(ys)
    reference["transition"], reference["design"] = transition, np.eye(2, 4)
    reference["selection"], reference["state_cov"] = np.eye(4), process
    reference["obs_cov"] = measurement
    reference.initialize_known(np.zeros(4), np.eye(4))
    assert np.isclose(model.log_likelihood(ys), reference.loglike(), rtol=1e-10)
    return model, ys, reference
