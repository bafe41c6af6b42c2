"""A recurrent network in which each input chooses its own recurrent matrix."""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import times, uniform
from rnncourse.validate import as_integer


class MultiplicativeRNNCell(Cell):
    """The multiplicative RNN: its recurrent matrix is W_hm diag(x_t W_xm) W_mh.

        m_t = (x_t W_xm) (h_{t-1} W_hm), number by number
        h_t = tanh(x_t W_xh + m_t W_mh + b_h)

    A matrix of its own for each of D inputs would take D H H weights; this factored form takes
    M (D + 2 H). The output and the state are both h_t.

    Args:
        input_size: D.
        hidden_size: H.
        num_factors: M, or None for H.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H). Those of W_xm are drawn
            from -1 to 1, so that m is not much smaller than h.

    Raises:
        TypeError: ``num_factors`` is not a whole number.
        ValueError: ``num_factors`` is less than 1.

    Source:
        Sutskever, Martens & Hinton (2011), Generating text with recurrent neural networks, where m
        is called f.
    """

    def __init__(self, input_size, hidden_size, num_factors=None, scale=None):
        super().__init__(input_size, hidden_size)
        num_factors = hidden_size if num_factors is None else num_factors
        self.num_factors = as_integer(num_factors, "num_factors", minimum=1)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, hidden_size)  # (D, H)
        self.W_xm = uniform(1, input_size, num_factors)  # (D, M)
        self.W_hm = uniform(scale, hidden_size, num_factors)  # (H, M)
        self.W_mh = uniform(scale, num_factors, hidden_size)  # (M, H)
        self.b_h = uniform(scale, hidden_size)  # (H,)

    def project(self, xs):
        additive = times(xs, self.W_xh) + self.b_h  # (..., H)
        return torch.cat((additive, times(xs, self.W_xm)), dim=-1)  # (..., H + M)

    def step(self, projected, h):
        xh, xm = projected.split([self.hidden_size, self.num_factors], dim=1)  # (B, H), (B, M)
        m = xm * (h @ self.W_hm)  # (B, M)
        h = (xh + m @ self.W_mh).tanh()  # (B, H)
        return h, h
