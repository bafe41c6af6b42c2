"""The recursions of a hidden Markov model, in their readable form: one sequence, one loop.

A chain of hidden states s_1 .. s_T starts with ``startprob`` (N,) and moves with ``transmat``
(N, N). What is seen at step t enters through ``likelihoods`` (T, N) alone: entry (t, j) is the
probability, or the density, of the observation at step t in state j.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.hmm_inputs import as_chain, as_distribution, as_likelihoods, as_scales

MAX_PATHS = 1_000_000


class Forward(NamedTuple):
    """Result of the scaled forward recursion.

    Attributes:
        alphas: (T, N) probability of each state given the observations so far; rows sum to 1.
        scales: (T,) probability of each observation given those before it.
        log_likelihood: float, sum of the logarithms of the scales, in nats.
    """

    alphas: np.ndarray
    scales: np.ndarray
    log_likelihood: float


def enumerate_paths(startprob, transmat, likelihoods):
    """List every path through the states with its probability: the slow truth.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.

    Returns:
        paths (N^T, T) and P(path, observations) (N^T,). Their sum is the likelihood.

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: arguments that are no distributions, shapes that do not fit, or more than a
            million paths.
    """
    startprob, transmat = as_chain(startprob, transmat)
    likelihoods = as_likelihoods(likelihoods, len(startprob))
    length, num_states = likelihoods.shape
    if num_states**length > MAX_PATHS:
        raise ValueError(f"likelihoods have {num_states}^{length} paths: more than {MAX_PATHS:,}")
    paths = np.indices((num_states,) * length).reshape(length, -1).T  # (N^T, T)
    probabilities = startprob[paths[:, 0]] * likelihoods[0, paths[:, 0]]  # (N^T,)
    for t in range(1, length):
        moves = transmat[paths[:, t - 1], paths[:, t]]  # (N^T,)
        probabilities = probabilities * moves * likelihoods[t, paths[:, t]]
    return paths, probabilities


def naive_forward(startprob, transmat, likelihoods):
    """Run the forward recursion as it stands in the books; long sequences underflow to 0.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.

    Returns:
        (T, N) entry (t, j) is P(observations up to t, state j at t); the last row sums to the
        likelihood.

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: arguments that are no distributions, or shapes that do not fit.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section III.A.
    """
    startprob, transmat = as_chain(startprob, transmat)
    likelihoods = as_likelihoods(likelihoods, len(startprob))
    alphas = np.empty_like(likelihoods)  # (T, N)
    alphas[0] = startprob * likelihoods[0]
    for t in range(1, len(likelihoods)):
        alphas[t] = alphas[t - 1] @ transmat * likelihoods[t]
    return alphas


def forward(startprob, transmat, likelihoods):
    """Run the forward recursion and divide each row by its sum, so that nothing underflows.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.

    Returns:
        Forward: alphas (T, N), scales (T,) and the log-likelihood.

    Raises:
        TypeError, ValueError: no distributions, shapes that do not fit, or observations of
            probability 0.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section V.A.
    """
    startprob, transmat = as_chain(startprob, transmat)
    likelihoods = as_likelihoods(likelihoods, len(startprob))
    alphas, scales = np.empty_like(likelihoods), np.empty(len(likelihoods))  # (T, N), (T,)
    predicted = startprob  # (N,) what is known about the state before it is seen
    for t, likelihood in enumerate(likelihoods):
        joint = predicted * likelihood  # (N,)
        scales[t] = joint.sum()
        if scales[t] == 0:
            raise ValueError(f"likelihoods leave no state possible at step {t}")
        alphas[t] = joint / scales[t]
        predicted = alphas[t] @ transmat
    return Forward(alphas, scales, float(np.log(scales).sum()))


def backward(transmat, likelihoods, scales):
    """Run the backward recursion with the scales of the forward one.

    ``alphas * betas`` is then the probability of each state given *all* observations.

    Args:
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.
        scales: (T,) from ``forward``.

    Returns:
        (T, N) entry (t, i) is P(observations after t | state i at t), divided by the product of
        the scales after t.

    Raises:
        TypeError, ValueError: arguments that are no distributions, or shapes that do not fit.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, sections III.A and V.A.
    """
    num_states = len(transmat)
    transmat = as_distribution(transmat, "transmat", (num_states, num_states))
    likelihoods = as_likelihoods(likelihoods, num_states)
    scales = as_scales(scales, len(likelihoods))
    betas = np.ones_like(likelihoods)  # (T, N)
    for t in range(len(likelihoods) - 2, -1, -1):
        betas[t] = transmat @ (likelihoods[t + 1] * betas[t + 1]) / scales[t + 1]
    return betas


def posteriors(startprob, transmat, likelihoods):
    """Compute the probability of each state at each step, given the whole sequence.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.

    Returns:
        (T, N) rows sum to 1.

    Raises:
        TypeError, ValueError: what ``forward`` refuses.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section III.B, equation 27.
    """
    alphas, scales, _ = forward(startprob, transmat, likelihoods)
    return alphas * backward(transmat, likelihoods, scales)


def pair_posteriors(startprob, transmat, likelihoods):
    """Compute the probability of each pair of neighbouring states, given the whole sequence.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        likelihoods: (T, N) probability of each observation in each state.

    Returns:
        (T - 1, N, N) entry (t, i, j): state i at step t and state j one step later.

    Raises:
        TypeError, ValueError: what ``forward`` refuses.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section III.C, equation 37.
    """
    alphas, scales, _ = forward(startprob, transmat, likelihoods)
    betas, transmat = backward(transmat, likelihoods, scales), np.asarray(transmat)
    arrivals = np.asarray(likelihoods)[1:] * betas[1:] / scales[1:, np.newaxis]  # (T - 1, N)
    return alphas[:-1, :, np.newaxis] * transmat * arrivals[:, np.newaxis, :]
