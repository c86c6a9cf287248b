"""Which encoding a file is in, and what is refused with a sentence."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.decode import decode
from pipelines.errors import BadSettings, BadText, StudioError

MODERN = "她推开咖啡馆的玻璃门，雨声一下子小了。“你迟到了二十分钟。”他头也不抬地说。\n“地铁坏了。”她把湿透的围巾搭在椅背上。\n"
TAIWAN = (
    "她推開咖啡館的玻璃門，雨聲一下子小了。「你遲到了二十分鐘。」他頭也不抬地說。\n「地鐵壞了。」她把濕透的圍巾搭在椅背上。\n"
)
ENGLISH = "She closed the door. “You are late,” he said — and didn’t look up from the café’s only newspaper.\n"


@pytest.mark.parametrize(
    ("text", "codec", "reported"),
    [
        (MODERN, "utf-8", "utf-8"),
        (MODERN, "utf-8-sig", "utf-8-sig"),
        (MODERN, "utf-16", "utf-16"),
        (MODERN, "utf-16-le", "utf-16-le"),
        (MODERN, "utf-16-be", "utf-16-be"),
        (MODERN, "gb18030", "gb18030"),
        (MODERN, "gbk", "gb18030"),
        (TAIWAN, "big5", "big5"),
        (TAIWAN + "𠝹\n", "big5hkscs", "big5hkscs"),
        (TAIWAN, "gb18030", "gb18030"),
        (ENGLISH, "cp1252", "cp1252"),
        (ENGLISH, "utf-8", "utf-8"),
        ("Plain words.\n", "ascii", "utf-8"),
        ("Plain words, wide.\n", "utf-16-le", "utf-16-le"),
    ],
)
def test_the_content_tells_the_encoding(text, codec, reported):
    found = decode(text.encode(codec))
    assert (found.text, found.encoding, found.replaced) == (text, reported, 0)
    assert found.confidence > 0.6


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5"])
@pytest.mark.parametrize("size", [20, 60, 200])
def test_a_few_words_are_enough(codec, size):
    text = TAIWAN if codec == "big5" else MODERN
    whole = text.replace("\n", "")
    for start in range(0, len(whole) - 70, 7):
        piece = whole[start:].encode(codec)[:size].decode(codec, "ignore")
        assert decode(piece.encode(codec)).text == piece


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5"])
def test_a_cut_tail_costs_one_character(codec):
    text = (TAIWAN if codec == "big5" else MODERN) * 20
    data = text.encode(codec)
    for cut in range(1, 4):
        found = decode(data[:-cut])
        assert found.encoding == codec
        assert found.replaced <= 1
        assert text.startswith(found.text.rstrip("\ufffd"))


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5"])
@pytest.mark.parametrize("place", [50, 1001, 3000])
@pytest.mark.parametrize("damage", ["lost", "added"])
def test_one_bad_byte_does_not_hide_the_encoding(codec, place, damage):
    text = (TAIWAN if codec == "big5" else MODERN) * 60
    data = text.encode(codec)
    data = data[:place] + (b"\xff" if damage == "added" else b"") + data[place + (damage == "lost") :]
    found = decode(data)
    assert found.encoding == codec
    # No more than the line with the damage suffers.
    assert found.text.count(text[:10]) >= 58


def test_gb18030_that_lost_a_byte_early_in_one_long_line_is_still_gb18030():
    data = (MODERN.replace("\n", "") * 9).encode("gb18030")
    assert decode(data[:61] + data[62:]).encoding == "gb18030"


def test_western_text_with_odd_bytes_does_not_become_chinese():
    data = b"The caf\xe9 was na\xefve, she said; \x93no\x94, he didn\x92t agree. " * 5
    found = decode(data)
    assert found.encoding == "cp1252"
    assert found.text.startswith("The café was naïve, she said; “no”, he didn’t agree.")


def test_a_mark_that_lies_does_not_decide():
    assert decode(b"\xef\xbb\xbf" + MODERN.encode("gb18030")).text == MODERN


def test_utf8_with_a_few_bad_bytes_counts_them():
    data = (MODERN * 30).encode()
    found = decode(data[:300] + b"\xff" + data[300:])
    assert (found.encoding, found.replaced) == ("utf-8", 1)
    assert 0.99 < found.confidence < 1


def test_a_few_nuls_and_escapes_in_a_text_are_left_to_the_cleaning():
    assert decode("杨\x00过\x1b[31m".encode()).text == "杨\x00过\x1b[31m"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "only_mark"),
        (b"\xff\xfe", "only_mark"),
        (b"\xfe\xff", "only_mark"),
        (b"\x00" * 5000, "only_nuls"),
        (b" \r\n\t\n", "blank"),
        ("\u3000\u3000\n".encode("utf-16"), "blank"),
        (bytes(range(256)) * 50, "binary"),
        (b"\xff", "encoding_unclear"),
        (b"\xe4\xbd", "encoding_unclear"),
    ],
)
def test_what_holds_no_text_is_refused(data, code):
    with pytest.raises(BadText) as caught:
        decode(data)
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "a PNG picture"),
        (b"\xff\xd8\xff\xe0" + bytes(99), "a JPEG picture"),
        (b"GIF89a" + bytes(99), "a GIF picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip", "an EPUB book"),
        (b"PK\x03\x04" + bytes(26) + b"word/document.xml", "a Word document"),
        (b"PK\x03\x04" + bytes(26) + b"story.txt", "a ZIP archive"),
        (b"{\\rtf1\\ansi hello}", "an RTF document"),
        (b"MZ\x90\x00\x03" + bytes(99), "a program"),
        (b"\x7fELF\x02\x01" + bytes(99), "a program"),
        (b"SQLite format 3\x00" + bytes(99), "an SQLite database"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an old Word document"),
        (bytes(60) + b"BOOKMOBI" + bytes(9), "a Kindle book"),
    ],
)
def test_what_is_no_text_is_called_by_its_name(data, kind):
    with pytest.raises(BadText, match=kind) as caught:
        decode(data)
    assert (caught.value.code, caught.value.values) == ("not_text", {"kind": kind})


def test_a_text_that_begins_like_a_program_is_a_text():
    assert decode(b"MZ was here.\n").text == "MZ was here.\n"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("その夜、雨が降り始めた。彼女は傘を忘れたことに気がついた。遠くで電車の音が聞こえる。" * 3, "cp932"),
        ("その夜、雨が降り始めた。彼女は傘を忘れたことに気がついた。遠くで電車の音が聞こえる。" * 3, "euc_jp"),
        ("그날 밤 비가 내리기 시작했다. 그녀는 우산을 잊고 나온 것을 깨달았다." * 3, "euc_kr"),
        ("В тот вечер пошёл дождь, и она поняла, что забыла зонт." * 3, "cp1251"),
    ],
)
def test_other_scripts_are_asked_about_and_read_when_named(text, codec):
    with pytest.raises(BadText, match="encoding cannot be told") as caught:
        decode(text.encode(codec))
    assert "--encoding" in caught.value.sentence
    assert decode(text.encode(codec), codec).text == text


def test_a_named_encoding_overrides():
    data = MODERN.encode("gb18030")
    assert decode(data, "gbk") == decode(data, "GB2312")
    assert decode(data, "gbk").encoding == "gb18030"
    assert decode(b"\xef\xbb\xbfabc", "utf-8").text == "abc"
    assert decode(TAIWAN.encode("big5"), "big5").text == TAIWAN
    with pytest.raises(BadText, match="most of it is not readable"):
        decode(data, "utf-8")


def test_half_a_surrogate_pair_never_gets_out():
    assert decode(b"Well, " * 9 + b"\\ud800", "unicode_escape").text == "Well, " * 9 + "\ufffd"


@pytest.mark.parametrize("name", ["utf-9", "hex", "rot13", "undefined", "中文"])
def test_an_unknown_encoding_is_a_bad_setting(name):
    with pytest.raises(BadSettings) as caught:
        decode(MODERN.encode(), name)
    assert name in caught.value.message


@given(st.binary(max_size=80), st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfe\x00\x00"]))
def test_any_bytes_give_a_text_or_a_sentence(data, mark):
    with contextlib.suppress(StudioError):
        found = decode(mark + data)
        assert 0 <= found.confidence <= 1
        found.text.encode()


REAL = [
    ("en/tinyshakespeare.txt", "utf-8"),
    ("zh/hongloumeng_utf8.txt", "utf-8"),
    ("zh/xiyouji_utf8bom.txt", "utf-8-sig"),
    ("zh_big5/fengshenyanyi_big5.txt", "big5"),
    ("zh_big5/laocanyouji_big5hkscs.txt", "big5hkscs"),
    ("zh_gb/honglou_gb18030_pages_ads.txt", "gb18030"),
    ("zh_gb/sanguo_gbk_wrapped40.txt", "gb18030"),
]


@pytest.mark.parametrize(("name", "codec"), REAL)
def test_real_novels_are_read_whole_and_cut_anywhere(novels, name, codec):
    data = (novels / name).read_bytes()
    found = decode(data)
    assert (found.encoding, found.replaced) == (codec, 0)
    assert found.text.encode(codec) == data
    for size in range(65_536, 65_541):
        cut = decode(data[:size])
        assert cut.encoding == codec
        assert cut.replaced <= 1
