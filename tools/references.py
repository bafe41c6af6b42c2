"""The references of the book: the entries of docs/references.bib, and the chapters' lists of them.

A reference of a chapter is a bullet of its section "References". ``key_of`` finds the entry that
it belongs to, by an identifier that both give, else by author, year and title.
"""

import re
import unicodedata

from pybtex.database import parse_file

from twins import ROOT

BIBLIOGRAPHY = ROOT / "docs" / "references.bib"
FIRST_WORDS = 3
KINDS = {
    "doi": re.compile(r"\b10\.\d{4,9}/\S+"),
    "eprint": re.compile(r"arXiv:([a-z-]+/\d{7}|\d{4}\.\d{4,5})"),
    "isbn": re.compile(r"ISBN ([\dX-]+)"),
    "url": re.compile(r"https://[^\s)>\]]+"),
}


def entries(path=BIBLIOGRAPHY):
    """Read a BibTeX file into a dict from key to pybtex entry, in the order of the file.

    An entry has ``fields`` (a dict of texts) and ``persons["author"]``. A key that comes twice
    raises pybtex's ``BibliographyDataError``.
    """
    return dict(parse_file(str(path), bib_format="bibtex").entries.items())


def bullets(notebook):
    """Return the bullets of a chapter's section "References", each as one line of text."""
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    section = prose.partition("\n## References\n")[2].split("\n## ")[0]
    return [" ".join(bullet.split()) for bullet in re.split(r"^- ", section, flags=re.M)[1:]]


def key_of(bullet, entries):
    """Return the key of the one entry that a bullet belongs to, or None.

    Args:
        bullet: the text of a reference, as ``bullets`` returns it.
        entries: dict from key to entry, as ``entries`` returns it.

    Raises:
        ValueError: the bullet belongs to several entries.
    """
    sought = identifiers(bullet)
    keys = [key for key, entry in entries.items() if sought & identifiers_of(entry)]
    if len(keys) != 1:  # no identifier in common, or that of a volume of several papers
        keys = [key for key in keys or entries if names(bullet, entries[key])]
    if len(keys) > 1:
        raise ValueError(f"{bullet!r} belongs to several entries: {', '.join(keys)}")
    return keys[0] if keys else None


def names(text, entry):
    """Tell whether a text holds an entry's first surname, its year and its title's first words."""
    title = " ".join(plain(entry.fields["title"]).split()[:FIRST_WORDS])
    parts = (plain(surname(entry)), entry.fields["year"], title)
    return all(f" {part} " in f" {plain(text)} " for part in parts)


def identifiers(text):
    """Return the DOIs, arXiv numbers, ISBNs and addresses of a text, as pairs (kind, value)."""
    return {
        (kind, _tidy(kind, value))
        for kind, pattern in KINDS.items()
        for value in pattern.findall(text)
    }


def identifiers_of(entry):
    """Return the identifiers of an entry, as pairs (kind, value) like those of a text."""
    return {(kind, _tidy(kind, entry.fields[kind])) for kind in KINDS if kind in entry.fields}


def surname(entry):
    """Return the surname of an entry's first author, such as "El Hihi"."""
    person = entry.persons["author"][0]
    return " ".join([*person.prelast_names, *person.last_names])


def plain(text):
    """Return a text in lower case without diacritics, its words parted by one space each.

    Punctuation parts words, so that "Time-series" becomes "time series". Braces only guard
    capitals, and are dropped.
    """
    text = unicodedata.normalize("NFKD", text.replace("{", "").replace("}", ""))
    letters = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", letters.lower()))


def _tidy(kind, value):
    if kind == "isbn":
        return value.replace("-", "")
    if kind in ("doi", "url"):
        value = value.rstrip(".,;")
    return value.lower() if kind == "doi" else value
