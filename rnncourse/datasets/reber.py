"""Reber's grammar, plain, embedded and as an endless stream, with the true probabilities.

A Reber string begins with B, walks through a small automaton, and ends with E. In the embedded
grammar such a string stands between two equal symbols, both T or both P: whoever predicts the
second one must carry the first over the whole string between them.
"""

from math import log
from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_generator, as_integer

SYMBOLS = ("B", "T", "P", "S", "X", "V", "E")  # by id
B, T, P, S, X, V, E = range(7)
GRAMMAR = (  # in each state two symbols are equally likely, each leads to a state; 5 is the end
    ((T, 1), (P, 2)),
    ((S, 1), (X, 3)),
    ((T, 2), (V, 4)),
    ((X, 2), (S, 5)),
    ((P, 3), (V, 5)),
)


class ReberText(NamedTuple):
    """Strings of a Reber grammar, side by side, and what there is to know about them.

    Attributes:
        ids: indices into ``SYMBOLS``, (T, B); padding is E.
        mask: True where a symbol is real, (T, B).
        probabilities: p(symbol | all before it in its string), true values, (T, B, 7); zeros where
            padded.
        recall: True where the symbol must equal one that stood early in the string, (T, B).
        optimum: smallest possible mean loss in nats per symbol, over many strings.
    """

    ids: np.ndarray
    mask: np.ndarray
    probabilities: np.ndarray
    recall: np.ndarray
    optimum: float


def reber(batch_size, seed=0):
    """Draw strings of Reber's grammar, such as B T S X S E.

    From each of the five inner states two symbols are equally likely. The mean number of such
    choices solves n_i = 1 + (n_j + n_k) / 2 over the states that follow i: 6. With B and E a string
    has 8 symbols on average, so the optimum is 6 ln 2 / 8 nats per symbol.

    Args:
        batch_size: number of strings B.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        ReberText: ``ids``, ``mask``, ``recall`` (T, B), ``probabilities`` (T, B, 7), ``optimum``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: ``batch_size`` is less than 1.

    Source:
        Reber (1967), Implicit learning of artificial grammars; as a task for recurrent networks
        Cleeremans, Servan-Schreiber & McClelland (1989), Finite state automata and simple recurrent
        networks.
    """
    return _side_by_side(_inner, 6 * log(2) / 8, batch_size, seed)


def embedded_reber(batch_size, seed=0):
    """Draw strings of the embedded grammar, such as B T B T S X S E T E.

    To the plain string come B and T or P in front, and the same T or P and E behind: 12 symbols on
    average, with one more choice. The optimum is 7 ln 2 / 12 nats per symbol. Who has forgotten the
    first T or P loses ln 2 at the second, one symbol in 12: he pays 8 ln 2 / 12.

    Args:
        batch_size: number of strings B.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        ReberText: arrays (T, B) and ``probabilities`` (T, B, 7); ``recall`` is True at the second
        T or P.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: ``batch_size`` is less than 1.

    Source:
        Hochreiter & Schmidhuber (1997), Long short-term memory, experiment 1.
    """
    return _side_by_side(_embedded, 7 * log(2) / 12, batch_size, seed)


def continual_reber(length, batch_size, seed=0):
    """Draw endless streams of embedded strings, one after the other, that are cut off at the end.

    Nothing tells where a string ends but the grammar, and no state is reset there.

    Args:
        length: number of symbols T in each stream.
        batch_size: number of streams B.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        ReberText: arrays (T, B) and ``probabilities`` (T, B, 7); ``mask`` is all True.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is less than 1.

    Source:
        Gers, Schmidhuber & Cummins (2000), Learning to forget: continual prediction with LSTM.
    """
    length = as_integer(length, "length", minimum=1)
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    rng = as_generator(seed)
    streams = []
    for _ in range(batch_size):
        stream = []
        while len(stream) < length:
            stream += _embedded(rng)
        streams.append(stream[:length])
    return _as_arrays(streams, 7 * log(2) / 12)


def _inner(rng):
    """One plain string as (symbol, symbols that were possible, must it be remembered?) a step."""
    steps, state = [(B, (B,), False)], 0
    while state < len(GRAMMAR):
        possible = tuple(symbol for symbol, _ in GRAMMAR[state])
        symbol, state = GRAMMAR[state][rng.integers(2)]
        steps.append((symbol, possible, False))
    return [*steps, (E, (E,), False)]


def _embedded(rng):
    """One embedded string, likewise."""
    kept = (T, P)[rng.integers(2)]
    before = [(B, (B,), False), (kept, (T, P), False)]
    return [*before, *_inner(rng), (kept, (kept,), True), (E, (E,), False)]


def _side_by_side(draw, optimum, batch_size, seed):
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    rng = as_generator(seed)
    return _as_arrays([draw(rng) for _ in range(batch_size)], optimum)


def _as_arrays(strings, optimum):
    """Strings of (symbol, possible, recall) steps, as the arrays of a ReberText."""
    shape = (max(map(len, strings)), len(strings))
    ids, mask = np.full(shape, E), np.zeros(shape, bool)  # (T, B)
    recall = np.zeros(shape, bool)  # (T, B)
    probabilities = np.zeros((*shape, len(SYMBOLS)))  # (T, B, 7)
    for column, string in enumerate(strings):
        for step, (symbol, possible, must_recall) in enumerate(string):
            ids[step, column], recall[step, column] = symbol, must_recall
            probabilities[step, column, list(possible)] = 1 / len(possible)
        mask[: len(string), column] = True
    return ReberText(ids, mask, probabilities, recall, optimum)
