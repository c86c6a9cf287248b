"""What a file is, by its bytes."""

import io
import mmap
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.magic import CONTAINERS, SIGNATURES, kind_of, looks_like


def zipped(*names: str, first: tuple[str, bytes] | None = None) -> bytes:
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w") as archive:
        for name, content in [*([first] if first else []), *((name, b"story " * 50) for name in names)]:
            archive.writestr(name, content)
    return place.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (zipped("META-INF/container.xml", first=("mimetype", b"application/epub+zip")), "epub"),
        (zipped("OEBPS/1.html", "META-INF/container.xml"), "epub"),
        (zipped("[Content_Types].xml", "word/document.xml"), "docx"),
        (zipped("第一章.txt", "book/word/document.xml"), "zip"),
        (zipped(), "zip"),
        (zipped("xl/workbook.xml"), "an Excel workbook"),
        (zipped("ppt/presentation.xml"), "a PowerPoint presentation"),
        (zipped(first=("mimetype", b"application/vnd.oasis.opendocument.text")), "an OpenDocument file"),
        (zipped("word/document.xml")[:-40], "docx"),
        (b"PAR1\x15\x04" + bytes(40), "parquet"),
        (b"ARROW1\x00\x00" + bytes(40), "arrow"),
        (b"\xff\xff\xff\xff\x78\x02\x00\x00\x10" + bytes(40), "arrow"),
        (b"<!DOCTYPE html>\n<p>", "html"),
        ("\ufeff<?xml version='1.0'?>\n<!-- saved -->\n<HTML lang='zh'>".encode(), "html"),
        ("\ufeff<html><body>中</body>".encode("utf-16-le"), "html"),
        ('\ufeff["第一章\n", "第二章"]'.encode(), "json"),
        ('[\n"第一章\x07", "第二'.encode("gb18030"), "json"),
        (b'["one chapter only"]\n', "json"),
        (b"[ ]\n", "json"),
        (b'{"text": "a row"}\n{"text": "another"}\n', "json"),
    ],
)
def test_a_container_is_told_by_its_content(data, kind):
    assert kind_of(data) == kind
    assert looks_like(data) == CONTAINERS.get(kind, kind)


def test_a_zip_in_a_zip_is_a_zip():
    assert kind_of(zipped("a.txt", first=("inner.docx", zipped("word/document.xml")))) == "zip"


@pytest.mark.parametrize(("head", "kind"), SIGNATURES)
def test_what_is_refused_has_its_name(head, kind):
    assert kind_of(head + bytes(99)) == looks_like(head + bytes(99)) == kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (bytes(60) + b"BOOKMOBI", "a Kindle book"),
        (b"name".ljust(257, b"\x00") + b"ustar\x0000", "a tar archive"),
        (b"\x00\x00\x00\x18ftypmp42", "a video"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "a WebP picture"),
        (b"BM\x36\x10\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00", "a BMP picture"),
        (b"MZ\x90\x00\x03", "a program"),
    ],
)
def test_some_show_it_further_in(data, kind):
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    "text",
    [
        "MZ was here.",
        "BM was here, too, and said so.",
        "[“你来了。”]他说。",
        '["Hello," she said, looking up from the page. ',
        "{系统提示：叮！}",
        "<第一章> 雪",
        "他写下 <html> 两个字母，又划掉。",
        "PAR1 is what the sign said.",
        "ID3 is the name of the ship.",
        "PK 大赛开始了。",
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16-le"])
def test_a_story_that_begins_oddly_is_a_story(text, codec):
    assert kind_of((text + "\n他没有回头，雨下了一夜。\n").encode(codec)) == ""


def test_a_mapped_file_is_as_good_as_bytes(tmp_path):
    place = tmp_path / "a"
    place.write_bytes(zipped("word/document.xml"))
    with place.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert kind_of(mapped) == "docx"


@given(st.sampled_from([b"PK\x03\x04", b"PAR1", b"\xff\xff\xff\xff", b"BM", b"[", b"<!--", b""]), st.binary(max_size=200))
def test_whatever_the_bytes_there_is_an_answer(head, data):
    assert isinstance(kind_of(head + data), str)
    assert isinstance(kind_of(head + data + b"PK\x05\x06" + data), str)
