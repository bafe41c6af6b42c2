"""Two oracles for linear Gaussian models: conditioning of one big Gaussian, and statsmodels."""

import numpy as np
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

from rnncourse.kalman import LinearGaussianModel


def random_model(state_size, size, seed, radius=0.95):
    """A model with full matrices; ``radius`` is the largest modulus of A's eigenvalues."""
    rng = np.random.default_rng(seed)

    def covariance(n):
        root = rng.normal(size=(n, n))
        return root @ root.T + 0.1 * np.eye(n)

    transition = rng.normal(size=(state_size, state_size))
    transition *= radius / np.abs(np.linalg.eigvals(transition)).max()
    return LinearGaussianModel(
        transition,
        rng.normal(size=(size, state_size)),
        covariance(state_size),
        covariance(size),
        rng.normal(size=state_size),
        covariance(state_size),
    )


def with_gaps(ys, seed, rows=0.2, single=0.2):
    """Set rows, and single values, to NaN."""
    rng, ys = np.random.default_rng(seed), ys.copy()
    ys[rng.random(len(ys)) < rows] = np.nan
    ys[rng.random(ys.shape) < single] = np.nan
    return ys


# Three kinds of series for a comparison with statsmodels.


def without_gaps(ys):
    """The series as it is."""
    return ys


def scattered_gaps(ys):
    """Set rows and single values here and there to NaN."""
    return with_gaps(ys, seed=4)


def long_gaps(ys):
    """Set stretches of a series of at least 260 steps to NaN, and its end."""
    ys = ys.copy()
    ys[100:150], ys[200:260, 0], ys[-2:] = np.nan, np.nan, np.nan
    return ys


def joint(model, steps):
    """Mean and covariance of (z_1, y_1, z_2, y_2, ...), every block written out by powers of A."""
    size, state_size = model.observation.shape
    a, c = model.transition, model.observation
    both = np.vstack([np.eye(state_size), c])
    means, covariances = [model.initial_mean], [model.initial_covariance]
    for _ in range(steps - 1):
        means.append(a @ means[-1])
        covariances.append(a @ covariances[-1] @ a.T + model.process_covariance)
    n = state_size + size
    mean = np.concatenate([both @ m for m in means])
    covariance = np.zeros((steps * n, steps * n))
    for s in range(steps):
        for t in range(s, steps):
            block = both @ np.linalg.matrix_power(a, t - s) @ covariances[s] @ both.T
            covariance[t * n : t * n + n, s * n : s * n + n] = block
            covariance[s * n : s * n + n, t * n : t * n + n] = block.T
        own = slice(s * n + state_size, (s + 1) * n)
        covariance[own, own] += model.measurement_covariance
    return mean, covariance


def condition(model, ys, until=None):
    """Mean (T, D + M) and covariance (T, D + M, T, D + M) of all (z_t, y_t), given ys[:until].

    And the log density of what is given.
    """
    steps, size = ys.shape
    mean, covariance = joint(model, steps)
    given = np.hstack([np.zeros((steps, len(model.transition)), bool), ~np.isnan(ys)])
    given[steps if until is None else until :] = False
    given = np.flatnonzero(given)
    values = np.hstack([np.zeros((steps, len(model.transition))), ys]).ravel()[given]
    offset, among = values - mean[given], covariance[np.ix_(given, given)]
    share = np.linalg.solve(among, covariance[given]).T
    shape = (steps, len(model.transition) + size)
    posterior = mean + share @ offset, covariance - share @ covariance[given]
    quadratic = offset @ np.linalg.solve(among, offset)
    density = -0.5 * (quadratic + np.linalg.slogdet(2 * np.pi * among)[1])
    return posterior[0].reshape(shape), posterior[1].reshape(shape + shape), density


def reference(model, ys):
    """statsmodels' filter and smoother of the same model, bound to the series."""
    size, state_size = model.observation.shape
    kalman = KalmanSmoother(k_endog=size, k_states=state_size)
    kalman.bind(ys.copy())
    kalman["design"], kalman["transition"] = model.observation, model.transition
    kalman["selection"] = np.eye(state_size)
    kalman["state_cov"], kalman["obs_cov"] = model.process_covariance, model.measurement_covariance
    kalman.initialize_known(model.initial_mean, model.initial_covariance)
    return kalman
