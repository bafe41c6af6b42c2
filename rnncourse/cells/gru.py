"""The gated recurrent unit, in the three conventions that are in use.

What they share is two gates, each with weights of its own; torch's form, the ``GRUCell``, goes on::

    r_t = sigmoid(x_t W_xr + h_{t-1} W_hr + b_r), z_t likewise
    n_t = tanh(x_t W_xn + b_n + r_t (h_{t-1} W_hn + b_hn))
    h_t = (1 - z_t) n_t + z_t h_{t-1}

They differ in two places. What the update gate z means: with torch and Cho et al. it keeps the old
state, with Chung et al. it lets the new one in. As 1 - sigmoid(a) = sigmoid(-a), a change of signs
turns one into the other: ``flip_update_gate``. And where the reset gate r stands: both papers apply
it to h before the product, torch after it. There is no exact way between those two. tanh(r (h W))
weighs sums, tanh((r h) W) their terms; they agree only where W is diagonal, or where r is the same
number for all units. The output and the state of each cell are both h_t, (B, H).

Source:
    Cho et al. (2014), Learning phrase representations using RNN encoder-decoder for statistical
    machine translation, arXiv:1406.1078; torch's form is that of its first version.
"""

import torch

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import gate_biases, times, uniform


class GRUCell(Cell):
    """The GRU of ``torch.nn.GRU``: gates in the order r z n, r after the product, z keeps h.

    Args:
        input_size, hidden_size: D and H.
        reset_bias, update_bias: where b_r and b_z begin, a number or (H,); a high b_z keeps more.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H), as torch does.

    Source:
        Cho et al. (2014), arXiv:1406.1078, first version; the documentation of ``torch.nn.GRU``.
    """

    def __init__(self, input_size, hidden_size, reset_bias=0.0, update_bias=0.0, scale=None):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 3 * hidden_size)  # (D, 3 H)
        self.W_hh = uniform(scale, hidden_size, 3 * hidden_size)  # (H, 3 H)
        self.b_h = gate_biases(hidden_size, reset_bias, update_bias, 0.0)  # (3 H,)
        self.b_hn = gate_biases(hidden_size, 0.0)  # (H,)

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 3 H)

    def step(self, projected, h):
        xr, xz, xn = projected.chunk(3, dim=1)  # (B, H) each
        hr, hz, hn = (h @ self.W_hh).chunk(3, dim=1)  # (B, H) each
        r, z = (xr + hr).sigmoid(), (xz + hz).sigmoid()
        n = (xn + r * (hn + self.b_hn)).tanh()
        h = (1 - z) * n + z * h
        return h, h


class ChoGRUCell(Cell):
    """The GRU of Cho et al.: reset before the product, z keeps the old state.

        r_t = sigmoid(x_t W_xr + h_{t-1} W_hr + b_r), z_t likewise with its own weights
        n_t = tanh(x_t W_xn + (r_t h_{t-1}) W_hn + b_n)
        h_t = z_t h_{t-1} + (1 - z_t) n_t

    W_hh holds W_hr and W_hz; W_hn stands alone, for its product has to wait for r_t. The paper
    leaves the biases out.

    Args:
        input_size: D.
        hidden_size: H.
        reset_bias: where b_r begins, a number or (H,) numbers.
        update_bias: where b_z begins; above 0 more of the old state is kept at first.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Source:
        Cho et al. (2014), Learning phrase representations using RNN encoder-decoder for statistical
        machine translation, arXiv:1406.1078, equations 5 to 8.
    """

    def __init__(self, input_size, hidden_size, reset_bias=0.0, update_bias=0.0, scale=None):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 3 * hidden_size)  # (D, 3 H)
        self.W_hh = uniform(scale, hidden_size, 2 * hidden_size)  # (H, 2 H)
        self.W_hn = uniform(scale, hidden_size, hidden_size)  # (H, H)
        self.b_h = gate_biases(hidden_size, reset_bias, update_bias, 0.0)  # (3 H,)

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 3 H)

    def step(self, projected, h):
        xr, xz, xn = projected.chunk(3, dim=1)  # (B, H) each
        hr, hz = (h @ self.W_hh).chunk(2, dim=1)  # (B, H) each
        r, z = (xr + hr).sigmoid(), (xz + hz).sigmoid()
        n = (xn + (r * h) @ self.W_hn).tanh()
        h = z * h + (1 - z) * n
        return h, h


class ChungGRUCell(Cell):
    """The GRU of Chung et al.: reset before the product, z lets the new state in.

        r_t = sigmoid(x_t W_xr + h_{t-1} W_hr + b_r), z_t likewise with its own weights
        n_t = tanh(x_t W_xn + (r_t h_{t-1}) W_hn + b_n)
        h_t = (1 - z_t) h_{t-1} + z_t n_t

    W_hh holds W_hr and W_hz; W_hn stands alone. The paper leaves the biases out.

    Args:
        input_size: D.
        hidden_size: H.
        reset_bias: where b_r begins, a number or (H,) numbers.
        update_bias: where b_z begins; *below* 0 more of the old state is kept at first.
        scale: weights are drawn from -scale to scale; None for 1 / sqrt(H).

    Source:
        Chung, Gulcehre, Cho & Bengio (2014), Empirical evaluation of gated recurrent neural
        networks on sequence modeling, arXiv:1412.3555, section 3.2.
    """

    def __init__(self, input_size, hidden_size, reset_bias=0.0, update_bias=0.0, scale=None):
        super().__init__(input_size, hidden_size)
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, 3 * hidden_size)  # (D, 3 H)
        self.W_hh = uniform(scale, hidden_size, 2 * hidden_size)  # (H, 2 H)
        self.W_hn = uniform(scale, hidden_size, hidden_size)  # (H, H)
        self.b_h = gate_biases(hidden_size, reset_bias, update_bias, 0.0)  # (3 H,)

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., 3 H)

    def step(self, projected, h):
        xr, xz, xn = projected.chunk(3, dim=1)  # (B, H) each
        hr, hz = (h @ self.W_hh).chunk(2, dim=1)  # (B, H) each
        r, z = (xr + hr).sigmoid(), (xz + hz).sigmoid()
        n = (xn + (r * h) @ self.W_hn).tanh()
        h = (1 - z) * h + z * n
        return h, h


def flip_update_gate(source, target):
    """Copy a GRU of one meaning of z into one of the other: all that makes z changes its sign.

    Args:
        source: a ``ChoGRUCell`` or a ``ChungGRUCell``.
        target: a cell of the other kind; computes afterwards what ``source`` does.

    Returns:
        None.

    Raises:
        TypeError: the two are not one of each kind.
        ValueError: they differ in size or number type.
    """
    if {type(source), type(target)} != {ChoGRUCell, ChungGRUCell}:
        kinds = f"{type(source).__name__} and {type(target).__name__}"
        raise TypeError(
            f"source and target must be one ChoGRUCell and one ChungGRUCell, not {kinds}"
        )
    pairs = list(zip(source.parameters(), target.parameters(), strict=True))
    for own, theirs in pairs:
        if own.shape != theirs.shape or own.dtype != theirs.dtype:
            here, there = (f"{tuple(w.shape)} of {w.dtype}" for w in (own, theirs))
            raise ValueError(f"target must have the sizes of source, but {here} is {there} in it")
    H = source.hidden_size
    with torch.no_grad():
        for own, theirs in pairs:
            theirs.copy_(own)
        for weight in (target.W_xh, target.W_hh, target.b_h):
            weight[..., H : 2 * H].neg_()
