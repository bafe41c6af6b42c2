"""Smoothing: what probability have n-grams that were never seen?

A smoothing method is an object with two methods. ``prepare`` may change the tables of counts once,
after they are counted. ``probabilities`` is the formula. Most methods walk from the empty context
to the longest one; where a context was never seen, there is nothing to learn from it, and the
probability of the shorter context stays.

In the formulas u is a context, v the symbol that follows it, c(u, v) how often it does, c(u) the
sum of these counts, and N(u) the number of different symbols that follow u.
"""

import numpy as np

from rnncourse.validate import as_real


class Smoothing:
    """What all smoothing methods share; a method of your own starts from here."""

    def prepare(self, tables):
        """Change the counts before they are used; here they stay as they are.

        Args:
            tables: list of n CountTable, for contexts of 0, 1, ..., n - 1 symbols.

        Returns:
            list of n CountTable.
        """
        return tables

    def probabilities(self, evidence, num_symbols):
        """Turn counts into probabilities.

        Args:
            evidence: list of Evidence about the same N symbols, the shortest context first.
            num_symbols: V, the size of the alphabet.

        Returns:
            (N,) probabilities.

        Raises:
            NotImplementedError: the method does not say how.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method probabilities")


class Recursive(Smoothing):
    """A method that walks from the empty context to the longest, starting from 1 / V.

    A context that was never seen teaches nothing; there the step keeps the probabilities it gets.
    """

    def probabilities(self, evidence, num_symbols):
        """Take one step for each length of the context, from the empty one to the longest.

        Args:
            evidence: list of Evidence about the same N symbols, the shortest context first.
            num_symbols: V, the size of the alphabet.

        Returns:
            (N,) probabilities.

        Raises:
            NotImplementedError: the method does not say what a step is.
        """
        p = 1 / num_symbols
        for seen in evidence:
            p = self.step(seen, p)  # (N,)
        return p

    def step(self, seen, lower):
        """Go from the probabilities after a shorter context to those after the next longer one.

        Args:
            seen: Evidence about N symbols after the longer context.
            lower: (N,), or one number for all, their probabilities after the shorter context.

        Returns:
            (N,) probabilities.

        Raises:
            NotImplementedError: the method does not say how.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method step")


class AddK(Smoothing):
    """Add k to every count of the longest context, as in ``add_k``.

    Args:
        k: what is added, 0 or more; 1 is Laplace's rule of succession.

    Raises:
        TypeError, ValueError: ``k`` is not a finite number of 0 or more.

    Source:
        Chen & Goodman (1999), An empirical study of smoothing techniques for language modeling.
    """

    def __init__(self, k):
        self.k = as_real(k, "k", minimum=0)

    def probabilities(self, evidence, num_symbols):
        """Apply ``add_k`` to the longest context; the shorter ones do not matter.

        Args:
            evidence: list of Evidence about the same N symbols, the shortest context first.
            num_symbols: V, the size of the alphabet.

        Returns:
            (N,) probabilities.
        """
        return add_k(evidence[-1], self.k, num_symbols)


class WittenBell(Recursive):
    """Count each first sight of a symbol as a vote for something new, as in ``witten_bell``.

    Source:
        Witten & Bell (1991), The zero-frequency problem (their method C);
        in this form Chen & Goodman (1999).
    """

    def step(self, seen, lower):
        """Apply ``witten_bell``.

        Args:
            seen: Evidence about N symbols after the longer context.
            lower: (N,), or one number for all, their probabilities after the shorter context.

        Returns:
            (N,) probabilities.
        """
        return witten_bell(seen, lower)


def add_k(seen, k, num_symbols):
    """Add k to every count, those of symbols that were never seen included.

    With k = 0 it is maximum likelihood. A context that was never seen gets the uniform
    distribution: with every k > 0, and with k = 0 by convention.

    Args:
        seen: Evidence about N symbols after a context.
        k: what is added, 0 or more.
        num_symbols: V, the size of the alphabet.

    Returns:
        (N,) probabilities (c(u, v) + k) / (c(u) + k V).
    """
    return divide_or(seen.counts + k, seen.totals + k * num_symbols, 1 / num_symbols)


def witten_bell(seen, lower):
    """Go from the probabilities after a shorter context to those after the next longer one.

    Args:
        seen: Evidence about N symbols after the longer context u.
        lower: (N,), or one number for all, their probabilities after the shorter context.

    Returns:
        (N,) probabilities (c(u, v) + N(u) lower) / (c(u) + N(u)).

    Source:
        Witten & Bell (1991), The zero-frequency problem (their method C).
    """
    return divide_or(seen.counts + seen.types * lower, seen.totals + seen.types, lower)


def divide_or(numerator, denominator, otherwise):
    """Divide where the denominator is positive, and take another value where it is 0.

    Args:
        numerator: numbers of any shape.
        denominator: numbers of 0 or more, of a shape that fits.
        otherwise: numbers of a shape that fits, for the places where nothing can be divided.

    Returns:
        float64 array of the common shape.
    """
    shape = np.broadcast_shapes(*map(np.shape, (numerator, denominator, otherwise)))
    result = np.array(np.broadcast_to(otherwise, shape), dtype=np.float64)
    return np.divide(numerator, denominator, out=result, where=np.asarray(denominator) > 0)
