"""Archives from strangers: names are only names, and nothing unpacks to more than it should."""

import struct
import zipfile

import pytest

from pipelines.errors import BadText
from pipelines.formats import archive as step
from pipelines.formats.archive import Archive
from pipelines.formats.names import base_name, is_hidden, member_names
from tests.made_books import raw_zip, zipped


def names_in(path):
    with zipfile.ZipFile(path) as archive:
        return member_names(archive.infolist())


@pytest.mark.parametrize("codec", ["gbk", "big5", "utf-8"])
def test_names_are_read_in_the_encoding_they_were_written_in(tmp_path, codec):
    names = (
        ["書庫/三國演義.txt", "書庫/封神演義.txt", "水滸傳.txt"]
        if codec == "big5"
        else ["书/三国演义.txt", "红楼梦.txt", "儒林外史.txt"]
    )
    assert names_in(raw_zip(tmp_path / "a.zip", [(name.encode(codec), b"x") for name in names])) == names


def test_a_single_name_is_read_as_well_as_can_be(tmp_path):
    assert names_in(raw_zip(tmp_path / "a.zip", [("诗.txt".encode("gbk"), b"x")])) == ["诗.txt"]
    assert names_in(raw_zip(tmp_path / "b.zip", [(b"\xff\xff\xff", b"x")])) != []


def test_a_name_that_is_marked_as_utf8_is_believed(tmp_path):
    assert names_in(raw_zip(tmp_path / "a.zip", [("三国.txt".encode(), b"x"), (b"plain.txt", b"x")], flags=0x800)) == [
        "三国.txt",
        "plain.txt",
    ]


def test_so_is_the_name_in_the_unicode_field():
    info = zipfile.ZipInfo("\u2592\u2593.txt")
    name = "三国.txt".encode()
    info.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, 0) + name
    assert member_names([info]) == ["三国.txt"]
    info.extra = b"\x75\x70\xff"
    assert member_names([info]) != []


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("../../etc/passwd", "passwd"),
        ("/a/b.txt", "b.txt"),
        ("C:\\x\\书.txt", "书.txt"),
        ("C:书.txt", "书.txt"),
        ("a/../..", ".."),
    ],
)
def test_no_name_leads_anywhere(name, base):
    assert base_name(name) == base


@pytest.mark.parametrize(
    ("name", "hidden"),
    [("__MACOSX/._书.txt", True), ("a/.DS_Store", True), ("Thumbs.db", True), ("书.txt", False), ("...txt", True), ("..", False)],
)
def test_what_a_system_added_is_told(name, hidden):
    assert is_hidden(name) == hidden


def test_members_are_read_whole(tmp_path):
    with Archive(zipped(tmp_path / "a.zip", {"d/": "", "a.txt": "甲" * 100, "b.txt": "乙"})) as archive:
        assert [info.filename for info in archive.members] == ["a.txt", "b.txt"]
        assert archive.read(archive.members[0], 1000).decode() == "甲" * 100
        archive.extract(archive.members[1], tmp_path / "out")
        with pytest.raises(BadText, match="unpacks to"):
            archive.read(archive.members[0], 100)
    assert (tmp_path / "out").read_text() == "乙"


def test_a_directory_that_promises_too_much_is_refused(tmp_path, monkeypatch):
    source = zipped(tmp_path / "a.zip", {"a.txt": bytes(40_000_000)})
    with pytest.raises(BadText, match="unpacks to"):
        Archive(source)
    monkeypatch.setattr(step, "MOST_MEMBERS", 3)
    with pytest.raises(BadText, match="holds 4 files"):
        Archive(zipped(tmp_path / "b.zip", {str(n): "x" for n in range(4)}))


def test_a_directory_that_lies_is_found_out(tmp_path):
    source = zipped(tmp_path / "a.zip", {"a.txt": bytes(40_000_000)})
    data = bytearray(source.read_bytes())
    place = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, place + 24, 100)
    source.write_bytes(data)
    with Archive(source) as archive, pytest.raises(BadText, match="damaged"):
        archive.read(archive.members[0], 1000)


def test_bytes_that_are_counted_twice_are_refused(tmp_path):
    source = raw_zip(tmp_path / "a.zip", [(b"a.txt", b"x" * 100), (b"b.txt", b"x" * 100)])
    data = bytearray(source.read_bytes())
    second = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, second + 42, 0)
    source.write_bytes(data)
    with pytest.raises(BadText, match="unpacks to"):
        Archive(source)


def test_more_than_a_member_may_hold_is_found_while_reading(tmp_path, monkeypatch):
    source = zipped(tmp_path / "a.zip", {"a.txt": bytes(3_000_000), "b.txt": bytes(3_000_000)})
    with Archive(source) as archive:
        monkeypatch.setattr(step, "LEAST_SUSPECT_BYTES", 1_000_000)
        with pytest.raises(BadText, match="unpacks to"):
            archive.read(archive.members[0], 10**9)
        monkeypatch.undo()
        monkeypatch.setattr(step, "MOST_BYTES", 4_000_000)
        with pytest.raises(BadText, match="unpacks to"):
            archive.read(archive.members[1], 10**9)


def test_a_locked_member_is_a_sentence(tmp_path):
    with Archive(raw_zip(tmp_path / "a.zip", [(b"a.txt", b"x")], flags=1)) as archive, pytest.raises(BadText, match="password"):
        archive.read(archive.members[0], 10)


@pytest.mark.parametrize("cut", [5, 30, 60, 100])
def test_an_archive_that_breaks_off_is_a_sentence(tmp_path, cut):
    source = zipped(tmp_path / "a.zip", {"a.txt": "x" * 100})
    source.write_bytes(source.read_bytes()[:cut])
    with pytest.raises(BadText, match="damaged"):
        Archive(source)


def test_a_member_whose_bytes_were_changed_is_a_sentence(tmp_path):
    source = raw_zip(tmp_path / "a.zip", [(b"a.txt", b"x" * 100)])
    source.write_bytes(source.read_bytes().replace(b"x" * 100, b"y" * 100))
    with Archive(source) as archive, pytest.raises(BadText, match="damaged"):
        archive.read(archive.members[0], 1000)


def test_a_member_without_a_name_hides_no_other(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("QQ", "nobody")
        archive.writestr("b.txt", "somebody")
    path.write_bytes(path.read_bytes().replace(b"QQ", b"\0Q"))
    with Archive(path) as archive:
        assert [info.filename for info in archive.members] == ["b.txt"]
