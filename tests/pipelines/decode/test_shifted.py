"""UTF-16 that lost or gained a byte."""

import pytest

from pipelines.decode import decode
from pipelines.decode.shifted import first_shift

TEXT = "她推开咖啡馆的玻璃门，雨声一下子小了。“你迟到了二十分钟。”他头也不抬地说。\n“地铁坏了。”她说。\n"
KOREAN = "그날 밤 비가 내리기 시작했다. 그녀는 우산을 두고 온 것을 깨달았다.\n"
RUSSIAN = "В тот вечер пошёл дождь, и она поняла, что забыла зонт.\n"
PLAIN = "She closed the door and looked up from the only newspaper in the house.\n"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("text", [TEXT, KOREAN])
@pytest.mark.parametrize("place", [51, 3000, 20_001])
def test_a_lost_byte_costs_two_characters(codec, text, place):
    whole = text * 400
    data = whole.encode(codec)
    found = decode(data[:place] + data[place + 1 :])
    assert found.text[-1000:] == whole[-1000:]
    assert found.text[: place // 2 - 4] == whole[: place // 2 - 4]
    assert abs(len(found.text) - len(whole)) <= 1
    assert (found.replaced, found.repaired) == (1, 1)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_an_added_byte_costs_nothing_but_a_mark(codec):
    data = (TEXT * 400).encode(codec)
    found = decode(data[:5001] + b"\x7f" + data[5001:])
    assert found.text.count(TEXT) >= 399


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [TEXT, KOREAN, RUSSIAN, PLAIN, "魑魅魍魉饕餮貔貅𠮷", "\ue000好好。", "\u0104\u4e01"])
def test_a_sound_text_is_not_touched(codec, text):
    data = (text * 700).encode(codec)
    assert first_shift(data, codec) is None
    assert decode(data, codec).text == text * 700
