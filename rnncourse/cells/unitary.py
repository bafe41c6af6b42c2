"""The unitary network: a complex state that a unitary matrix turns, without ever being a matrix.

Unitary is for complex numbers what orthogonal is for real ones: no vector changes its length. The
matrix is a product of simple unitary factors, of which each takes O(n) or O(n log n) steps and has
at most 2 n real parameters. Vectors are rows, so the factor that acts first stands on the left.
"""

import math

import torch
from torch import nn

from rnncourse.cells.cell import Cell
from rnncourse.cells.orthogonal import reflect, run_with, unit_rows
from rnncourse.cells.unitary_dense import UnitaryLoop
from rnncourse.cells.weights import times, uniform
from rnncourse.validate import as_integer, as_real

SMALLEST_EPSILON = 1e-15  # its square still fits single precision
LARGEST_DENSE = 128  # up to this n one product with a matrix is faster than its factors


class UnitaryMatrix(nn.Module):
    """z W with W = D_1 F R_1 P D_2 F^-1 R_2 D_3, a product of unitary factors.

    D_k: diagonal, entries e^{i w} with a learned phase w each, n real parameters.
    F: the *unitary* discrete Fourier transform, entries e^{-2 pi i jk / n} / sqrt(n); without the
    root F would make vectors sqrt(n) times longer.
    R_k: I - 2 v^H v, a reflection, for a learned row v of n complex numbers that is scaled to
    length 1; 2 n real parameters.
    P: a permutation, drawn once and kept.

    Together 7 n real parameters, where a unitary matrix may have n^2, and O(n log n) steps for a
    row, most of them in F and F^-1. The paper multiplies columns: its matrix
    D_3 R_2 F^-1 D_2 P R_1 F D_1 is the transpose of this one. All is computed in double precision:
    in single, rounding takes about 5e-5 of the length away in 1,000 steps, most of it in F.

    Args:
        size: n, a power of 2: then F is made of two of half the size, and so on down to 1.

    Raises:
        TypeError: ``size`` is not a whole number.
        ValueError: ``size`` is not a power of 2.

    Source:
        Arjovsky, Shah & Bengio (2016), Unitary evolution recurrent neural networks,
        arXiv:1511.06464: phases between -pi and pi, v between -1 and 1 at the beginning.
    """

    def __init__(self, size):
        super().__init__()
        n = as_power_of_two(size, "size")
        self.phases = uniform(math.pi, 3, n)  # (3, n)
        self.reflections = uniform(1, 2, n, 2)  # (2, n, 2), real and imaginary parts of v
        self.register_buffer("permutation", torch.randperm(n))  # (n,)

    def factors(self):
        """Compute the factors that hold parameters, which stay the same for a whole sequence.

        Returns:
            tuple of complex tensors: D_1, D_2, D_3, (n,) each, and the rows of R_1, R_2, (1, n).
        """
        phases, reflections = self.phases.double(), self.reflections.double()
        diagonals = torch.polar(torch.ones_like(phases), phases)  # (3, n)
        vectors = unit_rows(torch.view_as_complex(reflections))  # (2, n)
        return *diagonals.unbind(), *vectors.split(1)

    def forward(self, z, factors=None):
        """Multiply rows by W.

        Args:
            z: complex rows (B, n).
            factors: what ``factors()`` returned, or None to compute it here.

        Returns:
            complex tensor (B, n).
        """
        D_1, D_2, D_3, v_1, v_2 = self.factors() if factors is None else factors
        turned = torch.fft.fft(z * D_1, norm="ortho")  # (B, n)
        turned = reflect(turned, v_1)[:, self.permutation]
        turned = reflect(torch.fft.ifft(turned * D_2, norm="ortho"), v_2) * D_3
        return turned.to(z.dtype)


class UnitaryCell(Cell):
    """z_t = modReLU(x_t W_xz + z_{t-1} W) with W unitary; output and state are h_t = [Re z, Im z].

    z_t (B, H) is complex. Everything around the cell deals with real numbers, so what it gives and
    takes is h_t (B, 2H), as long as z_t. W is a ``UnitaryMatrix`` of 7H real parameters. The first
    state is learned too, and has a length near 1.

    Differences from the authors' program: it has a factor for every unit of z_{t-1} W besides, with
    which W is not unitary; and its phases and biases begin otherwise than in the paper.

    Args:
        input_size: D.
        hidden_size: H, complex units, a power of 2; the output has twice as many numbers.
        scale: W_xz is drawn from -scale to scale; None for sqrt(6 / (D + H)), as in the paper.
        epsilon: that of ``modrelu``.

    Raises:
        TypeError: a size is not a whole number, or ``epsilon`` is not a number.
        ValueError: ``hidden_size`` is not a power of 2, or ``epsilon`` is too small.

    Source:
        Arjovsky, Shah & Bengio (2016), Unitary evolution recurrent neural networks,
        arXiv:1511.06464.
    """

    def __init__(self, input_size, hidden_size, scale=None, epsilon=1e-12):
        as_power_of_two(hidden_size, "hidden_size")
        super().__init__(input_size, hidden_size, output_size=2 * hidden_size)
        scale = math.sqrt(6 / (input_size + hidden_size)) if scale is None else scale
        self.W_xz = uniform(scale, input_size, 2 * hidden_size)  # (D, 2H), real part on the left
        self.W = UnitaryMatrix(hidden_size)
        self.b = uniform(0, hidden_size)  # (H,)
        self.h_0 = uniform(math.sqrt(1.5 / hidden_size), 2 * hidden_size)  # (2H,)
        self.epsilon = as_real(epsilon, "epsilon", minimum=SMALLEST_EPSILON)

    def initial_state(self, batch_size):
        batch_size = as_integer(batch_size, "batch_size", minimum=1)
        return self.h_0.expand(batch_size, -1)  # (B, 2H)

    def project(self, xs):
        return times(xs, self.W_xz)  # (..., 2H)

    def step(self, projected, h, factors=None):
        z = as_complex(projected) + self.W(as_complex(h), factors)  # (B, H)
        z = modrelu(z, self.b, self.epsilon)
        h = torch.cat((z.real, z.imag), dim=1)  # (B, 2H)
        return h, h

    def run(self, xs, h):
        """Run over a whole sequence, with the factors of W computed once.

        Up to 128 units, W is made a matrix first: the numbers are the same but for rounding, and
        training takes half the time.

        Args:
            xs: inputs (T, B, D), or whole numbers (T, B) that stand for one-hot rows.
            h: the state before the first step, (B, 2H).

        Returns:
            outputs (T, B, 2H), and the last state (B, 2H).
        """
        if self.hidden_size > LARGEST_DENSE:
            return run_with(self, self.W.factors(), xs, h)
        W = self.W(torch.eye(self.hidden_size, dtype=torch.complex128))  # (H, H)
        projected = as_complex(self.project(xs)).to(W)  # (T, B, H)
        zs = UnitaryLoop.apply(projected, as_complex(h).to(W), W, self.b.double(), self.epsilon)
        outputs = torch.cat((zs.real, zs.imag), dim=2).to(h)  # (T, B, 2H)
        return outputs, outputs[-1]


def modrelu(z, b, epsilon=1e-12):
    """Shift the size of each number by b, at least down to 0, and keep its direction.

    ``modReLU(z) = max(|z| + b, 0) z / |z|``. At z = 0 there is no direction: the result is 0, and
    so is the gradient that is passed on. With b = 0 it is z itself; with b > 0 it jumps at 0.

    Args:
        z: complex or real numbers (B, H).
        b: shifts, real, (H,).
        epsilon: is added to the divisor ``|z|``. Each unit then becomes shorter by the factor
            ``|z| / (|z| + epsilon)``: nothing with 1e-12. With 1e-5, as in the authors' program, a
            state of length 1 spread over 64 units has lost 8 % of it after 1,000 steps.

    Returns:
        tensor (B, H).

    Raises:
        TypeError: ``epsilon`` is not a number.
        ValueError: ``epsilon`` is less than 1e-15: then gradients are NaN near 0.

    Source:
        Arjovsky, Shah & Bengio (2016), Unitary evolution recurrent neural networks,
        arXiv:1511.06464; there without epsilon.
    """
    epsilon = as_real(epsilon, "epsilon", minimum=SMALLEST_EPSILON)
    size = z.abs()  # (B, H)
    return z * (torch.relu(size + b) / (size + epsilon) * (size > 0))


def as_complex(rows):
    """Read rows [Re z, Im z] as complex numbers.

    Args:
        rows: real numbers (..., 2H).

    Returns:
        complex tensor (..., H).
    """
    return torch.complex(*rows.chunk(2, dim=-1))


def as_power_of_two(value, name):
    """Return a size for which the Fourier transform splits into halves down to single numbers.

    Args:
        value: 1, 2, 4, 8, ...
        name: the argument's name, for the message.

    Returns:
        int.

    Raises:
        TypeError: ``value`` is not a whole number.
        ValueError: ``value`` is not a power of 2.
    """
    value = as_integer(value, name, minimum=1)
    if value & (value - 1):
        below = 1 << (value.bit_length() - 1)
        near = f"near it are {below} and {2 * below}"
        raise ValueError(f"{name} must be a power of 2, but is {value}; {near}")
    return value
