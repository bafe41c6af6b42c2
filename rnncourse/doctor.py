"""Is this machine ready for the course? A table, and a clear line for each thing that is wrong."""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

REQUIRED = ("numpy", "matplotlib", "torch", "jupyterlab", "nbval", "ipywidgets")
REQUIRED += ("statsmodels", "scikit-learn", "pooch", "tqdm")
OPTIONAL = {"nbgrader": "to make and grade exercises", "jupytext": "to edit the book"}
MIN_MEMORY_GB = 3.0
MIN_DISK_GB = 1.0


@dataclass(frozen=True)
class Finding:
    """One row of the table: what was looked at, what was found, and what to do if it is wrong."""

    what: str
    found: str
    advice: str = ""
    wrong: bool = False


def examine():
    """Look at this machine.

    Returns:
        list of Finding, in the order of the table.
    """
    findings = [_python(), *(_package(name) for name in REQUIRED)]
    findings += [_optional_package(name, why) for name, why in OPTIONAL.items()]
    findings += [_pinned_torch(), _threads(), _memory(), _disk(), _device(), _fonts(), _cache()]
    return findings + _bundled_data() + _optional_data()


def main(arguments=None):
    """Print the table and the advice.

    Args:
        arguments: not used; what argparse passes on.

    Returns:
        int: exit status, 0 where all is well and 1 where something is wrong.
    """
    findings = examine()
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        mark = "WRONG" if finding.wrong else "ok" if not finding.advice else "note"
        print(f"{mark:5}  {finding.what:{width}}  {finding.found}")
    for finding in findings:
        if finding.wrong:
            print(f"\nWRONG  {finding.what}: {finding.found}\n       {finding.advice}")
    count = sum(finding.wrong for finding in findings)
    if count:
        print(f"\n{count} thing{'s' if count > 1 else ''} to mend before the course can run.")
    else:
        print("\nAll is well: the course can run here.")
    return 1 if count else 0


def add_parser(subparsers):
    """Add ``doctor`` to the commands of ``python -m rnncourse``.

    Args:
        subparsers: what ``argparse.ArgumentParser.add_subparsers`` returned.
    """
    parser = subparsers.add_parser("doctor", help="check that this machine can run the course")
    parser.set_defaults(func=main)


def _python():
    wrong = sys.version_info < (3, 11)
    advice = "Install Python 3.11 or newer and set the course up again." if wrong else ""
    return Finding("Python", f"{platform.python_version()} ({platform.system()})", advice, wrong)


def _package(name):
    try:
        return Finding(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        advice = "Install it: python -m pip install -e . -c constraints.txt"
        return Finding(name, "missing", advice, wrong=True)


def _optional_package(name, why):
    try:
        return Finding(name, f"{importlib.metadata.version(name)} (optional, {why})")
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, f"not installed (optional, {why})", "not needed to read the book")


def _pinned_torch():
    """Compare the installed torch with the one that the course was tested with."""
    try:
        requirements = importlib.metadata.requires("rnncourse") or []
        installed = importlib.metadata.version("torch").partition("+")[0]
    except importlib.metadata.PackageNotFoundError as error:
        advice = "Install the course: python -m pip install -e . -c constraints.txt"
        return Finding("tested torch", f"{error} is not installed", advice, wrong=True)
    wanted = re.search(r"torch==([\w.]+)", " ".join(requirements))
    if wanted and wanted[1] != installed:
        advice = "Trained numbers may differ: install the pinned version to be sure."
        return Finding("tested torch", f"{wanted[1]}, but {installed} is installed", advice)
    return Finding("tested torch", "installed")


def _threads():
    cores = os.cpu_count() or 1
    return Finding("processor cores", f"{cores} (the course uses one thread of torch)")


def _memory():
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError, OSError):
        return Finding("memory", "not known on this system", "a notebook needs up to 1.5 GB")
    advice = (
        "Close other programs: a notebook needs up to 1.5 GB beside JupyterLab and the browser."
    )
    wrong = total < MIN_MEMORY_GB
    return Finding("memory", f"{total:.0f} GB", advice if wrong else "", wrong)


def _disk():
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    wrong = free < MIN_DISK_GB
    advice = "Free some space: your notebooks cannot be saved on a full disk." if wrong else ""
    return Finding(
        "free disk", f"{'less' if wrong else 'more'} than {MIN_DISK_GB:g} GB", advice, wrong
    )


def _device():
    try:
        import torch
    except Exception as error:  # a broken build raises what it likes, from OSError on
        advice = "Install torch again: python -m pip install --force-reinstall torch==2.13.0"
        return Finding("torch runs", f"{type(error).__name__}: {error}", advice, wrong=True)
    total = torch.ones(3).sum().item()
    device = "CPU"
    if torch.cuda.is_available():
        device += f" and {torch.cuda.get_device_name(0)}"
    elif torch.backends.mps.is_available():
        device += " and Apple GPU"
    wrong = total != 3.0
    return Finding("torch runs", f"on {device} (the course needs the CPU only)", "", wrong)


def _fonts():
    try:
        from matplotlib import get_cachedir

        folder = Path(get_cachedir())
    except Exception as error:
        advice = "Install matplotlib again, or set MPLCONFIGDIR to a folder you can write to."
        return Finding("matplotlib", f"{type(error).__name__}: {error}", advice, wrong=True)
    return _writable("matplotlib's cache", folder, "MPLCONFIGDIR")


def _cache():
    try:
        from rnncourse.datasets.classics import cache_dir

        folder = Path(cache_dir())
    except ImportError as error:
        advice = "Install the missing package: see above."
        return Finding("data cache", f"not known: {error}", advice, wrong=True)
    return _writable("data cache", folder, "RNNCOURSE_DATA")


def _writable(what, folder, variable):
    """Try to write a file into the folder, or into the nearest parent that exists."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            return Finding(what, "writable")
    except OSError as error:
        advice = f"Set the environment variable {variable} to a folder that you can write to."
        return Finding(what, f"{folder} cannot be written: {error.strerror}", advice, wrong=True)


def _bundled_data():
    from rnncourse.datasets import corpora, series

    sources = {
        "series of statsmodels": series.sunspots,
        "series of matplotlib": series.prices,
        "digits of scikit-learn": series.digits,
        "English text of Python": corpora.english,
    }
    findings = []
    for what, load in sources.items():
        try:
            load()
            findings.append(Finding(what, "present"))
        except Exception as error:  # whatever the library raises where its file is missing
            advice = "The library that brings this data is damaged or missing: install it again."
            found = f"{type(error).__name__}: {error}"
            findings.append(Finding(what, found, advice, wrong=True))
    return findings


def _optional_data():
    try:
        from rnncourse.datasets import catalogue, classics
    except ImportError:
        return []
    names = list(catalogue.ENTRIES)
    here = [name for name in names if classics.present(name)]
    found = f"{len(here)} of {len(names)} downloaded" + (f": {', '.join(here)}" if here else "")
    advice = "" if here else "python -m rnncourse data list shows them; no chapter needs them"
    return [Finding("optional data", found, advice)]
