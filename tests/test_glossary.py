"""The glossary: in order, complete, and each entry leads to places that exist."""

import importlib
import re
import tomllib
from functools import cache

import pytest

from book import CHAPTERS, SOLUTIONS
from canonical import read
from rnncourse.ledger import read_claims
from twins import ROOT

GLOSSARY = tomllib.loads((ROOT / "docs" / "glossary.toml").read_text(encoding="utf-8"))
TERMS, SYMBOLS = GLOSSARY["term"], GLOSSARY["symbol"]
ENTRIES = TERMS + SYMBOLS
STEMS = {path.stem: path for path in CHAPTERS}

LISTS = {"also": None, "claims": 3, "exercises": 2, "api": 3}
TERM_KEYS = {"name", "meaning", "chapter", "section", *LISTS}
SYMBOL_KEYS = {"name", "meaning", "shape", "chapter", "section"}
LONGEST = 60

CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
MATHS = re.compile(r"\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
TARGET = re.compile(r"\]\([^)]*\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def named(entry):
    """Return a test's id for an entry."""
    return entry["name"]


@cache
def markdown(path):
    """Return the text of a notebook's Markdown cells, without code in it."""
    cells = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    return CODE.sub(" ", "\n\n".join(cells))


@cache
def prose(path):
    """Return a chapter's running text: no headings, code, maths, marks of emphasis, references."""
    text = TARGET.sub("] ", MATHS.sub(" ", markdown(path).split("\n## References")[0]))
    return " ".join(re.sub(r"[*\[\]]", "", HEADING.sub("", text)).split())


def occurs(form, text):
    """Tell whether a form stands in a text as whole words, in capitals or not."""
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text, re.IGNORECASE) is not None


def in_order(names):
    """Tell whether names stand in alphabetical order, each once."""
    keys = [(name.casefold(), name) for name in names]
    return keys == sorted(set(keys))


def faults_of_kind(entry, keys):
    """Return what is wrong with an entry's keys and with the kinds of their values."""
    faults = [f"{key} is missing or too much" for key in keys ^ set(entry)]
    for key, value in entry.items():
        if key not in LISTS:
            if not isinstance(value, str) or not (value.strip() or key == "shape"):
                faults.append(f"{key} must be text")
        elif not isinstance(value, list) or not all(isinstance(x, str) and x for x in value):
            faults.append(f"{key} must be a list of text")
        elif len(set(value)) < len(value) or len(value) > (LISTS[key] or len(value)):
            faults.append(f"{key} names something twice, or more than {LISTS[key]}")
    return faults


def resolve(dotted):
    """Return the module, class or function of the package that a dotted name means."""
    try:
        return importlib.import_module(dotted)
    except ModuleNotFoundError:
        module, _, name = dotted.rpartition(".")
        return getattr(importlib.import_module(module), name)


@cache
def claim_numbers():
    """Return the numbers of all claims that the chapters record."""
    return {record["number"] for path in CHAPTERS for record in read_claims(path)}


@cache
def exercise_numbers():
    """Return the numbers of all exercises that have a heading in an exercise notebook."""
    released = [ROOT / "exercises" / path.relative_to(ROOT / "solutions") for path in SOLUTIONS]
    headings = [line for path in released for line in HEADING.findall(markdown(path))]
    matches = [re.match(r"Exercise (\d+\.\d+) ", heading) for heading in headings]
    return {match[1] for match in matches if match}


def test_terms_and_symbols_are_in_alphabetical_order():
    assert in_order([term["name"] for term in TERMS])
    assert in_order([symbol["name"] for symbol in SYMBOLS])


def test_disorder_and_repetition_are_noticed():
    assert in_order(["AIC", "bits", "BPTT"])
    assert not in_order(["bits", "AIC"])
    assert not in_order(["bits", "bits"])


def test_no_form_leads_to_two_terms():
    forms = [form.casefold() for term in TERMS for form in (term["name"], *term["also"])]
    assert sorted({form for form in forms if forms.count(form) > 1}) == []


def test_there_is_enough_of_both():
    assert len(TERMS) >= 120
    assert len(SYMBOLS) >= 40


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_an_entry_is_complete(entry):
    assert faults_of_kind(entry, SYMBOL_KEYS if "shape" in entry else TERM_KEYS) == []


def test_an_incomplete_entry_is_noticed():
    entry = dict(TERMS[0], claims=["1.1", "1.2", "1.3", "1.4"], also="words", meaning=" ")
    del entry["api"]
    assert len(faults_of_kind(entry, TERM_KEYS)) == 4


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_a_meaning_is_short_and_ends_in_a_full_stop(entry):
    assert entry["meaning"].endswith(".")
    assert len(entry["meaning"].split()) <= LONGEST
    assert entry["meaning"].count("$") % 2 == 0, "a dollar sign has no partner"


@pytest.mark.parametrize("entry", ENTRIES, ids=named)
def test_an_entry_leads_to_a_heading(entry):
    assert entry["chapter"] in STEMS
    headings = re.findall(r"^#+ (.+)$", markdown(STEMS[entry["chapter"]]), re.MULTILINE)
    assert entry["section"] in headings


@pytest.mark.parametrize("term", TERMS, ids=named)
def test_a_term_stands_in_its_chapter(term):
    text = prose(STEMS[term["chapter"]])
    assert any(occurs(form, text) for form in (term["name"], *term["also"]))


@pytest.mark.parametrize("term", TERMS, ids=named)
def test_each_other_form_is_used_in_some_chapter(term):
    unused = [
        form for form in term["also"] if not any(occurs(form, prose(path)) for path in CHAPTERS)
    ]
    assert unused == []


@pytest.mark.parametrize("symbol", SYMBOLS, ids=named)
def test_a_symbol_stands_in_its_chapter(symbol):
    assert symbol["name"].startswith("$") and symbol["name"].endswith("$")
    formulas = " ".join(MATHS.findall(markdown(STEMS[symbol["chapter"]])))
    assert symbol["name"].strip("$") in formulas


@pytest.mark.parametrize("term", TERMS, ids=named)
def test_claims_exercises_and_names_of_a_term_exist(term):
    assert set(term["claims"]) <= claim_numbers()
    assert set(term["exercises"]) <= exercise_numbers()
    for dotted in term["api"]:
        assert dotted.startswith("rnncourse.")
        assert not dotted.rpartition(".")[2].startswith("_")
        resolve(dotted)


@pytest.mark.parametrize("dotted", ["rnncourse.nowhere", "rnncourse.claims.nothing"])
def test_a_name_of_nothing_is_noticed(dotted):
    with pytest.raises((AttributeError, ModuleNotFoundError)):
        resolve(dotted)


def test_most_terms_have_a_claim_and_many_have_all_three():
    assert sum(bool(term["claims"]) for term in TERMS) > len(TERMS) / 2
    complete = [term for term in TERMS if term["claims"] and term["exercises"] and term["api"]]
    assert len(complete) >= 10


def test_every_chapter_defines_something():
    assert {entry["chapter"] for entry in TERMS} == set(STEMS)
