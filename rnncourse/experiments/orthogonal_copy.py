"""Copy memory over gaps of 100 and 200: networks that turn their state, and others.

Short runs on seed 0 over the gap of 100 come first, three learning rates for each cell; ``RATES``
is what they chose, for both gaps. The budget of updates is the same for both. ``SLOWER`` runs again
over 200 what is solved over 100 with every seed, but not over 200 at the same rate.
"""

from rnncourse.experiments.grid import Run
from rnncourse.experiments.orthogonal_cells import CELLS, ORTHOGONAL_START, SOFT, TANH, solve
from rnncourse.experiments.problems import copying

NAMES = [name for name in CELLS if name != "IRNN"]
TRIED = (0.01, 0.003, 0.001)
TRIAL_SEED = 0
SLOW = (TANH, ORTHOGONAL_START, SOFT, "tanh, orthogonal", "LSTM", "GRU")
TRIAL_UPDATES = {name: 750 if name in SLOW else 250 for name in NAMES}
RATES = {
    TANH: 0.003,
    ORTHOGONAL_START: 0.003,
    SOFT: 0.01,
    "tanh, orthogonal": 0.01,
    "linear, orthogonal start": 0.003,
    "modReLU, orthogonal": 0.003,
    "modReLU, reflections": 0.01,
    "unitary": 0.01,
    "GORU": 0.01,
    "LSTM": 0.01,
    "GRU": 0.01,
}
GAPS, UPDATES, SEEDS = (100, 200), 1500, (1, 2, 3)
ONCE = (SOFT, "tanh, orthogonal", "modReLU, reflections", "GORU")  # the first of the seeds alone
SLOWER = {"linear, orthogonal start": 0.001, "modReLU, orthogonal": 0.001}
SETTINGS = {
    "num_symbols": 8,
    "num_items": 5,
    "hidden_size": 64,
    "batch_size": 32,
    "longest_gradient": 1.0,
    "check_every": 50,
    "check_size": 300,
}


def trials():
    """List the short runs that choose the learning rates.

    Returns:
        list of Run.
    """
    return [
        _run(name, GAPS[0], TRIAL_SEED, rate, TRIAL_UPDATES[name])
        for name in NAMES
        for rate in TRIED
    ]


def cells():
    """List the runs.

    Returns:
        list of Run.
    """
    chosen = [
        _run(name, gap, seed, RATES[name], UPDATES)
        for gap in GAPS
        for name in NAMES
        for seed in (SEEDS[:1] if name in ONCE else SEEDS)
    ]
    again = [
        _run(name, GAPS[-1], seed, rate, UPDATES) for name, rate in SLOWER.items() for seed in SEEDS
    ]
    return trials() + chosen + again


def run(cell, gap, seed, rate, numbers, longest_gradient, num_symbols, num_items, **training):
    """Train one network until 95 % of the symbols are recalled.

    Args:
        cell: a name of ``CELLS``.
        gap: blanks between the symbols and the delimiter.
        seed: whole number.
        rate: Adam's learning rate.
        numbers: dict, what else the cell is built with.
        longest_gradient: longer gradients are shortened to this length.
        num_symbols, num_items: as ``copying`` takes them.
        training: what else ``train_until_solved`` takes.

    Returns:
        dict for a row, see ``solve``.
    """
    problem = copying(gap, num_symbols, num_items)
    return solve(problem, cell, seed, rate, numbers, longest_gradient, training)


def _run(cell, gap, seed, rate, updates):
    key = {"cell": cell, "gap": gap, "seed": seed, "rate": rate}
    return Run(key, {**SETTINGS, "updates": updates, "numbers": CELLS[cell][1]})
