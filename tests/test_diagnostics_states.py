"""torch's modules layer by layer, against the modules themselves; names and checks of states."""

import pytest
import torch
from torch import nn

from rnncourse.diagnostics_states import (
    append_parts,
    check_kept,
    next_state,
    parts_of,
    run_layer_by_layer,
)

T, B, D, H = 7, 3, 5, 11


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def parts(state):
    return state if isinstance(state, tuple) else (state,)


SETTINGS = {
    "plain": {},
    "two layers": {"num_layers": 2},
    "no bias": {"bias": False, "num_layers": 2},
    "batch first": {"batch_first": True, "num_layers": 2},
    "both ways": {"bidirectional": True, "num_layers": 3},
    "dropout": {"dropout": 0.4, "num_layers": 3},
}
CASES = [(kind, named) for kind in (nn.RNN, nn.GRU, nn.LSTM) for named in SETTINGS.values()]
CASES += [(nn.RNN, {"nonlinearity": "relu"})]
CASES += [(nn.LSTM, {"proj_size": 2, "num_layers": 2, "bidirectional": True})]


@pytest.mark.parametrize("kind, named", CASES)
def test_layer_by_layer_gives_the_numbers_of_the_module(kind, named):
    torch.manual_seed(0)
    rnn = kind(D, H, **named).double()
    xs = normal(B, T, D) if rnn.batch_first else normal(T, B, D)
    for given in (False, True):
        torch.manual_seed(3)
        _, last = rnn(xs)
        state = None
        if given:
            shifted = tuple(normal(*part.shape, seed=7) for part in parts(last))
            state = shifted if isinstance(last, tuple) else shifted[0]
        torch.manual_seed(4)
        outputs, last = rnn(xs, state)
        torch.manual_seed(4)
        (found, found_last), record = run_layer_by_layer(rnn, xs, state)
        assert torch.allclose(found, outputs, atol=1e-13)
        assert isinstance(found_last, tuple) == isinstance(last, tuple)
        for one, other in zip(parts(found_last), parts(last), strict=True):
            assert torch.allclose(one, other, atol=1e-13)
        assert all(len(steps) == T for steps in record.values())


def test_the_record_is_in_the_order_of_time():
    torch.manual_seed(0)
    rnn, xs = nn.LSTM(D, H, 2, bidirectional=True).double(), normal(T, B, D)
    (outputs, (h, c)), record = run_layer_by_layer(rnn, xs)
    names = [f"{part}[{layer}]" for layer in (0, 1) for part in "hc"]
    assert sorted(record) == sorted(names + [name + " backwards" for name in names])
    assert torch.equal(torch.stack(record["h[1]"]), outputs[..., :H])
    assert torch.equal(torch.stack(record["h[1] backwards"]), outputs[..., H:])
    assert torch.equal(record["c[0]"][-1], c[0])
    assert torch.equal(record["c[0] backwards"][0], c[1])
    assert torch.equal(record["h[0] backwards"][0], h[1])


def test_evaluation_mode_drops_nothing():
    rnn, xs = nn.GRU(D, H, 2, dropout=0.4).double().eval(), normal(T, B, D)
    before = torch.random.get_rng_state()
    (outputs, _), _ = run_layer_by_layer(rnn, xs)
    assert torch.allclose(outputs, rnn(xs)[0], atol=1e-13)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    "xs, error, message",
    [
        (torch.zeros(0, B, D), ValueError, r"xs must be \(T, B, 5\), but has shape \(0, 3, 5\)"),
        (torch.zeros(T, D), ValueError, r"xs must be \(T, B, 5\), but has shape \(7, 5\)"),
        (torch.zeros(T, B, H), ValueError, r"xs must be \(T, B, 5\)"),
        (
            nn.utils.rnn.pack_sequence([torch.zeros(3, D)]),
            TypeError,
            r"xs must be a tensor \(T, B, D\), but is PackedSequence",
        ),
    ],
)
def test_bad_inputs(xs, error, message):
    with pytest.raises(error, match=message):
        run_layer_by_layer(nn.GRU(D, H), xs)


def test_the_new_state_of_any_cell():
    h, c = torch.zeros(B, H), torch.ones(B, H)
    assert next_state(nn.GRUCell(D, H), h) is h
    assert next_state(nn.LSTMCell(D, H), (h, c)) == (h, c)
    assert next_state(nn.Linear(2, 3), (h, c)) is c
    for returned, kind in ((None, "NoneType"), ([h, c], "list"), ((h, c, c), "tuple of 3")):
        with pytest.raises(TypeError, match=f"module must return .* Linear returns {kind}"):
            next_state(nn.Linear(2, 3), returned)


def test_names_of_parts_are_python():
    state = (torch.zeros(2, 1), (torch.zeros(2, 2), torch.zeros(2, 3)))
    named = parts_of(state)
    assert list(named) == ["state[0]", "state[1][0]", "state[1][1]"]
    assert all(eval(name, {"state": state}) is part for name, part in named.items())
    with pytest.raises(TypeError, match=r"state must be a tensor or a tuple.*state\[0\] is float"):
        parts_of((3.0,))


def test_steps_that_do_not_fit_are_refused():
    states = {}
    append_parts(states, {"state": torch.zeros(B, H)})
    with pytest.raises(ValueError, match=r"shape \(3, 11\), but has shape \(3, 5\) at step 1"):
        append_parts(states, {"state": torch.zeros(B, D)})
    with pytest.raises(ValueError, match=r"state must consist of \['state'\], but step 1 has"):
        append_parts(states, {"state[0]": torch.zeros(B, H)})
    with pytest.raises(ValueError, match=r"state must have the shape \(B, ...\)"):
        append_parts({}, {"state": torch.zeros(B)})
    with pytest.raises(ValueError, match=r"state must stay .*\(3, 11\).*, but Linear makes it"):
        check_kept(nn.Linear(2, 3), torch.zeros(B, H), torch.zeros(B, D))
