"""The readable recursions: against every path, one after the other."""

import numpy as np
import pytest

from rnncourse.hmm_log_space import (
    best_scores,
    log_backward,
    log_forward,
    log_sum_exp,
    safe_log,
    trace_back,
    viterbi,
)
from rnncourse.hmm_recursions import (
    backward,
    enumerate_paths,
    forward,
    naive_forward,
    pair_posteriors,
    posteriors,
)

CASES = [(1, 3, 0), (2, 5, 1), (3, 6, 2), (5, 4, 3), (7, 1, 4), (3, 6, 5)]


def chain(num_states, length, seed):
    """A random chain with some moves that are impossible, and likelihoods of any size."""
    generator = np.random.default_rng(seed)
    transmat = generator.dirichlet(np.ones(num_states), num_states)
    if seed == 5:
        transmat = np.array([[0.5, 0.5, 0.0], [0.0, 0.3, 0.7], [1.0, 0.0, 0.0]])
    likelihoods = generator.gamma(1.0, 3.0, (length, num_states))
    return generator.dirichlet(np.ones(num_states)), transmat, likelihoods


def posteriors_by_enumeration(startprob, transmat, likelihoods):
    paths, probabilities = enumerate_paths(startprob, transmat, likelihoods)
    weights = probabilities / probabilities.sum()
    return np.array(
        [[weights[at == j].sum() for j in range(len(startprob))] for at in paths.T]
    )  # (T, N)


def test_a_path_by_hand():
    paths, probabilities = enumerate_paths([0.6, 0.4], [[0.7, 0.3], [0.2, 0.8]], [[1, 2], [3, 4]])
    assert paths.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    expected = [0.6 * 0.7 * 3, 0.6 * 0.3 * 4, 0.4 * 2 * 0.2 * 3, 0.4 * 2 * 0.8 * 4]
    np.testing.assert_allclose(probabilities, expected, rtol=1e-15)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_forward_recursion_is_the_sum_over_all_paths(case):
    arguments = chain(*case)
    likelihood = enumerate_paths(*arguments)[1].sum()
    startprob, transmat, likelihoods = arguments
    assert naive_forward(*arguments)[-1].sum() == pytest.approx(likelihood, rel=1e-12)
    assert forward(*arguments).log_likelihood == pytest.approx(np.log(likelihood), abs=1e-12)
    log_alphas = log_forward(startprob, transmat, safe_log(likelihoods))
    assert log_sum_exp(log_alphas[-1]) == pytest.approx(np.log(likelihood), abs=1e-12)
    np.testing.assert_allclose(np.exp(log_alphas), naive_forward(*arguments), rtol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_alphas_times_betas_are_the_posteriors(case):
    startprob, transmat, likelihoods = arguments = chain(*case)
    truth = posteriors_by_enumeration(*arguments)
    alphas, scales, total = forward(*arguments)
    np.testing.assert_allclose(alphas * backward(transmat, likelihoods, scales), truth, atol=1e-13)
    logs = safe_log(likelihoods)
    log_posteriors = log_forward(startprob, transmat, logs) + log_backward(transmat, logs) - total
    np.testing.assert_allclose(np.exp(log_posteriors), truth, atol=1e-13)
    np.testing.assert_allclose(alphas.sum(axis=1), 1, rtol=1e-14)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_posteriors_of_states_and_pairs_are_shares_of_the_paths(case):
    arguments = chain(*case)
    paths, probabilities = enumerate_paths(*arguments)
    pairs = np.zeros((case[1] - 1, case[0], case[0]))
    for t in range(case[1] - 1):
        np.add.at(pairs[t], (paths[:, t], paths[:, t + 1]), probabilities / probabilities.sum())
    truth = posteriors_by_enumeration(*arguments)
    np.testing.assert_allclose(posteriors(*arguments), truth, atol=1e-13)
    np.testing.assert_allclose(pair_posteriors(*arguments), pairs, atol=1e-13)


def test_posteriors_take_lists():
    assert posteriors(START, MOVES, SEEN).shape == (3, 2)
    np.testing.assert_allclose(pair_posteriors(START, MOVES, SEEN).sum(axis=(1, 2)), 1)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_viterbi_finds_the_best_of_all_paths(case):
    startprob, transmat, likelihoods = arguments = chain(*case)
    paths, probabilities = enumerate_paths(*arguments)
    states, log_probability = viterbi(startprob, transmat, safe_log(likelihoods))
    assert states.tolist() == paths[probabilities.argmax()].tolist()
    assert log_probability == pytest.approx(np.log(probabilities.max()), abs=1e-12)


def test_the_naive_product_underflows_and_the_others_do_not():
    startprob, transmat, likelihoods = chain(3, 2_000, 0)
    likelihoods = likelihoods / 100
    assert naive_forward(startprob, transmat, likelihoods)[-1].sum() == 0
    scaled = forward(startprob, transmat, likelihoods).log_likelihood
    logs = log_forward(startprob, transmat, np.log(likelihoods))
    assert scaled == pytest.approx(log_sum_exp(logs[-1]), rel=1e-12)
    assert scaled < -5_000


def test_the_logarithm_of_a_sum():
    assert log_sum_exp(np.log([1.0, 2.0, 5.0])) == pytest.approx(np.log(8.0))
    assert log_sum_exp(np.array([-np.inf, -np.inf])) == -np.inf
    assert log_sum_exp(np.array([-1e5, -1e5])) == pytest.approx(-1e5 + np.log(2))
    table = np.array([[0.0, 1.0, 2.0], [3.0, -np.inf, 5.0]])
    np.testing.assert_allclose(log_sum_exp(table, axis=1), np.log(np.exp(table).sum(axis=1)))


# ---------------------------------------------------------------- bad input

START, MOVES, SEEN = [0.5, 0.5], [[0.9, 0.1], [0.2, 0.8]], [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
BAD = [
    (([0.5, 0.6], MOVES, SEEN), "startprob must sum to 1, but sums to 1.1"),
    (([1.5, -0.5], MOVES, SEEN), "startprob must not be negative, but holds -0.5"),
    (([0.5, np.nan], MOVES, SEEN), "startprob must be finite"),
    ((START, [[0.9, 0.2], [0.2, 0.8]], SEEN), "each row of transmat must sum to 1, but .* 1.1"),
    ((START, [[0.9, 0.1]], SEEN), r"transmat must have shape \(2, 2\), but has \(1, 2\)"),
    ((START, MOVES, [[0.1, 0.2, 0.3]]), r"likelihoods must have shape \(T, 2\)"),
    ((START, MOVES, np.zeros((0, 2))), "at least 1 value"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
@pytest.mark.parametrize(
    "function", [enumerate_paths, naive_forward, forward, posteriors, pair_posteriors]
)
def test_bad_arguments_are_named(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


@pytest.mark.parametrize(("arguments", "message"), BAD)
@pytest.mark.parametrize("function", [log_forward, best_scores, viterbi])
def test_bad_arguments_are_named_on_logarithms(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


@pytest.mark.parametrize("function", [naive_forward, forward])
def test_negative_likelihoods_are_refused(function):
    with pytest.raises(ValueError, match="likelihoods must not be negative, but hold -0.1"):
        function(START, MOVES, [[0.1, -0.1]])


@pytest.mark.parametrize("function", [log_forward, viterbi])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_logarithms_may_be_minus_infinity_but_nothing_else(function, bad):
    function(START, MOVES, [[0.1, -np.inf]])
    with pytest.raises(ValueError, match="log_likelihoods must be finite"):
        function(START, MOVES, [[0.1, bad]])


def test_the_impossible_is_named():
    with pytest.raises(ValueError, match="no state possible at step 1"):
        forward(START, MOVES, [[1.0, 1.0], [0.0, 0.0]])
    with pytest.raises(ValueError, match="no path possible"):
        viterbi(START, MOVES, [[0.0, 0.0], [-np.inf, -np.inf]])


def test_too_many_paths_are_refused():
    with pytest.raises(ValueError, match=r"2\^20 paths: more than 1,000,000"):
        enumerate_paths(START, MOVES, np.ones((20, 2)))


def test_scales_must_fit():
    with pytest.raises(ValueError, match=r"scales must have shape \(3,\), but has \(2,\)"):
        backward(MOVES, SEEN, [1.0, 1.0])
    with pytest.raises(ValueError, match="scales must be above 0, but hold 0"):
        backward(MOVES, SEEN, [1.0, 0.0, 1.0])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_scores_are_those_of_the_best_path_to_each_state(case):
    startprob, transmat, likelihoods = chain(*case)
    deltas, _ = best_scores(startprob, transmat, safe_log(likelihoods))
    for t in range(case[1]):
        paths, probabilities = enumerate_paths(startprob, transmat, likelihoods[: t + 1])
        truth = [probabilities[paths[:, t] == j].max() for j in range(case[0])]
        np.testing.assert_allclose(np.exp(deltas[t]), truth, rtol=1e-12)


def test_back_pointers_are_followed_from_the_end():
    pointers = np.array([[0, 0, 0], [2, 0, 1], [1, 2, 0], [0, 1, 1]])
    assert trace_back(pointers, 2).tolist() == [1, 2, 1, 2]
    assert trace_back(pointers[:1], 1).tolist() == [1]


def test_of_equally_good_paths_the_lowest_numbers_are_taken():
    states, _ = viterbi(START, [[0.5, 0.5]] * 2, np.zeros((5, 2)))
    assert states.tolist() == [0] * 5
