"""Which encoding bytes are in, and what a person is asked when that is unclear."""

import pytest

from pipelines.decode.detection import detect, guesses, score
from pipelines.decode.legibility import legibility, likeliest
from pipelines.errors import BadText

CHINESE = "她推开门，雨声一下子小了。“你迟到了。”他头也不抬地说。窗外的路灯一盏一盏地灭了，街上再没有一个人。\n"
JAPANESE = "その夜、雨が降り始めた。彼女は傘を忘れたことに気がついた。遠くで電車の音が聞こえる。窓の外の街灯が消えた。\n"
KOREAN = "그날 밤 비가 내리기 시작했다. 그녀는 우산을 두고 온 것을 깨달았다. 멀리서 막차 소리가 들려왔다.\n"


@pytest.mark.parametrize(
    ("text", "codec"),
    [(CHINESE, "gb18030"), (JAPANESE, "cp932"), (JAPANESE, "euc_jp"), (KOREAN, "cp949")],
)
@pytest.mark.parametrize("size", [20, 40, 90])
def test_chinese_japanese_and_korean_are_not_taken_for_each_other(text, codec, size):
    for start in range(0, 12, 3):
        data = text[start:].encode(codec)[:size].decode(codec, "ignore").encode(codec)
        assert detect(data).codec == codec


@pytest.mark.parametrize("codec", ["gb18030", "cp932", "euc_jp", "cp949", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("place", [20, 301, 900])
def test_a_lost_byte_does_not_hide_the_encoding(codec, place):
    text = {"cp932": JAPANESE, "euc_jp": JAPANESE, "cp949": KOREAN}.get(codec, CHINESE)
    data = (text * 12).encode(codec)
    assert detect(data[:place] + data[place + 1 :]).codec == codec


def test_chinese_with_some_kana_is_chinese():
    assert detect((CHINESE + "店名写着“猫の家”，旁边画着一只猫。\n").encode("gb18030")).codec == "gb18030"


def test_rare_characters_lower_the_confidence():
    common, rare = (detect((text * 9).encode("gb18030")).confidence for text in (CHINESE, CHINESE + "魑魅魍魉饕餮"))
    assert 0.5 < rare < common


def test_random_bytes_above_ascii_are_unclear_and_controls_are_binary():
    with pytest.raises(BadText) as caught:
        detect(bytes(range(128, 256)) * 9)
    assert caught.value.code == "encoding_unclear"
    with pytest.raises(BadText) as caught:
        detect(bytes(range(256)) * 9)
    assert caught.value.code == "binary"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-be", "cp932", "cp949"])
def test_the_best_guess_is_the_text_itself(codec):
    text = {"cp932": JAPANESE, "cp949": KOREAN}.get(codec, CHINESE) * 9
    found = guesses(text.encode(codec))
    assert (found[0].encoding, found[0].sample) == (codec, text[:200])
    assert len({guess.sample for guess in found}) == len(found) == 3
    assert found[0].confidence > found[1].confidence >= found[2].confidence


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r"])
def test_russian_is_among_the_guesses(codec):
    text = "В тот вечер пошёл дождь, и она поняла, что забыла зонт. "
    assert guesses(text.encode(codec))[0].encoding == codec


def test_a_guess_is_made_of_anything():
    for data in (b"", b"\xff", b"\x00", bytes(range(256))):
        assert all(0 <= guess.confidence <= 1 for guess in guesses(data))


def test_a_reading_that_swallows_all_that_is_not_ascii_counts_nothing():
    assert score(b"\xe4", "utf-8") == 0


def test_every_script_is_most_legible_as_itself():
    for text, script in ((CHINESE, "zh"), (JAPANESE, "ja"), (KOREAN, "ko")):
        assert legibility(text, script) == likeliest(text) > 0.6
