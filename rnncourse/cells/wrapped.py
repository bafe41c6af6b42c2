"""Cells around a cell: one that remembers what happened in it, one that clips its gradients.

Both leave the outputs of the cell as they are.
"""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.state import map_state
from rnncourse.validate import as_real


class RecordedCell(Cell):
    """A cell that remembers inputs, states and dL/dh_t of the last sequences it ran over.

    After ``loss.backward()`` in a model with such a cell, ``trace()`` hands out what the penalty
    ``rnncourse.regularizers.omega`` takes. A new run over sequences begins a new record, and
    nothing is kept where gradients are off.

    Args:
        cell: a cell with ``project`` and ``step`` whose state is one tensor and its output, such as
            an ``ElmanCell``: else part of dL/dh_t would pass unseen, by way of the output.

    Raises:
        TypeError: ``cell`` is none, or (as soon as it runs) its state is not its output.
        ValueError: (as soon as it runs) there is padding.
    """

    def __init__(self, cell):
        super().__init__(*sizes_of(cell))
        self.cell, self.xs, self.states = cell, None, []

    def initial_state(self, batch_size):
        return self.cell.initial_state(batch_size)

    def project(self, xs):
        self.xs, self.states = xs, []
        return self.cell.project(xs)

    def step(self, projected, state):
        output, new = self.cell.step(projected, state)
        if torch.is_grad_enabled():
            self._record(state, new, output)
        return output, new

    def _record(self, state, new, output):
        if not isinstance(new, torch.Tensor):
            raise TypeError(f"state must be one tensor, but is a {type(new).__name__}")
        if output is not new:
            name = type(self.cell).__name__
            raise TypeError(f"cell must have its output be its state, but {name} has two tensors")
        if self.states and state is not self.states[-1]:
            raise ValueError("mask must be None: there is no record of steps that are padding")
        if new.requires_grad:
            new.retain_grad()
        self.states += [new] if self.states else [state, new]

    def trace(self):
        """Return what happened, as constants.

        Returns:
            xs (T, B, D) or (T, B), states h_0 to h_T (T + 1, B, H), gradients dL/dh_1 to dL/dh_T
            (T, B, H); a state that the loss does not depend on has the gradient 0.

        Raises:
            ValueError: there was no backward pass since the cell last ran.
        """
        later = self.states[1:]
        if all(h.grad is None for h in later):
            raise ValueError("trace() needs a run with gradients on, and loss.backward() after it")
        gradients = [torch.zeros_like(h) if h.grad is None else h.grad for h in later]
        return self.xs.detach(), torch.stack(self.states).detach(), torch.stack(gradients)


class ClippedCell(Cell):
    """A cell whose dL/dh_t is kept short at every step of the backward pass.

    On the way back each dL/dh_t, the sum of what comes from the output at t and from step t + 1, is
    shortened before it goes on to the weights and to step t - 1. So what the steps add up to is no
    longer the gradient of the loss: unlike a clip of the whole gradient, it may point elsewhere.

    Args:
        cell: any cell with ``project`` and ``step``; each tensor of its state is clipped by itself.
            Where the output is not a tensor of the state (``TorchCell``), what comes from the
            output passes unclipped.
        max_norm: largest length of dL/dh_t for one sequence of the batch, above 0. Where the loss
            is a mean of B sequences, each dL/dh_t holds a factor 1/B.

    Raises:
        TypeError: ``cell`` is none, or ``max_norm`` is not a number.
        ValueError: ``max_norm`` is not above 0; or (in the backward pass) a gradient is not finite.
    """

    def __init__(self, cell, max_norm):
        super().__init__(*sizes_of(cell))
        self.cell, self.max_norm = cell, _above_zero(max_norm)

    def initial_state(self, batch_size):
        return self.cell.initial_state(batch_size)

    def project(self, xs):
        return self.cell.project(xs)

    def step(self, projected, state):
        output, new = self.cell.step(projected, state)
        map_state(lambda tensor: clip_gradient_of(tensor, self.max_norm), new)
        return output, new


def clip_gradient_of(tensor, max_norm):
    """Have the gradient of a tensor shortened as soon as the backward pass has computed it.

    The hook sees the whole dL/d tensor, and whatever the tensor was made from gets the short one.
    Each row of the batch is a vector of its own.

    Args:
        tensor: such as a state h_t (B, H); without gradients nothing is done.
        max_norm: largest length of a row's gradient, above 0.

    Returns:
        the tensor, (B, H), itself.

    Raises:
        TypeError: ``max_norm`` is not a number.
        ValueError: ``max_norm`` is not above 0; or (in the backward pass) a gradient is not finite.
    """
    max_norm = _above_zero(max_norm)

    def shorten(gradient):
        rows = gradient.flatten(1).double()  # (B, H), squares of 1e25 fit
        lengths = torch.linalg.vector_norm(rows, dim=1, keepdim=True)  # (B, 1)
        if not torch.isfinite(lengths).all():
            raise ValueError("dL/dh_t must be finite to be clipped, but holds NaN or infinity")
        scale = (max_norm / lengths.clamp(min=max_norm)).to(gradient.dtype)  # (B, 1), at most 1
        return gradient * scale.reshape(-1, *[1] * (gradient.ndim - 1))

    if tensor.requires_grad:
        tensor.register_hook(shorten)
    return tensor


def sizes_of(cell):
    """Return the sizes that a cell around this cell takes over.

    Args:
        cell: a cell with ``project`` and ``step``.

    Returns:
        tuple of int: ``input_size``, ``hidden_size``, ``output_size``.

    Raises:
        TypeError: ``cell`` lacks one of these.
    """
    lacks = [name for name in ("project", "step", "input_size") if not hasattr(cell, name)]
    if lacks:
        raise TypeError(f"cell must have project and step, but {type(cell).__name__} lacks {lacks}")
    return cell.input_size, cell.hidden_size, getattr(cell, "output_size", cell.hidden_size)


def _above_zero(value):
    value = as_real(value, "max_norm")
    if value <= 0:
        raise ValueError(f"max_norm must be above 0, but is {value!r}")
    return value
