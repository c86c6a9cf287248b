"""The engine as a process: how it starts, whom it refuses, what it survives and how it ends."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from pipelines import serve
from pipelines.command import GOOD, INTERRUPTED, MISTAKE
from pipelines.serve_settings import TOKEN_VARIABLE
from tests.tiny_model import constant, write_bundle

ENDLESS = {"prompt": "黛", "length": 100_000, "candidates": 2}
SHORT = {"context": "黛", "maxlength": 3, "samples": 2}
CURL = re.compile(r"^curl .*?(?=^\S|^```)", re.MULTILINE | re.DOTALL)
DEADLINE_SECONDS = 60


@pytest.fixture
def bundle(workspace):
    return write_bundle(workspace.bundles / "石头记", constant({"玉": 2.0}))


@pytest.fixture
def start(bundle, project):
    """Start an engine and get (process, what it announced)."""
    started = []

    def begin(*flags, **environment):
        command = [sys.executable, "-m", "pipelines.serve", bundle.name, "--device=cpu", "--port=0", "--json", *flags]
        place = {"cwd": project, "env": os.environ | environment, "encoding": "utf-8"}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **place)
        started.append(process)
        first = process.stdout.readline()
        assert first, process.stderr.read()
        return process, json.loads(first)

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def ask(facts, path, asked, **more):
    return httpx2.post(facts["url"] + path, json=asked, timeout=DEADLINE_SECONDS, **more)


def ended(process):
    """(exit code, what else it printed, what it said on stderr) of a process that ends by itself."""
    out, err = process.communicate(timeout=DEADLINE_SECONDS)
    return process.returncode, out, err


@pytest.mark.slow
def test_on_port_0_it_says_where_it_listens_and_answers(start, bundle):
    process, facts = start()
    assert facts == {"url": facts["url"], "pid": process.pid, "bundle": "石头记", "device": "CPU"}
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", facts["url"])
    assert httpx2.get(facts["url"] + "/health").json() == {"status": "ok", "bundle": "石头记", "device": "CPU"}
    assert ask(facts, "/generate", SHORT).json() == 2 * ["黛玉玉玉"]
    process.terminate()
    assert ended(process) == (GOOD, "", "")


@pytest.mark.slow
def test_with_a_token_only_health_is_open(start):
    _, facts = start(**{TOKEN_VARIABLE: "secret"})
    assert httpx2.get(facts["url"] + "/health").status_code == 200
    assert ask(facts, "/generate", SHORT).status_code == 401
    assert ask(facts, "/generate", SHORT, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert ask(facts, "/generate", SHORT, headers={"Authorization": "Bearer secret"}).status_code == 200


@pytest.mark.slow
def test_a_client_that_hangs_up_frees_its_place_at_once(start):
    process, facts = start("--waiting=0")
    for _ in range(3):
        with httpx2.stream("POST", facts["url"] + "/continue", json=ENDLESS, timeout=DEADLINE_SECONDS) as stream:
            lines = stream.iter_lines()
            before, after = (json.loads(next(lines))["candidates"][0] for _ in range(2))
            assert after["text"].startswith(before["text"])
            assert ask(facts, "/generate", SHORT).status_code == 503
            assert httpx2.get(facts["url"] + "/health").status_code == 200
        begun = time.monotonic()
        while (answer := ask(facts, "/generate", SHORT)).status_code == 503:
            time.sleep(0.02)
        assert answer.json() == 2 * ["黛玉玉玉"]
        assert time.monotonic() - begun < 1
    process.terminate()
    assert ended(process) == (GOOD, "", "")


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, GOOD), (signal.SIGINT, INTERRUPTED)])
def test_a_signal_ends_it_while_it_writes_and_the_reader_keeps_what_was_written(start, sent, code):
    process, facts = start()
    with httpx2.stream("POST", facts["url"] + "/continue", json=ENDLESS, timeout=DEADLINE_SECONDS) as stream:
        lines = stream.iter_lines()
        next(lines)
        begun = time.monotonic()
        process.send_signal(sent)
        *_, last = lines
    assert time.monotonic() - begun < 2
    assert {one["reason"] for one in json.loads(last)["candidates"]} == {"stopped"}
    found, out, err = ended(process)
    assert (found, out) == (code, "")
    assert "Traceback" not in err
    assert time.monotonic() - begun < 2 * serve.LAST_SECONDS


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux shows what a process has mapped")
def test_a_signal_while_it_loads_ends_it_too(bundle, project):
    command = [sys.executable, "-c", "from pipelines import serve; print(1, flush=True); serve.main(['石头记', '--port=0'])"]
    process = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    process.stdout.readline()
    # It has begun to import torch when its library is mapped.
    while "torch" not in Path(f"/proc/{process.pid}/maps").read_text() and process.poll() is None:
        time.sleep(0.005)
    process.terminate()
    assert ended(process)[::2] == (GOOD, "")


DEAF = """
import sys, time
from pipelines import desk, engine, serve

def write(*_):
    time.sleep(60)
    yield

serve.LAST_SECONDS = 0.5
serve.open_engine = lambda *_: engine.Engine(desk.Desk(write, 0), "deaf", "CPU")
sys.exit(serve.main(["石头记", "--port=0", "--json"]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, GOOD), (signal.SIGINT, INTERRUPTED)])
def test_a_network_that_cannot_be_interrupted_does_not_keep_the_process(bundle, project, sent, code):
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    process = subprocess.Popen([sys.executable, "-c", DEAF], cwd=project, **piped)
    facts = json.loads(process.stdout.readline())
    with pytest.raises(httpx2.ReadTimeout):
        httpx2.post(facts["url"] + "/generate", json=SHORT, timeout=0.5)
    begun = time.monotonic()
    process.send_signal(sent)
    assert ended(process)[0] == code
    assert time.monotonic() - begun < 10


@pytest.mark.slow
def test_an_idle_engine_ends_by_itself_and_looking_at_its_health_is_no_work(start):
    process, facts = start("--idle-minutes=0.05")
    with httpx2.stream("POST", facts["url"] + "/continue", json=ENDLESS, timeout=DEADLINE_SECONDS) as stream:
        begun, lines = time.monotonic(), stream.iter_lines()
        # Busy for longer than it may be idle, it goes on.
        while time.monotonic() - begun < 4:
            next(lines)
    while process.poll() is None:
        try:
            assert httpx2.get(facts["url"] + "/health").status_code == 200
            time.sleep(0.2)
        except httpx2.TransportError:
            break
    assert ended(process) == (GOOD, "", "")


@pytest.mark.slow
def test_no_prompt_stands_in_what_it_prints(start):
    process, facts = start()
    for path, asked in (("/generate", SHORT | {"context": "秘密"}), ("/continue", {"prompt": "秘密", "temperature": 9})):
        ask(facts, path, asked)
    process.terminate()
    assert ended(process) == (GOOD, "", "")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_curl_lines_of_the_readme_are_answered(start, project, readme):
    _, facts = start(**{TOKEN_VARIABLE: "secret"})
    calls = CURL.findall((project / readme).read_text(encoding="utf-8"))
    assert len(calls) == 2
    for call in calls:
        here = call.replace("http://127.0.0.1:8000", facts["url"]).replace(f"${TOKEN_VARIABLE}", "secret")
        words = shlex.split(here.replace("\\\n", " "))
        said = subprocess.run([*words, "--silent", "--fail"], capture_output=True, encoding="utf-8", check=True).stdout
        assert "error" not in json.loads(said.splitlines()[-1])


def run(capsys, *arguments):
    code = serve.main([*arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nothing"], "there is no bundle 'nothing'"),
        (["石头记", "--host=0.0.0.0"], "needs a token"),
        (["石头记", "--host=nowhere.invalid"], "is no address of this machine"),
        (["石头记", "--host="], "is no address of this machine"),
        (["石头记", "--port=65536"], "port must be at most 65535, got 65536"),
        (["石头记", "--token="], "visible ASCII"),
        (["石头记", "--token=a b"], "visible ASCII"),
        (["石头记", "--origin=example.org"], "origin must be a site like https://example.org"),
        (["石头记", "--origin=*"], "origin must be a site"),
        (["石头记", "--idle-minutes=-1"], "idle minutes must be at least 0.0, got -1.0"),
        (["石头记", "--device=99"], "there is no device '99'"),
        ([], "BUNDLE"),
    ],
)
def test_a_mistake_is_one_sentence_before_anything_listens(bundle, capsys, arguments, why):
    code, out, err = run(capsys, *(arguments and [*arguments, *([] if "--port" in str(arguments) else ["--port=0"])]))
    assert (code, out, err.count("\n")) == (MISTAKE, "", 1)
    assert why in err


def test_a_damaged_bundle_is_one_sentence(bundle, capsys):
    (bundle / "model.safetensors").write_bytes(b"x")
    code, out, err = run(capsys, "石头记", "--port=0", "--device=cpu")
    assert (code, out, err.count("\n")) == (MISTAKE, "", 1)
    assert "has changed" in err


def test_a_port_that_is_taken_is_one_sentence(bundle, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        code, out, err = run(capsys, "石头记", f"--port={other.getsockname()[1]}")
    assert (code, out, err.count("\n")) == (MISTAKE, "", 1)
    assert "cannot be listened on" in err


def test_the_commands_own_handling_of_signals_ends_with_it(bundle, capsys):
    before = signal.getsignal(signal.SIGTERM)
    run(capsys, "nothing", "--port=0")
    run(capsys, "石头记", "--host=0.0.0.0", "--port=0")
    assert signal.getsignal(signal.SIGTERM) is before
