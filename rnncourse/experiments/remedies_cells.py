"""Remedies against vanishing and exploding gradients, one function each.

Every function takes D, H, a seed and its own numbers, and returns a cell and a hook. The hook is
called as ``hook(model, optimizer, step)`` between the backward pass and the optimizer's step.
"""

from functools import partial

import torch
from torch import nn

from rnncourse.cells.cell import Cell
from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.initialisation import irnn_, orthogonal_, spectral_radius_
from rnncourse.cells.skip import SkipCell
from rnncourse.cells.state import detach
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.wrapped import ClippedCell, RecordedCell
from rnncourse.regularizers import omega, soft_orthogonality
from rnncourse.validate import as_integer


def leave(model, optimizer, step):
    """Do nothing: the hook of a remedy that has none.

    Args:
        model, optimizer, step: as every hook has them.
    """


def clip(model, optimizer, step, max_norm):
    """Shorten the whole gradient to a given length, as a hook.

    Args:
        model, optimizer, step: as every hook has them.
        max_norm: the largest length.
    """
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)


def nothing(D, H, seed):
    """Return a tanh cell as torch begins it, with no remedy at all.

    Args:
        D, H, seed: sizes; the seed is not used, the weights come from torch's own generator.
    """
    return ElmanCell(D, H), leave


def clipping_by_norm(D, H, seed, max_norm):
    """Return the same, with the whole gradient clipped by its norm.

    Args:
        D, H, seed: as in ``nothing``.
        max_norm: largest length of the gradient.
    """
    return ElmanCell(D, H), partial(clip, max_norm=max_norm)


def clipping_by_value(D, H, seed, limit):
    """Return the same, with each number of the gradient clipped by itself.

    Args:
        D, H, seed: as in ``nothing``.
        limit: largest size of a number.
    """

    def hook(model, optimizer, step):
        nn.utils.clip_grad_value_(model.parameters(), limit)

    return ElmanCell(D, H), hook


def clipping_of_states(D, H, seed, max_norm):
    """Return the same, with nothing but each dL/dh_t clipped on its way back.

    Args:
        D, H, seed: as in ``nothing``.
        max_norm: largest length of dL/dh_t for one sequence; it holds a factor 1/B.
    """
    return ClippedCell(ElmanCell(D, H), max_norm), leave


def small_steps(D, H, seed, factor, warm_up):
    """Return the same, with small steps that begin smaller still, and no clipping.

    Args:
        D, H, seed: as in ``nothing``.
        factor: by which the learning rate is multiplied.
        warm_up: over how many updates it rises from 0 in a straight line.
    """

    def hook(model, optimizer, step):
        for group in optimizer.param_groups:
            first = group.setdefault("first_lr", group["lr"])
            group["lr"] = first * factor * min(1, (step + 1) / warm_up)

    return ElmanCell(D, H), hook


class TruncatedCell(Cell):
    """A cell whose gradients end every k steps, while the state goes on.

    Args:
        cell: any cell with ``project`` and ``step``.
        chunk: k, at least 1.

    Raises:
        TypeError: ``chunk`` is not a whole number.
        ValueError: ``chunk`` is less than 1.
    """

    def __init__(self, cell, chunk):
        super().__init__(cell.input_size, cell.hidden_size)
        self.cell, self.chunk, self.t = cell, as_integer(chunk, "chunk", minimum=1), 0

    def initial_state(self, batch_size):
        return self.cell.initial_state(batch_size)

    def project(self, xs):
        self.t = 0
        return self.cell.project(xs)

    def step(self, projected, state):
        state = state if self.t % self.chunk else detach(state)
        self.t += 1
        return self.cell.step(projected, state)


def truncation(D, H, seed, chunk, max_norm):
    """Return the same for truncated backpropagation: the state goes on, gradients end.

    Args:
        D, H, seed: as in ``nothing``.
        chunk: steps that a gradient goes back at most.
        max_norm: as in ``clipping_by_norm``.
    """
    return TruncatedCell(ElmanCell(D, H), chunk), partial(clip, max_norm=max_norm)


def soft_orthogonal(D, H, seed, alpha, max_norm):
    """Return the same, with a penalty that pulls the singular values of W_hh to 1.

    Args:
        D, H, seed: as in ``nothing``.
        alpha: factor of the penalty.
        max_norm: as in ``clipping_by_norm``; the penalty's gradient is clipped too.
    """
    cell = ElmanCell(D, H)

    def hook(model, optimizer, step):
        (alpha * soft_orthogonality(cell.W_hh)).backward()
        clip(model, optimizer, step, max_norm)

    return cell, hook


def skips(D, H, seed, skip, max_norm):
    """Return the same, with skip connections in time.

    Args:
        D, H, seed: as in ``nothing``.
        skip: steps that a connection leaps.
        max_norm: as in ``clipping_by_norm``.
    """
    return SkipCell(ElmanCell(D, H), skip), partial(clip, max_norm=max_norm)


def orthogonal_start(D, H, seed, max_norm, nonlinearity=torch.tanh):
    """Return a cell whose W_hh begins as a random orthogonal matrix.

    Args:
        D, H: as in ``nothing``.
        seed: for the matrix.
        max_norm: as in ``clipping_by_norm``.
        nonlinearity: f.
    """
    cell = ElmanCell(D, H, nonlinearity=nonlinearity)
    return orthogonal_(cell, seed=seed), partial(clip, max_norm=max_norm)


def linear_orthogonal_start(D, H, seed, max_norm):
    """Return the same without a non-linearity: a linear recurrence.

    Args:
        D, H, seed, max_norm: as in ``orthogonal_start``.
    """
    return orthogonal_start(D, H, seed, max_norm, nonlinearity=nn.Identity())


def identity_start(D, H, seed, input_sd, max_norm):
    """Return an IRNN: ReLU, and W_hh begins as the identity.

    Args:
        D, H: as in ``nothing``.
        seed: for the input weights.
        input_sd: standard deviation of the input weights.
        max_norm: as in ``clipping_by_norm``.
    """
    cell = ElmanCell(D, H, nonlinearity=torch.relu)
    return irnn_(cell, input_sd, seed), partial(clip, max_norm=max_norm)


def radius_start(D, H, seed, radius, max_norm):
    """Return a tanh cell whose W_hh is scaled to a spectral radius: Omega's start, alone.

    Args:
        D, H, seed: as in ``nothing``.
        radius: the spectral radius.
        max_norm: as in ``clipping_by_norm``.
    """
    return spectral_radius_(ElmanCell(D, H), radius), partial(clip, max_norm=max_norm)


def omega_penalty(D, H, seed, alpha, radius, max_norm):
    """Return the same with Pascanu's Omega, and with clipping, as in the paper.

    Args:
        D, H, seed: as in ``nothing``.
        alpha: factor of Omega.
        radius: the spectral radius that W_hh begins with.
        max_norm: as in ``clipping_by_norm``; Omega's gradient is clipped too.

    Raises:
        FloatingPointError: (in the hook) some dL/dh_t is not finite.
    """
    cell = spectral_radius_(ElmanCell(D, H), radius)
    recorded = RecordedCell(cell)

    def hook(model, optimizer, step):
        xs, states, gradients = recorded.trace()
        if not torch.isfinite(gradients).all():
            raise FloatingPointError("dL/dh_t must be finite")
        (alpha * omega(cell, xs, states, gradients)).backward()
        clip(model, optimizer, step, max_norm)

    return recorded, hook


def lstm(D, H, seed, max_norm):
    """Return the LSTM of the next part, as torch has it.

    Args:
        D, H, seed: as in ``nothing``.
        max_norm: as in ``clipping_by_norm``.
    """
    return TorchCell(nn.LSTM(D, H)), partial(clip, max_norm=max_norm)
