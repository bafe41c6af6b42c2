"""What a linear Gaussian model accepts; what it refuses is tested in test_kalman.py."""

import numpy as np
import pytest

from rnncourse.kalman_input import as_covariance, as_matrix, as_observations, as_series_list


def test_a_covariance_may_be_flat_and_is_made_symmetric():
    flat = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert (as_covariance(flat, "q", 2) == flat).all()
    assert (as_covariance(np.zeros((3, 3)), "q", 3) == 0).all()
    nearly = flat + np.array([[0.0, 1e-13], [0.0, 0.0]])
    exact = as_covariance(nearly, "q", 2)
    assert (exact == exact.T).all()


def test_units_hide_no_negative_eigenvalue():
    units = np.diag([1e6, 1e-6])
    fine, bad = np.array([[1.0, 0.9], [0.9, 1.0]]), np.array([[1.0, 1.1], [1.1, 1.0]])
    as_covariance(units @ fine @ units, "q", 2)
    with pytest.raises(ValueError, match="q must be positive semidefinite"):
        as_covariance(units @ bad @ units, "q", 2)


def test_a_free_length_is_free():
    assert as_matrix([[1, 2, 3]], "c", (None, 3)).dtype == np.float64
    with pytest.raises(ValueError, match=r"c must have shape \(None, 2\), but has \(1, 3\)"):
        as_matrix([[1, 2, 3]], "c", (None, 2))


def test_values_are_zero_where_nothing_is_seen():
    ys = np.array([[1.0, np.nan], [3.0, 4.0], [np.nan, np.nan]])
    values, seen = as_observations(ys, np.array([[True, True], [False, True], [True, True]]), 2)
    assert values.tolist() == [[1, 0], [0, 4], [0, 0]]
    assert seen.tolist() == [[True, False], [False, True], [False, False]]
    assert np.isnan(ys[0, 1])


def test_one_series_or_many():
    assert len(as_series_list(np.ones((5, 2)), None, 2)) == 1
    assert len(as_series_list(np.ones((3, 5, 2)), None, 2)) == 3
    pairs = as_series_list([np.ones((5, 2)), [[1, 2]]], [None, np.array([False])], 2)
    assert [values.shape for values, _ in pairs] == [(5, 2), (1, 2)]
    assert [seen.all() for _, seen in pairs] == [True, False]
    with pytest.raises(ValueError, match=r"mask must have shape \(5,\) or \(5, 2\)"):
        as_series_list([np.ones((5, 2))], [np.ones(7, bool)], 2)
