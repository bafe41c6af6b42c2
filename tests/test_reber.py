"""Reber grammars: every string keeps the grammar, and the optimum is the true one."""

import re

import numpy as np
import pytest

from rnncourse.datasets.reber import SYMBOLS, continual_reber, embedded_reber, reber

INNER = r"B(?:T S* X (?:X T* V P)* (?:S | X T* V V) | P T* V (?:P X T* V)* (?:V | P S))E"
PLAIN = re.compile(INNER, re.VERBOSE)
EMBEDDED = re.compile(rf"B(?:T{INNER}T|P{INNER}P)E", re.VERBOSE)


def strings(text):
    """Write the strings out."""
    names = np.array(SYMBOLS)[text.ids]
    return ["".join(names[text.mask[:, b], b]) for b in range(names.shape[1])]


@pytest.mark.parametrize("draw, pattern", [(reber, PLAIN), (embedded_reber, EMBEDDED)])
def test_every_string_matches_the_grammar_as_a_regular_expression(draw, pattern):
    text = draw(211, seed=0)
    assert all(pattern.fullmatch(string) for string in strings(text))
    assert len(set(strings(text))) > 50
    assert text.ids.shape == text.mask.shape == text.recall.shape
    assert text.probabilities.shape == (*text.ids.shape, 7)


def test_published_strings_belong_to_the_grammar():
    # Hochreiter & Schmidhuber (1997) draw the automaton; these are its two shortest strings.
    found = set(strings(reber(499, seed=1)))
    assert {"BTXSE", "BPVVE"} <= found
    assert min(map(len, found)) == 5


@pytest.mark.parametrize("draw", [reber, embedded_reber])
def test_probabilities_are_those_of_all_strings_that_begin_alike(draw):
    text = draw(20011, seed=2)
    symbols = np.where(text.mask, text.ids, -1)
    seen = {}
    for column in range(2000):
        for step in range(1, min(6, int(text.mask[:, column].sum()))):
            seen.setdefault(tuple(symbols[:step, column]), []).append(column)
    for start, columns in seen.items():
        if len(columns) >= 100:
            step = len(start)
            counts = np.bincount(symbols[step, columns], minlength=7) / len(columns)
            expected = text.probabilities[step, columns[0]]
            assert np.abs(counts - expected).max() < 4 * 0.5 / np.sqrt(len(columns))


@pytest.mark.parametrize("draw, length", [(reber, 8), (embedded_reber, 12)])
def test_the_optimum_is_the_mean_true_loss(draw, length):
    text = draw(20011, seed=3)
    chosen = np.take_along_axis(text.probabilities, text.ids[:, :, None], axis=2)[text.mask]
    assert text.mask.sum(0).mean() == pytest.approx(length, rel=0.02)
    assert -np.log(chosen).mean() == pytest.approx(text.optimum, rel=0.01)


def test_recall_is_the_last_symbol_but_one_and_equals_the_second():
    text = embedded_reber(101, seed=4)
    steps, columns = np.nonzero(text.recall)
    assert sorted(columns) == list(range(101))
    assert (steps == text.mask.sum(0)[columns] - 2).all()
    assert (text.ids[steps, columns] == text.ids[1, columns]).all()
    assert not reber(7, seed=0).recall.any()


def test_streams_are_strings_one_after_the_other():
    stream = continual_reber(997, 3, seed=5)
    assert stream.ids.shape == (997, 3)
    assert stream.mask.all()
    for text in strings(stream):
        ends = [match.end() for match in EMBEDDED.finditer(text)]
        assert EMBEDDED.sub("", text[: ends[-1]]) == ""
        assert 997 - ends[-1] < 100
    assert stream.recall.mean() == pytest.approx(1 / 12, rel=0.15)


def test_the_same_seed_draws_the_same():
    first, again, other = (embedded_reber(13, seed=s) for s in (6, 6, 7))
    assert strings(first) == strings(again) != strings(other)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: reber(0), ValueError, "batch_size must be at least 1, but is 0"),
        (lambda: embedded_reber(2.5), TypeError, "batch_size must be a whole number"),
        (lambda: continual_reber(0, 3), ValueError, "length must be at least 1, but is 0"),
        (lambda: continual_reber(5, 0), ValueError, "batch_size must be at least 1, but is 0"),
        (lambda: reber(3, seed="a"), TypeError, "seed"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
