"""The GRU in NumPy against torch, against measured slopes and against itself."""

import numpy as np
import pytest
import torch

from rnncourse.numpy_gru import Parameters, backward, forward, initialise, loss_and_gradients
from rnncourse.numpy_rnn import cross_entropy
from rnncourse.numpy_rnn_numerical import numerical_gradient, relative_error
from rnncourse.optimizers import Adam

T, B, D, H, V = 7, 3, 5, 13, 11
SHAPES = {"one sequence": (), "a batch": (B,)}


def a_case(kind, batch, dtype=np.float64, steps=T):
    """Parameters, inputs (ids or vectors), targets and a first state, all with prime sizes."""
    generator = np.random.default_rng(1)
    parameters = initialise(D, H, V, seed=2, scale=0.5, dtype=dtype)
    for bias in (parameters.b_h, parameters.b_hn, parameters.b_y):
        bias[:] = generator.normal(size=bias.shape)
    if kind == "ids":
        inputs = generator.integers(0, D, (steps, *batch))
    else:
        inputs = generator.normal(size=(steps, *batch, D))
    targets = generator.integers(0, V, (steps, *batch))
    return parameters, inputs, targets, generator.normal(size=(*batch, H)) / 2


def with_torch(parameters, inputs, targets, h0, mask=None):
    """The summed loss, gradients, gradient of h_0 and last state, from torch.nn.GRU."""
    rnn, head = torch.nn.GRU(D, H).double(), torch.nn.Linear(H, V).double()
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(parameters.W_xh.T))
        rnn.weight_hh_l0.copy_(torch.from_numpy(parameters.W_hh.T))
        rnn.bias_ih_l0.copy_(torch.from_numpy(parameters.b_h))
        rnn.bias_hh_l0.zero_()
        rnn.bias_hh_l0[2 * H :] = torch.from_numpy(parameters.b_hn)
        head.weight.copy_(torch.from_numpy(parameters.W_hy.T))
        head.bias.copy_(torch.from_numpy(parameters.b_y))
    xs = np.eye(D)[inputs] if inputs.dtype.kind == "i" else inputs
    start = torch.from_numpy(h0)[None].requires_grad_()
    hs, last = rnn(torch.from_numpy(xs), start)
    losses = torch.nn.functional.cross_entropy(
        head(hs).reshape(-1, V), torch.from_numpy(targets).reshape(-1), reduction="none"
    )
    if mask is not None:
        losses = losses * torch.from_numpy(mask).reshape(-1)
    losses.sum().backward()
    into = rnn.weight_ih_l0.grad.T, rnn.weight_hh_l0.grad.T, rnn.bias_ih_l0.grad
    into += (rnn.bias_hh_l0.grad[2 * H :],)
    gradients = Parameters(*(g.numpy() for g in (*into, head.weight.grad.T, head.bias.grad)))
    return losses.sum().item(), gradients, start.grad[0].numpy(), last[0].detach().numpy()


# ---------------------------------------------------------------- oracles


@pytest.mark.parametrize("kind", ["ids", "vectors"])
@pytest.mark.parametrize("batch", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("steps", [1, T])
def test_loss_gradients_and_state_are_those_of_torch(kind, batch, masked, steps):
    parameters, inputs, targets, h0 = a_case(kind, batch, steps=steps)
    mask = np.random.default_rng(3).random(targets.shape) < 0.7 if masked else None
    loss, expected, d_h0, last = with_torch(parameters, inputs, targets, h0, mask)
    result = forward(parameters, inputs, h0)
    losses, d_logits = cross_entropy(result.logits, targets, mask)
    gradients, d_start = backward(parameters, result, d_logits)
    assert losses.sum() == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(result.states[-1], last, atol=1e-12)
    np.testing.assert_allclose(d_start, d_h0, atol=1e-10)
    for ours, theirs in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-10)


@pytest.mark.parametrize("kind", ["ids", "vectors"])
@pytest.mark.parametrize("batch", SHAPES.values(), ids=SHAPES)
def test_gradients_pass_the_numerical_check(kind, batch):
    parameters, inputs, targets, h0 = a_case(kind, batch)
    _, gradients, _ = loss_and_gradients(parameters, inputs, targets, h0)

    def loss(moved):
        return loss_and_gradients(moved, inputs, targets, h0)[0]

    assert relative_error(gradients, numerical_gradient(loss, parameters)) < 1e-7


def test_one_step_by_hand():
    """W_xh drives r and z to 1/2 and 3/4; n is tanh(1 + r (2 h + 3))."""
    W_xh = np.array([[0.0, 0.0, 0.0], [0.0, np.log(3), 0.75]])
    W_hh, b_h, b_hn = np.array([[0.0, 0.0, 2.0]]), np.array([0.0, 0.0, 0.25]), np.array([3.0])
    parameters = Parameters(W_xh, W_hh, b_h, b_hn, np.eye(1, 2), np.zeros(2))
    result = forward(parameters, np.array([1]), np.array([0.4]))
    n = np.tanh(1 + 0.5 * (2 * 0.4 + 3))
    np.testing.assert_allclose(result.gates, [[0.5, 0.75, n]])
    np.testing.assert_allclose(result.recalled, [[3.8]])
    h = 0.75 * 0.4 + 0.25 * n  # z keeps the old state
    np.testing.assert_allclose(result.states, [[0.4], [h]])
    np.testing.assert_allclose(result.logits, [[h, 0.0]])


def test_the_reset_gate_acts_after_the_product():
    """With (r h) W_hn instead of r (h W_hn), as published, the states are others."""
    parameters, inputs, _, h0 = a_case("vectors", (B,))
    parameters.b_hn[:] = 0
    result = forward(parameters, inputs[:1], h0)
    r, z, _ = np.split(result.gates[0], 3, axis=-1)
    x = inputs[0] @ parameters.W_xh[:, 2 * H :] + parameters.b_h[2 * H :]
    W_hn = parameters.W_hh[:, 2 * H :]
    after, before = (np.tanh(x + a) for a in (r * (h0 @ W_hn), (r * h0) @ W_hn))
    np.testing.assert_allclose(result.states[1], z * h0 + (1 - z) * after, atol=1e-13)
    assert np.abs(result.states[1] - (z * h0 + (1 - z) * before)).max() > 0.01


def test_an_update_gate_that_is_open_carries_the_state_for_ever():
    parameters, inputs, _, h0 = a_case("vectors", (B,), steps=500)
    parameters.b_h[H : 2 * H] = 300  # z = 1
    result = forward(parameters, inputs, h0)
    np.testing.assert_array_equal(result.states[-1], result.states[0])
    d_last = np.random.default_rng(0).normal(size=(B, H))
    _, d_h0 = backward(parameters, result, np.zeros_like(result.logits), d_last)
    np.testing.assert_array_equal(d_h0, d_last)


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
    parameters, inputs, targets, h0 = a_case(kind, batch)
    whole = forward(parameters, inputs, h0)
    _, d_logits = cross_entropy(whole.logits, targets)
    expected, d_h0 = backward(parameters, whole, d_logits)
    first = forward(parameters, inputs[:3], h0)
    second = forward(parameters, inputs[3:], first.states[-1])
    np.testing.assert_allclose(np.concatenate([first.logits, second.logits]), whole.logits)
    late, d_middle = backward(parameters, second, d_logits[3:])
    early, d_start = backward(parameters, first, d_logits[:3], d_middle)
    np.testing.assert_allclose(d_start, d_h0, atol=1e-13)
    for a, b, both in zip(early, late, expected, strict=True):
        np.testing.assert_allclose(a + b, both, atol=1e-12)


def test_the_future_does_not_move_the_past():
    parameters, inputs, _, h0 = a_case("ids", (B,))
    changed = inputs.copy()
    changed[4] = (changed[4] + 1) % D
    before, after = forward(parameters, inputs, h0), forward(parameters, changed, h0)
    np.testing.assert_array_equal(before.logits[:4], after.logits[:4])
    assert (before.logits[4] != after.logits[4]).all()


def test_sequences_of_a_batch_do_not_touch_each_other():
    parameters, inputs, targets, h0 = a_case("vectors", (B,))
    _, gradients, last = loss_and_gradients(parameters, inputs, targets, h0)
    singles = [loss_and_gradients(parameters, inputs[:, b], targets[:, b], h0[b]) for b in range(B)]
    for together, *each in zip(gradients, *(single[1] for single in singles), strict=True):
        np.testing.assert_allclose(together, np.mean(each, axis=0), atol=1e-13)
    np.testing.assert_allclose(last, [single[2] for single in singles], atol=1e-13)


def test_padding_does_not_change_the_loss():
    parameters, inputs, targets, h0 = a_case("ids", (B,))
    padded, longer = (np.concatenate([a, np.ones((2, B), int)]) for a in (inputs, targets))
    mask = np.arange(T + 2)[:, None] < np.full(B, T)
    loss, gradients, _ = loss_and_gradients(parameters, inputs, targets, h0)
    masked_loss, masked, _ = loss_and_gradients(parameters, padded, longer, h0, mask)
    assert masked_loss == pytest.approx(loss, rel=1e-14)
    for ours, expected in zip(masked, gradients, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-14)


def test_forward_and_backward_leave_their_arguments_alone():
    parameters, inputs, targets, h0 = a_case("vectors", (B,))
    result = forward(parameters, inputs, h0)
    _, d_logits = cross_entropy(result.logits, targets)
    everything = [*parameters, *result, d_logits, h0]
    copies = [array.copy() for array in everything]
    backward(parameters, result, d_logits, h0)
    loss_and_gradients(parameters, inputs, targets, h0)
    for array, copy in zip(everything, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_precision_is_that_of_the_parameters(dtype):
    _, gradients, last = loss_and_gradients(*a_case("vectors", (B,), dtype))
    exact = loss_and_gradients(*a_case("vectors", (B,)))[1]
    assert {array.dtype for array in [*gradients, last]} == {np.dtype(dtype)}
    assert relative_error(gradients, exact) < (1e-5 if dtype == np.float32 else 1e-14)


def test_initialise_draws_what_it_says():
    parameters = initialise(200, 100, 50, seed=0, scale=0.03)
    shapes = [(200, 300), (100, 300), (300,), (100,), (100, 50), (50,)]
    assert [p.shape for p in parameters] == shapes
    for weights in (parameters.W_xh, parameters.W_hh, parameters.W_hy):
        assert weights.std() == pytest.approx(0.03, rel=0.03)
    assert not any(bias.any() for bias in (parameters.b_h, parameters.b_hn, parameters.b_y))


# ---------------------------------------------------------------- bad input


def broken(**changes):
    return initialise(D, H, V, seed=0)._replace(**changes)


IDS, ZEROS = np.zeros((T, B), int), np.zeros((B, H))
BAD = {
    "NaN": ((broken(W_hh=np.full((H, 3 * H), np.nan)), IDS, IDS), ValueError, "W_hh must be fin"),
    "W_hh": (
        (broken(W_hh=np.zeros((H, H))), IDS, IDS),
        ValueError,
        r"shape \(13, 39\).*\(13, 13\)",
    ),
    "W_xh": ((broken(W_xh=np.zeros(D)), IDS, IDS), ValueError, "2 dimensions"),
    "b_h": ((broken(b_h=np.zeros(4 * H)), IDS, IDS), ValueError, r"b_h must have shape \(39,\)"),
    "b_y": ((broken(b_y=np.zeros(V + 1)), IDS, IDS), ValueError, r"b_y must have shape \(11,\)"),
    "no ids": ((broken(W_xh=np.zeros((0, 3 * H))), IDS, IDS), ValueError, "axis of length 0"),
    "mixed": ((broken(b_h=np.zeros(3 * H, "f4")), IDS, IDS), TypeError, "b_h is float32"),
    "list": ((broken(b_y=[0.0] * V), IDS, IDS), TypeError, "b_y is list"),
    "empty": ((broken(), [], []), ValueError, "at least one step"),
    "id": ((broken(), IDS + D, IDS), ValueError, "inputs must lie between 0 and 4, .* is 5"),
    "input NaN": ((broken(), np.full((T, B, D), np.nan), IDS), ValueError, "inputs must be finite"),
    "b_hn": ((broken(b_hn=np.zeros(1)), IDS, IDS), ValueError, r"b_hn must have shape \(13,\)"),
    "h0": ((broken(), IDS, IDS, ZEROS[:1]), ValueError, r"h0 must have shape \(3, 13\)"),
    "h0 NaN": ((broken(), IDS, IDS, ZEROS * np.nan), ValueError, "h0 must be finite"),
    "h0 pair": ((broken(), IDS, IDS, (ZEROS, ZEROS)), ValueError, r"h0 must have .*\(2, 3, 13\)"),
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
        (np.zeros((T, B, V)), ZEROS[0], r"d_last must have shape \(3, 13\)"),
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
        ((3, 3, 5, 0, 0.1, np.float16), TypeError, "dtype"),
    ],
)
def test_bad_sizes(arguments, error, match):
    with pytest.raises(error, match=match):
        initialise(*arguments)
