"""What training is told: its numbers, and the schedule of the learning rate."""

import dataclasses

import numpy as np
import pytest
from torch import nn

from rnncourse.recipe_settings import Settings, schedule


def test_the_schedule_rises_straight_and_falls_like_a_cosine():
    assert schedule(0, 0.2) == 0 and schedule(0.05, 0.2) == pytest.approx(0.25)
    assert schedule(0.2, 0.2) == 1 and schedule(0.6, 0.2) == pytest.approx(0.5)
    assert schedule(0.4, 0.2) == pytest.approx((1 + np.sqrt(0.5)) / 2)
    assert schedule(1, 0.2) == schedule(1.7, 0.2) == pytest.approx(0, abs=1e-12)
    rates = np.array([schedule(p, 0.1) for p in np.linspace(0, 1, 1001)])
    assert np.argmax(rates) == 100 and np.all(np.diff(rates[:101]) > 0)
    assert np.all(np.diff(rates[100:]) < 0)


def test_no_warm_up():
    assert schedule(0, 0) == 1


@pytest.mark.parametrize("progress, warm_up", [(-0.1, 0.1), (0.5, 1.0), (0.5, -0.1)])
def test_schedule_out_of_range(progress, warm_up):
    with pytest.raises(ValueError, match="(progress|warm_up) must be at"):
        schedule(progress, warm_up)


def test_settings_there_and_back():
    for settings in (Settings(), Settings(rnn=nn.GRU, seconds=20, hidden_size=7)):
        notes = settings.as_notes()
        assert Settings.from_notes(notes) == settings
        assert all(isinstance(value, int | float | str | None) for value in notes.values())


def test_what_is_filled_in_depends_on_the_time():
    short, long = Settings(seconds=60), Settings(seconds=61)
    assert (short.hidden_size, short.dropout) == (256, 0.0)
    assert (long.hidden_size, long.dropout) == (384, 0.2) == (Settings().hidden_size, 0.2)
    assert Settings(seconds=20, hidden_size=7, dropout=0.5).dropout == 0.5


WRONG = {
    "rnn": [nn.RNN, "lstm"],
    "hidden_size": [0, 2.5],
    "embedding_size": [0],
    "num_layers": [0],
    "dropout": [-0.1, 1.0],
    "batch_size": [0],
    "steps": [0],
    "learning_rate": [0, float("nan"), "fast"],
    "warm_up": [1.0],
    "weight_decay": [-1],
    "clip_norm": [0],
    "held_out": [0, 1],
    "patience": [0],
    "epochs": [0, 1.5],
    "seconds": [0, float("inf")],
    "seed": [-1],
    "threads": [0],
    "bfloat16": [1, None],
}


@pytest.mark.parametrize("name, value", [(n, v) for n, values in WRONG.items() for v in values])
def test_wrong_settings(name, value):
    with pytest.raises((TypeError, ValueError), match=f"{name} must be"):
        Settings(**{name: value})


def test_every_setting_is_checked():
    assert set(WRONG) == {field.name for field in dataclasses.fields(Settings)}
