"""Clipping against torch's, and its invariants."""

import numpy as np
import pytest
import torch

from rnncourse.clipping import clip_by_norm, clip_by_value, global_norm
from rnncourse.numpy_rnn import Parameters, initialise


def gradients(scale=1.0):
    return initialise(3, 5, 2, seed=0, scale=scale)


def as_torch(tree):
    tensors = [torch.zeros(a.shape, dtype=torch.float64, requires_grad=True) for a in tree]
    for tensor, array in zip(tensors, tree, strict=True):
        tensor.grad = torch.from_numpy(array.copy())
    return tensors


@pytest.mark.parametrize("limit", [0.1, 1.0, 100.0])
def test_clipping_by_value_is_that_of_torch(limit):
    tensors = as_torch(gradients())
    torch.nn.utils.clip_grad_value_(tensors, limit)
    clipped = clip_by_value(gradients(), limit)
    assert isinstance(clipped, Parameters)
    for ours, theirs in zip(clipped, tensors, strict=True):
        np.testing.assert_array_equal(ours, theirs.grad.numpy())


@pytest.mark.parametrize("max_norm", [0.1, 1.0, 100.0])
def test_clipping_by_norm_is_that_of_torch(max_norm):
    tensors = as_torch(gradients())
    expected = torch.nn.utils.clip_grad_norm_(tensors, max_norm)
    clipped, norm = clip_by_norm(gradients(), max_norm)
    assert norm == pytest.approx(expected.item(), rel=1e-12)
    for ours, theirs in zip(clipped, tensors, strict=True):
        np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-5)  # torch adds 1e-6


def test_the_norm_is_met_and_the_direction_kept():
    clipped, norm = clip_by_norm(gradients(), 0.5)
    assert norm == pytest.approx(global_norm(gradients()))
    assert global_norm(clipped) == pytest.approx(0.5, rel=1e-12)
    for ours, before in zip(clipped, gradients(), strict=True):
        np.testing.assert_allclose(ours * norm, before * 0.5, atol=1e-12)


def test_short_gradients_stay():
    clipped, _ = clip_by_norm({"a": np.array([3.0, 4.0])}, 5.0)
    assert clipped["a"].tolist() == [3.0, 4.0]
    zeros, norm = clip_by_norm([np.zeros(3)], 1.0)
    assert (zeros[0].tolist(), norm) == ([0.0, 0.0, 0.0], 0.0)


def test_arguments_and_precision_are_kept():
    mine = [np.full(3, 9.0, np.float32)]
    assert clip_by_value(mine, 1.0)[0].dtype == np.float32
    assert clip_by_norm(mine, 1.0)[0][0].dtype == np.float32
    assert mine[0].tolist() == [9.0, 9.0, 9.0]


def test_large_float32_gradients_have_a_norm():
    _, norm = clip_by_norm([np.full(4, 1e30, np.float32)], 1.0)
    assert norm == pytest.approx(2e30, rel=1e-6)


@pytest.mark.parametrize("clip", [clip_by_value, clip_by_norm])
@pytest.mark.parametrize(
    ("limit", "error"),
    [(0, ValueError), (-1.0, ValueError), (np.nan, ValueError), ("1", TypeError)],
)
def test_bad_limits(clip, limit, error):
    with pytest.raises(error, match="limit|max_norm"):
        clip([np.ones(2)], limit)


@pytest.mark.parametrize("clip", [clip_by_value, clip_by_norm])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gradients_that_are_not_finite(clip, bad):
    with pytest.raises(ValueError, match="gradients must be finite"):
        clip([np.array([1.0, bad])], 1.0)
