"""The recurrent network in NumPy against torch, against measured slopes and against itself."""

import numpy as np
import pytest
import torch

from benchmarks import numpy_rnn as benchmark
from rnncourse import numpy_rnn_sweep
from rnncourse.numpy_rnn import (
    Forward,
    Parameters,
    backward,
    cross_entropy,
    forward,
    initialise,
    loss_and_gradients,
)
from rnncourse.numpy_rnn_lookup import sum_rows_by_id
from rnncourse.numpy_rnn_numerical import numerical_gradient, relative_error
from rnncourse.numpy_rnn_sweep import Sweep

T, B, D, H, V = 7, 3, 5, 13, 11
SHAPES = {"one sequence": (), "a batch": (B,)}


def a_case(kind, batch, dtype=np.float64, steps=T):
    """Parameters, inputs (ids or vectors), targets and a first state, all with prime sizes."""
    generator = np.random.default_rng(1)
    parameters = initialise(D, H, V, seed=2, scale=0.5, dtype=dtype)
    parameters.b_h[:], parameters.b_y[:] = generator.normal(size=H), generator.normal(size=V)
    if kind == "ids":
        inputs = generator.integers(0, D, (steps, *batch))
    else:
        inputs = generator.normal(size=(steps, *batch, D))
    targets = generator.integers(0, V, (steps, *batch))
    return parameters, inputs, targets, generator.normal(size=(*batch, H)) / 2


def with_torch(parameters, inputs, targets, h0, mask=None):
    """The summed loss, gradients, gradient of h0 and last state, from torch.nn.RNN and autograd."""
    rnn, head = torch.nn.RNN(D, H).double(), torch.nn.Linear(H, V).double()
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(parameters.W_xh.T))
        rnn.weight_hh_l0.copy_(torch.from_numpy(parameters.W_hh.T))
        rnn.bias_ih_l0.copy_(torch.from_numpy(parameters.b_h))
        rnn.bias_hh_l0.zero_()
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
    gradients = Parameters(
        rnn.weight_ih_l0.grad.T,
        rnn.weight_hh_l0.grad.T,
        rnn.bias_ih_l0.grad,
        head.weight.grad.T,
        head.bias.grad,
    )
    gradients = Parameters(*(g.numpy() for g in gradients))
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


def test_the_numerical_check_finds_a_wrong_gradient():
    parameters, inputs, targets, h0 = a_case("ids", (B,))
    _, gradients, _ = loss_and_gradients(parameters, inputs, targets, h0)
    wrong = gradients._replace(b_h=gradients.b_h * 1.0001)

    def loss(moved):
        return loss_and_gradients(moved, inputs, targets, h0)[0]

    assert relative_error(wrong, numerical_gradient(loss, parameters)) > 1e-5


def test_one_step_by_hand():
    parameters = Parameters(
        np.array([[0.5], [-1.0]]), np.array([[2.0]]), np.array([0.1]), np.eye(1, 2), np.zeros(2)
    )
    result = forward(parameters, np.array([1]), np.array([0.25]))
    h = np.tanh(-1.0 + 2.0 * 0.25 + 0.1)
    np.testing.assert_allclose(result.states, [[0.25], [h]])
    np.testing.assert_allclose(result.logits, [[h, 0.0]])


def test_ids_are_one_hot_vectors():
    parameters, ids, _, h0 = a_case("ids", (B,))
    looked_up, multiplied = (forward(parameters, x, h0) for x in (ids, np.eye(D)[ids]))
    np.testing.assert_allclose(looked_up.logits, multiplied.logits, atol=1e-14)


def test_rows_are_summed_by_id():
    generator = np.random.default_rng(0)
    for limit in (3, 300, 70_000):  # one, two and four bytes
        ids, rows = generator.integers(0, limit, (T, B)), generator.normal(size=(T * B, H))
        expected = np.zeros((limit, H))
        np.add.at(expected, ids.ravel(), rows)
        found, sums = sum_rows_by_id(ids, rows)
        assert found.tolist() == np.unique(ids).tolist()
        np.testing.assert_allclose(sums, expected[found], atol=1e-12)


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
    np.testing.assert_array_equal(np.concatenate([first.logits, second.logits]), whole.logits)
    late, d_middle = backward(parameters, second, d_logits[3:])
    early, d_start = backward(parameters, first, d_logits[:3], d_middle)
    np.testing.assert_allclose(d_start, d_h0, atol=1e-13)
    for a, b, both in zip(early, late, expected, strict=True):
        np.testing.assert_allclose(a + b, both, atol=1e-13)


def test_the_future_does_not_move_the_past():
    parameters, inputs, _, h0 = a_case("ids", (B,))
    changed = inputs.copy()
    changed[4] = (changed[4] + 1) % D
    before, after = forward(parameters, inputs, h0), forward(parameters, changed, h0)
    np.testing.assert_array_equal(before.logits[:4], after.logits[:4])
    assert (before.logits[4] != after.logits[4]).all()


def test_sequences_of_a_batch_do_not_touch_each_other():
    parameters, inputs, targets, h0 = a_case("vectors", (B,))
    batch = forward(parameters, inputs, h0)
    alone = forward(parameters, inputs[:, 1], h0[1])
    np.testing.assert_allclose(batch.logits[:, 1], alone.logits, atol=1e-13)
    _, gradients, _ = loss_and_gradients(parameters, inputs, targets, h0)
    singles = [
        loss_and_gradients(parameters, inputs[:, b], targets[:, b], h0[b])[1] for b in range(B)
    ]
    for together, *each in zip(gradients, *singles, strict=True):
        np.testing.assert_allclose(together, np.mean(each, axis=0), atol=1e-13)


def test_forward_and_backward_leave_their_arguments_alone():
    parameters, inputs, targets, h0 = a_case("vectors", (B,))
    result = forward(parameters, inputs, h0)
    _, d_logits = cross_entropy(result.logits, targets)
    everything = [*parameters, *result, d_logits, h0]
    copies = [array.copy() for array in everything]
    backward(parameters, result, d_logits, h0)
    Sweep()(parameters, inputs, targets, h0)
    for array, copy in zip(everything, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("sweep", [loss_and_gradients, Sweep()], ids=["plain", "sweep"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_precision_is_that_of_the_parameters(dtype, sweep):
    parameters, inputs, targets, h0 = a_case("vectors", (B,), dtype)
    _, gradients, last = sweep(parameters, inputs, targets, h0)
    exact = loss_and_gradients(*a_case("vectors", (B,)))[1]
    assert {array.dtype for array in [*gradients, last]} == {np.dtype(dtype)}
    assert relative_error(gradients, exact) < (1e-5 if dtype == np.float32 else 1e-14)


def test_initialise_draws_what_it_says():
    parameters = initialise(200, 300, 100, seed=0, scale=0.03)
    assert [p.shape for p in parameters] == [(200, 300), (300, 300), (300,), (300, 100), (100,)]
    for weights in (parameters.W_xh, parameters.W_hh, parameters.W_hy):
        assert weights.std() == pytest.approx(0.03, rel=0.02)
        assert abs(weights.mean()) < 0.001
    assert not parameters.b_h.any()
    assert not parameters.b_y.any()
    assert (initialise(5, 7, 3, seed=1).W_hh == initialise(5, 7, 3, seed=1).W_hh).all()


# ---------------------------------------------------------------- the loss


def test_losses_of_huge_logits_are_exact():
    losses, gradient = cross_entropy(np.array([[1000.0, 0.0], [-1000.0, 0.0]]), np.array([1, 1]))
    np.testing.assert_allclose(losses, [1000.0, 0.0])
    np.testing.assert_allclose(gradient, [[1, -1], [0, 0]])


def test_equal_logits_cost_the_logarithm_of_their_number():
    losses, gradient = cross_entropy(np.full((T, B, V), 2.5), np.zeros((T, B), int))
    np.testing.assert_allclose(losses, np.log(V))
    np.testing.assert_allclose(gradient.sum(axis=-1), 0, atol=1e-15)


def test_the_loss_reads_logits_however_they_lie_in_memory():
    logits = np.random.default_rng(0).normal(size=(T, B, V))
    targets = np.random.default_rng(1).integers(0, V, (T, B))
    losses, gradient = cross_entropy(logits, targets)
    for order in [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0)]:
        turned = np.ascontiguousarray(logits.transpose(order)).transpose(np.argsort(order))
        again, gradient_again = cross_entropy(turned, targets)
        np.testing.assert_allclose(again, losses, atol=1e-14)
        np.testing.assert_allclose(gradient_again, gradient, atol=1e-14)


def test_padding_does_not_change_the_loss():
    parameters, inputs, targets, h0 = a_case("ids", (B,))
    padded, longer = (np.concatenate([a, np.ones((2, B), int)]) for a in (inputs, targets))
    mask = np.arange(T + 2)[:, None] < np.full(B, T)
    loss, gradients, _ = loss_and_gradients(parameters, inputs, targets, h0)
    for sweep in (loss_and_gradients, Sweep()):
        masked_loss, masked, _ = sweep(parameters, padded, longer, h0, mask)
        assert masked_loss == pytest.approx(loss, rel=1e-14)
        for ours, expected in zip(masked, gradients, strict=True):
            np.testing.assert_allclose(ours, expected, atol=1e-14)


# ---------------------------------------------------------------- the fast sweep


@pytest.mark.parametrize("kind", ["ids", "vectors"])
@pytest.mark.parametrize("batch", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("rows", [1, 6, 1024])
@pytest.mark.parametrize("steps", [1, T])
def test_the_fast_sweep_gives_the_same_numbers(kind, batch, rows, steps, monkeypatch):
    monkeypatch.setattr(numpy_rnn_sweep, "ROWS_AT_ONCE", rows)
    parameters, inputs, targets, h0 = a_case(kind, batch, steps=steps)
    mask = np.random.default_rng(3).random(targets.shape) < 0.6
    mask[0] = True
    for start, counted in [(h0, None), (None, mask)]:
        fast = Sweep()(parameters, inputs, targets, start, counted)
        plain = loss_and_gradients(parameters, inputs, targets, start, counted)
        assert fast[0] == pytest.approx(plain[0], rel=1e-13)
        np.testing.assert_allclose(fast[2], plain[2], atol=1e-14)
        for ours, expected in zip(fast[1], plain[1], strict=True):
            np.testing.assert_allclose(ours, expected, atol=1e-14)


def test_the_fast_sweep_can_be_used_again():
    sweep, kept = Sweep(), []
    parameters, inputs, targets, h0 = a_case("ids", (B,))
    cases = [
        (parameters, inputs, targets, h0),
        (parameters, targets % D, inputs, -h0),
        a_case("ids", ()),
        a_case("vectors", (B,), steps=19),
    ]
    cases += [a_case("vectors", (), np.float32), a_case("ids", (B,), steps=2)]
    for case in cases:
        kept.append(sweep(*case))
    for case, (loss, gradients, last) in zip(cases, kept, strict=True):
        expected_loss, expected, expected_last = loss_and_gradients(*case)
        tolerance = 1e-13 if last.dtype == np.float64 else 1e-5
        assert loss == pytest.approx(expected_loss, rel=tolerance)
        np.testing.assert_allclose(last, expected_last, atol=tolerance)
        assert relative_error(gradients, expected) < tolerance


def test_training_about_as_fast_as_promised():
    missed = None  # the promise itself holds on a quiet machine: python -m benchmarks
    for _ in range(3):  # a busy machine gets another chance
        ratios = benchmark.ratios(rounds=3)
        slow = {ratio.name for ratio in ratios if ratio.of_minima > 1.4 * ratio.at_most}
        missed = slow if missed is None else missed & slow
        if not missed:
            break
    assert missed == set()


def test_the_column_vectors_of_the_benchmark_learn_the_same(monkeypatch):
    monkeypatch.setattr(benchmark, "V", V), monkeypatch.setattr(benchmark, "H", H)
    start = initialise(V, H, V, seed=0, scale=0.5)
    ids = np.random.default_rng(0).integers(0, V, T + 1)
    weights = [start.W_xh.T, start.W_hh.T, start.W_hy.T, start.b_h[:, None], start.b_y[:, None]]
    d_xh, d_hh, d_hy, d_bh, d_by = benchmark._column_gradients(*weights, ids.tolist())
    columns = Parameters(d_xh.T, d_hh.T, d_bh[:, 0], d_hy.T, d_by[:, 0])
    _, expected, _ = loss_and_gradients(start, ids[:-1], ids[1:])
    assert relative_error(columns, Parameters(*(T * g for g in expected))) < 1e-6


# ---------------------------------------------------------------- bad input


def broken(**changes):
    return initialise(D, H, V, seed=0)._replace(**changes)


BAD_PARAMETERS = {
    "NaN": (broken(W_hh=np.full((H, H), np.nan)), ValueError, "W_hh must be finite"),
    "W_hh": (broken(W_hh=np.zeros((H, D))), ValueError, "W_hh must have shape"),
    "b_y": (broken(b_y=np.zeros(V + 1)), ValueError, "b_y must have shape"),
    "W_hy": (broken(W_hy=np.zeros((V, H))), ValueError, "W_hy must have shape"),
    "W_xh": (broken(W_xh=np.zeros(D)), ValueError, "2 dimensions"),
    "no units": (broken(W_xh=np.zeros((D, 0))), ValueError, "must have shape"),
    "mixed": (broken(b_h=np.zeros(H, np.float32)), TypeError, "b_h is float32"),
    "whole": (broken(b_h=np.zeros(H, int)), TypeError, "b_h is int64"),
    "list": (broken(b_h=[0.0] * H), TypeError, "b_h is list"),
}
IDS, VECTORS = np.zeros((T, B), int), np.zeros((T, B, D))
BAD_INPUTS = {
    "empty text": ([], ValueError, "at least one step"),
    "empty batch": (np.zeros((T, 0), int), ValueError, "at least one step"),
    "id too large": (IDS + D, ValueError, r"inputs must lie between 0 and 4, .* is 5"),
    "id negative": (IDS - 1, ValueError, r"inputs must lie between 0 and 4, .* is -1"),
    "ids 3-D": (VECTORS.astype(int), ValueError, "vectors must be floats"),
    "vectors 1-D": (np.zeros(D), ValueError, "ids must be whole numbers"),
    "wrong D": (np.zeros((T, B, D + 1)), ValueError, r"\(T, B, 5\)"),
    "NaN": (VECTORS + np.nan, ValueError, "inputs must be finite"),
    "text": (list("abc"), TypeError, "inputs must hold ids"),
    "booleans": (IDS > 0, TypeError, "inputs must hold ids"),
    "ragged": ([[1, 2], [3]], TypeError, "rows differ in length"),
}
BAD_STATES = {
    "shape": (np.zeros(H), ValueError, r"h0 must have shape \(3, 13\)"),
    "one row": (np.zeros((1, H)), ValueError, r"h0 must have shape \(3, 13\)"),
    "NaN": (np.full((B, H), np.nan), ValueError, "h0 must be finite"),
    "text": (["a"], TypeError, "h0 must hold real numbers"),
}
BAD_TARGETS = {
    "shape": (IDS[1:], ValueError, r"targets must have shape \(7, 3\)"),
    "one row": (IDS[:, 0], ValueError, r"targets must have shape \(7, 3\)"),
    "too large": (IDS + V, ValueError, "targets must lie between 0 and 10"),
    "negative": (IDS - 1, ValueError, "targets must lie between 0 and 10"),
    "floats": (IDS + 0.5, TypeError, "targets must hold ids"),
}
BAD_MASKS = {
    "shape": (np.ones((T, 1), bool), ValueError, r"mask must have shape \(7, 3\)"),
    "numbers": (np.ones((T, B)), TypeError, "mask must hold booleans"),
    "nothing": (np.zeros((T, B), bool), ValueError, "mask must be True somewhere"),
}
SWEEPS = [loss_and_gradients, Sweep()]


@pytest.mark.parametrize("sweep", SWEEPS, ids=["plain", "sweep"])
@pytest.mark.parametrize(
    ("parameters", "error", "match"), BAD_PARAMETERS.values(), ids=BAD_PARAMETERS
)
def test_bad_parameters(parameters, error, match, sweep):
    with pytest.raises(error, match=match):
        sweep(parameters, IDS, IDS)


@pytest.mark.parametrize("sweep", SWEEPS, ids=["plain", "sweep"])
@pytest.mark.parametrize(("inputs", "error", "match"), BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_bad_inputs(inputs, error, match, sweep):
    with pytest.raises(error, match=match):
        sweep(broken(), inputs, IDS)


@pytest.mark.parametrize("sweep", SWEEPS, ids=["plain", "sweep"])
@pytest.mark.parametrize(("h0", "error", "match"), BAD_STATES.values(), ids=BAD_STATES)
def test_bad_states(h0, error, match, sweep):
    with pytest.raises(error, match=match):
        sweep(broken(), IDS, IDS, h0)


@pytest.mark.parametrize("sweep", SWEEPS, ids=["plain", "sweep"])
@pytest.mark.parametrize(("targets", "error", "match"), BAD_TARGETS.values(), ids=BAD_TARGETS)
def test_bad_targets(targets, error, match, sweep):
    with pytest.raises(error, match=match):
        sweep(broken(), IDS, targets)


@pytest.mark.parametrize("sweep", SWEEPS, ids=["plain", "sweep"])
@pytest.mark.parametrize(("mask", "error", "match"), BAD_MASKS.values(), ids=BAD_MASKS)
def test_bad_masks(mask, error, match, sweep):
    with pytest.raises(error, match=match):
        sweep(broken(), IDS, IDS, None, mask)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_logits_that_are_not_finite(bad):
    logits = np.zeros((T, B, V))
    logits[2, 1, 0] = bad
    with pytest.raises(ValueError, match="logits must be finite"):
        cross_entropy(logits, IDS)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("sweep", SWEEPS, ids=["plain", "sweep"])
def test_logits_that_overflow(sweep):
    parameters = broken(W_hy=np.full((H, V), 1e308), b_h=np.full(H, 5.0))
    with pytest.raises(ValueError, match="finite"):
        sweep(parameters, IDS, IDS)


@pytest.mark.parametrize(
    ("logits", "error", "match"),
    [
        (np.zeros(V), ValueError, "logits must have shape"),
        (np.zeros((T, 0)), ValueError, "logits must have shape"),
        (np.zeros((T, V), int), TypeError, "logits must hold floating-point numbers"),
    ],
)
def test_logits_of_another_kind(logits, error, match):
    with pytest.raises(error, match=match):
        cross_entropy(logits, np.zeros(T, int))


@pytest.mark.parametrize(
    ("d_logits", "d_last", "match"),
    [
        (np.zeros((T, 1, V)), None, r"d_logits must have shape \(7, 3, 11\)"),
        (np.full((T, B, V), np.nan), None, "d_logits must be finite"),
        (np.zeros((T, B, V)), np.zeros(H), r"d_last must have shape \(3, 13\)"),
    ],
)
def test_gradients_that_do_not_fit(d_logits, d_last, match):
    result = forward(broken(), IDS)
    assert isinstance(result, Forward)
    with pytest.raises(ValueError, match=match):
        backward(broken(), result, d_logits, d_last)


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
