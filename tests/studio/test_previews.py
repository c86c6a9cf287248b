"""What is written of a preview, and read again a page at a time."""

from pathlib import Path

import pytest

from pipelines import cleaning, sections
from pipelines.cleaning import Recipe, clean
from pipelines.errors import BrokenArtifact
from pipelines.folders import NovelFolder
from pipelines.ingest import ingest_file
from pipelines.rules import RULES
from pipelines.rules.own import OwnRule
from pipelines.rules.rule import Edit, Rule
from studio import preview_files
from studio.differences import after, before
from studio.preview_files import LEFT_OUT, PreviewFolder, make_preview
from studio.preview_pages import LONGEST_STRETCH, PAGE_PLACES, Preview

LAYOUT = ("newlines", "indents", "line_ends", "blank_lines")
TEXT = "".join(f"第{number}章 风雪\r\n　　这一章里有一些字，够长了，真的。 \r\n\r\n\r\n" for number in range(1, 60))


@pytest.fixture
def novel(workspace, tmp_path):
    path = tmp_path / "n.txt"
    path.write_bytes(TEXT.encode())
    return NovelFolder(workspace.novels / ingest_file(workspace, path).novels[0]["id"])


def look(novel, target, recipe):
    make_preview(novel, target, recipe, lambda share: None)
    return Preview(PreviewFolder(target), novel.raw_text, recipe)


def all_places(preview, rule=""):
    first = preview.leaf(1, rule)
    return [place for number in range(1, first.pages + 1) for place in preview.leaf(number, rule).places]


def test_the_figures_are_those_of_the_cleaning(novel, tmp_path):
    recipe = Recipe(LAYOUT)
    preview, done = look(novel, tmp_path / "p", recipe), clean(TEXT, recipe, 0, count_others=True)
    assert (preview.before, preview.after) == (len(TEXT), len(done.text))
    assert preview.edits == sum(len(stage.edits) for stage in done.stages)
    assert preview.chapter_count == len(preview.chapters) == 59
    assert {rule.name for rule in RULES} - set(LAYOUT) <= set(preview.counts)
    assert not preview.is_alarming


def test_the_pages_show_every_edit_once_and_in_order(novel, tmp_path):
    # Blank lines hold line breaks that were edited before, which belong to their place.
    recipe = Recipe(tuple(name for name in LAYOUT if name != "blank_lines"))
    preview, done = look(novel, tmp_path / "p", recipe), clean(TEXT, recipe)
    wanted = sorted((at, stage.rule) for stage in done.stages for at in stage.origins)
    assert sorted((at, rule) for place in all_places(preview) for rule, at in place.edits) == wanted
    assert [place.at for place in all_places(preview)] == sorted(place.at for place in all_places(preview))
    assert len(preview.leaf(1).places) == PAGE_PLACES


def test_a_place_tells_where_it_is_and_what_stands_around(novel, tmp_path):
    preview = look(novel, tmp_path / "p", Recipe(LAYOUT))
    for place in all_places(preview):
        shown = before(place.pieces)
        assert TEXT.find(shown, max(0, place.at - 30), place.at + len(shown) + 30) >= 0
        assert not place.cut
    last = all_places(preview)[-1]
    assert last.chapter == "第59章 风雪"
    assert last.share > 0.9


@pytest.mark.parametrize("nonsense", [None, "x", float("inf"), float("nan"), 1e300, 0, -3])
def test_a_page_that_is_none_is_the_nearest(novel, tmp_path, nonsense):
    assert look(novel, tmp_path / "p", Recipe(LAYOUT)).leaf(nonsense).number == 1
    assert look(novel, tmp_path / "q", Recipe(LAYOUT)).leaf(999).number > 1


def test_only_the_places_of_one_rule_are_shown_when_it_is_named(novel, tmp_path):
    preview = look(novel, tmp_path / "p", Recipe(LAYOUT))
    places = all_places(preview, "indents")
    assert len(places) == preview.found("indents") == 59
    assert all("indents" in {rule for rule, _ in place.edits} for place in places)
    assert preview.leaf(1, "no rule").total == 0


def test_what_is_left_out_is_shown_as_such_and_changes_nothing(novel, tmp_path):
    at = TEXT.index("　　")
    preview = look(novel, tmp_path / "p", Recipe(("indents",), kept=frozenset({("indents", at)})))
    assert preview.counts["indents"] == 58
    (place,) = all_places(preview, LEFT_OUT)
    assert (place.left_out, place.edits) == ((("indents", at),), ())
    assert after(place.pieces) == before(place.pieces)


def test_rules_of_the_writers_own_are_shown_like_others(novel, tmp_path):
    own = OwnRule("雪", "风雪", "風雪")
    preview = look(novel, tmp_path / "p", Recipe((), (own,)))
    assert preview.found("own:雪") == 59
    assert "風雪" in after(preview.leaf(1, "own:雪").places[0].pieces)


def test_a_rule_that_takes_the_story_away_is_named(novel, tmp_path):
    preview = look(novel, tmp_path / "p", Recipe((), (OwnRule("greedy", "这一章里有一些字"),)))
    assert preview.over_budget == ["own:greedy"]
    assert preview.lost["own:greedy"] == 59 * 8


def test_of_a_change_without_end_the_start_is_shown(novel, tmp_path):
    preview = look(novel, tmp_path / "p", Recipe((), (OwnRule("all", "(?s).{1500}", "", regex=True),)))
    place = preview.leaf(1).places[0]
    assert len(before(place.pieces)) == LONGEST_STRETCH
    assert place.cut > 800


def test_a_text_of_several_sections_reads_as_one(novel, tmp_path, monkeypatch):
    monkeypatch.setattr(preview_files, "sections", lambda blocks: sections.sections(blocks, 500))
    whole = look(novel, tmp_path / "w", Recipe(("indents", "newlines")))
    monkeypatch.setattr(preview_files, "sections", sections.sections)
    one = look(novel, tmp_path / "o", Recipe(("indents", "newlines")))
    assert [place.edits for place in all_places(whole, "indents")] == [place.edits for place in all_places(one, "indents")]
    for place in all_places(whole):
        assert before(place.pieces) in TEXT


def test_nothing_to_change_is_a_page_without_places(novel, tmp_path):
    preview = look(novel, tmp_path / "p", Recipe(()))
    assert (preview.leaf(1).places, preview.leaf(1).pages, preview.edits) == ((), 1, 0)


def test_a_text_that_changed_behind_our_back_is_found_out_and_leaves_nothing(novel, tmp_path):
    novel.raw_text.write_text("other", encoding="utf-8")
    with pytest.raises(BrokenArtifact):
        make_preview(novel, tmp_path / "p", Recipe(LAYOUT), lambda share: None)
    assert not Path(tmp_path / "p").exists()


def test_long_texts_are_found_by_their_characters(novel, tmp_path, monkeypatch):
    monkeypatch.setattr(preview_files, "BLOCK_BYTES", 1000)
    preview = look(novel, tmp_path / "p", Recipe(LAYOUT))
    assert preview._text(10, 40) == TEXT[10:40]
    assert preview._text(len(TEXT) - 5, len(TEXT)) == TEXT[-5:]


def taking(name, word, marks=False):
    """A rule that takes a word away, or only points it out."""

    def edits(text):
        found = text.find(word)
        while found >= 0:
            yield Edit(name, found, word, word if marks else "")
            found = text.find(word, found + len(word))

    return Rule(name, 0, True, "low", "", edits, marks)


def test_a_text_that_needs_a_second_round_reads_on_the_page_as_it_will_be(novel, tmp_path, monkeypatch):
    # Only after the third rule has taken its words away does the first one find its own.
    rules = (taking("first", "风够长"), taking("marked", "真的", marks=True), taking("third", "雪\r\n　　这一章里有一些字，"))
    for module in (cleaning, preview_files):
        monkeypatch.setattr(module, "RULES", rules)
    recipe = Recipe(("first", "marked", "third"))
    done = clean(TEXT, recipe)
    assert [stage.rule for stage in done.stages] == ["third", "first"]
    for place in all_places(look(novel, tmp_path / "p", recipe)):
        assert before(place.pieces) in TEXT
        assert after(place.pieces) in done.text


def test_what_only_marks_is_laid_into_the_round_it_ran_in(monkeypatch):
    rules = (taking("first", "ab"), taking("marked", "m", marks=True), taking("third", "x"))
    for module in (cleaning, preview_files):
        monkeypatch.setattr(module, "RULES", rules)
    for text, order in (
        ("axbm", ["marked", "third", "first"]),
        ("abxm", ["first", "marked", "third"]),
        ("abm", ["first", "marked"]),
    ):
        done = clean(text, Recipe(("first", "marked", "third")))
        assert [stage.rule for stage, _ in preview_files._in_order(done)] == order
