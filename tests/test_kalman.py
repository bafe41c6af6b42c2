"""The model as a whole: likelihood, sampling, masks, many series, and bad input."""

import numpy as np
import pytest
from kalman_oracles import condition, random_model, with_gaps

from rnncourse.kalman import LinearGaussianModel

MODEL = random_model(3, 2, seed=0)


# ---------------------------------------------------------------- likelihood, several series


def test_log_likelihood_of_several_series_is_the_sum():
    series = [with_gaps(MODEL.sample(n, seed=n)[1], seed=n) for n in (13, 1, 7)]
    expected = sum(condition(MODEL, ys)[2] for ys in series if not np.isnan(ys).all())
    assert MODEL.log_likelihood(series) == pytest.approx(expected, abs=1e-8)
    assert MODEL.log_likelihood(tuple(series)) == MODEL.log_likelihood(series)
    stacked = np.array([MODEL.sample(11, seed=n)[1] for n in range(5)])  # (5, T, M)
    assert MODEL.log_likelihood(stacked) == MODEL.log_likelihood(list(stacked))


def test_masks_and_nan_say_the_same():
    ys = MODEL.sample(97, seed=0)[1]
    rng = np.random.default_rng(0)
    for mask in (rng.random(97) < 0.7, rng.random((97, 2)) < 0.7):
        both = mask if mask.ndim == 2 else np.repeat(mask[:, np.newaxis], 2, axis=1)
        hidden, wild = np.where(both, ys, np.nan), np.where(both, ys, np.inf)
        for method in (MODEL.filter, MODEL.smooth):
            for one, other in zip(method(hidden), method(wild, mask), strict=True):
                np.testing.assert_array_equal(one, other)
        assert MODEL.log_likelihood(hidden) == MODEL.log_likelihood([wild], [mask])
        assert MODEL.log_likelihood(hidden) == MODEL.log_likelihood(wild, mask)
    np.testing.assert_array_equal(
        MODEL.filter(ys, np.ones(97, bool)).means, MODEL.filter(ys.tolist()).means
    )


def test_what_is_missing_leaves_the_input_alone():
    ys = with_gaps(MODEL.sample(23, seed=0)[1], seed=0)
    before = ys.copy()
    MODEL.filter(ys, np.arange(23) < 11)
    np.testing.assert_array_equal(ys, before)


def test_nothing_observed_leaves_the_prior():
    filtered = MODEL.filter(np.full((5, 2), np.nan))
    np.testing.assert_array_equal(filtered.log_likelihoods, np.zeros(5))
    mean, covariance = MODEL.initial_mean, MODEL.initial_covariance
    for t in range(5):
        np.testing.assert_allclose(filtered.means[t], mean, atol=1e-12)
        np.testing.assert_allclose(filtered.covariances[t], covariance, atol=1e-12)
        mean = MODEL.transition @ mean
        covariance = MODEL.transition @ covariance @ MODEL.transition.T + MODEL.process_covariance


# ---------------------------------------------------------------- sampling


def test_samples_have_the_moments_of_the_model():
    rng = np.random.default_rng(0)
    draws = [MODEL.sample(4, rng) for _ in range(8_000)]
    rows = np.array([np.hstack(pair).ravel() for pair in draws])  # (N, 4 (D + M))
    mean, covariance, _ = condition(MODEL, np.full((4, 2), np.nan))
    covariance = covariance.reshape(20, 20)
    deviations = np.sqrt(np.diag(covariance))
    error = (rows.mean(axis=0) - mean.ravel()) / deviations
    assert np.abs(error).max() < 5 / np.sqrt(8_000)
    error = (np.cov(rows.T) - covariance) / np.outer(deviations, deviations)
    assert np.abs(error).max() < 7 / np.sqrt(8_000)


def test_samples_follow_the_seed_and_go_on_with_a_generator():
    states, ys = MODEL.sample(7, 3)
    assert (states.shape, ys.shape) == ((7, 3), (7, 2))
    assert (MODEL.sample(7, 3)[1] == ys).all()
    assert (MODEL.sample(7, 4)[1] != ys).all()
    rng = np.random.default_rng(3)
    assert (MODEL.sample(7, rng)[1] != MODEL.sample(7, rng)[1]).all()


def test_the_filter_is_as_sure_as_it_may_be():
    states, ys = MODEL.sample(20_011, seed=1)
    for known in (MODEL.filter(ys), MODEL.smooth(ys)):
        errors = states - known.means
        distances = np.einsum("ti,tij,tj->t", errors, np.linalg.inv(known.covariances), errors)
        assert distances.mean() == pytest.approx(3, abs=0.1)  # chi-squared with D degrees


# ---------------------------------------------------------------- bad input

GOOD = {
    "transition": np.eye(3),
    "observation": np.ones((2, 3)),
    "process_covariance": np.eye(3),
    "measurement_covariance": np.eye(2),
    "initial_mean": np.zeros(3),
    "initial_covariance": np.eye(3),
}
SKEWED = np.array([[1.0, 0.5], [0.4, 1.0]])
BAD_MATRICES = [
    ("transition", np.eye(2), ValueError, r"transition must have shape \(3, 3\), but has \(2, 2\)"),
    ("transition", np.eye(3)[0], ValueError, r"transition must have 2 dimension.*\(3,\)"),
    ("transition", np.eye(3) * np.nan, ValueError, "transition must be finite"),
    ("transition", [["a"]], TypeError, "transition must hold real numbers"),
    ("transition", [[1.0], [1.0, 2.0]], TypeError, "transition must be an array of numbers"),
    ("observation", np.ones(3), ValueError, "observation must have 2 dimension"),
    ("observation", np.ones((0, 3)), ValueError, "observation must have at least 1"),
    ("observation", np.ones((2, 0)), ValueError, r"observation must hold numbers.*\(2, 0\)"),
    ("observation", np.full((2, 3), np.inf), ValueError, "observation must be finite"),
    ("process_covariance", np.eye(2), ValueError, r"process_covariance must have shape \(3, 3\)"),
    ("process_covariance", -np.eye(3), ValueError, "process_covariance must be positive semidef"),
    ("process_covariance", 1.0, ValueError, "process_covariance must have 2 dimension"),
    ("measurement_covariance", SKEWED, ValueError, "measurement_covariance must be symmetric"),
    (
        "measurement_covariance",
        [[1.0, 2.0], [2.0, 1.0]],
        ValueError,
        "measurement_covariance must be positive semidefinite.* smallest eigenvalue is -1",
    ),
    (
        "measurement_covariance",
        np.eye(2) * np.nan,
        ValueError,
        "measurement_covariance must be fin",
    ),
    (
        "measurement_covariance",
        np.eye(3),
        ValueError,
        r"must have shape \(2, 2\), but has \(3, 3\)",
    ),
    (
        "initial_mean",
        np.zeros(2),
        ValueError,
        r"initial_mean must have shape \(3,\), but has \(2,\)",
    ),
    ("initial_mean", np.zeros((3, 1)), ValueError, "initial_mean must have 1 dimension"),
    ("initial_mean", [0, np.inf, 0], ValueError, "initial_mean must be finite, but 1 of its 3"),
    ("initial_covariance", np.ones((3, 2)), ValueError, "initial_covariance must have shape"),
    ("initial_covariance", np.diag([1.0, 1e-9, -1e-9]), ValueError, "must be positive semidef"),
    ("initial_covariance", np.tri(3), ValueError, "initial_covariance must be symmetric"),
]


@pytest.mark.parametrize(("name", "value", "error", "match"), BAD_MATRICES)
def test_bad_matrices(name, value, error, match):
    with pytest.raises(error, match=match):
        LinearGaussianModel(**{**GOOD, name: value})


def test_the_model_keeps_its_own_copies():
    matrices = {name: value.copy() for name, value in GOOD.items()}
    model = LinearGaussianModel(**matrices)
    for value in matrices.values():
        value *= 7
    for name, value in GOOD.items():
        np.testing.assert_array_equal(getattr(model, name), value)


HOLE = np.array([[1.0, 2.0], [np.inf, 1.0]])
BAD_OBSERVATIONS = [
    (
        np.ones(5),
        None,
        ValueError,
        r"observations must have shape \(T, 2\), T >= 1, but has \(5,\)",
    ),
    (np.ones((5, 3)), None, ValueError, r"observations must have shape \(T, 2\).*\(5, 3\)"),
    (np.ones((0, 2)), None, ValueError, r"observations must have shape \(T, 2\), T >= 1"),
    ([], None, ValueError, r"observations must have shape \(T, 2\), T >= 1, but has \(0,\)"),
    (np.ones((7, 5, 2)), None, ValueError, r"observations must have shape \(T, 2\)"),
    (HOLE, None, ValueError, "observations must be finite, or NaN where missing"),
    ([[1.0, 2.0], [1.0]], None, TypeError, "observations must be an array"),
    ([["a", "b"]], None, TypeError, "observations must hold real numbers"),
    (np.ones((5, 2), dtype=complex), None, TypeError, "observations must hold real numbers"),
    (None, None, TypeError, "observations must hold real numbers, but has dtype object"),
    (np.ones((5, 2)), np.ones(5), TypeError, "mask must hold booleans, but has dtype float64"),
    (np.ones((5, 2)), np.ones(3, bool), ValueError, r"mask must have shape \(5,\) or \(5, 2\)"),
    (np.ones((5, 2)), np.ones((5, 1), bool), ValueError, r"mask must have .* but has \(5, 1\)"),
    (np.ones((5, 2)), np.ones((2, 5), bool), ValueError, r"mask must have .* but has \(2, 5\)"),
]


@pytest.mark.parametrize(("ys", "mask", "error", "match"), BAD_OBSERVATIONS)
def test_bad_observations(ys, mask, error, match):
    calls = [MODEL.filter, MODEL.smooth, lambda ys, mask: MODEL.forecast(ys, 3, mask)]
    for call in calls:
        with pytest.raises(error, match=match):
            call(ys, mask)


BAD_CALLS = [
    (lambda: MODEL.forecast(np.ones((5, 2)), 0), ValueError, "steps must be at least 1, but is 0"),
    (
        lambda: MODEL.forecast(np.ones((5, 2)), -3),
        ValueError,
        "steps must be at least 1, but is -3",
    ),
    (lambda: MODEL.forecast(np.ones((5, 2)), 2.5), TypeError, "steps must be a whole number"),
    (lambda: MODEL.sample(0, 0), ValueError, "length must be at least 1"),
    (lambda: MODEL.sample(True, 0), TypeError, "length must be a whole number"),
    (lambda: MODEL.sample(5, None), TypeError, "seed must be a whole number"),
    (lambda: MODEL.sample(5, -1), ValueError, "seed must be at least 0"),
    (lambda: MODEL.log_likelihood([]), ValueError, "series must hold at least one series"),
    (lambda: MODEL.log_likelihood(np.ones(5)), ValueError, r"series must have shape \(T, 2\)"),
    (lambda: MODEL.log_likelihood([np.ones(5)]), ValueError, r"series\[0\] must have shape"),
    (lambda: MODEL.log_likelihood("ab"), TypeError, "series must be an array or a list"),
]


@pytest.mark.parametrize(("call", "error", "match"), BAD_CALLS)
def test_bad_calls(call, error, match):
    with pytest.raises(error, match=match):
        call()


def test_a_sample_that_overflows_is_an_error():
    model = LinearGaussianModel([[1e9]], [[1.0]], [[1.0]], [[1.0]], [1.0], [[1.0]])
    with pytest.raises(ValueError, match="transition makes the state overflow within 97 steps"):
        model.sample(97, 0)
    with pytest.raises(ValueError, match="transition makes the state overflow within 97 steps"):
        model.forecast([[1.0]], 97)
