"""Linear dynamical systems: a hidden state that moves linearly, seen through linear glasses.

z_t = A z_{t-1} + w_t,  w_t Gaussian with covariance Q        (the state, D numbers)
y_t = C z_t + v_t,      v_t Gaussian with covariance R        (the observation, M numbers)

The matrices are those of the textbooks, for columns. In arrays a state is a row, as everywhere in
this package, and moves by ``z @ transition.T``, just as ``torch.nn.Linear`` applies its weight.
"""

import numpy as np

from rnncourse.em import rise
from rnncourse.kalman_em import MATRICES, check_learning, expect, maximise
from rnncourse.kalman_filter import filter_series
from rnncourse.kalman_forecast import forecast_series
from rnncourse.kalman_input import as_covariance, as_matrix, as_observations, as_series_list
from rnncourse.kalman_smoother import smooth_series
from rnncourse.kalman_steady import linear_recurrence
from rnncourse.validate import as_generator, as_integer, as_real

ADVICE = (
    ": rounding does that where a covariance shrinks to nothing or a state grows without bound; "
    "learn fewer matrices, stop earlier, or give more data"
)


class LinearGaussianModel:
    """A linear dynamical system with Gaussian noise, whose matrices do not change over time.

    Args:
        transition: (D, D) A.
        observation: (M, D) C.
        process_covariance: (D, D) Q.
        measurement_covariance: (M, M) R.
        initial_mean: (D,) mean of the first state z_1, before y_1 is seen.
        initial_covariance: (D, D) its covariance.

    Attributes:
        log_likelihoods: list of floats, one before each iteration of ``fit`` and one after the
            last; empty before ``fit``.
        converged: bool, whether ``fit`` stopped by itself; None before ``fit``.

    Raises:
        TypeError: a matrix does not hold real numbers.
        ValueError: a shape does not fit, an entry is not finite, or a covariance is not symmetric
            and positive semidefinite.
    """

    def __init__(
        self,
        transition,
        observation,
        process_covariance,
        measurement_covariance,
        initial_mean,
        initial_covariance,
    ):
        self.observation = as_matrix(observation, "observation", (None, None))
        size, state = self.observation.shape
        self.transition = as_matrix(transition, "transition", (state, state))
        self.process_covariance = as_covariance(process_covariance, "process_covariance", state)
        self.measurement_covariance = as_covariance(
            measurement_covariance, "measurement_covariance", size
        )
        self.initial_mean = as_matrix(initial_mean, "initial_mean", (state,))
        self.initial_covariance = as_covariance(initial_covariance, "initial_covariance", state)
        self.log_likelihoods, self.converged = [], None

    def filter(self, observations, mask=None):
        """Compute each state's distribution, given the observations up to it.

        Args:
            observations: (T, M) series; NaN where a value is missing.
            mask: (T,) or (T, M) booleans, True where observed; or None.

        Returns:
            kalman_filter.Filtered: means (T, D), covariances (T, D, D) and more.

        Raises:
            TypeError, ValueError: an argument is not of this type or shape, or infinite.

        Source:
            Kalman (1960), A new approach to linear filtering and prediction problems.
        """
        return filter_series(self, *as_observations(observations, mask, len(self.observation)))

    def smooth(self, observations, mask=None):
        """Compute each state's distribution, given the whole series.

        Args:
            observations: (T, M) series; NaN where a value is missing.
            mask: (T,) or (T, M) booleans, True where observed; or None.

        Returns:
            kalman_smoother.Smoothed: means (T, D), covariances (T, D, D) and gains.

        Raises:
            TypeError, ValueError: an argument is not of this type or shape, or infinite.

        Source:
            Rauch, Tung & Striebel (1965), Maximum likelihood estimates of linear dynamic systems.
        """
        return smooth_series(self, self.filter(observations, mask))

    def log_likelihood(self, series, masks=None):
        """Compute the log density of one series, or the sum over several.

        Args:
            series: (T, M) array, NaN where a value is missing; or a list of such arrays.
            masks: None, a mask (T,) or (T, M), True where observed; or a list of masks.

        Returns:
            float, in nats.

        Raises:
            TypeError, ValueError: an argument is not of this type or shape, or infinite.
        """
        pairs = as_series_list(series, masks, len(self.observation))
        return float(sum(filter_series(self, *pair).log_likelihoods.sum() for pair in pairs))

    def forecast(self, observations, steps, mask=None):
        """Predict the observations after a series, and the states behind them.

        Args:
            observations: (T, M) series; NaN where a value is missing.
            steps: how many steps to predict, 1 or more.
            mask: (T,) or (T, M) booleans, True where observed; or None.

        Returns:
            kalman_forecast.Outlook: means (steps, M), covariances (steps, M, M); the states' too.

        Raises:
            TypeError, ValueError: an argument is not of this type or shape, or infinite.
        """
        return forecast_series(self, self.filter(observations, mask), steps)

    @np.errstate(over="ignore", invalid="ignore")  # an error is raised instead
    def sample(self, length, seed):
        """Draw states and observations from the model.

        Args:
            length: T, how many steps, 1 or more.
            seed: a whole number or a ``numpy.random.Generator``.

        Returns:
            states (T, D) and observations (T, M).

        Raises:
            TypeError, ValueError: an argument is not a whole number in its range, or the state
                grows beyond floating-point numbers.
        """
        length, rng = as_integer(length, "length", minimum=1), as_generator(seed)
        size, state_size = self.observation.shape
        first = rng.normal(size=state_size) @ _root(self.initial_covariance).T  # (D,)
        shocks = rng.normal(size=(length - 1, state_size)) @ _root(self.process_covariance).T
        errors = rng.normal(size=(length, size)) @ _root(self.measurement_covariance).T  # (T, M)
        first = (self.initial_mean + first)[np.newaxis]  # (1, D)
        states = np.vstack([first, linear_recurrence(self.transition, first[0], shocks)])  # (T, D)
        if not np.isfinite(states).all():
            raise ValueError(f"transition makes the state overflow within {length} steps")
        return states, states @ self.observation.T + errors

    def fit(self, series, masks=None, iterations=100, tolerance=1e-6, learn=MATRICES):
        """Improve the matrices by expectation maximisation; the likelihood never falls.

        It climbs to a local maximum from the matrices that the model has. A state has no units of
        its own: where everything is learnt, many models describe the data equally well.

        Args:
            series: (T, M) array, NaN where a value is missing; or a list of such arrays.
            masks: None, a mask (T,) or (T, M), True where observed; or a list of masks.
            iterations: how many at most, 1 or more.
            tolerance: stop when an iteration gains less than this, in nats.
            learn: names of the matrices to learn, out of ``kalman_em.MATRICES``.

        Returns:
            The model itself.

        Raises:
            TypeError, ValueError: an argument is not of this type or shape, or infinite; or the
                series hold no two steps in a row, or nothing but missing values.
            RuntimeError: the likelihood fell: a covariance has shrunk to nothing, or a state grows
                so much that only rounding is left; or there is an error in an estimator.

        Source:
            Shumway & Stoffer (1982), An approach to time series smoothing and forecasting using
            the EM algorithm; Ghahramani & Hinton (1996), Parameter estimation for linear
            dynamical systems.
        """
        pairs = as_series_list(series, masks, len(self.observation))
        iterations = as_integer(iterations, "iterations", minimum=1)
        tolerance = as_real(tolerance, "tolerance", minimum=0)
        check_learning(pairs, learn)
        self.log_likelihoods, self.converged = [], False
        for iteration in range(iterations + 1):
            expected = expect(self, pairs)
            gain = rise(self.log_likelihoods, expected.log_likelihood, ADVICE)
            self.converged = gain < tolerance
            if self.converged or iteration == iterations:
                return self
            maximise(self, expected, learn)


def _root(covariance):
    """Return B (D, D) with B B^T = covariance, also where that is singular."""
    variances, directions = np.linalg.eigh(covariance)
    return directions * np.sqrt(np.maximum(variances, 0))
