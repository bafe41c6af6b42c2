"""What a cell carries from step to step: a tensor, or a tuple of states such as (h, c).

Every tensor of a state has the batch as its first axis.
"""

import torch


def map_state(function, *states):
    """Apply a function to the tensors of one or more states that are built alike.

    Args:
        function: takes one tensor of each state.
        states: tensors (B, ...), or tuples of states.

    Returns:
        what ``function`` returned, built like the states.

    Raises:
        TypeError: the states are not built alike.
    """
    if all(isinstance(state, torch.Tensor) for state in states):
        return function(*states)
    if not all(isinstance(state, tuple) for state in states) or len(set(map(len, states))) > 1:
        kinds = " and ".join(_kind(state) for state in states)
        raise TypeError(f"states must be tensors, or tuples of equally many, but are {kinds}")
    return tuple(map_state(function, *parts) for parts in zip(*states, strict=True))


def detach(state):
    """Cut a state off from the steps that made it: its numbers stay, gradients end here.

    Args:
        state: a tensor (B, ...), or a tuple of states.

    Returns:
        state with the same numbers.

    Raises:
        TypeError: ``state`` is neither.
    """
    return map_state(torch.Tensor.detach, state)


def freeze(mask, new, old):
    """Take the new state where a step is real, and keep the old one where it is padding.

    Args:
        mask: booleans (B,), True where the step is real.
        new: state after the step, of tensors (B, ...).
        old: state before the step, built like ``new``.

    Returns:
        state built like ``new``.

    Raises:
        TypeError: the states are not built alike.
    """

    def choose(after, before):
        return torch.where(mask.reshape(-1, *[1] * (after.ndim - 1)), after, before)

    return map_state(choose, new, old)


def check_state(state, expected):
    """Refuse a state that does not fit, before broadcasting makes it fit by accident.

    Args:
        state: the state to check, of tensors (B, ...).
        expected: a state that fits, such as ``cell.initial_state(batch_size)``.

    Returns:
        None.

    Raises:
        TypeError: the state is built otherwise.
        ValueError: a tensor has another shape.
    """

    def check(found, wanted):
        if found.shape != wanted.shape:
            shapes = f"{tuple(wanted.shape)}, but has shape {tuple(found.shape)}"
            raise ValueError(f"state must have the shape {shapes}")

    try:
        map_state(check, state, expected)
    except TypeError as error:
        raise TypeError(f"state must be {_kind(expected)}: {error}") from None


def _kind(state):
    return f"a tuple of {len(state)}" if isinstance(state, tuple) else type(state).__name__
