"""The commands ``python -m rnncourse data list | fetch NAME | verify | path [NAME]``."""

import sys

from rnncourse.datasets import classics
from rnncourse.datasets.catalogue import ENTRIES

MEANING = {
    "absent": "not here",
    "good": "here, checksum right",
    "unconfirmed": "here, checksum not confirmed",
    "damaged": "here, checksum WRONG",
}


def add_parser(subparsers):
    """Add the command ``data`` to a command line.

    Args:
        subparsers: what ``ArgumentParser.add_subparsers()`` returned.

    Returns:
        argparse.ArgumentParser: the parser of ``data``. Parsed arguments hold ``func``, which
        takes them and returns an exit status.
    """
    parser = subparsers.add_parser("data", help="optional data sets: list, fetch, verify, path")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="what there is, how large, and what is here")
    listing.set_defaults(func=run_list)
    fetching = commands.add_parser("fetch", help="download one data set")
    fetching.add_argument("name", metavar="NAME", choices=list(ENTRIES), help=", ".join(ENTRIES))
    answer = fetching.add_mutually_exclusive_group()
    answer.add_argument(
        "--confirm", metavar="HASH", help="the SHA-256 it must have; accepts a new edition"
    )
    answer.add_argument("--yes", action="store_true", help="confirm the SHA-256 without a question")
    fetching.add_argument("--quiet", action="store_true", help="no progress bar")
    fetching.set_defaults(func=run_fetch)
    verifying = commands.add_parser("verify", help="check every file that is here")
    verifying.set_defaults(func=run_verify)
    locating = commands.add_parser("path", help="where the data is, or one data set's file")
    locating.add_argument("name", metavar="NAME", nargs="?", choices=list(ENTRIES), help="which")
    locating.set_defaults(func=run_path)
    return parser


def run_list(args):
    """Print each data set with its size, its state, its terms of use and its source.

    Args:
        args: parsed arguments; none is used.

    Returns:
        int: exit status 0, or 1 where the list of confirmed checksums cannot be read.
    """
    return _reporting(_list)


def run_fetch(args):
    """Download one data set and print where it is.

    Args:
        args: parsed arguments ``name``, ``confirm``, ``yes`` and ``quiet``.

    Returns:
        int: exit status 0, or 1 where nothing could be fetched.
    """
    return _reporting(_fetch, args)


def run_verify(args):
    """Check the SHA-256 of every file that is here.

    Args:
        args: parsed arguments; none is used.

    Returns:
        int: exit status 0, or 1 where a file is damaged or was never confirmed.
    """
    return _reporting(_verify)


def run_path(args):
    """Print the folder of the data, or the path of one file.

    Args:
        args: parsed argument ``name``, or None for the folder.

    Returns:
        int: exit status 0, or 1 where the file is not there.
    """
    if args.name is None:
        print(classics.cache_dir())
        return 0
    print(classics.file_of(args.name))
    if classics.present(args.name):
        return 0
    print(f"not there yet: python -m rnncourse data fetch {args.name}", file=sys.stderr)
    return 1


def _reporting(command, *args):
    """Run a command; what goes wrong becomes one message and the exit status 1."""
    try:
        return command(*args)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; nothing half-finished was kept", file=sys.stderr)
        return 1


def _list():
    for name, entry in ENTRIES.items():
        about = "" if entry.sha256 else "about "
        size = f"{about}{entry.about_bytes / 1e6:.1f} MB"
        print(f"{name:<14} {size:>13}  {MEANING[classics.check(name)]}")
        print(f"    {entry.title}\n    {entry.licence}\n    {entry.url}")
    print(f"\nFolder: {classics.cache_dir()}\nFetch one: python -m rnncourse data fetch NAME")
    return 0


def _fetch(args):
    def confirm(name, sha256, path):
        _show(name, sha256, path)
        return args.yes or _ask()

    path = classics.fetch(args.name, confirm, args.confirm, progress=not args.quiet)
    print(path)
    return 0


def _show(name, sha256, path):
    """Show what is to be confirmed."""
    with open(path, "rb") as file:
        first = file.readline(200).decode("ascii", errors="ignore").strip()
    print(f"No checksum of {name} is published here. Please confirm the file that arrived:")
    print(f"    size     {path.stat().st_size:,} bytes")
    print(f"    begins   {first}")
    print(f"    SHA-256  {sha256}")


def _ask():
    try:
        answer = input("Keep it and hold later copies to this checksum? [y/N] ")
    except EOFError:  # nobody is there to answer
        print()
        return False
    return answer.strip().lower() in ("y", "yes")


def _verify():
    states = {name: classics.check(name) for name in ENTRIES if classics.present(name)}
    for name, state in states.items():
        print(f"{name:<14} {MEANING[state]}")
    if not states:
        print(f"nothing to verify in {classics.cache_dir()}")
    bad = [name for name, state in states.items() if state != "good"]
    for name in bad:
        print(f"to mend it: python -m rnncourse data fetch {name}", file=sys.stderr)
    return 1 if bad else 0
