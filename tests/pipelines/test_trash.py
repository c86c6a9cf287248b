import json
import os
from datetime import UTC, datetime, timedelta
from errno import ENOSPC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import locks, trash, waiting
from pipelines.errors import Conflict, NameTaken, NotFound
from pipelines.files import read_json, write_json
from pipelines.folders import RunFolder
from pipelines.workspace import Workspace, write_meta

PLACES = ["novels/梦-01", "runs/20261121-pocket", "bundles/story", "manuscripts/local/开头-01"]


def lay(workspace, place, **meta):
    """A finished folder at this place of the workspace."""
    path = workspace.root / place
    path.mkdir(parents=True)
    (path / "text.txt").write_text("冬麦一夜没睡踏实。", encoding="utf-8")
    write_meta(path / "meta.json", "冬麦", **meta)
    return path


def age(workspace, ticket, days):
    """Let a thing in the trash have been deleted so many days ago."""
    meta = trash.find(workspace, ticket).meta
    moment = datetime.now(UTC) - timedelta(days=days)
    write_json(meta, read_json(meta) | {"deleted": moment.isoformat(timespec="seconds")})


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("place", PLACES)
def test_what_was_discarded_comes_back_as_it_was(workspace, place):
    path = lay(workspace, place)
    before = contents(path)
    ticket = trash.discard(workspace, path)
    assert (ticket, path.exists()) == (place, False)
    assert [entry.ticket for entry in trash.entries(workspace)] == [place]
    assert trash.restore(workspace, ticket) == path
    assert contents(path) == before
    assert trash.entries(workspace) == []


def test_the_moment_of_deleting_is_noted_in_utc(workspace):
    ticket = trash.discard(workspace, lay(workspace, "novels/梦-01", shared=True))
    meta = read_json(workspace.trash / ticket / "meta.json")
    assert (meta["shared"], datetime.fromisoformat(meta["deleted"]).utcoffset()) == (True, timedelta(0))


def test_a_bundle_without_meta_keeps_the_title_its_facts_give(workspace):
    path = workspace.bundles / "copied"
    path.mkdir()
    write_json(path / "bundle.json", {"format": 1, "title": "抄来的"})
    trash.restore(workspace, trash.discard(workspace, path))
    assert read_json(path / "meta.json")["title"] == "抄来的"


def test_a_damaged_meta_hinders_nobody_and_is_kept(workspace):
    path = lay(workspace, "bundles/story")
    for damage in ("{", "[]"):
        (path / "meta.json").write_text(damage, encoding="utf-8")
        trash.restore(workspace, trash.discard(workspace, path))
        assert (path / "meta.broken").read_text(encoding="utf-8") == damage
        assert read_json(path / "meta.json")["title"] == "story"


def test_a_living_run_stays(workspace):
    run = RunFolder(lay(workspace, "runs/20261121-pocket"))
    lock = locks.acquire(run.lock)
    with pytest.raises(Conflict) as caught:
        trash.discard(workspace, run.path)
    assert (caught.value.code, run.path.exists()) == ("run_alive", True)
    lock.release()
    assert trash.discard(workspace, run.path) == "runs/20261121-pocket"


def test_a_discarded_run_waits_no_more(workspace):
    run = RunFolder(lay(workspace, "runs/20261121-pocket"))
    write_json(workspace.queue, ["other", run.id])
    trash.discard(workspace, run.path)
    assert waiting.order(workspace) == ["other"]


def test_what_is_being_changed_stays(workspace):
    path = lay(workspace, "novels/梦-01")
    lock = locks.acquire(path / "lock")
    with pytest.raises(Conflict) as caught:
        trash.discard(workspace, path)
    assert caught.value.code == "in_use"
    lock.release()


def test_discarding_twice_says_that_it_is_gone(workspace):
    path = lay(workspace, "novels/梦-01")
    trash.discard(workspace, path)
    with pytest.raises(NotFound) as caught:
        trash.discard(workspace, path)
    assert caught.value.code == "not_there"


@pytest.mark.parametrize("place", ["novels", "corpora/all-01", "manuscripts/local", "trash/novels", "bundles/a.01234567.partial"])
def test_only_finished_things_can_be_discarded(workspace, place):
    path = workspace.root / place
    path.mkdir(parents=True, exist_ok=True)
    with pytest.raises(NotFound):
        trash.discard(workspace, path)
    assert path.is_dir()


@pytest.mark.parametrize(
    "ticket", ["", "novels", "novels/", "novels/梦-01/", "../novels/梦-01", "novels/../novels/梦-01", "梦-01"]
)
def test_a_ticket_is_looked_up_never_joined_to_a_path(workspace, ticket):
    trash.discard(workspace, lay(workspace, "novels/梦-01"))
    with pytest.raises(NotFound) as caught:
        trash.restore(workspace, ticket)
    assert caught.value.code == "not_in_trash"
    assert trash.find(workspace, "novels/梦-01").path.is_dir()


@given(st.text())
def test_no_ticket_brings_back_what_is_not_there(tmp_path_factory, ticket):
    with pytest.raises(NotFound):
        trash.restore(Workspace(tmp_path_factory.getbasetemp()), ticket)


@pytest.mark.parametrize("empty", [True, False])
def test_nothing_is_overwritten_by_what_comes_back(workspace, empty):
    ticket = trash.discard(workspace, lay(workspace, "bundles/story"))
    newer = workspace.bundles / "story"
    newer.mkdir() if empty else lay(workspace, "bundles/story")
    with pytest.raises(NameTaken):
        trash.restore(workspace, ticket)
    assert (workspace.trash / ticket / "text.txt").exists()


def test_two_of_one_name_both_fit(workspace):
    tickets = [trash.discard(workspace, lay(workspace, "bundles/story")) for _ in range(2)]
    assert tickets == ["bundles/story", "bundles/story-2"]
    assert [trash.restore(workspace, ticket).name for ticket in tickets] == ["story", "story-2"]


def test_a_new_bundle_leaves_the_name_of_a_deleted_one_free(workspace):
    ticket = trash.discard(workspace, lay(workspace, "bundles/story"))
    assert workspace.new_bundle("story").name == "story-2"
    trash.restore(workspace, ticket)


def test_after_thirty_days_it_is_gone_for_good(workspace):
    old, young = (trash.discard(workspace, lay(workspace, place)) for place in PLACES[::3])
    age(workspace, old, 31)
    age(workspace, young, 29)
    assert trash.sweep(workspace) == [old]
    assert [entry.ticket for entry in trash.entries(workspace)] == [young]
    assert not any((workspace.trash / "novels").iterdir())
    assert trash.sweep(workspace, days=0) == [young]


def test_what_lies_there_undated_gets_its_thirty_days(workspace):
    lay(workspace, "trash/novels/by-hand")
    assert trash.sweep(workspace) == []
    age(workspace, "novels/by-hand", 31)
    assert trash.sweep(workspace) == ["novels/by-hand"]


@pytest.mark.parametrize("deleted", [None, 7, "yesterday", ["2020"]])
def test_a_date_that_is_none_removes_nothing(workspace, deleted):
    ticket = trash.discard(workspace, lay(workspace, "novels/梦-01"))
    meta = workspace.trash / ticket / "meta.json"
    meta.write_text(json.dumps({"deleted": deleted}), encoding="utf-8")
    assert trash.sweep(workspace) == []
    assert trash.find(workspace, ticket).deleted is not None


def test_a_sweep_that_was_killed_is_finished_by_the_next(workspace):
    half = lay(workspace, "trash/bundles/story.01234567.partial")
    assert trash.entries(workspace) == []
    trash.sweep(workspace)
    assert not half.exists()


def test_a_full_disk_keeps_nobody_from_deleting(workspace, monkeypatch):
    path = lay(workspace, "bundles/story")

    def full(*_):
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    monkeypatch.setattr("pipelines.workspace.write_json", full)
    ticket = trash.discard(workspace, path)
    monkeypatch.undo()
    assert trash.find(workspace, ticket).deleted is None
    assert trash.restore(workspace, ticket) == path
