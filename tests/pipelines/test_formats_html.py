"""A page is read as a person sees it, whatever is in its tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import BadText
from pipelines.formats.html import Page, html_document, page_text

STORY = "她推开门，雨声一下子小了。"


def text_of(html, anchors=frozenset(), size=1_000_000):
    page = Page(frozenset(anchors))
    return "".join(page_text((html[at : at + size] for at in range(0, len(html), size)), page)), page


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>一</p><p>二</p>", "一\n二"),
        ("<p>一<p>二", "一\n二"),
        ("一<br>二<br/><br/>三", "一\n二\n\n三"),
        ("<h2>第一章</h2><p>话说</p>", "第一章\n\n话说"),
        ("<div>a\n  b <b>c</b>d</div>", "a b cd"),
        ("<div>\n<p>\n　　一\n</p>\n</div>", "　　一"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<ul><li>一<li>二</ul>", "一\n二"),
        ("<table><tr><td>一<td>二<tr><td>三</table>", "一\t二\n三"),
        ("一<script>var a = '<p>x</p>';</script><style>p{}</style><nav>目录</nav>二", "一二"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字", "漢字"),
        ("&lt;三&gt;&amp;&#x4e00;&hellip;&nbsp;x&nosuch;", "<三>&一…\xa0x&nosuch;"),
        ("<!-- <p>no</p> --><p>yes</p>", "yes"),
        ("<p><!DOCTYPE x>a<unknown>b</unknown></p></p></div>", "ab"),
    ],
)
def test_what_a_person_reads(html, text):
    assert text_of(f"<html><body>{html}</body></html>")[0] == text


def test_a_title_and_the_first_heading_are_told():
    text, page = text_of("<html><head><title>雨\n夜</title></head><body><h1>第一<br>章</h1><h2>二</h2>x</body></html>")
    assert (page.title, page.heading, text) == ("雨\n夜", "第一章", "第一\n章\n\n二\n\nx")


def test_anchors_are_places_in_the_text():
    text, page = text_of('<p>一</p><a id="x"></a><p id="y">二</p><a name="z">三</a>', {"x", "z"})
    assert {name: text[at] for name, at in page.anchors.items()} == {"x": "二", "z": "三"}


def test_entities_that_lead_elsewhere_are_not_followed(tmp_path):
    (tmp_path / "secret").write_text("SECRET")
    html = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><html><body>a&x;b</body></html>'
    assert text_of(html)[0] == "a&x;b"


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<br>", "字", " ", "a", "\n", "&amp;", "<b>", "<td>", "<script>", "</script>", "<h1>"])
    )
)
def test_where_the_blocks_end_changes_nothing(pieces):
    html = "<html><body>" + "".join(pieces) + "</body></html>"
    assert text_of(html, size=3)[0] == text_of(html)[0]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_no_page_is_too_strange(html):
    text, page = text_of("<html>" + html)
    assert len(text) == page.offset


@pytest.mark.parametrize("html", ["<div>" * 50_000 + "字", "<" * 100_000, "<p " * 50_000, "<!--" + "x" * 1_000_000])
def test_a_page_made_to_overwhelm_does_not(html):
    text_of("<html>" + html, size=65_536)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5hkscs", "utf-16"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", ""])
def test_the_bytes_tell_the_encoding_whatever_the_page_says(tmp_path, codec, declared):
    story = STORY if codec != "big5hkscs" else "她推開門，雨聲一下子小了。"
    meta = f'<meta charset="{declared}">' if declared else ""
    page = f"<html><head>{meta}<title>雨</title></head><body>" + f"<p>{story}</p>" * 20 + "</body></html>"
    (tmp_path / "page").write_bytes(page.encode(codec))
    document = html_document(tmp_path / "page", "page.html")
    assert "".join(document.blocks) == "\n".join([story] * 20)
    assert document.title == "雨"


def test_a_page_that_is_unclear_is_read_as_it_says(tmp_path):
    page = '<html><head><meta charset="koi8-r"></head><body>' + "<p>Она открыла дверь.</p>" * 20
    (tmp_path / "page").write_bytes(page.encode("koi8-r"))
    document = html_document(tmp_path / "page", "page.html")
    assert "".join(document.blocks).startswith("Она открыла дверь.\n")
    (tmp_path / "page").write_bytes(page.replace("koi8-r", "no-such").encode("koi8-r"))
    with pytest.raises(BadText, match="encoding cannot be told"):
        html_document(tmp_path / "page", "page.html")
