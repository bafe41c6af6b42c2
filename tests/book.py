"""Where the notebooks under test are."""

from twins import ROOT

CHAPTERS = sorted(ROOT.glob("chapters/[0-9]*.ipynb"))
SOLUTIONS = sorted(ROOT.glob("solutions/*/[0-9]*.ipynb"))


def name_of(path):
    """Return a short name for a notebook or another file, for the test's id."""
    return path.relative_to(ROOT).as_posix()
