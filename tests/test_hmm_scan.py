"""Many chunks at once give what the plain recursion gives, also where nothing is forgotten."""

import numpy as np
import pytest

from rnncourse.hmm_emissions import CategoricalEmissions
from rnncourse.hmm_inference import Parameters, decode, expect, log_likelihood
from rnncourse.hmm_log_space import safe_log, viterbi
from rnncourse.hmm_packing import chunk_length, pack, unpack
from rnncourse.hmm_recursions import backward, forward
from rnncourse.hmm_scan import _Repair, scan

LENGTHS = np.array([1, 53, 7, 211, 2, 53])
NUM_STATES, NUM_SYMBOLS = 3, 5


def mixing(generator):
    return generator.dirichlet(np.ones(NUM_STATES), NUM_STATES)


def sticky(generator):
    return 0.98 * np.eye(NUM_STATES) + 0.02 * mixing(generator)


def identity(generator):
    return np.eye(NUM_STATES)


def periodic(generator):
    return np.eye(NUM_STATES)[[1, 2, 0]]


def left_to_right(generator):
    return np.array([[0.99, 0.01, 0.0], [0.0, 0.98, 0.02], [0.0, 0.0, 1.0]])


CHAINS = [mixing, sticky, identity, periodic, left_to_right]


def problem(transmat, seed=0):
    generator = np.random.default_rng(seed)
    emissionprob = generator.dirichlet(np.full(NUM_SYMBOLS, 30.0), NUM_STATES)
    startprob = generator.dirichlet(np.ones(NUM_STATES))
    observations = generator.integers(NUM_SYMBOLS, size=LENGTHS.sum())
    parameters = Parameters(startprob, transmat(generator), CategoricalEmissions(emissionprob))
    return parameters, observations


def plain(parameters, observations):
    """Forward-backward, one sequence after the other: posteriors, moves and log-likelihood."""
    startprob, transmat, emissions = parameters
    posteriors, moves, total = [], np.zeros_like(transmat), 0.0
    for part in np.split(observations, np.cumsum(LENGTHS)[:-1]):
        likelihoods, _ = emissions.likelihoods(part)
        alphas, scales, evidence = forward(startprob, transmat, likelihoods)
        betas = backward(transmat, likelihoods, scales)
        posteriors.append(alphas * betas)
        total += evidence
        for t in range(1, len(part)):
            arrivals = likelihoods[t] * betas[t] / scales[t]
            moves += alphas[t - 1][:, None] * transmat * arrivals
    return np.concatenate(posteriors), moves, total


# ---------------------------------------------------------------- the packed order


@pytest.mark.parametrize("longest", [1, 2, 5, 16, 1_000])
def test_packed_rows_are_the_observations_time_first(longest):
    packing = pack(LENGTHS, longest)
    assert sorted(packing.order) == list(range(LENGTHS.sum()))
    sizes = [step.stop - step.start for step in packing.steps]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == LENGTHS.sum()
    assert len(sizes) <= longest
    for early, late in zip(packing.steps, packing.steps[1:], strict=False):
        size = late.stop - late.start  # a chunk keeps its place, and goes on by one observation
        assert (packing.order[late] == packing.order[early][:size] + 1).all()
    values = np.arange(LENGTHS.sum()) * 10
    assert (unpack(values[packing.order], packing) == values).all()


@pytest.mark.parametrize("longest", [1, 5, 16])
def test_chunks_know_their_neighbours(longest):
    packing = pack(LENGTHS, longest)
    starts = packing.order[packing.steps[0]]  # (C,)
    assert sorted(starts[packing.before < 0]) == packing.offsets.tolist()
    assert (packing.after < 0).sum() == len(LENGTHS)
    for chunk, before in enumerate(packing.before):
        if before >= 0:
            assert packing.after[before] == chunk
            assert starts[before] < starts[chunk]
            assert not np.any((starts > starts[before]) & (starts < starts[chunk]))


def test_only_long_sequences_are_cut():
    uncut = pack([100] * 1_000, chunk_length([100] * 1_000))
    assert (uncut.before == -1).all()
    cut = pack([10_000], chunk_length([10_000]))
    assert len(cut.before) == 100


# ---------------------------------------------------------------- the same as the plain recursion


@pytest.mark.parametrize("longest", [1, 2, 7, 32, 1_000])
@pytest.mark.parametrize("transmat", CHAINS)
def test_chunks_change_nothing(transmat, longest):
    parameters, observations = problem(transmat)
    posteriors, moves, total = plain(parameters, observations)
    packing = pack(LENGTHS, longest)
    packed = observations[packing.order]
    assert log_likelihood(parameters, packed, packing) == pytest.approx(total, rel=1e-12)
    expected = expect(parameters, packed, packing)
    assert expected.log_likelihood == pytest.approx(total, rel=1e-12)
    np.testing.assert_allclose(unpack(expected.posteriors, packing), posteriors, atol=1e-11)
    np.testing.assert_allclose(expected.transitions, moves, rtol=1e-9, atol=1e-10)
    firsts = posteriors[packing.offsets].sum(axis=0)
    np.testing.assert_allclose(expected.starts, firsts, atol=1e-11)


def test_a_chunk_that_forgets_is_not_run_to_its_end(monkeypatch):
    parameters, observations = problem(mixing)
    packing = pack([LENGTHS.sum()], 64)
    likelihoods, _ = parameters.emissions.likelihoods(observations[packing.order])
    rows = []
    advance = _Repair._advance
    monkeypatch.setattr(
        _Repair, "_advance", lambda self, r, s: rows.append(len(r)) or advance(self, r, s)
    )
    guess = np.full(NUM_STATES, 1 / NUM_STATES)
    scan(guess, guess, parameters.transmat, likelihoods, packing.steps, packing.before)
    assert 0 < sum(rows) < len(observations)


def test_paths_of_many_sequences_are_those_of_each():
    parameters, observations = problem(sticky, seed=3)
    packing = pack(LENGTHS, LENGTHS.max())
    together = decode(parameters, observations[packing.order], packing)
    logs = safe_log(parameters.emissions.likelihoods(observations)[0])
    parts = np.split(logs, np.cumsum(LENGTHS)[:-1])
    each = [viterbi(parameters.startprob, parameters.transmat, part) for part in parts]
    assert together.states.tolist() == np.concatenate([one.states for one in each]).tolist()
    assert together.log_probability == pytest.approx(sum(one.log_probability for one in each))


# ---------------------------------------------------------------- where scaling is not enough


def test_logarithms_take_over_where_scaling_would_lose_a_state():
    """Two states that cannot be left: what the first step says is outweighed by the others."""
    emissionprob = np.array([[1 - 1e-220, 1e-220], [1e-220, 1 - 1e-220]])
    emissions = CategoricalEmissions(emissionprob)
    parameters = Parameters(np.array([0.5, 0.5]), np.eye(2), emissions)
    observations = np.array([0, 0, 1, 1, 1, 1])
    packing = pack([6], 32)
    expected = expect(parameters, observations[packing.order], packing)
    truth = np.log(0.5) + 2 * np.log(1e-220)  # state 1 from the start to the end
    assert expected.log_likelihood == pytest.approx(truth, rel=1e-12)
    assert log_likelihood(parameters, observations, packing) == pytest.approx(truth, rel=1e-12)
    np.testing.assert_allclose(expected.posteriors, [[0, 1]] * 6, atol=1e-12)
    np.testing.assert_allclose(expected.transitions, [[0, 0], [0, 5]], atol=1e-12)


def test_logarithms_give_the_same_expectations(monkeypatch):
    parameters, observations = problem(mixing)
    posteriors, moves, total = plain(parameters, observations)
    monkeypatch.setattr("rnncourse.hmm_inference.SAFE", 2.0)  # no step is safe
    packing = pack(LENGTHS, 16)
    packed = observations[packing.order]
    expected = expect(parameters, packed, packing)
    assert expected.log_likelihood == pytest.approx(total, rel=1e-12)
    assert log_likelihood(parameters, packed, packing) == pytest.approx(total, rel=1e-12)
    np.testing.assert_allclose(unpack(expected.posteriors, packing), posteriors, atol=1e-12)
    np.testing.assert_allclose(expected.transitions, moves, rtol=1e-10)


@pytest.mark.parametrize("longest", [2, 100])
def test_the_impossible_has_minus_infinity(longest):
    emissions = CategoricalEmissions(np.array([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]]))
    parameters = Parameters(np.array([1.0, 0.0]), np.eye(2), emissions)
    observations = np.array([0, 1, 0, 0, 2, 0, 1])
    packing = pack([7], longest)
    packed = observations[packing.order]
    assert log_likelihood(parameters, packed, packing) == -np.inf
    with pytest.raises(ValueError, match="observations have probability 0"):
        expect(parameters, packed, packing)
    packing = pack([7], 7)
    with pytest.raises(ValueError, match="observations have probability 0"):
        decode(parameters, observations, packing)
