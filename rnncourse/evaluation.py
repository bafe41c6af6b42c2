"""How good a model is: the loss of a batch, and its mean over many without any training."""

from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from rnncourse.cells.state import detach
from rnncourse.tensors import as_ids, as_mask


def cross_entropy(logits, targets, mask=None):
    """Mean of -ln p(target) over all steps that are no padding, in nats per symbol.

    Args:
        logits: scores (..., V), such as (T, B, V).
        targets: whole numbers (...) from 0 to V - 1.
        mask: booleans (...), False where there is only padding, or None.

    Returns:
        scalar tensor.

    Raises:
        TypeError: ``targets`` are not whole numbers, or ``mask`` does not hold booleans.
        ValueError: shapes that do not fit, a target outside 0 .. V - 1, or no step that is real.
    """
    if mask is not None:
        mask = as_mask(mask, "mask", logits.shape[:-1])
        logits, targets = logits[mask], targets[mask]  # (M, V), (M,)
    targets = as_ids(targets, "targets", logits.shape[-1])
    if targets.shape != logits.shape[:-1] or not targets.numel():
        shapes = f"{tuple(targets.shape)}, with logits {tuple(logits.shape)}"
        raise ValueError(f"targets must be one for each row of logits, but are {shapes}")
    return nn.functional.cross_entropy(logits.flatten(0, -2), targets.flatten())


def batch_loss(model, batch, loss_fn, state=None, step=0):
    """Loss of a model on one batch.

    Args:
        model: maps the inputs to predictions, or to a pair (predictions, state). It is called as
            ``model(inputs)``, with a state as ``model(inputs, state)``, with a mask as
            ``model(inputs, ..., mask=mask)``.
        batch: (inputs, targets) or (inputs, targets, mask); NumPy arrays become tensors.
        loss_fn: ``loss_fn(predictions, targets)``. Where there is a mask (T, B) and a target for
            each step, (T, B) or (T, B, ...), it is called as ``loss_fn(..., mask=mask)``.
        state: the state to begin with, or None.
        step: number of the batch, for the message.

    Returns:
        loss, a scalar tensor; the state that the model returned, or None.

    Raises:
        ValueError: a batch of other than two or three parts, or a loss that is no finite scalar.
    """
    inputs, targets, to_model, to_loss = _parts(batch)
    before = () if state is None else (state,)
    predictions = model(inputs, *before, **to_model)
    predictions, state = predictions if isinstance(predictions, tuple) else (predictions, None)
    loss = loss_fn(predictions, targets, **to_loss)
    if loss.numel() != 1 or not torch.isfinite(loss):
        raise ValueError(f"loss must be a finite scalar, but is {loss.detach()} at step {step}")
    return loss, state


def carried(state):
    """Take a state over to the next batch: its numbers, without the way it came about.

    Args:
        state: the state of tensors (B, ...) that the model returned.

    Returns:
        state with the same numbers; gradients end here (truncated backpropagation through time).

    Raises:
        ValueError: the model returned no state.
    """
    if state is None:
        raise ValueError("carry_state=True needs a model that returns (predictions, state)")
    return detach(state)


@contextmanager
def evaluation_mode(model):
    """Switch dropout and gradients off inside a ``with`` block, and put every switch back after it.

    Args:
        model: a ``torch.nn.Module``.

    Yields:
        None.
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def evaluate(model, batches, loss_fn, carry_state=False):
    """Mean loss per target, without training.

    Args:
        model: a ``torch.nn.Module``, as in ``batch_loss``.
        batches: an iterable of batches, as in ``batch_loss``.
        loss_fn: as in ``batch_loss``; it returns a mean, which counts as often as the batch has
            targets that are no padding.
        carry_state: whether each batch begins with the state that the one before ended with.

    Returns:
        float, in the units of ``loss_fn``.

    Raises:
        ValueError: no batch, a loss that is no finite scalar, or no state to carry.
    """
    total, count, state = 0.0, 0, None
    with evaluation_mode(model):
        for step, batch in enumerate(batches):
            loss, state = batch_loss(model, batch, loss_fn, state, step)
            size = _count(batch)
            total, count = total + loss.item() * size, count + size
            state = carried(state) if carry_state else None
    if not count:
        raise ValueError("batches must hold at least one batch, but is empty")
    return total / count


def _parts(batch):
    """Inputs, targets, and what goes by name to the model and to the loss function."""
    if len(batch) not in (2, 3):
        raise ValueError(f"batches must be of 2 or 3 parts, but one has {len(batch)}")
    inputs, targets, *masks = (
        torch.tensor(part) if isinstance(part, np.ndarray) else part for part in batch
    )
    to_model = {"mask": masks[0]} if masks else {}
    to_loss = to_model if masks and targets.shape[:2] == masks[0].shape else {}
    return inputs, targets, to_model, to_loss


def _count(batch):
    """How many targets of a batch are no padding."""
    _, targets, _, to_loss = _parts(batch)
    return int(to_loss["mask"].sum()) if to_loss else targets.numel()
