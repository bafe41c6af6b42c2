"""A recurrent network written by hand: the forward pass, the loss and its gradients in one sweep.

The network reads x_1 .. x_T and keeps a hidden state h_t, a row of H numbers::

    h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)        o_t = h_t W_hy + b_y

The logits o_t become probabilities of V symbols by a softmax. Inputs are *ids*, whole numbers
(T,) or (T, B), of which each picks its row of W_xh (the product with a one-hot vector does no
more), or *vectors*, floating-point numbers (T, D) or (T, B, D). Without the batch axis B, a state
is (H,); with it, (B, H). All arithmetic is done in the precision of the parameters.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.numpy_rnn_inputs import (
    as_inputs,
    as_logits,
    as_mask,
    as_shaped,
    as_state,
    as_targets,
    check_parameters,
)
from rnncourse.numpy_rnn_lookup import gradient_of_input_weights, input_products
from rnncourse.validate import as_generator, as_integer, as_real


class Parameters(NamedTuple):
    """Weights and biases of the network, or the gradients of a loss with respect to them.

    Attributes:
        W_xh: (D, H) input to state; with ids, D is the size of the vocabulary.
        W_hh: (H, H) state to state.
        b_h: (H,) bias of the state.
        W_hy: (H, V) state to logits.
        b_y: (V,) bias of the logits.
    """

    W_xh: np.ndarray
    W_hh: np.ndarray
    b_h: np.ndarray
    W_hy: np.ndarray
    b_y: np.ndarray


class Forward(NamedTuple):
    """What a forward pass leaves behind; the backward pass needs all of it.

    Attributes:
        inputs: ids (T, B) or vectors (T, B, D), as they were given.
        states: (T + 1, B, H) the state before each step, and the last one: ``states[0]`` is h_0,
            ``states[1:]`` are h_1 .. h_T, ``states[-1]`` is the state to carry on with.
        logits: (T, B, V).
    """

    inputs: np.ndarray
    states: np.ndarray
    logits: np.ndarray


def initialise(input_size, hidden_size, output_size, seed, scale=0.01, dtype=np.float64):
    """Draw weights from a normal distribution and set the biases to 0.

    Args:
        input_size: D, the length of an input vector, or with ids the size of the vocabulary.
        hidden_size: H.
        output_size: V.
        seed: whole number or ``numpy.random.Generator``.
        scale: standard deviation of the weights, 0 or more.
        dtype: ``numpy.float64``, or ``numpy.float32`` for speed.

    Returns:
        Parameters: W_xh (D, H), W_hh (H, H), b_h (H,), W_hy (H, V) and b_y (V,).

    Raises:
        TypeError: a size, ``scale`` or ``seed`` that is not a number, another ``dtype``.
        ValueError: a size below 1, or a negative ``scale``.
    """
    D = as_integer(input_size, "input_size", minimum=1)
    H = as_integer(hidden_size, "hidden_size", minimum=1)
    V = as_integer(output_size, "output_size", minimum=1)
    scale, generator = as_real(scale, "scale", minimum=0), as_generator(seed)
    if dtype not in (np.float32, np.float64):
        raise TypeError(f"dtype must be numpy.float32 or numpy.float64, but is {dtype!r}")
    W_xh, W_hh, W_hy = (
        (scale * generator.standard_normal(shape)).astype(dtype)
        for shape in [(D, H), (H, H), (H, V)]
    )
    return Parameters(W_xh, W_hh, np.zeros(H, dtype), W_hy, np.zeros(V, dtype))


def forward(parameters, inputs, h0=None):
    """Run the network over a sequence, or over B sequences side by side.

    Args:
        parameters: Parameters.
        inputs: ids (T,) or (T, B), or vectors (T, D) or (T, B, D).
        h0: the state to begin with, (H,) or (B, H); None for zeros.

    Returns:
        Forward: inputs, states (T + 1, B, H) and logits (T, B, V).

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: no step, shapes that do not fit, an id out of range, NaN.

    Source:
        Elman (1990), Finding structure in time, Cognitive Science 14.
    """
    check_parameters(parameters)
    W_xh, W_hh, b_h, W_hy, b_y = parameters
    inputs = as_inputs(inputs, len(W_xh), W_xh.dtype)
    from_inputs = input_products(inputs, W_xh)  # (T, B, H)
    h0 = as_state(h0, "h0", from_inputs.shape[1:], W_xh.dtype)  # (B, H)
    states = np.concatenate([h0[None], from_inputs + b_h])  # (T + 1, B, H)
    for t in range(1, len(states)):
        states[t] = np.tanh(states[t] + states[t - 1] @ W_hh)
    return Forward(inputs, states, states[1:] @ W_hy + b_y)


def cross_entropy(logits, targets, mask=None):
    """Compute the loss of every step, -log p(target), and the gradient of their sum.

    The largest logit of each step is subtracted first: the probabilities stay the same, and no
    exponential overflows.

    Args:
        logits: (T, V) or (T, B, V).
        targets: (T,) or (T, B) whole numbers from 0 to V - 1.
        mask: booleans (T,) or (T, B), True where a loss counts; None for all.

    Returns:
        losses (T, B) in nats, 0 where the mask is False, and the gradient of their sum with
        respect to the logits (T, B, V): probabilities minus one-hot targets.

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: shapes that do not fit, a target out of range, logits that are not finite.
    """
    logits = as_logits(logits)
    targets = as_targets(targets, logits.shape[:-1], logits.shape[-1])
    mask = as_mask(mask, targets.shape)
    rows = logits.reshape(-1, logits.shape[-1])  # (T B, V)
    at_targets = np.arange(len(rows)), targets.ravel()
    largest, chosen = rows.max(axis=1), rows[at_targets]  # (T B,), (T B,)
    if not np.isfinite(largest + chosen).all():
        raise ValueError("logits must be finite, but some are NaN or infinite")
    probabilities = np.exp(rows - largest[:, None])  # (T B, V), not yet divided by their sums
    totals = probabilities.sum(axis=1)  # (T B,)
    losses = np.log(totals) - (chosen - largest)  # (T B,)
    probabilities /= totals[:, None]
    probabilities[at_targets] -= 1  # from here on the gradient
    if mask is not None:
        losses *= mask.ravel()
        probabilities *= mask.reshape(-1, 1)
    return losses.reshape(targets.shape), probabilities.reshape(logits.shape)


def backward(parameters, result, d_logits, d_last=None):
    """Go back through time once: the gradients of all parameters and of the first state.

    Args:
        parameters, result: Parameters, and what ``forward`` returned for them.
        d_logits: (T, B, V) gradient of the loss with respect to the logits.
        d_last: (B, H) gradient that reaches the last state from later steps; None for zeros.

    Returns:
        gradients (Parameters) and the gradient (B, H) of h_0.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shapes that do not fit, NaN.

    Source:
        Werbos (1990), Backpropagation through time, Proceedings of the IEEE 78(10).
    """
    inputs, states, logits = result
    d_logits = as_shaped(d_logits, "d_logits", logits.shape, states.dtype)
    d_carried = as_state(d_last, "d_last", states.shape[1:], states.dtype)  # (B, H)
    d_hs = d_logits @ parameters.W_hy.T  # (T, B, H) through the logits of the same step
    for t in reversed(range(len(d_hs))):
        d_hs[t] += d_carried  # through all later steps
        d_hs[t] *= 1 - states[t + 1] ** 2  # now the gradient of the sum inside tanh
        d_carried = d_hs[t] @ parameters.W_hh.T  # (B, H)
    arrays = states[:-1], states[1:], d_hs, d_logits  # now time and batch become one axis
    before, hs, d_sums, d_rows = (a.reshape(-1, a.shape[-1]) for a in arrays)  # (T B, ...)
    d_W_xh = gradient_of_input_weights(inputs, d_sums, len(parameters.W_xh))
    into_state = d_W_xh, before.T @ d_sums, d_sums.sum(axis=0)
    return Parameters(*into_state, hs.T @ d_rows, d_rows.sum(axis=0)), d_carried


def loss_and_gradients(parameters, inputs, targets, h0=None, mask=None):
    """Compute the mean loss of a batch, its gradients and the state to carry on with.

    Args:
        parameters: Parameters.
        inputs: ids (T,) or (T, B), or vectors (T, D) or (T, B, D).
        targets: (T,) or (T, B) whole numbers from 0 to V - 1.
        h0: the state to begin with, (H,) or (B, H); None for zeros.
        mask: booleans (T,) or (T, B), True where a loss counts; None for all.

    Returns:
        loss (float) in nats per symbol that counts, its gradients (Parameters), and the last
        state (H,) or (B, H).

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: shapes that do not fit, ids out of range, NaN, or a mask without a True.
    """
    result = forward(parameters, inputs, h0)
    losses, d_logits = cross_entropy(result.logits, targets, mask)
    count = losses.size if mask is None else np.count_nonzero(mask)
    if count == 0:
        raise ValueError("mask must be True somewhere, but leaves no loss to count")
    gradients, _ = backward(parameters, result, d_logits / count)
    return float(losses.sum() / count), gradients, result.states[-1]
