"""Penalties: closed forms, loops written out, and numerical gradients in double precision."""

import math

import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.initialisation import identity_, orthogonal_
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.unroll import unroll
from rnncourse.cells.wrapped import RecordedCell
from rnncourse.models import SequenceClassifier
from rnncourse.regularizers import omega, omega_immediate, soft_orthogonality
from rnncourse.training import fit

T, B, D, H = 5, 3, 2, 7


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def make(nonlinearity=torch.tanh, scale=0.6):
    torch.manual_seed(1)
    return ElmanCell(D, H, nonlinearity=nonlinearity, scale=scale).double()


def loss_of(hs):
    """A loss that looks at two steps, so that dL/dh_t comes from outputs and from later steps."""
    return (hs[-1] * numbers(B, H, seed=7)).sum() + hs[2].square().sum()


def trace_of(cell, xs, create_graph=False):
    """States and gradients by a plain loop and one call of autograd."""
    states = [torch.zeros(xs.shape[1], H, dtype=xs.dtype, requires_grad=True)]
    for x in xs:
        states.append(cell(x, states[-1])[1])
    gradients = torch.autograd.grad(loss_of(states[1:]), states[1:], create_graph=create_graph)
    return torch.stack(states), torch.stack(gradients)


def numerical(function, weight, eps=1e-6):
    """Central differences of a function of nothing with respect to each entry of a weight."""
    slope = torch.zeros_like(weight)
    for place in torch.cartesian_prod(*map(torch.arange, weight.shape)).reshape(-1, weight.ndim):
        i, values = tuple(place), []
        for sign in (1, -1):
            with torch.no_grad():
                weight[i] += sign * eps
            values.append(function().item())
            with torch.no_grad():
                weight[i] -= sign * eps
        slope[i] = (values[0] - values[1]) / (2 * eps)
    return slope


def close(one, other, atol=1e-7):
    torch.testing.assert_close(one, other, atol=atol, rtol=1e-6)


# Soft orthogonality


def test_soft_orthogonality_is_a_sum_over_singular_values():
    W = numbers(5, 7)
    expected = (torch.linalg.svdvals(W) ** 2 - 1).square().sum()
    close(soft_orthogonality(W), expected)
    square = numbers(7, 7)
    close(soft_orthogonality(square), soft_orthogonality(square.T))


def test_soft_orthogonality_by_hand():
    assert soft_orthogonality(torch.tensor([[2.0, 0.0], [0.0, 1.0]])) == 9  # (4 - 1)^2
    assert soft_orthogonality(torch.tensor([[1.0, 1.0], [0.0, 1.0]])) == 1 + 1 + 1
    assert soft_orthogonality(torch.zeros(3, 3)) == 3


def test_soft_orthogonality_of_orthonormal_rows_is_nothing():
    Q = torch.linalg.qr(numbers(7, 7))[0]
    assert soft_orthogonality(Q) < 1e-28
    assert soft_orthogonality(Q[:3]) < 1e-28


def test_soft_orthogonality_gradient():
    W = numbers(3, 5).requires_grad_()
    assert torch.autograd.gradcheck(soft_orthogonality, (W,))
    soft_orthogonality(W).backward()
    close(W.grad, 4 * (W @ W.T - torch.eye(3)) @ W.detach())


def test_descent_on_soft_orthogonality_makes_a_matrix_orthogonal():
    W = (0.5 * numbers(7, 7)).requires_grad_()
    for _ in range(2000):
        (slope,) = torch.autograd.grad(soft_orthogonality(W), W)
        W = (W - 0.02 * slope).detach().requires_grad_()
    close(torch.linalg.svdvals(W), torch.ones(7).double(), atol=1e-4)


@pytest.mark.parametrize(
    "W, error, message",
    [
        (numbers(5, 3), ValueError, r"W must be \(H, K\) with K at least H, .*\(5, 3\)"),
        (numbers(5), ValueError, r"W must be \(H, K\)"),
        (numbers(0, 3), ValueError, r"W must be \(H, K\)"),
        (numbers(3, 3) / 0, ValueError, "W must be finite, but 9 of 9"),
        ([[1.0]], TypeError, "W must be a tensor, but is a list"),
    ],
)
def test_soft_orthogonality_refuses(W, error, message):
    with pytest.raises(error, match=message):
        soft_orthogonality(W)


# Omega: its value


def by_loops(cell, xs, states, gradients):
    """The formula, step by step and sequence by sequence, with the whole Jacobian."""
    total = 0
    for b in range(xs.shape[1]):
        for k in range(len(xs)):
            jacobian = torch.autograd.functional.jacobian(
                lambda h, k=k, b=b: cell(xs[k, b][None], h[None])[1][0], states[k, b]
            )  # (H, H), [i, j] = dh_{k+1}[i] / dh_k[j]
            ratio = (gradients[k, b] @ jacobian).norm() / gradients[k, b].norm()
            total = total + (ratio - 1) ** 2
    return total / xs.shape[1]


@pytest.mark.parametrize("nonlinearity", [torch.tanh, torch.relu, torch.sigmoid])
def test_omega_is_the_formula(nonlinearity):
    cell, xs = make(nonlinearity), numbers(T, B, D)
    states, gradients = (part.detach() for part in trace_of(cell, xs))
    expected = by_loops(cell, xs, states, gradients)
    close(omega(cell, xs, states, gradients), expected)
    close(omega_immediate(cell, xs, states, gradients), expected)
    assert expected > 0.1


@pytest.mark.parametrize("penalty", [omega, omega_immediate])
def test_omega_of_a_linear_cell_is_known(penalty):
    """Orthogonal: 0. A multiple c of it: T (c - 1)^2, whatever the gradients are."""
    for gain in (1.0, 0.5, 1.5):
        cell = orthogonal_(make(lambda a: a), gain=gain, seed=3)
        xs = numbers(T, B, D)
        states, gradients = (part.detach() for part in trace_of(cell, xs))
        close(penalty(cell, xs, states, gradients).item(), T * (gain - 1) ** 2, atol=1e-12)


def test_omega_asks_for_the_direction_of_the_gradient_only():
    """diag(1, 0): the length stays if the gradient lies on the first axis, whatever else fades."""
    cell = ElmanCell(1, 2, nonlinearity=lambda a: a).double()
    with torch.no_grad():
        cell.W_hh.copy_(torch.tensor([[1.0, 0.0], [0.0, 0.0]]))
    xs, states = numbers(1, 1, 1), numbers(2, 1, 2)
    for gradient, expected in (([3.0, 0.0], 0), ([0.0, 3.0], 1), ([3.0, 4.0], (3 / 5 - 1) ** 2)):
        gradients = torch.tensor([[gradient]]).double()
        assert omega(cell, xs, states, gradients).item() == pytest.approx(expected)


def test_omega_does_not_depend_on_the_size_of_the_gradients():
    cell, xs = make(), numbers(T, B, D)
    states, gradients = (part.detach() for part in trace_of(cell, xs))
    close(omega(cell, xs, states, gradients), omega(cell, xs, states, 1e-3 * gradients))


@pytest.mark.parametrize("penalty", [omega, omega_immediate])
def test_steps_without_a_gradient_count_nothing(penalty):
    cell, xs = make(), numbers(T, B, D)
    states, gradients = (part.detach() for part in trace_of(cell, xs))
    whole = penalty(cell, xs, states, gradients)
    faint = torch.cat((gradients[:2] * 0, gradients[2:3] * 1e-15, gradients[3:]))
    value = penalty(cell, xs, states, faint)
    close(value, penalty(cell, xs[3:], states[3:], gradients[3:]))
    assert value < whole
    (slope,) = torch.autograd.grad(value, cell.W_hh)
    assert torch.isfinite(slope).all() and slope.any()
    assert penalty(cell, xs, states, gradients * 0) == 0
    assert penalty(cell, xs, states, gradients, smallest=1e9) == 0
    close(penalty(cell, xs, states, gradients * 1e-15, smallest=0), whole)


def test_a_step_that_loses_all_of_the_gradient_counts_one():
    """A nilpotent W, and a dead ReLU: nothing comes back, and the slope is finite."""
    cell = make(torch.relu)
    with torch.no_grad():
        cell.b_h.fill_(-1e3)
    xs, states, gradients = numbers(T, B, D), numbers(T + 1, B, H), numbers(T, B, H)
    value = omega(cell, xs, states, gradients)
    assert value == T
    assert torch.isfinite(torch.autograd.grad(value, cell.W_hh)[0]).all()


# Omega: its slope


WEIGHTS = ["W_hh", "W_xh", "b_h"]


@pytest.mark.parametrize("name", WEIGHTS)
def test_slope_of_omega_with_states_and_gradients_held(name):
    cell, xs = make(), numbers(T, B, D)
    states, gradients = (part.detach() for part in trace_of(cell, xs))
    weight = cell.get_parameter(name)
    (slope,) = torch.autograd.grad(omega(cell, xs, states, gradients), weight)
    close(slope, numerical(lambda: omega(cell, xs, states, gradients), weight))
    assert slope.abs().max() > 1e-2


@pytest.mark.parametrize("name", WEIGHTS)
def test_slope_of_omega_through_everything(name):
    cell, xs = make(), numbers(T, B, D)
    weight = cell.get_parameter(name)
    value = omega(cell, xs, *trace_of(cell, xs, create_graph=True))
    (slope,) = torch.autograd.grad(value, weight)
    close(slope, numerical(lambda: omega(cell, xs, *trace_of(cell, xs)), weight))
    held = omega(cell, xs, *(part.detach() for part in trace_of(cell, xs)))
    assert (slope - torch.autograd.grad(held, weight)[0]).abs().max() > 1e-2


def test_immediate_slope_is_that_of_the_one_factor():
    """The paper's reading: only W_hh in (g f') W_hh^T moves; worked out here with its own copy."""
    cell, xs = make(), numbers(T, B, D)
    states, gradients = (part.detach() for part in trace_of(cell, xs))
    value = omega_immediate(cell, xs, states, gradients)
    slopes = torch.autograd.grad(value, [*cell.parameters()], allow_unused=True)
    slopes = dict(zip((name for name, _ in cell.named_parameters()), slopes, strict=True))
    assert slopes["W_xh"] is None and slopes["b_h"] is None
    moving = cell.W_hh.detach().clone()
    bracket = gradients * (1 - states[1:] ** 2)  # tanh' at a_{k+1}

    def formula():
        ratios = (bracket @ moving.T).norm(dim=2) / gradients.norm(dim=2)
        return (ratios - 1).square().sum(0).mean()

    close(value.detach(), formula())
    close(slopes["W_hh"], numerical(formula, moving))
    (other,) = torch.autograd.grad(omega(cell, xs, states, gradients), cell.W_hh)
    assert (slopes["W_hh"] - other).abs().max() > 1e-2  # tanh' moves too in the other reading


def test_in_a_linear_cell_both_readings_have_one_slope():
    cell, xs = make(lambda a: a), numbers(T, B, D)
    states, gradients = (part.detach() for part in trace_of(cell, xs))
    slopes = [
        torch.autograd.grad(penalty(cell, xs, states, gradients), cell.W_hh)[0]
        for penalty in (omega, omega_immediate)
    ]
    close(*slopes)
    assert slopes[0].abs().max() > 1e-2


# Omega: in use


@pytest.mark.parametrize("penalty", [omega, omega_immediate])
def test_whole_numbers_are_one_hot_rows(penalty):
    cell = make()
    ids = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    xs = nn.functional.one_hot(ids, D).double()
    states, gradients = (part.detach() for part in trace_of(cell, xs))
    close(penalty(cell, ids, states, gradients), penalty(cell, xs, states, gradients))


def test_omega_works_for_torch_modules():
    cell, elman = TorchCell(nn.RNN(D, H).double()), make()
    with torch.no_grad():
        elman.W_xh.copy_(cell.rnn.weight_ih_l0.T), elman.W_hh.copy_(cell.rnn.weight_hh_l0.T)
        elman.b_h.copy_(cell.rnn.bias_ih_l0 + cell.rnn.bias_hh_l0)
    xs = numbers(T, B, D)
    states, gradients = (part.detach() for part in trace_of(elman, xs))
    found = omega(cell, xs, states[:, :, None], gradients[:, :, None])
    expected = omega(elman, xs, states, gradients)
    close(found, expected)
    (own,) = torch.autograd.grad(expected, elman.W_hh)
    (theirs,) = torch.autograd.grad(found, cell.rnn.weight_hh_l0)
    close(own, theirs.T)


@pytest.mark.parametrize("penalty", [omega, omega_immediate])
def test_penalty_in_the_hook_of_a_run_brings_omega_down(penalty):
    def train(factor):
        torch.manual_seed(0)
        cell = ElmanCell(D, H, scale=0.1)
        recorded = RecordedCell(cell)
        model = SequenceClassifier(recorded, 2)
        xs, values = numbers(T, 11, D, seed=5).float(), []

        def hook(step, loss):
            value = penalty(cell, *recorded.trace())
            (factor * value).backward()
            values.append(value.item())

        batches = [(xs, (xs[0, :, 0] > 0).long())]
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        fit(model, batches, nn.functional.cross_entropy, optimizer, 60, hook)
        return values

    with_it, without = train(0.5), train(0.0)
    assert with_it[0] == without[0] > 0.5 * T
    assert with_it[-1] < 0.1 * without[-1]


def test_penalty_under_no_grad_is_a_number():
    cell, xs = make(), numbers(T, B, D)
    states, gradients = (part.detach() for part in trace_of(cell, xs))
    with torch.no_grad():
        measured = omega(cell, xs, states, gradients)
    close(measured.detach(), by_loops(cell, xs, states, gradients))


GOOD = {"xs": numbers(T, B, D), "states": numbers(T + 1, B, H), "gradients": numbers(T, B, H)}


@pytest.mark.parametrize("penalty", [omega, omega_immediate])
@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"states": numbers(T, B, H)}, ValueError, r"states must be .*\(6, 3\) in front.*\(5, 3\)"),
        ({"states": numbers(T + 1, 1, H)}, ValueError, r"states must be .*but have \(6, 1\)"),
        ({"states": numbers(T + 1, B)}, ValueError, r"states must be \(T, B, ...\)"),
        (
            {"states": (numbers(2), numbers(2))},
            TypeError,
            "states must be a tensor, but is a tuple",
        ),
        ({"gradients": numbers(T, 1, H)}, ValueError, r"gradients .*\(5, 3, 7\), but have \(5, 1"),
        ({"gradients": numbers(T + 1, B, H)}, ValueError, "gradients must have the shape"),
        ({"gradients": numbers(T, B, H) / 0}, ValueError, "gradients must be finite, but 105 of"),
        ({"xs": numbers(T, B, D) * math.nan}, ValueError, "xs must be finite"),
        ({"xs": numbers(T), "states": numbers(T + 1, B, H)}, ValueError, r"xs and states must be"),
        ({"smallest": -1.0}, ValueError, "smallest must be at least 0"),
        ({"smallest": math.nan}, ValueError, "smallest must be finite"),
    ],
)
def test_omega_refuses(penalty, arguments, error, message):
    with pytest.raises(error, match=message):
        penalty(make(), **{**GOOD, **arguments})


def test_immediate_omega_needs_the_recurrent_weights():
    with pytest.raises(TypeError, match=r"W_hh \(H, H\), but TorchCell has none"):
        omega_immediate(TorchCell(nn.RNN(D, H).double()), **GOOD)


def test_omega_vanishes_for_the_identity_with_active_rectifiers():
    """IRNN in its linear range: positive states, identity weights, no length is lost."""
    cell = identity_(make(torch.relu))
    with torch.no_grad():
        cell.W_xh.abs_(), cell.b_h.abs_()
    xs = numbers(T, B, D).abs()
    states, gradients = (part.detach() for part in trace_of(cell, xs))
    assert omega(cell, xs, states, gradients) < 1e-24
    assert unroll(cell, xs)[0].min() > 0
