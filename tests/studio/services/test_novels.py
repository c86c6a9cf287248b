import pytest

from pipelines.assemble import AssembleSettings, assemble, read_chapters
from pipelines.errors import BadSettings, BadText, BrokenArtifact, Forbidden, NotFound
from pipelines.files import read_json, write_json
from pipelines.ingest import ingest_file
from pipelines.workspace import change_meta
from studio.access import ADMIN, GUEST, Visitor
from studio.services import novels as module
from studio.services.novels import Novels

ANN, BEN = Visitor("ann", "writer"), Visitor("ben", "writer")
TEXT = "第一章 春\r\n　　花开了。\r\n第二章 夏\r\n　　蝉在叫。\r\n第三章 秋\r\n　　叶子落了。\r\n"


@pytest.fixture
def novels(workspace):
    return Novels(workspace)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "upload.txt"
    path.write_bytes(TEXT.encode("gb18030"))
    return path


def bring(novels, file, visitor=ANN, called="四季.txt"):
    made = ingest_file(novels.workspace, file, called=called or "untitled", owner=visitor.name).novels[0]["id"]
    return novels.get(visitor, made)


def test_a_file_becomes_a_novel_of_whoever_brought_it(novels, file):
    novel = bring(novels, file)
    assert (novel.title, novel.encoding, novel.chapters, novel.file) == ("四季", "gb18030", 3, "四季.txt")
    assert read_json(novels.workspace.novel(novel.id).meta)["owner"] == "ann"
    assert novels.all(ANN) == [novel]


def test_nobody_else_sees_or_touches_it(novels, file):
    novel = bring(novels, file)
    ticket = None
    for other in (BEN, GUEST):
        assert novels.all(other) == []
        for touch in (
            lambda other=other: novels.get(other, novel.id),
            lambda other=other: novels.sample(other, novel.id),
            lambda other=other: novels.try_encoding(other, novel.id, "big5"),
            lambda other=other: novels.reread(other, novel.id, "big5"),
            lambda other=other: novels.guess(other, novel.id, "big5hkscs"),
            lambda other=other: novels.doubts(other, novel.id),
            lambda other=other: novels.spots(other, novel.id),
            lambda other=other: novels.accept(other, novel.id),
            lambda other=other: novels.copies.make(other, novel.id, "txt"),
            lambda other=other: novels.rename(other, novel.id, "mine"),
            lambda other=other: novels.discard(other, novel.id),
            lambda other=other: novels.cleanings.preview(other, novel.id),
            lambda other=other: novels.cleanings.current(other, novel.id),
            lambda other=other: list(novels.cleanings.apply(other, novel.id)),
            lambda other=other: novels.cleanings.use(other, novel.id, None),
        ):
            with pytest.raises(Forbidden):
                touch()
    ticket = novels.discard(ANN, novel.id)
    for other in (BEN, GUEST):
        assert novels.deleted(other) == []
        with pytest.raises(NotFound):
            novels.restore(other, ticket)
    assert novels.all(ADMIN) == []
    assert novels.restore(ANN, ticket).title == "四季"


def test_a_shared_novel_may_be_seen_and_not_changed(novels, file):
    novel = bring(novels, file)
    change_meta(novels.workspace.novel(novel.id).meta, shared=True)
    assert novels.all(BEN) == [novel]
    with pytest.raises(Forbidden):
        novels.rename(BEN, novel.id, "mine")


@pytest.mark.parametrize(
    ("called", "title"),
    [
        ("../../x.txt", "x"),
        ("长" * 85 + ".txt", "长" * 85),
        ("a\nb\r.txt", "a b"),
        ("\u202egnp.txt", "gnp"),
        ("half \ud83d.txt", "half"),
        ("《》.txt", "untitled"),
        ("<img src=x onerror=alert(1)>${x}.TXT", "<img src=x onerror=alert(1)>${x}"),
        (".txt", ".txt"),
        ("", "untitled"),
    ],
)
def test_a_strange_name_becomes_a_title_that_can_be_shown(novels, file, called, title):
    novel = bring(novels, file, called=called)
    assert novel.title == title
    assert novels.workspace.novel(novel.id).path.parent == novels.workspace.novels


def test_an_id_is_looked_up_whole(novels, file):
    novel = bring(novels, file)
    for wrong in (novel.id[:-1], "..", f"../novels/{novel.id}", 7, ["x"]):
        with pytest.raises(NotFound) as caught:
            novels.get(ANN, wrong)
        assert caught.value.code == "no_novel"
    for nothing in (None, ""):
        with pytest.raises(NotFound) as caught:
            novels.get(ANN, nothing)
        assert caught.value.code == "nothing_chosen"


def test_the_title_changes_and_the_id_stays(novels, file):
    novel = bring(novels, file)
    renamed = novels.rename(ANN, novel.id, " 《四\u202e季歌》\n")
    assert (renamed.id, renamed.title) == (novel.id, "四 季歌")
    for empty in ("", " 《》 "):
        with pytest.raises(BadSettings):
            novels.rename(ANN, novel.id, empty)


def test_reading_again_replaces_the_novel_and_loses_nothing(novels, file):
    novel = bring(novels, file)
    change_meta(novels.workspace.novel(novel.id).meta, notes="mine", starred=True)
    assert "花开了" not in novels.try_encoding(ANN, novel.id, "big5").text
    done = novels.reread(ANN, novel.id, "big5")
    assert [one.id for one in novels.all(ANN)] == [done.novel.id]
    assert (done.novel.title, done.novel.file, done.novel.told) == ("四季", "四季.txt", True)
    meta = read_json(novels.workspace.novel(done.novel.id).meta)
    assert (meta["notes"], meta["starred"], meta["owner"]) == ("mine", True, "ann")
    back = novels.restore(ANN, done.ticket)
    assert "花开了" in novels.sample(ANN, back.id)


def test_a_long_original_is_tried_by_its_beginning_and_read_again_by_a_process(novels, file, monkeypatch):
    calls = []
    monkeypatch.setattr(module, "QUICK_BYTES", 10)
    monkeypatch.setattr(module, "TRIAL_BYTES", 20)
    monkeypatch.setattr(module, "run_step", lambda function, *values, **named: calls.append(1) or function(*values, **named))
    novel = bring(novels, file)
    tried = novels.try_encoding(ANN, novel.id, "gb18030")
    assert (tried.replaced, TEXT.startswith(tried.text)) == (0, True)
    assert novels.reread(ANN, novel.id, "big5").novel.told
    assert calls == [1]


def test_a_doubtful_reading_is_doubtful_until_it_is_accepted(novels, file):
    novel = bring(novels, file)
    manifest = novels.workspace.novel(novel.id).manifest
    write_json(manifest, read_json(manifest) | {"confidence": 0.5})
    assert novels.get(ANN, novel.id).is_doubtful
    assert "花开了" in novels.doubts(ANN, novel.id)[0].sample
    assert not novels.accept(ANN, novel.id).is_doubtful


def test_a_book_that_says_its_own_encoding_is_never_doubtful(novels, file):
    novel = bring(novels, file)
    manifest = novels.workspace.novel(novel.id).manifest
    write_json(manifest, read_json(manifest) | {"confidence": 0.5, "kind": "epub"})
    assert not novels.get(ANN, novel.id).is_doubtful


def test_an_original_that_is_gone_is_a_sentence(novels, file):
    novel = bring(novels, file)
    novels.workspace.novel(novel.id).original(".txt").unlink()
    for ask in (novels.try_encoding, novels.reread, novels.guess):
        with pytest.raises(BrokenArtifact):
            ask(ANN, novel.id, "gb18030")


def test_an_encoding_in_which_it_is_noise_changes_nothing(novels, file):
    novel = bring(novels, file)
    with pytest.raises(BadText):
        novels.reread(ANN, novel.id, "utf-32-le")
    assert novels.all(ANN) == [novel]
    assert novels.deleted(ANN) == []


def test_a_corpus_keeps_the_text_of_a_novel_that_is_deleted(novels, workspace, project):
    novel = bring(novels, project / "assets" / "samples" / "zh.txt")
    list(novels.cleanings.apply(ANN, novel.id))
    corpus = assemble(workspace, [workspace.novel(novel.id)], "c", AssembleSettings())
    novels.discard(ANN, novel.id)
    assert sum(len(chapter.text) for chapter in read_chapters(corpus)) > 1000


def test_a_novel_whose_files_are_gone_is_listed_and_can_be_deleted(novels, file):
    novel = bring(novels, file)
    novels.workspace.novel(novel.id).manifest.write_text("{", encoding="utf-8")
    (listed,) = novels.all(ANN)
    assert (listed.title, listed.damaged) == ("四季", True)
    novels.discard(ANN, novel.id)
    assert novels.all(ANN) == []
    assert [one.novel.title for one in novels.deleted(ANN)] == ["四季"]
