"""``python -m rnncourse train`` and ``sample``: what they print, their exit status, Ctrl-C."""

import argparse
import dataclasses
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from rnncourse import recipe_command
from rnncourse.recipe_command import OPTIONS, read_text
from rnncourse.recipe_model import load_model
from rnncourse.recipe_settings import Settings
from twins import ROOT

TEXT = "The quick brown fox jumps over the lazy dog, and nobody minds.\n" * 31
SMALL = ["--hidden-size=13", "--embedding-size=7", "--batch-size=5", "--steps=11", "--epochs=2"]


def run(*words):
    parser = argparse.ArgumentParser()
    recipe_command.add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args([str(word) for word in words])
    return args.func(args)


@pytest.fixture
def text(tmp_path):
    (tmp_path / "fox.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path / "fox.txt"


def test_train_then_sample(text, tmp_path, capsys):
    assert run("train", "--text", text, "--out", tmp_path / "run", *SMALL) == 0
    captured = capsys.readouterr()
    assert "best held-out loss: " in captured.out and "best.ckpt" in captured.out
    assert "100%" in captured.err
    found = []
    for checkpoint in (tmp_path / "run", tmp_path / "run" / "best.ckpt"):
        words = ["--prompt", "The ", "--length", 40, "--seed", 3, "--temperature", 0.7]
        assert run("sample", "--checkpoint", checkpoint, *words) == 0
        found.append(capsys.readouterr().out)
    assert found[0] == found[1] and found[0].startswith("The ") and len(found[0]) == 45


def test_the_folder_is_named_after_the_text(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("train", "--text", "fox.txt", "--quiet", "--rnn", "gru", *SMALL) == 0
    model, _ = load_model(tmp_path / "fox-model" / "best.ckpt")
    assert type(model.cell.rnn).__name__ == "GRU" and model.cell.hidden_size == 13


def test_resume_takes_the_settings_of_the_run(text, tmp_path, capsys):
    words = ["train", "--text", text, "--out", tmp_path / "run", "--quiet"]
    assert run(*words, *SMALL) == 0
    first = capsys.readouterr().out
    assert run(*words, "--resume") == 0
    assert capsys.readouterr().out == first
    assert run(*words, "--resume", "--hidden-size", 17) == 2
    assert "hidden_size must be 13" in capsys.readouterr().err


def test_options_are_the_settings():
    settings = {f.name: f.default for f in dataclasses.fields(Settings)}
    del settings["rnn"], settings["bfloat16"]  # --rnn takes a name, --float32 is a switch
    assert {n.replace("-", "_"): default for n, (_, default, _) in OPTIONS.items()} == settings


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_reads_text(tmp_path, newline, encoding):
    (tmp_path / "a").write_bytes(f"\u00e9t\u00e9{newline}au lait{newline}".encode(encoding))
    given = [] if encoding != "latin-1" else ["latin-1"]
    assert read_text(tmp_path / "a", *given) == "\u00e9t\u00e9\nau lait\n"


BAD_TEXTS = {
    "binary": (b"abc\0" * 9000, "holds the character NUL"),
    "no UTF-8": (b"et \xe9" * 9000, "byte 3 of .* is not; see --encoding"),
    "empty": (b"", "is empty"),
    "short": (b"to be or not to be", "text must hold"),
    "absent": (None, "No such file|cannot find"),
    "folder": ("folder", "directory|denied"),
}


@pytest.mark.parametrize("data, message", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_bad_texts(tmp_path, capsys, data, message):
    path = tmp_path / "text"
    if isinstance(data, bytes):
        path.write_bytes(data)
    elif data:
        path.mkdir()
    assert run("train", "--text", path, "--out", tmp_path / "run") == 2
    assert_one_line(capsys, message)
    assert not (tmp_path / "run").exists()


def assert_one_line(capsys, message):
    captured = capsys.readouterr()
    assert not captured.out and captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert re.search(message, captured.err), captured.err


@pytest.mark.parametrize(
    "words, message",
    [
        (["--hidden-size", 0], "hidden_size must be at least 1"),
        (["--seconds", "nan"], "seconds must be finite"),
        (["--encoding", "utf-99"], "encoding must be one that Python knows"),
        (["--resume"], "last.ckpt is not there"),
    ],
)
def test_bad_options(text, tmp_path, capsys, words, message):
    assert run("train", "--text", text, "--out", tmp_path / "run", *words) == 2
    assert_one_line(capsys, message)
    assert not (tmp_path / "run").exists()


def test_nothing_is_written_over(text, tmp_path, capsys):
    assert run("train", "--text", text, "--out", tmp_path) == 2
    assert_one_line(capsys, "folder must be new or empty")
    assert [path.name for path in tmp_path.iterdir()] == ["fox.txt"]


@pytest.mark.parametrize(
    "name, words, message",
    [
        ("absent", [], "No such file|cannot find"),
        ("fox.txt", [], "must be a checkpoint of this course"),
        ("last.ckpt", ["--prompt", "\u00e9"], "prompt must hold characters of the training text"),
        ("last.ckpt", ["--temperature", 0], "temperature must be positive"),
        ("last.ckpt", ["--length", 0], "length must be at least 1"),
    ],
)
def test_bad_samples(text, tmp_path, capsys, name, words, message):
    assert run("train", "--text", text, "--out", tmp_path / "run", "--quiet", *SMALL) == 0
    (tmp_path / "run" / "last.ckpt").rename(tmp_path / "last.ckpt")
    capsys.readouterr()
    assert run("sample", "--checkpoint", tmp_path / name, *words) == 2
    assert_one_line(capsys, message)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to all programs of a console")
def test_ctrl_c_keeps_the_best_so_far(text, tmp_path):
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "rnncourse", "train", "--text", text, "--out", folder, *SMALL]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    program = subprocess.Popen([*command, "--epochs", "100000"], **options)
    deadline = time.monotonic() + 100
    while not (folder / "last.ckpt").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=100)
    assert program.returncode == 0 and "Traceback" not in err
    assert "stopped after" in out and str(folder / "best.ckpt") in out
    load_model(folder / "best.ckpt")
