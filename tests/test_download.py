"""One file, whole and checked, or none at all: against a local server that misbehaves."""

import builtins
import errno
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from http_server import cut, serving, status, whole

from rnncourse.datasets import download as module
from rnncourse.datasets.download import DownloadError, download, fault, write_whole

BODY = bytes(range(256)) * 1031  # 264 kB: several chunks
OTHER = BODY[::-1]
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(module, "WAITS", (0.0, 0.0, 0.0))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def names(folder):
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


@pytest.mark.parametrize(
    "answers, requests",
    [
        pytest.param([whole(BODY)], 1, id="complete"),
        pytest.param([status(503), status(503), whole(BODY)], 3, id="503 twice"),
        pytest.param([status(429), whole(BODY)], 2, id="too many requests"),
        pytest.param([cut(BODY, 100_000), whole(BODY)], 2, id="truncated once"),
        pytest.param([cut(BODY, 0), whole(BODY)], 2, id="hangs up once"),
        pytest.param([cut(BODY, 100_000, announce=False), whole(BODY)], 2, id="silently truncated"),
        pytest.param([whole(OTHER), whole(BODY)], 2, id="wrong file once"),
    ],
)
def test_arrives_in_the_end(tmp_path, answers, requests):
    target = tmp_path / "new" / "file.bin"
    with serving(*answers) as (address, asked):
        assert download(f"{address}/file.bin", target, SHA256) == SHA256
    assert asked == ["/file.bin"] * requests
    assert target.read_bytes() == BODY
    assert names(tmp_path) == ["file.bin", "new"]


@pytest.mark.parametrize(
    "answer, requests, message",
    [
        pytest.param(status(503), 4, "answered 503", id="503 for ever"),
        pytest.param(status(404), 1, "answered 404", id="404 is not asked again"),
        pytest.param(cut(BODY, 100_000), 4, "broke off before the end", id="truncated"),
        pytest.param(cut(BODY, 100_000, announce=False), 4, "should have " + SHA256, id="silently"),
        pytest.param(whole(OTHER), 4, "should have " + SHA256, id="wrong hash"),
        pytest.param(whole(b""), 4, "is empty", id="empty"),
    ],
)
@pytest.mark.parametrize("before", [None, b"a good old copy"])
def test_failure_leaves_all_as_it_was(tmp_path, answer, requests, message, before):
    target = tmp_path / "file.bin"
    if before is not None:
        target.write_bytes(before)
    with serving(answer) as (address, asked), pytest.raises(DownloadError, match=message) as caught:
        download(f"{address}/file.bin", target, SHA256)
    assert len(asked) == requests
    assert address in str(caught.value) and "RNNCOURSE_MIRROR" in str(caught.value)
    assert names(tmp_path) == ([] if before is None else ["file.bin"])
    assert before is None or target.read_bytes() == before


def test_refused_connection(tmp_path):
    with socket.socket() as free:  # bound but not listening: nobody answers here
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/file.bin"
        with pytest.raises(DownloadError, match="no connection to the server"):
            download(address, tmp_path / "data" / "file.bin")
    assert names(tmp_path) == ["data"]


def test_senseless_address_is_not_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(module.time, "sleep", lambda wait: pytest.fail("tried again"))
    with pytest.raises(DownloadError, match="could not fetch no-address"):
        download("no-address/file.bin", tmp_path / "file.bin")
    assert names(tmp_path) == []


def test_silent_server(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 0.05)
    with (
        serving(lambda handler: time.sleep(0.3)) as (address, asked),
        pytest.raises(DownloadError, match="no sign of life"),
    ):
        download(f"{address}/file.bin", tmp_path / "file.bin")
    assert len(asked) == 4 and names(tmp_path) == []


def test_no_space(tmp_path, monkeypatch):
    """The disk is full after the first 100 kB."""
    target = tmp_path / "file.bin"
    target.write_bytes(b"a good old copy")

    def small_disk(path, mode="r", *args, **kwargs):
        file = builtins.open(path, mode, *args, **kwargs)  # noqa: SIM115
        if "w" not in mode:
            return file
        write = file.write

        class Small:
            close, flush = file.close, file.flush

            def write(self, chunk):
                if file.tell() + len(chunk) > 100_000:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return write(chunk)

        return Small()

    monkeypatch.setattr(module.pooch.downloaders, "open", small_disk, raising=False)
    with (
        serving(whole(BODY)) as (address, asked),
        pytest.raises(DownloadError, match=r"no space left .* RNNCOURSE_DATA"),
    ):
        download(f"{address}/file.bin", target, SHA256)
    assert len(asked) == 1
    assert names(tmp_path) == ["file.bin"] and target.read_bytes() == b"a good old copy"


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match="RNNCOURSE_DATA"):
        download("http://127.0.0.1:9/file.bin", tmp_path / "data" / "file.bin")


class Interruption:
    """A progress bar whose user presses Ctrl-C after the first chunk."""

    total = 0

    def update(self, size):
        raise KeyboardInterrupt


def test_interrupted_and_started_again(tmp_path):
    target = tmp_path / "file.bin"
    with serving(whole(BODY)) as (address, asked):
        with pytest.raises(KeyboardInterrupt):
            download(f"{address}/file.bin", target, SHA256, progress=Interruption())
        assert names(tmp_path) == [] and len(asked) == 1
        download(f"{address}/file.bin", target, SHA256)
    assert target.read_bytes() == BODY and names(tmp_path) == ["file.bin"]


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_killed_and_started_again(tmp_path, monkeypatch):
    """A killed process cannot clean up: the next download sweeps its remains away."""

    def stall(handler):
        cut(BODY, 100_000)(handler)
        handler.wfile.flush()
        time.sleep(0.5)

    target = tmp_path / "file.bin"
    code = f"from rnncourse.datasets.download import download; download({{!r}}, {str(target)!r})"
    with serving(stall, whole(BODY)) as (address, _):
        child = subprocess.Popen([sys.executable, "-c", code.format(f"{address}/file.bin")])
        deadline = time.monotonic() + 20
        while len(names(tmp_path)) < 2 and time.monotonic() < deadline:
            time.sleep(0.005)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert len(names(tmp_path)) == 2 and not target.exists()  # a folder and a half file in it
        download(f"{address}/file.bin", target, SHA256)
        assert len(names(tmp_path)) == 3  # these remains are young: it might be a second process
        monkeypatch.setattr(module, "STALE", 0)
        download(f"{address}/file.bin", target, SHA256)
    assert names(tmp_path) == ["file.bin"]


def test_accept_sees_the_whole_file_and_may_refuse(tmp_path):
    seen = []

    def accept(sha256, path):
        seen.append((sha256, path.read_bytes()))
        raise DownloadError("refused")

    with serving(whole(BODY)) as (address, _), pytest.raises(DownloadError, match="refused"):
        download(f"{address}/file.bin", tmp_path / "file.bin", accept=accept)
    assert seen == [(SHA256, BODY)] and names(tmp_path) == []


def test_page_of_excuses_is_not_the_file(tmp_path):
    with (
        serving(whole(b"<html>please log in</html>")) as (address, _),
        pytest.raises(DownloadError, match="nowhere says 'THE END'"),
    ):
        download(f"{address}/file.txt", tmp_path / "file.txt", must_hold=b"THE END")
    assert names(tmp_path) == []


def test_fault(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(BODY)
    assert fault(path) is None and fault(path, SHA256, b"\x00\x01") is None
    assert "should have" in fault(path, "0" * 64)
    assert "'THE END'" in fault(path, None, b"THE END")


def test_write_whole(tmp_path, monkeypatch):
    path = tmp_path / "list.json"
    write_whole(path, "old")

    def full(self, text, encoding):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.Path, "write_text", full)
    with pytest.raises(DownloadError, match="no space left"):
        write_whole(path, "new")
    assert path.read_text() == "old" and names(tmp_path) == ["list.json"]


def test_file_that_cannot_be_replaced(tmp_path, monkeypatch):
    """As on Windows, where a file that another program has open stays as it is."""
    target = tmp_path / "file.bin"
    target.write_bytes(b"a good old copy")

    def refuse(source, destination):
        raise PermissionError(errno.EACCES, "in use", str(destination))

    monkeypatch.setattr(module.os, "replace", refuse)
    with serving(whole(BODY)) as (address, _), pytest.raises(DownloadError, match="cannot write"):
        download(f"{address}/file.bin", target, SHA256)
    assert names(tmp_path) == ["file.bin"] and target.read_bytes() == b"a good old copy"
