"""Relatives of GRU and LSTM against them, with equally many parameters.

The GRU in other conventions and the minimal gated unit add numbers; the Phased LSTM finds out
whether a sine wave has one of the wanted periods, from samples at irregular times. There it gets
the time of each sample; GRU and LSTM get the time since the sample before, which helps them, as
"LSTM, time stamps" shows, which does not. More relatives are in ``gru_comparison``.
"""

from functools import partial

import torch

from rnncourse.cells.gru import ChoGRUCell, ChungGRUCell
from rnncourse.cells.mgu import MGUCell
from rnncourse.cells.phased_lstm import PhasedLSTMCell, TimeGate
from rnncourse.datasets.events import sine_events
from rnncourse.evaluation import cross_entropy
from rnncourse.experiments.fast import fast_gru, fast_lstm
from rnncourse.experiments.gates import train_cell
from rnncourse.experiments.grid import Run
from rnncourse.experiments.problems import Problem, adding
from rnncourse.experiments.sizes import units_for
from rnncourse.models import SequenceClassifier

SEEDS = (1, 2, 3)


def sines(length, gaps):
    """Make the discrimination of sine waves; the score is the accuracy.

    Args:
        length: number of samples T of each wave.
        gaps: whether the second number is the time since the sample before (0 for the first one),
            instead of the time itself.

    Returns:
        Problem.
    """

    def draw(batch_size, rng):
        waves = sine_events(length, batch_size, rng)
        xs = torch.from_numpy(waves.xs)  # (T, B, 2)
        if gaps:
            xs[1:, :, 1] = xs[1:, :, 1].diff(dim=0, prepend=xs[:1, :, 1])
            xs[0, :, 1] = 0
        return xs, torch.from_numpy(waves.targets)

    return Problem(2, _two_classes, draw, cross_entropy, _accuracy, goal=0.95)


def phased(input_size, hidden_size):
    """Make a Phased LSTM whose units are open for a quarter of each period.

    The 1/20 of the paper leaves a unit two or three samples of 50: it learns, but too slowly here.

    Args:
        input_size: D, the time included.
        hidden_size: H.

    Returns:
        PhasedLSTMCell.
    """
    return PhasedLSTMCell(input_size, hidden_size, TimeGate(hidden_size, ratio_on=0.25))


def _two_classes(cell):
    return SequenceClassifier(cell, 2)


def _accuracy(logits, targets):
    return (logits.argmax(1) == targets).float().mean().item()


ADDING, SINES = "adding, T = 50", "sines, T = 50"
CELLS = {  # by task: the cell, and the problem as it reads it
    ADDING: {
        "GRU": (fast_gru, partial(adding, 50)),
        "GRU of Cho et al.": (ChoGRUCell, partial(adding, 50)),
        "GRU of Chung et al.": (ChungGRUCell, partial(adding, 50)),
        "minimal gated unit": (MGUCell, partial(adding, 50)),
    },
    SINES: {
        "GRU": (fast_gru, partial(sines, 50, gaps=True)),
        "LSTM": (fast_lstm, partial(sines, 50, gaps=True)),
        "LSTM, time stamps": (fast_lstm, partial(sines, 50, gaps=False)),
        "Phased LSTM": (phased, partial(sines, 50, gaps=False)),
    },
}
SIZES = {
    ADDING: {"parameters": 3_000, "rate": 0.01, "updates": 1500},
    SINES: {"parameters": 4_500, "rate": 0.01, "updates": 800},
}
SETTINGS = {"longest_gradient": 1.0, "batch_size": 32, "check_every": 50, "check_size": 500}


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return [
        Run({"task": task, "cell": cell, "seed": seed}, {**SETTINGS, **SIZES[task]})
        for task, kinds in CELLS.items()
        for cell in kinds
        for seed in SEEDS
    ]


def run(task, cell, seed, parameters, longest_gradient, **training):
    """Train one cell until its task is solved.

    Args:
        task, cell: names in ``CELLS``.
        seed: whole number.
        parameters: about how many the model has.
        longest_gradient: longer gradients are shortened to this length.
        training: what else ``train_until_solved`` takes.

    Returns:
        dict for a row: ``units``, ``parameters``, and what ``train_until_solved`` returns.
    """
    make, make_problem = CELLS[task][cell]
    problem = make_problem()
    training["hidden_size"] = units_for(make, problem, parameters)
    result = train_cell(make, problem, seed, longest_gradient, training)
    return {"units": training["hidden_size"], **result}
