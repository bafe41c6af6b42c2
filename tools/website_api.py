"""The reference of the package: a page for each module, from its docstrings, and a map of all."""

import ast
import re

from twins import ROOT

PACKAGE = ROOT / "rnncourse"


def modules():
    """Return the names of the package's modules, in the order of the alphabet."""
    files = sorted(PACKAGE.rglob("*.py"))
    names = [".".join(f.relative_to(ROOT).with_suffix("").parts) for f in files]
    return [n.removesuffix(".__init__") for n in names if not n.endswith("__main__")]


def pages(names):
    """Make the pages of the package's reference: a map, and a page for each module.

    Args:
        names: of the modules.

    Returns:
        dict of file contents by the file's name in the folder ``api``.
    """
    made = {}
    for name in names:
        title = name.replace("_", r"\_")
        heading = f"{title}\n{'=' * len(title)}\n\n"
        is_map = (ROOT / name.replace(".", "/")).is_dir()  # a package's docstring is a table
        made[f"{name}.rst"] = heading + (_map(name) if is_map else f".. automodule:: {name}\n")
    lines = ["# The package", "", _docstring("rnncourse").splitlines()[0], ""]
    groups = _groups(names)
    for heading, members in groups.items():
        lines += [f"## {heading}", ""]
        lines += [
            f"- {{py:mod}}`{n.removeprefix('rnncourse.')} <{n}>`: {first_line(n)}" for n in members
        ]
        toctree = ["", "```{toctree}", ":hidden:", ":titlesonly:", "", *members, "```", ""]
        lines += toctree
    made["index.md"] = "\n".join(lines)
    return made


def _map(name):
    text = _docstring(name).replace("\n", "\n    ")
    return f".. py:module:: {name}\n\n.. code-block:: text\n\n    {text}\n"


def _groups(names):
    """Sort the modules into the groups of the package's map."""
    groups, heading = {}, "Packages"
    listed = {}
    for line in _docstring("rnncourse").splitlines():
        if re.match(r"[A-Z][^:`]*$", line):
            heading = re.sub(r" \(.*\)$", "", line)
        for word in re.findall(r"[a-z_]+(?:\.[a-z_]+)*", line) if line.startswith("    ") else []:
            listed.setdefault(f"rnncourse.{word}", heading)
    for name in names:
        groups.setdefault(listed.get(name, "Packages"), []).append(name)
    return groups


def _docstring(name):
    path = ROOT / name.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def first_line(name):
    """Return the first sentence of a module's docstring."""
    return _docstring(name).partition("\n\n")[0].replace("\n", " ").replace("``", "`")


def link(name):
    """Link a module, class or function of the package."""
    path = ROOT / (name.replace(".", "/") + ".py")
    kind = "py:module" if path.exists() or path.with_suffix("").is_dir() else "py:obj"
    role = "py:mod" if kind == "py:module" else "py:obj"
    return f"{{{role}}}`{name.removeprefix('rnncourse.')} <{name}>`"
