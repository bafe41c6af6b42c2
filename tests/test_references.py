"""The bibliography: well formed, complete for the chapters, and of one mind with them."""

import ast
import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pybtex.database import BibliographyDataError

from book import CHAPTERS, name_of
from canonical import read
from references import bullets, entries, identifiers, identifiers_of, key_of, names, plain, surname
from twins import ROOT

ENTRIES = entries()
SMALL_WORDS = {"a", "an", "can", "for", "how", "in", "of", "on", "some", "the", "to"}
ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}")
RANGE = re.compile(r"\d+-\d+")
TINY = """
@article{first1990finding,
  author = {First, Á. B. and Second, C.},
  title = {On finding {Structure}},
  year = {1990},
  doi = {10.1000/A(1)b},
}

@incollection{first1991losing,
  author = {First, Á. B.},
  title = {Losing structure again},
  year = {1991},
  isbn = {0-444-86115-7},
}

@incollection{third1991losing,
  author = {Third, D.},
  title = {Losing structure again},
  year = {1991},
  isbn = {0-444-86115-7},
}
"""


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.bib"
    path.write_text(TINY, encoding="utf-8")
    return path


# ---- the file


def test_keys_are_sorted_and_made_of_surname_year_and_title():
    assert list(ENTRIES) == sorted(ENTRIES)
    assert {key: expected_key(entry) for key, entry in ENTRIES.items()} == {
        key: key for key in ENTRIES
    }


def expected_key(entry):
    word = next(word for word in plain(entry.fields["title"]).split() if word not in SMALL_WORDS)
    return plain(surname(entry)).replace(" ", "") + entry.fields["year"] + word


def test_each_entry_has_author_title_and_year():
    for key, entry in ENTRIES.items():
        assert entry.fields["title"].strip(), key
        assert re.fullmatch(r"1[89]\d\d|20\d\d", entry.fields["year"]), key
        for person in entry.persons["author"]:
            assert person.last_names, f"{key}: an author without a surname"
            assert all(re.fullmatch(r"[A-Z]\.(-[A-Z]\.)?", part) for part in initials(person)), key


def initials(person):
    assert person.first_names, f"{person}: an author without initials"
    return person.first_names + person.middle_names


def test_each_entry_says_where_it_appeared():
    place = {"article": "journal", "inproceedings": "booktitle", "incollection": "booktitle"}
    place |= {"book": "publisher", "techreport": "institution"}
    for key, entry in ENTRIES.items():
        assert entry.type == "misc" or place[entry.type] in entry.fields, key


def test_each_entry_has_a_well_formed_identifier():
    faults = {key: identifier_faults(entry.fields) for key, entry in ENTRIES.items()}
    assert not any(faults.values()), {key: found for key, found in faults.items() if found}


def identifier_faults(fields):
    """Return what is wrong with the identifiers of an entry's fields, as a list."""
    doi, eprint, isbn, url = (fields.get(kind) for kind in ("doi", "eprint", "isbn", "url"))
    faults = [] if doi or eprint or isbn or url else ["no identifier"]
    if doi and not re.fullmatch(r"10\.\d{4,9}/\S+[^\s.,;]", doi):
        faults.append(f"DOI {doi}")
    if eprint and not ARXIV.fullmatch(eprint):
        faults.append(f"arXiv number {eprint}")
    if bool(eprint) != (fields.get("archivePrefix") == "arXiv"):
        faults.append("eprint and archivePrefix belong together")
    if isbn and not is_isbn(isbn):
        faults.append(f"ISBN {isbn}")
    if url and (doi or eprint or isbn or not re.fullmatch(r"https://\S+", url)):
        faults.append(f"address {url}")
    return faults


def is_isbn(text):
    """Tell whether an ISBN has 10 or 13 places and the right check digit."""
    digits = text.replace("-", "")
    if re.fullmatch(r"\d{9}[\dX]", digits):
        values = [10 if digit == "X" else int(digit) for digit in digits]
        return sum((10 - i) * value for i, value in enumerate(values)) % 11 == 0
    if re.fullmatch(r"97[89]\d{10}", digits):
        return sum((3 if i % 2 else 1) * int(digit) for i, digit in enumerate(digits)) % 10 == 0
    return False


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, "no identifier"),
        ({"doi": "11.1000/182"}, "DOI"),
        ({"doi": "10.1000/182."}, "DOI"),
        ({"eprint": "1412.35", "archivePrefix": "arXiv"}, "arXiv number"),
        ({"eprint": "1412.3555"}, "archivePrefix"),
        ({"isbn": "0-444-86115-8"}, "ISBN"),
        ({"isbn": "978-1-118-67502-2"}, "ISBN"),
        ({"url": "http://example.org"}, "address"),
        ({"url": "https://example.org", "doi": "10.1000/182"}, "address"),
    ],
)
def test_a_bad_identifier_is_found(fields, fault):
    assert [fault in found for found in identifier_faults(fields)] == [True]


def test_no_identifier_comes_twice():
    found = [pair for entry in ENTRIES.values() for pair in identifiers_of(entry)]
    assert len(found) == len(set(found))


# ---- the chapters


@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_each_reference_of_a_chapter_agrees_with_one_entry(path):
    found = bullets(read(path))
    assert found, "no references"
    keys = [key_of(bullet, ENTRIES) for bullet in found]
    missing = [bullet for bullet, key in zip(found, keys, strict=True) if key is None]
    assert not missing
    assert len(keys) == len(set(keys)), "two references to one entry"
    pairs = zip(found, keys, strict=True)
    assert not [fault for bullet, key in pairs for fault in differences(bullet, key)]


def differences(bullet, key):
    """Return where a bullet and its entry differ: year, authors, title, pages, identifiers."""
    entry, words = ENTRIES[key], f" {plain(bullet)} "
    faults = []
    if re.findall(r"\((\d{4})\)", bullet)[:1] != [entry.fields["year"]]:
        faults.append(f"{key}: year {entry.fields['year']} in {bullet}")
    for person in entry.persons["author"]:
        if f" {plain(' '.join(person.prelast_names + person.last_names))} " not in words:
            faults.append(f"{key}: author {person} in {bullet}")
    if f" {plain(entry.fields['title'])} " not in words:
        faults.append(f"{key}: title {entry.fields['title']} in {bullet}")
    pages = entry.fields.get("pages", "").replace("--", "-")
    ranges = RANGE.findall(without_identifiers(bullet))
    if RANGE.fullmatch(pages) and ranges and pages not in ranges:
        faults.append(f"{key}: pages {pages} in {bullet}")
    return faults + [
        f"{key}: {kind} in {bullet}"
        for kind in ("doi", "eprint", "isbn", "url")
        if not agree(kind, identifiers(bullet), identifiers_of(entry))
    ]


def without_identifiers(text):
    return re.sub(r"(DOI|ISBN) \S+|https://\S+", "", text)


def agree(kind, *groups):
    """Tell whether two sets of identifiers share one of this kind, or one set has none of it."""
    ours, theirs = ({pair for pair in group if pair[0] == kind} for group in groups)
    return not ours or not theirs or bool(ours & theirs)


def test_a_difference_is_found():
    bullet = "J. L. Elman (1990). Finding structure in time. *Cognitive Science* 14(2), 179-211."
    assert differences(bullet, "elman1990finding") == []
    for old, new, fault in [
        ("1990", "1991", "year"),
        ("Elman", "Ellmann", "author"),
        ("in time", "in times", "title"),
        ("-211", "-212", "pages"),
        ("-211.", "-211. DOI 10.1207/s15516709cog1402_2.", "doi"),
        ("-211.", "-211. arXiv:1412.3555. DOI 10.1207/s15516709cog1402_1", None),
    ]:
        found = differences(bullet.replace(old, new), "elman1990finding")
        assert [f": {fault} " in line for line in found] == ([True] if fault else []), found


# ---- the docstrings


def sources():
    """Return the section "Source" of every docstring of the package, each as one line."""
    found = []
    for path in sorted((ROOT / "rnncourse").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                docstring = ast.get_docstring(node) or ""
                section = re.search(
                    r"^Source:(.*?)(?:\n\n|\Z)", docstring, re.MULTILINE | re.DOTALL
                )
                found += [" ".join(section[1].split())] if section else []
    return found


def test_each_paper_that_a_docstring_names_has_an_entry():
    dated = [(text, year) for text in sources() for year in re.findall(r"\((\d{4})\)", text)]
    assert len(dated) > 100
    for text, year in dated:
        same_year = [entry for entry in ENTRIES.values() if entry.fields["year"] == year]
        words = f" {plain(text)} "
        assert any(f" {plain(surname(entry))} " in words for entry in same_year), text


def test_each_entry_is_named_by_a_chapter_or_a_docstring():
    listed = {key_of(bullet, ENTRIES) for path in CHAPTERS for bullet in bullets(read(path))}
    texts = sources()
    for key, entry in ENTRIES.items():
        assert key in listed or any(names(text, entry) for text in texts), f"nothing names {key}"


# ---- the tool


def test_reads_entries_in_order_and_refuses_a_key_that_comes_twice(tiny):
    assert list(entries(tiny)) == ["first1990finding", "first1991losing", "third1991losing"]
    tiny.write_text(TINY + TINY, encoding="utf-8")
    with pytest.raises(BibliographyDataError, match="first1990finding"):
        entries(tiny)


def test_bullets_are_those_of_the_last_section_alone():
    cells = [new_markdown_cell("# 01 Title\n\n- no reference"), new_code_cell("'- nor this'")]
    cells += [
        new_markdown_cell("## References\n\n- A. B. (1990).\n  On two\n  lines.\n- C. (1991).")
    ]
    assert bullets(new_notebook(cells=cells)) == ["A. B. (1990). On two lines.", "C. (1991)."]
    assert bullets(new_notebook(cells=cells[:2])) == []


@pytest.mark.parametrize(
    ("bullet", "key"),
    [
        ("Other title, other year (2000). DOI 10.1000/a(1)B.", "first1990finding"),
        ("A. B. First and C. Second (1990). On finding structure.", "first1990finding"),
        ("A. B. First (1991). On finding structure.", None),
        ("A. B. Firstly (1990). On finding structure.", None),
        ("A. B. First (1990). On losing structure.", None),
        ("D. Third (1991). Losing structure again. ISBN 0444861157", "third1991losing"),
        ("E. Fourth (1991). Losing structure again. ISBN 0-444-86115-7", None),
        ("A. B. First (1990). On finding structure. DOI 10.1000/other", "first1990finding"),
    ],
)
def test_finds_the_entry_of_a_bullet(tiny, bullet, key):
    assert key_of(bullet, entries(tiny)) == key


def test_refuses_a_bullet_of_two_entries(tiny):
    bullet = "A. First and D. Third (1991). Losing structure again."
    with pytest.raises(ValueError, match="several entries: first1991losing, third1991losing"):
        key_of(bullet, entries(tiny))
