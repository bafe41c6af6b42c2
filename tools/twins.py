"""Text twins: where they are, how they become notebooks, and how their mirrored cells are filled.

A twin is the text of a notebook in jupytext's percent format. It is what is edited and reviewed.
"""

import ast
import re
from pathlib import Path

import jupytext

ROOT = Path(__file__).resolve().parent.parent
MIRROR = re.compile(r'^# %% .*"mirror:(rnncourse(?:\.\w+)+)".*$')


def twin_paths():
    """Return every twin, mapped to the notebook that is made from it."""
    pairs = {}
    for twin in sorted(ROOT.glob("chapters/text/[0-9]*.py")):
        pairs[twin] = ROOT / "chapters" / f"{twin.stem}.ipynb"
    for twin in sorted(ROOT.glob("solutions/text/[0-9]*.py")):
        pairs[twin] = ROOT / "solutions" / twin.stem / f"{twin.stem}.ipynb"
    return pairs


def read_twin(path):
    """Return the notebook, not executed, that a twin describes."""
    return jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")


def definition(dotted):
    """Return the source text of a definition of the package, such as ``rnncourse.claims.claim``."""
    module, _, name = dotted.rpartition(".")
    path = ROOT / Path(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        raise ValueError(f"mirror:{dotted} names no module of the package: there is no {path.name}")
    text = path.read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if getattr(node, "name", None) == name:
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            return "\n".join(text.splitlines()[first - 1 : node.end_lineno])
    raise ValueError(f"mirror:{dotted} names nothing: {path.name} defines no {name}")


def fill_mirrors(text):
    """Return a twin's text with each mirrored cell holding its definition as the package has it."""
    lines, filled, skipping = text.splitlines(), [], False
    for line in lines:
        mirror = MIRROR.match(line)
        if line.startswith("# %%"):
            skipping = False
        if not skipping:
            filled.append(line)
        if mirror:
            filled += [*definition(mirror[1]).splitlines(), ""]
            skipping = True
    return "\n".join(filled).rstrip("\n") + "\n"
