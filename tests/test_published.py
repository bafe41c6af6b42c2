"""Published claims: the verdict follows from the numbers, and stands in the record."""

import nbformat
import pytest
from nbclient import NotebookClient

from rnncourse.published import published, verdict

TEXTS = {"there": "T = 150, error 0.01", "here": "T = 100, 64 units"}
SAID = ("Author (1999)", "The error falls.")


@pytest.mark.parametrize(
    "values, expected",
    [
        ([0.001, 0.002, 0.2], "reproduced"),
        ([0.001, 0.05, 0.05], "direction only"),
        ([0.001, 0.05, 0.2, 0.2, 0.2], "not reproduced"),
        ([0.001, 0.2], "not reproduced"),  # a half is not more than half
        ([float("nan")] * 3, "not reproduced"),
    ],
)
def test_more_than_half_of_the_seeds_decide(values, expected):
    assert verdict(values, {"at_most": 0.01}, {"at_most": 0.1}) == expected


def test_without_a_weaker_bound_there_is_no_direction():
    assert verdict([0.05], {"at_most": 0.01}) == "not reproduced"


def test_the_line_says_the_verdict_and_no_measured_digit(capsys):
    published(*SAID, **TEXTS, measured=[0.123, 0.4], reproduced={"at_most": 0.5}, seeds=[3, 5])
    assert capsys.readouterr().out == (
        "Author (1999): REPRODUCED. The error falls.\nThere: T = 150, error 0.01.\n"
        "Here: T = 100, 64 units, 2 seeds [at most 0.5]\n"
    )


def test_a_notebook_records_what_stands_behind_the_verdict():
    source = (
        "from rnncourse.published import published\n"
        f"published({SAID[0]!r}, {SAID[1]!r}, there='a', here='b', measured=[0.05, 0.06],\n"
        "          reproduced={'at_most': 0.01}, direction={'at_most': 0.1}, seeds=[0, 1])"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, timeout=60).execute()
    (output,) = notebook.cells[0].outputs
    record = output.metadata["rnncourse_published"]
    assert record["verdict"] == "direction only"
    assert record["measured"] == [0.05, 0.06]
    assert record["direction"] == {"at_most": 0.1}
    assert record["seeds"] == [0, 1]


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"there": ""}, ValueError, "there must not be empty"),
        ({"here": 3}, TypeError, "here must be text, but is 3"),
        ({"reproduced": 0.1}, TypeError, "reproduced must be a dict"),
        ({"reproduced": {"below": 1}}, ValueError, r"may hold .* but holds \['below'\]"),
        ({"reproduced": {}}, ValueError, "give at_least or at_most"),
        ({"direction": {"equals": 1}}, ValueError, "equals with tolerance"),
        ({"measured": []}, ValueError, "measured must hold at least one number"),
        ({"measured": ["a"]}, TypeError, "measured must hold numbers, but holds 'a'"),
        ({"seeds": [1, 2]}, ValueError, "one entry a value: 2 for 1"),
    ],
)
def test_bad_input(change, error, message):
    good = {**TEXTS, "measured": [0.1], "reproduced": {"at_most": 1}}
    with pytest.raises(error, match=message):
        published(*SAID, **{**good, **change})
