"""The doctor: all is well here, and each thing that is wrong gets its line and its advice."""

import importlib.metadata
import subprocess
import sys
from collections import namedtuple

import pytest

from rnncourse import doctor
from rnncourse.datasets import series


def test_all_is_well_here():
    command = [sys.executable, "-m", "rnncourse", "doctor"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert run.stderr == ""
    for word in ("Python", "torch", "memory", "data cache", "optional data", "All is well"):
        assert word in run.stdout


def diagnose(capsys):
    status = doctor.main()
    return status, capsys.readouterr().out


def test_missing_package(monkeypatch, capsys):
    real = importlib.metadata.version

    def version(name):
        if name == "pooch":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    status, out = diagnose(capsys)
    assert status == 1
    assert "WRONG  pooch: missing\n       Install it:" in out
    assert "1 thing to mend" in out


def test_other_torch_is_a_note_and_no_fault(monkeypatch, capsys):
    real = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "1.0" if name == "torch" else real(name)
    )
    status, out = diagnose(capsys)
    assert status == 0
    assert "but 1.0 is installed" in out


def test_damaged_data(monkeypatch, capsys):
    def broken():
        raise FileNotFoundError("sunspots.csv")

    monkeypatch.setattr(series, "sunspots", broken)
    status, out = diagnose(capsys)
    assert status == 1
    assert "WRONG  series of statsmodels: FileNotFoundError: sunspots.csv" in out


def test_cache_that_cannot_be_written(monkeypatch, capsys, tmp_path):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    status, out = diagnose(capsys)
    assert status == 1
    assert "cannot be written: Permission denied" in out
    assert "RNNCOURSE_DATA" in out


def test_old_python(monkeypatch):
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 0))
    assert doctor._python().wrong


def test_little_memory_and_disk(monkeypatch):
    monkeypatch.setattr(doctor.os, "sysconf", lambda name: 2**15, raising=False)
    assert doctor._memory().wrong
    usage = namedtuple("usage", "total used free")(1, 1, 2**20)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    assert doctor._disk().wrong


@pytest.mark.parametrize("finding", doctor.examine(), ids=lambda finding: finding.what)
def test_what_is_wrong_comes_with_advice(finding):
    assert finding.found
    assert finding.advice or not finding.wrong
