"""A recurrent network with a slow half: context units that change only a little at each step."""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import times, uniform
from rnncourse.validate import as_integer, as_real


class SCRNCell(Cell):
    """The structurally constrained recurrent network: hidden units h and slow context units s.

        s_t = (1 - alpha) x_t W_xs + alpha s_{t-1}
        h_t = sigmoid(s_t W_sh + x_t W_xh + h_{t-1} W_hh)

    Each context unit is a running mean of its inputs that forgets at a fixed rate: after k steps
    alpha^k of an input is left, half of it after 13.5 steps with alpha = 0.95. There are no biases.
    The read-out sees both halves, so the output is (h_t s_t) side by side, (B, H + S). The state is
    the pair (h_t, s_t).

    Args:
        input_size: D.
        hidden_size: H.
        context_size: S, context units.
        alpha: what is kept of s at each step, from 0 to 1; the paper fixes 0.95.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Raises:
        TypeError: ``alpha`` is not a number.
        ValueError: ``alpha`` is not from 0 to 1.

    Source:
        Mikolov, Joulin, Chopra, Mathieu & Ranzato (2015), Learning longer memory in recurrent
        neural networks, arXiv:1412.7753, section 3.2; A, B, P, R there are W_xh, W_xs, W_sh, W_hh.
    """

    def __init__(self, input_size, hidden_size, context_size, alpha=0.95, scale=None):
        context_size = as_integer(context_size, "context_size", minimum=1)
        super().__init__(input_size, hidden_size, output_size=hidden_size + context_size)
        self.context_size, self.alpha = context_size, as_real(alpha, "alpha", minimum=0, maximum=1)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, hidden_size)  # (D, H)
        self.W_xs = uniform(scale, input_size, context_size)  # (D, S)
        self.W_sh = uniform(scale, context_size, hidden_size)  # (S, H)
        self.W_hh = uniform(scale, hidden_size, hidden_size)  # (H, H)

    def initial_state(self, batch_size):
        h = super().initial_state(batch_size)  # (B, H)
        return h, h.new_zeros(batch_size, self.context_size)

    def project(self, xs):
        return times(xs, torch.cat((self.W_xh, self.W_xs), dim=1))  # (..., H + S)

    def step(self, projected, state):
        h, s = state
        xh, xs = projected.split([self.hidden_size, self.context_size], dim=1)  # (B, H), (B, S)
        s = (1 - self.alpha) * xs + self.alpha * s
        h = (s @ self.W_sh + xh + h @ self.W_hh).sigmoid()
        return torch.cat((h, s), dim=1), (h, s)
