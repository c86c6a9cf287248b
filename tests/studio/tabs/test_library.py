import io
import json
import zipfile
from dataclasses import dataclass
from urllib.parse import quote

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pipelines.cleanings import clean_novel
from pipelines.errors import BadText, Forbidden, NotFound
from pipelines.files import read_json
from studio.access import ADMIN, GUEST, Visitor
from studio.events import Page
from studio.services import arriving, open_services
from studio.tabs import library
from studio.uploads import Upload
from studio.words import load_words

ZH = load_words("zh")
# Cyrillic is never decided on.
UNCLEAR = ("Тихо лодка шла по реке. " * 5).encode("cp1251")
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

    def follow(self, handler, *values, visitor=ADMIN):
        """What a handler that works for long shows in the end, by the names of the components."""
        shown, wanted = {}, library.followed(self.tab)
        names = {id(component): name for name, component in vars(self.tab).items()}
        for updates in handler(self.services, ZH, visitor, *values):
            assert len(updates) == len(wanted)
            shown = {names[id(component)]: update for component, update in zip(wanted, updates, strict=True)}
        return shown


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
    return desk.follow(library.bring, list(uploads), encoding, None, visitor=visitor)


def wish(thing, what, encoding=""):
    return json.dumps({"id": thing, "do": what, "encoding": encoding})


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


def test_an_archive_makes_several_novels_and_says_which_members_did_not(desk, upload):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for number in range(30):
            archive.writestr(f"books/{number}.txt", f"第{number}本\n" + TEXT)
        archive.writestr("cover.png", b"\x89PNG\r\n\x1a\n" + bytes(50))
    told = bring(desk, upload("all.zip", sink.getvalue()))["arrivals"]
    assert len(desk.services.novels.all(ADMIN)) == 30
    assert ZH("library.arrived.many", novels=30, skipped=1) in told
    assert ZH("library.arrived.more", count=10) in told
    assert "cover.png" in told
    assert ZH("library.here") in bring(desk, upload("all.zip", sink.getvalue()))["arrivals"]
    assert len(desk.services.novels.all(ADMIN)) == 30


def test_a_file_whose_encoding_cannot_be_told_is_kept_until_its_person_says(desk, upload):
    told = bring(desk, upload("some.txt", UNCLEAR))
    assert desk.services.novels.all(ADMIN) == []
    (question,) = desk.services.novels.questions.all(ADMIN)
    assert (question.name, ZH("library.asks") in told["arrivals"]) == ("some.txt", True)
    # A reload asks again, and shows how it would read.
    again = desk.ask(library.view, None)["questions"]
    assert again.count("<article>") == 3
    assert "Тихо лодка" in again
    looked = desk.follow(library.answer, wish(question.id, "look", "gb18030"), None)["questions"]
    assert looked.count("<article>") == 4
    done = desk.follow(library.answer, wish(question.id, "take", "cp1251"), None)
    (novel,) = desk.services.novels.all(ADMIN)
    assert (novel.title, novel.encoding, novel.told, done["questions"]) == ("some", "cp1251", True, "")


def test_a_file_may_be_left_out_instead(desk, upload):
    bring(desk, upload("some.txt", UNCLEAR))
    (question,) = desk.services.novels.questions.all(ADMIN)
    assert desk.follow(library.answer, wish(question.id, "leave"), None)["questions"] == ""
    assert list((desk.services.workspace.root / "unclear").iterdir()) == []
    with pytest.raises(NotFound):
        desk.follow(library.answer, wish(question.id, "take", "gb18030"), None)


@pytest.mark.parametrize("nonsense", [None, "", "{", "[]", "7", '{"do": "dance"}'])
def test_a_wish_that_is_none_does_nothing(desk, nonsense):
    assert all(update == gr.skip() for update in desk.follow(library.answer, nonsense, None).values())


def test_nobody_answers_for_another(desk, upload):
    bring(desk, upload("some.txt", UNCLEAR), visitor=Visitor("ann", "writer"))
    (question,) = desk.services.novels.questions.all(Visitor("ann", "writer"))
    for what in ("take", "look", "leave"):
        with pytest.raises(Forbidden):
            desk.follow(library.answer, wish(question.id, what, "gb18030"), None, visitor=Visitor("ben", "writer"))
    assert desk.ask(library.view, None, visitor=Visitor("ben", "writer"))["questions"] == ""


def test_a_doubtful_novel_is_asked_about_until_its_person_is_content(desk, upload):
    bring(desk, upload("a.txt", TEXT.encode("gbk")))
    (novel,) = desk.services.novels.all(ADMIN)
    manifest = desk.services.workspace.novel(novel.id).manifest
    manifest.write_text(json.dumps(read_json(manifest) | {"confidence": 0.5}), encoding="utf-8")
    asked = desk.ask(library.view, novel.id)["doubt"]
    assert ZH("library.doubt") in asked
    looked = desk.ask(library.settle, wish(novel.id, "look", "koi8_r"), outputs=desk.undoing())["doubt"]
    assert looked.count("<article>") == asked.count("<article>") + 1
    read = desk.ask(library.settle, wish(novel.id, "take", "big5hkscs"), outputs=desk.undoing())
    assert read["novel"]["value"] != novel.id
    desk.ask(library.undo, read["undone"], outputs=desk.undoing())
    content = desk.ask(library.settle, wish(novel.id, "leave"), outputs=desk.undoing())
    assert (content["doubt"], content["novel"]["value"]) == ("", novel.id)


def test_the_clean_text_can_be_taken_once_there_is_one(desk, upload):
    bring(desk, upload("a.txt", TEXT.encode()))
    (novel,) = desk.services.novels.all(ADMIN)
    assert ZH("library.copies.none") in desk.ask(library.view, novel.id)["copies"]
    clean_novel(desk.services.workspace.novel(novel.id))
    shown = desk.ask(library.view, novel.id)["copies"]
    assert [f"/api/novels/{quote(novel.id)}/clean.{kind}" in shown for kind in ("txt", "json", "parquet")] == [True] * 3


def test_gradios_copies_go_even_when_something_breaks(desk, upload, monkeypatch):
    def break_down(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(arriving, "take_in", break_down)
    files = [upload("a.txt", b"x"), upload("b.txt", b"y")]
    with pytest.raises(ZeroDivisionError):
        bring(desk, *files)
    assert not any(file.path.exists() for file in files)


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
    assert actions["view"] == actions["rejoin"] == actions["follow"] == actions["try_encoding"] == "see"
    assert actions["bring"] == actions["answer"] == actions["stop"] == "make"
    assert {actions[name] for name in ("settle", "rename", "reread", "delete", "undo", "restore")} == {"change"}


def test_the_page_rings_through_a_wired_event(desk, upload):
    app = gr.mount_gradio_app(FastAPI(), desk.blocks, "/")
    number = next(key for key, fn in desk.blocks.fns.items() if fn.name == "view")
    bring(desk, upload("four seasons.txt", TEXT.encode()))
    (novel,) = desk.services.novels.all(ADMIN)
    with TestClient(app, client=("127.0.0.1", 5000)) as browser:
        answer = browser.post("/gradio_api/run/predict", json={"fn_index": number, "data": [novel.id]}).json()
    assert novel.title in str(answer["data"])
