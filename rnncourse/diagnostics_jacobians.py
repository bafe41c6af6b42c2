"""Jacobians dh_t/dh_{t-1} of any cell, by autograd.

Vectors are rows: J_t[i, j] = dh_t[j] / dh_{t-1}[i], old units down and new units across, so that a
gradient goes one step back as dL/dh_{t-1} = dL/dh_t J_t^T. For the Elman cell this is
J_t = W_hh diag(f'(a_t)), see ``diagnostics_spectra.elman_jacobians``.
"""

import torch

from rnncourse.cells.state import detach, map_state
from rnncourse.diagnostics_states import check_kept, next_state, parts_of


def step_jacobians(cell, xs, state=None):
    """Compute the Jacobian of every state with respect to the state before it.

    A state of several tensors, such as (h, c) or (B, L, H), counts as one vector of S numbers. The
    states come from one run without gradients; then all T steps are taken side by side, as if they
    were T B sequences of one step. So every sequence must be treated alike and on its own (no
    batch normalisation), and the cell must draw no random numbers (evaluation mode, if it has
    dropout). Cost: T steps, then S backward passes through one step of T B rows; T B S^2 numbers.

    Args:
        cell: called as ``cell(x, state)``; it returns (output, state), or the new state alone as
            ``nn.GRUCell`` does. Wrap ``nn.GRU`` and its like in ``cells.torch_cell.TorchCell``.
        xs: inputs (T, B, D), or whole numbers (T, B) for a cell that takes them.
        state: the state (B, ...) to begin with, or None for ``cell.initial_state(B)``.

    Returns:
        float64 array (T, B, S, S); entry (t, b, i, j) is ds_t[b, j] / ds_{t-1}[b, i].

    Raises:
        TypeError: ``xs`` or a state is of the wrong kind, or no state to begin with.
        ValueError: no step, a state that changes its shape, or NaN.
    """
    before = _states_before(cell, xs, _initial(cell, xs, state))  # (T * B, ...)
    with torch.enable_grad():
        before = map_state(lambda part: part.requires_grad_(), before)
        after = next_state(cell, cell(xs.flatten(0, 1), before))
        check_kept(cell, before, after)
        news = _as_rows(parts_of(after).values())  # (T * B, S)
    olds = list(parts_of(before).values())
    columns = [_column(new, olds) for new in news.unbind(1)]  # S times (T * B, S)
    jacobians = torch.stack(columns, dim=2).double().cpu().numpy()  # (T * B, S, S)
    return jacobians.reshape(*xs.shape[:2], *jacobians.shape[1:])


def _column(new, olds):
    """Derivatives of one number of the new state with respect to all of the old, (T * B, S)."""
    if not new.requires_grad:
        return torch.zeros_like(_as_rows(olds))
    found = torch.autograd.grad(new.sum(), olds, retain_graph=True, allow_unused=True)
    return _as_rows(
        torch.zeros_like(old) if g is None else g for g, old in zip(found, olds, strict=True)
    )


def _initial(cell, xs, state):
    if not isinstance(xs, torch.Tensor):
        raise TypeError(f"xs must be a tensor, but is {type(xs).__name__}")
    if xs.ndim < 2 or 0 in xs.shape:
        shape = tuple(xs.shape)
        raise ValueError(f"xs must be (T, B, ...) with T and B at least 1, but has shape {shape}")
    if state is None and not hasattr(cell, "initial_state"):
        name = type(cell).__name__
        raise TypeError(f"state must be given, for {name} has no initial_state, but is None")
    return cell.initial_state(xs.shape[1]) if state is None else state


def _states_before(cell, xs, state):
    """Run over a sequence without gradients; the states before each step, one below the other."""
    states = []
    with torch.no_grad():
        for t, x in enumerate(xs):
            states.append(detach(state))
            new = next_state(cell, cell(x, state))
            check_kept(cell, state, new)
            if not all(torch.isfinite(part).all() for part in parts_of(new).values()):
                raise ValueError(f"states must be finite, but that after step {t} is not")
            state = new
    return map_state(lambda *parts: torch.cat(parts), *states)


def _as_rows(parts):
    return torch.cat([part.flatten(1) for part in parts], dim=1)  # (T * B, S)
