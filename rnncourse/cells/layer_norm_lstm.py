"""An LSTM whose sums are brought to mean 0 and variance 1, in each sequence and at each step."""

import torch
from torch import nn
from torch.nn.functional import layer_norm

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import gate_biases, times, uniform


class LayerNormLSTMCell(Cell):
    """The LSTM with layer normalisation.

        (i f g o)_t = norm(h_{t-1} W_hh) a_h + norm(x_t W_xh) a_x + b_h, all four side by side
        c_t = sigmoid(f_t) c_{t-1} + sigmoid(i_t) tanh(g_t)
        h_t = sigmoid(o_t) tanh(norm(c_t) a_c + b_c)

    norm takes a row, subtracts its mean and divides by its standard deviation; the three gains a
    begin at 1. The paper adds a shift inside each of the first two norms and b_h besides; as sums
    they are one number, b_h here. The state is (h_t, c_t), the output h_t.

    Args:
        input_size: D.
        hidden_size: H.
        input_bias: where the bias of i begins, a number or (H,) numbers.
        forget_bias: where the bias of f begins, likewise; 1 as for the LSTM.
        output_bias: where the bias of o begins, likewise.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Source:
        Ba, Kiros & Hinton (2016), Layer normalization, arXiv:1607.06450, the supplement's equations
        for the LSTM.
    """

    def __init__(
        self, input_size, hidden_size, input_bias=0.0, forget_bias=1.0, output_bias=0.0, scale=None
    ):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 4 * hidden_size)  # (D, 4 H)
        self.W_hh = uniform(scale, hidden_size, 4 * hidden_size)  # (H, 4 H)
        self.a_x, self.a_h = (nn.Parameter(torch.ones(4 * hidden_size)) for _ in "xh")  # (4 H,)
        self.b_h = gate_biases(hidden_size, input_bias, forget_bias, 0.0, output_bias)  # (4 H,)
        self.a_c = nn.Parameter(torch.ones(hidden_size))  # (H,)
        self.b_c = nn.Parameter(torch.zeros(hidden_size))  # (H,)

    def initial_state(self, batch_size):
        zeros = super().initial_state(batch_size)  # (B, H)
        return zeros, zeros

    def project(self, xs):
        return layer_norm(times(xs, self.W_xh), self.a_x.shape, self.a_x, self.b_h)  # (..., 4 H)

    def step(self, projected, state):
        h, c = state
        recurrent = layer_norm(h @ self.W_hh, self.a_h.shape, self.a_h)  # (B, 4 H)
        i, f, g, o = (projected + recurrent).chunk(4, dim=1)  # (B, H) each
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * layer_norm(c, self.a_c.shape, self.a_c, self.b_c).tanh()
        return h, (h, c)
