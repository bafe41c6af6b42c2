"""Where the recurrent weights of a cell begin: identity, orthogonal, or of a given spectral radius.

Each function changes ``W_hh`` in place, as the underscore says, and returns the cell. A ``W_hh``
(H, n H) of n gates side by side is treated as n matrices (H, H).
"""

import torch

from rnncourse.tensors import as_torch_generator
from rnncourse.validate import as_real


def identity_(cell, scale=1.0):
    """Set W_hh to a multiple of the identity: at first each unit copies itself.

    Args:
        cell: a cell with ``W_hh`` (H, n H).
        scale: the number on the diagonal.

    Returns:
        the cell.

    Raises:
        TypeError: ``cell`` has no W_hh, or ``scale`` is not a number.
        ValueError: ``W_hh`` has another shape, or ``scale`` is not finite.

    Source:
        Le, Jaitly & Hinton (2015), A simple way to initialize recurrent networks of rectified
        linear units, arXiv:1504.00941.
    """
    scale = as_real(scale, "scale")
    blocks = _blocks(cell)  # n times (H, H)
    eye = torch.eye(cell.W_hh.shape[0])  # (H, H)
    return _filled(cell, [scale * eye for _ in blocks])


def irnn_(cell, input_sd=0.001, seed=0):
    """Begin as an IRNN: W_hh the identity, no bias, small random input weights.

    With ReLU such a network adds its inputs up, and its gradients keep their length wherever the
    units are active: ``irnn_(ElmanCell(D, H, nonlinearity=torch.relu))``.

    Args:
        cell: a cell with ``W_hh`` (H, n H), ``W_xh`` (D, n H) and ``b_h``.
        input_sd: standard deviation of the normal input weights, at least 0.
        seed: a whole number or a ``torch.Generator``.

    Returns:
        the cell.

    Raises:
        TypeError: ``cell`` lacks one of the weights, or ``input_sd`` is not a number.
        ValueError: ``W_hh`` has another shape, or ``input_sd`` is negative or not finite.

    Source:
        Le, Jaitly & Hinton (2015), as for ``identity_``.
    """
    input_sd = as_real(input_sd, "input_sd", minimum=0)
    generator = as_torch_generator(seed)
    if not all(hasattr(cell, name) for name in ("W_xh", "b_h")):
        raise TypeError(f"cell must have W_xh and b_h, but is {type(cell).__name__}")
    identity_(cell)
    with torch.no_grad():
        cell.b_h.zero_()
        cell.W_xh.normal_(0, input_sd, generator=generator)
    return cell


def orthogonal_(cell, gain=1.0, seed=0):
    """Set W_hh to a random orthogonal matrix, all of them equally likely, times a gain.

    It is the Q of a QR decomposition of normal numbers. Q alone would depend on the signs that the
    program chose for R, so they are set to plus.

    Args:
        cell: a cell with ``W_hh`` (H, n H).
        gain: factor; all singular values of each matrix (H, H) are its size.
        seed: a whole number or a ``torch.Generator``.

    Returns:
        the cell.

    Raises:
        TypeError: ``cell`` has no W_hh, or ``gain`` is not a number.
        ValueError: ``W_hh`` has another shape, or ``gain`` is not finite.

    Source:
        Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in
        deep linear neural networks, arXiv:1312.6120; Mezzadri (2007), How to generate random
        matrices from the classical compact groups, for the signs.
    """
    gain, generator = as_real(gain, "gain"), as_torch_generator(seed)
    matrices = []
    for block in _blocks(cell):
        normal = torch.randn(block.shape, generator=generator, dtype=torch.float64)  # (H, H)
        Q, R = torch.linalg.qr(normal)
        matrices.append(gain * Q * R.diagonal().sign())
    return _filled(cell, matrices)


def spectral_radius_(cell, radius):
    """Scale W_hh so that its largest eigenvalue has a given size.

    In a linear network gradients then fade in the long run below 1, and grow above it. Over few
    steps the singular values say more, and they may be larger.

    Args:
        cell: a cell with ``W_hh`` (H, n H).
        radius: the size wanted, at least 0.

    Returns:
        the cell.

    Raises:
        TypeError: ``cell`` has no W_hh, or ``radius`` is not a number.
        ValueError: ``W_hh`` has another shape, is not finite or has only eigenvalues 0, or
            ``radius`` is negative or not finite.

    Source:
        Jaeger (2001), The "echo state" approach to analysing and training recurrent neural
        networks, GMD report 148.
    """
    radius = as_real(radius, "radius", minimum=0)
    matrices = []
    for block in _blocks(cell):
        if not torch.isfinite(block).all():
            raise ValueError("W_hh must be finite, but holds NaN or infinity")
        matrix = block.detach().double()  # (H, H)
        largest = torch.linalg.eigvals(matrix).abs().max()
        if largest == 0:
            raise ValueError("W_hh must have an eigenvalue other than 0, or no factor can help")
        matrices.append(matrix * (radius / largest))
    return _filled(cell, matrices)


def _blocks(cell):
    """The matrices (H, H) of which W_hh is made."""
    W_hh = getattr(cell, "W_hh", None)
    if not isinstance(W_hh, torch.Tensor):
        raise TypeError(f"cell must have W_hh, but {type(cell).__name__} has none")
    if W_hh.ndim != 2 or not W_hh.numel() or W_hh.shape[1] % W_hh.shape[0]:
        raise ValueError(f"W_hh must be (H, n H), but has shape {tuple(W_hh.shape)}")
    return W_hh.split(W_hh.shape[0], dim=1)


def _filled(cell, matrices):
    """The cell, with W_hh made of these matrices."""
    with torch.no_grad():
        cell.W_hh.copy_(torch.cat(matrices, dim=1))
    return cell
