"""Download one file so that it is either there, whole and checked, or not there at all."""

import errno
import os
import shutil
import tempfile
import time
from pathlib import Path

import pooch

WAITS = (0.5, 1.0, 2.0)  # seconds before each of the three retries
TIMEOUT = 30  # seconds without a sign of life
CHUNK = 65_536  # bytes that are read at a time
STALE = 600  # seconds after which the remains of a killed download are swept away
PREFIX = ".partial-"  # folders of downloads that are under way


class DownloadError(OSError):
    """A file could not be fetched, or what was fetched is not what it should be."""


def download(url, target, sha256=None, must_hold=b"", accept=None, progress=False):
    """Download ``url``, check it, and only then put it in the place of ``target``.

    Whatever goes wrong, no part of a file stays behind, and a file that was at ``target`` before
    is left as it was. The download is tried again three times after a trouble that may pass.

    Args:
        url: address of the file.
        target: where to put it; missing folders are made.
        sha256: the checksum that it must have, 64 hexadecimal digits; None takes any.
        must_hold: bytes that every whole copy holds; tells the file from a page of excuses.
        accept: ``accept(sha256, path)`` is called with the checked file before it is put in
            place; it may raise to refuse it. None accepts.
        progress: True shows a progress bar; or an object that pooch takes as one.

    Returns:
        str: SHA-256 of the file.

    Raises:
        DownloadError: the file did not arrive whole, is not the right one or could not be
            written. The message says what to do.
    """
    target = Path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=target.parent) as folder:
            partial = Path(folder) / target.name
            _transfer(url, partial, sha256, must_hold, progress)
            found = pooch.file_hash(str(partial))
            if accept is not None:
                accept(found, partial)
            os.replace(partial, target)
    except DownloadError:
        raise
    except OSError as error:
        raise DownloadError(_in_words_of_disk(error, target)) from error
    return found


def fault(path, sha256=None, must_hold=b""):
    """Say what is wrong with a file, if anything is.

    Args:
        path: the file.
        sha256: the checksum that it must have, or None.
        must_hold: bytes that it must hold.

    Returns:
        str or None: one sentence, or None where nothing is wrong.
    """
    path = Path(path)
    size = path.stat().st_size
    if size == 0:
        return "the file is empty"
    found = pooch.file_hash(str(path))
    if sha256 is not None and found != sha256:
        return f"the file ({size:,} bytes) has the SHA-256 {found}, but should have {sha256}"
    if must_hold and must_hold not in path.read_bytes():
        words = must_hold.decode("ascii", errors="replace")
        return f"the file ({size:,} bytes) is cut short or another one: it nowhere says {words!r}"
    return None


def write_whole(path, text):
    """Write a text file in one step: it holds either the old text or the new one.

    Args:
        path: the file; its folder must be there.
        text: what to write.

    Returns:
        None.

    Raises:
        DownloadError: the file could not be written; the old one is as it was.
    """
    path = Path(path)
    try:
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=path.parent) as folder:
            fresh = Path(folder) / path.name
            fresh.write_text(text, encoding="utf-8")
            os.replace(fresh, path)
    except OSError as error:
        raise DownloadError(_in_words_of_disk(error, path)) from error


def _transfer(url, partial, sha256, must_hold, progress):
    """Fill ``partial`` from ``url``; try again while there is hope, else raise DownloadError."""
    import requests

    plain = {"Accept-Encoding": "identity"}  # so that the announced length is the file's length
    loader = pooch.HTTPDownloader(
        progressbar=progress, chunk_size=CHUNK, timeout=TIMEOUT, headers=plain
    )
    for wait in (*WAITS, None):
        try:
            loader(url, str(partial), None)
            trouble, passing = fault(partial, sha256, must_hold), True
        except requests.RequestException as error:
            trouble, passing = _in_words(error), _may_pass(error)
        if trouble is None:
            return
        if wait is None or not passing:
            break
        time.sleep(wait)
    raise DownloadError(
        f"could not fetch {url}: {trouble}. Check your network and the address in a browser, "
        "set RNNCOURSE_MIRROR to the address of a folder with the same files, or read a file of "
        "your own with path=..."
    )


def _may_pass(error):
    """May the same request succeed a moment later?"""
    if error.response is not None:
        return error.response.status_code >= 500 or error.response.status_code in (408, 429)
    return not isinstance(error, ValueError)  # an address that makes no sense stays so


def _in_words(error):
    import requests

    if error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return f"the server gave no sign of life for {TIMEOUT} s"
    if isinstance(error, requests.exceptions.SSLError):
        return f"the secure connection failed ({error})"
    if isinstance(error, requests.ConnectionError):
        return "no connection to the server"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the transfer broke off before the end"
    return str(error)


def _in_words_of_disk(error, target):
    if error.errno == errno.ENOSPC:
        return (
            f"no space left for {target}: free some, or set RNNCOURSE_DATA to a folder on a disk "
            "with room. Nothing was kept"
        )
    return f"cannot write {target}: {error}. Set RNNCOURSE_DATA to a folder that you may write to"


def _sweep(folder):
    """Remove what downloads left behind that were killed and could not clean up."""
    for remains in folder.glob(PREFIX + "*"):
        ages = [time.time() - path.stat().st_mtime for path in (remains, *remains.glob("*"))]
        if min(ages) > STALE:
            shutil.rmtree(remains, ignore_errors=True)
