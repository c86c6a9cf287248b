"""Files become novels, whole; what is no text is passed over with a reason."""

import hashlib
import json

import pytest

from pipelines import ingest as step
from pipelines.errors import BadText, NotFound
from pipelines.files import read_json, read_text
from pipelines.sources import read_source

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
    row = step.ingest_file(workspace, source, called="../《诗》\u202e\ud83d.TXT", owner="ann")
    novel = workspace.novel(row["id"])
    assert row["title"] == "诗"
    assert read_json(novel.manifest)["made_from"]["file"] == "../《诗》\u202e?.TXT"
    assert novel.original(".txt").exists()
    assert read_json(novel.meta)["owner"] == "ann"


@pytest.mark.parametrize(("name", "title"), [("\u200b春\ufeff\u2066", "春"), ("a\u2028b", "a b"), ("\udc80", "untitled")])
def test_a_title_holds_nothing_that_cannot_be_seen_or_kept(name, title):
    assert step.title_of(name) == title


def test_one_bad_file_does_not_stop_the_others(workspace, source, tmp_path, capsys):
    picture, empty = tmp_path / "pic.txt", tmp_path / "empty.txt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    empty.touch()
    assert run(picture, empty, tmp_path, tmp_path / "gone.txt", source, "--json") == 0
    captured = capsys.readouterr()
    manifest = json.loads(captured.out)
    assert len(manifest["novels"]) == 1
    assert [row["file"] for row in manifest["skipped"]] == [str(picture), str(empty), str(tmp_path), str(tmp_path / "gone.txt")]
    for row, words in zip(manifest["skipped"], ["a PNG picture", "is empty", "is a folder", "there is no file"], strict=True):
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
    row = step.ingest_file(workspace, source)
    assert row["encoding"] == codec
    assert row["replaced"] <= 3


def test_a_failure_leaves_no_half_a_novel(workspace, source, monkeypatch):
    def fail(*arguments, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(step, "write_meta", fail)
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
    assert step.split_name(name) == parts


def test_a_title_is_never_empty():
    assert step.title_of("《》") == "untitled"
    assert step.title_of("《红楼梦》\n曹雪芹") == "红楼梦 曹雪芹"


def test_a_file_too_large_or_none_at_all_is_refused(tmp_path):
    source = tmp_path / "big.txt"
    source.write_bytes(b"x" * 11)
    with pytest.raises(BadText, match="more than"):
        read_source(source, largest_bytes=10)
    with pytest.raises(NotFound):
        read_source(tmp_path / "none.txt")
    with pytest.raises(BadText, match="cannot be read"):
        read_source(tmp_path / ("long" * 100))
