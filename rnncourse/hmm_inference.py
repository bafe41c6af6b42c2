"""What a hidden Markov model says about many sequences: the fast route, for all of them at once.

Likelihoods are scaled; where scaling would lose something, the readable recursions on logarithms
take over. Rows are in packed order (``hmm_packing``).
"""

from typing import NamedTuple

import numpy as np

from rnncourse.hmm_log_space import Decoding, log_backward, log_forward, log_sum_exp, safe_log
from rnncourse.hmm_packing import unpack
from rnncourse.hmm_scan import scan

SAFE = 1e-100  # a step that leaves less than this may have lost a state that still matters


class Parameters(NamedTuple):
    """All parameters of a hidden Markov model.

    Attributes:
        startprob: (N,) probability of each state at the first step.
        transmat: (N, N) row i holds the probabilities of the states that follow state i.
        emissions: object with ``likelihoods``, ``log_likelihoods`` and ``estimate``.
    """

    startprob: np.ndarray
    transmat: np.ndarray
    emissions: object


class Expected(NamedTuple):
    """What the observations say about the hidden states.

    Attributes:
        log_likelihood: float, in nats, of all sequences together.
        posteriors: (T, N) probability of each state given all observations, in packed order.
        starts: (N,) expected number of sequences that start in each state.
        transitions: (N, N) expected number of moves from state i to state j.
    """

    log_likelihood: float
    posteriors: np.ndarray
    starts: np.ndarray
    transitions: np.ndarray


def log_likelihood(parameters, observations, packing):
    """Compute the log-likelihood of all sequences together.

    Args:
        parameters: Parameters.
        observations: (T, ...) in packed order.
        packing: Packing of T rows.

    Returns:
        float, in nats; minus infinity where the observations are impossible.
    """
    likelihoods, shift = parameters.emissions.likelihoods(observations)  # (T, N), float
    _, sums = _scan_forward(parameters, likelihoods, packing)
    if sums.min() >= SAFE:
        return float(np.log(sums).sum() + shift)
    log_likelihoods = unpack(parameters.emissions.log_likelihoods(observations), packing)
    parts = np.split(log_likelihoods, packing.offsets[1:])  # B arrays (T_b, N)
    chain = parameters.startprob, parameters.transmat
    return float(sum(log_sum_exp(log_forward(*chain, part)[-1]) for part in parts))


def expect(parameters, observations, packing):
    """Compute the expected states and moves: the E-step of the Baum-Welch algorithm.

    Args:
        parameters: Parameters.
        observations: (T, ...) in packed order.
        packing: Packing of T rows.

    Returns:
        Expected.

    Raises:
        ValueError: the observations have probability 0.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section III.C.
    """
    likelihoods, shift = parameters.emissions.likelihoods(observations)  # (T, N), float
    alphas, sums = _scan_forward(parameters, likelihoods, packing)  # (T, N), (T,)
    if sums.min() < SAFE:
        return _expect_on_logarithms(parameters, observations, packing)
    ones = np.ones(len(parameters.startprob))  # (N,)
    back, steps = parameters.transmat.T, packing.steps[::-1]
    messages, _ = scan(ones, ones, back, likelihoods, steps, packing.after)  # (T, N)
    row_of = np.empty_like(packing.order)  # (T,) the packed row of each observation
    row_of[packing.order] = np.arange(len(row_of))
    first_rows = row_of[packing.offsets]  # (B,)
    earlier = alphas[row_of[packing.order - 1]]  # (T, N) the alphas one step before each row
    predicted = earlier @ parameters.transmat  # (T, N)
    predicted[first_rows], earlier[first_rows] = parameters.startprob, 0.0
    messages /= np.einsum("tj,tj->t", predicted, messages)[:, np.newaxis]
    posteriors = predicted * messages  # (T, N)
    transitions = parameters.transmat * (earlier.T @ messages)  # (N, N)
    starts = posteriors[first_rows].sum(axis=0)  # (N,)
    return Expected(float(np.log(sums).sum() + shift), posteriors, starts, transitions)


def _scan_forward(parameters, likelihoods, packing):
    startprob, transmat, _ = parameters
    guess = np.full(len(startprob), 1 / len(startprob))  # (N,)
    return scan(startprob, guess, transmat, likelihoods, packing.steps, packing.before)


def _expect_on_logarithms(parameters, observations, packing):
    """Do the same, one sequence after the other, on logarithms."""
    startprob, transmat, emissions = parameters
    log_likelihoods = unpack(emissions.log_likelihoods(observations), packing)  # (T, N)
    posteriors = np.empty_like(log_likelihoods)  # (T, N) in the order of the observations
    starts, transitions, total = np.zeros_like(startprob), np.zeros_like(transmat), 0.0
    moves = safe_log(transmat)  # (N, N)
    for start, part in zip(
        packing.offsets, np.split(log_likelihoods, packing.offsets[1:]), strict=True
    ):
        alphas, betas = log_forward(startprob, transmat, part), log_backward(transmat, part)
        if not np.isfinite(evidence := log_sum_exp(alphas[-1])):
            raise ValueError("observations have probability 0 under this model")
        rows = np.exp(alphas + betas - evidence)  # (T_b, N)
        posteriors[start : start + len(part)] = rows
        starts += rows[0]
        total += float(evidence)
        for t in range(1, len(part)):
            arrivals = part[t] + betas[t] - evidence  # (N,)
            transitions += np.exp(alphas[t - 1][:, np.newaxis] + moves + arrivals)
    return Expected(total, posteriors[packing.order], starts, transitions)


def decode(parameters, observations, packing):
    """Find the most probable path of every sequence, all sequences side by side.

    Args:
        parameters: Parameters.
        observations: (T, ...) in packed order.
        packing: Packing of T rows in which no sequence is cut.

    Returns:
        Decoding: states (T,) in the order of the observations, and the logarithm of the
        probability of all paths together.

    Raises:
        ValueError: there is no path of positive probability.

    Source:
        Viterbi (1967), Error bounds for convolutional codes.
    """
    log_likelihoods = parameters.emissions.log_likelihoods(observations)  # (T, N)
    moves = safe_log(parameters.transmat).T  # (N, N) row j: from every i to j
    first, *others = packing.steps
    best = safe_log(parameters.startprob) + log_likelihoods[first]  # (B, N)
    pointers = np.zeros(log_likelihoods.shape, dtype=int)  # (T, N)
    for step in others:
        running = best[: step.stop - step.start]  # (B', N)
        arrivals = running[:, np.newaxis, :] + moves  # (B', N, N)
        pointers[step] = arrivals.argmax(axis=2)
        running[...] = arrivals.max(axis=2) + log_likelihoods[step]
    log_probability = float(best.max(axis=1).sum())
    if log_probability == -np.inf:
        raise ValueError("observations have probability 0 under this model")
    states = np.empty(len(log_likelihoods), dtype=int)  # (T,)
    current = best.argmax(axis=1)  # (B,)
    for step in reversed(packing.steps):
        states[step] = current[: step.stop - step.start]
        current[: step.stop - step.start] = pointers[step][
            np.arange(step.stop - step.start), states[step]
        ]
    return Decoding(unpack(states, packing), log_probability)
