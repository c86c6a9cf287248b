"""Files become novels, whole; what is no text is passed over with a reason."""

import contextlib
import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import ingest as step
from pipelines.bring import split_name, title_of
from pipelines.errors import BadText, NotFound
from pipelines.files import read_json, read_text
from pipelines.folders import list_folders
from pipelines.sources import read_source
from tests.made_books import docx, epub, paragraph, raw_zip, zipped

TEXT = "　　第一回\r\n话说天下大势，分久必合，合久必分。\r\n"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "《三国演义》 第1.5版.TXT"
    path.write_bytes(TEXT.encode("gb18030"))
    return path


def run(*argv):
    return step.main([str(part) for part in argv])


def test_a_file_becomes_a_novel(workspace, source, capsys):
    assert run(source, "--json") == 0
    captured = capsys.readouterr()
    manifest = json.loads(captured.out)
    assert captured.err == ""
    [row] = manifest["novels"]
    assert manifest["skipped"] == []
    expected = {"title": "三国演义 第1.5版", "encoding": "gb18030", "replaced": 0, "characters": len(TEXT), "chapters": 1}
    assert {key: row[key] for key in expected} == expected
    assert 0.5 < row["confidence"] <= 1
    novel = workspace.novel(row["id"])
    assert novel.original(".txt").read_bytes() == source.read_bytes()
    assert read_text(novel.raw_text) == TEXT
    saved = read_json(novel.manifest)
    assert {key: saved[key] for key in row} == row
    assert saved["format"] == 1
    assert saved["original_sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert saved["raw_sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    assert saved["made_from"] == {"file": source.name, "sha256": saved["original_sha256"]}
    meta = read_json(novel.meta)
    assert (meta["title"], meta["cleaning"], meta["owner"]) == ("三国演义 第1.5版", None, "local")


def test_a_title_and_an_encoding_may_be_given(workspace, source, capsys):
    assert run(source, "--title", "《三国》", "--encoding", "gbk") == 0
    assert "三国-" in capsys.readouterr().out
    [folder] = workspace.novels.iterdir()
    assert read_json(folder / "novel.json")["title"] == "三国"


def test_a_file_that_lies_under_another_name_may_be_called_by_its_own(workspace, source):
    [row] = step.ingest_file(workspace, source, called="../《诗》\u202e\ud83d.TXT", owner="ann").novels
    novel = workspace.novel(row["id"])
    assert row["title"] == "诗"
    assert read_json(novel.manifest)["made_from"]["file"] == "../《诗》\u202e?.TXT"
    assert novel.original(".txt").exists()
    assert read_json(novel.meta)["owner"] == "ann"


@pytest.mark.parametrize(("name", "title"), [("\u200b春\ufeff\u2066", "春"), ("a\u2028b", "a b"), ("\udc80", "untitled")])
def test_a_title_holds_nothing_that_cannot_be_seen_or_kept(name, title):
    assert title_of(name) == title


def test_one_bad_file_does_not_stop_the_others(workspace, source, tmp_path, capsys):
    picture, empty = tmp_path / "pic.txt", tmp_path / "empty.txt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    empty.touch()
    (tmp_path / "folder" / ".hidden").mkdir(parents=True)
    assert run(picture, empty, tmp_path / "folder", tmp_path / "gone.txt", source, "--json") == 0
    captured = capsys.readouterr()
    manifest = json.loads(captured.out)
    assert len(manifest["novels"]) == 1
    assert [Path(row["file"]).name for row in manifest["skipped"]] == ["pic.txt", "empty.txt", "gone.txt", "folder"]
    for row, words in zip(manifest["skipped"], ["a PNG picture", "is empty", "there is no file", "no file in"], strict=True):
        assert words in row["why"]
        assert f"{row['file']}: {row['why']}\n" in captured.err
    assert captured.err.count("\n") == 4
    assert len(list(workspace.novels.iterdir())) == 1


def test_nothing_ingested_is_a_manifest_and_a_failure(workspace, tmp_path, capsys):
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\x00" * 100)
    assert run(bad, "--json") == 2
    captured = capsys.readouterr()
    manifest = json.loads(captured.out)
    assert manifest["novels"] == []
    assert manifest["skipped"][0]["code"] == "only_nuls"
    assert captured.err == f"{bad}: {manifest['skipped'][0]['why']}\n"
    assert run(bad) == 2
    assert capsys.readouterr().out == ""
    assert list(workspace.novels.iterdir()) == []


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["a.txt", "b.txt", "--title", "T"], "--title names one novel"),
        ([], "the following arguments are required"),
    ],
)
def test_wrong_flags_are_a_sentence(argv, words, capsys):
    assert run(*argv) == 2
    assert words in capsys.readouterr().err


def test_an_unknown_encoding_is_a_sentence(source, capsys):
    assert run(source, "--encoding", "utf-9") == 2
    assert "there is no encoding 'utf-9'" in capsys.readouterr().err


@pytest.mark.parametrize("codec", ["gb18030", "big5"])
@pytest.mark.parametrize("cut", ["lost byte", "cut tail"])
def test_a_damaged_file_is_read_and_its_losses_counted(workspace, tmp_path, codec, cut):
    data = ("她推開門，雨聲一下子小了。你來了，他說。\n" * 50).encode(codec)
    source = tmp_path / "书.txt"
    source.write_bytes(data[:-2] if cut == "cut tail" else data[:301] + data[302:])
    [row] = step.ingest_file(workspace, source).novels
    assert row["encoding"] == codec
    assert row["replaced"] <= 3


def test_a_failure_leaves_no_half_a_novel(workspace, source, monkeypatch):
    def fail(*arguments, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipelines.bring.write_meta", fail)
    assert run(source) == 2
    assert list(workspace.novels.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("红楼梦.TXT", ("红楼梦", ".txt")),
        ("红楼梦", ("红楼梦", "")),
        ("第1.5部 雪", ("第1.5部 雪", "")),
        ("a.b.md", ("a.b", ".md")),
        (".txt", (".txt", "")),
    ],
)
def test_a_name_has_a_stem_and_an_extension(name, parts):
    assert split_name(name) == parts


def test_a_title_is_never_empty():
    assert title_of("《》") == "untitled"
    assert title_of("《红楼梦》\n曹雪芹") == "红楼梦 曹雪芹"


def test_a_file_too_large_or_none_at_all_is_refused(tmp_path):
    source = tmp_path / "big.txt"
    source.write_bytes(b"x" * 11)
    with pytest.raises(BadText, match="more than"):
        read_source(source, largest_bytes=10)
    with pytest.raises(NotFound):
        read_source(tmp_path / "none.txt")
    with pytest.raises(BadText, match="cannot be read"):
        read_source(tmp_path / ("long" * 100))


STORY = "第一章 雨夜\n她推开门，雨声一下子小了。\n你来了，他说。\n" * 20


def story(number):
    return f"第{number}部\n{STORY}"


def texts(workspace):
    return {read_json(path / "novel.json")["title"]: read_text(path / "raw.txt") for path in workspace.novels.iterdir()}


def test_a_file_is_what_its_bytes_say(workspace, tmp_path, capsys):
    epub(tmp_path / "a.txt", [("a.html", f"<h1>第一章</h1><p>{STORY}</p>")], title="《夜航》")
    docx(tmp_path / "b.txt", paragraph(STORY), title="雨")
    (tmp_path / "c.txt").write_text(f"<html><head><title>页</title></head><body><p>{STORY}</p></body></html>", encoding="gb18030")
    (tmp_path / "d.txt").write_text(json.dumps([STORY, STORY]), encoding="utf-8")
    assert run(tmp_path, "--json") == 0
    rows = json.loads(capsys.readouterr().out)["novels"]
    assert [(row["title"], row["kind"], row["encoding"]) for row in rows] == [
        ("夜航", "epub", "utf-8"),
        ("雨", "docx", "utf-8"),
        ("页", "html", "gb18030"),
        ("d", "json", "utf-8"),
    ]
    manifest = read_json(workspace.novel(rows[0]["id"]).manifest)
    assert manifest["chapter_marks"] == [["第一章", 0]]
    assert (manifest["repaired"], manifest["places"], manifest["mended"]) == (0, [], "")
    assert workspace.novel(rows[0]["id"]).original(".txt").read_bytes() == (tmp_path / "a.txt").read_bytes()


def test_a_title_that_a_program_made_is_none(workspace, tmp_path):
    source = epub(tmp_path / "夜航.epub", [("a.html", STORY)], title=" Unknown ")
    assert step.ingest_file(workspace, source).novels[0]["title"] == "夜航"


def test_an_archive_is_a_novel_for_each_member(workspace, tmp_path, capsys):
    inner = zipped(tmp_path / "inner", {"x.txt": STORY})
    members = [
        ("书/红楼梦.txt", story(1).encode("gb18030")),
        ("../../《西游记》.TXT", story(2).encode()),
        ("C:\\水浒传.md", story(3).encode("utf-16")),
        ("书/", b""),
        ("__MACOSX/书/._红楼梦.txt", b"x"),
        ("封面.jpg", b"\xff\xd8\xff\xe0" + bytes(50)),
        ("内.zip", inner.read_bytes()),
        ("空.txt", b""),
    ]
    source = raw_zip(tmp_path / "书库.zip", [(name.encode("gbk"), data) for name, data in members])
    assert run(source, "--json", "--title", "不是书名") == 0
    manifest = json.loads(capsys.readouterr().out)
    assert [row["title"] for row in manifest["novels"]] == ["红楼梦", "西游记", "水浒传"]
    assert [row["code"] for row in manifest["skipped"]] == ["not_text", "archive_in_archive", "empty"]
    assert manifest["skipped"][0]["file"] == f"{source}/封面.jpg"
    novel = workspace.novel(manifest["novels"][1]["id"])
    saved = read_json(novel.manifest)
    assert saved["member"] == "../../《西游记》.TXT"
    assert saved["made_from"] == {"file": "《西游记》.TXT", "sha256": saved["original_sha256"], "archive": "书库.zip"}
    assert novel.original(".txt").read_bytes() == story(2).encode()
    assert saved["original_sha256"] == hashlib.sha256(story(2).encode()).hexdigest()
    assert len(list(workspace.novels.iterdir())) == 3
    assert not (tmp_path.parent / "《西游记》.TXT").exists()


def test_a_folder_goes_on_where_it_was_left(workspace, tmp_path, capsys):
    folder = tmp_path / "书库"
    (folder / "二").mkdir(parents=True)
    for number, name in enumerate(("一.txt", "二/二.txt", ".隐.txt", "重.txt")):
        (folder / name).write_text(story(min(number, 2)), encoding="utf-8")
    (folder / "重.txt").write_text(story(0), encoding="utf-8")
    assert run(folder, "--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert [row["title"] for row in first["novels"]] == ["一", "二"]
    assert [(row["code"], row["why"]) for row in first["skipped"]] == [("already_here", "it is already here as 一")]
    (folder / "三.txt").write_text(story(3), encoding="utf-8")
    # As a killed command leaves them.
    for left in ("arriving.0a1b2c3d.partial", "三-0a1b2c3d.0a1b2c3d.partial"):
        (workspace.novels / left).mkdir()
    assert run(folder, "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert [row["title"] for row in again["novels"]] == ["三"]
    assert [row["why"][-1] for row in again["skipped"]] == ["一", "一", "二"]
    assert run(folder) == 0
    assert capsys.readouterr().out == "nothing new\n"
    assert len(list_folders(workspace.novels)) == 3


def test_what_is_here_comes_again_when_something_else_is_asked(workspace, source):
    assert (
        run(source) == run(source, "--encoding", "gbk") == run(source, "--encoding", "gbk") == run(source, "--title", "另") == 0
    )
    assert len(list(workspace.novels.iterdir())) == 3
    assert step.ingest_file(workspace, source, owner="ann").novels
    assert run(source, "--workers", "1") == 0
    assert len(list(workspace.novels.iterdir())) == 4


def test_several_processes_do_what_one_does(workspace, tmp_path, capsys):
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text(story(number // 2), encoding="utf-8")
    (tmp_path / "4.txt").write_bytes(b"%PDF-1.4 not text")
    assert run(tmp_path, "--workers", "2", "--json") == 0
    manifest = json.loads(capsys.readouterr().out)
    assert len(manifest["novels"]) == 2
    assert sorted(row["code"] for row in manifest["skipped"]) == ["already_here", "already_here", "not_text"]
    assert len(list(workspace.novels.iterdir())) == 2
    assert run(tmp_path, "--workers", "0") == 2
    assert "--workers cannot be 0" in capsys.readouterr().err


BAD = {
    "png.txt": b"\x89PNG\r\n\x1a\n" + bytes(99),
    "pdf.txt": b"%PDF-1.7\n" + bytes(range(256)),
    "rtf.txt": b"{\\rtf1\\ansi x}",
    "exe.txt": b"MZ\x90\x00\x03" + bytes(99),
    "sqlite.txt": b"SQLite format 3\x00" + bytes(99),
    "nuls.txt": bytes(99),
    "one.txt": b"\xff",
    "mark.txt": b"\xef\xbb\xbf",
    "blank.txt": b" \n\n",
    "zip.txt": b"PK\x03\x04 this is none",
    "epub.txt": b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/epub+zip" + bytes(99),
    "parquet.txt": b"PAR1\x15" + bytes(99) + b"PAR1",
    "arrow.txt": b"ARROW1\x00\x00" + bytes(99),
    "json.txt": b'["a", "b',
}


def test_no_bad_file_stops_the_others(workspace, tmp_path, capsys):
    for name, data in BAD.items():
        (tmp_path / name).write_bytes(data)
    zipped(tmp_path / "bomb.zip", {"a.txt": bytes(30_000_000)})
    zipped(tmp_path / "nested.zip", {"a.zip": zipped(tmp_path / ".inner", {"a.txt": STORY}).read_bytes()})
    (tmp_path / "书.txt").write_text(STORY, encoding="utf-8")
    assert run(tmp_path, "--json") == 0
    captured = capsys.readouterr()
    manifest = json.loads(captured.out)
    assert [row["title"] for row in manifest["novels"]] == ["书"]
    skipped = {Path(row["file"].removesuffix("/a.zip")).name: row for row in manifest["skipped"]}
    assert set(skipped) == {*BAD, "bomb.zip", "nested.zip"}
    assert all(row["why"] and "\n" not in row["why"] for row in skipped.values())
    assert "Traceback" not in captured.err
    assert len(list(workspace.novels.iterdir())) == 1


def test_strange_names_are_only_names(workspace, tmp_path, capsys):
    names = ["字" * 83 + ".txt", "\u202etxt.exe", "a\x1b[31m\n.txt", "=cmd().txt", "CON.txt", "-x.txt", "《》.txt"]
    for number, name in enumerate(names):
        (tmp_path / name).write_text(story(number), encoding="utf-8")
    (tmp_path / "b\x1b[31m.txt").write_bytes(b"")
    with contextlib.suppress(OSError, UnicodeError):
        (tmp_path / os.fsdecode("诗".encode("gbk") + b".txt")).write_text(story(9), encoding="utf-8")
        names.append("诗")
    assert run(tmp_path, "--json") == 0
    captured = capsys.readouterr()
    manifest = json.loads(captured.out)
    assert len(manifest["novels"]) == len(names)
    assert all(row["title"].isprintable() for row in manifest["novels"])
    assert "\x1b" not in captured.err
    assert all(path.parent == workspace.novels for path in workspace.novels.iterdir())


def test_a_book_of_one_line_is_read(workspace, tmp_path):
    source = tmp_path / "一.txt"
    source.write_text("她推开门，雨声一下子小了。" * 80_000, encoding="utf-8")
    [row] = step.ingest_file(workspace, source).novels
    assert row["characters"] == 80_000 * 13
    assert row["chapters"] > 1


def test_a_book_longer_than_a_section_is_whole(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.sections.SECTION_CHARACTERS", 1_000)
    source = tmp_path / "长.txt"
    text = "".join(f"第{number}章 雨\n{STORY}" for number in range(1, 30))
    source.write_text(text, encoding="utf-8", newline="")
    [row] = step.ingest_file(workspace, source).novels
    novel = workspace.novel(row["id"])
    assert read_text(novel.raw_text) == text
    assert read_json(novel.manifest)["raw_sha256"] == hashlib.sha256(text.encode()).hexdigest()


@given(st.binary(max_size=300))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("begun", [b"", b"PK\x03\x04", b"<html>", b'["', b"PAR1", b"\xff\xff\xff\xff\x08\x00\x00\x00"])
def test_no_bytes_are_a_traceback(workspace, tmp_path, begun, data):
    source = tmp_path / "书.txt"
    source.write_bytes(begun + data)
    with contextlib.suppress(BadText):
        for novel in step.ingest_file(workspace, source).novels:
            assert read_text(workspace.novel(novel["id"]).raw_text).strip()
