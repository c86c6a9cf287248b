"""Pages in a real browser, each watched: what it asks for, what its console says, what breaks."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request

WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 390, "height": 844}
LOCAL = {"127.0.0.1"}
PATIENCE_MS = 20_000
TABS = ("library", "cleaning", "training", "writing", "shelf")
# What a console may say without a test failing, each with its reason.
ALLOWED: tuple[tuple[re.Pattern[str], str], ...] = ()


@dataclass
class Visits:
    """The pages that one test opened, and what went wrong on them unseen."""

    browser: Browser
    url: str
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(
        self, address: str = "/", *, language: str = "zh-CN", dark: bool = False, size: dict[str, int] = WIDE, url: str = ""
    ) -> Page:
        """A page in a browser profile of its own, loaded and ready; `url` names another studio."""
        scheme = "dark" if dark else "light"
        context = self.browser.new_context(
            base_url=url or self.url, locale=language, color_scheme=scheme, viewport=size, accept_downloads=True
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        self._watch(context)
        page = context.new_page()
        page.goto(address)
        ready(page)
        return page

    def _watch(self, context: BrowserContext) -> None:
        context.on("request", self._ask)
        context.on("weberror", lambda error: self.complaints.append(f"page error: {error.error}"))
        context.on("console", lambda message: self._hear(message.type, message.text, str(message.location.get("url", ""))))

    def _ask(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname not in LOCAL:
            self.complaints.append(f"asked another machine for {request.url}")

    def _hear(self, kind: str, text: str, place: str) -> None:
        if kind == "error" and not any(pattern.search(text) for pattern, _ in ALLOWED):
            self.complaints.append(f"console error: {text} ({place})")

    def forgive(self, part: str) -> None:
        """Forget the complaints that hold these words, which the test brought about itself."""
        self.complaints[:] = [one for one in self.complaints if part not in one]

    def show(self, folder: Path) -> list[Path]:
        """Screenshots of all pages that are open."""
        pages = [page for context in self.contexts for page in context.pages]
        places = [folder / f"{number}.png" for number, _ in enumerate(pages, 1)]
        for page, place in zip(pages, places, strict=True):
            page.screenshot(path=place, full_page=True)
        return places

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def ready(page: Page) -> None:
    """Wait until Gradio has built the page: its tabs are there, and one of them is open."""
    page.locator("#tabs button[role=tab][aria-selected=true]").first.wait_for()


def tab(page: Page, name: str):
    """The button of a tab."""
    return page.locator(f'#tabs button[role=tab][id^="tab-{name}"]')
