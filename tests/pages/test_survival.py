"""What a page must survive: hasty fingers, two windows at odds, odd files, an engine that dies, words that look like programs."""

import re
import shutil
import signal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from pipelines import shelf, status
from pipelines.workspace import open_workspace
from studio.arrivals import LARGEST_BYTES, LARGEST_MEGABYTES
from tests.pages import walks
from tests.pages.visits import ready, tab
from tests.pages.walks import LONG_MS, ZH
from tests.tiny_model import constant, write_bundle

pytestmark = pytest.mark.timeout(600)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
HOSTILE = "${x} {{x}} <img src=x onerror=window.hurt=1> </textarea><script>window.hurt=1</script> &amp; \"'"
STORY = "第一章 渡口\n\n船到江心，风忽然停了。\n" * 40
# What the small models write, at random and without an end.
WORDS = "黛玉道你又来了宝笑我看"
AT_REST = ("stopped", "paused", "done")


@pytest.fixture
def trained(open_studio, encoded_workspace, tmp_path):
    """A studio with a cleaned novel."""
    return open_studio(shutil.copytree(encoded_workspace, tmp_path / "workspace"))


@pytest.fixture
def stocked(open_studio, tmp_path):
    """A studio with two small models on its shelf, the newer with a title that looks like a program."""
    workspace = open_workspace(str(tmp_path / "workspace"))
    for name, title in (("made", "墨"), ("other", HOSTILE)):
        shelf.import_folder(workspace, write_bundle(tmp_path / name, constant(dict.fromkeys(WORDS, 3.0))), title)
    return open_studio(workspace.root)


def toasts(page):
    return page.locator(".toast-body")


def open_desk(visits, studio, bundle="墨", **settings):
    """A page whose desk has a blank sheet and this model."""
    page = visits.open("/?tab=writing", url=studio.url)
    choose_model(page, bundle)
    walks.choose(page, **({"candidates": 1, "length": 800} | settings))
    walks.blank_sheet(page)
    return page


def choose_model(page, bundle):
    page.locator("#writing-bundle input").click()
    page.get_by_role("option").filter(has_text=re.compile(f"^.?\\s*{re.escape(bundle)}")).click()


def continue_slowly(page, studio, text="船"):
    """Type something, let the model go on once so that its engine is there, then again; returns the engine."""
    walks.type_at(page, "Control+End", text)
    walks.choose(page, length=20)
    walks.desk_button(page, "continue").click()
    walks.await_rest(page)
    walks.choose(page, length=800)
    (engine,) = walks.processes(studio.workspace, "pipelines.serve")
    return engine


def test_start_pressed_again_and_again_and_in_two_windows_is_one_run_that_one_may_stop_while_the_other_pauses(visits, trained):
    pages = [visits.open("/?tab=training", url=trained.url) for _ in range(2)]
    for page in pages:
        page.locator("#training-minutes input").fill("5")
        expect(page.locator("#training-novels input[type=checkbox]")).to_be_checked()
    for page in pages:
        page.locator("#training-start").dblclick(no_wait_after=True)
    expect(toasts(pages[1]).filter(has_text=ZH("training.same_run"))).to_be_visible(timeout=LONG_MS)
    for page in pages:
        walks.expect_phase(page, "training")
    (run,) = walks.runs(trained.workspace)
    for page, button in zip(pages, ("stop", "pause"), strict=True):
        page.locator(f"#training-{button}").click()
    for page in pages:
        walks.expect_phase(page, *AT_REST)
        expect(toasts(page).filter(has_text=bug())).to_have_count(0)
    assert status.phase(run) in AT_REST
    assert [one.id for one in walks.runs(trained.workspace)] == [run.id]


def bug():
    """How the sentence begins that is told when nobody thought of what happened."""
    return ZH("error.bug", number="").partition("（")[0]


def test_a_picture_that_calls_itself_a_text_is_refused_and_the_novel_beside_it_comes_in(open_studio, visits, tmp_path):
    page = visits.open(url=open_studio(tmp_path / "workspace").url)
    walks.bring(
        page,
        {"name": "picture.txt", "mimeType": "text/plain", "buffer": PNG},
        {"name": "渡口.txt", "mimeType": "text/plain", "buffer": STORY.encode("gb18030")},
    )
    told = page.locator("#library-arrivals")
    expect(told).to_contain_text("picture.txt", timeout=LONG_MS)
    expect(told).to_contain_text(ZH("library.not_text", kind=ZH("library.kind.png_picture")))
    expect(walks.novel_row(page, "渡口")).to_be_visible()
    expect(page.locator("#library-rows tbody tr")).to_have_count(1)


def test_a_file_above_the_limit_is_refused_in_a_sentence(open_studio, visits, tmp_path):
    page = visits.open(url=open_studio(tmp_path / "workspace").url)
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)
    small = tmp_path / "渡口.txt"
    small.write_text(STORY, encoding="utf-8")
    walks.bring(page, large, small)
    expect(page.locator(".too-large")).to_contain_text(f"{LARGEST_MEGABYTES} MB")
    expect(walks.novel_row(page, "渡口")).to_be_visible(timeout=LONG_MS)


def test_a_model_that_was_deleted_elsewhere_costs_the_writer_a_sentence_and_another_writes_on(visits, stocked):
    page = open_desk(visits, stocked, length=20)
    walks.type_at(page, "Control+End", "船到江心。")
    other = visits.open("/?tab=shelf", url=stocked.url)
    other.locator("#shelf-list .spine", has_text="墨").click()
    expect(other.locator("#shelf-details h3")).to_have_text("墨")
    other.get_by_role("button", name=ZH("shelf.delete"), exact=True).click()
    expect(other.locator("#shelf-list .spine")).to_have_count(1)
    walks.desk_button(page, "continue").click()
    expect(walks.notice(page)).to_contain_text("刷新页面")
    assert walks.manuscript(page) == "船到江心。"
    page.reload()
    ready(page)
    expect(walks.desk_button(page, "continue")).to_be_enabled()
    walks.desk_button(page, "continue").click()
    walks.await_models_words(page)
    walks.await_rest(page)
    assert walks.manuscript(page).startswith("船到江心。")
    visits.forgive("404")


def test_an_engine_that_is_killed_while_it_writes_costs_a_sentence_and_no_word(visits, stocked):
    page = open_desk(visits, stocked)
    engine = continue_slowly(page, stocked)
    before = walks.models_words(page)
    with walks.slowed(engine):
        walks.desk_button(page, "continue").click()
        walks.await_models_words(page, len(before))
        engine.kill()
    expect(walks.notice(page)).to_have_text(re.compile(re.escape(ZH("error.engine_died"))))
    walks.await_rest(page)
    text, models = walks.manuscript(page), walks.models_words(page)
    assert len(before) < len(models) < len(before) + 800
    walks.choose(page, length=20)
    walks.desk_button(page, "continue").click()
    walks.await_models_words(page, len(models))
    walks.await_rest(page)
    assert walks.manuscript(page).startswith(text)
    page.context.close()
    stocked.process.send_signal(signal.SIGINT)
    stocked.process.wait(LONG_MS / 1000)
    assert walks.processes(stocked.workspace, "pipelines.serve") == []


def test_words_written_while_the_studio_is_away_are_saved_when_it_is_back(visits, open_studio, stocked):
    page = open_desk(visits, stocked)
    walks.type_at(page, "Control+End", "渡口。")
    walks.await_rest(page)
    stocked.process.kill()
    stocked.process.wait()
    walks.type_at(page, "Control+End", "船来了。")
    expect(walks.notice(page)).to_contain_text(ZH("writing.say_offline"))
    open_studio(stocked.workspace, urlsplit(stocked.url).port)
    expect(walks.notice(page)).to_be_hidden()
    walks.await_rest(page)
    (kept,) = walks.manuscripts(stocked.workspace)
    assert kept.text.read_text(encoding="utf-8") == walks.manuscript(page) == "渡口。船来了。"
    visits.forgive("ERR_")


def test_two_windows_that_changed_one_manuscript_are_asked_and_both_texts_are_kept(visits, stocked):
    first = open_desk(visits, stocked)
    walks.type_at(first, "Control+End", "渡口。")
    walks.await_rest(first)
    second = visits.open("/?tab=writing", url=stocked.url)
    expect(second.locator(".writing .cm-content")).to_contain_text("渡口。")
    walks.type_at(first, "Control+End", "甲写的。")
    walks.await_rest(first)
    walks.type_at(second, "Control+End", "乙写的。")
    expect(walks.notice(second)).to_contain_text(ZH("writing.say_conflict"))
    assert walks.manuscript(second) == "渡口。乙写的。"
    walks.desk_button(second, "mine").click()
    expect(walks.notice(second)).to_be_hidden()
    (kept,) = walks.manuscripts(stocked.workspace)
    walks.eventually(second, lambda: kept.text.read_text(encoding="utf-8") == "渡口。乙写的。")
    assert "甲写的。" in walks.history(kept)
    first.reload()
    ready(first)
    expect(first.locator(".writing .cm-content")).to_contain_text("乙写的。")
    visits.forgive("409")


def test_words_that_look_like_programs_are_only_words(visits, stocked):
    page = visits.open(url=stocked.url)
    walks.bring(
        page, {"name": "${x} {{x}} &lt;b&gt;.txt", "mimeType": "text/plain", "buffer": (HOSTILE + "  \n" + STORY).encode()}
    )
    expect(page.locator("#library-rows tbody tr")).to_have_count(1, timeout=LONG_MS)
    page.locator("#library-change").get_by_role("button").first.click()
    walks.retype(page.locator("#library-title input, #library-title textarea"), HOSTILE)
    page.locator("#library-rename").click()
    expect(walks.novel_row(page, HOSTILE)).to_be_visible()
    expect(toasts(page)).to_contain_text(HOSTILE)
    expect(page.locator("#library-card")).to_contain_text(HOSTILE)
    page.locator("#library-clean").click()
    expect(page.locator("#cleaning-changes")).to_contain_text("</script>", timeout=LONG_MS)
    walks.enter(page, "training")
    expect(page.locator("#training-novels")).to_contain_text(HOSTILE)
    walks.enter(page, "shelf")
    expect(page.locator("#shelf-list")).to_contain_text(HOSTILE)
    expect(page.locator("#shelf-details h3")).to_have_text(HOSTILE)
    walks.enter(page, "writing")
    expect(page.locator("#writing-bundle input")).to_have_value(HOSTILE)
    walks.choose(page, candidates=1, length=20)
    walks.blank_sheet(page)
    walks.type_at(page, "Control+End", HOSTILE)
    walks.desk_button(page, "continue").click()
    walks.await_models_words(page)
    walks.await_rest(page)
    text = walks.manuscript(page)
    assert text.startswith(HOSTILE)
    page.reload()
    ready(page)
    expect(tab(page, "writing")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".writing .cm-content")).to_contain_text("</textarea><script>")
    assert walks.manuscript(page) == text
    assert page.evaluate("window.hurt") is None
