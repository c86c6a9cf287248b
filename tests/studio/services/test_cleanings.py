import json
import threading
from dataclasses import replace

import pytest

from pipelines.cleaning import Recipe
from pipelines.errors import BadSettings, BrokenArtifact, Forbidden, NotFound
from pipelines.ingest import ingest_file
from pipelines.recipes import MOST_OWN_RULES
from pipelines.rules import DEFAULTS
from pipelines.rules.own import OwnRule
from studio.access import ADMIN, GUEST, Visitor
from studio.preview_pages import Preview
from studio.services import previews
from studio.services.cleanings import Applied
from studio.services.novels import Novels
from studio.workers import Stopped, Workers

TEXT = "第一章\r\n　　春天。 \r\n\r\n\r\n第二章\r\n\u200b　　夏天。\r\n第三章\r\n秋天。\r\n"
SNOW = OwnRule("雪", "春", "冬")


@pytest.fixture
def novels(workspace):
    return Novels(workspace)


@pytest.fixture
def cleanings(novels):
    return novels.cleanings


@pytest.fixture
def novel(workspace, tmp_path):
    return bring(workspace, tmp_path / "n.txt", TEXT)


def bring(workspace, path, text):
    path.write_bytes(text.encode())
    return ingest_file(workspace, path).novels[0]["id"]


def look(cleanings, novel):
    """The last that somebody who watches hears."""
    return list(cleanings.watch(ADMIN, novel))[-1]


def clean(cleanings, novel):
    return list(cleanings.apply(ADMIN, novel))[-1]


# ---- the recipe ----


def test_a_novel_starts_with_the_usual_rules(cleanings, novel):
    assert cleanings.recipe(ADMIN, novel) == Recipe(DEFAULTS)


def test_a_switch_stays_where_it_was_put(cleanings, novel, workspace):
    cleanings.switch(ADMIN, novel, "indents", False)
    cleanings.switch(ADMIN, novel, "to_simplified", True)
    rules = Novels(workspace).cleanings.recipe(ADMIN, novel).rules
    assert "indents" not in rules
    assert "to_simplified" in rules
    cleanings.switch(ADMIN, novel, "indents", True)
    assert "indents" in cleanings.recipe(ADMIN, novel).rules
    with pytest.raises(BadSettings):
        cleanings.switch(ADMIN, novel, "no rule", True)


def test_switches_moved_at_once_are_all_taken(cleanings, novel):
    names = DEFAULTS[:6]
    threads = [threading.Thread(target=cleanings.switch, args=(ADMIN, novel, name, False)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not set(names) & set(cleanings.recipe(ADMIN, novel).rules)


def test_single_changes_are_left_out_and_taken_back(cleanings, novel):
    at = TEXT.index("　　")
    whole = look(cleanings, novel).after
    cleanings.leave_out(ADMIN, novel, [("indents", at)], True)
    assert look(cleanings, novel).after == whole + 2
    cleanings.leave_out(ADMIN, novel, [("indents", at)], False)
    assert look(cleanings, novel).after == whole


def test_own_rules_are_added_changed_rest_and_go(cleanings, novel):
    cleanings.add_own(ADMIN, novel, SNOW)
    cleanings.add_own(ADMIN, novel, replace(SNOW, replace="雪"))
    assert [own.replace for own in cleanings.recipe(ADMIN, novel).own] == ["雪"]
    cleanings.switch(ADMIN, novel, "own:雪", False)
    assert cleanings.recipe(ADMIN, novel).own == ()
    assert [own.name for own in cleanings.resting(ADMIN, novel)] == ["雪"]
    cleanings.switch(ADMIN, novel, "own:雪", True)
    assert (len(cleanings.recipe(ADMIN, novel).own), cleanings.resting(ADMIN, novel)) == (1, [])
    cleanings.remove_own(ADMIN, novel, "雪")
    assert cleanings.recipe(ADMIN, novel).own == ()


def test_there_is_an_end_to_own_rules(cleanings, novel):
    cleanings.set_recipe(ADMIN, novel, Recipe((), tuple(OwnRule(str(n), "x") for n in range(MOST_OWN_RULES))))
    with pytest.raises(BadSettings):
        cleanings.add_own(ADMIN, novel, SNOW)


def test_rules_at_rest_that_somebody_else_wrote_are_passed_over(cleanings, novel, workspace):
    meta = workspace.novel(novel).meta
    meta.write_text(json.dumps(json.loads(meta.read_text(encoding="utf-8")) | {"resting_rules": [7]}), encoding="utf-8")
    assert cleanings.resting(ADMIN, novel) == []


def test_a_saved_recipe_serves_another_novel_and_leaves_its_single_changes_alone(cleanings, novel):
    cleanings.leave_out(ADMIN, novel, [("indents", 5)], True)
    cleanings.add_own(ADMIN, novel, SNOW)
    cleanings.save(ADMIN, novel, "我的")
    cleanings.remove_own(ADMIN, novel, "雪")
    cleanings.set_recipe(ADMIN, novel, cleanings.saved(ADMIN)["我的"])
    recipe = cleanings.recipe(ADMIN, novel)
    assert (recipe.own, recipe.kept) == ((SNOW,), {("indents", 5)})
    cleanings.forget(ADMIN, "我的")
    assert cleanings.saved(ADMIN) == {}
    with pytest.raises(NotFound):
        cleanings.find(ADMIN, "我的")


# ---- previews ----


def test_a_preview_counts_before_and_after_and_cleans_nothing(cleanings, novel):
    preview = look(cleanings, novel)
    assert preview.before == len(TEXT)
    assert preview.after < preview.before
    assert [title for title, _ in preview.chapters] == ["第一章", "第二章", "第三章"]
    assert cleanings.all(ADMIN, novel) == []


def test_a_preview_is_made_once(cleanings, novel, monkeypatch):
    look(cleanings, novel)
    monkeypatch.setattr(Workers, "run", None)
    assert isinstance(look(cleanings, novel), Preview)


def test_the_pages_of_the_last_preview_can_be_turned_while_the_next_is_made(cleanings, novel):
    assert cleanings.preview(ADMIN, novel) is None
    look(cleanings, novel)
    cleanings.switch(ADMIN, novel, "indents", False)
    assert "indents" in cleanings.preview(ADMIN, novel).recipe.rules
    look(cleanings, novel)
    assert "indents" not in cleanings.preview(ADMIN, novel).recipe.rules


def test_only_the_last_wish_for_a_novel_is_answered(cleanings, novel, monkeypatch):
    make, begun = previews.make_preview, threading.Event()

    def run(self, function, *arguments, hear, stop, seconds):
        if begun.is_set():
            return make(*arguments, hear)
        begun.set()
        stop.wait(30)
        raise Stopped

    monkeypatch.setattr(Workers, "run", run)
    first = cleanings.watch(ADMIN, novel)
    assert next(first) == 0.0
    begun.wait(30)
    cleanings.switch(ADMIN, novel, "indents", False)
    assert isinstance(look(cleanings, novel), Preview)
    assert not [one for one in first if isinstance(one, Preview)]


def test_work_on_a_preview_can_be_stopped(cleanings, novel, monkeypatch):
    def run(self, function, *arguments, hear, stop, seconds):
        stop.wait(30)
        raise Stopped

    monkeypatch.setattr(Workers, "run", run)
    watched = cleanings.watch(ADMIN, novel)
    next(watched)
    cleanings.stop(ADMIN, novel)
    with pytest.raises(Stopped):
        list(watched)


def test_only_the_last_few_previews_are_kept_and_none_of_a_novel_that_is_gone(
    cleanings, novel, novels, workspace, tmp_path, monkeypatch
):
    monkeypatch.setattr(previews, "KEPT_PREVIEWS", 2)
    for name in DEFAULTS[:4]:
        cleanings.switch(ADMIN, novel, name, False)
        look(cleanings, novel)
    assert len(list((workspace.root / "previews" / novel).iterdir())) == 2
    second = bring(workspace, tmp_path / "o.txt", TEXT + "尾")
    novels.discard(ADMIN, novel)
    look(cleanings, second)
    assert list((workspace.root / "previews" / novel).iterdir()) == []


def test_a_text_that_changed_behind_our_back_is_found_out(cleanings, novel, workspace):
    workspace.novel(novel).raw_text.write_text("other", encoding="utf-8")
    with pytest.raises(BrokenArtifact):
        look(cleanings, novel)
    workspace.novel(novel).raw_text.unlink()
    with pytest.raises(BrokenArtifact):
        look(cleanings, novel)


# ---- cleanings ----


def test_a_cleaning_becomes_the_current_one_and_is_not_made_twice(cleanings, novel):
    assert clean(cleanings, novel) == Applied(True)
    made = cleanings.current(ADMIN, novel)
    assert (made.number, made.recipe) == (1, Recipe(DEFAULTS))
    assert clean(cleanings, novel) == Applied(False)
    cleanings.set_recipe(ADMIN, novel, Recipe(()))
    assert clean(cleanings, novel) == Applied(True)
    assert [one.number for one in cleanings.all(ADMIN, novel)] == [2, 1]
    assert cleanings.current(ADMIN, novel).characters == len(TEXT)


def test_an_earlier_cleaning_comes_back_with_its_recipe_and_so_does_none(cleanings, novel):
    clean(cleanings, novel)
    cleanings.set_recipe(ADMIN, novel, Recipe(()))
    clean(cleanings, novel)
    cleanings.use(ADMIN, novel, 1)
    assert cleanings.current(ADMIN, novel).number == 1
    assert cleanings.recipe(ADMIN, novel).rules == DEFAULTS
    cleanings.use(ADMIN, novel, None)
    assert cleanings.current(ADMIN, novel) is None
    with pytest.raises(NotFound):
        cleanings.use(ADMIN, novel, 9)


def test_a_report_that_is_gone_leaves_its_cleaning_out(cleanings, novel, workspace):
    clean(cleanings, novel)
    workspace.novel(novel).report(1).unlink()
    assert cleanings.all(ADMIN, novel) == []
    assert cleanings.current(ADMIN, novel) is None


@pytest.mark.parametrize("other", [Visitor("ben", "writer"), GUEST])
def test_others_learn_and_change_nothing(cleanings, novel, other):
    for ask in (
        lambda: cleanings.recipe(other, novel),
        lambda: cleanings.resting(other, novel),
        lambda: cleanings.switch(other, novel, "indents", False),
        lambda: cleanings.leave_out(other, novel, [], True),
        lambda: cleanings.add_own(other, novel, SNOW),
        lambda: cleanings.remove_own(other, novel, "雪"),
        lambda: cleanings.set_recipe(other, novel, Recipe(())),
        lambda: cleanings.preview(other, novel),
        lambda: cleanings.watch(other, novel),
        lambda: cleanings.stop(other, novel),
        lambda: cleanings.save(other, novel, "x"),
        lambda: list(cleanings.apply(other, novel)),
    ):
        with pytest.raises(Forbidden):
            ask()
