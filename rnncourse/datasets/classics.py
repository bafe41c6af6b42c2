"""Classic data sets to download on request. The course itself runs without any of them.

A file is kept only when it is whole and its SHA-256 is right. Where no published checksum is
known, the reader is asked once to confirm the one that was computed; it is kept in
``confirmed.json`` beside the data. Environment: ``RNNCOURSE_DATA`` is the folder of the data,
``RNNCOURSE_MIRROR`` the address of a folder with the same files.
"""

import json
import os
import tarfile
from pathlib import Path
from typing import NamedTuple

import pooch

from rnncourse.datasets.catalogue import ENTRIES
from rnncourse.datasets.download import DownloadError, download, fault, write_whole


class Reviews(NamedTuple):
    """Film reviews.

    Args:
        texts: list of N strings.
        labels: list of N whole numbers, 0 negative and 1 positive.
    """

    texts: list
    labels: list


def cache_dir():
    """Folder of the downloaded data; it need not exist yet.

    Returns:
        pathlib.Path: ``RNNCOURSE_DATA`` if that is set, else the system's cache folder.
    """
    return Path(os.environ.get("RNNCOURSE_DATA") or pooch.os_cache("rnncourse")).expanduser()


def file_of(name):
    """Where the file of a data set is, or would be, kept.

    Args:
        name: one of ``ENTRIES``.

    Returns:
        pathlib.Path.

    Raises:
        ValueError: there is no such data set.
    """
    return cache_dir() / _entry(name).file


def present(name):
    """Is there a file of this data set in the data folder? Its content is not looked at.

    Args:
        name: one of ``ENTRIES``.

    Returns:
        bool.

    Raises:
        ValueError: there is no such data set.
    """
    return file_of(name).is_file()


def check(name):
    """Compare the file of a data set with the checksum that it should have.

    Args:
        name: one of ``ENTRIES``.

    Returns:
        str: ``"absent"``, ``"good"``, ``"damaged"``, or ``"unconfirmed"`` where a file is there
        but neither a published nor a confirmed checksum.

    Raises:
        ValueError: there is no such data set.
        DownloadError: the list of confirmed checksums cannot be read.
    """
    if not present(name):
        return "absent"
    known = _entry(name).sha256 or _confirmed().get(name)
    if known is None:
        return "unconfirmed"
    return "good" if pooch.file_hash(str(file_of(name))) == known else "damaged"


def fetch(name, confirm=None, expected=None, progress=False):
    """Download a data set, unless a good copy is there, and return where it is.

    Whatever goes wrong, no part of a file stays behind and a copy from before is left as it was.

    Args:
        name: one of ``ENTRIES``.
        confirm: for a data set without a known checksum: ``confirm(name, sha256, path)`` is asked
            and True keeps the file. None keeps nothing, and the error names the checksum.
        expected: for a data set without a published checksum: the SHA-256 that the reader
            expects. It takes the place of one that was confirmed before.
        progress: True shows a progress bar; or an object that pooch takes as one.

    Returns:
        pathlib.Path.

    Raises:
        ValueError: there is no such data set, or ``expected`` is no SHA-256 or contradicts the
            published one.
        DownloadError: the file did not arrive whole, is not the right one, was not confirmed, or
            could not be written. The message says what to do.
    """
    entry, target, wanted = _entry(name), file_of(name), _wanted(name, expected)

    def accept(sha256, path):
        if wanted is None and not (confirm is not None and confirm(name, sha256, path)):
            raise DownloadError(
                f"{name} was not kept: nobody confirmed its SHA-256, which is {sha256}. If that is "
                f"right: python -m rnncourse data fetch {name} --confirm {sha256}"
            )

    if target.is_file() and fault(target, wanted, entry.must_hold) is None:
        sha256 = pooch.file_hash(str(target))
        accept(sha256, target)
    else:
        mirror = os.environ.get("RNNCOURSE_MIRROR")
        url = f"{mirror.rstrip('/')}/{entry.file}" if mirror else entry.url
        sha256 = download(url, target, wanted, entry.must_hold, accept, progress)
    if entry.sha256 is None:
        _remember(name, sha256)
    return target


def load(name, path=None):
    """Read a text that was fetched, or a file of the reader's own. Downloads nothing.

    The lines that Project Gutenberg puts before and after a book are left out.

    Args:
        name: one of ``ENTRIES``, except ``imdb``.
        path: a text file in UTF-8 to read instead.

    Returns:
        str.

    Raises:
        ValueError: there is no such data set, or the file is not a text in UTF-8.
        FileNotFoundError: the data set was not fetched, or there is no file at ``path``.
        DownloadError: the fetched file was changed since, or its checksum was never confirmed.
    """
    if _entry(name).file.endswith(".tar.gz"):
        raise ValueError(f"name must be a text, but {name!r} is an archive: use load_reviews()")
    text = _readable(name, path).read_text(encoding="utf-8-sig")
    start = text.find("*** START OF THE PROJECT GUTENBERG EBOOK")
    end = text.find("*** END OF THE PROJECT GUTENBERG EBOOK")
    if 0 <= start < end:
        text = text[text.index("\n", start) : end].strip() + "\n"
    return text


def load_reviews(part, path=None):
    """Read the IMDb reviews of one part from the archive, in the order of their file names.

    Args:
        part: ``"train"`` or ``"test"``.
        path: an ``aclImdb_v1.tar.gz`` of the reader's own to read instead.

    Returns:
        Reviews: ``texts``, and ``labels`` 0 for a negative and 1 for a positive review.

    Raises:
        ValueError: ``part`` is neither, or the archive holds no such reviews.
        FileNotFoundError: the data set was not fetched, or there is no file at ``path``.
        DownloadError: the fetched file was changed since.

    Source:
        Maas, Daly, Pham, Huang, Ng & Potts, 2011, Learning word vectors for sentiment analysis,
        Annual Meeting of the Association for Computational Linguistics.
    """
    if part not in ("train", "test"):
        raise ValueError(f"part must be 'train' or 'test', but is {part!r}")
    found = []
    archive_path = _readable("imdb", path)
    with tarfile.open(archive_path) as archive:
        for member in archive:
            folders = member.name.split("/")
            if member.isfile() and folders[-3:-1] in ([part, "neg"], [part, "pos"]):
                text = archive.extractfile(member).read().decode("utf-8")
                found.append((member.name, text, int(folders[-2] == "pos")))
    if not found:
        raise ValueError(f"path must be an archive of IMDb reviews, but {archive_path} holds none")
    found.sort()
    return Reviews([text for _, text, _ in found], [label for _, _, label in found])


def _entry(name):
    if name not in ENTRIES:
        raise ValueError(f"name must be one of {', '.join(ENTRIES)}, but is {name!r}")
    return ENTRIES[name]


def _wanted(name, expected):
    """The checksum that the file must have: published, expected or confirmed before; or None."""
    published = _entry(name).sha256
    if expected is None:
        return published or _confirmed().get(name)
    digest = str(expected).strip().lower()
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise ValueError(f"expected must be 64 hexadecimal digits, but is {expected!r}")
    if published not in (None, digest):
        raise ValueError(f"expected must be the published SHA-256 {published}, but is {digest}")
    return digest


def _readable(name, path):
    if path is not None:
        if not Path(path).is_file():
            raise FileNotFoundError(f"path must be a file, but there is none at {path}")
        return Path(path)
    state, command = check(name), f"python -m rnncourse data fetch {name}"
    if state == "absent":
        raise FileNotFoundError(
            f"{name} is not on this machine: run `{command}`, or give a file of your own: path=..."
        )
    if state != "good":
        raise DownloadError(f"{file_of(name)} is {state}: run `{command}`")
    return file_of(name)


def _confirmed():
    """Checksums that the reader confirmed, by the data set's name."""
    path = cache_dir() / "confirmed.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
    except (OSError, ValueError, TypeError) as error:
        raise DownloadError(f"cannot read {path}: {error}. Delete it and fetch again") from error


def _remember(name, sha256):
    """Add a confirmed checksum to the list, in one step that cannot leave half a list."""
    known = _confirmed()
    if known.get(name) == sha256:
        return
    text = json.dumps({**known, name: sha256}, indent=2, sort_keys=True) + "\n"
    write_whole(cache_dir() / "confirmed.json", text)
