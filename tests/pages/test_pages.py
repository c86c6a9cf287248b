"""The page as a visitor meets it: its language, its tabs, its theme, its manners towards the network."""

import http.client
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from studio.words import load_words
from tests.pages import browser
from tests.pages.visits import NARROW, TABS, ready, tab

PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize(("browsers", "language"), [("zh-CN", "zh"), ("zh-TW", "zh"), ("en-GB", "en"), ("fr-FR", "zh")])
def test_the_page_opens_in_the_language_of_the_browser(visits, browsers, language):
    page = visits.open("/", language=browsers)
    assert urlsplit(page.url).path == f"/{language}/"
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
    for name in TABS:
        expect(tab(page, name)).to_have_text(load_words(language)(f"{name}.tab"))
    expect(page.locator(".motto")).to_have_text(load_words(language)("page.motto"))


def test_the_chosen_language_is_remembered(page):
    page.get_by_role("button", name="English").click()
    page.wait_for_url("**/en/**")
    ready(page)
    page.goto("/")
    assert urlsplit(page.url).path == "/en/"
    ready(page)
    page.get_by_role("button", name="中文").click()
    page.wait_for_url("**/zh/**")
    ready(page)


@pytest.mark.parametrize("name", TABS)
def test_an_address_opens_its_tab_and_a_switch_of_language_stays_there(visits, name):
    page = visits.open(f"/?tab={name}")
    expect(tab(page, name)).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="English").click()
    page.wait_for_url("**/en/**")
    expect(tab(page, name)).to_have_attribute("aria-selected", "true")


def test_a_tab_that_was_opened_is_still_open_after_a_reload(page):
    tab(page, "shelf").click()
    page.reload()
    expect(tab(page, "shelf")).to_have_attribute("aria-selected", "true")


def test_an_address_with_a_tab_that_does_not_exist_opens_the_first(visits):
    page = visits.open("/?tab=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    expect(tab(page, TABS[0])).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("dark", [False, True])
def test_the_theme_is_the_systems_until_it_is_switched_and_then_survives_a_reload(visits, dark):
    page = visits.open(dark=dark)
    assert is_dark(page) is dark
    page.locator("[data-theme-switch]").click()
    assert is_dark(page) is not dark
    page.reload()
    ready(page)
    assert is_dark(page) is not dark
    page.get_by_role("button", name="English").click()
    page.wait_for_url("**/en/**")
    ready(page)
    assert is_dark(page) is not dark


def is_dark(page):
    return page.evaluate("document.body.classList.contains('dark')")


def test_every_tab_can_be_reached_and_opened_with_the_keyboard_alone(page):
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate("[document.activeElement.getAttribute('role'), document.activeElement.id]")
        if focused[0] == "tab":
            reached.add(focused[1])
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", "nobody can see where the focus is"
            break
    assert reached, "no tab gets the focus"
    for name in TABS[1:]:
        tab(page, name).focus()
        page.keyboard.press("Enter")
        expect(tab(page, name)).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("size", [NARROW])
def test_on_a_phone_every_tab_can_be_opened(visits, size):
    page = visits.open(size=size)
    for name in TABS:
        tab(page, name).click()
        expect(tab(page, name)).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("host", ["moxu.example", "moxu.example:7860", "localhost.moxu.example", ""])
@pytest.mark.parametrize("path", ["/", "/zh/", "/health", "/zh/gradio_api/info"])
def test_a_name_that_is_not_this_machines_is_refused(studio, host, path):
    assert status(studio, path, host) in (400, 403, 421)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_machines_own_names_are_not_refused(studio, host):
    assert status(studio, "/health", f"{host}:{urlsplit(studio.url).port}") == 200


def status(studio, path, host):
    asked = http.client.HTTPConnection(urlsplit(studio.url).netloc, timeout=10)
    try:
        asked.request("GET", path, headers={"Host": host})
        return asked.getresponse().status
    finally:
        asked.close()


def test_the_page_survives_a_restart_of_its_studio(open_studio, visits, tmp_path):
    first = open_studio(tmp_path / "workspace")
    page = visits.open(url=first.url)
    port = urlsplit(first.url).port
    first.close()
    again = open_studio(tmp_path / "workspace", port)
    assert again.url == first.url
    page.reload()
    ready(page)
    # While nothing answered, the console said so, and a part that the page was still loading did not come.
    for part in ("ERR_", "Failed to fetch dynamically imported module"):
        visits.forgive(part)


def test_a_chromium_that_is_named_must_start(monkeypatch, tmp_path):
    monkeypatch.setenv(browser.VARIABLE, str(tmp_path / "none"))
    assert browser.find().program is None
    assert str(tmp_path / "none") in browser.find().why


def test_a_program_that_only_says_how_to_install_a_chromium_is_none(tmp_path):
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\necho 'please install the snap'\nexit 1\n", encoding="utf-8")
    stub.chmod(0o755)
    assert not browser.starts(str(stub))


def test_where_none_can_be_installed_the_reasons_are_told_and_make_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(browser, "candidates", list)
    monkeypatch.setattr(browser, "get_playwrights", lambda: "playwright install chromium: no network")
    monkeypatch.setattr(browser, "may_ask_apt", lambda: False)
    assert browser.main(["--install"]) == 0
    told = capsys.readouterr().err
    assert "no network" in told
    assert "apt-get" in told


def test_an_installer_that_does_not_end_is_ended_with_all_it_started(tmp_path):
    mark = tmp_path / "alive"
    script = f"(while :; do date > {mark}; sleep 0.05; done) & wait"
    assert "took longer than" in browser.attempt("the installer", ["sh", "-c", script], 0.5)
    mark.unlink(missing_ok=True)
    subprocess.run(["sleep", "0.3"], check=True)
    assert not mark.exists()


def test_an_installer_that_fails_says_why():
    assert browser.attempt("it", ["sh", "-c", "echo so; echo no network; exit 3"], 10) == "it: no network"
    assert browser.attempt("it", ["true"], 10) == ""


@pytest.mark.parametrize(("ci", "outcome"), [("true", "errors=1"), ("", "skipped=1")])
def test_without_a_browser_the_tests_of_pages_are_skipped_but_fail_where_ci_relies_on_them(tmp_path, monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv(browser.VARIABLE, str(tmp_path / "none"))
    named = f"{Path(__file__)}::test_a_tab_that_was_opened_is_still_open_after_a_reload"
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", named]
    subprocess.run(command, cwd=PROJECT, capture_output=True, check=False)
    told = report.read_text(encoding="utf-8").replace('"', "")
    assert outcome in told
    assert "does not start" in told
