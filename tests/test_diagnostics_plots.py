"""The plots draw what they are given, say what the axes are, and refuse what does not fit."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from rnncourse import diagnostics_plots as plots

T, H = 7, 5


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    figure.canvas.draw()  # nothing fails only when it is drawn
    plt.close(figure)


def test_gradient_norms_stand_on_a_logarithmic_axis(ax):
    plots.plot_gradient_norms(ax, [1e-9, 0.0, 1e-3], "LSTM")
    plots.plot_gradient_norms(ax, [1.0, 2.0], label="other", steps=[5, 4])
    assert ax.get_yscale() == "log"
    assert ax.get_xlabel() == "step t"
    xs, ys = ax.lines[0].get_data()
    assert xs.tolist() == [1, 2, 3]
    assert np.isnan(ys[1]) and ys[[0, 2]].tolist() == [1e-9, 1e-3]
    assert ax.lines[1].get_xdata().tolist() == [5, 4]
    assert [line.get_label() for line in ax.lines] == ["LSTM", "other"]


def test_unit_norms_run_to_the_right(ax):
    norms = np.arange(T * H, dtype=float).reshape(T, H)
    image = plots.plot_unit_norms(ax, norms)
    assert image.get_array().shape == (H, T)
    assert image.get_array()[3, 2] == norms[2, 3]
    assert np.ma.masked_invalid(image.get_array()).mask[0, 0]  # a length of 0
    assert image.norm.vmin == 1.0 and image.norm.vmax == 34.0
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step t", "unit")
    assert ax.get_xlim() == (0.5, 7.5) and ax.get_ylim() == (-0.5, 4.5)


def test_a_jacobian_is_white_where_there_is_no_influence(ax):
    jacobian = np.array([[0.0, -3.0], [1.0, 2.0]])
    image = plots.plot_jacobian(ax, jacobian)
    assert (image.norm.vmin, image.norm.vmax) == (-3.0, 3.0)
    assert (image.get_array() == jacobian).all()
    plots.plot_jacobian(ax, np.zeros((2, 2)))


def test_sizes_that_fit_into_no_float(ax):
    logs = np.log(10) * np.array([[-2000.0, 5.0], [-np.inf, 7.0], [-4000.0, 8.0]])
    plots.plot_log_sizes(ax, [1, 2, 3], logs, "GRU")
    assert ax.lines[0].get_ydata()[[0, 2]] == pytest.approx([-2000, -4000])
    assert np.isnan(ax.lines[0].get_ydata()[1])
    assert ax.lines[1].get_ydata() == pytest.approx([5, 7, 8])
    labels = [line.get_label() for line in ax.lines]
    assert labels[0] == "GRU" and labels[1].startswith("_")  # one legend entry
    assert "power of ten" in ax.get_ylabel()


def test_exponents_with_the_line_that_parts_growth_from_decay(ax):
    plots.plot_exponents(ax, [0.5, -0.2, -np.inf])
    assert ax.lines[0].get_ydata()[:2].tolist() == [0.5, -0.2]
    assert np.isnan(ax.lines[0].get_ydata()[2])
    assert list(ax.lines[1].get_ydata()) == [0.0, 0.0]
    assert "nats per step" in ax.get_ylabel()


def test_saturation_has_one_point_a_unit(ax):
    plots.plot_saturation(ax, [0.1, 0.0, 1.0], [0.3, 0.2, 0.0])
    assert ax.collections[0].get_offsets().tolist() == [[0.1, 0.3], [0.0, 0.2], [1.0, 0.0]]


def test_the_log_marks_spikes_and_the_first_step_that_is_not_finite(ax):
    norms = [1.0, 2.0, 50.0, 0.0, np.nan, np.inf]
    plots.plot_gradient_log(ax, range(10, 16), norms, spikes=[12, 14, 15])
    assert ax.get_yscale() == "log"
    assert np.isfinite(ax.lines[0].get_ydata()).tolist() == [True] * 3 + [False] * 3
    assert ax.lines[1].get_data()[0].tolist() == [12]
    assert ax.lines[1].get_data()[1].tolist() == [50.0]
    assert list(ax.lines[2].get_xdata()) == [14, 14]
    plots.plot_gradient_log(ax, [1, 2], [1.0, 2.0])
    assert len(ax.lines) == 4


BAD = [
    (plots.plot_gradient_norms, ([1.0, -1.0],), "norms must be numbers of 0 and above"),
    (plots.plot_gradient_norms, ([1.0, np.nan],), "norms must be finite"),
    (plots.plot_gradient_norms, ([],), "norms must have at least 1"),
    (
        plots.plot_gradient_norms,
        ([1.0], "RNN", None, [1, 2]),
        "steps must have 1 values, but has 2",
    ),
    (plots.plot_gradient_norms, ([1.0], "nobody"), "concept must be one of"),
    (plots.plot_unit_norms, ([1.0],), "norms must have 2 dimension"),
    (plots.plot_unit_norms, (np.zeros((T, H)),), "norms must not all be 0"),
    (plots.plot_unit_norms, (np.zeros((T, 0)),), "norms must be numbers of 0 and above"),
    (plots.plot_jacobian, ([1.0],), "jacobian must have 2 dimension"),
    (plots.plot_log_sizes, ([1, 2], [1.0]), r"logs must be \(2,\) or \(2, H\), but has shape"),
    (plots.plot_log_sizes, ([1], [np.nan]), "logs must be finite"),
    (plots.plot_log_sizes, ([1], [np.inf]), "logs must be finite"),
    (plots.plot_exponents, ([[1.0]],), "exponents must have 1 dimension"),
    (plots.plot_exponents, ([np.nan],), "exponents must be finite"),
    (plots.plot_saturation, ([0.1], [0.1, 0.2]), "high must have 1 values, but has 2"),
    (plots.plot_saturation, ([0.7], [0.7]), "low and high must sum to at most 1, but reach 1.4"),
    (plots.plot_saturation, ([-0.1], [0.7]), "low must be numbers of 0 and above"),
    (plots.plot_gradient_log, ([1, 2], [1.0]), "norms must have 2 values"),
    (plots.plot_gradient_log, ([1, 2], [1.0, 2.0], [3]), "spikes must be among steps"),
]


@pytest.mark.parametrize("function, arguments, message", BAD)
def test_bad_input(ax, function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(ax, *arguments)
