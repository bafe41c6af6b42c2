"""A GRU written by hand: the forward pass, and its gradients in one sweep back through time.

The network reads x_1 .. x_T and keeps a row of H numbers, the state h_t::

    r_t = sigmoid(x_t W_xr + h_{t-1} W_hr + b_r)                    reset gate
    z_t = sigmoid(x_t W_xz + h_{t-1} W_hz + b_z)                    update gate
    n_t =    tanh(x_t W_xn + b_n + r_t * (h_{t-1} W_hn + b_hn))     the new state
    h_t = z_t * h_{t-1} + (1 - z_t) * n_t                           logits: h_t W_hy + b_y

This is the convention of ``torch.nn.GRU``: z keeps the old state, and r acts after the product with
W_hn. (The published form has (r_t * h_{t-1}) W_hn. Some papers swap z and 1 - z.) The three stand
side by side, in the order r z n: W_xh = [W_xr W_xz W_xn] is (D, 3H), so that one product per step
serves all of them. Inputs, batch axis and precision are as in ``numpy_rnn``.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.numpy_gates import as_rows, draw_weights, mean_loss, sigmoid
from rnncourse.numpy_rnn_inputs import as_inputs, as_shaped, as_state, check_parameters
from rnncourse.numpy_rnn_lookup import gradient_of_input_weights, input_products


class Parameters(NamedTuple):
    """Weights and biases of the network, or the gradients of a loss with respect to them.

    Attributes:
        W_xh: (D, 3H) input to r z n; with ids, D is the size of the vocabulary.
        W_hh: (H, 3H) state to r z n.
        b_h: (3H,) biases of r z n.
        b_hn: (H,) bias of n that r acts on.
        W_hy: (H, V) state to logits.
        b_y: (V,) bias of the logits.
    """

    W_xh: np.ndarray
    W_hh: np.ndarray
    b_h: np.ndarray
    b_hn: np.ndarray
    W_hy: np.ndarray
    b_y: np.ndarray


class Forward(NamedTuple):
    """What a forward pass leaves behind; the backward pass needs all of it.

    Attributes:
        inputs: ids (T, B) or vectors (T, B, D), as they were given.
        states: (T + 1, B, H) h_0 .. h_T.
        gates: (T, B, 3H) the values of r z n at each step.
        recalled: (T, B, H) h_{t-1} W_hn + b_hn, what r_t acts on.
        logits: (T, B, V).
    """

    inputs: np.ndarray
    states: np.ndarray
    gates: np.ndarray
    recalled: np.ndarray
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
        Parameters: W_xh (D, 3H), W_hh (H, 3H), b_h (3H,), b_hn (H,), W_hy (H, V) and b_y (V,).

    Raises:
        TypeError: an argument that is not a number, another ``dtype``.
        ValueError: a size below 1, or a negative ``scale``.
    """
    sizes = hidden_size, 3
    W_xh, W_hh, W_hy = draw_weights(input_size, sizes, output_size, seed, scale, dtype)
    b_h, b_hn, b_y = (np.zeros(n, dtype) for n in (3 * hidden_size, hidden_size, output_size))
    return Parameters(W_xh, W_hh, b_h, b_hn, W_hy, b_y)


def forward(parameters, inputs, h0=None):
    """Run the network over a sequence, or over B sequences side by side.

    Args:
        parameters: Parameters.
        inputs: ids (T,) or (T, B), or vectors (T, D) or (T, B, D).
        h0: the state to begin with, (H,) or (B, H); None for zeros.

    Returns:
        Forward: inputs, states (T + 1, B, H), gates (T, B, 3H), recalled (T, B, H) and logits
        (T, B, V).

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: no step, shapes that do not fit, an id out of range, NaN.

    Source:
        Cho et al. (2014), Learning phrase representations using RNN encoder-decoder for statistical
        machine translation, arXiv:1406.1078; r after the product as in its first version.
    """
    check_parameters(parameters, num_gates=3)
    W_xh, W_hh, b_h, b_hn, W_hy, b_y = parameters
    inputs = as_inputs(inputs, len(W_xh), W_xh.dtype)
    gates = input_products(inputs, W_xh) + b_h  # (T, B, 3H), sums at first
    shape = (*gates.shape[:-1], len(W_hh))  # (T, B, H)
    states, recalled = np.empty((shape[0] + 1, *shape[1:]), W_xh.dtype), np.empty(shape, W_xh.dtype)
    states[0] = as_state(h0, "h0", shape[1:], W_xh.dtype)
    for t, sums in enumerate(gates):  # (B, 3H)
        r, z, n = np.split(sums, 3, axis=-1)  # (B, H) each, parts of gates[t]
        to_r, to_z, to_n = np.split(states[t] @ W_hh, 3, axis=-1)  # (B, H) each
        recalled[t] = to_n + b_hn
        r[...], z[...] = sigmoid(r + to_r), sigmoid(z + to_z)
        n[...] = np.tanh(n + r * recalled[t])
        states[t + 1] = z * states[t] + (1 - z) * n
    return Forward(inputs, states, gates, recalled, states[1:] @ W_hy + b_y)


def backward(parameters, result, d_logits, d_last=None):
    """Go back through time once: the gradients of all parameters and of the first state.

    h_{t-1} reaches h_t on four ways: straight through z_t, and through each of r, z and n.

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
    inputs, states, gates, recalled, logits = result
    d_logits = as_shaped(d_logits, "d_logits", logits.shape, states.dtype)
    d_h = as_state(d_last, "d_last", states.shape[1:], states.dtype)  # (B, H)
    d_hs = d_logits @ parameters.W_hy.T  # (T, B, H) through the logits of the same step
    d_sums = np.empty_like(gates)  # (T, B, 3H) with respect to x_t W_xh + b_h
    d_products = np.empty_like(gates)  # (T, B, 3H) with respect to h_{t-1} W_hh
    for t in reversed(range(len(gates))):
        r, z, n = np.split(gates[t], 3, axis=-1)  # (B, H) each
        d_h = d_h + d_hs[t]  # all ways into h_t
        d_n = d_h * (1 - z) * (1 - n**2)  # now of the sums inside tanh and sigmoid
        d_z = d_h * (states[t] - n) * z * (1 - z)
        d_r = d_n * recalled[t] * r * (1 - r)
        d_sums[t] = np.concatenate([d_r, d_z, d_n], axis=-1)
        d_products[t] = np.concatenate([d_r, d_z, d_n * r], axis=-1)
        d_h = d_h * z + d_products[t] @ parameters.W_hh.T
    d_rows, d_product_rows, d_logit_rows = map(as_rows, (d_sums, d_products, d_logits))
    before, after, H = as_rows(states[:-1]), as_rows(states[1:]), states.shape[-1]  # (T B, H)
    d_W_xh = gradient_of_input_weights(inputs, d_rows, len(parameters.W_xh))
    d_b_hn = d_product_rows[:, 2 * H :].sum(axis=0)
    into_state = d_W_xh, before.T @ d_product_rows, d_rows.sum(axis=0), d_b_hn
    return Parameters(*into_state, after.T @ d_logit_rows, d_logit_rows.sum(axis=0)), d_h


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
    loss, d_logits = mean_loss(result.logits, targets, mask)
    gradients, _ = backward(parameters, result, d_logits)
    return loss, gradients, result.states[-1]
