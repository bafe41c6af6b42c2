"""NumPy's optimisers against torch's, and exact resumption."""

import numpy as np
import pytest
import torch

from rnncourse.numpy_rnn import Parameters, initialise
from rnncourse.optimizers import SGD, Adagrad, Adam, Momentum, Optimizer

SHAPES = [(5, 7), (3,), (2, 3, 11)]
PAIRS = {
    "SGD": (lambda: SGD(0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
    "SGD defaults": (SGD, torch.optim.SGD),
    "Momentum": (lambda: Momentum(0.1, 0.8), lambda p: torch.optim.SGD(p, 0.1, momentum=0.8)),
    "Adagrad": (lambda: Adagrad(0.1), lambda p: torch.optim.Adagrad(p, lr=0.1)),
    "Adagrad eps": (lambda: Adagrad(0.1, 0.3), lambda p: torch.optim.Adagrad(p, 0.1, eps=0.3)),
    "Adagrad defaults": (Adagrad, torch.optim.Adagrad),
    "Adam": (
        lambda: Adam(0.03, (0.8, 0.95), 1e-3),
        lambda p: torch.optim.Adam(p, lr=0.03, betas=(0.8, 0.95), eps=1e-3),
    ),
    "Adam defaults": (Adam, torch.optim.Adam),
}
OURS = {name: make for name, (make, _) in PAIRS.items()}


def start():
    generator = np.random.default_rng(0)
    return [generator.normal(size=shape) for shape in SHAPES]


def gradients(step):
    generator = np.random.default_rng(100 + step)
    return [generator.normal(size=shape) * (1 + step % 3) for shape in SHAPES]


@pytest.mark.parametrize(("make", "make_torch"), PAIRS.values(), ids=PAIRS)
def test_fifty_steps_are_those_of_torch(make, make_torch):
    ours, theirs = start(), [torch.from_numpy(p).requires_grad_() for p in start()]
    optimizer, reference = make(), make_torch(theirs)
    for step in range(50):
        optimizer.update(ours, gradients(step))
        for p, g in zip(theirs, gradients(step), strict=True):
            p.grad = torch.from_numpy(g)
        reference.step()
    for p, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p, expected.detach().numpy(), atol=1e-10, rtol=0)


def test_one_step_of_each_by_hand():
    for optimizer, expected in [
        (SGD(0.1), 1 - 0.1 * 4),
        (Momentum(0.1), 1 - 0.1 * 4),
        (Adagrad(0.1), 1 - 0.1),
        (Adam(0.1), 1 - 0.1),
    ]:
        p = np.array([1.0])
        optimizer.update([p], [np.array([4.0])])
        assert p[0] == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("make", OURS.values(), ids=OURS)
def test_trees_of_every_kind(make):
    expected = start()
    make().update(expected, gradients(0))
    for wrap in (
        tuple,
        lambda arrays: {"a": arrays[0], "b": {"c": arrays[1], "d": [arrays[2]]}},
    ):
        arrays = start()
        make().update(wrap(arrays), wrap(gradients(0)))
        for p, q in zip(arrays, expected, strict=True):
            np.testing.assert_array_equal(p, q)


def test_parameters_of_the_network():
    parameters = initialise(3, 5, 2, seed=0, dtype=np.float32)
    before = [p.copy() for p in parameters]
    Adam(0.5).update(parameters, Parameters(*map(np.ones_like, parameters)))
    for p, q in zip(parameters, before, strict=True):
        assert p.dtype == np.float32
        np.testing.assert_allclose(p, q - 0.5, atol=1e-6)


@pytest.mark.parametrize("make", OURS.values(), ids=OURS)
@pytest.mark.parametrize("pause", [0, 1, 17])
def test_resumed_training_is_the_same_to_the_last_bit(make, pause):
    straight, resumed = start(), start()
    optimizer = make()
    for step in range(30):
        optimizer.update(straight, gradients(step))
    first, second = make(), make()
    for step in range(pause):
        first.update(resumed, gradients(step))
    state = first.state_dict()
    first.update(start(), gradients(0))  # must not reach into the copy
    second.load_state_dict(state)
    for step in range(pause, 30):
        second.update(resumed, gradients(step))
    for p, q in zip(resumed, straight, strict=True):
        np.testing.assert_array_equal(p, q)


def test_gradients_are_left_alone():
    for make in OURS.values():
        optimizer, mine = make(), gradients(0)
        optimizer.update(start(), mine)
        optimizer.update(start(), mine)
        for g, h in zip(mine, gradients(0), strict=True):
            np.testing.assert_array_equal(g, h)


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: SGD(-0.1), ValueError, "lr"),
        (lambda: SGD("fast"), TypeError, "lr"),
        (lambda: SGD(np.nan), ValueError, "lr"),
        (lambda: Momentum(0.1, 1.0), ValueError, "momentum must be less than 1"),
        (lambda: Momentum(0.1, -0.5), ValueError, "momentum"),
        (lambda: Adagrad(0.1, -1e-8), ValueError, "eps"),
        (lambda: Adam(0.1, 0.9), ValueError, "betas must be two numbers"),
        (lambda: Adam(0.1, (0.9, 1.0)), ValueError, "betas must be less than 1"),
        (lambda: Adam(0.1, eps=None), TypeError, "eps"),
    ],
)
def test_bad_settings(make, error, match):
    with pytest.raises(error, match=match):
        make()


@pytest.mark.parametrize(
    ("parameters", "grads", "error", "match"),
    [
        ([np.zeros(2)], [np.zeros(3)], ValueError, r"gradients must have the shape \(2,\)"),
        ([np.zeros(2)], [np.zeros(1)], ValueError, r"gradients must have the shape \(2,\)"),
        ([np.zeros(2)], [np.array([1, np.nan])], ValueError, "gradients must be finite"),
        ([np.zeros(2)], [], ValueError, "as many parts"),
        ([np.zeros(2)], np.zeros(2), ValueError, "as many parts"),
        (np.zeros(2), [np.zeros(2)], ValueError, "same structure"),
        ({"a": np.zeros(2)}, {"b": np.zeros(2)}, ValueError, "same keys"),
        ([np.zeros(2, int)], [np.zeros(2)], TypeError, "parameters must be floating-point"),
        ([1.0], [1.0], TypeError, "parameters must be floating-point"),
    ],
)
def test_bad_trees(parameters, grads, error, match):
    with pytest.raises(error, match=match):
        SGD(0.1).update(parameters, grads)


def test_a_bad_gradient_changes_nothing():
    parameters = [np.zeros(2), np.zeros(2)]
    with pytest.raises(ValueError, match="finite"):
        SGD(0.1).update(parameters, [np.ones(2), np.full(2, np.inf)])
    assert not np.any(parameters)


def test_other_shapes_later():
    optimizer = Adagrad(0.1)
    optimizer.update([np.zeros(2)], [np.ones(2)])
    with pytest.raises(ValueError, match="keep their shapes"):
        optimizer.update([np.zeros(3)], [np.ones(3)])


@pytest.mark.parametrize(
    ("state", "error", "match"),
    [
        ({"steps": 1}, ValueError, "state must hold"),
        ({"steps": 1, "velocity": []}, ValueError, "state must hold"),
        ("state", ValueError, "state must hold"),
        ({"steps": 1.5, "means": [], "squares": []}, TypeError, "steps"),
        ({"steps": -1, "means": [], "squares": []}, ValueError, "steps"),
        ({"steps": 1, "means": [np.ones(1)], "squares": []}, ValueError, "equally many"),
    ],
)
def test_bad_states(state, error, match):
    with pytest.raises(error, match=match):
        Adam().load_state_dict(state)


def test_an_optimizer_says_what_to_do():
    with pytest.raises(NotImplementedError, match="Optimizer must define change"):
        Optimizer(0.1).update([np.zeros(2)], [np.ones(2)])
