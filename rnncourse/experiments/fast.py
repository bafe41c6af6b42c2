"""torch's RNN, LSTM and GRU, begun and trained like the course's cells: equal numbers, faster."""

import torch
from torch import nn

from rnncourse.cells.elman import ElmanCell
from rnncourse.cells.gru import GRUCell
from rnncourse.cells.lstm import LSTMCell
from rnncourse.cells.torch_cell import TorchCell
from rnncourse.cells.weights import copy_to_torch


def fast_rnn(input_size, hidden_size):
    """Make an ``nn.RNN`` with the weights of a new ``ElmanCell``.

    Args:
        input_size: D.
        hidden_size: H.

    Returns:
        TorchCell.
    """
    return _one_bias(ElmanCell(input_size, hidden_size), nn.RNN(input_size, hidden_size))


def fast_lstm(input_size, hidden_size, **biases):
    """Make an ``nn.LSTM`` with the weights of a new ``LSTMCell``.

    Args:
        input_size: D.
        hidden_size: H.
        biases: where biases begin, as ``LSTMCell`` takes them.

    Returns:
        TorchCell.
    """
    return _one_bias(LSTMCell(input_size, hidden_size, **biases), nn.LSTM(input_size, hidden_size))


def fast_gru(input_size, hidden_size, **biases):
    """Make an ``nn.GRU`` with the weights of a new ``GRUCell``.

    Args:
        input_size: D.
        hidden_size: H.
        biases: where biases begin, as ``GRUCell`` takes them.

    Returns:
        TorchCell.
    """
    H = hidden_size
    fast = _one_bias(GRUCell(input_size, H, **biases), nn.GRU(input_size, H))
    gates = torch.arange(3 * H) < 2 * H  # (3 H,)
    fast.rnn.bias_hh_l0.requires_grad_(True).register_hook(lambda d: d.masked_fill(gates, 0.0))
    return fast


def num_parameters(model):
    """Count the numbers that training changes.

    Args:
        model: a ``nn.Module``; in a ``fast_gru``, 2 H of its numbers stay zero and do not count.

    Returns:
        int.
    """
    frozen = sum(2 * part.hidden_size for part in model.modules() if isinstance(part, nn.GRU))
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad) - frozen


def _one_bias(cell, rnn):
    """Copy the cell's weights; torch's second bias, which the cell does not have, stays zero."""
    copy_to_torch(cell, rnn)
    rnn.bias_hh_l0.requires_grad_(False)
    return TorchCell(rnn)
