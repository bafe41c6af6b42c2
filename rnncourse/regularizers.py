"""Penalties that keep gradients through time from fading or growing.

Soft orthogonality looks at the weights alone. Omega looks at what the weights do to the gradients
of this very batch; ``rnncourse.cells.wrapped.RecordedCell`` collects what it needs::

    recorded = RecordedCell(cell)  # the model is built around it

    def hook(step, loss):  # for ``fit``: after the backward pass, before the optimizer's step
        (0.5 * omega(cell, *recorded.trace())).backward()
"""

import torch

from rnncourse.validate import as_real


def soft_orthogonality(W):
    """Compute ||W W^T - I||^2, the sum of all squared entries: 0 where the rows are orthonormal.

    With singular values s_i it is the sum of (s_i^2 - 1)^2, so it pulls each of them to 1. For a
    square W it equals ||W^T W - I||^2. At W = 0 its gradient is 0, though it is far from 0 itself.

    Args:
        W: tensor (H, K) with K at least H, such as ``cell.W_hh`` (H, H): more than K rows cannot be
            orthonormal.

    Returns:
        scalar tensor; times a factor it is added to the loss.

    Raises:
        TypeError: ``W`` is not a tensor.
        ValueError: ``W`` has another shape, or is not finite.

    Source:
        Vorontsov, Trabelsi, Kadoury & Pal (2017), On orthogonality and learning recurrent networks
        with long term dependencies, arXiv:1702.00071.
    """
    _check_finite(W, "W")
    if W.ndim != 2 or W.shape[0] > W.shape[1] or not W.numel():
        raise ValueError(f"W must be (H, K) with K at least H, but has shape {tuple(W.shape)}")
    return (W @ W.T - torch.eye(len(W)).to(W)).square().sum()


def omega(cell, xs, states, gradients, smallest=1e-10):
    """Compute how far the steps of the backward pass are from keeping the gradient's length.

    Omega is the sum over k of (||g_{k+1} J_k|| / ||g_{k+1}|| - 1)^2 for a sequence, and the mean of
    these for a batch. Here g_k = dL/dh_k is a row, J_k = dh_{k+1}/dh_k, and k runs from 0 to T - 1.
    So the length is to be kept in the direction of the gradient that is there, not in all.

    g J_k is what a backward pass through one step gives. To train on it, one goes through that pass
    once more, backwards: torch does so for ``create_graph=True``. All T steps are independent of
    each other here, so they are taken at once, as one large batch.

    What counts as constant is up to the arguments. Tensors without a graph, such as those of
    ``RecordedCell.trace``, are constant: then the derivative of Omega sees the weights in J_k only,
    those in the slope f' included. States and gradients that carry their graphs (from
    ``torch.autograd.grad(loss, states, create_graph=True)``) give the derivative of everything.
    The paper holds f' constant too: that is ``omega_immediate``.

    Args:
        cell: a cell with ``project`` and ``step`` whose state is one tensor.
        xs: its inputs (T, B, D), or whole numbers (T, B).
        states: h_0 to h_T, tensor (T + 1, B, H).
        gradients: dL/dh_1 to dL/dh_T, by way of all outputs and later steps, tensor (T, B, H).
        smallest: where ||g_{k+1}|| is not above it, nothing is left whose length could be kept, and
            the step counts as 0.

    Returns:
        scalar tensor, differentiable with respect to the weights of ``cell``.

    Raises:
        TypeError: an argument is not a tensor, or ``smallest`` is not a number.
        ValueError: shapes that do not fit, NaN or infinity, or a negative ``smallest``.

    Source:
        Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks,
        section 3.3, arXiv:1211.5063. Their published program differs from their formula: it squares
        both lengths, and divides by the mean number of sequences that count.
    """
    _check_trace(xs, states, gradients)
    with torch.enable_grad():
        before = states[:-1].flatten(0, 1)  # (T * B, H)
        before = before if before.requires_grad else before.detach().requires_grad_()
        _, after = cell.step(cell.project(xs.flatten(0, 1)), before)  # (T * B, H)
        (back,) = torch.autograd.grad(after, before, gradients.flatten(0, 1), create_graph=True)
        return _deviation(back.reshape(gradients.shape), gradients, smallest)


def omega_immediate(cell, xs, states, gradients, smallest=1e-10):
    """Compute the same Omega, but let its derivative see W_hh only where it stands in J_k itself.

    One step back is g_{k+1} J_k = (g_{k+1} * f'(a_{k+1})) W_hh^T, where a_{k+1} is what f is
    applied to. The bracket is held constant here, and so is everything else: the *immediate*
    derivative of the paper. It costs one product, needs no second derivative of f, and moves
    ``W_hh`` alone.

    Args:
        cell: a cell h_t = f(project(x_t) + h_{t-1} W_hh), such as an ``ElmanCell``.
        xs: its inputs (T, B, D), or whole numbers (T, B).
        states: h_0 to h_T, tensor (T + 1, B, H).
        gradients: dL/dh_1 to dL/dh_T, tensor (T, B, H).
        smallest: as in ``omega``.

    Returns:
        scalar tensor, differentiable with respect to ``cell.W_hh``.

    Raises:
        TypeError: as in ``omega``, or ``cell`` has no square ``W_hh``.
        ValueError: as in ``omega``.

    Source:
        Pascanu, Mikolov & Bengio (2013), as for ``omega``.
    """
    _check_trace(xs, states, gradients)
    if getattr(cell, "W_hh", torch.empty(0)).shape != (states.shape[-1],) * 2:
        raise TypeError(f"cell must have W_hh (H, H), but {type(cell).__name__} has none")
    gradients = gradients.detach()
    with torch.enable_grad():
        projected = cell.project(xs).detach().requires_grad_()  # (T, B, H)
        _, after = cell.step(projected, states[:-1].detach())  # (T, B, H)
        (bracket,) = torch.autograd.grad(after, projected, gradients)  # (T, B, H)
        return _deviation(bracket @ cell.W_hh.T, gradients, smallest)


def _deviation(back, gradients, smallest):
    """Omega from g_{k+1} J_k and g_{k+1}, both (T, B, H)."""
    smallest = as_real(smallest, "smallest", minimum=0)
    after, before = (torch.linalg.vector_norm(g.flatten(2), dim=2) for g in (gradients, back))
    counts = after > smallest  # (T, B)
    ratios = before / torch.where(counts, after, 1)  # (T, B)
    return torch.where(counts, ratios - 1, 0).square().sum(0).mean()


def _check_trace(xs, states, gradients):
    """Refuse what does not belong together."""
    for value, name in ((xs, "xs"), (states, "states"), (gradients, "gradients")):
        _check_finite(value, name)
    if xs.ndim < 2 or states.ndim < 3 or 0 in states.shape:
        shapes = f"{tuple(xs.shape)} and {tuple(states.shape)}"
        raise ValueError(f"xs and states must be (T, B, ...) and (T + 1, B, H), but are {shapes}")
    wanted = (len(xs) + 1, xs.shape[1])
    if states.shape[:2] != wanted:
        found = tuple(states.shape[:2])
        raise ValueError(f"states must be (T + 1, B, H) with {wanted} in front, but have {found}")
    if gradients.shape != states[1:].shape:
        shapes = f"{tuple(states[1:].shape)}, but have {tuple(gradients.shape)}"
        raise ValueError(f"gradients must have the shape of h_1 to h_T, {shapes}")


def _check_finite(value, name):
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name} must be a tensor, but is a {type(value).__name__}")
    bad = int((~torch.isfinite(value)).sum())
    if bad:
        raise ValueError(f"{name} must be finite, but {bad} of {value.numel()} are NaN or infinite")
