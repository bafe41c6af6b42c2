"""The LSTM in NumPy against torch, against measured slopes and against itself."""

import numpy as np
import pytest
import torch

from rnncourse.numpy_gates import sigmoid
from rnncourse.numpy_lstm import Parameters, backward, forward, initialise, loss_and_gradients
from rnncourse.numpy_rnn import cross_entropy
from rnncourse.numpy_rnn_numerical import numerical_gradient, relative_error
from rnncourse.optimizers import Adam

T, B, D, H, V = 7, 3, 5, 13, 11
SHAPES = {"one sequence": (), "a batch": (B,)}


def a_case(kind, batch, dtype=np.float64, steps=T):
    """Parameters, inputs (ids or vectors), targets and a first state, all with prime sizes."""
    generator = np.random.default_rng(1)
    parameters = initialise(D, H, V, seed=2, scale=0.5, dtype=dtype)
    parameters.b_h[:], parameters.b_y[:] = generator.normal(size=4 * H), generator.normal(size=V)
    if kind == "ids":
        inputs = generator.integers(0, D, (steps, *batch))
    else:
        inputs = generator.normal(size=(steps, *batch, D))
    targets = generator.integers(0, V, (steps, *batch))
    return parameters, inputs, targets, tuple(generator.normal(size=(2, *batch, H)) / 2)


def with_torch(parameters, inputs, targets, state, mask=None):
    """The summed loss, gradients, gradients of h_0 and c_0 and last state, from torch.nn.LSTM."""
    rnn, head = torch.nn.LSTM(D, H).double(), torch.nn.Linear(H, V).double()
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(parameters.W_xh.T))
        rnn.weight_hh_l0.copy_(torch.from_numpy(parameters.W_hh.T))
        rnn.bias_ih_l0.copy_(torch.from_numpy(parameters.b_h))
        rnn.bias_hh_l0.zero_()
        head.weight.copy_(torch.from_numpy(parameters.W_hy.T))
        head.bias.copy_(torch.from_numpy(parameters.b_y))
    xs = np.eye(D)[inputs] if inputs.dtype.kind == "i" else inputs
    start = [torch.from_numpy(part)[None].requires_grad_() for part in state]
    hs, last = rnn(torch.from_numpy(xs), tuple(start))
    losses = torch.nn.functional.cross_entropy(
        head(hs).reshape(-1, V), torch.from_numpy(targets).reshape(-1), reduction="none"
    )
    if mask is not None:
        losses = losses * torch.from_numpy(mask).reshape(-1)
    losses.sum().backward()
    into = rnn.weight_ih_l0.grad.T, rnn.weight_hh_l0.grad.T, rnn.bias_ih_l0.grad
    gradients = Parameters(*(g.numpy() for g in (*into, head.weight.grad.T, head.bias.grad)))
    d_state = [part.grad[0].numpy() for part in start]
    return losses.sum().item(), gradients, d_state, [part[0].detach().numpy() for part in last]


# ---------------------------------------------------------------- oracles


@pytest.mark.parametrize("kind", ["ids", "vectors"])
@pytest.mark.parametrize("batch", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("steps", [1, T])
def test_loss_gradients_and_state_are_those_of_torch(kind, batch, masked, steps):
    parameters, inputs, targets, state = a_case(kind, batch, steps=steps)
    mask = np.random.default_rng(3).random(targets.shape) < 0.7 if masked else None
    loss, expected, d_state, last = with_torch(parameters, inputs, targets, state, mask)
    result = forward(parameters, inputs, state)
    losses, d_logits = cross_entropy(result.logits, targets, mask)
    gradients, d_start = backward(parameters, result, d_logits)
    assert losses.sum() == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose((result.hs[-1], result.cs[-1]), last, atol=1e-12)
    np.testing.assert_allclose(d_start, d_state, atol=1e-10)
    for ours, theirs in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-10)


@pytest.mark.parametrize("kind", ["ids", "vectors"])
@pytest.mark.parametrize("batch", SHAPES.values(), ids=SHAPES)
def test_gradients_pass_the_numerical_check(kind, batch):
    parameters, inputs, targets, state = a_case(kind, batch)
    _, gradients, _ = loss_and_gradients(parameters, inputs, targets, state)

    def loss(moved):
        return loss_and_gradients(moved, inputs, targets, state)[0]

    assert relative_error(gradients, numerical_gradient(loss, parameters)) < 1e-7


def test_without_the_ways_through_the_gates_the_gradient_is_another():
    """What the papers of 1997 and 2000 computed: h_{t-1} passes no gradient on."""
    parameters, inputs, targets, state = a_case("vectors", (B,))
    _, whole, _ = loss_and_gradients(parameters, inputs, targets, state)
    result = forward(parameters, inputs, state)
    _, d_logits = cross_entropy(result.logits, targets)
    deaf = parameters._replace(W_hh=np.zeros_like(parameters.W_hh))
    truncated, _ = backward(deaf, result, d_logits / targets.size)
    assert relative_error(truncated, whole) > 0.01
    np.testing.assert_allclose(truncated.W_hy, whole.W_hy, atol=1e-14)


def test_one_step_by_hand():
    """W_xh and b_h drive i, f, g and o to 1/2, 3/4, tanh(1) and 1/4."""
    sums = np.log([1, 3, np.nan, 1 / 3])
    sums[2] = 1.0
    W_xh = np.array([[0.0, 0.0, 0.0, 0.0], sums])
    parameters = Parameters(W_xh, np.zeros((1, 4)), np.zeros(4), np.eye(1, 2), np.zeros(2))
    result = forward(parameters, np.array([1]), (np.array([9.0]), np.array([0.4])))
    c = 0.75 * 0.4 + 0.5 * np.tanh(1.0)
    np.testing.assert_allclose(result.gates, [[0.5, 0.75, np.tanh(1.0), 0.25]])
    np.testing.assert_allclose(result.cs, [[0.4], [c]])
    np.testing.assert_allclose(result.hs, [[9.0], [0.25 * np.tanh(c)]])
    np.testing.assert_allclose(result.logits, [[0.25 * np.tanh(c), 0.0]])


def test_sigmoid_does_not_overflow():
    a = np.array([-1e4, -40.0, -1.0, 0.0, 1.0, 40.0, 1e4])
    with np.errstate(all="raise"):
        np.testing.assert_allclose(sigmoid(a[1:-1]), 1 / (1 + np.exp(-a[1:-1])), atol=1e-15)
        assert sigmoid(a)[[0, 3, -1]].tolist() == [0.0, 0.5, 1.0]


def test_gates_that_are_shut_and_open_carry_a_cell_for_ever():
    parameters, inputs, _, state = a_case("vectors", (B,), steps=500)
    parameters.b_h[:H], parameters.b_h[H : 2 * H] = -300, 300  # i = 0, f = 1
    result = forward(parameters, inputs, state)
    np.testing.assert_array_equal(result.cs[-1], result.cs[0])
    zero = np.zeros_like(result.logits)
    d_c = np.ones((B, H))
    _, d_state = backward(parameters, result, zero, (np.zeros((B, H)), d_c))
    np.testing.assert_array_equal(d_state[1], d_c)
    np.testing.assert_array_equal(d_state[0], 0)


def test_it_learns():
    """Say at each step which of the symbols the very first one was."""
    generator, optimizer = np.random.default_rng(0), Adam(0.03)
    parameters = initialise(3, 17, 3, seed=0, scale=0.3)
    losses = []
    for _ in range(120):
        ids = generator.integers(0, 3, (11, 19))
        loss, gradients, _ = loss_and_gradients(parameters, ids, ids[:1].repeat(11, axis=0))
        optimizer.update(parameters, gradients)
        losses.append(loss)
    assert losses[0] == pytest.approx(np.log(3), abs=0.1)
    assert losses[-1] < 0.1


# ---------------------------------------------------------------- invariants


@pytest.mark.parametrize("kind", ["ids", "vectors"])
@pytest.mark.parametrize("batch", SHAPES.values(), ids=SHAPES)
def test_two_halves_with_the_carried_state_equal_the_whole(kind, batch):
    parameters, inputs, targets, state = a_case(kind, batch)
    whole = forward(parameters, inputs, state)
    _, d_logits = cross_entropy(whole.logits, targets)
    expected, d_state = backward(parameters, whole, d_logits)
    first = forward(parameters, inputs[:3], state)
    second = forward(parameters, inputs[3:], (first.hs[-1], first.cs[-1]))
    np.testing.assert_allclose(np.concatenate([first.logits, second.logits]), whole.logits)
    late, d_middle = backward(parameters, second, d_logits[3:])
    early, d_start = backward(parameters, first, d_logits[:3], d_middle)
    np.testing.assert_allclose(d_start, d_state, atol=1e-13)
    for a, b, both in zip(early, late, expected, strict=True):
        np.testing.assert_allclose(a + b, both, atol=1e-12)


def test_the_future_does_not_move_the_past():
    parameters, inputs, _, state = a_case("ids", (B,))
    changed = inputs.copy()
    changed[4] = (changed[4] + 1) % D
    before, after = forward(parameters, inputs, state), forward(parameters, changed, state)
    np.testing.assert_array_equal(before.logits[:4], after.logits[:4])
    assert (before.logits[4] != after.logits[4]).all()


def test_sequences_of_a_batch_do_not_touch_each_other():
    parameters, inputs, targets, state = a_case("vectors", (B,))
    _, gradients, last = loss_and_gradients(parameters, inputs, targets, state)
    singles = [
        loss_and_gradients(parameters, inputs[:, b], targets[:, b], (state[0][b], state[1][b]))
        for b in range(B)
    ]
    for together, *each in zip(gradients, *(single[1] for single in singles), strict=True):
        np.testing.assert_allclose(together, np.mean(each, axis=0), atol=1e-13)
    for k in range(2):
        np.testing.assert_allclose(last[k], [single[2][k] for single in singles], atol=1e-13)


def test_padding_does_not_change_the_loss():
    parameters, inputs, targets, state = a_case("ids", (B,))
    padded, longer = (np.concatenate([a, np.ones((2, B), int)]) for a in (inputs, targets))
    mask = np.arange(T + 2)[:, None] < np.full(B, T)
    loss, gradients, _ = loss_and_gradients(parameters, inputs, targets, state)
    masked_loss, masked, _ = loss_and_gradients(parameters, padded, longer, state, mask)
    assert masked_loss == pytest.approx(loss, rel=1e-14)
    for ours, expected in zip(masked, gradients, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-14)


def test_forward_and_backward_leave_their_arguments_alone():
    parameters, inputs, targets, state = a_case("vectors", (B,))
    result = forward(parameters, inputs, state)
    _, d_logits = cross_entropy(result.logits, targets)
    everything = [*parameters, *result, d_logits, *state]
    copies = [array.copy() for array in everything]
    backward(parameters, result, d_logits, state)
    loss_and_gradients(parameters, inputs, targets, state)
    for array, copy in zip(everything, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_precision_is_that_of_the_parameters(dtype):
    _, gradients, last = loss_and_gradients(*a_case("vectors", (B,), dtype))
    exact = loss_and_gradients(*a_case("vectors", (B,)))[1]
    assert {array.dtype for array in [*gradients, *last]} == {np.dtype(dtype)}
    assert relative_error(gradients, exact) < (1e-5 if dtype == np.float32 else 1e-14)


def test_initialise_draws_what_it_says():
    parameters = initialise(200, 100, 50, seed=0, scale=0.03, forget_bias=1.5)
    assert [p.shape for p in parameters] == [(200, 400), (100, 400), (400,), (100, 50), (50,)]
    for weights in (parameters.W_xh, parameters.W_hh, parameters.W_hy):
        assert weights.std() == pytest.approx(0.03, rel=0.03)
    assert parameters.b_h.reshape(4, 100).mean(axis=1).tolist() == [0.0, 1.5, 0.0, 0.0]
    assert parameters.b_h.reshape(4, 100).std(axis=1).tolist() == [0.0] * 4
    assert not parameters.b_y.any()


# ---------------------------------------------------------------- bad input


def broken(**changes):
    return initialise(D, H, V, seed=0)._replace(**changes)


IDS, ZEROS = np.zeros((T, B), int), np.zeros((B, H))
BAD = {
    "NaN": ((broken(W_hh=np.full((H, 4 * H), np.nan)), IDS, IDS), ValueError, "W_hh must be fin"),
    "W_hh": (
        (broken(W_hh=np.zeros((H, H))), IDS, IDS),
        ValueError,
        r"shape \(13, 52\).*\(13, 13\)",
    ),
    "W_xh": ((broken(W_xh=np.zeros(D)), IDS, IDS), ValueError, "2 dimensions"),
    "b_h": ((broken(b_h=np.zeros(3 * H)), IDS, IDS), ValueError, r"b_h must have shape \(52,\)"),
    "b_y": ((broken(b_y=np.zeros(V + 1)), IDS, IDS), ValueError, r"b_y must have shape \(11,\)"),
    "no ids": ((broken(W_xh=np.zeros((0, 4 * H))), IDS, IDS), ValueError, "axis of length 0"),
    "mixed": ((broken(b_h=np.zeros(4 * H, "f4")), IDS, IDS), TypeError, "b_h is float32"),
    "list": ((broken(b_y=[0.0] * V), IDS, IDS), TypeError, "b_y is list"),
    "empty": ((broken(), [], []), ValueError, "at least one step"),
    "id": ((broken(), IDS + D, IDS), ValueError, "inputs must lie between 0 and 4, .* is 5"),
    "input NaN": ((broken(), np.full((T, B, D), np.nan), IDS), ValueError, "inputs must be finite"),
    "no pair": ((broken(), IDS, IDS, ZEROS), TypeError, r"state must be a pair \(h, c\), but is n"),
    "three": ((broken(), IDS, IDS, (ZEROS,) * 3), TypeError, "state must be a pair"),
    "h": (
        (broken(), IDS, IDS, (ZEROS[:1], ZEROS)),
        ValueError,
        r"h of state must have .*\(3, 13\)",
    ),
    "c": ((broken(), IDS, IDS, (ZEROS, ZEROS * np.nan)), ValueError, "c of state must be finite"),
    "targets": ((broken(), IDS, IDS[1:]), ValueError, r"targets must have shape \(7, 3\)"),
    "target": ((broken(), IDS, IDS + V), ValueError, "targets must lie between 0 and 10"),
    "mask": ((broken(), IDS, IDS, None, IDS > 0), ValueError, "mask must be True somewhere"),
    "mask kind": ((broken(), IDS, IDS, None, IDS), TypeError, "mask must hold booleans"),
}


@pytest.mark.parametrize(("arguments", "error", "match"), BAD.values(), ids=BAD)
def test_bad_input(arguments, error, match):
    with pytest.raises(error, match=match):
        loss_and_gradients(*arguments)


@pytest.mark.parametrize(
    ("d_logits", "d_last", "match"),
    [
        (np.zeros((T, 1, V)), None, r"d_logits must have shape \(7, 3, 11\)"),
        (np.full((T, B, V), np.nan), None, "d_logits must be finite"),
        (np.zeros((T, B, V)), (ZEROS, ZEROS[0]), r"c of d_last must have shape \(3, 13\)"),
    ],
)
def test_gradients_that_do_not_fit(d_logits, d_last, match):
    with pytest.raises(ValueError, match=match):
        backward(broken(), forward(broken(), IDS), d_logits, d_last)


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ((0, 3, 5, 0), ValueError, "input_size"),
        ((3, 2.5, 5, 0), TypeError, "hidden_size"),
        ((3, 3, -1, 0), ValueError, "output_size"),
        ((3, 3, 5, "x"), TypeError, "seed"),
        ((3, 3, 5, 0, -0.1), ValueError, "scale"),
        ((3, 3, 5, 0, 0.1, np.inf), ValueError, "forget_bias"),
        ((3, 3, 5, 0, 0.1, 1.0, np.float16), TypeError, "dtype"),
    ],
)
def test_bad_sizes(arguments, error, match):
    with pytest.raises(error, match=match):
        initialise(*arguments)
