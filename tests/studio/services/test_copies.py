import json

import pyarrow.parquet as pq
import pytest

from pipelines.cleanings import clean_novel, read_cleaning
from pipelines.errors import Conflict, Forbidden, NotFound
from pipelines.ingest import ingest_file
from studio.access import GUEST, Visitor
from studio.services.copies import Copies
from studio.services.novels import Novels

ANN, BEN = Visitor("ann", "writer"), Visitor("ben", "writer")


class Here:
    """Workers that work in this process."""

    def run(self, function, *arguments, hear, stop, seconds):
        assert not stop.is_set()
        return function(*arguments, hear)


@pytest.fixture
def novel(workspace, project, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    found = ingest_file(workspace, project / "assets" / "samples" / "zh.txt", title="渡口/一", owner="ann").novels[0]
    return workspace.novel(found["id"])


@pytest.fixture
def copies(workspace):
    return Copies(Novels(workspace).folder, Here())


def test_the_clean_text_comes_in_each_kind(copies, novel):
    clean_novel(novel)
    text = read_cleaning(novel).text
    made = {kind: copies.make(ANN, novel.id, kind) for kind in ("txt", "json", "parquet")}
    assert [name for _, name in made.values()] == ["渡口/一.txt", "渡口/一.json", "渡口/一.parquet"]
    assert made["txt"][0].read_text(encoding="utf-8") == text
    assert "".join(json.loads(made["json"][0].read_text(encoding="utf-8"))) == text
    assert "".join(pq.read_table(made["parquet"][0])["text"].to_pylist()) == text


def test_a_novel_that_was_never_cleaned_has_none_and_leaves_nothing_behind(copies, novel, tmp_path):
    with pytest.raises(Conflict) as caught:
        copies.make(ANN, novel.id, "txt")
    assert caught.value.code == "not_cleaned"
    assert list((tmp_path / "uploads").iterdir()) == []


def test_nobody_else_takes_it(copies, novel):
    clean_novel(novel)
    for other in (BEN, GUEST):
        with pytest.raises(Forbidden):
            copies.make(other, novel.id, "txt")


@pytest.mark.parametrize("kind", ["exe", "", "../txt"])
def test_another_kind_is_not_there(copies, novel, kind):
    with pytest.raises(NotFound):
        copies.make(ANN, novel.id, kind)
