"""Hidden Markov models against hmmlearn, in its faster implementation."""

import numpy as np
from hmmlearn.hmm import CategoricalHMM as Reference

from benchmarks.timing import compare
from rnncourse.hmm import CategoricalHMM

NUM_SYMBOLS = 20


def ratios(rounds=7):
    """Time the log-likelihood of many sequences, and learning from one long sequence.

    Args:
        rounds: how often each function is timed.

    Returns:
        list of Ratio.
    """
    return [
        compare(
            "HMM, 1,000 x 100 steps, N = 5, likelihood / hmmlearn",
            *_likelihoods(5),
            at_most=1.0,
            rounds=rounds,
        ),
        compare(
            "HMM, 1,000 x 100 steps, N = 16, likelihood / hmmlearn",
            *_likelihoods(16),
            at_most=0.7,
            rounds=rounds,
        ),
        compare(
            "HMM, 10,000 steps, N = 16, 5 x Baum-Welch / hmmlearn",
            *_learning(16),
            at_most=0.7,
            rounds=rounds,
        ),
        compare(
            "HMM, 10,000 steps, N = 64, 5 x Baum-Welch / hmmlearn",
            *_learning(64),
            at_most=0.5,
            rounds=rounds,
        ),
    ]


def _likelihoods(num_states):
    ours, lengths = _model(num_states), [100] * 1_000
    symbols = ours.sample(100_000, seed=1).observations
    reference = _reference(ours)
    ratio = ours.log_likelihood(symbols, lengths) / reference.score(symbols[:, None], lengths)
    assert abs(ratio - 1) < 1e-10
    return (
        lambda: ours.log_likelihood(symbols, lengths),
        lambda: reference.score(symbols[:, None], lengths),
    )


def _learning(num_states):
    symbols = _model(num_states).sample(10_000, seed=1).observations
    start = _model(num_states, seed=2)

    def learn_ours():
        model = CategoricalHMM.from_parameters(start.startprob, start.transmat, start.emissionprob)
        return model.fit(symbols, max_iterations=5, tolerance=0)

    def learn_reference():
        return _reference(start).fit(symbols[:, None])

    assert np.allclose(learn_ours().transmat, learn_reference().transmat_, rtol=0, atol=1e-8)
    return learn_ours, learn_reference


def _model(num_states, seed=0):
    generator = np.random.default_rng(seed)
    return CategoricalHMM.from_parameters(
        generator.dirichlet(np.ones(num_states)),
        generator.dirichlet(np.ones(num_states), num_states),
        generator.dirichlet(np.ones(NUM_SYMBOLS), num_states),
    )


def _reference(model):
    reference = Reference(
        model.num_states,
        n_features=NUM_SYMBOLS,
        n_iter=5,
        tol=-np.inf,
        init_params="",
        implementation="scaling",
    )
    reference.startprob_, reference.transmat_ = model.startprob, model.transmat
    reference.emissionprob_ = model.emissionprob
    return reference
