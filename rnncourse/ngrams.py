"""N-gram models: the next symbol depends on the last n - 1 symbols, and on nothing before."""

import math

import numpy as np

from rnncourse.ngram_counts import count_ngrams, find_contexts, gather_all, gather_text
from rnncourse.smoothing import Smoothing
from rnncourse.validate import as_generator, as_ids, as_integer


class NGramModel:
    """An n-gram model of symbols that are numbered from 0: characters, words or anything else.

    The first symbols of a text have fewer than n - 1 symbols before them; they are predicted from
    these, with the tables of shorter contexts. All distributions sum to 1, whatever the context.

    Args:
        n: how many symbols an n-gram has, 1 or more; the context has n - 1.
        smoothing: a Smoothing, such as ``WittenBell()`` or ``AddK(0.1)``.

    Attributes:
        n, smoothing: as given.
        num_symbols: V, the size of the alphabet; None before ``fit``.
        tables: list of n CountTable, prepared by the smoothing; None before ``fit``.

    Raises:
        TypeError: ``n`` is not a whole number, or ``smoothing`` is not a Smoothing object.
        ValueError: ``n`` is less than 1.

    Source:
        Shannon (1948), A mathematical theory of communication, section 3.
    """

    def __init__(self, n, smoothing):
        self.n = as_integer(n, "n", minimum=1)
        if not isinstance(smoothing, Smoothing):
            raise TypeError(f"smoothing must be an object like WittenBell(), but is {smoothing!r}")
        self.smoothing = smoothing
        self.num_symbols = self.tables = None

    def fit(self, ids, num_symbols):
        """Count the n-grams of a text.

        Args:
            ids: (T,) whole numbers from 0 to V - 1, T >= n.
            num_symbols: V, the size of the alphabet, symbols that do not occur included.

        Returns:
            The model itself.

        Raises:
            TypeError: ``ids`` or ``num_symbols`` are not whole numbers.
            ValueError: T < n, an id lies outside, V < 1, or the smoothing is made for another n.
        """
        self.tables = self.smoothing.prepare(count_ngrams(ids, self.n, num_symbols))
        self.num_symbols = num_symbols
        return self

    def probabilities(self, context):
        """Compute the probability of every symbol after a context.

        Args:
            context: (S,) whole numbers from 0 to V - 1; only the last n - 1 of them matter, and
                there may be fewer.

        Returns:
            (V,) probabilities that sum to 1.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: ``context`` is not 1-D or holds something else.
        """
        self._require_fit()
        return self._after(as_ids(context, self.num_symbols, "context"))

    def log_probabilities(self, ids):
        """Compute the logarithm of the probability of each symbol of a text, given those before.

        Args:
            ids: (T,) whole numbers from 0 to V - 1, T >= 1.

        Returns:
            (T,) in nats; minus infinity where the probability is 0, as it can be without smoothing.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: ``ids`` is empty, not 1-D or holds something else.
        """
        self._require_fit()
        ids = as_ids(ids, self.num_symbols, min_length=1)
        start = min(self.n - 1, len(ids))  # so many symbols have a shorter context
        p = np.empty(len(ids))  # (T,)
        p[:start] = [self._after(ids[:t])[ids[t]] for t in range(start)]
        if len(ids) >= self.n:
            evidence = gather_text(self.tables, ids)
            p[start:] = self.smoothing.probabilities(evidence, self.num_symbols)
        with np.errstate(divide="ignore"):
            return np.log(p)  # (T,)

    def perplexity(self, ids):
        """Compute the perplexity: among how many equally likely symbols one would have to guess.

        Args:
            ids: (T,) whole numbers from 0 to V - 1, T >= 1.

        Returns:
            float, e to the mean loss in nats; infinite where a symbol has probability 0.

        Raises:
            RuntimeError, TypeError, ValueError: as in ``log_probabilities``.

        Source:
            Jelinek, Mercer, Bahl & Baker (1977), Perplexity: a measure of the difficulty of
            speech recognition tasks.
        """
        return float(np.exp(-self.log_probabilities(ids).mean()))

    def bits_per_symbol(self, ids):
        """Compute the mean loss in bits: for characters, the bits per character.

        Args:
            ids: (T,) whole numbers from 0 to V - 1, T >= 1.

        Returns:
            float, the binary logarithm of the perplexity; infinite where a symbol has
            probability 0.

        Raises:
            RuntimeError, TypeError, ValueError: as in ``log_probabilities``.
        """
        return float(-self.log_probabilities(ids).mean() / math.log(2))

    def sample(self, length, seed, context=()):
        """Draw a text from the model, one symbol after the other.

        Args:
            length: how many symbols, 1 or more.
            seed: a whole number or a ``numpy.random.Generator``.
            context: (S,) symbols to go on from; by default the text starts from nothing.

        Returns:
            (length,) int64 array, without the context.

        Raises:
            RuntimeError: the model has not been fitted.
            TypeError, ValueError: an argument is not what is said above.
        """
        self._require_fit()
        length = as_integer(length, "length", minimum=1)
        context = as_ids(context, self.num_symbols, "context")
        ids = np.append(context, np.empty(length, dtype=np.int64))  # (S + length,)
        for t, draw in enumerate(as_generator(seed).random(length), start=len(context)):
            limits = np.cumsum(self._after(ids[:t]))  # (V,) where one symbol ends
            ids[t] = np.searchsorted(limits[:-1], draw, side="right")
        return ids[len(context) :]

    def _after(self, ids):
        """Probability of every symbol after the last n - 1 of ``ids``, (V,)."""
        context = ids[max(len(ids) - self.n + 1, 0) :]  # (m,)
        rows = find_contexts(self.tables, context[np.newaxis])
        pairs = zip(self.tables, rows, strict=False)  # a short context needs fewer tables
        evidence = [gather_all(table, row[0]) for table, row in pairs]
        return self.smoothing.probabilities(evidence, self.num_symbols)

    def _require_fit(self):
        if self.tables is None:
            raise RuntimeError("this model has no counts yet: call fit(ids, num_symbols) first")
