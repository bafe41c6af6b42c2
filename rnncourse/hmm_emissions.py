"""What the hidden states emit: symbols, or vectors with Gaussian noise.

An object of emissions knows the probability of each observation in each state, draws
observations, and estimates itself anew from weighted observations: that is all that the
Baum-Welch algorithm asks of it, and a class of your own can do it, too.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.hmm_log_space import safe_log


class CategoricalEmissions(NamedTuple):
    """Each state has its own probabilities for the symbols of an alphabet.

    Attributes:
        emissionprob: (N, V) row j holds the probabilities of the symbols in state j.
    """

    emissionprob: np.ndarray

    def likelihoods(self, observations):
        """Look up the probability of each observation in each state.

        Args:
            observations: (T,) symbols.

        Returns:
            (T, N) probabilities, and 0.0: no factor has been taken out.
        """
        table = np.ascontiguousarray(self.emissionprob.T)  # (V, N)
        return table.take(observations, axis=0), 0.0

    def log_likelihoods(self, observations):
        """Look up the logarithms of the same probabilities.

        Args:
            observations: (T,) symbols.

        Returns:
            (T, N) array; minus infinity for probability 0.
        """
        return safe_log(self.likelihoods(observations)[0])

    def sample(self, states, generator):
        """Draw one symbol for each state of a path.

        Args:
            states: (T,) states.
            generator: numpy.random.Generator.

        Returns:
            (T,) symbols.
        """
        limits = np.cumsum(self.emissionprob, axis=1)  # (N, V)
        limits /= limits[:, -1:]
        draws = generator.random(len(states))[:, np.newaxis]  # (T, 1)
        return (draws >= limits[states]).sum(axis=1)

    def estimate(self, observations, weights):
        """Choose the probabilities that make weighted observations most probable.

        Args:
            observations: (T,) symbols.
            weights: (T, N) how much each observation belongs to each state.

        Returns:
            CategoricalEmissions; a state without any weight keeps its probabilities.
        """
        num_states, num_symbols = self.emissionprob.shape
        cells = observations[:, np.newaxis] * num_states + np.arange(num_states)  # (T, N)
        counts = np.bincount(cells.ravel(), weights.ravel(), num_symbols * num_states)
        counts = counts.reshape(num_symbols, num_states).T  # (N, V)
        return CategoricalEmissions(normalised(counts, self.emissionprob))


class GaussianEmissions(NamedTuple):
    """Each state has a mean, and noise of its own covariance around it.

    Attributes:
        means: (N, D).
        covars: shape as ``covariance_type`` has it: (N, D, D), (N, D) or (N,).
        covariance_type: FullCovariance, DiagonalCovariance or SphericalCovariance.
        min_covar: no estimated variance falls below this number.
    """

    means: np.ndarray
    covars: np.ndarray
    covariance_type: type
    min_covar: float

    def likelihoods(self, observations):
        """Compute each state's density at each observation, divided by the largest of them.

        Args:
            observations: (T, D).

        Returns:
            (T, N) densities, the largest of each row 1; and the sum of the logarithms of what
            they were divided by, a float.
        """
        logarithms = self.log_likelihoods(observations)  # (T, N)
        largest = logarithms.max(axis=1, keepdims=True)  # (T, 1)
        return np.exp(logarithms - largest), float(largest.sum())

    def log_likelihoods(self, observations):
        """Compute the logarithm of each state's density at each observation.

        Args:
            observations: (T, D).

        Returns:
            (T, N) array.
        """
        return self.covariance_type.log_density(observations, self.means, self.covars)

    def sample(self, states, generator):
        """Draw one vector for each state of a path.

        Args:
            states: (T,) states.
            generator: numpy.random.Generator.

        Returns:
            (T, D) array.
        """
        num_features = self.means.shape[1]
        roots = self.covariance_type.roots(self.covars, num_features)  # (N, D, D)
        noise = generator.normal(size=(len(states), num_features))  # (T, D)
        return self.means[states] + np.einsum("tij,tj->ti", roots[states], noise)

    def estimate(self, observations, weights):
        """Choose the means and covariances that make weighted observations most probable.

        Args:
            observations: (T, D).
            weights: (T, N) how much each observation belongs to each state.

        Returns:
            GaussianEmissions; a state without any weight keeps its mean and covariance.
        """
        totals = weights.sum(axis=0)  # (N,)
        used = totals > 0  # (N,)
        shares = weights[:, used] / totals[used]  # (T, N') each column sums to 1
        means, covars = self.means.copy(), self.covars.copy()
        means[used] = shares.T @ observations
        covars[used] = self.covariance_type.estimate(
            observations, shares, means[used], self.min_covar
        )
        return self._replace(means=means, covars=covars)


def normalised(counts, otherwise):
    """Divide each row by its sum; a row of zeros takes its values from elsewhere.

    Args:
        counts: (N, M) numbers that are not negative.
        otherwise: (N, M) what to take where all counts of a row are 0.

    Returns:
        (N, M) array whose rows sum to 1.
    """
    sums = counts.sum(axis=1, keepdims=True)  # (N, 1)
    return np.where(sums > 0, counts / np.where(sums > 0, sums, 1.0), otherwise)
