"""The one form in which notebooks are committed: stable cell ids, minimal metadata, no timing.

A cell's id is a digest of its type and source. So an unchanged cell keeps its id, and a notebook
that somebody has edited can be told from one that a tool wrote.
"""

import copy
import hashlib

import nbformat

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
KEPT_CELL_METADATA = ("tags", "nbgrader")


def canonical(notebook):
    """Return a copy of a notebook in canonical form; its sources and outputs stay as they are.

    Live widget views are dropped: their ids are random and without their kernel they show
    nothing. The HTML that stands beside them stays. Of a traceback only its last line stays.
    """
    notebook = copy.deepcopy(notebook)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    )
    for cell, cell_id in zip(notebook.cells, _ids(notebook.cells), strict=True):
        cell.id = cell_id
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in KEPT_CELL_METADATA if cell.metadata.get(key)}
        )
        cell.pop("attachments", None)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if output.output_type == "error":  # a traceback names folders of the author's
                output.traceback = [f"{output.ename}: {output.evalue}"]
    return notebook


def without_outputs(notebook):
    """Return a copy of a notebook without outputs and execution counts."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def is_edited(notebook):
    """Tell whether a cell's source is not the one that its id was made from."""
    return [cell.get("id") for cell in notebook.cells] != _ids(notebook.cells)


def as_text(notebook):
    """Return the bytes' text of a notebook as it is committed."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def read(path):
    """Read a notebook in format 4."""
    return nbformat.read(path, as_version=4)


def _ids(cells):
    ids, seen = [], {}
    for cell in cells:
        digest = hashlib.sha1(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        ids.append(digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
    return ids
