"""The Kalman filter: the distribution of a hidden state, given all observations up to now.

``predict`` and ``update`` are the two steps; ``filter_series`` runs them over a series.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.kalman_steady import has_settled, linear_recurrence


class Filtered(NamedTuple):
    """What the filter knows at each step.

    Attributes:
        predicted_means: (T, D) mean of the state before its observation is seen.
        predicted_covariances: (T, D, D) its covariance.
        means: (T, D) mean of the state after its observation is seen.
        covariances: (T, D, D) its covariance.
        gains: (T, D, M) Kalman gain; a column is 0 where that value is missing.
        innovations: (T, M) observation minus its prediction; NaN where it is missing.
        innovation_covariances: (T, M, M) covariance of the predicted observation.
        log_likelihoods: (T,) log density of each observation given those before, in nats.
        run_starts: (T,) int, first step of the stretch of constant covariances that a step lies
            in; the step itself where they still change.
    """

    predicted_means: np.ndarray
    predicted_covariances: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    gains: np.ndarray
    innovations: np.ndarray
    innovation_covariances: np.ndarray
    log_likelihoods: np.ndarray
    run_starts: np.ndarray

    def runs(self):
        """Return the first steps (U,) of all runs, and for each step (T,) the number of its run."""
        first = self.run_starts == np.arange(len(self.run_starts))  # (T,)
        return np.flatnonzero(first), np.cumsum(first) - 1


def predict(mean, covariance, transition, process_covariance):
    """Move what is known about the state one step into the future.

    Args:
        mean: (D,) mean of the state.
        covariance: (D, D) its covariance.
        transition: (D, D) A.
        process_covariance: (D, D) Q.

    Returns:
        mean (D,) and covariance (D, D) one step later.

    Source:
        Kalman (1960), A new approach to linear filtering and prediction problems.
    """
    covariance = transition @ covariance @ transition.T + process_covariance  # (D, D)
    return mean @ transition.T, (covariance + covariance.T) / 2


def update(mean, covariance, y, observation, measurement_covariance):
    """Let an observation correct what is known about the state.

    The new covariance is a sum of two squares (Joseph's form), so that rounding cannot make it
    negative; the shorter P - K C P can.

    Args:
        mean: (D,) predicted mean of the state.
        covariance: (D, D) its covariance P.
        y: (M,) the observation.
        observation: (M, D) C.
        measurement_covariance: (M, M) R.

    Returns:
        mean (D,), covariance (D, D), gain K (D, M), innovation covariance S (M, M).

    Source:
        Kalman (1960), A new approach to linear filtering and prediction problems; the covariance
        as in Bucy & Joseph (1968), Filtering for Stochastic Processes.
    """
    seen_part = observation @ covariance  # (M, D) covariance of observation and state
    innovation_covariance = seen_part @ observation.T + measurement_covariance  # (M, M)
    gain = np.linalg.solve(innovation_covariance, seen_part).T  # (D, M)
    mean = mean + (y - mean @ observation.T) @ gain.T  # (D,)
    kept = np.eye(len(mean)) - gain @ observation  # (D, D)
    covariance = kept @ covariance @ kept.T + gain @ measurement_covariance @ gain.T  # (D, D)
    return mean, (covariance + covariance.T) / 2, gain, innovation_covariance


def hide(observation, measurement_covariance, seen):
    """Change the matrices so that missing values are ignored and no shape changes.

    A missing value gets a row of zeros in C, and noise of variance 1 that is independent of the
    rest: then its gain is 0, and an innovation of 0 adds nothing to the likelihood.

    Args:
        observation: (M, D) C.
        measurement_covariance: (M, M) R.
        seen: (M,) bool, False where the value is missing.

    Returns:
        observation (M, D) and measurement_covariance (M, M) for this step.

    Source:
        Shumway & Stoffer (1982), An approach to time series smoothing and forecasting using the
        EM algorithm.
    """
    if seen.all():
        return observation, measurement_covariance
    both = np.outer(seen, seen)  # (M, M)
    noise = np.where(both, measurement_covariance, np.eye(len(seen)))
    return observation * seen[:, np.newaxis], noise


@np.errstate(over="ignore", invalid="ignore")  # _finish raises an error instead
def filter_series(model, ys, seen):
    """Run the filter over one series; where the covariances have settled, without a loop.

    Args:
        model: object with the matrices of ``LinearGaussianModel``.
        ys: (T, M) observations, 0 where missing.
        seen: (T, M) bool, False where missing.

    Returns:
        Filtered.

    Raises:
        ValueError: a predicted observation has a singular covariance, or the state overflows.
    """
    result, stops, t = _blank(len(ys), *model.observation.shape), _pattern_ends(seen), 0
    mean, covariance = model.initial_mean, model.initial_covariance
    while t < len(ys):
        observation, noise = hide(model.observation, model.measurement_covariance, seen[t])
        updated = _checked_update(mean, covariance, ys[t], observation, noise, t)
        following = predict(*updated[:2], model.transition, model.process_covariance)
        stop = stops[t] if has_settled(following[1], covariance) else t + 1
        rows = slice(t, stop)  # one step, or all that have the same covariances
        result.predicted_means[t] = mean
        if stop > t + 1:
            ahead = _constant_gain(model.transition, observation, updated[2], mean, ys[rows])
            result.predicted_means[t + 1 : stop] = ahead[:-1]
            following = ahead[-1], following[1]
        _write(result, rows, covariance, updated, ys[rows], observation)
        (mean, covariance), t = following, stop
    return _finish(result, model, seen)


def _checked_update(mean, covariance, y, observation, noise, t):
    try:
        return update(mean, covariance, y, observation, noise)
    except np.linalg.LinAlgError:
        raise _no_doubt(t) from None


def _no_doubt(t):
    return ValueError(
        f"measurement_covariance is too small: at step {t} the model predicts an observation, "
        "or a combination of its values, without any doubt; add some noise"
    )


def _constant_gain(transition, observation, gain, mean, ys):
    """Return the predicted means (n, D) of the steps after each of the n rows of ``ys``."""
    kept = np.eye(len(mean)) - gain @ observation  # (D, D)
    return linear_recurrence(transition @ kept, mean, ys @ (transition @ gain).T)


def _write(result, rows, covariance, updated, ys, observation):
    """Fill rows that share every covariance, from their predicted means."""
    result.run_starts[rows] = rows.start
    result.predicted_covariances[rows] = covariance
    _, result.covariances[rows], gain, spread = updated
    result.gains[rows], result.innovation_covariances[rows] = gain, spread
    predicted = result.predicted_means[rows]  # (n, D)
    innovations = ys - predicted @ observation.T  # (n, M), 0 where missing
    result.innovations[rows] = innovations
    result.means[rows] = predicted + innovations @ gain.T


def _blank(steps, size, state_size):
    shapes = [
        (state_size,),
        (state_size, state_size),
        (state_size,),
        (state_size, state_size),
        (state_size, size),
        (size,),
        (size, size),
        (),
    ]
    arrays = [np.empty((steps, *shape)) for shape in shapes]
    return Filtered(*arrays, np.empty(steps, dtype=int))


def _pattern_ends(seen):
    """Return for each step the end of the stretch in which the same values are missing."""
    changes = np.flatnonzero((seen[1:] != seen[:-1]).any(axis=1)) + 1
    ends = np.append(changes, len(seen))  # (stretches,)
    return np.repeat(ends, np.diff(ends, prepend=0))  # (T,)


def _finish(result, model, seen):
    """Add the likelihoods; then show what is missing as missing."""
    result.log_likelihoods[:] = _log_densities(result, seen)
    if not np.isfinite(result.log_likelihoods).all():
        raise ValueError(
            "transition makes the state grow beyond floating-point numbers within "
            f"{len(seen)} steps; largest modulus of its eigenvalues: "
            f"{np.abs(np.linalg.eigvals(model.transition)).max():.6g}"
        )
    hidden = ~seen.all(axis=1)  # (T,)
    observation, covariances = model.observation, result.predicted_covariances[hidden]
    spread = observation @ covariances @ observation.T + model.measurement_covariance
    result.innovation_covariances[hidden] = spread
    result.innovations[~seen] = np.nan
    return result


def _log_densities(result, seen):
    """Return the log density (T,) of every innovation, one factorisation for each run."""
    starts, run = result.runs()  # (U,), (T,)
    spread = result.innovation_covariances[starts]  # (U, M, M), identity where missing
    try:
        roots = np.linalg.cholesky(spread)  # (U, M, M)
    except np.linalg.LinAlgError:
        smallest = np.linalg.eigvalsh(spread)[:, 0]  # (U,)
        raise _no_doubt(starts[smallest.argmin()]) from None
    whitened = np.einsum("tij,tj->ti", np.linalg.inv(roots)[run], result.innovations)  # (T, M)
    volumes = 2 * np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)[run]  # (T,)
    return -0.5 * ((whitened**2).sum(axis=1) + volumes + seen.sum(axis=1) * np.log(2 * np.pi))
