"""The Rauch-Tung-Striebel smoother: against one big Gaussian, and against statsmodels."""

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

from rnncourse.kalman import LinearGaussianModel
from rnncourse.kalman_smoother import smooth_step, smoother_gain

SIZES = [(1, 1, 7), (2, 3, 5), (5, 2, 11), (3, 1, 13), (2, 1, 1)]  # D, M, T


@pytest.mark.parametrize(("state_size", "size", "steps"), SIZES)
@pytest.mark.parametrize("gaps", [False, True])
def test_smoother_equals_conditioning_of_one_big_gaussian(state_size, size, steps, gaps):
    model = random_model(state_size, size, seed=steps)
    ys = model.sample(steps, seed=1)[1]
    ys = with_gaps(ys, seed=3) if gaps else ys
    means, covariances, _ = condition(model, ys)
    covariances = covariances[:, :state_size, :, :state_size]
    smoothed = model.smooth(ys)
    np.testing.assert_allclose(smoothed.means, means[:, :state_size], atol=1e-9)
    for t in range(steps):
        np.testing.assert_allclose(smoothed.covariances[t], covariances[t, :, t], atol=1e-9)
    for t in range(steps - 1):
        neighbours = smoothed.covariances[t + 1] @ smoothed.gains[t].T
        np.testing.assert_allclose(neighbours, covariances[t + 1, :, t], atol=1e-9)


@pytest.mark.parametrize(("state_size", "size"), [(1, 1), (4, 2), (2, 3), (7, 5)])
@pytest.mark.parametrize("gaps", [without_gaps, scattered_gaps, long_gaps])
def test_smoother_equals_statsmodels(state_size, size, gaps):
    model = random_model(state_size, size, seed=size)
    ys = gaps(model.sample(499, seed=3)[1])
    kalman = reference(model, ys)
    kalman.tolerance = 0
    theirs, ours = kalman.smooth(), model.smooth(ys)
    close = {"rtol": 1e-8, "atol": 1e-9}
    np.testing.assert_allclose(ours.means, theirs.smoothed_state.T, **close)
    np.testing.assert_allclose(ours.covariances, theirs.smoothed_state_cov.T, **close)


def test_a_state_that_is_nearly_known_in_one_direction():
    """Place and speed are so correlated after a vague start that the gain is hard to compute."""
    model = LinearGaussianModel(
        [[1.0, 1.0], [0.0, 1.0]],
        [[1.0, 0.0]],
        np.diag([0.0, 1e-6]),
        [[1.0]],
        [0, 0],
        np.eye(2) * 1e4,
    )
    smoothed = model.smooth(model.sample(199, seed=0)[1])
    # All states are linear in the first place, the first speed, and 198 pushes of the speed.
    place, speed = np.zeros((199, 200)), np.zeros((199, 200))
    place[0, 0] = speed[0, 1] = 1
    for t in range(1, 199):
        place[t], speed[t] = place[t - 1] + speed[t - 1], speed[t - 1]
        speed[t, t + 1] += 1
    precision = place.T @ place + np.diag([1e-4, 1e-4, *[1e6] * 198])
    covariance = np.linalg.inv(precision)
    for t in range(199):
        states = np.array([place[t], speed[t]])
        expected = states @ covariance @ states.T
        np.testing.assert_allclose(smoothed.covariances[t], expected, rtol=1e-6)


def test_a_steady_stretch_equals_the_plain_recursion():
    model = random_model(3, 2, seed=0)
    ys = model.sample(2003, seed=1)[1]
    ys[700:900] = np.nan
    filtered, smoothed = model.filter(ys), model.smooth(ys)
    mean, covariance = filtered.means[-1], filtered.covariances[-1]
    for t in range(len(ys) - 2, -1, -1):
        predicted = filtered.predicted_covariances[t + 1]
        gain = filtered.covariances[t] @ model.transition.T @ np.linalg.inv(predicted)
        mean = filtered.means[t] + gain @ (mean - filtered.predicted_means[t + 1])
        covariance = filtered.covariances[t] + gain @ (covariance - predicted) @ gain.T
        np.testing.assert_allclose(smoothed.means[t], mean, atol=1e-9)
        np.testing.assert_allclose(smoothed.covariances[t], covariance, atol=1e-9)


def test_smoothing_never_knows_less_than_filtering():
    model = random_model(4, 2, seed=1, radius=1.0)
    ys = with_gaps(model.sample(997, seed=1)[1], seed=1)
    filtered, smoothed = model.filter(ys), model.smooth(ys)
    gained = np.linalg.eigvalsh(filtered.covariances - smoothed.covariances)
    assert gained.min() > -1e-10
    assert (smoothed.covariances == smoothed.covariances.transpose(0, 2, 1)).all()
    assert np.linalg.eigvalsh(smoothed.covariances).min() > 1e-6
    assert (smoothed.means[-1] == filtered.means[-1]).all()


def test_a_state_without_noise_of_its_own():
    """An AR(2) whose second state is last step's first one: the predicted covariance is flat."""
    model = LinearGaussianModel(
        [[0.6, 0.3], [1.0, 0.0]],
        [[1.0, 0.0]],
        np.diag([1.0, 0.0]),
        [[0.5]],
        [0, 0],
        np.zeros((2, 2)),
    )
    ys = with_gaps(model.sample(29, seed=0)[1], seed=0)
    smoothed = model.smooth(ys)
    means, covariances, _ = condition(model, ys)
    np.testing.assert_allclose(smoothed.means, means[:, :2], atol=1e-9)
    for t in range(29):
        np.testing.assert_allclose(smoothed.covariances[t], covariances[t, :2, t, :2], atol=1e-9)
    np.testing.assert_allclose(smoothed.means[1:, 1], smoothed.means[:-1, 0], atol=1e-9)


def test_one_step_back_by_pencil():
    one = np.ones((1, 1))
    gain = smoother_gain(3 * one, 2 * one, 15 * one)
    assert gain == pytest.approx(0.4)
    assert smooth_step(3 * one, gain, 5 * one, 2 * one, 3 * one) == pytest.approx(
        3 + 0.16 * (5 - 15)
    )


def test_a_gain_towards_a_state_that_is_known():
    flat = np.diag([4.0, 0.0])
    gain = smoother_gain(flat, np.eye(2), flat)
    np.testing.assert_allclose(gain, np.diag([1.0, 0.0]), atol=1e-12)
