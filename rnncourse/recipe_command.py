"""The commands ``python -m rnncourse train --text FILE`` and ``sample --checkpoint FILE``."""

import sys
from pathlib import Path

BAD_INPUT = 2

# Each setting of rnncourse.recipe_settings.Settings: its type, what is filled in, its meaning.
OPTIONS = {
    "seconds": (float, None, "time for training; the learning rate falls to zero in it"),
    "epochs": (int, 10, "how often the text is read, without --seconds"),
    "hidden-size": (int, None, "units of each layer (default: 256 up to a minute, else 384)"),
    "embedding-size": (int, 32, "numbers that stand for one character"),
    "num-layers": (int, 1, "layers"),
    "dropout": (float, None, "share of outputs left out (default: 0 up to a minute, else 0.2)"),
    "batch-size": (int, 16, "stretches of the text that are read side by side"),
    "steps": (int, 64, "characters between two updates"),
    "learning-rate": (float, 0.008, "the largest one"),
    "warm-up": (float, 0.05, "share of the training in which the learning rate rises"),
    "weight-decay": (float, 0.1, "of AdamW"),
    "clip-norm": (float, 1.0, "largest length of the gradient"),
    "held-out": (float, 0.1, "share of the text, its end, that is not trained on"),
    "patience": (int, 5, "evaluations without progress after which training stops"),
    "seed": (int, 0, "of everything random"),
    "threads": (int, 1, "of torch"),
}


def add_parser(subparsers):
    """Add the commands ``train`` and ``sample`` to a command line.

    Args:
        subparsers: what ``ArgumentParser.add_subparsers()`` returned.
    """
    training = subparsers.add_parser("train", help="train a character model on a text of yours")
    training.add_argument("--text", metavar="FILE", required=True, help="the text")
    training.add_argument("--encoding", default="utf-8-sig", help="of the text (default: UTF-8)")
    training.add_argument("--out", metavar="DIR", help="new folder (default: FILE's name + -model)")
    training.add_argument("--resume", action="store_true", help="go on with the run in the folder")
    training.add_argument("--quiet", action="store_true", help="no progress bar")
    training.add_argument("--rnn", choices=("lstm", "gru"), help="kind of cell (default: lstm)")
    training.add_argument("--float32", action="store_true", help="no numbers of 16 bits: slower")
    for name, (kind, default, meaning) in OPTIONS.items():
        about = meaning if default is None else f"{meaning} (default: {default})"
        training.add_argument(f"--{name}", type=kind, metavar="N", help=about)
    training.set_defaults(func=run_train)
    writing = subparsers.add_parser("sample", help="let a trained character model write")
    writing.add_argument("--checkpoint", metavar="FILE", required=True, help="model, or its folder")
    writing.add_argument("--prompt", default="", help="text to go on with")
    writing.add_argument("--length", type=int, default=500, help="characters to write")
    writing.add_argument("--temperature", type=float, default=1.0, help="below 1: more careful")
    writing.add_argument("--seed", type=int, default=0, help="the same seed, the same text")
    writing.set_defaults(func=run_sample)


def run_train(args):
    """Train a model, or go on with that; Ctrl-C keeps the best so far.

    Args:
        args: parsed arguments.

    Returns:
        int: exit status 0, or 2 where something is wrong with the input.
    """
    return _reporting(_train, args)


def run_sample(args):
    """Print a text that a model writes.

    Args:
        args: parsed arguments.

    Returns:
        int: exit status 0, or 2 where something is wrong with the input.
    """
    return _reporting(_sample, args)


def read_text(path, encoding="utf-8-sig"):
    """Read a text file; ends of lines become newlines.

    Args:
        path: the file.
        encoding: its encoding; the filled-in one is UTF-8, with or without a mark at the start.

    Returns:
        str.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: the file is empty or no text, or the encoding is not known.
    """
    data = Path(path).read_bytes()
    if not data:
        raise ValueError(f"text must be a file with text, but {path} is empty")
    try:
        text = data.decode(encoding)
    except LookupError:
        raise ValueError(f"encoding must be one that Python knows, but is {encoding!r}") from None
    except UnicodeDecodeError as error:
        fault = f"byte {error.start:,} of {path} is not"
        raise ValueError(f"text must be {encoding} text, but {fault}; see --encoding") from None
    if "\0" in text:
        raise ValueError(f"text must be text, but {path} is binary: it holds the character NUL")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _reporting(command, args):
    """Run a command; what is wrong with its input becomes one line and the exit status 2."""
    try:
        return command(args)
    except (OSError, TypeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("\nstopped at once; what was saved before is whole", file=sys.stderr)
        return 1


def _train(args):
    text = read_text(args.text, args.encoding)
    folder = Path(args.out or f"{Path(args.text).stem}-model")
    from rnncourse import recipe, recipe_run
    from rnncourse.recipe_settings import Settings

    names = [name.replace("-", "_") for name in OPTIONS]
    given = {name: value for name in names if (value := getattr(args, name)) is not None}
    given |= {"rnn": args.rnn} if args.rnn else {}
    given |= {"bfloat16": False} if args.float32 else {}
    start = recipe_run.read_notes(folder)["settings"] if args.resume else {"rnn": "lstm"}
    settings = Settings.from_notes(start | given)
    outcome = recipe.train(text, folder, settings, resume=args.resume, progress=not args.quiet)
    _report(outcome, folder)
    return 0


def _report(outcome, folder):
    if outcome.interrupted:
        print(f"stopped after {outcome.steps:,} steps; add --resume to go on")
    bits = outcome.loss / 0.6931471805599453
    print(f"best held-out loss: {outcome.loss:.4f} nats a character ({bits:.3f} bits)")
    print(f"the model: {outcome.path}")
    print(f'let it write: python -m rnncourse sample --checkpoint "{folder}"')


def _sample(args):
    from rnncourse.recipe_model import write

    path = Path(args.checkpoint)
    path = path / "best.ckpt" if path.is_dir() else path
    options = {"temperature": args.temperature, "seed": args.seed}
    print(write(path, args.prompt, args.length, **options))
    return 0
