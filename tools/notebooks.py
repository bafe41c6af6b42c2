"""Bring twins and notebooks together: fill mirrored cells, execute, write canonical notebooks.

    python tools/notebooks.py               every notebook
    python tools/notebooks.py --only 02     the notebooks whose name starts with 02

A notebook that was edited by hand is left as it is, and the command says so: its change belongs
into the twin.
"""

import argparse
import os
import re
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from canonical import as_text, canonical, is_edited, read
from twins import fill_mirrors, read_twin, twin_paths

MAX_SECONDS = 60
MAX_MEGABYTES = 1500
PEAK_MEMORY = (
    "try:\n"
    "    import resource, sys\n"
    "    unit = 2**20 if sys.platform == 'darwin' else 2**10\n"
    "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit)\n"
    "except ImportError:\n"
    "    print(0)"
)


def main(argv=None):
    """Build the notebooks that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="start of the notebook's name, such as 02")
    parser.add_argument("--force", action="store_true", help="replace notebooks edited by hand")
    arguments = parser.parse_args(argv)
    pairs = {t: n for t, n in twin_paths().items() if t.stem.startswith(arguments.only)}
    if not pairs:
        parser.error(f"no twin's name starts with {arguments.only!r}")
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ.pop("MPLBACKEND", None)
    failures = [twin for twin, path in pairs.items() if not build(twin, path, arguments.force)]
    return 1 if failures else 0


def build(twin, path, force=False):
    """Make one notebook from its twin; print what happened; return whether all is well."""
    name = path.name
    if not force and path.exists() and is_edited(read(path)):
        print(f"{name}: edited by hand and left alone. Move the change into {twin.name},")
        print("  or replace the notebook with --force.")
        return False
    text = twin.read_text(encoding="utf-8")
    filled = fill_mirrors(text)
    if filled != text:
        twin.write_text(filled, encoding="utf-8")
        print(f"{twin.name}: mirrored cells brought up to date")
    path.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    try:
        notebook, megabytes = execute(read_twin(twin), path.parent)
    except CellExecutionError as error:
        print(f"{name}: a cell failed, nothing was written\n{error.traceback}")
        return False
    seconds = time.perf_counter() - start
    new = as_text(canonical(notebook))
    changed = not path.exists() or _without_times(path.read_text("utf-8")) != _without_times(new)
    if changed:
        path.write_text(new, encoding="utf-8")
    verdict = "written" if changed else "unchanged"
    print(f"{name}: {verdict}, {seconds:.1f} s, {megabytes} MB, {len(new) // 1024} kB")
    if seconds > MAX_SECONDS or megabytes > MAX_MEGABYTES:
        print(f"  too large: at most {MAX_SECONDS} s and {MAX_MEGABYTES} MB are allowed")
        return False
    return True


def _without_times(text):
    """Leave out what two runs never share: the seconds beside each claim."""
    return re.sub(r'"cpu_seconds": [\d.]+', "", text)


def execute(notebook, folder):
    """Run a notebook in a folder; return it with its outputs, and its peak memory in MB."""
    probe = nbformat.v4.new_code_cell(PEAK_MEMORY)
    notebook.cells.append(probe)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    client = NotebookClient(
        notebook,
        timeout=300,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=40"],
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    notebook.cells.pop()
    return notebook, int(probe.outputs[0].text)


if __name__ == "__main__":
    sys.exit(main())
