"""LSTMs whose gates look into the cell: through one weight a unit, or through whole matrices."""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import gate_biases, times, uniform


class PeepholeLSTMCell(Cell):
    """The LSTM with peepholes as published: each gate sees the cell of its own unit.

        i_t = sigmoid(x_t W_xi + h_{t-1} W_hi + c_{t-1} w_ci + b_i), f_t likewise
        g_t = tanh(x_t W_xg + h_{t-1} W_hg + b_g)
        c_t = f_t c_{t-1} + i_t g_t
        o_t = sigmoid(x_t W_xo + h_{t-1} W_ho + c_t w_co + b_o)
        h_t = o_t tanh(c_t)

    w_ci, w_cf and w_co hold H numbers each and multiply unit by unit: 3 H weights more than the
    LSTM has. The output gate already sees the new cell. The state is (h_t, c_t), the output h_t.

    Args:
        input_size: D.
        hidden_size: H.
        input_bias: where b_i begins, a number or (H,) numbers.
        forget_bias: where b_f begins, likewise; 1 as for the LSTM.
        output_bias: where b_o begins, likewise.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Source:
        Gers & Schmidhuber (2000), Recurrent nets that time and count; Gers, Schraudolph &
        Schmidhuber (2002), Learning precise timing with LSTM recurrent networks.
    """

    def __init__(
        self, input_size, hidden_size, input_bias=0.0, forget_bias=1.0, output_bias=0.0, scale=None
    ):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 4 * hidden_size)  # (D, 4 H)
        self.W_hh = uniform(scale, hidden_size, 4 * hidden_size)  # (H, 4 H)
        self.w_ci, self.w_cf, self.w_co = (uniform(scale, hidden_size) for _ in "ifo")  # (H,) each
        self.b_h = gate_biases(hidden_size, input_bias, forget_bias, 0.0, output_bias)  # (4 H,)

    def initial_state(self, batch_size):
        zeros = super().initial_state(batch_size)  # (B, H)
        return zeros, zeros

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 4 H)

    def step(self, projected, state):
        h, c = state
        i, f, g, o = torch.addmm(projected, h, self.W_hh).chunk(4, dim=1)  # (B, H) each
        i = torch.addcmul(i, c, self.w_ci).sigmoid()  # addcmul(i, c, w) is i + c w in one step
        f = torch.addcmul(f, c, self.w_cf).sigmoid()
        c = f * c + i * g.tanh()
        h = torch.addcmul(o, c, self.w_co).sigmoid() * c.tanh()
        return h, (h, c)


class FullPeepholeLSTMCell(Cell):
    """The LSTM with peepholes as some lectures draw it: each gate sees the cells of all units.

        i_t = sigmoid(x_t W_xi + h_{t-1} W_hi + c_{t-1} W_ci + b_i), f_t likewise
        g_t = tanh(x_t W_xg + h_{t-1} W_hg + b_g)
        c_t = f_t c_{t-1} + i_t g_t
        o_t = sigmoid(x_t W_xo + h_{t-1} W_ho + c_t W_co + b_o)
        h_t = o_t tanh(c_t)

    W_ci and W_cf stand side by side in W_cif; W_co has to wait for c_t. These are 3 H H weights
    more than the LSTM has, and two products more a step. With diagonal matrices it is the cell that
    was published, ``PeepholeLSTMCell``.

    Args:
        input_size: D.
        hidden_size: H.
        input_bias: where b_i begins, a number or (H,) numbers.
        forget_bias: where b_f begins, likewise; 1 as for the LSTM.
        output_bias: where b_o begins, likewise.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).
    """

    def __init__(
        self, input_size, hidden_size, input_bias=0.0, forget_bias=1.0, output_bias=0.0, scale=None
    ):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 4 * hidden_size)  # (D, 4 H)
        self.W_hh = uniform(scale, hidden_size, 4 * hidden_size)  # (H, 4 H)
        self.W_cif = uniform(scale, hidden_size, 2 * hidden_size)  # (H, 2 H)
        self.W_co = uniform(scale, hidden_size, hidden_size)  # (H, H)
        self.b_h = gate_biases(hidden_size, input_bias, forget_bias, 0.0, output_bias)  # (4 H,)

    def initial_state(self, batch_size):
        zeros = super().initial_state(batch_size)  # (B, H)
        return zeros, zeros

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 4 H)

    def step(self, projected, state):
        h, c = state
        i, f, g, o = torch.addmm(projected, h, self.W_hh).chunk(4, dim=1)  # (B, H) each
        c_i, c_f = (c @ self.W_cif).chunk(2, dim=1)  # (B, H) each
        c = (f + c_f).sigmoid() * c + (i + c_i).sigmoid() * g.tanh()
        h = (o + c @ self.W_co).sigmoid() * c.tanh()
        return h, (h, c)
