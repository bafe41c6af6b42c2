"""The two models against hmmlearn, and how fast they are beside it."""

import hmmlearn.hmm
import numpy as np
import pytest

from benchmarks import hmm as benchmark
from rnncourse.hmm import CategoricalHMM, GaussianHMM
from rnncourse.hmm_covariances import DiagonalCovariance, FullCovariance, SphericalCovariance

LENGTHS = [211, 1, 53, 7, 2, 97]
NUM_STATES, NUM_SYMBOLS, NUM_FEATURES = 3, 7, 2
EXACT = {"rtol": 0, "atol": 1e-8}


def random_chain(generator):
    startprob = generator.dirichlet(np.ones(NUM_STATES))
    return startprob, generator.dirichlet(np.ones(NUM_STATES), NUM_STATES)


def categorical(seed):
    """A model, and hmmlearn's with the same parameters and neither priors nor tolerance."""
    generator = np.random.default_rng(seed)
    startprob, transmat = random_chain(generator)
    emissionprob = generator.dirichlet(np.ones(NUM_SYMBOLS), NUM_STATES)
    reference = hmmlearn.hmm.CategoricalHMM(
        NUM_STATES, n_features=NUM_SYMBOLS, n_iter=20, tol=-np.inf, init_params=""
    )
    reference.startprob_, reference.transmat_ = startprob, transmat
    reference.emissionprob_ = emissionprob
    return CategoricalHMM.from_parameters(startprob, transmat, emissionprob), reference


def random_covars(covariance_type, generator):
    if covariance_type is SphericalCovariance:
        return generator.uniform(0.5, 2, NUM_STATES)
    if covariance_type is DiagonalCovariance:
        return generator.uniform(0.5, 2, (NUM_STATES, NUM_FEATURES))
    factors = generator.normal(size=(NUM_STATES, NUM_FEATURES, NUM_FEATURES))
    return factors @ factors.swapaxes(1, 2) + 0.3 * np.eye(NUM_FEATURES)


NAMES = {FullCovariance: "full", DiagonalCovariance: "diag", SphericalCovariance: "spherical"}


def gaussian(covariance_type, seed):
    generator = np.random.default_rng(seed)
    startprob, transmat = random_chain(generator)
    means = generator.normal(0, 2, (NUM_STATES, NUM_FEATURES))
    covars = random_covars(covariance_type, generator)
    reference = hmmlearn.hmm.GaussianHMM(
        NUM_STATES,
        NAMES[covariance_type],
        n_iter=20,
        tol=-np.inf,
        init_params="",
        covars_prior=0.0,
        covars_weight=0.0,
        min_covar=0.0,
    )
    reference.startprob_, reference.transmat_, reference.means_ = startprob, transmat, means
    reference.n_features, reference.covars_ = NUM_FEATURES, covars
    model = GaussianHMM.from_parameters(
        startprob, transmat, means, covars, covariance_type, min_covar=1e-12
    )
    return model, reference


def pairs(seed):
    """Each kind of model with its reference and observations from another model of the kind."""
    model, reference = categorical(seed)
    symbols = categorical(seed + 50)[0].sample(sum(LENGTHS), seed).observations
    yield model, reference, symbols, symbols[:, np.newaxis]
    for covariance_type in NAMES:
        model, reference = gaussian(covariance_type, seed)
        vectors = gaussian(covariance_type, seed + 50)[0].sample(sum(LENGTHS), seed).observations
        yield model, reference, vectors, vectors


ALL = [
    pytest.param(*case, id=f"{seed}-{k}")
    for seed in (0, 1, 2)
    for k, case in enumerate(pairs(seed))
]


# ---------------------------------------------------------------- equal to hmmlearn


@pytest.mark.parametrize("lengths", [LENGTHS, None])
@pytest.mark.parametrize(("model", "reference", "ours", "theirs"), ALL)
def test_inference_equals_hmmlearn(model, reference, ours, theirs, lengths):
    score = reference.score(theirs, lengths)
    assert model.log_likelihood(ours, lengths) == pytest.approx(score, rel=1e-8, abs=1e-8)
    posteriors = reference.predict_proba(theirs, lengths)
    np.testing.assert_allclose(model.posteriors(ours, lengths), posteriors, **EXACT)
    log_probability, states = reference.decode(theirs, lengths)
    decoding = model.viterbi(ours, lengths)
    assert decoding.log_probability == pytest.approx(log_probability, rel=1e-8)
    if isinstance(model, GaussianHMM):
        assert decoding.states.tolist() == states.tolist()
    else:  # repeated symbols make ties, which rounding decides: then both paths are the best
        mine, other = (
            path_log_probability(model, ours, s, lengths) for s in (decoding.states, states)
        )
        assert mine == pytest.approx(other, abs=1e-10)


def path_log_probability(model, symbols, states, lengths):
    starts = np.cumsum([0, *(lengths or [])])[: len(lengths or [0])]
    moves = np.delete(np.arange(1, len(states)), starts[1:] - 1)  # steps that follow another one
    return (
        np.log(model.startprob[states[starts]]).sum()
        + np.log(model.transmat[states[moves - 1], states[moves]]).sum()
        + np.log(model.emissionprob[states, symbols]).sum()
    )


def test_the_path_equals_hmmlearn_where_no_symbol_comes_twice():
    generator = np.random.default_rng(0)
    startprob, transmat = random_chain(generator)
    emissionprob = generator.dirichlet(np.ones(101), NUM_STATES)
    model = CategoricalHMM.from_parameters(startprob, transmat, emissionprob)
    reference = hmmlearn.hmm.CategoricalHMM(NUM_STATES, n_features=101)
    reference.startprob_, reference.transmat_ = startprob, transmat
    reference.emissionprob_ = emissionprob
    symbols = generator.permutation(101)
    _, states = reference.decode(symbols[:, np.newaxis])
    assert model.viterbi(symbols).states.tolist() == states.tolist()
    found = path_log_probability(model, symbols, states, None)
    assert model.viterbi(symbols).log_probability == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize("lengths", [LENGTHS, None])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_20_iterations_equal_hmmlearn_on_symbols(seed, lengths):
    model, reference, ours, theirs = next(pairs(seed))
    reference.fit(theirs, lengths)
    model.fit(ours, lengths, max_iterations=20, tolerance=0)
    assert len(model.log_likelihoods) == 21
    history = reference.monitor_.history
    np.testing.assert_allclose(model.log_likelihoods[:20], history, rtol=1e-8)
    np.testing.assert_allclose(model.startprob, reference.startprob_, **EXACT)
    np.testing.assert_allclose(model.transmat, reference.transmat_, **EXACT)
    np.testing.assert_allclose(model.emissionprob, reference.emissionprob_, **EXACT)


@pytest.mark.parametrize("covariance_type", NAMES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_20_iterations_equal_hmmlearn_on_vectors(seed, covariance_type):
    model, reference = gaussian(covariance_type, seed)
    truth, _ = gaussian(covariance_type, seed + 50)
    vectors = truth.sample(sum(LENGTHS), seed).observations
    reference.fit(vectors, LENGTHS)
    model.fit(vectors, LENGTHS, max_iterations=20, tolerance=0)
    history = reference.monitor_.history
    np.testing.assert_allclose(model.log_likelihoods[:20], history, rtol=1e-8)
    np.testing.assert_allclose(model.startprob, reference.startprob_, **EXACT)
    np.testing.assert_allclose(model.transmat, reference.transmat_, **EXACT)
    np.testing.assert_allclose(model.means, reference.means_, **EXACT)
    covars = reference._covars_  # the public name is wrong for spherical ones after a fit
    if covariance_type is SphericalCovariance:
        covars = covars[:, 0]
    np.testing.assert_allclose(model.covars, covars, **EXACT)


def as_matrices(model):
    roots = model.covariance_type.roots(model.covars, NUM_FEATURES)  # (N, D, D)
    return roots @ roots.swapaxes(1, 2)


# ---------------------------------------------------------------- sequences in three forms


@pytest.mark.parametrize(("model", "reference", "ours", "theirs"), ALL[:4])
def test_a_list_is_the_same_as_lengths(model, reference, ours, theirs):
    parts = np.split(ours, np.cumsum(LENGTHS)[:-1])
    total = sum(model.log_likelihood(part) for part in parts)
    assert model.log_likelihood(ours, LENGTHS) == pytest.approx(total, rel=1e-12)
    assert model.log_likelihood(parts) == pytest.approx(total, rel=1e-12)
    as_lists = [part.tolist() for part in parts]
    assert model.log_likelihood(as_lists) == pytest.approx(total, rel=1e-12)
    np.testing.assert_array_equal(model.posteriors(parts), model.posteriors(ours, LENGTHS))
    posteriors = np.concatenate([model.posteriors(part) for part in parts])
    np.testing.assert_allclose(model.posteriors(parts), posteriors, atol=1e-11)
    states = np.concatenate([model.viterbi(part).states for part in parts])
    assert model.viterbi(parts).states.tolist() == states.tolist()


def test_a_list_of_numbers_is_one_sequence():
    model, _ = categorical(0)
    assert model.log_likelihood([1, 2, 3]) == model.log_likelihood(np.array([1, 2, 3]))
    assert len(model.viterbi([1, 2, 3]).states) == 3
    model, _ = gaussian(FullCovariance, 0)
    vectors = [[0.0, 1.0], [2.0, 3.0]]
    assert model.posteriors(vectors).shape == (2, NUM_STATES)


# ---------------------------------------------------------------- samples


def test_a_long_sample_has_the_frequencies_of_the_parameters():
    model, _ = categorical(1)
    symbols, states = model.sample(100_000, seed=0)
    for state in range(NUM_STATES):
        seen = np.bincount(symbols[states == state], minlength=NUM_SYMBOLS)
        np.testing.assert_allclose(seen / seen.sum(), model.emissionprob[state], atol=0.01)
        following = np.bincount(states[1:][states[:-1] == state], minlength=NUM_STATES)
        np.testing.assert_allclose(following / following.sum(), model.transmat[state], atol=0.01)


@pytest.mark.parametrize("covariance_type", NAMES)
def test_samples_have_the_means_and_covariances_of_the_parameters(covariance_type):
    model, _ = gaussian(covariance_type, 1)
    vectors, states = model.sample(60_000, seed=0)
    for state, matrix in enumerate(as_matrices(model)):
        mine = vectors[states == state]
        np.testing.assert_allclose(mine.mean(axis=0), model.means[state], atol=0.06)
        np.testing.assert_allclose(np.cov(mine.T), matrix, atol=0.1)


def test_the_first_state_has_the_start_probabilities():
    model, _ = categorical(2)
    firsts = [model.sample(1, seed).states[0] for seed in range(2_000)]
    frequencies = np.bincount(firsts, minlength=NUM_STATES) / 2_000
    np.testing.assert_allclose(frequencies, model.startprob, atol=0.04)


def test_what_has_probability_0_is_never_drawn():
    model = CategoricalHMM.from_parameters([1, 0], [[0, 1], [1, 0]], [[0, 1, 0], [0.5, 0, 0.5]])
    symbols, states = model.sample(1_001, seed=0)
    assert states.tolist() == [0, 1] * 500 + [0]
    assert set(symbols[::2]) == {1}
    assert set(symbols[1::2]) == {0, 2}


def test_the_seed_decides():
    model, _ = categorical(0)
    first, again, other = (model.sample(50, seed).observations for seed in (3, 3, 4))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


# ---------------------------------------------------------------- speed


def test_as_fast_as_promised():
    missed = [ratio for ratio in benchmark.ratios(rounds=5) if ratio.of_minima > ratio.at_most]
    assert missed == []
