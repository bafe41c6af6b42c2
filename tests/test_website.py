"""The site: built from the committed notebooks, without the network, and seen in a browser.

Set RNNCOURSE_SCREENSHOTS to a folder to keep pictures of what the browser showed.
"""

import importlib.util
import itertools
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

import references
import website
import website_ledger
import website_links
from book import CHAPTERS, name_of
from browsing import REQUIRED, browsing, reason_against
from canonical import read
from hygiene import CAPTION
from rnncourse import claims, ledger
from twins import ROOT, read_twin

MAX_CPU_SECONDS, MAX_MEGABYTES = 60, 60
EXERCISES = sorted(ROOT.glob("exercises/*/[0-9]*.ipynb"))


def in_browser(test):
    """Mark a test that drives a browser; without one it is skipped, where none is required."""
    reason = reason_against()
    skip = pytest.mark.skipif(reason is not None and not REQUIRED, reason=str(reason))
    return pytest.mark.browser(skip(test))


# The site is built by a process of its own, which may not use the network.
BUILD = """
import pathlib, socket, sys, time
def refuse(*arguments):
    raise OSError("the site must be built without the network")
socket.socket.connect = refuse
import website
status = website.build(pathlib.Path(sys.argv[1]))
print(status, time.process_time())
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build the site with the network cut off; return its folder, the status and the CPU time."""
    output = tmp_path_factory.mktemp("built") / "site"
    folders = os.pathsep.join([str(ROOT), str(ROOT / "tools")])
    environment = {**os.environ, "PYTHONPATH": folders}
    command = [sys.executable, "-c", BUILD, str(output)]
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    status, seconds = run.stdout.split()[-2:]
    return output, int(status), float(seconds)


@pytest.fixture(scope="module")
def site(built):
    return built[0]


@pytest.fixture(scope="module")
def soups(site):
    """All pages, parsed, by their path in the site; the pictures are left out, they are large."""
    pages = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*.html"))}
    pages = {name: path for name, path in pages.items() if not name.startswith("_")}
    texts = {name: path.read_text(encoding="utf-8") for name, path in pages.items()}
    small = {name: re.sub(r"[A-Za-z0-9+/=]{500,}", "", text) for name, text in texts.items()}
    return {name: BeautifulSoup(text, "html.parser") for name, text in small.items()}


def test_builds_without_a_warning_in_time_and_in_size(built):
    site, status, seconds = built
    assert status == 0
    assert seconds < MAX_CPU_SECONDS
    size = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
    assert size < MAX_MEGABYTES * 1e6


def test_serves_the_site_on_this_machine_alone(site):
    program = "import sys, pathlib, website; website.serve(pathlib.Path(sys.argv[1]), 0)"
    folders = os.pathsep.join([str(ROOT), str(ROOT / "tools")])
    options = {"stdout": subprocess.PIPE, "text": True}
    options["env"] = {**os.environ, "PYTHONPATH": folders, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([sys.executable, "-c", program, site], **options) as server:
        try:
            address = re.match(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())[0]
            with urllib.request.urlopen(f"{address}chapters/13_lstm.html", timeout=30) as reply:
                assert b"Long short-term memory" in reply.read()
        finally:
            server.terminate()


def test_every_page_of_a_chapter_leads_to_the_next_and_its_code_can_be_copied(site, soups):
    names = [f"chapters/{path.stem}.html" for path in CHAPTERS]
    for name, following in itertools.pairwise(names):
        assert soups[name].find("a", class_="right-next")["href"] == Path(following).name
        assert soups[following].find("a", class_="left-prev")["href"] == Path(name).name
    scripts = {tag["src"].partition("?")[0] for tag in soups[names[0]].find_all("script", src=True)}
    assert "../_static/copybutton.js" in scripts and (site / "_static/copybutton.js").exists()


def test_leaves_a_folder_alone_that_is_no_site(tmp_path):
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(FileExistsError, match="output must be new, empty or a site"):
        website.build(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "three years of work"


def test_every_notebook_has_a_page_and_is_downloaded_as_it_is(site):
    for path in [*CHAPTERS, *EXERCISES]:
        name = path.relative_to(ROOT)
        page = (site / name).with_suffix(".html").read_text(encoding="utf-8")
        assert f'href="{"../" * (len(name.parts) - 1)}_sources/{name.as_posix()}"' in page
        assert (site / "_sources" / name).read_bytes() == path.read_bytes()


def test_every_link_leads_to_a_page_and_a_place_and_nothing_is_fetched_from_elsewhere(site, soups):
    places = {name: {tag["id"] for tag in soup.find_all(id=True)} for name, soup in soups.items()}
    faults = []
    for name, soup in soups.items():
        for tag in soup.find_all(["a", "img", "script", "link", "source", "iframe"]):
            target = tag.get("href") or tag.get("src") or ""
            if re.match(r"data:|mailto:", target) or not target:
                continue
            if re.match(r"https?:|//", target):
                faults += [f"{name} fetches {target}"] if tag.name != "a" else []
                continue
            file, _, place = unquote(target).partition("#")
            path = (site / name).parent / file.partition("?")[0] if file else site / name
            page = os.path.relpath(path, site)
            if not path.exists():
                faults.append(f"{name} links {target}, which is not there")
            elif place and page in places and place not in places[page]:
                faults.append(f"{name} links {target}, which has no such place")
    assert faults == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=name_of)
def test_each_figure_has_its_finding_as_text_alternative(soups, chapter):
    soup = soups[f"chapters/{chapter.stem}.html"]
    images = soup.find("article").find_all("img")
    texts = [image.get("alt", "") for image in images]
    cells = read(chapter).cells
    expected = []
    for cell, following in itertools.pairwise(cells):
        if {"figure", "widget"} & set(cell.metadata.get("tags", [])):
            expected.append(CAPTION.match(following.source)[3])
    assert len(texts) == len(expected) > 0
    for shown, finding in zip(texts, expected, strict=True):
        assert letters(shown).startswith(letters(finding)) and not re.search(r"[*`$]", shown)


def letters(text):
    """Keep letters and figures, whatever Markdown and TeX stand around them."""
    return re.sub(r"[\W_]+", "", text)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=name_of)
def test_ledger_and_chapter_agree(soups, chapter):
    """What the page shows is what the chapter's text says and its outputs print."""
    cells = read_twin(ROOT / "chapters" / "text" / f"{chapter.stem}.py").cells
    tagged = [cell.source for cell in cells if "claim" in cell.metadata.get("tags", [])]
    written = [re.search(r"\bclaim\(\s*\"(\d+\.\d+)\"", source)[1] for source in tagged]
    rows = soups[f"ledger/{chapter.stem}.html"].find("table").find("tbody").find_all("tr")
    shown = {}
    for row in rows:
        number, sentence, bound, _, margin, seeds, seconds = row.find_all("td")
        target = number.find("a")["href"]
        assert target == f"../chapters/{chapter.stem}.html#claim-{number.text.replace('.', '-')}"
        assert margin.text == "exact" or float(margin.text) >= 0
        assert float(seconds.text.removesuffix(" s")) >= 0
        shown[number.text] = (sentence.text, bound.text, seeds.text.partition(":")[0])
    assert list(shown) == written
    for record, line in records_with_lines(chapter):
        sentence, bound, seeds = shown[record["number"]]
        assert letters(sentence) == letters(record["sentence"])
        count = len(record["seeds"] or [])
        over = f" ({count} seed{'s' if count > 1 else ''})" if count else ""
        assert line == f"Claim {record['number']} holds{over}: {record['sentence']} [{bound}]"
        assert seeds == (str(count) if count else "none")
        assert website_ledger.margin(record["measured"], record["bound"]) >= -1e-3 * abs_of(record)


def abs_of(record):
    """Return the size of what was measured, which is rounded in the record."""
    return max(abs(value) for value in record["measured"])


def records_with_lines(chapter):
    for cell in read(chapter).cells:
        for output in cell.get("outputs", []):
            record = output.get("metadata", {}).get(claims.METADATA_KEY)
            if record:
                yield record, output["data"]["text/plain"]


def test_every_verdict_of_the_chapters_is_in_the_ledger(soups):
    rows = soups["ledger/papers.html"].find("table").find("tbody").find_all("tr")
    found = [
        record
        for chapter in CHAPTERS
        for key, record in ledger.read_records(chapter)
        if key == "rnncourse_published"
    ]
    assert len(rows) == len(found) >= 20
    for row, record in zip(rows, found, strict=True):
        claimed, there, *_, seeds, verdict = (cell.text for cell in row.find_all("td"))
        assert letters(record["statement"]) in letters(claimed)
        assert letters(there) == letters(record["there"])
        assert verdict == record["verdict"]
        assert seeds == website_ledger.seeds(record)


@pytest.mark.parametrize(
    "values, bound, expected",
    [
        ([1.0, 2.0], {"at_most": 2.5}, 0.5),
        ([1.0, 2.0], {"at_least": 0.75}, 0.25),
        ([1.0, 2.0], {"at_least": 0.9, "at_most": 4.0}, 0.1),
        ([0.9, 1.2], {"equals": 1.0, "tolerance": 0.5}, 0.3),
    ],
)
def test_margin_is_the_distance_of_the_worst_value(values, bound, expected):
    assert website_ledger.margin(values, bound) == pytest.approx(expected)


def test_errata_show_the_cells(soups):
    from website_pages import load

    text = letters(soups["errata.html"].find("article").text)
    for entry in load("errata.toml")["erratum"]:
        assert entry["id"] + "deck" in text
        assert all(f"Claim{letters(number)}" in text for number in entry["claims"])
        assert all(letters(part) in text for part in entry["cells"])


def test_every_module_of_the_package_has_a_page(soups):
    files = [p for p in (ROOT / "rnncourse").rglob("*.py") if p.name != "__main__.py"]
    names = [".".join(p.relative_to(ROOT).with_suffix("").parts) for p in files]
    pages = {f"api/{name.removesuffix('.__init__')}.html" for name in names}
    assert pages <= set(soups)
    listed = {a["href"].partition("#")[0] for a in soups["api/index.html"].find_all("a", href=True)}
    assert {page.removeprefix("api/") for page in pages} <= listed


TERMS = [
    "forget gate",
    "perplexity",
    "clipping",
    "Viterbi",
    "Kalman filter",
    "backpropagation through time",
    "vanishing gradient",
    "spectral radius",
    "Householder reflection",
    "mask",
]


@pytest.mark.parametrize("term", TERMS)
def test_a_term_leads_to_chapter_exercise_package_and_claim_in_two_clicks(soups, term):
    """One click from any page to the glossary, one from the entry to the place."""
    glossary = re.compile(r"(^|/)glossary\.html$")
    assert all(soup.find("a", href=glossary) for n, soup in soups.items() if n != "glossary.html")
    heading = next(h for h in soups["glossary.html"].find_all("h3") if h.text == f"{term}#")
    targets = [a["href"] for a in heading.parent.find_all("a", href=True)]
    for kind in (r"chapters/.*\.html#", r"exercises/.*#exercise-", r"api/.*#", r"#claim-"):
        assert any(re.search(kind, target) for target in targets), kind


@pytest.mark.parametrize("chapter", CHAPTERS[1:], ids=name_of)
def test_a_chapter_links_its_terms_once_and_its_references(soups, chapter):
    article = soups[f"chapters/{chapter.stem}.html"].find("article")
    terms = [a["href"] for a in article.find_all("a", href=re.compile(r"glossary\.html#term-"))]
    assert len(terms) == len(set(terms)) >= 5
    cited = article.find_all("a", href=re.compile(r"references\.html#id"))
    assert len(cited) == len(references.bullets(read(chapter))) > 0


def test_terms_are_linked_in_prose_alone():
    terms = [{"name": "gate", "also": ["gates"]}, {"name": "forget gate", "also": []}]
    text = "# A gate\n`gate` $gate$ [gate](x.md) *forget\ngate*, gates, gate, investigate"
    linked = website_links.TermLinker(terms).link(text)
    expected = "*[forget\ngate](#term-forget-gate)*, [gates](#term-gate), gate, investigate"
    assert linked == f"# A gate\n`gate` $gate$ [gate](x.md) {expected}"


def test_numbers_of_claims_and_figures_become_links():
    known = {"claim-6-8", "claim-6-9", "figure-2-1"}
    text = "(claims 6.8, 6.9 and 7.1), figure 2.1, `claim 6.8`"
    assert website_links.link_numbers(text, known) == (
        "(claims [6.8](#claim-6-8), [6.9](#claim-6-9) and 7.1), figure [2.1](#figure-2-1), "
        "`claim 6.8`"
    )


@pytest.fixture(scope="module")
def conf():
    """The site's settings, as a module."""
    spec = importlib.util.spec_from_file_location("conf", ROOT / "docs" / "conf.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_launch_buttons_come_from_one_setting(conf):
    setting = "repository=https://github.com/o/n binder=https://b.example hub=https://h.example"
    assert conf.launch_options(setting) == {
        "repository_url": "https://github.com/o/n",
        "repository_branch": "main",
        "launch_buttons": {
            "binderhub_url": "https://b.example",
            "jupyterhub_url": "https://h.example",
        },
    }
    assert conf.launch_options(" ") == {}


@pytest.mark.parametrize(
    "setting", ["binder=https://b.example", "repository=x", "repository=x a=b"]
)
def test_a_wrong_launch_setting_is_refused(conf, setting):
    with pytest.raises(ValueError, match="RNNCOURSE_LAUNCH must name a repository"):
        conf.launch_options(setting)


def test_without_the_setting_there_is_no_launch_button(soups):
    assert not [name for name, soup in soups.items() if soup.select(".dropdown-launch-buttons")]


@pytest.mark.parametrize("name", ["binder", "hub"])
def test_with_the_setting_a_chapter_has_its_button(conf, tmp_path, name):
    from sphinx.application import Sphinx

    setting = f"repository=https://github.com/o/n {name}=https://there.example"
    (tmp_path / "chapters").mkdir()
    (tmp_path / "conf.py").write_text(
        "extensions = ['myst_nb']\nhtml_theme = 'sphinx_book_theme'\n"
    )
    (tmp_path / "index.md").write_text("# A\n\n```{toctree}\nchapters/one\n```\n")
    text = CHAPTERS[0].read_text(encoding="utf-8")
    (tmp_path / "chapters" / "one.ipynb").write_text(text, encoding="utf-8")
    options = {"html_theme_options": conf.launch_options(setting), "nb_execution_mode": "off"}
    app = Sphinx(
        tmp_path,
        tmp_path,
        tmp_path / "out",
        tmp_path / "trees",
        "html",
        options,
        status=None,
        warning=None,
    )
    app.build()
    soup = BeautifulSoup((tmp_path / "out/chapters/one.html").read_text("utf-8"), "html.parser")
    (button,) = soup.select(".dropdown-launch-buttons a")
    assert button["href"].startswith("https://there.example/")
    assert {"o", "n", "main", "one.ipynb"} <= set(re.split(r"[/?=&]", unquote(button["href"])))


# In a browser, with the network switched off.


@pytest.fixture(scope="module")
def browser():
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def tab(browser):
    """A tab without network that remembers what went wrong."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.wrong = []
    page.on("console", lambda m: page.wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("requestfailed", lambda request: page.wrong.append(f"failed: {request.url[:100]}"))
    yield page
    context.close()


def visit(tab, site, name):
    """Open a page, wait for its formulas, and return what is wrong with it."""
    tab.wrong.clear()
    tab.goto((site / name).as_uri())
    tab.evaluate("() => window.MathJax?.startup?.promise")
    wrong = tab.evaluate(
        """() => [...document.querySelectorAll(".math")]
            .filter(e => !e.querySelector("mjx-container") || e.querySelector("mjx-merror"))
            .map(e => "formula not drawn: " + e.textContent)"""
    )
    for width in (390, 1280):
        tab.set_viewport_size({"width": width, "height": 900})
        wide = tab.evaluate("() => document.documentElement.scrollWidth")
        wrong += [f"{wide} pixels wide on a screen of {width}"] if wide > width else []
    return [*tab.wrong, *wrong]


# What axe-core finds in the theme's own parts: the name of the book stands outside of a landmark,
# and the buttons that fold the list of pages have no name.
THEME = {("region", ".bd-sidebar-primary"), ("summary-name", ".bd-sidebar-primary")}


def violations(tab, rules):
    """Return what axe-core finds on the page that is open, outside of what ``THEME`` lists."""
    axe = Path(importlib.util.find_spec("axe_playwright_python").origin).with_name("axe.min.js")
    tab.add_script_tag(path=axe)
    found = tab.evaluate(
        """([rules, theme]) => axe.run({resultTypes: ["violations"], rules, preload: false}).then(
            result => result.violations.flatMap(rule => rule.nodes
                .map(node => node.target[0])
                .filter(target => !theme.some(([id, part]) =>
                    id === rule.id && document.querySelector(target).closest(part)))
                .map(target => rule.id + " at " + target)))""",
        [rules, sorted(THEME)],
    )
    return found


GROUPS = ["chapters/", "exercises/", "api/", "ledger/", ""]


@pytest.mark.parametrize("group", GROUPS)
@in_browser
def test_every_page_loads_draws_its_formulas_fits_the_screen_and_can_be_read_aloud(
    tab, site, soups, group
):
    names = [name for name in soups if os.path.dirname(name).split("/")[0] == group.strip("/")]
    assert names
    faults = []
    for name in names:
        wrong = visit(tab, site, name)
        wrong += violations(tab, {"color-contrast": {"enabled": False}})  # see the next test
        faults += [f"{name}: {fault}" for fault in wrong]
    assert faults == []


KINDS = ["index", "glossary", "errata", "references", "search", "students", "ledger/papers"]
KINDS += ["ledger/13_lstm", "api/index", "api/rnncourse.cells.lstm", "exercises/13_lstm/13_lstm"]
KINDS += ["chapters/01_sequences", "chapters/13_lstm", "chapters/lecture_map"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS)
@in_browser
def test_each_kind_of_page_has_enough_contrast(tab, site, name, scheme):
    """Colours depend on the kind of a page, and the check takes seconds: one page of each."""
    tab.emulate_media(color_scheme=scheme)
    assert visit(tab, site, f"{name}.html") == []
    picture(tab, f"site-{name.replace('/', '-')}-{scheme}")
    assert violations(tab, {}) == []


def picture(tab, name):
    folder = os.environ.get("RNNCOURSE_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        tab.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("chapter", CHAPTERS, ids=name_of)
@in_browser
def test_every_knob_moves_its_figure(tab, site, chapter):
    tab.goto((site / "chapters" / f"{chapter.stem}.html").as_uri())
    knobs = tab.locator(".rnncourse-knob")
    assert knobs.count() == sum("widget" in c.metadata.get("tags", []) for c in read(chapter).cells)
    for knob in knobs.all():
        slider, image = knob.locator("input[type=range]"), knob.locator("img")
        shown, texts = [], []
        slider.focus()
        tab.keyboard.press("Home")
        for _ in range(int(slider.get_attribute("max")) + 1):
            shown.append(image.get_attribute("src"))
            texts.append(knob.locator("output").inner_text())
            assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
            tab.keyboard.press("ArrowRight")
        assert len(set(shown)) == len(set(texts)) == len(shown)


@pytest.mark.parametrize("term", TERMS)
@in_browser
def test_a_search_finds_a_term_in_chapter_exercise_package_and_glossary(tab, site, term):
    tab.wrong.clear()
    tab.goto((site / "search.html").as_uri() + "?q=" + term.replace(" ", "+"))
    listed = tab.locator("#search-results li a")
    listed.first.wait_for()
    count = -1
    while count != listed.count():  # they are listed one after the other
        count = listed.count()
        tab.wait_for_timeout(500)
    results = [link.get_attribute("href") for link in listed.all()]
    assert tab.wrong == []
    for folder in ("chapters/", "exercises/", "api/", "glossary.html#term-"):
        assert any(result.startswith(folder) for result in results), (folder, results[:5])
