"""docs/errata.toml: complete, in order, and each entry leads to what shows fault and fix."""

import copy
import re
import tomllib

import pytest

from book import CHAPTERS
from canonical import read
from rnncourse.claims import METADATA_KEY
from rnncourse.ledger import read_claims
from twins import ROOT

ERRATA = tomllib.loads((ROOT / "docs/errata.toml").read_text(encoding="utf-8"))["erratum"]
MAP = (ROOT / "chapters/lecture_map.md").read_text(encoding="utf-8")
NOTEBOOKS = {path.stem: read(path) for path in CHAPTERS}
CLAIMS = {record["number"]: path.stem for path in CHAPTERS for record in read_claims(path)}
TEXTS = ("id", "told", "right", "chapter", "section", "kind")
LISTS = ("decks", "claims", "cells")
DECKS = re.findall(r"\*\*(\d{3})\*\*", MAP)
KINDS = ("result", "history", "wording")
MAX_WORDS = 80


def rows():
    """Return each row of the lecture map: its decks, its chapters and headings, its correction."""
    found = []
    for line in MAP.splitlines():
        cells = re.split(r" \| ?", line.strip("| "))
        if line.startswith("| ") and ".ipynb#" in line:
            decks = DECKS if cells[0] == "all" else re.findall(r"\d{3}", cells[0])
            links = re.findall(r"\((\w+)\.ipynb#([^\s)]+)\)", line)
            found.append((decks, links, "" if ".ipynb#" in cells[-1] else cells[-1]))
    return found


def headings(notebook):
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.findall(r"^## (.+)$", prose, re.MULTILINE)


def is_claim(cell):
    return any(METADATA_KEY in output.get("metadata", {}) for output in cell.outputs)


def form(entry):
    """Keys and their kinds; an id, known decks in order, full sentences that are not too long."""
    if set(entry) != {*TEXTS, *LISTS}:
        return [f"keys {sorted(entry)}"]
    wrong = [key for key in TEXTS if not isinstance(entry[key], str)]
    for key in LISTS:
        if not isinstance(entry[key], list) or not all(isinstance(x, str) for x in entry[key]):
            wrong.append(key)
    if wrong:
        return [f"{key} is of another type" for key in wrong]
    faults = [] if re.fullmatch(r"E[1-9]\d*", entry["id"]) else [f"id {entry['id']}"]
    decks = entry["decks"]
    if not decks or decks != sorted(set(decks) & set(DECKS)):
        faults.append(f"decks {decks}")
    if entry["kind"] not in KINDS:
        faults.append(f"kind {entry['kind']}")
    for key in ("told", "right"):
        text = entry[key]
        if not text.endswith((".", ".$")) or len(text.split()) > MAX_WORDS or text != text.strip():
            faults.append(f"{key}: no full stop at the end, or over {MAX_WORDS} words")
        if text.count("$") % 2 or text.count("`") % 2 or "\n" in text:
            faults.append(f"{key}: an open formula, open code, or a line break")
    return faults


def target(entry):
    """Chapter, heading, claims and cells exist; a result is shown in its own chapter."""
    if entry["chapter"] not in NOTEBOOKS:
        return [f"chapter {entry['chapter']}"]
    notebook, claims = NOTEBOOKS[entry["chapter"]], entry["claims"]
    faults = [] if entry["section"] in headings(notebook) else [f"section {entry['section']}"]
    faults += [f"claim {number}" for number in claims if number not in CLAIMS]
    if len(set(claims)) < len(claims):
        faults.append("claim named twice")
    for text in entry["cells"]:
        codes = [c for c in notebook.cells if c.cell_type == "code" and text in c.source]
        if len(codes) != 1 or is_claim(codes[0]):
            faults.append(f"cell {text!r} is in {len(codes)} code cells, or in a claim")
    own = entry["cells"] or any(CLAIMS.get(number) == entry["chapter"] for number in claims)
    if entry["kind"] == "result" and not own:
        faults.append("result without a claim or a cell in its chapter")
    return faults


def order(errata):
    numbers = [int(entry["id"][1:]) for entry in errata]
    return [] if numbers == sorted(set(numbers)) else [f"ids out of order: {numbers}"]


def unmapped(entry):
    """Return the decks of an entry for which the map corrects nothing in that chapter."""
    corrected = {
        (deck, chapter)
        for decks, links, correction in rows()
        for deck in decks
        for chapter, _ in links
        if correction
    }
    return [deck for deck in entry["decks"] if (deck, entry["chapter"]) not in corrected]


def unlisted(errata):
    """Return the rows that correct a deck under "Often told wrong", and for which no entry is."""
    listed = {
        (deck, chapter)
        for entry in errata
        for deck in entry["decks"]
        for chapter in (entry["chapter"], *(CLAIMS.get(number) for number in entry["claims"]))
    }
    return [
        (decks, chapter)
        for decks, links, correction in rows()
        for chapter, heading in links
        if correction and heading == "Often-told-wrong"
        if not any((deck, chapter) in listed for deck in decks)
    ]


@pytest.mark.parametrize("rule", [form, target, unmapped], ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("entry", ERRATA, ids=lambda entry: entry["id"])
def test_entry_keeps_rule(entry, rule):
    assert rule(entry) == []


def test_ids_are_unique_and_in_order():
    assert order(ERRATA) == []


def test_the_map_is_read():
    assert DECKS == ["000", "001", "002", "003", "004"]
    assert len(rows()) == MAP.count("\n| ") - 2  # less the heading and the rule below it
    assert {chapter for _, links, _ in rows() for chapter, _ in links} == set(NOTEBOOKS)
    assert len([row for row in rows() if row[2]]) > 50


def test_what_the_map_corrects_under_often_told_wrong_is_listed():
    assert unlisted(ERRATA) == []


BREAKS = {
    "key missing": (form, lambda entry: entry.pop("cells"), "keys"),
    "another type": (form, lambda entry: entry.update(claims="11.38"), "claims is of"),
    "another id": (form, lambda entry: entry.update(id="014"), "id 014"),
    "unknown deck": (form, lambda entry: entry.update(decks=["000", "005"]), "decks"),
    "no deck": (form, lambda entry: entry.update(decks=[]), "decks"),
    "unknown kind": (form, lambda entry: entry.update(kind="slip"), "kind slip"),
    "no full stop": (form, lambda entry: entry.update(told="The matrix"), "told: no full stop"),
    "wordy": (form, lambda entry: entry.update(right="so " * 80 + "on."), "right: no full stop"),
    "open formula": (form, lambda entry: entry.update(told="It is $x."), "told: an open"),
    "no such chapter": (target, lambda entry: entry.update(chapter="11_gradients"), "chapter 11_"),
    "no such heading": (target, lambda entry: entry.update(section="Often told"), "section Often"),
    "no such claim": (target, lambda entry: entry.update(claims=["11.12", "11.99"]), "claim 11.99"),
    "claim twice": (target, lambda entry: entry.update(claims=["11.12", "11.12"]), "named twice"),
    "no such cell": (target, lambda entry: entry.update(cells=["no such code"]), "0 code cells"),
    "two cells": (target, lambda entry: entry.update(cells=["np."]), "code cells"),
    "claim as a cell": (target, lambda entry: entry.update(cells=['claim("11.38"']), "in a claim"),
    "nothing shown": (target, lambda entry: entry.update(claims=[]), "without a claim"),
    "shown elsewhere": (target, lambda entry: entry.update(claims=["1.20"]), "in its chapter"),
    "not in the map": (unmapped, lambda entry: entry.update(decks=["002"]), "002"),
}


@pytest.mark.parametrize("rule, damage, fault", BREAKS.values(), ids=BREAKS)
def test_a_broken_entry_is_noticed(rule, damage, fault):
    entry = copy.deepcopy(next(entry for entry in ERRATA if entry["id"] == "E14"))
    assert rule(entry) == []
    damage(entry)
    assert fault in " ".join(rule(entry))


def test_a_broken_list_is_noticed():
    assert order(ERRATA[::-1])
    assert order([ERRATA[0], *ERRATA])
    without = [entry for entry in ERRATA if entry["chapter"] != "13_lstm"]
    assert (["004"], "13_lstm") in unlisted(without)
