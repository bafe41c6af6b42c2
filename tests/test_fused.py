"""The LSTM's hand-written passes: the plain loop's numbers and gradients, in less time."""

import pytest
import torch
from torch import nn

from benchmarks import cells as benchmark
from rnncourse.cells.fused import FusedLSTMCell, LSTMLoop
from rnncourse.cells.lstm import LSTMCell
from rnncourse.cells.unroll import unroll
from rnncourse.cells.wrapped import ClippedCell
from rnncourse.diagnostics_watch import watch

T, B, D, H = 7, 5, 3, 11


def numbers(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def make(kind=FusedLSTMCell):
    torch.manual_seed(1)
    return kind(D, H, scale=0.7).double()


def start(seed=7):
    return tuple(numbers(B, H, seed=seed + k).requires_grad_() for k in range(2))


def same(one, other, atol=1e-12):
    torch.testing.assert_close(one, other, atol=atol, rtol=0)


def loss_of(outputs, state, parts):
    """A number that depends on outputs, last h and last c, or on some of them."""
    tensors = {"outputs": outputs, "h": state[0], "c": state[1]}
    return sum((tensors[p].sin() * numbers(*tensors[p].shape, seed=len(p))).sum() for p in parts)


def count_uses(monkeypatch):
    uses = []
    apply = LSTMLoop.apply
    monkeypatch.setattr(LSTMLoop, "apply", lambda *args: uses.append(1) or apply(*args))
    return uses


@pytest.mark.parametrize("parts", [["outputs"], ["h"], ["c"], ["outputs", "h", "c"]])
@pytest.mark.parametrize("steps", [1, T])
@pytest.mark.parametrize("ids", [False, True], ids=["vectors", "ids"])
def test_numbers_and_all_gradients_are_those_of_the_plain_loop(monkeypatch, parts, steps, ids):
    uses, found = count_uses(monkeypatch), []
    for cell in (make(), make(LSTMCell)):
        xs = numbers(steps, B, D).requires_grad_()
        symbols = torch.randint(D, (steps, B), generator=torch.Generator().manual_seed(0))
        state = start()
        outputs, last = unroll(cell, symbols if ids else xs, state)
        wanted = [*cell.parameters(), *state, *([] if ids else [xs])]
        gradients = torch.autograd.grad(loss_of(outputs, last, parts), wanted)
        found.append((outputs, *last, *gradients))
    assert uses == [1]
    for one, other in zip(*found, strict=True):
        same(one, other)


def test_gradients_are_the_numerical_ones_also_the_second():
    xs, state = numbers(3, 2, D).requires_grad_(), [numbers(2, H, seed=k) for k in (1, 2)]
    cell = make()
    arguments = [(xs @ cell.W_xh).detach(), cell.b_h.detach(), cell.W_hh.detach(), *state]
    arguments = [a.clone().requires_grad_() for a in arguments]
    assert torch.autograd.gradcheck(LSTMLoop.apply, arguments)
    assert torch.autograd.gradgradcheck(LSTMLoop.apply, arguments, fast_mode=True)


def test_gradients_of_gradients_are_those_of_the_plain_loop():
    """A penalty on the length of dL/dxs, as in gradient penalties."""
    found = []
    for cell in (make(), make(LSTMCell)):
        xs = numbers(T, B, D).requires_grad_()
        loss = unroll(cell, xs)[0].square().sum()
        (gradient,) = torch.autograd.grad(loss, xs, create_graph=True)
        found.append(torch.autograd.grad(gradient.square().sum(), [*cell.parameters(), xs]))
    for one, other in zip(*found, strict=True):
        same(one, other, atol=1e-9)


def test_two_backward_passes_over_one_graph_agree():
    cell, state = make(), start()
    loss = unroll(cell, numbers(T, B, D), state)[0].square().sum()
    first = torch.autograd.grad(loss, [*cell.parameters(), *state], retain_graph=True)
    second = torch.autograd.grad(loss, [*cell.parameters(), *state])
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one, other)


def test_frozen_weights_get_no_gradient_and_the_others_theirs():
    found = []
    for cell in (make(), make(LSTMCell)):
        cell.W_hh.requires_grad_(False)
        outputs, _ = unroll(cell, numbers(T, B, D))
        outputs.square().sum().backward()
        assert cell.W_hh.grad is None
        found.append((cell.W_xh.grad, cell.b_h.grad))
    same(*found)


def test_two_halves_with_the_carried_state_are_the_whole():
    cell, xs = make(), numbers(T, B, D)
    whole, end = unroll(cell, xs)
    first, middle = unroll(cell, xs[:3])
    second, last = unroll(cell, xs[3:], middle)
    same(torch.cat((first, second)), whole)
    same(last, end)


def test_padding_goes_by_steps(monkeypatch):
    uses, xs = count_uses(monkeypatch), numbers(T, B, D)
    mask = torch.arange(T)[:, None] < torch.tensor([7, 1, 3, 5, 2])
    same(unroll(make(), xs, mask=mask), unroll(make(LSTMCell), xs, mask=mask))
    assert uses == []


def test_without_gradients_nothing_is_kept():
    with torch.no_grad():
        outputs, (h, c) = unroll(make(), numbers(T, B, D))
    assert not outputs.requires_grad and not h.requires_grad and not c.requires_grad
    same(outputs, unroll(make(LSTMCell), numbers(T, B, D))[0].detach())


def test_the_last_state_is_no_part_of_the_outputs():
    outputs, (h, _) = unroll(make(), numbers(T, B, D))
    kept = h.clone()
    with torch.no_grad():
        outputs.zero_()
    assert torch.equal(h, kept)


# Whoever looks at single steps


def test_the_microscope_sees_every_step_and_its_gradient():
    found = []
    for cell in (make(), make(LSTMCell)):
        with watch(cell) as states:
            outputs, _ = unroll(cell, numbers(T, B, D))
        watched = states["state[0]"] + states["state[1]"]
        found.append(torch.autograd.grad(outputs.square().sum(), watched))
    assert len(found[0]) == 2 * T
    for one, other in zip(*found, strict=True):
        same(one, other)


def test_a_cell_around_it_still_clips_each_step(monkeypatch):
    uses, found = count_uses(monkeypatch), []
    for kind in (FusedLSTMCell, LSTMCell):
        cell = ClippedCell(make(kind), 0.1)
        unroll(cell, numbers(T, B, D))[0].square().sum().backward()
        found.append(cell.cell.W_hh.grad)
    same(*found)
    assert uses == []


class WithoutOutputGate(FusedLSTMCell):
    def step(self, projected, state):
        _, (_, c) = super().step(projected, state)
        return c.tanh(), (c.tanh(), c)


def test_a_step_that_was_changed_is_the_one_that_runs():
    torch.manual_seed(1)
    changed, xs = WithoutOutputGate(D, H, scale=0.7).double(), numbers(T, B, D)
    outputs, (h, c) = unroll(changed, xs)
    same(outputs[-1], c.tanh())
    same(outputs[-1], h)
    cell = make()
    cell.step = lambda projected, state: (state[0], state)
    assert (unroll(cell, xs)[0] == 0).all()
    cell, plain = make(), make(LSTMCell)
    cell.project = plain.project = lambda xs: 2 * xs @ plain.W_xh
    same(unroll(cell, xs)[0], unroll(plain, xs)[0])


def test_weights_swapped_from_outside_are_the_ones_that_run():
    cell, other = make(), FusedLSTMCell(D, H).double()
    swapped = {f"cell.{name}": weight for name, weight in other.named_parameters()}

    class Unrolled(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = cell

        def forward(self, xs):
            return unroll(self.cell, xs)[0]

    xs = numbers(T, B, D)
    same(torch.func.functional_call(Unrolled(), swapped, (xs,)), unroll(other, xs)[0])


# Speed


@pytest.mark.parametrize("promise", [p for p in benchmark.PROMISES if p[2]], ids=str)
def test_cells_keep_what_is_promised_of_their_time(promise):
    """Other work on the machine may add 40 % to a ratio here; ``make bench`` allows nothing."""
    ratio = benchmark.ratios(rounds=3, promises=[promise])[0]
    allowed = 1.4 * ratio.at_most
    assert min(ratio.of_minima, ratio.of_medians) <= allowed, ratio
