"""Tables of data sets: a column of texts, in every kind of file that pyarrow writes."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import BadText
from pipelines.formats import tables as step
from pipelines.formats.tables import table_documents
from pipelines.magic import kind_of


def write(path, table, kind):
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        maker = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
        with pa.OSFile(str(path), "wb") as sink, maker(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=2)
    return path


def read(path):
    return [
        (one.title, "".join(one.blocks), one.original) for one in table_documents(path, path.name, kind_of(path.read_bytes()))
    ]


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_rows_are_paragraphs_apart(tmp_path, kind):
    source = write(tmp_path / "a", pa.table({"id": [1, 2, 3, 4], "text": ["甲", None, "乙\n", "丙"]}), kind)
    assert read(source) == [("", "甲\n\n乙\n\n丙", source)]


@pytest.mark.parametrize("type_", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_texts_of_every_type_are_read(tmp_path, type_):
    table = pa.table({"content": pa.array(["甲", "乙"]).cast(type_)})
    assert read(write(tmp_path / "a", table, "parquet"))[0][1] == "甲\n\n乙"


@pytest.mark.parametrize("kind", ["parquet", "stream"])
def test_our_own_columns_are_a_novel_each(tmp_path, kind):
    rows = {"novel": ["甲", "甲", "乙"], "number": [1, 2, None], "title": ["一", "二", ""], "text": ["一\n", "二\n", "三"]}
    assert read(write(tmp_path / "a", pa.table(rows), kind)) == [("甲", "一\n二\n", None), ("乙", "三", None)]


def test_a_table_without_texts_names_its_columns(tmp_path):
    with pytest.raises(BadText, match="its columns are: id, body_html"):
        read(write(tmp_path / "a", pa.table({"id": [1], "body_html": ["x"]}), "parquet"))
    with pytest.raises(BadText, match="text of this table holds int64"):
        read(write(tmp_path / "a", pa.table({"text": [1]}), "parquet"))


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_a_damaged_table_is_a_sentence(tmp_path, kind):
    source = write(tmp_path / "a", pa.table({"text": ["甲" * 500, "乙" * 500]}), kind)
    data = bytearray(source.read_bytes())
    data[60:-8] = bytes(len(data) - 68)
    source.write_bytes(data)
    with pytest.raises(BadText, match="damaged"):
        read(source)


def test_a_text_that_is_repeated_beyond_reason_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(step, "LEAST_SUSPECT_CHARACTERS", 1000)
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array(["字" * 3000]))
    with pytest.raises(BadText, match="unpacks to"):
        read(write(tmp_path / "a", pa.table({"text": column}), "parquet"))


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_one_huge_text_that_all_rows_share_is_never_held_many_times(tmp_path, kind):
    path = tmp_path / "t"
    huge = pa.array(["a" * 20_000_000])
    table = pa.table({"text": pa.DictionaryArray.from_arrays(pa.array([0] * 64, pa.int32()), huge)})
    if kind == "parquet":
        pq.write_table(table, path, compression="zstd", dictionary_pagesize_limit=2**30)
    else:
        with pa.ipc.new_file(str(path), table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as file:
            file.write_table(table)
    del table
    before = pa.total_allocated_bytes()
    rows = step._rows(path, kind, ["text"])
    assert len(next(rows)["text"]) == 20_000_000
    assert pa.total_allocated_bytes() - before < 10 * 20_000_000
    with pytest.raises(BadText, match="unpacks to"):
        list(rows)


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_table_with_two_columns_of_one_name_is_a_sentence(tmp_path, kind):
    path = tmp_path / "t"
    table = pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(str(path), table.schema) as file:
            file.write_table(table)
    with pytest.raises(BadText, match="damaged"):
        list(step._rows(path, kind, ["text"]))
