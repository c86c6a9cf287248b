import pytest

from pipelines.cleanings import clean_novel
from pipelines.errors import BadSettings, BrokenArtifact, Conflict, Forbidden
from pipelines.files import read_json, write_json
from pipelines.ingest import ingest_file
from pipelines.workspace import change_meta
from studio.access import ADMIN, GUEST, Visitor
from studio.services.novels import Novels
from studio.services.outlines import ENDS, LINES_ON_PAGE, Outlines, Spot

LINES = 100
TITLES = ["第一章 风", "第二章 雨", "第四章 月"]
TEXT = "".join(f"{title}\n" + "".join(f"说到{title[-1]}的第{n}件事。\n\n" for n in range(LINES)) for title in TITLES)


@pytest.fixture
def folder(workspace, tmp_path):
    source = tmp_path / "书.txt"
    source.write_text(TEXT, encoding="utf-8")
    folder = workspace.novel(ingest_file(workspace, source).novels[0]["id"])
    clean_novel(folder)
    return folder


@pytest.fixture
def outlines(workspace):
    return Outlines(Novels(workspace).folder)


@pytest.fixture
def spots(outlines, folder):
    """The chapters as a page knows them."""
    outline = outlines.get(ADMIN, folder.id)
    return [Spot(outline.cleaning, chapter.start) for chapter in outline.chapters]


def titles(outlines, folder):
    return [chapter.title if chapter.kept else f"({chapter.title})" for chapter in outlines.get(ADMIN, folder.id).chapters]


def test_before_the_first_cleaning_there_is_no_outline(outlines, folder):
    change_meta(folder.meta, cleaning=None)
    assert outlines.get(ADMIN, folder.id) is None


def test_every_edit_is_on_the_disk_and_can_be_taken_back(outlines, folder, spots):
    novel = folder.id
    assert outlines.rename(ADMIN, novel, spots[0], "起风").title == "起风"
    assert titles(outlines, folder) == ["起风", *TITLES[1:]]
    assert not outlines.keep(ADMIN, novel, spots[2], False).kept
    assert titles(outlines, folder) == ["起风", TITLES[1], "(第四章 月)"]
    line = outlines.read(ADMIN, novel, spots[1], 1).lines[5]
    assert outlines.split(ADMIN, novel, spots[1], line.at, "雨停").start == line.at
    assert titles(outlines, folder) == ["起风", TITLES[1], "雨停", "(第四章 月)"]
    assert outlines.merge(ADMIN, novel, Spot(1, line.at)).start == spots[1].start
    outlines.undo(ADMIN, novel)
    assert titles(outlines, folder)[2] == "雨停"
    outline = outlines.get(ADMIN, novel)
    assert (outline.is_edited, outline.can_undo) == (True, False)
    outlines.reset(ADMIN, novel)
    assert titles(outlines, folder) == TITLES
    outline = outlines.get(ADMIN, novel)
    assert (outline.is_edited, outline.can_undo) == (False, True)


def test_a_chapter_shows_how_it_begins_and_ends(outlines, folder, spots):
    read = outlines.read(ADMIN, folder.id, spots[1])
    assert [line.text for line in read.lines][:2] == [TITLES[1], "说到雨的第0件事。"]
    assert read.lines[-1].text == f"说到雨的第{LINES - 1}件事。"
    assert (read.number, read.count, read.between) == (2, 3, LINES + 1 - 2 * ENDS)


def test_its_lines_come_in_pages_and_each_is_known_by_its_place(outlines, folder, spots):
    text = folder.clean_text(1).read_text("utf-8")
    pages = [outlines.read(ADMIN, folder.id, spots[1], page) for page in (1, 2, 3, 99)]
    assert [len(read.lines) for read in pages] == [LINES_ON_PAGE, LINES_ON_PAGE, LINES + 1 - 2 * LINES_ON_PAGE, 21]
    assert pages[3].page == pages[3].pages == 3
    assert all(text.startswith(line.text, line.at) for read in pages for line in read.lines)


def test_a_chapter_that_is_not_there_any_more_is_a_sentence_and_nothing_is_done(outlines, folder, spots):
    outlines.merge(ADMIN, folder.id, spots[1])
    for stale in (spots[1], Spot(7, 0)):
        for act in (
            lambda stale=stale: outlines.read(ADMIN, folder.id, stale),
            lambda stale=stale: outlines.rename(ADMIN, folder.id, stale, "新"),
            lambda stale=stale: outlines.keep(ADMIN, folder.id, stale, False),
        ):
            with pytest.raises(Conflict) as raised:
                act()
            assert raised.value.code == "chapters_changed"
    with pytest.raises(Conflict):
        outlines.split(ADMIN, folder.id, spots[0], len(TEXT) * 2, "")
    assert titles(outlines, folder) == [TITLES[0], TITLES[2]]


def test_what_cannot_be_done_is_a_sentence(outlines, folder, spots):
    with pytest.raises(BadSettings):
        outlines.rename(ADMIN, folder.id, spots[0], "  ")
    with pytest.raises(BadSettings):
        outlines.merge(ADMIN, folder.id, spots[0])
    with pytest.raises(Conflict):
        outlines.undo(ADMIN, folder.id)
    assert titles(outlines, folder) == TITLES


def test_an_outline_of_another_text_can_be_reset(outlines, folder, spots):
    outlines.keep(ADMIN, folder.id, spots[0], False)
    write_json(folder.outline(1), read_json(folder.outline(1)) | {"clean_sha256": "0"})
    with pytest.raises(BrokenArtifact):
        outlines.get(ADMIN, folder.id)
    outlines.reset(ADMIN, folder.id)
    assert titles(outlines, folder) == TITLES


@pytest.mark.parametrize("visitor", [Visitor("bob", "writer"), GUEST])
@pytest.mark.parametrize("shared", [False, True])
def test_another_may_change_nothing_and_see_only_what_is_shared(outlines, folder, spots, visitor, shared):
    change_meta(folder.meta, shared=shared)
    for act in (
        lambda: outlines.rename(visitor, folder.id, spots[0], "新"),
        lambda: outlines.merge(visitor, folder.id, spots[1]),
        lambda: outlines.keep(visitor, folder.id, spots[0], False),
        lambda: outlines.split(visitor, folder.id, spots[0], 20, "新"),
        lambda: outlines.undo(visitor, folder.id),
        lambda: outlines.reset(visitor, folder.id),
    ):
        with pytest.raises(Forbidden):
            act()
    if shared and visitor.role == "writer":
        assert not outlines.get(visitor, folder.id).can_change
        assert not outlines.read(visitor, folder.id, spots[0]).can_change
    else:
        for act in (lambda: outlines.get(visitor, folder.id), lambda: outlines.read(visitor, folder.id, spots[0])):
            with pytest.raises(Forbidden):
                act()
    assert titles(outlines, folder) == TITLES
