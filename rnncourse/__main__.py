"""The commands ``python -m rnncourse`` doctor, claims, data, train, sample and experiments."""

import argparse
import sys

from rnncourse import doctor, ledger, recipe_command
from rnncourse.datasets import commands as data
from rnncourse.experiments import commands as experiments


def main(argv=None):
    """Run the command that the command line names.

    Args:
        argv: the words after ``python -m rnncourse``, or None for the process's own.

    Returns:
        int: exit status, 0 where all is well.
    """
    parser = argparse.ArgumentParser(prog="python -m rnncourse", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (doctor, ledger, data, recipe_command, experiments):
        module.add_parser(subparsers)
    arguments = parser.parse_args(argv)
    return arguments.func(arguments)


if __name__ == "__main__":
    sys.exit(main())
