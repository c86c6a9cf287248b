import asyncio
import io
import os
import re
import subprocess
import zipfile
from urllib.parse import quote, unquote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pipelines.cleanings import clean_novel, read_cleaning
from pipelines.errors import StudioError
from pipelines.ingest import ingest_file
from pipelines.workspace import change_meta
from studio.routes import downloads
from studio.server import answer_error
from studio.services import open_services
from tests.small_shelf import stand

ADDRESS = ("127.0.0.1", 50000)


@pytest.fixture
def app(workspace):
    made = FastAPI()
    made.state.services = open_services(workspace)
    made.add_exception_handler(StudioError, answer_error)
    made.include_router(downloads.router)
    return made


@pytest.fixture
def client(app):
    with TestClient(app, client=ADDRESS) as made:
        yield made


def test_a_model_comes_as_a_zip_of_one_folder_with_its_very_files(client, workspace):
    folder = stand(workspace, "船到江心 1")
    answer = client.get("/api/bundles/船到江心 1/download")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        got = {name: archive.read(name) for name in archive.namelist()}
    assert got == {f"船到江心 1/{path.name}": path.read_bytes() for path in folder.iterdir() if path.name != "meta.json"}


def test_unzip_opens_it(client, workspace, tmp_path):
    stand(workspace, "船到江心")
    file = tmp_path / "got.zip"
    file.write_bytes(client.get("/api/bundles/船到江心/download").content)
    try:
        done = subprocess.run(["unzip", "-tq", file], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unzip here")
    assert done.returncode == 0


def test_the_name_of_the_file_may_be_of_any_script(client, workspace):
    stand(workspace, "船-1")
    disposition = client.get("/api/bundles/船-1/download").headers["content-disposition"]
    plain, coded = re.fullmatch(r"attachment; filename=\"([^\"]+)\"; filename\*=UTF-8''([!-~]+)", disposition).groups()
    assert (plain, unquote(coded)) == ("_-1.zip", "船-1.zip")


@pytest.mark.parametrize("name", ['a"b', "a\r\nSet-Cookie: x", "😀", ""])
def test_no_name_breaks_out_of_its_header(name):
    value = downloads.attachment(name)["Content-Disposition"]
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2


@pytest.mark.parametrize("what", ["check", "download"])
def test_a_damaged_model_is_a_sentence_in_the_pages_language(client, workspace, what):
    (stand(workspace) / "model.safetensors").write_bytes(b"cut")
    answers = [client.get(f"/api/bundles/story/{what}", headers={"X-Moxu-Language": name}) for name in ("zh", "en")]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(500, "broken_bundle")] * 2
    assert answers[0].json()["error"]["message"] != answers[1].json()["error"]["message"]


@pytest.mark.parametrize("wanted", ["stor", "other", "%2e%2e", "..%2Fruns"])
def test_what_is_not_on_the_shelf_is_not_found(client, workspace, wanted):
    stand(workspace)
    assert client.get(f"/api/bundles/{wanted}/download").status_code == 404


def test_nobody_from_elsewhere_takes_a_model(app, workspace):
    stand(workspace)
    with TestClient(app, client=("192.0.2.7", 50000)) as stranger:
        assert stranger.get("/api/bundles/story/download").status_code == 403


@pytest.fixture
def novel(workspace, project, monkeypatch, tmp_path):
    """The id of a cleaned novel."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    made = workspace.novel(ingest_file(workspace, project / "assets" / "samples" / "zh.txt", title="渡口").novels[0]["id"])
    clean_novel(made)
    return made


def test_the_clean_text_of_a_novel_comes_by_its_title_and_leaves_nothing_behind(client, novel, tmp_path):
    answer = client.get(f"/api/novels/{novel.id}/clean.txt")
    assert answer.text == read_cleaning(novel).text
    assert quote("渡口.txt") in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize(("wanted", "status"), [("clean.exe", 404), ("clean.", 404), ("../clean.txt", 404), ("clean.txt", 409)])
def test_a_clean_text_that_is_not_there_is_a_sentence(client, workspace, novel, wanted, status):
    change_meta(novel.meta, cleaning=None)
    answer = client.get(f"/api/novels/{novel.id}/{wanted}", headers={"X-Moxu-Language": "zh"})
    assert answer.status_code == status


def test_nobody_from_elsewhere_takes_a_novel(app, novel):
    with TestClient(app, client=("192.0.2.7", 50000)) as stranger:
        assert stranger.get(f"/api/novels/{novel.id}/clean.txt").status_code == 403


def test_it_is_sent_in_parts_and_holds_no_more_than_one(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "CHUNK_BYTES", 1000)
    file = tmp_path / "model.safetensors"
    file.write_bytes(bytes(50_000))
    assert max(map(len, downloads.zipped("story", [file]))) < 1500


def test_a_file_of_more_than_four_gigabytes_makes_a_zip64(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    file = tmp_path / "model.safetensors"
    file.write_bytes(bytes(range(250)) * 20)
    made = b"".join(downloads.zipped("story", [file]))
    assert b"PK\x06\x06" in made  # the zip64 end of central directory
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.read("story/model.safetensors") == file.read_bytes()


def test_a_client_that_leaves_closes_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "CHUNK_BYTES", 10)
    file = tmp_path / "model.safetensors"
    file.write_bytes(bytes(100))
    opened = []
    open_file = type(file).open
    monkeypatch.setattr(type(file), "open", lambda path, *mode: opened.append(open_file(path, *mode)) or opened[-1])
    parts = downloads.zipped("story", [file])
    next(parts)
    parts.close()
    assert [handle.closed for handle in opened] == [True]


def test_a_date_before_zips_were_made_does_no_harm(tmp_path):
    file = tmp_path / "old.txt"
    file.write_text("x", encoding="utf-8")
    os.utime(file, (0, 0))
    assert b"".join(downloads.zipped("story", [file])).startswith(b"PK")


def test_leaving_in_the_middle_lets_go_of_the_files(tmp_path):
    file = tmp_path / "model.safetensors"
    file.write_bytes(bytes(10))
    parts = downloads.zipped("story", [file])

    async def receive():
        return {"type": "http.disconnect"}

    async def send(_):
        await asyncio.Event().wait()

    asyncio.run(downloads.Sending(parts, "story.zip")({"type": "http"}, receive, send))
    assert list(parts) == []
