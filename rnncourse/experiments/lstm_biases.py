"""The adding problem at T = 100 with an LSTM whose gates begin at different biases."""

from functools import partial

from rnncourse.experiments.fast import fast_lstm
from rnncourse.experiments.gates import train_cell
from rnncourse.experiments.grid import Run
from rnncourse.experiments.problems import adding

SEEDS = (1, 2, 3, 4, 5)
BLOCKS = 4  # groups of units that begin alike, as in Gers et al.


def blockwise(hidden_size):
    """Biases as Gers et al. begin them: 0.5, 1, 1.5, 2 for a quarter of the units each.

    Args:
        hidden_size: H, a multiple of 4.

    Returns:
        dict of lists of numbers (H,), as ``LSTMCell`` takes them: the forget gates begin above 0,
        the input and output gates as far below.

    Source:
        Gers, Schmidhuber & Cummins (2000), Learning to forget: continual prediction with LSTM.
    """
    steps = [0.5 * (1 + unit * BLOCKS // hidden_size) for unit in range(hidden_size)]
    below = [-step for step in steps]
    return {"forget_bias": steps, "input_bias": below, "output_bias": below}


SETTINGS = {
    "length": 100,
    "rate": 0.01,
    "longest_gradient": 1.0,
    "hidden_size": 32,
    "batch_size": 32,
    "updates": 3000,
    "check_every": 50,
    "check_size": 500,
}
BIASES = {
    **{f"forget {bias}": {"forget_bias": bias} for bias in (-2, 0, 1, 3)},
    "blockwise": blockwise(SETTINGS["hidden_size"]),
}


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return [
        Run({"biases": name, "seed": seed}, {**SETTINGS, "begin": begin})
        for name, begin in BIASES.items()
        for seed in SEEDS
    ]


def run(biases, seed, begin, length, longest_gradient, **training):
    """Train one LSTM until its squared error is below 0.01.

    Args:
        biases: a name, for the row alone.
        seed: whole number.
        begin: dict of where biases begin, as ``LSTMCell`` takes them.
        length: number of steps T.
        longest_gradient: longer gradients are shortened to this length.
        training: what else ``train_until_solved`` takes.

    Returns:
        dict for a row: ``parameters``, and what ``train_until_solved`` returns.
    """
    make = partial(fast_lstm, **begin)
    return train_cell(make, adding(length), seed, longest_gradient, training)
