"""Linear interpolation: a weighted mean of the relative frequencies of all orders."""

import numpy as np

from rnncourse.ngram_counts import count_ngrams, gather_text
from rnncourse.smoothing import Smoothing, divide_or
from rnncourse.validate import as_array, as_ids, as_integer


class Interpolation(Smoothing):
    """Mix the relative frequencies of all orders with fixed weights.

    p(v | u) = weights[0] / V + weights[1] f(v) + ... + weights[n] f(v | the newest n - 1 symbols),
    with f(v | u) = c(u, v) / c(u). Where a context was never seen, the weights of the orders that
    know nothing are left out and the others divided by their sum.

    Args:
        weights: (n + 1,) numbers of 0 or more that sum to 1: uniform distribution, order 1, ...
            order n. ``held_out_weights`` finds the best.

    Raises:
        TypeError, ValueError: the weights are not such numbers.

    Source:
        Jelinek & Mercer (1980), Interpolated estimation of Markov source parameters from sparse
        data. One weight an order is the simplest case: theirs depend on the context too.
    """

    def __init__(self, weights):
        self.weights = as_array(weights, "weights", ndim=1, min_length=2).copy()
        if np.any(self.weights < 0):
            raise ValueError(f"weights must not be negative, but are {weights!r}")
        if not np.isclose(self.weights.sum(), 1, rtol=0, atol=1e-8):
            raise ValueError(f"weights must sum to 1, but sum to {self.weights.sum():.9g}")

    def prepare(self, tables):
        """Check that there is one weight for each order, and one for the uniform distribution.

        Args:
            tables: list of n CountTable.

        Returns:
            list of n CountTable, unchanged.

        Raises:
            ValueError: the number of weights is not n + 1.
        """
        if len(self.weights) != len(tables) + 1:
            raise ValueError(f"weights must be {len(tables) + 1}, but are {len(self.weights)}")
        return tables

    def probabilities(self, evidence, num_symbols):
        """Apply the formula of the class, one order after the other.

        Each order takes its share of what it and all lower orders have together.

        Args:
            evidence: list of Evidence about the same N symbols, the shortest context first.
            num_symbols: V, the size of the alphabet.

        Returns:
            (N,) probabilities.
        """
        shares = divide_or(self.weights, np.cumsum(self.weights), 0.0)  # (n + 1,)
        p = 1 / num_symbols
        for share, seen in zip(shares[1:], evidence, strict=False):  # a short context uses fewer
            p = interpolate(seen, p, share)  # (N,)
        return p


def interpolate(seen, lower, share):
    """Go from the probabilities after a shorter context to those after the next longer one.

    Args:
        seen: Evidence about N symbols after the longer context u.
        lower: (N,), or one number for all, their probabilities after the shorter context.
        share: the part that the longer context gets of the mixture, from 0 to 1.

    Returns:
        (N,) probabilities share c(u, v) / c(u) + (1 - share) lower.

    Source:
        Jelinek & Mercer (1980), Interpolated estimation of Markov source parameters from sparse
        data.
    """
    return divide_or(share * seen.counts + (1 - share) * seen.totals * lower, seen.totals, lower)


def held_out_weights(ids, held_out, n, num_symbols, iterations=50):
    """Find the weights under which a text that was not counted is most probable.

    On the counted text itself the highest order would always get all the weight.

    Args:
        ids: (T,) the counted text, whole numbers from 0 to V - 1, T >= n.
        held_out: (S,) another text, S >= n; its first n - 1 symbols serve as context only.
        n: the highest order, 1 or more.
        num_symbols: V, the size of the alphabet.
        iterations: how many steps of expectation maximisation, 1 or more.

    Returns:
        (n + 1,) weights for ``Interpolation``.

    Raises:
        TypeError, ValueError: an argument is not what is said above.

    Source:
        Jelinek & Mercer (1980), Interpolated estimation of Markov source parameters from sparse
        data.
    """
    tables = count_ngrams(ids, n, num_symbols)
    held_out = as_ids(held_out, num_symbols, "held_out", min_length=n)
    evidence = gather_text(tables, held_out)
    found = [divide_or(seen.counts, seen.totals, 0.0) for seen in evidence]  # each (N,)
    uniform = np.full(len(found[0]), 1 / num_symbols)  # (N,)
    frequencies = np.column_stack([uniform, *found])  # (N, n + 1)
    known = np.column_stack([uniform > 0, *(seen.totals > 0 for seen in evidence)])  # (N, n + 1)
    weights = np.full(n + 1, 1 / (n + 1))  # (n + 1,)
    for _ in range(as_integer(iterations, "iterations", minimum=1)):
        weights = improve_weights(weights, frequencies, known)
    return weights


def improve_weights(weights, frequencies, known):
    """Take one step of expectation maximisation.

    Think of each symbol as drawn from one of the orders: walk down from the highest order that
    knows the context and stop with the share of the order, its weight over the sum of its own and
    all lower weights. The better share is how often one stops there over how often one comes by.

    Args:
        weights: (n + 1,) numbers of 0 or more that sum to 1.
        frequencies: (N, n + 1) what each order says of each held-out symbol; column 0 is 1 / V.
        known: (N, n + 1) whether the order has seen the context; column 0 is True.

    Returns:
        (n + 1,) weights that make the held-out symbols at least as probable.

    Source:
        Dempster, Laird & Rubin (1977), Maximum likelihood from incomplete data.
    """
    joint = weights * frequencies * known  # (N, n + 1)
    stops = joint / joint.sum(axis=1, keepdims=True)  # (N, n + 1) probability to stop there
    visits = np.cumsum(stops, axis=1) * known  # (N, n + 1) probability to come by
    shares = divide_or(stops.sum(axis=0), visits.sum(axis=0), 0.0)  # (n + 1,)
    shares[0] = 1.0  # below the uniform distribution there is nothing
    walked_by = np.cumprod(np.append(1.0, 1 - shares[:0:-1]))[::-1]  # (n + 1,)
    return shares * walked_by
