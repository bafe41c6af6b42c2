"""Save a training run in one file, and go on with it as if nothing had happened.

The file is one line of text, which says how long the rest is and what its checksum is, and then
what ``torch.save`` writes. It holds numbers and names only: reading it runs no code.
"""

import hashlib
import io
import os
import pickle
import tempfile
import zipfile
from pathlib import Path

import torch

from rnncourse.training import History

MAGIC = b"rnncourse checkpoint 1"


def save_checkpoint(
    path, model, optimizer=None, history=None, vocabulary=None, generators=(), notes=None
):
    """Save a model and all that its training needs to go on, in one step.

    The file at ``path`` is either the old one or the new one, whole; never a part.

    Args:
        path: the file; its folder must be there.
        model: a ``torch.nn.Module``.
        optimizer: its optimizer, or None for a model that is only to be used.
        history: a History, with the losses, the position in the data and the carried state; or
            None.
        vocabulary: the Vocabulary that the model's numbers belong to, or None.
        generators: list of ``torch.Generator`` that the run draws from, beside torch's global one,
            whose place is saved in any case.
        notes: numbers, names, and lists and dicts of them, for ``read_checkpoint`` to return; or
            None.

    Returns:
        None.

    Raises:
        OSError: the file could not be written; the old one is as it was.
    """
    content = {
        "model": model.state_dict(),
        "optimizer": None if optimizer is None else optimizer.state_dict(),
        "optimizer_kind": _kind(optimizer),
        "history": None if history is None else dict(vars(history)),
        "vocabulary": _tokens(vocabulary),
        "random": [torch.get_rng_state(), *(generator.get_state() for generator in generators)],
        "notes": notes,
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    payload = buffer.getvalue()
    header = b"%s %d %s\n" % (MAGIC, len(payload), hashlib.sha256(payload).hexdigest().encode())
    _write_whole(Path(path), header + payload)


def load_checkpoint(path, model, optimizer=None, vocabulary=None, generators=()):
    """Bring a model, its optimizer and the random generators back to where a checkpoint was saved.

    All is checked before anything is changed.

    Args:
        path: the file.
        model: a model of the same sizes as the saved one.
        optimizer: an optimizer of the same kind, over ``model.parameters()``; or None to load the
            model alone, which leaves all random generators as they are.
        vocabulary: the Vocabulary that will turn text into numbers; must be the saved one. None if
            none was saved.
        generators: as many ``torch.Generator`` as were saved, in the same order.

    Returns:
        History to hand to ``fit``, or None if none was saved.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is cut short, changed or no checkpoint, or it does not belong to this
            model, optimizer or vocabulary.
    """
    content = read_checkpoint(path)
    _check_vocabulary(content["vocabulary"], _tokens(vocabulary))
    _check_weights(content["model"], model.state_dict())
    if optimizer is not None:
        if content["optimizer_kind"] != _kind(optimizer):
            saved = content["optimizer_kind"]
            raise ValueError(f"optimizer must be the saved {saved}, but is {_kind(optimizer)}")
        if len(content["random"]) != 1 + len(generators):
            saved = len(content["random"]) - 1
            raise ValueError(f"generators must be the {saved} saved, but are {len(generators)}")
        optimizer.load_state_dict(content["optimizer"])
        torch.set_rng_state(content["random"][0])
        for generator, place in zip(generators, content["random"][1:], strict=True):
            generator.set_state(place)
    model.load_state_dict(content["model"])
    return None if content["history"] is None else History(**content["history"])


def read_checkpoint(path):
    """Read what a checkpoint holds, after checking that the file is whole.

    Args:
        path: the file.

    Returns:
        dict with ``model``, ``optimizer``, ``optimizer_kind``, ``history``, ``vocabulary``,
        ``random`` and ``notes``. All tensors are in main memory, wherever they were saved from.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is cut short, changed or no checkpoint.
    """
    header, _, payload = Path(path).read_bytes().partition(b"\n")
    parts = header.removeprefix(MAGIC).split()
    if not header.startswith(MAGIC) or len(parts) != 2 or not parts[0].isdigit():
        raise ValueError(f"path must be a checkpoint of this course, but {path} does not begin so")
    if len(payload) != int(parts[0]):
        sizes = f"{len(payload):,} bytes where {int(parts[0]):,} were saved"
        raise ValueError(f"path must be a whole checkpoint, but {path} holds {sizes}")
    if hashlib.sha256(payload).hexdigest().encode() != parts[1]:
        raise ValueError(f"path must be an unchanged checkpoint, but {path} fails its checksum")
    try:
        content = torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
        return {name: content[name] for name in _NAMES} | {"notes": content.get("notes")}
    except (pickle.UnpicklingError, zipfile.BadZipFile, RuntimeError, KeyError, TypeError) as error:
        fault = str(error).strip().splitlines()[0]
        raise ValueError(f"path must hold numbers and names only, but {path}: {fault}") from error


_NAMES = ("model", "optimizer", "optimizer_kind", "history", "vocabulary", "random")


def _write_whole(path, data):
    """Write a file beside ``path``, see it on the disk, and only then put it in its place."""
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=path.parent) as folder:
        fresh = Path(folder) / path.name
        with open(fresh, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)


def _kind(optimizer):
    return None if optimizer is None else type(optimizer).__name__


def _tokens(vocabulary):
    if vocabulary is None:
        return None
    special = [vocabulary.unknown, vocabulary.start, vocabulary.end]
    return {"tokens": list(vocabulary.tokens), "special": special}


def _check_vocabulary(saved, given):
    if saved == given:
        return
    if saved is None or given is None:
        has, was = ("none", "one") if given is None else ("one", "none")
        raise ValueError(
            f"vocabulary must be the saved one, but {was} was saved and {has} is given"
        )
    pairs = enumerate(zip(saved["tokens"], given["tokens"], strict=False))
    faults = [f"id {k} was {a!r} and is {b!r}" for k, (a, b) in pairs if a != b]
    if len(saved["tokens"]) != len(given["tokens"]):
        faults.append(f"had {len(saved['tokens'])} tokens and has {len(given['tokens'])}")
    faults.append(f"its special tokens were {saved['special']} and are {given['special']}")
    raise ValueError(f"vocabulary must be the saved one, but {faults[0]}")


def _check_weights(saved, own):
    if saved.keys() != own.keys():
        lacking, extra = sorted(saved.keys() - own.keys()), sorted(own.keys() - saved.keys())
        raise ValueError(f"model must have the saved weights, but lacks {lacking}, has {extra}")
    for name, weight in own.items():
        if (weight.shape, weight.dtype) != (saved[name].shape, saved[name].dtype):
            was, now = (f"{tuple(w.shape)} of {w.dtype}" for w in (saved[name], weight))
            raise ValueError(f"model must have the saved sizes, but {name} was {was} and is {now}")
