import json
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.tokenizer import FIXED_PIECES, Tokenizer
from pipelines import encode
from pipelines.command import MISTAKE
from pipelines.errors import BadSettings, BadText, BrokenArtifact
from pipelines.files import read_json, sha256_of, write_json
from tests.tiny_model import write_corpus

CHAPTERS = [
    ("黛玉道：“你又来了。”\n宝玉笑道：“我来看你。”", False),
    ("黛玉在第二回。囧", True),
    ("宝玉忙道：“你别恼。”\n\n又来了。", False),
    ("宝玉也在。\n😀", True),
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.fixture
def corpus(workspace):
    return write_corpus(workspace, CHAPTERS)


def test_every_chapter_comes_back_and_begins_with_end_of_text(corpus):
    folder = encode.encode(corpus)
    opened, tokenizer = encode.open_encoding(folder), Tokenizer.load(folder.tokenizer)
    assert tokenizer.decode(opened.train) == CHAPTERS[0][0] + CHAPTERS[2][0]
    assert [tokenizer.decode(ids) for ids in opened.valid] == [CHAPTERS[1][0], CHAPTERS[3][0]]
    assert (opened.train == opened.end_of_text).sum() == 2
    assert [ids[0] for ids in opened.valid] == 2 * [opened.end_of_text]
    assert opened.valid_characters == [len(CHAPTERS[1][0]), len(CHAPTERS[3][0])]
    opened.verify()


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chapters=st.lists(st.tuples(TEXTS, st.booleans()), max_size=6))
def test_any_corpus_comes_back_whole(workspace, chapters):
    chapters = [("甲", False), *chapters]
    folder = encode.encode(write_corpus(workspace, chapters))
    opened, tokenizer = encode.open_encoding(folder), Tokenizer.load(folder.tokenizer)
    assert tokenizer.decode(opened.train) == "".join(text for text, held_out in chapters if not held_out)
    assert [tokenizer.decode(ids) for ids in opened.valid] == [text for text, held_out in chapters if held_out]
    assert opened.valid_characters == [len(text) for text, held_out in chapters if held_out]


def test_the_vocabulary_is_learned_from_training_chapters_only(corpus):
    pieces = Tokenizer.load(encode.encode(corpus).tokenizer).pieces
    assert {"黛", "玉", "道", "来"} & set(pieces) == {"玉", "道", "来"}
    assert "在" not in pieces


def test_the_manifest_tells_what_was_made_from_what(corpus):
    folder = encode.encode(corpus)
    manifest = read_json(folder.manifest)
    assert manifest["made_from"] == {"corpus": corpus.id, "sha256": sha256_of(corpus.chapters)}
    assert manifest["sha256"]["tokenizer/tokenizer.json"] == sha256_of(folder.tokenizer / "tokenizer.json")
    assert [(chapter["title"], chapter["characters"]) for chapter in manifest["valid"]] == [("第2回", 8), ("第4回", 7)]
    assert manifest["train_tokens"] == manifest["train_characters"] + 2 + bytes_beyond(CHAPTERS)
    assert 0.5 < manifest["characters_per_token"] < 1
    assert manifest["dtype"] == "uint16"
    assert folder.train_ids.stat().st_size == 2 * manifest["train_tokens"]


def bytes_beyond(chapters):
    """Tokens more than characters in the training chapters: characters seen once are their three bytes."""
    text = "".join(text for text, held_out in chapters if not held_out)
    return 2 * sum(text.count(character) == 1 and character not in "\n" for character in text)


def test_the_ids_are_little_endian_and_wide_only_where_they_must_be(workspace):
    many = "".join(map(chr, range(0x10000, 0x20400))) * 2
    opened = encode.open_encoding(encode.encode(write_corpus(workspace, [(many, False)])))
    assert opened.manifest["dtype"] == "uint32"
    assert opened.train.dtype == np.dtype("<u4")
    assert opened.train.max() == opened.vocabulary_size - 1
    assert opened.valid == []


def test_an_encoding_that_exists_is_found_again_untouched(corpus):
    first = encode.encode(corpus)
    before = first.manifest.stat().st_mtime_ns
    assert encode.encode(corpus) == first
    assert encode.encode(corpus, "char", 10_000) == first
    assert first.manifest.stat().st_mtime_ns == before
    assert first.path.name == f"char-{read_json(first.manifest)['vocabulary_size']}"


def test_two_sizes_stand_side_by_side(corpus):
    small = encode.encode(corpus, "char", len(FIXED_PIECES) + 3)
    assert small.path.name == f"char-{len(FIXED_PIECES) + 3}"
    assert encode.encode(corpus) != small
    assert len(list(corpus.encodings.iterdir())) == 2


def test_equal_corpora_make_equal_files(workspace):
    one, two = (encode.encode(write_corpus(workspace, CHAPTERS)) for _ in range(2))
    assert read_json(one.manifest)["sha256"] == read_json(two.manifest)["sha256"]


def test_the_ids_cannot_be_written_to(corpus):
    opened = encode.open_encoding(encode.encode(corpus))
    with pytest.raises(ValueError, match="read-only"):
        opened.train[0] = 1


@pytest.mark.parametrize("kind", ["wordpiece", "sentencepiece", "words"])
def test_a_kind_of_later_says_so(corpus, kind):
    with pytest.raises(BadSettings, match="not made by this version yet"):
        encode.encode(corpus, kind)
    with pytest.raises(BadSettings, match="is no kind"):
        encode.encode(corpus, "syllables")


def test_a_corpus_with_nothing_to_train_on_is_bad_text(workspace):
    with pytest.raises(BadText, match="no training chapters"):
        encode.encode(write_corpus(workspace, [("黛玉", True)]))


def test_a_failure_leaves_no_half_encoding(corpus, monkeypatch):
    monkeypatch.setattr(Tokenizer, "save", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        encode.encode(corpus)
    assert not any(corpus.encodings.iterdir())


def test_a_changed_corpus_is_not_encoded(corpus):
    with corpus.chapters.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"novel": "n", "title": "t", "text": "黛", "held_out": False}) + "\n")
    with pytest.raises(BrokenArtifact):
        encode.encode(corpus)


@pytest.mark.parametrize("name", ["train.bin", "valid.bin", "tokenizer/tokenizer.json"])
def test_a_flipped_bit_is_found_by_verify(corpus, name):
    folder = encode.encode(corpus)
    path = folder.path / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    opened = encode.open_encoding(folder)
    with pytest.raises(BrokenArtifact, match=f"{name} of the encoding .* has changed"):
        opened.verify()


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: folder.train_ids.write_bytes(b"x"),
        lambda folder: folder.valid_ids.unlink(),
        lambda folder: folder.manifest.unlink(),
        lambda folder: write_json(folder.manifest, []),
        lambda folder: write_json(folder.manifest, read_json(folder.manifest) | {"format": 2}),
        lambda folder: write_json(folder.manifest, read_json(folder.manifest) | {"dtype": "float"}),
        lambda folder: write_json(folder.manifest, {"format": 1, "dtype": "uint16"}),
        lambda folder: write_json(folder.manifest, read_json(folder.manifest) | {"valid": []}),
    ],
)
def test_a_damaged_encoding_is_not_opened(corpus, damage):
    folder = encode.encode(corpus)
    damage(folder)
    with pytest.raises(BrokenArtifact):
        encode.open_encoding(folder)


def test_the_command_prints_what_others_rely_on(corpus, capsys):
    assert encode.main([corpus.id, "--kind", "char", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["corpus"] == corpus.id
    assert said["encoding"] == f"char-{said['vocabulary_size']}"
    assert said["kind"] == "char"
    assert set(said) == {"corpus", "encoding", "kind", "vocabulary_size", "train_tokens", "valid_tokens", "characters_per_token"}
    assert encode.main([corpus.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == said


@pytest.mark.parametrize(
    ("arguments", "why"),
    [(["--vocab-size", "5"], "at least"), (["--vocab-size", "x"], "--vocab-size"), (["--kind", "words"], "yet")],
)
def test_a_mistake_is_one_sentence(corpus, capsys, arguments, why):
    assert encode.main([corpus.id, *arguments]) == MISTAKE
    said = capsys.readouterr()
    assert why in said.err
    assert said.err.count("\n") == 1


def test_a_corpus_that_is_not_there_is_named(workspace, corpus, capsys):
    shutil.rmtree(corpus.path)
    assert encode.main(["红楼梦"]) == MISTAKE
    assert "there is no corpus '红楼梦'" in capsys.readouterr().err
