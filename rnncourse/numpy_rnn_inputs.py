"""What the recurrent network in NumPy accepts: parameters, ids or vectors, states, targets, masks.

Arrays keep the precision of the parameters: float32 or float64.
"""

import numpy as np

from rnncourse.validate import check_finite

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def check_parameters(parameters, num_gates=1):
    """Refuse parameters that do not fit together.

    Args:
        parameters: named tuple of W_xh (D, G H), W_hh (H, G H), b_h (G H,), W_hy (H, V), b_y (V,),
            for the GRU also b_hn (H,), with these names; all float32 or all float64.
        num_gates: G, how many sums of H numbers a step makes: 1 for the plain network.

    Raises:
        TypeError: an array of another kind, or two precisions.
        ValueError: shapes that do not fit, an axis of length 0, or NaN or infinite entries.
    """
    for name, array in zip(parameters._fields, parameters, strict=True):
        dtype = getattr(array, "dtype", type(array).__name__)
        if dtype not in FLOATS or dtype != parameters[0].dtype:
            raise TypeError(
                f"parameters must all be float32 or all float64 arrays, but {name} is {dtype}"
            )
    if parameters.W_xh.ndim != 2 or parameters.W_hy.ndim != 2:
        raise ValueError("parameters W_xh and W_hy must have 2 dimensions")
    (D, width), V, G = parameters.W_xh.shape, parameters.W_hy.shape[1], num_gates
    H = width // G
    shapes = {"W_xh": (D, G * H), "W_hh": (H, G * H), "b_h": (G * H,), "b_hn": (H,)}
    shapes |= {"W_hy": (H, V), "b_y": (V,)}
    for name, array in zip(parameters._fields, parameters, strict=True):
        if array.shape != shapes[name] or 0 in array.shape:
            raise ValueError(
                f"parameters must fit W_xh of shape {(D, width)}: {name} must have shape "
                f"{shapes[name]} with no axis of length 0, but has {array.shape}"
            )
        check_finite(array, f"parameters.{name}")


def as_inputs(inputs, num_inputs, dtype):
    """Return inputs as ids or as vectors.

    Args:
        inputs: ids, whole numbers (T,) or (T, B) from 0 to D - 1; or vectors, floating-point
            numbers (T, D) or (T, B, D).
        num_inputs: D.
        dtype: float32 or float64, what vectors are converted to.

    Returns:
        array of the same shape.

    Raises:
        TypeError: neither whole nor real numbers.
        ValueError: nothing in it, a shape that does not fit, an id out of range, NaN.
    """
    inputs = _as_array(inputs, "inputs", "fiu", "hold ids (whole numbers) or vectors (floats)")
    if inputs.size == 0:
        raise ValueError(f"inputs must have at least one step, but have shape {inputs.shape}")
    if inputs.dtype.kind in "iu":
        if inputs.ndim not in (1, 2):
            raise ValueError(
                f"inputs that are ids must have shape (T,) or (T, B), but have {inputs.shape}; "
                "vectors must be floats"
            )
        _check_ids(inputs, "inputs", num_inputs)
        return inputs
    if inputs.ndim not in (2, 3) or inputs.shape[-1] != num_inputs:
        raise ValueError(
            f"inputs that are vectors must have shape (T, {num_inputs}) or (T, B, {num_inputs}), "
            f"but have {inputs.shape}; ids must be whole numbers"
        )
    check_finite(inputs, "inputs")
    return inputs.astype(dtype, copy=False)


def as_state(state, name, shape, dtype):
    """Return a hidden state, zeros where none is given.

    Args:
        state: numbers of that shape, or None.
        name: the argument's name, for the message.
        shape: (H,) or (B, H).
        dtype: float32 or float64.

    Returns:
        array of that shape.

    Raises:
        TypeError: ``state`` does not hold real numbers.
        ValueError: another shape, NaN or infinite entries.
    """
    if state is None:
        return np.zeros(shape, dtype)
    return as_shaped(state, name, shape, dtype)


def as_shaped(values, name, shape, dtype):
    """Return finite numbers of a given shape.

    Args:
        values: numbers of that shape.
        name: the argument's name, for the message.
        shape: the shape.
        dtype: float32 or float64.

    Returns:
        array of that shape.

    Raises:
        TypeError: ``values`` are not real numbers.
        ValueError: another shape, NaN or infinite entries.
    """
    array = _as_array(values, name, "fiu", "hold real numbers")
    if array.shape != tuple(shape):
        raise ValueError(f"{name} must have shape {tuple(shape)}, but has {array.shape}")
    check_finite(array, name)
    return array.astype(dtype, copy=False)


def as_logits(logits):
    """Return logits as an array; whether they are finite is seen on the way to the loss.

    Args:
        logits: floating-point numbers (T, V) or (T, B, V).

    Returns:
        the same array.

    Raises:
        TypeError: ``logits`` are not floating-point numbers.
        ValueError: another number of dimensions, or nothing in them.
    """
    logits = _as_array(logits, "logits", "f", "hold floating-point numbers")
    if logits.ndim not in (2, 3) or logits.size == 0:
        raise ValueError(
            f"logits must have shape (T, V) or (T, B, V), none of them 0, but have {logits.shape}"
        )
    return logits


def as_targets(targets, shape, num_outputs):
    """Return the symbols that should have been predicted.

    Args:
        targets: whole numbers of that shape from 0 to V - 1.
        shape: (T,) or (T, B).
        num_outputs: V.

    Returns:
        array of that shape.

    Raises:
        TypeError: ``targets`` are not whole numbers.
        ValueError: another shape, or an id out of range.
    """
    targets = _as_array(targets, "targets", "iu", "hold ids (whole numbers)")
    if targets.shape != tuple(shape):
        raise ValueError(f"targets must have shape {tuple(shape)}, but have {targets.shape}")
    _check_ids(targets, "targets", num_outputs)
    return targets


def as_mask(mask, shape):
    """Return a mask of the losses.

    Args:
        mask: booleans of that shape, True where a loss counts, or None for all.
        shape: (T,) or (T, B).

    Returns:
        array of booleans of that shape, or None.

    Raises:
        TypeError: ``mask`` does not hold booleans.
        ValueError: another shape.
    """
    if mask is None:
        return None
    mask = _as_array(mask, "mask", "b", "hold booleans")
    if mask.shape != tuple(shape):
        raise ValueError(f"mask must have shape {tuple(shape)}, but has {mask.shape}")
    return mask


def _as_array(value, name, kinds, needed):
    try:
        array = np.asarray(value)
    except ValueError:
        raise TypeError(f"{name} must be an array, but its rows differ in length") from None
    if array.dtype.kind not in kinds and array.size:
        raise TypeError(f"{name} must {needed}, but has dtype {array.dtype}")
    return array


def _check_ids(ids, name, limit):
    if ids.size == 0:
        raise ValueError(f"{name} must have at least one step, but have shape {ids.shape}")
    lowest, highest = ids.min(), ids.max()
    if lowest < 0 or highest >= limit:
        wrong = lowest if lowest < 0 else highest
        raise ValueError(f"{name} must lie between 0 and {limit - 1}, but one of them is {wrong}")
