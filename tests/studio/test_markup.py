from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.markup import VOID, Markup, join, tag

# Characters that HTML replaces or that no page can hold are another matter than escaping.
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


class Reader(HTMLParser):
    """What a browser reads: start tags with their attributes, and the text."""

    def __init__(self, markup):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = [], ""
        self.feed(str(markup))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@given(words, words)
def test_a_novels_words_stay_words(text, value):
    read = Reader(tag("p", text, title=value))
    assert (read.tags, read.text) == ([("p", {"title": value})], text)


@given(st.lists(words))
def test_texts_side_by_side_stay_texts(texts):
    read = Reader(tag("div", join(*texts)))
    assert ([name for name, _ in read.tags], read.text) == (["div"], "".join(texts))


def test_markup_is_not_escaped_again():
    assert str(tag("p", tag("b", "<&>"), 3, " ", 2.5)) == "<p><b>&lt;&amp;&gt;</b>3 2.5</p>"


def test_nothing_is_nothing():
    assert str(join(None, "", None)) == ""
    assert str(tag("p", None, title=None, hidden=False)) == "<p></p>"
    assert str(tag("p", 0)) == "<p>0</p>"


@pytest.mark.parametrize(
    ("given_as", "written"),
    [("class_", "class"), ("for_", "for"), ("data_bundle", "data-bundle"), ("aria_label", "aria-label"), ("viewBox", "viewBox")],
)
def test_attributes_that_python_cannot_name(given_as, written):
    assert str(tag("p", **{given_as: "x"})) == f'<p {written}="x"></p>'


def test_a_true_attribute_stands_alone_and_a_number_is_written():
    assert str(tag("input", disabled=True, min=0, max=1.5)) == '<input disabled min="0" max="1.5">'


@pytest.mark.parametrize("name", sorted(VOID))
def test_void_elements_have_no_end(name):
    assert str(tag(name)) == f"<{name}>"


def test_a_string_of_html_is_text_unless_it_is_markup():
    assert str(join("<b>", Markup("<b>"))) == "&lt;b&gt;<b>"
