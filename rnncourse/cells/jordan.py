"""Jordan's cell: the output is fed back, the hidden units are not."""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import times, uniform
from rnncourse.validate import as_integer


class JordanCell(Cell):
    """h_t = f(x_t W_xh + y_{t-1} W_yh + b_h) and y_t = g(h_t W_hy + b_y); the state is y_t.

    What the output does not show is forgotten. In return the state may be set from outside: to the
    output that was wanted, for example. Jordan's own state units also keep a part of their last
    value; here they hold y_{t-1} alone, as in most accounts of his network.

    Args:
        input_size: D.
        hidden_size: H.
        output_size: K.
        nonlinearity: f, a function of a tensor.
        output: g, likewise.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Source:
        Jordan (1986), Serial order: a parallel distributed processing approach.
    """

    def __init__(
        self,
        input_size,
        hidden_size,
        output_size,
        nonlinearity=torch.tanh,
        output=torch.sigmoid,
        scale=None,
    ):
        super().__init__(input_size, hidden_size, output_size)
        self.nonlinearity, self.output = nonlinearity, output
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, hidden_size)  # (D, H)
        self.W_yh = uniform(scale, output_size, hidden_size)  # (K, H)
        self.b_h = uniform(scale, hidden_size)  # (H,)
        self.W_hy = uniform(scale, hidden_size, output_size)  # (H, K)
        self.b_y = uniform(scale, output_size)  # (K,)

    def initial_state(self, batch_size):
        batch_size = as_integer(batch_size, "batch_size", minimum=1)
        return self.b_y.new_zeros(batch_size, self.output_size)  # (B, K)

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., H)

    def step(self, projected, y):
        h = self.nonlinearity(projected + y @ self.W_yh)  # (B, H)
        y = self.output(h @ self.W_hy + self.b_y)  # (B, K)
        return y, y
