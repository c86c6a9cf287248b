from datetime import UTC, datetime

import pytest

from pipelines.errors import BadSettings, BrokenArtifact, Conflict, Forbidden, NotFound
from studio.access import ADMIN, GUEST, Visitor
from studio.services.shelf import MOST_POINTS, Shelf
from tests.small_shelf import NOVEL, RUN, damage, leave_traces, rewrite, stand

SOMEBODY = Visitor("somebody", "writer")


@pytest.fixture
def shelf(workspace):
    return Shelf(workspace)


def test_models_are_listed_newest_first_and_the_damaged_ones_with_their_reason(workspace, shelf):
    stand(workspace, "old", created="2025-01-01T00:00:00+00:00")
    stand(workspace, "new", created="2026-01-01T08:00:00+08:00")
    damage(stand(workspace, "torn"))
    torn, new, old = shelf.volumes(ADMIN)
    assert [volume.id for volume in (torn, new, old)] == ["torn", "new", "old"]
    assert isinstance(torn.trouble, BrokenArtifact)
    assert (torn.title, new.bits, new.made) == ("船到江心", 7.42, datetime(2026, 1, 1, tzinfo=UTC))
    assert new.size > new.parameters * 4


def test_a_folder_with_nothing_in_it_is_a_damaged_model(workspace, shelf):
    (workspace.bundles / "empty").mkdir()
    assert [(volume.id, volume.trouble is None) for volume in shelf.volumes(ADMIN)] == [("empty", False)]


def test_the_details_tell_what_the_model_was_made_from(workspace, shelf):
    stand(workspace)
    leave_traces(workspace)
    found = shelf.details(ADMIN, "story")
    assert (found.volume.corpus, found.novels, found.run, found.step) == ("江心集", ["船到江心", "gone-01234567"], RUN, 2)
    assert found.curve.held_out == [(0, 11.3), (2, 7.4), (4, 7.9)]
    assert [(sample.step, sample.prompt) for sample in found.samples] == [(2, "冬麦"), (2, "三月")]


def test_without_its_run_a_model_has_no_curve_and_no_sample(workspace, shelf):
    stand(workspace)
    found = shelf.details(ADMIN, "story")
    assert (found.run, found.curve.held_out, found.samples, found.novels, found.volume.corpus) == ("", [], [], [], "")


@pytest.mark.parametrize(
    "made_from", [{}, {"run": "../runs", "corpus": "..", "step": "2"}, {"run": ["x"], "corpus": 7, "step": True}]
)
def test_what_foreign_facts_name_is_looked_up_never_joined_to_a_path(workspace, shelf, made_from):
    stand(workspace, made_from=made_from)
    leave_traces(workspace)
    found = shelf.details(ADMIN, "story")
    assert (found.run, found.volume.corpus, found.samples) == ("", "", [])


def test_rows_that_are_none_and_torn_files_are_passed_over(workspace, shelf):
    stand(workspace)
    run = leave_traces(workspace)
    with run.metrics.open("a", encoding="utf-8") as file:
        file.write('{"kind": "held_out", "step": "x", "bits_per_character": 1}\n{"kind": "held_out", "step": 5}\n{"kind": "he')
    run.samples.write_text('{"step": 1}\n{"step": null, "text": "x"}\n', encoding="utf-8")
    found = shelf.details(ADMIN, "story")
    assert len(found.curve.held_out) == 3
    assert [(sample.step, sample.text) for sample in found.samples] == [(1, "")]


def test_a_long_curve_is_thinned_and_keeps_its_ends(workspace, shelf):
    stand(workspace)
    run = leave_traces(workspace)
    row = '{{"kind": "train", "step": {}, "bits_per_character": 2.0}}\n'
    run.metrics.write_text("".join(row.format(step) for step in range(5000)), encoding="utf-8")
    training = shelf.details(ADMIN, "story").curve.training
    assert (len(training), training[0][0], training[-1][0]) == (MOST_POINTS, 0, 4999)
    assert training == sorted(set(training))


def test_an_id_is_a_whole_one(workspace, shelf):
    stand(workspace)
    for wanted in ("stor", "", "../bundles/story", "story/"):
        with pytest.raises(NotFound):
            shelf.details(ADMIN, wanted)


def test_a_changed_file_is_noticed_before_a_download(workspace, shelf):
    folder = stand(workspace)
    files = {path.name for path in shelf.verified(ADMIN, "story")}
    assert files == {path.name for path in folder.iterdir()} - {"meta.json"}
    (folder / "README.md").write_text("other", encoding="utf-8")
    with pytest.raises(BrokenArtifact):
        shelf.verified(ADMIN, "story")


def test_a_new_title_is_kept_and_the_id_stays(workspace, shelf):
    stand(workspace)
    assert shelf.rename(ADMIN, "story", "  春 \n 江 ") == "春 江"
    assert [(volume.id, volume.title) for volume in shelf.volumes(ADMIN)] == [("story", "春 江")]


@pytest.mark.parametrize("title", ["", "   ", "x" * 81, "a\u202eb", "a\x00b"])
def test_a_title_that_nobody_could_read_is_refused(workspace, shelf, title):
    stand(workspace)
    with pytest.raises(BadSettings):
        shelf.rename(ADMIN, "story", title)
    assert shelf.volumes(ADMIN)[0].title == "船到江心"


def test_what_was_deleted_comes_back(workspace, shelf):
    damage(stand(workspace))
    ticket = shelf.discard(ADMIN, "story")
    assert shelf.volumes(ADMIN) == []
    assert [(title, entry.ticket) for title, entry in shelf.discarded(ADMIN)] == [("船到江心", ticket)]
    assert shelf.restore(ADMIN, ticket) == "story"
    assert [volume.id for volume in shelf.volumes(ADMIN)] == ["story"]


def test_the_name_may_be_taken_when_it_comes_back(workspace, shelf):
    folder = stand(workspace)
    ticket = shelf.discard(ADMIN, "story")
    folder.mkdir()
    with pytest.raises(Conflict):
        shelf.restore(ADMIN, ticket)


def test_others_see_what_is_shared_and_change_nothing(workspace, shelf):
    stand(workspace, "mine")
    folder = stand(workspace, "ours")
    rewrite(folder / "meta.json", shared=True)
    assert [volume.id for volume in shelf.volumes(SOMEBODY)] == ["ours"]
    for act in (shelf.discard, lambda visitor, wanted: shelf.rename(visitor, wanted, "theirs")):
        with pytest.raises(Forbidden):
            act(SOMEBODY, "ours")
    with pytest.raises(Forbidden):
        shelf.details(SOMEBODY, "mine")
    assert shelf.volumes(GUEST) == []


def test_a_shared_model_does_not_tell_of_novels_that_are_not_shared(workspace, shelf):
    rewrite(stand(workspace) / "meta.json", shared=True)
    leave_traces(workspace)
    found = shelf.details(SOMEBODY, "story")
    assert (found.volume.corpus, found.novels, found.run, found.samples) == ("", [], "", [])
    for path in (workspace.corpora, workspace.runs):
        rewrite(next(path.iterdir()) / "meta.json", shared=True)
    assert NOVEL not in shelf.details(SOMEBODY, "story").novels


def test_nobody_brings_back_what_is_not_theirs(workspace, shelf):
    stand(workspace)
    ticket = shelf.discard(ADMIN, "story")
    assert shelf.discarded(SOMEBODY) == []
    with pytest.raises(Forbidden):
        shelf.restore(SOMEBODY, ticket)
