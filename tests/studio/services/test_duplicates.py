import pytest

from pipelines.chapters.edits import keep
from pipelines.cleanings import clean_novel
from pipelines.errors import StudioError
from pipelines.ingest import ingest_file
from pipelines.outline import change_outline
from studio.access import ADMIN, GUEST, Visitor
from studio.services import duplicates as module
from studio.services.duplicates import Twice
from studio.services.trainings import Trainings

TEXT = "".join(
    f"第{number}章\n" + "".join(f"{number}月{day}日，他在{number * day}号门前等了{day * 7}个人。\n" for day in range(1, 40))
    for number in range(1, 8)
)


@pytest.fixture
def novels(workspace, tmp_path):
    """The ids of two novels that are the same."""
    made = []
    for title in ("甲", "乙"):
        path = tmp_path / f"{title}.txt"
        path.write_text(TEXT + title, encoding="utf-8")
        made.append(ingest_file(workspace, path, title=title).novels[0]["id"])
        clean_novel(workspace.novel(made[-1]))
    return made


@pytest.fixture
def compared(monkeypatch):
    """How many novels each comparison was of."""
    counts = []

    def run(function, novels):
        counts.append(len(novels))
        return function(novels)

    monkeypatch.setattr(module, "run_step", run)
    return counts


@pytest.fixture
def twice(workspace, compared):
    return Twice(workspace, Trainings(workspace).novels)


def look(twice, novels, visitor=ADMIN):
    return list(twice.watch(visitor, novels))[-1]


def test_novels_that_are_the_same_are_found_with_their_titles(twice, novels):
    repeats = look(twice, novels)
    assert {share.share for share in repeats.found.novels} == {1.0}
    assert len(repeats.found.pairs) == 7
    assert set(repeats.titles.values()) == {"甲", "乙"}
    assert look(twice, novels[:1]).is_nothing


def test_the_same_novels_are_compared_once_until_one_is_another(twice, novels, workspace, compared):
    for asked in (novels, novels[::-1], [*novels, novels[0]]):
        look(twice, asked)
    assert compared == [2]
    change_outline(workspace.novel(novels[0]), 1, lambda chapters, text: keep(chapters, 1, False))
    assert len(look(twice, novels).found.pairs) == 6
    clean_novel(workspace.novel(novels[1]))
    look(twice, novels)
    assert compared == [2, 2, 2]


def test_without_a_novel_nothing_is_compared(twice, novels, compared):
    for asked in ([], ["gone"], [None, 1, ["x"]]):
        assert look(twice, asked).is_nothing
    assert compared == []


@pytest.mark.parametrize("visitor", [Visitor("bob", "writer"), GUEST])
def test_novels_of_others_are_passed_over(twice, novels, visitor, compared):
    assert look(twice, novels, visitor).titles == {}
    assert compared == []


def test_work_that_fails_has_found_nothing_and_is_tried_again(twice, novels, monkeypatch):
    def die(function, novels):
        raise StudioError("step_died", "the work was killed", "try again")

    run = module.run_step
    monkeypatch.setattr(module, "run_step", die)
    assert look(twice, novels).is_nothing
    monkeypatch.setattr(module, "run_step", run)
    assert not look(twice, novels).is_nothing


def test_only_the_last_answers_are_kept(twice, novels, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 1)
    for asked in (novels, novels[:1], novels[1:]):
        look(twice, asked)
    assert len(twice._known) == 1
