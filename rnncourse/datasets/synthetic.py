"""Seeded generators of sequences that return their ground truth with the data.

The truth is what a perfect model would know, so a figure can show how far a model is from the
best possible.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.transitions import check_transition, entropy_rate, stationary_distribution, walk
from rnncourse.validate import as_array, as_generator, as_integer, as_real


class NoisySine(NamedTuple):
    """A sine wave measured with noise.

    Args:
        values: what is measured, (T,).
        clean: the sine without noise, (T,).
    """

    values: np.ndarray
    clean: np.ndarray


class ARProcess(NamedTuple):
    """A drawn autoregressive process.

    Args:
        values: the series, (T,).
        expected: the best possible forecast of each value from all earlier ones, (T,).
        noise: what no model can forecast, ``values - expected``, (T,).
        mean: the mean around which the process moves.
    """

    values: np.ndarray
    expected: np.ndarray
    noise: np.ndarray
    mean: float


class MarkovSequence(NamedTuple):
    """A drawn Markov chain.

    Args:
        ids: the symbols, whole numbers from 0 to V - 1, (T,).
        transition: probability of the next symbol, (V, V), or (V, V, V) for order 2.
        stationary: long-run probability of a symbol, (V,), or of a pair of symbols, (V, V).
        entropy_rate: smallest possible mean loss in nats per symbol.
    """

    ids: np.ndarray
    transition: np.ndarray
    stationary: np.ndarray
    entropy_rate: float


class FirstSymbol(NamedTuple):
    """Sequences of random symbols whose answer is the first one.

    Args:
        ids: the symbols, (T, B).
        answers: the answer that belongs to each sequence, (B,).
        chance: accuracy of the best guess by one who may not see what decides.
    """

    ids: np.ndarray
    answers: np.ndarray
    chance: float


def noisy_sine(length, noise_sd=0.2, frequency=0.01, seed=0):
    """Draw ``sin(frequency * t)`` plus Gaussian noise, for t = 0 .. length - 1.

    Args:
        length: number of steps T.
        noise_sd: standard deviation of the noise.
        frequency: radians per step; one period lasts ``2 * pi / frequency`` steps.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        NoisySine: ``values`` (T,), ``clean`` (T,).

    Raises:
        TypeError: an argument is not a number of the right kind.
        ValueError: ``length`` is less than 1, or ``noise_sd`` is negative.
    """
    length = as_integer(length, "length", minimum=1)
    noise_sd = as_real(noise_sd, "noise_sd", minimum=0)
    clean = np.sin(as_real(frequency, "frequency") * np.arange(length))  # (T,)
    noise = noise_sd * as_generator(seed).standard_normal(length)  # (T,)
    return NoisySine(values=clean + noise, clean=clean)


def ar_process(coefficients, length, seed=0, intercept=0.0, noise_sd=1.0, burn_in=None):
    """Draw a stationary autoregressive process: weighted past values, a constant, fresh noise.

    ``x_t = intercept + sum_i coefficients[i] * x_{t-1-i} + noise_t``. It starts at its mean, and
    its first ``burn_in`` values are thrown away.

    Args:
        coefficients: weights of the last p values, the latest first, (p,).
        length: number of steps T.
        seed: a whole number or a ``numpy.random.Generator``.
        intercept: the constant.
        noise_sd: standard deviation of the noise.
        burn_in: number of values to throw away; None takes enough to forget the start.

    Returns:
        ARProcess: ``values`` (T,), ``expected`` (T,), ``noise`` (T,), ``mean``.

    Raises:
        TypeError: an argument is not a number of the right kind.
        ValueError: the process is not stationary, or an argument is out of range.

    Source:
        Box & Jenkins, 1970, Time Series Analysis: Forecasting and Control, chapter 3.
    """
    weights = as_array(coefficients, "coefficients", ndim=1)  # (p,)
    length = as_integer(length, "length", minimum=1)
    intercept = as_real(intercept, "intercept")
    noise_sd = as_real(noise_sd, "noise_sd", minimum=0)
    slowest = np.max(np.abs(np.roots(np.append(1.0, -weights))), initial=0.0)
    if slowest >= 1:
        raise ValueError(
            f"coefficients must make a stationary process, but with {weights.tolist()} it explodes "
            f"or drifts away: its largest root has modulus {slowest:.4g}, which must be less than 1"
        )
    if burn_in is None:  # long enough for slowest ** burn_in < 1e-10, within reason
        burn_in = min(100_000, len(weights) + int(23 / -np.log(max(slowest, 1e-10))))
    skip = as_integer(burn_in, "burn_in", minimum=0)
    mean = float(intercept / (1 - weights.sum()))
    noise = noise_sd * as_generator(seed).standard_normal(skip + length)  # (skip + T,)
    expected = _expectations(weights, mean, noise)[skip:]  # (T,)
    return ARProcess(expected + noise[skip:], expected, noise[skip:], mean)


def markov_chain(transition, length, seed=0):
    """Draw a Markov chain: the next symbol depends on the last one, or on the last two.

    The chain starts in its stationary distribution, so its beginning is like any other part.

    Args:
        transition: ``transition[i, j]`` is the probability that j follows i, (V, V); for a chain
            of order 2, ``transition[i, j, k]`` that k follows the pair i, j, (V, V, V).
        length: number of symbols T.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        MarkovSequence: ``ids`` (T,), ``transition``, ``stationary``, ``entropy_rate`` in nats.

    Raises:
        TypeError: ``transition`` does not hold numbers, or ``length`` is no whole number.
        ValueError: ``transition`` has a wrong shape, negative entries, rows that do not sum to 1,
            more than one stationary distribution, or more than 1,000 contexts; ``length`` is less
            than 1.

    Source:
        Shannon, 1948, A Mathematical Theory of Communication, section 7 (entropy of a source).
    """
    transition = as_array(transition, "transition")
    if transition.ndim not in (2, 3) or len(set(transition.shape)) > 1:
        raise ValueError(
            f"transition must be (V, V) or (V, V, V), but has shape {transition.shape}"
        )
    transition = check_transition(transition)
    length = as_integer(length, "length", minimum=1)
    rng = as_generator(seed)
    stationary = stationary_distribution(transition)  # (V,) or (V, V)
    ids = walk(transition, stationary, length, rng)[stationary.ndim :]  # (T,) no first context
    return MarkovSequence(ids, transition, stationary, entropy_rate(transition, stationary))


def first_symbol(length, batch_size, num_symbols, seed=0):
    """Draw sequences of random symbols whose answer is the first symbol.

    Every symbol is drawn by itself and uniformly. So the later ones say nothing about the answer,
    and a model whose window does not reach back to step 0 is right with probability ``chance``.

    Args:
        length: number of steps T, at least 1.
        batch_size: number of sequences B.
        num_symbols: number of different symbols, at least 2.
        seed: a whole number or a ``numpy.random.Generator``.

    Returns:
        FirstSymbol: ``ids`` (T, B), ``answers`` (B,), ``chance = 1 / num_symbols``.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is too small.
    """
    length = as_integer(length, "length", minimum=1)
    batch_size = as_integer(batch_size, "batch_size", minimum=1)
    num_symbols = as_integer(num_symbols, "num_symbols", minimum=2)
    ids = as_generator(seed).integers(num_symbols, size=(length, batch_size))  # (T, B)
    return FirstSymbol(ids, ids[0].copy(), 1 / num_symbols)


def _expectations(weights, mean, noise):
    """What the autoregression expects at each step, before that step's noise is added."""
    p = len(weights)
    backwards = weights[::-1]  # (p,), the oldest value first
    deviations = np.zeros(p + len(noise))  # (p + T,), from the mean, which they start at
    for t, shock in enumerate(noise):
        deviations[p + t] = backwards @ deviations[t : p + t] + shock
    return mean + deviations[p:] - noise
