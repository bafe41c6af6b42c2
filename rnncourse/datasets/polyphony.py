"""Music-like data: several notes at once, drawn from hidden chords, with a known optimum."""

from typing import NamedTuple

import numpy as np

from rnncourse.validate import as_generator, as_integer, as_real

SCALE = 12  # notes in an octave
TRIADS = tuple((root, (root + 4) % SCALE, (root + 7) % SCALE) for root in range(0, SCALE, 2))


class Polyphony(NamedTuple):
    """Pieces of music as piano rolls.

    Attributes:
        notes: 1 where a note sounds, single precision, (T, B, K) with K = 12.
        chords: the hidden chord of each step, (T, B).
        probabilities: p(note sounds at t | all notes before t), true values, (T, B, K).
        optimum: smallest possible mean loss of a model that predicts each note by itself, on these
            very pieces, in nats per step.
    """

    notes: np.ndarray
    chords: np.ndarray
    probabilities: np.ndarray
    optimum: float


def polyphony(length, batch_size, beats=4, faithful=0.9, stray=0.03, seed=0):
    """Draw pieces in which a chord lasts some beats and then gives way to a neighbour.

    Each of the six chords is three notes. After ``beats`` steps it moves one chord up or down, or
    two up, with probabilities 0.5, 0.3 and 0.2, in a circle. A note of the chord sounds with
    probability ``faithful``, another one with probability ``stray``. The first beat of a chord
    also strikes its root for sure, so that the count of the beats can be heard.

    *Optimum.* Chord and beat are a Markov chain. The forward algorithm gives what can be known of
    them from the notes before t, and so the true probability of each note at t.

    Args:
        length: number of steps T.
        batch_size: number of pieces B.
        beats: steps that a chord lasts, at least 1.
        faithful: probability of a note of the chord, above 0 and below 1.
        stray: probability of any other note, above 0 and below 1.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        Polyphony: ``notes`` (T, B, 12), ``chords`` (T, B), ``probabilities`` (T, B, 12),
        ``optimum``.

    Raises:
        TypeError: an argument is not a number of the right kind.
        ValueError: an argument is out of range.
    """
    length = as_integer(length, "length", minimum=1)
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    beats = as_integer(beats, "beats", minimum=1)
    transition, emission = _model(beats, _inside(faithful, "faithful"), _inside(stray, "stray"))
    rng, states = as_generator(seed), np.empty((length, batch_size), np.int64)
    state = rng.integers(len(transition), size=batch_size)  # (B,)
    for t in range(length):
        states[t] = state
        draws = rng.random((batch_size, 1))
        state = (draws > transition[state].cumsum(1)).sum(1).clip(max=len(transition) - 1)  # (B,)
    notes = rng.random((length, batch_size, SCALE)) < emission[states]  # (T, B, K)
    probabilities = _predict(notes, transition, emission)  # (T, B, K)
    losses = -np.where(notes, np.log(probabilities), np.log1p(-probabilities)).sum(2)  # (T, B)
    roll = notes.astype(np.float32)
    return Polyphony(roll, states // beats, probabilities, float(losses.mean()))


def _model(beats, faithful, stray):
    """Transition matrix (N, N) over chord times beat, and note probabilities (N, K)."""
    chords = len(TRIADS)
    size = chords * beats
    transition, emission = np.zeros((size, size)), np.full((size, SCALE), stray)
    for chord, triad in enumerate(TRIADS):
        first, last = chord * beats, chord * beats + beats - 1
        emission[first : last + 1, triad] = faithful
        emission[first, triad[0]] = 1 - 1e-6  # for sure, with a finite logarithm
        transition[np.arange(first, last), np.arange(first + 1, last + 1)] = 1
        for move, probability in ((1, 0.5), (-1, 0.3), (2, 0.2)):
            transition[last, (chord + move) % chords * beats] = probability
    return transition, emission


def _predict(notes, transition, emission):
    """The probability of each note, given all notes before it, by the forward algorithm."""
    belief = np.full((notes.shape[1], len(transition)), 1 / len(transition))  # (B, N)
    predicted = np.empty(notes.shape)  # (T, B, K)
    log_on, log_off = np.log(emission), np.log1p(-emission)  # (N, K) each
    for t, now in enumerate(notes):
        predicted[t] = belief @ emission
        logs = now @ log_on.T + ~now @ log_off.T  # (B, N)
        belief = belief * np.exp(logs - logs.max(1, keepdims=True))
        belief = belief / belief.sum(1, keepdims=True) @ transition
    return predicted


def _inside(value, name):
    value = as_real(value, name)
    if not 0 < value < 1:
        raise ValueError(f"{name} must be above 0 and below 1, but is {value!r}")
    return value
