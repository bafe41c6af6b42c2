"""Every notebook keeps every rule of tools/hygiene.py, and every rule can be broken."""

import base64
import copy
import re

import pytest

import hygiene
from book import CHAPTERS, SOLUTIONS, name_of
from canonical import canonical, read
from twins import ROOT


@pytest.mark.parametrize("rule", hygiene.NOTEBOOK_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", CHAPTERS + SOLUTIONS, ids=name_of)
def test_notebook_keeps_rule(path, rule):
    assert rule(read(path), path) == []


@pytest.mark.parametrize("rule", hygiene.CHAPTER_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_chapter_keeps_rule(path, rule):
    assert rule(read(path), path) == []


@pytest.mark.parametrize("name", ["README.md", "chapters/lecture_map.md"])
def test_links_of_the_pages_lead_somewhere(name):
    page = ROOT / name
    text = page.read_text(encoding="utf-8")
    assert hygiene.LINK.findall(text)
    assert hygiene.broken_links(text, page) == []


@pytest.mark.parametrize("name", ["README.md", "chapters/lecture_map.md"])
@pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
def test_every_chapter_is_listed(path, name):
    assert path.name in (ROOT / name).read_text(encoding="utf-8")


def cells_with(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def replace(notebook, old, new):
    cell = next(cell for cell in notebook.cells if re.search(old, cell.source))
    cell.source = re.sub(old, new, cell.source, count=1)


def move_figure_data(notebook):
    output = cells_with(notebook, "widget")[0].outputs[0]
    output.data["text/plain"] = re.sub(r"values, \w{4}", "values, zzzz", output.data["text/plain"])


def damage_frame(notebook):
    output = cells_with(notebook, "widget")[0].outputs[0]
    html = output.data["text/html"]
    frame = re.search(r'"frames": \["([^"]+)"', html)[1]
    broken = bytearray(base64.b64decode(frame))
    broken[len(broken) // 2] ^= 255
    output.data["text/html"] = html.replace(frame, base64.b64encode(broken).decode())


def swap_claims(notebook):
    first, second = cells_with(notebook, "claim")[:2]
    first.outputs, second.outputs = second.outputs, first.outputs


def add_stderr(notebook):
    output = {"output_type": "stream", "name": "stderr", "text": "warning"}
    cells_with(notebook, "setup")[0].outputs.append(type(notebook)(output))


def ignore_much(notebook):
    for cell in hygiene._code(notebook)[::2]:
        cell.metadata.setdefault("tags", []).append("nbval-ignore-output")


BREAKS = {
    "unknown tag": (hygiene.tags, lambda nb: nb.cells[1].metadata.update(tags=["speedy"])),
    "not executed": (
        hygiene.executed_in_order,
        lambda nb: cells_with(nb, "setup")[0].update(execution_count=None),
    ),
    "stderr": (hygiene.no_stray_output, add_stderr),
    "error not tagged": (
        hygiene.no_stray_output,
        lambda nb: cells_with(nb, "raises-exception")[0].metadata.pop("tags"),
    ),
    "edited by hand": (hygiene.canonical_form, lambda nb: replace(nb, "^# 00", "# 0O")),
    "timing": (
        hygiene.canonical_form,
        lambda nb: nb.cells[1].metadata.update(execution={"iopub.status.busy": "now"}),
    ),
    "path of a machine": (
        hygiene.canonical_form,
        lambda nb: nb.cells[0].update(source="see /ho" + "me/ann/x"),
    ),
    "semicolon": (
        hygiene.cells_are_small,
        lambda nb: cells_with(nb, "setup")[0].update(source="plot();"),
    ),
    "long cell": (
        hygiene.cells_are_small,
        lambda nb: cells_with(nb, "setup")[0].update(source="x = 1\n" * 31),
    ),
    "outputs ignored": (hygiene.ignored_share, ignore_much),
    "figure's data changed": (hygiene.figures_carry_their_data, move_figure_data),
    "picture damaged": (hygiene.figures_carry_their_data, damage_frame),
    "figure without tag": (
        hygiene.figures_carry_their_data,
        lambda nb: cells_with(nb, "widget")[0].metadata.pop("tags"),
    ),
    "no finding": (
        hygiene.captions,
        lambda nb: replace(nb, r"(\*\*Figure 0\.1\.\*\*) \*[^*]+\*", r"\1 *A figure.*"),
    ),
    "caption misnumbered": (hygiene.captions, lambda nb: replace(nb, "Figure 0.1", "Figure 0.3")),
    "claims out of order": (hygiene.claims, swap_claims),
    "claim not recorded": (
        hygiene.claims,
        lambda nb: cells_with(nb, "claim")[0].outputs[0].metadata.clear(),
    ),
    "no summary": (hygiene.sections, lambda nb: replace(nb, "## Summary", "## End")),
    "no run time": (hygiene.sections, lambda nb: replace(nb, "Run time: about", "Takes")),
    "helper in set-up": (
        hygiene.code,
        lambda nb: replace(nb, "import numpy", "def f(): pass\nimport numpy"),
    ),
    "threads": (hygiene.code, lambda nb: replace(nb, r"torch\.set_num_threads\(1\)", "")),
    "citation not listed": (
        hygiene.references,
        lambda nb: replace(nb, r"Elman's \(1990\)", "Nobody (1990)"),
    ),
    "reference without number": (hygiene.references, lambda nb: replace(nb, "arXiv:1406.1078", "")),
    "broken link": (hygiene.links, lambda nb: replace(nb, r"lecture_map\.md", "no_map.md")),
    "broken anchor": (hygiene.links, lambda nb: replace(nb, r"lecture_map\.md", "#no-such")),
}


@pytest.mark.parametrize("rule, spoil", BREAKS.values(), ids=BREAKS)
def test_rule_fails_when_broken(rule, spoil):
    path = CHAPTERS[0]
    notebook = read(path)
    spoiled = copy.deepcopy(notebook)
    spoil(spoiled)
    assert rule(notebook, path) == []
    assert rule(spoiled, path) != []


def test_every_rule_is_broken_once():
    rules = {*hygiene.NOTEBOOK_RULES, *hygiene.CHAPTER_RULES}
    assert {rule for rule, _ in BREAKS.values()} == rules


def test_canonical_form_is_stable():
    notebook = read(CHAPTERS[0])
    assert canonical(canonical(notebook)) == canonical(notebook)
