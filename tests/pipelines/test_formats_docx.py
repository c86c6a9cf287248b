"""A Word document is its words in order, and nothing that was deleted or only decorates."""

import pytest

from pipelines.errors import BadText
from pipelines.formats.docx import docx_document
from tests.made_books import docx, paragraph, zipped


def text_of(path):
    return "".join(docx_document(path, path.name).blocks)


def test_paragraphs_and_tables_come_in_order(tmp_path):
    cell = "<w:tc>{}</w:tc>"
    table = f"<w:tbl><w:tr>{cell.format(paragraph('甲'))}{cell.format(paragraph('乙'))}</w:tr></w:tbl>"
    source = docx(tmp_path / "书.docx", paragraph("第一章") + table + paragraph("话说"), title="雨夜")
    assert text_of(source) == "第一章\n甲\n乙\n话说\n"
    document = docx_document(source, source.name)
    assert (document.title, document.format, document.original) == ("雨夜", "docx", source)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<w:p><w:r><w:t>一</w:t><w:tab/><w:t>二</w:t><w:br/><w:t>三</w:t></w:r></w:p>", "一\t二\n三\n"),
        ('<w:p><w:r><w:t>一</w:t><w:br w:type="page"/></w:r></w:p>', "一\n"),
        ('<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t>一</w:t></w:r></w:p>', "一\n"),
        ("<w:p><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:ins><w:r><w:t>新</w:t></w:r></w:ins></w:p>", "新\n"),
        ("<w:p><w:moveFrom><w:r><w:t>此</w:t></w:r></w:moveFrom><w:r><w:t>彼</w:t></w:r></w:p>", "彼\n"),
        ("<w:p>\n <w:r>\n <w:t> 一 </w:t></w:r></w:p>", " 一 \n"),
        (
            "<w:p><w:ruby><w:rt><w:r><w:t>yi</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>一</w:t></w:r></w:rubyBase></w:ruby></w:p>",
            "一\n",
        ),
    ],
)
def test_words_are_told_from_marks(tmp_path, body, text):
    assert text_of(docx(tmp_path / "a.docx", body)) == text


def test_a_title_that_word_made_is_none(tmp_path):
    assert docx_document(docx(tmp_path / "a.docx", paragraph("一"), title="Microsoft Word - 文档1"), "a.docx").title == ""


def test_the_main_part_may_have_another_name(tmp_path):
    relations = '<Relationships><Relationship Type="http://x/officeDocument" Target="/word/document2.xml"/></Relationships>'
    source = docx(tmp_path / "a.docx", paragraph("一"))
    other = docx(tmp_path / "b.docx", paragraph("二"), more=[("_rels/.rels", relations), ("word/document2.xml", xml_of(source))])
    assert text_of(other) == "一\n"


def xml_of(path):
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return archive.read("word/document.xml")


@pytest.mark.parametrize("xml", ["<w:document", "", "<a><b></a>", "no xml"])
def test_a_damaged_document_is_a_sentence(tmp_path, xml):
    with pytest.raises(BadText, match="a Word document, but a damaged one"):
        text_of(zipped(tmp_path / "a.docx", {"word/document.xml": xml}))


def test_entities_are_not_followed_and_do_not_multiply(tmp_path):
    (tmp_path / "secret").write_text("SECRET")
    lol = '<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    for inside in (f'<!ENTITY x SYSTEM "file://{tmp_path}/secret">', lol):
        name = "x" if "SYSTEM" in inside else "j"
        body = f'<!DOCTYPE w [{inside}]><w:document xmlns:w="x"><w:p><w:t>a&{name};b</w:t></w:p></w:document>'
        source = zipped(tmp_path / "a.docx", {"word/document.xml": body})
        try:
            text = text_of(source)
        except BadText:
            continue
        assert "SECRET" not in text
        assert len(text) < 1000
