"""Windows, contiguous batches, padding and splits in time."""

import numpy as np
import pytest

from rnncourse.batches import contiguous_batches, next_step_pairs, pad, split_in_time, windows


def test_next_step_pairs():
    inputs, targets = next_step_pairs([3, 1, 4, 1, 5])
    assert inputs.tolist() == [3, 1, 4, 1] and targets.tolist() == [1, 4, 1, 5]
    inputs, targets = next_step_pairs(np.arange(7 * 3 * 2).reshape(7, 3, 2))
    assert inputs.shape == targets.shape == (6, 3, 2)
    assert (targets[:-1] == inputs[1:]).all()


def test_windows_by_hand():
    inputs, targets = windows([1.0, 2.0, 3.0, 4.0, 5.0], 2)
    assert inputs.tolist() == [[1, 2], [2, 3], [3, 4]]
    assert targets.tolist() == [3, 4, 5]


@pytest.mark.parametrize("width", [1, 3, 10])
def test_windows_equal_the_slices(width):
    series = np.random.default_rng(0).normal(size=11)
    inputs, targets = windows(series, width)
    assert inputs.shape == (11 - width, width) and targets.shape == (11 - width,)
    for i in range(11 - width):
        assert (inputs[i] == series[i : i + width]).all() and targets[i] == series[i + width]


def test_windows_keep_whole_numbers_and_the_series():
    series = np.arange(7)
    inputs, targets = windows(series, 3)
    assert inputs.dtype == targets.dtype == series.dtype
    inputs[:], targets[:] = -1, -1
    assert (series == np.arange(7)).all()


def test_contiguous_batches_by_hand():
    batches = list(contiguous_batches(np.arange(14), batch_size=2, steps=3))
    assert [x.tolist() for x, _ in batches] == [
        [[0, 6], [1, 7], [2, 8]],
        [[3, 9], [4, 10], [5, 11]],
    ]
    assert all((y == x + 1).all() for x, y in batches)


@pytest.mark.parametrize(("size", "batch_size", "steps"), [(101, 7, 5), (100, 3, 11), (36, 5, 7)])
def test_contiguous_batches_continue_each_other(size, batch_size, steps):
    ids = np.random.default_rng(1).integers(0, 50, size)
    batches = list(contiguous_batches(ids, batch_size, steps))
    assert all(x.shape == y.shape == (steps, batch_size) for x, y in batches)
    inputs = np.concatenate([x for x, _ in batches])  # (T, B)
    targets = np.concatenate([y for _, y in batches])
    assert (targets[:-1] == inputs[1:]).all()
    length = (size - 1) // batch_size
    for b in range(batch_size):
        assert (inputs[:, b] == ids[b * length : b * length + len(inputs)]).all()
        assert targets[-1, b] == ids[b * length + len(inputs)]
    assert length - len(inputs) < steps


def test_contiguous_batches_keep_the_last_on_request():
    ids = np.arange(24)
    batches = list(contiguous_batches(ids, 2, 4, drop_last=False))
    assert [len(x) for x, _ in batches] == [4, 4, 3]
    assert sum(y.size for _, y in batches) == 22
    assert len(list(contiguous_batches(ids, 2, 100, drop_last=False))) == 1


def test_contiguous_batches_check_their_arguments_at_once():
    with pytest.raises(ValueError, match="steps must be at least 1 and at most 4, but is 5"):
        contiguous_batches(np.arange(10), 2, 5)
    with pytest.raises(ValueError, match="batch_size must be at least 1 and at most 9, but is 10"):
        contiguous_batches(np.arange(10), 10, 1)


def test_pad_by_hand():
    padded, mask = pad([[1, 2, 3], [4]], value=-7)
    assert padded.tolist() == [[1, 4], [2, -7], [3, -7]]
    assert mask.tolist() == [[True, True], [True, False], [True, False]]
    assert padded.dtype == np.int64 and mask.dtype == bool


def test_pad_rows_and_length():
    rng = np.random.default_rng(2)
    sequences = [rng.normal(size=(length, 3)) for length in (5, 2, 7, 1, 4)]
    padded, mask = pad(sequences, length=11)
    assert padded.shape == (11, 5, 3) and mask.shape == (11, 5)
    assert mask.sum(axis=0).tolist() == [5, 2, 7, 1, 4]
    for b, sequence in enumerate(sequences):
        assert (padded[mask[:, b], b] == sequence).all()
    assert (padded[~mask] == 0).all()


def test_pad_does_not_round_the_padding_value():
    assert pad([[1, 2], [3]], value=0.5)[0].tolist() == [[1, 3], [2, 0.5]]


def test_split_in_time_by_hand():
    parts = split_in_time(np.arange(10), (0.6, 0.2, 0.2))
    assert [part.tolist() for part in parts] == [[0, 1, 2, 3, 4, 5], [6, 7], [8, 9]]
    parts = split_in_time("abcdefghij", (0.5, 0.5), gap=2)
    assert parts == ["abcde", "hij"]


@pytest.mark.parametrize("fractions", [(0.7, 0.3), (1 / 3, 1 / 3, 1 / 3), (1.0,)])
def test_split_in_time_loses_nothing_without_a_gap(fractions):
    series = np.arange(101)
    assert (np.concatenate(split_in_time(series, fractions)) == series).all()


def test_a_gap_keeps_windows_apart():
    train, test = split_in_time(np.arange(101), (0.7, 0.3), gap=5)
    assert test.min() - train.max() == 6


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: next_step_pairs([1]), ValueError, "sequence must have at least 2 value"),
        (lambda: next_step_pairs("abc"), TypeError, "sequence must hold real numbers"),
        (lambda: windows([1, 2, 3], 3), ValueError, "width must be .* at most 2, but is 3"),
        (lambda: windows([1, 2, 3], 0), ValueError, "width must be at least 1"),
        (lambda: windows([1, 2, 3], 1.0), TypeError, "width must be a whole number"),
        (lambda: windows([1, np.nan, 3], 1), ValueError, "series must be finite, but 1 of its 3"),
        (lambda: windows([[1, 2], [3, 4]], 1), ValueError, "series must have 1 dimension"),
        (lambda: contiguous_batches([], 1, 1), ValueError, "ids must have at least 2"),
        (lambda: contiguous_batches("ab", 1, 1), TypeError, "ids must hold real numbers"),
        (lambda: pad([]), ValueError, "sequences must hold at least one sequence"),
        (lambda: pad([[1], []]), ValueError, r"sequences\[1\] must have at least 1"),
        (lambda: pad([1, 2]), ValueError, r"sequences\[0\] must be a sequence"),
        (lambda: pad([[1], [[1, 2]]]), ValueError, "sequences must agree in D"),
        (lambda: pad([[1, 2]], length=1), ValueError, "length must be at least 2, but is 1"),
        (lambda: pad([[1, 2]], value="x"), TypeError, "value must be a number"),
        (lambda: split_in_time([1, 2], (0.5, 0.4)), ValueError, "sum to 1, but are"),
        (lambda: split_in_time([1, 2], (1.5, -0.5)), ValueError, "fractions must be positive"),
        (lambda: split_in_time([1, 2], (0.9, 0.1)), ValueError, "length 2 is too short"),
        (lambda: split_in_time([1, 2], (0.5, 0.5), gap=1), ValueError, "length 2 is too short"),
        (lambda: split_in_time([1, 2], (0.5, 0.5), gap=-1), ValueError, "gap must be at least 0"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
