"""The Baum-Welch algorithm: learn a hidden Markov model from observations alone.

It is expectation-maximisation: compute what the hidden states probably were, count as if they
had been seen with these probabilities, take the frequencies as new parameters, and repeat. The
likelihood never falls. Where it ends depends on where it starts.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.em import rise
from rnncourse.hmm_emissions import normalised
from rnncourse.hmm_inference import Parameters, expect, log_likelihood
from rnncourse.hmm_packing import chunk_length, pack


class Run(NamedTuple):
    """One run of the algorithm from one start.

    Attributes:
        parameters: the Parameters it ended with.
        log_likelihoods: (iterations + 1,) in nats: at the start and after each iteration.
        converged: whether the last iteration gained less than the tolerance.
    """

    parameters: Parameters
    log_likelihoods: np.ndarray
    converged: bool


def baum_welch(start, observations, lengths, max_iterations, tolerance):
    """Improve parameters step by step, until a step gains less than the tolerance.

    Args:
        start: Parameters to start from.
        observations: (T, ...) all sequences end to end.
        lengths: (B,) the lengths of the sequences.
        max_iterations: how many iterations at most.
        tolerance: in nats.

    Returns:
        Run.

    Raises:
        ValueError: the observations have probability 0 at the start.
        RuntimeError: the likelihood fell, which only an error in an estimator can cause.

    Source:
        Baum, Petrie, Soules & Weiss (1970), A maximization technique occurring in the
        statistical analysis of probabilistic functions of Markov chains; Rabiner (1989), A
        tutorial on hidden Markov models, section III.C.
    """
    packing = pack(lengths, chunk_length(lengths))
    packed, parameters = observations[packing.order], start
    curve, converged = [], False
    while len(curve) < max_iterations and not converged:
        expected = expect(parameters, packed, packing)
        converged = rise(curve, expected.log_likelihood) <= tolerance
        if not converged:
            parameters = maximise(parameters, packed, expected)
    if not converged:
        last = log_likelihood(parameters, packed, packing)
        converged = rise(curve, last) <= tolerance
    return Run(parameters, np.array(curve), bool(converged))


def maximise(parameters, observations, expected):
    """Take expected frequencies as probabilities: the M-step.

    Args:
        parameters: Parameters that the expectations come from.
        observations: (T, ...) in the order of the rows of ``expected.posteriors``.
        expected: Expected states and moves.

    Returns:
        Parameters; a state that is never visited, or never left, keeps what it had.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section III.C.
    """
    return Parameters(
        expected.starts / expected.starts.sum(),
        normalised(expected.transitions, parameters.transmat),
        parameters.emissions.estimate(observations, expected.posteriors),
    )
