"""Each variant of the LSTM is the LSTM again when its change is undone."""

import pytest
import torch

from rnncourse.cells.lstm import LSTMCell
from rnncourse.cells.lstm_variants import (
    ActivationLSTMCell,
    FullGateRecurrenceCell,
    NoInputGateCell,
    NoOutputGateCell,
    identity,
)
from rnncourse.cells.unroll import unroll

T, B, D, H = 7, 5, 3, 11
OPEN = 30.0  # sigmoid(30) is 1 in single precision


@pytest.fixture
def xs():
    torch.manual_seed(1)
    return torch.randn(T, B, D)


def without(cell, gates):
    """The weights of some of the LSTM's gates i f g o, side by side."""
    return {
        name: torch.cat([weight.chunk(4, dim=-1)["ifgo".index(gate)] for gate in gates], dim=-1)
        for name, weight in cell.state_dict().items()
    }


def assert_same(cell, other, xs):
    with torch.no_grad():
        outputs, (h, c, *_) = unroll(cell, xs)
        expected, (other_h, other_c) = unroll(other, xs)
    torch.testing.assert_close(outputs, expected)
    torch.testing.assert_close((h, c), (other_h, other_c))


@pytest.mark.parametrize(
    ("kind", "gates", "left_out"), [(NoInputGateCell, "fgo", 0), (NoOutputGateCell, "ifg", 3)]
)
def test_a_gate_left_out_is_a_gate_that_stays_open(kind, gates, left_out, xs):
    lstm, cell = LSTMCell(D, H), kind(D, H)
    cell.load_state_dict(without(lstm, gates))
    with torch.no_grad():
        for weight in (lstm.W_xh, lstm.W_hh):
            weight[:, left_out * H : (left_out + 1) * H] = 0
        lstm.b_h[left_out * H : (left_out + 1) * H] = OPEN
    assert_same(cell, lstm, xs)


def test_tanh_in_both_places_is_the_lstm(xs):
    lstm, cell = LSTMCell(D, H), ActivationLSTMCell(D, H)
    cell.load_state_dict(lstm.state_dict())
    assert_same(cell, lstm, xs)


def test_identity_as_input_activation(xs):
    """g a thousand times smaller: there tanh and identity are the same to six digits."""
    lstm, cell = LSTMCell(D, H), ActivationLSTMCell(D, H, input_activation=identity)
    with torch.no_grad():
        for weight in lstm.parameters():
            weight[..., 2 * H : 3 * H] *= 1e-3
    cell.load_state_dict(lstm.state_dict())
    assert_same(cell, lstm, xs)


def test_identity_as_output_activation_shows_the_cell(xs):
    cell = ActivationLSTMCell(D, H, output_activation=identity)
    with torch.no_grad():
        cell.W_xh[:, 3 * H :] = cell.W_hh[:, 3 * H :] = 0
        cell.b_h[3 * H :] = OPEN
        _, (h, c) = unroll(cell, 10 * xs)
    torch.testing.assert_close(h, c)
    assert c.abs().max() > 1  # which no tanh would show


def test_without_weights_between_gates_it_is_the_lstm(xs):
    lstm, cell = LSTMCell(D, H), FullGateRecurrenceCell(D, H)
    cell.load_state_dict({**lstm.state_dict(), "W_rr": torch.zeros(3 * H, 3 * H)})
    assert_same(cell, lstm, xs)


def test_the_gates_of_a_step_ago_come_in(xs):
    """One step by hand, with loops over the gates that the published equations add."""
    cell = FullGateRecurrenceCell(D, H)
    with torch.no_grad():
        _, (h, c, gates) = unroll(cell, xs[:1])
        _, after = unroll(cell, xs[1:2], (h, c, gates))
        plain = (xs[1] @ cell.W_xh + h @ cell.W_hh + cell.b_h).chunk(4, dim=1)
        new = []
        for to, place in enumerate((0, 1, 3)):
            total = plain[place]
            for of in range(3):
                block = cell.W_rr[of * H : (of + 1) * H, to * H : (to + 1) * H]
                total = total + gates[:, of * H : (of + 1) * H] @ block
            new.append(total.sigmoid())
        expected = new[1] * c + new[0] * plain[2].tanh()
    torch.testing.assert_close(after[1], expected)
    torch.testing.assert_close(after[2], torch.cat(new, dim=1))


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (NoInputGateCell, 3 * H * (H + D + 1)),
        (NoOutputGateCell, 3 * H * (H + D + 1)),
        (ActivationLSTMCell, 4 * H * (H + D + 1)),
        (FullGateRecurrenceCell, 4 * H * (H + D + 1) + 9 * H * H),
    ],
)
def test_number_of_parameters(kind, number):
    assert sum(weight.numel() for weight in kind(D, H).parameters()) == number


@pytest.mark.parametrize(
    "kind", [NoInputGateCell, NoOutputGateCell, ActivationLSTMCell, FullGateRecurrenceCell]
)
def test_forget_gates_begin_nearly_open(kind):
    place = slice(0, H) if kind is NoInputGateCell else slice(H, 2 * H)
    assert (kind(D, H).b_h[place] == 1).all()


@pytest.mark.parametrize("kind", [NoInputGateCell, NoOutputGateCell])
def test_a_bias_of_a_wrong_shape(kind):
    with pytest.raises(ValueError, match="bias must be"):
        kind(D, H, forget_bias=[1.0, 2.0])
