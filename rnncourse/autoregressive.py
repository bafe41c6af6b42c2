"""Autoregressive models: the next value as a weighted sum of the last p values, plus noise.

x_t = c + phi_1 x_{t-1} + ... + phi_p x_{t-p} + e_t, with noise e_t of variance s^2
"""

import math
from statistics import NormalDist

import numpy as np

from rnncourse.autoregressive_fit import fit_least_squares
from rnncourse.forecasting import Forecast, companion_roots, drive, impulse_response, roll_out
from rnncourse.validate import as_array, as_generator, as_integer, as_real

NEAR_UNIT = 1 - 1e-5  # largest root from which a simulation can forget its start


class AutoregressiveModel:
    """An autoregressive model of a given order.

    Args:
        order: p, how many past values a prediction sees; 0 or more.

    Attributes:
        order: p.
        intercept: c, float; None before ``fit``.
        coefficients: phi, shape (p,), lag 1 first; None before ``fit``.
        noise_variance: s^2, float; None before ``fit``.

    Raises:
        TypeError, ValueError: ``order`` is not a whole number of 0 or more.
    """

    def __init__(self, order):
        self.order = as_integer(order, "order", minimum=0)
        self.intercept = self.coefficients = self.noise_variance = None

    @staticmethod
    def from_parameters(intercept, coefficients, noise_variance):
        """Build a model from known parameters instead of fitting it.

        Args:
            intercept: c, a finite number.
            coefficients: shape (p,), finite, lag 1 first; empty for order 0.
            noise_variance: s^2, a number of 0 or more.

        Returns:
            AutoregressiveModel of order p.

        Raises:
            TypeError, ValueError: an argument is not numeric or not in the range above.
        """
        coefficients = as_array(coefficients, "coefficients", ndim=1, min_length=0).copy()
        model = AutoregressiveModel(len(coefficients))
        model.intercept = as_real(intercept, "intercept")
        model.coefficients = coefficients
        model.noise_variance = as_real(noise_variance, "noise_variance", minimum=0)
        return model

    def fit(self, series, estimator=fit_least_squares):
        """Estimate all parameters, with ``fit_least_squares``, ``fit_yule_walker`` or another.

        Args:
            series: (T,) the series to learn from.
            estimator: function (series, order) -> intercept, coefficients, noise_variance.

        Returns:
            The model itself.

        Raises:
            TypeError, ValueError: ``series`` is not what the estimator needs.
        """
        self.intercept, self.coefficients, self.noise_variance = estimator(series, self.order)
        return self

    def predict(self, windows):
        """Predict the value that follows each window.

        Args:
            windows: (N, p) past values, the oldest first.

        Returns:
            (N,) predictions.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: ``windows`` is not numeric, not finite or not (N, p).
        """
        self._require_fit()
        windows = as_array(windows, "windows", ndim=2, min_length=0)
        if windows.shape[1] != self.order:
            raise ValueError(f"windows must have shape (N, {self.order}), but has {windows.shape}")
        return self.intercept + windows[:, ::-1] @ self.coefficients  # (N,)

    def predict_one_step(self, series):
        """Predict each value of a series from the p true values before it.

        Args:
            series: (T,) finite numbers, T > p.

        Returns:
            (T - p,) predictions of ``series[p:]``.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: ``series`` is not numeric, too short, not 1-D or not finite.
        """
        self._require_fit()
        series = as_array(series, "series", ndim=1, min_length=self.order + 1)
        windows = np.lib.stride_tricks.sliding_window_view(series[:-1], self.order)  # (T - p, p)
        return self.predict(windows)

    def residuals(self, series):
        """Compute the errors of the one-step predictions: truth minus prediction.

        Args:
            series: (T,) finite numbers, T > p.

        Returns:
            (T - p,) errors of the predictions of ``series[p:]``.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: ``series`` is not numeric, too short, not 1-D or not finite.
        """
        predictions = self.predict_one_step(series)
        return np.asarray(series)[self.order :] - predictions

    def forecast(self, history, steps, level=0.95):
        """Predict the values after a history, with an interval for each of them.

        The interval is exact for the right model with Gaussian noise; it ignores errors of fit.

        Args:
            history: (T,) finite known values, T >= p; only the last p of them matter.
            steps: how many steps to predict, 1 or more.
            level: probability that one value falls into its interval, between 0 and 1.

        Returns:
            Forecast: mean, lower and upper, each (steps,).

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: an argument is not numeric or not in the range above.

        Source:
            Box & Jenkins (1970), Time Series Analysis: Forecasting and Control, chapter 5.
        """
        self._require_fit()
        windows = self._last_window(history)[np.newaxis]  # (1, p)
        mean = roll_out(self.predict, windows, steps)[0]  # (steps,)
        psi = impulse_response(self.coefficients, steps)  # (steps,)
        deviation = np.sqrt(self.noise_variance * np.cumsum(psi**2))  # (steps,)
        if not 0 < as_real(level, "level") < 1:
            raise ValueError(f"level must lie between 0 and 1, but is {level!r}")
        width = NormalDist().inv_cdf((1 + level) / 2) * deviation
        return Forecast(mean, mean - width, mean + width)

    def aic(self, series):
        """Compute Akaike's information criterion, -2 L + 2 k, as statsmodels' ``AutoReg`` does.

        L is the Gaussian log-likelihood of the T - p one-step predictions, in nats; k = p + 2
        counts the coefficients, the intercept and the variance.

        Args:
            series: (T,) the series that the model was fitted to.

        Returns:
            float; smaller is better. Two values compare only where T - p is the same.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: ``series`` is not fit for ``residuals``, or predicted exactly.

        Source:
            Akaike (1974), A new look at the statistical model identification.
        """
        return -2 * self._log_likelihood(series) + 2 * (self.order + 2)

    def bic(self, series):
        """Compute Schwarz's information criterion, -2 L + k ln(T - p): see ``aic``.

        Args:
            series: (T,) the series that the model was fitted to.

        Returns:
            float; smaller is better. Two values compare only where T - p is the same.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: ``series`` is not fit for ``residuals``, or predicted exactly.

        Source:
            Schwarz (1978), Estimating the dimension of a model.
        """
        likelihood = self._log_likelihood(series)
        return math.log(len(series) - self.order) * (self.order + 2) - 2 * likelihood

    @property
    def roots(self):
        """Return the complex roots, shape (p,), as ``forecasting.companion_roots`` does."""
        self._require_fit()
        return companion_roots(self.coefficients)

    @property
    def is_stationary(self):
        """Return whether every root lies inside the unit circle, so that every shock dies out."""
        return bool(np.all(np.abs(self.roots) < 1))

    def simulate(self, length, seed, history=None):
        """Draw a series from the model, with Gaussian noise.

        Args:
            length: how many values, 1 or more.
            seed: a whole number or a ``numpy.random.Generator``.
            history: (T,) finite values to continue, T >= p; or None to start long before.

        Returns:
            (length,) array, without the history.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: bad argument, or no history for a model without stationarity.
        """
        self._require_fit()
        length = as_integer(length, "length", minimum=1)
        burn_in = self._burn_in() if history is None else 0
        start = self._last_window(np.zeros(self.order) if history is None else history)
        noise = as_generator(seed).normal(0.0, np.sqrt(self.noise_variance), burn_in + length)
        return drive(self.coefficients, start, self.intercept + noise)[burn_in:]

    def _burn_in(self):
        largest = np.abs(self.roots).max(initial=0.0)
        if largest > NEAR_UNIT:
            raise ValueError(f"history must be given: the largest root has modulus {largest:.6f}")
        return int(np.ceil(np.log(1e-9) / np.log(largest))) if largest else 0

    def _last_window(self, history):
        history = as_array(history, "history", ndim=1, min_length=self.order)
        return history[len(history) - self.order :]

    def _log_likelihood(self, series):
        residuals = self.residuals(series)
        if (variance := np.mean(residuals**2)) == 0:
            raise ValueError("series is predicted without error: its likelihood is infinite")
        return float(-len(residuals) / 2 * (np.log(2 * np.pi * variance) + 1))

    def _require_fit(self):
        if self.coefficients is None:
            raise RuntimeError("this model has no coefficients yet: call fit(series) first")
