"""Naming a folder means the files in it."""

import os

import pytest

from pipelines.walk import files_in


def made(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_files_come_once_and_by_name(tmp_path):
    folder = made(tmp_path / "书", "b.txt", "a.txt", "c/d.txt", ".x", ".h/y", "c/.z")
    files, empty = files_in([folder / "b.txt", folder, tmp_path / "gone"], tmp_path / "home")
    names = [path.relative_to(tmp_path).as_posix() for path in files]
    assert names == ["书/b.txt", "书/a.txt", "书/c/d.txt", "gone"]
    assert empty == []


def test_an_empty_folder_and_the_workspace_itself_give_nothing(tmp_path):
    made(tmp_path, "home/novels/x/raw.txt", "书/a.txt")
    (tmp_path / "空").mkdir()
    files, empty = files_in([tmp_path, tmp_path / "空"], tmp_path / "home")
    assert [path.name for path in files] == ["a.txt"]
    assert [(one.file, one.code) for one in empty] == [(str(tmp_path / "空"), "empty_folder")]


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for permission to make links")
def test_a_link_to_a_folder_leads_nowhere(tmp_path):
    folder = made(tmp_path / "书", "a.txt")
    (folder / "again").symlink_to(folder)
    assert [path.name for path in files_in([folder], tmp_path / "home")[0]] == ["a.txt"]


def test_what_is_left_out_stays_so_by_whatever_way_it_is_reached(tmp_path):
    for name in ("books", "home"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text("x", encoding="utf-8")
    files, _ = files_in([tmp_path / "books" / ".."], tmp_path / "home")
    assert [path.name for path in files] == ["books.txt"]
