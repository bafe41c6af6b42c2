"""The learning curve of expectation maximisation: what counts as a rise, and what as a fall."""

import math

import numpy as np
import pytest

from rnncourse.em import ROUNDING, rise


def test_rises_are_the_differences_of_the_curve():
    curve, values = [], [-700.0, -523.5, -523.25, -523.25]
    rises = [rise(curve, value) for value in values]
    assert rises[0] == math.inf
    assert rises[1:] == np.diff(values).tolist() == [176.5, 0.25, 0.0]
    assert curve == values


def test_a_run_may_begin_with_what_is_impossible():
    curve = [-math.inf]
    assert rise(curve, -3.0) == math.inf


@pytest.mark.parametrize("size", [0.0, 1.0, -1e6, 1e6])
def test_rounding_is_forgiven_and_a_fall_is_not(size):
    allowed = ROUNDING * (1 + abs(size))
    assert rise([size], size - allowed / 2) == pytest.approx(-allowed / 2, rel=1e-3)
    with pytest.raises(RuntimeError, match="the log-likelihood fell from"):
        rise([size], size - 2 * allowed)


def test_the_error_names_both_values_and_the_advice():
    curve = [-2.0]
    with pytest.raises(RuntimeError, match=r"^the log-likelihood fell from -2.0 to -3.5: stop$"):
        rise(curve, -3.5, ": stop")
    assert curve == [-2.0, -3.5]  # whoever catches it sees the fall


@pytest.mark.parametrize("curve", [[], [-5.0], [-5.0, -4.0]])
def test_a_likelihood_that_is_no_number_is_an_error(curve):
    with pytest.raises(RuntimeError, match="to nan"):
        rise(curve, math.nan)
