from types import SimpleNamespace

import pytest

from studio.uploads import Upload, UploadBox, forget


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Gradio's folder of uploads."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


def test_files_come_with_the_names_they_had(place):
    sent = SimpleNamespace(
        root=[SimpleNamespace(path="/u/1/x.txt", orig_name="《x》.txt"), SimpleNamespace(path="/u/2/y", orig_name=None)]
    )
    box = UploadBox(file_count="multiple")
    assert [upload.name for upload in box.preprocess(sent)] == ["《x》.txt", "y"]
    assert box.preprocess(None) == []
    assert list(place.iterdir()) == []


def test_gradios_copies_are_deleted_and_nothing_else(place, tmp_path):
    inside, outside = place / "hash" / "a.txt", tmp_path / "b.txt"
    inside.parent.mkdir()
    for path in (inside, outside):
        path.write_text("x")
    forget([Upload(inside, "a"), Upload(outside, "b"), Upload(place / "gone" / "c.txt", "c"), Upload(inside, "a")])
    assert list(place.iterdir()) == []
    assert outside.exists()
