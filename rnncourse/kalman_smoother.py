"""The Rauch-Tung-Striebel smoother: each hidden state, given the whole series."""

from typing import NamedTuple

import numpy as np

from rnncourse.kalman_steady import has_settled, linear_recurrence

FLAT = 1e-13  # relative variance below which a direction of the state counts as known exactly


class Smoothed(NamedTuple):
    """What the whole series says about each state.

    Attributes:
        means: (T, D) mean of the state at each step.
        covariances: (T, D, D) its covariance.
        gains: (T - 1, D, D) smoother gain J of each step but the last; the covariance of the
            states t + 1 and t is ``covariances[t + 1] @ gains[t].T``.
    """

    means: np.ndarray
    covariances: np.ndarray
    gains: np.ndarray


def smoother_gain(covariance, transition, predicted_covariance):
    """Compute how far news about the next state moves this one: J = P A^T P'^-1.

    Args:
        covariance: (..., D, D) P, of the state after its observation.
        transition: (D, D) A.
        predicted_covariance: (..., D, D) P', of the next state before its observation; it may
            be singular.

    Returns:
        (..., D, D) J.

    Source:
        Rauch, Tung & Striebel (1965), Maximum likelihood estimates of linear dynamic systems.
    """
    scale = np.sqrt(np.diagonal(predicted_covariance, axis1=-2, axis2=-1))  # (..., D) units
    scale = np.where(scale > 0, scale, 1.0)[..., np.newaxis, :]  # (..., 1, D)
    correlations = predicted_covariance / scale / np.swapaxes(scale, -1, -2)
    inverse = np.linalg.pinv(correlations, rcond=FLAT, hermitian=True)
    return covariance @ transition.T / scale @ inverse / scale


def smooth_step(covariance, gain, next_covariance, transition, process_covariance):
    """Compute the covariance of a state given the whole series, from that of the next state.

    It is a sum of squares, as in Joseph's form; the textbook's P + J (P_s - P') J^T is a
    difference, which rounding can make negative.

    Args:
        covariance: (D, D) P, of the state after its observation.
        gain: (D, D) J.
        next_covariance: (D, D) P_s, of the next state given the whole series.
        transition: (D, D) A.
        process_covariance: (D, D) Q.

    Returns:
        (D, D).
    """
    kept = np.eye(len(gain)) - gain @ transition  # (D, D)
    news = next_covariance + process_covariance  # (D, D)
    smoothed = kept @ covariance @ kept.T + gain @ news @ gain.T
    return (smoothed + smoothed.T) / 2


def smooth_series(model, filtered):
    """Go back from the last step to the first; where nothing changes, without a loop.

    Args:
        model: object with the matrices of ``LinearGaussianModel``.
        filtered: Filtered, of the same model.

    Returns:
        Smoothed.

    Source:
        Rauch, Tung & Striebel (1965), Maximum likelihood estimates of linear dynamic systems.
    """
    means, covariances = filtered.means.copy(), filtered.covariances.copy()  # right at the end
    transition, noise, starts = model.transition, model.process_covariance, filtered.run_starts
    gains, t = _all_gains(model, filtered), len(means) - 2
    while t >= 0:
        covariance = smooth_step(covariances[t], gains[t], covariances[t + 1], transition, noise)
        steady = has_settled(covariance, covariances[t + 1])
        rows = slice(starts[t] if steady else t, t + 1)  # one step, or the rest of its run
        own = means[rows] - means[rows] @ transition.T @ gains[t].T  # (n, D)
        means[rows] = linear_recurrence(gains[t], means[t + 1], own[::-1])[::-1]
        covariances[rows] = covariance
        t = rows.start - 1
    return Smoothed(means, covariances, gains)


def _all_gains(model, filtered):
    """Return the gains (T - 1, D, D), computed once for each run of constant covariances."""
    starts, run = filtered.runs()  # (U,), (T,)
    covariances = filtered.covariances[starts]  # (U, D, D)
    predicted = model.transition @ covariances @ model.transition.T + model.process_covariance
    return smoother_gain(covariances, model.transition, predicted)[run[:-1]]
