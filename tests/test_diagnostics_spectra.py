"""Products of Jacobians, against brute force with 400 digits and against closed forms."""

import time

import mpmath
import numpy as np
import pytest

from rnncourse.diagnostics_spectra import (
    elman_jacobians,
    log_product_norms,
    log_singular_values,
    lyapunov_spectrum,
)
from rnncourse.numpy_rnn import forward, initialise
from rnncourse.numpy_rnn_gradients import state_jacobians


def exact_logs(jacobians):
    """Logarithms of the singular values of the product, multiplied out with 400 digits."""
    with mpmath.workdps(400):
        product = mpmath.eye(len(jacobians[0]))
        for jacobian in jacobians:
            product = product * mpmath.matrix(jacobian.tolist())
        sizes = sorted(mpmath.svd_r(product, compute_uv=False), reverse=True)
        return np.array([float(mpmath.log(s)) if s > 1e-300 else -np.inf for s in sizes])


def gaussian(rng, steps, size):
    return rng.normal(size=(steps, size, size))


def tanh_like(rng, steps, size):
    return elman_jacobians(rng.normal(size=(size, size)), rng.uniform(0, 1, (steps, size)))


def relu_like(rng, steps, size):
    on = rng.uniform(size=(steps, size)) > 0.1
    return elman_jacobians(rng.normal(size=(size, size)), on.astype(float))


def orthogonal(rng, steps, size):
    return np.stack([np.linalg.qr(rng.normal(size=(size, size)))[0] for _ in range(steps)])


def from_sizes(rng, sizes):
    left, right = orthogonal(rng, 2, len(sizes))
    return left @ np.diag(sizes) @ right


def steep(rng, steps, size):
    return np.stack([from_sizes(rng, 10.0 ** -np.arange(size)) for _ in range(steps)])


def close(rng, steps, size):
    sizes = [1.0, 0.9999, 0.9998, 1e-3, 0.99e-3][:size]
    return np.stack([from_sizes(rng, sizes) for _ in range(steps)])


def nilpotent(rng, steps, size):
    return np.repeat(np.triu(rng.normal(size=(1, size, size)), 1), steps, axis=0)


CASES = [
    (gaussian, 1, 5),
    (gaussian, 3, 5),
    (gaussian, 29, 5),
    (tanh_like, 31, 7),
    (relu_like, 13, 7),
    (orthogonal, 23, 7),
    (steep, 2, 7),
    (close, 1, 5),
    (close, 2, 5),
]


@pytest.mark.parametrize("kind, steps, size", CASES)
def test_singular_values_are_those_of_the_product_multiplied_out(kind, steps, size):
    jacobians = kind(np.random.default_rng(steps), steps, size)
    found, exact = log_singular_values(jacobians), exact_logs(jacobians)
    assert (np.isneginf(found) == np.isneginf(exact)).all()
    real = np.isfinite(exact)
    assert found[real] == pytest.approx(exact[real], abs=1e-8 if kind is steep else 1e-10)
    assert log_product_norms(jacobians)[-1] == pytest.approx(exact[0], abs=1e-12)
    if kind is tanh_like:  # what is told here no product in floats can tell
        assert exact[0] - exact[-1] > np.log(1e16)


def test_all_of_nothing_is_nothing():
    jacobians = nilpotent(np.random.default_rng(3), 11, 11)  # to the power 11: 0
    assert np.isneginf(log_singular_values(jacobians)).all()
    assert np.isneginf(lyapunov_spectrum(jacobians)).all()
    norms = log_product_norms(jacobians)
    assert np.isfinite(norms[:10]).all()
    assert np.isneginf(norms[10:]).all()
    assert np.linalg.norm(jacobians[0], 2) > 1  # a norm above 1 is not enough to explode
    zeros = np.zeros((3, 2, 2))
    assert np.isneginf(np.r_[log_singular_values(zeros), lyapunov_spectrum(zeros)]).all()


def test_norms_by_distance_count_from_the_last_step():
    jacobians = gaussian(np.random.default_rng(5), 7, 3)
    product, logs = np.eye(3), []
    for jacobian in jacobians[::-1]:
        product = jacobian @ product
        logs.append(np.log(np.linalg.svd(product)[1][0]))
    assert log_product_norms(jacobians) == pytest.approx(logs, abs=1e-12)


def test_the_exponents_of_a_diagonal_map_are_the_logarithms_of_its_entries():
    diagonal = np.array([0.3, -1.7, 0.9, 2.0, -0.01])
    jacobians = np.repeat(np.diag(diagonal)[np.newaxis], 10_000, axis=0)
    expected = np.sort(np.log(np.abs(diagonal)))[::-1]  # times T: far outside of every float
    assert lyapunov_spectrum(jacobians) == pytest.approx(expected, abs=1e-12)
    assert log_singular_values(jacobians) / 10_000 == pytest.approx(expected, abs=1e-12)
    assert log_product_norms(jacobians)[-1] == pytest.approx(10_000 * np.log(2.0))


def test_the_exponents_of_a_constant_map_are_the_logarithms_of_its_eigenvalues():
    rng = np.random.default_rng(0)
    basis = rng.normal(size=(5, 5))  # a matrix that is far from normal
    values = np.array([1.9, 1.1, 0.7, 0.31, 0.05])
    W = basis @ np.diag(values) @ np.linalg.inv(basis)
    jacobians = np.repeat(W[np.newaxis], 10_000, axis=0)
    exponents = lyapunov_spectrum(jacobians)
    assert exponents == pytest.approx(np.log(values), abs=2e-3)  # off by a constant / T
    assert exponents.sum() == pytest.approx(np.log(values).sum(), abs=1e-9)
    assert np.linalg.norm(W, 2) > 1.5 * values[0]  # so the norm would not have told


def test_the_exponents_sum_to_the_mean_logarithm_of_the_determinants():
    jacobians = tanh_like(np.random.default_rng(7), 997, 11)
    mean = np.linalg.slogdet(jacobians)[1].mean()
    assert lyapunov_spectrum(jacobians).sum() == pytest.approx(mean, abs=1e-9)
    assert log_singular_values(jacobians).sum() == pytest.approx(997 * mean, rel=1e-9)


def test_the_product_of_random_matrices_has_the_exponents_that_newman_derived():
    size, steps = 3, 10_000
    jacobians = gaussian(np.random.default_rng(11), steps, size)
    digamma = [float(mpmath.digamma((size - k) / 2)) for k in range(size)]
    expected = [(np.log(2) + psi) / 2 for psi in digamma]  # 0.365, 0.058, -0.635
    assert lyapunov_spectrum(jacobians) == pytest.approx(expected, abs=0.04)


def test_a_long_product_that_explodes_and_one_that_vanishes():
    rng = np.random.default_rng(2)
    for scale in (1e-3, 1e3):
        jacobians = scale * gaussian(rng, 10_000, 3)
        largest = log_product_norms(jacobians)[-1]
        assert abs(largest) > 60_000  # a float ends at exp(710)
        few = jacobians[:300]
        expected = log_product_norms(few)[-1]
        assert log_singular_values(few)[0] == pytest.approx(expected, rel=1e-12)
        assert lyapunov_spectrum(jacobians)[0] == pytest.approx(largest / 10_000, abs=1e-3)


def test_the_formula_for_elman_is_that_of_the_network_by_hand():
    rng = np.random.default_rng(4)
    parameters = initialise(3, 5, 2, seed=1, scale=0.7)
    result = forward(parameters, rng.normal(size=(7, 3)))
    found = elman_jacobians(parameters.W_hh, 1 - result.states[1:] ** 2)
    assert found == pytest.approx(state_jacobians(parameters, result), abs=1e-15)
    slopes = rng.normal(size=(7, 3, 5))
    many = elman_jacobians(parameters.W_hh, slopes)
    assert many.shape == (7, 3, 5, 5)
    assert many[4, 1] == pytest.approx(parameters.W_hh @ np.diag(slopes[4, 1]), abs=1e-15)


def test_the_cost_is_that_of_the_qr_decompositions():
    jacobians = tanh_like(np.random.default_rng(0), 300, 11)

    def seconds(function, steps):
        def once():
            start = time.process_time()
            function(jacobians[:steps])
            return time.process_time() - start

        return min(once() for _ in range(3))

    def qr_alone(jacobians):
        for jacobian in jacobians:
            np.linalg.qr(jacobian)

    unit = seconds(qr_alone, 300)
    for function, most in ((lyapunov_spectrum, 8), (log_singular_values, 24)):  # measured: 2, 7
        assert seconds(function, 300) < most * unit
        assert seconds(function, 300) < 6 * seconds(function, 100)  # not the square: 9 times


@pytest.mark.parametrize("function", [log_product_norms, log_singular_values, lyapunov_spectrum])
@pytest.mark.parametrize(
    "value, error, message",
    [
        (np.zeros((0, 3, 3)), ValueError, "jacobians must have at least 1 value"),
        (np.zeros((3, 3)), ValueError, "jacobians must have 3 dimension"),
        (np.zeros((2, 3, 5)), ValueError, r"jacobians must be \(T, H, H\), but has shape"),
        (np.zeros((2, 0, 0)), ValueError, r"jacobians must be \(T, H, H\)"),
        (np.full((2, 3, 3), np.nan), ValueError, "jacobians must be finite"),
        ("abc", TypeError, "jacobians must hold real numbers"),
    ],
)
def test_bad_jacobians(function, value, error, message):
    with pytest.raises(error, match=message):
        function(value)


@pytest.mark.parametrize(
    "W_hh, slopes, message",
    [
        (np.zeros((3, 5)), np.ones((2, 5)), "W_hh must be square"),
        (np.zeros((3, 3)), np.ones((2, 5)), r"slopes must be \(T, 3\)"),
        (np.zeros((3, 3)), np.ones(3), r"slopes must be \(T, 3\)"),
        (np.zeros((3, 3)), np.ones((0, 3)), "slopes must have at least 1"),
        (np.zeros((3, 3)), np.full((2, 3), np.inf), "slopes must be finite"),
    ],
)
def test_bad_formula(W_hh, slopes, message):
    with pytest.raises(ValueError, match=message):
        elman_jacobians(W_hh, slopes)
