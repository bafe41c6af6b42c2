"""Build the book's site: gather its sources in one folder, and let Sphinx make pages of them.

    python tools/website.py                 into _build/site
    python tools/website.py --serve 8000    and serve it on this machine alone

Nothing is executed and nothing is fetched: outputs come from the committed notebooks, and the
program that draws formulas is an installed package. Warnings are errors.
"""

import argparse
import http.server
import importlib.util
import shutil
import sys
import time
from functools import partial
from pathlib import Path

import nbformat
from sphinx.cmd.build import build_main

import website_api
import website_ledger
import website_pages
from canonical import read
from references import entries
from twins import ROOT
from website_links import TermLinker
from website_notebooks import chapter_page, exercise_page

CHAPTERS = sorted(ROOT.glob("chapters/[0-9]*.ipynb"))
EXERCISES = sorted(ROOT.glob("exercises/*/[0-9]*.ipynb"))
SITE = ROOT / "_build" / "site"
# What MathJax needs for formulas in HTML; the package holds much more.
MATHJAX = ("tex-chtml.js", "input/tex", "output/chtml", "a11y", "sre/mathmaps/base.json")
MATHJAX += ("sre/mathmaps/en.json", "ui/menu.js")


def main(argv=None):
    """Build the site, and serve it if asked; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=SITE, help="folder of the pages")
    parser.add_argument("--serve", type=int, metavar="PORT", help="serve it on 127.0.0.1")
    arguments = parser.parse_args(argv)
    start = time.perf_counter()
    status = build(arguments.output)
    if status:
        return status
    size = sum(file.stat().st_size for file in arguments.output.rglob("*") if file.is_file())
    seconds = time.perf_counter() - start
    print(f"{arguments.output / 'index.html'}: {seconds:.0f} s, {size / 1e6:.0f} MB")
    if arguments.serve is not None:
        serve(arguments.output, arguments.serve)
    return 0


def build(output):
    """Build the site into a folder, from nothing.

    Args:
        output: a folder; what it holds is replaced if it is a site built before.

    Returns:
        int: 0 where there was no warning.

    Raises:
        FileExistsError: the folder holds something else.
    """
    if output.exists() and any(output.iterdir()) and not (output / ".buildinfo").exists():
        raise FileExistsError(f"output must be new, empty or a site, but {output} is neither")
    work = output.with_name(output.name + "-source")
    for folder in (output, work):
        shutil.rmtree(folder, ignore_errors=True)
    stage(work / "pages")
    options = ["-W", "--keep-going", "-n", "-q", "-j", "auto", "-b", "html"]
    status = build_main([*options, "-d", str(work / "trees"), str(work / "pages"), str(output)])
    for path in (*CHAPTERS, *EXERCISES):  # who downloads a notebook gets it as it is
        shutil.copy(path, output / "_sources" / path.relative_to(ROOT))
    return status


def stage(folder):
    """Gather the sources of all pages.

    Args:
        folder: where to, a new one.
    """
    shutil.copytree(ROOT / "docs", folder)
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        write(folder / "parts" / name, (ROOT / name).read_text(encoding="utf-8"))
    for name in ("LICENSE", "CITATION.cff"):
        shutil.copy(ROOT / name, folder)
    stage_notebooks(folder)
    for name, text in website_api.pages(website_api.modules()).items():
        write(folder / "api" / name, text)
    titles = {path.stem: website_pages.title_of(read(path)) for path in CHAPTERS}
    for name, text in website_ledger.pages(CHAPTERS, titles).items():
        write(folder / "ledger" / f"{name}.md", text)
    errata = website_pages.errata(website_pages.load("errata.toml"), CHAPTERS)
    write(folder / "errata.md", errata)
    write(folder / "figures.md", website_pages.figures(CHAPTERS))
    write(folder / "glossary.md", website_pages.glossary(website_pages.load("glossary.toml")))
    copy_mathjax(folder / "_static" / "mathjax")


def stage_notebooks(folder):
    """Write the pages of chapters and exercises.

    Args:
        folder: of the sources.
    """
    terms = website_pages.load("glossary.toml")["term"]
    known, bibliography = website_pages.claim_targets(CHAPTERS), entries()
    for path in CHAPTERS:
        page = chapter_page(read(path), TermLinker(terms), bibliography, known)
        write(folder / "chapters" / path.name, nbformat.writes(page))
    shutil.copy(ROOT / "chapters" / "lecture_map.md", folder / "chapters")
    for path in EXERCISES:
        page = exercise_page(read(path))
        write(folder / path.relative_to(ROOT), nbformat.writes(page))
    write(folder / "exercises" / "index.md", website_pages.exercises(EXERCISES))


def copy_mathjax(folder):
    """Copy the program that draws formulas, without what the site does not use.

    Args:
        folder: where to.
    """
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
    for name in MATHJAX:
        source, target = package / "static" / "mathjax" / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)


def write(path, text):
    """Write a text file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def serve(folder, port):
    """Serve a folder on the loopback address until Ctrl-C."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/ until Ctrl-C")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    sys.exit(main())
