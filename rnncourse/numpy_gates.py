"""What the LSTM and the GRU by hand share: weights of several gates side by side, sigmoid, loss."""

import numpy as np

from rnncourse.numpy_rnn import cross_entropy
from rnncourse.validate import as_generator, as_integer, as_real


def sigmoid(a):
    """Compute 1 / (1 + e^-a), written with tanh, which does not overflow.

    Args:
        a: numbers of any shape.

    Returns:
        array of that shape.
    """
    return 0.5 * np.tanh(0.5 * a) + 0.5


def draw_weights(input_size, gate_sizes, output_size, seed, scale, dtype):
    """Draw the weights of a network with gates; biases are left to the caller.

    Args:
        input_size: D.
        gate_sizes: pair of H and the number of gates G.
        output_size: V.
        seed: whole number or ``numpy.random.Generator``.
        scale: standard deviation, 0 or more.
        dtype: ``numpy.float64`` or ``numpy.float32``.

    Returns:
        arrays W_xh (D, G H), W_hh (H, G H) and W_hy (H, V).

    Raises:
        TypeError: a size, ``scale`` or ``seed`` that is not a number, another ``dtype``.
        ValueError: a size below 1, or a negative ``scale``.
    """
    D = as_integer(input_size, "input_size", minimum=1)
    H = as_integer(gate_sizes[0], "hidden_size", minimum=1)
    V = as_integer(output_size, "output_size", minimum=1)
    scale, generator = as_real(scale, "scale", minimum=0), as_generator(seed)
    if dtype not in (np.float32, np.float64):
        raise TypeError(f"dtype must be numpy.float32 or numpy.float64, but is {dtype!r}")
    shapes = [(D, gate_sizes[1] * H), (H, gate_sizes[1] * H), (H, V)]
    return [(scale * generator.standard_normal(shape)).astype(dtype) for shape in shapes]


def mean_loss(logits, targets, mask=None):
    """Compute the mean loss of the steps that count, and its gradient.

    Args:
        logits: (T, V) or (T, B, V).
        targets: (T,) or (T, B) whole numbers from 0 to V - 1.
        mask: booleans (T,) or (T, B), True where a loss counts; None for all.

    Returns:
        loss (float) in nats per symbol that counts, and its gradient with respect to the logits.

    Raises:
        TypeError: an argument of the wrong kind.
        ValueError: shapes that do not fit, a target out of range, or a mask without a True.
    """
    losses, d_logits = cross_entropy(logits, targets, mask)
    count = losses.size if mask is None else np.count_nonzero(mask)
    if count == 0:
        raise ValueError("mask must be True somewhere, but leaves no loss to count")
    return float(losses.sum() / count), d_logits / count


def as_rows(array):
    """Join time and batch to one axis.

    Args:
        array: (T, B, K) or (T, K).

    Returns:
        (T B, K) or (T, K), the same numbers.
    """
    return array.reshape(-1, array.shape[-1])
