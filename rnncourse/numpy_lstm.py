"""An LSTM written by hand: the forward pass, and its gradients in one sweep back through time.

The network reads x_1 .. x_T and keeps two rows of H numbers: the state h_t and the cell c_t::

    i_t = sigmoid(x_t W_xi + h_{t-1} W_hi + b_i)        input gate
    f_t = sigmoid(x_t W_xf + h_{t-1} W_hf + b_f)        forget gate
    g_t =    tanh(x_t W_xg + h_{t-1} W_hg + b_g)        what could be written
    o_t = sigmoid(x_t W_xo + h_{t-1} W_ho + b_o)        output gate
    c_t = f_t * c_{t-1} + i_t * g_t
    h_t = o_t * tanh(c_t)                               logits: h_t W_hy + b_y

The four stand side by side, in the order i f g o: W_xh = [W_xi W_xf W_xg W_xo] is (D, 4H), so that
one product per step serves all of them. Inputs, batch axis and precision are as in ``numpy_rnn``.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.numpy_gates import as_rows, draw_weights, mean_loss, sigmoid
from rnncourse.numpy_rnn_inputs import as_inputs, as_shaped, as_state, check_parameters
from rnncourse.numpy_rnn_lookup import gradient_of_input_weights, input_products
from rnncourse.validate import as_real


class Parameters(NamedTuple):
    """Weights and biases of the network, or the gradients of a loss with respect to them.

    Attributes:
        W_xh: (D, 4H) input to i f g o; with ids, D is the size of the vocabulary.
        W_hh: (H, 4H) state to i f g o.
        b_h: (4H,) biases of i f g o.
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
        hs: (T + 1, B, H) h_0 .. h_T.
        cs: (T + 1, B, H) c_0 .. c_T.
        gates: (T, B, 4H) the values of i f g o at each step.
        logits: (T, B, V).
    """

    inputs: np.ndarray
    hs: np.ndarray
    cs: np.ndarray
    gates: np.ndarray
    logits: np.ndarray


def initialise(
    input_size, hidden_size, output_size, seed, scale=0.01, forget_bias=1.0, dtype=np.float64
):
    """Draw weights from a normal distribution; biases are 0, but for the forget gates.

    Args:
        input_size: D, the length of an input vector, or with ids the size of the vocabulary.
        hidden_size: H.
        output_size: V.
        seed: whole number or ``numpy.random.Generator``.
        scale: standard deviation of the weights, 0 or more.
        forget_bias: b_f; above 0 the cells keep more than half of their content at first.
        dtype: ``numpy.float64``, or ``numpy.float32`` for speed.

    Returns:
        Parameters: W_xh (D, 4H), W_hh (H, 4H), b_h (4H,), W_hy (H, V) and b_y (V,).

    Raises:
        TypeError: an argument that is not a number, another ``dtype``.
        ValueError: a size below 1, a negative ``scale``, or a bias that is not finite.
    """
    sizes = hidden_size, 4
    W_xh, W_hh, W_hy = draw_weights(input_size, sizes, output_size, seed, scale, dtype)
    b_h = np.zeros(W_hh.shape[1], dtype)  # (4H,)
    b_h[hidden_size : 2 * hidden_size] = as_real(forget_bias, "forget_bias")
    return Parameters(W_xh, W_hh, b_h, W_hy, np.zeros(output_size, dtype))


def lstm_step(projected, h, c, W_hh):
    """Compute one step.

    Args:
        projected: x_t W_xh + b_h, (..., 4H).
        h, c: the state before, (..., H) each.
        W_hh: (H, 4H).

    Returns:
        h_t and c_t, (..., H) each, and the values of i f g o, (..., 4H).

    Source:
        Gers, Schmidhuber & Cummins (2000), Learning to forget: continual prediction with LSTM.
    """
    i, f, g, o = np.split(projected + h @ W_hh, 4, axis=-1)  # (..., H) each
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c + i * g
    return o * np.tanh(c), c, np.concatenate([i, f, g, o], axis=-1)


def lstm_step_back(d_h, d_c, gates, c_before, c, W_hh):
    """Send the gradients of h_t and c_t one step back.

    Args:
        d_h, d_c: (..., H) gradients of h_t, and of c_t by way of later steps alone.
        gates: (..., 4H) values of i f g o.
        c_before, c: (..., H) the cells c_{t-1} and c_t.
        W_hh: (H, 4H).

    Returns:
        gradients of h_{t-1} and c_{t-1}, (..., H) each, and of the four sums, (..., 4H).
    """
    (i, f, g, o), tanh_c = np.split(gates, 4, axis=-1), np.tanh(c)  # (..., H) each
    d_c = d_c + d_h * o * (1 - tanh_c**2)  # all ways into c_t
    d_gates = d_c * g, d_c * c_before, d_c * i, d_h * tanh_c
    slopes = i * (1 - i), f * (1 - f), 1 - g**2, o * (1 - o)
    d_sums = np.concatenate([d * slope for d, slope in zip(d_gates, slopes, strict=True)], axis=-1)
    return d_sums @ W_hh.T, d_c * f, d_sums


def forward(parameters, inputs, state=None):
    """Run the network over a sequence, or over B sequences side by side.

    Args:
        parameters: Parameters.
        inputs: ids (T,) or (T, B), or vectors (T, D) or (T, B, D).
        state: pair (h_0, c_0) to begin with, each (H,) or (B, H); None for zeros.

    Returns:
        Forward: inputs, hs and cs (T + 1, B, H), gates (T, B, 4H) and logits (T, B, V).

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: no step, shapes that do not fit, an id out of range, NaN.

    Source:
        Hochreiter & Schmidhuber (1997), Long short-term memory, Neural Computation 9(8); with the
        forget gate of Gers, Schmidhuber & Cummins (2000), Learning to forget: continual prediction
        with LSTM, Neural Computation 12(10).
    """
    check_parameters(parameters, num_gates=4)
    W_xh, W_hh, b_h, W_hy, b_y = parameters
    inputs = as_inputs(inputs, len(W_xh), W_xh.dtype)
    gates = input_products(inputs, W_xh) + b_h  # (T, B, 4H), sums at first
    shape = (*gates.shape[1:-1], len(W_hh))  # (B, H)
    hs, cs = (np.empty((len(gates) + 1, *shape), W_xh.dtype) for _ in "hc")  # (T + 1, B, H)
    hs[0], cs[0] = as_pair(state, "state", shape, W_xh.dtype)
    for t, projected in enumerate(gates):  # (B, 4H)
        hs[t + 1], cs[t + 1], gates[t] = lstm_step(projected, hs[t], cs[t], W_hh)
    return Forward(inputs, hs, cs, gates, hs[1:] @ W_hy + b_y)


def backward(parameters, result, d_logits, d_last=None):
    """Go back through time once: the gradients of all parameters and of the first state.

    Two gradients travel back, that of h and that of c. Nothing is cut off on the way: h_{t-1}
    reaches the loss through all four gates.

    Args:
        parameters, result: Parameters, and what ``forward`` returned for them.
        d_logits: (T, B, V) gradient of the loss with respect to the logits.
        d_last: pair of gradients (B, H) that reach the last h and c from later steps; None for
            zeros.

    Returns:
        gradients (Parameters), and the pair of gradients (B, H) of h_0 and c_0.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, shapes that do not fit, NaN.

    Source:
        Graves & Schmidhuber (2005), Framewise phoneme classification with bidirectional LSTM and
        other neural network architectures, Neural Networks 18, for the whole gradient. The papers
        of 1997 and 2000 cut it off where it enters a gate.
    """
    inputs, hs, cs, gates, logits = result
    d_logits = as_shaped(d_logits, "d_logits", logits.shape, hs.dtype)
    d_h, d_c = as_pair(d_last, "d_last", hs.shape[1:], hs.dtype)  # (B, H) each
    d_hs = d_logits @ parameters.W_hy.T  # (T, B, H) through the logits of the same step
    d_sums = np.empty_like(gates)  # (T, B, 4H)
    for t in reversed(range(len(gates))):
        d_h = d_h + d_hs[t]  # all ways into h_t
        d_h, d_c, d_sums[t] = lstm_step_back(d_h, d_c, gates[t], *cs[t : t + 2], parameters.W_hh)
    d_rows, d_logit_rows = as_rows(d_sums), as_rows(d_logits)  # (T B, ...)
    d_W_xh = gradient_of_input_weights(inputs, d_rows, len(parameters.W_xh))
    into_state = d_W_xh, as_rows(hs[:-1]).T @ d_rows, d_rows.sum(axis=0)
    out_of_state = as_rows(hs[1:]).T @ d_logit_rows, d_logit_rows.sum(axis=0)
    return Parameters(*into_state, *out_of_state), (d_h, d_c)


def loss_and_gradients(parameters, inputs, targets, state=None, mask=None):
    """Compute the mean loss of a batch, its gradients and the state to carry on with.

    Args:
        parameters: Parameters.
        inputs: ids (T,) or (T, B), or vectors (T, D) or (T, B, D).
        targets: (T,) or (T, B) whole numbers from 0 to V - 1.
        state: pair (h_0, c_0) to begin with, each (H,) or (B, H); None for zeros.
        mask: booleans (T,) or (T, B), True where a loss counts; None for all.

    Returns:
        loss (float) in nats per symbol that counts, its gradients (Parameters), and the last
        state (h_T, c_T), each (H,) or (B, H).

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: shapes that do not fit, ids out of range, NaN, or a mask without a True.
    """
    result = forward(parameters, inputs, state)
    loss, d_logits = mean_loss(result.logits, targets, mask)
    gradients, _ = backward(parameters, result, d_logits)
    return loss, gradients, (result.hs[-1], result.cs[-1])


def as_pair(state, name, shape, dtype):
    """Return a state (h, c), zeros where none is given.

    Args:
        state: pair of numbers of that shape, or None.
        name: the argument's name, for the message.
        shape: (H,) or (B, H).
        dtype: float32 or float64.

    Returns:
        tuple of two arrays of that shape.

    Raises:
        TypeError: ``state`` is no pair, or does not hold real numbers.
        ValueError: another shape, NaN or infinite entries.
    """
    if state is not None and (not isinstance(state, (tuple, list)) or len(state) != 2):
        raise TypeError(f"{name} must be a pair (h, c), but is {type(state).__name__}")
    h, c = (None, None) if state is None else state
    return as_state(h, f"h of {name}", shape, dtype), as_state(c, f"c of {name}", shape, dtype)
