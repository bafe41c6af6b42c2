"""Sine waves at irregular times: samples against the formula, and the laws they are drawn from."""

import numpy as np
import pytest

from rnncourse.datasets.events import LONGEST, sine_events


def test_shapes():
    waves = sine_events(7, 5, seed=3)
    assert waves.xs.shape == (7, 5, 2) and waves.xs.dtype == np.float32
    assert waves.targets.shape == waves.periods.shape == (5,)


def test_samples_lie_on_a_sine_of_the_period():
    waves = sine_events(40, 300, seed=1)
    values, times = waves.xs.astype(float).transpose(2, 0, 1)  # (T, B) each
    for value, time, period in zip(values.T, times.T, waves.periods, strict=True):
        angles = 2 * np.pi * time / period
        basis = np.stack((np.sin(angles), np.cos(angles)), axis=1)  # (T, 2)
        weights, *_ = np.linalg.lstsq(basis, value, rcond=None)
        assert np.abs(basis @ weights - value).max() < 1e-3
        assert np.hypot(*weights) == pytest.approx(1, abs=1e-2)


def test_times_rise_inside_the_window():
    times = sine_events(40, 300, seed=2).xs[:, :, 1]
    assert (np.diff(times, axis=0) >= 0).all()
    assert times.min() >= 0 and times.max() <= LONGEST
    assert (times[-1] - times[0]).min() > 8  # durations of 15 at least, less what the ends leave


def test_classes_are_decided_by_the_period():
    waves = sine_events(2, 4000, seed=4)
    inside = (waves.periods >= 5) & (waves.periods <= 6)
    assert (inside == (waves.targets == 1)).all()
    assert waves.targets.mean() == pytest.approx(waves.chance, abs=0.03)
    others = waves.periods[~inside]
    assert others.min() >= 1 and others.max() <= 100
    assert (others < 5).mean() == pytest.approx(0.5, abs=0.04)


def test_values_alone_say_little_about_the_time_between_them():
    values = sine_events(50, 4000, seed=5).xs[:, :, 0]
    assert np.abs(values.mean()) < 0.05  # phases are random
    assert values.var() == pytest.approx(0.5, abs=0.03)


def test_a_seed_repeats_the_draw():
    one, two, other = (sine_events(5, 3, seed=seed) for seed in (1, 1, 2))
    assert (one.xs == two.xs).all() and (one.xs != other.xs).any()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 3), ValueError, "length"),
        ((3, 0), ValueError, "batch_size"),
        ((2.5, 3), TypeError, "length"),
        ((3, "b"), TypeError, "batch_size"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        sine_events(*arguments)
