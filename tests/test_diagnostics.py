"""The gradient microscope: closed forms, differences, and the run that it must not change."""

import copy
import time

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse.cells.cell import Cell
from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.jordan import JordanCell
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.unroll import unroll
from rnncourse.diagnostics import microscope, recurrent_modules, state_gradients, state_values
from rnncourse.diagnostics_watch import watch
from rnncourse.evaluation import cross_entropy
from rnncourse.models import LanguageModel, SequenceClassifier
from rnncourse.training import fit

T, B, D, H, K = 7, 3, 5, 11, 2


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def double(make, *arguments, **named):
    torch.manual_seed(1)
    return make(*arguments, **named).double()


class OwnModel(nn.Module):
    """What a reader may write: a loop over one of torch's cells, and a readout."""

    def __init__(self, cell):
        super().__init__()
        self.cell, self.readout = cell, nn.Linear(cell.hidden_size, K)

    def forward(self, xs):
        state, outputs = None, []
        for x in xs:
            state = self.cell(x, state)
            outputs.append(self.readout(state[0] if isinstance(state, tuple) else state))
        return torch.stack(outputs)  # (T, B, K)


def mean_square(predictions, targets):
    return ((predictions - targets) ** 2).mean()


def test_a_linear_cell_multiplies_by_the_transposed_weights():
    cell = double(ElmanCell, D, H, nonlinearity=lambda a: a)
    weights = normal(B, H, seed=2)  # (B, H) dL/dh_T
    with watch(cell) as states:
        _, h = unroll(cell, normal(T, B, D))
        loss = (h * weights).sum()
    gradients = state_gradients(loss, states)["state"]
    assert gradients.shape == (T, B, H)
    W = cell.W_hh.detach().numpy()
    for t in range(T):
        power = np.linalg.matrix_power(W.T, T - 1 - t)
        assert gradients[t] == pytest.approx(weights.numpy() @ power, abs=1e-14)
    assert state_values(states)["state"][-1] == pytest.approx(h.detach().numpy(), abs=0)


def differences(loss_from, hs, step=1e-6):
    """dL/dh_t by central differences, where ``loss_from(t, h)`` goes on from step t with h."""
    gradients = np.zeros((len(hs), *hs[0].shape))
    with torch.no_grad():
        for t, h in enumerate(hs):
            for place in np.ndindex(*h.shape):
                shift = torch.zeros_like(h)
                shift[place] = step
                two = loss_from(t, h + shift) - loss_from(t, h - shift)
                gradients[t][place] = two.item() / (2 * step)
    return gradients


@pytest.mark.parametrize(
    "make, size",
    [(lambda: ElmanCell(D, H), H), (lambda: JordanCell(D, H, 2), 2)],
    ids=["Elman", "Jordan"],
)
def test_cells_of_the_course_by_differences(make, size):
    cell, xs, targets = double(make), normal(T, B, D), normal(T, B, size, seed=3)
    with watch(cell) as states:
        outputs, _ = unroll(cell, xs)
        loss = mean_square(outputs, targets)
    gradients = state_gradients(loss, states)["state"]

    def loss_from(t, h):
        later = [unroll(cell, xs[t + 1 :], h)[0]] if t + 1 < T else []
        return mean_square(torch.cat([outputs[:t], h[None], *later]), targets)

    assert gradients.shape == (T, B, size)
    assert gradients == pytest.approx(differences(loss_from, states["state"]), abs=1e-9)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_both_layers_of_torch_modules_by_differences(kind):
    rnn = double(kind, D, H, num_layers=2)
    first, second = double(kind, D, H), double(kind, H, H)
    for layer, one in enumerate((first, second)):
        for name, weight in one.named_parameters():
            weight.data.copy_(getattr(rnn, name.replace("l0", f"l{layer}")))
    xs, targets = normal(T, B, D), normal(T, B, H, seed=3)
    with watch(rnn) as states:
        loss = mean_square(rnn(xs)[0], targets)
    gradients = state_gradients(loss, states)
    cells = {"c[0]", "c[1]"} if kind is nn.LSTM else set()
    assert set(gradients) == {"h[0]", "h[1]"} | cells

    def changed(one, inputs, layer, t, h):
        """All outputs of one layer whose h at step t is replaced."""
        c = states[f"c[{layer}]"][t][None] if kind is nn.LSTM else None
        later, state = [], (h[None] if c is None else (h[None], c))
        if t + 1 < T:
            later = [one(inputs[t + 1 :], state)[0]]
        return torch.cat([one(inputs)[0][:t], h[None], *later])

    inner = first(xs)[0]
    found = differences(
        lambda t, h: mean_square(second(changed(first, xs, 0, t, h))[0], targets), states["h[0]"]
    )
    assert gradients["h[0]"] == pytest.approx(found, abs=1e-9)
    found = differences(
        lambda t, h: mean_square(changed(second, inner, 1, t, h), targets), states["h[1]"]
    )
    assert gradients["h[1]"] == pytest.approx(found, abs=1e-9)


def test_the_gradient_of_the_outputs_is_not_that_of_the_states():
    rnn, xs = double(nn.GRU, D, H), normal(T, B, D)
    outputs, _ = rnn(xs)
    direct = torch.autograd.grad((outputs[-1] ** 2).sum(), outputs)[0]
    assert not direct[:-1].any()  # the trap: nothing seems to arrive at earlier steps
    with watch(rnn) as states:
        loss = (rnn(xs)[0][-1] ** 2).sum()
    assert (np.abs(state_gradients(loss, states)["h[0]"]).max(axis=(1, 2)) > 1e-4).all()


def test_the_whole_derivative_with_respect_to_the_cells_of_an_lstm():
    rnn, xs, targets = double(nn.LSTM, D, H), normal(T, B, D), normal(T, B, H, seed=3)
    with watch(rnn) as states:
        loss = mean_square(rnn(xs)[0], targets)
    gradients = state_gradients(loss, states)
    model = OwnModel(nn.LSTMCell(D, H)).double()
    for name, weight in model.cell.named_parameters():
        weight.data.copy_(getattr(rnn, name + "_l0"))
    with watch(model.cell) as own:
        model(xs)
    hs = torch.stack(own["state[0]"])
    other = state_gradients(mean_square(hs, targets), own)
    assert other["state[0]"] == pytest.approx(gradients["h[0]"], abs=1e-13)
    assert other["state[1]"] == pytest.approx(gradients["c[0]"], abs=1e-13)
    assert np.abs(gradients["c[0]"][-1]).min() > 1e-6  # the last cells act through h_T alone


def test_an_own_module_in_three_lines():
    model, xs, targets = OwnModel(nn.GRUCell(D, H)).double(), normal(T, B, D), normal(T, B, K)
    with watch(model.cell) as states:
        loss = mean_square(model(xs), targets)
    gradients = state_gradients(loss, states)
    assert gradients["state"].shape == (T, B, H)
    view = microscope(model, (xs, targets), mean_square)  # or in one
    assert view.gradients["cell.state"] == pytest.approx(gradients["state"], abs=0)
    assert view.states["cell.state"].shape == (T, B, H)
    assert view.loss == loss.item()
    hs = [normal(B, H, seed=4).requires_grad_()]  # or no module at all: a list of tensors
    for _ in range(T - 1):
        hs.append(torch.tanh(2 * hs[-1]))
    by_hand = state_gradients(hs[-1].sum(), {"h": hs})["h"]
    slopes = 2 * (1 - torch.stack(hs[1:]).detach().numpy() ** 2)
    assert by_hand[0] == pytest.approx(slopes.prod(axis=0), rel=1e-10)


class Wrapped(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.GRUCell(D, H)

    def forward(self, x, h):
        return {"new": self.inner(x, h)}


def test_state_of_finds_the_state_in_anything():
    module = Wrapped().double()
    with watch(module, state_of=lambda returned: returned["new"]) as states:
        h = module(normal(B, D), normal(B, H))["new"]
    assert states == {"state": [h]}
    message = r"module must return a state.*Wrapped returns dict"
    with pytest.raises(TypeError, match=message), watch(module):
        module(normal(B, D), normal(B, H))


MODELS = {
    "Elman": (lambda: LanguageModel(ElmanCell(D, H), D), {"cell.state"}),
    "torch": (
        lambda: LanguageModel(TorchCell(nn.LSTM(D, H, 2)), D),
        {"cell.h[0]", "cell.h[1]", "cell.c[0]", "cell.c[1]"},
    ),
}


@pytest.mark.parametrize("make, names", MODELS.values(), ids=MODELS)
def test_models_of_the_course(make, names):
    model = double(make)
    ids = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    view = microscope(model, (ids, ids.roll(-1, 0)), cross_entropy)
    assert set(view.gradients) == set(view.states) == names
    assert view.loss == pytest.approx(cross_entropy(model(ids)[0], ids.roll(-1, 0)).item())
    state = model(ids)[1]
    later = microscope(model, (ids, ids.roll(-1, 0)), cross_entropy, state=state)
    assert later.loss == pytest.approx(cross_entropy(model(ids, state)[0], ids.roll(-1, 0)).item())
    assert later.loss != view.loss


@pytest.mark.parametrize("make", [lambda: ElmanCell(D, H), lambda: TorchCell(nn.GRU(D, H))])
def test_padding_has_no_gradient_and_the_rest_is_that_of_the_sequence_alone(make):
    model = double(lambda: SequenceClassifier(make(), K))
    xs, targets = normal(T, B, D), torch.tensor([0, 1, 1])
    lengths = torch.tensor([7, 2, 5])
    mask = torch.arange(T)[:, None] < lengths  # (T, B)
    [gradients] = microscope(model, (xs, targets, mask), cross_entropy).gradients.values()
    assert not gradients[~mask.numpy()].any()
    for b, length in enumerate(lengths.tolist()):
        alone = (xs[:length, b : b + 1], targets[b : b + 1])
        [expected] = microscope(model, alone, cross_entropy).gradients.values()
        assert gradients[:length, b] == pytest.approx(expected[:, 0] / B, abs=1e-14)


class AllAtOnce(Cell):
    """A linear recurrence that needs no loop: h_t = h_{t-1} / 2 + x_t."""

    def __init__(self):
        super().__init__(D, D)
        self.scale = nn.Parameter(torch.tensor(0.5))

    def project(self, xs):
        return xs

    def step(self, projected, h):
        h = self.scale * h + projected
        return h, h

    def run(self, xs, state):
        t = torch.arange(len(xs))
        powers = torch.tril(self.scale ** (t[:, None] - t).clamp(min=0))
        outputs = torch.tensordot(powers, xs, 1) + self.scale ** (t + 1)[:, None, None] * state
        return outputs, outputs[-1]


def test_a_cell_that_runs_all_steps_at_once_is_watched_step_by_step():
    cell, xs = double(AllAtOnce), normal(T, B, D)
    fast, _ = unroll(cell, xs)
    with watch(cell) as states:
        slow, last = unroll(cell, xs)
    assert torch.allclose(slow, fast, atol=1e-12)
    gradients = state_gradients(last.sum(), states)["state"]
    assert gradients[:, 0, 0] == pytest.approx(0.5 ** np.arange(T - 1, -1, -1.0))
    assert "run" not in vars(cell) and "step" not in vars(cell)


class Noisy(nn.Module):
    """Dropout draws random numbers, batch normalisation keeps buffers; both need the mode."""

    def __init__(self):
        super().__init__()
        self.normalise, self.dropout = nn.BatchNorm1d(D), nn.Dropout(0.3)
        self.rnn, self.readout = nn.GRU(D, H, 2, dropout=0.3), nn.Linear(H, K)
        self.readout.eval()  # a part in another mode than the rest

    def forward(self, xs):
        xs = self.normalise(xs.flatten(0, 1)).reshape(xs.shape)
        return self.readout(self.dropout(self.rnn(xs)[0]))


def trained(look):
    """A short training run; ``look(model, batch)`` is called after each backward pass."""
    torch.manual_seed(5)
    model = Noisy().double()
    batches = [(normal(T, B, D, seed=s), normal(T, B, K, seed=s + 9)) for s in range(3)]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    hook = None if look is None else lambda step, loss: look(model, batches[step % 3])
    history = fit(model, batches, mean_square, optimizer, 2, hook=hook)
    return history.losses, model.state_dict(), torch.random.get_rng_state()


def test_the_run_that_is_watched_stays_the_same_to_the_bit():
    views = []

    def look(model, batch):
        before = [p.grad.clone() for p in model.parameters()]
        modes = [m.training for m in model.modules()]
        views.append(microscope(model, batch, mean_square))
        assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), before, strict=True))
        assert [m.training for m in model.modules()] == modes

    losses, weights, state = trained(None)
    seen_losses, seen_weights, seen_state = trained(look)
    assert losses == seen_losses
    assert all(torch.equal(weights[name], seen_weights[name]) for name in weights)
    assert torch.equal(state, seen_state)
    assert len(views) == 6
    assert set(views[0].gradients) == {"rnn.h[0]", "rnn.h[1]"}


def test_the_forward_pass_inside_watch_is_the_same_to_the_bit():
    ids = torch.randint(D, (T, B), generator=torch.Generator().manual_seed(0))
    torch.manual_seed(1)
    model = LanguageModel(ElmanCell(D, H), D)
    twin = copy.deepcopy(model)
    with watch(model.cell) as states:
        loss = cross_entropy(model(ids)[0], ids)
    state_gradients(loss, states)
    loss.backward()  # afterwards, as if nothing had happened
    other = cross_entropy(twin(ids)[0], ids)
    other.backward()
    assert torch.equal(loss, other)
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(p.grad, q.grad)


@pytest.mark.parametrize("make", [lambda: ElmanCell(D, H), lambda: nn.GRU(D, H), AllAtOnce])
def test_the_module_is_put_back_even_after_an_error(make):
    module = double(make)
    before = dict(vars(module))
    with pytest.raises(RuntimeError, match="of the reader"), watch(module), watch(module):
        raise RuntimeError("of the reader")
    assert vars(module) == before
    cell = nn.GRUCell(D, H)
    with pytest.raises(RuntimeError, match="of the reader"), watch(cell):
        raise RuntimeError("of the reader")
    assert not cell._forward_hooks


def test_two_microscopes_on_one_cell_see_the_same():
    cell = double(ElmanCell, D, H)
    with watch(cell) as one, watch(cell) as two:
        unroll(cell, normal(T, B, D))
    assert len(one["state"]) == T
    assert all(a is b for a, b in zip(one["state"], two["state"], strict=True))


def test_a_buffer_that_the_backward_pass_needs_is_put_back_after_it():
    class Permuted(ElmanCell):
        def __init__(self):
            super().__init__(3, 5)
            self.register_buffer("order", torch.tensor([3, 0, 4, 1, 2]))

        def step(self, projected, h):
            return super().step(projected, h[:, self.order])

    torch.manual_seed(0)
    model = LanguageModel(Permuted(), 3)
    ids = torch.randint(3, (7, 2))
    view = microscope(model, (ids, ids), cross_entropy)
    assert view.gradients["cell.state"].shape[0] >= 7
    assert (model.cell.order == torch.tensor([3, 0, 4, 1, 2])).all()


def test_recurrent_modules_are_the_outermost():
    cell = TorchCell(nn.GRU(D, H))
    assert recurrent_modules(SequenceClassifier(cell, K)) == [cell]
    own = OwnModel(nn.RNNCell(D, H))
    assert recurrent_modules(own) == [own.cell]
    with pytest.raises(ValueError, match="model must hold a recurrent module.*Linear"):
        recurrent_modules(nn.Linear(2, 3))


def test_the_cost_is_about_one_training_step():
    class Counting(LanguageModel):
        calls = 0

        def forward(self, *arguments, **named):
            Counting.calls += 1
            return super().forward(*arguments, **named)

    torch.manual_seed(0)
    model = Counting(ElmanCell(D, 67), D)
    ids = torch.randint(D, (97, 13), generator=torch.Generator().manual_seed(0))

    def train():
        cross_entropy(model(ids)[0], ids).backward()

    def look():
        microscope(model, (ids, ids), cross_entropy)

    def seconds(function):
        start = time.process_time()
        function()
        return time.process_time() - start

    look()
    assert Counting.calls == 1
    ratio = min(seconds(look) for _ in range(5)) / min(seconds(train) for _ in range(5))
    assert ratio < 4  # measured: 1.2


class WrongShape(ElmanCell):
    def step(self, projected, h):
        output, h = super().step(projected, h)
        return output, h[:, :-1]


class NoPair(ElmanCell):
    def step(self, projected, h):
        return (h, h, h)


class Detached(ElmanCell):
    def step(self, projected, h):
        h = super().step(projected, h)[0].detach()
        return h, h


def look_at(cell, loss_fn=mean_square, xs=None, **named):
    model = SequenceClassifier(cell, K).double()
    return microscope(
        model, (normal(T, B, D) if xs is None else xs, normal(B, K)), loss_fn, **named
    )


def exploding():
    cell = ElmanCell(D, H, nonlinearity=lambda a: a, scale=0)  # all states are 0
    cell.double().W_hh.data[2, 2] = 1e60  # a float ends at 1e308
    return cell


BAD = {
    "wrong shape": (lambda: look_at(WrongShape(D, H)), ValueError, "state must stay .* WrongShape"),
    "no pair": (lambda: look_at(NoPair(D, H)), TypeError, "NoPair returns tuple of 3"),
    "T = 0": (lambda: look_at(ElmanCell(D, H), xs=normal(0, B, D)), ValueError, "T and B at least"),
    "T = 0 in torch": (
        lambda: microscope(nn.GRU(D, H).double(), (normal(0, B, D), 0), lambda p, t: p.sum()),
        ValueError,
        r"xs must be \(T, B, 5\), but has shape \(0, 3, 5\)",
    ),
    "no scalar": (
        lambda: look_at(ElmanCell(D, H), lambda p, t: (p - t) ** 2),
        ValueError,
        r"loss must be a scalar, but has shape \(3, 2\)",
    ),
    "no tensor": (
        lambda: look_at(ElmanCell(D, H), lambda p, t: 3.0),
        TypeError,
        "loss must be a scalar tensor, but is float",
    ),
    "NaN loss": (
        lambda: look_at(ElmanCell(D, H), lambda p, t: p.sum() * np.nan),
        ValueError,
        "loss must be finite, but is nan",
    ),
    "NaN gradients": (
        lambda: look_at(ElmanCell(D, H), lambda p, t: torch.sqrt(p.sum() * 0)),
        ValueError,
        r"gradients must be finite, but that of cell.state is not at step 6",
    ),
    "infinite gradients": (
        lambda: look_at(exploding(), lambda p, t: p.sum()),
        ValueError,
        "gradients must be finite, but that of cell.state is not at step 0",
    ),
    "no graph": (
        lambda: look_at(Detached(D, H)),
        ValueError,
        "states and loss must be computed with gradients",
    ),
    "constant": (
        lambda: look_at(ElmanCell(D, H), lambda p, t: torch.ones((), requires_grad=True)),
        ValueError,
        "loss must depend on the states, but depends on none",
    ),
    "nothing to watch": (
        lambda: look_at(ElmanCell(D, H), watched=[nn.Linear(2, 3)]),
        ValueError,
        r"watched must hold modules inside model, but \['Linear'\] are not",
    ),
    "empty": (lambda: look_at(ElmanCell(D, H), watched=[]), ValueError, "watched must hold"),
    "no step": (lambda: state_gradients(torch.ones(()), {}), ValueError, "states must hold"),
    "empty step": (lambda: state_values({"h": []}), ValueError, "states must hold at least one"),
}


@pytest.mark.parametrize("call, error, message", BAD.values(), ids=BAD)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_step_of_another_shape_is_refused():
    cell = nn.GRUCell(D, H)
    message = r"state must have the shape \(3, 11\).*\(2, 11\) at step 1"
    with pytest.raises(ValueError, match=message), watch(cell):
        cell(torch.zeros(3, D))
        cell(torch.zeros(2, D))
    message = "module must be a torch.nn.Module, but is function"
    with pytest.raises(TypeError, match=message), watch(lambda x, h: h):
        pass
