"""The library in a real browser: many files at once, the choice of an encoding, and the clean text that is taken away."""

import io
import json
import zipfile

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import expect

from pipelines.cleanings import clean_novel, read_cleaning
from pipelines.ingest import ingest_file
from pipelines.workspace import open_workspace
from tests.pages import walks
from tests.pages.visits import NARROW, ready
from tests.pages.walks import LONG_MS, ZH

pytestmark = pytest.mark.timeout(300)
STORY = "第一章 渡口\n\n船到江心，风忽然停了。她说：“别怕。”\n" * 40
TRADITIONAL = "第一章 渡口\n\n船到江心，風忽然停了。她說：「別怕。」\n" * 40
RUSSIAN = "Тихо лодка шла по реке, и никто не говорил ни слова. " * 5
HOSTILE = "\u202e${x} <img src=x onerror=window.hurt=1>" + "长" * 60 + ".txt"


@pytest.fixture
def studio(open_studio, tmp_path):
    return open_studio(tmp_path / "workspace")


def file(name, data):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def zipped(**members):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


def arrived(page, name):
    """The line that tells what became of a file."""
    return page.locator("#library-arrivals .arrivals > li").filter(has_text=name)


def question(page, name):
    return page.locator("#library-questions .asked", has_text=name)


def test_many_encodings_and_formats_come_in_at_once_and_bad_files_stop_none(visits, studio):
    page = visits.open(url=studio.url)
    html = "<html><head><title>网页</title></head><body><p>" + STORY.replace("\n", "</p><p>") + "</p></body></html>"
    members = {f"藏书/第{number}本.txt": (f"第{number}本\n" + STORY).encode("gb18030") for number in range(25)}
    walks.bring(
        page,
        file("gbk.txt", ("甲" + STORY).encode("gbk")),
        file("big5.txt", TRADITIONAL.encode("big5")),
        file("utf16.txt", ("乙" + STORY).encode("utf-16")),
        file("page.htm", html.encode()),
        file("train.json", json.dumps(["丙" + STORY], ensure_ascii=False).encode()),
        file("all.zip", zipped(**members, **{"cover.png": b"\x89PNG\r\n\x1a\n" + bytes(90)})),
        file("book.epub", b"PK\x03\x04" + bytes(99)),
        file(HOSTILE, ("丁" + STORY).encode()),
    )
    expect(arrived(page, "长长长")).to_be_visible(timeout=LONG_MS)
    expect(page.locator("#library-arrivals .coming")).to_have_count(0, timeout=LONG_MS)
    for name, said in (("gbk.txt", "GB18030"), ("big5.txt", "Big5"), ("utf16.txt", "UTF-16"), ("page.htm", "UTF-8")):
        expect(arrived(page, name)).to_contain_text(said)
    expect(arrived(page, "book.epub")).to_contain_text(ZH("library.out"))
    expect(arrived(page, "all.zip")).to_contain_text(ZH("library.arrived.many", novels=25, skipped=1))
    arrived(page, "all.zip").locator("summary", has_text=ZH("library.arrived.skipped", count=1)).click()
    expect(arrived(page, "all.zip")).to_contain_text("cover.png")
    expect(page.locator("#library-rows tbody tr")).to_have_count(31)
    walks.novel_row(page, "第7本").get_by_role("button").click()
    expect(page.locator("#library-card")).to_contain_text("藏书/第7本.txt")
    expect(page.locator("#library-card")).to_contain_text(ZH("library.format.txt"))
    assert page.evaluate("window.hurt") is None


def test_a_file_whose_encoding_nobody_can_tell_is_asked_about_until_it_is_answered(visits, studio):
    page = visits.open(url=studio.url, size=NARROW)
    walks.bring(page, file("俄文.txt", RUSSIAN.encode("koi8_r")), file("другой.txt", RUSSIAN.encode("cp1251")))
    expect(question(page, "俄文.txt").locator("article")).to_have_count(3, timeout=LONG_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.reload()
    ready(page)
    asked = question(page, "俄文.txt")
    expect(asked.locator("article").first).to_contain_text("Тихо лодка")
    # By keyboard alone: another encoding is looked at, then the right one is chosen.
    asked.locator("select").select_option("gb18030")
    asked.get_by_role("button", name=ZH("library.ask.look")).press("Enter")
    expect(asked.locator("article")).to_have_count(4)
    expect(asked.get_by_role("button", name=ZH("library.ask.look"))).to_be_focused()
    asked.get_by_role("button", name=ZH("library.ask.take_as", encoding=ZH("library.encoding.koi8_r"))).press("Enter")
    expect(walks.novel_row(page, "俄文")).to_be_visible(timeout=LONG_MS)
    expect(question(page, "俄文.txt")).to_have_count(0)
    expect(page.locator("#library-card")).to_contain_text(ZH("library.sureness.told"))
    question(page, "другой.txt").get_by_role("button", name=ZH("library.ask.leave")).click()
    expect(page.locator("#library-questions .asked")).to_have_count(0)
    expect(page.locator("#library-rows tbody tr")).to_have_count(1)


def test_files_on_their_way_in_arrive_although_their_page_was_closed(visits, studio):
    page = visits.open(url=studio.url)
    members = {f"{number}.txt": (f"第{number}本\n" + STORY).encode() for number in range(60)}
    walks.bring(page, file("all.zip", zipped(**members)))
    expect(page.locator("#library-arrivals .coming")).to_contain_text("all.zip")
    page.close()
    other = visits.open(url=studio.url)
    expect(arrived(other, "all.zip")).to_contain_text(ZH("library.arrived.many", novels=60, skipped=0), timeout=LONG_MS)
    expect(other.locator("#library-rows tbody tr")).to_have_count(60)


def test_the_clean_text_is_taken_away_in_every_kind(visits, open_studio, tmp_path, project):
    workspace = open_workspace(str(tmp_path / "workspace"))
    novel = workspace.novel(ingest_file(workspace, project / "assets" / "samples" / "zh.txt", title="渡口").novels[0]["id"])
    page = visits.open(url=open_studio(workspace.root).url)
    copies = page.locator("#library-copies")
    expect(copies).to_contain_text(ZH("library.copies.none"))
    clean_novel(novel)
    text = read_cleaning(novel).text
    walks.enter(page, "shelf")
    walks.enter(page, "library")
    read = {
        "txt": lambda path: path.read_text(encoding="utf-8"),
        "json": lambda path: "".join(json.loads(path.read_text(encoding="utf-8"))),
        "parquet": lambda path: "".join(pq.read_table(path)["text"].to_pylist()),
    }
    for kind, read_back in read.items():
        with page.expect_download(timeout=LONG_MS) as download:
            copies.get_by_role("link", name=kind, exact=True).click()
        assert download.value.suggested_filename == f"渡口.{kind}"
        target = tmp_path / f"taken.{kind}"
        download.value.save_as(target)
        assert read_back(target) == text
    novel.clean_text(1).unlink()
    copies.get_by_role("link", name="txt", exact=True).click()
    expect(copies.get_by_role("status")).not_to_be_empty(timeout=LONG_MS)
    expect(copies.get_by_role("status")).to_have_class("said refusal", timeout=LONG_MS)
    visits.forgive("500")
