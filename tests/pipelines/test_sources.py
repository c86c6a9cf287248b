"""The files that people name: what cannot be read as text is one sentence that says which file."""

import os

import pytest

from pipelines.errors import BadSettings, BadText, NotFound
from pipelines.sources import decode_source


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
