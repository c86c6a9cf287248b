"""GB18030 that lost or gained a byte."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.decode.realign import realigned

TEXT = (
    "她推开咖啡馆的玻璃门，雨声一下子小了，屋里的灯光是黄的，照着墙上几张旧照片，也照着他面前那杯早已凉了的茶。“你迟到了二十分钟。”"
    "他头也不抬地说，手里还翻着那本没有封面的书。“地铁坏了。”她把湿透的围巾搭在椅背上，坐了下来，过了很久才想起自己要问什么。"
)


def damage(before: str, after: str) -> int:
    most = min(len(before), len(after))
    first = next((place for place in range(most) if before[place] != after[place]), most)
    last = next((place for place in range(most - first) if before[-1 - place] != after[-1 - place]), most - first)
    return max(len(before), len(after)) - first - last


@pytest.mark.parametrize("end", ["\n", "\r\n", "", "3.\n"])
def test_a_lost_byte_costs_three_characters_at_most(end):
    data = (TEXT + end).encode("gb18030")
    for place in range(0, len(data) - 8, 3):
        text, _, read = realigned(data[:place] + data[place + 1 :])
        assert damage(TEXT + end, text) <= 3
        assert read == len(data) - 1


@pytest.mark.parametrize("byte", [0x20, 0x41, 0x80, 0xB5, 0xFF])
def test_so_does_an_added_one(byte):
    data = (TEXT + "\n").encode("gb18030")
    for place in range(1, len(data) - 8, 7):
        assert damage(TEXT + "\n", realigned(data[:place] + bytes([byte]) + data[place:])[0]) <= 4


def test_each_of_several_losses_is_mended_by_itself():
    data = (TEXT * 4 + "\n").encode("gb18030")
    places = (50, 501, 900)
    spoiled = bytes(byte for place, byte in enumerate(data) if place not in places)
    text, stretches, _ = realigned(spoiled)
    assert text.count("\ufffd") == 3
    assert 2 <= len(stretches) <= 3
    assert text.count(TEXT[-30:]) == 4
    for place, length in stretches:
        assert "\ufffd" in text[place : place + length]


def test_a_book_of_one_line_is_mended_to_its_end():
    text = TEXT * 300
    data = text.encode("gb18030")
    assert damage(text, realigned(data[:99] + data[100:])[0]) <= 3


def test_a_block_that_is_not_the_last_leaves_what_cannot_be_judged():
    data = (TEXT * 40).encode("gb18030")
    block = data[:99] + data[100:6000]
    text, _, read = realigned(block, final=False)
    rest = realigned(block[read:] + data[6000:])[0]
    assert damage(TEXT * 40, text + rest) <= 3


def test_rare_characters_are_nobodys_damage():
    chance = random.Random(1)
    rare = "".join(chr(chance.randrange(0x4E00, 0x9FA0)) for _ in range(20_000))
    private = "".join(chance.choice(["\ue5e5", "\ue000", "\ue766", "龘", "齉"]) for _ in range(2000))
    for text in (rare, private, "𠮷𠝹" * 500):
        data = text.encode("gb18030")
        assert realigned(data) == (text, [], len(data))


def test_rare_characters_that_are_cut_off_stay_as_they_are():
    text = "".join(map(chr, range(0x9000, 0x9F00)))
    assert realigned(text.encode("gb18030")[:-1]) == (text[:-1] + "\ufffd", [], len(text) * 2 - 1)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read(data, final):
    text, stretches, read = realigned(data, final)
    assert read == len(data) or not final
    assert all(place >= 0 and place + length <= len(text) for place, length in stretches)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_a_valid_text_is_read_as_it_is(text):
    assert realigned(text.encode("gb18030"))[:2] == (text, [])
