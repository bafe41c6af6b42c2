"""The order of rows that lets many sequences, or many chunks of one, advance together.

Packed rows stand time first: the first step of every chunk, then the second step of every chunk
that has one, and so on, the longest chunks first. Each step is then one slice, without padding.
"""

from typing import NamedTuple

import numpy as np

SHORTEST_CHUNK = 32


class Packing(NamedTuple):
    """Where each row of the packed order comes from, and how the chunks hang together.

    Attributes:
        order: (T,) packed row r holds observation ``order[r]``.
        steps: list of slices, one for each step: its rows, one for each chunk still running.
        before: (C,) the chunk that ends where this one begins, or -1 at a sequence's start.
        after: (C,) the chunk that begins where this one ends, or -1 at a sequence's end.
        offsets: (B,) the first observation of each sequence.
    """

    order: np.ndarray
    steps: list
    before: np.ndarray
    after: np.ndarray
    offsets: np.ndarray


def chunk_length(lengths):
    """Choose how long a chunk may be: about the square root of all there is.

    A step costs some microseconds however few rows it has. Half as long chunks are half as many
    steps, but twice as many places where the recursion has to be repaired.

    Args:
        lengths: (B,) the lengths of the sequences.

    Returns:
        int. A sequence that is shorter is not cut; many sequences need no cutting at all.
    """
    return max(SHORTEST_CHUNK, int(np.sqrt(np.sum(lengths))))


def pack(lengths, longest):
    """Cut sequences into chunks of nearly equal length and put their rows in packed order.

    Args:
        lengths: (B,) the lengths of the sequences, which lie end to end.
        longest: no chunk is longer than this.

    Returns:
        Packing of C chunks and T = sum of ``lengths`` rows.
    """
    lengths = np.asarray(lengths)
    pieces = -(-lengths // longest)  # (B,) how many chunks each sequence gives
    offsets = np.cumsum(lengths) - lengths  # (B,)
    owner = np.repeat(np.arange(len(lengths)), pieces)  # (C,) the sequence of each chunk
    rank = np.arange(len(owner)) - (np.cumsum(pieces) - pieces)[owner]  # (C,) 0, 1, ... within it
    starts = offsets[owner] + rank * lengths[owner] // pieces[owner]  # (C,)
    sizes = np.diff(np.append(starts, lengths.sum()))  # (C,)
    sorting = np.argsort(-sizes, kind="stable")  # (C,) the longest chunk first
    steps, running = _steps(sizes[sorting])
    time = np.repeat(np.arange(len(steps)), running)  # (T,)
    chunk = np.arange(len(time)) - np.array([step.start for step in steps])[time]  # (T,)
    order = starts[sorting][chunk] + time
    position = np.empty_like(sorting)  # (C,) where the sorting put each chunk
    position[sorting] = np.arange(len(sorting))
    before = np.where(rank == 0, -1, np.roll(position, 1))[sorting]
    after = np.where(rank == pieces[owner] - 1, -1, np.roll(position, -1))[sorting]
    return Packing(order, steps, before, after, offsets)


def _steps(sizes):
    """Return a slice of rows for each step, and how many chunks each step has."""
    ascending = sizes[::-1]
    running = len(sizes) - np.searchsorted(ascending, np.arange(sizes[0]), side="right")
    stops = np.cumsum(running).tolist()
    steps = [slice(a, b) for a, b in zip([0, *stops[:-1]], stops, strict=True)]
    return steps, running


def unpack(rows, packing):
    """Put packed rows back into the order of the observations.

    Args:
        rows: (T, ...) array in packed order.
        packing: Packing of T rows.

    Returns:
        (T, ...) array.
    """
    result = np.empty_like(rows)
    result[packing.order] = rows
    return result
