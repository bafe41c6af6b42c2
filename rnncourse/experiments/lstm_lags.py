"""The adding problem with an LSTM, over longer sequences.

At T = 100 it is ``lstm_biases`` with forget bias 1: all else is the same.
"""

from rnncourse.experiments.fast import fast_lstm
from rnncourse.experiments.gates import train_cell
from rnncourse.experiments.grid import Run
from rnncourse.experiments.problems import adding

SEEDS = {200: (1, 2, 3), 400: (1, 2)}  # by length
SETTINGS = {
    "rate": 0.01,
    "longest_gradient": 1.0,
    "hidden_size": 32,
    "batch_size": 32,
    "updates": 4000,
    "check_every": 50,
    "check_size": 500,
}


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return [
        Run({"length": length, "seed": seed}, SETTINGS)
        for length, seeds in SEEDS.items()
        for seed in seeds
    ]


def run(length, seed, longest_gradient, **training):
    """Train one LSTM until its squared error is below 0.01.

    Args:
        length: number of steps T.
        seed: whole number.
        longest_gradient: longer gradients are shortened to this length.
        training: what else ``train_until_solved`` takes.

    Returns:
        dict for a row: ``parameters``, and what ``train_until_solved`` returns.
    """
    return train_cell(fast_lstm, adding(length), seed, longest_gradient, training)
