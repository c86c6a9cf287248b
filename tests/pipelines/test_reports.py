"""Reports: one JSON object, read row by row, whatever is in it, and by whomever it was written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import reports
from pipelines.cleaning import Recipe, clean
from pipelines.errors import BadText, BrokenArtifact
from pipelines.files import replacing
from tests.pipelines.rules.test_all_rules import DIRT


def write(path, header, rows):
    with replacing(path) as file:
        reports.write(file, header, [json.dumps(row, ensure_ascii=False) for row in rows])


def header_of(raw, done):
    return {"characters_before": len(raw), "characters_after": len(done.text), "sections": [len(done.text)]}


@given(DIRT)
def test_a_text_comes_back_from_its_report_whatever_was_removed(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("report") / "r.json"
    done = clean(text)
    rows = list(reports.rows(done.stages))
    write(path, header_of(text, done), rows)
    assert list(reports.read_rows(path)) == rows == json.loads(path.read_text(encoding="utf-8"))["removed"]
    assert reports.read_header(path) == header_of(text, done)
    assert reports.restored(done.text, path) == text


@given(st.dictionaries(st.text(), st.text()), st.lists(st.dictionaries(st.text(), st.text()), max_size=3))
def test_a_report_that_another_program_has_set_anew_is_read_all_the_same(tmp_path_factory, header, rows):
    path = tmp_path_factory.mktemp("report") / "r.json"
    header.pop("removed", None)
    path.write_text(json.dumps(header | {"removed": rows}, indent=2), encoding="utf-8")
    assert (reports.read_header(path), list(reports.read_rows(path))) == (header, rows)


def test_the_report_of_another_text_restores_nothing(tmp_path):
    path = tmp_path / "r.json"
    done = clean("  一\n", Recipe(("indents",)))
    write(path, header_of("  一\n", done), reports.rows(done.stages))
    with pytest.raises(BadText):
        reports.restored(done.text + "二", path)


def test_a_damaged_row_is_a_sentence(tmp_path):
    path = tmp_path / "r.json"
    write(path, {}, [{"rule": "x"}])
    path.write_text(path.read_text(encoding="utf-8").replace('"x"', "x"), encoding="utf-8")
    with pytest.raises(BrokenArtifact):
        list(reports.read_rows(path))


@pytest.mark.parametrize(
    "report",
    [
        {"sections": ["a"], "removed": []},
        {"sections": {"a": 1}, "removed": {"a": 1}},
        {"characters_after": 2, "removed": [1]},
        {"characters_after": 2, "removed": [{"x": 1}]},
        {"characters_after": 2, "removed": [{"rule": 1, "at": "q", "text": 2, "inserted": []}]},
    ],
)
def test_json_that_is_no_report_restores_nothing(tmp_path, report):
    path = tmp_path / "r.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    with pytest.raises(BadText, match="not the report"):
        reports.restored("一二", path)
