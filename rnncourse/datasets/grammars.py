"""Languages whose entropy is known, although no window of fixed length knows all that matters."""

from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_generator, as_integer, as_real


class BracketText(NamedTuple):
    """A drawn text of brackets that are all closed in the right order.

    Attributes:
        ids: the symbols (T,): 2 k opens a bracket of kind k, 2 k + 1 closes it.
        depths: how many brackets are open before each symbol, (T,).
        losses: -ln of the true probability of each symbol, given all before it, (T,).
        entropy_rate: smallest possible mean loss in nats per symbol.
    """

    ids: np.ndarray
    depths: np.ndarray
    losses: np.ndarray
    entropy_rate: float


def brackets(length, kinds=2, max_depth=3, opening=0.5, seed=0):
    """Draw a text of nested brackets, such as ``( [ ] ( ) ) [ ]``.

    At each step a bracket is opened with probability ``opening``, of any kind with the same
    probability; else the one that was opened last is closed. With none open, one must be opened;
    with ``max_depth`` open, one must be closed. So whoever knows the kinds of the open brackets
    predicts as well as possible, however long ago they were opened.

    Args:
        length: number of symbols T; the text starts with no bracket open, and may end inside one.
        kinds: how many kinds of brackets K, 1 or more; the alphabet has V = 2 K symbols.
        max_depth: how many may be open, 1 or more.
        opening: probability of opening where both are allowed, above 0 and below 1.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        BracketText: ``ids`` (T,), ``depths`` (T,), ``losses`` (T,), ``entropy_rate`` in nats.

    Raises:
        TypeError: an argument is not a number of the right kind.
        ValueError: an argument is out of range.

    Source:
        Chomsky & Schützenberger (1963), The algebraic theory of context-free languages, for the
        language; its entropy from Shannon (1948), A mathematical theory of communication,
        section 7.
    """
    length = as_integer(length, "length", minimum=1)
    kinds = as_integer(kinds, "kinds", minimum=1)
    max_depth = as_integer(max_depth, "max_depth", minimum=1)
    opening = as_real(opening, "opening")
    if not 0 < opening < 1:
        raise ValueError(f"opening must be above 0 and below 1, but is {opening!r}")
    ups = np.full(max_depth + 1, opening)  # (max_depth + 1,) probability of opening by depth
    ups[0], ups[-1] = 1.0, 0.0
    ids, depths = _walk(length, kinds, ups, as_generator(seed))
    chosen = np.where(ids % 2 == 0, ups[depths] / kinds, 1 - ups[depths])  # (T,)
    return BracketText(ids, depths, -np.log(chosen), _entropy_rate(ups, kinds))


def _walk(length, kinds, ups, rng):
    """Draw the symbols (T,), with a stack of the open kinds; return them and the depths (T,)."""
    draws, new_kinds = rng.random(length), rng.integers(kinds, size=length)
    ids, depths, stack = np.empty(length, np.int64), np.empty(length, np.int64), []
    for t in range(length):
        depths[t] = len(stack)
        if draws[t] < ups[len(stack)]:
            stack.append(new_kinds[t])
            ids[t] = 2 * stack[-1]
        else:
            ids[t] = 2 * stack.pop() + 1
    return ids, depths


def _entropy_rate(ups, kinds):
    """Mean entropy over the depths; between two depths one goes up as often as down."""
    odds = ups[:-1] / (1 - ups[1:])  # (max_depth,) how much more time is spent one deeper
    shares = np.cumprod(np.append(1.0, odds))  # (max_depth + 1,)
    shares /= shares.sum()
    at_both = ups[1:-1]  # (max_depth - 1,) where both are allowed
    entropies = np.zeros(len(ups))
    entropies[1:-1] = -at_both * np.log(at_both) - (1 - at_both) * np.log(1 - at_both)
    return float(shares @ (entropies + ups * np.log(kinds)))
