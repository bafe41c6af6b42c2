"""Generators: the truth that they return is compared with theory and with what they draw."""

import numpy as np
import pytest

from rnncourse.datasets.synthetic import ar_process, first_symbol, markov_chain, noisy_sine

TWO_STATES = [[0.9, 0.1], [0.2, 0.8]]
CALLS = [
    lambda seed: noisy_sine(31, seed=seed).values,
    lambda seed: ar_process([0.5, 0.2], 31, seed=seed).values,
    lambda seed: markov_chain(TWO_STATES, 31, seed=seed).ids,
    lambda seed: first_symbol(31, 5, 3, seed=seed).ids,
]


@pytest.mark.parametrize("draw", CALLS)
def test_seed(draw):
    np.testing.assert_array_equal(draw(7), draw(7))
    assert not np.array_equal(draw(7), draw(8))
    np.testing.assert_array_equal(draw(7), draw(np.random.default_rng(7)))
    rng = np.random.default_rng(7)
    assert not np.array_equal(draw(rng), draw(rng))  # a generator goes on where it was


@pytest.mark.parametrize("seed, error", [(-1, ValueError), (1.5, TypeError), (None, TypeError)])
@pytest.mark.parametrize("draw", CALLS)
def test_bad_seed(draw, seed, error):
    with pytest.raises(error, match="seed must be"):
        draw(seed)


def test_noisy_sine():
    values, clean = noisy_sine(10_007, noise_sd=0.3, frequency=0.02, seed=1)
    assert values.shape == clean.shape == (10_007,)
    assert clean[0] == 0 and clean[50] == pytest.approx(np.sin(1.0))
    turn = 2 * np.cos(0.02)
    np.testing.assert_allclose(clean[2:], turn * clean[1:-1] - clean[:-2], atol=1e-12)
    noise = values - clean
    assert noise.std() == pytest.approx(0.3, rel=0.03) and abs(noise.mean()) < 0.012
    assert abs(np.corrcoef(noise[1:], noise[:-1])[0, 1]) < 0.04


def test_noisy_sine_without_noise():
    values, clean = noisy_sine(11, noise_sd=0)
    np.testing.assert_array_equal(values, clean)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"length": 0}, ValueError, "length must be at least 1"),
        ({"length": 3.0}, TypeError, "length must be a whole number"),
        ({"length": 3, "noise_sd": -1}, ValueError, "noise_sd must be at least 0"),
        ({"length": 3, "frequency": np.nan}, ValueError, "frequency must be finite"),
    ],
)
def test_noisy_sine_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        noisy_sine(**arguments)


def test_ar_process_obeys_its_equation():
    weights, intercept = [0.6, -0.3, 0.2], 1.7
    drawn = ar_process(weights, 503, seed=2, intercept=intercept, noise_sd=0.4)
    x = drawn.values
    by_hand = intercept + 0.6 * x[2:-1] - 0.3 * x[1:-2] + 0.2 * x[:-3]
    np.testing.assert_allclose(drawn.expected[3:], by_hand, atol=1e-12)
    np.testing.assert_allclose(drawn.noise, x - drawn.expected, atol=1e-12)
    assert x.shape == drawn.expected.shape == drawn.noise.shape == (503,)
    assert drawn.mean == pytest.approx(intercept / 0.5)


def test_ar_process_statistics():
    """Yule-Walker: the autocorrelations of an AR(2) follow from its weights."""
    a, b, sd = 0.5, 0.3, 2.0
    x = ar_process([a, b], 100_003, seed=3, intercept=1.0, noise_sd=sd).values
    rho_1 = a / (1 - b)
    rho_2 = a * rho_1 + b
    centred = x - x.mean()
    measured = [centred[k:] @ centred[: len(x) - k] / (centred @ centred) for k in (1, 2)]
    np.testing.assert_allclose(measured, [rho_1, rho_2], atol=0.02)
    assert x.var() == pytest.approx(sd**2 / (1 - a * rho_1 - b * rho_2), rel=0.04)
    assert x.mean() == pytest.approx(1.0 / (1 - a - b), abs=0.15)


@pytest.mark.parametrize("weights", [[0.9], [0.5, 0.4]])
def test_ar_process_starts_in_its_stationary_state(weights):
    """The first value varies as much as a late one."""
    pairs = [ar_process(weights, 2, seed=seed).values for seed in range(1500)]
    long_run = ar_process(weights, 100_003, seed=0).values.std()
    assert np.std([pair[0] for pair in pairs]) == pytest.approx(long_run, rel=0.1)


def test_ar_process_burn_in():
    drawn = ar_process([0.9], 5, seed=4, intercept=0.3, burn_in=0)
    assert drawn.expected[0] == pytest.approx(3.0)  # it starts at its mean
    later = ar_process([0.9], 3, seed=4, intercept=0.3, burn_in=2)
    np.testing.assert_allclose(later.values, drawn.values[2:])


def test_ar_process_of_zeros_is_noise():
    drawn = ar_process([0.0, 0.0], 17, intercept=2.0)
    np.testing.assert_allclose(drawn.expected, 2.0)


@pytest.mark.parametrize("weights", [[1.0], [1.01], [-1.2], [0.7, 0.4], [0.0, 0.0, 1.5]])
def test_ar_process_must_be_stationary(weights):
    with pytest.raises(ValueError, match=r"coefficients must make a stationary process.*explodes"):
        ar_process(weights, 10)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"coefficients": []}, ValueError, "coefficients must have at least 1"),
        ({"coefficients": 0.5}, ValueError, "coefficients must have 1 dimension"),
        ({"coefficients": [np.nan]}, ValueError, "coefficients must be finite"),
        ({"coefficients": ["a"]}, TypeError, "coefficients must hold real numbers"),
        ({"length": 0}, ValueError, "length must be at least 1"),
        ({"noise_sd": -0.1}, ValueError, "noise_sd must be at least 0"),
        ({"intercept": "1"}, TypeError, "intercept must be a number"),
        ({"burn_in": -1}, ValueError, "burn_in must be at least 0"),
    ],
)
def test_ar_process_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        ar_process(**{"coefficients": [0.5], "length": 5, **arguments})


def test_markov_chain_of_two_states():
    """By hand: stationary 2/3 and 1/3; the entropy rate is the mean entropy of the rows."""
    chain = markov_chain(TWO_STATES, 50_021, seed=5)
    np.testing.assert_allclose(chain.stationary, [2 / 3, 1 / 3])
    rows = [-(p * np.log(p) + (1 - p) * np.log(1 - p)) for p in (0.1, 0.2)]
    assert chain.entropy_rate == pytest.approx(2 / 3 * rows[0] + 1 / 3 * rows[1])
    counts = np.zeros((2, 2))
    np.add.at(counts, (chain.ids[:-1], chain.ids[1:]), 1)
    np.testing.assert_allclose(counts / counts.sum(axis=1, keepdims=True), TWO_STATES, atol=0.01)


@pytest.mark.parametrize("order", [1, 2])
def test_markov_chain_loss_of_the_truth_is_the_entropy_rate(order):
    rng = np.random.default_rng(6)
    transition = rng.dirichlet([0.5] * 3, size=(3,) * order)  # (3, 3) or (3, 3, 3)
    chain = markov_chain(transition, 50_021, seed=7)
    windows = np.lib.stride_tricks.sliding_window_view(chain.ids, order + 1)  # (T - order, order+1)
    losses = -np.log(transition[tuple(windows.T)])
    assert losses.mean() == pytest.approx(chain.entropy_rate, abs=0.01)
    contexts = np.zeros((3,) * order)
    np.add.at(contexts, tuple(windows[:, :-1].T), 1)
    np.testing.assert_allclose(contexts / contexts.sum(), chain.stationary, atol=0.01)
    assert chain.ids.shape == (50_021,) and chain.stationary.shape == (3,) * order
    np.testing.assert_array_equal(chain.transition, transition)


def test_markov_chain_stationary_distribution_is_a_left_eigenvector():
    transition = np.random.default_rng(8).dirichlet([1.0] * 7, size=7)
    stationary = markov_chain(transition, 1).stationary
    np.testing.assert_allclose(stationary @ transition, stationary, atol=1e-12)
    assert stationary.sum() == pytest.approx(1)


def test_markov_chain_periodic_and_deterministic():
    chain = markov_chain([[0, 1, 0], [0, 0, 1], [1, 0, 0]], 11, seed=9)
    assert chain.entropy_rate == 0
    np.testing.assert_array_equal(np.diff(chain.ids) % 3, 1)
    np.testing.assert_allclose(chain.stationary, 1 / 3)


def test_markov_chain_starts_in_its_stationary_distribution():
    firsts = [markov_chain(TWO_STATES, 1, seed=seed).ids[0] for seed in range(2000)]
    assert np.mean(firsts) == pytest.approx(1 / 3, abs=0.04)


@pytest.mark.parametrize(
    "transition, error, message",
    [
        ([0.5, 0.5], ValueError, r"transition must be \(V, V\)"),
        ([[0.5, 0.5]], ValueError, r"transition must be \(V, V\)"),
        ([[1.1, -0.1], [0.5, 0.5]], ValueError, "transition must not be negative"),
        ([[0.5, 0.4], [0.5, 0.5]], ValueError, "rows that sum to 1, but one is off by 0.1"),
        ([[1, 0], [0, 1]], ValueError, "transition must have one stationary distribution"),
        ([[np.nan, 1], [0, 1]], ValueError, "transition must be finite"),
        ([["a"]], TypeError, "transition must hold real numbers"),
    ],
)
def test_markov_chain_bad_transition(transition, error, message):
    with pytest.raises(error, match=message):
        markov_chain(transition, 5)


def test_markov_chain_bad_length():
    with pytest.raises(ValueError, match="length must be at least 1"):
        markov_chain(TWO_STATES, 0)


def test_first_symbol():
    ids, answers, chance = first_symbol(5, 10_007, 3, seed=10)
    assert ids.shape == (5, 10_007) and answers.shape == (10_007,) and chance == 1 / 3
    np.testing.assert_array_equal(answers, ids[0])
    assert set(np.unique(ids)) == {0, 1, 2}
    for step in range(1, 5):  # whoever repeats a later symbol is right by chance only
        assert np.mean(ids[step] == answers) == pytest.approx(chance, abs=0.02)
    answers[:] = -1
    assert ids.min() == 0


@pytest.mark.parametrize("position, name", [(0, "length"), (1, "batch_size"), (2, "num_symbols")])
def test_first_symbol_bad_input(position, name):
    arguments = [5, 7, 3]
    arguments[position] = 0
    with pytest.raises(ValueError, match=f"{name} must be at least"):
        first_symbol(*arguments)
