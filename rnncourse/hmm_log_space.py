"""The recursions of a hidden Markov model on logarithms: no underflow, and the best path.

Minus infinity is the logarithm of probability 0. Arguments and letters are those of
``hmm_recursions``, with ``log_likelihoods`` (T, N) in the place of likelihoods.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.hmm_inputs import as_chain, as_log_likelihoods


class Decoding(NamedTuple):
    """The most probable path.

    Attributes:
        states: (T,) states.
        log_probability: float, ln P(path, observations) in nats.
    """

    states: np.ndarray
    log_probability: float


def log_sum_exp(values, axis=None):
    """Compute the logarithm of a sum from the logarithms of its terms.

    Args:
        values: array of any shape; minus infinity stands for a term of 0.
        axis: the axis to sum over, or None for all.

    Returns:
        array without that axis, or a float.
    """
    largest = np.max(values, axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):  # a sum of 0 has the logarithm -inf
        result = np.log(np.exp(values - largest).sum(axis=axis, keepdims=True)) + largest
    return np.squeeze(result, axis=axis)[()]


def safe_log(probabilities):
    """Compute logarithms; the logarithm of 0 is minus infinity, without a warning.

    Args:
        probabilities: array of any shape, not negative.

    Returns:
        array of that shape.
    """
    with np.errstate(divide="ignore"):
        return np.log(probabilities)


def log_forward(startprob, transmat, log_likelihoods):
    """Run the forward recursion on logarithms: slower than scaling, with no limit of range.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        log_likelihoods: (T, N) logarithms; minus infinity is allowed.

    Returns:
        (T, N) logarithms of what ``naive_forward`` returns; ``log_sum_exp`` of the last row is
        the log-likelihood.

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: arguments that are no distributions, or shapes that do not fit.
    """
    startprob, transmat = as_chain(startprob, transmat)
    log_likelihoods = as_log_likelihoods(log_likelihoods, len(startprob))
    moves = safe_log(transmat)  # (N, N)
    log_alphas = np.empty_like(log_likelihoods)  # (T, N)
    log_alphas[0] = safe_log(startprob) + log_likelihoods[0]
    for t in range(1, len(log_likelihoods)):
        arrivals = log_alphas[t - 1][:, np.newaxis] + moves  # (N, N) from i to j
        log_alphas[t] = log_sum_exp(arrivals, axis=0) + log_likelihoods[t]
    return log_alphas


def log_backward(transmat, log_likelihoods):
    """Run the backward recursion on logarithms.

    Args:
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        log_likelihoods: (T, N) logarithms; minus infinity is allowed.

    Returns:
        (T, N) entry (t, i) is ln P(observations after t | state i at t).

    Raises:
        TypeError: an argument does not hold real numbers.
        ValueError: arguments that are no distributions, or shapes that do not fit.
    """
    num_states = len(transmat)
    _, transmat = as_chain(np.full(num_states, 1 / num_states), transmat)
    log_likelihoods = as_log_likelihoods(log_likelihoods, num_states)
    moves = safe_log(transmat)  # (N, N)
    log_betas = np.zeros_like(log_likelihoods)  # (T, N)
    for t in range(len(log_likelihoods) - 2, -1, -1):
        departures = moves + log_likelihoods[t + 1] + log_betas[t + 1]  # (N, N) from i to j
        log_betas[t] = log_sum_exp(departures, axis=1)
    return log_betas


def best_scores(startprob, transmat, log_likelihoods):
    """Run the forward recursion with a maximum in place of the sum, and note where it was.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        log_likelihoods: (T, N) logarithms; minus infinity is allowed.

    Returns:
        deltas (T, N): ln P(path, observations) of the best path to each state; and back-pointers
        (T, N): the state before, on this path. Of equals it is the one with the lowest number.

    Raises:
        TypeError, ValueError: arguments that do not fit.

    Source:
        Viterbi (1967), Error bounds for convolutional codes; Rabiner (1989), section III.B.
    """
    startprob, transmat = as_chain(startprob, transmat)
    log_likelihoods = as_log_likelihoods(log_likelihoods, len(startprob))
    moves, deltas = safe_log(transmat), np.empty(log_likelihoods.shape)  # (N, N), (T, N)
    pointers = np.zeros(deltas.shape, dtype=int)  # (T, N)
    deltas[0] = safe_log(startprob) + log_likelihoods[0]
    for t in range(1, len(deltas)):
        arrivals = deltas[t - 1][:, np.newaxis] + moves  # (N, N) from i to j
        pointers[t] = arrivals.argmax(axis=0)
        deltas[t] = arrivals.max(axis=0) + log_likelihoods[t]
    return deltas, pointers


def trace_back(pointers, last):
    """Follow the back-pointers from the last state to the first.

    Args:
        pointers: (T, N) entry (t, j): the state before, on the best path to state j at step t.
        last: the state at the last step.

    Returns:
        (T,) states.
    """
    states = np.empty(len(pointers), dtype=int)  # (T,)
    states[-1] = last
    for t in range(len(states) - 1, 0, -1):
        states[t - 1] = pointers[t, states[t]]
    return states


def viterbi(startprob, transmat, log_likelihoods):
    """Find the most probable path.

    Args:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        log_likelihoods: (T, N) logarithms; minus infinity is allowed.

    Returns:
        Decoding: states (T,) and the logarithm of the path's probability. Of several best paths
        it takes, from the last step backwards, the states with the lowest numbers.

    Raises:
        TypeError, ValueError: arguments that do not fit, or no path of positive probability.

    Source:
        Viterbi (1967), Error bounds for convolutional codes; Rabiner (1989), section III.B.
    """
    deltas, pointers = best_scores(startprob, transmat, log_likelihoods)
    if deltas[-1].max() == -np.inf:
        raise ValueError("log_likelihoods leave no path possible")
    return Decoding(trace_back(pointers, deltas[-1].argmax()), float(deltas[-1].max()))
