"""Cells and the loop over them: against torch, the formulas written out, numerical gradients."""

import copy

import pytest
import torch
from torch import nn

from rnncourse.cells.cell import Cell
from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.jordan import JordanCell
from rnncourse.cells.state import detach, freeze, map_state
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.unroll import unroll
from rnncourse.cells.weights import copy_from_torch, copy_to_torch, times, uniform

T, B, D, H, K = 11, 5, 3, 7, 2


def numbers(*shape, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=dtype)


class PairCell(Cell):
    """A toy cell whose state is a pair, as the LSTM's will be: a sum and a running mean."""

    def __init__(self):
        super().__init__(D, H)
        self.W = uniform(0.5, D, H)

    def initial_state(self, batch_size):
        zeros = super().initial_state(batch_size)
        return (zeros, zeros)

    def project(self, xs):
        return times(xs, self.W)

    def step(self, projected, state):
        total, mean = state
        total = total + projected
        mean = 0.5 * mean + 0.5 * torch.sin(total)
        return mean, (total, mean)


class BareCell(nn.Module):
    """The contract and nothing else: no project, no step."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.input_size, self.hidden_size = inner, D, H

    def initial_state(self, batch_size):
        return self.inner.initial_state(batch_size)

    def forward(self, x, state):
        return self.inner(x, state)


def make(kind):
    torch.manual_seed(1)
    cells = {
        "Elman": lambda: ElmanCell(D, H),
        "Jordan": lambda: JordanCell(D, H, K),
        "pair": PairCell,
        "bare": lambda: BareCell(ElmanCell(D, H)),
        "torch RNN": lambda: TorchCell(nn.RNN(D, H, num_layers=2)),
        "torch LSTM": lambda: TorchCell(nn.LSTM(D, H, num_layers=2)),
        "torch GRU": lambda: TorchCell(nn.GRU(D, H)),
    }
    return cells[kind]().double()


KINDS = ["Elman", "Jordan", "pair", "bare", "torch RNN", "torch LSTM", "torch GRU"]


@pytest.fixture(params=KINDS)
def cell(request):
    return make(request.param)


def same(one, other, atol=1e-12):
    torch.testing.assert_close(one, other, atol=atol, rtol=0)


# The loop, for every cell


def test_unroll_is_one_step_after_the_other(cell):
    xs, state, outputs = numbers(T, B, D), cell.initial_state(B), []
    for x in xs:
        output, state = cell(x, state)
        outputs.append(output)
    found, last = unroll(cell, xs)
    same(found, torch.stack(outputs))
    same(last, state)
    assert found.shape == (T, B, getattr(cell, "output_size", H))


def test_two_halves_with_the_carried_state_are_the_whole(cell):
    xs = numbers(T, B, D)
    whole, end = unroll(cell, xs)
    first, middle = unroll(cell, xs[:4])
    second, last = unroll(cell, xs[4:], middle)
    same(torch.cat((first, second)), whole)
    same(last, end)


def test_the_future_does_not_move_the_past(cell):
    xs = numbers(T, B, D)
    changed = torch.cat((xs[:6], numbers(T - 6, B, D, seed=5)))
    before, after = unroll(cell, xs)[0], unroll(cell, changed)[0]
    same(before[:6], after[:6])
    assert (before[6] - after[6]).abs().min() > 1e-6


def test_each_sequence_of_a_batch_is_on_its_own(cell):
    xs = numbers(T, B, D)
    alone = [unroll(cell, xs[:, b : b + 1])[0] for b in range(B)]
    same(torch.cat(alone, 1), unroll(cell, xs)[0])


def test_padding_changes_nothing(cell):
    lengths = [11, 2, 7, 1, 5]
    mask = torch.arange(T)[:, None] < torch.tensor(lengths)  # (T, B)
    xs = numbers(T, B, D).where(mask[..., None], torch.tensor(torch.nan, dtype=torch.float64))
    outputs, state = unroll(cell, xs, mask=mask)
    weights = numbers(*outputs.shape, seed=3)
    parameters = list(cell.parameters())
    padded = torch.autograd.grad((outputs * weights).sum(), parameters)
    total = 0
    for b, length in enumerate(lengths):
        alone, end = unroll(cell, xs[:length, b : b + 1])
        same(outputs[:length, b], alone[:, 0])
        assert (outputs[length:, b] == 0).all()
        same(map_state(lambda s, b=b: s[b : b + 1], state), end)
        total = total + (alone[:, 0] * weights[:length, b]).sum()
    for found, wanted in zip(padded, torch.autograd.grad(total, parameters), strict=True):
        same(found, wanted, atol=1e-11)


def test_padding_may_also_stand_in_front(cell):
    xs = numbers(T, B, D)
    mask = (torch.arange(T) >= 4)[:, None].expand(T, B)
    outputs, state = unroll(cell, xs, mask=mask)
    alone, end = unroll(cell, xs[4:])
    same(outputs[4:], alone)
    same(state, end)


def test_whole_numbers_are_one_hot_rows(cell):
    ids = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    mask = torch.arange(T)[:, None] < torch.tensor([11, 2, 7, 1, 5])
    one_hot = nn.functional.one_hot(ids, D).double()
    same(unroll(cell, ids)[0], unroll(cell, one_hot)[0])
    same(unroll(cell, ids, mask=mask)[0], unroll(cell, one_hot, mask=mask)[0])


def test_gradients_are_the_numerical_ones(cell):
    xs = numbers(4, 2, D).requires_grad_()
    names, values = zip(*cell.named_parameters(), strict=True)

    def outputs(xs, *weights):
        changed = dict(zip((f"cell.{name}" for name in names), weights, strict=True))
        return torch.func.functional_call(Unrolled(cell), changed, (xs,))

    assert torch.autograd.gradcheck(outputs, (xs, *values), atol=1e-7, rtol=1e-7)


class Unrolled(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, xs):
        return unroll(self.cell, xs)[0]


def test_inputs_of_all_steps_are_projected_in_one_product():
    cell, calls = make("Elman"), []
    project = cell.project
    cell.project = lambda xs: calls.append(tuple(xs.shape)) or project(xs)
    unroll(cell, numbers(T, B, D))
    assert calls == [(T, B, D)]


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"xs": numbers(T, B, D + 1)}, ValueError, r"xs must be \(T, B, 3\).*\(11, 5, 4\)"),
        ({"xs": numbers(B, D)}, ValueError, "xs must be"),
        ({"xs": numbers(0, B, D)}, ValueError, "T and B at least 1"),
        ({"xs": numbers(T, 0, D)}, ValueError, "T and B at least 1"),
        ({"xs": [[1.0]]}, TypeError, "xs must be a tensor, but is list"),
        ({"xs": numbers(T, B, D).float()}, TypeError, "xs must be torch.float64"),
        ({"xs": numbers(T, B, D) / 0}, ValueError, "xs must be finite, but 165 of 165"),
        ({"xs": torch.full((T, B), D)}, ValueError, "xs must be from 0 to 2, but one is 3"),
        ({"xs": torch.full((T, B), -1)}, ValueError, "xs must be from 0 to 2, but one is -1"),
        ({"state": torch.zeros(1, H).double()}, ValueError, r"state must .*\(5, 7\).*\(1, 7\)"),
        ({"state": (torch.zeros(B, H),) * 2}, TypeError, "a tuple of 2 and Tensor"),
        ({"mask": torch.ones(B, T).bool()}, ValueError, r"mask must be \(11, 5\)"),
        ({"mask": torch.ones(T, B)}, TypeError, "mask must be a tensor of booleans"),
    ],
)
def test_unroll_refuses(arguments, error, message):
    with pytest.raises(error, match=message):
        unroll(make("Elman"), **{"xs": numbers(T, B, D), **arguments})


def test_one_step_refuses():
    cell = make("Elman")
    with pytest.raises(ValueError, match=r"x must be \(B, 3\), but has shape \(5, 4\)"):
        cell(numbers(B, 4), cell.initial_state(B))
    with pytest.raises(ValueError, match=r"state must have the shape \(5, 7\)"):
        cell(numbers(B, D), cell.initial_state(1))
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        cell.initial_state(0)


def test_a_cell_must_define_its_two_parts():
    with pytest.raises(NotImplementedError, match="Cell must define project"):
        Cell(D, H).project(numbers(B, D))
    with pytest.raises(NotImplementedError, match="Cell must define step"):
        Cell(D, H).step(numbers(B, D), None)


# Elman


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_elman_is_torch_rnn(nonlinearity):
    torch.manual_seed(2)
    rnn = nn.RNN(D, H, nonlinearity=nonlinearity)
    cell = ElmanCell(D, H, nonlinearity=getattr(torch, nonlinearity))
    copy_from_torch(rnn, cell)
    xs, state = numbers(T, B, D, dtype=torch.float32), numbers(B, H, dtype=torch.float32, seed=1)
    own, last = unroll(cell, xs, state)
    theirs, end = rnn(xs, state[None])
    same(own, theirs, atol=1e-6)
    same(last, end[0], atol=1e-6)
    weights = numbers(T, B, H, dtype=torch.float32, seed=3)
    (own * weights).mean().backward()
    (theirs * weights).mean().backward()
    same(cell.W_xh.grad, rnn.weight_ih_l0.grad.T, atol=1e-6)
    same(cell.W_hh.grad, rnn.weight_hh_l0.grad.T, atol=1e-6)
    same(cell.b_h.grad, rnn.bias_ih_l0.grad, atol=1e-6)


def test_weights_copied_there_and_back_are_the_same():
    cell, rnn, other = make("Elman"), nn.RNN(D, H).double(), ElmanCell(D, H).double()
    copy_to_torch(cell, rnn)
    xs = numbers(T, B, D)
    same(rnn(xs)[0], unroll(cell, xs)[0])
    copy_from_torch(rnn, other)
    for name, weight in cell.named_parameters():
        assert torch.equal(weight, other.get_parameter(name))


def test_one_step_by_hand():
    cell = ElmanCell(1, 2)
    with torch.no_grad():
        cell.W_xh.copy_(torch.tensor([[1.0, -1.0]]))
        cell.W_hh.copy_(torch.tensor([[0.0, 2.0], [0.5, 0.0]]))  # from unit 0 to 1 twice, not back
        cell.b_h.copy_(torch.tensor([0.0, 1.0]))
    output, state = cell(torch.tensor([[3.0]]), torch.tensor([[1.0, 4.0]]))
    assert torch.equal(output, torch.tanh(torch.tensor([[3.0 + 2.0, -3.0 + 2.0 + 1.0]])))
    assert output is state


def test_initial_weights_are_uniform_within_their_scale():
    torch.manual_seed(0)
    cell = ElmanCell(50, 100)
    for weight in cell.parameters():
        assert weight.abs().max() <= 0.1
    assert cell.W_hh.std().item() == pytest.approx(0.2 / 12**0.5, rel=0.03)
    assert cell.W_hh.mean().abs() < 0.005
    assert ElmanCell(50, 100, scale=0.01).W_hh.abs().max() <= 0.01
    assert all((weight == 0).all() for weight in ElmanCell(3, 5, scale=0).parameters())


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((0, H), ValueError, "input_size must be at least 1"),
        ((D, 0), ValueError, "hidden_size must be at least 1"),
        ((D, 7.0), TypeError, "hidden_size must be a whole number"),
        ((D, H, torch.tanh, -1), ValueError, "scale must be at least 0"),
        ((D, H, torch.tanh, float("nan")), ValueError, "scale must be finite"),
    ],
)
def test_elman_refuses(arguments, error, message):
    with pytest.raises(error, match=message):
        ElmanCell(*arguments)


@pytest.mark.parametrize(
    "rnn, cell, error, message",
    [
        (nn.RNN(D, H + 1), ElmanCell(D, H), ValueError, r"\(3, 8\).* there is \(3, 7\)"),
        (nn.RNN(D, H).double(), ElmanCell(D, H), ValueError, "float64 there is .*float32"),
        (nn.RNN(D, H, num_layers=2), ElmanCell(D, H), ValueError, "one layer"),
        (nn.RNN(D, H, bidirectional=True), ElmanCell(D, H), ValueError, "one direction"),
        (nn.RNN(D, H, bias=False), ElmanCell(D, H), ValueError, "biases"),
        (nn.GRU(D, H), ElmanCell(D, H), TypeError, "but is GRU"),
        (nn.LSTM(D, H), ElmanCell(D, H), ValueError, r"\(3, 28\)"),
        (nn.RNN(D, H), JordanCell(D, H, K), TypeError, "JordanCell lacks .*W_hh"),
    ],
)
def test_copies_that_do_not_fit_change_nothing(rnn, cell, error, message):
    before = copy.deepcopy([*rnn.parameters(), *cell.parameters()])
    with pytest.raises(error, match=message):
        copy_from_torch(rnn, cell)
    with pytest.raises(error, match=message):
        copy_to_torch(cell, rnn)
    for old, new in zip(before, [*rnn.parameters(), *cell.parameters()], strict=True):
        assert torch.equal(old, new)


# Jordan


def test_jordan_is_the_formula():
    cell, xs = make("Jordan"), numbers(T, B, D)
    y, ys = torch.zeros(B, K, dtype=torch.float64), []
    for x in xs:
        h = torch.tanh(x @ cell.W_xh + y @ cell.W_yh + cell.b_h)
        y = torch.sigmoid(h @ cell.W_hy + cell.b_y)
        ys.append(y)
    outputs, state = unroll(cell, xs)
    same(outputs, torch.stack(ys))
    assert torch.equal(state, outputs[-1])


def test_jordan_without_hidden_layer_is_elman():
    """With the identity as second layer, the output is the hidden state."""
    jordan = JordanCell(D, H, H, output=lambda a: a).double()
    elman = make("Elman")
    with torch.no_grad():
        jordan.W_xh.copy_(elman.W_xh), jordan.W_yh.copy_(elman.W_hh), jordan.b_h.copy_(elman.b_h)
        jordan.W_hy.copy_(torch.eye(H)), jordan.b_y.zero_()
    xs = numbers(T, B, D)
    same(unroll(jordan, xs)[0], unroll(elman, xs)[0])


def test_jordan_knows_only_what_its_output_showed():
    """Two pasts that end in the same output are one to it; to Elman's cell they are two."""
    jordan, elman = make("Jordan"), make("Elman")
    with torch.no_grad():
        jordan.W_hy.zero_()  # the output hides everything
    one, other = numbers(4, B, D), numbers(4, B, D, seed=1)
    for x in (one, other):
        x[-1] = 1.0
    assert torch.equal(unroll(jordan, one)[0][-1], unroll(jordan, other)[0][-1])
    assert (unroll(elman, one)[0][-1] - unroll(elman, other)[0][-1]).abs().max() > 1e-3


# torch's own modules


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_torch_cell_is_the_module(kind):
    rnn = kind(D, H, num_layers=2).double()
    xs = numbers(T, B, D)
    outputs, state = unroll(TorchCell(rnn), xs)
    theirs, end = rnn(xs)
    same(outputs, theirs)
    same(map_state(lambda s: s.transpose(0, 1), state), end)


@pytest.mark.parametrize(
    "rnn, error, message",
    [
        (nn.RNN(D, H, bidirectional=True), ValueError, "one-directional"),
        (nn.RNN(D, H, batch_first=True), ValueError, "time first"),
        (nn.LSTM(D, H, proj_size=2), ValueError, "unprojected"),
        (nn.Linear(D, H), TypeError, "but is Linear"),
    ],
)
def test_torch_cell_refuses(rnn, error, message):
    with pytest.raises(error, match=message):
        TorchCell(rnn)


# States


def test_states_of_any_make():
    a, b = numbers(B, H), numbers(B, 2, 3, seed=1)
    nested = (a, (b, a))
    doubled = map_state(lambda s: 2 * s, nested)
    assert torch.equal(doubled[1][0], 2 * b) and isinstance(doubled[1], tuple)
    mask = torch.tensor([True, False, True, False, False])
    frozen = freeze(mask, doubled, nested)
    assert torch.equal(frozen[1][0][mask], 2 * b[mask])
    assert torch.equal(frozen[1][0][~mask], b[~mask])


def test_detached_states_pass_no_gradient():
    a = numbers(B, H).requires_grad_()
    one, (two,) = detach((a * 2, (a * 3,)))
    assert not one.requires_grad and torch.equal(two, a * 3)


@pytest.mark.parametrize("state", [[1.0], (torch.zeros(1), None), None, 3])
def test_no_state(state):
    with pytest.raises(TypeError, match="states must be tensors"):
        detach(state)
