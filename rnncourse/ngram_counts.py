"""Counts of n-grams, as sorted arrays of whole numbers.

An n-gram is a *context* of n - 1 symbols and the symbol that follows it. There is one table for
each length of the context. A context of length m is named by two numbers: the row, in the table
before, of its newest m - 1 symbols, and its oldest symbol. So a name stays below T * V, however
long the context is, and 8,000 words with n = 5 are as safe as 100 characters.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_ids, as_integer


class CountTable(NamedTuple):
    """What follows the contexts of one length, and how often.

    Attributes:
        contexts: (C,) sorted names ``row of the shorter context * V + oldest symbol``.
        ngrams: (G,) sorted names ``row of the context * V + following symbol``.
        counts: (G,) how often each n-gram was seen.
        totals: (C,) how often each context was followed by a symbol: the sum of its counts.
        types: (C,) by how many different symbols.
        num_symbols: V, the size of the alphabet.
        discount: what a smoothing method wants to be subtracted from every count.
    """

    contexts: np.ndarray
    ngrams: np.ndarray
    counts: np.ndarray
    totals: np.ndarray
    types: np.ndarray
    num_symbols: int
    discount: float = 0.0


class Evidence(NamedTuple):
    """What one table knows about some predictions.

    Attributes:
        counts: (N,) how often the predicted symbol followed its context.
        totals: (N,), or one number for all, how often the context was seen; 0 for never.
        types: (N,), or one number for all, how many different symbols followed the context.
        discount: the table's.
    """

    counts: np.ndarray
    totals: np.ndarray
    types: np.ndarray
    discount: float = 0.0


def count_ngrams(ids, n, num_symbols):
    """Count all 1-grams, 2-grams, ... n-grams of a text.

    Args:
        ids: (T,) whole numbers from 0 to V - 1, T >= n.
        n: the longest n-gram, 1 or more.
        num_symbols: V, the size of the alphabet.

    Returns:
        list of n CountTable; entry m has the contexts of length m.

    Raises:
        TypeError, ValueError: an argument is not what is said above.
    """
    n = as_integer(n, "n", minimum=1)
    num_symbols = as_integer(num_symbols, "num_symbols", minimum=1)
    ids = as_ids(ids, num_symbols, min_length=n)
    rows = np.zeros(len(ids), dtype=np.int64)  # (T,) row of the empty context
    tables = []
    for length in range(n):
        oldest = ids[: len(rows)] if length else rows  # (T - m,)
        contexts, rows = np.unique(rows * num_symbols + oldest, return_inverse=True)
        ngrams, counts = np.unique(rows * num_symbols + ids[length:], return_counts=True)
        tables.append(make_table(contexts, ngrams, counts, num_symbols))
        rows = rows[1:]  # the first of them has no older symbol
    return tables


def make_table(contexts, ngrams, counts, num_symbols):
    """Add up the counts of each context.

    Args:
        contexts: (C,) sorted names of contexts.
        ngrams: (G,) sorted names of n-grams.
        counts: (G,) how often each was seen.
        num_symbols: V, the size of the alphabet.

    Returns:
        CountTable.
    """
    rows = ngrams // num_symbols  # (G,)
    totals = np.bincount(rows, weights=counts, minlength=len(contexts))  # (C,) exact to 2^53
    types = np.bincount(rows, minlength=len(contexts))  # (C,)
    return CountTable(contexts, ngrams, counts, totals.astype(np.int64), types, num_symbols)


def continuation_counts(table, longer):
    """Count in how many different places an n-gram stands, not how often.

    Args:
        table: CountTable of contexts of some length.
        longer: CountTable of the same text, of contexts longer by one symbol.

    Returns:
        CountTable with the contexts of ``table``; the count of an n-gram is the number of
        different symbols that were seen before it.

    Source:
        Kneser & Ney (1995), Improved backing-off for m-gram language modeling.
    """
    rows, following = np.divmod(longer.ngrams, table.num_symbols)  # (G',) each
    shorter = longer.contexts[rows] // table.num_symbols  # (G',) rows in ``table``
    names = shorter * table.num_symbols + following  # (G',) the oldest symbol is forgotten
    ngrams, counts = np.unique(names, return_counts=True)
    return make_table(table.contexts, ngrams, counts, table.num_symbols)


def find_contexts(tables, contexts):
    """Find contexts in the tables of every length.

    Args:
        tables: list of CountTable, for the lengths 0, 1, ...
        contexts: (N, m) whole numbers from 0 to V - 1, the oldest first; m < len(tables).

    Returns:
        list of m + 1 arrays (N,): the row of the newest 0, 1, ..., m symbols; -1 for never seen.
    """
    rows = [np.zeros(len(contexts), dtype=np.int64)]  # (N,)
    for length in range(1, contexts.shape[1] + 1):
        names = rows[-1] * tables[length].num_symbols + contexts[:, -length]  # (N,) < 0: unseen
        rows.append(_positions(tables[length].contexts, names))
    return rows


def gather(table, rows, symbols):
    """Look up how often each symbol followed its context.

    Args:
        table: CountTable.
        rows: (N,) rows of the contexts in the table; -1 for never seen.
        symbols: (N,) whole numbers from 0 to V - 1.

    Returns:
        Evidence: counts, totals and types, each (N,).
    """
    places = _positions(table.ngrams, rows * table.num_symbols + symbols)  # (N,)
    counts = np.where(places >= 0, table.counts[places], 0)  # (N,)
    totals = np.where(rows >= 0, table.totals[rows], 0)  # (N,)
    types = np.where(rows >= 0, table.types[rows], 0)  # (N,)
    return Evidence(counts, totals, types, table.discount)


def gather_all(table, row):
    """Look up how often every symbol of the alphabet followed one context.

    Args:
        table: CountTable.
        row: row of the context in the table; -1 for never seen.

    Returns:
        Evidence: counts (V,), and one number each for totals and types.
    """
    counts = np.zeros(table.num_symbols, dtype=np.int64)  # (V,)
    if row < 0:
        return Evidence(counts, np.int64(0), np.int64(0), table.discount)
    first = row * table.num_symbols
    start, stop = np.searchsorted(table.ngrams, [first, first + table.num_symbols])
    counts[table.ngrams[start:stop] - first] = table.counts[start:stop]
    return Evidence(counts, table.totals[row], table.types[row], table.discount)


def gather_text(tables, ids):
    """Look up all symbols of a text that have a whole context before them.

    Args:
        tables: list of n CountTable.
        ids: (T,) whole numbers from 0 to V - 1, T >= n.

    Returns:
        list of n Evidence about ``ids[n - 1:]``, for contexts of 0, 1, ..., n - 1 symbols; its
        arrays are (T - n + 1,).
    """
    windows = np.lib.stride_tricks.sliding_window_view(ids, len(tables))  # (T - n + 1, n)
    rows = find_contexts(tables, windows[:, :-1])
    pairs = zip(tables, rows, strict=True)
    return [gather(table, table_rows, windows[:, -1]) for table, table_rows in pairs]


def _positions(names, wanted):
    """Place of each wanted number in the sorted names, -1 where it is none of them."""
    places = np.minimum(np.searchsorted(names, wanted), len(names) - 1)  # (N,)
    return np.where(names[places] == wanted, places, -1)
