"""One training loop, a plain function, and the history that it returns."""

from dataclasses import dataclass, field

import torch

from rnncourse.validate import as_integer


@dataclass
class History:
    """What a training run recorded: the loss of each step, in the units of the loss function."""

    losses: list = field(default_factory=list)
    steps_per_epoch: int = 0

    def epoch_means(self):
        """Return the mean loss of each finished epoch.

        Returns:
            list of floats, shape (epochs,).
        """
        size = self.steps_per_epoch
        starts = range(0, len(self.losses) - size + 1, size) if size else []
        return [sum(self.losses[start : start + size]) / size for start in starts]


def fit(model, batches, loss_fn, optimizer, epochs, hook=None):
    """Train a model: forward, loss, backward, step, for every batch of every epoch.

    Args:
        model: a ``torch.nn.Module`` that maps a batch's inputs to predictions.
        batches: a list (or another object that can be looped over again) of pairs
            (inputs (B, ...), targets (B, ...)); a ``DataLoader`` is one.
        loss_fn: ``loss_fn(predictions, targets)``, a scalar tensor.
        optimizer: a ``torch.optim.Optimizer`` over the model's parameters.
        epochs: how often to go through all batches, at least 1.
        hook: called as ``hook(step, loss)`` after the backward pass and before the optimizer's
            step, so that it can watch or clip gradients; what it returns is ignored.

    Returns:
        History.

    Raises:
        TypeError: ``epochs`` is not a whole number, or ``batches`` can be looped over only once.
        ValueError: no epoch, no batch, or a loss that is not a finite scalar.
    """
    epochs = as_integer(epochs, "epochs", minimum=1)
    if iter(batches) is batches:
        raise TypeError(f"batches must allow one loop an epoch, but is used up by one: {batches!r}")
    history = History()
    model.train()
    for _ in range(epochs):
        for inputs, targets in batches:
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            if loss.numel() != 1 or not torch.isfinite(loss):
                at = f"at step {len(history.losses)}"
                raise ValueError(f"loss must be a finite scalar, but is {loss.detach()} {at}")
            loss.backward()
            if hook is not None:
                hook(len(history.losses), loss.item())
            optimizer.step()
            history.losses.append(loss.item())
        if not history.losses:
            raise ValueError("batches must hold at least one batch, but is empty")
        history.steps_per_epoch = history.steps_per_epoch or len(history.losses)
    return history
