"""Clipping: keep gradients from being too large, number by number or all together."""

import numpy as np

from rnncourse.parameter_trees import leaves, map_tree
from rnncourse.validate import as_real


def clip_by_value(gradients, limit):
    """Move every number that lies outside -limit .. limit to the nearer end.

    The direction of the gradient may change.

    Args:
        gradients: tree of arrays of any shape.
        limit: largest size of a number, above 0.

    Returns:
        new tree of arrays of the same shapes.

    Raises:
        TypeError: ``limit`` is not a number.
        ValueError: ``limit`` is not above 0, or the gradients are not finite.
    """
    limit = _as_limit(limit, "limit")
    if not all(np.isfinite(g).all() for g in leaves(gradients)):
        raise ValueError("gradients must be finite, but hold NaN or infinity")
    return map_tree(lambda g: np.clip(g, -limit, limit), gradients)


def clip_by_norm(gradients, max_norm):
    """Shorten the gradient, all arrays taken as one vector, to a given length.

    The direction stays. A shorter gradient is left as it is.

    Args:
        gradients: tree of arrays of any shape.
        max_norm: largest length, above 0.

    Returns:
        new tree of arrays of the same shapes, and the length before (float).

    Raises:
        TypeError: ``max_norm`` is not a number.
        ValueError: ``max_norm`` is not above 0, or the gradients are not finite.

    Source:
        Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural
        networks, algorithm 1, arXiv:1211.5063.
    """
    max_norm = _as_limit(max_norm, "max_norm")
    norm = global_norm(gradients)
    if not np.isfinite(norm):
        raise ValueError(f"gradients must be finite, but their norm is {norm}")
    scale = min(1.0, max_norm / norm) if norm > 0 else 1.0
    return map_tree(lambda g: g * scale, gradients), norm


def global_norm(gradients):
    """Compute the length of all arrays of a tree taken as one vector.

    Args:
        gradients: tree of arrays of any shape.

    Returns:
        float.
    """
    return float(np.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in leaves(gradients))))


def _as_limit(value, name):
    value = as_real(value, name)
    if value <= 0:
        raise ValueError(f"{name} must be above 0, but is {value!r}")
    return value
