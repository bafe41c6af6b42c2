"""Run a list of cells over several processes, and store each result as soon as it is there.

A cell of the grid is one run: it has a name and holds all that the run depends on. What is stored
under the same name and the same settings is not run again, so a grid that was broken off goes on
where it stood, and a changed setting means new runs: rows of a name never stem from two settings.
"""

import contextlib
import hashlib
import json
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple

from tqdm import tqdm

from rnncourse.experiments.store import Results, load_results, save_results, versions
from rnncourse.validate import as_integer

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Run(NamedTuple):
    """One run of an experiment.

    Args:
        key: dict that names the run, such as remedy, task and seed; the row begins with it.
        settings: dict of what else the function takes. Both must be plain JSON data.
    """

    key: dict
    settings: dict

    def checksum(self):
        """Return a short checksum of the settings: equal settings, equal text.

        Returns:
            str of 12 hexadecimal digits.

        Raises:
            TypeError: the settings are no JSON data.
        """
        text = json.dumps(self.settings, sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def run_grid(name, function, cells, settings, workers=2, folder=None, progress=False):
    """Run all cells that are not stored yet, and return the rows of all of them.

    Args:
        name: of the file in which the results are stored.
        function: called as ``function(**cell.key, **cell.settings)`` in a process of its own with
            one thread; returns a dict of JSON data. It must be defined at the top of a module.
        cells: list of Run, no two of the same key.
        settings: dict for the reader, stored at the head of the file.
        workers: number of processes, at least 1.
        folder: where the file is; None for the package's own.
        progress: whether a bar shows on stderr how far it is.

    Returns:
        list of dicts, one for each cell, in the order of ``cells``.

    Raises:
        TypeError: ``workers`` is not a whole number, or something is no JSON data.
        ValueError: there is no cell, two have the same key, ``workers`` is less than 1, or the
            stored file is damaged.
        OSError: the file cannot be written, or a worker was killed.
    """
    workers = as_integer(workers, "workers", minimum=1)
    done = _stored(name, cells, folder)

    def save():
        rows = [done[label] for label in map(_label, cells) if label in done]
        command = f"python -m rnncourse experiments {name}"
        save_results(Results(name, command, versions(), settings, rows), folder)

    save()  # a folder that cannot be written to shows now, not after the first long run
    to_do = [cell for cell in cells if _label(cell) not in done]
    bar = tqdm(total=len(cells), initial=len(done), desc=name, disable=not progress)
    with bar, contextlib.closing(_run_all(function, to_do, workers)) as finished:
        for cell, result in finished:
            done[_label(cell)] = {**cell.key, **result, "settings": cell.checksum()}
            save()
            bar.update()
    return [done[_label(cell)] for cell in cells]


def missing_runs(cells, rows):
    """List the cells that have no row of the same key and the same settings.

    Args:
        cells: list of Run.
        rows: list of dicts, as they are stored.

    Returns:
        list of Run.
    """
    there = _rows_by_label(cells, rows)
    return [cell for cell in cells if _label(cell) not in there]


def _label(cell):
    """A cell as a text that can be looked up."""
    return json.dumps(cell.key, sort_keys=True) + cell.checksum()


def _rows_by_label(cells, rows):
    """The rows that belong to a cell."""
    found = {}
    for cell in cells:
        wanted = {**cell.key, "settings": cell.checksum()}
        for row in rows:
            if all(row.get(key) == value for key, value in wanted.items()):
                found[_label(cell)] = row
    return found


def _stored(name, cells, folder):
    """Rows by label of those cells that are stored."""
    keys = [json.dumps(cell.key, sort_keys=True) for cell in cells]
    twice = [key for key in set(keys) if keys.count(key) > 1]
    if not keys or twice:
        raise ValueError(f"cells must be at least one, each of its own key, but {twice or 'none'}")
    try:
        return _rows_by_label(cells, load_results(name, folder).rows)
    except FileNotFoundError:
        return {}


def _run_all(function, cells, workers):
    """Yield (cell, result) as they finish; whoever stops listening ends the processes."""
    with _one_thread():
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, context, _follow_the_command)
        futures = {pool.submit(function, **cell.key, **cell.settings): cell for cell in cells}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool as error:
            fault = "a worker ended at once; is there too little memory?"
            raise OSError(f"{fault} Finished runs are stored") from error
        finally:
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(cancel_futures=True)


def _follow_the_command():
    """In a worker: interrupts are for the command, and it ends as soon as the command has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextlib.contextmanager
def _one_thread():
    """Let processes that begin inside the block compute with one thread each."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
