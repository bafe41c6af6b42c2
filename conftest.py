"""How the book's notebooks are tested: one thread, a sanitizer, a limit on each cell and each run.

The settings stand here and not on the command line, so that every call of pytest has them.
"""

import collections
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent
CELL_SECONDS = 120
NOTEBOOK_SECONDS = 60
SECONDS = collections.Counter()

os.environ["OMP_NUM_THREADS"] = "1"  # two workers of one thread each, here and in every kernel
os.environ.pop("MPLBACKEND", None)  # a kernel shows figures inline, whatever the shell says


def pytest_configure(config):
    """Give nbval its sanitizer and a time limit that is not its own 2,000 s."""
    options = config.option
    if getattr(options, "nbval", False):
        options.nbval_sanitize_with = options.nbval_sanitize_with or str(
            ROOT / "tests" / "nbval_sanitize.cfg"
        )
        options.nbval_cell_timeout = CELL_SECONDS


def pytest_runtest_logreport(report):
    """Add up the time of each notebook."""
    name = report.nodeid.partition("::")[0]
    if name.endswith(".ipynb"):
        SECONDS[name] += report.duration


def pytest_sessionfinish(session, exitstatus):
    """Fail a run in which a notebook took longer than a notebook may."""
    if not hasattr(session.config, "workerinput") and exitstatus == 0 and slow_notebooks():
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    """List the notebooks and their times."""
    for name, seconds in sorted(SECONDS.items()):
        terminalreporter.write_line(f"{seconds:6.1f} s  {name}")
    for name in slow_notebooks():
        terminalreporter.write_line(f"FAILED {name}: over {NOTEBOOK_SECONDS} s", red=True)


def slow_notebooks():
    """Return the notebooks that took longer than a notebook may."""
    return [name for name, seconds in SECONDS.items() if seconds > NOTEBOOK_SECONDS]
