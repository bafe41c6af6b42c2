"""Cells around a cell: outputs unchanged; the record and the clipped gradients by hand."""

import math

import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.jordan import JordanCell
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.unroll import unroll
from rnncourse.cells.wrapped import ClippedCell, RecordedCell, clip_gradient_of
from rnncourse.models import LanguageModel, SequenceClassifier

T, B, D, H, K = 11, 5, 3, 7, 2


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def make(kind="Elman"):
    torch.manual_seed(1)
    cells = {
        "Elman": lambda: ElmanCell(D, H, scale=0.7),
        "Jordan": lambda: JordanCell(D, H, K),
        "LSTM": lambda: TorchCell(nn.LSTM(D, H)),
        "GRU": lambda: TorchCell(nn.GRU(D, H)),
    }
    return cells[kind]().double()


def same(one, other, atol=1e-12):
    torch.testing.assert_close(one, other, atol=atol, rtol=0)


@pytest.mark.parametrize(
    "wrap, kinds",
    [
        (RecordedCell, ["Elman", "Jordan"]),
        (lambda cell: ClippedCell(cell, 1e6), ["Elman", "Jordan", "GRU", "LSTM"]),
    ],
)
def test_outputs_and_gradients_are_those_of_the_cell(wrap, kinds):
    for kind in kinds:
        cell, xs = make(kind), numbers(T, B, D)
        wrapped = wrap(cell)
        weights = numbers(*unroll(cell, xs)[0].shape, seed=3)
        results = []
        for each in (cell, wrapped):
            outputs, state = unroll(each, xs)
            slopes = torch.autograd.grad((outputs * weights).sum(), [*cell.parameters()])
            results.append((outputs, state, slopes))
        same(results[0], results[1])
        assert (wrapped.input_size, wrapped.output_size) == (D, cell.output_size)


# The record


def test_the_record_is_what_happened():
    recorded, xs = RecordedCell(make()), numbers(T, B, D)
    start = numbers(B, H, seed=2)
    outputs, _ = unroll(recorded, xs, start)
    target = numbers(T, B, H, seed=3)
    (outputs * target).sum().backward()
    found, states, gradients = recorded.trace()
    assert found is not xs and torch.equal(found, xs)
    assert torch.equal(states, torch.cat((start[None], outputs)))
    assert not states.requires_grad and not gradients.requires_grad
    expected, slope = [], torch.zeros(B, H).double()
    for t in reversed(range(T)):  # dL/dh_t = own output + what step t + 1 hands back
        slope = target[t] + slope
        expected.append(slope)
        slope = (slope * (1 - outputs[t] ** 2)) @ recorded.cell.W_hh.T
    same(gradients, torch.stack(expected[::-1]).detach())


def test_states_that_the_loss_does_not_see_have_no_gradient():
    recorded = RecordedCell(make())
    unroll(recorded, numbers(T, B, D))[0][3].sum().backward()
    gradients = recorded.trace()[2]
    assert gradients.shape == (T, B, H)
    assert not gradients[4:].any() and gradients[:4].abs().amin((1, 2)).min() > 0


def test_a_new_run_begins_a_new_record():
    model = SequenceClassifier(RecordedCell(make()), 2).double()
    model(numbers(T, B, D)).sum().backward()
    model(numbers(T - 2, B + 1, D, seed=4)).sum().backward()
    xs, states, _ = model.cell.trace()
    assert torch.equal(xs, numbers(T - 2, B + 1, D, seed=4))
    assert states.shape == (T - 1, B + 1, H)


def test_symbols_are_recorded_too():
    model = LanguageModel(RecordedCell(make()), D).double()
    ids = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    model(ids)[0].sum().backward()
    assert torch.equal(model.cell.trace()[0], ids)


def test_there_is_no_record_without_a_backward_pass():
    recorded = RecordedCell(make())
    for grad in (False, True):
        with torch.set_grad_enabled(grad):
            unroll(recorded, numbers(T, B, D))
        with pytest.raises(ValueError, match="needs a run with gradients on, and loss.backward"):
            recorded.trace()
    with pytest.raises(ValueError, match="needs a run"):
        RecordedCell(make()).trace()


def test_padding_pairs_and_other_outputs_cannot_be_recorded():
    mask = torch.arange(T)[:, None] < torch.tensor([11, 2, 7, 1, 5])
    with pytest.raises(ValueError, match="mask must be None"):
        unroll(RecordedCell(make()), numbers(T, B, D), mask=mask)
    with pytest.raises(TypeError, match="state must be one tensor, but is a tuple"):
        unroll(RecordedCell(make("LSTM")), numbers(T, B, D))
    with pytest.raises(TypeError, match="its output be its state, but TorchCell"):
        unroll(RecordedCell(make("GRU")), numbers(T, B, D))


# The clip


def clipped_by_hand(outputs, target, W_hh, max_norm):
    """dL/dh_t of a tanh cell, each row shortened before it goes on."""
    clipped, slope = [], torch.zeros_like(outputs[0])
    for t in reversed(range(len(outputs))):
        slope = target[t] + slope
        slope = slope * torch.clamp(max_norm / slope.norm(dim=1, keepdim=True), max=1)
        clipped.append(slope)
        slope = (slope * (1 - outputs[t] ** 2)) @ W_hh.T
    return torch.stack(clipped[::-1])


def test_clip_is_the_loop_written_out():
    cell, xs, target = make(), numbers(T, B, D), numbers(T, B, H, seed=3)
    outputs, _ = unroll(ClippedCell(cell, 2.5), xs)
    (outputs * target).sum().backward()
    outputs = outputs.detach()
    slopes = clipped_by_hand(outputs, target, cell.W_hh.detach(), 2.5)
    inside = slopes * (1 - outputs**2)  # dL/da_t
    before = torch.cat((torch.zeros(1, B, H).double(), outputs[:-1]))
    same(cell.W_hh.grad, torch.einsum("tbi,tbj->ij", before, inside))
    same(cell.W_xh.grad, torch.einsum("tbi,tbj->ij", xs, inside))
    same(cell.b_h.grad, inside.sum((0, 1)))
    lengths = slopes.norm(dim=2)
    assert (lengths < 2.49).any() and (lengths > 2.499).any()  # some were cut, some were not


def test_clip_holds_an_explosion():
    cell = ElmanCell(1, 1, nonlinearity=lambda a: a)
    with torch.no_grad():
        cell.W_hh.fill_(3.0), cell.b_h.zero_(), cell.W_xh.fill_(1e-3)
    xs = torch.zeros(31, 1, 1, requires_grad=True)
    free = torch.autograd.grad(unroll(cell, xs)[0][-1].sum(), xs)[0]
    held = torch.autograd.grad(unroll(ClippedCell(cell, 2), xs)[0][-1].sum(), xs)[0]
    assert free.max().item() == pytest.approx(1e-3 * 3**30, rel=1e-4)
    assert held[:-1, 0, 0].tolist() == pytest.approx([2e-3] * 30)  # 1 at the end, 2 from there on


def test_each_tensor_of_a_pair_is_clipped():
    """Both parts of an LSTM's state are held: with a tiny limit nothing large gets through."""
    xs, cell = numbers(T, B, D).requires_grad_(), make("LSTM")
    for part in (0, 1):
        free, held = (
            torch.autograd.grad(unroll(each, xs)[1][part].sum(), xs)[0]
            for each in (cell, ClippedCell(cell, 1e-6))
        )
        assert free[-1].abs().max() > 1e-3 > 3e-6 > held.abs().max() > 0


def test_padding_passes_the_clip():
    mask = torch.arange(T)[:, None] < torch.tensor([11, 2, 7, 1, 5])
    cell, xs = make(), numbers(T, B, D)
    clipped = ClippedCell(cell, 0.5)
    slopes = torch.autograd.grad(unroll(clipped, xs, mask=mask)[1].sum(), [*cell.parameters()])
    total = [torch.zeros_like(p) for p in cell.parameters()]
    for b, length in enumerate(mask.sum(0)):
        alone = unroll(clipped, xs[:length, b : b + 1])[1].sum()
        total = [a + s for a, s in zip(total, torch.autograd.grad(alone, [*cell.parameters()]))]  # noqa: B905
    same([*slopes], total)


def test_rows_are_clipped_each_by_itself():
    h = numbers(B, 2, 3).requires_grad_()
    doubled = clip_gradient_of(2 * h, 1.5)
    weights = torch.zeros(B, 2, 3).double()
    weights[0], weights[1], weights[2] = 1e-3, 1e2, 1e100
    (doubled * weights).sum().backward()
    lengths = h.grad.flatten(1).norm(dim=1)
    same(lengths, torch.tensor([2e-3 * 6**0.5, 3.0, 3.0, 0.0, 0.0]).double(), atol=1e-7)


def test_clip_without_gradients_does_nothing():
    h = numbers(B, H)
    assert clip_gradient_of(h, 1.0) is h
    with torch.no_grad():
        xs = numbers(T, B, D)
        same(unroll(ClippedCell(make(), 1.0), xs)[0], unroll(make(), xs)[0])


def test_large_single_precision_gradients_are_clipped_and_not_lost():
    h = torch.ones(B, H, requires_grad=True)
    (clip_gradient_of(h * 1, 2.0) * 1e30).sum().backward()  # its square is infinite
    torch.testing.assert_close(h.grad.norm(dim=1), torch.full((B,), 2.0))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_gradients_that_are_not_finite_are_an_error(bad):
    outputs, _ = unroll(ClippedCell(make(), 1.0), numbers(T, B, D))
    with pytest.raises(ValueError, match="dL/dh_t must be finite to be clipped"):
        (outputs[-1] * bad).sum().backward()


@pytest.mark.parametrize(
    "max_norm, error, message",
    [
        (0, ValueError, "max_norm must be above 0, but is 0.0"),
        (-1.5, ValueError, "max_norm must be above 0, but is -1.5"),
        (math.nan, ValueError, "max_norm must be finite"),
        ("1", TypeError, "max_norm must be a number"),
    ],
)
def test_the_limit_must_be_above_zero(max_norm, error, message):
    with pytest.raises(error, match=message):
        ClippedCell(make(), max_norm)
    with pytest.raises(error, match=message):
        clip_gradient_of(numbers(B, H), max_norm)


@pytest.mark.parametrize("wrap", [RecordedCell, lambda cell: ClippedCell(cell, 1.0)])
def test_only_cells_can_be_wrapped(wrap):
    with pytest.raises(TypeError, match="cell must have project and step, but Linear lacks"):
        wrap(nn.Linear(D, H))
