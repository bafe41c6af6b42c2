"""Stored results of long experiments: read them, and put them into a table.

A chapter that cannot train for an hour reads what the command ``python -m rnncourse experiments``
has stored::

    results = load_results("remedies")
    table = summarise(results.rows, "updates")
"""

import json
import os
import platform
import re
import statistics
import tempfile
from importlib import metadata, resources
from pathlib import Path
from typing import NamedTuple

import rnncourse

FIELDS = {"name": str, "command": str, "versions": dict, "settings": dict, "rows": list}


class Results(NamedTuple):
    """What an experiment gave, and what is needed to repeat it.

    Args:
        name: the experiment.
        command: the command line that made the file.
        versions: of python, torch, numpy and rnncourse, by name.
        settings: sizes, budgets and all else that the runs have in common or share in groups.
        rows: one dict a run: which run it is, what it gave, and ``settings``, a checksum of all
            settings that this run depends on.
    """

    name: str
    command: str
    versions: dict
    settings: dict
    rows: list


class Summary(NamedTuple):
    """The runs of one cell of a table.

    Args:
        median: of the column asked for, over the runs that have a number there; None without one.
        failures: how many runs have not solved their task.
        runs: how many there are.
    """

    median: float | None
    failures: int
    runs: int


def results_folder():
    """Return the folder of the stored results, inside the installed package.

    Returns:
        a path.
    """
    return resources.files("rnncourse") / "experiments" / "results"


def load_results(name, folder=None):
    """Read the stored results of an experiment.

    Args:
        name: the experiment, such as ``"remedies"``.
        folder: where the file ``NAME.json`` is; None for the package's own.

    Returns:
        Results.

    Raises:
        FileNotFoundError: nothing is stored under that name; the message says what is.
        TypeError: ``name`` is no text.
        ValueError: ``name`` is no plain word, or the file is damaged.
    """
    path = file_of(name, folder)
    if not path.is_file():
        there = sorted(p.name.removesuffix(".json") for p in path.parent.glob("*.json"))
        raise FileNotFoundError(
            f"name must be one of the stored experiments {there}, but is {name!r}; "
            f"to run it: python -m rnncourse experiments {name}"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} must hold stored results, but cannot be read: {error}") from error
    fault = _fault(content, name)
    if fault:
        raise ValueError(f"{path} must hold stored results of {name!r}, but {fault}")
    return Results(**{field: content[field] for field in FIELDS})


def save_results(results, folder=None):
    """Write results into their file. It is either the old one or the new one, whole.

    Args:
        results: Results whose contents JSON can write.
        folder: where to write ``NAME.json``; None for the package's own.

    Returns:
        the path of the file.

    Raises:
        OSError: the folder is not there or cannot be written to; the old file is as it was.
        TypeError: the results hold something that JSON cannot write.
        ValueError: ``results.name`` is no plain word, or a number is NaN or infinite.
    """
    path = file_of(results.name, folder)
    head = {field: value for field, value in results._asdict().items() if field != "rows"}
    lines = ",\n".join("  " + json.dumps(row, allow_nan=False) for row in results.rows)
    text = json.dumps(head, indent=1, allow_nan=False)[:-2] + f',\n "rows": [\n{lines}\n ]\n}}\n'
    with tempfile.TemporaryDirectory(prefix=".rnncourse-", dir=path.parent) as scratch:
        fresh = Path(scratch) / path.name
        with open(fresh, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    return path


def file_of(name, folder=None):
    """Return the path of an experiment's file, whether or not it is there.

    Args:
        name: the experiment, letters, digits and underscores.
        folder: where the file is; None for the package's own.

    Returns:
        Path.

    Raises:
        TypeError: ``name`` is no text.
        ValueError: ``name`` holds other characters.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a text, but is {name!r}")
    if not re.fullmatch(r"\w+", name):
        raise ValueError(f"name must be letters, digits and underscores, but is {name!r}")
    return Path(results_folder() if folder is None else folder) / f"{name}.json"


def versions():
    """Return the versions that a result may depend on.

    Returns:
        dict of str by name: python, torch, numpy, rnncourse.
    """
    installed = {name: metadata.version(name) for name in ("torch", "numpy")}
    return {"python": platform.python_version(), **installed, "rnncourse": rnncourse.__version__}


def summarise(rows, column, by=("remedy", "task")):
    """Make a table of runs: median and failures for each cell.

    Args:
        rows: list of dicts with ``column``, ``solved`` and the keys ``by``.
        column: name of a number, such as ``"loss"`` or ``"updates"``; runs where it is None are
            left out of the median, and not out of the failures.
        by: names of the keys that make a cell.

    Returns:
        dict of Summary by tuple, such as ``("clipping by norm", "adding, T = 50")``, in the order
        in which the cells first stand in ``rows``.

    Raises:
        KeyError: a row lacks one of the keys.
    """
    cells = {}
    for row in rows:
        cells.setdefault(tuple(row[key] for key in by), []).append(row)
    return {key: _summary(runs, column) for key, runs in cells.items()}


def _summary(runs, column):
    numbers = [run[column] for run in runs if run[column] is not None]
    median = statistics.median(numbers) if numbers else None
    return Summary(median, sum(not run["solved"] for run in runs), len(runs))


def _fault(content, name):
    """What is wrong with the content of a file, or an empty text."""
    if not isinstance(content, dict):
        return f"it holds a {type(content).__name__}"
    wrong = [key for key, kind in FIELDS.items() if not isinstance(content.get(key), kind)]
    if wrong:
        return f"it has no proper {', '.join(wrong)}"
    if content["name"] != name:
        return f"it holds those of {content['name']!r}"
    odd = [row for row in content["rows"] if not isinstance(row, dict) or "settings" not in row]
    return f"a row of it is {odd[0]!r}" if odd else ""
