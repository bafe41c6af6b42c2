"""The unitary network: the matrix built factor by factor and column by column, lengths, times."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks import unitary as benchmark
from rnncourse.cells.unitary import UnitaryCell, UnitaryMatrix, as_complex, modrelu
from rnncourse.cells.unitary_dense import UnitaryLoop
from rnncourse.cells.unroll import unroll
from rnncourse.cells.wrapped import RecordedCell
from rnncourse.diagnostics_jacobians import step_jacobians
from rnncourse.diagnostics_watch import watch
from rnncourse.models import SequenceClassifier

T, B, D, H = 11, 5, 3, 8  # H a power of 2


def numbers(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def make_matrix(n=H, seed=1):
    torch.manual_seed(seed)
    return UnitaryMatrix(n).double()


def make(**options):
    torch.manual_seed(1)
    return UnitaryCell(D, H, **options).double()


def dense(W):
    """D_3 R_2 F^-1 D_2 P R_1 F D_1 as in the paper, for columns: each factor written out."""
    n, phases = len(W.permutation), W.phases.detach().numpy()
    D_1, D_2, D_3 = (np.diag(np.cos(w) + 1j * np.sin(w)) for w in phases)
    v = W.reflections.detach().numpy()
    R_1, R_2 = (
        np.eye(n) - 2 * np.outer(u, u.conj()) / (np.abs(u) ** 2).sum()
        for u in v[..., 0] + 1j * v[..., 1]
    )
    j = np.arange(n)
    F = np.exp(-2j * np.pi * np.outer(j, j) / n) / np.sqrt(n)
    P = np.eye(n)[W.permutation.numpy()]
    return D_3 @ R_2 @ F.conj().T @ D_2 @ P @ R_1 @ F @ D_1


def same(one, other, atol=1e-12):
    torch.testing.assert_close(one, other, atol=atol, rtol=0)


# The matrix


@pytest.mark.parametrize("n", [1, 2, 4, 8, 32])
def test_the_matrix_is_the_product_of_its_factors(n):
    W = make_matrix(n)
    rows = W(torch.eye(n).to(torch.complex128)).detach().numpy()  # row by row
    columns = dense(W)
    np.testing.assert_allclose(rows, columns.T, atol=1e-13)  # rows times the transpose
    np.testing.assert_allclose(rows @ rows.conj().T, np.eye(n), atol=1e-13)
    z = torch.complex(numbers(B, n), numbers(B, n, seed=2))
    np.testing.assert_allclose(W(z).detach().numpy(), z.numpy() @ columns.T, atol=1e-12)


@pytest.mark.parametrize("n", [2, 8, 64])
def test_it_has_7n_real_parameters(n):
    parameters = list(UnitaryMatrix(n).parameters())
    assert all(not p.is_complex() for p in parameters)
    assert sum(p.numel() for p in parameters) == 7 * n


def test_how_many_parameters_the_cell_has():
    count = sum(p.numel() for p in UnitaryCell(D, H).parameters())
    assert count == 2 * D * H + 7 * H + H + 2 * H  # W_xz, W, b, h_0


def test_it_never_makes_a_matrix():
    largest = 0

    class Largest(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            nonlocal largest
            result = function(*args, **(kwargs or {}))
            for tensor in result if isinstance(result, (tuple, list)) else [result]:
                largest = max(largest, getattr(tensor, "numel", lambda: 0)())
            return result

    W, z = make_matrix(512), torch.complex(numbers(3, 512), numbers(3, 512)).requires_grad_()
    with Largest():
        W(z).abs().sum().backward()
    assert 0 < largest <= 8 * 512 < 512**2


@pytest.mark.parametrize("n", [8, 32, 128])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-8), (torch.float32, 1e-6)])
def test_length_is_kept_for_1000_steps(n, dtype, tolerance):
    torch.manual_seed(0)
    cell = UnitaryCell(D, n).to(dtype)
    h0 = numbers(B, 2 * n, dtype=dtype)
    with torch.no_grad():
        hs, _ = unroll(cell, torch.zeros(1000, B, D, dtype=dtype), h0)
    first = h0.double().norm(dim=1)
    assert (hs.double().norm(dim=2) / first - 1).abs().max() < tolerance
    assert (hs[-1] - h0).norm() > 0.1


def test_without_the_root_of_n_lengths_explode():
    z = torch.complex(numbers(B, H), numbers(B, H, seed=1))
    assert torch.fft.fft(z, norm="ortho").norm() == pytest.approx(float(z.norm()))
    assert torch.fft.fft(z).norm() == pytest.approx(math.sqrt(H) * float(z.norm()))


def test_gradients_keep_their_length_for_1000_steps():
    cell, h0 = make(), numbers(B, 2 * H).requires_grad_()
    hs, _ = unroll(cell, torch.zeros(1000, B, D).double(), h0)
    g = numbers(B, 2 * H, seed=9)
    (hs[-1] * g).sum().backward()
    same(h0.grad.norm(dim=1), g.norm(dim=1), atol=1e-7)


def test_it_stays_unitary_while_it_learns():
    cell = make()
    before, optimizer = dense(cell.W), torch.optim.RMSprop(cell.parameters(), 0.05)
    for step in range(3):
        unroll(cell, numbers(T, B, D, seed=step))[0].square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()
    rows = cell.W(torch.eye(H).to(torch.complex128)).detach().numpy()
    np.testing.assert_allclose(rows @ rows.conj().T, np.eye(H), atol=1e-13)
    assert np.abs(rows - before.T).max() > 0.01


# modReLU


def test_modrelu_is_the_formula():
    z, b = torch.complex(numbers(B, H), numbers(B, H, seed=1)), numbers(H, seed=2)
    size = z.abs()
    expected = torch.where(size + b >= 0, (size + b) * z / size, torch.zeros(()).to(z))
    same(modrelu(z, b), expected, atol=1e-11)
    assert 0 < int((expected == 0).sum()) < z.numel()
    phase = (modrelu(z, b.abs()) / z).angle()
    same(phase, torch.zeros(B, H).double(), atol=1e-11)


@pytest.mark.parametrize("b", [-0.5, 0.0, 0.5])
@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128, torch.float32])
def test_modrelu_at_0(b, dtype):
    z = torch.zeros(B, H, dtype=dtype, requires_grad=True)
    b = torch.full((H,), b, requires_grad=True)
    result = modrelu(z, b)
    result.abs().sum().backward()
    assert (result == 0).all()
    assert (z.grad == 0).all() and (b.grad == 0).all()
    assert torch.isnan(torch.zeros(1) / torch.zeros(1)).all()  # z / |z|, as it is often written


def test_a_long_silence_before_the_first_input_gives_finite_gradients():
    cell = make().float()
    with torch.no_grad():
        cell.b.fill_(0.01)
    xs = torch.zeros(100, B, D)
    xs[90:] = numbers(10, B, D, dtype=torch.float32)
    outputs, _ = unroll(cell, xs, torch.zeros(B, 2 * H))
    outputs.square().sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in cell.parameters() if p.grad is not None)


def test_what_a_large_epsilon_costs():
    """A state of length 1 over 64 units, each of size 1/8, loses 1,000 times 8e-5 of its length."""
    z, b = torch.full((1, 64), 0.125 + 0j), torch.zeros(64)
    for _ in range(1000):
        z = modrelu(z.to(torch.complex128), b, epsilon=1e-5)
    assert 1 - float(z.norm()) == pytest.approx(0.08, abs=0.005)
    same(modrelu(z, b), z, atol=1e-11)


# The cell


def test_the_cell_is_the_formula():
    cell, xs = make(), numbers(T, B, D)
    with torch.no_grad():
        cell.b.copy_(numbers(H, seed=3) / 3)
    W, W_xz = dense(cell.W).T, cell.W_xz.detach().numpy()
    z = (cell.h_0[:H] + 1j * cell.h_0[H:]).detach().numpy()[None].repeat(B, 0)
    expected = []
    for x in xs.numpy():
        a = x @ (W_xz[:, :H] + 1j * W_xz[:, H:]) + z @ W
        z = np.maximum(np.abs(a) + cell.b.detach().numpy(), 0) * a / np.abs(a)
        expected.append(np.concatenate([z.real, z.imag], axis=1))
    outputs, state = unroll(cell, xs)
    np.testing.assert_allclose(outputs.detach().numpy(), expected, atol=1e-12)
    same(state, outputs[-1])
    assert outputs.shape == (T, B, 2 * H) == (T, B, cell.output_size)
    same(as_complex(state).abs().square().sum(1), state.square().sum(1))


def test_step_by_step_is_the_whole_run():
    cell, xs, outputs = make(), numbers(T, B, D), []
    state = cell.initial_state(B)
    for x in xs:
        output, state = cell(x, state)
        outputs.append(output)
    found, _ = unroll(cell, xs)
    same(found, torch.stack(outputs))
    first, middle = unroll(cell, xs[:4])
    same(torch.cat((first, unroll(cell, xs[4:], middle)[0])), found)
    ids = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    same(unroll(cell, ids)[0], unroll(cell, nn.functional.one_hot(ids, D).double())[0])


def test_padding_changes_nothing():
    lengths = [11, 2, 7, 1, 5]
    cell, xs = make(), numbers(T, B, D)
    mask = torch.arange(T)[:, None] < torch.tensor(lengths)
    outputs, last = unroll(cell, xs, mask=mask)
    for b, length in enumerate(lengths):
        alone, state = unroll(cell, xs[:length, b : b + 1])
        same(outputs[:length, b], alone[:, 0])
        same(last[b : b + 1], state)


def test_gradients_are_the_numerical_ones():
    cell, xs = make(), numbers(3, 2, D).requires_grad_()
    with torch.no_grad():
        cell.b.copy_(numbers(H, seed=3) / 10)
    names, values = zip(*cell.named_parameters(), strict=True)

    def outputs(xs, *weights):
        changed = dict(zip((f"cell.{name}" for name in names), weights, strict=True))
        return torch.func.functional_call(Unrolled(cell), changed, (xs,))

    assert torch.autograd.gradcheck(outputs, (xs, *values), atol=1e-6)


class Unrolled(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, xs):
        return unroll(self.cell, xs)[0]


def test_the_rest_of_the_course_can_look_at_it():
    cell, xs = make(), numbers(T, B, D)
    with watch(cell) as states:
        outputs, _ = unroll(cell, xs)
    same(torch.stack(states["state"]), outputs)
    jacobians = step_jacobians(cell, xs)  # b = 0: W itself, as real numbers
    eye = np.eye(2 * H)
    np.testing.assert_allclose(
        jacobians @ jacobians.swapaxes(-1, -2), eye + 0 * jacobians, atol=1e-9
    )
    recorded = RecordedCell(make())
    unroll(recorded, xs)[0].square().sum().backward()
    assert recorded.trace()[2].shape == (T, B, 2 * H)
    assert SequenceClassifier(cell, 10).double()(xs).shape == (B, 10)


def test_where_it_begins():
    torch.manual_seed(0)
    cell = UnitaryCell(D, 1024)
    assert (cell.b == 0).all()
    assert cell.h_0.detach().norm() == pytest.approx(1, abs=0.05)
    assert cell.W_xz.detach().abs().max() == pytest.approx(math.sqrt(6 / (D + 1024)), rel=0.01)
    assert cell.W.phases.detach().abs().max() == pytest.approx(math.pi, rel=0.01)
    assert sorted(cell.W.permutation.tolist()) == list(range(1024))


# Time


def test_the_larger_n_the_more_the_factors_are_worth():
    for _ in range(3):  # a busy machine gets another chance
        small, large = benchmark.ratios(rounds=3, sizes=(64, 1024))
        if large.of_minima < min(large.at_most, small.of_minima / 4):
            break
    assert large.of_minima < large.at_most
    assert large.of_minima < small.of_minima / 4
    seconds = benchmark.seconds_by_size(rounds=1, sizes=(16, 32))
    assert list(seconds) == [16, 32]
    assert all(len(pair) == 2 and min(pair) > 0 for pair in seconds.values())


# Bad input


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((D, 100), ValueError, "hidden_size must be a power of 2, but is 100; .* 64 and 128"),
        ((D, 7), ValueError, "hidden_size must be a power of 2, but is 7; .* 4 and 8"),
        ((D, 0), ValueError, "hidden_size must be at least 1"),
        ((D, 8.0), TypeError, "hidden_size must be a whole number"),
        ((0, 8), ValueError, "input_size must be at least 1"),
        ((D, 8, None, 0.0), ValueError, "epsilon must be at least 1e-15, but is 0"),
        ((D, 8, None, "x"), TypeError, "epsilon must be a number"),
        ((D, 8, -1.0), ValueError, "scale must be at least 0"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        UnitaryCell(*arguments)


def test_a_state_of_another_cell():
    with pytest.raises(ValueError, match=r"state must have the shape \(5, 16\).*\(5, 8\)"):
        unroll(make(), numbers(T, B, D), torch.zeros(B, H).double())
    with pytest.raises(ValueError, match="size must be a power of 2, but is 12"):
        UnitaryMatrix(12)


# The same over a whole sequence, with W as a matrix


def run_by_factors(cell, xs, h, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("rnncourse.cells.unitary.LARGEST_DENSE", 1)
        return cell.run(xs, h)


@pytest.mark.parametrize("epsilon", [1e-12, 1e-2])
@pytest.mark.parametrize("shift", [-0.3, 0.3])
def test_the_matrix_and_the_factors_agree(monkeypatch, epsilon, shift):
    """States and gradients, with units that modReLU has switched off among them."""
    cell, xs = make(epsilon=epsilon), numbers(T, B, D).requires_grad_()
    with torch.no_grad():
        cell.b.copy_(shift * numbers(H, seed=3).abs())
    h = numbers(B, 2 * H, seed=4).requires_grad_()
    inputs = [xs, h, *(p for name, p in cell.named_parameters() if name != "h_0")]
    found = []
    for run in (cell.run, lambda xs, h: run_by_factors(cell, xs, h, monkeypatch)):
        outputs, last = run(xs, h)
        loss = (outputs * numbers(T, B, 2 * H, seed=5)).sum() + last.square().sum()
        found.append([outputs, last, *torch.autograd.grad(loss, inputs)])
    off = as_complex(found[0][0]).abs() == 0
    assert off.any() == (shift < 0) and not off.all()
    for one, other in zip(*found, strict=True):
        same(one, other, atol=1e-10)


def test_the_matrix_at_0():
    """All states 0, then one input: no gradient passes the zeros, and none is NaN."""
    cell, xs = make(), numbers(T, B, D)
    xs[:-1] = 0
    h = torch.zeros(B, 2 * H).double().requires_grad_()
    with torch.no_grad():
        cell.b.fill_(0.1)
    outputs, _ = cell.run(xs, h)
    assert (outputs[:-1] == 0).all() and (outputs[-1] != 0).all()
    outputs.sum().backward()
    assert (h.grad == 0).all()
    assert all(torch.isfinite(p.grad).all() for p in cell.parameters() if p.grad is not None)


def test_the_loops_gradients_are_the_numerical_ones():
    inputs = [
        *(torch.complex(numbers(*s, seed=1), numbers(*s, seed=2)) for s in ((3, 2, 4), (2, 4))),
        torch.complex(numbers(4, 4, seed=5), numbers(4, 4, seed=6)) / 2,
        numbers(4, seed=7) / 3,
    ]
    inputs = [one.requires_grad_() for one in inputs]

    def loop(*inputs):
        return UnitaryLoop.apply(*inputs, 0.05)

    assert torch.autograd.gradcheck(loop, inputs)
    assert torch.autograd.gradgradcheck(loop, inputs)
    inputs[2] = inputs[2].detach()  # a constant matrix
    assert torch.autograd.gradgradcheck(loop, inputs)
