"""Bad tensors become errors that name the argument."""

import numpy as np
import pytest
import torch

from rnncourse.tensors import as_ids, as_mask, as_torch_generator


@pytest.mark.parametrize(
    "value", [[1, 2, 0], (1, 2, 0), np.array([1, 2, 0]), torch.tensor([1, 2, 0], dtype=torch.int32)]
)
def test_ids(value):
    ids = as_ids(value, "ids", 3)
    assert ids.dtype == torch.int64 and ids.tolist() == [1, 2, 0]


def test_no_ids_are_ids():
    assert as_ids([], "ids", 3).dtype == torch.int64


@pytest.mark.parametrize(
    "value, error, message",
    [
        ([1, 3], ValueError, "ids must be from 0 to 2, but one is 3"),
        ([-1, 1], ValueError, "ids must be from 0 to 2, but one is -1"),
        ([1.0], TypeError, "ids must be whole numbers, but have dtype torch.float32"),
        ([True], TypeError, "ids must be whole numbers, but have dtype torch.bool"),
        ("abc", TypeError, "ids must be a tensor, but is str"),
        ([[1]], ValueError, r"ids must have 1 dimension\(s\), but has shape \(1, 1\)"),
    ],
)
def test_not_ids(value, error, message):
    with pytest.raises(error, match=message):
        as_ids(value, "ids", 3, ndim=1)


def test_masks():
    mask = np.array([[True, False, True]])
    assert torch.equal(as_mask(mask, "mask", (1, 3)), torch.tensor(mask))
    with pytest.raises(ValueError, match=r"mask must be \(3, 1\), but has shape \(1, 3\)"):
        as_mask(mask, "mask", (3, 1))
    with pytest.raises(TypeError, match="mask must be a tensor of booleans, but is torch.int64"):
        as_mask(torch.tensor([1]), "mask", (1,))
    with pytest.raises(TypeError, match="but is list"):
        as_mask([True], "mask", (1,))


def test_generators():
    own = torch.Generator().manual_seed(7)
    assert as_torch_generator(own) is own
    assert torch.equal(torch.rand(5, generator=as_torch_generator(7)), torch.rand(5, generator=own))
    with pytest.raises(TypeError, match="seed must be a whole number"):
        as_torch_generator(0.5)
    with pytest.raises(ValueError, match="seed must be at least 0"):
        as_torch_generator(-1)
