"""Guesses about a wrong answer (most of them are tested through the checks)."""

import numpy as np
import pytest

from rnncourse.diagnosis import guess_shape, guess_values, same


def test_same_is_relative_to_the_largest_entry():
    assert same([1000.0, 0.001], [1000.0, 0.0], 1e-5)
    assert not same([1000.0, 0.1], [1000.0, 0.0], 1e-5)
    assert same([1e-9, 0.0], [0.0, 0.0], 1e-8)
    assert same([], [], 1e-8)


def test_same_refuses_other_shapes_and_what_is_not_finite():
    assert not same(np.ones((3, 1)), np.ones(3), 1e-8)
    assert not same([np.nan], [np.nan], 1e-8)
    assert not same([np.inf], [np.inf], 1e-8)


@pytest.mark.parametrize("found", [(2, 3, 5, 7), (11,), ()])
def test_no_guess_about_an_unrelated_shape(found):
    assert guess_shape(found, (13, 17)) == ""


@pytest.mark.parametrize(
    ("value", "expected"), [(3.7, 3.1), ([1.0, 2.0, 4.0], [7.0, 1.0, 3.0]), (0.0, 5.3), (1.0, 0.0)]
)
def test_no_guess_about_unrelated_numbers(value, expected):
    guess = guess_values(value, expected, 1e-9)
    assert guess in ("", ": 1 minus it is wanted", ": exp() too many: logarithms are wanted")


def test_no_guess_from_numbers_that_are_not_finite():
    assert guess_values([np.nan, 1.0, 2.0], [0.0, 1.0, 2.0], 1e-9) == ""
