"""The slower readings of the gradient against one sweep, and the gradient check itself."""

import numpy as np
import pytest

from rnncourse.numpy_rnn import (
    Parameters,
    backward,
    cross_entropy,
    forward,
    initialise,
    loss_and_gradients,
)
from rnncourse.numpy_rnn_gradients import (
    checkpointed_gradients,
    gradient_by_formula,
    immediate_derivatives,
    state_jacobians,
    truncated_backward,
)
from rnncourse.numpy_rnn_numerical import numerical_gradient, relative_error
from rnncourse.numpy_rnn_realtime import real_time_recurrent_learning, sensitivities

T, B, D, H, V = 7, 3, 5, 13, 11


def a_case(kind, batch, steps=T, hidden=H):
    generator = np.random.default_rng(1)
    parameters = initialise(D, hidden, V, seed=2, scale=0.5)
    parameters.b_h[:], parameters.b_y[:] = generator.normal(size=hidden), generator.normal(size=V)
    if kind == "ids":
        inputs = generator.integers(0, D, (steps, *batch))
    else:
        inputs = generator.normal(size=(steps, *batch, D))
    targets = generator.integers(0, V, (steps, *batch))
    return parameters, inputs, targets, generator.normal(size=(*batch, hidden)) / 2


def results(parameters, inputs, targets, h0):
    result = forward(parameters, inputs, h0)
    return result, cross_entropy(result.logits, targets)[1]


def total_derivatives(parameters, inputs, h0):
    """The derivative of every state with respect to W_hh, through all earlier states too."""
    every = [s.copy() for _, s in sensitivities(parameters, inputs, h0)]
    return np.stack(every)[:, len(parameters.W_xh) : -1]


CASES = pytest.mark.parametrize(
    ("kind", "batch"), [("ids", ()), ("ids", (B,)), ("vectors", ()), ("vectors", (B,))]
)


# ---------------------------------------------------------------- truncation


@CASES
@pytest.mark.parametrize("window", [T, T + 5])
def test_the_double_loop_without_truncation_is_the_sweep(kind, batch, window):
    case = a_case(kind, batch)
    result, d_logits = results(*case)
    expected, d_h0 = backward(case[0], result, d_logits)
    gradients, d_start = truncated_backward(case[0], result, d_logits, window)
    np.testing.assert_allclose(d_start, d_h0, atol=1e-12)
    for ours, theirs in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_the_double_loop_passes_the_numerical_check():
    parameters, inputs, targets, h0 = a_case("ids", (B,))
    gradients, _ = truncated_backward(
        parameters, *results(parameters, inputs, targets, h0), window=T
    )

    def loss(moved):
        return cross_entropy(forward(moved, inputs, h0).logits, targets)[0].sum()

    assert relative_error(gradients, numerical_gradient(loss, parameters)) < 1e-7


@CASES
@pytest.mark.parametrize("window", [1, 2, 5])
def test_a_truncated_loss_sees_only_its_window(kind, batch, window):
    """Oracle: for each loss, a run that begins at the state before its window."""
    parameters, inputs, targets, h0 = a_case(kind, batch)
    result, d_logits = results(parameters, inputs, targets, h0)
    expected, d_start = [np.zeros_like(p) for p in parameters], np.zeros_like(h0)
    for t in range(T):
        first = max(0, t + 1 - window)
        part = forward(parameters, inputs[first : t + 1], result.states[first])
        d_part = np.zeros_like(part.logits)
        d_part[-1] = d_logits[t]
        gradients, d_first = backward(parameters, part, d_part)
        expected = [a + b for a, b in zip(expected, gradients, strict=True)]
        d_start += d_first if first == 0 else 0
    gradients, d_h0 = truncated_backward(parameters, result, d_logits, window)
    np.testing.assert_allclose(d_h0, d_start, atol=1e-12)
    for ours, theirs in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    assert relative_error(gradients, backward(parameters, result, d_logits)[0]) > 1e-3


@pytest.mark.parametrize(("window", "error"), [(0, ValueError), (-1, ValueError), (2.5, TypeError)])
def test_bad_windows(window, error):
    case = a_case("ids", (B,))
    with pytest.raises(error, match="window"):
        truncated_backward(case[0], *results(*case), window)


# ---------------------------------------------------------------- the formula


def test_jacobians_are_measured_slopes():
    parameters, inputs, targets, h0 = a_case("vectors", ())
    result, _ = results(parameters, inputs, targets, h0)
    jacobians = state_jacobians(parameters, result)
    for t, j in [(0, 0), (3, 5), (T - 1, H - 1)]:

        def state(before, t=t, j=j):
            return forward(parameters, inputs[t : t + 1], before).states[1, j]

        measured = numerical_gradient(state, result.states[t])  # (H,)
        np.testing.assert_allclose(jacobians[t, :, j], measured, atol=1e-9)


def test_immediate_derivatives_are_measured_with_the_state_before_held_fixed():
    parameters, inputs, targets, h0 = a_case("ids", (), hidden=3)
    result, _ = results(parameters, inputs, targets, h0)
    immediate = immediate_derivatives(result)
    assert immediate.shape == (T, 3, 3, 3)
    for t in (0, 4):
        for j in range(3):

            def state(weights, t=t, j=j):
                moved = parameters._replace(W_hh=weights)
                return forward(moved, inputs[t : t + 1], result.states[t]).states[1, j]

            measured = numerical_gradient(state, parameters.W_hh)
            np.testing.assert_allclose(immediate[t, :, :, j], measured, atol=1e-9)


def test_the_formula_gives_the_gradient_of_each_loss():
    parameters, inputs, targets, h0 = a_case("ids", ())
    result, d_logits = results(parameters, inputs, targets, h0)
    each = gradient_by_formula(parameters, result, d_logits, immediate_derivatives(result))
    for t in range(T):
        d_alone = np.zeros_like(d_logits)
        d_alone[t] = d_logits[t]
        expected, _ = backward(parameters, result, d_alone)
        np.testing.assert_allclose(each[t], expected.W_hh, atol=1e-12)


def test_total_derivatives_in_the_formula_count_too_often():
    parameters, inputs, targets, h0 = a_case("ids", ())
    result, d_logits = results(parameters, inputs, targets, h0)
    expected, _ = backward(parameters, result, d_logits)
    total = total_derivatives(parameters, inputs, h0)
    wrong = gradient_by_formula(parameters, result, d_logits, total)
    assert relative_error(wrong.sum(axis=0), expected.W_hh) > 0.1
    last_only = sum(total[t] @ (parameters.W_hy @ d_logits[t]) for t in range(T))
    np.testing.assert_allclose(last_only, expected.W_hh, atol=1e-12)  # once is enough


def test_the_formula_wants_one_sequence():
    case = a_case("ids", (B,))
    result, d_logits = results(*case)
    with pytest.raises(ValueError, match="one sequence"):
        state_jacobians(case[0], result)
    with pytest.raises(ValueError, match="one sequence"):
        immediate_derivatives(result)
    with pytest.raises(ValueError, match="one sequence"):
        gradient_by_formula(case[0], result, d_logits, np.zeros((T, H, H, H)))


def test_the_formula_wants_fitting_derivatives():
    case = a_case("ids", ())
    with pytest.raises(ValueError, match=r"derivatives must have shape \(7, 13, 13, 13\)"):
        gradient_by_formula(case[0], *results(*case), np.zeros((T, H, H)))


# ---------------------------------------------------------------- checkpoints


@CASES
@pytest.mark.parametrize("segment", [1, 3, T, 100])
def test_checkpoints_change_nothing(kind, batch, segment):
    parameters, inputs, targets, h0 = a_case(kind, batch)
    for start in (h0, None):
        loss, expected, _ = loss_and_gradients(parameters, inputs, targets, start)
        found, gradients = checkpointed_gradients(parameters, inputs, targets, segment, start)
        assert found == pytest.approx(loss, rel=1e-13)
        for ours, theirs in zip(gradients, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-13)


@pytest.mark.parametrize(
    ("inputs", "targets", "segment", "error", "match"),
    [
        (np.zeros(T, int), np.zeros(T, int), 0, ValueError, "segment"),
        (np.zeros(T, int), np.zeros(T - 1, int), 2, ValueError, "targets must be as long"),
        ([], [], 2, ValueError, "targets must be as long"),
        (np.full(T, D), np.zeros(T, int), 2, ValueError, "inputs must lie between"),
    ],
)
def test_bad_segments(inputs, targets, segment, error, match):
    with pytest.raises(error, match=match):
        checkpointed_gradients(initialise(D, H, V, seed=0), inputs, targets, segment)


# ---------------------------------------------------------------- real-time recurrent learning


@pytest.mark.parametrize("kind", ["ids", "vectors"])
@pytest.mark.parametrize("steps", [1, T, 53])
def test_real_time_recurrent_learning_equals_backpropagation(kind, steps):
    parameters, inputs, targets, h0 = a_case(kind, (), steps)
    result, d_logits = results(parameters, inputs, targets, h0)
    expected, _ = backward(parameters, result, d_logits)
    losses, gradients, last = real_time_recurrent_learning(parameters, inputs, targets, h0)
    np.testing.assert_allclose(losses, cross_entropy(result.logits, targets)[0], atol=1e-12)
    np.testing.assert_allclose(last, result.states[-1], atol=1e-12)
    for ours, theirs in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-10)


def test_sensitivities_are_measured_slopes():
    parameters, inputs, _, h0 = a_case("vectors", (), hidden=3)
    every = list(sensitivities(parameters, inputs, h0))
    for j in range(3):

        def last(moved, j=j):
            return forward(moved, inputs, h0).states[-1, j]

        measured = numerical_gradient(last, parameters)
        stacked = np.concatenate([measured.W_xh, measured.W_hh, measured.b_h[None]])
        np.testing.assert_allclose(every[-1][1][:, :, j], stacked, atol=1e-9)


def test_real_time_recurrent_learning_keeps_the_precision():
    parameters = initialise(D, H, V, seed=0, dtype=np.float32)
    losses, gradients, last = real_time_recurrent_learning(parameters, [1, 2], [3, 4])
    assert {array.dtype for array in [losses, last, *gradients]} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("inputs", "targets", "match"),
    [
        (np.zeros((T, B), int), np.zeros(T, int), "one sequence"),
        (np.zeros((T, B, D)), np.zeros(T, int), "one sequence"),
        (np.zeros(T, int), np.zeros((T, B), int), "targets must have shape"),
        (np.full(T, D), np.zeros(T, int), "inputs must lie between 0 and 4"),
        ([], np.zeros(0, int), "at least one"),
    ],
)
def test_bad_sequences(inputs, targets, match):
    with pytest.raises(ValueError, match=match):
        real_time_recurrent_learning(initialise(D, H, V, seed=0), inputs, targets)


# ---------------------------------------------------------------- the gradient check


def test_slopes_of_a_known_function():
    tree = {"a": np.array([[1.0, -2.0, 3.0]]), "b": [np.array(0.5), (np.array([2.0]),)]}

    def loss(t):
        return (t["a"] ** 3).sum() + np.sin(t["b"][0]) * t["b"][1][0][0]

    found = numerical_gradient(loss, tree)
    np.testing.assert_allclose(found["a"], 3 * tree["a"] ** 2, rtol=1e-9)
    np.testing.assert_allclose(found["b"][0], 2 * np.cos(0.5), rtol=1e-9)
    np.testing.assert_allclose(found["b"][1][0], [np.sin(0.5)], rtol=1e-9)
    assert tree["a"].tolist() == [[1.0, -2.0, 3.0]]


def test_the_structure_is_kept():
    parameters = initialise(2, 3, 2, seed=0)
    found = numerical_gradient(lambda p: sum(float((a**2).sum()) for a in p), parameters)
    assert isinstance(found, Parameters)
    assert relative_error(found, Parameters(*(2 * p for p in parameters))) < 1e-9


@pytest.mark.parametrize(
    ("ours", "reference", "expected"),
    [
        ([0.0, 0.0], [0.0, 0.0], 0.0),
        ([3.0, 4.0], [3.0, 4.0], 0.0),
        ([3.0, 4.0], [-3.0, -4.0], 2.0),
        ([0.0, 1.0], [0.0, 2.0], 0.5),
        ([1.0, 0.0], [0.0, 0.0], 1.0),
    ],
)
def test_relative_errors(ours, reference, expected):
    assert relative_error(np.array(ours), np.array(reference)) == pytest.approx(expected)
    same = np.ones(3)
    assert relative_error([same, np.array(ours)], [same, np.array(reference)]) == pytest.approx(
        expected
    )


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ((lambda p: 0.0, [np.zeros(2, np.float32)]), TypeError, "float64"),
        ((lambda p: 0.0, [1.0]), TypeError, "float64"),
        ((lambda p: 0.0, np.zeros(2), 0.0), ValueError, "step"),
        ((lambda p: np.nan, np.zeros(2)), ValueError, "loss must be finite"),
    ],
)
def test_bad_checks(arguments, error, match):
    with pytest.raises(error, match=match):
        numerical_gradient(*arguments)


@pytest.mark.parametrize(
    ("ours", "reference", "match"),
    [
        (np.zeros(2), np.zeros((2, 1)), "shape"),
        ([np.zeros(2)], [np.zeros(2), np.zeros(2)], "as many parts"),
        ({"a": np.zeros(2)}, {"b": np.zeros(2)}, "same keys"),
        (np.array([np.nan]), np.zeros(1), "finite"),
    ],
)
def test_gradients_that_cannot_be_compared(ours, reference, match):
    with pytest.raises(ValueError, match=match):
        relative_error(ours, reference)
