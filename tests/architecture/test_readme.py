"""Law: what the README shows is what happens: its commands, its example, its picture, its table."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.bench.report import BEGIN, END, RESULT
from tests.bench.report import block as measured_block
from tests.bench.workloads import WORKLOADS

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_SCREEN = 45


def block(mark: str) -> str:
    """The code block that follows a mark; there is exactly one such mark."""
    found = re.findall(rf"^<!-- {re.escape(mark)} -->\n```\w+\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"{len(found)} blocks are marked {mark!r}"
    return str(found[0])


def test_the_example_prints_what_the_readme_says(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", block("example")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == (block("prints"), "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mark", ["example: sheet", "example: cortex"])
def test_the_other_examples_run_as_they_stand(mark: str, tmp_path: Path) -> None:
    code = "import nbkit as nb\n" + block(mark) + "\nprint(type(figure).__module__.split('.')[0])"
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("bokeh\n", "")


def test_the_lesson_hides_its_run_and_is_solved_by_its_one_slider(tmp_path: Path) -> None:
    code = f"""import nbkit as nb
{block("example: teacher")}
print(bench.lesson.check())
bench.lesson.predict(80.0)
print(bench.lesson.check().passed)
bench.document.edit(bench.network.with_value("E->I.delay", 2.0))
print(bench.lesson.check().passed)
"""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("None\nFalse\nTrue\n", "")
    assert list(tmp_path.iterdir()) == []


def test_every_expression_in_the_text_can_be_evaluated(tmp_path: Path) -> None:
    expressions = re.findall(r"`((?:nb|net)\.[^`]+\))`", TEXT)
    assert len(expressions) > 2
    code = block("example") + "".join(f"{expression}\n" for expression in expressions)
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""


def test_the_first_screen_holds_the_picture_and_the_example() -> None:
    first = TEXT.splitlines()[:FIRST_SCREEN]
    assert any(line.startswith("![") for line in first)
    assert "<!-- prints -->" in first


@pytest.mark.parametrize("name", ["demo", "test"])
def test_a_command_is_one_line_that_installs_and_runs(name: str) -> None:
    lines = block(f"command: {name}").splitlines()
    assert len(lines) == 1
    installs, runs = lines[0].split(" && ")
    assert re.fullmatch(r'python -m pip install -e "\.\[\w+\]"', installs)
    assert runs == {"demo": "nbkit demo", "test": "python -m pytest"}[name]


def test_ci_runs_the_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    reader = re.search(r"^readme_command\(\) \{.*?^\}$", script.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert reader is not None
    command = ["bash", "-euo", "pipefail", "-c", f"{reader.group()}\nreadme_command test"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == block("command: test")
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize("arguments", [["--version"], ["demo", "--help"]])
def test_the_command_line_knows_the_command(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbkit", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_every_link_into_the_repository_leads_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", TEXT)
    assert targets
    assert [t for t in targets if not (ROOT / t).exists()] == []


def test_the_table_of_timings_is_the_stored_measurement() -> None:
    stored = json.loads(RESULT.read_text(encoding="utf-8"))
    measured = [row["workload"] for row in stored["rows"]]
    assert [load.name for load in WORKLOADS if load.name in measured or not load.full] == measured
    assert TEXT.split(BEGIN)[1].split(END)[0].strip() == measured_block(stored)
