"""The book's figures: one style sheet, one look for each concept, and the plots that recur.

Figures know arrays only. ``use_style`` also makes every shown figure describe its own data in
words: the text stands beside the picture in the notebook, where a test can compare it, and inside
the picture file, where a test can prove that picture and text belong together.
"""

import binascii
import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

STYLE = {
    "figure.figsize": (7.0, 3.2),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "font.size": 10.5,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "image.cmap": "viridis",
    "image.interpolation": "nearest",
}

# Colours by Okabe and Ito (2008), told apart by readers with any colour vision. The line style
# carries the same information, so that a grey print can be read too.
LOOKS = {
    "data": ("#000000", "-"),
    "truth": ("#000000", "--"),
    "reference": ("#767676", "-."),
    "chance": ("#767676", ":"),
    "forecast": ("#d55e00", "-"),
    "one step": ("#009e73", "--"),
    "baseline": ("#767676", "--"),
    "training": ("#56b4e9", "-"),
    "held out": ("#e69f00", "-"),
    "AR": ("#0072b2", "--"),
    "MLP": ("#cc79a7", "--"),
    "n-gram": ("#e69f00", "-."),
    "HMM": ("#009e73", "-."),
    "filter": ("#cc79a7", "-"),
    "smoother": ("#0072b2", "-."),
    "RNN": ("#d55e00", "--"),
    "GRU": ("#009e73", "-"),
    "LSTM": ("#0072b2", "-"),
    "Transformer": ("#cc79a7", "-."),
}


def use_style():
    """Switch matplotlib to the book's style and let shown figures describe their data."""
    plt.rcParams.update(STYLE)
    try:
        from IPython import get_ipython
    except ImportError:  # pragma: no cover - IPython comes with jupyterlab
        return
    shell = get_ipython()
    if shell is None:
        return
    plt.close(plt.figure())  # loads the notebook's backend, which sets formatters of its own
    formatters = shell.display_formatter.formatters
    formatters["image/png"].for_type(Figure, to_png)
    formatters["text/plain"].for_type(Figure, lambda figure, p, cycle: p.text(describe(figure)))


def style_of(concept):
    """Return the colour and the line style that a concept has in the whole book.

    Args:
        concept: a key of ``LOOKS``, such as ``"LSTM"`` or ``"held out"``.

    Returns:
        dict with ``color`` and ``linestyle``, to be passed on to ``Axes.plot``.

    Raises:
        ValueError: the concept has no look.
    """
    if concept not in LOOKS:
        raise ValueError(f"concept must be one of {', '.join(LOOKS)}, but is {concept!r}")
    color, linestyle = LOOKS[concept]
    return {"color": color, "linestyle": linestyle}


def plot_seeds(ax, xs, runs, concept, label=None):
    """Plot one thin line a seed and their median in bold.

    Args:
        ax: the Axes to draw on.
        xs: positions, shape (T,).
        runs: one row a seed, shape (S, T).
        concept: a key of ``LOOKS``.
        label: legend entry; the concept's name where it is None.

    Raises:
        ValueError: the shapes do not fit, or the concept has no look.
    """
    xs, runs = np.asarray(xs), np.asarray(runs)
    if runs.ndim != 2 or runs.shape[1] != len(xs):
        raise ValueError(f"runs must have shape (seeds, {len(xs)}), but has shape {runs.shape}")
    look = style_of(concept)
    ax.plot(xs, runs.T, color=look["color"], linewidth=0.7, alpha=0.5)
    ax.plot(xs, np.median(runs, axis=0), **look, linewidth=2.4, label=label or concept)


def plot_history(ax, steps, losses, label="training", concept="training", unit="nats"):
    """Plot a loss against the training step.

    Args:
        ax: the Axes to draw on.
        steps: step or epoch of each loss, shape (T,).
        losses: loss at these steps, shape (T,), in ``unit``.
        label: legend entry.
        concept: a key of ``LOOKS``.
        unit: what the loss is measured in, for the label of the axis.

    Raises:
        ValueError: ``steps`` and ``losses`` differ in length, or the concept has no look.
    """
    if len(steps) != len(losses):
        raise ValueError(f"losses must have {len(steps)} values, but has {len(losses)}")
    ax.plot(steps, losses, **style_of(concept), label=label)
    ax.set(xlabel="training step", ylabel=f"loss ({unit})")


def plot_forecast(ax, times, values, ahead, mean, lower=None, upper=None, level=None):
    """Plot a series, its forecast and the forecast's interval.

    Args:
        ax: the Axes to draw on.
        times: when the series was observed, shape (T,).
        values: the series, shape (T,).
        ahead: the times of the forecast, shape (K,).
        mean: the forecast, shape (K,).
        lower: lower end of the interval, shape (K,), or None for no interval.
        upper: upper end of the interval, shape (K,), or None.
        level: probability of the interval, such as 0.95, for the legend.

    Raises:
        ValueError: the shapes do not fit.
    """
    if len(times) != len(values) or len(ahead) != len(mean):
        raise ValueError("times and values, and ahead and mean, must have the same lengths")
    ax.plot(times, values, **style_of("data"), linewidth=1.0, label="observed")
    ax.plot(ahead, mean, **style_of("forecast"), label="forecast")
    if lower is not None:
        name = "interval" if level is None else f"{level:.0%} interval"
        color = style_of("forecast")["color"]
        ax.fill_between(ahead, lower, upper, color=color, alpha=0.2, linewidth=0, label=name)


def to_png(figure):
    """Draw a figure as a PNG that carries the description of its data.

    Args:
        figure: a matplotlib Figure.

    Returns:
        bytes.
    """
    buffer = io.BytesIO()
    metadata = {"Software": None, "Description": describe(figure)}
    figure.savefig(buffer, format="png", metadata=metadata)
    return buffer.getvalue()


def describe(figure):
    """Describe the data of a figure in words: panels, labels, curves and their ranges.

    Each entry ends in a fingerprint of its values, exact to about a thousandth of their range, so
    that changed data change the text while rounding on another processor does not.

    Args:
        figure: a matplotlib Figure.

    Returns:
        str of one line a panel and one line a curve, image or set of points or bars.
    """
    lines = [f"Figure with {len(figure.axes)} panel{'s' if len(figure.axes) != 1 else ''}"]
    for ax in figure.axes:
        lines.append(f"panel {ax.get_title('left') or ax.get_title()!r}".replace("''", "untitled"))
        lines[-1] += f": {ax.get_ylabel()!r} against {ax.get_xlabel()!r}"
        lines += [f"  {entry}" for entry in _artists(ax)]
    return "\n".join(lines)


def _artists(ax):
    for line in ax.lines:
        xs, ys = (np.asarray(values, dtype=float) for values in line.get_data(orig=False))
        look = f"{to_hex(line.get_color())} {line.get_linestyle()}"
        yield f"line {_name(line)} ({look}): x {_range(xs)}; y {_range(ys)}"
    for points in ax.collections:
        offsets = np.asarray(np.ma.filled(points.get_offsets(), np.nan), dtype=float)
        if len(offsets) > 1:
            yield f"points {_name(points)}: x {_range(offsets[:, 0])}; y {_range(offsets[:, 1])}"
        elif points.get_paths():
            corners = np.concatenate([path.vertices for path in points.get_paths()])
            yield f"area {_name(points)}: x {_range(corners[:, 0])}; y {_range(corners[:, 1])}"
    for image in ax.images:
        array = np.asarray(np.ma.filled(image.get_array(), np.nan), dtype=float)
        yield f"image of shape {array.shape}: {_range(array)}"
    boxes = [patch.get_bbox().bounds for patch in ax.patches if hasattr(patch, "get_bbox")]
    if boxes:
        boxes = np.asarray(boxes)
        yield f"bars: at {_range(boxes[:, 0])}; heights {_range(boxes[:, 3])}"
    texts = [text.get_text() for text in ax.texts if text.get_text()]
    if texts:
        yield f"text: {' | '.join(texts)}"


def _name(artist):
    label = str(artist.get_label())
    return "without label" if label.startswith("_") else repr(label)


def _range(values):
    values = np.ravel(values).astype(float)
    finite = values[np.isfinite(values)]
    if not len(finite):
        return f"{len(values)} values, none finite"
    low, high = finite.min(), finite.max()
    scale = max(abs(low), abs(high)) or 1.0
    # The odd offset keeps round numbers away from the edges between two levels.
    levels = np.floor(np.nan_to_num(values / scale * 1000, posinf=1e6, neginf=-1e6) + 0.3819660)
    fingerprint = binascii.crc32(levels.astype("<i4").tobytes()) & 0xFFFF
    return f"{low:.3g} to {high:.3g} ({len(values)} values, {fingerprint:04x})"
