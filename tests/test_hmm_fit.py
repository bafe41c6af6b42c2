"""Learning: the likelihood rises, restarts help, floors hold, rare cases stay defined."""

import numpy as np
import pytest

from rnncourse.hmm import CategoricalHMM, GaussianHMM
from rnncourse.hmm_covariances import DiagonalCovariance, FullCovariance, SphericalCovariance
from rnncourse.hmm_emissions import CategoricalEmissions
from rnncourse.hmm_fit import baum_welch
from rnncourse.hmm_recursions import enumerate_paths

KINDS = [FullCovariance, DiagonalCovariance, SphericalCovariance]
CASINO = CategoricalHMM.from_parameters(
    [0.5, 0.5], [[0.95, 0.05], [0.1, 0.9]], [[1 / 6] * 6, [0.1] * 5 + [0.5]]
)


def test_one_iteration_is_counting_over_all_paths():
    symbols = np.array([0, 5, 5, 2, 5])
    start = CASINO.parameters
    likelihoods, _ = start.emissions.likelihoods(symbols)
    paths, probabilities = enumerate_paths(start.startprob, start.transmat, likelihoods)
    weights = probabilities / probabilities.sum()  # (N^T,)
    moves, seen = np.zeros((2, 2)), np.zeros((2, 6))
    for path, weight in zip(paths, weights, strict=True):
        np.add.at(moves, (path[:-1], path[1:]), weight)
        np.add.at(seen, (path, symbols), weight)
    run = baum_welch(start, symbols, np.array([5]), 1, 0.0)
    startprob, transmat, emissions = run.parameters
    np.testing.assert_allclose(startprob, [weights[paths[:, 0] == j].sum() for j in (0, 1)])
    np.testing.assert_allclose(transmat, moves / moves.sum(axis=1, keepdims=True), rtol=1e-12)
    expected = seen / seen.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(emissions.emissionprob, expected, rtol=1e-12)
    assert run.log_likelihoods[0] == pytest.approx(np.log(probabilities.sum()))


def test_the_casino_is_found_again():
    symbols = CASINO.sample(20_000, seed=0).observations
    model = CategoricalHMM(2, 6).fit(symbols, seed=1, max_iterations=300, tolerance=0.03)
    assert model.converged
    assert model.log_likelihoods[-1] >= CASINO.log_likelihood(symbols)
    order = np.argsort(model.emissionprob[:, 5])
    np.testing.assert_allclose(model.emissionprob[order], CASINO.emissionprob, atol=0.03)
    np.testing.assert_allclose(model.transmat[order][:, order], CASINO.transmat, atol=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_gaussian_states_are_found_again(kind):
    truth = GaussianHMM.from_parameters(
        [0.5, 0.3, 0.2],
        [[0.9, 0.1, 0], [0, 0.9, 0.1], [0.1, 0, 0.9]],
        [[0, 0], [5, 0], [0, 5]],
        [0.5, 1.0, 2.0],
        SphericalCovariance,
    )
    vectors = truth.sample(1_000, seed=1).observations
    model = GaussianHMM(3, 2, kind).fit(vectors, seed=0, restarts=3)
    order = [np.abs(model.means - mean).sum(axis=1).argmin() for mean in truth.means]
    np.testing.assert_allclose(model.means[order], truth.means, atol=0.2)
    roots = kind.roots(model.covars[order], 2)
    matrices = truth.covars[:, None, None] * np.eye(2)
    np.testing.assert_allclose(roots @ roots.swapaxes(1, 2), matrices, atol=0.5)


@pytest.mark.parametrize("seed", range(3))
def test_the_likelihood_never_falls(seed):
    symbols = np.random.default_rng(seed).integers(5, size=300)
    model = CategoricalHMM(4, 5).fit(symbols, [100, 50, 150], seed=seed, restarts=2)
    for run in model.runs:
        assert (np.diff(run.log_likelihoods) >= -1e-7).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_floor_holds_and_the_likelihood_still_rises(kind):
    """As many clusters as points: without a floor, the likelihood is not bounded."""
    points = np.random.default_rng(0).normal(size=(40, 3))
    model = GaussianHMM(7, 3, kind, min_covar=0.2)
    model.fit(points, seed=1, restarts=3, max_iterations=60)
    roots = kind.roots(model.covars, 3)
    variances = np.linalg.eigvalsh(roots @ roots.swapaxes(1, 2))
    assert variances.min() == pytest.approx(0.2, rel=1e-6)
    for run in model.runs:
        assert (np.diff(run.log_likelihoods) >= -1e-7).all()
        assert np.isfinite(run.log_likelihoods).all()


def test_an_estimator_that_lowers_the_likelihood_is_caught():
    class Wrong:
        def likelihoods(self, observations):
            return CASINO.parameters.emissions.likelihoods(observations)

        def estimate(self, observations, weights):
            return CategoricalEmissions(CASINO.emissionprob[:, ::-1])

    symbols = CASINO.sample(500, seed=0).observations
    start = CASINO.parameters._replace(emissions=Wrong())
    with pytest.raises(RuntimeError, match="the log-likelihood fell from"):
        baum_welch(start, symbols, np.array([500]), 5, 0.0)


# ---------------------------------------------------------------- restarts and convergence


def test_the_best_of_all_runs_is_kept():
    symbols = CASINO.sample(400, seed=3).observations
    model = CategoricalHMM(3, 6).fit(symbols, seed=0, restarts=5, max_iterations=40)
    finals = [run.log_likelihoods[-1] for run in model.runs]
    assert len(set(finals)) == 5
    assert model.log_likelihoods[-1] == max(finals)
    assert model.log_likelihood(symbols) == pytest.approx(max(finals), rel=1e-12)


def test_convergence_is_reported():
    symbols = CASINO.sample(300, seed=4).observations
    model = CategoricalHMM(2, 6).fit(symbols, seed=0, max_iterations=3, tolerance=1e-9)
    assert model.converged is False
    assert len(model.log_likelihoods) == 4
    model.fit(symbols, max_iterations=5_000, tolerance=1e-3)
    assert model.converged is True
    assert len(model.log_likelihoods) < 5_000
    assert np.diff(model.log_likelihoods)[-1] <= 1e-3
    assert (np.diff(model.log_likelihoods)[:-1] > 1e-3).all()


def test_to_go_on_is_the_same_as_not_to_stop():
    symbols = CASINO.sample(300, seed=5).observations
    through = CategoricalHMM(2, 6).fit(symbols, seed=0, max_iterations=12, tolerance=0)
    halted = CategoricalHMM(2, 6).fit(symbols, seed=0, max_iterations=7, tolerance=0)
    halted.fit(symbols, max_iterations=5, tolerance=0)
    np.testing.assert_allclose(halted.transmat, through.transmat, rtol=1e-12)
    assert halted.log_likelihoods[-1] == pytest.approx(through.log_likelihoods[-1], rel=1e-14)


# ---------------------------------------------------------------- rare cases


def test_a_state_that_is_never_visited_keeps_its_parameters():
    model = CategoricalHMM.from_parameters(
        [1, 0, 0],
        [[0.5, 0.5, 0], [0.5, 0.5, 0], [0.2, 0.3, 0.5]],
        [[0.6, 0.4], [0.3, 0.7], [0.1, 0.9]],
    )
    model.fit(np.array([0, 1, 1, 0, 0, 1]), max_iterations=5, tolerance=0)
    assert model.transmat[2].tolist() == [0.2, 0.3, 0.5]
    assert model.emissionprob[2].tolist() == [0.1, 0.9]
    np.testing.assert_allclose(model.transmat.sum(axis=1), 1, rtol=1e-12)


def test_a_gaussian_state_that_is_never_visited_keeps_its_parameters():
    model = GaussianHMM.from_parameters(
        [1, 0], np.eye(2), [[0.0], [9.0]], [1.0, 2.0], SphericalCovariance
    )
    model.fit(np.array([[0.3], [0.5], [-1.0]]), max_iterations=3, tolerance=0)
    assert model.means[1].tolist() == [9.0]
    assert model.covars[1] == 2.0
    assert model.means[0, 0] == pytest.approx(-0.2 / 3)


def test_sequences_of_one_step_teach_no_moves():
    model = CategoricalHMM.from_parameters([0.3, 0.7], [[0.9, 0.1], [0.4, 0.6]], [[0.8, 0.2]] * 2)
    model.fit(np.array([0, 1, 0, 0]), [1, 1, 1, 1], max_iterations=2, tolerance=0)
    np.testing.assert_allclose(model.transmat, [[0.9, 0.1], [0.4, 0.6]])
    np.testing.assert_allclose(model.emissionprob, [[0.75, 0.25]] * 2)


def test_a_far_outlier_neither_underflows_nor_breaks_the_fit():
    model = GaussianHMM.from_parameters(
        [1, 0], [[0.9, 0.1], [0, 1]], [[0.0], [100.0]], [1.0, 1.0], SphericalCovariance
    )
    vectors = np.array([[100.0], [0.0], [0.1], [-0.2]])  # the first step must be in state 0
    log_likelihood = model.log_likelihood(vectors)
    by_hand = -0.5 * (100**2 + 0.1**2 + 0.2**2) - 2 * np.log(2 * np.pi) + 3 * np.log(0.9)
    assert log_likelihood == pytest.approx(by_hand, rel=1e-12)
    assert model.posteriors(vectors)[:, 0] == pytest.approx(1)
    model.fit(vectors, max_iterations=3)
    assert model.means[0, 0] == pytest.approx(vectors.mean())
