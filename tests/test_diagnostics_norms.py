"""Lengths, saturation and spikes, by hand and against scipy; and the log that a hook keeps."""

import time

import numpy as np
import pytest
import scipy.stats
import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.diagnostics_log import GradientLog
from rnncourse.diagnostics_norms import find_spikes, norm_by_step, norm_by_unit, saturation
from rnncourse.models import SequenceClassifier
from rnncourse.training import fit

T, B, D, H, K = 7, 3, 5, 11, 2


def test_lengths_by_step_and_by_unit():
    gradients = np.random.default_rng(0).normal(size=(T, B, H))
    by_step, by_unit = norm_by_step(gradients), norm_by_unit(gradients)
    assert by_step.shape == (T,)
    assert by_unit.shape == (T, H)
    assert by_step[4] == pytest.approx(np.sqrt((gradients[4] ** 2).sum()))
    assert by_unit[4, 6] == pytest.approx(np.linalg.norm(gradients[4, :, 6]))
    assert np.linalg.norm(by_unit, axis=1) == pytest.approx(by_step)


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_lengths_whose_squares_fit_into_no_float(size):
    gradients = np.full((T, 4, 1), size)
    assert norm_by_step(gradients) == pytest.approx(2 * size, rel=1e-12)
    assert norm_by_unit(gradients)[0, 0] == pytest.approx(2 * size, rel=1e-12)


def test_a_gradient_of_zero_has_the_length_zero():
    assert not norm_by_step(np.zeros((T, B, H))).any()


@pytest.mark.parametrize("function", [norm_by_step, norm_by_unit])
@pytest.mark.parametrize(
    "value, error, message",
    [
        (np.zeros((0, B, H)), ValueError, "gradients must have at least 1"),
        (np.zeros(T), ValueError, r"gradients must be \(T, B, H\), but has shape \(7,\)"),
        (np.full((T, B, H), np.nan), ValueError, "gradients must be finite"),
        (["a"], TypeError, "gradients must hold real numbers"),
    ],
)
def test_bad_gradients(function, value, error, message):
    with pytest.raises(error, match=message):
        function(value)


def test_saturation_is_counted():
    values = np.zeros((T, B, H))
    values[2, 1, :4] = 0.96
    values[2, 0, 3] = -0.97
    values[5, 2, 3] = 0.94  # not yet
    found = saturation(values)
    assert found.by_step == pytest.approx([0, 0, 5 / 33, 0, 0, 0, 0])
    assert found.high == pytest.approx([1 / 21] * 4 + [0] * 7)
    assert found.low == pytest.approx([0, 0, 0, 1 / 21] + [0] * 7)
    assert found.share == pytest.approx(5 / (T * B * H))
    assert saturation(values, high=None).share == pytest.approx(1 / (T * B * H))
    off = saturation(np.maximum(values, 0), low=0, high=None)  # ReLU
    assert off.share == pytest.approx(1 - 5 / (T * B * H))


def test_saturation_starts_where_the_slope_is_a_tenth():
    assert 1 - 0.95**2 < 0.1 < 1 - 0.948**2
    a = np.arctanh(0.95)
    assert 1 / (1 + np.exp(-2 * a)) == pytest.approx(0.975)  # the sigmoid at the same point


def test_padding_counts_for_nothing():
    values = np.random.default_rng(1).uniform(-1, 1, (T, B, H))
    mask = np.arange(T)[:, None] < np.array([5, 2, 3])  # the last two steps are all padding
    values[~mask] = np.where(np.arange(11) < 6, 1.0, -1.0)
    found = saturation(values, -0.5, 0.5, mask)
    real = values[mask]  # (10, H)
    assert found.high == pytest.approx((real >= 0.5).mean(axis=0))
    assert found.low == pytest.approx((real <= -0.5).mean(axis=0))
    assert found.share == pytest.approx((np.abs(real) >= 0.5).mean())
    assert np.isnan(found.by_step[5:]).all()
    assert found.by_step[4] == pytest.approx((np.abs(values[4, 0]) >= 0.5).mean())


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"values": np.zeros((B, H))}, ValueError, "values must have 3 dimension"),
        ({"values": np.zeros((0, B, H))}, ValueError, "values must have at least 1"),
        ({"values": np.full((T, B, H), np.nan)}, ValueError, "values must be finite"),
        ({"low": None, "high": None}, ValueError, "low and high must not both be None"),
        ({"low": 1.0}, ValueError, "low must be below high, but they are 1.0 and 0.95"),
        ({"high": "x"}, TypeError, "high must be a number"),
        ({"mask": np.ones((T, B))}, TypeError, "mask must hold booleans"),
        ({"mask": np.ones((B, T), dtype=bool)}, ValueError, r"mask must be \(7, 3\)"),
        ({"mask": np.zeros((T, B), dtype=bool)}, ValueError, "mask must be .* at least one True"),
    ],
)
def test_bad_saturation(change, error, message):
    with pytest.raises(error, match=message):
        saturation(**{"values": np.zeros((T, B, H)), **change})


def noise(steps, seed=0):
    return np.exp(0.2 * np.random.default_rng(seed).normal(size=steps))


def test_spikes_are_found_and_noise_is_not():
    norms = 3.0 * noise(997)
    assert find_spikes(norms).mean() < 0.002  # by chance: six standard deviations
    norms[[100, 400, 401]] *= 20
    norms[600:] *= 0.01  # a fall is no spike
    assert np.flatnonzero(find_spikes(norms)).tolist() == [100, 400, 401]
    assert (find_spikes(1e9 * norms) == find_spikes(norms)).all()  # whatever the unit


def test_each_step_is_compared_with_the_steps_before_it_alone():
    norms, window, threshold = noise(211, seed=3), 17, 1.5
    found = find_spikes(norms, window=window, threshold=threshold, minimum=5)
    assert 0.02 < found.mean() < 0.3
    logs = np.log(norms)
    for step in range(5, 211):
        past = logs[max(0, step - window) : step]
        scatter = scipy.stats.median_abs_deviation(past, scale="normal")
        assert found[step] == (logs[step] - np.median(past) > threshold * scatter)
    changed = norms.copy()
    changed[120:] *= 50
    again = find_spikes(changed, window=window, threshold=threshold, minimum=5)
    assert (again[:120] == found[:120]).all()
    assert again[120:125].all()
    assert not again[150:].all()  # a new level is no spike for ever


def test_spikes_hide_no_spikes_and_nan_is_one():
    norms = np.ones(61)
    norms[[30, 32, 34, 36]] = 100.0
    norms[[40, 41]] = np.nan, np.inf
    norms[45] = 1.1  # a scatter of 0 counts as one of 2 percent, 6 times that is 13 percent
    norms[46] = 1.2
    norms[50] = 0.0
    assert np.flatnonzero(find_spikes(norms)).tolist() == [30, 32, 34, 36, 40, 41, 46]
    assert not find_spikes([1.0] * 9 + [99.0]).any()  # too early to say
    assert find_spikes([1.0] * 10 + [99.0]).tolist() == [False] * 10 + [True]
    assert find_spikes([]).shape == (0,)


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"norms": [[1.0]]}, ValueError, "norms must have 1 dimension"),
        ({"norms": [1.0, -2.0]}, ValueError, "norms must not be negative, but one is -2.0"),
        ({"norms": ["a"]}, TypeError, "norms must hold real numbers"),
        ({"window": 9}, ValueError, "window must be at least 10"),
        ({"window": 3.5}, TypeError, "window must be a whole number"),
        ({"minimum": 0}, ValueError, "minimum must be at least 1"),
        ({"threshold": -1}, ValueError, "threshold must be at least 0"),
    ],
)
def test_bad_spikes(change, error, message):
    with pytest.raises(error, match=message):
        find_spikes(**{"norms": [1.0, 2.0], **change})


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def trained(make_hook, rate=0.1, epochs=4):
    torch.manual_seed(1)
    model = SequenceClassifier(ElmanCell(D, H), K)
    batches = [(normal(T, B, D, seed=s), torch.tensor([0, 1, 1])) for s in range(5)]
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    hook = make_hook(model)
    loss_fn = nn.functional.cross_entropy
    return fit(model, batches, loss_fn, optimizer, epochs, hook=hook), model, hook


def test_the_log_notes_what_clipping_would_see_and_changes_nothing():
    history, model, log = trained(GradientLog)
    plain, twin, _ = trained(lambda model: None)
    assert history.losses == plain.losses == log.losses
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(p, q)

    norms = []

    def clip(model):
        def hook(step, loss):
            norms.append(nn.utils.clip_grad_norm_(model.parameters(), float("inf")).item())

        return hook

    trained(clip)
    assert log.norms == pytest.approx(norms, rel=1e-6)
    assert log.steps == list(range(20))
    assert set(log.by_parameter) == {name for name, _ in model.named_parameters()}
    squares = np.square(list(log.by_parameter.values())).sum(axis=0)
    assert np.sqrt(squares) == pytest.approx(log.norms)
    assert log.first_nonfinite() is None
    assert log.spikes(threshold=1000) == []
    assert log.spikes(threshold=0, minimum=1) != []


def test_the_log_tells_spikes_and_whose_gradient_was_not_finite_first():
    model = SequenceClassifier(ElmanCell(D, H), K)
    log = GradientLog(model)
    for step in range(100, 130):
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, 1e25 if step == 117 else 1.0)
        if step >= 125:
            model.cell.W_hh.grad[2, 3] = np.nan
        if step >= 127:
            model.cell.b_h.grad[0] = np.inf
        log(step, 0.5)
    assert log.spikes() == [117, 125, 126, 127, 128, 129]
    assert log.first_nonfinite() == (125, ["cell.W_hh"])
    size = sum(p.numel() for p in model.parameters())
    assert log.norms[17] == pytest.approx(1e25 * np.sqrt(size))  # its square overflows float32


def test_the_log_takes_what_gradients_there_are():
    table = nn.Embedding(13, 3, sparse=True)
    model = nn.ModuleDict({"table": table, "unused": nn.Linear(2, 2)})
    table(torch.tensor([4, 4, 1])).sum().backward()
    log = GradientLog(model)
    log(0, 1.0)
    assert log.norms == [pytest.approx(np.sqrt(3 * (2**2 + 1)))]
    assert log.by_parameter["unused.weight"] == [0.0]
    with pytest.raises(ValueError, match="model must have gradients when its step is logged"):
        GradientLog(nn.Linear(2, 3))(0, 1.0)


def test_the_log_costs_a_small_part_of_a_step():
    torch.manual_seed(0)
    model = SequenceClassifier(ElmanCell(D, 67), K)
    xs, targets, log = normal(53, 13, D), torch.zeros(13, dtype=torch.long), GradientLog(model)

    def train():
        nn.functional.cross_entropy(model(xs), targets).backward()

    def seconds(function):
        start = time.process_time()
        function()
        return time.process_time() - start

    train()
    ratio = min(seconds(lambda: log(0, 0.0)) for _ in range(5))
    ratio /= min(seconds(train) for _ in range(5))
    assert ratio < 0.5  # measured: 0.03
