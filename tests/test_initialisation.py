"""Where recurrent weights begin: spectra, distributions, and what they do to gradients."""

import math

import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.initialisation import identity_, irnn_, orthogonal_, spectral_radius_
from rnncourse.cells.jordan import JordanCell
from rnncourse.cells.unroll import unroll

D, H = 3, 7


class Gated(nn.Module):
    """W_hh as a cell with three gates has it."""

    def __init__(self):
        super().__init__()
        self.W_xh = nn.Parameter(torch.randn(D, 3 * H))
        self.W_hh = nn.Parameter(torch.randn(H, 3 * H))
        self.b_h = nn.Parameter(torch.randn(3 * H))


def make():
    torch.manual_seed(1)
    return ElmanCell(D, H)


def test_identity():
    cell = make()
    others = cell.W_xh.clone(), cell.b_h.clone()
    assert identity_(cell, 0.5) is cell
    assert torch.equal(cell.W_hh, 0.5 * torch.eye(H))
    assert torch.equal(cell.W_xh, others[0]) and torch.equal(cell.b_h, others[1])
    assert isinstance(cell.W_hh, nn.Parameter) and cell.W_hh.requires_grad
    assert torch.equal(identity_(Gated()).W_hh, torch.eye(H).repeat(1, 3))


def test_irnn_adds_its_inputs_up():
    cell = irnn_(ElmanCell(D, 211, nonlinearity=torch.relu), input_sd=0.01, seed=3)
    assert torch.equal(cell.W_hh, torch.eye(211)) and not cell.b_h.any()
    assert cell.W_xh.std().item() == pytest.approx(0.01, rel=0.1)
    assert cell.W_xh.mean().abs() < 0.002
    xs = torch.rand(11, 5, D)
    with torch.no_grad():
        cell.W_xh.abs_()
    torch.testing.assert_close(unroll(cell, xs)[0][-1], xs.sum(0) @ cell.W_xh)


def test_irnn_is_repeatable():
    one, same, other = (
        irnn_(make(), seed=s).W_xh for s in (5, torch.Generator().manual_seed(5), 6)
    )
    assert torch.equal(one, same) and not torch.equal(one, other)
    assert one.abs().max() < 0.01


@pytest.mark.parametrize("gain", [1.0, 0.5, -2.0])
def test_orthogonal_has_equal_singular_values(gain):
    cell = orthogonal_(make().double(), gain=gain, seed=2)
    torch.testing.assert_close(
        cell.W_hh @ cell.W_hh.T, gain**2 * torch.eye(H).double(), atol=1e-12, rtol=0
    )
    for block in orthogonal_(Gated(), gain=gain).W_hh.split(H, dim=1):
        torch.testing.assert_close(torch.linalg.svdvals(block), torch.full((H,), abs(gain)))


def test_orthogonal_is_repeatable_and_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    one, same, other = (orthogonal_(ElmanCell(D, H, scale=0), seed=s).W_hh for s in (5, 5, 6))
    assert torch.equal(one, same) and not torch.equal(one, other)
    torch.manual_seed(0), orthogonal_(Gated())
    blocks = orthogonal_(Gated()).W_hh.split(H, dim=1)
    assert not torch.equal(blocks[0], blocks[1])
    torch.set_rng_state(before)
    cell = make()
    state = torch.get_rng_state()
    orthogonal_(cell)
    assert torch.equal(torch.get_rng_state(), state)


def test_all_orthogonal_matrices_are_equally_likely():
    """Of 2 x 2 ones half are rotations, and every angle is equally likely: mean of cos 2a is 0."""
    generator, cell = torch.Generator().manual_seed(0), ElmanCell(1, 2)
    draws = [orthogonal_(cell, seed=generator).W_hh.detach().clone() for _ in range(2000)]
    matrices = torch.stack(draws)
    assert (torch.linalg.det(matrices) > 0).float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert matrices.mean(0).abs().max() < 0.06  # a QR without the signs gives -0.6 on the diagonal
    cosines = matrices[:, 0, 0]
    assert (2 * cosines**2 - 1).mean().abs() < 0.06


@pytest.mark.parametrize("radius", [0.0, 0.5, 1.0, 1.5])
def test_spectral_radius(radius):
    cell = spectral_radius_(make().double(), radius)
    before = make().double().W_hh
    assert torch.linalg.eigvals(cell.W_hh).abs().max().item() == pytest.approx(radius)
    ratio = cell.W_hh / before  # only scaled
    assert (ratio - ratio[0, 0]).abs().max() < 1e-12
    for block in spectral_radius_(Gated(), radius).W_hh.split(H, dim=1):
        assert torch.linalg.eigvals(block).abs().max().item() == pytest.approx(radius, rel=1e-4)


@pytest.mark.parametrize("radius", [0.5, 1.5])
def test_spectral_radius_is_the_long_run_rate_of_a_linear_network(radius):
    cell = spectral_radius_(ElmanCell(D, H, nonlinearity=lambda a: a).double(), radius)
    norms = [torch.linalg.matrix_power(cell.W_hh, k).norm().item() for k in (100, 300)]
    assert math.log(norms[1] / norms[0]) / 200 == pytest.approx(math.log(radius), abs=0.02)


def test_orthogonal_linear_cell_keeps_the_length_of_the_gradient():
    cell = orthogonal_(ElmanCell(D, H, nonlinearity=lambda a: a).double(), seed=4)
    start = torch.zeros(5, H, dtype=torch.float64, requires_grad=True)
    last = unroll(cell, torch.zeros(97, 5, D).double(), start)[0][-1]
    weights = torch.arange(1.0, H + 1).double().expand(5, H)
    (slope,) = torch.autograd.grad((last * weights).sum(), start)
    torch.testing.assert_close(slope.norm(dim=1), weights.norm(dim=1))


@pytest.mark.parametrize(
    "function", [identity_, irnn_, orthogonal_, lambda c: spectral_radius_(c, 1)]
)
def test_cells_without_recurrent_weights_are_refused(function):
    with pytest.raises(TypeError, match="cell must have W_hh, but JordanCell has none"):
        function(JordanCell(D, H, 2))
    gated = Gated()
    gated.W_hh = nn.Parameter(torch.randn(H, H + 1))
    with pytest.raises(ValueError, match=r"W_hh must be \(H, n H\), but has shape \(7, 8\)"):
        function(gated)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: identity_(make(), math.nan), ValueError, "scale must be finite"),
        (lambda: identity_(make(), "1"), TypeError, "scale must be a number"),
        (lambda: irnn_(make(), -0.1), ValueError, "input_sd must be at least 0"),
        (lambda: irnn_(make(), seed=-1), ValueError, "seed must be at least 0"),
        (lambda: orthogonal_(make(), math.inf), ValueError, "gain must be finite"),
        (lambda: orthogonal_(make(), seed=1.5), TypeError, "seed must be a whole number"),
        (lambda: spectral_radius_(make(), -1), ValueError, "radius must be at least 0"),
        (lambda: spectral_radius_(make(), math.nan), ValueError, "radius must be finite"),
        (
            lambda: spectral_radius_(ElmanCell(D, H, scale=0), 1),
            ValueError,
            "eigenvalue other than",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_spectral_radius_of_what_no_factor_can_mend():
    cell = make()
    with torch.no_grad():
        cell.W_hh.copy_(torch.triu(torch.full((H, H), 5.0), diagonal=1))  # nilpotent, norm above 5
    with pytest.raises(ValueError, match="eigenvalue other than 0"):
        spectral_radius_(cell, 1.0)
    with torch.no_grad():
        cell.W_hh[0, 0] = math.nan
    with pytest.raises(ValueError, match="W_hh must be finite"):
        spectral_radius_(cell, 1.0)


def test_what_is_refused_changes_nothing():
    cell = make()
    before = [p.clone() for p in cell.parameters()]
    for call in (lambda: irnn_(cell, -1.0), lambda: orthogonal_(cell, math.nan)):
        with pytest.raises(ValueError, match="must be"):
            call()
    assert all(torch.equal(a, b) for a, b in zip(before, cell.parameters(), strict=True))
