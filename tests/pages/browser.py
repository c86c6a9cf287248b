"""A Chromium for the page tests: where one is, and with `--install` (run by `make test`) how one comes here."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

VARIABLE = "MOXU_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_MACS = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium")
START_SECONDS = 30
DOWNLOAD_SECONDS = 300
PACKAGES_SECONDS = 600
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Found:
    """The browser's program, or why there is none."""

    program: str | None
    why: str = ""


def arguments() -> list[str]:
    """How a browser is started here: it asks nothing of the network by itself, and root has no sandbox."""
    return [*QUIET, *(["--no-sandbox"] if is_root() else [])]


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def find() -> Found:
    """The first Chromium that starts: the one $MOXU_CHROMIUM names, Playwright's own, the system's."""
    if named := os.environ.get(VARIABLE):
        return Found(named) if starts(named) else Found(None, f"{VARIABLE} names {named}, which does not start")
    for program in candidates():
        if starts(program):
            return Found(program)
    return Found(None, f"no Chromium starts here; `make test` tries to install one, or {VARIABLE} may name one")


def candidates() -> list[str]:
    """Where a Chromium may be, the likeliest to fit first."""
    on_path = [program for name in NAMES if (program := shutil.which(name))]
    return [program for program in [playwrights_own(), *on_path, *ON_MACS] if Path(program).is_file()]


def playwrights_own() -> str:
    """Where `playwright install chromium` puts one, whether it did or not."""
    try:
        with sync_playwright() as playwright:
            return playwright.chromium.executable_path
    except Error:
        # Playwright has none for this system.
        return ""


def starts(program: str) -> bool:
    """Whether the program runs at all: a download may lack libraries of the system, and Ubuntu's is a stub without snap."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=START_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def install() -> Found:
    """Find one, else get one: Playwright's, else the system's where its package manager may be asked."""
    found = find()
    if found.program or os.environ.get(VARIABLE):
        return found
    print("the page tests need a Chromium; installing one …", flush=True)
    whys = []
    for get in (get_playwrights, get_systems):
        why = get()
        found = find()
        if found.program:
            break
        whys.append(why or "what was installed does not start")
    get_glyphs()
    return found if found.program else Found(None, "; ".join(whys))


def get_playwrights() -> str:
    """Playwright's download; returns why not."""
    return attempt("playwright install chromium", [sys.executable, "-m", "playwright", "install", "chromium"], DOWNLOAD_SECONDS)


def get_systems() -> str:
    """The system's package; returns why not."""
    if not may_ask_apt():
        return "the system's package manager may not be asked (apt-get, as root)"
    return attempt("apt-get update", ["apt-get", "update"], PACKAGES_SECONDS) or apt_install("chromium", "fonts-noto-cjk")


def get_glyphs() -> None:
    """A font with Chinese characters, for the screenshots; the tests pass without one."""
    if may_ask_apt() and shutil.which("fc-list"):
        listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False)
        if not listed.stdout.strip():
            apt_install("fonts-noto-cjk")


def may_ask_apt() -> bool:
    return is_root() and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> str:
    """Install packages of the system; returns why not."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    return attempt(f"apt-get install {' '.join(packages)}", command, PACKAGES_SECONDS)


def attempt(name: str, command: list[str], seconds: float) -> str:
    """Run an installer quietly, and end it with all it started when it takes too long; returns why it failed."""
    surroundings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, env=surroundings, start_new_session=True, **options) as process:
        try:
            told, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return f"{name} took longer than {seconds:.0f} s"
    last = told.decode(errors="replace").strip().splitlines()[-1:]
    return f"{name}: {''.join(last)[:300] or f'exit code {process.returncode}'}" if process.returncode else ""


def main(words: list[str]) -> int:
    """Say what there is; never a failure, since the tests say so themselves."""
    found = install() if "--install" in words else find()
    if not found.program:
        print(f"no Chromium for the page tests, which are skipped: {found.why}", file=sys.stderr)
    elif "--install" not in words:
        print(found.program)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
