"""What every notebook of the book must keep. Each rule takes a notebook and returns its faults.

A rule is a function ``rule(notebook, path) -> list of str``; an empty list means that it is kept.
``CHAPTER_RULES`` hold for chapters, ``NOTEBOOK_RULES`` for chapters and solutions alike.
"""

import base64
import io
import json
import re
import statistics

from PIL import Image

from canonical import as_text, canonical

TAGS = {"setup", "settings", "claim", "figure", "widget", "raises-exception"}
TAGS |= {"nbval-ignore-output"}
MAX_KILOBYTES = 1500
MAX_CELL_LINES = 30
MAX_MEDIAN_LINES = 5
MAX_SETUP_LINES = 12
MAX_CODE_LINES = 350
WORDS = (1500, 4000)
MAX_IGNORED_SHARE = 0.25
HEADINGS = ("Often told wrong", "Where it came from", "Summary", "Exercises", "References")
MACHINE_PATH = re.compile(r"/(?:home|root|work|Users|tmp)/|[A-Z]:\\\\")
CAPTION = re.compile(r"\*\*Figure (\d+)\.(\d+)\.\*\* \*(.+?)\*\s(.+)", re.DOTALL)
CITATION = re.compile(r"([A-Z][\w\u00c0-\u024f-]+)(?: et al\.| and [A-Z][\w-]+)? \((\d{4})\)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def tags(notebook, path):
    """Only tags of the closed list."""
    return [
        f"{path.name}: unknown tag {tag!r}"
        for cell in notebook.cells
        for tag in _tags(cell)
        if tag not in TAGS and not tag.startswith("mirror:rnncourse.")
    ]


def executed_in_order(notebook, path):
    """Every code cell ran once, from the first to the last."""
    counts = [cell.execution_count for cell in _code(notebook)]
    return [] if counts == list(range(1, len(counts) + 1)) else [f"{path.name}: ran as {counts}"]


def no_stray_output(notebook, path):
    """Nothing on stderr, no error outside of a cell that is meant to raise, and an error there."""
    faults = []
    for cell in _code(notebook):
        kinds = [output.get("name", output.output_type) for output in cell.outputs]
        if "stderr" in kinds:
            faults.append(f"{path.name}: stderr output under {_first_line(cell)}")
        if ("error" in kinds) != ("raises-exception" in _tags(cell)):
            faults.append(f"{path.name}: error and tag do not agree under {_first_line(cell)}")
    return faults


def canonical_form(notebook, path):
    """Stable cell ids, minimal metadata, no timing, no path of a machine, not too large."""
    text = path.read_text(encoding="utf-8") if path.exists() else as_text(notebook)
    faults = []
    if as_text(canonical(notebook)) != as_text(notebook):
        faults.append(f"{path.name}: edited by hand or not in canonical form")
    if len(text) > MAX_KILOBYTES * 1024:
        faults.append(f"{path.name}: {len(text) // 1024} kB, at most {MAX_KILOBYTES} are allowed")
    words = "".join(cell.source for cell in notebook.cells) + json.dumps(_texts(notebook))
    found = MACHINE_PATH.search(words)
    return faults + ([f"{path.name}: names a path, {found[0]}"] if found else [])


def cells_are_small(notebook, path):
    """No cell is long, none ends in a semicolon (a tested notebook does not honour it)."""
    faults = []
    for cell in _code(notebook):
        if len(cell.source.splitlines()) > MAX_CELL_LINES and "nbgrader" not in cell.metadata:
            faults.append(f"{path.name}: over {MAX_CELL_LINES} lines: {_first_line(cell)}")
        if cell.source.rstrip().endswith(";"):
            faults.append(f"{path.name}: ends in a semicolon: {_first_line(cell)}")
    return faults


def ignored_share(notebook, path):
    """At most a quarter of the code cells are left out of the comparison of outputs."""
    ignored = sum("nbval-ignore-output" in _tags(cell) for cell in _code(notebook))
    share = ignored / len(_code(notebook))
    return [f"{path.name}: {share:.0%} of outputs ignored"] if share > MAX_IGNORED_SHARE else []


def figures_carry_their_data(notebook, path):
    """A figure stands in a figure cell, one a cell; picture and description belong together."""
    faults = []
    for cell in _code(notebook):
        bundles = [output.get("data", {}) for output in cell.outputs]
        pictures = [data for data in bundles if "image/png" in data]
        if len(pictures) != ("figure" in _tags(cell)):
            faults.append(f"{path.name}: {len(pictures)} figures under {_first_line(cell)}")
        for data in pictures:
            if _description(data["image/png"]) != data["text/plain"]:
                faults.append(f"{path.name}: picture and data differ under {_first_line(cell)}")
        knobs = [data for data in bundles if "rnncourse-knob" in data.get("text/html", "")]
        if len(knobs) != ("widget" in _tags(cell)):
            faults.append(f"{path.name}: {len(knobs)} knobs under {_first_line(cell)}")
        for data in knobs:
            frames = re.search(r'"frames": (\[.*?\])', data["text/html"])
            for frame in json.loads(frames[1]) if frames else [""]:
                if _description(frame) not in data["text/plain"]:
                    faults.append(f"{path.name}: a frame differs under {_first_line(cell)}")
    return faults


def captions(notebook, path):
    """After each figure a numbered caption: the finding in italics, then how to read the figure."""
    faults, expected = [], 1
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if not {"figure", "widget"} & set(_tags(cell)):
            continue
        text = following.source if following and following.cell_type == "markdown" else ""
        caption = CAPTION.match(text)
        if not caption:
            faults.append(f"{path.name}: no caption under {_first_line(cell)}")
            continue
        chapter, index, finding, reading = caption.groups()
        if (int(chapter), int(index)) != (_chapter(path), expected):
            faults.append(f"{path.name}: Figure {chapter}.{index} should be {expected}")
        if len(finding.split()) < 5 or not finding.endswith(".") or len(reading.split()) < 8:
            faults.append(f"{path.name}: Figure {chapter}.{index} states no finding or no reading")
        expected += 1
    return faults


def claims(notebook, path):
    """A claim cell holds one claim, recorded in its output, numbered in order."""
    faults, expected = [], 1
    for cell in _code(notebook):
        records = [
            output.metadata["rnncourse_claim"]
            for output in cell.outputs
            if "rnncourse_claim" in output.get("metadata", {})
        ]
        if len(records) != ("claim" in _tags(cell)):
            faults.append(f"{path.name}: {len(records)} claims under {_first_line(cell)}")
        for record in records:
            if record["number"] != f"{_chapter(path)}.{expected}":
                faults.append(f"{path.name}: claim {record['number']} should be {expected}")
            expected += 1
    return faults if expected > 1 else [*faults, f"{path.name}: a chapter without a claim"]


def sections(notebook, path):
    """The parts that every chapter has, its run time, its set-up cell, its size."""
    text = _prose(notebook)
    faults = [
        f"{path.name}: no section {heading}"
        for heading in HEADINGS
        if not re.search(rf"^## {heading}$", text, re.MULTILINE)
    ]
    if not re.match(rf"# {_chapter(path):02d} ", text):
        faults.append(f"{path.name}: the title must begin with the chapter's number")
    if not re.search(r"Run time: about \d+ s\.", text):
        faults.append(f"{path.name}: no run time of the form 'Run time: about 10 s.'")
    if not WORDS[0] <= len(text.split()) <= WORDS[1]:
        faults.append(f"{path.name}: {len(text.split())} words, not {WORDS[0]} to {WORDS[1]}")
    knobs = sum("widget" in _tags(cell) for cell in _code(notebook))
    return faults + ([f"{path.name}: {knobs} knobs, at least 2"] if knobs < 2 else [])


def code(notebook, path):
    """The set-up cell comes first; cells are small, mirrors apart; torch gets one thread."""
    cells = _code(notebook)
    setup = cells[0].source.splitlines()
    sizes = [sum(bool(line.strip()) for line in cell.source.splitlines()) for cell in cells]
    faults = []
    if "setup" not in _tags(cells[0]) or len([line for line in setup if line]) > MAX_SETUP_LINES:
        faults.append(f"{path.name}: begin with a set-up cell of {MAX_SETUP_LINES} lines")
    if any(word in cells[0].source for word in ("def ", "class ", "sys.path", "pip ")):
        faults.append(f"{path.name}: no helper, install or path in the set-up cell")
    everything = "\n".join(cell.source for cell in cells)
    uses_torch = re.search(r"^import torch", everything, re.MULTILINE)
    if uses_torch and "torch.set_num_threads(1)" not in cells[0].source:
        faults.append(f"{path.name}: torch without torch.set_num_threads(1) in the set-up cell")
    mirrored = ["mirror:" in " ".join(_tags(cell)) for cell in cells]
    own = sum(size for size, mirror in zip(sizes, mirrored, strict=True) if not mirror)
    if statistics.median(sizes) > MAX_MEDIAN_LINES or own > MAX_CODE_LINES:
        faults.append(f"{path.name}: median {statistics.median(sizes)}, sum {own} lines")
    return faults


def references(notebook, path):
    """Each reference has a year and a DOI, arXiv number or ISBN; each citation a reference."""
    text, _, listed = _prose(notebook).partition("## References")
    entries = [" ".join(entry.split()) for entry in re.split(r"^- ", listed, flags=re.M)[1:]]
    faults = [] if entries else [f"{path.name}: no references"]
    for entry in entries:
        if not re.search(r"\(\d{4}\)", entry):
            faults.append(f"{path.name}: no year in {entry[:50]}")
        if not re.search(r"DOI 10\.\S+|arXiv:\d{4}\.\d{4,5}|ISBN \S+|https://\S+", entry):
            faults.append(f"{path.name}: no DOI, arXiv number, ISBN or address in {entry[:50]}")
    for author, year in CITATION.findall(text):
        if not any(author in entry and f"({year})" in entry for entry in entries):
            faults.append(f"{path.name}: {author} ({year}) is cited but not listed")
    return faults


def links(notebook, path):
    """Each link inside the book leads to a file that exists and to a heading that it has."""
    return broken_links(_prose(notebook), path)


def broken_links(text, path):
    """Return the links of a text that lead nowhere inside the book; others are not tried."""
    faults = []
    for target in LINK.findall(text):
        if re.match(r"\w+://|mailto:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists():
            faults.append(f"{path.name}: no such file, {target}")
        elif anchor and anchor not in _anchors(file.read_text(encoding="utf-8")):
            faults.append(f"{path.name}: no such heading, {target}")
    return faults


NOTEBOOK_RULES = [tags, executed_in_order, no_stray_output, canonical_form, cells_are_small]
NOTEBOOK_RULES += [ignored_share, links]
CHAPTER_RULES = [figures_carry_their_data, captions, claims, sections, code, references]


def _tags(cell):
    return cell.metadata.get("tags", [])


def _code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def _prose(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def _texts(notebook):
    texts = []
    for cell in _code(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            shown = [data.get("text/plain", ""), data.get("text/html", ""), output.get("text", "")]
            shown += [output.get("evalue", ""), *output.get("traceback", [])]
            texts += [re.sub(r"[A-Za-z0-9+/=]{200,}", "(picture)", text) for text in shown]
    return texts


def _chapter(path):
    return int(path.name[:2])


def _first_line(cell):
    return repr(cell.source.strip().splitlines()[0][:60])


def _description(picture):
    try:
        with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
            image.load()
            return image.text.get("Description", "no description")
    except (OSError, SyntaxError, ValueError):
        return "damaged picture"


def _anchors(text):
    headings = re.findall(r"^\s*\"?#+ (.+?)(?:\\n)?\"?,?$", text, re.MULTILINE)
    return {heading.strip().replace(" ", "-") for heading in headings}
