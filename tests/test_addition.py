"""Binary sums, against Python's own whole numbers."""

import numpy as np
import pytest

from rnncourse.datasets.addition import add_columns, addition_problems, from_bits, to_bits


@pytest.mark.parametrize("num_bits", [1, 7, 64, 1000])
def test_sums_are_pythons(num_bits):
    inputs, targets, carries = addition_problems(31, num_bits, seed=3)
    assert inputs.shape == (num_bits + 1, 31, 2)
    assert targets.shape == carries.shape == (num_bits + 1, 31)
    for b in range(31):
        first, second = (from_bits(inputs[:, b, k]) for k in range(2))
        assert from_bits(targets[:, b]) == first + second
        assert carries[-1, b] == 0


def test_carries_are_what_the_columns_hand_on():
    inputs, _, carries = addition_problems(23, 11, seed=5)
    for b in range(23):
        for t in range(12):
            first, second = (from_bits(inputs[: t + 1, b, k]) for k in range(2))
            assert carries[t, b] == first + second >> t + 1


def test_a_sum_by_hand():
    inputs = np.stack([to_bits(52, 8), to_bits(77, 8)], axis=1)[:, np.newaxis]  # (8, 1, 2)
    problems = add_columns(inputs)
    assert "".join(map(str, problems.targets[::-1, 0])) == "10000001"
    assert problems.carries[:, 0].tolist() == [0, 0, 1, 1, 1, 1, 1, 0]


def test_a_carry_runs_through_a_thousand_columns():
    inputs = np.stack([to_bits(2**1000 - 1, 1001), to_bits(1, 1001)], axis=1)[:, np.newaxis]
    problems = add_columns(inputs)
    assert from_bits(problems.targets[:, 0]) == 2**1000
    assert problems.carries.sum() == 1000


def test_a_carry_out_of_the_last_column_is_lost():
    assert add_columns(np.ones((3, 1, 2))).targets[:, 0].tolist() == [0, 1, 1]


def test_the_inputs_are_left_as_they_are():
    inputs = np.random.default_rng(0).integers(2, size=(5, 3, 2))
    before = inputs.copy()
    add_columns(inputs)
    assert np.array_equal(inputs, before)


@pytest.mark.parametrize("number", [0, 1, 6, 2**100 + 5])
def test_bits_there_and_back(number):
    bits = to_bits(number, 103)
    assert bits.shape == (103,) and from_bits(bits) == number
    assert bits[0] == number % 2 and bits.sum() == bin(number).count("1")


def test_digits_are_fair_coins_and_the_last_column_is_empty():
    inputs = addition_problems(401, 53, seed=0).inputs
    assert inputs[:-1].mean(axis=(0, 1)) == pytest.approx([0.5, 0.5], abs=0.01)
    assert not inputs[-1].any()


def test_the_seed_decides():
    one, same, other = (addition_problems(7, 13, seed=seed).inputs for seed in (0, 0, 1))
    assert np.array_equal(one, same) and not np.array_equal(one, other)
    generator = np.random.default_rng(0)
    assert np.array_equal(addition_problems(7, 13, generator).inputs, one)
    assert not np.array_equal(addition_problems(7, 13, generator).inputs, one)


BAD = {
    "no pair": (ValueError, "number must be at least 1", addition_problems, (0, 3)),
    "no bit": (ValueError, "num_bits must be at least 1", addition_problems, (3, 0)),
    "half a bit": (TypeError, "num_bits must be a whole number", addition_problems, (3, 1.5)),
    "seed": (ValueError, "seed must be at least 0", addition_problems, (3, 3, -1)),
    "three numbers": (ValueError, r"\(T, B, 2\)", add_columns, (np.zeros((5, 3, 3)),)),
    "no batch axis": (ValueError, "3 dimension", add_columns, (np.zeros((5, 2)),)),
    "digit 2": (ValueError, "0 and 1, but holds 2", add_columns, (np.full((5, 3, 2), 2),)),
    "half a digit": (ValueError, "but holds 0.5", add_columns, (np.full((5, 3, 2), 0.5),)),
    "NaN": (ValueError, "finite", add_columns, (np.full((5, 3, 2), np.nan),)),
    "text": (TypeError, "real numbers", add_columns, ("0110",)),
    "no columns": (ValueError, "at least 1 value", add_columns, (np.zeros((0, 3, 2)),)),
    "no problems": (ValueError, r"\(5, 0, 2\)", add_columns, (np.zeros((5, 0, 2)),)),
    "negative": (ValueError, "number must be at least 0", to_bits, (-1, 5)),
    "too large": (ValueError, "at most 5 bits, but is 32", to_bits, (32, 5)),
    "real": (TypeError, "number must be a whole number", to_bits, (1.0, 5)),
    "bits 2-D": (ValueError, "1 dimension", from_bits, (np.zeros((3, 2)),)),
    "bit 2": (ValueError, "bits must hold digits 0 and 1, but holds 2", from_bits, ([0, 2],)),
}


@pytest.mark.parametrize("error, message, function, arguments", BAD.values(), ids=BAD)
def test_bad_input_is_refused(error, message, function, arguments):
    with pytest.raises(error, match=message):
        function(*arguments)
