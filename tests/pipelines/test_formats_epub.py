"""A book is its documents in reading order; locked and damaged ones are a sentence."""

import pytest

from pipelines.errors import BadText
from pipelines.formats.epub import epub_document
from tests.made_books import CONTAINER, PAGE, epub, zipped

ENCRYPTED = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/xmlenc#">'
    '<enc:EncryptedData><enc:EncryptionMethod Algorithm="{}"/><enc:CipherData><enc:CipherReference URI="{}"/>'
    "</enc:CipherData></enc:EncryptedData></encryption>"
)


def read(path):
    document = epub_document(path, path.name)
    return "".join(document.blocks), document


def marks(path):
    text, document = read(path)
    return [(title, text[at : at + 2]) for title, at in document.reading.parts]


def test_documents_come_in_the_order_of_the_spine(tmp_path):
    spine = '<spine><itemref idref="i1"/><itemref idref="i0" linear="no"/><itemref idref="i2"/><itemref idref="gone"/></spine>'
    text, document = read(epub(tmp_path / "b.epub", [("a.html", "甲"), ("b.html", "<p>乙</p>"), ("c.html", "丙")], spine=spine))
    assert text == "乙\n\n丙\n\n甲"
    assert (document.title, document.format) == ("夜航", "epub")


def test_pages_without_words_leave_no_gap(tmp_path):
    pages = [("a.html", '<img src="x"/>'), ("b.html", "乙"), ("c.html", ""), ("d.html", "丁")]
    assert read(epub(tmp_path / "b.epub", pages))[0] == "乙\n\n丁"


def test_names_are_unquoted_and_looked_up_among_the_members(tmp_path):
    pages = [("第 一.html", "甲"), ("b.html", "乙")]
    source = epub(tmp_path / "b.epub", pages)
    assert read(source)[0] == "甲\n\n乙"
    quoted = '<item id="q" href="%E7%AC%AC%20%E4%B8%80.html#x"/><item id="out" href="../../../etc/passwd"/>'
    spine = '<spine><itemref idref="q"/><itemref idref="out"/></spine>'
    assert read(epub(tmp_path / "c.epub", pages, spine=spine, items=quoted))[0] == "甲"


def test_headings_mark_the_chapters_where_there_is_no_contents(tmp_path):
    pages = [("a.html", "<h1>第一章</h1><p>甲</p>"), ("b.html", "<p>乙</p>"), ("c.html", "<h2>第二章</h2>丙")]
    assert marks(epub(tmp_path / "b.epub", pages)) == [("第一章", "第一"), ("第二章", "第二")]


def test_the_navigation_document_marks_the_chapters_and_is_no_text(tmp_path):
    nav = PAGE.format(
        '<nav xmlns:epub="http://www.idpf.org/2007/ops" epub:type="toc"><ol><li><a href="a.html">楔子</a></li>'
        '<li><a href="a.html#two">二\n 二</a></li><li><a href="c.html#gone">三</a></li></ol></nav>目录'
    )
    pages = [("a.html", '<h1>甲甲</h1><p id="two">乙乙</p>'), ("b.html", "<h1>续</h1>"), ("c.html", "丙丙")]
    items = '<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    spine = '<spine><itemref idref="n"/><itemref idref="i0"/><itemref idref="i1"/><itemref idref="i2"/></spine>'
    source = epub(tmp_path / "b.epub", pages, spine=spine, items=items, more=[("OEBPS/nav.xhtml", nav)])
    assert marks(source) == [("楔子", "甲甲"), ("二 二", "乙乙"), ("三", "丙丙")]
    assert "目录" not in read(source)[0]


def test_so_does_the_older_ncx(tmp_path):
    point = "<navPoint><navLabel><text>{}</text></navLabel><content src='{}'/></navPoint>"
    points = point.format("一", "a.html") + point.format("二", "b.html")
    ncx = f"<ncx xmlns='http://www.daisy.org/z3986/2005/ncx/'><navMap>{points}</navMap></ncx>"
    spine = '<spine toc="ncx"><itemref idref="i0"/><itemref idref="i1"/></spine>'
    items = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    more = [("OEBPS/toc.ncx", ncx)]
    pages = [("a.html", "甲甲"), ("b.html", "乙乙")]
    assert marks(epub(tmp_path / "b.epub", pages, spine=spine, items=items, more=more)) == [("一", "甲甲"), ("二", "乙乙")]


@pytest.mark.parametrize("algorithm", ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"])
def test_scrambled_fonts_do_not_lock_a_book(tmp_path, algorithm):
    more = [("META-INF/encryption.xml", ENCRYPTED.format(algorithm, "OEBPS/f.otf"))]
    assert read(epub(tmp_path / "b.epub", [("a.html", "甲")], more=more))[0] == "甲"


def test_a_locked_book_is_a_sentence(tmp_path):
    more = [("META-INF/encryption.xml", ENCRYPTED.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/a.html"))]
    with pytest.raises(BadText, match="is locked"):
        read(epub(tmp_path / "b.epub", [("a.html", "甲")], more=more))


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"META-INF/container.xml": "<container"},
        {"META-INF/container.xml": "<container/>"},
        {"META-INF/container.xml": CONTAINER},
        {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": "<package/>"},
        {
            "META-INF/container.xml": CONTAINER,
            "OEBPS/book.opf": '<package><item id="a" href="a.html"/><spine><itemref idref="a"/></spine></package>',
        },
    ],
)
def test_a_book_that_is_not_whole_is_a_sentence(tmp_path, members):
    with pytest.raises(BadText, match="an EPUB book, but a damaged one"):
        read(zipped(tmp_path / "b.epub", {"mimetype": "application/epub+zip"} | members))


def test_a_book_that_breaks_off_is_a_sentence(tmp_path):
    source = epub(tmp_path / "b.epub", [("a.html", "甲" * 500)])
    source.write_bytes(source.read_bytes()[:-30])
    with pytest.raises(BadText, match="damaged"):
        read(source)


def test_entities_lead_nowhere(tmp_path):
    (tmp_path / "secret").write_text("SECRET")
    entity = f'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    page = f'<?xml version="1.0"?>{entity}<html><body>甲&x;</body></html>'
    text, document = read(epub(tmp_path / "b.epub", [("a.html", page)], title="&#38;x;"))
    assert "SECRET" not in text + document.title
    opf = f'{entity}<package><title>&x;夜</title><item id="a" href="a.html"/><spine><itemref idref="a"/></spine></package>'
    members = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf, "OEBPS/a.html": PAGE.format("甲")}
    text, document = read(zipped(tmp_path / "c.epub", members))
    assert "SECRET" not in text + document.title


def test_a_page_too_short_to_tell_is_in_the_encoding_of_xml(tmp_path):
    page = "<?xml version='1.0'?><html><body><p>ʫ</p></body></html>"
    assert read(epub(tmp_path / "b.epub", [("a.html", page), ("b.html", "乙" * 50)]))[0] == "ʫ\n\n" + "乙" * 50
