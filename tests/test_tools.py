"""The builder of notebooks, and the settings under which pytest runs them, on tiny notebooks."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest

import notebooks
from book import SOLUTIONS
from canonical import as_text, canonical, read
from twins import ROOT, read_twin, twin_paths

TWIN = '''# %% [markdown]
r"""
# A title
"""

# %% tags=["mirror:rnncourse.figures.style_of"]
# filled from the package

# %%
print(1 + 1)

# %% tags=["claim"]
from rnncourse.claims import claim
claim("1.1", "One and one are two.", 1 + 1, equals=2, tolerance=0)
'''


@pytest.fixture
def twin(tmp_path):
    path = tmp_path / "tiny.py"
    path.write_text(TWIN)
    return path


def test_builds_a_notebook_and_then_changes_no_byte(twin, capsys):
    path = twin.with_suffix(".ipynb")
    assert notebooks.build(twin, path)
    built = path.read_bytes()
    cells = read(path).cells
    assert cells[1].source.startswith("def style_of(concept):")
    assert cells[2].outputs[0].text == "2\n"
    assert "def style_of(concept):" in twin.read_text()
    assert notebooks.build(twin, path)
    assert path.read_bytes() == built
    assert re.search(r"tiny.ipynb: unchanged, [\d.]+ s, \d+ MB", capsys.readouterr().out)


def test_leaves_a_notebook_edited_by_hand_alone(twin, capsys):
    path = twin.with_suffix(".ipynb")
    notebooks.build(twin, path)
    edited = path.read_text().replace("print(1 + 1)", "print(1 + 2)")
    path.write_text(edited)
    assert not notebooks.build(twin, path)
    assert path.read_text() == edited
    assert "edited by hand and left alone" in capsys.readouterr().out
    assert notebooks.build(twin, path, force=True)
    assert path.read_text() != edited


def test_writes_nothing_where_a_cell_fails(twin, capsys):
    twin.write_text(TWIN.replace("1 + 1", "1 / 0"))
    path = twin.with_suffix(".ipynb")
    assert not notebooks.build(twin, path)
    assert not path.exists()
    assert "a cell failed" in capsys.readouterr().out


def test_the_committed_notebook_is_what_the_builder_writes():
    path = SOLUTIONS[0]
    twin = next(twin for twin, notebook in twin_paths().items() if notebook == path)
    made, megabytes = notebooks.execute(read_twin(twin), path.parent)
    assert as_text(canonical(made)) == path.read_text(encoding="utf-8")
    assert megabytes < notebooks.MAX_MEGABYTES


@pytest.fixture
def course(tmp_path):
    """Return a folder with the book's settings for pytest and a function that runs a notebook."""
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "nbval_sanitize.cfg", tmp_path / "tests")
    shutil.copy(ROOT / "conftest.py", tmp_path)

    def run(source, output, **settings):
        for name, value in settings.items():
            conftest = tmp_path / "conftest.py"
            conftest.write_text(re.sub(rf"{name} = \d+", f"{name} = {value}", conftest.read_text()))
        printed = nbformat.v4.new_output("stream", name="stdout", text=output)
        cell = nbformat.v4.new_code_cell(source, execution_count=1, outputs=[printed])
        notebook = nbformat.v4.new_notebook(cells=[cell])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, tmp_path / "one.ipynb")
        command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "one.ipynb"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    return run


def test_a_notebook_with_the_right_output_passes(course):
    assert course("print(object())", "<object object at 0x123456789>\n").returncode == 0


def test_a_notebook_with_another_output_fails(course):
    assert course("print(2)", "3\n").returncode == 1


def test_a_cell_that_never_ends_is_stopped(course):
    run = course("import time\ntime.sleep(60)", "", CELL_SECONDS=2)
    assert run.returncode == 1
    assert "Timeout" in run.stdout or "timed out" in run.stdout.lower()


def test_a_notebook_that_takes_too_long_fails(course):
    run = course("print(2)", "2\n", NOTEBOOK_SECONDS=0)
    assert run.returncode == 1
    assert "FAILED one.ipynb: over 0 s" in run.stdout
