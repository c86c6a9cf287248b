import pytest

from pipelines.files import read_json, write_json
from pipelines.ingest import ingest_file
from studio.services import spots as module
from studio.services.spots import MOST_SPOTS, spots


@pytest.fixture
def novel(workspace, tmp_path):
    """Make a novel of a text, with places in its manifest."""

    def make(text, places):
        file = tmp_path / "a.txt"
        file.write_text(text, encoding="utf-8")
        folder = workspace.novel(ingest_file(workspace, file).novels[0]["id"])
        write_json(folder.manifest, read_json(folder.manifest) | {"places": places})
        return folder

    return make


def place(at, length=1, kind="replaced", note=""):
    return {"at": at, "kind": kind, "length": length, "note": note}


def test_a_place_comes_with_the_words_around_it(novel):
    (spot,) = spots(novel("她走过桥，\n\n雨\ufffd停。" + "长" * 100, [place(8)]))
    assert (spot.before, spot.text, spot.after) == ("她走过桥， 雨", "\ufffd", "停。" + "长" * 12)
    assert 0 < spot.share < 0.1


def test_of_a_part_in_another_encoding_only_the_beginning_is_shown(novel):
    (spot,) = spots(novel("甲" * 200, [place(100, 100, "encoding", "cp950")]))
    assert (spot.kind, spot.note, len(spot.text)) == ("encoding", "cp950", module.AROUND_CHARACTERS)


def test_only_the_first_places_are_shown(novel):
    assert len(spots(novel("甲" * 200, [place(at) for at in range(100)]))) == MOST_SPOTS


def test_what_is_too_far_on_is_named_without_its_words(novel, monkeypatch):
    monkeypatch.setattr(module, "LOOKED_AT_CHARACTERS", 10)
    monkeypatch.setattr(module, "BLOCK_BYTES", 30)
    near, far = spots(novel("甲" * 200, [place(3), place(150)]))
    assert (bool(near.text), far.text, far.share) == (True, "", 0.75)


@pytest.mark.parametrize("places", [None, 7, "x", [7, {}, {"at": "x", "length": 1}], [{"at": 1}]])
def test_what_somebody_else_wrote_does_no_harm(novel, places):
    assert spots(novel("甲乙丙丁戊己庚辛", places)) == []


def test_a_novel_whose_files_are_gone_has_none(novel):
    folder = novel("甲乙丙丁戊己庚辛", [place(1)])
    folder.raw_text.unlink()
    assert spots(folder) == []
