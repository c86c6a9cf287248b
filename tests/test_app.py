"""The studio's command: what it refuses before anything is opened."""

import os
import signal
import socket
import subprocess
import sys

import pytest

import app


def refuse(project, *words):
    done = subprocess.run(
        [sys.executable, "app.py", *words], cwd=project, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stderr.strip()


@pytest.mark.parametrize(
    "words",
    [["--share"], ["--host", "0.0.0.0"], ["--host", "192.168.1.5"], ["--host", ""], ["--mode", "public"], ["--mode", "team"]],
    ids=" ".join,
)
def test_nothing_lets_others_in_while_there_are_no_accounts(project, words):
    code, sentence = refuse(project, *words)
    assert code == 2
    assert "no accounts yet" in sentence
    assert len(sentence.splitlines()) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_is_welcome_under_its_own_names(host):
    app.require_local(app.make_parser().parse_args(["--host", host]))


def test_a_taken_port_is_said_in_one_sentence(project, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, sentence = refuse(project, "--port", str(port), "--workspace", str(tmp_path))
    assert code == 2
    assert str(port) in sentence


def test_a_port_that_is_none_is_refused(project):
    assert refuse(project, "--port", "70000")[0] == 2


def test_help_comes_without_gradio(project):
    script = "import sys, app; app.make_parser().format_help(); sys.exit('gradio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=project, check=False).returncode == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_studio_that_is_ended_leaves_no_uploads(project, tmp_path, end):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "app.py", "--port", "0", "--workspace", str(tmp_path / "workspace")]
    surroundings = os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(command, cwd=project, env=surroundings, stderr=subprocess.PIPE, text=True) as studio:
        assert "Moxu is open" in studio.stderr.readline()
        arrived = next(temporary.glob("moxu-uploads-*"))
        (arrived / "novel.txt").write_text("红", encoding="utf-8")
        studio.send_signal(end)
        studio.communicate(timeout=30)
    assert list(temporary.glob("moxu-uploads-*")) == []
