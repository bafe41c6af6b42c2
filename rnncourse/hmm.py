"""Hidden Markov models over symbols and over vectors.

A hidden Markov model walks through N states that nobody sees, and emits something at each step.
The names of the parameters are those of hmmlearn, without the underscore at the end.
"""

import numpy as np

from rnncourse.hmm_covariances import FullCovariance
from rnncourse.hmm_emissions import CategoricalEmissions, GaussianEmissions
from rnncourse.hmm_inference import Parameters
from rnncourse.hmm_inputs import as_chain, as_distribution, as_symbols, as_vectors
from rnncourse.hmm_model import HiddenMarkovModel
from rnncourse.validate import as_array, as_integer, as_real

MIN_COVAR = 1e-6  # the smallest variance, in squared units of the data
TINY = np.finfo(float).tiny


class CategoricalHMM(HiddenMarkovModel):
    """A hidden Markov model whose states emit symbols 0 .. V - 1.

    Args:
        num_states: N, 1 or more.
        num_symbols: V, 1 or more.

    Attributes:
        num_states, num_symbols: N and V.
        startprob, transmat, emissionprob: (N,), (N, N), (N, V); RuntimeError before ``fit``.

    Raises:
        TypeError, ValueError: an argument is not a whole number of 1 or more.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models.
    """

    def __init__(self, num_states, num_symbols):
        super().__init__(num_states)
        self.num_symbols = as_integer(num_symbols, "num_symbols", minimum=1)

    @staticmethod
    def from_parameters(startprob, transmat, emissionprob):
        """Build a model from known parameters instead of fitting it.

        Args:
            startprob: (N,) probability of each state at the first step.
            transmat: (N, N) row i holds the probabilities of the states that follow state i.
            emissionprob: (N, V) row j holds the probabilities of the symbols in state j.

        Returns:
            CategoricalHMM.

        Raises:
            TypeError, ValueError: arguments that are no distributions or do not fit together.
        """
        startprob, transmat = as_chain(startprob, transmat)
        num_symbols = as_array(emissionprob, "emissionprob", ndim=2).shape[1]
        model = CategoricalHMM(len(startprob), num_symbols)
        emissionprob = as_distribution(emissionprob, "emissionprob", (len(startprob), num_symbols))
        model.parameters = Parameters(startprob, transmat, CategoricalEmissions(emissionprob))
        return model

    @property
    def emissionprob(self):
        """Return the probabilities of the symbols in each state, shape (N, V)."""
        return self._fitted().emissions.emissionprob

    def check_observations(self, observations):
        """Return one sequence of symbols.

        Args:
            observations: (T,) whole numbers from 0 to V - 1, T >= 1.

        Returns:
            (T,) integer array.

        Raises:
            TypeError, ValueError: it is not such a sequence.
        """
        return as_symbols(observations, self.num_symbols)

    def random_parameters(self, observations, generator):
        """Draw every distribution at random, each as likely as any other.

        Args:
            observations: (T,) symbols; only for the sake of ``GaussianHMM``.
            generator: numpy.random.Generator.

        Returns:
            Parameters.
        """
        startprob, transmat = _random_chain(self.num_states, generator)
        emissionprob = generator.dirichlet(np.ones(self.num_symbols), self.num_states)  # (N, V)
        return Parameters(startprob, transmat, CategoricalEmissions(emissionprob))


class GaussianHMM(HiddenMarkovModel):
    """A hidden Markov model whose states emit vectors: a mean, and Gaussian noise around it.

    Args:
        num_states: N, 1 or more.
        num_features: D, 1 or more.
        covariance_type: ``FullCovariance``, ``DiagonalCovariance`` or ``SphericalCovariance``
            of ``hmm_covariances``, or a class with the same functions.
        min_covar: the floor: no variance in any direction may fall below this number, in squared
            units of the data. Without it, a state that keeps to one single observation makes the
            likelihood infinite.

    Attributes:
        num_states, num_features: N and D.
        startprob, transmat, means: (N,), (N, N), (N, D); RuntimeError before ``fit``.
        covars: (N, D, D), (N, D) or (N,), as the type of covariance has it.

    Raises:
        TypeError, ValueError: an argument is not in the range above.

    Source:
        Rabiner (1989), A tutorial on hidden Markov models, section IV.A.
    """

    observation_ndim = 2

    def __init__(
        self, num_states, num_features, covariance_type=FullCovariance, min_covar=MIN_COVAR
    ):
        super().__init__(num_states)
        self.num_features = as_integer(num_features, "num_features", minimum=1)
        self.min_covar = as_real(min_covar, "min_covar", minimum=TINY)
        if not callable(getattr(covariance_type, "log_density", None)):
            raise TypeError(
                "covariance_type must be FullCovariance, DiagonalCovariance or "
                f"SphericalCovariance of rnncourse.hmm_covariances, but is {covariance_type!r}"
            )
        self.covariance_type = covariance_type

    @staticmethod
    def from_parameters(
        startprob, transmat, means, covars, covariance_type=FullCovariance, min_covar=MIN_COVAR
    ):
        """Build a model from known parameters instead of fitting it.

        Args:
            startprob: (N,) probability of each state at the first step.
            transmat: (N, N) row i holds the probabilities of the states that follow state i.
            means: (N, D) finite numbers.
            covars: (N, D, D), (N, D) or (N,), as the type of covariance has it.
            covariance_type: as in the class.
            min_covar: as in the class; ``covars`` must keep to it.

        Returns:
            GaussianHMM.

        Raises:
            TypeError, ValueError: arguments that are no distributions or do not fit together.
        """
        startprob, transmat = as_chain(startprob, transmat)
        means = as_array(means, "means", ndim=2).copy()
        if len(means) != len(startprob):
            raise ValueError(f"means must have shape ({len(startprob)}, D), but have {means.shape}")
        model = GaussianHMM(*means.shape, covariance_type, min_covar)
        covars = covariance_type.check(covars, *means.shape, model.min_covar)
        emissions = GaussianEmissions(means, covars, covariance_type, model.min_covar)
        model.parameters = Parameters(startprob, transmat, emissions)
        return model

    @property
    def means(self):
        """Return the mean of each state, shape (N, D)."""
        return self._fitted().emissions.means

    @property
    def covars(self):
        """Return the covariance of each state, shape (N, D, D), (N, D) or (N,)."""
        return self._fitted().emissions.covars

    def check_observations(self, observations):
        """Return one sequence of vectors.

        Args:
            observations: (T, D) finite numbers, T >= 1.

        Returns:
            (T, D) float64 array.

        Raises:
            TypeError, ValueError: it is not such a sequence.
        """
        return as_vectors(observations, self.num_features)

    def random_parameters(self, observations, generator):
        """Take observations at random as means, and the covariance of all as every covariance.

        Args:
            observations: (T, D) all that is to be learned from.
            generator: numpy.random.Generator.

        Returns:
            Parameters.

        Raises:
            ValueError: there are fewer observations than states.
        """
        if len(observations) < self.num_states:
            raise ValueError(
                f"observations must be at least {self.num_states}, one for each state, "
                f"but are {len(observations)}"
            )
        startprob, transmat = _random_chain(self.num_states, generator)
        means = generator.choice(observations, self.num_states, replace=False)  # (N, D)
        shares = np.full((len(observations), 1), 1 / len(observations))  # (T, 1)
        centre = observations.mean(axis=0, keepdims=True)  # (1, D)
        covar = self.covariance_type.estimate(observations, shares, centre, self.min_covar)
        covars = np.repeat(covar, self.num_states, axis=0)
        emissions = GaussianEmissions(means, covars, self.covariance_type, self.min_covar)
        return Parameters(startprob, transmat, emissions)


def _random_chain(num_states, generator):
    ones = np.ones(num_states)  # (N,)
    return generator.dirichlet(ones), generator.dirichlet(ones, num_states)
