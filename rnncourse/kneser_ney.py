"""Kneser-Ney smoothing: in how many different places does a symbol stand?"""

from itertools import pairwise

import numpy as np

from rnncourse.ngram_counts import continuation_counts
from rnncourse.smoothing import Recursive, divide_or
from rnncourse.validate import as_array


class KneserNey(Recursive):
    """Interpolated Kneser-Ney: a discount D off every count, shorter contexts by continuation.

    Each step is ``kneser_ney``. The longest contexts use counts of the text. For all shorter ones
    c(u, v) is the number of different symbols before u v: not how often v stands there, but in how
    many places.

    Args:
        discounts: one number between 0 and 1 for all orders, or (n,) numbers, order 1 first; None
            to estimate one for each order with ``absolute_discount``.

    Raises:
        TypeError, ValueError: a discount is not a number strictly between 0 and 1.

    Source:
        Kneser & Ney (1995), Improved backing-off for m-gram language modeling;
        interpolated as in Chen & Goodman (1999).
    """

    def __init__(self, discounts=None):
        self.discounts = discounts
        if discounts is None:
            return
        self.discounts = as_array(discounts, "discounts")  # () or (n,)
        if self.discounts.ndim > 1:
            raise ValueError(f"discounts must be one number or (n,), but is {discounts!r}")
        if not np.all((self.discounts > 0) & (self.discounts < 1)):
            raise ValueError(f"discounts must lie between 0 and 1, but is {discounts!r}")

    def prepare(self, tables):
        """Replace the counts of all but the longest contexts, and set the discounts.

        Args:
            tables: list of n CountTable, for contexts of 0, 1, ..., n - 1 symbols.

        Returns:
            list of n CountTable.

        Raises:
            ValueError: the number of discounts is neither 1 nor n.
        """
        shorter = [continuation_counts(table, longer) for table, longer in pairwise(tables)]
        tables = [*shorter, tables[-1]]
        discounts = self.discounts
        if discounts is None:
            discounts = [absolute_discount(table.counts) for table in tables]
        elif np.ndim(discounts) == 1 and len(discounts) != len(tables):
            raise ValueError(f"discounts must be 1 or {len(tables)}, but are {len(discounts)}")
        discounts = np.broadcast_to(discounts, len(tables))  # (n,)
        pairs = zip(tables, discounts, strict=True)
        return [table._replace(discount=float(discount)) for table, discount in pairs]

    def step(self, seen, lower):
        """Apply ``kneser_ney``.

        Args:
            seen: Evidence about N symbols after the longer context, with its discount D.
            lower: (N,), or one number for all, their probabilities after the shorter context.

        Returns:
            (N,) probabilities.
        """
        return kneser_ney(seen, lower)


def kneser_ney(seen, lower):
    """Go from the probabilities after a shorter context to those after the next longer one.

    Args:
        seen: Evidence about N symbols after the longer context u, with its discount D.
        lower: (N,), or one number for all, their probabilities after the shorter context.

    Returns:
        (N,) probabilities (max(c(u, v) - D, 0) + D N(u) lower) / c(u).

    Source:
        Kneser & Ney (1995), Improved backing-off for m-gram language modeling;
        interpolated as in Chen & Goodman (1999).
    """
    kept = np.maximum(seen.counts - seen.discount, 0)  # (N,)
    return divide_or(kept + seen.discount * seen.types * lower, seen.totals, lower)


def absolute_discount(counts):
    """Estimate the discount from n-grams seen once and twice: n1 / (n1 + 2 n2).

    Args:
        counts: (G,) how often each n-gram was seen, each 1 or more.

    Returns:
        float between 0 and 1; 0.5 where no n-gram was seen once, or none twice, as in tiny texts:
        there the formula gives 0, 1 or nothing at all.

    Source:
        Ney, Essen & Kneser (1994), On structuring probabilistic dependences in stochastic
        language modelling; Chen & Goodman (1999).
    """
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    return once / (once + 2 * twice) if once and twice else 0.5
