"""Three kinds of covariances: full, diagonal, and spherical (one variance a state).

Each class is a set of functions; a model takes the class itself. N states, D features.
"""

import numpy as np

from rnncourse.validate import as_array

SLACK = 1e-6  # relative rounding that the check of the smallest variance allows


class FullCovariance:
    """A matrix (D, D) for each state: ``covars`` (N, D, D)."""

    @staticmethod
    def check(covars, num_states, num_features, smallest):
        """Return covariances, or say what is wrong with them.

        Args:
            covars: (N, D, D) symmetric matrices.
            num_states, num_features: N and D.
            smallest: the smallest variance allowed in any direction.

        Returns:
            (N, D, D) float64 array, a copy.

        Raises:
            TypeError: ``covars`` do not hold real numbers.
            ValueError: wrong shape, not symmetric, or a variance below ``smallest``.
        """
        covars = _shaped(covars, (num_states, num_features, num_features))
        if not np.allclose(covars, covars.swapaxes(1, 2), rtol=1e-8, atol=0):
            raise ValueError("covars must be symmetric matrices, but are not")
        _large_enough(np.linalg.eigvalsh(covars), smallest)
        return covars

    @staticmethod
    def log_density(observations, means, covars):
        """Compute the logarithm of each state's density at each observation.

        Args:
            observations, means: (T, D) and (N, D).
            covars: (N, D, D).

        Returns:
            (T, N) array.
        """
        roots = np.linalg.cholesky(covars)  # (N, D, D) lower triangles
        whiteners = np.linalg.inv(roots)  # (N, D, D) make the noise independent, of variance 1
        result = np.empty((len(observations), len(means)))
        for state, whitener in enumerate(whiteners):
            noise = (observations - means[state]) @ whitener.T  # (T, D)
            result[:, state] = -0.5 * np.einsum("td,td->t", noise, noise)
        log_roots = np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)  # (N,)
        return result - log_roots - 0.5 * means.shape[1] * np.log(2 * np.pi)

    @staticmethod
    def estimate(observations, weights, means, smallest):
        """Compute the weighted covariance of each state, no direction below ``smallest``.

        A variance below it is raised to it. Of all matrices that keep to the bound this one has
        the largest likelihood, so that the Baum-Welch algorithm still never steps down.

        Args:
            observations, means: (T, D) and (N, D).
            weights: (T, N) each column sums to 1.
            smallest: the smallest variance allowed in any direction.

        Returns:
            (N, D, D) array.
        """
        num_states, num_features = means.shape
        covars = np.empty((num_states, num_features, num_features))
        for state, mean in enumerate(means):
            errors = observations - mean  # (T, D)
            covars[state] = (errors * weights[:, [state]]).T @ errors
        covars = (covars + covars.swapaxes(1, 2)) / 2
        variances, directions = np.linalg.eigh(covars)  # (N, D), (N, D, D)
        if variances.min() >= smallest:
            return covars
        raised = np.maximum(variances, smallest)[:, np.newaxis]  # (N, 1, D)
        covars = (directions * raised) @ directions.swapaxes(1, 2)
        return (covars + covars.swapaxes(1, 2)) / 2

    @staticmethod
    def roots(covars, num_features):
        """Compute matrices that turn independent noise into noise of these covariances.

        Args:
            covars: (N, D, D).
            num_features: D.

        Returns:
            (N, D, D) array; ``root @ root.T`` is the covariance.
        """
        return np.linalg.cholesky(covars)


class DiagonalCovariance:
    """A variance for each feature of each state: ``covars`` (N, D)."""

    @staticmethod
    def check(covars, num_states, num_features, smallest):
        """Return covariances (N, D), or say what is wrong: see ``FullCovariance.check``.

        Args:
            covars: (N, D) variances.
            num_states, num_features: N and D.
            smallest: the smallest variance allowed.

        Returns:
            (N, D) float64 array, a copy.

        Raises:
            TypeError: ``covars`` do not hold real numbers.
            ValueError: wrong shape, or a variance below ``smallest``.
        """
        covars = _shaped(covars, (num_states, num_features))
        _large_enough(covars, smallest)
        return covars

    @staticmethod
    def log_density(observations, means, covars):
        """Compute the logarithm of each state's density at each observation.

        Args:
            observations, means: (T, D) and (N, D).
            covars: (N, D).

        Returns:
            (T, N) array.
        """
        result = np.empty((len(observations), len(means)))
        for state, (mean, deviation) in enumerate(zip(means, np.sqrt(covars), strict=True)):
            noise = (observations - mean) / deviation  # (T, D)
            result[:, state] = -0.5 * np.einsum("td,td->t", noise, noise)
        return result - 0.5 * np.log(2 * np.pi * covars).sum(axis=1)

    @staticmethod
    def estimate(observations, weights, means, smallest):
        """Compute the weighted variances of each state, none below ``smallest``.

        Args:
            observations, means: (T, D) and (N, D).
            weights: (T, N) each column sums to 1.
            smallest: the smallest variance allowed.

        Returns:
            (N, D) array.
        """
        return np.maximum(_variances(observations, weights, means), smallest)

    @staticmethod
    def roots(covars, num_features):
        """Compute the matrices of ``FullCovariance.roots``.

        Args:
            covars: (N, D).
            num_features: D.

        Returns:
            (N, D, D) array.
        """
        return np.sqrt(covars)[:, :, np.newaxis] * np.eye(num_features)


class SphericalCovariance:
    """One variance for all features of a state: ``covars`` (N,)."""

    @staticmethod
    def check(covars, num_states, num_features, smallest):
        """Return covariances (N,), or say what is wrong: see ``FullCovariance.check``.

        Args:
            covars: (N,) variances.
            num_states, num_features: N and D.
            smallest: the smallest variance allowed.

        Returns:
            (N,) float64 array, a copy.

        Raises:
            TypeError: ``covars`` do not hold real numbers.
            ValueError: wrong shape, or a variance below ``smallest``.
        """
        covars = _shaped(covars, (num_states,))
        _large_enough(covars, smallest)
        return covars

    @staticmethod
    def log_density(observations, means, covars):
        """Compute the logarithm of each state's density at each observation.

        Args:
            observations, means: (T, D) and (N, D).
            covars: (N,).

        Returns:
            (T, N) array.
        """
        variances = np.broadcast_to(covars[:, np.newaxis], means.shape)  # (N, D)
        return DiagonalCovariance.log_density(observations, means, variances)

    @staticmethod
    def estimate(observations, weights, means, smallest):
        """Compute the weighted variance of each state, over all features, not below ``smallest``.

        Args:
            observations, means: (T, D) and (N, D).
            weights: (T, N) each column sums to 1.
            smallest: the smallest variance allowed.

        Returns:
            (N,) array.
        """
        return np.maximum(_variances(observations, weights, means).mean(axis=1), smallest)

    @staticmethod
    def roots(covars, num_features):
        """Compute the matrices of ``FullCovariance.roots``.

        Args:
            covars: (N,).
            num_features: D.

        Returns:
            (N, D, D) array.
        """
        return np.sqrt(covars)[:, np.newaxis, np.newaxis] * np.eye(num_features)


def _shaped(covars, shape):
    covars = as_array(covars, "covars").copy()
    if covars.shape != shape:
        raise ValueError(f"covars must have shape {shape}, but have {covars.shape}")
    return covars


def _large_enough(variances, smallest):
    if variances.min() < smallest * (1 - SLACK):
        raise ValueError(
            "covars must be positive definite, with no variance below "
            f"min_covar = {smallest:g}, but one is {variances.min():g}"
        )


def _variances(observations, weights, means):
    columns = zip(weights.T, means, strict=True)
    return np.array([weight @ (observations - mean) ** 2 for weight, mean in columns])  # (N, D)
