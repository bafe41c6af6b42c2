"""What the models refuse, and what they say then."""

import numpy as np
import pytest

from rnncourse.hmm import CategoricalHMM, GaussianHMM
from rnncourse.hmm_covariances import DiagonalCovariance, FullCovariance, SphericalCovariance

START, MOVES = [0.5, 0.5], [[0.9, 0.1], [0.2, 0.8]]
EMIT, MEANS = [[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]], [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
SYMBOLS = CategoricalHMM.from_parameters(START, MOVES, EMIT)
VECTORS = GaussianHMM.from_parameters(START, MOVES, MEANS, [1.0, 2.0], SphericalCovariance)
USES = ["log_likelihood", "posteriors", "viterbi", "fit"]

BAD_PARAMETERS = [
    (([0.5, 0.4], MOVES, EMIT), ValueError, "startprob must sum to 1, but sums to 0.9"),
    (([0.5, np.nan], MOVES, EMIT), ValueError, "startprob must be finite"),
    (([[0.5, 0.5]], MOVES, EMIT), ValueError, "startprob must have 1 dimension"),
    ((["a", "b"], MOVES, EMIT), TypeError, "startprob must hold real numbers"),
    ((START, [[1.1, -0.1], [0.2, 0.8]], EMIT), ValueError, "transmat must not be negative"),
    ((START, [[0.9, 0.1], [0.2, 0.7]], EMIT), ValueError, "each row of transmat must sum to 1"),
    ((START, np.eye(3), EMIT), ValueError, r"transmat must have shape \(2, 2\), .* \(3, 3\)"),
    ((START, MOVES, [0.2, 0.8]), ValueError, "emissionprob must have 2 dimension"),
    ((START, MOVES, [[0.2, 0.8]]), ValueError, r"emissionprob must have shape \(2, 2\)"),
    ((START, MOVES, [[0.2, 0.9], [0.5, 0.5]]), ValueError, "each row of emissionprob"),
    ((START, MOVES, [[0.2, np.inf], [0.5, 0.5]]), ValueError, "emissionprob must be finite"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD_PARAMETERS)
def test_parameters_that_are_no_distributions(arguments, error, message):
    with pytest.raises(error, match=message):
        CategoricalHMM.from_parameters(*arguments)


NOT_SYMMETRIC = [[[1.0, 0.5, 0], [0, 1, 0], [0, 0, 1]]] * 2
NEGATIVE = [np.diag([1.0, 1.0, -1.0])] * 2
SINGULAR = [np.ones((3, 3))] * 2
BAD_COVARS = [
    (FullCovariance, NOT_SYMMETRIC, "covars must be symmetric"),
    (FullCovariance, NEGATIVE, "covars must be positive definite.* one is -1"),
    (FullCovariance, SINGULAR, "covars must be positive definite"),
    (FullCovariance, np.ones((2, 3)), r"covars must have shape \(2, 3, 3\), but have \(2, 3\)"),
    (FullCovariance, np.full((2, 3, 3), np.nan), "covars must be finite"),
    (DiagonalCovariance, np.zeros((2, 3)), "covars must be positive definite.* one is 0"),
    (DiagonalCovariance, np.ones(2), r"covars must have shape \(2, 3\)"),
    (SphericalCovariance, [1.0, -2.0], "min_covar = 1e-06, but one is -2"),
    (SphericalCovariance, np.ones((2, 3)), r"covars must have shape \(2,\)"),
]


@pytest.mark.parametrize(("kind", "covars", "message"), BAD_COVARS)
def test_covariances_that_are_none(kind, covars, message):
    with pytest.raises(ValueError, match=message):
        GaussianHMM.from_parameters(START, MOVES, MEANS, covars, kind)


@pytest.mark.parametrize(
    ("means", "message"),
    [
        ([[1.0, 2.0]], r"means must have shape \(2, D\), but have \(1, 2\)"),
        ([1.0, 2.0], "means must have 2 dimension"),
        ([[1.0], [np.nan]], "means must be finite"),
    ],
)
def test_means_that_do_not_fit(means, message):
    with pytest.raises(ValueError, match=message):
        GaussianHMM.from_parameters(START, MOVES, means, [1.0, 1.0], SphericalCovariance)


BAD_SYMBOLS = [
    (([0, 3],), ValueError, "observations must lie in 0..2, but hold 3"),
    (([0, -1],), ValueError, "observations must lie in 0..2, but hold -1"),
    (([],), ValueError, "observations must have at least 1"),
    (([0.0, 1.0],), TypeError, "observations must be whole numbers, but have dtype float64"),
    (([[0, 1], []],), ValueError, "observations must have at least 1"),
    ((np.zeros((5, 1), dtype=int),), ValueError, "observations must have 1 dimension"),
    (([0, np.nan],), ValueError, "observations must be finite"),
    (("hello",), TypeError, "observations must hold real numbers"),
    (([0, 1, 2], [2, 2]), ValueError, "lengths must add up to the 3 observations, .* up to 4"),
    (([0, 1, 2], [3, 0]), ValueError, "lengths must be at least 1, but hold 0"),
    (([0, 1, 2], [1.5, 1.5]), TypeError, "lengths must be a list of whole numbers"),
    (([0, 1, 2], 3), TypeError, "lengths must be a list of whole numbers"),
    (([0, 1, 2], []), TypeError, "lengths must be a list of whole numbers"),
    (([[0, 1], [2]], [2, 1]), TypeError, "lengths must be None where observations are a list"),
]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(("arguments", "error", "message"), BAD_SYMBOLS)
def test_sequences_of_symbols_that_are_none(use, arguments, error, message):
    with pytest.raises(error, match=message):
        getattr(SYMBOLS, use)(*arguments)


BAD_VECTORS = [
    (np.zeros((5, 2)), ValueError, r"observations must have shape \(T, 3\), but have \(5, 2\)"),
    (np.zeros(5), ValueError, "observations must have 2 dimension"),
    (np.zeros((0, 3)), ValueError, "observations must have at least 1"),
    ([[0.0, np.nan, 1.0]], ValueError, "observations must be finite"),
    ([["a", "b", "c"]], TypeError, "observations must hold real numbers"),
    ([[0.0, 1.0, 2.0], [0.0]], TypeError, "its rows differ in length"),
]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(("observations", "error", "message"), BAD_VECTORS)
def test_sequences_of_vectors_that_are_none(use, observations, error, message):
    with pytest.raises(error, match=message):
        getattr(VECTORS, use)(observations)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    "model", [CategoricalHMM(2, 3), GaussianHMM(2, 3)], ids=["symbols", "vectors"]
)
def test_a_model_without_parameters_says_so(model, use):
    name = type(model).__name__
    observations = [0, 1] if name == "CategoricalHMM" else [[0.0, 0.0, 0.0]]
    with pytest.raises(RuntimeError, match=f"{name} has no parameters yet: call fit"):
        getattr(model, use)(observations)
    with pytest.raises(RuntimeError, match="no parameters yet"):
        model.sample(3, seed=0)
    for name in ("startprob", "transmat"):
        with pytest.raises(RuntimeError, match="no parameters yet"):
            getattr(model, name)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"restarts": 2}, ValueError, "restarts must be 1 where seed is None, but is 2"),
        ({"restarts": 0}, ValueError, "restarts must be at least 1"),
        ({"max_iterations": 0}, ValueError, "max_iterations must be at least 1"),
        ({"max_iterations": 2.5}, TypeError, "max_iterations must be a whole number"),
        ({"tolerance": -1.0}, ValueError, "tolerance must be at least 0"),
        ({"tolerance": np.nan}, ValueError, "tolerance must be finite"),
        ({"seed": "x"}, TypeError, "seed must be a whole number"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
    ],
)
def test_bad_settings_of_fit(arguments, error, message):
    with pytest.raises(error, match=message):
        SYMBOLS.fit([0, 1, 2], **arguments)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: CategoricalHMM(0, 3), ValueError, "num_states must be at least 1"),
        (lambda: CategoricalHMM(2, 0), ValueError, "num_symbols must be at least 1"),
        (lambda: CategoricalHMM(2.0, 3), TypeError, "num_states must be a whole number"),
        (lambda: GaussianHMM(2, 0), ValueError, "num_features must be at least 1"),
        (lambda: GaussianHMM(2, 3, "full"), TypeError, "covariance_type must be FullCovariance"),
        (lambda: GaussianHMM(2, 3, min_covar=0), ValueError, "min_covar must be at least"),
        (lambda: SYMBOLS.sample(0, seed=0), ValueError, "length must be at least 1"),
        (lambda: SYMBOLS.sample(3, seed=None), TypeError, "seed must be a whole number"),
        (lambda: GaussianHMM(5, 1).fit([[1.0]], seed=0), ValueError, "must be at least 5"),
    ],
)
def test_bad_settings_of_models(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_parameters_are_copied():
    startprob = np.array([0.5, 0.5])
    model = CategoricalHMM.from_parameters(startprob, MOVES, EMIT)
    startprob[0] = 7
    assert model.startprob.tolist() == [0.5, 0.5]


def test_the_impossible():
    model = CategoricalHMM.from_parameters([1, 0], np.eye(2), [[1, 0], [0, 1]])
    assert model.log_likelihood([0, 1]) == -np.inf
    for use in ("posteriors", "viterbi", "fit"):
        with pytest.raises(ValueError, match="observations have probability 0"):
            getattr(model, use)([0, 1])
