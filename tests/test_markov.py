"""Markov chains: against Markov's own numbers, enumeration, a known source, and bad input."""

from itertools import product

import numpy as np
import pytest

from rnncourse.datasets.synthetic import markov_chain
from rnncourse.markov import MarkovChain, compare_orders
from rnncourse.transitions import (
    context_moves,
    count_transitions,
    entropy_rate,
    stationary_distribution,
    walk,
)


def some_transition(order, num_symbols=3, seed=0):
    shape = (num_symbols,) * order
    return np.random.default_rng(seed).dirichlet(np.full(num_symbols, 0.5), size=shape)


# ---------------------------------------------------------------- by hand, and as published


def test_vowels_and_consonants_of_onegin():
    """Markov (1913): a vowel follows a vowel with 0.128, a consonant with 0.663; 0.432 vowels."""
    chain = MarkovChain.from_transition([[0.128, 0.872], [0.663, 0.337]])
    np.testing.assert_allclose(chain.stationary, [0.432, 0.568], atol=5e-4)


def test_fit_by_hand():
    chain = MarkovChain(1).fit([0, 1, 0, 1, 1, 0, 0, 1], 3)  # symbol 2 never occurs
    np.testing.assert_allclose(
        chain.transition, [[1 / 4, 3 / 4, 0], [2 / 3, 1 / 3, 0], [1 / 3] * 3]
    )
    added = count_transitions([0, 1, 0, 1, 1, 0, 0, 1], 1, 3, pseudocount=1)
    np.testing.assert_allclose(added, [[2 / 7, 4 / 7, 1 / 7], [3 / 6, 2 / 6, 1 / 6], [1 / 3] * 3])
    assert MarkovChain(0).fit([0, 1, 1, 2], 5).transition.tolist() == [0.25, 0.5, 0.25, 0, 0]
    pairs = MarkovChain(2).fit([0, 1, 2, 0, 1, 1], 3).transition
    assert pairs[0, 1].tolist() == [0, 0.5, 0.5]
    assert pairs[2, 0].tolist() == [0, 1, 0]


def test_entropy_rate_by_hand():
    assert MarkovChain.from_transition([0.5, 0.25, 0.25]).entropy_rate == pytest.approx(
        1.5 * np.log(2)
    )
    assert MarkovChain.from_transition([[0, 1], [1, 0]]).entropy_rate == 0
    flat = MarkovChain.from_transition(np.full((7, 7, 7), 1 / 7))
    assert flat.entropy_rate == pytest.approx(np.log(7))


# ---------------------------------------------------------------- invariants and known sources


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_all_texts_together_have_probability_one(order):
    chain = MarkovChain.from_transition(some_transition(order))
    texts = list(product(range(3), repeat=5))
    total = sum(np.exp(chain.log_likelihood(text)) for text in texts)
    assert total == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_stationary_distribution_is_where_powers_lead(order):
    transition = some_transition(order)
    moves = context_moves(transition)
    rows = np.linalg.matrix_power((moves + np.eye(len(moves))) / 2, 10_000)
    stationary = stationary_distribution(transition)
    assert stationary.shape == (3,) * order
    np.testing.assert_allclose(np.broadcast_to(stationary.ravel(), rows.shape), rows, atol=1e-9)


@pytest.mark.parametrize("order", [1, 2])
def test_the_chain_and_the_generator_agree(order):
    transition = some_transition(order, num_symbols=5)
    drawn = markov_chain(transition, 200_000, seed=0)
    chain = MarkovChain.from_transition(transition)
    np.testing.assert_allclose(chain.stationary, drawn.stationary, atol=1e-9)
    assert chain.entropy_rate == pytest.approx(drawn.entropy_rate)
    loss = -chain.log_likelihood(drawn.ids) / len(drawn.ids)
    assert loss == pytest.approx(drawn.entropy_rate, abs=0.01)
    fitted = MarkovChain(order).fit(drawn.ids, 5)
    often = chain.stationary > 0.02
    np.testing.assert_allclose(fitted.transition[often], transition[often], atol=0.03)
    assert fitted.log_probabilities(drawn.ids).sum() >= chain.log_probabilities(drawn.ids).sum()


@pytest.mark.parametrize("order", [0, 1, 2])
def test_samples_follow_the_chain(order):
    chain = MarkovChain.from_transition(some_transition(order))
    ids = chain.sample(60_000, seed=0)
    fitted = MarkovChain(order).fit(ids, 3)
    often = np.asarray(chain.stationary) > 0.02
    np.testing.assert_allclose(fitted.transition[often], chain.transition[often], atol=0.04)
    assert np.array_equal(chain.sample(17, seed=3), chain.sample(17, seed=3))
    assert not np.array_equal(chain.sample(17, seed=3), chain.sample(17, seed=4))
    assert chain.sample(1, seed=0).shape == (1,)


def test_samples_start_in_the_stationary_distribution():
    chain = MarkovChain.from_transition([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.0, 0.5]])
    first = [chain.sample(1, seed)[0] for seed in range(2_000)]
    np.testing.assert_allclose(np.bincount(first) / 2_000, [0.25, 0.25, 0.5], atol=0.04)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_walk_begins_with_its_first_context(order):
    """The chain and the generator draw the same symbols; the latter drops the first context."""
    transition = some_transition(order, num_symbols=5)
    chain = MarkovChain.from_transition(transition)
    ids = walk(transition, chain.stationary, 31, np.random.default_rng(7))
    assert (ids.dtype, ids.shape) == (np.int64, (order + 31,))
    np.testing.assert_array_equal(ids[:31], chain.sample(31, seed=7))
    if order:
        np.testing.assert_array_equal(ids[order:], markov_chain(transition, 31, seed=7).ids)


def test_a_walk_without_choice():
    """With one possible start and one possible move, the walk is known."""
    transition = np.zeros((3, 3, 3))
    for first, second in product(range(3), repeat=2):
        transition[first, second, (first + second) % 3] = 1
    start = np.zeros((3, 3))
    start[1, 2] = 1
    ids = walk(transition, start, 5, np.random.default_rng(0))
    assert ids.tolist() == [1, 2, 0, 2, 2, 1, 0]


def test_entropy_rate_weighs_the_rows():
    transition = np.array([[0.5, 0.5], [0.0, 1.0]])
    assert entropy_rate(transition, np.array([0.25, 0.75])) == pytest.approx(0.25 * np.log(2))


def test_log_likelihood_by_hand():
    chain = MarkovChain.from_transition([[0.5, 0.5], [0.25, 0.75]])  # stationary 1/3, 2/3
    expected = np.log(1 / 3 * 0.5 * 0.75)
    assert chain.log_likelihood([0, 1, 1]) == pytest.approx(expected)
    np.testing.assert_allclose(chain.log_probabilities([0, 1, 1]), np.log([0.5, 0.75]))


def test_what_cannot_happen_has_no_likelihood():
    chain = MarkovChain.from_transition([[0, 1], [1, 0]])
    assert chain.log_likelihood([0, 0]) == -np.inf


# ---------------------------------------------------------------- which order?


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("true_order", [1, 2])
def test_held_out_text_finds_the_order(true_order, seed):
    transition = some_transition(true_order, num_symbols=5, seed=seed)
    drawn = markov_chain(transition, 12_000, seed=seed)
    losses = compare_orders(drawn.ids[:8_000], drawn.ids[8_000:], 4, 5)
    assert losses.order == true_order == losses.held_out.argmin()
    assert losses.held_out[true_order] == pytest.approx(drawn.entropy_rate, abs=0.05)


def test_more_memory_always_fits_the_counted_text_better():
    ids = np.random.default_rng(0).integers(0, 3, 300)  # nothing to remember
    losses = compare_orders(ids[:200], ids[200:], 4, 3, pseudocount=0.0)
    assert np.all(np.diff(losses.training) <= 1e-12)
    assert losses.training.shape == losses.held_out.shape == (5,)
    assert losses.training[4] < losses.training[0] - 0.1
    added = compare_orders(ids[:200], ids[200:], 4, 3).held_out
    assert added[4] > added[0] + 0.05


def test_all_orders_predict_the_same_symbols():
    ids, held_out = [0, 1, 0, 0, 1, 1, 0], [1, 0, 1, 0, 0]
    losses = compare_orders(ids, held_out, 2, 2)
    by_hand = MarkovChain(0).fit(ids, 2, pseudocount=1).transition
    assert losses.held_out[0] == pytest.approx(-np.log(by_hand[held_out[2:]]).mean())


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("transition", "error", "message"),
    [
        ([[0.5, 0.6], [0.5, 0.5]], ValueError, "transition must sum to 1 .* off by 0.1"),
        ([[1.5, -0.5], [0.5, 0.5]], ValueError, "transition must not be negative"),
        ([[np.nan, 1], [0.5, 0.5]], ValueError, "transition must be finite"),
        ([[0.5, 0.5]], ValueError, "transition must have equal axes"),
        (0.5, ValueError, "transition must have equal axes"),
        ([], ValueError, "transition must have at least 1"),
        ([["a"]], TypeError, "transition must hold real numbers"),
    ],
)
def test_bad_transitions_are_refused(transition, error, message):
    with pytest.raises(error, match=message):
        MarkovChain.from_transition(transition)


@pytest.mark.parametrize("transition", [np.eye(3), [[1, 0, 0], [0, 1, 0], [0.2, 0.3, 0.5]]])
def test_a_chain_that_falls_apart_has_no_one_stationary_distribution(transition):
    with pytest.raises(ValueError, match="more than one stationary distribution"):
        _ = MarkovChain.from_transition(transition).stationary


def test_tables_that_are_too_large_are_refused():
    with pytest.raises(ValueError, match=r"needs a table of 300\^3 entries"):
        MarkovChain(2).fit([0, 1, 2], 300)
    with pytest.raises(ValueError, match="at most 1000 contexts are allowed, but here 1369"):
        _ = MarkovChain(2).fit([0, 1, 2], 37).stationary


@pytest.mark.parametrize(
    ("ids", "error", "message"),
    [
        ([0, 1, 3], ValueError, "ids must be from 0 to 2, but one is 3"),
        ([-1, 0, 1], ValueError, "ids must be from 0 to 2, but one is -1"),
        ([0.0, 1.0], TypeError, "ids must be whole numbers"),
        ([np.nan, 1.0], ValueError, "ids must be finite"),
        ([], ValueError, "ids must have at least 2"),
        ([0], ValueError, "ids must have at least 2"),
    ],
)
def test_bad_texts_are_refused(ids, error, message):
    chain = MarkovChain.from_transition(some_transition(1))
    for use in (lambda ids: MarkovChain(1).fit(ids, 3), chain.log_likelihood):
        with pytest.raises(error, match=message):
            use(ids)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MarkovChain(-1), "order must be at least 0"),
        (lambda: MarkovChain(1).fit([0, 1], 0), "num_symbols must be at least 1"),
        (lambda: MarkovChain(1).fit([0, 1], 2, pseudocount=-1), "pseudocount must be at least 0"),
        (lambda: MarkovChain(0).fit([0, 1], 2).sample(0, 0), "length must be at least 1"),
        (lambda: MarkovChain(0).fit([0, 1], 2).sample(5, -1), "seed must be at least 0"),
        (lambda: compare_orders([0, 1], [0, 1, 0], 2, 2), "ids must have at least 3"),
        (lambda: compare_orders([0, 1, 0], [0, 1], 2, 2), "held_out must have at least 3"),
        (lambda: compare_orders([0, 1, 0], [0, 1, 5], 2, 2), "held_out must be from 0 to 1"),
        (lambda: compare_orders([0, 1, 0], [0, 1, 1], -1, 2), "max_order must be at least 0"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "use",
    [
        lambda chain: chain.stationary,
        lambda chain: chain.entropy_rate,
        lambda chain: chain.sample(3, 0),
        lambda chain: chain.log_probabilities([0, 1]),
        lambda chain: chain.log_likelihood([0, 1]),
    ],
)
def test_a_chain_before_fit_says_so(use):
    with pytest.raises(RuntimeError, match="call fit"):
        use(MarkovChain(1))
