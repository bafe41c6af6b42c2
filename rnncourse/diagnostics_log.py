"""A log of the gradient's length during training, as a hook for ``training.fit``."""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from rnncourse.diagnostics_norms import find_spikes


@dataclass
class GradientLog:
    """Note the loss and the length of the gradient at every step of a training run.

    ``fit(..., hook=log)`` is all it takes; where the hook also clips, call ``log(step, loss)``
    before the clipping. The log only reads: losses and parameters stay the same to the last bit.
    Cost: one pass over the gradients a step, and one number kept for each parameter tensor.

    Args:
        model: the ``torch.nn.Module`` that is trained.
        steps: list of int, the numbers of the steps, shape (S,).
        losses: list of float, the loss at each of them.
        norms: list of float, the length of the whole gradient, all parameters taken as one vector;
            NaN or infinite where a gradient is.
        by_parameter: dict of lists, the length of the gradient of each parameter by its name; 0
            where a parameter has none.
    """

    model: nn.Module = field(repr=False)
    steps: list = field(default_factory=list, repr=False)
    losses: list = field(default_factory=list, repr=False)
    norms: list = field(default_factory=list)
    by_parameter: dict = field(default_factory=dict, repr=False)

    def __call__(self, step, loss):
        """Note one step; the hook of ``training.fit``.

        Args:
            step: its number.
            loss: float.

        Raises:
            ValueError: no parameter has a gradient, such as before the first backward pass.
        """
        named = dict(self.model.named_parameters())
        if all(parameter.grad is None for parameter in named.values()):
            raise ValueError("model must have gradients when its step is logged, but has none")
        lengths = torch.stack([_length(parameter) for parameter in named.values()])  # (P,)
        for name, length in zip(named, lengths.tolist(), strict=True):
            self.by_parameter.setdefault(name, []).append(length)
        self.norms.append(float(torch.linalg.vector_norm(lengths)))
        self.steps.append(step)
        self.losses.append(loss)

    def spikes(self, **settings):
        """Return the steps whose gradient is far longer than it was just before, or not finite.

        Args:
            settings: window, threshold and minimum of ``diagnostics_norms.find_spikes``.

        Returns:
            list of int, the numbers of the steps.
        """
        found = np.flatnonzero(find_spikes(np.array(self.norms, dtype=float), **settings))
        return [self.steps[k] for k in found]

    def first_nonfinite(self):
        """Return where a gradient first was NaN or infinite, and whose it was.

        Returns:
            step (int) and a list of the names of the parameters; or None if all were finite.
        """
        bad = np.flatnonzero(~np.isfinite(self.norms))
        if not len(bad):
            return None
        names = [n for n, norms in self.by_parameter.items() if not np.isfinite(norms[bad[0]])]
        return self.steps[bad[0]], names


@torch.no_grad()
def _length(parameter):
    """Length of one gradient, in float64: squares of float32 numbers overflow at 1e19."""
    gradient = parameter.grad
    if gradient is None:
        return torch.zeros((), dtype=torch.float64, device=parameter.device)
    gradient = gradient.coalesce().values() if gradient.is_sparse else gradient
    return torch.linalg.vector_norm(gradient, dtype=torch.float64)
