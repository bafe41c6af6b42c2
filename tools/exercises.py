"""Make exercises/ from solutions/ with nbgrader: solutions cut, hidden checks removed.

    python tools/exercises.py               every exercise set
    python tools/exercises.py --only 02     the sets whose name starts with 02

An exercise notebook in which somebody has worked is never replaced without a copy of it being
kept beside it.
"""

import argparse
import logging
import shutil
import sys
import tempfile
from pathlib import Path

from canonical import as_text, canonical, is_edited, read, without_outputs
from twins import ROOT

STUB = 'raise NotImplementedError("Replace this line with your own code.")'


def main(argv=None):
    """Make the exercise sets that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="start of the set's name, such as 02")
    arguments = parser.parse_args(argv)
    names = [name for name in set_names() if name.startswith(arguments.only)]
    if not names:
        parser.error(f"no exercise set's name starts with {arguments.only!r}")
    for name, text in generate(names).items():
        print(f"exercises/{name}/{name}.ipynb: {place(text, exercise_path(name))}")
    return 0


def set_names():
    """Return the names of all exercise sets, in order."""
    return sorted(path.stem for path in ROOT.glob("solutions/*/[0-9]*.ipynb"))


def exercise_path(name):
    """Return where the exercise set of this name belongs."""
    return ROOT / "exercises" / name / f"{name}.ipynb"


def generate(names):
    """Return the text of each exercise notebook, made afresh in a temporary course."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    texts = {}
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        for name in names:
            target = course / "solutions" / name / f"{name}.ipynb"
            target.parent.mkdir(parents=True)
            shutil.copy(ROOT / "solutions" / name / f"{name}.ipynb", target)
            config = Config()
            config.CourseDirectory.root = folder
            config.CourseDirectory.course_id = "rnncourse"
            config.CourseDirectory.source_directory = "solutions"
            config.CourseDirectory.release_directory = "exercises"
            config.CourseDirectory.assignment_id = name
            config.ClearSolutions.code_stub = {"python": STUB}
            config.SaveCells.enabled = False  # no grade book is needed to cut solutions
            converter = GenerateAssignment(
                coursedir=CourseDirectory(config=config), config=config, no_database=True
            )
            converter.log.setLevel(logging.ERROR)
            converter.start()
            made = read(course / "exercises" / name / f"{name}.ipynb")
            texts[name] = as_text(canonical(without_outputs(made)))
    return texts


def place(text, path):
    """Write an exercise notebook, keeping a copy of one that somebody has worked in."""
    if path.exists():
        if path.read_text(encoding="utf-8") == text:
            return "unchanged"
        if holds_work(path):
            kept = next_free(path)
            shutil.copy2(path, kept)
            print(f"{path.name} holds somebody's work: kept as {kept.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return "written"


def holds_work(path):
    """Tell whether an exercise notebook was edited or run since a tool wrote it."""
    notebook = read(path)
    return is_edited(notebook) or any(cell.get("outputs") for cell in notebook.cells)


def next_free(path):
    """Return a path beside this one, for a copy, that does not exist."""
    number = 1
    while (kept := path.with_name(f"{path.stem}-kept-{number}.ipynb")).exists():
        number += 1
    return kept


if __name__ == "__main__":
    sys.exit(main())
