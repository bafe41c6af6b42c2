"""The table of chapter 12: remedies against long-term tasks, all with the same budget, five seeds.

The remedies, the tasks and the choice of the learning rates stand in ``remedies_rates``, which has
to be run first.
"""

from rnncourse.experiments import remedies_rates
from rnncourse.experiments.store import load_results

SEEDS = [1, 2, 3, 4, 5]
SETTINGS = {**remedies_rates.SETTINGS, "seeds": SEEDS}


def cells():
    """List the runs of the table, at the rates that the stored short runs have chosen.

    Returns:
        list of Run.

    Raises:
        FileNotFoundError: the short runs are not stored.
        ValueError: not all of them are stored, or under other settings.
    """
    rates = remedies_rates.choose_rates(load_results("remedies_rates").rows)
    runs = [
        remedies_rates.make_run(remedy, task, seed, rate, remedies_rates.TASKS[task][2])
        for seed in SEEDS
        for (remedy, task), rate in rates.items()
    ]
    longest = remedies_rates.ADDING_200
    return sorted(runs, key=lambda run: run.key["task"] == longest)  # dear ones last


def run(**arguments):
    """Do one run of the table.

    Args:
        arguments: as in ``remedies_rates.run``.

    Returns:
        dict, see ``rnncourse.experiments.runs.train_until_solved``.
    """
    return remedies_rates.run(**arguments)
