"""What every hidden Markov model can do, whatever its states emit."""

from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from rnncourse.hmm_fit import baum_welch
from rnncourse.hmm_inference import decode, expect, log_likelihood
from rnncourse.hmm_inputs import as_sequences
from rnncourse.hmm_packing import chunk_length, pack, unpack
from rnncourse.validate import as_generator, as_integer, as_real


class Sample(NamedTuple):
    """A sequence drawn from a model.

    Attributes:
        observations: (T,) symbols or (T, D) vectors.
        states: (T,) the hidden states behind them.
    """

    observations: np.ndarray
    states: np.ndarray


class HiddenMarkovModel:
    """Base of the two models in ``hmm``: sampling, inference and learning.

    Wherever ``observations`` are asked for, they are one sequence; or a list of sequences; or
    sequences end to end, together with ``lengths`` (B,). Results come end to end. A class that
    inherits says with ``observation_ndim`` and ``check_observations`` what one sequence is, and
    draws starts for learning with ``random_parameters``.

    Args:
        num_states: N, 1 or more.

    Attributes:
        num_states: N.
        parameters: startprob, transmat and emissions; None before ``fit``.
        runs: list of the runs of the last ``fit``, one for each start; each has
            ``log_likelihoods``, ``converged`` and ``parameters``.
        converged: whether the best run of the last ``fit`` converged; None before.
        log_likelihoods: (iterations + 1,) of the best run of the last ``fit``; None before.

    Raises:
        TypeError, ValueError: ``num_states`` is not a whole number of 1 or more.
    """

    observation_ndim = 1

    def __init__(self, num_states):
        self.num_states = as_integer(num_states, "num_states", minimum=1)
        self.parameters = self.converged = self.log_likelihoods = None
        self.runs = []

    @property
    def startprob(self):
        """Return the probability of each state at the first step, shape (N,)."""
        return self._fitted().startprob

    @property
    def transmat(self):
        """Return the probabilities of the moves from state i to state j, shape (N, N)."""
        return self._fitted().transmat

    def sample(self, length, seed):
        """Draw a sequence of states, and an observation from each.

        Args:
            length: T, 1 or more.
            seed: a whole number or a ``numpy.random.Generator``.

        Returns:
            Sample: observations (T,) or (T, D), and states (T,).

        Raises:
            RuntimeError: the model has no parameters yet.
            TypeError, ValueError: an argument is not in the range above.
        """
        startprob, transmat, emissions = self._fitted()
        length, generator = as_integer(length, "length", minimum=1), as_generator(seed)
        moves = np.cumsum(transmat, axis=1)  # (N, N)
        moves = (moves / moves[:, -1:]).tolist()
        start = np.cumsum(startprob)  # (N,)
        states, limits = [], (start / start[-1]).tolist()
        for draw in generator.random(length).tolist():
            states.append(bisect_right(limits, draw))
            limits = moves[states[-1]]
        states = np.array(states)  # (T,)
        return Sample(emissions.sample(states, generator), states)

    def log_likelihood(self, observations, lengths=None):
        """Compute the logarithm of the probability of the observations.

        Args:
            observations: one sequence (T,) or (T, D), a list of them, or all end to end.
            lengths: (B,) lengths of sequences that lie end to end, or None.

        Returns:
            float, in nats, for all sequences together; minus infinity where impossible.

        Raises:
            RuntimeError: the model has no parameters yet.
            TypeError, ValueError: observations or lengths that do not fit the model.
        """
        return log_likelihood(self._fitted(), *self._packed(observations, lengths))

    def posteriors(self, observations, lengths=None):
        """Compute the probability of each state at each step, given the whole sequence.

        Args:
            observations: one sequence (T,) or (T, D), a list of them, or all end to end.
            lengths: (B,) lengths of sequences that lie end to end, or None.

        Returns:
            (T, N) array; rows sum to 1.

        Raises:
            RuntimeError: the model has no parameters yet.
            TypeError, ValueError: observations or lengths that do not fit the model, or
                observations of probability 0.
        """
        packed, packing = self._packed(observations, lengths)
        return unpack(expect(self._fitted(), packed, packing).posteriors, packing)

    def viterbi(self, observations, lengths=None):
        """Find the most probable path through the states.

        Args:
            observations: one sequence (T,) or (T, D), a list of them, or all end to end.
            lengths: (B,) lengths of sequences that lie end to end, or None.

        Returns:
            Decoding: states (T,), and ln P(paths, observations) in nats.

        Raises:
            RuntimeError: the model has no parameters yet.
            TypeError, ValueError: observations or lengths that do not fit the model, or
                observations of probability 0.
        """
        packed, packing = self._packed(observations, lengths, cut=False)
        return decode(self._fitted(), packed, packing)

    def fit(
        self,
        observations,
        lengths=None,
        *,
        seed=None,
        restarts=1,
        max_iterations=100,
        tolerance=1e-4,
    ):
        """Learn all parameters with the Baum-Welch algorithm; keep the best of several runs.

        Args:
            observations: one sequence (T,) or (T, D), a list of them, or all end to end.
            lengths: (B,) lengths of sequences that lie end to end, or None.
            seed: a whole number or a ``numpy.random.Generator`` for random starts; or None, to
                go on from the parameters that the model has.
            restarts: number of runs, each from its own start; 1 where ``seed`` is None.
            max_iterations: of each run, 1 or more.
            tolerance: a run has converged when an iteration gains at most this, in nats.

        Returns:
            The model itself, with ``runs``, ``converged`` and ``log_likelihoods`` set.

        Raises:
            RuntimeError: no seed, and the model has no parameters yet.
            TypeError, ValueError: arguments that are not in the range above, or observations
                of probability 0 under the parameters to go on from.
        """
        restarts = as_integer(restarts, "restarts", minimum=1)
        max_iterations = as_integer(max_iterations, "max_iterations", minimum=1)
        tolerance = as_real(tolerance, "tolerance", minimum=0)
        if seed is None and restarts > 1:
            raise ValueError(f"restarts must be 1 where seed is None, but is {restarts}")
        data, lengths = self._sequences(observations, lengths)
        if seed is None:
            starts = [self._fitted()]
        else:
            generator = as_generator(seed)
            starts = [self.random_parameters(data, generator) for _ in range(restarts)]
        self.runs = [baum_welch(s, data, lengths, max_iterations, tolerance) for s in starts]
        best = max(self.runs, key=lambda run: run.log_likelihoods[-1])
        self.parameters, self.log_likelihoods, self.converged = best
        return self

    def _sequences(self, observations, lengths):
        return as_sequences(observations, lengths, self.check_observations, self.observation_ndim)

    def _packed(self, observations, lengths, cut=True):
        self._fitted()
        data, lengths = self._sequences(observations, lengths)
        packing = pack(lengths, chunk_length(lengths) if cut else lengths.max())
        return data[packing.order], packing

    def _fitted(self):
        if self.parameters is None:
            name = type(self).__name__
            raise RuntimeError(
                f"this {name} has no parameters yet: call fit(observations, seed=0) first, "
                f"or build it with {name}.from_parameters"
            )
        return self.parameters
