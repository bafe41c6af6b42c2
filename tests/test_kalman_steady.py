"""The linear recurrence without a loop, against the loop; and when a covariance has settled."""

import numpy as np
import pytest

from rnncourse.kalman_steady import has_settled, linear_recurrence


def loop(matrix, start, inputs):
    states = [start]
    for u in inputs:
        states.append(matrix @ states[-1] + u)
    return np.array(states[1:])


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("steps", [1, 2, 3, 64, 1009])
@pytest.mark.parametrize("radius", [0.0, 0.3, 0.99, 1.0, 1.02])
def test_recurrence_equals_the_loop(size, steps, radius):
    rng = np.random.default_rng(steps)
    matrix = rng.normal(size=(size, size))
    matrix *= radius / np.abs(np.linalg.eigvals(matrix)).max()
    start, inputs = rng.normal(size=size), rng.normal(size=(steps, size))
    before = inputs.copy()
    expected = loop(matrix, start, inputs)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        linear_recurrence(matrix, start, inputs), expected, atol=1e-12 * scale
    )
    assert (inputs == before).all()


def test_a_running_sum_and_a_matrix_that_forgets_at_once():
    assert linear_recurrence([[1.0]], [10.0], [[1.0], [2.0], [3.0]]).tolist() == [[11], [13], [16]]
    assert linear_recurrence([[1.0]], [10.0], np.zeros((0, 1))).shape == (0, 1)
    shift = [[0.0, 1.0], [0.0, 0.0]]  # its square is 0
    inputs = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert linear_recurrence(shift, [0.0, 9.0], inputs).tolist() == [[10, 2], [5, 4], [9, 6]]


@pytest.mark.parametrize("unit", [1e-8, 1.0, 1e8])
def test_settled_in_any_units(unit):
    units = np.diag([1.0, unit])
    covariance = units @ np.array([[2.0, 0.5], [0.5, 1.0]]) @ units
    assert has_settled(covariance, covariance)
    assert not has_settled(covariance, covariance * (1 + 1e-12))
    moved = covariance.copy()
    moved[1, 1] *= 1 + 1e-12
    assert not has_settled(covariance, moved)


def test_a_covariance_of_zero_has_settled():
    assert has_settled(np.zeros((2, 2)), np.zeros((2, 2)))
    assert not has_settled(np.zeros((2, 2)), np.eye(2))


BAD = [
    (np.eye(2), np.zeros(3), np.zeros((5, 3)), r"matrix must have shape \(3, 3\)"),
    (np.eye(3), np.zeros(3), np.zeros((5, 2)), r"inputs \(T, 3\)"),
    (np.ones((3, 1)), np.zeros(3), np.zeros((5, 3)), "matrix must have shape"),
    (np.eye(3), np.zeros(3), np.full((5, 3), np.nan), "inputs must be finite"),
    (np.full((3, 3), np.inf), np.zeros(3), np.zeros((5, 3)), "matrix must be finite"),
    (np.eye(3), 0.0, np.zeros((5, 3)), "start must have 1 dim"),
]


@pytest.mark.parametrize(("matrix", "start", "inputs", "match"), BAD)
def test_bad_input(matrix, start, inputs, match):
    with pytest.raises(ValueError, match=match):
        linear_recurrence(matrix, start, inputs)
