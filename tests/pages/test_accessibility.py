"""What axe-core, a judge of accessibility, says of each tab, and whether a phone can show it without sideways scrolling."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages.visits import NARROW, TABS, WIDE

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
GRAVE = ("serious", "critical")
# Gradio's own nodes that we cannot mend, as (rule, a part of the node's selector): the reason.
ALLOWED: dict[tuple[str, str], str] = {}
SETTLE_MS = 1000
SIZES = {"wide": WIDE, "narrow": NARROW}


@pytest.fixture
def opened(visits, furnished):
    """A tab, open and at rest, of a studio with something in it unless `url` names another."""

    def open_tab(name, dark=False, size=WIDE, language="zh-CN", url=""):
        page = visits.open(f"/?tab={name}", dark=dark, size=size, language=language, url=url or furnished.url)
        page.locator(f'#tabs button[role=tab][id^="tab-{name}"][aria-selected=true]').wait_for()
        # Colours in the middle of a transition are nobody's.
        page.add_style_tag(content="*, *::before, *::after { transition: none !important; animation: none !important; }")
        page.wait_for_timeout(SETTLE_MS)
        return page

    return open_tab


def violations(page):
    """The grave ones that are not allowed: one line for each node, with the rule and the selector."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{one['id']} ({one['impact']}) at {json.dumps(node['target'], ensure_ascii=False)}: {node['html'][:120]} — {why(node)}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
        if not any(one["id"] == rule and part in str(node["target"]) for rule, part in ALLOWED)
    ]


def why(node):
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])[:200]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", TABS)
def test_a_tab_has_no_grave_violation(opened, name, dark, size):
    assert violations(opened(name, dark, SIZES[size])) == []


@pytest.mark.parametrize("name", TABS)
def test_an_empty_tab_has_none_either(opened, studio, name):
    assert violations(opened(name, url=studio.url)) == []


@pytest.mark.parametrize("name", TABS)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_phone_shows_a_tab_without_sideways_scrolling(opened, name, language):
    page = opened(name, size=NARROW, language=language)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], "\n".join(too_wide(page))


def too_wide(page):
    """What sticks out at the right."""
    return page.evaluate(
        """width => [...document.querySelectorAll("body *")]
            .filter((one) => one.getBoundingClientRect().right > width + 1 && one.checkVisibility())
            .slice(0, 12)
            .map((one) => `${one.tagName} #${one.id} .${one.className} ${Math.round(one.getBoundingClientRect().right)}`)""",
        NARROW["width"],
    )


def test_every_control_on_a_phone_is_large_enough_for_a_finger(opened):
    page = opened(TABS[0], size=NARROW)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, [role=tab], a[href]")]
            .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
            .map((one) => [one.textContent.trim() || one.getAttribute("aria-label") || one.id, one.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0 && box.height > 0 && (box.width < 24 || box.height < 24))
            .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
    )
    assert small == []


def test_what_is_allowed_is_named_with_a_reason():
    assert all(reason for reason in ALLOWED.values())
