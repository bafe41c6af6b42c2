"""The command ``python -m rnncourse experiments [NAME]``: run what is too long for a chapter."""

import importlib
import sys

from rnncourse.experiments.grid import run_grid

# Each experiment is a module with ``cells()``, the list of its runs, ``run``, the function that
# does one of them, and ``SETTINGS`` for the reader. They run in this order: some need others.
EXPERIMENTS = {
    "remedies_rates": "rnncourse.experiments.remedies_rates",
    "remedies": "rnncourse.experiments.remedies",
    "lstm_reber": "rnncourse.experiments.lstm_reber",
    "lstm_stream": "rnncourse.experiments.lstm_stream",
    "lstm_biases": "rnncourse.experiments.lstm_biases",
    "lstm_variants": "rnncourse.experiments.lstm_variants",
    "lstm_lags": "rnncourse.experiments.lstm_lags",
    "lstm_pronouns": "rnncourse.experiments.lstm_pronouns",
    "lstm_timing": "rnncourse.experiments.lstm_timing",
    "gru_comparison": "rnncourse.experiments.gru_comparison",
    "gru_minutes": "rnncourse.experiments.gru_minutes",
    "gru_relatives": "rnncourse.experiments.gru_relatives",
    "orthogonal_copy": "rnncourse.experiments.orthogonal_copy",
    "orthogonal_denoise": "rnncourse.experiments.orthogonal_denoise",
    "orthogonal_digits": "rnncourse.experiments.orthogonal_digits",
    "orthogonal_text": "rnncourse.experiments.orthogonal_text",
}


def add_parser(subparsers):
    """Add the command ``experiments`` to a command line.

    Args:
        subparsers: what ``ArgumentParser.add_subparsers()`` returned.
    """
    parser = subparsers.add_parser(
        "experiments", help="long experiments whose results the chapters show: run what is missing"
    )
    parser.add_argument(
        "name",
        nargs="?",
        choices=list(EXPERIMENTS),
        metavar="NAME",
        help=f"{', '.join(EXPERIMENTS)} (default: all of them)",
    )
    parser.add_argument(
        "--workers", type=int, default=2, help="processes, one thread each (default: 2)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(func=run_experiments)


def run_experiments(args):
    """Run one experiment or all. What is stored already is not run again.

    Args:
        args: parsed arguments ``name``, ``workers`` and ``quiet``.

    Returns:
        int: exit status 0, or 1 where something went wrong or was interrupted.
    """
    try:
        for name in [args.name] if args.name else EXPERIMENTS:
            module = importlib.import_module(EXPERIMENTS[name])
            options = {"workers": args.workers, "progress": not args.quiet}
            rows = run_grid(name, module.run, module.cells(), module.SETTINGS, **options)
            print(f"{name}: {len(rows)} runs are stored")
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; finished runs are stored, and the next call goes on", file=sys.stderr)
        return 1
    return 0
