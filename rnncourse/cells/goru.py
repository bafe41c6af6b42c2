"""The gated orthogonal recurrent unit: an orthogonal matrix to remember, gates to forget."""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.orthogonal import normal_vectors, product, reflect, run_with, unit_rows
from rnncourse.cells.unitary import modrelu
from rnncourse.cells.weights import gate_biases, times, uniform


class GORUCell(Cell):
    """A GRU whose candidate c_t turns the old state by an orthogonal W, and has no tanh::

        r_t = sigmoid(x_t W_xr + h_{t-1} W_hr + b_r)       reset gate
        z_t = sigmoid(x_t W_xz + h_{t-1} W_hz + b_z)       update gate: keeps the old state
        c_t = modReLU(x_t W_xc + r_t * (h_{t-1} W))        with the shifts b_c
        h_t = z_t * h_{t-1} + (1 - z_t) * c_t

    W = H_1 ... H_k is a product of reflections, as in ``HouseholderCell``. With r_t = 1, z_t = 0
    and b_c = 0 it is an orthogonal network without nonlinearity. Stored side by side: W_xh for
    r z c, W_hh and b_h for r z.

    Differences from the paper: there W is a product of plane rotations. The equations and the
    biases at the beginning are those of the authors' program: 2 for b_r, 0.01 for b_c; only b_z is
    drawn there.

    Args:
        input_size: D.
        hidden_size: H.
        reflections: k, from 1 to H; None for H.
        reset_bias: where b_r begins, a number or (H,) numbers; 2 lets most of h_{t-1} W through.
        update_bias: where b_z begins; the larger, the longer the state stays as it is.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Raises:
        TypeError: ``reflections`` is not a whole number.
        ValueError: there are more reflections than H, or none, or a bias is not finite.

    Source:
        Jing, Gulcehre, Peurifoy, Shen, Tegmark, Soljacic & Bengio (2019), Gated orthogonal
        recurrent units: on learning to forget, Neural Computation 31(4), arXiv:1706.02761.
    """

    def __init__(
        self, input_size, hidden_size, reflections=None, reset_bias=2.0, update_bias=0.0, scale=None
    ):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 3 * hidden_size)  # (D, 3H), r z c
        self.W_hh = uniform(scale, hidden_size, 2 * hidden_size)  # (H, 2H), r z
        self.V = normal_vectors(reflections, hidden_size)  # (k, H)
        self.b_h = gate_biases(hidden_size, reset_bias, update_bias)  # (2H,), r z
        self.b_c = gate_biases(hidden_size, 0.01)  # (H,)

    def project(self, xs):
        return times(xs, self.W_xh)  # (..., 3H)

    def step(self, projected, h, W=None):
        turned = reflect(h, unit_rows(self.V)) if W is None else h @ W  # (B, H)
        to_gates, to_c = projected.split((2 * self.hidden_size, self.hidden_size), dim=1)
        r, z = torch.sigmoid(to_gates + h @ self.W_hh + self.b_h).chunk(2, dim=1)  # (B, H) each
        c = modrelu(to_c + r * turned, self.b_c)  # (B, H)
        h = z * h + (1 - z) * c  # (B, H)
        return h, h

    def run(self, xs, h):
        """Run over a whole sequence, with W computed once.

        Args:
            xs: inputs (T, B, D), or whole numbers (T, B) that stand for one-hot rows.
            h: the state before the first step, (B, H).

        Returns:
            outputs (T, B, H), and the last state (B, H).
        """
        return run_with(self, product(self.V), xs, h)
