"""The claim helper: it asserts, prints one line and records what was measured."""

import json
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from book import CHAPTERS
from rnncourse.claims import claim, describe_bound
from rnncourse.ledger import read_claims

SENTENCE = "The error stays small."


@pytest.mark.parametrize(
    "measured, bound",
    [
        (0.5, {"at_most": 0.5}),
        (0.5, {"at_least": 0.5}),
        ([0.1, 0.2, 0.3], {"at_least": 0.1, "at_most": 0.3}),
        (7, {"equals": 7, "tolerance": 0}),
        (7.05, {"equals": 7, "tolerance": 0.1}),
    ],
)
def test_a_true_claim_prints_one_line(measured, bound, capsys):
    claim("2.4", SENTENCE, measured, **bound)
    out = capsys.readouterr().out
    assert out.startswith(f"Claim 2.4 holds: {SENTENCE} [")
    assert out.count("\n") == 1


@pytest.mark.parametrize(
    "measured, bound",
    [
        (0.51, {"at_most": 0.5}),
        (0.49, {"at_least": 0.5}),
        ([0.1, 0.2, 0.31], {"at_least": 0.1, "at_most": 0.3}),
        (float("nan"), {"at_most": 0.5}),
        (7.2, {"equals": 7, "tolerance": 0.1}),
    ],
)
def test_a_false_claim_stops_with_an_error(measured, bound):
    with pytest.raises(AssertionError, match=r"claim 2\.4 fails: .*says: The error stays small"):
        claim("2.4", SENTENCE, measured, **bound)


def test_an_infinite_value_is_refused_also_where_it_keeps_the_bound():
    with pytest.raises(ValueError, match="measured must be finite"):
        claim("2.4", SENTENCE, float("inf"), at_least=1)
    with pytest.raises(AssertionError, match="claim 2.4 fails: inf is not at most 1"):
        claim("2.4", SENTENCE, float("inf"), at_most=1)


def test_a_false_claim_names_its_seed():
    with pytest.raises(AssertionError, match="0.9 with seed 12 is not at most 0.5"):
        claim("2.4", SENTENCE, [0.1, 0.9], at_most=0.5, seeds=[11, 12])


def test_the_line_carries_no_measured_digits(capsys):
    claim("2.4", SENTENCE, [0.123456, 0.2], at_most=0.5, seeds=[0, 1])
    assert capsys.readouterr().out == f"Claim 2.4 holds (2 seeds): {SENTENCE} [at most 0.5]\n"


@pytest.mark.parametrize(
    "arguments, bound, error, message",
    [
        (("2", SENTENCE, 1), {"at_most": 1}, ValueError, "number must be chapter.index"),
        ((2.4, SENTENCE, 1), {"at_most": 1}, TypeError, "number and sentence must be text"),
        (("2.4", "No stop", 1), {"at_most": 1}, ValueError, "full stop"),
        (("2.4", SENTENCE, []), {"at_most": 1}, ValueError, "at least one number"),
        (("2.4", SENTENCE, ["a"]), {"at_most": 1}, TypeError, "must hold numbers"),
        (("2.4", SENTENCE, 1), {}, ValueError, "give at_least or at_most"),
        (("2.4", SENTENCE, 1), {"equals": 1}, ValueError, "equals with tolerance"),
        (("2.4", SENTENCE, 1), {"tolerance": 1, "at_most": 2}, ValueError, "with tolerance"),
        (("2.4", SENTENCE, 1), {"at_most": float("nan")}, ValueError, "NaN"),
        (("2.4", SENTENCE, 1), {"at_least": 2, "at_most": 1}, ValueError, "not be larger"),
        (("2.4", SENTENCE, 1), {"equals": 1, "tolerance": -1}, ValueError, "not be negative"),
        (("2.4", SENTENCE, [1, 2]), {"at_most": 3, "seeds": [1]}, ValueError, "one entry a value"),
    ],
)
def test_bad_input(arguments, bound, error, message):
    with pytest.raises(error, match=message):
        claim(*arguments, **bound)


def test_describe_bound():
    assert describe_bound({"at_least": 1.0, "at_most": 2.5}) == "at least 1 and at most 2.5"
    assert describe_bound({"equals": 2.0, "tolerance": 0.0}) == "exactly 2"


def test_a_notebook_records_its_claims(tmp_path):
    source = f"from rnncourse.claims import claim\nclaim('2.1', {SENTENCE!r}, [1, 2], at_most=3, "
    cell = nbformat.v4.new_code_cell(source + "seeds=[5, 6])")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, kernel_name="python3").execute()
    nbformat.write(notebook, tmp_path / "one.ipynb")
    (record,) = read_claims(tmp_path / "one.ipynb")
    bound = {"at_most": 3.0}
    expected = {"number": "2.1", "sentence": SENTENCE, "measured": [1.0, 2.0], "bound": bound}
    assert 0 < record.pop("cpu_seconds") < 60
    assert record == {**expected, "seeds": [5, 6]}


def test_the_command_lists_every_claim():
    run = subprocess.run(
        [sys.executable, "-m", "rnncourse", "claims"], capture_output=True, text=True
    )
    assert run.returncode == 0
    for path in CHAPTERS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tagged = [c for c in cells if "claim" in c["metadata"].get("tags", [])]
        records = read_claims(path)
        assert len(records) == len(tagged) > 0
        assert all(record["sentence"] in run.stdout for record in records)


def test_the_command_says_where_it_found_nothing(tmp_path):
    command = [sys.executable, "-m", "rnncourse", "claims", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 1
    assert "No notebook" in run.stdout
