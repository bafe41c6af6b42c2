"""Long short-term memory: with a forget gate, as it was in 1997, and with two gates made one.

All three carry the state (h, c). The cell c is only multiplied and added to, so on the direct path
dc_t/dc_{t-1} is one number a unit: f_t, or 1 where there is no forget gate.
"""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import gate_biases, times, uniform


class LSTMCell(Cell):
    """The LSTM with a forget gate; ``torch.nn.LSTM`` computes the same.

        i_t = sigmoid(x_t W_xi + h_{t-1} W_hi + b_i), f_t and o_t likewise with their own weights
        g_t = tanh(x_t W_xg + h_{t-1} W_hg + b_g)
        c_t = f_t c_{t-1} + i_t g_t
        h_t = o_t tanh(c_t)

    W_xh holds W_xi, W_xf, W_xg, W_xo side by side, so that one product serves all; W_hh and b_h
    likewise. The state is (h_t, c_t), the output h_t. Each bias argument is where that bias begins:
    a number, or (H,) numbers. Gers et al. began the forget gates above 0, at 0.5, 1, 1.5, ... for
    one group of units after the other, and the other two gates at as much below 0.

    Args:
        input_size: D.
        hidden_size: H.
        input_bias: where b_i begins.
        forget_bias: where b_f begins; 1 as Jozefowicz et al. advise: at first most of c is kept.
        output_bias: where b_o begins.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H), as torch does.

    Source:
        Gers, Schmidhuber & Cummins (2000), Learning to forget: continual prediction with LSTM, who
        added the forget gate to Hochreiter & Schmidhuber (1997), Long short-term memory;
        Jozefowicz, Zaremba & Sutskever (2015), An empirical exploration of recurrent network
        architectures.
    """

    def __init__(
        self, input_size, hidden_size, input_bias=0.0, forget_bias=1.0, output_bias=0.0, scale=None
    ):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 4 * hidden_size)  # (D, 4 H)
        self.W_hh = uniform(scale, hidden_size, 4 * hidden_size)  # (H, 4 H)
        self.b_h = gate_biases(hidden_size, input_bias, forget_bias, 0.0, output_bias)  # (4 H,)

    def initial_state(self, batch_size):
        zeros = super().initial_state(batch_size)  # (B, H)
        return zeros, zeros

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 4 H)

    def step(self, projected, state):
        h, c = state
        i, f, g, o = (projected + h @ self.W_hh).chunk(4, dim=1)  # (B, H) each
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        return h, (h, c)


class LSTM1997Cell(Cell):
    """The LSTM as it was first published: what is in the cell stays there.

        i_t = sigmoid(x_t W_xi + h_{t-1} W_hi + b_i), o_t likewise with its own weights
        g_t = tanh(x_t W_xg + h_{t-1} W_hg + b_g)
        c_t = c_{t-1} + i_t g_t
        h_t = o_t f(c_t)

    There is no forget gate: dc_t/dc_{t-1} = 1 on the direct path, and nothing keeps c small. The
    gates stand in the order i g o. The paper squashes a little otherwise: g to between -2 and 2,
    and c by the f that tanh(c_t / 2) computes.

    Args:
        input_size: D.
        hidden_size: H.
        input_bias: where b_i begins, a number or (H,) numbers.
        output_bias: where b_o begins; the paper takes numbers below 0 in some of its experiments,
            so that cells stay closed at first and open one after the other.
        squash: f, a function of a tensor.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Source:
        Hochreiter & Schmidhuber (1997), Long short-term memory, section 4.
    """

    def __init__(
        self, input_size, hidden_size, input_bias=0, output_bias=0, squash=torch.tanh, scale=None
    ):
        super().__init__(input_size, hidden_size)
        self.squash = squash
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 3 * hidden_size)  # (D, 3 H)
        self.W_hh = uniform(scale, hidden_size, 3 * hidden_size)  # (H, 3 H)
        self.b_h = gate_biases(hidden_size, input_bias, 0.0, output_bias)  # (3 H,)

    def initial_state(self, batch_size):
        zeros = super().initial_state(batch_size)  # (B, H)
        return zeros, zeros

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 3 H)

    def step(self, projected, state):
        h, c = state
        i, g, o = (projected + h @ self.W_hh).chunk(3, dim=1)  # (B, H) each
        c = c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * self.squash(c)
        return h, (h, c)


class CoupledLSTMCell(Cell):
    """An LSTM that forgets as much as it writes: f_t = 1 - i_t.

        i_t = sigmoid(x_t W_xi + h_{t-1} W_hi + b_i), o_t likewise with its own weights
        g_t = tanh(x_t W_xg + h_{t-1} W_hg + b_g)
        c_t = (1 - i_t) c_{t-1} + i_t g_t
        h_t = o_t tanh(c_t)

    So c_t stays between -1 and 1 if it begins there. The gates stand in the order i g o.

    Args:
        input_size: D.
        hidden_size: H.
        input_bias: where b_i begins, a number or (H,) numbers; -1 here is a forget bias of 1
            elsewhere, for 1 - sigmoid(-1) = sigmoid(1).
        output_bias: where b_o begins, likewise.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Source:
        Greff, Srivastava, Koutnik, Steunebrink & Schmidhuber (2017), LSTM: a search space odyssey,
        the variant CIFG, here without peepholes.
    """

    def __init__(self, input_size, hidden_size, input_bias=-1.0, output_bias=0.0, scale=None):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 3 * hidden_size)  # (D, 3 H)
        self.W_hh = uniform(scale, hidden_size, 3 * hidden_size)  # (H, 3 H)
        self.b_h = gate_biases(hidden_size, input_bias, 0.0, output_bias)  # (3 H,)

    def initial_state(self, batch_size):
        zeros = super().initial_state(batch_size)  # (B, H)
        return zeros, zeros

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 3 H)

    def step(self, projected, state):
        h, c = state
        i, g, o = (projected + h @ self.W_hh).chunk(3, dim=1)  # (B, H) each
        c = torch.lerp(c, g.tanh(), i.sigmoid())  # c + i (g - c)
        h = o.sigmoid() * c.tanh()
        return h, (h, c)
