"""Markov chains: the next symbol depends on the last p symbols, with one table of probabilities.

p(x_1 ... x_T) = p(x_1 ... x_p) p(x_{p+1} | x_1 ... x_p) ... p(x_T | x_{T-p} ... x_{T-1})
"""

from typing import NamedTuple

import numpy as np

from rnncourse.transitions import (
    check_transition,
    count_transitions,
    entropy_rate,
    stationary_distribution,
    walk,
)
from rnncourse.validate import as_generator, as_ids, as_integer


class MarkovChain:
    """A Markov chain of a given order over symbols that are numbered from 0.

    Args:
        order: p, how many past symbols a prediction sees; 0 or more.

    Attributes:
        order: p.
        transition: probability of the next symbol (last axis) after the p symbols of the other
            axes, the oldest first: (V,) for p = 0, (V, V) for p = 1, (V, V, V) for p = 2, and so
            on; None before ``fit``.

    Raises:
        TypeError, ValueError: ``order`` is not a whole number of 0 or more.

    Source:
        Markov (1913), An example of statistical investigation of the text Eugene Onegin
        concerning the connection of samples in chains.
    """

    def __init__(self, order=1):
        self.order = as_integer(order, "order", minimum=0)
        self.transition = None

    @staticmethod
    def from_transition(transition):
        """Build a chain from known probabilities instead of fitting it.

        Args:
            transition: (V,), (V, V), (V, V, V), ... numbers of 0 or more; the last axis sums to 1.

        Returns:
            MarkovChain; its order is the number of axes less one.

        Raises:
            TypeError, ValueError: ``transition`` does not hold such numbers.
        """
        transition = check_transition(transition)
        chain = MarkovChain(transition.ndim - 1)
        chain.transition = transition
        return chain

    def fit(self, ids, num_symbols, pseudocount=0.0):
        """Count which symbol follows which context, and divide.

        Args:
            ids: (T,) whole numbers from 0 to V - 1, T > p.
            num_symbols: V, the size of the alphabet.
            pseudocount: k, 0 or more, added to each count; 0 is maximum likelihood. A context
                that was never seen gets the uniform distribution.

        Returns:
            The model itself.

        Raises:
            TypeError: an argument is not numeric.
            ValueError: T <= p, an id lies outside, V < 1, k < 0, or V^(p + 1) is too large for a
                table.
        """
        self.transition = count_transitions(ids, self.order, num_symbols, pseudocount)
        return self

    @property
    def stationary(self):
        """Return the long-run probability of each context, shape (V,) for order 1.

        It has p axes: (V, V) for order 2, and is the number 1, shape (), for order 0. Raises a
        ValueError where the chain falls apart into parts that never reach each other again.
        """
        self._require_fit()
        return stationary_distribution(self.transition)

    @property
    def entropy_rate(self):
        """Return the mean loss in nats per symbol of one who knows the chain.

        Source: Shannon (1948), A mathematical theory of communication, section 7.
        """
        return entropy_rate(self.transition, self.stationary)

    def log_probabilities(self, ids):
        """Compute the logarithm of the probability of each symbol, given the p before it.

        Args:
            ids: (T,) whole numbers from 0 to V - 1, T > p.

        Returns:
            (T - p,) in nats, for ``ids[p:]``; minus infinity for what cannot happen.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: ``ids`` is not 1-D, too short or outside the alphabet.
        """
        self._require_fit()
        ids = as_ids(ids, self.transition.shape[-1], min_length=self.order + 1)
        windows = np.lib.stride_tricks.sliding_window_view(ids, self.order + 1)  # (T - p, p + 1)
        with np.errstate(divide="ignore"):
            return np.log(self.transition[tuple(windows.T)])  # (T - p,)

    def log_likelihood(self, ids):
        """Compute the log-likelihood of a whole text; its first p symbols are stationary.

        Args:
            ids: (T,) whole numbers from 0 to V - 1, T > p.

        Returns:
            float, nats of the whole text.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: bad ``ids``, or there is no single stationary distribution.
        """
        later = self.log_probabilities(ids).sum()
        with np.errstate(divide="ignore"):
            return float(np.log(self.stationary[tuple(ids[: self.order])]) + later)

    def sample(self, length, seed):
        """Draw a text; it starts in the stationary distribution.

        Args:
            length: how many symbols, 1 or more.
            seed: a whole number or a ``numpy.random.Generator``.

        Returns:
            (length,) int64 array.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: bad argument, or there is no single stationary distribution.
        """
        self._require_fit()
        length, rng = as_integer(length, "length", minimum=1), as_generator(seed)
        return walk(self.transition, self.stationary, length, rng)[:length]

    def _require_fit(self):
        if self.transition is None:
            raise RuntimeError("this chain has no transitions yet: call fit(ids, num_symbols)")


class OrderLosses(NamedTuple):
    """Losses on held-out text of the orders 0 .. P, all on the same symbols.

    Attributes:
        training: (P + 1,) mean loss in nats per symbol on the counted text.
        held_out: (P + 1,) mean loss in nats per symbol on the held-out text.
        order: the order with the smallest held-out loss.
    """

    training: np.ndarray
    held_out: np.ndarray
    order: int


def compare_orders(ids, held_out, max_order, num_symbols, pseudocount=1.0):
    """Fit chains of the orders 0 .. P and compare them on text that they have not seen.

    Every order predicts the same symbols, or the losses could not be compared.

    Args:
        ids: (T,) the text to count, whole numbers from 0 to V - 1, T > P.
        held_out: (S,) another text, S > P.
        max_order: P, the largest order, 0 or more.
        num_symbols: V, the size of the alphabet.
        pseudocount: k, 0 or more, added to each count; with 0 a loss can be infinite.

    Returns:
        OrderLosses: training (P + 1,), held_out (P + 1,), order.

    Raises:
        TypeError, ValueError: an argument is not what is said above.
    """
    max_order = as_integer(max_order, "max_order", minimum=0)
    num_symbols = as_integer(num_symbols, "num_symbols", minimum=1)
    ids = as_ids(ids, num_symbols, min_length=max_order + 1)
    held_out = as_ids(held_out, num_symbols, "held_out", min_length=max_order + 1)
    losses = np.empty((2, max_order + 1))
    for order in range(max_order + 1):
        chain = MarkovChain(order).fit(ids, num_symbols, pseudocount)
        same = [text[max_order - order :] for text in (ids, held_out)]  # same predictions
        losses[:, order] = [-chain.log_probabilities(text).mean() for text in same]
    return OrderLosses(*losses, int(losses[1].argmin()))
