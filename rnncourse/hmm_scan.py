"""The scaled forward and backward recursions for many chunks at once.

A chunk that starts in the middle of a sequence needs to know what the chunk before it says about
the state. It starts from a guess, and so all chunks can run at the same time. Then each chunk is
run again from what the one before has found, until it meets its own earlier messages: a hidden
Markov model forgets where it started, mostly within a few dozen steps, and from there on the old
messages stand. A chunk that never meets them sends the next one back to work. So the result is
that of the plain recursion, whatever the model; only the time depends on how well it forgets.

Why a small difference stays small: a step multiplies by a matrix without negative entries, and
that never increases the largest ratio between two messages (Birkhoff 1957, Extensions of
Jentzsch's theorem).
"""

import numpy as np

AGREE = 1e-12  # largest relative difference at which two messages count as the same
LOOK_EVERY = 8  # steps between two comparisons
TINY = np.finfo(float).tiny  # divide by no less: where nothing is possible, 0 stays 0


def scan(first, guess, transmat, likelihoods, steps, source):
    """Run message = likelihood * (message before @ transmat), scaled, along every chunk.

    With ``transmat`` and the packed steps it is the forward recursion; with the transpose and
    the steps reversed it is the backward one, whose messages are likelihood * beta.

    Args:
        first: (N,) what enters a chunk at the start of a sequence.
        guess: (N,) what enters the other chunks at first; every entry is above 0.
        transmat: (N, N) matrix without negative entries.
        likelihoods: (T, N) packed rows.
        steps: list of slices of rows, in the order in which to go through them.
        source: (C,) the chunk whose end enters each chunk, or -1 at the start of a sequence.

    Returns:
        messages (T, N), each row with the sum 1 (or 0, where no state is possible), and the
        sums (T,) by which they were divided.
    """
    incoming = np.where(source[:, np.newaxis] < 0, first, guess)  # (C, N)
    messages, sums, outgoing = _sweep(incoming, transmat, likelihoods, steps)
    todo = np.flatnonzero(source >= 0)
    while len(todo):
        again = _Repair(messages, sums, outgoing, transmat, likelihoods)
        changed = again.run(todo, outgoing[source[todo]], steps)
        todo = np.flatnonzero(np.isin(source, changed) & (source >= 0))
    return messages, sums


def _sweep(incoming, transmat, likelihoods, steps):
    """Run every chunk from its incoming row to its end; return what leaves each of them, too."""
    state = incoming.copy()  # (C, N) waiting chunks keep what enters, finished ones what leaves
    messages, sums = np.empty_like(likelihoods), np.empty(len(likelihoods))  # (T, N), (T,)
    ones = np.ones(len(transmat))  # (N,)
    for step in steps:
        message, total = messages[step], sums[step]
        running = state[: len(message)]
        np.multiply(running, likelihoods[step], out=message)
        np.dot(message, ones, out=total)
        np.divide(message, np.maximum(total, TINY)[:, np.newaxis], out=message)
        np.matmul(message, transmat, out=running)
    return messages, sums, state


class _Repair:
    """Run chunks again from better starts, in place, each until it meets its old messages."""

    def __init__(self, messages, sums, outgoing, transmat, likelihoods):
        self.messages, self.sums, self.outgoing = messages, sums, outgoing
        self.transmat, self.likelihoods = transmat, likelihoods

    def run(self, chunks, state, steps):
        """Run chunks (K,) again from state (K, N); return those whose outgoing row changed."""
        for number, step in enumerate(steps, start=1):
            running = np.searchsorted(chunks, step.stop - step.start)
            if not running:
                continue
            rows = step.start + chunks[:running]  # (K',)
            look = number % LOOK_EVERY == 0
            old = self.messages[rows] if look else None  # (K', N)
            state[:running] = self._advance(rows, state[:running])
            if look:
                met = np.zeros(len(chunks), dtype=bool)  # (K,)
                met[:running] = _agree(self.messages[rows], old)
                chunks, state = chunks[~met], state[~met]
            if not len(chunks):
                break
        changed = ~_agree(state, self.outgoing[chunks])
        self.outgoing[chunks] = state
        return chunks[changed]

    def _advance(self, rows, state):
        message = state * self.likelihoods[rows]  # (K', N)
        total = message @ np.ones(message.shape[1])  # (K',)
        message /= np.maximum(total, TINY)[:, np.newaxis]
        self.messages[rows], self.sums[rows] = message, total
        return message @ self.transmat


def _agree(new, old):
    return (np.abs(new - old) <= AGREE * old).all(axis=1)
