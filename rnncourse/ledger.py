"""The ledger: what the executed notebooks record of their claims, and the command that lists it."""

import json
from pathlib import Path

from rnncourse import claims


def read_claims(notebook):
    """Read the claims that an executed notebook records.

    Args:
        notebook: path of an .ipynb file.

    Returns:
        list of dicts with the keys number, sentence, measured, bound, seeds, cpu_seconds, in the
        order of the notebook.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return [record for key, record in read_records(notebook) if key == claims.METADATA_KEY]


def read_records(notebook):
    """Read all that an executed notebook records in the metadata of its outputs.

    Args:
        notebook: path of an .ipynb file.

    Returns:
        list of pairs of a key such as ``claims.METADATA_KEY`` and a dict, in the order of the
        notebook.

    Raises:
        FileNotFoundError: there is no such file.
    """
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    pairs = [pair for output in outputs for pair in output.get("metadata", {}).items()]
    return [(key, record) for key, record in pairs if key.startswith("rnncourse_")]


def add_parser(subparsers):
    """Add ``claims`` to the commands of ``python -m rnncourse``.

    Args:
        subparsers: what ``argparse.ArgumentParser.add_subparsers`` returned.
    """
    parser = subparsers.add_parser("claims", help="list every claim of the executed notebooks")
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path(__file__).resolve().parent.parent / "chapters",
        help="where the notebooks are (default: the chapters of this checkout)",
    )
    parser.set_defaults(func=_list_claims)


def _list_claims(arguments):
    notebooks = sorted(arguments.folder.glob("*.ipynb"))
    if not notebooks:
        print(f"No notebook in {arguments.folder}: name the folder that holds the chapters.")
        return 1
    count = 0
    for notebook in notebooks:
        for record in read_claims(notebook):
            measured = ", ".join(f"{value:.3g}" for value in record["measured"])
            print(f"{record['number']:>5}  {record['sentence']}")
            seeds = "" if record["seeds"] is None else f"; seeds {record['seeds']}"
            print(f"       measured {measured}; {claims.describe_bound(record['bound'])}{seeds}")
            count += 1
    print(f"{count} claims in {len(notebooks)} notebooks")
    return 0
