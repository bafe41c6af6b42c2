"""Which learning rate for which remedy on which task: short runs on a seed of their own.

Here stand the remedies and the tasks of the table ``remedies``, and what all runs share. All
remedies have the same hidden size, batches, updates and optimizer (Adam) on a task, and the same
list of rates to choose from.
"""

from functools import partial

from rnncourse.experiments import remedies_cells as build
from rnncourse.experiments.grid import Run, missing_runs
from rnncourse.experiments.problems import adding, copying, order
from rnncourse.experiments.runs import train_until_solved

SEED = 0
RATES = [0.01, 0.003, 0.001, 0.0003]
RATE_IF_NONE_MOVES = 0.001
MOVES = 0.9  # a loss below this share of chance level shows that something is learnt
COMMON = {"hidden_size": 64, "batch_size": 32, "check_every": 100, "check_size": 1000}

# Each task: the function that makes it, its numbers, the budget, the updates for choosing a rate.
ADDING_50, ADDING_100, ADDING_200 = (f"adding, T = {length}" for length in (50, 100, 200))
COPY, ORDER = "copy, gap 50", "temporal order, T = 100"
TASKS = {
    ADDING_50: (adding, {"length": 50}, 1000, 700),
    COPY: (copying, {"gap": 50, "num_symbols": 8, "num_items": 3}, 800, 400),
    ADDING_100: (adding, {"length": 100}, 1200, 500),
    ADDING_200: (adding, {"length": 200}, 2500, 1000),
    ORDER: (order, {"length": 100}, 2000, 400),
}

# Each remedy: the function that builds it, and its numbers.
REMEDIES = {
    "nothing": (build.nothing, {}),
    "clipping by norm": (build.clipping_by_norm, {"max_norm": 1.0}),
    "clipping by value": (build.clipping_by_value, {"limit": 0.1}),
    "clipping dL/dh_t": (build.clipping_of_states, {"max_norm": 0.03}),
    "small steps, warm-up": (build.small_steps, {"factor": 0.1, "warm_up": 200}),
    "truncated BPTT": (build.truncation, {"chunk": 20, "max_norm": 1.0}),
    "skip connections": (build.skips, {"skip": 10, "max_norm": 1.0}),
    "orthogonal start, tanh": (build.orthogonal_start, {"max_norm": 1.0}),
    "orthogonal start, linear": (build.linear_orthogonal_start, {"max_norm": 1.0}),
    "identity start, ReLU": (build.identity_start, {"input_sd": 0.1, "max_norm": 1.0}),
    "soft orthogonality": (build.soft_orthogonal, {"alpha": 0.1, "max_norm": 1.0}),
    "radius 0.95": (build.radius_start, {"radius": 0.95, "max_norm": 1.0}),
    "radius 0.95, Omega": (build.omega_penalty, {"alpha": 1.0, "radius": 0.95, "max_norm": 1.0}),
    "LSTM (next part)": (build.lstm, {"max_norm": 1.0}),
}

# At the greatest length short runs are dear, and those of a remedy that fails at half the length
# tell nothing. So they are made for these alone; the others take their rate from half the length.
RATES_TRIED_ON = {ADDING_200: ["identity start, ReLU"]}

# What the reader of the stored file sees at its head.
SETTINGS = {
    **COMMON,
    "optimizer": "Adam",
    "rates": RATES,
    "rate_seed": SEED,
    "rate_if_none_moves": RATE_IF_NONE_MOVES,
    "moves": MOVES,
    "tasks": {
        name: {"function": make.__name__, **numbers, "updates": updates, "rate_updates": fewer}
        for name, (make, numbers, updates, fewer) in TASKS.items()
    },
    "goals": {name: make(**numbers).goal for name, (make, numbers, *_) in TASKS.items()},
    "remedies": {n: {"function": f.__name__, **own} for n, (f, own) in REMEDIES.items()},
    "rates_tried_on": RATES_TRIED_ON,
}


def run(remedy, task, seed, rate, *, remedy_numbers, task_numbers, **budget):
    """Do one run of the experiment.

    Args:
        remedy, task: names in ``REMEDIES`` and ``TASKS``.
        seed: a whole number.
        rate: learning rate.
        remedy_numbers, task_numbers: dicts for the functions of these names.
        budget: keywords of ``train_until_solved``.

    Returns:
        dict, see ``train_until_solved``.
    """
    make = partial(REMEDIES[remedy][0], **remedy_numbers)
    problem = TASKS[task][0](**task_numbers)
    return train_until_solved(problem, make, seed, rate, **budget)


def pairs():
    """List which remedy is tried on which task.

    Returns:
        list of (remedy, task), in the order of the runs.
    """
    return [(remedy, task) for task in TASKS for remedy in REMEDIES]


def make_run(remedy, task, seed, rate, updates):
    """Make one run with all that it depends on.

    Args:
        remedy, task, seed, rate: as in ``run``.
        updates: its budget.

    Returns:
        Run.
    """
    own = {"remedy_numbers": REMEDIES[remedy][1], "task_numbers": TASKS[task][1]}
    key = {"remedy": remedy, "task": task, "seed": seed, "rate": rate}
    return Run(key, {**COMMON, "updates": updates, **own})


def cells():
    """List the runs that choose the rates.

    Returns:
        list of Run.
    """
    return [
        make_run(remedy, task, SEED, rate, TASKS[task][3])
        for remedy, task in pairs()
        if remedy in RATES_TRIED_ON.get(task, REMEDIES)
        for rate in RATES
    ]


def choose_rates(rows):
    """Choose a learning rate for each remedy on each task.

    The rate that solves the task in the fewest updates is best, then the one with the lowest loss.
    Where no rate moves clearly away from chance, or none was tried, the rate of the next shorter
    sequences of the same task is taken, and without these ``RATE_IF_NONE_MOVES``.

    Args:
        rows: list of dicts, the stored rows of ``cells()``.

    Returns:
        dict of float by (remedy, task).

    Raises:
        ValueError: the rows are not those of ``cells()``.
    """
    missing = missing_runs(cells(), rows)
    if missing:
        raise ValueError(f"rows must be those of all short runs, but {len(missing)} are missing")
    shorter = {ADDING_100: ADDING_50, ADDING_200: ADDING_100}
    rates = {}
    for remedy, task in pairs():
        threshold = MOVES * TASKS[task][0](**TASKS[task][1]).chance
        own = [row for row in rows if (row["remedy"], row["task"]) == (remedy, task)]
        moving = [row for row in own if not row["nan"] and row["loss"] < threshold]
        fallback = rates.get((remedy, shorter.get(task)), RATE_IF_NONE_MOVES)
        best = min(moving, key=_rank, default={"rate": fallback})
        rates[remedy, task] = best["rate"]
    return rates


def _rank(row):
    """Solved before unsolved, few updates before many, low losses before high ones."""
    return (not row["solved"], row["updates"] or 0, row["loss"])
