"""Digits pixel by pixel: the bundled pictures themselves, no picture in two parts, fixed orders."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from rnncourse.datasets.digits import PixelSplit, as_images, pixel_digits


def parts(split):
    return split.train, split.validation, split.test


def keys(xs, order):
    """Each picture as one string of bytes, whatever the order in which it is read."""
    return [image.tobytes() for image in as_images(xs, order)]


@pytest.mark.parametrize("permutation", [None, 3])
def test_the_parts_are_the_bundled_pictures_each_once(permutation):
    split, bundled = pixel_digits(201, 307, permutation=permutation), load_digits()
    assert [len(part.labels) for part in parts(split)] == [1797 - 201 - 307, 201, 307]
    for part in parts(split):
        assert part.xs.shape == (64, len(part.labels), 1)
        assert part.xs.dtype == np.float32 and part.xs.flags.c_contiguous
    ours = sorted(
        (key, label)
        for part in parts(split)
        for key, label in zip(keys(part.xs, split.order), part.labels.tolist(), strict=True)
    )
    images = (bundled.images / 16).astype(np.float32)
    theirs = sorted((i.tobytes(), k) for i, k in zip(images, bundled.target.tolist(), strict=True))
    assert ours == theirs


def test_plain_is_line_by_line():
    split = pixel_digits()
    assert split.order.tolist() == list(range(64))
    image = as_images(split.train.xs)[0]
    np.testing.assert_array_equal(image.ravel(), split.train.xs[:, 0, 0])
    assert 0 == split.train.xs.min() < split.train.xs.max() == 1


def test_permuted_shuffles_the_steps_and_nothing_else():
    plain, shuffled = pixel_digits(), pixel_digits(permutation=5)
    assert sorted(shuffled.order) == list(range(64)) and (shuffled.order != plain.order).any()
    for one, other in zip(parts(plain), parts(shuffled), strict=True):
        np.testing.assert_array_equal(other.xs, one.xs[shuffled.order])
        np.testing.assert_array_equal(other.labels, one.labels)
        np.testing.assert_array_equal(as_images(other.xs, shuffled.order), as_images(one.xs))
    assert (as_images(shuffled.train.xs) != as_images(plain.train.xs)).any()


def test_the_two_seeds_do_their_own_work():
    one = pixel_digits(permutation=5, seed=1)
    again, other_split = pixel_digits(permutation=5, seed=1), pixel_digits(permutation=5, seed=2)
    np.testing.assert_array_equal(one.train.xs, again.train.xs)
    np.testing.assert_array_equal(one.order, other_split.order)
    assert (one.test.labels != other_split.test.labels).any()
    drawn = pixel_digits(permutation=np.random.default_rng(5), seed=np.random.default_rng(1))
    np.testing.assert_array_equal(one.test.xs, drawn.test.xs)


def test_chance_is_what_the_commonest_digit_reaches():
    split = pixel_digits()
    assert isinstance(split, PixelSplit)
    rates = [(split.test.labels == digit).mean() for digit in range(10)]
    assert split.chance in rates
    assert split.chance == rates[np.bincount(split.train.labels).argmax()]
    assert 0.05 < split.chance < 0.15


def test_logistic_regression_does_not_see_the_order():
    """A model without time is as good on shuffled pixels as on plain ones: about 0.96."""
    accuracies = []
    for permutation in (None, 7):
        split = pixel_digits(permutation=permutation)
        model = LogisticRegression(max_iter=1000)
        model.fit(split.train.xs[:, :, 0].T, split.train.labels)
        accuracies.append(model.score(split.test.xs[:, :, 0].T, split.test.labels))
    assert min(accuracies) > 0.93
    assert accuracies[0] == pytest.approx(accuracies[1], abs=0.01)


def test_callers_cannot_change_the_next_call():
    pixel_digits().train.xs[:] = -1
    assert pixel_digits().train.xs.min() == 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"num_test": 0}, ValueError, "num_test must be at least 1"),
        ({"num_test": 1497}, ValueError, "num_test must be at least 1 and at most 1496"),
        ({"num_validation": 0}, ValueError, "num_validation must be at least 1"),
        ({"num_validation": 5000}, ValueError, "num_validation must be .* at most 1795"),
        ({"num_validation": 0.2}, TypeError, "num_validation must be a whole number"),
        ({"permutation": True}, TypeError, "permutation must be a whole number, but is True"),
        ({"permutation": -1}, ValueError, "permutation must be at least 0, but is -1"),
        ({"seed": None}, TypeError, "seed must be a whole number"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        pixel_digits(**arguments)


@pytest.mark.parametrize(
    ("xs", "order", "message"),
    [
        (np.zeros((63, 2, 1)), None, r"xs must have shape \(64, B, 1\), but have \(63, 2, 1\)"),
        (np.zeros((64, 2)), None, "xs must have shape"),
        (np.zeros((64, 2, 1)), np.zeros(64, int), "order must hold each whole number"),
        (np.zeros((64, 2, 1)), np.arange(63), "order must hold each whole number"),
    ],
)
def test_what_is_no_picture(xs, order, message):
    with pytest.raises(ValueError, match=message):
        as_images(xs, order)
