"""Slower ways to the gradients, each a reading of the formula, for comparison with one sweep.

A loss E_t reaches W_hh through every earlier state. Summed over where the weight was used,

    dE_t/dW_hh = sum_k  dE_t/dh_t  dh_t/dh_k  d+h_k/dW_hh,      dh_t/dh_k = J_{k+1} ... J_t,

where d+h_k is the *immediate* derivative: h_{k-1} is held fixed, for its own dependence on W_hh
is the business of the terms with smaller k. Vectors are rows, so the Jacobian J_t has the entries
J_t[i, j] = dh_t[j] / dh_{t-1}[i], and a gradient goes one step back as ``d_h @ J_t.T``.
"""

import numpy as np

from rnncourse.numpy_rnn import Parameters, backward, cross_entropy, forward
from rnncourse.numpy_rnn_inputs import as_shaped
from rnncourse.validate import as_integer


def truncated_backward(parameters, result, d_logits, window):
    """Follow the loss of every step back through a number of states: the double loop.

    Args:
        parameters: Parameters.
        result: what ``forward`` returned for these parameters.
        d_logits: (T, B, V) gradient of the loss.
        window: how many states the loss of a step reaches, its own counted; 1 or more. With T or
            more nothing is cut off, and the gradients are those of ``backward``.

    Returns:
        gradients (Parameters) and the gradient (B, H) of h_0, as far as the window reaches.

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: shapes that do not fit, NaN, or a window below 1.

    Source:
        Williams & Peng (1990), An efficient gradient-based algorithm for on-line training of
        recurrent network trajectories, Neural Computation 2(4).
    """
    inputs, states, logits = result
    d_logits = as_shaped(d_logits, "d_logits", logits.shape, states.dtype)
    window = as_integer(window, "window", minimum=1)
    gradients, d_h0 = Parameters(*map(np.zeros_like, parameters)), np.zeros_like(states[0])
    for t in range(len(d_logits)):
        gradients.W_hy[...] += _outer(states[t + 1], d_logits[t])
        gradients.b_y[...] += _rows(d_logits[t]).sum(axis=0)
        d_h = d_logits[t] @ parameters.W_hy.T  # (B, H)
        for k in range(t, max(t - window, -1), -1):
            d_sum = d_h * (1 - states[k + 1] ** 2)  # (B, H)
            _add_input_gradient(gradients.W_xh, inputs[k], d_sum)
            gradients.W_hh[...] += _outer(states[k], d_sum)
            gradients.b_h[...] += _rows(d_sum).sum(axis=0)
            d_h = d_sum @ parameters.W_hh.T  # (B, H)
        if t < window:
            d_h0 += d_h
    return gradients, d_h0


def state_jacobians(parameters, result):
    """Compute the Jacobian of every state with respect to the state before it.

    Args:
        parameters: Parameters.
        result: what ``forward`` returned for a single sequence.

    Returns:
        (T, H, H); entry (t, i, j) is the derivative of h_t[j] with respect to h_{t-1}[i].

    Raises:
        ValueError: the sequence has a batch axis.
    """
    hs = _single(result).states[1:]  # (T, H)
    return parameters.W_hh * (1 - hs[:, None, :] ** 2)


def immediate_derivatives(result):
    """Compute the derivative of every state with respect to W_hh, the state before it held fixed.

    Args:
        result: what ``forward`` returned for a single sequence.

    Returns:
        (T, H, H, H); entry (t, i, l, j) is the immediate derivative of h_t[j] with respect to
        W_hh[i, l]: h_{t-1}[i] (1 - h_t[j]^2) where l = j, and 0 elsewhere.

    Raises:
        ValueError: the sequence has a batch axis.
    """
    states = _single(result).states  # (T + 1, H)
    slopes = 1 - states[1:] ** 2  # (T, H)
    diagonal = np.eye(slopes.shape[1], dtype=states.dtype) * slopes[:, None, :]  # (T, H, H)
    return states[:-1, :, None, None] * diagonal[:, None]


def gradient_by_formula(parameters, result, d_logits, derivatives):
    """Evaluate the formula at the head of this module, product by product.

    Args:
        parameters: Parameters.
        result: what ``forward`` returned for a single sequence.
        d_logits: (T, V) gradient of the sum of the losses.
        derivatives: (T, H, H, H) what to put in for d+h_k/dW_hh. Right are
            ``immediate_derivatives(result)``; total derivatives count most terms several times.

    Returns:
        (T, H, H) gradient of each loss with respect to W_hh; their sum is that of the whole loss.

    Raises:
        TypeError: an argument does not hold numbers.
        ValueError: a batch axis, or shapes that do not fit.
    """
    _, states, logits = _single(result)
    d_logits = as_shaped(d_logits, "d_logits", logits.shape, states.dtype)
    length, size = states[1:].shape
    shape = (length, size, size, size)
    derivatives = as_shaped(derivatives, "derivatives", shape, states.dtype)
    jacobians = state_jacobians(parameters, result)  # (T, H, H)
    gradients = np.zeros(shape[:3], states.dtype)  # (T, H, H)
    for t in range(length):
        d_h = d_logits[t] @ parameters.W_hy.T  # (H,)
        product = np.eye(size, dtype=states.dtype)  # (H, H), dh_t/dh_k
        for k in range(t, -1, -1):
            gradients[t] += derivatives[k] @ (product @ d_h)
            product = jacobians[k] @ product
    return gradients


def checkpointed_gradients(parameters, inputs, targets, segment, h0=None):
    """Compute the gradients of the mean loss, keeping only the state before each segment.

    The states inside a segment are computed a second time when the backward pass arrives there:
    T / segment + segment states in memory instead of T, for one more forward pass.

    Args:
        parameters: Parameters.
        inputs: ids (T,) or (T, B), or vectors (T, D) or (T, B, D).
        targets: (T,) or (T, B) whole numbers from 0 to V - 1.
        segment: number of steps in a segment, 1 or more; memory is least near the root of T.
        h0: the state to begin with, (H,) or (B, H); None for zeros.

    Returns:
        loss (float) in nats per symbol, and its gradients (Parameters).

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: no step, shapes that do not fit, an id out of range, NaN.

    Source:
        Griewank (1992), Achieving logarithmic growth of temporal and spatial complexity in
        reverse automatic differentiation, Optimization Methods and Software 1; here with one
        level of checkpoints.
    """
    segment = as_integer(segment, "segment", minimum=1)
    inputs, targets = np.asarray(inputs), np.asarray(targets)
    if len(targets) != len(inputs) or len(inputs) == 0:
        raise ValueError(f"targets must be as long as inputs, {len(inputs)} > 0: {len(targets)}")
    pieces = [slice(start, start + segment) for start in range(0, len(inputs), segment)]
    checkpoints = [h0]
    for piece in pieces[:-1]:
        checkpoints.append(forward(parameters, inputs[piece], checkpoints[-1]).states[-1].copy())
    total, loss, d_last = Parameters(*map(np.zeros_like, parameters)), 0.0, None
    for piece, start in zip(reversed(pieces), reversed(checkpoints), strict=True):
        result = forward(parameters, inputs[piece], start)
        losses, d_logits = cross_entropy(result.logits, targets[piece])
        gradients, d_last = backward(parameters, result, d_logits / targets.size, d_last)
        total = Parameters(*map(np.add, total, gradients))
        loss += float(losses.sum()) / targets.size
    return loss, total


def _single(result):
    if result.states.ndim != 2:
        raise ValueError(
            f"result must be of one sequence without a batch axis, but its states have shape "
            f"{result.states.shape}"
        )
    return result


def _rows(array):
    return array.reshape(-1, array.shape[-1])


def _outer(left, right):
    return _rows(left).T @ _rows(right)


def _add_input_gradient(gradient, x, d_sum):
    if x.dtype.kind in "iu":
        np.add.at(gradient, x, d_sum)
    else:
        gradient += _outer(x, d_sum)
