"""Cells whose recurrent matrix is orthogonal at all times, not only at the beginning.

An orthogonal matrix keeps the length of every vector that it is applied to, in both directions of
time. Gradient descent would leave the orthogonal matrices at its first step. So W is computed from
other numbers, and whatever those are, it is orthogonal. Both cells do that once a sequence
(``run``); where a loop calls ``step`` instead (padding, cells around a cell) it is done every step.
"""

import torch
from torch import nn
from torch.nn.utils import parametrizations

from rnncourse.cells.cell import Cell
from rnncourse.cells.weights import times, uniform
from rnncourse.validate import as_integer


def reflect(h, vectors):
    """Reflect rows at planes, one after the other: h H_1 H_2 ... H_k with H_j = I - 2 u_j^H u_j.

    u_j (1, H) is row j of ``vectors``; u_j^H is its transpose, of complex numbers the conjugate
    too. H_j turns the part of h along u_j round and leaves the rest, so it keeps lengths. It is
    never built: a row and k reflections cost O(k H) steps.

    Args:
        h: rows (B, H); the identity (H, H) gives the matrix H_1 ... H_k.
        vectors: (k, H), perpendicular to the planes and of length 1; see ``unit_rows``.

    Returns:
        tensor (B, H).

    Source:
        Householder (1958), Unitary triangularization of a nonsymmetric matrix.
    """
    for u in vectors.split(1):  # (1, H)
        h = torch.addmm(h, h @ u.mH, u, alpha=-2)  # (B, H), h - 2 (h u^H) u
    return h


def unit_rows(V):
    """Scale every row to length 1.

    Args:
        V: real or complex vectors (k, H).

    Returns:
        tensor (k, H); a row that is 0 stays 0, and so reflects nothing.
    """
    return nn.functional.normalize(V, dim=1)


def product(V):
    """Multiply reflections: the matrix H_1 H_2 ... H_k, orthogonal whatever V is.

    Args:
        V: real vectors (k, H) of any length.

    Returns:
        tensor (H, H).
    """
    return reflect(torch.eye(V.shape[1]).to(V), unit_rows(V))  # (H, H)


class HouseholderCell(Cell):
    """h_t = f(x_t W_xh + h_{t-1} W + b_h) with W = H_1 H_2 ... H_k, a product of reflections.

    With k = 1 only one direction is turned round; with k = H W can be any orthogonal matrix of
    determinant (-1)^k; learning does not change the determinant. The vectors are normal numbers at
    first, so that all directions are equally likely.

    Differences from the paper: there vector j begins with j - 1 zeros, which saves k (k - 1) / 2 of
    the k H numbers; in the authors' program f is a leaky ReLU.

    Args:
        input_size: D.
        hidden_size: H.
        reflections: k, from 1 to H; None for H.
        nonlinearity: f, a function of a tensor. Only f(a) = a keeps lengths; tanh shortens.
        scale: W_xh and b_h are drawn from -scale to scale; None for 1 / sqrt(H).

    Raises:
        TypeError: ``reflections`` is not a whole number.
        ValueError: there are more reflections than H, or none.

    Source:
        Mhammedi, Hellicar, Rahman & Bailey (2017), Efficient orthogonal parametrisation of
        recurrent neural networks using Householder reflections, arXiv:1612.00188.
    """

    def __init__(
        self, input_size, hidden_size, reflections=None, nonlinearity=torch.tanh, scale=None
    ):
        super().__init__(input_size, hidden_size)
        self.nonlinearity = nonlinearity
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, hidden_size)  # (D, H)
        self.V = normal_vectors(reflections, hidden_size)  # (k, H)
        self.b_h = uniform(scale, hidden_size)  # (H,)

    @property
    def W(self):
        """The recurrent matrix (H, H), computed anew at each reading."""
        return product(self.V)  # (H, H)

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., H)

    def step(self, projected, h, W=None):
        turned = reflect(h, unit_rows(self.V)) if W is None else h @ W
        h = self.nonlinearity(projected + turned)  # (B, H)
        return h, h

    def run(self, xs, h):
        """Run over a whole sequence, with W computed once.

        Args:
            xs: inputs (T, B, D), or whole numbers (T, B) that stand for one-hot rows.
            h: the state before the first step, (B, H).

        Returns:
            outputs (T, B, H), and the last state (B, H).
        """
        return run_with(self, self.W, xs, h)


class OrthogonalCell(Cell):
    """h_t = f(x_t W_xh + h_{t-1} W + b_h) with W = Q exp(A - A^T), orthogonal for any A.

    A - A^T is skew-symmetric, so its exponential is a rotation. A (H, H) is learned, the part below
    the diagonal; A - A^T begins at 0. Q is a random orthogonal matrix and stays. torch calls this a
    parametrization: reading ``cell.W`` computes it, and assigning an orthogonal matrix to it
    puts that in the place of Q. (Q is as exact as the precision that it was made in: after
    ``cell.double()`` assign one of that precision.)

    Args:
        input_size: D.
        hidden_size: H.
        nonlinearity: f, a function of a tensor. Only f(a) = a keeps lengths; tanh shortens.
        scale: W_xh and b_h are drawn from -scale to scale; None for 1 / sqrt(H).

    Source:
        Lezcano-Casado & Martinez-Rubio (2019), Cheap orthogonal constraints in neural networks: a
        simple parametrization of the orthogonal and unitary group, arXiv:1901.08428;
        ``torch.nn.utils.parametrizations.orthogonal``, map ``"matrix_exp"``.
    """

    def __init__(self, input_size, hidden_size, nonlinearity=torch.tanh, scale=None):
        super().__init__(input_size, hidden_size)
        self.nonlinearity = nonlinearity
        scale = hidden_size**-0.5 if scale is None else scale
        self.W_xh = uniform(scale, input_size, hidden_size)  # (D, H)
        self.W = nn.Parameter(nn.init.orthogonal_(torch.empty(hidden_size, hidden_size)))
        self.b_h = uniform(scale, hidden_size)  # (H,)
        parametrizations.orthogonal(self, "W", "matrix_exp")

    def project(self, xs):
        return times(xs, self.W_xh) + self.b_h  # (..., H)

    def step(self, projected, h, W=None):
        W = self.W if W is None else W  # (H, H)
        h = self.nonlinearity(projected + h @ W)  # (B, H)
        return h, h

    def run(self, xs, h):
        """Run over a whole sequence, with W computed once.

        Args:
            xs: inputs (T, B, D), or whole numbers (T, B) that stand for one-hot rows.
            h: the state before the first step, (B, H).

        Returns:
            outputs (T, B, H), and the last state (B, H).
        """
        return run_with(self, self.W, xs, h)


def run_with(cell, W, xs, h):
    """Run a cell over a whole sequence, with its orthogonal matrix computed beforehand.

    Args:
        cell: a cell with ``project(xs)`` and ``step(projected, h, W)``.
        W: its orthogonal matrix (H, H).
        xs: inputs (T, B, D), or whole numbers (T, B) that stand for one-hot rows.
        h: the state before the first step, (B, H).

    Returns:
        outputs (T, B, H), and the last state (B, H).
    """
    outputs = []
    for projected in cell.project(xs).unbind():
        output, h = cell.step(projected, h, W)
        outputs.append(output)
    return torch.stack(outputs), h


def normal_vectors(count, size):
    """Draw the vectors of the first reflections, all directions equally likely.

    Args:
        count: k, from 1 to H; None for H.
        size: H.

    Returns:
        Parameter (k, H).

    Raises:
        TypeError: ``count`` is not a whole number.
        ValueError: ``count`` is less than 1 or more than H: H reflections reach every matrix that
            more of them reach.
    """
    count = size if count is None else count
    count = as_integer(count, "reflections", minimum=1, maximum=size)
    return nn.Parameter(torch.randn(count, size))  # (k, H)
