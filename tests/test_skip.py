"""Skip connections in time: against the formula, paths counted, ways searched breadth-first."""

import itertools

import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.jordan import JordanCell
from rnncourse.cells.skip import SkipCell, path_length
from rnncourse.cells.state import detach
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.unroll import unroll

T, B, D, H, K = 13, 5, 3, 7, 2


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def make(kind="Elman", skip=3):
    torch.manual_seed(1)
    cells = {
        "Elman": lambda: ElmanCell(D, H),
        "Jordan": lambda: JordanCell(D, H, K),
        "LSTM": lambda: TorchCell(nn.LSTM(D, H)),
    }
    return SkipCell(cells[kind]().double(), skip)


def linear(w, v, skip):
    """One linear unit: h_t = x_t + w h_{t-1} + v h_{t-skip}."""
    cell = SkipCell(ElmanCell(1, 1, nonlinearity=lambda a: a).double(), skip)
    with torch.no_grad():
        cell.cell.W_xh.fill_(1), cell.cell.b_h.zero_()
        cell.cell.W_hh.fill_(w), cell.W_skip.fill_(v)
    return cell


def same(one, other, atol=1e-12):
    torch.testing.assert_close(one, other, atol=atol, rtol=0)


@pytest.mark.parametrize("skip", [2, 3, 5, 17])
def test_skip_cell_is_the_formula(skip):
    cell, xs = make(skip=skip), numbers(T, B, D)
    inner, hs = cell.cell, []
    for t, x in enumerate(xs):
        before = hs[t - 1] if t else torch.zeros(B, H).double()
        earlier = hs[t - skip] if t >= skip else torch.zeros(B, H).double()
        hs.append(
            torch.tanh(x @ inner.W_xh + before @ inner.W_hh + earlier @ cell.W_skip + inner.b_h)
        )
    outputs, (state, queue) = unroll(cell, xs)
    same(outputs, torch.stack(hs))
    same(state, hs[-1])
    padded = [torch.zeros(B, H).double()] * skip + hs
    same(queue, tuple(padded[-skip:]))


@pytest.mark.parametrize("kind", ["Elman", "Jordan", "LSTM"])
def test_without_skip_weights_it_is_the_cell(kind):
    cell, xs = make(kind), numbers(T, B, D)
    with_skip = unroll(cell, xs)[0]
    with torch.no_grad():
        cell.W_skip.zero_()
    alone = unroll(cell.cell, xs)[0]
    same(unroll(cell, xs)[0], alone)
    same(with_skip[:3], alone[:3])  # nothing to read yet
    assert (with_skip[3] - alone[3]).abs().min() > 1e-6
    assert cell.output_size == alone.shape[2]


@pytest.mark.parametrize("kind", ["Elman", "Jordan", "LSTM"])
def test_two_halves_with_the_carried_state_are_the_whole(kind):
    cell, xs = make(kind), numbers(T, B, D)
    first, middle = unroll(cell, xs[:4])
    second, _ = unroll(cell, xs[4:], detach(middle))
    same(torch.cat((first, second)), unroll(cell, xs)[0])


@pytest.mark.parametrize("kind", ["Elman", "Jordan", "LSTM"])
def test_padding_changes_nothing(kind):
    lengths = [13, 2, 7, 1, 5]
    cell, xs = make(kind), numbers(T, B, D)
    mask = torch.arange(T)[:, None] < torch.tensor(lengths)
    outputs, (_, queue) = unroll(cell, xs, mask=mask)
    for b, length in enumerate(lengths):
        alone, (_, last) = unroll(cell, xs[:length, b : b + 1])
        same(outputs[:length, b], alone[:, 0])
        for found, wanted in zip(queue, last, strict=True):
            same(found[b : b + 1], wanted)


def test_one_step_and_whole_numbers():
    cell = make()
    ids = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    one_hot = nn.functional.one_hot(ids, D).double()
    state, outputs = cell.initial_state(B), []
    for x in one_hot:
        output, state = cell(x, state)
        outputs.append(output)
    same(unroll(cell, ids)[0], torch.stack(outputs))


def test_gradients_are_the_numerical_ones():
    cell, xs = make(skip=2), numbers(5, 2, D).requires_grad_()

    def outputs(xs, *weights):
        names = [name for name, _ in cell.named_parameters()]
        changed = {f"cell.{n}": w for n, w in zip(names, weights, strict=True)}
        return torch.func.functional_call(Unrolled(cell), changed, (xs,))

    assert torch.autograd.gradcheck(outputs, (xs, *cell.parameters()))


class Unrolled(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, xs):
        return unroll(self.cell, xs)[0]


@pytest.mark.parametrize("skip", [2, 3, 5])
def test_gradient_is_the_sum_over_all_ways(skip):
    """dh_T/dx_0 of one linear unit: each way of steps 1 and ``skip`` is a product of weights."""
    w, v, gap = 0.7, 0.6, 11
    expected = 0.0
    for leaps in range(gap // skip + 1):
        ones = gap - leaps * skip
        ways = len(set(itertools.combinations(range(ones + leaps), leaps)))
        expected += ways * w**ones * v**leaps
    xs = torch.zeros(gap + 1, 1, 1).double().requires_grad_()
    (slope,) = torch.autograd.grad(unroll(linear(w, v, skip), xs)[0][-1].sum(), xs)
    assert slope[0].item() == pytest.approx(expected)


def test_with_the_skip_alone_gradients_leap():
    xs = torch.zeros(T, 1, 1).double().requires_grad_()
    (slope,) = torch.autograd.grad(unroll(linear(0.0, 0.5, 5), xs)[0][-1].sum(), xs)
    expected = [0.0] * T
    expected[12], expected[7], expected[2] = 1, 0.5, 0.25
    assert slope.flatten().tolist() == expected


def shortest(gap, skip):
    """Breadth-first search from 0 to ``gap`` in steps of 1 and ``skip``."""
    reached, length = {0}, 0
    while gap not in reached:
        reached = {place + step for place in reached for step in (1, skip)}
        length += 1
    return length


@pytest.mark.parametrize("skip", [2, 3, 5, 13])
def test_path_length_is_the_shortest_way(skip):
    assert [path_length(gap, skip) for gap in range(1, 31)] == [
        shortest(gap, skip) for gap in range(1, 31)
    ]


@pytest.mark.parametrize("gap, skip", [(11, 3), (12, 5), (4, 7)])
def test_path_length_is_the_lowest_power_in_the_gradient(gap, skip):
    """With both weights e, dh_gap/dx_0 is about (number of ways) e^length for small e."""
    slopes = []
    for e in (1e-3, 1e-4):
        xs = torch.zeros(gap + 1, 1, 1).double().requires_grad_()
        outputs = unroll(linear(e, e, skip), xs)[0]
        slopes.append(torch.autograd.grad(outputs[-1].sum(), xs)[0][0].item())
    power = torch.log10(torch.tensor(slopes[0] / slopes[1])).item()
    assert power == pytest.approx(path_length(gap, skip), abs=0.01)


def test_scale_of_the_skip_weights():
    cell = ElmanCell(D, 100)
    assert SkipCell(cell, 2).W_skip.abs().max() <= 0.1
    assert SkipCell(cell, 2).W_skip.std().item() == pytest.approx(0.2 / 12**0.5, rel=0.05)
    assert not SkipCell(cell, 2, scale=0).W_skip.any()
    assert SkipCell(ElmanCell(D, H).double(), 2).W_skip.dtype == torch.float64
    assert isinstance(SkipCell(cell, 2).W_skip, nn.Parameter)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: make(skip=1), ValueError, "skip must be at least 2, but is 1"),
        (lambda: make(skip=-3), ValueError, "skip must be at least 2, but is -3"),
        (lambda: make(skip=2.0), TypeError, "skip must be a whole number"),
        (lambda: SkipCell(ElmanCell(D, H), 2, -1), ValueError, "scale must be at least 0"),
        (lambda: SkipCell(ElmanCell(D, H), 2, float("nan")), ValueError, "scale must be finite"),
        (lambda: SkipCell(nn.Linear(D, H), 2), TypeError, "cell must have project and step"),
        (lambda: make().initial_state(0), ValueError, "batch_size must be at least 1"),
        (lambda: unroll(make(), numbers(T, B, D), numbers(B, H)), TypeError, "states must be"),
        (lambda: path_length(0, 2), ValueError, "gap must be at least 1"),
        (lambda: path_length(5, 1), ValueError, "skip must be at least 2"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
