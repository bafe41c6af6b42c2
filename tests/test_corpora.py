"""English text, documentation and Python source that come with Python."""

import abc
import ast
import inspect
import sys
import types

import pytest

from rnncourse.datasets import corpora


def test_english():
    text = corpora.english()
    assert 300_000 < len(text) < 1_000_000 and 90 < len(set(text)) < 200
    assert text.startswith('The "assert" statement')
    assert text == corpora.english()
    words = text.lower().split()
    assert words.count("the") / len(words) > 0.04  # English: its most frequent word
    assert corpora.english(max_characters=101) == text[:101]


def test_english_is_sorted_by_key(monkeypatch):
    module = types.ModuleType("pydoc_data.topics")
    module.topics = {"b": "two", "c": "three", "a": "one"}
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", module)
    assert corpora.english() == "one\ntwo\nthree"


def test_english_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(ImportError, match=r"no pydoc_data.topics.* install a complete Python"):
        corpora.english()


def test_python_source():
    text = corpora.python_source()
    assert 3_000_000 < len(text) < 8_000_000 and text == corpora.python_source()
    assert "_sysconfigdata" not in corpora.python_source(max_files=7)
    some = corpora.python_source(max_files=13)
    assert text.startswith(some) and len(some) < len(text) / 2
    assert len(ast.parse(some.replace("from __future__", "from abc")).body) > 100  # it is Python
    assert corpora.python_source(max_files=2, max_characters=53) == text[:53]


def library(monkeypatch, folder):
    monkeypatch.setattr(corpora.sysconfig, "get_path", lambda name: str(folder))


def test_python_source_order_and_encodings(monkeypatch, tmp_path):
    files = {
        "zipfile.py": b"last = 1\r\n",
        "abc.py": b"# -*- coding: latin-1 -*-\n# \xe9t\xe9\n",
        "ast.py": b"# \xff is not UTF-8\n",
        "bisect.py": b"# coding: no-such-code\nx = 1\n",
        "sitecustomize.py": b"secret = 1\n",
        "_sysconfigdata_x.py": b"secret = 2\n",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    library(monkeypatch, tmp_path)
    assert corpora.python_source().split("\n\n") == [
        "# -*- coding: latin-1 -*-\n# été",
        "# � is not UTF-8",
        "# coding: no-such-code\nx = 1",
        "last = 1\n",
    ]
    assert corpora.python_source(max_files=1) == "# -*- coding: latin-1 -*-\n# été\n"


@pytest.mark.parametrize("read", [corpora.python_source, corpora.documentation])
def test_library_is_missing(monkeypatch, tmp_path, read):
    library(monkeypatch, tmp_path)
    with pytest.raises(FileNotFoundError, match="no source files of the standard library"):
        read()


def test_documentation():
    text = corpora.documentation()
    assert 1_500_000 < len(text) < 4_000_000 and text.endswith(corpora.english())
    assert text.startswith("Record of phased-in incompatible language changes.")  # __future__
    assert text.count("JSON (JavaScript Object Notation)") == 1  # a package: json/__init__.py
    assert "Module doctest" in text and "the unittest test suite" not in text
    assert corpora.documentation(max_characters=101) == text[:101]


def test_documentation_is_what_python_itself_finds(monkeypatch):
    monkeypatch.setattr(corpora, "english", lambda: "the end")
    named = next(k for k, p in enumerate(corpora._library_files("**/*.py")) if p.name == "abc.py")
    texts = corpora.documentation(max_files=named + 1)
    for thing in (abc, abc.ABC, abc.ABCMeta, abc.abstractmethod, abc.ABCMeta.register):
        assert inspect.getdoc(thing) in texts


def test_documentation_order_and_folders(monkeypatch, tmp_path):
    files = {
        "json/__init__.py": b'"""Package."""\nif 1:\n def f():\n  "Inside."\n  def g(): "Deep."\n',
        "json/tool.py": b'class C:\n """Class.\n\n Body.\n """\n async def f(): "Later."\n',
        "json/tests/test_x.py": b'"""A test."""\n',
        "abc.py": b"raise SystemExit  # read, not run\n",
        "bisect.py": b'x = "no docstring"\ndef f():\n  return lambda: "\\d"\n',
        "site-packages/other.py": b'"""Not of the library."""\n',
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    library(monkeypatch, tmp_path)
    monkeypatch.setattr(corpora, "english", lambda: "Pages.")
    parts = ["Package.", "Inside.", "Deep.", "Class.\n\nBody.", "Later.", "Pages."]
    assert corpora.documentation() == "\n\n".join(parts)
    assert corpora.documentation(max_files=2) == "Pages."
    assert corpora.documentation(max_files=3, max_characters=16) == "Package.\n\nInside"


@pytest.mark.parametrize("value, error", [(0, ValueError), (-3, ValueError), (2.0, TypeError)])
def test_bad_limits(value, error):
    with pytest.raises(error, match=r"max_characters must be .* but is"):
        corpora.english(max_characters=value)
    with pytest.raises(error, match=r"max_characters must be .* but is"):
        corpora.python_source(max_characters=value)
    with pytest.raises(error, match=r"max_files must be .* but is"):
        corpora.python_source(max_files=value)
    with pytest.raises(error, match=r"max_characters must be .* but is"):
        corpora.documentation(max_characters=value)
    with pytest.raises(error, match=r"max_files must be .* but is"):
        corpora.documentation(max_files=value)
