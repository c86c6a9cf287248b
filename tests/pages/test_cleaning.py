"""The cleaning tab in a real browser: what is shown, switched, left out, tried, saved and undone."""

import json
import re

import pytest
from playwright.sync_api import expect

from pipelines.ingest import ingest_file
from pipelines.workspace import open_workspace
from studio.words import load_words
from tests.pages.studio_process import Studio
from tests.pages.visits import NARROW, ready
from tests.pages.walks import LONG_MS

ZH = load_words("zh")
CHAPTERS = 60
DIRTY = "".join(
    f"第{number}章 山中\r\n　　山里下了一夜的雪，第{number}天早上他推开门，门外什么都看不见。 \r\n\r\n\r\n"
    "　　她说：“走罢。”\u200b\r\n"
    for number in range(1, CHAPTERS + 1)
)
# Nothing but a's, on which a pattern of nested repeats never ends.
ENDLESS = "啊" + "a" * 5_000 + "\n"
TITLES = ("switched", "turned", "kept", "tried", "saved", "cleaned", "phone")
LARGE_BYTES = 20_000_000


@pytest.fixture(scope="module")
def desk(chromium, tmp_path_factory):
    """A studio over a novel for each test, so that none minds what another chose."""
    place = tmp_path_factory.mktemp("cleaning")
    workspace = open_workspace(str(place / "workspace"))
    texts = {title: f"{DIRTY}{title}。\n" for title in TITLES} | {"endless": DIRTY + ENDLESS, "large": large()}
    for title, text in texts.items():
        path = place / f"{title}.txt"
        path.write_bytes(text.encode())
        ingest_file(workspace, path, title=title)
    opened = Studio(place, workspace.root)
    yield opened
    opened.close()


def large():
    """A novel of twenty megabytes in which no two chapters are the same."""
    chapter = "".join(
        f"　　他走了{{0}}里路，又走了{line}里，山上的雪还是没有停，天黑以前怕是到不了了。\r\n" for line in range(40)
    )
    count = LARGE_BYTES // len(f"第1234章\r\n{chapter}".encode())
    return "".join(f"第{number}章\r\n{chapter.format(number)}" for number in range(1, count + 1))


@pytest.fixture
def at(visits, desk):
    """The tab with one of the novels, looked through."""

    def open_at(title, **how):
        page = visits.open("/?tab=cleaning", url=desk.url, **how)
        expect(page.locator("#cleaning-novel input")).not_to_have_value("")
        if not page.locator("#cleaning-novel input").input_value().startswith(title):
            page.locator("#cleaning-novel input").click()
            page.get_by_role("option", name=title).click()
        settle(page)
        return page

    return open_at


def settle(page):
    """Wait until what is shown is what the switches say; a moment, for the work to begin."""
    page.wait_for_timeout(500)
    expect(page.locator("#cleaning-position")).to_contain_text("页", timeout=LONG_MS)
    expect(page.locator("#cleaning-status .working")).to_have_count(0, timeout=LONG_MS)


def places(page):
    return page.locator("#cleaning-changes .places > li")


def count(page, rule):
    return page.locator(f'[data-rule="{rule}"] .count')


def choose(page, box, option):
    page.locator(f"{box} input").click()
    page.get_by_role("option", name=option).first.click()


def unfold(page, fold):
    page.locator(f"{fold} button").first.click()


def write(page, box, text):
    page.locator(f"{box} :is(input, textarea)").first.fill(text)


def test_a_switch_changes_the_preview_at_once_and_stays_where_it_was_put(at):
    page = at("switched")
    expect(count(page, "indents")).to_have_text(ZH("cleaning.count.edits", count=f"{2 * CHAPTERS:,}"))
    expect(page.locator("#cleaning-changes del").first).to_be_visible()
    for rule in ("indents", "line_ends", "newlines"):
        page.locator(f"#rule-{rule}").uncheck()
    for rule in ("indents", "line_ends", "newlines"):
        expect(count(page, rule)).to_have_text(re.compile("打开"), timeout=LONG_MS)
        expect(page.locator(f"#rule-{rule}")).not_to_be_checked()
    page.reload()
    ready(page)
    settle(page)
    expect(page.locator("#rule-indents")).not_to_be_checked()
    expect(page.locator("#rule-invisible")).to_be_checked()


def test_pages_turn_rules_filter_and_the_keyboard_goes_from_change_to_change(at):
    page = at("turned")
    page.locator("#cleaning-next").click()
    expect(page.locator("#cleaning-page input")).to_have_value("2")
    count(page, "invisible").click()
    expect(page.locator("#cleaning-filter input")).to_have_value(re.compile(ZH("cleaning.rule.invisible.name")))
    expect(page.locator("#cleaning-page input")).to_have_value("1")
    expect(places(page).first).to_contain_text("U+200B")
    expect(places(page).first).to_contain_text("第1章 山中")
    for _ in range(21):
        page.keyboard.press("Alt+ArrowDown")
        page.wait_for_timeout(30)
    expect(page.locator("#cleaning-page input")).to_have_value("2")
    expect(page.locator("#cleaning-changes li[data-here]")).to_have_count(1)
    page.get_by_role("button", name=ZH("cleaning.step.back")).click()
    expect(page.locator("#cleaning-page input")).to_have_value(re.compile("[12]"))


def test_one_change_is_left_out_survives_a_reload_and_is_taken_back(at):
    page = at("kept")
    count(page, "invisible").click()
    expect(places(page).first).to_contain_text("U+200B")
    total = f"{CHAPTERS} 处"
    expect(page.locator("#cleaning-position")).to_contain_text(total)
    keeping = places(page).first.locator(".keeps")
    if keeping.count():
        keeping.locator("summary").click()
    places(page).first.get_by_role("button", name=re.compile(ZH("cleaning.rule.invisible.name"))).or_(
        places(page).first.get_by_role("button", name=ZH("cleaning.keep"), exact=True)
    ).first.click()
    expect(page.locator("#cleaning-position")).to_contain_text(f"{CHAPTERS - 1} 处", timeout=LONG_MS)
    page.reload()
    ready(page)
    settle(page)
    choose(page, "#cleaning-filter", ZH("cleaning.filter.left_out", count=1))
    expect(places(page)).to_have_count(1)
    expect(places(page)).to_contain_text(ZH("cleaning.kept"))
    places(page).get_by_role("button", name=ZH("cleaning.keep.undo")).click()
    expect(count(page, "invisible")).to_have_text(ZH("cleaning.count.edits", count=CHAPTERS), timeout=LONG_MS)


def test_a_rule_of_ones_own_is_tried_at_once_and_goes_again(at):
    page = at("tried")
    unfold(page, "#cleaning-own-fold")
    write(page, "#own-find", "<b>(雪)</b>|走罢")
    page.locator("#own-regex input").check()
    write(page, "#own-replace", "走吧")
    page.locator("#own-add").click()
    own = page.locator("#cleaning-own .rule")
    expect(own).to_contain_text(ZH("cleaning.count.edits", count=CHAPTERS), timeout=LONG_MS)
    expect(places(page).first.locator("ins")).to_contain_text("走吧")
    own.get_by_role("button", name=re.compile("删除")).click()
    expect(own).to_have_count(0, timeout=LONG_MS)


def test_a_pattern_that_never_ends_is_switched_off_and_the_page_answers_meanwhile(at):
    page = at("endless")
    unfold(page, "#cleaning-own-fold")
    write(page, "#own-find", "(a+)+$(?<=b)")
    write(page, "#own-name", "无底洞")
    page.locator("#own-regex input").check()
    page.locator("#own-add").click()
    page.locator("#cleaning-next").click()
    expect(page.locator("#cleaning-page input")).to_have_value("2")
    expect(page.locator(".toast-body")).to_contain_text("无底洞", timeout=LONG_MS)
    expect(page.locator("#cleaning-own .rule input")).not_to_be_checked()
    settle(page)
    expect(count(page, "indents")).to_be_enabled()


def test_a_pattern_that_cannot_be_read_is_a_sentence(at):
    page = at("tried")
    unfold(page, "#cleaning-own-fold")
    write(page, "#own-find", "(")
    page.locator("#own-regex input").check()
    page.locator("#own-add").click()
    expect(page.locator(".toast-body.error")).to_be_visible()
    expect(page.locator("#cleaning-own .rule")).to_have_count(0)


def test_a_recipe_is_saved_chosen_again_sent_and_fetched(at, tmp_path):
    page = at("saved")
    page.locator("#rule-indents").uncheck()
    expect(count(page, "indents")).to_have_text(re.compile("打开"), timeout=LONG_MS)
    unfold(page, "#cleaning-recipes")
    write(page, "#recipe-name", "留着空格")
    page.locator("#recipe-save").click()
    expect(page.locator("#recipe-saved input")).to_have_value("留着空格")
    with page.expect_download() as downloading:
        page.locator("#recipe-export a").click()
    file = tmp_path / "recipe.json"
    downloading.value.save_as(file)
    assert "indents" not in json.loads(file.read_text(encoding="utf-8"))["rules"]
    choose(page, "#recipe-saved", ZH("cleaning.recipe.usual"))
    page.locator("#recipe-use").click()
    expect(page.locator("#rule-indents")).to_be_checked(timeout=LONG_MS)
    choose(page, "#recipe-saved", "留着空格")
    page.locator("#recipe-use").click()
    expect(page.locator("#rule-indents")).not_to_be_checked(timeout=LONG_MS)
    file.write_text(json.dumps({"rules": ["indents"], "own": []}), encoding="utf-8")
    page.locator("#cleaning-recipes input[type=file]").set_input_files(file)
    expect(page.locator("#rule-invisible")).not_to_be_checked(timeout=LONG_MS)
    expect(page.locator("#rule-indents")).to_be_checked()


def test_a_whole_cleaning_is_made_and_undone(at):
    page = at("cleaned")
    page.locator("#cleaning-apply").click()
    expect(page.locator("#cleaning-summary")).to_contain_text(ZH("cleaning.state.same", number=1), timeout=LONG_MS)
    page.locator("#rule-indents").uncheck()
    expect(page.locator("#cleaning-summary")).to_contain_text(ZH("cleaning.state.other", number=1), timeout=LONG_MS)
    unfold(page, "#cleaning-earlier")
    choose(page, "#cleaning-earlier-choice", ZH("cleaning.earlier.none"))
    expect(page.locator("#cleaning-summary")).to_contain_text(ZH("cleaning.state.none"), timeout=LONG_MS)


def test_twenty_megabytes_are_looked_through_a_page_at_a_time(at):
    page = at("large")
    expect(places(page)).to_have_count(20)
    page.locator("#cleaning-page input").fill("3000")
    page.locator("#cleaning-page input").press("Enter")
    expect(page.locator("#cleaning-position")).to_contain_text("3,000")
    page.locator("#rule-indents").uncheck()
    expect(page.locator("#cleaning-status .working")).to_be_visible()
    # The pages turn while the next preview is made.
    page.locator("#cleaning-previous").click()
    expect(page.locator("#cleaning-page input")).to_have_value("2999")
    page.locator("#cleaning-status button").click()
    expect(page.locator("#cleaning-status")).to_contain_text(ZH("cleaning.stopped"), timeout=LONG_MS)
    page.locator("#cleaning-status").get_by_role("button", name=ZH("cleaning.again")).click()
    expect(count(page, "indents")).to_have_text(re.compile("打开"), timeout=LONG_MS)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_phone_shows_everything_without_sideways_scrolling(at, language, visits, desk):
    page = visits.open("/?tab=cleaning", url=desk.url, size=NARROW, language=language)
    expect(places(page).first).to_be_visible(timeout=LONG_MS)
    for fold in page.locator(".family > summary").all():
        fold.click()
    for fold in ("#cleaning-own-fold", "#cleaning-recipes"):
        unfold(page, fold)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
