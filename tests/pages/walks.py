"""How a person walks through the studio: what is pressed in each tab, and what can be seen there afterwards."""

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from playwright.sync_api import Locator, Page, TimeoutError, expect

from pipelines.files import read_lines
from pipelines.folders import ManuscriptFolder, RunFolder, list_folders
from pipelines.workspace import open_workspace
from studio.words import load_words
from tests.pages.studio_process import started_over
from tests.pages.visits import tab

ZH = load_words("zh")
# A training, a model that loads, a busy machine: what takes longer than this is broken.
LONG_MS = 120_000
DESK = ".writing"
# The editor leaves out what is far off the screen, so that it is asked, not its lines.
EDITOR = "(({ cmTile }) => cmTile.view ?? cmTile.root.view)(document.querySelector('.writing .cm-content'))"


def enter(page: Page, name: str) -> None:
    """Open a tab."""
    tab(page, name).click()
    expect(tab(page, name)).to_have_attribute("aria-selected", "true")


def eventually(page: Page, holds: Callable[[], object], seconds: float = LONG_MS / 1000) -> None:
    """Wait until something holds that the page does not show; the page lives on meanwhile."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"it did not come to pass within {seconds:.0f} s"
        page.wait_for_timeout(100)


def retype(box: Locator, text: str) -> None:
    """Write over what a box of an opened fold holds, once it holds it: Gradio fills the fold a moment after it opens."""
    expect(box).not_to_have_value("")
    box.fill(text)


# ---- library and cleaning ----


def bring(page: Page, *files: object) -> None:
    """Drop files on the library; each is a path, or what set_input_files takes for one."""
    page.locator("#library-upload input[type=file]").set_input_files(list(files))


def novel_row(page: Page, title: str):
    return page.locator("#library-rows tbody tr", has=page.get_by_role("button", name=title, exact=True))


# ---- training ----


def badge(page: Page):
    """The phase of the run that is shown."""
    return page.locator("#training-status .badge")


def expect_phase(page: Page, *phases: str) -> None:
    """Wait until the shown run is in one of these phases."""
    said = "|".join(re.escape(ZH(f"training.phase.{phase}")) for phase in phases)
    expect(badge(page)).to_have_text(re.compile(f"^({said})$"), timeout=LONG_MS)


def runs(workspace: Path) -> list[RunFolder]:
    return [RunFolder(path) for path in list_folders(open_workspace(str(workspace)).runs)]


def measured(run: RunFolder) -> list[int]:
    """The steps of the training curve on the disk, in the order of the file."""
    return [row["step"] for row in read_lines(run.metrics)[0] if row["kind"] == "train"]


def drawn(page: Page) -> list[int]:
    """The steps of the training curve as the chart has them."""
    return page.evaluate("[...(document.querySelector('#training-chart .curve').data?.[0]?.x ?? [])]")


def look_at_chart(page: Page) -> None:
    page.locator("#training-chart .curve").scroll_into_view_if_needed()


def await_more_points(page: Page, than: int) -> None:
    """Wait until the chart has more points than that."""
    look_at_chart(page)
    page.wait_for_function(
        "than => (document.querySelector('#training-chart .curve').data?.[0]?.x ?? []).length > than", arg=than, timeout=LONG_MS
    )


def zoom(page: Page) -> list[float]:
    """Drag over a part of the chart, and return the range that it shows then."""
    look_at_chart(page)
    box = page.locator("#training-chart .nsewdrag").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5, steps=5)
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.7, steps=5)
    page.mouse.up()
    page.wait_for_function("document.querySelector('#training-chart .curve').layout.xaxis.autorange === false")
    return zoomed(page)


def zoomed(page: Page) -> list[float]:
    return page.evaluate(
        "(({ xaxis, yaxis }) => [...xaxis.range, ...yaxis.range])(document.querySelector('#training-chart .curve').layout)"
    )


# ---- writing ----


def desk_button(page: Page, name: str):
    """A button of the desk by its word."""
    return page.locator(DESK).get_by_role("button", name=ZH(f"writing.say_{name}"), exact=True)


def setting(page: Page, name: str):
    """The number beside a slider."""
    return page.locator("#writing-controls").get_by_role("spinbutton", name=ZH(f"writing.{name}"))


def choose(page: Page, **settings: float) -> None:
    """Set sliders by typing their numbers."""
    for name, value in settings.items():
        setting(page, name).fill(str(value))
        setting(page, name).press("Tab")


def blank_sheet(page: Page) -> None:
    """Begin a manuscript from nothing."""
    desk_button(page, "start_blank").click()
    expect(page.locator(".writing .cm-content")).to_be_visible()
    expect(page.locator(".writing .saved")).not_to_be_empty()


def type_at(page: Page, key: str, text: str, delay: float = 0) -> None:
    """Type at the start (`Control+Home`) or the end (`Control+End`) of the manuscript."""
    page.locator(".writing .cm-content").focus()
    page.keyboard.press(key)
    page.keyboard.type(text, delay=delay)


def manuscript(page: Page) -> str:
    """The text on the desk."""
    return page.evaluate(f"{EDITOR}.state.doc.toString()")


def models_words(page: Page) -> str:
    """What is tinted as the model's."""
    return page.evaluate(
        f"""(view => {{
            const found = [];
            for (const marks of view.state.facet(view.constructor.decorations)) marks.between?.(0, view.state.doc.length,
                (from, to, mark) => {{ if (mark.spec.class === "cm-models") found.push(view.state.doc.sliceString(from, to)); }});
            return found.join("");
        }})({EDITOR})"""
    )


def await_models_words(page: Page, than: int = 0) -> bool:
    """Wait until more than so many characters are the model's, or it has ended; returns whether it writes on."""
    eventually(page, lambda: len(models_words(page)) > than or desk_button(page, "continue").is_visible())
    return desk_button(page, "stop").is_visible()


def await_rest(page: Page) -> None:
    """Wait until nothing is written any more, and all is saved."""
    expect(desk_button(page, "continue")).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".writing .saved")).to_have_text(re.compile(ZH("writing.say_saved", time="")))


def notice(page: Page):
    """The strip with a sentence above the manuscript."""
    return page.locator(".writing .strip")


def manuscripts(workspace: Path) -> list[ManuscriptFolder]:
    return [ManuscriptFolder(path) for owner in list_folders(workspace / "manuscripts") for path in list_folders(owner)]


def history(folder: ManuscriptFolder) -> str:
    """All words that were ever inserted."""
    return json.dumps([row["inserted"] for row in read_lines(folder.history)[0]], ensure_ascii=False)


def written_again(page: Page, workspace: Path, prompt: str) -> str:
    """What the model writes with the seed and the settings of its last words in the only manuscript: the very same."""
    (folder,) = manuscripts(workspace)
    last = next(row for row in reversed(read_lines(folder.history)[0]) if row["by"] == "model")
    wish = {"bundle": last["bundle"], "prompt": prompt, "seed": last["seed"], **last["settings"]}
    ask = """async (wish) => (await fetch("/api/continue", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish) })).text()"""
    rows = page.evaluate(ask, wish).splitlines()
    return json.loads(rows[-1])["candidates"][0]["text"]


# ---- processes ----


def processes(workspace: Path, module: str) -> list[psutil.Process]:
    """The living processes of a module over a workspace, such as `pipelines.serve`."""
    found = []
    for number in started_over(workspace):
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(number)
            if module in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


@contextlib.contextmanager
def slowed(process: psutil.Process) -> Iterator[None]:
    """Let a process run a thirtieth of the time, so that what happens while it works is sure to happen meanwhile."""
    over = threading.Event()

    def limp() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            while not over.wait(0.01):
                process.suspend()
                over.wait(0.29)
                process.resume()

    thread = threading.Thread(target=limp)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def pressed_in_time(button: Locator) -> bool:
    """Press a button that may go away at any moment, as Stop does when the text has ended; whether it was there."""
    try:
        button.click(timeout=2_000)
    except TimeoutError:
        return False
    return True
