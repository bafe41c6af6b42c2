"""Expectation maximisation for linear Gaussian models: the two halves of one iteration.

``expect`` collects what the smoother expects of states and observations; ``maximise`` turns that
into matrices. Both regressions of the model, of the next state on this one and of the observation
on the state, are solved by the same function, ``regression``.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from rnncourse.kalman_filter import filter_series
from rnncourse.kalman_smoother import smooth_series

MATRICES = (
    "transition",
    "observation",
    "process_covariance",
    "measurement_covariance",
    "initial_mean",
    "initial_covariance",
)


class Expected(NamedTuple):
    """Expected moments, summed over all series; z is the state and y the observation.

    Attributes:
        log_likelihood: float, in nats, of the model that expects.
        starts: (S, D) mean of the first state of each of S series.
        start_covariance: (D, D) mean of their covariances.
        steps: (2 D, 2 D) sum of the second moments of (z_t, z_{t+1}).
        n_steps: how many pairs were summed.
        readings: (D + M, D + M) sum of the second moments of (z_t, y_t).
        n_readings: how many steps were summed: all at which anything was observed.
    """

    log_likelihood: float
    starts: np.ndarray
    start_covariance: np.ndarray
    steps: np.ndarray
    n_steps: int
    readings: np.ndarray
    n_readings: int


def check_learning(series, learn):
    """Raise an error where ``learn`` or the series leave nothing to learn from.

    Args:
        series: list of pairs: observations (T, M) and seen (T, M), bool.
        learn: names out of ``MATRICES``.

    Raises:
        TypeError: ``learn`` is not a collection of names.
        ValueError: it is empty or holds another name; or the series hold no two steps in a row,
            or nothing but missing values.
    """
    if isinstance(learn, str) or not isinstance(learn, Iterable):
        raise TypeError(f"learn must be a tuple of names out of {MATRICES}, but is {learn!r}")
    if not learn or not set(learn) <= set(MATRICES):
        raise ValueError(f"learn must hold names out of {MATRICES}, but is {learn!r}")
    if max(len(ys) for ys, _ in series) < 2:
        raise ValueError("series must hold two steps in a row at least once, but has single steps")
    if not any(seen.any() for _, seen in series):
        raise ValueError("series must hold observations, but every value is missing")


def expect(model, series):
    """Run filter and smoother over every series and sum what they expect (the E step).

    Args:
        model: object with the matrices of ``LinearGaussianModel``.
        series: list of pairs: observations (T, M), 0 where missing, and seen (T, M), bool.

    Returns:
        Expected.

    Raises:
        ValueError: a predicted observation has a singular covariance.

    Source:
        Shumway & Stoffer (1982), An approach to time series smoothing and forecasting using the
        EM algorithm.
    """
    likelihood, starts, start_covariances, steps, readings = 0.0, [], [], [], []
    for ys, seen in series:
        filtered = filter_series(model, ys, seen)
        smoothed = smooth_series(model, filtered)
        likelihood += filtered.log_likelihoods.sum()
        starts.append(smoothed.means[0])
        start_covariances.append(smoothed.covariances[0])
        steps.append(step_moments(smoothed))
        readings.append(reading_moments(model, smoothed, ys, seen))
    return Expected(
        float(likelihood),
        np.array(starts),
        np.mean(start_covariances, axis=0),
        sum(steps),
        sum(len(ys) - 1 for ys, _ in series),
        sum(readings),
        sum(int(seen.any(axis=1).sum()) for _, seen in series),
    )


def step_moments(smoothed):
    """Sum the second moments of each state together with the next one.

    Args:
        smoothed: Smoothed, of one series; its means are (T, D).

    Returns:
        (2 D, 2 D) sum over the T - 1 pairs.
    """
    means, covariances, gains = smoothed
    pairs = np.hstack([means[:-1], means[1:]])  # (T - 1, 2 D)
    crossed = np.einsum("tij,tkj->ik", covariances[1:], gains)  # (D, D) of z_{t+1} and z_t
    spread = np.block(
        [
            [covariances[:-1].sum(axis=0), crossed.T],
            [crossed, covariances[1:].sum(axis=0)],
        ]
    )
    return pairs.T @ pairs + spread


def reading_moments(model, smoothed, ys, seen):
    """Sum the second moments of each state together with its observation.

    A value that is missing beside values that are not is itself expected: from the state, and
    from the noise of its neighbours, where the noises are correlated.

    Args:
        model: object with the matrices of ``LinearGaussianModel``.
        smoothed: Smoothed, of one series; its means are (T, D).
        ys: (T, M) observations, 0 where missing.
        seen: (T, M) bool.

    Returns:
        (D + M, D + M) sum over all steps at which anything was observed.

    Source:
        Shumway & Stoffer (1982), An approach to time series smoothing and forecasting using the
        EM algorithm.
    """
    observation, noise = model.observation, model.measurement_covariance
    size, state_size = observation.shape
    total = np.zeros((state_size + size, state_size + size))
    patterns = [seen[0]] if seen.all() else np.unique(seen[seen.any(axis=1)], axis=0)
    for pattern in patterns:
        rows = (seen == pattern).all(axis=1)  # (T,)
        share = _regress_noise(noise, pattern)  # (M, M) G: y is expected as G y + (C - G C) z
        known = np.hstack([smoothed.means[rows], ys[rows] @ share.T])  # (n, D + M)
        moments = known.T @ known  # of (z, G y)
        moments[:state_size, :state_size] += smoothed.covariances[rows].sum(axis=0)
        completed = np.eye(state_size + size)
        completed[state_size:, :state_size] = observation - share @ observation
        total += completed @ moments @ completed.T
        total[state_size:, state_size:] += rows.sum() * (noise - share @ noise)
    return total


def _regress_noise(noise, seen):
    """Return G (M, M): the best guess of all noises from those at the seen positions."""
    share = np.diag(seen.astype(float))  # (M, M)
    known, unknown = np.flatnonzero(seen), np.flatnonzero(~seen)
    if len(unknown):
        among, between = noise[np.ix_(known, known)], noise[np.ix_(known, unknown)]
        share[np.ix_(unknown, known)] = np.linalg.lstsq(among, between, rcond=None)[0].T
    return share


def regression(moments, weights, count, learn_weights):
    """Fit b = W a + noise, from summed second moments of (a, b).

    Args:
        moments: (P + M, P + M) sum of the second moments of (a, b).
        weights: (M, P) W, kept where it is not to be learnt.
        count: how many pairs were summed.
        learn_weights: bool.

    Returns:
        weights (M, P), and the covariance (M, M) of the noise that goes with them.
    """
    size = weights.shape[1]
    if learn_weights:
        scale = np.sqrt(np.diagonal(moments)[:size])  # (P,) units of the inputs
        scale = np.where(scale > 0, scale, 1.0)
        inputs = moments[:size, :size] / np.outer(scale, scale)
        targets = moments[:size, size:] / scale[:, np.newaxis]
        weights = np.linalg.lstsq(inputs, targets, rcond=None)[0].T / scale
    error = np.hstack([-weights, np.eye(len(weights))])  # (M, P + M): b - W a
    noise = error @ moments @ error.T / count  # (M, M)
    return weights, (noise + noise.T) / 2


def maximise(model, expected, learn):
    """Set the matrices that make the expected log-likelihood largest (the M step).

    Args:
        model: object with the matrices of ``LinearGaussianModel``; it is changed.
        expected: Expected.
        learn: names out of ``MATRICES``; the others stay as they are.
    """
    found = dict.fromkeys(MATRICES)
    found["transition"], found["process_covariance"] = regression(
        expected.steps, model.transition, expected.n_steps, "transition" in learn
    )
    found["observation"], found["measurement_covariance"] = regression(
        expected.readings, model.observation, expected.n_readings, "observation" in learn
    )
    mean = model.initial_mean
    if "initial_mean" in learn:
        mean = expected.starts.mean(axis=0)  # (D,)
    offsets = expected.starts - mean  # (S, D)
    spread = offsets.T @ offsets / len(offsets)  # (D, D)
    found["initial_mean"], found["initial_covariance"] = mean, expected.start_covariance + spread
    for name in learn:
        setattr(model, name, found[name])
