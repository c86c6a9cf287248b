"""Text that was read in a wrong encoding and saved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.decode.mojibake import diagnose, lost_for_good, mend

SIMPLIFIED = "她推开门，雨声一下子小了。“你迟到了。”他头也不抬地说。\n窗外的路灯一盏一盏地灭了，街上再没有一个人。\n"
TRADITIONAL = "她推開門，雨聲一下子小了。「你遲到了。」他頭也不抬地說。\n窗外的路燈一盞一盞地滅了，街上再沒有一個人。\n"
ENGLISH = "“You are late,” he said — and didn’t look up from the café’s paper.\n"


@pytest.mark.parametrize(
    ("text", "true", "wrong"),
    [
        (SIMPLIFIED, "utf-8", "latin-1"),
        (SIMPLIFIED, "gb18030", "latin-1"),
        (TRADITIONAL, "big5hkscs", "latin-1"),
        (ENGLISH, "utf-8", "latin-1"),
        (TRADITIONAL, "big5hkscs", "gb18030"),
        ("他们说好了明天一早就走，到时候谁也不许迟到。\n", "gb18030", "big5hkscs"),
    ],
)
def test_a_misreading_is_taken_back(text, true, wrong):
    garbled = (text * 9).encode(true).decode(wrong, "ignore")
    pair = diagnose(garbled)
    assert str(pair) == f"{true} read as {wrong}"
    assert mend(garbled, pair) == text * 9


def test_windows_1252_is_taken_for_latin_1_as_programs_do():
    garbled = "".join(
        bytes([byte]).decode("cp1252") if byte not in b"\x81\x8d\x8f\x90\x9d" else chr(byte) for byte in SIMPLIFIED.encode()
    )
    assert mend(garbled, diagnose(garbled)) == SIMPLIFIED


@pytest.mark.parametrize(
    "text",
    [
        SIMPLIFIED,
        TRADITIONAL,
        ENGLISH,
        "Ce soir-là, il commença à pleuvoir ; « où est-elle ? » demanda-t-il, fâché.\n",
        "Đêm đó trời bắt đầu mưa, cô nhận ra mình đã quên ô.\n",
        "В тот вечер пошёл дождь, и она поняла, что забыла зонт.\n",
        "その夜、雨が降り始めた。\n",
        "그날 밤 비가 내리기 시작했다.\n",
        "魑魅魍魉饕餮貔貅\n",
        "Plain words.\n",
        "",
    ],
)
def test_a_sound_text_is_left_alone(text):
    assert diagnose(text) is None
    assert diagnose(text * 40) is None


def test_what_did_not_survive_is_not_mended_by_halves():
    assert diagnose(SIMPLIFIED.encode().decode("gb18030", "replace") * 9) is None


def test_a_line_that_does_not_come_from_the_mistake_stays():
    garbled = SIMPLIFIED.encode("gb18030").decode("latin-1")
    assert mend(garbled + "好\n", diagnose(garbled * 9)) == SIMPLIFIED + "好\n"


def test_what_is_lost_for_good_is_found():
    assert lost_for_good("说：锟斤拷锟斤拷锟。烫烫烫烫！") == [(2, 7), (10, 4)]
    assert lost_for_good("水很烫，烫烫！") == []


@given(st.text(max_size=100))
def test_any_text_can_be_judged(text):
    pair = diagnose(text)
    assert pair is None or isinstance(mend(text, pair), str)
