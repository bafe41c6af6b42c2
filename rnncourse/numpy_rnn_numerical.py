"""The gradient check: slopes measured by moving every parameter a little to both sides."""

import numpy as np

from rnncourse.parameter_trees import leaves, map_tree
from rnncourse.validate import as_real


def numerical_gradient(loss, parameters, step=1e-5):
    """Measure the gradient of any loss by central differences: slow, but it knows no calculus.

    ``(loss(p + step) - loss(p - step)) / (2 step)`` for every number p in turn; the error shrinks
    with the square of the step until rounding takes over.

    Args:
        loss: function of one argument, the parameters, that returns a number.
        parameters: tree of float64 arrays of any shape (a dict, list or named tuple, or one
            array); left as it is.
        step: how far to move, above 0.

    Returns:
        tree of float64 arrays of the same structure and shapes.

    Raises:
        TypeError: an array that is not float64, or ``step`` is not a number.
        ValueError: ``step`` is not above 0, or a loss that is not finite.
    """
    step = as_real(step, "step")
    if step <= 0:
        raise ValueError(f"step must be above 0, but is {step}")
    for array in leaves(parameters):
        if getattr(array, "dtype", None) != np.float64:
            kind = getattr(array, "dtype", type(array).__name__)
            raise TypeError(f"parameters must be float64 arrays, but one is {kind}")
    moved = map_tree(np.array, parameters)  # a copy to move about in
    return map_tree(lambda array: _slopes(lambda: loss(moved), array, step), moved)


def relative_error(ours, reference):
    """Compare two gradients array by array and return the largest disagreement.

    For each array: the length of the difference over the longer of the two lengths. A single
    number near 0 is thus not compared with itself, but with the array that it belongs to.

    Args:
        ours: tree of arrays of any shape.
        reference: tree of arrays of the same shapes.

    Returns:
        float, 0 for equal trees and at most 2.

    Raises:
        ValueError: trees or shapes that differ, or numbers that are not finite.
    """
    return max(leaves(map_tree(_relative_distance, ours, reference)))


def _slopes(loss, array, step):
    slopes = np.empty_like(array)
    for place in np.ndindex(array.shape):
        value = array[place]
        array[place] = value + step
        above = float(loss())
        array[place] = value - step
        below = float(loss())
        array[place] = value
        slopes[place] = (above - below) / (2 * step)
        if not np.isfinite(slopes[place]):
            raise ValueError(f"loss must be finite, but is {above} and {below} at {place}")
    return slopes


def _relative_distance(ours, reference):
    if np.shape(ours) != np.shape(reference):
        raise ValueError(
            f"ours must have the shape of reference, {np.shape(reference)}, but has "
            f"{np.shape(ours)}"
        )
    longest = max(np.linalg.norm(ours), np.linalg.norm(reference))
    if not np.isfinite(longest):
        raise ValueError("ours and reference must be finite, but hold NaN or infinity")
    return float(np.linalg.norm(np.subtract(ours, reference)) / longest) if longest else 0.0
