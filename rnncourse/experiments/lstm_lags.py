"""The adding problem over long sequences: an LSTM that begins to forget at once, or after a while.

At T = 100 and with forget bias 1 it is ``lstm_biases``: all else is the same.
"""

from functools import partial
from math import log

from rnncourse.experiments.fast import fast_lstm
from rnncourse.experiments.gates import train_cell
from rnncourse.experiments.grid import Run
from rnncourse.experiments.problems import adding

ONE, LAGS = "forget 1", "as long as the lags"
SEEDS = {  # by length and by how the biases begin
    (200, ONE): (1, 2, 3),
    (400, ONE): (1, 2),
    (200, LAGS): (1, 2, 3),
    (400, LAGS): (1, 2, 3),
    (1000, LAGS): (1, 2),
}
SETTINGS = {
    "rate": 0.01,
    "longest_gradient": 1.0,
    "hidden_size": 32,
    "batch_size": 32,
    "updates": 4000,
    "check_every": 50,
    "check_size": 500,
}


def lag_biases(length, hidden_size):
    """Compute biases with which unit k keeps its content for about l_k steps, from 1 to T - 1.

    With forget bias ln l the gate begins at l / (l + 1): after l steps a content has shrunk by a
    factor of about e. The input gates begin as far below 0: who keeps for long writes little at a
    time.

    Args:
        length: T.
        hidden_size: H.

    Returns:
        dict of lists of numbers (H,), as ``LSTMCell`` takes them.

    Source:
        Tallec & Ollivier (2018), Can recurrent neural networks warp time?, arXiv:1804.11188. There
        the l_k are drawn at random; here they are evenly spaced.
    """
    steps = [(unit + 0.5) / hidden_size for unit in range(hidden_size)]
    forget = [log(1 + (length - 2) * step) for step in steps]
    return {"forget_bias": forget, "input_bias": [-bias for bias in forget]}


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return [
        Run({"length": length, "begin": begin, "seed": seed}, SETTINGS)
        for (length, begin), seeds in SEEDS.items()
        for seed in seeds
    ]


def run(length, begin, seed, hidden_size, longest_gradient, **training):
    """Train one LSTM until its squared error is below 0.01.

    Args:
        length: number of steps T.
        begin: how the biases begin, ``ONE`` or ``LAGS``.
        seed: whole number.
        hidden_size: H.
        longest_gradient: longer gradients are shortened to this length.
        training: what else ``train_until_solved`` takes.

    Returns:
        dict for a row: ``parameters``, and what ``train_until_solved`` returns.
    """
    biases = {ONE: {"forget_bias": 1.0}, LAGS: lag_biases(length, hidden_size)}[begin]
    training["hidden_size"] = hidden_size
    make = partial(fast_lstm, **biases)
    return train_cell(make, adding(length), seed, longest_gradient, training)
