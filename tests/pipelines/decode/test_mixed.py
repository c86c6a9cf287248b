"""Files that hold more than one encoding."""

import pytest

from pipelines.decode import decode
from pipelines.decode.mixed import Part, parts

TEXT = "她推开咖啡馆的玻璃门，雨声一下子小了。“你迟到了二十分钟。”他头也不抬地说。\n“地铁坏了。”她说。\n\n"
TAIWAN = "她推開咖啡館的玻璃門，雨聲一下子小了。「你遲到了二十分鐘。」他頭也不抬地說。\n「地鐵壞了。」她說。\n\n"


@pytest.mark.parametrize("times", [(9, 9), (300, 3), (3, 300), (900, 900)])
@pytest.mark.parametrize(
    ("first", "second"), [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("utf-8", "big5hkscs"), ("utf-8", "utf-8-sig")]
)
def test_two_novels_in_one_file_are_both_read(first, second, times):
    one, other = TEXT * times[0], (TAIWAN if "big5" in second else TEXT) * times[1]
    found = decode(one.encode(first) + other.encode(second))
    assert found.text.replace("\ufeff", "") == one + other
    assert len(found.encodings) == (1 if second == "utf-8-sig" else 2)


@pytest.mark.parametrize("times", [(1500, 1500), (3000, 300)])
def test_simplified_and_traditional_chinese_in_one_file_are_told_apart(times):
    found = decode((TEXT * times[0]).encode("gb18030") + (TAIWAN * times[1]).encode("big5"))
    assert found.text == TEXT * times[0] + TAIWAN * times[1]
    assert found.encodings == ("gb18030", "big5hkscs")


def test_a_line_that_somebody_appended_is_read():
    text, line = TEXT * 50, "更多精彩小说请访问本站，手机用户请到阅读\n"
    found = decode(text.encode() + line.encode("gb18030"))
    assert (found.text, found.encoding, found.encodings) == (text + line, "utf-8", ("utf-8", "gb18030"))


def test_a_novel_that_was_appended_without_a_newline_is_read():
    text = (TEXT * 9).rstrip()
    assert decode(text.encode() + TEXT.encode("gb18030")).text == text + TEXT
    assert decode((text * 9).encode("gb18030") + ("第二章\n" + TEXT).encode()).text == text * 9 + "第二章\n" + TEXT


def test_short_lines_around_belong_to_their_neighbours():
    tail = "第二章\n\n好。\n\n他推开门，雨声一下子小了许多。\n完。\n"
    assert decode((TEXT * 30).encode("gb18030") + tail.encode()).text == TEXT * 30 + tail


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5hkscs"])
def test_a_file_of_one_encoding_is_one_part(codec):
    data = ((TAIWAN if codec == "big5hkscs" else TEXT) * 50).encode(codec)
    assert parts(data, 0, codec) == [Part(0, len(data), codec)]
    assert parts(data + b"\xff\xff\xff\xff", 0, codec) == [Part(0, len(data) + 4, codec)]


def test_damage_is_no_other_encoding():
    data = bytearray((TEXT * 50).encode())
    for place in range(100, len(data), 700):
        data[place] = 0xFF
    assert decode(bytes(data)).encodings == ("utf-8",)
