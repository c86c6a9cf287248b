"""Tags, entities and scraps of scripts go, and what an author put in angle brackets stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rules import BY_NAME
from pipelines.rules.rule import unpatched


def only(rule, text):
    cleaned, edits = BY_NAME[rule].apply(text)
    assert unpatched(cleaned, edits) == text
    assert BY_NAME[rule].apply(cleaned) == (cleaned, [])
    return cleaned


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("&nbsp;&nbsp;她<br/>", "\xa0\xa0她\n"),
        ("<p>一</p><p>&ldquo;二&rdquo;</p>", "\n一\n\n“二”\n"),
        ("&#x4e00;&#20108;&lt;三&gt;", "一二<三>"),
        ('<div class="c" id=x>好<B>的</B><IMG SRC="a.png" /></div>', "\n好的\n"),
        ("<!-- a > b -->一<script>var x = '<p>';</script>二<style>p{}</style>", "一二"),
        ("&amp;amp;nbsp;&amp;lt;br&amp;gt;&hellip;", "\xa0\n…"),
        ("&zwnj;&#0;&#1;&#13;&shy;&AMP;x", "\ufffd\n&x"),
    ],
)
def test_markup_becomes_what_it_shows(dirty, cleaned):
    assert only("markup", dirty) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "<三> <四> <五> 《<>》 <*> <-> <第一章>",
        "AT&T; &unknown; &; R&D; Q&A;",
        "a<b and c>d, x<i and y>z, p<a or b>c",
        "他写了 &amp; 两次，又写了 <b>。",
        "<作者> <李白> <p",
    ],
)
def test_what_is_no_markup_stays(text):
    assert only("markup", text) == text


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("正文readx();完", "正文完"),
        ("chapter_content();正文", "正文"),
        ("c_t;正文7017k", "正文"),
        ("正文document.write('x');$('#a').hide();", "正文"),
        ("show_htm2()style_tm();", ""),
        ("正文。<br/>", "正文。"),
        ('<div class="ad">正文</div>', "正文"),
        ("正文&nbsp;&nbsp;正文", "正文正文"),
        ("var ad = 1;\n正文", "\n正文"),
        ("[img]正文[/img]", "正文"),
    ],
)
def test_remnants_of_scripts_go(dirty, cleaned):
    assert only("remnants", dirty) == cleaned


@pytest.mark.parametrize(
    "text",
    ["他说f()没有用", "17017k 7017km", "print(a); call(1, 2);", "abc_t;", "（）；", "readx", "他写<br>换行", "if (雨) 停;"],
)
def test_code_that_a_story_speaks_of_stays(text):
    assert only("remnants", text) == text


@given(
    st.lists(
        st.sampled_from(["<p>", "<", ">", "&amp;", "&lt;", "br", "/", "amp;", "nbsp;", "&", "#", "60;", "p", "一", "\n"]),
        max_size=30,
    )
)
def test_escapes_in_escapes_settle(pieces):
    only("markup", "".join(pieces))


@given(
    st.lists(
        st.sampled_from(["readx", "();", "read", "x", "c_t;", "7017k", "(", ")", "一", "c", "_t;", "$('#a').", "hide"]),
        max_size=30,
    )
)
def test_remnants_in_remnants_settle(pieces):
    only("remnants", "".join(pieces))
