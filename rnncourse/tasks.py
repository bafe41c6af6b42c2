"""Long-term tasks with numbers and symbols: adding, copying, the order of two symbols.

A model can solve them only if it carries something over many steps. Each comes with its chance
level: what the best predictor reaches that carries nothing. A model counts as having learnt when
it is clearly better than that. More tasks are in ``tasks_recall`` and ``tasks_sentences``.
"""

from math import log
from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_generator, as_integer

ORDER_TOKENS = ("X", "Y", "a", "b", "c", "d", "E", "B")  # of temporal_order, by id
_START, _END = 6, 7


class AddingProblem(NamedTuple):
    """Sequences of numbers, two of them marked, and the sum of these two.

    Args:
        xs: number and mark (0 or 1) of each step, single precision, (T, B, 2).
        targets: the sums, single precision, (B,).
        chance: mean squared error of the best constant, 1/6.
    """

    xs: np.ndarray
    targets: np.ndarray
    chance: float


class CopyMemory(NamedTuple):
    """Sequences of symbols to repeat after a long blank.

    Args:
        ids: what is read, from 0 to V - 1, (T, B); V - 2 is the blank, V - 1 the delimiter.
        targets: what is to be said at each step: blanks, then the symbols, (T, B).
        vocab_size: V, two more than there are symbols.
        chance: mean loss per step, in nats, of the best predictor that has forgotten the symbols.
        chance_accuracy: its accuracy on the symbols alone.
    """

    ids: np.ndarray
    targets: np.ndarray
    vocab_size: int
    chance: float
    chance_accuracy: float


class TemporalOrder(NamedTuple):
    """Sequences with two symbols that matter, and the class that their order decides.

    Args:
        ids: indices into ``ORDER_TOKENS``, (T, B).
        targets: class 0 for X X, 1 for X Y, 2 for Y X, 3 for Y Y, (B,).
        positions: steps of the first and the second of the two symbols, (2, B).
        chance: accuracy of the best constant, 1/4.
        chance_loss: loss of the best constant in nats, ln 4.
    """

    ids: np.ndarray
    targets: np.ndarray
    positions: np.ndarray
    chance: float
    chance_loss: float


def adding_problem(length, batch_size, seed=0):
    """Draw sequences of numbers of which the two marked ones are to be added.

    All numbers are uniform between 0 and 1. One step of the first half is marked and one of the
    second half.

    *Chance level.* The best constant is the mean of the target, 1/2 + 1/2 = 1. Its squared error is
    the variance of the target. The two marked numbers are independent, so variances add, and a
    uniform number has 1/12: the chance level is 2 x 1/12 = 1/6. (The 0.1767 that is often quoted
    is too large.) What is left to those who see the last steps only: ``adding_chance``.

    Args:
        length: number of steps T, at least 2.
        batch_size: number of sequences B.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        AddingProblem: ``xs`` (T, B, 2), ``targets`` (B,), ``chance = 1/6``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is too small; two markers need two steps.

    Source:
        Hochreiter & Schmidhuber (1997), Long short-term memory, experiment 4. There the numbers lie
        between -1 and 1; one mark a half is how later work draws them, such as Arjovsky, Shah &
        Bengio (2016), Unitary evolution recurrent neural networks.
    """
    length = as_integer(length, "length", minimum=2)
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    rng = as_generator(seed)
    half, column = length // 2, np.arange(batch_size)
    xs = np.zeros((length, batch_size, 2), dtype=np.float32)  # (T, B, 2)
    xs[:, :, 0] = rng.random((length, batch_size), dtype=np.float32)
    first = rng.integers(half, size=batch_size)  # (B,)
    second = rng.integers(half, length, size=batch_size)  # (B,)
    xs[first, column, 1] = xs[second, column, 1] = 1
    targets = xs[first, column, 0] + xs[second, column, 0]  # (B,)
    return AddingProblem(xs, targets, 1 / 6)


def adding_chance(length, window=0):
    """Compute the error in the adding problem of the best predictor that sees the last steps only.

    Let the window reach the mark of the second half with probability p2, and that of the first half
    with probability p1. A marked number in sight costs nothing, one out of sight costs its variance
    1/12. So the mean squared error is (2 - p1 - p2) / 12. It falls in a straight line from 1/6 to
    1/12 while the window grows over the second half, and from there to 0 over the first.

    Args:
        length: number of steps T, at least 2.
        window: how many of the last steps are seen, from 0 to T.

    Returns:
        float, mean squared error.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is out of range.
    """
    length = as_integer(length, "length", minimum=2)
    window = as_integer(window, "window", minimum=0, maximum=length)
    first_half = length // 2
    second_half = length - first_half
    p2 = min(window, second_half) / second_half
    p1 = max(window - second_half, 0) / first_half
    return (2 - p1 - p2) / 12


def copy_memory(num_blanks, batch_size, num_symbols=8, num_items=10, seed=0):
    """Draw sequences of symbols that are to be repeated after a blank and a delimiter.

    What is read: S symbols, ``num_blanks`` blanks, the delimiter, S more blanks. What is to be
    said: blanks, and in the last S steps the symbols in their order. T = 2 S + num_blanks + 1.

    *Chance level.* Who has forgotten the symbols can still count, and says the blanks without
    loss. Each of the K symbols is then equally likely in each of the last S steps, whatever was
    said before: ln K nats each, and none elsewhere. The mean over all steps is S ln K / T.

    Args:
        num_blanks: blanks between the symbols and the delimiter, at least 1.
        batch_size: number of sequences B.
        num_symbols: number of different symbols K, at least 2.
        num_items: how many symbols to remember, S, at least 1.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        CopyMemory: ``ids`` (T, B), ``targets`` (T, B), ``vocab_size = K + 2``, ``chance``,
        ``chance_accuracy = 1 / K``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is too small.

    Source:
        Arjovsky, Shah & Bengio (2016), Unitary evolution recurrent neural networks. Their T is
        ``num_blanks + 1``, so that their 10 ln 8 / (T + 20) is the chance level here.
    """
    gap = as_integer(num_blanks, "num_blanks", minimum=1)
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    num_symbols = as_integer(num_symbols, "num_symbols", minimum=2)
    num_items = as_integer(num_items, "num_items", minimum=1)
    blank, delimiter = num_symbols, num_symbols + 1
    items = as_generator(seed).integers(num_symbols, size=(num_items, batch_size))  # (S, B)
    length = 2 * num_items + gap + 1
    ids = np.full((length, batch_size), blank)  # (T, B)
    targets = ids.copy()  # (T, B)
    ids[:num_items] = targets[-num_items:] = items
    ids[num_items + gap] = delimiter
    chance = num_items * log(num_symbols) / length
    return CopyMemory(ids, targets, num_symbols + 2, chance, 1 / num_symbols)


def temporal_order(length, batch_size, seed=0, first=None, second=None):
    """Draw sequences whose class is the order of two symbols far apart, each of them X or Y.

    A sequence starts with E, ends with B, and is filled with the letters a to d, which say nothing.

    *Chance level.* X and Y are fair coins, so the four classes are equally likely: the best
    constant is right in 1/4 of all cases, at a loss of ln 4 = 1.386 nats. Who remembers one of the
    two symbols halves the choice: 1/2 and ln 2. So a loss that rests at 0.69 has learnt half.

    Args:
        length: number of steps T, at least 4.
        batch_size: number of sequences B.
        seed: a whole number or a ``numpy.random.Generator``.
        first: earliest and latest step of the first symbol; None for T // 10 and T // 5.
        second: the same for the second symbol; None for T // 2 and 6 T // 10.

    Returns:
        TemporalOrder: ``ids`` (T, B), ``targets`` (B,), ``positions`` (2, B), ``chance = 1/4``,
        ``chance_loss = ln 4``.

    Raises:
        TypeError: an argument is not of whole numbers.
        ValueError: an argument is too small, or the steps do not lie one after the other between
            the first step and the last.

    Source:
        Hochreiter & Schmidhuber (1997), Long short-term memory, task 6a. There T is drawn from 100
        to 110, and the steps from 10 to 20 and from 50 to 60: what None gives at T = 100.
    """
    length = as_integer(length, "length", minimum=4)
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    first = (max(1, length // 10), max(1, length // 5)) if first is None else first
    second = (length // 2, 6 * length // 10) if second is None else second
    first = _as_steps(first, "first", 1, length - 3)
    second = _as_steps(second, "second", first[1] + 1, length - 2)
    rng = as_generator(seed)
    ids = rng.integers(2, _START, size=(length, batch_size))  # (T, B)
    ids[0], ids[-1] = _START, _END
    positions = np.stack(
        [rng.integers(lo, hi + 1, size=batch_size) for lo, hi in (first, second)]
    )  # (2, B)
    symbols = rng.integers(2, size=(2, batch_size))  # (2, B), 0 is X and 1 is Y
    ids[positions, np.arange(batch_size)] = symbols
    return TemporalOrder(ids, 2 * symbols[0] + symbols[1], positions, 1 / 4, log(4))


def _as_steps(value, name, low, high):
    """A pair of steps, the earliest and the latest one, both from ``low`` to ``high``."""
    try:
        earliest, latest = value
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a pair of steps, but is {value!r}") from None
    earliest = as_integer(earliest, f"{name}[0]", minimum=low, maximum=high)
    return earliest, as_integer(latest, f"{name}[1]", minimum=earliest, maximum=high)
