"""Pages of the site that are made from data: glossary, errata, figures, exercises."""

import re
import tomllib

import website_api
from canonical import read
from hygiene import CAPTION
from rnncourse.ledger import read_claims
from twins import ROOT
from website_ledger import escaped
from website_links import slug
from website_notebooks import anchor, target_of


def load(name):
    """Read a data file of the folder docs.

    Args:
        name: such as ``"glossary.toml"``.

    Returns:
        dict.
    """
    return tomllib.loads((ROOT / "docs" / name).read_text(encoding="utf-8"))


def title_of(notebook):
    """Return a notebook's title."""
    return notebook.cells[0].source.splitlines()[0].lstrip("# ").strip()


def glossary(data):
    """Make the page of terms and symbols.

    Args:
        data: what docs/glossary.toml holds.

    Returns:
        str, Markdown.
    """
    lines = ["# Glossary", "", "Each entry leads to where the term is defined, to exercises on it,"]
    lines += ["to the package, and to claims that show it. Symbols [stand at the end](#symbols)."]
    letter = None
    for term in data["term"]:
        if term["name"][0].upper() != letter:
            letter = term["name"][0].upper()
            lines += ["", f"## {letter}"]
        lines += ["", f"(term-{slug(term['name'])})=", f"### {term['name']}", "", term["meaning"]]
        lines += ["", " · ".join(places(term))]
    lines += ["", "(symbols)=", "## Symbols", "", "| symbol | meaning | shape | defined in |"]
    lines += ["| --- | --- | --- | --- |"]
    for symbol in data["symbol"]:
        cells = [symbol["name"], symbol["meaning"], symbol["shape"], section_link(symbol)]
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def places(term):
    """List the links of a term: section, exercises, package, claims.

    Args:
        term: an entry of the glossary.

    Returns:
        list of str.
    """
    found = [section_link(term)]
    found += [f"[exercise {number}](#exercise-{slug(number)})" for number in term["exercises"]]
    found += [website_api.link(name) for name in term["api"]]
    found += [f"[claim {number}](#claim-{slug(number)})" for number in term["claims"]]
    return found


def section_link(entry):
    """Link the section of a chapter that an entry of the data files names."""
    chapter, section = entry["chapter"], entry["section"]
    return f"[{chapter[:2]}, {_bare(section)}](chapters/{chapter}.ipynb#{anchor(section)})"


def errata(data, chapters):
    """Make the page of what is often told wrong.

    Args:
        data: what docs/errata.toml holds.
        chapters: paths of the executed notebooks.

    Returns:
        str, Markdown.
    """
    notebooks = {path.stem: read(path) for path in chapters}
    shown = {}
    for path in chapters:
        cells = notebooks[path.stem].cells
        for cell, following in zip(cells, [*cells[1:], None], strict=True):
            shown[target_of(cell, following)] = cell
    lines = [(ROOT / "docs" / "parts" / "errata.md").read_text(encoding="utf-8")]
    for entry in data["erratum"]:
        decks = ", ".join(entry["decks"])
        lines += [f"(erratum-{entry['id'].lower()})=", f"## {entry['id']} (deck {decks})", ""]
        lines += [f"**Told:** {entry['told']}", "", f"**Right:** {entry['right']}", ""]
        lines += [f"In the book: {section_link(entry)}.", ""]
        cells = notebooks[entry["chapter"]].cells
        for text in entry["cells"]:
            lines += _code(next(cell for cell in cells if _holds(cell, text)))
        for number in entry["claims"]:
            target = f"claim-{slug(number)}"
            lines += [f"[Claim {number}](#{target}):", "", *_code(shown[target])]
    return "\n".join(lines) + "\n"


def _holds(cell, text):
    return cell.cell_type == "code" and text in cell.source


def _code(cell):
    lines = ["```python", *cell.source.splitlines(), "```", ""]
    for output in cell.get("outputs", []):
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        text = text or f"{output.get('ename', '')}: {output.get('evalue', '')}"
        lines += ["```text", *text.rstrip().splitlines()[:12], "```", ""]
    return lines


def figures(chapters):
    """Make the list of figures.

    Args:
        chapters: paths of the executed notebooks.

    Returns:
        str, Markdown.
    """
    lines = ["# List of figures", "", "Each figure by its finding. *Knob*: it has a slider.", ""]
    for path in chapters:
        notebook = read(path)
        lines += [f"## [{title_of(notebook)}](chapters/{path.name})", ""]
        for cell, following in zip(notebook.cells, notebook.cells[1:], strict=False):
            tags = {"figure", "widget"} & set(cell.metadata.get("tags", []))
            if tags:
                chapter, index, finding, _ = CAPTION.match(following.source).groups()
                knob = " *Knob.*" if "widget" in tags else ""
                target = f"#figure-{chapter}-{index}"
                lines.append(f"- [Figure {chapter}.{index}]({target}) {finding}{knob}")
        lines.append("")
    return "\n".join(lines)


def exercises(paths):
    """Make the list of exercise sets.

    Args:
        paths: of the students' notebooks.

    Returns:
        str, Markdown.
    """
    lines = ["# Exercises", "", (ROOT / "docs" / "parts" / "exercises.md").read_text("utf-8"), ""]
    for path in paths:
        notebook = read(path)
        lines += [f"## [{title_of(notebook)}]({path.parent.name}/{path.name})", ""]
        for heading in exercise_headings(notebook):
            number, *_ = heading.split()
            lines.append(f"- [{_bare(heading)}](#exercise-{slug(number)})")
        lines.append("")
    listing = "\n".join(f"{path.parent.name}/{path.stem}" for path in paths)
    return "\n".join([*lines, "```{toctree}", ":hidden:", ":titlesonly:", "", listing, "```", ""])


def exercise_headings(notebook):
    """Return the headings of a set's exercises, from the number on."""
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.findall(r"^## Exercise (\d+\.\d+ .+)$", prose, re.MULTILINE)


def claim_targets(chapters):
    """Return the targets of all claims and figures.

    Args:
        chapters: paths of the executed notebooks.

    Returns:
        set of str.
    """
    found = {f"claim-{slug(c['number'])}" for path in chapters for c in read_claims(path)}
    for path in chapters:
        cells = read(path).cells
        found |= {target_of(*pair) for pair in zip(cells, [*cells[1:], None], strict=True)}
    return found - {None}


def _bare(text):
    return escaped(text) if "$" not in text else text
