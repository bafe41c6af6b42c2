"""Stored results: what is written is read back, whole or not at all, and bad files are named."""

import json
import os
from pathlib import Path

import pytest

from rnncourse.experiments.store import (
    FIELDS,
    Results,
    file_of,
    load_results,
    results_folder,
    save_results,
    summarise,
    versions,
)

ROWS = [
    {"remedy": "none", "seed": 1, "loss": 0.25, "updates": None, "solved": False, "settings": "a"},
    {"remedy": "none", "seed": 2, "loss": None, "updates": None, "solved": False, "settings": "a"},
    {"remedy": "skip", "seed": 1, "loss": 0.125, "updates": 300, "solved": True, "settings": "b"},
]


def results(rows=ROWS, name="small"):
    return Results(name, "python -m rnncourse experiments small", versions(), {"H": 64}, rows)


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []])
def test_what_is_saved_is_loaded(tmp_path, rows):
    path = save_results(results(rows), tmp_path)
    assert path == tmp_path / "small.json" and [*tmp_path.iterdir()] == [path]
    assert load_results("small", tmp_path) == results(rows)
    assert sum('"remedy"' in line for line in path.read_text().splitlines()) == len(rows)


def test_versions_are_those_that_run():
    import numpy
    import torch

    import rnncourse

    found = versions()
    assert found.keys() == {"python", "torch", "numpy", "rnncourse"}
    assert (found["torch"], found["numpy"]) == (torch.__version__, numpy.__version__)
    assert found["rnncourse"] == rnncourse.__version__


def test_everything_stored_in_the_package_can_be_read():
    names = [path.name.removesuffix(".json") for path in Path(results_folder()).glob("*.json")]
    assert "remedies" in names
    for name in names:
        assert load_results(name).rows


# Whole or not at all


def test_a_broken_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = save_results(results(), tmp_path)
    before = path.read_bytes()

    def fail(source, target):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk is full"):
        save_results(results(ROWS[:1]), tmp_path)
    assert path.read_bytes() == before and [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    "rows, error", [([{"loss": float("nan")}], ValueError), ([{"loss": {1, 2}}], TypeError)]
)
def test_what_json_cannot_say_is_refused(tmp_path, rows, error):
    path = save_results(results(), tmp_path)
    before = path.read_bytes()
    with pytest.raises(error):
        save_results(results(rows), tmp_path)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        save_results(results(), tmp_path / "nowhere")


# Bad files and names


def test_an_unknown_name_says_what_there_is(tmp_path):
    save_results(results(), tmp_path)
    with pytest.raises(FileNotFoundError, match=r"\['small'\], but is 'large'.*experiments large"):
        load_results("large", tmp_path)


@pytest.mark.parametrize("name", ["../small", "a/b", "", "small.json"])
def test_a_name_is_a_plain_word(tmp_path, name):
    with pytest.raises(ValueError, match="name must be letters, digits and underscores"):
        file_of(name, tmp_path)


def test_a_name_is_a_text():
    with pytest.raises(TypeError, match="name must be a text, but is 3"):
        load_results(3)


GOOD = {"name": "small", "command": "c", "versions": {}, "settings": {}, "rows": []}


@pytest.mark.parametrize(
    "content, message",
    [
        ("{", "cannot be read"),
        ("", "cannot be read"),
        ("[1]", "holds a list"),
        (json.dumps(GOOD | {"rows": 3}), "no proper rows"),
        (json.dumps({k: v for k, v in GOOD.items() if k != "versions"}), "no proper versions"),
        (json.dumps(GOOD | {"name": "other"}), "those of 'other'"),
        (json.dumps(GOOD | {"rows": [7]}), "a row of it is 7"),
        (json.dumps(GOOD | {"rows": [{"loss": 1}]}), "a row of it is {'loss': 1}"),
    ],
)
def test_a_damaged_file(tmp_path, content, message):
    (tmp_path / "small.json").write_text(content)
    with pytest.raises(ValueError, match=message) as caught:
        load_results("small", tmp_path)
    assert "small.json" in str(caught.value)


def test_the_good_file_beside_them(tmp_path):
    assert set(FIELDS) == set(GOOD)
    (tmp_path / "small.json").write_text(json.dumps(GOOD))
    assert load_results("small", tmp_path).rows == []


# The table


def test_summary_by_hand():
    rows = [
        {"remedy": "b", "task": "t", "updates": updates, "solved": updates is not None}
        for updates in (500, None, 100, 300, None)
    ]
    rows += [{"remedy": "a", "task": "t", "updates": None, "solved": False}]
    table = summarise(rows, "updates")
    assert [*table] == [("b", "t"), ("a", "t")]
    assert table["b", "t"] == (300, 2, 5)
    assert table["a", "t"] == (None, 1, 1)
    by_task = summarise(rows, "updates", by=["task"])
    assert by_task == {("t",): (300, 3, 6)}


def test_an_even_number_has_its_median_between():
    rows = [{"remedy": "a", "task": "t", "loss": loss, "solved": True} for loss in (1.0, 4.0)]
    assert summarise(rows, "loss")["a", "t"].median == 2.5


def test_a_row_without_the_column():
    with pytest.raises(KeyError, match="loss"):
        summarise([{"remedy": "a", "task": "t", "solved": True}], "loss")
