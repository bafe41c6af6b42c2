"""Figures: looks by concept, and a description that follows the data."""

import io

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from rnncourse import figures


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_every_concept_looks_different():
    looks = [tuple(figures.style_of(concept).values()) for concept in figures.LOOKS]
    assert len(set(looks)) == len(looks)


def test_unknown_concept_names_the_known_ones():
    with pytest.raises(ValueError, match="concept must be one of data, .* but is 'Elman'"):
        figures.style_of("Elman")


def test_style_sets_matplotlib():
    with matplotlib.rc_context():
        figures.use_style()
        assert matplotlib.rcParams["axes.spines.top"] is False


def draw(ax, ys, kind):
    if kind == "line":
        ax.plot(np.arange(len(ys)), ys)
    elif kind == "points":
        ax.scatter(np.arange(len(ys)), ys)
    elif kind == "bars":
        ax.bar(np.arange(len(ys)), ys)
    elif kind == "image":
        ax.imshow(ys.reshape(7, 11))
    else:
        ax.fill_between(np.arange(len(ys)), 0, ys)
    return figures.describe(ax.figure)


@pytest.mark.parametrize("kind", ["line", "points", "bars", "image", "area"])
def test_changed_data_change_the_description(ax, kind):
    ys = np.random.default_rng(0).normal(size=77)
    before = draw(ax, ys, kind)
    ax.clear()
    assert draw(ax, ys * (1 + 1e-12), kind) == before  # rounding on another processor
    ax.clear()
    ys[40] += 0.05
    assert draw(ax, ys, kind) != before  # one value moved a little


def test_description_names_labels(ax):
    ax.plot([1, 2], [3, 4], label="loss")
    ax.set(xlabel="step", ylabel="nats", title="run")
    text = figures.describe(ax.figure)
    assert "'nats' against 'step'" in text
    assert "line 'loss'" in text


def test_description_of_nan(ax):
    ax.plot([1, 2], [np.nan, np.nan])
    assert "none finite" in figures.describe(ax.figure)


def test_png_carries_the_description(ax):
    ax.plot([1, 2, 3], [5, 6, 4])
    picture = Image.open(io.BytesIO(figures.to_png(ax.figure)))
    assert picture.text["Description"] == figures.describe(ax.figure)
    assert "Software" not in picture.text


def test_plot_seeds_shows_each_run_and_the_median(ax):
    runs = np.array([[1.0, 2.0], [3.0, 5.0], [8.0, 4.0]])
    figures.plot_seeds(ax, [0, 1], runs, "LSTM")
    assert len(ax.lines) == 4
    assert ax.lines[-1].get_ydata().tolist() == [3.0, 4.0]
    with pytest.raises(ValueError, match=r"runs must have shape \(seeds, 3\)"):
        figures.plot_seeds(ax, [0, 1, 2], runs, "LSTM")


def test_plot_history(ax):
    figures.plot_history(ax, [1, 2, 3], [3.0, 2.0, 1.0])
    assert ax.get_ylabel() == "loss (nats)"
    with pytest.raises(ValueError, match="losses must have 2 values, but has 1"):
        figures.plot_history(ax, [1, 2], [3.0])


def test_plot_forecast(ax):
    figures.plot_forecast(ax, [1, 2], [5, 6], [3, 4], [7, 8], [6, 6], [8, 9], level=0.95)
    assert [t.get_text() for t in ax.legend().get_texts()][-1] == "95% interval"
    with pytest.raises(ValueError, match="same lengths"):
        figures.plot_forecast(ax, [1], [5, 6], [3], [7])
