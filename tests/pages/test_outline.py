"""Chapters edited on the Clean tab in a real browser, and what the Train tab says of novels that repeat each other."""

import pytest
from playwright.sync_api import expect

from pipelines.cleanings import clean_novel
from pipelines.ingest import ingest_file
from pipelines.outlines import read_chapters
from pipelines.workspace import open_workspace
from tests.pages.studio_process import Studio
from tests.pages.test_accessibility import violations
from tests.pages.visits import NARROW
from tests.pages.walks import LONG_MS, ZH

MANY = 2_000
LINES = 60


def chapter(number):
    return f"第{number}章 山{number}\n" + "".join(
        f"　　第{number * day}天，他走了{number + day}里路，天就黑了。\n" for day in range(LINES)
    )


STORY = "".join(map(chapter, (1, 2, 3, 5)))
LONG = "".join(f"第{number}章 雪\n　　他走了{number}里路，天就黑了。\n" for number in range(1, MANY + 1) if number != 1_500)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return open_workspace(str(tmp_path_factory.mktemp("outline") / "workspace"))


@pytest.fixture(scope="module")
def books(workspace, tmp_path_factory):
    """The novels by their titles: all cleaned but for one, and two of them the same but for a word."""
    place, made = tmp_path_factory.mktemp("novels"), {}
    for title, text in {"edited": STORY, "twin": STORY + "完。\n", "raw": STORY + "止。\n", "long": LONG}.items():
        (place / title).write_text(text, encoding="utf-8")
        made[title] = workspace.novel(ingest_file(workspace, place / title, title=title).novels[0]["id"])
        if title != "raw":
            clean_novel(made[title])
    return made


@pytest.fixture(scope="module")
def desk(chromium, workspace, books, tmp_path_factory):
    opened = Studio(tmp_path_factory.mktemp("studio"), workspace.root)
    yield opened
    opened.close()


@pytest.fixture
def at(visits, desk):
    """The chapters of a novel, unfolded."""

    def open_at(title, **how):
        page = visits.open("/?tab=cleaning", url=desk.url, **how)
        unfold(page, title)
        return page

    return open_at


def unfold(page, title):
    box = page.locator("#cleaning-novel input")
    expect(box).not_to_have_value("")
    if not box.input_value().startswith(title):
        box.click()
        page.get_by_role("option", name=title).click()
    expect(page.locator("#outline summary")).to_be_visible(timeout=LONG_MS)
    page.locator("#outline summary").click()


def rows(page):
    return page.locator("#outline .rows .title")


def choose(page, title):
    page.locator("#outline .rows button", has_text=title).click()
    expect(page.locator("#outline article h3")).to_have_text(title)


def press(page, name):
    """A button of the panel, and the sentence that answers it."""
    page.locator("#outline").get_by_role("button", name=ZH(f"cleaning.outline.{name}"), exact=True).click()


def told(page, name):
    toast = page.locator(".toast-body", has_text=ZH(f"cleaning.outline.done.{name}"))
    expect(toast).to_be_visible()
    toast.locator(".toast-close").click()
    expect(toast).to_have_count(0)


def test_chapters_are_renamed_split_merged_and_left_out_and_a_reload_shows_them_so(at, books):
    page = at("edited")
    expect(rows(page)).to_have_text(["第1章 山1", "第2章 山2", "第3章 山3", "第5章 山5"])
    flaw = page.locator("#outline .flaws button")
    expect(flaw).to_have_text([ZH("cleaning.outline.flaw.missing", first=4)])
    flaw.click()
    expect(page.locator("#outline article h3")).to_have_text("第5章 山5")

    choose(page, "第1章 山1")
    page.locator("#outline-title").fill("起程")
    page.locator("#outline-title").press("Enter")
    told(page, "rename")
    expect(rows(page).first).to_have_text("起程")

    choose(page, "第3章 山3")
    press(page, "merge")
    told(page, "merge")
    expect(rows(page)).to_have_text(["起程", "第2章 山2", "第5章 山5"])
    expect(page.locator("#outline article h3")).to_have_text("第2章 山2")

    press(page, "split")
    page.locator("#outline .splitting").get_by_role("button", name=ZH("cleaning.outline.next")).click()
    line = page.locator("#outline .lines li").nth(21)
    expect(line).to_contain_text("第3章 山3")
    line.get_by_role("button").click()
    expect(line.locator("input")).to_have_value("第3章 山3")
    line.locator("input").fill("又一程")
    press(page, "split.sure")
    told(page, "split")
    expect(rows(page)).to_have_text(["起程", "第2章 山2", "又一程", "第5章 山5"])

    choose(page, "第5章 山5")
    press(page, "drop")
    told(page, "drop")
    press(page, "undo")
    told(page, "undo")
    press(page, "drop")
    told(page, "drop")

    page.reload()
    unfold(page, "edited")
    expect(rows(page)).to_have_text(["起程", "第2章 山2", "又一程", "第5章 山5"])
    expect(page.locator("#outline .rows .badge")).to_have_count(1)
    kept = [(one.title, one.kept) for one in read_chapters(books["edited"], 1)]
    assert kept == [("起程", True), ("第2章 山2", True), ("又一程", True), ("第5章 山5", False)]
    press(page, "reset")
    told(page, "reset")
    expect(rows(page)).to_have_text(["第1章 山1", "第2章 山2", "第3章 山3", "第5章 山5"])


def test_before_the_first_cleaning_chapters_are_only_shown(at):
    page = at("raw")
    expect(page.locator("#outline .note")).to_have_text(ZH("cleaning.outline.before"))
    expect(rows(page)).to_have_count(4)
    expect(page.locator("#outline .rows button:enabled")).to_have_count(0)
    page.locator("#cleaning-apply").click()
    expect(page.locator("#outline .rows button:enabled")).to_have_count(4, timeout=LONG_MS)


def test_an_edit_of_what_another_window_changed_shows_what_is_there_now(at):
    page, other = at("twin"), at("twin")
    choose(page, "第2章 山2")
    choose(other, "第2章 山2")
    press(other, "merge")
    told(other, "merge")
    press(page, "drop")
    expect(page.locator(".toast-body")).to_contain_text(ZH("error.chapters_changed"))
    expect(rows(page)).to_have_text(["第1章 山1", "第3章 山3", "第5章 山5"])
    press(other, "undo")
    told(other, "undo")


def test_thousands_of_chapters_come_in_pages_and_are_found_on_a_phone(at):
    page = at("long", size=NARROW)
    expect(rows(page)).to_have_count(100)
    page.locator("#outline .flaws button").click()
    expect(page.locator("#outline article h3")).to_have_text("第1501章 雪")
    expect(page.locator("#outline .rows [aria-current=true]")).to_contain_text("第1501章 雪")
    page.locator("#outline input[type=search]").fill("第1999章")
    expect(rows(page)).to_have_text(["第1999章 雪"])
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_unfolded_chapters_have_no_grave_violation(at, dark):
    page = at("twin", dark=dark)
    choose(page, "第2章 山2")
    assert violations(page) == []
    press(page, "split")
    page.locator("#outline [data-begin]").first.click()
    assert violations(page) == []


def test_novels_that_are_the_same_are_told_before_a_training(visits, desk):
    page = visits.open("/?tab=training", url=desk.url)
    boxes = page.locator("#training-novels")
    boxes.get_by_label("long").check()
    card = page.locator("#training-twice .twice")
    boxes.get_by_label("edited").check()
    boxes.get_by_label("twin").check()
    expect(card).to_contain_text("100 %", timeout=LONG_MS)
    expect(card.locator("details")).to_contain_text(ZH("training.twice.pairs", count=4))
    boxes.get_by_label("twin").uncheck()
    expect(card).to_have_count(0, timeout=LONG_MS)
