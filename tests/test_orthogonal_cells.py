"""Cells with an orthogonal matrix, and the gated one: dense oracles, lengths, gradients."""

import copy

import pytest
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.goru import GORUCell
from rnncourse.cells.initialisation import orthogonal_
from rnncourse.cells.orthogonal import HouseholderCell, OrthogonalCell, product, reflect, unit_rows
from rnncourse.cells.unitary import modrelu
from rnncourse.cells.unroll import unroll
from rnncourse.cells.weights import copy_from_torch
from rnncourse.diagnostics_watch import watch
from rnncourse.training import fit

T, B, D, H, K = 11, 5, 3, 7, 2


def numbers(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def exact(cell):
    """A cell in double precision, with a Q that is orthogonal in double precision, too."""
    cell = cell.double()
    if isinstance(cell, OrthogonalCell):
        cell.W = torch.linalg.qr(numbers(cell.hidden_size, cell.hidden_size, seed=4))[0]
    return cell


def make(kind, **options):
    torch.manual_seed(1)
    kinds = {
        "Householder 1": lambda: HouseholderCell(D, H, 1, **options),
        "Householder 3": lambda: HouseholderCell(D, H, 3, **options),
        "Householder H": lambda: HouseholderCell(D, H, **options),
        "orthogonal": lambda: OrthogonalCell(D, H, **options),
        "GORU 2": lambda: GORUCell(D, H, 2, **options),
        "GORU H": lambda: GORUCell(D, H, **options),
    }
    return exact(kinds[kind]())


ONE_MATRIX = ["Householder 1", "Householder 3", "Householder H", "orthogonal"]
KINDS = [*ONE_MATRIX, "GORU 2", "GORU H"]


def matrix_of(cell):
    return (product(cell.V) if hasattr(cell, "V") else cell.W).detach()


def same(one, other, atol=1e-12):
    torch.testing.assert_close(one, other, atol=atol, rtol=0)


# The matrix


@pytest.mark.parametrize("count", [1, 2, 7])
def test_reflections_are_the_dense_matrices_one_after_the_other(count):
    V, dense = numbers(count, H, seed=2), torch.eye(H).double()
    for v in V:
        dense = dense @ (torch.eye(H) - 2 * torch.outer(v, v) / (v @ v))
    same(product(V), dense)
    same(reflect(numbers(B, H), unit_rows(V)), numbers(B, H) @ dense)
    columns = [reflect(row[None], unit_rows(V))[0] for row in torch.eye(H).double()]
    same(torch.stack(columns), dense)
    assert torch.linalg.det(dense) == pytest.approx((-1) ** count)


def test_a_reflection_turns_one_direction_and_leaves_the_others():
    V = torch.tensor([[3.0, 4.0, 0.0]]).double()
    h = torch.tensor([[3.0, 4.0, 0.0], [4.0, -3.0, 0.0], [0.0, 0.0, 2.0]]).double()
    expected = h.clone()
    expected[0] *= -1
    same(reflect(h, unit_rows(V)), expected)
    same(product(torch.zeros(2, H).double()), torch.eye(H).double())


def test_torch_finds_the_same_product():
    V = torch.tril(numbers(H, 3, seed=5), -1) + torch.eye(H, 3)  # as LAPACK stores reflections
    tau = 2 / (V**2).sum(0)
    expected = torch.linalg.householder_product(V, tau)  # (H, 3), its first columns
    same(product(V.T)[:, :3], expected)


@pytest.mark.parametrize("kind", KINDS)
def test_the_matrix_is_orthogonal_before_and_after_learning(kind):
    cell = make(kind)
    before = matrix_of(cell)
    optimizer = torch.optim.SGD(cell.parameters(), lr=0.3)
    for step in range(3):
        unroll(cell, numbers(T, B, D, seed=step))[0].square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()
    after = matrix_of(cell)
    same(before @ before.T, torch.eye(H).double())
    same(after @ after.T, torch.eye(H).double())
    assert (after - before).norm() > 1e-3
    assert torch.linalg.det(after) == pytest.approx(float(torch.linalg.det(before)))


@pytest.mark.parametrize("kind", ["Householder 3", "Householder H", "orthogonal"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 2e-4)])
def test_a_linear_map_keeps_the_length_for_1000_steps(kind, dtype, tolerance):
    cell = make(kind, nonlinearity=lambda a: a, scale=0.0).to(dtype)
    h0 = numbers(B, H, dtype=dtype)
    with torch.no_grad():
        hs, _ = unroll(cell, torch.zeros(1000, B, D, dtype=dtype), h0)
    lengths, first = hs.double().norm(dim=2), h0.double().norm(dim=1)
    assert (lengths / first - 1).abs().max() < tolerance
    assert (hs[-1] - h0).norm() > 0.1  # it did move
    loose = ElmanCell(D, H, nonlinearity=lambda a: a).to(dtype)  # and this one does not keep it
    with torch.no_grad():
        hs, _ = unroll(loose, torch.zeros(1000, B, D, dtype=dtype), h0)
    assert (hs[-1].double().norm(dim=1) / first - 1).abs().min() > 0.5


@pytest.mark.parametrize("kind", ["Householder 3", "Householder H", "orthogonal"])
def test_gradients_keep_their_length_for_1000_steps(kind):
    cell = make(kind, nonlinearity=lambda a: a)
    h0 = numbers(B, H).requires_grad_()
    hs, _ = unroll(cell, torch.zeros(1000, B, D).double(), h0)
    g = numbers(B, H, seed=9)
    (hs[-1] * g).sum().backward()
    same(h0.grad.norm(dim=1), g.norm(dim=1), atol=1e-10)


def test_the_exponential_is_the_one_of_the_docstring():
    cell = make("orthogonal")
    with torch.no_grad():
        cell.parametrizations.W.original.copy_(numbers(H, H, seed=3))
    A = torch.tril(numbers(H, H, seed=3), -1)
    same(cell.W, cell.parametrizations.W[0].base @ torch.linalg.matrix_exp(A - A.T))


# The cells


@pytest.mark.parametrize("kind", ONE_MATRIX)
def test_with_its_matrix_an_elman_cell_is_the_same(kind):
    cell, elman = make(kind), ElmanCell(D, H).double()
    with torch.no_grad():
        elman.W_xh.copy_(cell.W_xh), elman.W_hh.copy_(cell.W), elman.b_h.copy_(cell.b_h)
    ids = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    for xs in (numbers(T, B, D), ids):
        same(unroll(cell, xs)[0], unroll(elman, xs)[0])


@pytest.mark.parametrize("count", [2, H])
def test_goru_is_the_formula(count):
    cell, xs = make(f"GORU {'H' if count == H else 2}"), numbers(T, B, D)
    with torch.no_grad():
        cell.b_h.copy_(numbers(2 * H, seed=3)), cell.b_c.copy_(numbers(H, seed=4) / 3)
    W, h, expected = product(cell.V), torch.zeros(B, H).double(), []
    for x in xs:
        W_xr, W_xz, W_xc = cell.W_xh.split(H, 1)
        r = torch.sigmoid(x @ W_xr + h @ cell.W_hh[:, :H] + cell.b_h[:H])
        z = torch.sigmoid(x @ W_xz + h @ cell.W_hh[:, H:] + cell.b_h[H:])
        a = x @ W_xc + r * (h @ W)
        c = torch.relu(a.abs() + cell.b_c) * torch.sign(a)
        h = z * h + (1 - z) * c
        expected.append(h)
    same(unroll(cell, xs)[0], torch.stack(expected), atol=1e-9)


def test_goru_with_open_gates_is_an_orthogonal_network():
    cell = make("GORU H", reset_bias=50.0, update_bias=-50.0)
    with torch.no_grad():
        cell.b_c.zero_(), cell.W_hh.zero_(), cell.W_xh[:, : 2 * H].zero_()
    linear = make("Householder H", nonlinearity=lambda a: a)
    with torch.no_grad():
        linear.W_xh.copy_(cell.W_xh[:, 2 * H :]), linear.V.copy_(cell.V), linear.b_h.zero_()
    xs = numbers(T, B, D)
    same(unroll(cell, xs)[0], unroll(linear, xs)[0], atol=1e-10)


def test_goru_that_keeps_everything_keeps_everything():
    cell, h0 = make("GORU 2", update_bias=50.0), numbers(B, H)
    same(unroll(cell, numbers(T, B, D), h0)[1], h0)


def test_where_the_biases_of_goru_begin():
    cell = GORUCell(D, H, reset_bias=1.5, update_bias=-2.5)
    assert cell.b_h.tolist() == [1.5] * H + [-2.5] * H
    assert GORUCell(D, H).b_h.tolist() == [2.0] * H + [0.0] * H
    assert GORUCell(D, H).b_c.detach().numpy() == pytest.approx(0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_step_by_step_is_the_whole_run(kind):
    cell, xs, state, outputs = make(kind), numbers(T, B, D), None, []
    state = cell.initial_state(B)
    for x in xs:
        output, state = cell(x, state)
        outputs.append(output)
    found, last = unroll(cell, xs)
    same(found, torch.stack(outputs))
    same(last, state)
    first, middle = unroll(cell, xs[:4])
    second, _ = unroll(cell, xs[4:], middle)
    same(torch.cat((first, second)), found)
    with watch(cell) as states:
        same(unroll(cell, xs)[0], found)
    same(torch.stack(states["state"]), found)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind):
    lengths = [11, 2, 7, 1, 5]
    cell, xs = make(kind), numbers(T, B, D)
    mask = torch.arange(T)[:, None] < torch.tensor(lengths)
    outputs, last = unroll(cell, xs, mask=mask)
    for b, length in enumerate(lengths):
        alone, state = unroll(cell, xs[:length, b : b + 1])
        same(outputs[:length, b], alone[:, 0])
        same(last[b : b + 1], state)


class Unrolled(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, xs):
        return unroll(self.cell, xs)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_the_numerical_ones(kind):
    cell, xs = make(kind), numbers(4, 2, D).requires_grad_()
    names, values = zip(*cell.named_parameters(), strict=True)

    def outputs(xs, *weights):
        changed = dict(zip((f"cell.{name}" for name in names), weights, strict=True))
        return torch.func.functional_call(Unrolled(cell), changed, (xs,))

    assert torch.autograd.gradcheck(outputs, (xs, *values), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_training_copying_saving(kind, tmp_path):
    model, xs = Unrolled(make(kind)), numbers(T, B, D)
    targets = unroll(make(kind), xs)[0].detach() * 0.5
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    history = fit(model, [(xs, targets)], nn.functional.mse_loss, optimizer, epochs=5)
    assert history.losses[-1] < history.losses[0]
    twin = copy.deepcopy(model)
    same(twin(xs), model(xs))
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    other = Unrolled(make(kind))
    assert (other(xs) - model(xs)).abs().max() > 1e-6
    other.load_state_dict(torch.load(tmp_path / "weights.pt"))
    same(other(xs), model(xs))


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        (lambda: HouseholderCell(D, H, 2), D * H + H + 2 * H),
        (lambda: HouseholderCell(D, H), D * H + H + H * H),
        (lambda: OrthogonalCell(D, H), D * H + H + H * H),
        (lambda: GORUCell(D, H, 2), 3 * D * H + 2 * H * H + 2 * H + 3 * H),
    ],
)
def test_how_many_parameters(cell, count):
    assert sum(p.numel() for p in cell().parameters()) == count


def test_modrelu_of_real_numbers():
    a = torch.tensor([[-2.0, -0.5, 0.0, 0.5, 2.0]])
    same(modrelu(a, torch.zeros(5)), a, atol=1e-6)
    same(modrelu(a, torch.full((5,), -1.0)), torch.tensor([[-1.0, 0.0, 0.0, 0.0, 1.0]]), atol=1e-6)
    same(modrelu(a, torch.full((5,), 1.0)), torch.tensor([[-3.0, -1.5, 0.0, 1.5, 3.0]]), atol=1e-6)


# Bad input


@pytest.mark.parametrize("cell", [HouseholderCell, GORUCell])
@pytest.mark.parametrize(
    ("count", "error", "message"),
    [
        (8, ValueError, "reflections must be at least 1 and at most 7, but is 8"),
        (0, ValueError, "reflections must be at least 1 and at most 7, but is 0"),
        (2.0, TypeError, "reflections must be a whole number"),
    ],
)
def test_bad_numbers_of_reflections(cell, count, error, message):
    with pytest.raises(error, match=message):
        cell(D, H, count)


@pytest.mark.parametrize("cell", [HouseholderCell, OrthogonalCell, GORUCell])
def test_bad_sizes_and_states(cell):
    with pytest.raises(ValueError, match="hidden_size must be at least 1"):
        cell(D, 0)
    with pytest.raises(TypeError, match="hidden_size must be a whole number"):
        cell(D, 3.5)
    with pytest.raises(ValueError, match=r"state must have the shape \(5, 7\)"):
        unroll(cell(D, H), numbers(T, B, D).float(), torch.zeros(1, H))


@pytest.mark.parametrize("cell", [HouseholderCell, OrthogonalCell])
def test_other_functions_do_not_believe_that_they_changed_the_matrix(cell):
    with pytest.raises(TypeError, match="must have W_hh"):
        orthogonal_(cell(D, H))
    with pytest.raises(TypeError, match="W_hh"):
        copy_from_torch(nn.RNN(D, H), cell(D, H))


def test_bad_bias_of_goru():
    with pytest.raises(ValueError, match="bias must be finite"):
        GORUCell(D, H, reset_bias=float("nan"))
