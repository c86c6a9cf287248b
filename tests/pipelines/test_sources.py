"""The files that people name: what cannot be read as text is one sentence that says which file."""

import os

import pytest

from pipelines.errors import BadSettings, BadText, NotFound
from pipelines.formats.documents import Skipped
from pipelines.sources import decode_source, read_documents
from tests.made_books import epub, zipped


def test_a_file_is_its_bytes_and_its_text(tmp_path):
    (tmp_path / "书.txt").write_bytes("话说天下大势，分久必合。\n".encode() * 9)
    data, decoded = decode_source(tmp_path / "书.txt")
    assert (data.decode(), decoded.encoding) == (decoded.text, "utf-8")


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "书.txt").write_bytes(b"")
    with pytest.raises(BadText) as caught:
        decode_source(tmp_path / "书.txt")
    assert (caught.value.code, caught.value.sentence) == ("empty", "书.txt: the file is empty; choose another file")
    (tmp_path / "图.txt").write_bytes(b"\x89PNG\r\n\x1a\n12")
    with pytest.raises(BadText, match=r"^图\.txt: this is a PNG picture") as caught:
        decode_source(tmp_path / "图.txt")
    assert caught.value.values == {"kind": "a PNG picture"}


def test_an_encoding_that_is_none_is_no_matter_of_the_file(tmp_path):
    (tmp_path / "书.txt").write_bytes(b"x")
    with pytest.raises(BadSettings, match=r"^there is no encoding 'polish'"):
        decode_source(tmp_path / "书.txt", "polish")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadText, match="is no ordinary file"):
        decode_source(tmp_path / "pipe")
    with pytest.raises(NotFound):
        decode_source(tmp_path / "nowhere")


def test_a_book_is_its_text_but_an_archive_is_none(tmp_path):
    source = epub(tmp_path / "书.txt", [("a.html", "<p>话说</p><p>天下</p>")])
    data, decoded = decode_source(source)
    assert (data, decoded.text, decoded.encoding) == (source.read_bytes(), "话说\n天下", "utf-8")
    with pytest.raises(BadText, match=r"^书\.zip: it may hold several novels"):
        decode_source(zipped(tmp_path / "书.zip", {"a.txt": "话说"}))


def test_the_members_of_an_archive_lie_there_only_while_they_are_read(tmp_path):
    inner = zipped(tmp_path / "inner", {"x.txt": "x"}).read_bytes()
    source = zipped(tmp_path / "书.zip", {"a.txt": "话说天下", "b.zip": inner, "c.txt": "分久必合", "d.docx": inner[:20]})
    room = tmp_path / "room"
    room.mkdir()
    found = []
    for one in read_documents(source, "书库.zip", room=room):
        if isinstance(one, Skipped):
            found.append((one.file, one.code))
        else:
            assert one.archive == "书库.zip"
            found.append((one.member, "".join(one.blocks)))
            assert len(list(room.iterdir())) == 1
    assert found == [
        ("a.txt", "话说天下"),
        ("b.zip", "archive_in_archive"),
        ("c.txt", "分久必合"),
        ("d.docx", "archive_in_archive"),
    ]
    assert list(room.iterdir()) == []


@pytest.mark.parametrize("members", [{}, {"a/": ""}, {"a\\": ""}, {"__MACOSX/._a": "x"}])
def test_an_archive_with_nothing_in_it_is_a_sentence(tmp_path, members):
    with pytest.raises(BadText, match="no file in the archive"):
        list(read_documents(zipped(tmp_path / "a.zip", members)))
