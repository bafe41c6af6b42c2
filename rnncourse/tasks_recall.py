"""Long-term tasks with one thing to keep: parity of all bits so far, a first symbol after a gap.

Each comes with its chance level: what the best predictor reaches that carries nothing.
"""

from math import log
from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_generator, as_integer


class PrefixParity(NamedTuple):
    """Random bits, and after each whether the number of ones so far is odd.

    Args:
        ids: the bits, (T, B).
        targets: 1 where the number of ones up to and with this step is odd, else 0, (T, B).
        chance: accuracy of the best constant, 1/2.
        chance_loss: loss of the best constant in nats per step, ln 2.
    """

    ids: np.ndarray
    targets: np.ndarray
    chance: float
    chance_loss: float


class DelayedRecall(NamedTuple):
    """A symbol to remember, a gap, and a question mark at which to name it.

    Args:
        ids: (T, B); the symbols are 0 to K - 1, then come the distractors, V - 1 is the question
            mark.
        answers: the symbol of step 0, (B,).
        vocab_size: V.
        chance: accuracy of the best constant, 1 / K.
        chance_loss: loss of the best constant in nats, ln K.
    """

    ids: np.ndarray
    answers: np.ndarray
    vocab_size: int
    chance: float
    chance_loss: float


def prefix_parity(length, batch_size, seed=0):
    """Draw random bits and the parity of each prefix.

    One bit is enough to carry: the parity so far. But none may be missed, however far back.

    *Chance level.* Take any bit away from a prefix. Given all the others, its parity is 0 or 1 as
    this bit is 0 or 1: a fair coin. So whoever misses one bit is right in 1/2 of all cases, at a
    loss of ln 2 = 0.693 nats, no better than a constant. The first step is the one exception for
    who sees the present bit alone: there the bit *is* the parity, which makes 1/2 + 1/(2 T) over
    all steps, and still 1/2 on the last.

    Args:
        length: number of steps T, at least 1.
        batch_size: number of sequences B.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        PrefixParity: ``ids`` (T, B), ``targets`` (T, B), ``chance = 1/2``, ``chance_loss = ln 2``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is too small.
    """
    length = as_integer(length, "length", minimum=1)
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    ids = as_generator(seed).integers(2, size=(length, batch_size))  # (T, B)
    return PrefixParity(ids, np.cumsum(ids, axis=0) % 2, 1 / 2, log(2))


def delayed_recall(gap, batch_size, num_symbols, num_distractors=3, seed=0):
    """Draw sequences that begin with a symbol to name at the end, after ``gap`` distractors.

    The distractors have an alphabet of their own, so that a model need not learn *what* to keep,
    only to keep it. (``datasets.synthetic.first_symbol`` is the harder kind: there all symbols look
    alike.) The last step is a question mark; T = gap + 2.

    *Chance level.* The K symbols are equally likely, and the distractors are drawn without a look
    at them. So after step 0 is forgotten, each is right with probability 1 / K: ln K nats.

    Args:
        gap: number of distractors between symbol and question mark, at least 1.
        batch_size: number of sequences B.
        num_symbols: number of different symbols K, at least 2.
        num_distractors: number of different distractors, at least 1.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        DelayedRecall: ``ids`` (T, B), ``answers`` (B,), ``vocab_size``, ``chance = 1 / K``,
        ``chance_loss = ln K``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is too small.
    """
    gap = as_integer(gap, "gap", minimum=1)
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    num_symbols = as_integer(num_symbols, "num_symbols", minimum=2)
    num_distractors = as_integer(num_distractors, "num_distractors", minimum=1)
    rng = as_generator(seed)
    question = num_symbols + num_distractors
    answers = rng.integers(num_symbols, size=batch_size)  # (B,)
    between = rng.integers(num_symbols, question, size=(gap, batch_size))  # (gap, B)
    ids = np.vstack((answers, between, np.full(batch_size, question)))  # (T, B)
    return DelayedRecall(ids, answers, question + 1, 1 / num_symbols, log(num_symbols))
