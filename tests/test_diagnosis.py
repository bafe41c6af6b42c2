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
    assert not same([1.0, 2.0], [1.0, np.inf], 1e-8)
    assert not same([1.0, 2.0], [1.0, np.nan], 1e-8)


@pytest.mark.parametrize("found", [(2, 3, 5, 7), (11,), ()])
def test_no_guess_about_an_unrelated_shape(found):
    assert guess_shape(found, (13, 17)) == ""


@pytest.mark.parametrize(
    ("value", "expected"), [(3.7, 3.1), ([1.0, 2.0, 4.0], [7.0, 1.0, 3.0]), (0.0, 5.3), (1.0, 0.0)]
)
def test_no_guess_about_unrelated_numbers(value, expected):
    assert guess_values(value, expected, 1e-9) == ""


def test_no_guess_from_numbers_that_are_not_finite():
    assert guess_values([np.nan, 1.0, 2.0], [0.0, 1.0, 2.0], 1e-9) == ""


def test_no_logarithm_is_guessed_where_the_logarithm_is_infinite():
    assert guess_values([0.3, 0.9, 0.4], [0.0, 1.0, 0.5], 1e-9) == ""
    assert guess_values(7.5, 0.0, 1e-9) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1.0], [-1.0]),
        (4.0, 2.0),
        ([[2.0]], [[1.0]]),
        ([5, 5, 5], [-5, -5, -5]),
        ([0], [1]),
        (0, 1),
    ],
)
def test_no_guess_from_a_single_whole_number(value, expected):
    assert guess_values(value, expected, 1e-9) == ""


@pytest.mark.parametrize(
    ("value", "expected"), [([2.6, 2.6], [1.3, 9.1]), ([3.7, 3.7], [1.9, 1.9])]
)
def test_no_factor_and_no_offset_from_a_single_number(value, expected):
    assert guess_values(value, expected, 1e-9) == ""


def test_a_single_number_with_digits_is_guessed():
    assert guess_values([-7 / 3], [7 / 3], 1e-9) == ": the sign is wrong"
    assert (
        guess_values(2.0 * np.log(2), 2.0, 1e-9) == ": nats and bits: nats divided by ln 2 are bits"
    )


def test_two_different_whole_numbers_are_guessed():
    assert guess_values([1, -2], [-1, 2], 1e-9) == ": the sign is wrong"
    assert guess_values([4, 5], [1, 2], 1e-9) == ": off by the constant 3"
