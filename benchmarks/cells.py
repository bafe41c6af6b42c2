"""Cells in Python against torch's LSTM in C++: forward and backward over a whole sequence.

Both sides read T = 100 steps of as many numbers as they have hidden units, in float32 on one
thread, and find the gradients of all weights.
"""

import torch
from torch import nn

from benchmarks.timing import compare
from rnncourse.cells.fused import FusedLSTMCell
from rnncourse.cells.layer_norm_lstm import LayerNormLSTMCell
from rnncourse.cells.lstm import LSTMCell
from rnncourse.cells.peephole import FullPeepholeLSTMCell, PeepholeLSTMCell
from rnncourse.cells.unroll import unroll

T, SMALL, LARGE = 100, (32, 128), (64, 256)  # (B, H)
PROMISES = [
    (FusedLSTMCell, SMALL, 1.6),
    (FusedLSTMCell, LARGE, 1.15),
    (PeepholeLSTMCell, LARGE, 1.3),
    (LayerNormLSTMCell, LARGE, 1.6),
    (LSTMCell, SMALL, None),
    (LSTMCell, LARGE, None),
    (FullPeepholeLSTMCell, LARGE, None),
]


def ratios(rounds=7, promises=PROMISES):
    """Time cells of the course and ``torch.nn.LSTM`` in turns.

    Args:
        rounds: how often each side is timed; four times as often at the smaller size.
        promises: list of (class of the cell, (B, H), allowed ratio or None).

    Returns:
        list of Ratio.
    """
    torch.set_num_threads(1)
    result = []
    for kind, (B, H), at_most in promises:
        cell, rnn = kind(H, H), nn.LSTM(H, H)
        ours, theirs = (
            trained(cell, B, lambda xs, cell=cell: unroll(cell, xs)),
            trained(rnn, B, rnn),
        )
        name = f"{kind.__name__}, B = {B}, H = {H} / torch.nn.LSTM"
        times = rounds * 4 if (B, H) == SMALL else rounds
        result.append(compare(name, ours, theirs, at_most=at_most, rounds=times))
    return result


def trained(module, batch_size, run):
    """Prepare one forward and one backward pass.

    Args:
        module: a cell or one of torch's recurrent modules, with ``input_size`` and ``hidden_size``.
        batch_size: B.
        run: gives the outputs (T, B, H) of inputs (T, B, D), and the state.

    Returns:
        function without arguments.
    """
    generator = torch.Generator().manual_seed(0)
    xs = torch.randn(T, batch_size, module.input_size, generator=generator)  # (T, B, D)
    gradient = torch.randn(T, batch_size, module.hidden_size, generator=generator)  # (T, B, H)

    def both_passes():
        module.zero_grad()
        outputs, _ = run(xs)
        outputs.backward(gradient)

    return both_passes
