"""The Kalman filter: against one big Gaussian, statsmodels, and the closed form."""

import numpy as np
import pytest
from kalman_oracles import (
    condition,
    long_gaps,
    random_model,
    reference,
    scattered_gaps,
    with_gaps,
    without_gaps,
)

from benchmarks import kalman as benchmark
from rnncourse.kalman import LinearGaussianModel
from rnncourse.kalman_filter import hide, predict, update

SIZES = [(1, 1, 7), (2, 3, 5), (5, 2, 11), (3, 1, 13)]  # D, M, T


def local_level(signal, noise=1.0, start=1e7):
    return LinearGaussianModel([[1.0]], [[1.0]], [[signal]], [[noise]], [0.0], [[start]])


def smallest_eigenvalue(covariances):
    """Smallest eigenvalue over all steps, in units in which the variances are 1."""
    scale = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    correlations = covariances / scale[:, :, None] / scale[:, None, :]
    return np.linalg.eigvalsh(correlations).min()


# ---------------------------------------------------------------- one big Gaussian


@pytest.mark.parametrize(("state_size", "size", "steps"), SIZES)
@pytest.mark.parametrize("gaps", [False, True])
def test_filter_equals_conditioning_of_one_big_gaussian(state_size, size, steps, gaps):
    model = random_model(state_size, size, seed=steps)
    ys = model.sample(steps, seed=1)[1]
    ys = with_gaps(ys, seed=2) if gaps else ys
    filtered = model.filter(ys)
    for t in range(steps):
        means, covariances, _ = condition(model, ys, until=t + 1)
        np.testing.assert_allclose(filtered.means[t], means[t, :state_size], atol=1e-10)
        expected = covariances[t, :state_size, t, :state_size]
        np.testing.assert_allclose(filtered.covariances[t], expected, atol=1e-10)
        means, covariances, before = condition(model, ys, until=t)
        np.testing.assert_allclose(filtered.predicted_means[t], means[t, :state_size], atol=1e-10)
        expected = covariances[t, :state_size, t, :state_size]
        np.testing.assert_allclose(filtered.predicted_covariances[t], expected, atol=1e-10)
        expected = covariances[t, state_size:, t, state_size:]
        np.testing.assert_allclose(filtered.innovation_covariances[t], expected, atol=1e-10)
        np.testing.assert_allclose(filtered.innovations[t], (ys - means[:, state_size:])[t])
        density = condition(model, ys, until=t + 1)[2] - before
        assert filtered.log_likelihoods[t] == pytest.approx(density, abs=1e-9)


# ---------------------------------------------------------------- statsmodels


@pytest.mark.parametrize(("state_size", "size"), [(1, 1), (4, 2), (2, 3), (7, 5)])
@pytest.mark.parametrize("gaps", [without_gaps, scattered_gaps, long_gaps])
def test_filter_equals_statsmodels(state_size, size, gaps):
    model = random_model(state_size, size, seed=size)
    ys = gaps(model.sample(499, seed=3)[1])
    kalman = reference(model, ys)
    kalman.tolerance = 0  # it would otherwise stop its recursion of covariances a little early
    theirs, ours = kalman.filter(), model.filter(ys)
    close = {"rtol": 1e-8, "atol": 1e-10}
    np.testing.assert_allclose(ours.means, theirs.filtered_state.T, **close)
    np.testing.assert_allclose(ours.covariances, theirs.filtered_state_cov.T, **close)
    np.testing.assert_allclose(ours.predicted_means, theirs.predicted_state.T[:-1], **close)
    np.testing.assert_allclose(
        ours.predicted_covariances, theirs.predicted_state_cov.T[:-1], **close
    )
    np.testing.assert_allclose(ours.log_likelihoods, theirs.llf_obs, **close)
    assert model.log_likelihood(ys) == pytest.approx(theirs.llf, rel=1e-8)


# ---------------------------------------------------------------- closed form of the local level


@pytest.mark.parametrize("ratio", [1e-3, 0.1, 1.0, 7.0, 1e4])
@pytest.mark.parametrize("noise", [1e-6, 1.0, 15099.0])
def test_steady_gain_of_the_local_level(ratio, noise):
    filtered = local_level(ratio * noise, noise, 1e7 * noise).filter(np.ones((2003, 1)))
    variance = noise * (ratio + np.sqrt(ratio**2 + 4 * ratio)) / 2
    assert filtered.predicted_covariances[-1, 0, 0] == pytest.approx(variance, rel=1e-10)
    assert filtered.gains[-1, 0, 0] == pytest.approx(variance / (variance + noise), rel=1e-10)


def test_one_update_by_pencil():
    mean, covariance, gain, spread = update(
        np.array([1.0]), np.array([[3.0]]), np.array([5.0]), np.array([[2.0]]), np.array([[4.0]])
    )
    assert spread.tolist() == [[16.0]]
    assert gain.tolist() == [[0.375]]
    assert mean.tolist() == [2.125]
    assert covariance.tolist() == [[0.75]]
    mean, covariance = predict(mean, covariance, np.array([[2.0]]), np.array([[1.0]]))
    assert (mean.tolist(), covariance.tolist()) == ([4.25], [[4.0]])


# ---------------------------------------------------------------- the steady state


def test_the_steady_state_is_noticed_again_after_each_gap():
    model = random_model(3, 2, seed=0)
    ys = model.sample(5003, seed=1)[1]
    ys[1000:1005], ys[2000:2100, 1], ys[3000] = np.nan, np.nan, np.nan
    filtered = model.filter(ys)
    assert len(np.unique(filtered.run_starts)) < 300
    for start in (1000, 1005, 2000, 2100, 3000, 3001):
        assert filtered.run_starts[start] == start  # no run reaches across a change
    mean, covariance = model.initial_mean, model.initial_covariance
    for t, y in enumerate(ys):  # the same without shortcuts
        c, r = hide(model.observation, model.measurement_covariance, ~np.isnan(y))
        mean, covariance, _, _ = update(mean, covariance, np.nan_to_num(y), c, r)
        np.testing.assert_allclose(filtered.means[t], mean, atol=1e-11)
        np.testing.assert_allclose(filtered.covariances[t], covariance, atol=1e-12)
        mean, covariance = predict(mean, covariance, model.transition, model.process_covariance)


def test_a_constant_state_never_settles_too_early():
    filtered = local_level(0.0, noise=2.0, start=1e7).filter(np.ones((3001, 1)))
    expected = 1 / (1e-7 + np.arange(1, 3002) / 2.0)  # precisions add up
    np.testing.assert_allclose(filtered.covariances[:, 0, 0], expected, rtol=1e-9)


def test_faster_than_statsmodels():
    ratios = benchmark.ratios(rounds=5)
    assert all(ratio.of_minima <= ratio.at_most for ratio in ratios if ratio.at_most)


# ---------------------------------------------------------------- stability


def test_a_million_steps_with_gaps_keep_every_covariance_positive():
    model = LinearGaussianModel(
        [[1.0, 1.0], [0.0, 1.0]],
        [[1.0, 0.0]],
        np.diag([0.0, 1e-2]),
        [[1.0]],
        [0, 0],
        np.eye(2) * 1e6,
    )
    ys = model.sample(1_000_000, seed=0)[1]
    ys[::20_011] = np.nan
    filtered = model.filter(ys)
    assert np.isfinite(filtered.means).all()
    for covariances in (filtered.covariances, filtered.predicted_covariances):
        (a, b), (c, d) = covariances.transpose(1, 2, 0)
        assert (b == c).all()
        assert (a > 0).all()
        assert (a * d - b * c > 1e-9 * a * d).all()


def test_every_covariance_of_a_loop_stays_positive():
    model = random_model(4, 2, seed=5, radius=1.0)
    ys = with_gaps(model.sample(5_003, seed=0)[1], seed=1, rows=0.3, single=0.3)
    filtered = model.filter(ys)
    for covariances in (filtered.covariances, filtered.predicted_covariances):
        assert (covariances == covariances.transpose(0, 2, 1)).all()
        assert smallest_eigenvalue(covariances) > 1e-6


def short_form_breaks(model, steps):
    """Whether P - K C P loses what a covariance must be, within so many steps."""
    covariance = model.initial_covariance
    for _ in range(steps):
        seen_part = model.observation @ covariance
        spread = seen_part @ model.observation.T + model.measurement_covariance
        covariance = covariance - seen_part.T @ np.linalg.solve(spread, seen_part)
        if np.linalg.eigvalsh((covariance + covariance.T) / 2)[0] <= 0:
            return True
        covariance = model.transition @ covariance @ model.transition.T
    return False


def test_a_vague_start_and_two_sharp_instruments_that_nearly_agree():
    model = LinearGaussianModel(
        [[1.0, 1.0, 0.5], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]],
        [[1.0, 0.0, 0.0], [1.0, 1e-3, 0.0]],
        np.zeros((3, 3)),
        1e-6 * np.eye(2),
        np.zeros(3),
        1e8 * np.eye(3),
    )
    filtered = model.filter(model.sample(53, seed=0)[1])
    assert smallest_eigenvalue(filtered.covariances) > 1e-8
    assert short_form_breaks(model, 53)


def test_units_do_not_matter():
    model, units = random_model(3, 2, seed=0), np.diag([1e-5, 1.0, 1e6])
    back = np.linalg.inv(units)
    moved = LinearGaussianModel(
        units @ model.transition @ back,
        model.observation @ back,
        units @ model.process_covariance @ units,
        model.measurement_covariance,
        units @ model.initial_mean,
        units @ model.initial_covariance @ units,
    )
    ys = with_gaps(model.sample(307, seed=0)[1], seed=0)
    plain, other = model.filter(ys), moved.filter(ys)
    np.testing.assert_allclose(other.means @ back, plain.means, rtol=1e-8)
    np.testing.assert_allclose(other.log_likelihoods, plain.log_likelihoods, rtol=1e-8)
    plain, other = model.smooth(ys), moved.smooth(ys)
    np.testing.assert_allclose(other.means @ back, plain.means, rtol=1e-8)
    np.testing.assert_allclose(back @ other.covariances @ back, plain.covariances, rtol=1e-7)


# ---------------------------------------------------------------- what cannot be filtered


def test_the_future_does_not_move_the_past():
    model = random_model(3, 2, seed=0)
    ys = model.sample(101, seed=0)[1]
    changed = ys.copy()
    changed[70:] += 100
    before, after = model.filter(ys), model.filter(changed)
    np.testing.assert_allclose(after.means[:70], before.means[:70], atol=1e-12)
    assert (np.abs(after.means[70:] - before.means[70:]).max(axis=1) > 1e-3).all()


def test_an_observation_without_doubt_is_an_error():
    model = LinearGaussianModel([[1.0]], [[1.0]], [[0.0]], [[0.0]], [0.0], [[1.0]])
    with pytest.raises(ValueError, match="measurement_covariance is too small: at step 1"):
        model.filter(np.ones((5, 1)))


def test_a_state_that_overflows_is_an_error():
    model = LinearGaussianModel([[1e9]], [[1.0]], [[1.0]], [[1.0]], [1.0], [[1.0]])
    ys = np.full((97, 1), np.nan)
    ys[-1] = 1.0
    with pytest.raises(ValueError, match="transition makes the state grow beyond"):
        model.filter(ys)
