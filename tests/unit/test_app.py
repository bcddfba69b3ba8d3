"""Laws of the command line: it explains what is missing, takes only free ports, and leaves nothing behind."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import signal
import socket
import subprocess
import sys
import textwrap
import time

import pytest

import nbkit
from nbkit.app import demo
from nbkit.app.command_line import main


def test_the_version_is_the_package_s(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.strip() == f"nbkit {nbkit.__version__}"


def test_python_m_nbkit_is_the_same_command():
    shown = subprocess.run([sys.executable, "-m", "nbkit", "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == f"nbkit {nbkit.__version__}"


def test_without_a_command_it_shows_help(capsys):
    assert main([]) == 0
    assert "demo" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(port, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["demo", "--port", port])
    assert stop.value.code == 2
    assert "1 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "package"), [(["demo"], "voila"), (["demo", "--lab"], "jupyterlab")])
def test_a_missing_server_is_explained(words, package, monkeypatch, capsys):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else found(name))
    assert main(words) == 1
    told = capsys.readouterr().err
    assert package in told
    assert 'pip install "nbkit[app]"' in told


def test_tutorials_are_found_in_the_package_first(tmp_path, monkeypatch):
    packaged, tree = tmp_path / "packaged", tmp_path / "tree"
    for folder in (packaged, tree):
        folder.mkdir()
    monkeypatch.setattr(demo, "FOLDERS", (packaged, tree))
    (tree / demo.TUTORIAL).touch()
    assert demo.tutorials() == tree
    (packaged / demo.TUTORIAL).touch()
    assert demo.tutorials() == packaged
    monkeypatch.setattr(demo, "FOLDERS", (tmp_path,))
    with pytest.raises(demo.DemoError, match="installing nbkit again"):
        demo.tutorials()


def test_a_taken_port_is_refused_and_any_free_one_found():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(demo.DemoError, match=f"port {port} cannot be used"):
            demo.free_port(port)
        assert demo.free_port() not in (0, port)


@pytest.mark.parametrize("lab", [False, True])
def test_the_server_listens_on_this_machine_alone_and_its_token_is_no_argument(lab, tmp_path):
    command = demo.server_command(tmp_path, 4321, lab=lab)
    assert any(word.endswith(".ip=127.0.0.1") for word in command)
    assert any("4321" in word for word in command)
    assert not any("token=" in word for word in command)


FAKE_SERVER = """
import http.server, os, pathlib, sys
assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
assert os.environ["JUPYTER_TOKEN"]
assert pathlib.Path("a.ipynb").is_file()
print("served from", pathlib.Path.cwd(), flush=True)
if sys.argv[2] == "broken":
    raise SystemExit("no voila today")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""

DEMO = """
import pathlib, sys
from nbkit.app import command_line, demo

source = pathlib.Path(sys.argv[1])
demo.FOLDERS, demo.TUTORIAL = (source,), "a.ipynb"
demo.webbrowser.open = lambda address: print("opened", address)
demo.server_command = lambda folder, port, *, lab: [sys.executable, str(source / "server.py"), str(port), sys.argv[2]]
raise SystemExit(command_line.main(["demo"]))
"""


@pytest.fixture
def start_demo(tmp_path):
    """Start the demo of a fake tutorial with a fake server, its temporary files in a folder of ours."""
    source, temporary = tmp_path / "source", tmp_path / "temporary"
    source.mkdir()
    temporary.mkdir()
    (source / "a.ipynb").write_text("{}")
    (source / "server.py").write_text(FAKE_SERVER)
    started = []

    def start(how):
        command = [sys.executable, "-u", "-c", textwrap.dedent(DEMO), str(source), how]
        environment = {**os.environ, "TMPDIR": str(temporary)}
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True))
        return started[-1], temporary

    yield start
    for process in started:
        process.kill()
        process.communicate()


def lines_until(process, word):
    seen = []
    for line in process.stdout:
        seen.append(line)
        if word in line:
            return "".join(seen)
    raise AssertionError("".join(seen) + process.stderr.read())


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_the_demo_opens_its_address_and_ends_cleanly(start_demo, number):
    process, temporary = start_demo("works")
    told = lines_until(process, "opened")
    assert "http://127.0.0.1:" in told
    assert "/voila/render/workbench.ipynb?token=" in told
    [copies] = temporary.glob("nbkit-demo-*")
    assert (copies / "a.ipynb").is_file()
    process.send_signal(getattr(signal, number))
    assert process.wait(20) == 0
    assert list(temporary.iterdir()) == []
    port = int(told.partition("http://127.0.0.1:")[2].partition("/")[0])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_server_that_stops_at_once_is_explained(start_demo):
    process, temporary = start_demo("broken")
    _, told = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "stopped before it answered" in told
    assert "no voila today" in told
    assert list(temporary.iterdir()) == []


def test_a_server_that_will_not_end_is_ended(monkeypatch):
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    )
    monkeypatch.setattr(demo, "GOODBYE_S", 0.3)
    with subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        begin = time.monotonic()
        demo.stop(process)
        assert process.poll() is not None
        assert time.monotonic() - begin < 20


def test_the_tutorial_is_where_the_demo_looks():
    assert pathlib.Path(demo.tutorials() / demo.TUTORIAL).is_file()
