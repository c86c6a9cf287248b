"""The command `outline`: edits are kept beside a cleaning, come along to the next one, and can all be taken back."""

import json

import pytest

from pipelines import outline as step
from pipelines.assemble import read_chapters as corpus_chapters
from pipelines.chapters import Chapter
from pipelines.cleaning import Recipe
from pipelines.cleanings import clean_novel, read_cleaning, use_cleaning
from pipelines.errors import BrokenArtifact
from pipelines.files import read_json, sha256_of, write_json
from pipelines.ingest import ingest
from pipelines.outlines import outline_sha256, read_chapters
from pipelines.prepare import prepare

TITLES = ["第一章 风", "第二章 雨", "第四章 月"]


@pytest.fixture
def novel(workspace, tmp_path):
    source = tmp_path / "书.txt"
    rows = [
        row
        for title in TITLES
        for row in (title, *(f"　　说到{title[-1]}的第{n}件事，人人都说{n * 7919}回。" for n in range(30)))
    ]
    source.write_text("\n".join(rows) + "\n", encoding="utf-8")
    made = workspace.novel(ingest(workspace, [source]).novels[0]["id"])
    clean_novel(made)
    return made


@pytest.fixture
def outline(novel, capsys):
    def call(*flags):
        code = step.main([novel.id, *map(str, flags), "--json"])
        out, err = capsys.readouterr()
        return (code, json.loads(out) if out else None, err)

    return call


def titles(result):
    return [(row["title"], row["kept"]) for row in result[1]["chapters"]]


def test_without_edits_the_chapters_found_are_listed_with_their_flaws(novel, outline):
    code, listed, _ = outline()
    assert code == 0
    assert (listed["novel"], listed["cleaning"]) == (novel.id, 1)
    assert [row["title"] for row in listed["chapters"]] == TITLES
    assert [row["number"] for row in listed["chapters"]] == [1, 2, 3]
    assert sum(row["characters"] for row in listed["chapters"]) == len(read_cleaning(novel).text)
    assert listed["flaws"] == [{"kind": "missing", "first": 3, "last": 3, "place": 2, "volume": 0}]
    assert not novel.outlines.exists()


def test_edits_are_kept_beside_the_cleaning_and_can_be_taken_back(novel, outline):
    found = novel.chapters(1).read_bytes()
    assert titles(outline("--split", 5, "--title", "起"))[:2] == [("第一章 风", True), ("起", True)]
    assert titles(outline("--merge", 4))[-1] == ("第二章 雨", True)
    assert titles(outline("--rename", 1, "--title", "开头"))[0] == ("开头", True)
    assert titles(outline("--drop", 2))[1] == ("起", False)
    assert titles(outline("--keep", 2))[1] == ("起", True)
    kept = read_json(novel.outline(1))
    assert (kept["format"], kept["cleaning"], kept["clean_sha256"]) == (1, 1, sha256_of(novel.clean_text(1)))
    assert [chapter.title for chapter in read_cleaning(novel).chapters] == ["开头", "起", "第二章 雨"]
    assert outline_sha256(novel, 1) == sha256_of(novel.outline(1)) == read_cleaning(novel).outline
    assert novel.chapters(1).read_bytes() == found
    assert titles(outline("--reset")) == [(title, True) for title in TITLES]
    assert outline_sha256(novel, 1) is None


def test_the_last_edit_can_be_taken_back_once_even_a_reset(novel, outline):
    outline("--rename", 1, "--title", "开头")
    outline("--drop", 2)
    assert titles(outline("--undo")) == [("开头", True), *((title, True) for title in TITLES[1:])]
    outline("--reset")
    assert titles(outline("--undo"))[0] == ("开头", True)
    code, nothing, sentence = outline("--undo")
    assert (code, nothing) == (2, None)
    assert "take back" in sentence


def test_taking_the_only_edit_back_leaves_no_outline(novel, outline):
    outline("--drop", 2)
    outline("--undo")
    assert outline_sha256(novel, 1) is None


def test_an_edit_that_changes_nothing_is_none_to_take_back(novel, outline):
    outline("--rename", 1, "--title", "开头")
    outline("--keep", 1)
    assert titles(outline("--undo"))[0] == (TITLES[0], True)


@pytest.mark.parametrize(
    "flags",
    [
        ("--undo",),
        ("--merge", 1),
        ("--merge", 9),
        ("--rename", 1),
        ("--split", 1),
        ("--split", 9_999),
        ("--drop", 0),
        ("--title", "题"),
        ("--drop", 1, "--keep", 1),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_changes_nothing(novel, outline, flags):
    code, nothing, sentence = outline(*flags)
    assert (code, nothing) == (2, None)
    assert sentence.count("\n") == 1
    assert not novel.outlines.exists()


def test_an_uncleaned_novel_is_told_to_be_cleaned(novel, outline):
    use_cleaning(novel, None)
    code, _, sentence = outline()
    assert code == 2
    assert "pipelines.clean" in sentence


def test_edits_come_along_to_the_next_cleaning(novel, outline):
    outline("--drop", 2)
    report = clean_novel(novel, Recipe(rules=("newlines",)))
    assert report["lost_edits"] == 0
    assert [chapter.kept for chapter in read_chapters(novel, 2)] == [True, False, True]
    assert [chapter.kept for chapter in read_chapters(novel, 1)] == [True, False, True]
    clean_novel(novel)
    assert [chapter.kept for chapter in read_cleaning(novel).chapters] == [True, False, True]


def test_an_outline_of_another_text_is_refused(novel, outline):
    outline("--drop", 2)
    write_json(novel.outline(1), read_json(novel.outline(1)) | {"clean_sha256": "0"})
    with pytest.raises(BrokenArtifact, match="another text"):
        read_cleaning(novel)
    assert outline("--drop", 1)[0] == 2
    # The next cleaning goes on without it, and resetting helps.
    assert outline("--reset")[0] == 0
    assert read_cleaning(novel).outline is None


def test_a_dropped_chapter_is_not_trained_on(workspace, novel, outline):
    first, _ = prepare(workspace, [novel.id])
    outline("--drop", 2)
    second, _ = prepare(workspace, [novel.id])
    assert second != first
    assert [chapter.title for chapter in corpus_chapters(second)] == [TITLES[0], TITLES[2]]
    assert read_json(second.manifest)["made_from"][0]["outline"] == outline_sha256(novel, 1)
    assert prepare(workspace, [novel.id])[0] == second
    outline("--reset")
    assert prepare(workspace, [novel.id])[0] == first


def test_chapters_written_before_they_could_be_dropped_are_kept(novel):
    chapters = read_json(novel.chapters(1))
    for chapter in chapters["chapters"]:
        del chapter["kept"]
    write_json(novel.chapters(1), chapters)
    assert all(isinstance(chapter, Chapter) and chapter.kept for chapter in read_chapters(novel, 1))


@pytest.mark.parametrize(
    "chapters",
    [None, 3, {}, [], [1], [{"foo": 1}], [{"title": 1, "start": "a", "end": None}], [{"title": "x", "start": 5, "end": 9}]],
)
def test_an_outline_that_lists_no_chapters_is_a_sentence_and_stops_no_cleaning(novel, outline, chapters):
    outline("--drop", 2)
    for path in (novel.outline(1), novel.former_outline(1)):
        write_json(path, read_json(path) | {"chapters": chapters})
    assert outline()[0] == 2
    assert outline("--undo")[0] == 2
    assert clean_novel(novel)["lost_edits"] == 0


def test_a_cleaning_whose_text_is_gone_stops_no_other(novel, outline):
    outline("--drop", 2)
    novel.clean_text(1).unlink()
    assert outline()[0] == 2
    assert clean_novel(novel)["cleaning"] == 2
    assert read_json(novel.meta)["cleaning"] == 2
