"""Smoothing methods: against dictionaries, pencil and paper, and limits."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from rnncourse.interpolation import (
    Interpolation,
    held_out_weights,
    improve_weights,
    interpolate,
)
from rnncourse.kneser_ney import KneserNey, absolute_discount, kneser_ney
from rnncourse.ngram_counts import Evidence
from rnncourse.ngrams import NGramModel
from rnncourse.smoothing import (
    AddK,
    Recursive,
    Smoothing,
    WittenBell,
    add_k,
    divide_or,
    witten_bell,
)

TEXT = [0, 1, 0, 1, 2, 0, 1, 0, 0, 2, 1, 0, 1]  # symbol 3 never occurs
SIZE = 4
ORDERS = [1, 2, 3, 4]


def weights_for(n):
    """Weights of which no two are equal and none is 0."""
    return np.arange(1, n + 2) / np.arange(1, n + 2).sum()


def methods(n):
    yield AddK(0)
    yield AddK(0.3)
    yield Interpolation(weights_for(n))
    yield WittenBell()
    yield KneserNey()
    yield KneserNey(0.6)
    yield KneserNey(np.linspace(0.2, 0.9, n))


CASES = [(n, method) for n in ORDERS for method in methods(n)]
NAMES = [f"{n}-{type(method).__name__}" for n, method in CASES]


def contexts_up_to(length):
    return [list(c) for size in range(length + 1) for c in product(range(SIZE), repeat=size)]


# ---------------------------------------------------------------- the same with dictionaries


def grams(text, n):
    """How often each tuple of n symbols occurs."""
    return Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))


def after(counts, context):
    """Counts of the symbols after a context."""
    return {gram[-1]: count for gram, count in counts.items() if gram[:-1] == tuple(context)}


def continuations(text, n):
    """In how many different places each tuple of n symbols occurs."""
    return Counter(gram[1:] for gram in grams(text, n + 1))


def slow_add_k(text, context, symbol, k):
    found = after(grams(text, len(context) + 1), context)
    if sum(found.values()) + k == 0:
        return 1 / SIZE
    return (found.get(symbol, 0) + k) / (sum(found.values()) + k * SIZE)


def slow_interpolation(text, context, symbol, weights):
    mixed, used = weights[0] / SIZE, weights[0]
    for length in range(len(context) + 1):
        found = after(grams(text, length + 1), context[len(context) - length :])
        if found:
            mixed += weights[length + 1] * found.get(symbol, 0) / sum(found.values())
            used += weights[length + 1]
    return mixed / used


def slow_witten_bell(text, context, symbol):
    shorter = slow_witten_bell(text, context[1:], symbol) if context else 1 / SIZE
    found = after(grams(text, len(context) + 1), context)
    if not found:
        return shorter
    return (found.get(symbol, 0) + len(found) * shorter) / (sum(found.values()) + len(found))


def slow_kneser_ney(text, context, symbol, discounts):
    length, n = len(context), len(discounts)
    counts = grams(text, n) if length == n - 1 else continuations(text, length + 1)
    shorter = slow_kneser_ney(text, context[1:], symbol, discounts) if context else 1 / SIZE
    found = after(counts, context)
    if not found:
        return shorter
    discount, total = discounts[length], sum(found.values())
    kept = max(found.get(symbol, 0) - discount, 0)
    return kept / total + discount * len(found) / total * shorter


def slow_discounts(text, n):
    tables = [*(continuations(text, order) for order in range(1, n)), grams(text, n)]
    frequencies = [Counter(table.values()) for table in tables]
    return [f[1] / (f[1] + 2 * f[2]) if f[1] and f[2] else 0.5 for f in frequencies]


SLOW = [
    (lambda n: AddK(0), lambda text, n, c, w: slow_add_k(text, c, w, 0)),
    (lambda n: AddK(0.3), lambda text, n, c, w: slow_add_k(text, c, w, 0.3)),
    (
        lambda n: Interpolation(weights_for(n)),
        lambda text, n, c, w: slow_interpolation(text, c, w, weights_for(n)),
    ),
    (lambda n: WittenBell(), lambda text, n, c, w: slow_witten_bell(text, c, w)),
    (lambda n: KneserNey(0.6), lambda text, n, c, w: slow_kneser_ney(text, c, w, [0.6] * n)),
    (
        lambda n: KneserNey(np.linspace(0.2, 0.9, n)),
        lambda text, n, c, w: slow_kneser_ney(text, c, w, np.linspace(0.2, 0.9, n)),
    ),
    (
        lambda n: KneserNey(),
        lambda text, n, c, w: slow_kneser_ney(text, c, w, slow_discounts(text, n)),
    ),
]

SLOW_NAMES = ["0", "k", "interpolation", "witten-bell", "discount", "discounts", "estimated"]


@pytest.mark.parametrize("n", ORDERS)
@pytest.mark.parametrize(("fast", "slow"), SLOW, ids=SLOW_NAMES)
def test_equal_to_dictionaries(fast, slow, n):
    model = NGramModel(n, fast(n)).fit(TEXT, SIZE)
    for context in contexts_up_to(n - 1):
        expected = [slow(TEXT, n, context, symbol) for symbol in range(SIZE)]
        np.testing.assert_allclose(model.probabilities(context), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("fast", "slow"), SLOW, ids=SLOW_NAMES)
def test_scores_are_those_of_the_dictionaries(fast, slow, seed):
    rng = np.random.default_rng(seed)
    text, new = rng.integers(0, SIZE, 97).tolist(), rng.integers(0, SIZE, 31).tolist()
    scores = NGramModel(3, fast(3)).fit(text, SIZE).log_probabilities(new)
    expected = [slow(text, 3, new[max(t - 2, 0) : t], symbol) for t, symbol in enumerate(new)]
    np.testing.assert_allclose(np.exp(scores), expected, rtol=1e-12, atol=1e-15)


# ---------------------------------------------------------------- invariants


@pytest.mark.parametrize(("n", "method"), CASES, ids=NAMES)
def test_every_distribution_sums_to_one(n, method):
    model = NGramModel(n, method).fit(TEXT, SIZE)
    for context in contexts_up_to(n):  # all that were seen, all that were not, longer ones too
        p = model.probabilities(context)
        assert p.shape == (SIZE,)
        assert p.sum() == pytest.approx(1, abs=1e-12)
        assert np.all(p >= 0)


@pytest.mark.parametrize(("n", "method"), CASES, ids=NAMES)
def test_all_texts_together_have_probability_one(n, method):
    model = NGramModel(n, method).fit(TEXT, SIZE)
    texts = product(range(SIZE), repeat=4)
    assert sum(np.exp(model.log_probabilities(text).sum()) for text in texts) == pytest.approx(1)


@pytest.mark.parametrize(
    "method", [AddK(0.01), WittenBell(), KneserNey(), Interpolation([1, 0, 0])]
)
def test_smoothed_symbols_are_never_impossible(method):
    model = NGramModel(2, method).fit(TEXT, SIZE)
    assert min(model.probabilities(c).min() for c in contexts_up_to(1)) > 0


def test_limits_are_uniform():
    flat = np.full(SIZE, 1 / SIZE)
    for method in [AddK(1e12), Interpolation([1, 0, 0])]:
        p = NGramModel(2, method).fit(TEXT, SIZE).probabilities([0])
        np.testing.assert_allclose(p, flat, atol=1e-9)
    unseen = NGramModel(2, AddK(0)).fit(TEXT, SIZE).probabilities([3])
    np.testing.assert_array_equal(unseen, flat)


def test_all_weight_on_the_highest_order_is_maximum_likelihood():
    mixed = NGramModel(3, Interpolation([0, 0, 0, 1])).fit(TEXT, SIZE)
    counted = NGramModel(3, AddK(0)).fit(TEXT, SIZE)
    np.testing.assert_array_equal(mixed.probabilities([0, 1]), counted.probabilities([0, 1]))
    np.testing.assert_array_equal(mixed.probabilities([3, 3]), np.full(SIZE, 1 / SIZE))


def test_a_vanishing_discount_is_maximum_likelihood():
    discounted = NGramModel(2, KneserNey(1e-12)).fit(TEXT, SIZE).probabilities([0])
    counted = NGramModel(2, AddK(0)).fit(TEXT, SIZE).probabilities([0])
    np.testing.assert_allclose(discounted, counted, atol=1e-9)


def test_one_method_serves_two_models():
    method = KneserNey()
    first = NGramModel(2, method).fit(TEXT, SIZE)
    before = first.probabilities([0])
    NGramModel(3, method).fit(TEXT[::-1] * 3, SIZE)
    np.testing.assert_array_equal(first.probabilities([0]), before)


# ---------------------------------------------------------------- by hand

WORDS = ["the", "cat", "sat", "on", "the", "mat", "the", "cat", "ate", "fish"]
TYPES = ["the", "cat", "sat", "on", "mat", "ate", "fish"]


def test_kneser_ney_by_hand_on_ten_words():
    """Places: 2 for "the" (after "on" and "mat"), 1 for all others, 8 together."""
    ids = [TYPES.index(word) for word in WORDS]
    model = NGramModel(2, KneserNey(0.5)).fit(ids, 7)
    places = np.array([2, 1, 1, 1, 1, 1, 1]) / 8  # all 7 types occur: what D takes it gives back
    np.testing.assert_allclose(model.probabilities([]), places)
    np.testing.assert_allclose(model.probabilities([TYPES.index("fish")]), places)  # ends the text
    # "the" 3 times, before "cat" twice and "mat" once: 1.5 / 3 + (0.5 x 2 / 3) / 8 = 13 / 24
    after_the = np.array([2, 13, 1, 1, 5, 1, 1]) / 24
    np.testing.assert_allclose(model.probabilities([TYPES.index("the")]), after_the)


def test_kneser_ney_by_hand_with_estimated_discounts_and_a_new_word():
    ids = [TYPES.index(word) for word in WORDS]
    model = NGramModel(2, KneserNey()).fit(ids, 7)  # D = 7 / 9 for pairs, 6 / 8 for places
    assert [table.discount for table in model.tables] == [6 / 8, 7 / 9]
    assert model.probabilities([0])[1] == pytest.approx(17 / 36)
    wider = NGramModel(2, KneserNey(0.5)).fit(ids, 8)  # "dog" is known and never occurs
    np.testing.assert_allclose(wider.probabilities([])[[0, 1, 7]], np.array([31, 15, 7]) / 128)


def test_one_step_by_hand():
    seen = Evidence(np.array([3, 1, 0]), np.int64(4), np.int64(2))
    np.testing.assert_allclose(witten_bell(seen, 1 / 3), np.array([11, 5, 2]) / 18)
    np.testing.assert_allclose(
        kneser_ney(seen._replace(discount=0.5), 1 / 3), np.array([17, 5, 2]) / 24
    )
    np.testing.assert_allclose(add_k(seen, 2, 3), np.array([5, 3, 2]) / 10)
    np.testing.assert_allclose(interpolate(seen, 1 / 3, 0.75), np.array([31, 13, 4]) / 48)


def test_a_step_from_a_context_never_seen_keeps_what_it_gets():
    unseen = Evidence(np.zeros(3, dtype=int), np.int64(0), np.int64(0), 0.5)
    lower = np.array([0.5, 0.2, 0.3])
    for step in (witten_bell, kneser_ney, lambda seen, p: interpolate(seen, p, 0.9)):
        np.testing.assert_array_equal(step(unseen, lower), lower)


def test_absolute_discount_by_hand():
    assert absolute_discount(np.array([1, 1, 1, 2, 5])) == 3 / 5
    for counts in ([1, 1], [2, 2], [7]):
        assert absolute_discount(np.array(counts)) == 0.5


def test_divide_or_by_hand():
    result = divide_or([1, 2, 3], [2, 0, 4], [7, 8, 9])
    np.testing.assert_array_equal(result, [0.5, 8, 0.75])
    assert divide_or(np.ones((5, 3)), 0, 2.0).shape == (5, 3)


# ---------------------------------------------------------------- weights from held-out text


def some_texts(seed=0):
    rng = np.random.default_rng(seed)
    steps = rng.choice([1, 1, 1, 2, 3], size=611)
    ids = np.cumsum(steps) % 5
    return ids[:307], ids[307:]


def held_out_score(weights, n=3):
    ids, held_out = some_texts()
    model = NGramModel(n, Interpolation(weights)).fit(ids, 5)
    return model.log_probabilities(held_out)[n - 1 :].sum()


def test_no_weights_score_better_than_those_of_em():
    best = held_out_weights(*some_texts(), 3, 5, iterations=2_000)
    assert best.sum() == pytest.approx(1, abs=1e-12)
    others = np.random.default_rng(1).dirichlet(np.ones(4), 100)
    nearby = [0.99 * best + 0.01 * np.eye(4)[order] for order in range(4)]
    assert max(map(held_out_score, [*others, *nearby])) <= held_out_score(best) + 1e-9


def test_each_step_of_em_scores_better():
    scores = [held_out_score(held_out_weights(*some_texts(), 3, 5, k)) for k in range(1, 12)]
    assert np.all(np.diff(scores) > 0)


def test_one_step_of_em_by_hand():
    """Stops at order 1: 0.6 for the first symbol, 0 for the second; the third never comes by."""
    frequencies = np.array([[0.2, 0.3], [0.2, 0.0], [0.2, 0.0]])
    known = np.array([[True, True], [True, True], [True, False]])
    better = improve_weights(np.array([0.5, 0.5]), frequencies, known)
    np.testing.assert_allclose(better, [0.7, 0.3])


def test_on_the_counted_text_the_highest_order_takes_all():
    ids = some_texts()[0]
    assert held_out_weights(ids, ids, 3, 5, iterations=2_000)[-1] > 0.99


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: AddK(-0.1), ValueError, "k must be at least 0"),
        (lambda: AddK(np.nan), ValueError, "k must be finite"),
        (lambda: AddK("1"), TypeError, "k must be a number"),
        (lambda: Interpolation([0.5, 0.6]), ValueError, "weights must sum to 1, but sum to 1.1"),
        (lambda: Interpolation([1.5, -0.5]), ValueError, "weights must not be negative"),
        (lambda: Interpolation([np.nan, 1]), ValueError, "weights must be finite"),
        (lambda: Interpolation([1.0]), ValueError, "weights must have at least 2"),
        (lambda: Interpolation([[0.5, 0.5]]), ValueError, "weights must have 1 dimension"),
        (lambda: Interpolation(["a", "b"]), TypeError, "weights must hold real numbers"),
        (lambda: KneserNey(0), ValueError, "discounts must lie between 0 and 1"),
        (lambda: KneserNey(1.0), ValueError, "discounts must lie between 0 and 1"),
        (lambda: KneserNey([0.5, -0.5]), ValueError, "discounts must lie between 0 and 1"),
        (lambda: KneserNey(np.nan), ValueError, "discounts must be finite"),
        (lambda: KneserNey([]), ValueError, "discounts must have at least 1"),
        (lambda: KneserNey([[0.5]]), ValueError, "discounts must be one number"),
        (lambda: KneserNey("0.5"), TypeError, "discounts must hold real numbers"),
    ],
)
def test_bad_settings_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("method", [Interpolation([0.5, 0.5]), KneserNey([0.5, 0.5])])
def test_settings_for_another_order_are_refused(method):
    with pytest.raises(ValueError, match="(weights|discounts) must be .* but are 2"):
        NGramModel(3, method).fit(TEXT, SIZE)


def test_a_method_must_say_how():
    with pytest.raises(NotImplementedError, match="Smoothing needs a method probabilities"):
        NGramModel(2, Smoothing()).fit(TEXT, SIZE).probabilities([0])
    with pytest.raises(NotImplementedError, match="Recursive needs a method step"):
        NGramModel(2, Recursive()).fit(TEXT, SIZE).probabilities([0])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"held_out": [0, 4]}, ValueError, "held_out must be from 0 to 3, but one is 4"),
        ({"held_out": [0]}, ValueError, "held_out must have at least 2"),
        ({"ids": [0, -1]}, ValueError, "ids must be from 0 to 3, but one is -1"),
        ({"n": 0}, ValueError, "n must be at least 1"),
        ({"iterations": 0}, ValueError, "iterations must be at least 1"),
    ],
)
def test_bad_held_out_texts_are_refused(change, error, message):
    arguments = {"ids": TEXT, "held_out": TEXT, "n": 2, "num_symbols": SIZE} | change
    with pytest.raises(error, match=message):
        held_out_weights(**arguments)
