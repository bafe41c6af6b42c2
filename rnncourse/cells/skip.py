"""Skip connections in time: a second, shorter way back to the past."""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import uniform
from rnncourse.cells.wrapped import sizes_of
from rnncourse.validate import as_integer


class SkipCell(Cell):
    """A cell that also reads its own output of k steps ago: y_{t-k} W_skip joins its input.

    With an Elman cell: h_t = f(x_t W_xh + h_{t-1} W_hh + h_{t-k} W_skip + b_h). The way back over n
    steps is then n // k + n % k products long instead of n (see ``path_length``). The state is a
    pair: the state of the cell, and its last k outputs (y_{t-k}, ..., y_{t-1}), zeros at first.

    Args:
        cell: any cell with ``project`` and ``step``; W_skip is added to what ``project`` gives.
        skip: k, at least 2.
        scale: W_skip is drawn from -scale to scale; None for 1 / sqrt(H). With 0 it begins as the
            cell alone.

    Raises:
        TypeError: ``cell`` is none, ``skip`` is not a whole number, or ``scale`` is no number.
        ValueError: ``skip`` is less than 2, or ``scale`` is negative or not finite.

    Source:
        Lin, Horne, Tino & Giles (1996), Learning long-term dependencies in NARX recurrent neural
        networks, with delays of the output; El Hihi & Bengio (1995), Hierarchical recurrent neural
        networks for long-term dependencies.
    """

    def __init__(self, cell, skip, scale=None):
        super().__init__(*sizes_of(cell))
        self.cell, self.skip = cell, as_integer(skip, "skip", minimum=2)
        scale = self.hidden_size**-0.5 if scale is None else scale
        like = next(cell.parameters())
        width = cell.project(torch.zeros(1, self.input_size).to(like)).shape[1]  # K
        self.W_skip = uniform(scale, self.output_size, width)  # (output_size, K)
        self.to(like)

    def initial_state(self, batch_size):
        state = self.cell.initial_state(batch_size)
        nothing = self.W_skip.new_zeros(batch_size, self.output_size)  # (B, output_size)
        return state, (nothing,) * self.skip

    def project(self, xs):
        return self.cell.project(xs)  # (..., K)

    def step(self, projected, state):
        state, (oldest, *later) = state
        output, state = self.cell.step(projected + oldest @ self.W_skip, state)
        return output, (state, (*later, output))


def path_length(gap, skip):
    """Count the products on the shortest way back over a gap: as many long steps as fit, then ones.

    The gradient goes all ways at once; the shortest is the one that fades least. It grows with
    gap / skip, so skips shorten the way by a factor, and do not take the length away.

    Args:
        gap: number of time steps to bridge, at least 1.
        skip: time steps that the skip connection leaps, at least 2.

    Returns:
        int.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is too small.
    """
    gap = as_integer(gap, "gap", minimum=1)
    return sum(divmod(gap, as_integer(skip, "skip", minimum=2)))
