import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import workspace as workspaces
from pipelines.errors import BrokenArtifact, Conflict, NotFound
from pipelines.files import write_json


@given(st.text(max_size=200))
def test_a_slug_is_a_safe_file_name_of_letters_and_digits(title):
    made = workspaces.slug(title)
    assert 1 <= len(made) <= 40
    assert all(character.isalnum() or character == "-" for character in made)
    assert made.strip("-") == made


def test_ids_of_one_title_differ():
    assert workspaces.new_id("红楼梦") != workspaces.new_id("红楼梦")
    assert workspaces.new_id("《红楼梦》 卷一").startswith("红楼梦-卷一-")


def test_an_id_is_found_whole_or_by_an_unambiguous_part(workspace):
    for name in ("梦-00000001", "梦-00000002"):
        (workspace.novels / name).mkdir()
    assert workspace.novel("梦-00000001").id == "梦-00000001"
    assert workspace.novel("0002").id == "梦-00000002"
    with pytest.raises(NotFound, match="2 novels match"):
        workspace.novel("梦")
    with pytest.raises(NotFound, match="no novel"):
        workspace.novel("雪")


@pytest.mark.parametrize("wanted", ["..", "../..", "/etc", ".", "", "a/../b", "..\\..", "\0", "x" * 5000])
def test_no_text_leads_outside_the_workspace(workspace, wanted):
    with pytest.raises(NotFound):
        workspace.novel(wanted)


def test_a_half_written_folder_is_not_found_and_swept_when_a_day_old(workspace):
    fresh, old = (workspace.novels / f"{name}.0123abcd.partial" for name in ("fresh", "old"))
    for folder in (fresh, old):
        folder.mkdir()
    yesterday = time.time() - 2 * 24 * 3600
    os.utime(old, (yesterday, yesterday))
    workspaces.open_workspace(str(workspace.root))
    assert fresh.exists()
    assert not old.exists()
    with pytest.raises(NotFound):
        workspace.novel("fresh")


def test_a_newer_workspace_is_refused(workspace):
    write_json(workspace.root / "workspace.json", {"format": 99})
    with pytest.raises(BrokenArtifact, match="format is 99"):
        workspaces.open_workspace(str(workspace.root))


def test_a_file_in_the_place_of_the_workspace_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Conflict, match="cannot be used"):
        workspaces.open_workspace(str(tmp_path / "file"))


def test_two_runs_of_one_second_get_a_suffix(workspace, monkeypatch):
    monkeypatch.setattr(time, "strftime", lambda pattern: "20260101-000000")
    first = workspace.new_run("梦")
    first.path.mkdir()
    assert workspace.new_run("梦").id == "20260101-000000-梦-2"
