"""Optional data sets: known and confirmed checksums, and reading what is here."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from http_server import cut, serving, status, whole

from rnncourse.datasets import classics, download
from rnncourse.datasets.catalogue import ENTRIES, Entry
from rnncourse.datasets.download import DownloadError

START = b"\xef\xbb\xbfHeader\r\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\r\n\r\n"
BOOK = START + b"Shall I\r\ncompare\r\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\r\nlicence\r\n"
NEW_EDITION = BOOK.replace(b"Shall I", b"Shall we")
SHA256 = hashlib.sha256(BOOK).hexdigest()
NEW_SHA256 = hashlib.sha256(NEW_EDITION).hexdigest()
PLAYS = b"First Citizen:\nBefore we proceed\n" * 1000


def yes(name, sha256, path):
    return True


def no(name, sha256, path):
    return False


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """An empty data folder; no waiting; no address outside this machine is ever used."""
    monkeypatch.setattr(download, "WAITS", (0.0, 0.0, 0.0))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("RNNCOURSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("RNNCOURSE_MIRROR", "http://127.0.0.1:9")
    known = hashlib.sha256(PLAYS).hexdigest()
    entry = Entry("plays.txt", "", len(PLAYS), "", "", sha256=known)
    monkeypatch.setitem(ENTRIES, "plays", entry)
    return tmp_path / "data"


@pytest.fixture
def mirror(monkeypatch):
    """A function that serves scripted answers as the mirror."""

    class Mirror:
        def __init__(self, *answers):
            self.server = serving(*answers)

        def __enter__(self):
            address, asked = self.server.__enter__()
            monkeypatch.setenv("RNNCOURSE_MIRROR", address + "/")
            return asked

        def __exit__(self, *error):
            return self.server.__exit__(*error)

    return Mirror


def names(folder):
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def test_published_checksum(data, mirror):
    assert classics.check("plays") == "absent" and not classics.present("plays")
    with mirror(status(503), status(503), whole(PLAYS)) as asked:
        path = classics.fetch("plays")
        assert classics.fetch("plays") == path  # a good copy is not fetched again
    assert asked == ["/plays.txt"] * 3
    assert path == classics.file_of("plays") == data / "plays.txt"
    assert path.read_bytes() == PLAYS and names(data) == ["plays.txt"]
    assert classics.check("plays") == "good" and classics.present("plays")


def test_damaged_copy_is_replaced_only_by_a_good_one(data, mirror):
    data.mkdir()
    (data / "plays.txt").write_bytes(b"damaged")
    assert classics.check("plays") == "damaged" and classics.present("plays")
    with mirror(cut(PLAYS, 500)), pytest.raises(DownloadError):
        classics.fetch("plays")
    assert (data / "plays.txt").read_bytes() == b"damaged"
    with mirror(whole(PLAYS)):
        classics.fetch("plays")
    assert (data / "plays.txt").read_bytes() == PLAYS and names(data) == ["plays.txt"]


def test_first_fetch_is_confirmed_and_remembered(data, mirror):
    asked_for = []

    def confirm(name, sha256, path):
        asked_for.append((name, sha256, Path(path).read_bytes()))
        return True

    with mirror(whole(BOOK)) as asked:
        classics.fetch("sonnets", confirm)
        classics.fetch("sonnets", no)  # known by now: nobody is asked
    assert asked_for == [("sonnets", SHA256, BOOK)] and len(asked) == 1
    assert classics.check("sonnets") == "good"
    assert names(data) == ["confirmed.json", "pg1041.txt"]
    (data / "pg1041.txt").write_bytes(BOOK[:-1])
    assert classics.check("sonnets") == "damaged"


@pytest.mark.parametrize("confirm", [None, no])
def test_unconfirmed_is_not_kept(data, mirror, confirm):
    with mirror(whole(BOOK)), pytest.raises(DownloadError, match=f"--confirm {SHA256}"):
        classics.fetch("sonnets", confirm)
    assert names(data) == []


def test_interrupted_at_the_question(data, mirror):
    def interrupt(name, sha256, path):
        raise KeyboardInterrupt

    with mirror(whole(BOOK)):
        with pytest.raises(KeyboardInterrupt):
            classics.fetch("sonnets", interrupt)
        assert names(data) == []
        classics.fetch("sonnets", yes)
    assert classics.check("sonnets") == "good"


def test_page_of_excuses_is_never_offered_for_confirmation(data, mirror):
    with mirror(whole(b"<html>log in</html>")), pytest.raises(DownloadError, match="nowhere says"):
        classics.fetch("sonnets", yes)
    assert names(data) == []


def test_new_edition_is_refused_until_the_reader_expects_it(data, mirror):
    with mirror(whole(BOOK)):
        classics.fetch("sonnets", yes)
    with mirror(whole(NEW_EDITION)):
        (data / "pg1041.txt").unlink()
        with pytest.raises(DownloadError, match=f"SHA-256 {NEW_SHA256}, but should have {SHA256}"):
            classics.fetch("sonnets", yes)
        assert names(data) == ["confirmed.json"]
        classics.fetch("sonnets", expected=NEW_SHA256.upper())
    assert classics.check("sonnets") == "good"
    assert (data / "pg1041.txt").read_bytes() == NEW_EDITION


def test_good_copy_survives_a_failed_new_edition(data, mirror):
    with mirror(whole(BOOK)):
        classics.fetch("sonnets", yes)
        with pytest.raises(DownloadError):
            classics.fetch("sonnets", expected=NEW_SHA256)
    assert classics.check("sonnets") == "good"


def test_file_put_there_by_hand_is_confirmed_without_the_network(data):
    data.mkdir()
    (data / "pg1041.txt").write_bytes(BOOK)
    assert classics.check("sonnets") == "unconfirmed"
    with pytest.raises(DownloadError, match="unconfirmed"):
        classics.load("sonnets")
    with pytest.raises(DownloadError, match="nobody confirmed"):
        classics.fetch("sonnets", no)
    assert (data / "pg1041.txt").read_bytes() == BOOK
    classics.fetch("sonnets", yes)
    assert classics.check("sonnets") == "good"


@pytest.mark.parametrize("text", ["{", "3", '"x"', "\0"])
def test_spoilt_list_of_checksums(data, text):
    data.mkdir()
    (data / "pg1041.txt").write_bytes(BOOK)
    (data / "confirmed.json").write_text(text)
    with pytest.raises(DownloadError, match=r"cannot read .*confirmed.json.* Delete it"):
        classics.check("sonnets")


def test_load(data, mirror):
    with mirror(whole(BOOK)):
        classics.fetch("sonnets", yes)
    assert classics.load("sonnets") == "Shall I\ncompare\n"
    with mirror(whole(PLAYS)):
        classics.fetch("plays")
    assert classics.load("plays") == PLAYS.decode()


def test_load_a_file_of_the_readers_own(tmp_path):
    own = tmp_path / "own.txt"
    own.write_text("Mein Vöglein", encoding="utf-8")
    assert classics.load("shakespeare", path=own) == "Mein Vöglein"
    with pytest.raises(FileNotFoundError, match="path must be a file"):
        classics.load("shakespeare", path=tmp_path / "none.txt")


def test_load_says_how_to_get_what_is_absent(data):
    with pytest.raises(FileNotFoundError, match="data fetch war-and-peace`, or give a file"):
        classics.load("war-and-peace")
    assert not data.exists()


def test_reviews(tmp_path):
    files = {
        "aclImdb/train/pos/1_9.txt": "good",
        "aclImdb/train/neg/0_2.txt": "bad",
        "aclImdb/train/neg/1_1.txt": "worse",
        "aclImdb/test/pos/0_10.txt": "fine — très",
        "aclImdb/train/unsup/0_0.txt": "who knows",
        "aclImdb/README": "about",
    }
    path = tmp_path / "reviews.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    assert classics.load_reviews("train", path) == (["bad", "worse", "good"], [0, 0, 1])
    assert classics.load_reviews("test", path) == (["fine — très"], [1])


def test_reviews_bad_input(tmp_path):
    with pytest.raises(ValueError, match="part must be 'train' or 'test', but is 'dev'"):
        classics.load_reviews("dev")
    with pytest.raises(ValueError, match=r"use load_reviews\(\)"):
        classics.load("imdb")
    with tarfile.open(tmp_path / "empty.tar.gz", "w:gz"):
        pass
    with pytest.raises(ValueError, match="holds none"):
        classics.load_reviews("test", tmp_path / "empty.tar.gz")


@pytest.mark.parametrize(
    "function", [classics.present, classics.check, classics.fetch, classics.load, classics.file_of]
)
def test_unknown_name(function):
    with pytest.raises(ValueError, match=r"name must be one of shakespeare, .* but is 'hamlet'"):
        function("hamlet")


def test_bad_expected():
    with pytest.raises(ValueError, match="64 hexadecimal digits, but is 'abc'"):
        classics.fetch("sonnets", expected="abc")
    with pytest.raises(ValueError, match="published SHA-256 86c4e6aa"):
        classics.fetch("shakespeare", expected="0" * 64)


def test_cache_dir(monkeypatch, data):
    assert classics.cache_dir() == data
    monkeypatch.delenv("RNNCOURSE_DATA")
    assert classics.cache_dir().name in ("rnncourse", "Cache")
    monkeypatch.setenv("RNNCOURSE_DATA", "~/here")
    assert classics.cache_dir() == Path.home() / "here"


def test_catalogue_is_sound():
    entries = [entry for name, entry in ENTRIES.items() if name != "plays"]
    assert len({entry.file for entry in entries}) == len(entries) == 5
    for entry in entries:
        assert entry.url.startswith("https://") and entry.licence and entry.title
        assert entry.sha256 is None or len(entry.sha256) == 64
        assert entry.sha256 or entry.must_hold  # something tells the file from a page of excuses
    assert ENTRIES["shakespeare"].sha256.startswith("86c4e6aa9db7c042")
    assert ENTRIES["shakespeare"].about_bytes == 1_115_394
