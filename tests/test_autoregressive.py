"""Autoregressive models: against statsmodels, against pencil and paper, against simulation."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import yule_walker
from statsmodels.tsa.ar_model import AutoReg, ar_select_order
from statsmodels.tsa.arima_process import arma2ma
from statsmodels.tsa.stattools import acovf, levinson_durbin, pacf

from benchmarks import timing
from rnncourse.autocorrelation import autocovariance, levinson, partial_autocorrelation
from rnncourse.autoregressive import AutoregressiveModel
from rnncourse.autoregressive_fit import (
    fit_least_squares,
    fit_yule_walker,
    lag_covariance,
    lag_matrix,
)
from rnncourse.forecasting import companion_roots, drive, impulse_response, roll_out
from rnncourse.order_selection import compare_orders

ORDERS = [0, 1, 2, 7, 13]
TRUE = AutoregressiveModel.from_parameters(3.0, [0.5, -0.4, 0.3], 0.7)
ESTIMATORS = [fit_least_squares, fit_yule_walker]


def noisy(length=211, seed=0):
    """A series with a level, a trend, a period and noise."""
    t = np.arange(length)
    noise = np.random.default_rng(seed).normal(size=length)
    return 300 + 0.02 * t + 2 * np.sin(t / 5) + noise


# ---------------------------------------------------------------- equal to statsmodels


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_least_squares_equals_statsmodels(order, seed):
    series = noisy(seed=seed)
    reference = AutoReg(series, lags=order).fit()
    model = AutoregressiveModel(order).fit(series)
    assert model.intercept == pytest.approx(reference.params[0], rel=1e-8)
    np.testing.assert_allclose(model.coefficients, reference.params[1:], rtol=0, atol=1e-8)
    assert model.noise_variance == pytest.approx(reference.sigma2, rel=1e-8)
    np.testing.assert_allclose(model.residuals(series), reference.resid, rtol=0, atol=1e-8)
    np.testing.assert_allclose(model.predict_one_step(series), reference.fittedvalues, rtol=1e-8)
    assert model.aic(series) == pytest.approx(reference.aic, rel=1e-8)
    assert model.bic(series) == pytest.approx(reference.bic, rel=1e-8)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_forecast_equals_statsmodels(order, level):
    series = noisy()
    ours = AutoregressiveModel(order).fit(series).forecast(series, 17, level=level)
    reference = AutoReg(series, lags=order).fit().get_prediction(len(series), len(series) + 16)
    np.testing.assert_allclose(ours.mean, reference.predicted_mean, rtol=1e-8)
    interval = reference.conf_int(alpha=1 - level)
    np.testing.assert_allclose(ours.lower, interval[:, 0], rtol=1e-8)
    np.testing.assert_allclose(ours.upper, interval[:, 1], rtol=1e-8)


@pytest.mark.parametrize("order", [1, 2, 7, 13])
def test_yule_walker_equals_statsmodels(order):
    series = noisy()
    coefficients, deviation = yule_walker(series, order, method="mle", result_object=True)[:2]
    intercept, ours, variance = fit_yule_walker(series, order)
    np.testing.assert_allclose(ours, coefficients, rtol=0, atol=1e-8)
    assert variance == pytest.approx(deviation**2, rel=1e-8)
    assert intercept == pytest.approx(series.mean() * (1 - ours.sum()), rel=1e-12)


def test_autocovariance_levinson_and_pacf_equal_statsmodels():
    series = noisy()
    gamma = autocovariance(series, 13)
    np.testing.assert_allclose(gamma, acovf(series, nlag=13), rtol=0, atol=1e-8)
    variance, coefficients, partial, variances, _ = levinson_durbin(gamma, nlags=13, isacov=True)
    ours = levinson(gamma)
    np.testing.assert_allclose(ours.coefficients, coefficients, rtol=0, atol=1e-8)
    np.testing.assert_allclose(ours.partial, partial[1:], rtol=0, atol=1e-8)
    np.testing.assert_allclose(ours.variances[1:], variances[1:], rtol=0, atol=1e-8)
    assert ours.variances[-1] == pytest.approx(variance, rel=1e-8)
    reference = pacf(series, nlags=13, method="ldb")
    np.testing.assert_allclose(partial_autocorrelation(series, 13), reference, rtol=0, atol=1e-8)


def test_orders_compare_as_in_statsmodels():
    series = noisy()
    ours = compare_orders(series, 9)
    for order in range(10):
        reference = AutoReg(series, lags=order, hold_back=9).fit()
        assert ours.aic[order] == pytest.approx(reference.aic, rel=1e-8)
        assert ours.bic[order] == pytest.approx(reference.bic, rel=1e-8)
    for ic, order in [("aic", ours.order_by_aic), ("bic", ours.order_by_bic)]:
        assert len(ar_select_order(series, maxlag=9, ic=ic).ar_lags) == order
    assert ours.order_by_aic != ours.order_by_bic  # or the two could be swapped


@pytest.mark.parametrize("order", [0, 1, 2, 5])
def test_impulse_response_equals_statsmodels(order):
    coefficients = np.array([0.5, -0.4, 0.3, 0.1, -0.2])[:order]
    reference = arma2ma(np.append(1.0, -coefficients), [1.0], 11)
    np.testing.assert_allclose(impulse_response(coefficients, 11), reference, rtol=0, atol=1e-12)


# ---------------------------------------------------------------- by hand and by brute force


def test_lag_matrix_by_hand():
    assert lag_matrix([1.0, 2.0, 3.0, 5.0, 8.0], 2).tolist() == [[2, 1], [3, 2], [5, 3]]
    assert lag_matrix([1.0, 2.0, 3.0], 0).shape == (3, 0)


@pytest.mark.parametrize("order", ORDERS)
def test_lag_covariance_is_that_of_the_lag_matrix(order):
    series = noisy(length=29) - 300
    columns = np.column_stack([series[order:], lag_matrix(series, order)])
    np.testing.assert_allclose(
        lag_covariance(series, order), np.cov(columns.T, bias=True).reshape(order + 1, -1)
    )


def test_one_step_of_levinson_by_hand():
    solution = levinson([2.0, 1.0, 0.0])  # phi_11 = 1/2, left 3/2; phi_22 = (0 - 1/2) / (3/2)
    np.testing.assert_allclose(solution.partial, [1 / 2, -1 / 3])
    np.testing.assert_allclose(solution.coefficients, [2 / 3, -1 / 3])
    np.testing.assert_allclose(solution.variances, [2, 3 / 2, 4 / 3])


@pytest.mark.parametrize("order", [1, 2, 7])
def test_levinson_solves_the_yule_walker_equations(order):
    gamma = autocovariance(noisy(), order)
    matrix = gamma[np.abs(np.subtract.outer(np.arange(order), np.arange(order)))]
    np.testing.assert_allclose(matrix @ levinson(gamma).coefficients, gamma[1:], rtol=0, atol=1e-12)


def test_drive_and_forecast_by_hand():
    assert drive([2.0, -1.0], [10.0, 20.0], [1.0, 0.0]).tolist() == [31.0, 42.0]
    model = AutoregressiveModel.from_parameters(1.0, [0.5, 0.25], 4.0)
    forecast = model.forecast([99.0, 4.0, 8.0], 2, level=0.95)  # 1 + 4 + 1, then 1 + 3 + 2
    np.testing.assert_allclose(forecast.mean, [6.0, 6.0])
    np.testing.assert_allclose(forecast.upper - 6, 1.959964 * np.array([2, np.sqrt(5)]), rtol=1e-6)
    np.testing.assert_allclose(6 - forecast.lower, forecast.upper - 6)


def test_roll_out_uses_its_own_predictions_only():
    windows = np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 6.0]])
    sums = roll_out(lambda rows: rows.sum(axis=1), windows, 4)
    assert sums.tolist() == [[6, 11, 20, 37], [16, 27, 49, 92]]
    assert windows.tolist() == [[1, 2, 3], [5, 5, 6]]


def test_roll_out_equals_forecast_for_every_start():
    series, order = noisy(), 5
    model = AutoregressiveModel(order).fit(series)
    rows = np.array([series[t - order : t] for t in range(order, 20)])
    rolled = roll_out(model.predict, rows, 7)
    expected = [model.forecast(series[:t], 7).mean for t in range(order, 20)]
    np.testing.assert_allclose(rolled, expected)


def test_order_zero_is_the_mean():
    series = noisy()
    model = AutoregressiveModel(0).fit(series)
    assert model.intercept == pytest.approx(series.mean())
    assert model.noise_variance == pytest.approx(series.var())
    assert model.roots.shape == (0,) and model.is_stationary
    np.testing.assert_allclose(model.forecast(series, 3).mean, series.mean())


# ---------------------------------------------------------------- roots and stationarity


def test_roots_are_eigenvalues_of_the_companion_matrix():
    coefficients = np.array([0.4, 0.2, -0.3, 0.1, 0.25])
    companion = np.vstack([coefficients, np.eye(5)[:-1]])
    ours, expected = companion_roots(coefficients), np.linalg.eigvals(companion)
    np.testing.assert_allclose(np.sort_complex(ours), np.sort_complex(expected), rtol=0, atol=1e-12)
    assert np.all(np.diff(np.abs(ours)) <= 1e-12)


def test_roots_are_reciprocals_of_those_of_statsmodels():
    series = noisy()
    reference = 1 / AutoReg(series, lags=5).fit().roots
    ours = AutoregressiveModel(5).fit(series).roots
    np.testing.assert_allclose(np.sort_complex(ours), np.sort_complex(reference), rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("coefficients", "stationary"),
    [([0.99], True), ([1.0], False), ([-1.2], False), ([1.5, -0.56], True), ([0.6, 0.5], False)],
)
def test_is_stationary(coefficients, stationary):
    assert AutoregressiveModel.from_parameters(0, coefficients, 1).is_stationary is stationary


@pytest.mark.parametrize("seed", range(5))
def test_yule_walker_is_always_stationary(seed):
    walk = np.random.default_rng(seed).normal(size=31).cumsum()
    assert AutoregressiveModel(7).fit(walk, fit_yule_walker).is_stationary


# ---------------------------------------------------------------- without noise


@pytest.mark.parametrize("frequency", [0.01, 0.3, 2.0])
def test_a_pure_sine_is_recovered_exactly(frequency):
    sine = np.sin(frequency * np.arange(1000))
    model = AutoregressiveModel(2).fit(sine)
    np.testing.assert_allclose(model.coefficients, [2 * np.cos(frequency), -1], rtol=0, atol=1e-10)
    future = np.sin(frequency * np.arange(1000, 1064))
    np.testing.assert_allclose(model.forecast(sine, 64).mean, future, atol=1e-7)


@pytest.mark.parametrize("order", [3, 4, 16])
def test_more_lags_than_a_pure_sine_needs_do_no_harm(order):
    sine = 7 + np.sin(0.01 * np.arange(1000))
    model = AutoregressiveModel(order).fit(sine)
    assert np.abs(model.residuals(sine)).max() < 1e-9
    future = 7 + np.sin(0.01 * np.arange(1000, 1064))
    np.testing.assert_allclose(model.forecast(sine, 64).mean, future, atol=1e-6)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("level", [0.0, 1e6])
def test_scale_and_level_do_not_matter(scale, level):
    series = noisy() - 300
    plain, moved = (AutoregressiveModel(3).fit(x) for x in (series, scale * (series + level)))
    np.testing.assert_allclose(moved.coefficients, plain.coefficients, rtol=1e-7)
    assert moved.noise_variance == pytest.approx(scale**2 * plain.noise_variance, rel=1e-7)


@pytest.mark.parametrize(("frequency", "noise_sd", "order"), [(0.01, 1e-4, 5), (3e-4, 0.0, 2)])
def test_lags_that_are_nearly_alike_cost_no_digits(frequency, noise_sd, order):
    noise = noise_sd * np.random.default_rng(0).normal(size=5000)
    series = np.sin(frequency * np.arange(5000)) + noise
    lags = lag_matrix(series, order)
    q, r = np.linalg.qr(lags - lags.mean(axis=0))
    expected = np.linalg.solve(r, q.T @ (series[order:] - series[order:].mean()))
    np.testing.assert_allclose(fit_least_squares(series, order)[1], expected, rtol=0, atol=1e-10)


def test_an_explosive_series_is_fitted_as_by_a_direct_solver():
    series = 1.2 ** np.arange(97) + np.random.default_rng(0).normal(size=97)
    design = np.column_stack([np.ones(95), lag_matrix(series, 2)])
    direct = np.linalg.lstsq(design, series[2:])[0]
    intercept, coefficients, _ = fit_least_squares(series, 2)
    np.testing.assert_allclose([intercept, *coefficients], direct, rtol=1e-6)


# ---------------------------------------------------------------- simulation


def test_simulation_has_the_moments_of_the_model():
    series = TRUE.simulate(200_000, seed=0)
    assert series.mean() == pytest.approx(3.0 / (1 - 0.5 + 0.4 - 0.3), abs=0.02)
    psi = impulse_response(TRUE.coefficients, 200)
    for lag in range(4):
        expected = 0.7 * psi[: 200 - lag] @ psi[lag:]
        assert autocovariance(series, lag)[-1] == pytest.approx(expected, abs=0.02)


def test_the_start_of_a_simulation_is_like_any_other_part():
    slow = AutoregressiveModel.from_parameters(
        1.0, [0.95], 1.0
    )  # mean 20, variance 1 / (1 - .9025)
    rng = np.random.default_rng(0)
    first = np.array([slow.simulate(1, rng)[0] for _ in range(3000)])
    assert first.mean() == pytest.approx(20, abs=0.25)
    assert first.var() == pytest.approx(1 / (1 - 0.95**2), rel=0.1)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_fit_finds_the_coefficients_behind_a_simulation(estimator):
    model = AutoregressiveModel(3).fit(TRUE.simulate(100_000, seed=1), estimator)
    np.testing.assert_allclose(model.coefficients, TRUE.coefficients, atol=0.015)
    assert model.intercept == pytest.approx(3.0, abs=0.06)
    assert model.noise_variance == pytest.approx(0.7, abs=0.02)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_intervals_cover_as_often_as_they_say(level):
    history, rng = [1.0, 4.0, 2.0], np.random.default_rng(2)
    futures = np.array([TRUE.simulate(11, rng, history=history) for _ in range(4000)])
    forecast = TRUE.forecast(history, 11, level=level)
    inside = (forecast.lower < futures) & (futures < forecast.upper)
    np.testing.assert_allclose(inside.mean(axis=0), level, atol=0.03)


def test_simulate_takes_a_seed_and_goes_on_with_a_generator():
    assert (TRUE.simulate(5, 3) == TRUE.simulate(5, 3)).all()
    assert (TRUE.simulate(5, 3) != TRUE.simulate(5, 4)).all()
    rng = np.random.default_rng(3)
    assert (TRUE.simulate(5, rng) != TRUE.simulate(5, rng)).all()


def test_a_random_walk_is_simulated_from_its_history_only():
    walk = AutoregressiveModel.from_parameters(0, [1.0], 1.0)
    with pytest.raises(ValueError, match="history must be given: the largest root has modulus 1"):
        walk.simulate(5, 0)
    assert walk.simulate(7, 0, history=[100.0]).shape == (7,)


def test_an_estimator_of_the_readers_own():
    model = AutoregressiveModel(2).fit([1.0, 2.0], lambda series, order: (0, np.ones(order), 1))
    assert model.forecast([1.0, 1.0], 3).mean.tolist() == [2, 3, 5]


# ---------------------------------------------------------------- speed


def test_twenty_lags_take_at_most_a_tenth_of_the_time_of_statsmodels():
    series = TRUE.simulate(100_000, seed=0)
    ratio = timing.compare(
        "AR(20)",
        lambda: AutoregressiveModel(20).fit(series),
        lambda: AutoReg(series, lags=20).fit(),
        rounds=3,
    )
    assert ratio.of_minima <= 0.1


# ---------------------------------------------------------------- bad input

BAD_SERIES = [
    ([1.0, 2.0, np.nan, 3.0, 1.0, 2.0, 5.0], ValueError, "series must be finite, but 1 of its 7"),
    ([1.0, 2.0, np.inf, 3.0, 1.0, 2.0, 5.0], ValueError, "series must be finite"),
    ([4.0] * 9, ValueError, "series must vary, but every value is 4.0"),
    ([], ValueError, "series must have at least"),
    ([1.0, 2.0], ValueError, "for order 2, but has 2"),
    (np.ones((7, 3)), ValueError, "series must have 1 dimension"),
    (3.0, ValueError, "series must have 1 dimension"),
    (["a", "b", "c", "d", "e", "f"], TypeError, "series must hold real numbers"),
    ([1j, 2j, 3j, 4j, 5j, 6j], TypeError, "series must hold real numbers"),
    (None, TypeError, "series must hold real numbers"),
    ([[1.0], [2.0, 3.0]], TypeError, "series must be an array of numbers"),
]
BAD_ORDERS = [
    (-1, ValueError, "order must be at least 0, but is -1"),
    (1.5, TypeError, "order must be a whole number, but is 1.5"),
    ("2", TypeError, "order must be a whole number"),
    (True, TypeError, "order must be a whole number"),
]


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(("series", "error", "match"), BAD_SERIES)
def test_bad_series(estimator, series, error, match):
    with pytest.raises(error, match=match):
        estimator(series, 2)
    with pytest.raises(error, match=match):
        AutoregressiveModel(2).fit(series, estimator)


@pytest.mark.parametrize(("order", "error", "match"), BAD_ORDERS)
def test_bad_order(order, error, match):
    for function in (*ESTIMATORS, lag_matrix, lag_covariance):
        with pytest.raises(error, match=match):
            function(noisy(), order)
    with pytest.raises(error, match=match):
        AutoregressiveModel(order)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_order_beyond_the_length(estimator):
    with pytest.raises(ValueError, match=r"at least \d+ values for order 11, but has 11"):
        estimator(noisy(length=11), 11)


def test_least_squares_needs_more_equations_than_unknowns():
    with pytest.raises(ValueError, match="at least 12 values for order 5, but has 11"):
        fit_least_squares(noisy(length=11), 5)
    assert fit_least_squares(noisy(length=12), 5)[1].shape == (5,)


USES = [
    lambda model: model.predict(np.ones((3, 2))),
    lambda model: model.predict_one_step(noisy()),
    lambda model: model.residuals(noisy()),
    lambda model: model.forecast(noisy(), 3),
    lambda model: model.aic(noisy()),
    lambda model: model.bic(noisy()),
    lambda model: model.roots,
    lambda model: model.is_stationary,
    lambda model: model.simulate(3, 0),
]


@pytest.mark.parametrize("use", USES)
def test_use_before_fit(use):
    with pytest.raises(RuntimeError, match="no coefficients yet: call fit"):
        use(AutoregressiveModel(2))
    use(AutoregressiveModel(2).fit(noisy()))


BAD_CALLS = [
    (lambda: TRUE.forecast([1.0, 2.0], 3), ValueError, "history must have at least 3"),
    (lambda: TRUE.forecast([1.0, np.nan, 2.0], 3), ValueError, "history must be finite"),
    (lambda: TRUE.forecast([1.0, 2.0, 3.0], 0), ValueError, "steps must be at least 1"),
    (lambda: TRUE.forecast([1.0, 2.0, 3.0], 2.5), TypeError, "steps must be a whole number"),
    (lambda: TRUE.forecast([1.0, 2.0, 3.0], 2, level=1), ValueError, "level must lie between"),
    (lambda: TRUE.forecast([1.0, 2.0, 3.0], 2, level="1"), TypeError, "level must be a number"),
    (lambda: TRUE.predict(np.ones((5, 2))), ValueError, r"windows must have shape \(N, 3\)"),
    (lambda: TRUE.predict(np.ones(3)), ValueError, "windows must have 2 dimension"),
    (lambda: TRUE.predict_one_step([1.0, 2.0, 3.0]), ValueError, "at least 4 value"),
    (lambda: TRUE.residuals("abc"), TypeError, "series must hold real numbers"),
    (lambda: TRUE.bic(5), ValueError, "series must have 1 dimension"),
    (lambda: TRUE.simulate(0, 0), ValueError, "length must be at least 1"),
    (lambda: TRUE.simulate(3, -1), ValueError, "seed must be at least 0"),
    (lambda: TRUE.simulate(3, None), TypeError, "seed must be a whole number"),
    (lambda: TRUE.simulate(3, 0, history=[1.0]), ValueError, "history must have at least 3"),
    (lambda: autocovariance([1.0, 2.0], 2), ValueError, "max_lag must be at least 0 and at most 1"),
    (lambda: partial_autocorrelation([2.0, 2.0, 2.0], 1), ValueError, "series must vary"),
    (lambda: partial_autocorrelation(noisy(), -1), ValueError, "max_lag must be at least 0"),
    (lambda: partial_autocorrelation([1.0, 2.0], 2), ValueError, "at least 3 values"),
    (lambda: levinson([]), ValueError, "autocovariances must have at least 1"),
    (lambda: levinson([1.0, 2.0, 1.0]), ValueError, "those of a series, but not at lag 1"),
    (lambda: levinson([0.0, 0.0]), ValueError, "those of a series, but not at lag 1"),
    (lambda: levinson([1.0, 2.0]), ValueError, "those of a series, but not at lag 1"),
    (lambda: drive([0.5, 0.1], [1.0], [0.0]), ValueError, "start must have 2 values"),
    (lambda: impulse_response([0.5], 0), ValueError, "steps must be at least 1"),
    (lambda: companion_roots([[0.5]]), ValueError, "coefficients must have 1 dimension"),
    (lambda: roll_out(lambda rows: rows, np.ones((5, 2)), 3), ValueError, r"shape \(5,\)"),
    (lambda: roll_out(lambda rows: 1.0, np.ones((5, 2)), 3), ValueError, r"but gave \(\)"),
    (lambda: roll_out(TRUE.predict, np.ones((5, 3)), -2), ValueError, "steps must be at least 1"),
    (lambda: compare_orders(noisy(length=11), 5), ValueError, "at least 12 values for order 5"),
    (lambda: compare_orders(noisy(), -3), ValueError, "max_order must be at least 0"),
    (
        lambda: AutoregressiveModel.from_parameters(0, [0.5], -1),
        ValueError,
        "noise_variance must be at least 0",
    ),
    (
        lambda: AutoregressiveModel.from_parameters(0, [np.nan], 1),
        ValueError,
        "coefficients must be finite",
    ),
    (
        lambda: AutoregressiveModel.from_parameters(0, [1.0], 1).aic([2.0, 2.0, 2.0]),
        ValueError,
        "predicted without error",
    ),
]


@pytest.mark.parametrize(("call", "error", "match"), BAD_CALLS)
def test_bad_calls(call, error, match):
    with pytest.raises(error, match=match):
        call()
