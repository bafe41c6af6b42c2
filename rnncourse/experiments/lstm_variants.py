"""The LSTM with one change at a time, on two tasks: which parts does it need?

The LSTM they start from has a forget gate and no peepholes, so peepholes are one of the changes.
All have the same number of units; how many parameters that makes stands in each row.
"""

from functools import partial

from rnncourse.cells.lstm import CoupledLSTMCell, LSTM1997Cell, LSTMCell
from rnncourse.cells.lstm_variants import (
    ActivationLSTMCell,
    FullGateRecurrenceCell,
    NoInputGateCell,
    NoOutputGateCell,
    identity,
)
from rnncourse.cells.peephole import PeepholeLSTMCell
from rnncourse.experiments.gates import train_cell
from rnncourse.experiments.grid import Run
from rnncourse.experiments.lstm_reber import embedded_reber_problem
from rnncourse.experiments.problems import adding

SEEDS = (1, 2, 3)
VARIANTS = {
    "LSTM": LSTMCell,
    "no input gate": NoInputGateCell,
    "no forget gate": LSTM1997Cell,
    "no output gate": NoOutputGateCell,
    "no input activation": partial(ActivationLSTMCell, input_activation=identity),
    "no output activation": partial(ActivationLSTMCell, output_activation=identity),
    "coupled gates": CoupledLSTMCell,
    "peepholes": PeepholeLSTMCell,
    "full gate recurrence": FullGateRecurrenceCell,
}
TASKS = {
    "adding, T = 50": (partial(adding, 50), {"hidden_size": 32, "updates": 2000}),
    "embedded Reber": (embedded_reber_problem, {"hidden_size": 16, "updates": 1500}),
}
SETTINGS = {
    "rate": 0.01,
    "longest_gradient": 1.0,
    "batch_size": 32,
    "check_every": 50,
    "check_size": 500,
}


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    return [
        Run({"variant": variant, "task": task, "seed": seed}, {**SETTINGS, **sizes})
        for task, (_, sizes) in TASKS.items()
        for variant in VARIANTS
        for seed in SEEDS
    ]


def run(variant, task, seed, longest_gradient, **training):
    """Train one variant until its task is solved.

    Args:
        variant: a name of ``VARIANTS``.
        task: a name of ``TASKS``.
        seed: whole number.
        longest_gradient: longer gradients are shortened to this length.
        training: what else ``train_until_solved`` takes.

    Returns:
        dict for a row: ``parameters``, and what ``train_until_solved`` returns.
    """
    make_problem, _ = TASKS[task]
    return train_cell(VARIANTS[variant], make_problem(), seed, longest_gradient, training)
