"""``python -m rnncourse data ...``: what it prints and its exit status."""

import argparse
import hashlib

import pytest
from http_server import serving, status, whole

from rnncourse.datasets import classics, commands, download

BOOK = b"The Sonnets\nShall I\n*** END OF THE PROJECT GUTENBERG EBOOK THE SONNETS ***\n"
SHA256 = hashlib.sha256(BOOK).hexdigest()


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "WAITS", (0.0, 0.0, 0.0))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("RNNCOURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("RNNCOURSE_MIRROR", "http://127.0.0.1:9")
    return tmp_path / "data"


@pytest.fixture
def mirror(monkeypatch):
    with serving(whole(BOOK)) as (address, asked):
        monkeypatch.setenv("RNNCOURSE_MIRROR", address)
        yield asked


def run(*words):
    parser = argparse.ArgumentParser()
    commands.add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args(["data", *words])
    return args.func(args)


def answer(monkeypatch, text):
    """Let the reader answer every question with ``text``; None: nobody is there."""

    def reply(question):
        if text is None:
            raise EOFError
        return text

    monkeypatch.setattr("builtins.input", reply)


def test_list(capsys, data):
    assert run("list") == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("shakespeare", "sonnets", "war-and-peace", "imdb", "linux"))
    assert out.count("not here") == 5 and "GPL-2.0" in out and str(data) in out
    assert not data.exists()


@pytest.mark.parametrize("reply", ["y", " YES "])
def test_fetch_confirmed_by_hand(capsys, monkeypatch, mirror, data, reply):
    answer(monkeypatch, reply)
    assert run("fetch", "sonnets", "--quiet") == 0
    out, err = capsys.readouterr()
    assert SHA256 in out and "begins   The Sonnets" in out and err == ""
    assert out.splitlines()[-1] == str(data / "pg1041.txt")
    assert run("verify") == 0
    assert "sonnets        here, checksum right" in capsys.readouterr().out
    run("list")
    assert capsys.readouterr().out.count("checksum right") == 1


@pytest.mark.parametrize("reply", ["", "n", "maybe", None])
def test_fetch_not_confirmed(capsys, monkeypatch, mirror, reply):
    answer(monkeypatch, reply)
    assert run("fetch", "sonnets", "--quiet") == 1
    assert f"--confirm {SHA256}" in capsys.readouterr().err
    assert not classics.present("sonnets")


def test_fetch_confirmed_beforehand(monkeypatch, mirror, capsys):
    monkeypatch.setattr("builtins.input", lambda question: pytest.fail("asked"))
    assert run("fetch", "sonnets", "--quiet", "--confirm", "0" * 64) == 1
    assert f"SHA-256 {SHA256}, but should have {'0' * 64}" in capsys.readouterr().err
    assert run("fetch", "sonnets", "--quiet", "--confirm", SHA256) == 0
    assert classics.check("sonnets") == "good"


def test_fetch_yes_with_progress_bar(monkeypatch, mirror, capsys):
    monkeypatch.setattr("builtins.input", lambda question: pytest.fail("asked"))
    assert run("fetch", "sonnets", "--yes") == 0
    out, err = capsys.readouterr()
    assert SHA256 in out and "100%" in err


def test_fetch_fails(capsys, monkeypatch, data):
    with serving(status(404)) as (address, _):
        monkeypatch.setenv("RNNCOURSE_MIRROR", address)
        assert run("fetch", "shakespeare", "--quiet") == 1
    err = capsys.readouterr().err
    assert err.startswith("error: could not fetch") and "answered 404" in err
    assert list(data.iterdir()) == []


def test_fetch_stopped(capsys, monkeypatch, mirror, data):
    def stop(question):
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", stop)
    assert run("fetch", "sonnets", "--quiet") == 1
    assert "stopped" in capsys.readouterr().err and list(data.iterdir()) == []


def test_fetch_bad_words(capsys):
    for words, message in [
        (["fetch", "hamlet"], "invalid choice: 'hamlet'"),
        (["fetch", "sonnets", "--yes", "--confirm", SHA256], "not allowed with"),
        ([], "required"),
    ]:
        with pytest.raises(SystemExit) as caught:
            run(*words)
        assert caught.value.code == 2 and message in capsys.readouterr().err
    assert run("fetch", "sonnets", "--confirm", "abc") == 1
    assert "64 hexadecimal digits" in capsys.readouterr().err


def test_verify(capsys, data):
    assert run("verify") == 0
    assert "nothing to verify" in capsys.readouterr().out
    data.mkdir()
    (data / "tinyshakespeare.txt").write_bytes(b"damaged")
    (data / "pg1041.txt").write_bytes(BOOK)
    assert run("verify") == 1
    out, err = capsys.readouterr()
    assert "checksum WRONG" in out and "checksum not confirmed" in out
    assert "data fetch shakespeare" in err and "data fetch sonnets" in err


def test_path(capsys, data):
    assert run("path") == 0
    assert capsys.readouterr().out == f"{data}\n"
    assert run("path", "linux") == 1
    out, err = capsys.readouterr()
    assert out == f"{data / 'linux-6.6-sched-core.c'}\n" and "data fetch linux" in err
    data.mkdir()
    (data / "linux-6.6-sched-core.c").write_text("int main;")
    assert run("path", "linux") == 0
