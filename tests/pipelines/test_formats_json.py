"""JSON of the older scripts: valid, or with raw control characters and wrong escapes inside."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import BadText
from pipelines.formats.json_text import json_document
from pipelines.formats.json_values import Values


def text_of(tmp_path, source):
    (tmp_path / "train.json").write_text(source, encoding="utf-8", newline="")
    return "".join(json_document(tmp_path / "train.json", "train.json").blocks)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('["甲", "乙"]', "甲\n\n乙"),
        ('["甲\\n", "乙\\n"]', "甲\n乙\n"),
        ('\ufeff[ "甲\n乙\x01\x0b" ,\n]', "甲\n乙\x01\x0b"),
        (r'["a\e\d\u00e9\u12\\n\"b"]', 'a\\e\\dé\\u12\\n"b'),
        ('["甲", 1, null, "", ["乙", 2]]', "甲\n\n乙"),
        ('[{"text": "甲"}, {"content": "乙"}, {"正文": "丙"}, {"other": "丁"}]', "甲\n\n乙\n\n丙"),
        (
            '[{"title": "第一章", "content": "话说"}, {"title": "第二章", "content": "第二章\\n又"}]',
            "第一章\n\n话说\n\n第二章\n又",
        ),
        ('{"text": "甲"}\n{"text": "乙"}\n', "甲\n\n乙"),
        ('{"name": "书", "chapters": [{"title": "一", "content": "甲"}, "乙"]}', "一\n\n甲\n\n乙"),
        ('["\\ud83d\\ude00 \\ud83d"]', "😀 �"),
    ],
)
def test_texts_are_taken_out(tmp_path, source, text):
    assert text_of(tmp_path, source) == text


@pytest.mark.parametrize("source", ['["甲", "乙', '["甲", "乙"', '["甲" 乙]', '{"text": "甲"', '["a", {"b": }]', "[" * 100_000])
def test_json_that_cannot_be_read_is_a_sentence_with_its_place(tmp_path, source):
    with pytest.raises(BadText, match="cannot be read from character") as caught:
        text_of(tmp_path, source)
    assert caught.value.code == "damaged_json"


@pytest.mark.parametrize("source", ["[]", "[1, 2]", '{"a": [1]}', '[{"novel": "x"}]'])
def test_json_without_texts_is_a_sentence(tmp_path, source):
    with pytest.raises(BadText, match="without texts"):
        text_of(tmp_path, source)


@given(
    st.lists(st.one_of(st.text(), st.dictionaries(st.text(), st.text(), max_size=3), st.integers(0, 9)), max_size=9),
    st.integers(1, 9),
    st.booleans(),
)
def test_values_come_out_as_they_went_in_wherever_the_blocks_end(values, size, ascii_only):
    text = json.dumps(values, ensure_ascii=ascii_only)
    assert list(Values(text[at : at + size] for at in range(0, len(text), size))) == values


def test_a_long_string_is_looked_through_once_not_again_for_each_block():
    text = json.dumps(["字" * 3_000_000])
    [value] = Values(text[at : at + 1000] for at in range(0, len(text), 1000))
    assert len(value) == 3_000_000
