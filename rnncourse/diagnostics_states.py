"""The states of a module, step by step: what the gradient microscope puts under its lens.

A gradient dL/dh_t can be asked for only if h_t is a tensor of its own that everything later was
computed from. torch's recurrent modules hide their states inside one large step, and the outputs
that they return will not do instead: what leads from h_t to h_{t+1} does not pass through them.
``run_layer_by_layer`` computes the same numbers in the open.
"""

import torch
from torch import nn


def next_state(module, returned):
    """Pick the new state out of what one step of a module returned.

    Args:
        module: the module that took the step, for its kind and for the message.
        returned: a tensor, which is the state; or a pair (output, state), as cells of the course
            return it. From ``nn.LSTMCell`` the pair is the state.

    Returns:
        state: a tensor (B, ...) or a tuple of states.

    Raises:
        TypeError: ``returned`` is neither.
    """
    if isinstance(returned, torch.Tensor) or isinstance(module, nn.LSTMCell):
        return returned
    if not isinstance(returned, tuple) or len(returned) != 2:
        kind = type(returned).__name__
        kind += f" of {len(returned)}" if isinstance(returned, tuple) else ""
        name = type(module).__name__
        raise TypeError(f"module must return a state or (output, state), but {name} returns {kind}")
    return returned[1]


def parts_of(state, name="state"):
    """Give every tensor of a state the name under which Python finds it.

    Args:
        state: a tensor (B, ...) or a tuple of states.
        name: name of the whole.

    Returns:
        dict of tensors (B, ...), such as ``{"state": h}`` or ``{"state[0]": h, "state[1]": c}``.

    Raises:
        TypeError: ``state`` is neither.
    """
    if isinstance(state, torch.Tensor):
        return {name: state}
    if not isinstance(state, tuple):
        kind = type(state).__name__
        raise TypeError(f"state must be a tensor or a tuple of states, but {name} is {kind}")
    parts = {}
    for k, part in enumerate(state):
        parts |= parts_of(part, f"{name}[{k}]")
    return parts


def check_kept(module, before, after):
    """Refuse a step that changes what the state is made of.

    Args:
        module: the module that took the step, for the message.
        before: its state before the step, a tensor (B, ...) or a tuple of states.
        after: its state after the step.

    Raises:
        TypeError: a state is neither.
        ValueError: the two differ in their parts or in a shape.
    """
    shapes = [
        {name: tuple(part.shape) for name, part in parts_of(state).items()}
        for state in (before, after)
    ]
    if shapes[0] != shapes[1]:
        name = type(module).__name__
        raise ValueError(f"state must stay {shapes[0]}, but {name} makes it {shapes[1]}")


def append_parts(states, parts):
    """Add one step to a record of states.

    Args:
        states: dict of lists of tensors, one list a part and one tensor a step; changed in place.
        parts: dict of tensors (B, ...), as ``parts_of`` returns it.

    Raises:
        ValueError: a state has no batch axis, or another shape or other parts than the step before.
    """
    steps = max(map(len, states.values()), default=0)
    if steps and states.keys() != parts.keys():
        raise ValueError(
            f"state must consist of {list(states)}, but step {steps} has {list(parts)}"
        )
    for name, part in parts.items():
        before = states.setdefault(name, [])
        if part.ndim < 2 or (before and part.shape != before[-1].shape):
            wanted = tuple(before[-1].shape) if before else "(B, ...)"
            found = f"{tuple(part.shape)} at step {len(before)}"
            raise ValueError(f"{name} must have the shape {wanted}, but has shape {found}")
        before.append(part)


def run_layer_by_layer(rnn, xs, state=None):
    """Run one of torch's recurrent modules so that every state is a tensor of its own.

    The numbers are those of ``rnn(xs, state)`` up to rounding; with dropout between layers the same
    random numbers are drawn. Cost: L T small steps in Python, one to six times the time of ``rnn``
    itself, whose loop runs in C++; the LSTM gains most from that loop.

    Args:
        rnn: a ``torch.nn.RNN``, ``LSTM`` or ``GRU``, with any number of layers and directions.
        xs: inputs (T, B, D), or (B, T, D) if ``rnn`` has the batch first.
        state: as for ``rnn``, (L, B, H) or a pair of them; or None for zeros.

    Returns:
        what ``rnn(xs, state)`` returns, and a dict of lists of T tensors (B, H): ``"h[0]"`` for the
        first layer, ``"c[0]"`` for the cells of an LSTM, ``"h[0] backwards"`` for what reads from
        the end.

    Raises:
        TypeError: ``xs`` is not a tensor, such as a packed sequence.
        ValueError: ``xs`` is not (T, B, D) with T and B at least 1.
    """
    if not isinstance(xs, torch.Tensor):
        raise TypeError(f"xs must be a tensor (T, B, D), but is {type(xs).__name__}")
    if xs.ndim != 3 or 0 in xs.shape or xs.shape[2] != rnn.input_size:
        raise ValueError(f"xs must be (T, B, {rnn.input_size}), but has shape {tuple(xs.shape)}")
    xs = xs.transpose(0, 1) if rnn.batch_first else xs  # (T, B, D)
    initial = _initial(rnn, xs, state)
    record, last = {}, []
    for layer in range(rnn.num_layers):
        if layer and rnn.dropout:
            xs = nn.functional.dropout(xs, rnn.dropout, rnn.training)
        both = []
        for ending in ("", "_reverse")[: 1 + rnn.bidirectional]:
            weights = _weights(rnn, f"_l{layer}{ending}")
            before = tuple(part[len(last)] for part in initial)  # (B, H) each
            steps = _run_one(rnn, weights, xs.flip(0) if ending else xs, before)
            last.append(steps[-1])
            steps = steps[::-1] if ending else steps
            for name, parts in zip("hc", zip(*steps, strict=True), strict=False):
                record[f"{name}[{layer}]{' backwards' if ending else ''}"] = list(parts)
            both.append(torch.stack([parts[0] for parts in steps]))  # (T, B, H)
        xs = torch.cat(both, dim=2)  # (T, B, H), or (T, B, 2 H) with two directions
    last = tuple(torch.stack(parts) for parts in zip(*last, strict=True))  # (L, B, H) each
    outputs = xs.transpose(0, 1) if rnn.batch_first else xs
    return (outputs, last if isinstance(rnn, nn.LSTM) else last[0]), record


def _initial(rnn, xs, state):
    """The state before the first step as a tuple: (h,), or (h, c) for an LSTM."""
    if state is not None:
        return state if isinstance(state, tuple) else (state,)
    rows = rnn.num_layers * (1 + rnn.bidirectional)
    h = xs.new_zeros(rows, xs.shape[1], rnn.proj_size or rnn.hidden_size)  # (L, B, H)
    c = xs.new_zeros(rows, xs.shape[1], rnn.hidden_size)  # (L, B, H)
    return (h, c) if isinstance(rnn, nn.LSTM) else (h,)


def _weights(rnn, ending):
    """W_ih, W_hh, b_ih, b_hh, projection of one layer and direction; None where it has none."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    return [getattr(rnn, kind + ending, None) for kind in kinds]


def _run_one(rnn, weights, xs, parts):
    """All steps of one layer in one direction; a tuple (h,) or (h, c) for each."""
    W_ih, W_hh, b_ih, b_hh, W_hr = weights
    steps = []
    for projected in nn.functional.linear(xs, W_ih, b_ih).unbind():
        recurrent = nn.functional.linear(parts[0], W_hh, b_hh)
        h, *c = _step(rnn, projected, recurrent, parts)
        parts = (h if W_hr is None else nn.functional.linear(h, W_hr), *c)
        steps.append(parts)
    return steps


def _step(rnn, projected, recurrent, parts):
    """One step, with the gates in torch's order, from W_ih x + b_ih and W_hh h + b_hh."""
    if isinstance(rnn, nn.LSTM):
        i, f, g, o = (projected + recurrent).chunk(4, dim=1)  # (B, H) each
        c = f.sigmoid() * parts[1] + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
    if isinstance(rnn, nn.GRU):
        (r, z, n), (hr, hz, hn) = projected.chunk(3, dim=1), recurrent.chunk(3, dim=1)
        z = (z + hz).sigmoid()
        n = (n + (r + hr).sigmoid() * hn).tanh()
        return (n + z * (parts[0] - n),)
    return (getattr(torch, rnn.nonlinearity)(projected + recurrent),)
