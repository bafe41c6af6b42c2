"""Chapters and exercises as pages of the site: a notebook goes in, another comes out.

The committed notebooks stay as they are. What the page gains: a text alternative for each figure,
addresses for claims and figures, and links to the glossary and the bibliography.
"""

import copy
import html
import re

import nbformat

from hygiene import CAPTION
from references import key_of
from rnncourse.claims import METADATA_KEY
from website_links import link_identifiers, link_numbers, slug

EXERCISE = re.compile(r"^(## Exercise (\d+)\.(\d+) )", re.MULTILINE)


def anchor(title):
    """Return the anchor of a heading, as JupyterLab makes it.

    Args:
        title: the heading's text.

    Returns:
        str.
    """
    return title.strip().replace(" ", "-")


def chapter_page(notebook, linker, entries, known):
    """Make the page of a chapter.

    Args:
        notebook: the executed notebook.
        linker: TermLinker of this page.
        entries: dict of the bibliography's entries by key.
        known: set of the targets of all claims and figures.

    Returns:
        a notebook.
    """
    page = copy.deepcopy(notebook)
    cells, listed = [], False
    for cell, following in zip(page.cells, [*page.cells[1:], None], strict=True):
        target = target_of(cell, following)
        if target:
            cells.append(nbformat.v4.new_markdown_cell(f"({target})="))
        if target and target.startswith("figure"):
            describe(cell, finding(following))
        if cell.cell_type == "markdown":
            listed = listed or "## References" in cell.source
            cell.source = numbered_in_rows(cell.source)
            head, mark, tail = cell.source.partition("## References")
            cell.source = link_numbers(linker.link(head), known) + mark + cite(tail, entries)
        cells.append(cell)
    page.cells = cells
    return page


def numbered_in_rows(text):
    """Rewrite numbered formulas of several rows, which Sphinx would put where no number may be.

    Args:
        text: Markdown.

    Returns:
        str, with an ``equation`` in place of the dollars.
    """

    def rewrite(match):
        inside = match[1]
        if "\\\\" not in inside or "\\tag" not in inside:
            return match[0]
        return f"\n\\begin{{equation}}\n{inside.strip()}\n\\end{{equation}}\n"

    return re.sub(r"\$\$(.+?)\$\$", rewrite, text, flags=re.DOTALL)


def exercise_page(notebook):
    """Make the page of an exercise set.

    Args:
        notebook: the student's notebook.

    Returns:
        a notebook; each exercise has a target such as ``exercise-2-3``.
    """
    page = copy.deepcopy(notebook)
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = EXERCISE.sub(r"(exercise-\2-\3)=\n\1", cell.source)
    return page


def target_of(cell, following):
    """Return the name by which other pages link to a cell, or None.

    Args:
        cell: a cell.
        following: the cell after it, or None.

    Returns:
        str or None: such as ``"claim-9-3"``, ``"figure-9-1"``.
    """
    for output in cell.get("outputs", []):
        record = output.get("metadata", {}).get(METADATA_KEY)
        if record:
            return f"claim-{slug(record['number'])}"
    if {"figure", "widget"} & set(cell.metadata.get("tags", [])):
        chapter, index, *_ = CAPTION.match(following.source).groups()
        return f"figure-{chapter}-{index}"
    return None


def describe(cell, text):
    """Give a figure the finding of its caption as text alternative, a knob before its own.

    Args:
        cell: the cell that makes the figure; it is changed.
        text: the finding.
    """
    cell.metadata["mystnb"] = {"image": {"alt": text}}
    for output in cell.outputs:
        page = output.get("data", {}).get("text/html", "")
        if "rnncourse-knob" in page:
            output.data["text/html"] = page.replace('alt="', f'alt="{html.escape(text)} ', 1)


def finding(cell):
    """Return the finding that a caption states, as plain text.

    Args:
        cell: the caption's cell.

    Returns:
        str.
    """
    return plain(CAPTION.match(cell.source)[3])


def plain(text):
    """Strip Markdown's marks and the dollars of formulas from a text.

    Args:
        text: Markdown.

    Returns:
        str on one line.
    """
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(re.sub(r"[*`$\\]", "", text).split())


def cite(text, entries):
    """Put the bibliography's label before each reference, and links into it.

    Args:
        text: what follows the heading "References".
        entries: dict of the bibliography's entries by key.

    Returns:
        str.
    """
    bullets = re.split(r"^- ", text, flags=re.MULTILINE)
    keys = [key_of(bullet, entries) for bullet in bullets[1:]]
    cited = [
        f"- {{cite}}`{key}` {link_identifiers(bullet)}"
        for key, bullet in zip(keys, bullets[1:], strict=True)
    ]
    return bullets[0] + "".join(cited)
