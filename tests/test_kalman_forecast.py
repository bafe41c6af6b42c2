"""Forecasts: against one big Gaussian, statsmodels, and samples."""

import numpy as np
import pytest
from kalman_oracles import condition, random_model, reference, with_gaps

from rnncourse.kalman import LinearGaussianModel
from rnncourse.kalman_forecast import forecast_series, interval


@pytest.mark.parametrize("gaps", [False, True])
def test_forecast_equals_conditioning_of_one_big_gaussian(gaps):
    model = random_model(3, 2, seed=0)
    ys = model.sample(12, seed=0)[1]
    ys[7:] = np.nan
    ys[:7] = with_gaps(ys[:7], seed=0) if gaps else ys[:7]
    means, covariances, _ = condition(model, ys)
    outlook = model.forecast(ys[:7], 5)
    np.testing.assert_allclose(outlook.state_means, means[7:, :3], atol=1e-10)
    np.testing.assert_allclose(outlook.means, means[7:, 3:], atol=1e-10)
    for k in range(5):
        block = covariances[7 + k, :, 7 + k]
        np.testing.assert_allclose(outlook.state_covariances[k], block[:3, :3], atol=1e-10)
        np.testing.assert_allclose(outlook.covariances[k], block[3:, 3:], atol=1e-10)


@pytest.mark.parametrize("last_rows_missing", [0, 5])
def test_forecast_equals_statsmodels(last_rows_missing):
    model = random_model(4, 2, seed=1)
    ys = model.sample(307, seed=0)[1]
    ys[len(ys) - last_rows_missing :] = np.nan
    theirs = reference(model, ys).filter().predict(start=307, end=307 + 19)
    ours = model.forecast(ys, 19)
    np.testing.assert_allclose(ours.means, theirs.forecasts.T, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours.covariances, theirs.forecasts_error_cov.T, rtol=1e-8)


def test_a_missing_end_is_a_forecast():
    model = random_model(3, 2, seed=2)
    ys = model.sample(53, seed=0)[1]
    ys[41:] = np.nan
    filtered, outlook = model.filter(ys), model.forecast(ys[:41], 12)
    np.testing.assert_allclose(filtered.means[41:], outlook.state_means, atol=1e-12)
    np.testing.assert_allclose(filtered.covariances[41:], outlook.state_covariances, atol=1e-12)
    np.testing.assert_allclose(
        filtered.innovation_covariances[41:], outlook.covariances, atol=1e-12
    )


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_intervals_cover_as_often_as_they_say(level):
    model, rng = random_model(2, 2, seed=3), np.random.default_rng(0)
    inside = []
    for _ in range(800):
        ys = model.sample(11, rng)[1]
        outlook = model.forecast(ys[:8], 3)
        lower, upper = interval(outlook.means, outlook.covariances, level)
        inside.append((lower < ys[8:]) & (ys[8:] < upper))
    np.testing.assert_allclose(np.mean(inside, axis=0), level, atol=0.07)


def test_an_interval_by_pencil():
    lower, upper = interval([[1.0, 2.0]], [[[4.0, 1.0], [1.0, 9.0]]])
    np.testing.assert_allclose(lower, [[1 - 1.96 * 2, 2 - 1.96 * 3]], atol=1e-3)
    np.testing.assert_allclose(upper, [[1 + 1.96 * 2, 2 + 1.96 * 3]], atol=1e-3)


def test_a_random_walk_widens_with_the_root_of_time():
    walk = LinearGaussianModel([[1.0]], [[1.0]], [[2.0]], [[3.0]], [0.0], [[1.0]])
    outlook = walk.forecast(np.zeros((1000, 1)), 7)
    assert np.diff(outlook.state_covariances[:, 0, 0]) == pytest.approx(2.0)
    assert (outlook.covariances - outlook.state_covariances).ravel() == pytest.approx(3.0)
    assert (outlook.means == outlook.means[0]).all()


BAD = [
    (lambda: interval(np.ones(3), np.eye(3)), ValueError, "means must have 2 dimension"),
    (lambda: interval(np.ones((5, 3)), np.eye(3)), ValueError, "covariances must have 3 dimension"),
    (
        lambda: interval(np.ones((5, 3)), np.ones((5, 2, 2))),
        ValueError,
        r"covariances must have shape \(5, 3, 3\), but has \(5, 2, 2\)",
    ),
    (lambda: interval(np.ones((1, 1)), np.ones((1, 1, 1)), 1.0), ValueError, "level must lie"),
    (lambda: interval(np.ones((1, 1)), np.ones((1, 1, 1)), "a"), TypeError, "level must be a num"),
    (lambda: interval(np.ones((1, 1)), -np.ones((1, 1, 1))), ValueError, "negative variance"),
    (lambda: forecast_series(None, None, 0), ValueError, "steps must be at least 1"),
]


@pytest.mark.parametrize(("call", "error", "match"), BAD)
def test_bad_input(call, error, match):
    with pytest.raises(error, match=match):
        call()
