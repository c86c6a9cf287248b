import pytest

from pipelines import rules
from pipelines.errors import BrokenArtifact, NotFound
from pipelines.rules import RULES, Edit, Rule
from studio.access import ADMIN
from studio.services import cleanings as module
from studio.services.novels import Novels

NAMES = [rule.name for rule in RULES]
TEXT = "第一章\r\n　　春天。 \r\n\r\n\r\n第二章\r\n\u200b　　夏天。\r\n第三章\r\n秋天。\r\n"


@pytest.fixture
def novels(workspace):
    return Novels(workspace)


@pytest.fixture
def novel(novels, tmp_path):
    path = tmp_path / "n.txt"
    path.write_bytes(TEXT.encode())
    return novels.bring(ADMIN, path, "n.txt").id


def test_a_preview_counts_before_and_after_and_writes_nothing(novels, novel):
    preview = novels.cleanings.preview(ADMIN, novel, NAMES)
    assert preview.before == len(TEXT)
    assert preview.after < preview.before
    assert preview.chapters == ("第一章", "第二章", "第三章")
    assert preview.counts["indents"] == 2
    assert not preview.is_alarming
    assert novels.cleanings.all(ADMIN, novel) == []


def test_a_rule_that_is_off_is_counted_as_if_it_were_on(novels, novel):
    preview = novels.cleanings.preview(ADMIN, novel, [name for name in NAMES if name != "indents"])
    assert preview.counts["indents"] == 2
    assert "indents" not in preview.rules
    assert set(preview.counts) == set(NAMES)


def test_what_was_looked_at_is_remembered_and_only_the_last_few(novels, novel):
    first = novels.cleanings.preview(ADMIN, novel, NAMES)
    assert novels.cleanings.preview(ADMIN, novel, list(reversed(NAMES))) is first
    for name in NAMES:
        novels.cleanings.preview(ADMIN, novel, [name])
    assert len(novels.cleanings._previews) == module.KEPT_PREVIEWS


def test_of_long_novels_only_the_last_preview_is_remembered(novels, novel, monkeypatch):
    monkeypatch.setattr(module, "KEPT_CHARACTERS", len(TEXT))
    novels.cleanings.preview(ADMIN, novel, NAMES)
    last = novels.cleanings.preview(ADMIN, novel, [])
    assert list(novels.cleanings._previews.values()) == [last]


def test_a_cleaning_becomes_the_current_one_and_is_not_made_twice(novels, novel):
    made, is_new = novels.cleanings.apply(ADMIN, novel, NAMES)
    assert (made.number, made.rules, is_new) == (1, tuple(NAMES), True)
    assert novels.cleanings.apply(ADMIN, novel, NAMES) == (made, False)
    second, _ = novels.cleanings.apply(ADMIN, novel, [])
    assert (second.number, second.rules, second.characters) == (2, (), len(TEXT))
    assert [one.number for one in novels.cleanings.all(ADMIN, novel)] == [2, 1]


def test_an_earlier_cleaning_can_be_used_again_and_so_can_none(novels, novel):
    novels.cleanings.apply(ADMIN, novel, NAMES)
    novels.cleanings.apply(ADMIN, novel, [])
    novels.cleanings.use(ADMIN, novel, 1)
    assert novels.cleanings.current(ADMIN, novel).number == 1
    novels.cleanings.use(ADMIN, novel, None)
    assert novels.cleanings.current(ADMIN, novel) is None
    with pytest.raises(NotFound):
        novels.cleanings.use(ADMIN, novel, 9)


def test_a_report_that_is_gone_leaves_its_cleaning_out(novels, novel):
    novels.cleanings.apply(ADMIN, novel, NAMES)
    novels.workspace.novel(novel).report(1).unlink()
    assert novels.cleanings.all(ADMIN, novel) == []
    assert novels.cleanings.current(ADMIN, novel) is None


def test_a_rule_that_takes_the_story_away_raises_the_alarm(novels, novel, monkeypatch):
    greedy = Rule("greedy", False, "Take a season.", lambda text: iter([Edit("greedy", text.index("春"), "春天")]))
    monkeypatch.setattr(rules, "RULES", (greedy,))
    monkeypatch.setattr(module, "RULES", (greedy,))
    monkeypatch.setattr(rules, "BY_NAME", {"greedy": greedy})
    preview = novels.cleanings.preview(ADMIN, novel, ["greedy"])
    assert (preview.lost, preview.is_alarming) == (2, True)


def test_a_text_that_changed_behind_our_back_is_found_out(novels, novel):
    novels.workspace.novel(novel).raw_text.write_text("other", encoding="utf-8")
    with pytest.raises(BrokenArtifact):
        novels.cleanings.preview(ADMIN, novel, NAMES)
