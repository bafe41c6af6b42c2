"""Bad tensors become an error that names the argument; the counterpart of ``validate`` in torch."""

import numpy as np
import torch

from rnncourse.validate import as_integer


def as_ids(value, name, size, ndim=None):
    """Return whole numbers, from 0 to ``size - 1``, as a tensor.

    Args:
        value: a tensor or an array of whole numbers, of any shape that ``ndim`` allows.
        name: the argument's name, for the message.
        size: how many different numbers there are.
        ndim: number of dimensions that is required, or None for any.

    Returns:
        int64 tensor of the shape of ``value``.

    Raises:
        TypeError: ``value`` does not hold whole numbers.
        ValueError: wrong number of dimensions, or a number outside 0 .. size - 1.
    """
    ids = torch.tensor(value) if isinstance(value, np.ndarray | list | tuple) else value
    if not isinstance(ids, torch.Tensor):
        raise TypeError(f"{name} must be a tensor, but is {type(ids).__name__}")
    whole = not (ids.is_floating_point() or ids.is_complex() or ids.dtype == torch.bool)
    if not whole and ids.numel():
        raise TypeError(f"{name} must be whole numbers, but have dtype {ids.dtype}")
    if ndim is not None and ids.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), but has shape {tuple(ids.shape)}")
    outside = ids[(ids < 0) | (ids >= size)]
    if outside.numel():
        raise ValueError(f"{name} must be from 0 to {size - 1}, but one is {outside[0].item()}")
    return ids.long()


def as_mask(value, name, shape):
    """Return a mask: True where something is real, False where it is padding.

    Args:
        value: booleans of shape ``shape``, as a tensor or an array.
        name: the argument's name, for the message.
        shape: the shape it must have, such as (T, B).

    Returns:
        bool tensor of that shape.

    Raises:
        TypeError: ``value`` does not hold booleans.
        ValueError: another shape.
    """
    mask = torch.tensor(value) if isinstance(value, np.ndarray) else value
    if not isinstance(mask, torch.Tensor) or mask.dtype != torch.bool:
        kind = getattr(mask, "dtype", type(mask).__name__)
        raise TypeError(f"{name} must be a tensor of booleans, but is {kind}")
    if mask.shape != shape:
        raise ValueError(f"{name} must be {tuple(shape)}, but has shape {tuple(mask.shape)}")
    return mask


def as_torch_generator(seed):
    """Return a random generator of torch.

    Args:
        seed: a whole number that is not negative, or a ``torch.Generator``, which is returned as it
            is and so keeps its place in its stream.

    Returns:
        torch.Generator.

    Raises:
        TypeError: ``seed`` is neither.
        ValueError: ``seed`` is negative.
    """
    if isinstance(seed, torch.Generator):
        return seed
    return torch.Generator().manual_seed(as_integer(seed, "seed", minimum=0))
