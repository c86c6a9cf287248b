"""What goes out comes in again as the same text, and is what the older scripts can read."""

import json

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import exports as step
from pipelines.chapters import find_chapters
from pipelines.decode import decode
from pipelines.errors import BadSettings, Conflict, NotFound
from pipelines.exports import ExportedChapter, entries, export
from pipelines.formats.documents import Document
from pipelines.sources import read_documents

LONG = "她推开门，雨声一下子小了。\n" * 12


def chapters(*texts):
    return [ExportedChapter(text.split("\n")[0], text, number) for number, text in enumerate(texts, start=1)]


NOVELS = [("甲", chapters("第一章\n" + LONG, "第二章\n短\n", "第三章\n" + LONG)), ("乙", chapters("第一回\n" + LONG))]


def read(path):
    return {one.title: "".join(one.blocks) for one in read_documents(path) if isinstance(one, Document)}


@pytest.mark.parametrize("name", ["train.json", "x.txt", "x.PARQUET"])
def test_a_novel_comes_back_as_it_was(tmp_path, name):
    done = export(NOVELS[:1], tmp_path / name)
    text = "".join(chapter.text for chapter in NOVELS[0][1])
    assert done == {"out": str(tmp_path / name), "novels": 1, "chapters": 3, "characters": len(text)}
    assert list(read(tmp_path / name).values()) == [text]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["train.json", "x.txt", "x.parquet"])
@pytest.mark.parametrize("novel", ["zh_big5/laocanyouji_big5hkscs.txt", "zh_gb/sanguo_gbk_wrapped40.txt"])
def test_a_real_novel_comes_back_as_it_was(tmp_path, novels, novel, name):
    text = decode((novels / novel).read_bytes()).text.replace("\r\n", "\n")
    cut = [ExportedChapter(one.title, text[one.start : one.end], one.number) for one in find_chapters(text)]
    export([("书", cut)], tmp_path / name)
    assert list(read(tmp_path / name).values()) == [text]


def test_several_novels_stay_apart(tmp_path):
    texts = ["".join(chapter.text for chapter in parts) for _, parts in NOVELS]
    export(NOVELS, tmp_path / "x.txt")
    assert (tmp_path / "x.txt").read_text(encoding="utf-8") == "\n".join(texts)
    export(NOVELS, tmp_path / "x.parquet")
    assert read(tmp_path / "x.parquet") == dict(zip("甲乙", texts, strict=True))
    assert pq.read_table(tmp_path / "x.parquet").column_names == ["novel", "number", "title", "text"]


def test_a_table_is_written_group_by_group(tmp_path, monkeypatch):
    monkeypatch.setattr(step, "GROUP_CHARACTERS", 200)
    export(NOVELS, tmp_path / "x.parquet")
    assert pq.ParquetFile(tmp_path / "x.parquet").num_row_groups == 2
    assert pq.read_table(tmp_path / "x.parquet").column("number").to_pylist() == [1, 2, 3, 1]


def test_json_is_an_array_of_entries_long_enough_and_without_control_characters(tmp_path):
    export([("甲", chapters("一\x01\x1b\r\n" + LONG + "\\e“\n", "二\n", "三\n"))], tmp_path / "train.json")
    found = json.loads((tmp_path / "train.json").read_text(encoding="utf-8"), strict=True)
    assert found == ["一\n" + LONG + "\\e“\n二\n三\n"]


def test_nothing_at_all_is_an_empty_file_of_its_kind(tmp_path):
    for name in ("x.json", "x.txt", "x.parquet"):
        assert export([], tmp_path / name)["novels"] == 0
    assert json.loads((tmp_path / "x.json").read_text()) == []


@given(st.lists(st.sampled_from(["一\n", "二", "\n", LONG, LONG + "x", ""])))
def test_entries_lose_nothing_and_are_never_too_short(texts):
    found = list(entries(chapters(*texts)))
    assert "".join(found) == "".join(texts)
    assert all(entry.endswith("\n") for entry in found[:-1])
    assert len(found) <= 1 or all(len(entry) > step.DROPPED_TOKENS for entry in found)


def test_a_failure_leaves_the_file_as_it_was(tmp_path):
    target = tmp_path / "x.parquet"
    target.write_text("before")

    def failing():
        yield NOVELS[0]
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        export(failing(), target)
    assert (target.read_text(), len(list(tmp_path.iterdir()))) == ("before", 1)


def test_a_wrong_target_is_told_before_any_work(tmp_path):
    (tmp_path / "f.txt").mkdir()
    for name, kind in (("x.doc", BadSettings), ("f.txt", Conflict), ("none/x.txt", NotFound)):
        with pytest.raises(kind):
            export(iter([]), tmp_path / name)
