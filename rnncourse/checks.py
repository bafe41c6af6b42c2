"""What the check cells of the exercises call: a wrong answer is told what is probably wrong.

Every check raises AssertionError. Arrays may be NumPy arrays, lists or torch tensors.
"""

import numpy as np

from rnncourse.diagnosis import guess_shape, guess_values, same


def check_shape(value, shape, name):
    """Check the shape of an array.

    Args:
        value: array of any shape.
        shape: the expected shape, a tuple of int; None stands for any length.
        name: what the array is called in the message.

    Raises:
        AssertionError: the shape differs; the message guesses why.
    """
    found, wanted = _numpy(value, name).shape, tuple(shape)
    fits = (w in (None, f) for f, w in zip(found, wanted, strict=False))
    if len(found) != len(wanted) or not all(fits):
        guess = guess_shape(found, wanted)
        raise AssertionError(f"{name} has shape {found}, but should have shape {wanted}{guess}")


def check_close(value, expected, name, tolerance=1e-8, hint=""):
    """Check that numbers are what they should be.

    Args:
        value: array of any shape, or a number.
        expected: what it should be, of the same shape.
        name: what the array is called in the message.
        tolerance: allowed difference, relative to the largest expected number.
        hint: a sentence that ends the message, for a mistake that this exercise invites.

    Raises:
        AssertionError: shape or values differ; the message says how they are related.
    """
    value, expected = _numpy(value, name), _numpy(expected, "expected")
    if same(value, expected, tolerance):
        return
    hint = f". {hint}" if hint else ""
    guess = guess_values(value, expected, max(tolerance, 1e-9))
    if value.shape != expected.shape:
        text = f"{name} has shape {value.shape}, but should have shape {expected.shape}"
        raise AssertionError(f"{text}{guess}{hint}")
    if not np.isfinite(value).all():
        bad = value.size - np.isfinite(value).sum()
        raise AssertionError(f"{name}: {bad} of {value.size} values are NaN or infinite{hint}")
    worst = np.unravel_index(np.argmax(np.abs(value - expected)), value.shape)
    where = f"[{', '.join(map(str, worst))}]" if value.ndim else ""
    text = f"{name}{where} is {value[worst]:.6g}, but should be {expected[worst]:.6g}"
    raise AssertionError(f"{text}{guess}{hint}")


def check_gradient(function, gradient, at, name="gradient", tolerance=1e-6, step=1e-5):
    """Check a gradient against central differences in float64.

    Args:
        function: takes an array like ``at`` and returns one number.
        gradient: the gradient at ``at``, or a function that returns it.
        at: where to check, array of any shape.
        name: what the gradient is called in the message.
        tolerance: allowed difference, relative to the largest entry of the gradient.
        step: distance of the differences from ``at``.

    Raises:
        AssertionError: the gradient is not the derivative of ``function``.
    """
    at = np.array(_numpy(at, "at"), dtype=np.float64)
    found = gradient(at.copy()) if callable(gradient) else gradient
    numerical = np.empty_like(at)
    for index in np.ndindex(at.shape):
        low, high = at.copy(), at.copy()
        low[index] -= step
        high[index] += step
        numerical[index] = (float(function(high)) - float(function(low))) / (2 * step)
    check_close(found, numerical, name, tolerance, "Compared with central differences")


def check_causal(function, inputs, name="function", strict=False, tolerance=1e-6):
    """Check that changing the future does not move the past.

    Args:
        function: takes inputs (T, ...) and returns outputs (T, ...), the same on every call.
        inputs: array or tensor (T, ...); whole numbers are changed within their range.
        name: what the function is called in the message.
        strict: whether the output at t predicts the input at t, so may use earlier ones only.
        tolerance: how much an output may move, relative to the largest.

    Raises:
        AssertionError: an output depends on an input that comes too late for it.
    """
    outputs = _numpy(function(_copy(inputs)), f"the output of {name}")
    if not same(_numpy(function(_copy(inputs)), name), outputs, tolerance):
        raise AssertionError(f"{name} returns something else when it is called a second time")
    other = _changed(inputs)
    for t in range(1, len(inputs)):
        changed = _copy(inputs)
        changed[t:] = other[t:]
        moved = _numpy(function(changed), name)
        steps = [s for s in range(t) if not same(moved[s], outputs[s], tolerance)]
        if steps:
            how = f"changing the inputs from step {t} on moves the output at step {steps[0]}"
            raise AssertionError(f"{name} looks into the future: {how}")
    for t in range(len(inputs) if strict else 0):
        changed = _copy(inputs)
        changed[t] = other[t]
        if not same(_numpy(function(changed), name)[t], outputs[t], tolerance):
            raise AssertionError(
                f"{name}: the output at step {t} uses the input at step {t} itself: you predict "
                "x_t from x_t; the target is one step later"
            )


def check_padding(loss, arrays, mask, name="loss", extra=3, tolerance=1e-6):
    """Check that padding does not change a loss.

    Args:
        loss: called as ``loss(*arrays, mask)``, returns one number.
        arrays: list of arrays (T, B, ...), such as predictions and targets.
        mask: booleans (T, B), True where a value is real.
        name: what the loss is called in the message.
        extra: how many more steps of padding to append.
        tolerance: allowed relative change.

    Raises:
        AssertionError: the loss depends on the padding; the message says in which way.
    """
    mask = _numpy(mask, "mask").astype(bool)
    arrays = [_numpy(array, "arrays") for array in arrays]
    before = float(loss(*[array.copy() for array in arrays], mask.copy()))
    filled = [array.copy() for array in arrays]
    for array in filled:
        array[~mask] = _changed(array)[~mask]
    after = float(loss(*filled, mask.copy()))
    if not same(after, before, tolerance):
        raise AssertionError(
            f"{name} changes from {before:.6g} to {after:.6g} with what stands in the padded "
            "places: leave those out before you add up"
        )
    longer = [np.concatenate([array, array[:1].repeat(extra, axis=0)]) for array in arrays]
    longer_mask = np.concatenate([mask, np.zeros((extra, mask.shape[1]), dtype=bool)])
    after = float(loss(*longer, longer_mask))
    if not same(after, before, tolerance):
        raise AssertionError(
            f"{name} changes from {before:.6g} to {after:.6g} when {extra} more steps of padding "
            "are appended: divide by the number of real steps (the sum of the mask), not by the "
            "number of all steps"
        )


def check_carried_state(run, inputs, at=None, name="run", tolerance=1e-6):
    """Check that two halves with the carried state equal the whole.

    Args:
        run: called as ``run(inputs, state)``, returns outputs (T, ...) and the last state;
            ``state`` is None at the start, and an array or a tuple of arrays later.
        inputs: array or tensor (T, ...), T at least 2.
        at: where to cut, or None for the middle.
        name: what the function is called in the message.
        tolerance: allowed difference, relative to the largest output.

    Raises:
        AssertionError: the halves differ from the whole.
    """
    at = len(inputs) // 2 if at is None else at
    whole, last = run(inputs, None)
    first, state = run(inputs[:at], None)
    second, final = run(inputs[at:], state)
    fresh, _ = run(inputs[at:], None)
    whole, first, second, fresh = (_numpy(x, name) for x in (whole, first, second, fresh))
    if not same(first, whole[:at], tolerance):
        raise AssertionError(f"{name}: the outputs of the first half depend on the second half")
    if not same(second, whole[at:], tolerance):
        why = "the carried state does not continue the first half"
        if same(second, fresh, tolerance):
            why = "the second half starts from the zero state again: the carried state is not used"
        raise AssertionError(f"{name}: {why}")
    pairs = zip(_parts(final), _parts(last), strict=True)
    if not all(same(_numpy(a, name), _numpy(b, name), tolerance) for a, b in pairs):
        raise AssertionError(f"{name}: the state after both halves is not that after the whole")


def check_distribution(p, name="p", axis=-1, tolerance=1e-6):
    """Check that numbers are probabilities: not negative, and 1 in total.

    Args:
        p: array of any shape.
        name: what the array is called in the message.
        axis: the axis along which the probabilities must sum to 1.
        tolerance: allowed difference of a sum from 1.

    Raises:
        AssertionError: ``p`` is no distribution along ``axis``; the message guesses why.
    """
    p = _numpy(p, name)

    def sums_to_one(array, axis):
        return bool(np.abs(array.sum(axis=axis) - 1).max() <= tolerance)

    if not np.isfinite(p).all():
        raise AssertionError(f"{name} holds NaN or infinite values")
    if p.min() < 0:
        logs = ": these are logarithms" if p.max() <= 0 and sums_to_one(np.exp(p), axis) else ""
        raise AssertionError(f"{name} holds negative values, the smallest is {p.min():.6g}{logs}")
    if sums_to_one(p, axis):
        return
    sums, guess = p.sum(axis=axis), ""
    others = [k for k in range(p.ndim) if k != axis % p.ndim and sums_to_one(p, k)]
    if others:
        guess = f", but along axis {others[0]}: transposed"
    elif p.ndim > 1 and sums_to_one(p, None):
        guess = ", but all of them together do: a joint distribution, not a conditional one"
    found = f"sums from {sums.min():.6g} to {sums.max():.6g}"
    raise AssertionError(f"{name} does not sum to 1 along axis {axis} ({found}){guess}")


def _numpy(value, name):
    """Turn an answer into an array, or say that there is none."""
    if value is None:
        raise AssertionError(f"{name} is None: does your function return its result?")
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise AssertionError(f"{name} must hold numbers, but is {value!r:.80}")
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _copy(inputs):
    return inputs.clone() if hasattr(inputs, "clone") else np.array(inputs)


def _changed(inputs):
    """Return other inputs: every entry differs, and whole numbers stay within their range."""
    array = _numpy(inputs, "inputs")
    if array.dtype.kind == "b":
        return ~inputs
    if array.dtype.kind == "f" or array.min() == array.max():
        return inputs + 1
    low, high = int(array.min()), int(array.max())
    return (inputs - low + 1) % (high - low + 1) + low


def _parts(state):
    return state if isinstance(state, (tuple, list)) else (state,)
