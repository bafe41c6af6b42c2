"""LSTM and GRU: against torch's, the formulas written out, and each other in special cases."""

import copy

import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.gru import ChoGRUCell, ChungGRUCell, GRUCell, flip_update_gate
from rnncourse.cells.initialisation import orthogonal_
from rnncourse.cells.lstm import CoupledLSTMCell, LSTM1997Cell, LSTMCell
from rnncourse.cells.unroll import unroll
from rnncourse.cells.weights import copy_from_torch, copy_to_torch, gate_biases

T, B, D, H = 7, 5, 3, 11
KINDS = [LSTMCell, LSTM1997Cell, CoupledLSTMCell, GRUCell, ChoGRUCell, ChungGRUCell]
TWINS = {nn.RNN: ElmanCell, nn.LSTM: LSTMCell, nn.GRU: GRUCell}


def numbers(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def make(kind, *args, **kwargs):
    torch.manual_seed(1)
    cell = kind(D, H, *args, **kwargs).double()
    with torch.no_grad():
        for k, weight in enumerate(cell.parameters()):
            weight.add_(0.3 * numbers(*weight.shape, seed=k))
    return cell


def same(one, other, atol=1e-12):
    torch.testing.assert_close(one, other, atol=atol, rtol=0)


def start(kind, seed=7):
    h, c = numbers(B, H, seed=seed), numbers(B, H, seed=seed + 1)
    return (h, c) if kind.__name__.endswith(("LSTMCell", "LSTM1997Cell", "LSTM")) else h


def leaves(state):
    return state if isinstance(state, tuple) else (state,)


# torch


@pytest.mark.parametrize("kind", TWINS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("ids", [False, True], ids=["vectors", "ids"])
def test_outputs_states_and_all_gradients_are_those_of_torch(kind, ids):
    torch.manual_seed(3)
    rnn, cell = kind(D, H).double(), TWINS[kind](D, H).double()
    copy_from_torch(rnn, cell)
    symbols = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    one_hot = nn.functional.one_hot(symbols, D).double()
    xs = one_hot if ids else numbers(T, B, D)
    ours = [x.requires_grad_() for x in leaves(start(kind))]
    theirs = [x.detach().clone().requires_grad_() for x in ours]
    their_xs = xs.clone().requires_grad_()
    our_xs = symbols if ids else xs.clone().requires_grad_()
    outputs, last = unroll(cell, our_xs, tuple(ours) if kind is nn.LSTM else ours[0])
    begin = [x[None] for x in theirs]
    wanted, end = rnn(their_xs, tuple(begin) if kind is nn.LSTM else begin[0])
    same(outputs, wanted)
    weights = numbers(T, B, H, seed=5)
    loss, their_loss = (outputs * weights).sum(), (wanted * weights).sum()
    for k, (a, b) in enumerate(zip(leaves(last), leaves(end), strict=True)):
        same(a, b[0])
        loss = loss + (a * numbers(B, H, seed=20 + k)).sum()
        their_loss = their_loss + (b[0] * numbers(B, H, seed=20 + k)).sum()
    loss.backward()
    their_loss.backward()
    same(cell.W_xh.grad, rnn.weight_ih_l0.grad.T)
    same(cell.W_hh.grad, rnn.weight_hh_l0.grad.T)
    same(cell.b_h.grad, rnn.bias_ih_l0.grad)
    if kind is nn.GRU:
        same(cell.b_hn.grad, rnn.bias_hh_l0.grad[2 * H :])
    if not ids:
        same(our_xs.grad, their_xs.grad)
    for a, b in zip(ours, theirs, strict=True):
        same(a.grad, b.grad)


@pytest.mark.parametrize("kind", [nn.LSTMCell, nn.GRUCell])
def test_one_step_is_that_of_torch(kind):
    torch.manual_seed(3)
    step = kind(D, H).double()
    rnn = {nn.LSTMCell: nn.LSTM, nn.GRUCell: nn.GRU}[kind](D, H).double()
    for name, weight in step.named_parameters():
        rnn.get_parameter(f"{name}_l0").data.copy_(weight)
    cell = TWINS[type(rnn)](D, H).double()
    copy_from_torch(rnn, cell)
    state = start(TWINS[type(rnn)])
    output, new = cell(numbers(B, D), state)
    same(new, step(numbers(B, D), state))
    assert output is leaves(new)[0]


@pytest.mark.parametrize("kind", TWINS, ids=lambda kind: kind.__name__)
def test_weights_copied_there_and_back_are_the_same(kind):
    cell, rnn, other = make(TWINS[kind]), kind(D, H).double(), TWINS[kind](D, H).double()
    copy_to_torch(cell, rnn)
    same(rnn(numbers(T, B, D))[0], unroll(cell, numbers(T, B, D))[0])
    copy_from_torch(rnn, other)
    for name, weight in cell.named_parameters():
        assert torch.equal(weight, other.get_parameter(name))


@pytest.mark.parametrize(
    "rnn, cell, error, message",
    [
        (nn.LSTM(D, H + 2), LSTMCell(D, H), ValueError, r"\(3, 52\).* there is \(3, 44\)"),
        (nn.LSTM(D + 1, H), LSTMCell(D, H), ValueError, r"\(4, 44\).* there is \(3, 44\)"),
        (nn.GRU(D, H + 2), GRUCell(D, H), ValueError, r"\(3, 39\).* there is \(3, 33\)"),
        (nn.GRU(D, H, num_layers=2), GRUCell(D, H), ValueError, "one layer"),
        (nn.GRU(D, H), LSTM1997Cell(D, H), TypeError, "is GRU, and LSTM1997Cell lacks .*'b_hn'"),
        (nn.LSTM(D, H), GRUCell(D, H), TypeError, "is LSTM, and GRUCell also has .*'b_hn'"),
        (nn.GRU(D, H), ChoGRUCell(D, H), TypeError, "lacks .*'b_hn'.* and also has .*'W_hn'"),
        (nn.LSTM(D, H), CoupledLSTMCell(D, H), ValueError, r"there is \(3, 33\) of"),
        (nn.LSTM(D, H, proj_size=2), LSTMCell(D, H), ValueError, "one layer"),
        (nn.Linear(D, H), LSTMCell(D, H), TypeError, "RNN, LSTM or GRU, but is Linear"),
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


# Formulas


def test_one_step_of_the_lstm_by_hand():
    cell = LSTMCell(1, 1)
    with torch.no_grad():
        cell.W_xh.copy_(torch.tensor([[1.0, -1.0, 0.5, 2.0]]))
        cell.W_hh.copy_(torch.tensor([[0.5, 1.0, -2.0, 0.0]]))
        cell.b_h.copy_(torch.tensor([0.0, 1.0, 0.0, -1.0]))
    h, c = torch.tensor([[0.5]]), torch.tensor([[2.0]])
    output, (h, c) = cell(torch.tensor([[1.0]]), (h, c))
    i, f, o = (torch.tensor(a).sigmoid() for a in (1.25, 0.5, 1.0))
    wanted = f * 2.0 + i * torch.tensor(-0.5).tanh()
    same(c, wanted.reshape(1, 1), atol=1e-6)
    same(output, (o * wanted.tanh()).reshape(1, 1), atol=1e-6)
    assert h is output


def gate(cell, xs, h, k):
    """The sum that goes into the k-th gate, with slices of its own."""
    block = slice(k * H, (k + 1) * H)
    return xs @ cell.W_xh[:, block] + h @ cell.W_hh[:, block] + cell.b_h[block]


def test_lstm_of_1997_is_the_formula():
    cell, xs = make(LSTM1997Cell, squash=torch.sin), numbers(T, B, D)
    h, c = start(LSTM1997Cell)
    outputs, last = unroll(cell, xs, (h, c))
    for x, output in zip(xs, outputs, strict=True):
        i, g, o = (gate(cell, x, h, k) for k in range(3))
        c = c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.sin(c)
        same(output, h)
    same(last, (h, c))


@pytest.mark.parametrize("kind", [ChoGRUCell, ChungGRUCell])
def test_gru_with_reset_before_the_product_is_the_formula(kind):
    cell, xs, h = make(kind), numbers(T, B, D), start(kind)
    outputs, last = unroll(cell, xs, h)
    for x, output in zip(xs, outputs, strict=True):
        r, z = (torch.sigmoid(gate(cell, x, h, k)) for k in range(2))
        n = torch.tanh(x @ cell.W_xh[:, 2 * H :] + (r * h) @ cell.W_hn + cell.b_h[2 * H :])
        h = z * h + (1 - z) * n if kind is ChoGRUCell else (1 - z) * h + z * n
        same(output, h)
    same(last, h)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_the_numerical_ones(kind):
    cell, begin = make(kind), leaves(start(kind))
    names, values = zip(*cell.named_parameters(), strict=True)

    class Unrolled(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = cell

        def forward(self, xs, *state):
            outputs, last = unroll(self.cell, xs, state if len(state) == 2 else state[0])
            return outputs, *leaves(last)

    def outputs(xs, *rest):
        weights, state = rest[: len(names)], rest[len(names) :]
        changed = dict(zip((f"cell.{name}" for name in names), weights, strict=True))
        return torch.func.functional_call(Unrolled(), changed, (xs, *state))

    arguments = [numbers(3, 2, D), *values, *(part[:2] for part in begin)]
    arguments = [a.detach().requires_grad_() for a in arguments]
    assert torch.autograd.gradcheck(outputs, arguments, atol=1e-7, rtol=1e-7, fast_mode=True)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_halves_and_one_step_agree(kind):
    cell, xs, begin = make(kind), numbers(T, B, D), start(kind)
    whole, end = unroll(cell, xs, begin)
    first, middle = unroll(cell, xs[:2], begin)
    second, last = unroll(cell, xs[2:], middle)
    same(torch.cat((first, second)), whole)
    same(last, end)
    mask = torch.arange(T)[:, None] < torch.tensor([7, 1, 3, 5, 2])
    padded, _ = unroll(cell, xs.masked_fill(~mask[..., None], torch.nan), begin, mask)
    same(padded, whole * mask[..., None])
    state = begin
    for x in xs:
        output, state = cell(x, state)
    same(output, whole[-1])
    assert whole.shape == (T, B, H)
    assert [part.shape for part in leaves(state)] == [(B, H)] * len(leaves(begin))


# The direct path


@pytest.mark.parametrize("kind", [LSTMCell, LSTM1997Cell, CoupledLSTMCell])
def test_the_direct_path_is_the_forget_gate_and_the_whole_derivative_is_not(kind):
    """In one step h_{t-1} is held fixed; over two, c_{t-1} also reaches c_{t+1} through h_t."""
    cell, x = make(kind), numbers(1, D)
    h, c = numbers(1, H, seed=1), numbers(1, H, seed=2)
    one_step = torch.autograd.functional.jacobian(lambda c: cell(x, (h, c))[1][1], c)
    gates = torch.sigmoid(x @ cell.W_xh + h @ cell.W_hh + cell.b_h)
    f = {
        LSTMCell: gates[:, H : 2 * H],
        LSTM1997Cell: torch.ones(1, H).double(),
        CoupledLSTMCell: 1 - gates[:, :H],
    }[kind]
    same(one_step[0, :, 0], torch.diag(f[0]))

    def two_steps(c):
        _, state = cell(x, (h, c))
        return cell(x, state)[1][1]

    _, (h_1, _) = cell(x, (h, c))
    gates = torch.sigmoid(x @ cell.W_xh + h_1 @ cell.W_hh + cell.b_h)
    f_1 = {LSTMCell: gates[:, H : 2 * H], LSTM1997Cell: f, CoupledLSTMCell: 1 - gates[:, :H]}[kind]
    total = torch.autograd.functional.jacobian(two_steps, c)[0, :, 0]
    assert (total - torch.diag((f * f_1)[0])).abs().max() > 0.01


# Biases


def test_biases_begin_where_they_are_told_to():
    same(LSTMCell(D, 2).b_h, torch.tensor([0.0, 0, 1, 1, 0, 0, 0, 0]))
    cell = LSTMCell(D, 2, input_bias=-1, forget_bias=[0.5, 1.0], output_bias=torch.tensor([-2, -3]))
    same(cell.b_h, torch.tensor([-1.0, -1, 0.5, 1, 0, 0, -2, -3]))
    same(LSTM1997Cell(D, 2, -1, -2).b_h, torch.tensor([-1.0, -1, 0, 0, -2, -2]))
    same(CoupledLSTMCell(D, 2).b_h, torch.tensor([-1.0, -1, 0, 0, 0, 0]))
    for kind in (GRUCell, ChoGRUCell, ChungGRUCell):
        same(kind(D, 2, reset_bias=3, update_bias=-4).b_h, torch.tensor([3.0, 3, -4, -4, 0, 0]))
    torch.manual_seed(0)
    cell = LSTMCell(50, 100)
    assert 0.099 < cell.W_hh.abs().max() <= 0.1 and 0.099 < cell.W_xh.abs().max() <= 0.1


def test_a_large_forget_bias_keeps_and_a_large_update_bias_too():
    state = start(LSTMCell)
    _, (_, c) = LSTMCell(D, H, -50, 50).double()(numbers(B, D), state)
    same(c, state[1])
    for kind, bias in [(GRUCell, 50), (ChoGRUCell, 50), (ChungGRUCell, -50)]:
        _, h = kind(D, H, update_bias=bias).double()(numbers(B, D), state[0])
        same(h, state[0])


@pytest.mark.parametrize(
    "value, error, message",
    [
        ([1.0, 2.0], ValueError, r"bias must be a number or \(11,\) numbers.*\(2,\)"),
        (float("nan"), ValueError, "bias must be finite"),
        ("high", TypeError, "bias must be a number or .* but is 'high'"),
        (None, TypeError, "but is None"),
    ],
)
def test_bad_biases(value, error, message):
    with pytest.raises(error, match=message):
        LSTMCell(D, H, forget_bias=value)
    with pytest.raises(error, match=message):
        gate_biases(H, 0.0, value)


# One cell as another


def test_coupled_is_the_lstm_with_f_set_to_one_minus_i():
    """Signs turned, the weights of i serve f: 1 - sigmoid(a) = sigmoid(-a)."""
    coupled, lstm = make(CoupledLSTMCell), make(LSTMCell)
    with torch.no_grad():
        for name in ("W_xh", "W_hh", "b_h"):
            i, g, o = coupled.get_parameter(name).chunk(3, dim=-1)
            lstm.get_parameter(name).copy_(torch.cat((i, -i, g, o), dim=-1))
    same(unroll(coupled, numbers(T, B, D))[0], unroll(lstm, numbers(T, B, D))[0])


def test_lstm_of_1997_is_the_lstm_with_an_open_forget_gate():
    old, lstm = make(LSTM1997Cell), make(LSTMCell)
    with torch.no_grad():
        for name in ("W_xh", "W_hh", "b_h"):
            i, g, o = old.get_parameter(name).chunk(3, dim=-1)
            f = torch.full_like(i, 60.0 if name == "b_h" else 0.0)
            lstm.get_parameter(name).copy_(torch.cat((i, f, g, o), dim=-1))
    same(unroll(old, numbers(T, B, D))[0], unroll(lstm, numbers(T, B, D))[0])


@pytest.mark.parametrize("one, other", [(ChoGRUCell, ChungGRUCell), (ChungGRUCell, ChoGRUCell)])
def test_the_update_gate_flipped_computes_the_same_and_flipped_back_is_the_same(one, other):
    source, target, back = make(one), make(other), make(one)
    flip_update_gate(source, target)
    xs = numbers(T, B, D)
    same(unroll(source, xs, start(one))[0], unroll(target, xs, start(one))[0])
    flip_update_gate(target, back)
    for name, weight in source.named_parameters():
        assert torch.equal(weight, back.get_parameter(name))


def test_the_conventions_differ_where_nothing_is_flipped():
    cho, chung = make(ChoGRUCell), make(ChungGRUCell)
    chung.load_state_dict(cho.state_dict())
    xs = numbers(T, B, D)
    assert (unroll(cho, xs)[0] - unroll(chung, xs)[0]).abs().max() > 0.1


def test_reset_before_and_after_the_product_agree_for_a_diagonal_matrix_only():
    after, before, xs = make(GRUCell), make(ChoGRUCell), numbers(T, B, D)
    with torch.no_grad():
        after.b_hn.zero_()
        before.W_xh.copy_(after.W_xh), before.b_h.copy_(after.b_h)
        before.W_hh.copy_(after.W_hh[:, : 2 * H]), before.W_hn.copy_(after.W_hh[:, 2 * H :])
        assert (unroll(after, xs)[0] - unroll(before, xs)[0]).abs().max() > 0.01
        before.W_hn.copy_(torch.diag(before.W_hn.diagonal()))
        after.W_hh[:, 2 * H :] = before.W_hn
    same(unroll(after, xs)[0], unroll(before, xs)[0])


@pytest.mark.parametrize(
    "source, target, error, message",
    [
        (ChoGRUCell(D, H), ChoGRUCell(D, H), TypeError, "not ChoGRUCell and ChoGRUCell"),
        (GRUCell(D, H), ChungGRUCell(D, H), TypeError, "not GRUCell and ChungGRUCell"),
        (ChoGRUCell(D, H), ChungGRUCell(D, 2), ValueError, r"\(3, 33\).* is \(3, 6\)"),
        (ChoGRUCell(D, H), ChungGRUCell(D, H).double(), ValueError, "float32 is .*float64"),
    ],
)
def test_flips_that_do_not_fit(source, target, error, message):
    before = copy.deepcopy(target.state_dict())
    with pytest.raises(error, match=message):
        flip_update_gate(source, target)
    assert all(torch.equal(before[name], target.state_dict()[name]) for name in before)


# The rest of the course


@pytest.mark.parametrize("kind", KINDS)
def test_states_of_the_wrong_kind_are_refused(kind):
    cell, h = make(kind), numbers(B, H)
    wrong = h if isinstance(start(kind), tuple) else (h, h)
    with pytest.raises(TypeError, match="states must be tensors, or tuples"):
        cell(numbers(B, D), wrong)
    with pytest.raises(TypeError, match="states must be tensors, or tuples"):
        unroll(cell, numbers(T, B, D), wrong)
    narrow = tuple(part[:, 1:] for part in leaves(start(kind)))
    with pytest.raises(ValueError, match=r"state must have the shape \(5, 11\).*\(5, 10\)"):
        unroll(cell, numbers(T, B, D), narrow if len(narrow) == 2 else narrow[0])


@pytest.mark.parametrize("kind", [LSTMCell, GRUCell])
def test_each_gate_gets_an_orthogonal_matrix_of_its_own(kind):
    cell = orthogonal_(make(kind))
    for block in cell.W_hh.detach().split(H, dim=1):
        same(block @ block.T, torch.eye(H, dtype=torch.float64), atol=1e-10)
