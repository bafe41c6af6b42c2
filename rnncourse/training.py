"""One training loop, a plain function, and the history that it returns."""

from dataclasses import dataclass, field
from itertools import islice

import torch

from rnncourse.evaluation import batch_loss, carried
from rnncourse.validate import as_integer


@dataclass
class History:
    """What a training run recorded, and where it stands.

    Args:
        losses: the loss of each step, in the units of the loss function.
        steps_per_epoch: batches in an epoch; 0 until the first one is finished.
        state: the state that is carried to the next batch, or None.
    """

    losses: list = field(default_factory=list)
    steps_per_epoch: int = 0
    state: torch.Tensor | tuple | None = field(default=None, repr=False)

    def epoch_means(self):
        """Return the mean loss of each finished epoch.

        Returns:
            list of floats, shape (epochs,).
        """
        size = self.steps_per_epoch
        starts = range(0, len(self.losses) - size + 1, size) if size else []
        return [sum(self.losses[start : start + size]) / size for start in starts]

    def position(self):
        """Return how many epochs are finished, and how many batches of the next one are done.

        Returns:
            pair of int.
        """
        size = self.steps_per_epoch
        return divmod(len(self.losses), size) if size else (0, len(self.losses))


def fit(model, batches, loss_fn, optimizer, epochs, hook=None, *, carry_state=False, history=None):
    """Train a model: forward, loss, backward, step, for every batch of every epoch.

    Args:
        model: a ``torch.nn.Module`` that maps inputs to predictions, or to (predictions, state).
        batches: a list (or another object that can be looped over again) of pairs
            (inputs, targets), such as (T, B) and (T, B), or triples (inputs, targets, mask); a
            ``DataLoader`` is one. Or a function that takes the number of the epoch and returns the
            batches of that epoch, which may be in another order each time.
        loss_fn: ``loss_fn(predictions, targets)``, a scalar tensor. A mask goes to the model as
            ``mask=mask``, and likewise to ``loss_fn`` where targets are one a step.
        optimizer: a ``torch.optim.Optimizer`` over the model's parameters.
        epochs: how often to go through all batches, at least 1; all in all, if a run goes on.
        hook: called as ``hook(step, loss)`` after the backward pass and before the optimizer's
            step, so that it can watch or clip gradients. Returns it True, this step is the last.
        carry_state: whether each batch begins with the state that the one before ended with, for
            batches that continue each other. Gradients do not go back into earlier batches.
        history: the history of a run to go on with, or None for a new run. It is filled in step by
            step, also if the run is broken off.

    Returns:
        History.

    Raises:
        TypeError: ``epochs`` is not a whole number, or ``batches`` can be looped over only once.
        ValueError: no epoch, no batch, epochs of different lengths, a loss that is not a finite
            scalar, or no state to carry.
    """
    epochs = as_integer(epochs, "epochs", minimum=1)
    history = History() if history is None else history
    first, done = history.position()
    model.train()
    for epoch in range(first, epochs):
        history.state = history.state if done else None
        for batch in islice(_batches_of(batches, epoch), done, None):
            step = len(history.losses)
            optimizer.zero_grad()
            loss, state = batch_loss(model, batch, loss_fn, history.state, step)
            loss.backward()
            stop = hook is not None and hook(step, loss.item()) is True
            optimizer.step()
            history.losses.append(loss.item())
            history.state = carried(state) if carry_state else None
            if stop:
                return history
        _close_epoch(history, epoch)
        done = 0
    return history


def _batches_of(batches, epoch):
    if callable(batches):
        return batches(epoch)
    if iter(batches) is batches:
        raise TypeError(
            f"batches must allow one loop an epoch, as list(batches) does, but is {batches!r}"
        )
    return batches


def _close_epoch(history, epoch):
    """Note how many batches an epoch has, and see that it stays so."""
    if not history.losses:
        raise ValueError("batches must hold at least one batch, but is empty")
    size = history.steps_per_epoch = history.steps_per_epoch or len(history.losses)
    if len(history.losses) != (epoch + 1) * size:
        found = len(history.losses) - epoch * size
        raise ValueError(f"batches must be {size} in every epoch, but epoch {epoch} has {found}")
