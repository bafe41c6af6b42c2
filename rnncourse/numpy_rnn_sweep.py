"""The batched sweep made fast: the numbers of ``loss_and_gradients`` in a fraction of the time.

Three things make it fast. What does not depend on the step before is one large product over many
steps. Arrays are made once and written over from then on. And on the way back the sequence is
taken in pieces, so that the logits of a few steps exist at a time and stay close to the processor.
"""

from itertools import pairwise

import numpy as np

from rnncourse.numpy_rnn import Parameters
from rnncourse.numpy_rnn_inputs import as_inputs, as_mask, as_state, as_targets, check_parameters
from rnncourse.numpy_rnn_lookup import gradient_of_input_weights

ROWS_AT_ONCE = 1024  # steps times sequences in a piece


class Sweep:
    """Forward and backward over a batch, call after call in the same memory."""

    def __init__(self):
        self._memory = {}

    def __call__(self, parameters, inputs, targets, h0=None, mask=None):
        """Compute the mean loss of a batch, its gradients and the state to carry on with.

        Args:
            parameters: Parameters.
            inputs: ids (T,) or (T, B), or vectors (T, D) or (T, B, D).
            targets: (T,) or (T, B) whole numbers from 0 to V - 1.
            h0: the state to begin with, (H,) or (B, H); None for zeros.
            mask: booleans (T,) or (T, B), True where a loss counts; None for all.

        Returns:
            loss (float) in nats per symbol that counts, its gradients (Parameters), and the last
            state (H,) or (B, H). They stay as they are when the next batch comes.

        Raises:
            TypeError: an argument of the wrong kind.
            ValueError: shapes that do not fit, ids out of range, NaN, or a mask without a True.
        """
        states, inputs = self._run(parameters, inputs, h0)
        shape = states.shape[1:-1]
        targets = as_targets(targets, (len(inputs), *shape), len(parameters.b_y))
        scales = _scales(as_mask(mask, targets.shape), targets.shape, states.dtype)  # (T, B)
        loss, total, d_carried = 0.0, None, np.zeros_like(states[0])  # d_carried (B, H)
        for steps in _pieces(targets):
            hs = states[1:][steps]  # (S, B, H) of a piece of S steps
            piece = _rows(hs), targets[steps].ravel(), scales[steps].ravel()
            losses, d_W_hy, d_b_y, d_rows = self._losses(parameters, *piece)
            loss += float(losses @ piece[2])
            self._back(parameters, hs, d_rows.reshape(hs.shape), d_carried)
            d_W_hh = _rows(states[:-1][steps]).T @ d_rows
            d_W_xh = gradient_of_input_weights(inputs[steps], d_rows, len(parameters.W_xh))
            d_b_h = np.ones(len(d_rows), d_rows.dtype) @ d_rows
            gradients = Parameters(d_W_xh, d_W_hh, d_b_h, d_W_hy, d_b_y)
            total = gradients if total is None else Parameters(*map(np.add, total, gradients))
        return loss, total, states[-1].copy()

    def _run(self, parameters, inputs, h0):
        """Compute the states h_0 .. h_T (T + 1, B, H): one product and one tanh a step."""
        check_parameters(parameters)
        W_xh, W_hh, b_h, _, _ = parameters
        inputs, dtype = as_inputs(inputs, len(W_xh), W_xh.dtype), W_xh.dtype
        by_id = inputs.dtype.kind in "iu"
        shape = (*(inputs.shape[1:] if by_id else inputs.shape[1:-1]), len(b_h))  # (B, H)
        states = self._array("states", (len(inputs) + 1, *shape), dtype)  # (T + 1, B, H)
        states[0] = as_state(h0, "h0", shape, dtype)
        if by_id:
            np.take(W_xh + b_h, inputs, axis=0, out=states[1:], mode="clip")  # "raise" is slower
        else:
            np.matmul(_rows(inputs), W_xh, out=_rows(states[1:]))
            states[1:] += b_h
        product = self._array("product", shape, dtype)  # (B, H)
        for h_before, h in pairwise(states):
            np.matmul(h_before, W_hh, out=product)
            h += product
            np.tanh(h, out=h)
        return states, inputs

    def _losses(self, parameters, hs, targets, scales):
        """Compute the losses (N,) of N rows of states, and gradients: W_hy, b_y, the rows (N, H).

        The logits stand upright, (V, N): maxima and sums over the symbols are then taken for
        whole rows of steps at once.
        """
        W_hy_T, b_y = np.ascontiguousarray(parameters.W_hy.T), parameters.b_y  # (V, H), (V,)
        logits = self._array("logits", (len(b_y), len(hs)), hs.dtype)  # (V, N)
        np.matmul(W_hy_T, hs.T, out=logits)
        logits += b_y[:, None]
        logits -= logits.max(axis=0)
        at_targets = targets, np.arange(len(hs))
        chosen = logits[at_targets]  # (N,)
        totals = np.exp(logits, out=logits).sum(axis=0)  # (N,)
        losses = np.log(totals) - chosen  # (N,)
        if not np.isfinite(losses).all():
            raise ValueError("parameters must give finite logits, but some are NaN or infinite")
        d_logits = np.multiply(logits, scales / totals, out=logits)  # (V, N)
        d_logits[at_targets] -= scales
        d_hs = self._array("d_hs", hs.shape, hs.dtype)  # (N, H)
        np.matmul(d_logits.T, W_hy_T, out=d_hs)
        d_W_hy = np.ascontiguousarray((d_logits @ hs).T)  # (H, V)
        d_b_y = d_logits @ np.ones(len(hs), hs.dtype)  # (V,) a sum, faster as a product
        return losses, d_W_hy, d_b_y, d_hs

    def _back(self, parameters, hs, d_hs, d_carried):
        """Turn gradients of states into those of the sums inside tanh, last step first."""
        slopes = self._array("slopes", hs.shape, hs.dtype)  # (S, B, H)
        np.subtract(1, np.multiply(hs, hs, out=slopes), out=slopes)
        W_hh_T = np.ascontiguousarray(parameters.W_hh.T)  # (H, H)
        for slope, d_h in zip(slopes[::-1], d_hs[::-1], strict=True):
            d_h += d_carried
            d_h *= slope
            np.matmul(d_h, W_hh_T, out=d_carried)

    def _array(self, name, shape, dtype):
        """Return an array, not filled, in the memory that this name had before."""
        size = int(np.prod(shape))
        memory = self._memory.get(name)
        if memory is None or memory.size < size or memory.dtype != dtype:
            memory = self._memory[name] = np.empty(size, dtype)
        return memory[:size].reshape(shape)


def _pieces(targets):
    """Cut the steps into slices of about equal length, and return the last one first."""
    count = min(len(targets), -(-targets.size // ROWS_AT_ONCE))
    edges = [len(targets) * i // count for i in range(count + 1)]
    return [slice(*pair) for pair in zip(edges[-2::-1], edges[:0:-1], strict=True)]


def _scales(mask, shape, dtype):
    """Return what each loss counts in the mean, (T, B): 1 over their number, or 0."""
    if mask is None:
        return np.full(shape, 1 / np.prod(shape), dtype)
    if not mask.any():
        raise ValueError("mask must be True somewhere, but leaves no loss to count")
    return (mask / np.count_nonzero(mask)).astype(dtype)


def _rows(array):
    return array.reshape(-1, array.shape[-1])
