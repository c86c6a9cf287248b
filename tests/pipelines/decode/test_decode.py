"""Which encoding a file is in, and what is refused with a sentence."""

import contextlib
import mmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import decode as module
from pipelines.decode import Place, decode, open_text
from pipelines.errors import BadSettings, BadText, StudioError

MODERN = "她推开咖啡馆的玻璃门，雨声一下子小了。“你迟到了二十分钟。”他头也不抬地说。\n“地铁坏了。”她把湿透的围巾搭在椅背上。\n"
TAIWAN = (
    "她推開咖啡館的玻璃門，雨聲一下子小了。「你遲到了二十分鐘。」他頭也不抬地說。\n「地鐵壞了。」她把濕透的圍巾搭在椅背上。\n"
)
JAPANESE = "その夜、雨が降り始めた。彼女は傘を忘れたことに気がついた。「もう帰ろう」と兄が言った。\n遠くで電車の音が聞こえる。\n"
KOREAN = (
    "그날 밤 비가 내리기 시작했다. 그녀는 우산을 두고 온 것을 깨달았다. “돌아가자.” 오빠가 말했다.\n아무도 대답하지 않았다.\n"
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
        (JAPANESE, "cp932", "cp932"),
        (JAPANESE, "euc_jp", "euc_jp"),
        (JAPANESE, "utf-16-le", "utf-16-le"),
        (KOREAN, "cp949", "cp949"),
        (KOREAN, "utf-16-be", "utf-16-be"),
        (MODERN, "utf-32", "utf-32"),
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


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r", "iso8859_5"])
def test_other_scripts_are_asked_about_and_read_when_named(codec):
    text = "В тот вечер пошёл дождь, и она поняла, что забыла зонт." * 3
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


@pytest.mark.parametrize("mark", ["little", "big"])
def test_a_mark_tells_the_order_of_bytes(mark):
    codec = {"little": "utf-16-le", "big": "utf-16-be"}[mark]
    found = decode(("\ufeff" + MODERN).encode(codec))
    assert (found.text, found.encoding) == (MODERN, "utf-16" if mark == "little" else "utf-16-be")


def test_a_second_mark_is_left_to_the_cleaning():
    assert decode(f"\ufeff{MODERN}\ufeff{MODERN}".encode()).text == f"{MODERN}\ufeff{MODERN}"


def test_english_with_one_odd_byte_is_read():
    found = decode(b"Plain words, and many of them. " * 30 + b"\x81 The end.")
    assert found.replaced == 1
    assert found.confidence < 0.5


def test_damage_is_counted_and_listed():
    data = MODERN.encode() * 30
    found = decode(data[:300] + b"\xff\xff" + data[300:])
    place = found.text.index("\ufffd")
    assert found.replaced == 2
    assert found.places == (Place(place, "replaced", 2),)


def test_a_lost_byte_of_gb18030_costs_a_character_and_is_told():
    data = (MODERN * 30).encode("gb18030")
    found = decode(data[:1500] + data[1501:])
    assert (found.repaired, found.replaced) == (1, 1)
    repaired = next(place for place in found.places if place.kind == "repaired")
    assert "\ufffd" in found.text[repaired.at : repaired.at + repaired.length]
    assert found.text.count(MODERN[:10]) >= 29


def test_a_text_in_two_encodings_is_read_in_both():
    found = decode((MODERN * 9).encode() + (MODERN * 5).encode("gb18030"))
    assert found.text == MODERN * 14
    assert found.encodings == ("utf-8", "gb18030")
    assert found.places == (
        Place(0, "encoding", len(MODERN) * 9, "utf-8"),
        Place(len(MODERN) * 9, "encoding", len(MODERN) * 5, "gb18030"),
    )


def test_a_misreading_is_taken_back_and_told_unless_the_encoding_is_named():
    garbled = (MODERN * 5).encode("gb18030").decode("latin-1")
    found = decode(garbled.encode())
    assert (found.text, found.mended) == (MODERN * 5, "gb18030 read as latin-1")
    assert decode(garbled.encode(), "utf-8").text == garbled


def test_what_was_lost_long_ago_is_counted_and_left_alone():
    text = MODERN + "锟斤拷锟斤拷\n烫烫烫烫烫\n\ufffd\n"
    found = decode(text.encode())
    assert (found.text, found.replaced, found.lost) == (text, 0, 12)
    assert [(place.kind, place.length) for place in found.places] == [("lost", 6), ("lost", 5)]


@pytest.mark.parametrize("line", ["\n", "\r\n", ""])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be"])
def test_a_stream_gives_the_same_text_in_small_blocks(monkeypatch, tmp_path, codec, line):
    monkeypatch.setattr("pipelines.decode.reading.BLOCK_BYTES", 1001)
    monkeypatch.setattr("pipelines.decode.mixed.WINDOW_BYTES", 999)
    monkeypatch.setattr("pipelines.decode.detection.BLOCK_BYTES", 1000)
    text = ((TAIWAN if codec == "big5" else MODERN) * 60).replace("\n", line)
    path = tmp_path / "novel.txt"
    path.write_bytes(text.encode(codec))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        stream = open_text(mapped)
        blocks = list(stream.blocks())
    assert stream.encoding == codec
    assert "".join(blocks) == text
    assert len(blocks) > 5
    assert max(map(len, blocks)) <= 1001
    assert line == "" or all(block.endswith("\n") for block in blocks)
    assert stream.damage == module.Damage()


def test_a_stream_can_be_read_twice():
    stream = open_text((MODERN * 30).encode()[:-1] + b"\xff")
    assert list(stream.blocks()) == list(stream.blocks())
    assert stream.damage.replaced == 1


def test_few_of_many_places_are_listed():
    found = decode((MODERN.replace("\n", "。\xff\n") * 500).encode("utf-8").replace("\xff".encode(), b"\xff"), "utf-8")
    assert found.replaced == 1000
    assert len(found.places) == module.PLACES_LISTED


# What a writer might write: Chinese, Latin, punctuation; enough of it to be told.
SIMPLIFIED = st.text(st.sampled_from(sorted(set(MODERN))), min_size=1, max_size=60)
TRADITIONAL = st.text(st.sampled_from(sorted(set(TAIWAN))), min_size=1, max_size=60)


@given(SIMPLIFIED, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16-be", "utf-16", "utf-32"]))
def test_what_is_read_makes_the_same_bytes_again(text, codec):
    data = (MODERN + text).encode(codec)
    found = decode(data)
    assert found.text == MODERN + text
    assert found.text.encode(found.encoding) == data
    assert (found.replaced, found.repaired, found.mended) == (0, 0, "")


@given(TRADITIONAL, st.sampled_from(["big5", "big5hkscs", "cp950"]))
def test_so_do_the_kinds_of_big5(text, codec):
    data = (TAIWAN + text).encode(codec)
    found = decode(data)
    assert found.text.encode(found.encoding) == data


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.sampled_from(["gb18030", "utf-8"]))
def test_a_valid_text_in_a_named_encoding_is_never_changed(text, codec):
    data = (MODERN + text).encode(codec)
    found = decode(data, codec)
    assert found.text.encode(codec) == data
    assert (found.replaced, found.repaired) == (0, 0)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5"])
def test_a_long_novel_may_be_cut_anywhere(codec):
    text = "".join(f"{number}，{TAIWAN if codec == 'big5' else MODERN}" for number in range(900))
    data = text.encode(codec)
    for size in range(65_536, 65_541):
        found = decode(data[:size])
        assert found.encoding == codec
        assert found.replaced <= 1
        assert text.startswith(found.text.rstrip("\ufffd"))


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
