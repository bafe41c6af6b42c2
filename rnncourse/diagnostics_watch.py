"""Record the states of a module while it runs, without a change to the module or its numbers."""

from contextlib import contextmanager

import torch
from torch import nn

from rnncourse.diagnostics_states import (
    append_parts,
    check_kept,
    next_state,
    parts_of,
    run_layer_by_layer,
)


@contextmanager
def watch(module, state_of=None):
    """Record the states of a module in a ``with`` block, one tensor for each step that it takes.

    Inside the block the module computes the same numbers. Only torch's ``RNN``, ``LSTM`` and
    ``GRU`` are run layer by layer and agree up to rounding. The recording itself costs a few
    microseconds a step. (On a GPU ``nn.LSTMCell`` makes h and c in one fused step, so that dL/dc_t
    lacks the way through h_t; ``nn.LSTM`` is not fused here.)

    Args:
        module: a cell of the course, one of torch's recurrent modules or cells, or any module that
            is called once a step and returns its new state, or (output, state).
        state_of: for another module: takes what it returned, and returns the state.

    Yields:
        dict of lists of T tensors (B, H), filled in as the module runs.

    Raises:
        TypeError: ``module`` is no module, or returns neither a state nor (output, state).
        ValueError: the shape of the state changes.
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"module must be a torch.nn.Module, but is {type(module).__name__}")
    states = {}
    inner = getattr(module, "rnn", None)  # cells.torch_cell.TorchCell holds torch's own module
    module = inner if isinstance(inner, nn.RNNBase) else module

    def record(returned):
        state = next_state(module, returned) if state_of is None else state_of(returned)
        append_parts(states, parts_of(state))
        return returned

    with _intercepted(module, record, states):
        yield states


@contextmanager
def _intercepted(module, record, states):
    """Let every step of a module pass through ``record``, and put the module back afterwards."""
    if isinstance(module, nn.RNNBase):
        methods = {"forward": _recorded_forward(module, states)}
    elif hasattr(module, "project") and hasattr(module, "step"):
        methods = {"step": _recorded_step(module, record)}
        methods |= {"run": _run_by_steps(module)} if hasattr(module, "run") else {}
    else:
        handle = module.register_forward_hook(lambda module, args, returned: record(returned))
        try:
            yield
        finally:
            handle.remove()
        return
    own = vars(module)
    before = {name: own[name] for name in methods if name in own}
    own.update(methods)
    try:
        yield
    finally:
        for name in methods:
            del own[name]
        own.update(before)


def _recorded_forward(rnn, states):
    def forward(input, hx=None):
        returned, record = run_layer_by_layer(rnn, input, hx)
        for name, steps in record.items():
            states.setdefault(name, []).extend(steps)
        return returned

    return forward


def _recorded_step(cell, record):
    step = cell.step

    def recorded(projected, state):
        returned = step(projected, state)
        check_kept(cell, state, next_state(cell, returned))
        return record(returned)

    return recorded


def _run_by_steps(cell):
    """For a cell that needs no loop: the loop, for without it there are no single states."""

    def run(xs, state):
        outputs = []
        for projected in cell.project(xs).unbind():
            output, state = cell.step(projected, state)
            outputs.append(output)
        return torch.stack(outputs), state  # (T, B, H)

    return run
