"""The grid: every cell once, resumed after an interrupt, never two settings side by side."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnncourse.experiments import commands
from rnncourse.experiments.grid import THREADS, Run, missing_runs, run_grid
from rnncourse.experiments.store import load_results

HERE = Path(__file__).resolve().parent


def multiply(a, b, factor, log):
    """A run that takes no time and leaves a line."""
    with open(log, "a") as file:
        file.write(f"{a} {b}\n")
    return {"product": a * b * factor}


def fail_at_three(a, log):
    with open(log, "a") as file:
        file.write(f"{a}\n")
    if a == 3:
        raise ValueError("three is bad")
    return {"value": a}


def die(a):
    os.kill(os.getpid(), signal.SIGKILL)


def threads_of(a):
    return {"threads": [os.environ[name] for name in THREADS]}


def wait_at_two(a, log):
    with open(log, "a") as file:
        file.write(f"{a}\n")
    if a == 2:
        Path(f"{log}.pid").write_text(str(os.getpid()))
        time.sleep(60)
    return {"value": a}


def runs(log, factor=10):
    settings = {"factor": factor, "log": str(log)}
    return [Run({"a": a, "b": b}, settings) for a in (2, 3) for b in (5, 7, 11)]


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def test_all_cells_are_run_and_stored_in_order(tmp_path):
    rows = run_grid("small", multiply, runs(tmp_path / "log"), {"factor": 10}, 2, tmp_path)
    products = [100, 140, 220, 150, 210, 330]
    assert [row["product"] for row in rows] == products
    assert [(row["a"], row["b"]) for row in rows] == [(a, b) for a in (2, 3) for b in (5, 7, 11)]
    stored = load_results("small", tmp_path)
    assert stored.rows == rows and stored.settings == {"factor": 10}
    assert stored.command == "python -m rnncourse experiments small"
    assert len({row["settings"] for row in rows}) == 1
    assert sorted(lines(tmp_path / "log")) == ["2 11", "2 5", "2 7", "3 11", "3 5", "3 7"]


def test_what_is_stored_is_not_run_again(tmp_path):
    cells = runs(tmp_path / "log")
    run_grid("small", multiply, cells[:2], {}, 1, tmp_path)
    assert missing_runs(cells, load_results("small", tmp_path).rows) == cells[2:]
    run_grid("small", multiply, cells, {}, 1, tmp_path)
    assert lines(tmp_path / "log") == ["2 5", "2 7", "2 11", "3 5", "3 7", "3 11"]
    before = (tmp_path / "small.json").read_bytes()
    run_grid("small", multiply, cells, {}, 1, tmp_path)
    assert len(lines(tmp_path / "log")) == 6
    assert (tmp_path / "small.json").read_bytes() == before


def test_changed_settings_mean_new_runs(tmp_path):
    run_grid("small", multiply, runs(tmp_path / "log"), {"factor": 10}, 1, tmp_path)
    changed = runs(tmp_path / "log", factor=10)[:3] + runs(tmp_path / "log", factor=20)[3:]
    rows = run_grid("small", multiply, changed, {"factor": "both"}, 1, tmp_path)
    assert [row["product"] for row in rows] == [100, 140, 220, 300, 420, 660]
    assert len(lines(tmp_path / "log")) == 6 + 3
    assert load_results("small", tmp_path).rows == rows
    assert len({row["settings"] for row in rows}) == 2


def test_a_changed_setting_drops_the_old_rows_at_once(tmp_path):
    log = tmp_path / "log"
    run_grid("small", multiply, runs(log), {}, 1, tmp_path)
    bad = [Run(cell.key, {"factor": "x", "log": str(tmp_path)}) for cell in runs(log)]
    with pytest.raises(OSError):
        run_grid("small", multiply, bad, {}, 1, tmp_path)
    assert load_results("small", tmp_path).rows == []


def test_an_error_in_a_run_keeps_what_was_done(tmp_path):
    cells = [Run({"a": a}, {"log": str(tmp_path / "log")}) for a in (1, 2, 3, 4, 5)]
    with pytest.raises(ValueError, match="three is bad"):
        run_grid("small", fail_at_three, cells, {}, 1, tmp_path)
    assert [row["a"] for row in load_results("small", tmp_path).rows] == [1, 2]


def test_a_killed_worker_is_an_error(tmp_path):
    with pytest.raises(OSError, match="too little memory"):
        run_grid("small", die, [Run({"a": 1}, {})], {}, 1, tmp_path)


def test_each_worker_has_one_thread(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    (row,) = run_grid("small", threads_of, [Run({"a": 1}, {})], {}, 1, tmp_path)
    assert row["threads"] == ["1"] * len(THREADS)
    assert os.environ["OMP_NUM_THREADS"] == "7" and "MKL_NUM_THREADS" not in os.environ


def test_a_progress_bar_only_when_it_is_wanted(tmp_path, capsys):
    cells = runs(tmp_path / "log")
    run_grid("small", multiply, cells[:1], {}, 1, tmp_path)
    assert capsys.readouterr().err == ""
    run_grid("small", multiply, cells[:2], {}, 1, tmp_path, progress=True)
    assert "small: 100%" in capsys.readouterr().err


def is_alive(pid):
    """Tell whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


PROGRAM = """
import sys
sys.path.insert(0, {here!r})
from test_experiments_grid import Run, run_grid, wait_at_two
if __name__ == "__main__":
    cells = [Run({{"a": a}}, {{"log": {log!r}}}) for a in (0, 1, 2, 3)]
    run_grid("small", wait_at_two, cells, {{}}, 1, {folder!r})
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupt_loses_only_what_is_in_flight(tmp_path, how):
    log, program = tmp_path / "log", tmp_path / "program.py"
    program.write_text(PROGRAM.format(here=str(HERE), log=str(log), folder=str(tmp_path)))
    # A shell may start its background processes with interrupts switched off.
    process = subprocess.Popen(
        [sys.executable, program],
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while lines(log) != ["0", "1", "2"] and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)  # the row of 1 is written while 2 is running
    process.send_signal(how)
    assert process.wait(20) != 0
    assert [row["value"] for row in load_results("small", tmp_path).rows] == [0, 1]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["log", "log.pid", "program.py", "small.json"]
    worker = int((tmp_path / "log.pid").read_text())
    while is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(worker)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"cells": []}, ValueError, "cells must be at least one"),
        ({"cells": [Run({"a": 1}, {}), Run({"a": 1}, {"x": 2})]}, ValueError, "its own key"),
        ({"workers": 0}, ValueError, "workers must be at least 1"),
        ({"workers": 1.5}, TypeError, "workers must be a whole number"),
        ({"name": "a/b"}, ValueError, "name must be letters"),
        ({"cells": [Run({"a": 1}, {"x": {1}})]}, TypeError, "JSON"),
        ({"folder": "/nowhere"}, FileNotFoundError, "nowhere"),
    ],
)
def test_bad_input(tmp_path, arguments, error, message):
    good = {"name": "small", "cells": [Run({"a": 1}, {})], "workers": 1, "folder": tmp_path}
    with pytest.raises(error, match=message):
        run_grid(function=threads_of, settings={}, **{**good, **arguments})
    assert [*tmp_path.iterdir()] == []


def test_a_damaged_file_is_not_overwritten(tmp_path):
    (tmp_path / "small.json").write_text('{"rows": [')
    with pytest.raises(ValueError, match=r"small\.json must hold stored results"):
        run_grid("small", threads_of, [Run({"a": 1}, {})], {}, 1, tmp_path)
    assert (tmp_path / "small.json").read_text() == '{"rows": ['


def test_checksums_tell_settings_apart():
    assert Run({}, {"a": 1, "b": 2}).checksum() == Run({"x": 0}, {"b": 2, "a": 1}).checksum()
    assert Run({}, {"a": 1}).checksum() != Run({}, {"a": 2}).checksum()


# The command


def command(*words):
    parser = argparse.ArgumentParser()
    commands.add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args(["experiments", *words])
    return args.func(args)


def test_command_runs_one_experiment_or_all(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(commands, "EXPERIMENTS", dict.fromkeys(("one", "two"), "argparse"))
    for name in ("run", "cells", "SETTINGS"):
        monkeypatch.setattr(argparse, name, dict, raising=False)
    monkeypatch.setattr(commands, "run_grid", lambda name, *_, **options: asked.append(name) or [1])
    assert command("two", "--quiet") == 0 and asked == ["two"]
    assert command() == 0 and asked == ["two", "one", "two"]
    assert capsys.readouterr().out.splitlines()[0] == "two: 1 runs are stored"


@pytest.mark.parametrize(
    "error, message",
    [
        (OSError("cannot write"), "error: cannot write"),
        (ValueError("bad file"), "error: bad file"),
        (KeyboardInterrupt(), "stopped; finished runs are stored"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_status(monkeypatch, capsys, error, message):
    def fail(*_, **options):
        raise error

    monkeypatch.setattr(commands, "run_grid", fail)
    assert command("remedies_rates") == 1
    assert message in capsys.readouterr().err


def test_an_unknown_experiment(capsys):
    with pytest.raises(SystemExit) as caught:
        command("nonsense")
    assert caught.value.code == 2 and "'remedies'" in capsys.readouterr().err


def test_every_experiment_offers_what_the_command_asks_for():
    import importlib

    for name, place in commands.EXPERIMENTS.items():
        module = importlib.import_module(place)
        assert callable(module.run) and isinstance(module.SETTINGS, dict), name
        assert all(isinstance(cell, Run) for cell in module.cells()), name
