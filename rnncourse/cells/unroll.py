"""One cell over a whole sequence."""

import torch
from torch import nn

from rnncourse.cells.state import check_state, freeze
from rnncourse.tensors import as_ids, as_mask


def unroll(cell, xs, state=None, mask=None):
    """Run a cell over a whole sequence: the same weights at every step.

    Args:
        cell: any cell, ``output, state = cell(x, state)``.
        xs: inputs (T, B, D), or whole numbers (T, B) that stand for one-hot rows.
        state: the state to begin with, or None for ``cell.initial_state(B)``.
        mask: booleans (T, B), False where a step is padding, or None. There the state stays as it
            is, and the output is zero.

    Returns:
        outputs (T, B, H), and the state after the last step.
    """
    xs, state, mask = checked(cell, xs, state, mask)
    if mask is None and hasattr(cell, "run"):  # a cell that needs no loop
        return cell.run(xs, state)
    inputs, step = (cell.project(xs), cell.step) if hasattr(cell, "project") else (xs, cell)
    outputs = []
    for t, x in enumerate(inputs.unbind()):
        output, new = step(x, state)
        if mask is not None:
            new, output = freeze(mask[t], new, state), freeze(mask[t], output, output * 0)
        outputs.append(output)
        state = new
    return torch.stack(outputs), state


def checked(cell, xs, state=None, mask=None):
    """Refuse what a cell cannot run over, and fill in what was left out.

    Args:
        cell: any cell.
        xs: inputs (T, B, D), or whole numbers (T, B) from 0 to D - 1.
        state: a state, or None.
        mask: booleans (T, B), or None.

    Returns:
        xs, with zeros where the mask says padding; state; and mask, None where all is real.

    Raises:
        TypeError: wrong kinds of numbers, or a state that is built otherwise.
        ValueError: wrong shapes, no steps, NaN, or a whole number outside 0 .. D - 1.
    """
    if not isinstance(xs, torch.Tensor):
        raise TypeError(f"xs must be a tensor, but is {type(xs).__name__}")
    wanted = (cell.input_size,) if xs.is_floating_point() else ()
    if xs.ndim < 2 or xs.shape[2:] != wanted or 0 in xs.shape:
        allowed = f"(T, B, {cell.input_size}), or whole numbers (T, B), with T and B at least 1"
        raise ValueError(f"xs must be {allowed}, but has shape {tuple(xs.shape)}")
    if mask is not None:
        mask = as_mask(mask, "mask", xs.shape[:2])
        xs = xs.masked_fill(~mask.reshape(*mask.shape, *[1] * len(wanted)), 0)
        mask = None if mask.all() else mask
    xs = _checked_values(cell, xs)
    initial = cell.initial_state(xs.shape[1])
    if state is not None:
        check_state(state, initial)
    return xs, initial if state is None else state, mask


def _checked_values(cell, xs):
    """The inputs: real numbers as they are; whole ones in range, one-hot if the cell needs it."""
    weight = next(cell.parameters(), torch.empty(0))
    if not xs.is_floating_point():
        ids = as_ids(xs, "xs", cell.input_size)
        looks_up = hasattr(cell, "project")
        return ids if looks_up else nn.functional.one_hot(ids, cell.input_size).to(weight)
    if xs.dtype != weight.dtype:
        raise TypeError(f"xs must be {weight.dtype} like the cell's weights, but are {xs.dtype}")
    if not torch.isfinite(xs).all():
        bad = int((~torch.isfinite(xs)).sum())
        raise ValueError(f"xs must be finite, but {bad} of {xs.numel()} are NaN or infinite")
    return xs
