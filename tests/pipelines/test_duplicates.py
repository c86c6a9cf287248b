"""The same text twice: chapters within and across novels, editions in another script or cut elsewhere, and what is skipped."""

import json
import random

import pytest

from pipelines import duplicates as step
from pipelines.chapters.edits import keep
from pipelines.cleanings import clean_novel
from pipelines.duplicates import Pair, Share, compare, find_duplicates, tell
from pipelines.ingest import ingest
from pipelines.outline import change_outline

LETTERS = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"


def tale(seed, length=1_500):
    drawn = random.Random(seed)
    return "，".join("".join(drawn.choices(LETTERS, k=9)) for _ in range(length // 9)) + "。\n"


def changed(text, every):
    return "".join("口" if place % every == 0 else letter for place, letter in enumerate(text, start=1))


def told(novel, *texts):
    return tell(novel, [(number, f"第{number}章", text) for number, text in enumerate(texts, start=1)])


def test_chapters_that_are_the_same_or_nearly_are_told_by_novel_and_number():
    one = told("甲", tale(1), tale(2), "短。", tale(1))
    other = told("乙", tale(3), changed(tale(2), 90))
    found = find_duplicates([one, other])
    near = found.pairs[1]
    assert found.pairs == [
        Pair("甲", 1, "第1章", "甲", 4, "第4章", "exact", 1.0),
        Pair("甲", 2, "第2章", "乙", 2, "第2章", "near", near.similarity),
    ]
    assert 0.8 <= near.similarity < 1


def test_an_edition_cut_into_other_chapters_is_told_by_its_share():
    text = "".join(map(tale, range(20)))
    half = len(text) // 2
    one, other = told("甲", text), told("乙", *(text[start : start + 700] for start in range(0, half, 700)))
    found = find_duplicates([one, told("丙", tale(99)), other])
    assert [(share.a, share.b) for share in found.novels] == [("甲", "乙"), ("乙", "甲")]
    assert found.novels[0].share == pytest.approx(0.5, abs=0.05)
    assert found.novels[1].share == pytest.approx(1.0, abs=0.05)


def test_novels_that_have_nothing_in_common_and_none_at_all():
    assert find_duplicates([told("甲", tale(1)), told("乙", tale(2)), told("丙", "")]) == step.Duplicates([], [])
    assert find_duplicates([]) == step.Duplicates([], [])


def test_a_notice_in_every_novel_is_counted_in_a_crowd_too():
    novels = [told(str(n), tale(1)) for n in range(60)]
    found = find_duplicates(novels)
    assert len(found.pairs) == 59
    assert Share("0", "1", 1.0) in found.novels


@pytest.fixture
def library(workspace, tmp_path):
    def bring(title, *chapters):
        source = tmp_path / f"{title}.txt"
        source.write_text("".join(f"第{n}章\n{text}" for n, text in enumerate(chapters, start=1)), encoding="utf-8")
        return workspace.novel(ingest(workspace, [source]).novels[0]["id"])

    return bring


def run(capsys, *novels):
    assert step.main([*(novel.id for novel in novels), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_novels_are_compared_cleaned_or_not_and_in_any_script(library, capsys):
    plain = library("甲", *map(tale, range(4)))
    other = library("乙", tale(9), tale(10), tale(2).replace("张", "張").replace("余", "餘").replace("，", "\n　　"))
    clean_novel(plain)
    found = run(capsys)
    assert {key: found["pairs"][0][key] for key in ("chapter_a", "chapter_b", "kind")} in (
        {"chapter_a": 3, "chapter_b": 3, "kind": "exact"},
        {"chapter_a": 3, "chapter_b": 3, "kind": "near"},
    )
    assert len(found["pairs"]) == 1
    assert {(row["a"], row["b"]) for row in found["novels"]} == {(plain.id, other.id), (other.id, plain.id)}
    assert found["skipped"] == []
    assert run(capsys, plain, plain)["novels"] == []


def test_a_dropped_chapter_is_not_looked_at(library):
    novel = library("甲", tale(1), tale(2), changed(tale(1), 90))
    clean_novel(novel)
    assert [(pair.chapter_a, pair.chapter_b) for pair in compare([novel]).pairs] == [(1, 3)]
    change_outline(novel, 1, lambda chapters, text: keep(chapters, 3, False))
    assert compare([novel]).pairs == []


def test_a_novel_that_cannot_be_read_is_skipped_and_the_others_are_compared(library, capsys):
    texts = ([0, 1, 2], [3, 4, 5], [0, 8, 9])
    novels = [library(title, *map(tale, seeds)) for title, seeds in zip("甲乙丙", texts, strict=True)]
    novels[1].raw_text.write_text("changed", encoding="utf-8")
    found = run(capsys)
    assert [row["novel"] for row in found["skipped"]] == [novels[1].id]
    assert len(found["pairs"]) == 1


def test_many_bytes_are_read_by_processes_of_their_own(library, monkeypatch):
    novels = [library("甲", *map(tale, range(3))), library("乙", tale(7), tale(0), tale(9))]
    alone = compare(novels)
    monkeypatch.setattr(step, "ALONE_BYTES", 0)
    assert compare(novels) == alone


def test_two_editions_of_a_real_novel_are_told(workspace, novels):
    files = ("zh/hongloumeng_utf8.txt", "zh_gb/honglou_gb18030_pages_ads.txt", "zh/xiyouji_utf8bom.txt")
    brought = [workspace.novel(ingest(workspace, [novels / file]).novels[0]["id"]) for file in files]
    found = compare(brought)
    assert {(share.a, share.b) for share in found.novels} == {(a.id, b.id) for a in brought[:2] for b in brought[:2] if a != b}
    assert all(share.share > 0.4 for share in found.novels)
    assert sum(pair.novel_a != pair.novel_b for pair in found.pairs) > 10
