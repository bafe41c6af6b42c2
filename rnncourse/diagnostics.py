"""The gradient microscope: dL/dh_t, for every step, layer and unit of any recurrent module::

    with watch(model.cell) as states:
        loss = loss_fn(model(xs), targets)
    gradients = state_gradients(loss, states)

or, for a batch as the training loop takes it, ``microscope(model, batch, loss_fn)``. dL/dh_t is the
whole derivative: through the output at step t and through all later states. Vectors are rows, so
it goes one step back as dL/dh_{t-1} = dL/dh_t J_t^T (plus what the output at t - 1 adds), with
J_t[i, j] = dh_t[j] / dh_{t-1}[i].

Looking changes nothing: not a number of the forward pass of a cell, no gradient of a parameter, no
random number, no buffer, and not the mode (training or evaluation).
"""

from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from rnncourse.cells.state import detach
from rnncourse.diagnostics_watch import watch
from rnncourse.evaluation import batch_loss


class View(NamedTuple):
    """What the microscope saw.

    Attributes:
        loss: float, the loss of the batch.
        states: dict of float64 arrays (T, B, H), a part of the state each, such as "cell.state".
        gradients: dict of float64 arrays (T, B, H), dL with respect to each of them.
    """

    loss: float
    states: dict
    gradients: dict


def microscope(model, batch, loss_fn, watched=None, state=None):
    """Compute the gradient of the loss of one batch with respect to every state.

    Cost: one forward and one backward pass, step by step, and memory for all T states: about as
    long as a training step, for ``nn.LSTM`` up to four times as long. The hook of ``training.fit``
    may call it: the run that is watched stays the same to the last bit.

    Args:
        model: a ``torch.nn.Module``, as for ``training.fit``.
        batch: (inputs, targets) or (inputs, targets, mask), such as (T, B) and (T, B).
        loss_fn: ``loss_fn(predictions, targets)``, a scalar tensor.
        watched: list of the modules in ``model`` to watch, or None for its recurrent ones.
        state: the state (B, ...) to begin with, or None.

    Returns:
        View. Where a step is padding the state counts for nothing, and its gradient is 0.

    Raises:
        TypeError: the loss is no tensor, or a state is no tensor and no tuple of them.
        ValueError: nothing to watch, no step, states that change their shape, a loss that is not a
            finite scalar or does not depend on the states, or gradients that are not finite.
    """
    names = {module: name for name, module in model.named_modules()}
    watched = recurrent_modules(model) if watched is None else watched
    outside = [type(module).__name__ for module in watched if module not in names]
    if outside or not watched:
        fault = f"but {outside} are not" if outside else "but is empty"
        raise ValueError(f"watched must hold modules inside model, {fault}")
    with _untouched(model), ExitStack() as stack:
        records = {names[module]: stack.enter_context(watch(module)) for module in watched}
        before = None if state is None else detach(state)
        loss, _ = batch_loss(model, batch, lambda *a, **k: _as_loss(loss_fn(*a, **k)), before)
        states = {
            f"{module}.{part}" if module else part: steps
            for module, record in records.items()
            for part, steps in record.items()
        }
        gradients = state_gradients(loss, states)  # before the buffers are put back
    return View(loss.item(), state_values(states), gradients)


def state_gradients(loss, states):
    """Compute dL/dh_t for all steps. No gradient of a parameter is touched; the graph is kept.

    Cost: one backward pass. ``loss.backward()`` may follow, as if nothing had happened.

    Args:
        loss: scalar tensor, computed from the states.
        states: dict of lists of T tensors (B, H), from ``watch`` or collected by hand.

    Returns:
        dict of float64 arrays (T, B, H); 0 where a state has no influence on the loss.

    Raises:
        TypeError: ``loss`` is not a tensor.
        ValueError: ``loss`` is not a finite scalar or does not depend on the states; no step; NaN
            or infinite gradients.
    """
    loss = _as_loss(loss)
    _check_steps(states)
    flat = [part for steps in states.values() for part in steps]
    if not loss.requires_grad or not all(part.requires_grad for part in flat):
        raise ValueError("states and loss must be computed with gradients, but one has none")
    found = torch.autograd.grad(loss, flat, retain_graph=True, allow_unused=True)
    if all(gradient is None for gradient in found):
        raise ValueError("loss must depend on the states, but depends on none of them")
    rest = iter(torch.zeros_like(h) if g is None else g for g, h in zip(found, flat, strict=True))
    gradients = {name: [next(rest) for _ in steps] for name, steps in states.items()}
    gradients = {name: _as_array(steps) for name, steps in gradients.items()}
    for name, gradient in gradients.items():
        bad = ~np.isfinite(gradient).reshape(len(gradient), -1).all(axis=1)  # (T,)
        if bad.any():
            last = np.flatnonzero(bad)[-1]
            raise ValueError(f"gradients must be finite, but that of {name} is not at step {last}")
    return gradients


def state_values(states):
    """Copy recorded states into arrays.

    Args:
        states: dict of lists of T tensors (B, H), from ``watch``.

    Returns:
        dict of float64 arrays (T, B, H).

    Raises:
        ValueError: no step.
    """
    _check_steps(states)
    return {name: _as_array(steps) for name, steps in states.items()}


def recurrent_modules(model):
    """Find the recurrent modules of a model: cells of the course, and torch's modules and cells.

    Args:
        model: a ``torch.nn.Module``.

    Returns:
        list of modules; of a cell that is made of cells only the outermost.

    Raises:
        ValueError: there is none.
    """
    modules = list(model.modules())
    candidates = [module for module in modules if _is_recurrent(module)]
    candidates = candidates or [module for module in modules if hasattr(module, "initial_state")]
    inner = {part for module in candidates for part in module.modules() if part is not module}
    found = [module for module in candidates if module not in inner]
    if not found:
        name = type(model).__name__
        raise ValueError(f"model must hold a recurrent module, or name it in watched: {name}")
    return found


def _is_recurrent(module):
    is_cell = hasattr(module, "project") and hasattr(module, "step")
    return is_cell or isinstance(module, nn.RNNBase | nn.RNNCellBase)


@contextmanager
def _untouched(model):
    """Put torch's random generators and the model's buffers back to what they were."""
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    devices = sorted({p.device.index for p in model.parameters() if p.is_cuda})
    try:
        with torch.random.fork_rng(devices=devices), torch.enable_grad():
            yield
    finally:
        with torch.no_grad():
            for buffer, saved in buffers:
                buffer.copy_(saved)


def _as_loss(loss):
    if not isinstance(loss, torch.Tensor):
        raise TypeError(f"loss must be a scalar tensor, but is {type(loss).__name__}")
    if loss.numel() != 1:
        raise ValueError(f"loss must be a scalar, but has shape {tuple(loss.shape)}")
    if not torch.isfinite(loss):
        raise ValueError(f"loss must be finite, but is {loss.item()}")
    return loss


def _check_steps(states):
    if not states or not all(states.values()):
        raise ValueError("states must hold at least one step, but the module took none")


def _as_array(steps):
    return torch.stack([part.detach().double().cpu() for part in steps]).numpy()  # (T, B, H)
