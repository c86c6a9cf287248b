"""The panel's handlers over a real workspace: what a page asks for, what it is told."""

import json

import pytest

from pipelines.cleanings import clean_novel
from pipelines.errors import BadSettings, NotFound
from pipelines.files import read_json, write_json
from pipelines.ingest import ingest_file
from studio import outline_panel as panel
from studio.access import ADMIN
from studio.services import open_services
from studio.words import load_words

ZH = load_words("zh")
TEXT = "".join(f"第{number}章 山\n" + "　　他走了很远的路。\n" * 9 for number in range(1, 6))


@pytest.fixture
def services(workspace):
    opened = open_services(workspace)
    yield opened
    opened.close()


@pytest.fixture
def folder(workspace, tmp_path):
    path = tmp_path / "n.txt"
    path.write_text(TEXT, encoding="utf-8")
    folder = workspace.novel(ingest_file(workspace, path).novels[0]["id"])
    clean_novel(folder)
    return folder


@pytest.fixture
def told(monkeypatch):
    sentences = []
    for name in ("tell", "warn"):
        monkeypatch.setattr(panel, name, lambda words, sentence: sentences.append(sentence))
    return sentences


@pytest.fixture
def page(services, folder, told):
    """Wish for something at a chapter of the list, by its place; the list and the chapter afterwards."""

    def wish(handler, place=None, **more):
        rows = json.loads(panel.view(services, ZH, ADMIN, folder.id, None))["rows"]
        start = rows[place][3] if place is not None else None
        made = json.dumps({"novel": folder.id, "cleaning": 1, "start": start, **more})
        listed, reading = handler(services, ZH, ADMIN, made)
        return json.loads(listed) if isinstance(listed, str) else None, reading

    return wish


def titles(listed):
    return [row[0] for row in listed["rows"]]


def test_a_look_shows_the_chapter_and_leaves_the_list(page):
    listed, reading = page(panel.look, 1)
    assert listed is None
    assert "第2章 山" in reading


def test_each_edit_shows_what_there_is_then_and_says_so(page, told):
    listed, reading = page(panel.edit, 1, edit="rename", title="山中")
    assert titles(listed)[1] == "山中"
    assert 'value="山中"' in reading
    listed, _ = page(panel.edit, 2, edit="merge")
    assert (len(listed["rows"]), listed["chosen"]) == (4, listed["rows"][1][3])
    listed, _ = page(panel.edit, 0, edit="drop")
    assert listed["rows"][0][2] is False
    listed, _ = page(panel.edit, 0, edit="keep")
    assert listed["rows"][0][2] is True
    listed, _ = page(panel.edit, 0, edit="split", at=20, title="半路")
    assert titles(listed)[:3] == ["第1章 山", "半路", "山中"]
    assert listed["chosen"] == listed["rows"][1][3]
    listed, reading = page(panel.edit, 0, edit="undo")
    assert titles(listed)[:2] == ["第1章 山", "山中"]
    assert "第1章 山" in reading
    listed, _ = page(panel.edit, edit="reset")
    assert titles(listed) == [f"第{number}章 山" for number in range(1, 6)]
    assert told == [ZH(f"cleaning.outline.done.{name}") for name in ("rename", "merge", "drop", "keep", "split", "undo", "reset")]


def test_an_edit_of_a_chapter_that_is_gone_shows_the_chapters_that_are_there(page, told):
    stale = page(panel.look, 1)[1]
    start = int(stale.split('data-start="')[1].split('"')[0])
    page(panel.edit, 1, edit="merge")
    for handler in (panel.look, panel.edit):
        listed, reading = page(handler, edit="rename", title="新", start=start)
        assert (len(listed["rows"]), reading) == (4, "")
    assert told[-1] == ZH("error.chapters_changed")


def test_with_nothing_to_take_back_a_sentence_says_so(page, told):
    page(panel.edit, edit="undo")
    assert told == [ZH("error.nothing_to_undo")]


@pytest.mark.parametrize("wish", [None, "", "{", "[]", 7, '{"novel": 1, "edit": "merge"}'])
def test_a_wish_that_nobody_understands_changes_nothing(services, folder, wish):
    for handler in (panel.look, panel.edit):
        with pytest.raises((BadSettings, NotFound)):
            handler(services, ZH, ADMIN, wish)
    assert not folder.outlines.exists()


def test_chapters_that_cannot_be_read_are_a_sentence_with_a_way_back(services, folder, page):
    page(panel.edit, 0, edit="drop")
    write_json(folder.outline(1), read_json(folder.outline(1)) | {"clean_sha256": "0"})
    listed = json.loads(panel.view(services, ZH, ADMIN, folder.id, None))
    assert (listed["rows"], listed["reset"], listed["note"]) == ([], True, ZH("error.other_outline", novel=folder.id))
    back, _ = panel.edit(services, ZH, ADMIN, json.dumps({"novel": folder.id, "edit": "reset"}))
    assert len(json.loads(back)["rows"]) == 5
