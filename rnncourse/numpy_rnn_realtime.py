"""Real-time recurrent learning: gradients that travel forwards with the states.

Beside the state h_t goes its *sensitivity* S_t, the derivative of h_t with respect to every weight
that led to it. No past is stored, so a sequence need never end; but S_t holds (D + H + 1) H^2
numbers, and one step costs (D + H + 1) H^3 multiplications, where backpropagation through time
costs about (D + H) H.
"""

import numpy as np

from rnncourse.numpy_rnn import Parameters, cross_entropy
from rnncourse.numpy_rnn_inputs import as_inputs, as_state, as_targets, check_parameters


def sensitivities(parameters, inputs, h0=None):
    """Run the network over one sequence, each state with its total derivative.

    Args:
        parameters: Parameters.
        inputs: ids (T,) or vectors (T, D).
        h0: (H,) the state to begin with, which depends on no weight; None for zeros.

    Yields:
        for each step the state h_t (H,) and its sensitivity S_t (D + H + 1, H, H); entry
        (i, l, j) is the derivative of h_t[j] with respect to the weight that leads from what is
        read to unit l. What is read are the D numbers of x_t (W_xh), the H of h_{t-1} (W_hh) and
        a constant 1 (b_h), in this order.

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: no step, a batch axis, shapes that do not fit, an id out of range, NaN.

    Source:
        Williams & Zipser (1989), A learning algorithm for continually running fully recurrent
        neural networks, Neural Computation 1(2).
    """
    check_parameters(parameters)
    W_xh, W_hh, b_h, _, _ = parameters
    (num_inputs, size), dtype = W_xh.shape, W_xh.dtype
    xs = _as_single_vectors(as_inputs(inputs, num_inputs, dtype), num_inputs, dtype)  # (T, D)
    h = as_state(h0, "h0", (size,), dtype)  # (H,)
    sensitivity = np.zeros((num_inputs + size + 1, size, size), dtype)  # (D + H + 1, H, H)
    units = np.arange(size)
    for x in xs:
        read = np.concatenate([x, h, np.ones(1, dtype)])  # (D + H + 1,)
        h = np.tanh(x @ W_xh + h @ W_hh + b_h)  # (H,)
        sensitivity = sensitivity @ W_hh  # through the state before
        sensitivity[:, units, units] += read[:, None]  # immediate
        sensitivity *= 1 - h**2
        yield h, sensitivity


def real_time_recurrent_learning(parameters, inputs, targets, h0=None):
    """Compute the losses of one sequence and the gradients of their sum, without going back.

    Args:
        parameters: Parameters.
        inputs: ids (T,) or vectors (T, D).
        targets: (T,) whole numbers from 0 to V - 1.
        h0: (H,) the state to begin with; None for zeros.

    Returns:
        losses (T,) in nats, gradients (Parameters) of their sum, and the last state (H,).

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: no step, a batch axis, shapes that do not fit, ids out of range, NaN.

    Source:
        Williams & Zipser (1989), A learning algorithm for continually running fully recurrent
        neural networks, Neural Computation 1(2).
    """
    check_parameters(parameters)
    num_inputs, size = parameters.W_xh.shape
    targets = as_targets(targets, (len(inputs),), len(parameters.b_y))
    into_states = np.zeros((num_inputs + size + 1, size), parameters.W_xh.dtype)
    d_W_hy, d_b_y = np.zeros_like(parameters.W_hy), np.zeros_like(parameters.b_y)
    losses = []
    for t, (h, sensitivity) in enumerate(sensitivities(parameters, inputs, h0)):
        logits = h @ parameters.W_hy + parameters.b_y  # (V,)
        loss, d_logits = cross_entropy(logits[None], targets[t : t + 1])  # (1,), (1, V)
        d_W_hy += np.outer(h, d_logits)
        d_b_y += d_logits[0]
        into_states += sensitivity @ (parameters.W_hy @ d_logits[0])  # (D + H + 1, H)
        losses.append(loss[0])
    d_W_xh, d_W_hh = into_states[:num_inputs], into_states[num_inputs:-1]
    gradients = Parameters(d_W_xh, d_W_hh, into_states[-1], d_W_hy, d_b_y)
    return np.array(losses), gradients, h


def _as_single_vectors(inputs, num_inputs, dtype):
    """Return inputs of one sequence as vectors (T, D), ids as one-hot rows."""
    is_ids = inputs.dtype.kind in "iu"
    if inputs.ndim != (1 if is_ids else 2):
        raise ValueError(
            f"inputs must be one sequence, (T,) ids or (T, D) vectors, but have {inputs.shape}"
        )
    return np.eye(num_inputs, dtype=dtype)[inputs] if is_ids else inputs
