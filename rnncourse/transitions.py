"""The table of transitions of a Markov chain: counting it, walking by it, where it leads."""

import numpy as np

from rnncourse.smoothing import divide_or
from rnncourse.validate import as_array, as_ids, as_integer, as_real

MAX_ENTRIES = 10_000_000  # of a table
MAX_CONTEXTS = 1_000  # for which the equations of the stationary distribution are solved


def count_transitions(ids, order, num_symbols, pseudocount=0.0):
    """Count which symbol follows which context, and divide.

    Args:
        ids: (T,) whole numbers from 0 to V - 1, T > p.
        order: p, how many symbols a context has, 0 or more.
        num_symbols: V, the size of the alphabet.
        pseudocount: k, 0 or more, added to each count; 0 is maximum likelihood.

    Returns:
        (V, ..., V) with p + 1 axes; the last one sums to 1. A context that was never seen gets
        the uniform distribution.

    Raises:
        TypeError, ValueError: an argument is not what is said above, or the table too large.
    """
    shape = table_shape(order, num_symbols)
    ids = as_ids(ids, num_symbols, min_length=len(shape))
    windows = np.lib.stride_tricks.sliding_window_view(ids, len(shape))  # (T - p, p + 1)
    counts = np.full(shape, as_real(pseudocount, "pseudocount", minimum=0))  # (V, ..., V)
    np.add.at(counts, tuple(windows.T), 1)
    return divide_or(counts, counts.sum(axis=-1, keepdims=True), 1 / num_symbols)


def table_shape(order, num_symbols):
    """Return the shape of a table of transitions: p axes for the context, one for what follows.

    Args:
        order: p, how many symbols a context has, 0 or more.
        num_symbols: V, the size of the alphabet.

    Returns:
        tuple of p + 1 times V.

    Raises:
        TypeError, ValueError: an argument is not what is said above, or the table too large.
    """
    axes = as_integer(order, "order", minimum=0) + 1
    num_symbols = as_integer(num_symbols, "num_symbols", minimum=1)
    if num_symbols**axes > MAX_ENTRIES:
        raise ValueError(
            f"order {order} with {num_symbols} symbols needs a table of {num_symbols}^{axes} "
            f"entries, and at most {MAX_ENTRIES} are allowed: use an NGramModel"
        )
    return (num_symbols,) * axes


def check_transition(transition):
    """Return a table of transitions as a new array, or raise an error that says what is wrong.

    Args:
        transition: (V,), (V, V), (V, V, V), ... numbers of 0 or more; the last axis sums to 1.

    Returns:
        float64 array of the same shape.

    Raises:
        TypeError, ValueError: ``transition`` does not hold such numbers.
    """
    transition = as_array(transition, "transition").copy()
    if transition.ndim == 0 or len(set(transition.shape)) > 1:
        raise ValueError(f"transition must have equal axes, but has shape {transition.shape}")
    if np.any(transition < 0):
        raise ValueError(f"transition must not be negative, but holds {transition.min():.4g}")
    worst = np.abs(transition.sum(axis=-1) - 1).max()
    if worst > 1e-8:
        raise ValueError(
            "transition must sum to 1 over its last axis, that is, have rows that sum to 1, "
            f"but one is off by {worst:.3g}"
        )
    return transition


def stationary_distribution(transition):
    """Find the distribution of the contexts that one step of the chain does not change.

    Args:
        transition: (V, ..., V) with p + 1 axes; the last one sums to 1.

    Returns:
        (V, ..., V) with p axes: the long-run probability of each context; 1 for p = 0.

    Raises:
        ValueError: the chain falls apart into parts that never reach each other, or has more
            than 1,000 contexts.
    """
    moves = context_moves(transition)  # (C, C)
    balance = np.vstack([moves.T - np.eye(len(moves)), np.ones(len(moves))])  # (C + 1, C)
    known = np.append(np.zeros(len(moves)), 1.0)  # (C + 1,)
    solution, _, rank, _ = np.linalg.lstsq(balance, known, rcond=1e-10)
    if rank < len(moves):
        raise ValueError(
            "transition must have one stationary distribution, but the chain falls apart into "
            "parts that never reach each other, and so has more than one stationary distribution"
        )
    solution = np.maximum(solution, 0)  # (C,) without rounding errors below 0
    return (solution / solution.sum()).reshape(transition.shape[:-1])


def entropy_rate(transition, stationary):
    """Compute the mean loss of one who knows the chain: no model has a smaller one.

    Args:
        transition: (V, ..., V) with p + 1 axes; the last one sums to 1.
        stationary: (V, ..., V) with p axes, the long-run probability of each context.

    Returns:
        float, nats per symbol.

    Source:
        Shannon (1948), A mathematical theory of communication, section 7.
    """
    rows = transition.reshape(-1, transition.shape[-1])  # (C, V)
    logs = np.log(rows, out=np.zeros_like(rows), where=rows > 0)  # (C, V)
    return -float(stationary.ravel() @ (rows * logs).sum(axis=1))


def walk(transition, stationary, length, rng):
    """Draw a first context, and then one symbol after another.

    Args:
        transition: (V, ..., V) with p + 1 axes; the last one sums to 1.
        stationary: (V, ..., V) with p axes, the probability of each first context.
        length: T, how many symbols follow the first context.
        rng: a ``numpy.random.Generator``.

    Returns:
        (p + T,) int64 array: the first context, then the symbols drawn after it.
    """
    num_symbols = transition.shape[-1]
    limits = np.cumsum(transition.reshape(-1, num_symbols), axis=1)[:, :-1]  # (C, V - 1) their ends
    context = rng.choice(stationary.size, p=stationary.ravel())
    first = np.unravel_index(context, stationary.shape)  # p numbers
    ids = np.append(np.array(first, dtype=np.int64), np.empty(length, dtype=np.int64))  # (p + T,)
    for t, draw in enumerate(rng.random(length), start=len(first)):
        ids[t] = np.searchsorted(limits[context], draw, side="right")
        context = (context * num_symbols + ids[t]) % stationary.size
    return ids


def context_moves(transition):
    """Write a chain of any order as one of order 1, whose symbols are the contexts.

    The next context is the last one without its oldest symbol, with the new symbol at its end.

    Args:
        transition: (V, ..., V) with p + 1 axes; the last one sums to 1.

    Returns:
        (C, C) probability to go from one context to another, C = V^p.

    Raises:
        ValueError: there are more than 1,000 contexts.
    """
    num_symbols = transition.shape[-1]
    num_contexts = transition.size // num_symbols
    if num_contexts > MAX_CONTEXTS:
        raise ValueError(f"at most {MAX_CONTEXTS} contexts are allowed, but here {num_contexts}")
    contexts = np.repeat(np.arange(num_contexts), num_symbols)  # (C V,)
    following = np.arange(transition.size) % num_contexts  # (C V,)
    moves = np.zeros((num_contexts, num_contexts))  # (C, C)
    np.add.at(moves, (contexts, following), transition.ravel())
    return moves
