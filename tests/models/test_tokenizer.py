import json

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tokenizer import END_OF_TEXT, FIXED_PIECES, Tokenizer
from pipelines.errors import BadSettings, BadText, BrokenArtifact
from tests.tiny_model import TEXT
from tests.tiny_model import tokenizer as tiny

TINY = tiny()
HARD = [
    "",
    "\n",
    "\n\n　　段首\n",
    "\r\n\t\v\f\x00\x7f",
    " ",
    "  two  spaces  ",
    " 's n't . , ! ?",
    "😀🧑🏽‍🚀👨‍👩‍👧‍👦🇨🇳",
    "𠮷野家𪚥燊囧",
    "<0x41> <0xE4> <0xe4>",
    "<|endoftext|>",
    f"黛玉{END_OF_TEXT}宝玉{END_OF_TEXT}",
    "▁Ġ## [UNK] <unk>",
    "\ufeff\u200b\u200d\u2028\u3000",
    "é é Å Å",
    "\ue000\U0010ffff\ufffd",
    TEXT,
]
# No lone surrogates: no file can hold them.
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from("黛玉道：“”。\n <|>0x41E囧😀\u200d"))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    TINY.save(folder, context=32)
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2", "vocab_size": TINY.vocabulary_size, "eos_token_id": 0,
                                                    "bos_token_id": 0}), encoding="utf-8")  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def auto(saved):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(saved)


def test_the_vocabulary_is_the_fixed_pieces_and_characters_seen_twice_by_frequency():
    learned = Tokenizer.learn(["乙乙丙丙丙甲甲", "丁", "a\n"])
    assert learned.pieces == [*FIXED_PIECES, "丙", "乙", "甲"]
    assert FIXED_PIECES[0] == END_OF_TEXT
    assert learned.end_of_text == 0


def test_a_character_seen_once_in_each_of_two_texts_is_seen_twice():
    assert Tokenizer.learn(["丁", "丁"]).pieces[-1] == "丁"


@settings(deadline=None)
@given(st.permutations(["乙乙", "丙甲", "丙丁甲", "戊"]))
def test_the_order_of_the_texts_changes_nothing(texts):
    assert Tokenizer.learn(texts).pieces == Tokenizer.learn(["乙乙", "丙甲", "丙丁甲", "戊"]).pieces


def test_vocab_size_counts_everything_and_keeps_the_most_frequent():
    learned = Tokenizer.learn(["乙乙丙丙丙甲甲"], len(FIXED_PIECES) + 2)
    assert learned.pieces[len(FIXED_PIECES) :] == ["丙", "乙"]
    assert Tokenizer.learn(["乙乙丙丙丙甲甲"], 10_000).vocabulary_size == len(FIXED_PIECES) + 3


def test_a_vocab_size_too_small_names_the_minimum():
    with pytest.raises(BadSettings, match=f"vocab size must be at least {len(FIXED_PIECES)} .*, got 100"):
        Tokenizer.learn(["乙乙"], 100)


@settings(deadline=None)
@given(TEXTS)
def test_every_text_comes_back_whole(text):
    assert TINY.decode(TINY.encode(text)) == text


@pytest.mark.parametrize("text", HARD)
def test_hard_strings_come_back_whole_here_and_through_transformers(text, auto):
    ids = TINY.encode(text).tolist()
    assert TINY.decode(ids) == text
    assert auto(text)["input_ids"] == ids
    assert auto.decode(ids) == auto.decode(ids, skip_special_tokens=True) == text


@settings(deadline=None)
@given(TEXTS)
def test_ids_are_those_of_plain_transformers(auto, text):
    assert auto(text)["input_ids"] == TINY.encode(text).tolist()


@settings(deadline=None)
@given(TEXTS)
def test_ids_are_those_of_the_tokenizers_library(saved, text):
    plain = tokenizers.Tokenizer.from_file(str(saved / "tokenizer.json"))
    plain.encode_special_tokens = True
    assert plain.encode(text).ids == TINY.encode(text).tolist()


def test_no_text_makes_the_end_of_text_id(auto):
    text = f"他写道：{END_OF_TEXT}"
    assert 0 not in TINY.encode(text)
    assert 0 not in auto(text)["input_ids"]
    assert auto.eos_token_id == auto.bos_token_id == TINY.end_of_text == 0


def test_transformers_knows_the_context(auto):
    assert auto.model_max_length == 32


def test_an_unknown_character_is_its_bytes():
    assert [TINY.pieces[place] for place in TINY.encode("囧")] == ["<0xE5>", "<0x9B>", "<0xA7>"]


@pytest.mark.parametrize("text", ["\ud800", "黛玉\udfff"])
def test_half_a_surrogate_pair_is_bad_text(text):
    with pytest.raises(BadText, match="lone surrogate"):
        TINY.encode(text)
    with pytest.raises(BadText, match="lone surrogate"):
        Tokenizer.learn([text])


def test_end_of_text_is_nothing_and_broken_bytes_are_replacement_characters():
    bytes_of = TINY.ids
    assert TINY.decode([0, bytes_of["玉"], 0]) == "玉"
    assert TINY.decode([bytes_of["<0xE5>"], bytes_of["玉"]]) == "\ufffd玉"
    assert TINY.decode([bytes_of["<0x9B>"]]) == "\ufffd"


@settings(deadline=None)
@given(st.lists(st.integers(0, TINY.vocabulary_size - 1), max_size=40))
def test_ids_one_by_one_make_the_same_text_as_all_at_once(ids):
    decoder = TINY.decoder()
    pieces = [decoder.push(token) for token in ids]
    assert "".join(pieces) + decoder.finish() == TINY.decode(ids)


@settings(deadline=None)
@given(TEXTS)
def test_half_a_character_is_never_shown(text):
    decoder, shown = TINY.decoder(), ""
    for token in TINY.encode(text).tolist():
        shown += decoder.push(token)
        assert text.startswith(shown)
    assert shown == text


def test_a_saved_vocabulary_loads_as_the_same(saved):
    assert Tokenizer.load(saved).pieces == TINY.pieces


def test_a_vocabulary_beyond_uint16_has_wider_ids():
    learned = Tokenizer.learn(["".join(map(chr, range(0x10000, 0x20000))) * 2])
    assert learned.dtype is np.uint32
    assert learned.decode(learned.encode("\U0001fffe囧")) == "\U0001fffe囧"


def test_punctuation_blanks_and_parts_of_characters_are_exempt_from_the_penalty():
    exempt = {TINY.pieces[place] for place in TINY.exempt_ids}
    assert {"。", "，", "“", "”", "：", "\n", " ", ".", END_OF_TEXT, "<0xE5>", "<0x9B>"} <= exempt
    assert not {"玉", "a", "0", "<0x41>"} & exempt


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda saved: saved["model"].update(merges=[["a", "b"]]), "not a character vocabulary"),
        (lambda saved: saved["model"].update(byte_fallback=False), "not a character vocabulary"),
        (lambda saved: saved.update(model=None), "not a character vocabulary"),
        (lambda saved: saved.update(normalizer={"type": "NFKC"}), "changes its text"),
        (lambda saved: saved["model"]["vocab"].pop("<0x41>"), "ids that are not"),
        (lambda saved: saved["model"]["vocab"].update(玉="x"), "ids that are not"),
        (lambda saved: saved["model"]["vocab"].update(林黛玉=len(saved["model"]["vocab"])), "single characters"),
    ],
)
def test_another_kind_of_tokenizer_is_refused_in_one_sentence(saved, tmp_path, change, why):
    values = json.loads((saved / "tokenizer.json").read_text(encoding="utf-8"))
    change(values)
    (tmp_path / "tokenizer.json").write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(BrokenArtifact, match=why):
        Tokenizer.load(tmp_path)


@pytest.mark.parametrize(("content", "why"), [(None, "is missing"), (b"{", "JSON"), (b"\xff", "JSON"), (b"[]", "vocabulary")])
def test_a_folder_without_a_tokenizer_is_broken(tmp_path, content, why):
    if content is not None:
        (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(BrokenArtifact, match=why):
        Tokenizer.load(tmp_path)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_every_next_byte_of_a_character_may_follow_its_first_bytes(text):
    tokenizer = tiny()
    decoder = tokenizer.decoder()
    for place in tokenizer.encode(text).tolist():
        assert tokenizer.can_follow(decoder.pending)[place]
        decoder.push(place)


def test_half_a_character_is_followed_by_its_rest_only():
    tokenizer = tiny()
    following = tokenizer.can_follow("😀".encode()[:2])
    assert [tokenizer.pieces[place] for place in following.nonzero()[0]] == [f"<0x{byte:02X}>" for byte in range(0x80, 0xC0)]


def test_something_may_follow_wherever_a_character_stands():
    tokenizer = tiny()
    reached, seen = [b""], set()
    while reached:
        pending = reached.pop()
        following = [tokenizer._bytes[place] for place in tokenizer.can_follow(pending).nonzero()[0]]
        assert following, pending
        seen.add(pending)
        spellings = sorted(pending + spelling for spelling in following if spelling >= b"\x80" and len(spelling) == 1)
        # Every lead byte, then the first and the last byte that may follow: the borders are where a rule goes wrong.
        further = spellings if pending == b"" else [spellings[0], spellings[-1]]
        reached += [spelling for spelling in further if is_begun(spelling) and spelling not in seen]
    assert {len(pending) for pending in seen} == {0, 1, 2, 3}


def is_begun(spelling):
    """Whether the bytes are the beginning of a character and not a whole one."""
    try:
        spelling.decode()
    except UnicodeDecodeError:
        return True
    return False
