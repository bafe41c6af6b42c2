"""The book in a real browser: JupyterLab as `make lab` starts it, and a page without a kernel.

Set RNNCOURSE_SCREENSHOTS to a folder to keep pictures of what the browser showed.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from book import CHAPTERS, name_of
from browsing import REQUIRED, browsing, reason_against
from canonical import read
from twins import ROOT

READY = Path(sys.prefix) / ".ready-to-read"
REASON = reason_against()
if REASON is None and (shutil.which("make") is None or not READY.exists()):
    REASON = "the course was not set up by make"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(REASON is not None and not REQUIRED, reason=str(REASON)),
]
TOKEN = "a-token-for-the-test"
MINUTE = 60_000


def test_browser_is_there_where_it_is_required():
    assert REASON is None


@pytest.fixture(scope="module")
def browser():
    with browsing() as browser:
        yield browser


@pytest.fixture
def page(browser, request):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(MINUTE)
    yield page
    picture(page, f"last-{request.node.name}".replace("/", "-"))
    page.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab by `make lab` on a copy of the book; yield its folder and address."""
    folder = tmp_path_factory.mktemp("book")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy2(ROOT / name, folder)
    for name in ("chapters", "exercises"):
        shutil.copytree(ROOT / name, folder / name)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"--no-browser --port={port} --IdentityProvider.token={TOKEN}"
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options += " --allow-root"
    command = ["make", "--directory", folder, "lab", f"VENV={sys.prefix}", f"OPTIONS={options}"]
    settings = {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
    settings["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / "workspaces")
    with open(folder / "lab.log", "w") as log:
        server = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            env={**os.environ, **settings},
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{url}/api?token={TOKEN}"), 60)
        yield folder, url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return json.load(reply)
    except OSError:
        return None


def wait_for(condition, seconds):
    """Wait until a condition holds, and return its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.3)
    raise TimeoutError(f"waited {seconds} s in vain")


def open_notebook(page, lab, path, workspace):
    """Open a notebook in a workspace of its own and wait for its kernel."""
    _, url = lab
    page.goto(f"{url}/lab/workspaces/{workspace}/tree/{path}?token={TOKEN}")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').first.wait_for()
    news = page.get_by_role("button", name="No", exact=True)  # JupyterLab offers its newsletter
    page.add_locator_handler(news, lambda: news.click())
    wait_for(lambda: rests(url, path), 60)


def choose(page, menu, item):
    """Choose an item of a menu, as a hand would."""
    page.locator(".lm-MenuBar-item", has_text=menu).first.click()
    page.locator(".lm-Menu-item", has_text=item).first.click()


def run_all(page, lab, file):
    """Run all cells, wait for the last one, save, and return the saved notebook."""
    before = last_count(file)
    path = file.relative_to(lab[0]).as_posix()
    choose(page, "Run", "Run All Cells")

    def finished():
        if not rests(lab[1], path):
            return False
        saved = file.stat().st_mtime_ns
        choose(page, "File", "Save Notebook")
        wait_for(lambda: file.stat().st_mtime_ns > saved and is_whole(file), 30)
        return last_count(file) not in (None, before)

    wait_for(finished, 300)
    return read(file)


def is_whole(file):
    """Tell whether a notebook is not just being written."""
    try:
        return bool(json.loads(file.read_text(encoding="utf-8")))
    except ValueError:
        return False


def last_count(file):
    """Return the execution count of a notebook's last code cell that ran or should have run."""
    cells = [c for c in read(file).cells if c.cell_type == "code" and c.source.strip()]
    failed = [c for c in cells if any(o.output_type == "error" for o in c.outputs)]
    stops = [c for c in failed if "raises-exception" not in c.metadata.get("tags", [])]
    return (stops or cells)[-1].execution_count


def rests(url, path):
    """Tell whether a notebook's kernel has had nothing to do for two seconds."""
    for _ in range(5):
        sessions = answers(f"{url}/api/sessions?token={TOKEN}") or []
        states = [s["kernel"]["execution_state"] for s in sessions if s["path"] == path]
        if states != ["idle"]:
            return False
        time.sleep(0.5)
    return True


def picture(page, name):
    folder = os.environ.get("RNNCOURSE_SCREENSHOTS")
    if folder:
        time.sleep(1)  # let a scrolled page come to rest
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("chapter", CHAPTERS[:3], ids=name_of)
def test_run_all_and_turn_a_knob(page, lab, chapter):
    file = lab[0] / "chapters" / chapter.name
    notebook = read(file)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
    file.write_text(json.dumps(notebook), encoding="utf-8")
    open_notebook(page, lab, f"chapters/{chapter.name}", f"run-{chapter.stem}")
    done = run_all(page, lab, file)
    cells = [c for c in done.cells if c.cell_type == "code" and c.source.strip()]
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        raised = [o.evalue for o in cell.outputs if o.output_type == "error"]
        assert bool(raised) == ("raises-exception" in cell.metadata.get("tags", [])), raised
    slider = page.locator(".noUi-handle").first
    slider.scroll_into_view_if_needed()
    figure = page.locator(".jp-OutputArea-output img.widget-image").first
    before = figure.get_attribute("src")
    picture(page, f"{chapter.stem}-knob-before")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    wait_for(lambda: figure.get_attribute("src") != before, 20)
    picture(page, f"{chapter.stem}-knob-after")


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_a_chapter_as_it_comes_shows_its_figures(page, lab, theme):
    name = CHAPTERS[1].name
    shutil.copy(CHAPTERS[1], lab[0] / "chapters" / name)
    open_notebook(page, lab, f"chapters/{name}", f"look-{theme.lower()}")
    choose(page, "Settings", "Theme")
    page.locator(".lm-Menu-item", has_text=f"JupyterLab {theme}").last.click()
    wait_for(lambda: theme in page.evaluate("() => document.body.dataset.jpThemeName"), 30)
    image = page.locator(".jp-OutputArea-output img").first
    image.scroll_into_view_if_needed()
    assert image.evaluate("image => image.naturalWidth") > 100
    assert page.locator("mjx-container, .MathJax").count() > 0
    picture(page, f"chapter-{theme.lower()}")


def write_into(page, cell, text):
    """Replace the text of a cell's editor."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def test_an_exercise_names_a_mistake_and_passes_the_solution(page, lab):
    from test_exercises import SETS, cells_by_grade_id, solution_path, wrong_answers

    name = SETS[0]
    file = lab[0] / "exercises" / name / f"{name}.ipynb"
    wrong = next(entry for entry in wrong_answers(name) if entry[0] == "ex1")
    right = cells_by_grade_id(solution_path(name))["ex1-answer"].source
    check = cells_by_grade_id(file)["ex1-check"].source
    open_notebook(page, lab, f"exercises/{name}/{name}.ipynb", "exercise")
    sources = [cell.source for cell in read(file).cells]
    first = sources.index(cells_by_grade_id(file)["ex1-answer"].source)
    answer_cell = page.locator(".jp-Notebook .jp-Cell").nth(first)
    answer_cell.scroll_into_view_if_needed()
    for answer, expected in ((wrong[2], wrong[3]), (right, None)):
        write_into(page, answer_cell, answer)
        saved = run_all(page, lab, file).cells
        assert any(answer.split() == cell.source.split() for cell in saved)
        checked = next(cell for cell in saved if cell.source == check)
        outputs = [o for o in checked.outputs if o.output_type == "error"]
        if expected is None:
            assert outputs == []
            answer_cell.scroll_into_view_if_needed()
            picture(page, "exercise-right")
        else:
            assert expected in outputs[0].evalue
            message = page.locator(".jp-OutputArea-output", has_text=expected[:30]).first
            message.scroll_into_view_if_needed()
            picture(page, "exercise-wrong")


@pytest.mark.parametrize("chapter", CHAPTERS, ids=name_of)
def test_every_slider_works_on_a_page_without_kernel_and_network(page, tmp_path, chapter):
    knobs = [
        output.data["text/html"]
        for cell in read(chapter).cells
        for output in cell.get("outputs", [])
        if "rnncourse-knob" in output.get("data", {}).get("text/html", "")
    ]
    (tmp_path / "page.html").write_text(f"<!doctype html><meta charset=utf-8>{''.join(knobs)}")
    page.route("http*://**", lambda route: route.abort())
    page.goto((tmp_path / "page.html").as_uri())
    sliders, images = page.locator("input[type=range]"), page.locator("img")
    assert sliders.count() == images.count() == len(knobs) >= 1
    for place in range(len(knobs)):
        slider, image = sliders.nth(place), images.nth(place)
        shown, texts = [], []
        slider.focus()
        page.keyboard.press("Home")
        for _ in range(int(slider.get_attribute("max")) + 1):
            shown.append(image.get_attribute("src"))
            texts.append(page.locator("output").nth(place).inner_text())
            assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
            page.keyboard.press("ArrowRight")
        assert len(set(shown)) == len(set(texts)) == len(shown)
