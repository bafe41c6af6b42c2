"""Relatives of LSTM and GRU: the formulas written out, and each as another cell at times."""

import math

import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.gru import ChungGRUCell
from rnncourse.cells.layer_norm_lstm import LayerNormLSTMCell
from rnncourse.cells.lstm import LSTMCell
from rnncourse.cells.mgu import MGUCell
from rnncourse.cells.multiplicative import MultiplicativeRNNCell
from rnncourse.cells.peephole import FullPeepholeLSTMCell, PeepholeLSTMCell
from rnncourse.cells.phased_lstm import PhasedLSTMCell, TimeGate
from rnncourse.cells.scrn import SCRNCell
from rnncourse.cells.state import map_state
from rnncourse.cells.unroll import unroll

T, B, D, H, S, M = 7, 5, 3, 11, 2, 13


def numbers(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def make(kind, *args, **kwargs):
    torch.manual_seed(1)
    cell = kind(D, H, *args, **kwargs).double()
    with torch.no_grad():
        for k, (name, weight) in enumerate(cell.named_parameters()):
            if not name.startswith("time_gate."):
                weight.add_(0.3 * numbers(*weight.shape, seed=k))
    return cell


CELLS = {
    "peephole": lambda: make(PeepholeLSTMCell),
    "full peephole": lambda: make(FullPeepholeLSTMCell),
    "layer norm": lambda: make(LayerNormLSTMCell),
    "MGU": lambda: make(MGUCell),
    "SCRN": lambda: make(SCRNCell, S),
    "phased": lambda: make(PhasedLSTMCell, TimeGate(H, ratio_on=0.7, leak=0.1)),
    "multiplicative": lambda: make(MultiplicativeRNNCell, M),
}


@pytest.fixture(params=CELLS)
def cell(request):
    return CELLS[request.param]()


def start(cell, seed=7):
    counter = iter(range(seed, seed + 2))
    return map_state(lambda z: numbers(*z.shape, seed=next(counter)), cell.initial_state(B))


def leaves(state):
    return state if isinstance(state, tuple) else (state,)


def same(one, other, atol=1e-12):
    torch.testing.assert_close(one, other, atol=atol, rtol=0)


def copy_shared(source, target):
    """Copy the weights that both have."""
    with torch.no_grad():
        for name, weight in source.named_parameters():
            if name in dict(target.named_parameters()):
                target.get_parameter(name).copy_(weight)


# Every cell


def test_padding_halves_and_one_step_agree(cell):
    xs, begin = numbers(T, B, D), start(cell)
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
    same(state, end)
    assert whole.shape == (T, B, cell.output_size)


def test_each_sequence_of_a_batch_is_on_its_own_and_the_past_on_the_past(cell):
    xs = numbers(T, B, D)
    whole = unroll(cell, xs)[0]
    same(torch.cat([unroll(cell, xs[:, b : b + 1])[0] for b in range(B)], dim=1), whole)
    changed = torch.cat((xs[:4], numbers(T - 4, B, D, seed=5)))
    same(unroll(cell, changed)[0][:4], whole[:4])


def test_gradients_are_the_numerical_ones(cell):
    names, values = zip(*cell.named_parameters(), strict=True)
    begin = [part[:2] for part in leaves(start(cell))]

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

    arguments = [a.detach().requires_grad_() for a in (numbers(3, 2, D), *values, *begin)]
    assert torch.autograd.gradcheck(outputs, arguments, atol=1e-6, rtol=1e-6)


def test_whole_numbers_are_one_hot_rows(cell):
    ids = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    if isinstance(cell, PhasedLSTMCell):
        with pytest.raises(TypeError, match="xs must be real numbers, the last one the time"):
            unroll(cell, ids)
        return
    same(unroll(cell, ids)[0], unroll(cell, nn.functional.one_hot(ids, D).double())[0])


def test_states_of_the_wrong_kind_are_refused(cell):
    begin = start(cell)
    wrong = begin[0] if isinstance(begin, tuple) else (begin, begin)
    with pytest.raises(TypeError, match="states must be tensors, or tuples"):
        unroll(cell, numbers(T, B, D), wrong)
    with pytest.raises(ValueError, match="state must have the shape"):
        cell(numbers(B, D), map_state(lambda part: part[:, 1:], begin))


# Peepholes


@pytest.mark.parametrize("kind", [PeepholeLSTMCell, FullPeepholeLSTMCell])
def test_without_peepholes_it_is_the_lstm(kind):
    cell, lstm, xs = make(kind), make(LSTMCell), numbers(T, B, D)
    copy_shared(cell, lstm)
    assert (unroll(cell, xs)[0] - unroll(lstm, xs)[0]).abs().max() > 0.01
    with torch.no_grad():
        for name, weight in cell.named_parameters():
            if name not in dict(lstm.named_parameters()):
                weight.zero_()
    same(unroll(cell, xs, start(cell))[0], unroll(lstm, xs, start(cell))[0])


def test_peepholes_are_full_peepholes_with_diagonal_matrices():
    cell, full = make(PeepholeLSTMCell), make(FullPeepholeLSTMCell)
    copy_shared(cell, full)
    with torch.no_grad():
        full.W_cif.copy_(torch.cat((torch.diag(cell.w_ci), torch.diag(cell.w_cf)), dim=1))
        full.W_co.copy_(torch.diag(cell.w_co))
    xs, begin = numbers(T, B, D), start(cell)
    same(unroll(cell, xs, begin)[0], unroll(full, xs, begin)[0])


def test_full_peepholes_are_the_formula():
    cell, x = make(FullPeepholeLSTMCell), numbers(B, D)
    h, c = start(cell)
    i, f, g, o = (x @ cell.W_xh + h @ cell.W_hh + cell.b_h).chunk(4, dim=1)
    i, f = torch.sigmoid(i + c @ cell.W_cif[:, :H]), torch.sigmoid(f + c @ cell.W_cif[:, H:])
    new = f * c + i * torch.tanh(g)
    output, state = cell(x, (h, c))
    same(state[1], new)
    same(output, torch.sigmoid(o + new @ cell.W_co) * torch.tanh(new))


# Layer normalisation


def norm(rows):
    centred = rows - rows.mean(-1, keepdim=True)
    return centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + 1e-5)


def test_layer_norm_lstm_is_the_formula():
    cell, x = make(LayerNormLSTMCell), numbers(B, D)
    h, c = start(cell)
    sums = norm(h @ cell.W_hh) * cell.a_h + norm(x @ cell.W_xh) * cell.a_x + cell.b_h
    i, f, g, o = sums.chunk(4, dim=1)
    new = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    output, state = cell(x, (h, c))
    same(state[1], new)
    same(output, torch.sigmoid(o) * torch.tanh(norm(new) * cell.a_c + cell.b_c))


def test_layer_norm_takes_no_notice_of_the_size_of_the_weights():
    cell, xs = make(LayerNormLSTMCell), 100 * numbers(T, B, D)
    before = unroll(cell, xs)[0]
    with torch.no_grad():
        cell.W_xh.mul_(1000)
    same(unroll(cell, xs)[0], before, atol=1e-5)


# MGU


def test_mgu_is_the_gru_with_one_gate_for_two():
    cell, gru = make(MGUCell), make(ChungGRUCell)
    with torch.no_grad():
        for name in ("W_xh", "b_h"):
            f, n = cell.get_parameter(name).chunk(2, dim=-1)
            gru.get_parameter(name).copy_(torch.cat((f, f, n), dim=-1))
        gru.W_hh.copy_(torch.cat((cell.W_hf, cell.W_hf), dim=1)), gru.W_hn.copy_(cell.W_hn)
    xs, begin = numbers(T, B, D), start(cell)
    same(unroll(cell, xs, begin)[0], unroll(gru, xs, begin)[0])


# SCRN


def test_scrn_is_the_formula():
    cell, xs = make(SCRNCell, S, alpha=0.75), numbers(T, B, D)
    h, s = start(cell)
    outputs, last = unroll(cell, xs, (h, s))
    for x, output in zip(xs, outputs, strict=True):
        s = 0.25 * x @ cell.W_xs + 0.75 * s
        h = torch.sigmoid(s @ cell.W_sh + x @ cell.W_xh + h @ cell.W_hh)
        same(output, torch.cat((h, s), dim=1))
    same(last, (h, s))


@pytest.mark.parametrize("alpha", [0, 1])
def test_scrn_with_no_memory_or_no_input_in_its_context_is_elman(alpha):
    """Without memory s is a second way for the input; without input it stays at zero."""
    cell, elman = make(SCRNCell, S, alpha=alpha), ElmanCell(D, H, torch.sigmoid, scale=0).double()
    with torch.no_grad():
        elman.W_hh.copy_(cell.W_hh)
        elman.W_xh.copy_(cell.W_xh + (1 - alpha) * cell.W_xs @ cell.W_sh)
    outputs, (_, s) = unroll(cell, numbers(T, B, D))
    same(outputs[..., :H], unroll(elman, numbers(T, B, D))[0])
    assert alpha == 0 or (s == 0).all()


def test_the_context_halves_in_13_and_a_half_steps():
    cell = make(SCRNCell, S)
    state = (torch.zeros(1, H).double(), torch.ones(1, S).double())
    outputs, _ = unroll(cell, torch.zeros(14, 1, D).double(), state)
    context = outputs[:, 0, H]
    assert context[12] > 0.5 > context[13]
    assert context[13].item() == pytest.approx(0.95**14)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((0,), ValueError, "context_size must be at least 1"),
        ((S, 1.5), ValueError, "alpha must be .* at most 1, but is 1.5"),
        ((S, -0.5), ValueError, "alpha must be at least 0"),
        ((S, "slow"), TypeError, "alpha must be a number"),
    ],
)
def test_scrn_refuses(arguments, error, message):
    with pytest.raises(error, match=message):
        SCRNCell(D, H, *arguments)


# Phased LSTM


def test_the_time_gate_rises_falls_and_stays_closed():
    gate = TimeGate(1, ratio_on=0.25, leak=0.1)
    with torch.no_grad():
        gate.log_period.fill_(math.log(4)), gate.shift.fill_(2)
    times = torch.tensor([2.0, 2.25, 2.5, 2.75, 3.5, 4.0, 5.0, 6.25, 6.5, -1.75, -1.5])
    wanted = torch.tensor([0, 0.5, 1, 0.5, 0.0375, 0.05, 0.075, 0.5, 1, 0.5, 1])
    same(gate(times[:, None])[:, 0], wanted, atol=1e-5)
    wanted[4:7] = 0
    same(gate.eval()(times[:, None])[:, 0], wanted, atol=1e-5)


def always_open(cell):
    """Time stamps at which every gate is wide open: each period half of ratio_on later."""
    with torch.no_grad():
        cell.time_gate.log_period.zero_(), cell.time_gate.shift.zero_()
    when = torch.arange(T)[:, None, None] + cell.time_gate.ratio_on / 2
    return when + torch.zeros(T, B, 1).double()


def test_phased_lstm_is_the_formula():
    cell, xs = make(PhasedLSTMCell, TimeGate(H, 20, ratio_on=0.7)), numbers(T, B, D)
    h, c = start(cell)
    outputs, last = unroll(cell, xs, (h, c))
    for x, output in zip(xs, outputs, strict=True):
        k = cell.time_gate(x[:, -1:])
        sums = x[:, :-1] @ cell.W_xh + h @ cell.W_hh + cell.b_h
        i, f, g, o = sums.chunk(4, dim=1)
        new = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        c = k * new + (1 - k) * c
        h = k * (torch.sigmoid(o) * torch.tanh(new)) + (1 - k) * h
        same(output, h)
    same(last, (h, c))


def test_phased_lstm_whose_gates_are_always_open_is_the_lstm():
    cell, lstm = make(PhasedLSTMCell, TimeGate(H, ratio_on=0.5)), LSTMCell(D - 1, H).double()
    copy_shared(cell, lstm)
    xs, begin = numbers(T, B, D - 1), start(cell)
    found = unroll(cell, torch.cat((xs, always_open(cell)), dim=2), begin)
    same(found[0], unroll(lstm, xs, begin)[0], atol=1e-10)


def test_closed_gates_keep_the_state_in_evaluation_and_leak_in_training():
    cell = make(PhasedLSTMCell, TimeGate(H, ratio_on=0.5, leak=0.1))
    closed = always_open(cell) + 0.5
    xs, begin = torch.cat((numbers(T, B, D - 1), closed), dim=2), start(cell)
    cell.eval()
    same(unroll(cell, xs, begin)[1], begin)
    cell.train()
    moved = unroll(cell, xs, begin)[1][1] - begin[1]
    assert moved.abs().max() > 0.01


def test_gates_read_no_time_and_units_open_at_times_of_their_own():
    cell = make(PhasedLSTMCell)
    with torch.no_grad():
        cell.time_gate.shift.copy_(torch.arange(H) * 10.0)
        cell.time_gate.log_period.fill_(7.0)
    x = torch.cat((numbers(1, D - 1), torch.tensor([[20 + 0.025 * torch.e**7]])), dim=1)
    _, (h, _) = cell.eval()(x, cell.initial_state(1))
    assert h[0, 2].abs() > 1e-3  # wide open: its shift is 20
    same(h[0, 9:], torch.zeros(2).double())  # not yet begun, so at the end of the period before


def test_periods_begin_between_1_and_the_longest():
    torch.manual_seed(0)
    gate = TimeGate(1000, longest_period=100)
    periods = gate.log_period.exp()
    assert 1 <= periods.min() < 1.1 and 90 < periods.max() <= 100
    assert 9 < periods.median() < 11  # half of them below the geometric mean
    assert (gate.shift >= 0).all() and (gate.shift <= periods).all()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"longest_period": 0.5}, "longest_period must be at least 1"),
        ({"ratio_on": 0}, "ratio_on must be at least"),
        ({"ratio_on": 1.5}, "ratio_on must be .* at most 1, but is 1.5"),
        ({"leak": -1}, "leak must be at least 0"),
    ],
)
def test_the_time_gate_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        TimeGate(H, **arguments)


def test_phased_lstm_needs_a_time_and_something_else():
    with pytest.raises(ValueError, match="input_size must be at least 2"):
        PhasedLSTMCell(1, H)


# Multiplicative RNN


def test_each_symbol_has_its_own_recurrent_matrix():
    cell, h = make(MultiplicativeRNNCell, M), numbers(B, H)
    symbols = torch.tensor([0, 2, 1, 1, 0])
    _, new = cell(symbols, h)
    for b, symbol in enumerate(symbols):
        W_hh = cell.W_hm @ torch.diag(cell.W_xm[symbol]) @ cell.W_mh  # (H, H)
        same(new[b], torch.tanh(cell.W_xh[symbol] + h[b] @ W_hh + cell.b_h))


def test_multiplicative_rnn_with_one_matrix_for_all_symbols_is_elman():
    cell, elman = make(MultiplicativeRNNCell, M), make(ElmanCell)
    copy_shared(cell, elman)
    with torch.no_grad():
        cell.W_xm.fill_(1)
        elman.W_hh.copy_(cell.W_hm @ cell.W_mh)
    symbols = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    same(unroll(cell, symbols)[0], unroll(elman, symbols)[0])


def test_multiplicative_rnn_sizes():
    assert MultiplicativeRNNCell(D, H).W_hm.shape == (H, H)
    assert MultiplicativeRNNCell(D, H, M).W_xm.shape == (D, M)
    with pytest.raises(ValueError, match="num_factors must be at least 1"):
        MultiplicativeRNNCell(D, H, 0)
