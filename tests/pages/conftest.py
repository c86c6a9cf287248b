"""The pages in a real browser: a studio in a process of its own, a Chromium, and pages that tell of every error."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect, sync_playwright

from pipelines import shelf
from pipelines.workspace import open_workspace
from tests.pages.browser import arguments, find
from tests.pages.studio_process import Studio
from tests.pages.visits import PATIENCE_MS, Visits
from tests.tiny_model import network, write_bundle

PLACE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(PLACE):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def chromium():
    """The browser's program; without one these tests are skipped, but never where CI promises that they ran."""
    found = find()
    if not found.program:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(found.why)
    return found.program


# Of a module, not of the session: Playwright keeps an event loop running, beside which other tests could start none.
@pytest.fixture(scope="module")
def browser(chromium):
    """A running Chromium."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=arguments())
        yield running
        running.close()


@pytest.fixture(scope="session")
def studio(chromium, tmp_path_factory):
    """A running studio over an empty workspace, shared by all tests of pages that do not mind what others left in it."""
    place = tmp_path_factory.mktemp("studio")
    opened = Studio(place, place / "workspace")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def furnished(chromium, encoded_workspace, tmp_path_factory):
    """A running studio over a workspace in which every tab has something to show: a cleaned novel, a corpus, a model."""
    place = tmp_path_factory.mktemp("furnished")
    workspace = open_workspace(str(shutil.copytree(encoded_workspace, place / "workspace")))
    made = write_bundle(place / "made", network(), {"title": "墨", "scores": {"bits_per_character": 4.2}})
    shelf.import_folder(workspace, made, "墨")
    opened = Studio(place, workspace.root)
    yield opened
    opened.close()


@pytest.fixture
def open_studio(chromium, tmp_path_factory):
    """Start a studio over a workspace; again over the same one is a restart, at the same port if that is given."""
    opened = []

    def start(workspace, port=0):
        opened.append(Studio(tmp_path_factory.mktemp("studio"), workspace, port))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture
def visits(browser, request):
    """Open pages as one wishes: `visits.open("/", language="en", dark=True, size=NARROW)`."""
    owner = "open_studio" if "open_studio" in request.fixturenames else "studio"
    # Asked for here, so that pages are closed before the studio that they would miss.
    opened = request.getfixturevalue(owner)
    url = opened.url if owner == "studio" else ""
    made = Visits(browser, url)
    yield made
    made.close()
    assert made.complaints == []


@pytest.fixture
def page(visits):
    """The studio's page in Chinese, in a fresh browser profile."""
    return visits.open()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test of a page leaves its screenshots where its report says."""
    report = yield
    visits = getattr(item, "funcargs", {}).get("visits")
    if report.when == "call" and report.failed and visits:
        folder = Path(tempfile.mkdtemp(prefix="moxu-pages-"))
        try:
            told = "\n".join(map(str, visits.show(folder)))
        except Error as error:
            told = f"none: {error.message}"
        report.sections.append(("screenshots", "\n".join([told, *visits.complaints])))
    return report
