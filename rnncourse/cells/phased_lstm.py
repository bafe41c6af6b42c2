"""An LSTM with a clock in each unit, for events that come at any time."""

import math

import torch
from torch import nn

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import gate_biases, times, uniform
from rnncourse.validate import as_integer, as_real


class PhasedLSTMCell(Cell):
    """An LSTM that a unit takes part in only while its time gate k is open.

        c'_t = f_t c_{t-1} + i_t g_t, with the gates of the LSTM
        c_t = k_t c'_t + (1 - k_t) c_{t-1}
        h_t = k_t o_t tanh(c'_t) + (1 - k_t) h_{t-1}

    k_t depends on the time alone, see ``TimeGate``. The *last* number of each input is its time
    stamp, in any unit; the gates i f g o read only the others. A closed unit keeps h and c as they
    are, but for a leak in training. The state is (h_t, c_t), the output h_t. The paper's LSTM also
    has peepholes.

    Args:
        input_size: D, the time stamp included, at least 2.
        hidden_size: H.
        time_gate: a ``TimeGate`` for H units, or None for one with its defaults.
        forget_bias: where b_f begins, a number or (H,) numbers.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Raises:
        TypeError: (as soon as it runs) inputs are whole numbers.
        ValueError: ``input_size`` is less than 2.

    Source:
        Neil, Pfeiffer & Liu (2016), Phased LSTM: accelerating recurrent network training for long
        or event-based sequences, arXiv:1610.09513, section 2.
    """

    def __init__(self, input_size, hidden_size, time_gate=None, forget_bias=1.0, scale=None):
        super().__init__(as_integer(input_size, "input_size", minimum=2), hidden_size)
        self.time_gate = TimeGate(hidden_size) if time_gate is None else time_gate
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size - 1, 4 * hidden_size)  # (D - 1, 4 H)
        self.W_hh = uniform(scale, hidden_size, 4 * hidden_size)  # (H, 4 H)
        self.b_h = gate_biases(hidden_size, 0.0, forget_bias, 0.0, 0.0)  # (4 H,)

    def initial_state(self, batch_size):
        zeros = super().initial_state(batch_size)  # (B, H)
        return zeros, zeros

    def project(self, xs):
        if not xs.is_floating_point():
            raise TypeError(f"xs must be real numbers, the last one the time, but are {xs.dtype}")
        gates = times(xs[..., :-1], self.W_xh) + self.b_h  # (..., 4 H)
        return torch.cat((gates, self.time_gate(xs[..., -1:])), dim=-1)  # (..., 5 H)

    def step(self, projected, state):
        h, c = state
        gates, k = projected.split([4 * self.hidden_size, self.hidden_size], dim=1)
        i, f, g, o = (gates + h @ self.W_hh).chunk(4, dim=1)  # (B, H) each
        new = f.sigmoid() * c + i.sigmoid() * g.tanh()
        c = k * new + (1 - k) * c
        h = k * o.sigmoid() * new.tanh() + (1 - k) * h
        return h, (h, c)


class TimeGate(nn.Module):
    """A clock for each unit: once a period its gate k opens and closes again.

        phi = ((t - shift) mod period) / period, how much of the period is over
        k = 2 phi / ratio_on          while phi < ratio_on / 2: it opens
        k = 2 - 2 phi / ratio_on      while phi < ratio_on: it closes
        k = leak phi                  for the rest of the period; in evaluation 0

    Periods and shifts are learned. At first the periods lie between 1 and the longest, evenly on a
    logarithmic scale, and each shift anywhere in its period.

    Args:
        hidden_size: H.
        longest_period: in the unit of the time stamps, at least 1.
        ratio_on: part of a period for which a gate is open, above 0 and at most 1.
        leak: from 0 to 1; so that closed gates, too, pass some gradient.

    Raises:
        TypeError: an argument is not a number.
        ValueError: an argument is out of range.

    Source:
        Neil, Pfeiffer & Liu (2016), as for ``PhasedLSTMCell``; ratio_on and leak as there.
    """

    def __init__(self, hidden_size, longest_period=20.0, ratio_on=0.05, leak=0.001):
        super().__init__()
        self.ratio_on = as_real(ratio_on, "ratio_on", minimum=1e-6, maximum=1)
        self.leak = as_real(leak, "leak", minimum=0, maximum=1)
        longest = math.log(as_real(longest_period, "longest_period", minimum=1))
        self.log_period = nn.Parameter(torch.rand(hidden_size) * longest)  # (H,)
        self.shift = nn.Parameter(torch.rand(hidden_size) * self.log_period.detach().exp())  # (H,)

    def forward(self, times):
        """Compute how far each gate is open.

        Args:
            times: tensor (..., 1).

        Returns:
            k, tensor (..., H).
        """
        period = self.log_period.exp()  # (H,)
        phi = torch.remainder(times - self.shift, period) / period  # (..., H)
        opened = 2 * phi / self.ratio_on  # (..., H)
        rising = torch.where(phi < self.ratio_on / 2, opened, 2 - opened)
        leak = self.leak if self.training else 0.0
        return torch.where(phi < self.ratio_on, rising, leak * phi)
