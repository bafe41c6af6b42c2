"""Training the recurrent network: the batched sweep against column vectors and against torch.

All sides train H = 100 units on the same number of characters of V = 96 kinds in float32, each
with forward pass, backward pass and Adagrad.
"""

from itertools import pairwise

import numpy as np
import torch

from benchmarks.timing import compare
from rnncourse.numpy_rnn import initialise
from rnncourse.numpy_rnn_sweep import Sweep
from rnncourse.optimizers import Adagrad

V, H, B = 96, 100, 32
LEARNING_RATE = 0.1


def ratios(rounds=7):
    """Time some hundred characters of each of 32 sequences, at T = 25 and at T = 100.

    Args:
        rounds: how often each side is timed.

    Returns:
        list of Ratio.
    """
    torch.set_num_threads(1)
    result = []
    for steps, updates in [(25, 16), (100, 4)]:
        ids = np.random.default_rng(0).integers(0, V, (steps + 1, B))
        ours, columns, theirs = batched(ids), column_by_column(ids), with_torch(ids)
        for name, reference, at_most in [
            ("column vectors", columns, 1 / 30),
            ("torch.nn.RNN", theirs, 1 / 1.5),
        ]:
            result.append(
                compare(
                    f"RNN sweep, T = {steps} / {name}",
                    lambda ours=ours, updates=updates: [ours() for _ in range(updates)],
                    lambda reference=reference, updates=updates: [
                        reference() for _ in range(updates)
                    ],
                    at_most=at_most,
                    rounds=rounds,
                )
            )
    return result


def batched(ids):
    """Prepare our batched sweep.

    Args:
        ids: (T + 1, B) whole numbers.

    Returns:
        function without arguments that makes one update with T B characters.
    """
    parameters = initialise(V, H, V, seed=0, dtype=np.float32)
    sweep, optimizer = Sweep(), Adagrad(LEARNING_RATE)
    state = np.zeros((B, H), np.float32)

    def update():
        _, gradients, _ = sweep(parameters, ids[:-1], ids[1:], state)
        optimizer.update(parameters, gradients)

    return update


def column_by_column(ids):
    """Prepare the readable way of small scripts: column vectors, a step a character, B = 1.

    Args:
        ids: (T + 1, B) whole numbers.

    Returns:
        function without arguments that makes B updates with T characters each.
    """
    start = initialise(V, H, V, seed=0, dtype=np.float32)
    weights = [np.ascontiguousarray(w.T) for w in (start.W_xh, start.W_hh, start.W_hy)]
    weights += [np.zeros((H, 1), np.float32), np.zeros((V, 1), np.float32)]
    memory = [np.zeros_like(w) for w in weights]

    def update():
        for sequence in ids.T.tolist():
            gradients = _column_gradients(*weights, sequence)
            for weight, gradient, squares in zip(weights, gradients, memory, strict=True):
                squares += gradient * gradient
                weight -= LEARNING_RATE * gradient / np.sqrt(squares + 1e-8)

    return update


def _column_gradients(W_xh, W_hh, W_hy, b_h, b_y, sequence):
    """Return the gradients of the sum of the losses of one sequence, all vectors columns."""
    xs, hs, ps = [], [np.zeros((H, 1), np.float32)], []
    for symbol, target in pairwise(sequence):
        x = np.zeros((V, 1), np.float32)
        x[symbol] = 1
        h = np.tanh(W_xh @ x + W_hh @ hs[-1] + b_h)
        logits = W_hy @ h + b_y
        p = np.exp(logits - logits.max())
        p /= p.sum()
        np.log(p[target, 0])  # the loss of this step
        xs.append(x), hs.append(h), ps.append(p)
    d_xh, d_hh, d_hy, d_bh, d_by = map(np.zeros_like, (W_xh, W_hh, W_hy, b_h, b_y))
    d_carried = np.zeros_like(b_h)
    for t in range(len(xs) - 1, -1, -1):
        d_logits = ps[t].copy()
        d_logits[sequence[t + 1]] -= 1
        d_hy += d_logits @ hs[t + 1].T
        d_by += d_logits
        d_sum = (W_hy.T @ d_logits + d_carried) * (1 - hs[t + 1] * hs[t + 1])
        d_bh += d_sum
        d_xh += d_sum @ xs[t].T
        d_hh += d_sum @ hs[t].T
        d_carried = W_hh.T @ d_sum
    return d_xh, d_hh, d_hy, d_bh, d_by


def with_torch(ids):
    """Prepare torch in its fastest form for this task: one-hot rows by look-up, fused Adagrad.

    Args:
        ids: (T + 1, B) whole numbers.

    Returns:
        function without arguments that makes one update with T B characters.
    """
    ids, one_hot = torch.from_numpy(ids), torch.eye(V)
    rnn, read_out = torch.nn.RNN(V, H), torch.nn.Linear(H, V)
    parameters = [*rnn.parameters(), *read_out.parameters()]
    optimizer = torch.optim.Adagrad(parameters, lr=LEARNING_RATE, fused=True)
    state = torch.zeros(1, B, H)

    def update():
        optimizer.zero_grad()
        hs, _ = rnn(one_hot[ids[:-1]], state)
        logits = read_out(hs).reshape(-1, V)
        torch.nn.functional.cross_entropy(logits, ids[1:].reshape(-1)).backward()
        optimizer.step()

    return update
