"""Expectation maximisation: against moments of one big Gaussian, and against a known optimum."""

import numpy as np
import pytest
import statsmodels.api as sm
from kalman_oracles import condition, random_model, with_gaps

from rnncourse import kalman
from rnncourse.kalman import LinearGaussianModel
from rnncourse.kalman_em import MATRICES, regression

SUBSETS = [
    MATRICES,
    ("transition",),
    ("observation",),
    ("process_covariance", "measurement_covariance"),
    ("transition", "measurement_covariance", "initial_covariance"),
    ("initial_mean",),
]


def three_series(model):
    """Three series of different lengths: whole, with gaps, and of a single step."""
    ys = [model.sample(steps, seed=steps)[1] for steps in (13, 7, 1)]
    return [ys[0], with_gaps(ys[1], seed=1), ys[2]]


def brute_force_step(model, series, learn):
    """One iteration, written with the posterior of all states and missing values at once."""
    d = len(model.transition)
    steps, readings, n_steps, n_readings, firsts = 0, 0, 0, 0, []
    for ys in series:
        means, covariances, _ = condition(model, ys)
        second = covariances + np.multiply.outer(means, means)  # (T, D + M, T, D + M)
        for t in range(len(ys) - 1):
            rows = second[t, :d][:, [t, t + 1], :d], second[t + 1, :d][:, [t, t + 1], :d]
            steps = steps + np.vstack([np.hstack([row[:, 0], row[:, 1]]) for row in rows])
            n_steps += 1
        for t in np.flatnonzero(~np.isnan(ys).all(axis=1)):
            readings, n_readings = readings + second[t, :, t], n_readings + 1
        firsts.append((means[0, :d], second[0, :d, 0, :d]))
    found = {}
    for moments, count, weights, noise in (
        (steps, n_steps, "transition", "process_covariance"),
        (readings, n_readings, "observation", "measurement_covariance"),
    ):
        w = getattr(model, weights)
        if weights in learn:
            w = moments[d:, :d] @ np.linalg.inv(moments[:d, :d])
        found[weights] = w
        cross = moments[d:, :d] @ w.T
        found[noise] = (moments[d:, d:] - cross - cross.T + w @ moments[:d, :d] @ w.T) / count
    mean = np.mean([m for m, _ in firsts], axis=0)
    mean = mean if "initial_mean" in learn else model.initial_mean
    found["initial_mean"] = mean
    found["initial_covariance"] = np.mean(
        [s - np.outer(m, mean) - np.outer(mean, m) + np.outer(mean, mean) for m, s in firsts],
        axis=0,
    )
    return {name: found[name] if name in learn else getattr(model, name) for name in MATRICES}


@pytest.mark.parametrize("learn", SUBSETS)
@pytest.mark.parametrize(("state_size", "size"), [(1, 1), (2, 3), (3, 2)])
def test_one_iteration_equals_brute_force(state_size, size, learn):
    series = three_series(random_model(state_size, size, seed=0))
    model = random_model(state_size, size, seed=1)
    expected = brute_force_step(model, series, learn)
    model.fit(series, iterations=1, learn=learn)
    for name in MATRICES:
        np.testing.assert_allclose(getattr(model, name), expected[name], atol=1e-8, err_msg=name)


@pytest.mark.parametrize("learn", SUBSETS)
@pytest.mark.parametrize("seed", [0, 1])
def test_likelihood_never_falls(learn, seed):
    truth = random_model(3, 2, seed=seed)
    series = [with_gaps(truth.sample(n, seed=n)[1], seed=n) for n in (61, 5, 29)]
    model = random_model(3, 2, seed=seed + 10)
    before = {name: getattr(model, name).copy() for name in MATRICES}
    assert model.fit(series, iterations=15, tolerance=0, learn=learn) is model
    rounding = 1e-11 * abs(model.log_likelihoods[-1])
    assert (np.diff(model.log_likelihoods) > -rounding).all()
    assert model.log_likelihoods[-1] > model.log_likelihoods[0] + 0.1
    assert model.log_likelihood(series) == pytest.approx(model.log_likelihoods[-1])
    for name in MATRICES:
        changed = (getattr(model, name) != before[name]).any()
        assert changed == (name in learn)
    for name in ("process_covariance", "measurement_covariance", "initial_covariance"):
        covariance = getattr(model, name)
        assert (covariance == covariance.T).all()
        assert np.linalg.eigvalsh(covariance)[0] > -1e-12


def test_an_estimator_that_lowers_the_likelihood_is_caught(monkeypatch):
    def wrong(model, expected, learn):
        model.measurement_covariance = model.measurement_covariance * 7

    ys = random_model(2, 3, seed=0).sample(53, seed=0)[1]
    model = random_model(2, 3, seed=0)
    monkeypatch.setattr(kalman, "maximise", wrong)
    with pytest.raises(RuntimeError, match=r"the log-likelihood fell from -\d.* to -\d.*rounding"):
        model.fit(ys, iterations=5)
    assert not model.converged
    assert len(model.log_likelihoods) == 2


def test_rounding_at_the_optimum_is_no_fall():
    ys = random_model(1, 2, seed=0).sample(53, seed=0)[1]
    for seed in range(7):
        model = random_model(1, 2, seed=seed)
        model.fit(ys, iterations=200, tolerance=0, learn=("initial_mean",))  # soon at its optimum
        assert abs(np.diff(model.log_likelihoods)[-1]) < 1e-11


def test_the_nile_has_its_published_variances():
    nile = sm.datasets.nile.data.load_pandas().data["volume"].to_numpy(float)[:, np.newaxis]
    model = LinearGaussianModel([[1.0]], [[1.0]], [[5000.0]], [[5000.0]], [1000.0], [[1e9]])
    learn = ("process_covariance", "measurement_covariance")
    model.fit(nile, iterations=500, tolerance=1e-8, learn=learn)
    assert model.converged
    # Durbin & Koopman (2012), Time Series Analysis by State Space Methods, chapter 2
    assert model.measurement_covariance[0, 0] == pytest.approx(15099, rel=1e-2)
    assert model.process_covariance[0, 0] == pytest.approx(1469, rel=2e-2)


def test_a_fit_is_at_least_as_likely_as_the_truth():
    truth = random_model(2, 2, seed=3)
    series = [truth.sample(n, seed=n)[1] for n in (211, 103)]
    model = LinearGaussianModel(
        np.eye(2) * 0.5, np.eye(2), np.eye(2), np.eye(2), np.zeros(2), np.eye(2)
    )
    model.fit(series, iterations=80)
    assert model.log_likelihoods[-1] > truth.log_likelihood(series)
    ours, theirs = (np.sort(np.abs(np.linalg.eigvals(m.transition))) for m in (model, truth))
    np.testing.assert_allclose(ours, theirs, atol=0.15)  # the same in all units of the state


def test_it_stops_by_itself_or_says_that_it_did_not():
    ys = random_model(1, 1, seed=0).sample(211, seed=0)[1]
    model = random_model(1, 1, seed=1)
    assert (model.converged, model.log_likelihoods) == (None, [])
    assert not model.fit(ys, iterations=3, tolerance=0).converged
    assert len(model.log_likelihoods) == 4
    model.fit(ys, iterations=1000, tolerance=1e-3)
    assert model.converged
    assert len(model.log_likelihoods) < 1000
    assert np.diff(model.log_likelihoods)[-1] < 1e-3


def test_hidden_values_do_not_matter_to_a_fit():
    ys = random_model(2, 3, seed=0).sample(53, seed=0)[1]
    mask = np.random.default_rng(0).random(ys.shape) < 0.6
    hidden, wild = np.where(mask, ys, np.nan), np.where(mask, ys, 1e6)
    models = [random_model(2, 3, seed=1).fit(hidden, iterations=3)]
    models.append(random_model(2, 3, seed=1).fit(wild, mask, iterations=3))
    models.append(random_model(2, 3, seed=1).fit([wild], [mask], iterations=3))
    for name in MATRICES:
        for model in models[1:]:
            assert (getattr(model, name) == getattr(models[0], name)).all()


def test_regression_by_pencil():
    a, b = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    pairs = np.column_stack([a, b])
    weights, noise = regression(pairs.T @ pairs, np.array([[1.0]]), 2, learn_weights=True)
    assert weights == pytest.approx(13 / 5)
    assert noise == pytest.approx((0.4**2 + 0.2**2) / 2)
    weights, noise = regression(pairs.T @ pairs, np.array([[1.0]]), 2, learn_weights=False)
    assert weights == pytest.approx(1)
    assert noise == pytest.approx((2**2 + 3**2) / 2)


BAD_FITS = [
    ({"iterations": 0}, ValueError, "iterations must be at least 1, but is 0"),
    ({"iterations": 2.0}, TypeError, "iterations must be a whole number"),
    ({"tolerance": -1.0}, ValueError, "tolerance must be at least 0"),
    ({"learn": ()}, ValueError, "learn must hold names out of"),
    ({"learn": ("transition", "gain")}, ValueError, "learn must hold names out of.*'gain'"),
    ({"learn": "transition"}, TypeError, "learn must be a tuple of names.*but is 'transition'"),
    ({"learn": 3}, TypeError, "learn must be a tuple of names"),
    ({"masks": [None, None]}, ValueError, "masks must be as many as the 1 series, not 2"),
]


@pytest.mark.parametrize(("arguments", "error", "match"), BAD_FITS)
def test_bad_arguments_of_fit(arguments, error, match):
    with pytest.raises(error, match=match):
        random_model(1, 1, seed=0).fit([np.ones((5, 1))], **arguments)


BAD_SERIES = [
    ([], ValueError, "series must hold at least one series, but is empty"),
    ([np.ones((5, 2)), np.ones((5, 3))], ValueError, r"series\[1\] must have shape \(T, 2\)"),
    ([np.ones((5, 2)), np.ones((0, 2))], ValueError, r"series\[1\] must have shape \(T, 2\), T >="),
    (np.ones((5, 3)), ValueError, r"series must have shape \(T, 2\)"),
    (np.ones((1, 2)), ValueError, "series must hold two steps in a row"),
    ([np.ones((1, 2))] * 3, ValueError, "series must hold two steps in a row"),
    (np.full((5, 2), np.nan), ValueError, "but every value is missing"),
    (7.0, TypeError, "series must be an array or a list of arrays, but is 7.0"),
    (None, TypeError, "series must be an array or a list of arrays, but is None"),
]


@pytest.mark.parametrize(("series", "error", "match"), BAD_SERIES)
def test_bad_series(series, error, match):
    with pytest.raises(error, match=match):
        random_model(3, 2, seed=0).fit(series)
