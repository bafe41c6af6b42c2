"""Music-like data: the optimum comes from the exact posterior, found here by brute force."""

import itertools

import numpy as np
import pytest

from rnncourse.datasets import polyphony as module
from rnncourse.datasets.polyphony import TRIADS, polyphony


def test_shapes_and_seed():
    piece, again = polyphony(13, 3, seed=0), polyphony(13, 3, seed=0)
    assert piece.notes.shape == piece.probabilities.shape == (13, 3, 12)
    assert piece.chords.shape == (13, 3)
    assert set(np.unique(piece.notes)) == {0, 1}
    assert (piece.notes == again.notes).all()
    assert (piece.notes != polyphony(13, 3, seed=1).notes).any()


def test_probabilities_are_those_of_all_paths_of_the_chain():
    beats, length = 2, 4
    piece = polyphony(length, 2, beats=beats, seed=2)
    transition, emission = module._model(beats, 0.9, 0.03)
    states = range(len(transition))
    for column in range(2):
        notes = piece.notes[:, column].astype(bool)
        for t in range(length):
            weights, expected = 0.0, np.zeros(12)
            for path in itertools.product(states, repeat=t + 1):
                weight = np.prod([transition[a, b] for a, b in itertools.pairwise(path)] or [1.0])
                if weight:
                    for step, state in enumerate(path[:-1]):
                        p = emission[state]
                        weight *= np.prod(np.where(notes[step], p, 1 - p))
                    weights, expected = weights + weight, expected + weight * emission[path[-1]]
            np.testing.assert_allclose(piece.probabilities[t, column], expected / weights, 1e-9)


def test_chords_last_their_beats_and_sound():
    piece = polyphony(400, 7, beats=4, seed=3)
    changes = np.diff(piece.chords, axis=0) != 0
    assert changes.mean() == pytest.approx(1 / 4, abs=0.01)
    steps = (np.diff(piece.chords, axis=0)[changes]) % len(TRIADS)
    shares = np.bincount(steps, minlength=6) / len(steps)
    assert shares == pytest.approx([0, 0.5, 0.2, 0, 0, 0.3], abs=0.06)
    inside = np.zeros((6, 12), bool)
    for chord, triad in enumerate(TRIADS):
        inside[chord, list(triad)] = True
    assert piece.notes[~inside[piece.chords]].mean() == pytest.approx(0.03, abs=0.004)
    assert piece.notes[inside[piece.chords]].mean() > 0.9


def test_the_optimum_is_below_what_the_shares_of_the_notes_give():
    piece = polyphony(100, 50, seed=4)
    shares = piece.notes.mean((0, 1))
    naive = -(shares * np.log(shares) + (1 - shares) * np.log(1 - shares)).sum()
    assert piece.optimum < 0.6 * naive
    p = piece.probabilities
    entropies = -(p * np.log(p) + (1 - p) * np.log1p(-p)).sum(2).mean()
    assert piece.optimum == pytest.approx(entropies, rel=0.02)  # calibrated


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"length": 0}, ValueError, "length must be at least 1"),
        ({"batch_size": 1.5}, TypeError, "batch_size must be a whole number"),
        ({"beats": 0}, ValueError, "beats must be at least 1"),
        ({"faithful": 1}, ValueError, "faithful must be above 0 and below 1"),
        ({"stray": 0.0}, ValueError, "stray must be above 0 and below 1"),
    ],
)
def test_bad_input(change, error, message):
    with pytest.raises(error, match=message):
        polyphony(**{"length": 5, "batch_size": 2, **change})
