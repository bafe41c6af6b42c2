"""Jacobians by autograd, against torch's own, finite differences and the formula."""

import time

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.jordan import JordanCell
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.unroll import unroll
from rnncourse.diagnostics import state_gradients
from rnncourse.diagnostics_jacobians import step_jacobians
from rnncourse.diagnostics_spectra import elman_jacobians
from rnncourse.diagnostics_watch import watch

T, B, D, H = 7, 3, 5, 11


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def double(make, *arguments, **named):
    torch.manual_seed(1)
    return make(*arguments, **named).double()


def flat(state):
    parts = state if isinstance(state, tuple) else (state,)
    return torch.cat([part.flatten() for part in parts])


def like(state, row):
    """A flat row as a state of one sequence."""
    if not isinstance(state, tuple):
        return row.reshape(state[:1].shape)
    rows = row.split([part[:1].numel() for part in state])
    return tuple(r.reshape(part[:1].shape) for r, part in zip(rows, state, strict=True))


CELLS = {
    "Elman": lambda: ElmanCell(D, H),
    "Jordan": lambda: JordanCell(D, H, 2),
    "GRU": lambda: TorchCell(nn.GRU(D, H)),
    "two layers": lambda: TorchCell(nn.RNN(D, H, 2)),
    "LSTM": lambda: TorchCell(nn.LSTM(D, 2, 2)),
}


@pytest.mark.parametrize("make", CELLS.values(), ids=CELLS)
def test_each_is_what_torch_and_differences_find_for_one_step(make):
    cell, xs = double(make), normal(T, B, D)
    jacobians = step_jacobians(cell, xs)
    state = cell.initial_state(B)
    size = flat(state).numel() // B
    assert jacobians.shape == (T, B, size, size)
    for t, b in ((0, 0), (4, 1), (6, 2)):
        _, before = unroll(cell, xs[:t], state) if t else (None, state)
        one = tuple(s[b : b + 1] for s in before) if isinstance(before, tuple) else before[b][None]

        def step(row, one=one, t=t, b=b):
            return flat(cell(xs[t, b : b + 1], like(one, row))[1])

        row = flat(one).detach()
        theirs = torch.autograd.functional.jacobian(step, row).T.numpy()  # they: new units first
        assert jacobians[t, b] == pytest.approx(theirs, abs=1e-13)
        with torch.no_grad():
            shifts = 1e-6 * torch.eye(size, dtype=torch.float64)
            rows = [(step(row + s) - step(row - s)) / 2e-6 for s in shifts]
        assert jacobians[t, b] == pytest.approx(torch.stack(rows).numpy(), abs=1e-8)


SLOPES = {
    "tanh": (torch.tanh, lambda h: 1 - h**2),
    "sigmoid": (torch.sigmoid, lambda h: h * (1 - h)),
    "ReLU": (torch.relu, lambda h: (h > 0).astype(float)),
    "linear": (lambda a: a, np.ones_like),
}


@pytest.mark.parametrize("function, slope", SLOPES.values(), ids=SLOPES)
def test_the_formula_gives_the_same(function, slope):
    cell, xs = double(ElmanCell, D, H, nonlinearity=function), normal(T, B, D)
    hs, _ = unroll(cell, xs)
    by_formula = elman_jacobians(cell.W_hh.detach().numpy(), slope(hs.detach().numpy()))
    assert by_formula.shape == (T, B, H, H)
    assert step_jacobians(cell, xs) == pytest.approx(by_formula, abs=1e-14)


def test_a_gradient_goes_back_through_the_transposed_jacobians():
    cell, xs = double(lambda: TorchCell(nn.GRU(D, H))), normal(T, B, D)
    weights = normal(B, H, seed=5)
    with watch(cell) as states:
        loss = (unroll(cell, xs)[0][-1] * weights).sum()
    gradients = state_gradients(loss, states)["h[0]"]
    jacobians = step_jacobians(cell, xs)
    d_h = weights.numpy()
    for t in reversed(range(T)):
        assert gradients[t] == pytest.approx(d_h, abs=1e-14)
        d_h = np.einsum("bj,bij->bi", d_h, jacobians[t])  # dL/dh_{t-1} = dL/dh_t J_t^T


def test_cells_of_torch_and_whole_numbers_and_a_given_state():
    cell, h = double(nn.GRUCell, D, H), normal(B, H)
    wrapped = TorchCell(double(nn.GRU, D, H))
    for name, weight in cell.named_parameters():
        getattr(wrapped.rnn, name + "_l0").data.copy_(weight)
    xs = normal(T, B, D)
    expected = step_jacobians(wrapped, xs, h[:, None])
    assert step_jacobians(cell, xs, h) == pytest.approx(expected, abs=1e-14)
    elman = double(ElmanCell, D, H)
    ids = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    one_hot = nn.functional.one_hot(ids, D).double()
    assert step_jacobians(elman, ids) == pytest.approx(step_jacobians(elman, one_hot), abs=0)


def test_a_state_without_influence_has_a_jacobian_of_zeros():
    def forgets(x, h):
        return x, x[:, :2] * 3.0

    assert not step_jacobians(forgets, normal(T, B, D), torch.zeros(B, 2)).any()


def test_parameters_and_random_numbers_are_left_alone():
    cell = double(ElmanCell, D, H)
    before = torch.random.get_rng_state()
    step_jacobians(cell, normal(T, B, D))
    assert all(p.grad is None for p in cell.parameters())
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_cost_is_far_below_that_of_one_backward_pass_a_unit_and_step():
    cell, xs = double(ElmanCell, D, 23), normal(101, B, D)

    def one_by_one():
        h = cell.initial_state(B)
        for x in xs:
            h = h.detach().requires_grad_()
            _, new = cell(x, h)
            for j in range(23):
                torch.autograd.grad(new[:, j].sum(), h, retain_graph=True)
            h = new

    def seconds(function):
        start = time.process_time()
        function()
        return time.process_time() - start

    fast = min(seconds(lambda: step_jacobians(cell, xs)) for _ in range(3))
    assert fast < seconds(one_by_one) / 3  # measured: a fifteenth


class WrongShape(ElmanCell):
    def step(self, projected, h):
        return h, h[:, :-1]


def to_nan(x, h):
    return h, h / 0


@pytest.mark.parametrize(
    "cell, xs, state, error, message",
    [
        (ElmanCell(D, H), [1.0], None, TypeError, "xs must be a tensor, but is list"),
        (ElmanCell(D, H), torch.zeros(0, B, D), None, ValueError, "T and B at least 1, but has"),
        (ElmanCell(D, H), torch.zeros(5), None, ValueError, r"xs must be \(T, B, ...\)"),
        (nn.GRUCell(D, H), torch.zeros(T, B, D), None, TypeError, "state must be given.*GRUCell"),
        (WrongShape(D, H), torch.zeros(T, B, D), None, ValueError, "state must stay .*WrongShape"),
        (
            lambda x, h: None,
            torch.zeros(T, B, D),
            torch.zeros(B, 2),
            TypeError,
            "module must return",
        ),
        (to_nan, torch.zeros(T, B, D), torch.zeros(B, 2), ValueError, "after step 0 is not"),
    ],
)
def test_bad_input(cell, xs, state, error, message):
    with pytest.raises(error, match=message):
        step_jacobians(cell, xs, state)
