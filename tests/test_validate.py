"""Every message names the argument, what it was, and what is allowed."""

import numpy as np
import pytest

from rnncourse.validate import as_array, as_generator, as_ids, as_integer, as_real, check_finite


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers_pass(value):
    assert as_integer(value, "order", minimum=3, maximum=3) == 3
    assert type(as_integer(value, "order")) is int


@pytest.mark.parametrize("value", [True, np.True_, 3.0, "3", None])
def test_other_things_are_no_whole_numbers(value):
    with pytest.raises(TypeError, match="order must be a whole number, but is"):
        as_integer(value, "order")


@pytest.mark.parametrize(
    "bounds, message",
    [
        ({"minimum": 4}, "order must be at least 4, but is 3"),
        ({"maximum": 2}, "order must be at most 2, but is 3"),
        ({"minimum": 4, "maximum": 9}, "order must be at least 4 and at most 9, but is 3"),
    ],
)
def test_whole_numbers_out_of_bounds(bounds, message):
    with pytest.raises(ValueError, match=message):
        as_integer(3, "order", **bounds)


def test_real_numbers():
    assert as_real(np.float32(0.5), "rate", minimum=0, maximum=1) == 0.5
    with pytest.raises(TypeError, match="rate must be a number, but is 'x'"):
        as_real("x", "rate")
    with pytest.raises(TypeError, match="rate must be a number, but is True"):
        as_real(True, "rate")
    with pytest.raises(ValueError, match="rate must be finite, but is nan"):
        as_real(float("nan"), "rate")
    with pytest.raises(ValueError, match="rate must be at most 1, but is 2"):
        as_real(2, "rate", maximum=1)


@pytest.mark.parametrize(
    "value, bounds, error, message",
    [
        ([[1], [2, 3]], {}, TypeError, "its rows differ in length"),
        (["a"], {}, TypeError, "must hold real numbers"),
        ([1j], {}, TypeError, "must hold real numbers"),
        ([True], {}, TypeError, "must hold real numbers"),
        ([[1.0]], {"ndim": 1}, ValueError, r"must have 1 dimension\(s\), but has shape \(1, 1\)"),
        ([], {}, ValueError, r"must have at least 1 value\(s\), but has 0"),
        ([1, np.inf, np.nan], {}, ValueError, "2 of its 3 values are NaN or infinite"),
    ],
)
def test_bad_arrays(value, bounds, error, message):
    with pytest.raises(error, match=f"series .*{message}|series must have .*{message}"):
        as_array(value, "series", **bounds)


def test_arrays_become_float64_without_changing_the_caller():
    values = np.arange(3)
    array = as_array(values, "series", ndim=1, min_length=3)
    assert array.dtype == np.float64
    array[0] = 9
    assert values[0] == 0


def test_ids_become_int64_without_changing_the_caller():
    symbols = np.array([2, 0, 1], dtype=np.int8)
    ids = as_ids(symbols, 3, min_length=3)
    assert (ids.dtype, ids.tolist()) == (np.int64, [2, 0, 1])
    ids[0] = 1
    assert symbols[0] == 2
    assert (as_ids([], 3).dtype, as_ids([], 3).shape) == (np.int64, (0,))


@pytest.mark.parametrize(
    "ids, error, message",
    [
        ([0, 3, 4], ValueError, "prompt must be from 0 to 2, but one is 3"),
        ([0, -1], ValueError, "prompt must be from 0 to 2, but one is -1"),
        ([0.0, 1.0], TypeError, "prompt must be whole numbers, but have dtype float64"),
        ([True, False], TypeError, "prompt must hold real numbers, but has dtype bool"),
        ([[0, 1]], ValueError, r"prompt must have 1 dimension\(s\), but has shape \(1, 2\)"),
        ([0], ValueError, r"prompt must have at least 2 value\(s\), but has 1"),
    ],
)
def test_bad_ids(ids, error, message):
    with pytest.raises(error, match=message):
        as_ids(ids, 3, "prompt", min_length=2)


def test_what_is_not_finite_is_counted():
    check_finite(np.zeros((0, 3)), "gradient")
    check_finite(np.ones((2, 3), dtype=np.float32), "gradient")
    with pytest.raises(ValueError, match="gradient must be finite, but 2 of its 6 values are"):
        check_finite(np.array([[1, np.nan, 0], [-np.inf, 0, 0]]), "gradient")


def test_generators():
    generator = np.random.default_rng(3)
    assert as_generator(generator) is generator
    assert as_generator(3).random() == np.random.default_rng(3).random()
    with pytest.raises(ValueError, match="seed must be at least 0"):
        as_generator(-1)
    with pytest.raises(TypeError, match="seed must be a whole number"):
        as_generator(None)
