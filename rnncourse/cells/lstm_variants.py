"""The LSTM with one thing left out or added, for asking what it is good for.

More variants are in ``lstm`` (without forget gate, coupled gates) and ``peephole``.
"""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.lstm import LSTMCell
from rnncourse.cells.weights import gate_biases, times, uniform


class NoInputGateCell(Cell):
    """An LSTM that writes always: i_t = 1.

        f_t = sigmoid(x_t W_xf + h_{t-1} W_hf + b_f), o_t likewise with its own weights
        g_t = tanh(x_t W_xg + h_{t-1} W_hg + b_g)
        c_t = f_t c_{t-1} + g_t
        h_t = o_t tanh(c_t)

    The gates stand in the order f g o. The state is (h_t, c_t), the output h_t.

    Args:
        input_size: D.
        hidden_size: H.
        forget_bias: where b_f begins, a number or (H,) numbers.

    Source:
        Greff, Srivastava, Koutnik, Steunebrink & Schmidhuber (2017), LSTM: a search space odyssey,
        the variant NIG, here without peepholes.
    """

    def __init__(self, input_size, hidden_size, forget_bias=1.0):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5
        self.W_xh = uniform(scale, input_size, 3 * hidden_size)  # (D, 3 H)
        self.W_hh = uniform(scale, hidden_size, 3 * hidden_size)  # (H, 3 H)
        self.b_h = gate_biases(hidden_size, forget_bias, 0.0, 0.0)  # (3 H,)

    def initial_state(self, batch_size):
        zeros = super().initial_state(batch_size)  # (B, H)
        return zeros, zeros

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 3 H)

    def step(self, projected, state):
        h, c = state
        f, g, o = (projected + h @ self.W_hh).chunk(3, dim=1)  # (B, H) each
        c = f.sigmoid() * c + g.tanh()
        h = o.sigmoid() * c.tanh()
        return h, (h, c)


class NoOutputGateCell(Cell):
    """An LSTM that shows its cell always: o_t = 1.

        i_t = sigmoid(x_t W_xi + h_{t-1} W_hi + b_i), f_t likewise with its own weights
        g_t = tanh(x_t W_xg + h_{t-1} W_hg + b_g)
        c_t = f_t c_{t-1} + i_t g_t
        h_t = tanh(c_t)

    The gates stand in the order i f g. The state is (h_t, c_t), the output h_t.

    Args:
        input_size: D.
        hidden_size: H.
        forget_bias: where b_f begins, a number or (H,) numbers.

    Source:
        Greff, Srivastava, Koutnik, Steunebrink & Schmidhuber (2017), LSTM: a search space odyssey,
        the variant NOG, here without peepholes.
    """

    def __init__(self, input_size, hidden_size, forget_bias=1.0):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5
        self.W_xh = uniform(scale, input_size, 3 * hidden_size)  # (D, 3 H)
        self.W_hh = uniform(scale, hidden_size, 3 * hidden_size)  # (H, 3 H)
        self.b_h = gate_biases(hidden_size, 0.0, forget_bias, 0.0)  # (3 H,)

    def initial_state(self, batch_size):
        zeros = super().initial_state(batch_size)  # (B, H)
        return zeros, zeros

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 3 H)

    def step(self, projected, state):
        h, c = state
        i, f, g = (projected + h @ self.W_hh).chunk(3, dim=1)  # (B, H) each
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = c.tanh()
        return h, (h, c)


def identity(numbers):
    """Leave numbers as they are.

    Args:
        numbers: tensor (...).

    Returns:
        the same tensor.
    """
    return numbers


class ActivationLSTMCell(LSTMCell):
    """An LSTM with other functions in the place of its two tanh, such as ``identity``.

        g_t = a(x_t W_xg + h_{t-1} W_hg + b_g), the three gates as in the LSTM
        c_t = f_t c_{t-1} + i_t g_t
        h_t = o_t b(c_t)

    Weights, their order and the state are those of ``LSTMCell``.

    Args:
        input_size: D.
        hidden_size: H.
        input_activation: a, a function of a tensor.
        output_activation: b, likewise.

    Source:
        Greff, Srivastava, Koutnik, Steunebrink & Schmidhuber (2017), LSTM: a search space odyssey,
        the variants NIAF and NOAF, here without peepholes.
    """

    def __init__(
        self, input_size, hidden_size, input_activation=torch.tanh, output_activation=torch.tanh
    ):
        super().__init__(input_size, hidden_size)
        self.input_activation, self.output_activation = input_activation, output_activation

    def step(self, projected, state):
        h, c = state
        i, f, g, o = (projected + h @ self.W_hh).chunk(4, dim=1)  # (B, H) each
        c = f.sigmoid() * c + i.sigmoid() * self.input_activation(g)
        h = o.sigmoid() * self.output_activation(c)
        return h, (h, c)


class FullGateRecurrenceCell(LSTMCell):
    """An LSTM in which each gate also sees what all three gates were a step ago.

        i_t = sigmoid(x_t W_xi + h_{t-1} W_hi + (i_{t-1} f_{t-1} o_{t-1}) W_ri + b_i)
        f_t and o_t likewise with their own weights; g_t, c_t and h_t as in the LSTM

    The brackets put three rows side by side. W_ri, W_rf and W_ro stand side by side in W_rr: 9 H H
    weights more than the LSTM has. The state is (h_t, c_t, r_t) with r_t all three gates, (B, 3 H),
    zeros at first; the output is h_t.

    Args:
        input_size: D.
        hidden_size: H.

    Source:
        Greff, Srivastava, Koutnik, Steunebrink & Schmidhuber (2017), LSTM: a search space odyssey,
        the variant FGR, here without peepholes.
    """

    def __init__(self, input_size, hidden_size):
        super().__init__(input_size, hidden_size)
        self.W_rr = uniform(hidden_size**-0.5, 3 * hidden_size, 3 * hidden_size)  # (3 H, 3 H)

    def initial_state(self, batch_size):
        h, c = super().initial_state(batch_size)  # (B, H) each
        return h, c, h.new_zeros(batch_size, 3 * self.hidden_size)  # the last one (B, 3 H)

    def step(self, projected, state):
        h, c, gates = state
        i, f, g, o = (projected + h @ self.W_hh).chunk(4, dim=1)  # (B, H) each
        gates = (torch.cat((i, f, o), dim=1) + gates @ self.W_rr).sigmoid()  # (B, 3 H)
        i, f, o = gates.chunk(3, dim=1)  # (B, H) each
        c = f * c + i * g.tanh()
        h = o * c.tanh()
        return h, (h, c, gates)
