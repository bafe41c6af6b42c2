"""Plots of what the gradient microscope saw. They know arrays only and draw on given Axes."""

import numpy as np
from matplotlib.colors import LogNorm

from rnncourse.figures import style_of
from rnncourse.validate import as_array


def plot_gradient_norms(ax, norms, concept="RNN", label=None, steps=None):
    """Plot the length of dL/dh_t against t, on a logarithmic axis.

    Args:
        ax: the Axes to draw on.
        norms: (T,) lengths; a length of 0 leaves a gap.
        concept: a key of ``figures.LOOKS``.
        label: legend entry; the concept's name where it is None.
        steps: (T,) positions on the axis, such as distances; None for 1 ... T.

    Raises:
        TypeError: an argument does not hold numbers.
        ValueError: ``norms`` and ``steps`` differ in length, a negative number, or NaN.
    """
    norms = _not_negative(norms, "norms", ndim=1)
    steps = np.arange(1, len(norms) + 1) if steps is None else as_array(steps, "steps", ndim=1)
    if len(steps) != len(norms):
        raise ValueError(f"steps must have {len(norms)} values, but has {len(steps)}")
    ax.semilogy(steps, _gaps(norms), **style_of(concept), label=label or concept)
    ax.set(xlabel="step t", ylabel="length of dL/dh at step t")


def plot_unit_norms(ax, norms):
    """Show the length of dL/dh_t of every unit as a map, time to the right, colours logarithmic.

    Args:
        ax: the Axes to draw on.
        norms: (T, H) lengths; one of 0 is left blank.

    Returns:
        the image, for a colour bar.

    Raises:
        TypeError: ``norms`` does not hold numbers.
        ValueError: ``norms`` is not (T, H), has a negative number or NaN, or is 0 everywhere.
    """
    norms = _not_negative(norms, "norms", ndim=2)
    if not norms.any():
        raise ValueError("norms must not all be 0: a logarithmic map could show nothing")
    positive = norms[norms > 0]
    limits = LogNorm(positive.min(), positive.max())
    extent = (0.5, len(norms) + 0.5, -0.5, norms.shape[1] - 0.5)
    image = ax.imshow(_gaps(norms).T, norm=limits, extent=extent, aspect="auto", origin="lower")
    ax.grid(False)
    ax.set(xlabel="step t", ylabel="unit")
    return image


def plot_jacobian(ax, jacobian):
    """Show one Jacobian as a map: red raises, blue lowers, white has no influence.

    Args:
        ax: the Axes to draw on.
        jacobian: (H, H), old units down, new units across.

    Returns:
        the image, for a colour bar.

    Raises:
        TypeError: ``jacobian`` does not hold numbers.
        ValueError: it does not have two axes, or is not finite.
    """
    jacobian = as_array(jacobian, "jacobian", ndim=2)
    limit = np.abs(jacobian).max() or 1.0
    image = ax.imshow(jacobian, cmap="RdBu_r", vmin=-limit, vmax=limit)
    ax.grid(False)
    ax.set(xlabel="unit at step t", ylabel="unit at step t - 1")
    return image


def plot_log_sizes(ax, distances, logs, concept="RNN", label=None):
    """Plot sizes that fit into no float, such as norms of products, by their powers of ten.

    Args:
        ax: the Axes to draw on.
        distances: (T,) positions, in steps.
        logs: (T,) natural logarithms of the sizes, or (T, H) for one line a column; -inf leaves a
            gap.
        concept: a key of ``figures.LOOKS``.
        label: legend entry; the concept's name where it is None.

    Raises:
        TypeError: an argument does not hold numbers.
        ValueError: the lengths differ, or NaN.
    """
    distances, logs = as_array(distances, "distances", ndim=1), _as_logs(logs, "logs")
    if len(logs) != len(distances) or logs.ndim > 2:
        wanted = f"({len(distances)},) or ({len(distances)}, H)"
        raise ValueError(f"logs must be {wanted}, but has shape {logs.shape}")
    lines = ax.plot(distances, logs / np.log(10), **style_of(concept))
    lines[0].set_label(label or concept)
    ax.set(xlabel="distance in steps", ylabel="size (power of ten)")


def plot_exponents(ax, exponents, concept="RNN", label=None):
    """Plot a Lyapunov spectrum, the largest exponent first; above 0 gradients grow, below they die.

    Args:
        ax: the Axes to draw on.
        exponents: (H,) in nats per step; -inf leaves a gap.
        concept: a key of ``figures.LOOKS``.
        label: legend entry; the concept's name where it is None.

    Raises:
        TypeError: ``exponents`` does not hold numbers.
        ValueError: it does not have one axis, or NaN.
    """
    shown = _as_logs(exponents, "exponents", ndim=1)
    index = np.arange(1, len(shown) + 1)
    ax.plot(index, shown, **style_of(concept), marker=".", label=label or concept)
    ax.axhline(0.0, **style_of("reference"), linewidth=0.8)
    ax.set(xlabel="number of the exponent", ylabel="exponent (nats per step)")


def plot_saturation(ax, low, high, label=None):
    """Plot one point a unit: how often it is at the lower and at the upper end of its range.

    A unit at the origin is never saturated; one on the line from corner to corner always is.

    Args:
        ax: the Axes to draw on.
        low: (H,) shares from 0 to 1 at the lower end.
        high: (H,) shares at the upper end.
        label: legend entry, or None.

    Raises:
        TypeError: an argument does not hold numbers.
        ValueError: the lengths differ, NaN, or shares outside 0 .. 1 or that sum to more than 1.

    Source:
        Karpathy, Johnson & Fei-Fei (2015), Visualizing and understanding recurrent networks,
        arXiv:1506.02078: their saturation plots.
    """
    low, high = _not_negative(low, "low", ndim=1), _not_negative(high, "high", ndim=1)
    if len(low) != len(high):
        raise ValueError(f"high must have {len(low)} values, but has {len(high)}")
    if (low + high > 1 + 1e-9).any():
        raise ValueError(f"low and high must sum to at most 1, but reach {(low + high).max()}")
    ax.plot([0, 1], [1, 0], **style_of("reference"), linewidth=0.8)
    ax.scatter(low, high, s=14, color=style_of("RNN")["color"], alpha=0.6, label=label)
    ax.set(xlabel="share of steps at the lower end", ylabel="share at the upper end")
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))


def plot_gradient_log(ax, steps, norms, spikes=()):
    """Plot the length of the gradient during training, with its spikes and its first NaN.

    Args:
        ax: the Axes to draw on.
        steps: (S,) numbers of the training steps.
        norms: (S,) lengths, NaN and infinity allowed; a length of 0 leaves a gap.
        spikes: numbers of the steps to mark, as a list of int.

    Raises:
        TypeError: an argument does not hold numbers.
        ValueError: the lengths differ, or a spike is none of the steps.
    """
    steps, norms = as_array(steps, "steps", ndim=1), np.asarray(norms, dtype=float)
    if norms.shape != steps.shape:
        raise ValueError(f"norms must have {len(steps)} values, but has shape {norms.shape}")
    marked = np.isin(steps, np.asarray(list(spikes)))  # (S,)
    if marked.sum() != len(spikes):
        raise ValueError(f"spikes must be among steps, but are {list(spikes)}")
    finite = np.isfinite(norms)
    ax.plot(steps, np.where(finite, _gaps(norms), np.nan), **style_of("training"), label="gradient")
    ax.set_yscale("log")
    shown = marked & finite
    if shown.any():
        color = style_of("forecast")["color"]
        ax.plot(steps[shown], norms[shown], "o", color=color, markersize=5, label="spike")
    if not finite.all():
        first = steps[~finite][0]
        ax.axvline(first, **style_of("truth"), linewidth=1.0, label="not finite")
    ax.set(xlabel="training step", ylabel="length of the gradient")


def _gaps(sizes):
    """Sizes for a logarithmic axis, which has no place for 0."""
    return np.where(sizes == 0, np.nan, sizes)


def _as_logs(logs, name, ndim=None):
    """Logarithms, checked, with a gap for that of 0."""
    logs = np.asarray(logs)
    finite = np.nan_to_num(logs, nan=np.nan, posinf=np.inf, neginf=0.0)  # -inf alone is allowed
    finite = as_array(finite, name, ndim=ndim)
    return np.where(logs == -np.inf, np.nan, finite)


def _not_negative(values, name, ndim):
    values = as_array(values, name, ndim=ndim)
    if values.size == 0 or (values < 0).any():
        smallest = values.min() if values.size else "none"
        raise ValueError(f"{name} must be numbers of 0 and above, but the smallest is {smallest}")
    return values
