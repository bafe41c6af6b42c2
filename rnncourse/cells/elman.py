"""Elman's cell: the hidden state is fed back. It is what most people call an RNN."""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import times, uniform


class ElmanCell(Cell):
    """h_t = f(x_t W_xh + h_{t-1} W_hh + b_h); the output and the state are both h_t.

    Args:
        input_size: D.
        hidden_size: H.
        nonlinearity: f, a function of a tensor.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H), as torch does.

    Source:
        Elman (1990), Finding structure in time; his context units hold h_{t-1}.
    """

    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh, scale=None):
        super().__init__(input_size, hidden_size)
        self.nonlinearity = nonlinearity
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, hidden_size)  # (D, H)
        self.W_hh = uniform(scale, hidden_size, hidden_size)  # (H, H)
        self.b_h = uniform(scale, hidden_size)  # (H,)

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., H)

    def step(self, projected, h):
        h = self.nonlinearity(projected + h @ self.W_hh)  # (B, H)
        return h, h
