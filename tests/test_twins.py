"""Notebooks in step with their twins, mirrored cells in step with the package."""

import pytest

import twins
from book import CHAPTERS, SOLUTIONS, name_of
from canonical import read

PAIRS = twins.twin_paths()


def content(notebook):
    """Return what a twin decides: type, source and metadata of each cell."""
    keys = ("tags", "nbgrader")
    return [
        (cell.cell_type, cell.source, {key: cell.metadata.get(key) for key in keys})
        for cell in notebook.cells
    ]


def test_every_notebook_has_a_twin():
    assert set(PAIRS.values()) == {*CHAPTERS, *SOLUTIONS}


@pytest.mark.parametrize("twin", PAIRS, ids=name_of)
def test_notebook_is_in_step_with_its_twin(twin):
    assert content(read(PAIRS[twin])) == content(twins.read_twin(twin))


@pytest.mark.parametrize("twin", PAIRS, ids=name_of)
def test_mirrored_cells_are_in_step_with_the_package(twin):
    text = twin.read_text(encoding="utf-8")
    assert twins.fill_mirrors(text) == text
    mirrors = [m[1] for m in map(twins.MIRROR.match, text.splitlines()) if m]
    for mirror in mirrors:
        assert len(twins.definition(mirror).splitlines()) <= 30, f"{mirror} is over 30 lines"


def test_a_changed_mirror_is_noticed():
    tag = '# %% tags=["mirror:rnncourse.figures.style_of"]'
    filled = twins.fill_mirrors(f"{tag}\n# filled from the package\n\n# %%\nx = 1\n")
    assert filled.splitlines()[1].startswith("def style_of(")
    assert filled.endswith("\n\n# %%\nx = 1\n")
    assert twins.fill_mirrors(filled) == filled
    assert twins.fill_mirrors(filled.replace("raise ValueError", "raise KeyError")) == filled


@pytest.mark.parametrize("name", ["rnncourse.nowhere.f", "rnncourse.figures.nothing"])
def test_a_mirror_of_nothing_is_an_error(name):
    with pytest.raises(ValueError, match=name):
        twins.definition(name)
