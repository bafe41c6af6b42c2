"""The minimal gated unit: one gate does the work of two."""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import gate_biases, times, uniform


class MGUCell(Cell):
    """A GRU in which one gate f is both the reset gate and the update gate.

        f_t = sigmoid(x_t W_xf + h_{t-1} W_hf + b_f)
        n_t = tanh(x_t W_xn + (f_t h_{t-1}) W_hn + b_n)
        h_t = (1 - f_t) h_{t-1} + f_t n_t

    It is the ``ChungGRUCell`` with r = z = f. The two stand side by side in the order f n. The
    output and the state are both h_t.

    Args:
        input_size: D.
        hidden_size: H.
        forget_bias: where b_f begins, a number or (H,) numbers; below 0 more of the old state is
            kept at first.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Source:
        Zhou, Wu, Zhang & Zhou (2016), Minimal gated unit for recurrent neural networks,
        arXiv:1603.09420.
    """

    def __init__(self, input_size, hidden_size, forget_bias=0.0, scale=None):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 2 * hidden_size)  # (D, 2 H)
        self.W_hf = uniform(scale, hidden_size, hidden_size)  # (H, H)
        self.W_hn = uniform(scale, hidden_size, hidden_size)  # (H, H)
        self.b_h = gate_biases(hidden_size, forget_bias, 0.0)  # (2 H,)

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 2 H)

    def step(self, projected, h):
        xf, xn = projected.chunk(2, dim=1)  # (B, H) each
        f = torch.sigmoid(xf + h @ self.W_hf)
        n = torch.tanh(xn + (f * h) @ self.W_hn)
        h = (1 - f) * h + f * n
        return h, h
