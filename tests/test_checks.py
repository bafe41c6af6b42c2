"""The checks of the exercises: right answers pass, wrong ones are told what is wrong."""

import math

import numpy as np
import pytest

from rnncourse.checks import (
    check_carried_state,
    check_causal,
    check_close,
    check_distribution,
    check_gradient,
    check_padding,
    check_shape,
)

RNG = np.random.default_rng(3)
TABLE = RNG.normal(size=(5, 3)) + 4
CUBE = RNG.normal(size=(7, 5, 3))
SQUARE = RNG.normal(size=(5, 5))
POSITIVE = np.abs(TABLE)


def fails(match):
    return pytest.raises(AssertionError, match=match)


def test_right_shapes_pass():
    check_shape(TABLE, (5, 3), "table")
    check_shape(TABLE, (None, 3), "table")
    check_shape([1, 2], [2], "list")
    check_shape(3.0, (), "number")


@pytest.mark.parametrize(
    ("value", "shape", "message"),
    [
        (TABLE, (3, 5), r"x has shape \(5, 3\), but should have shape \(3, 5\): transposed"),
        (CUBE, (5, 7, 3), "first two axes are swapped"),
        (CUBE, (7, 5, 4), "off by one along axis 2"),
        (TABLE, (None, 4), "off by one along axis 1"),
        (TABLE, (5, 3, 1), "an axis of length 1"),
        (TABLE, (5,), r"should have shape \(5,\)$"),
        (TABLE, (5, 11), r"should have shape \(5, 11\)$"),
        (None, (5,), "x is None: does your function return"),
        ("abc", (3,), "x must hold numbers, but is 'abc'"),
    ],
)
def test_wrong_shapes(value, shape, message):
    with fails(message):
        check_shape(value, shape, "x")


def test_right_values_pass():
    check_close(TABLE, TABLE + 1e-10, "table")
    check_close(TABLE.tolist(), TABLE, "table")
    check_close(2, 2.0, "number")
    check_close(np.zeros(3), np.zeros(3), "zeros")
    check_close(TABLE + 0.01, TABLE, "table", tolerance=0.01)


@pytest.mark.parametrize(
    ("value", "expected", "message"),
    [
        (TABLE.T, TABLE, "equal after transposing"),
        (SQUARE.T, SQUARE, "equal after transposing"),
        (CUBE.swapaxes(0, 1), CUBE, "equal after transposing"),
        (TABLE[:, None], TABLE, "equal apart from an axis of length 1"),
        (
            np.roll(TABLE, 1, axis=0),
            TABLE,
            r"shifting by one \(what you have at t belongs to t - 1",
        ),
        (
            np.roll(TABLE, -1, axis=0),
            TABLE,
            r"shifting by one \(what you have at t belongs to t \+",
        ),
        (TABLE[::-1], TABLE, "equal after reversing the first axis"),
        (2 * TABLE, TABLE, "off by the constant factor 2"),
        (6.2, 3.1, "off by the constant factor 2"),
        (2.0, 1.0, r"x is 2, but should be 1$"),
        ([[1.0]], [[-1.0]], r"x\[0, 0\] is 1, but should be -1$"),
        ([0.3, 0.9, 0.4], [0.0, 1.0, 0.5], r"x\[0\] is 0.3, but should be 0$"),
        (TABLE * 11, TABLE, "off by the constant factor 11"),
        (-TABLE, TABLE, "the sign is wrong"),
        (math.log(2) * 3.1, 3.1, "nats divided by ln 2 are bits"),
        (3.1, math.log(2) * 3.1, "nats divided by ln 2 are bits"),
        (POSITIVE**2, POSITIVE, "a square root was forgotten"),
        (0.25, 0.5, "constant factor 0.5"),
        (9.61, 3.1, "a square root was forgotten"),
        (np.sqrt(POSITIVE), POSITIVE, "a square root too many"),
        (np.exp(TABLE), TABLE, r"exp\(\) too many"),
        (np.log(POSITIVE), POSITIVE, r"a logarithm where exp\(\) of it is wanted"),
        (2**TABLE, TABLE, "2 to the power of it: logarithms are wanted"),
        (1 - TABLE, TABLE, "1 minus it is wanted"),
        (TABLE + 3.5, TABLE, "off by the constant 3.5"),
        (TABLE[:-1], TABLE, "off by one along axis 0"),
        (TABLE[:, :1], TABLE, r"x has shape \(5, 1\)"),
        ([1.0, np.nan], [1.0, 2.0], "x: 1 of 2 values are NaN or infinite"),
        (CUBE**3, CUBE, r"x\[\d, \d, \d\] is [-.\d]+, but should be [-.\d]+$"),
        (3.7, 3.1, r"x is 3.7, but should be 3.1$"),
        (None, 3.1, "x is None"),
    ],
)
def test_wrong_values(value, expected, message):
    with fails(message):
        check_close(value, expected, "x")


def test_a_constant_answer_is_not_called_shifted():
    with fails(r"x\[4\] is 1, but should be 2$"):
        check_close(np.ones(5), [1.0, 1.0, 1.0, 1.0, 2.0], "x")


def test_hint_ends_the_message():
    with fails(r"should be 1. Think of the mask$"):
        check_close(7.3, 1.0, "x", hint="Think of the mask")


def cubes(x):
    return float((x**3).sum())


def test_right_gradient_passes():
    check_gradient(cubes, lambda x: 3 * x**2, TABLE)
    check_gradient(cubes, 3 * TABLE**2, TABLE)


@pytest.mark.parametrize(
    ("gradient", "message"),
    [
        (lambda x: 6 * x**2, "gradient.*constant factor 2. Compared with central differences"),
        (lambda x: -3 * x**2, "the sign is wrong"),
        (lambda x: (3 * x**2).T, "equal after transposing"),
        (lambda x: x, "should be"),
    ],
)
def test_wrong_gradient(gradient, message):
    with fails(message):
        check_gradient(cubes, gradient, TABLE)


def running_sum(x):
    return np.cumsum(x, axis=0)


def test_causal_functions_pass():
    check_causal(running_sum, CUBE)
    check_causal(lambda x: np.concatenate([x[:1] * 0, running_sum(x)[:-1]]), CUBE, strict=True)
    check_causal(running_sum, np.array([3, 1, 4, 1, 5]))


@pytest.mark.parametrize(
    ("function", "strict", "message"),
    [
        (lambda x: x[::-1], False, "the inputs from step 1 on moves the output at step 0"),
        (lambda x: x - x.mean(axis=0), False, "f looks into the future"),
        (lambda x: np.roll(x, -1, axis=0), False, "f looks into the future"),
        (running_sum, True, "you predict x_t from x_t; the target is one step later"),
        (lambda x: np.roll(x, -1, axis=0), True, "f looks into the future"),
        (lambda x: x + np.random.default_rng().normal(size=x.shape), False, "a second time"),
        (lambda x: None, False, "is None"),
    ],
)
def test_functions_that_see_the_future(function, strict, message):
    with fails(message):
        check_causal(function, CUBE, "f", strict=strict)


def test_causal_changes_whole_numbers_within_their_range():
    seen = []
    check_causal(lambda ids: seen.append(ids) or ids, np.array([3, 5, 4, 7]))
    assert np.concatenate(seen).min() == 3 and np.concatenate(seen).max() == 7


MASK = np.arange(7)[:, None] < np.array([7, 2, 5, 3, 1])  # (T, B)


def masked_mean(values, mask):
    return values[mask].mean()


def test_right_loss_passes():
    check_padding(masked_mean, [CUBE[:, :, 0]], MASK)
    check_padding(lambda p, y, m: ((p - y) ** 2)[m].mean(), [CUBE, CUBE[::-1]], MASK)
    check_padding(lambda ids, m: POSITIVE[ids % 5][m].mean(), [np.arange(35).reshape(7, 5)], MASK)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda v, m: v.mean(), "loss changes from .* with what stands in the padded places"),
        (lambda v, m: v.sum() / m.sum(), "with what stands in the padded places"),
        (lambda v, m: (v * m).mean(), "divide by the number of real steps"),
        (lambda v, m: v[m].sum() / len(m), "divide by the number of real steps"),
    ],
)
def test_losses_that_see_the_padding(loss, message):
    with fails(message):
        check_padding(loss, [CUBE[:, :, 0] + 2], MASK)


def decaying_sum(xs, state):
    state = np.zeros(xs.shape[1:]) if state is None else state
    outputs = []
    for x in xs:
        state = 0.5 * state + x
        outputs.append(state)
    return np.array(outputs), state


@pytest.mark.parametrize("at", [None, 1, 6])
def test_carried_state_passes(at):
    check_carried_state(decaying_sum, CUBE, at)


def test_carried_state_may_be_a_tuple():
    def run(xs, state):
        outputs, state = decaying_sum(xs, None if state is None else state[0])
        return outputs, (state, 2 * state)

    check_carried_state(run, CUBE)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda xs, h: decaying_sum(xs, None), "the carried state is not used"),
        (lambda xs, h: (decaying_sum(xs, h)[0], xs[0] * 0 + 9.0), "does not continue the first"),
        (lambda xs, h: (xs - xs.mean(axis=0), h), "first half depend on the second half"),
        (lambda xs, h: (xs, np.array([len(xs)])), "the state after both halves is not that after"),
    ],
)
def test_wrong_carried_state(run, message):
    with fails(message):
        check_carried_state(run, CUBE)


def softmax(x, axis=-1):
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def test_distributions_pass():
    check_distribution([0.25, 0.75])
    check_distribution(softmax(CUBE))
    check_distribution(softmax(CUBE, axis=0), axis=0)


@pytest.mark.parametrize(
    ("p", "message"),
    [
        (softmax(TABLE, axis=0), "but along axis 0: transposed"),
        (softmax(TABLE, axis=None), "a joint distribution, not a conditional one"),
        (np.log(softmax(TABLE)), "holds negative values.*these are logarithms"),
        ([-0.5, 1.5], "p holds negative values, the smallest is -0.5$"),
        ([0.5, 0.6], r"does not sum to 1 along axis -1 \(sums from 1.1 to 1.1\)$"),
        ([0.5, np.nan], "p holds NaN or infinite values"),
        (None, "p is None"),
    ],
)
def test_not_distributions(p, message):
    with fails(message):
        check_distribution(p)


def test_tensors_are_accepted():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(TABLE, requires_grad=True)
    check_shape(tensor, (5, 3), "tensor")
    check_close(tensor, TABLE, "tensor")
    check_distribution(torch.softmax(tensor, dim=-1))
    check_causal(lambda x: torch.cumsum(x, dim=0), torch.tensor(CUBE))
    with fails("looks into the future"):
        check_causal(lambda x: torch.flip(x, [0]), torch.arange(7))
