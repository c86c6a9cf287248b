from dataclasses import dataclass

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pipelines.errors import BadText, NotFound
from pipelines.files import read_json
from studio.access import ADMIN, GUEST, Visitor
from studio.events import Page
from studio.services import open_services
from studio.tabs import library
from studio.uploads import Upload
from studio.words import load_words

ZH = load_words("zh")
TEXT = "第一章 春\n花开了。\n第二章 夏\n蝉在叫。\n第三章 秋\n叶子落了。\n"


@dataclass(frozen=True)
class Desk:
    """The tab over a workspace, its handlers called as the page does."""

    services: object
    tab: library.LibraryTab
    blocks: gr.Blocks

    def ask(self, handler, *values, visitor=ADMIN, outputs=None):
        """The updates by the names of the components."""
        updates = handler(self.services, ZH, visitor, *values)
        names = {id(component): name for name, component in vars(self.tab).items()}
        wanted = outputs or library.shown(self.tab)
        assert len(updates) == len(wanted)
        return {names[id(component)]: update for component, update in zip(wanted, updates, strict=True)}

    def undoing(self):
        return [*library.shown(self.tab), *library.undo_shown(self.tab)]

    def uploading(self):
        return [*library.shown(self.tab), self.tab.upload, self.tab.upload_options, self.tab.arrivals]


@pytest.fixture
def desk(workspace, monkeypatch):
    monkeypatch.setattr(library, "tell", lambda words, sentence: None)
    services = open_services(workspace)
    with gr.Blocks() as blocks:
        tab = library.build(ZH)
        library.wire(tab, Page(blocks, services, ZH))
    yield Desk(services, tab, blocks)
    services.close()


@pytest.fixture
def upload(tmp_path, monkeypatch):
    """Put files where Gradio puts uploads."""
    place = tmp_path / "uploads"
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(place))

    def put(name, data):
        path = place / str(len(list(place.glob("*")))) / "x.txt"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        return Upload(path, name)

    return put


def bring(desk, *uploads, encoding="", visitor=ADMIN):
    return desk.ask(library.bring, list(uploads), encoding, None, visitor=visitor, outputs=desk.uploading())


def test_an_empty_library_says_what_goes_there(desk, upload):
    first = desk.ask(library.view, None)
    assert (first["empty"]["visible"], first["shelf"]["visible"], first["trash"]["visible"]) == (True, False, False)
    then = bring(desk, upload("a.txt", TEXT.encode()))
    assert (then["empty"]["visible"], then["shelf"]["visible"]) == (False, True)
    assert then["novel"]["value"] == desk.services.novels.all(ADMIN)[0].id


def test_several_files_come_in_and_the_bad_ones_are_told(desk, upload):
    files = [
        upload("utf8.txt", TEXT.encode()),
        upload("gbk.txt", ("另" + TEXT).encode("gbk")),
        upload("utf16.txt", ("又" + TEXT).encode("utf-16")),
        upload("empty.txt", b""),
        upload("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(50)),
        upload("again.txt", TEXT.encode()),
    ]
    shown = bring(desk, *files)
    assert {novel.title for novel in desk.services.novels.all(ADMIN)} == {"utf8", "gbk", "utf16"}
    assert shown["arrivals"].count("<li>") == len(files)
    assert shown["arrivals"].count("badge good") == 3
    assert shown["arrivals"].count("badge bad") == 2
    assert "PNG" in shown["arrivals"]
    assert shown["upload"] is None
    assert not any(file.path.exists() for file in files)


def test_what_cannot_be_told_opens_the_choice_of_an_encoding_which_is_then_used(desk, upload):
    text = ("吾輩は猫である。名前はまだ無い。" * 20).encode("shift_jis")
    unclear = bring(desk, upload("j.txt", text))
    assert unclear["upload_options"]["open"] is True
    assert ZH("library.upload.options") in unclear["arrivals"]
    bring(desk, upload("j.txt", text), encoding="shift_jis")
    (novel,) = desk.services.novels.all(ADMIN)
    assert (novel.encoding, novel.told) == ("shift_jis", True)


def test_gradios_copies_go_even_when_something_breaks(desk, upload, monkeypatch):
    def break_down(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(desk.services.novels, "bring", break_down)
    file = upload("a.txt", b"x")
    with pytest.raises(ZeroDivisionError):
        bring(desk, file)
    assert not file.path.exists()


def test_nothing_of_mine_is_shown_to_others(desk, upload):
    bring(desk, upload("mine.txt", TEXT.encode()), visitor=Visitor("ann", "writer"))
    for other in (Visitor("ben", "writer"), GUEST):
        shown = desk.ask(library.view, desk.services.novels.all(Visitor("ann", "writer"))[0].id, visitor=other)
        assert (shown["rows"].count("data-novel"), shown["novel"]["choices"], shown["card"]) == (0, [], "")


def test_what_was_chosen_stays_chosen_while_it_is_there(desk, upload):
    bring(desk, upload("a.txt", TEXT.encode()), upload("b.txt", ("另" + TEXT).encode()))
    novels = desk.services.novels.all(ADMIN)
    for novel in novels:
        assert desk.ask(library.view, novel.id)["novel"]["value"] == novel.id
    for nonsense in (None, "gone", 7, ["x"], {"novel": "x"}):
        assert desk.ask(library.view, nonsense)["novel"]["value"] == novels[0].id


def test_a_deleted_novel_is_brought_back(desk, upload):
    bring(desk, upload("a.txt", TEXT.encode()))
    (novel,) = desk.services.novels.all(ADMIN)
    gone = desk.ask(library.delete, novel.id, outputs=desk.undoing())
    assert (gone["empty"]["visible"], gone["undo_row"]["visible"], gone["trash"]["visible"]) == (True, True, True)
    back = desk.ask(library.undo, gone["undone"], outputs=desk.undoing())
    assert (back["novel"]["value"], back["undo_row"]["visible"], back["undone"]) == (novel.id, False, None)
    with pytest.raises(NotFound):
        library.undo(desk.services, ZH, ADMIN, gone["undone"])
    with pytest.raises(NotFound):
        library.undo(desk.services, ZH, ADMIN, None)


def test_a_deleted_novel_is_found_in_the_trash_after_a_reload(desk, upload):
    bring(desk, upload("a.txt", TEXT.encode()))
    (novel,) = desk.services.novels.all(ADMIN)
    desk.ask(library.delete, novel.id, outputs=desk.undoing())
    opened = desk.ask(library.view, novel.id)
    back = desk.ask(library.restore, opened["deleted"]["value"], outputs=desk.undoing())
    assert back["novel"]["value"] == novel.id
    assert back["trash"]["visible"] is False


def test_reading_again_is_tried_before_it_is_done_and_undone_after(desk, upload):
    bring(desk, upload("a.txt", TEXT.encode("gbk")))
    (novel,) = desk.services.novels.all(ADMIN)
    trial = [desk.tab.reading, desk.tab.reread]
    shown = desk.ask(library.try_encoding, novel.id, "big5", outputs=trial)
    assert ("花开了" in shown["reading"], shown["reread"]["interactive"]) == (False, True)
    refused = desk.ask(library.try_encoding, novel.id, "utf-32", outputs=trial)
    assert ("alert" in refused["reading"], refused["reread"]["interactive"]) == (True, False)
    assert desk.ask(library.try_encoding, novel.id, None, outputs=trial)["reading"] == ""
    done = desk.ask(library.reread, novel.id, "big5", outputs=desk.undoing())
    assert done["novel"]["value"] != novel.id
    back = desk.ask(library.undo, done["undone"], outputs=desk.undoing())
    assert [one.id for one in desk.services.novels.all(ADMIN)] == [novel.id]
    assert "花开了" in back["card"]


def test_a_new_title_is_shown_everywhere(desk, upload):
    bring(desk, upload("a.txt", TEXT.encode()))
    (novel,) = desk.services.novels.all(ADMIN)
    shown = desk.ask(library.rename, novel.id, "<b>四季</b>${x}")
    assert shown["novel"]["choices"][0][0].startswith("<b>四季</b>${x}")
    assert "&lt;b&gt;四季" in shown["rows"]
    assert read_json(desk.services.workspace.novel(novel.id).meta)["title"] == "<b>四季</b>${x}"


def test_without_a_choice_there_is_a_sentence(desk):
    for handler, values in ((library.delete, (None,)), (library.rename, (None, "x")), (library.reread, ("", "big5"))):
        with pytest.raises(NotFound) as caught:
            handler(desk.services, ZH, ADMIN, *values)
        assert caught.value.code == "nothing_chosen"


def test_an_unreadable_original_is_a_sentence_not_a_bug(desk, upload):
    bring(desk, upload("a.txt", TEXT.encode()))
    (novel,) = desk.services.novels.all(ADMIN)
    desk.services.workspace.novel(novel.id).original(".txt").write_bytes(b"")
    with pytest.raises(BadText):
        library.reread(desk.services, ZH, ADMIN, novel.id, "big5")


def test_what_only_looks_asks_for_no_more_than_seeing(desk):
    """A guest's page must open; whatever makes or changes asks for it by name."""
    actions = {fn.name: fn.fn.action for fn in desk.blocks.fns.values() if hasattr(fn.fn, "action")}
    assert actions["view"] == actions["try_encoding"] == "see"
    assert actions["bring"] == "make"
    assert {actions[name] for name in ("rename", "reread", "delete", "undo", "restore")} == {"change"}


def test_the_page_rings_through_a_wired_event(desk, upload):
    app = gr.mount_gradio_app(FastAPI(), desk.blocks, "/")
    number = next(key for key, fn in desk.blocks.fns.items() if fn.name == "view")
    bring(desk, upload("four seasons.txt", TEXT.encode()))
    (novel,) = desk.services.novels.all(ADMIN)
    with TestClient(app, client=("127.0.0.1", 5000)) as browser:
        answer = browser.post("/gradio_api/run/predict", json={"fn_index": number, "data": [novel.id]}).json()
    assert novel.title in str(answer["data"])
