"""Takes the README's pictures of the studio: `python docs/pictures/take.py [--workspace DIR]`.

The workspace needs a finished training on a Chinese novel and one on an English novel; the newest of each is shown, so choose
texts that belong to nobody or to you. Manuscripts for the pictures are written there anew. Everything runs on this machine: a
studio of its own on a free port, and the Chromium of the page tests (requirements-dev.txt).
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from pipelines.workspace import Workspace, open_workspace  # noqa: E402
from studio.words import load_words  # noqa: E402
from tests.pages.browser import arguments, find  # noqa: E402
from tests.pages.studio_process import Studio  # noqa: E402

WIDTH = 1280
# Not the library and the cleaning, whose pictures would be pages of somebody's novel.
HEIGHTS = {"training": 960, "writing": 900, "shelf": 900}
NAMES = {"training": "train", "writing": "write", "shelf": "shelf"}
# What stands on a tab once it has been filled.
FILLED = {
    "training": ".curve .main-svg",
    "writing": ".cm-content:visible, .start:visible",
    "shelf": ".shelf-details",
}
COLOURS = 256
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What a person writes first, and what the manuscript is called; our own words.
OPENINGS = {
    "zh": ("试笔", "且说那日午后，园中无人，宝玉独自走到沁芳桥边，忽听得背后有人笑道：“"),
    "en": ("First pages", "We had been walking for an hour when the ground fell away before us. Cavor stopped at once, and"),
}
SETTLE_MS = 2500
PATIENCE_MS = 120_000


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workspace", metavar="DIR", help="else $MOXU_HOME, else ~/moxu")
    parser.add_argument("--out", metavar="DIR", type=Path, default=HERE, help="where they go, else beside this script")
    given = parser.parse_args()
    workspace = open_workspace(given.workspace)
    # Before Playwright starts, for it looks for one with Playwright.
    program = find().program
    with tempfile.TemporaryDirectory() as place, sync_playwright() as play:
        studio = Studio(Path(place), workspace.root)
        browser = play.chromium.launch(executable_path=program, args=arguments())
        try:
            for language in OPENINGS:
                take_all(browser, studio.url, workspace, language, given.out)
        finally:
            browser.close()
            studio.close()


def take_all(browser: Browser, url: str, workspace: Workspace, language: str, out: Path) -> None:
    """Every tab in this language, with a novel, a training and a model in it chosen as if a person had chosen them before."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 900}, locale=language, color_scheme="light")
    for tab, choices in chosen(workspace, language).items():
        # The page keeps its choices so (assets/controls.js).
        context.add_init_script(f"localStorage.setItem({json.dumps(f'moxu-{tab}')}, {json.dumps(json.dumps(choices))})")
    page = context.new_page()
    for tab, height in HEIGHTS.items():
        page.set_viewport_size({"width": WIDTH, "height": height})
        page.goto(f"{url}/{language}/?tab={tab}")
        page.wait_for_selector(f"#tabs [role=tab][aria-selected=true][id^=tab-{tab}]")
        page.wait_for_selector(FILLED[tab], timeout=PATIENCE_MS)
        page.wait_for_timeout(SETTLE_MS)
        if tab == "writing":
            write(page, language)
        save(page, out / f"{NAMES[tab]}-{language}-light.png")
    context.close()


def chosen(workspace: Workspace, language: str) -> dict[str, dict[str, Any]]:
    """The newest training whose novel is in this language, with its model and its novel."""
    for folder in sorted(workspace.runs.iterdir(), reverse=True):
        status = read(folder / "status.json")
        if status.get("bundle") and bool(CHINESE.search(folder.name)) == (language == "zh"):
            novel = next(one.name for one in novels(workspace) if bool(CHINESE.search(one.name)) == (language == "zh"))
            bundle = {"bundle": status["bundle"]}
            training = {"run": folder.name, "novels": [novel], "preset": "pocket", "minutes": None}
            return {
                "training": training,
                "writing": bundle,
                "shelf": bundle,
            }
    raise SystemExit(f"there is no finished training of a novel in {load_words(language)('page.other_language')} here")


def novels(workspace: Workspace) -> Iterator[Path]:
    yield from sorted(
        (one for one in workspace.novels.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime, reverse=True
    )


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(page: Page, language: str) -> None:
    """A new manuscript: an opening, a continuation taken, and three more to choose from."""
    title, opening = OPENINGS[language]
    page.evaluate(
        """async (title) => {
          const answer = await fetch("/api/manuscripts", {
            method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ title }) });
          localStorage.setItem("moxu-writing-manuscript", (await answer.json()).id);
        }""",
        title,
    )
    page.reload()
    page.locator(".cm-content").click()
    page.wait_for_timeout(SETTLE_MS)
    page.keyboard.insert_text(opening)
    go_on(page)
    page.keyboard.press("Alt+Digit1")
    page.wait_for_timeout(500)
    go_on(page)


def go_on(page: Page) -> None:
    """Let the model write its candidates to the end."""
    page.keyboard.press("Control+Enter")
    # While it writes, a button to stop stands in its place.
    page.wait_for_selector(".writing .desk-bar .primary", state="hidden")
    page.wait_for_selector(".writing .desk-bar .primary", state="visible", timeout=PATIENCE_MS)
    page.wait_for_timeout(500)


def save(page: Page, path: Path) -> None:
    """The window as it stands, in few colours, which suffice for paper and ink."""
    page.mouse.move(0, 0)
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size // 1024} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
