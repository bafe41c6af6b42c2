"""Weights of a cell: random ones, their product with an input, copies from and to torch."""

import torch
from torch import nn

from rnncourse.validate import as_real


def uniform(scale, *shape):
    """Draw a weight matrix, uniformly between -scale and scale.

    torch's global generator draws it: ``torch.manual_seed`` before makes it repeatable.

    Args:
        scale: largest absolute value; 0 gives zeros.
        shape: its sizes, such as D, H.

    Returns:
        Parameter of that shape.

    Raises:
        TypeError: ``scale`` is not a number.
        ValueError: ``scale`` is negative or not finite.
    """
    scale = as_real(scale, "scale", minimum=0)
    return nn.Parameter(torch.empty(shape).uniform_(-scale, scale))


def gate_biases(hidden_size, *values):
    """Make the bias of several gates side by side, each at the value where it begins.

    Args:
        hidden_size: H.
        values: one for each of n gates: a number for all its units, or (H,) numbers.

    Returns:
        Parameter (n H,).

    Raises:
        TypeError: a value is neither.
        ValueError: a value has another shape, or is not finite.
    """
    rows = []
    for value in values:
        try:
            row = torch.as_tensor(value, dtype=torch.get_default_dtype())  # () or (H,)
        except (TypeError, ValueError, RuntimeError):
            raise TypeError(f"bias must be a number or (H,) numbers, but is {value!r}") from None
        if row.shape not in [(), (hidden_size,)]:
            allowed = f"a number or ({hidden_size},) numbers"
            raise ValueError(f"bias must be {allowed}, but has shape {tuple(row.shape)}")
        if not torch.isfinite(row).all():
            raise ValueError(f"bias must be finite, but is {value}")
        rows.append(row.expand(hidden_size))
    return nn.Parameter(torch.cat(rows))  # (n H,)


def times(xs, W):
    """Multiply inputs by a weight matrix; whole numbers stand for one-hot rows.

    A one-hot row with its 1 at place k, times W, is row k of W. So whole numbers need no product:
    looking the row up gives the same numbers.

    Args:
        xs: real numbers (..., D), or whole numbers (...) from 0 to D - 1.
        W: weights (D, K).

    Returns:
        tensor (..., K).
    """
    return xs @ W if xs.is_floating_point() else nn.functional.embedding(xs, W)  # (..., K)


def copy_from_torch(rnn, cell):
    """Copy the weights of one of torch's recurrent modules into a cell.

    torch multiplies columns from the left and has two biases where one is enough; the cell gets the
    transposed matrices and the sum of the biases. Only in the GRU's n the two are not the same: the
    second stands inside the product with r, and becomes ``b_hn``. Gates keep their order.

    Args:
        rnn: a ``torch.nn.RNN``, ``LSTM`` or ``GRU`` with one layer, one direction and biases.
        cell: a cell with ``W_xh``, ``W_hh`` and ``b_h``, and ``b_hn`` for the GRU: an
            ``ElmanCell``, ``LSTMCell`` or ``GRUCell``.

    Returns:
        None.

    Raises:
        TypeError: ``rnn`` or ``cell`` is none of these, or they do not belong together.
        ValueError: they differ in size or number type.
    """
    with torch.no_grad():
        for own, theirs in _pairs(rnn, cell):
            own.copy_(theirs.T)
        cell.b_h.copy_(rnn.bias_ih_l0 + rnn.bias_hh_l0)
        if isinstance(rnn, nn.GRU):
            H = rnn.hidden_size
            cell.b_h[2 * H :] = rnn.bias_ih_l0[2 * H :]
            cell.b_hn.copy_(rnn.bias_hh_l0[2 * H :])


def copy_to_torch(cell, rnn):
    """Copy the weights of a cell into one of torch's recurrent modules.

    The cell's ``b_h`` becomes the first of torch's two biases; the second becomes zero, but for the
    GRU's ``b_hn``.

    Args:
        cell: a cell with ``W_xh``, ``W_hh`` and ``b_h``, and ``b_hn`` for the GRU: an
            ``ElmanCell``, ``LSTMCell`` or ``GRUCell``.
        rnn: a ``torch.nn.RNN``, ``LSTM`` or ``GRU`` with one layer, one direction and biases.

    Returns:
        None.

    Raises:
        TypeError: ``rnn`` or ``cell`` is none of these, or they do not belong together.
        ValueError: they differ in size or number type.
    """
    with torch.no_grad():
        for own, theirs in _pairs(rnn, cell):
            theirs.copy_(own.T)
        rnn.bias_ih_l0.copy_(cell.b_h)
        rnn.bias_hh_l0.zero_()
        if isinstance(rnn, nn.GRU):
            rnn.bias_hh_l0[2 * rnn.hidden_size :] = cell.b_hn


def _pairs(rnn, cell):
    """Matrices that belong together, (D, K) here and (K, D) there, checked."""
    if not isinstance(rnn, nn.RNN | nn.LSTM | nn.GRU):
        raise TypeError(f"rnn must be a torch.nn.RNN, LSTM or GRU, but is {type(rnn).__name__}")
    wanted = {"W_xh", "W_hh", "b_h"} | ({"b_hn"} if isinstance(rnn, nn.GRU) else set())
    found = {name for name, _ in cell.named_parameters()}
    if wanted != found:
        differ = [f"lacks {sorted(wanted - found)}"] if wanted - found else []
        differ += [f"also has {sorted(found - wanted)}"] if found - wanted else []
        kind, name = type(rnn).__name__, type(cell).__name__
        raise TypeError(f"rnn must fit the cell, but is {kind}, and {name} {' and '.join(differ)}")
    if rnn.num_layers > 1 or rnn.bidirectional or not rnn.bias or rnn.proj_size:
        raise ValueError(f"rnn must have one layer, one direction and biases, but is {rnn}")
    pairs = [(cell.W_xh, rnn.weight_ih_l0), (cell.W_hh, rnn.weight_hh_l0)]
    for own, theirs in pairs:
        if own.shape != theirs.T.shape or own.dtype != theirs.dtype:
            here, there = (f"{tuple(w.shape)} of {w.dtype}" for w in (own, theirs.T))
            raise ValueError(f"rnn and cell must agree, but {there} there is {here} here")
    return pairs
