"""Law: the Binder image is locked, and the lock holds everything that nbkit and its notebooks need."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from nbkit.app.demo import page
from tests.architecture.test_dependencies import EXTRAS, PROJECT
from tests.architecture.tree import ROOT

BINDER = ROOT / "binder"
NEEDED = [*PROJECT["dependencies"], *EXTRAS["app"], *EXTRAS["paper"]]


def lock() -> dict[str, str]:
    """Name -> version."""
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    return {canonicalize_name(name): version for name, version in (pin.split("==") for pin in pins)}


@pytest.mark.parametrize("text", sorted(set(NEEDED)))
def test_the_lock_covers_a_requirement(text: str) -> None:
    required = Requirement(text)
    assert lock()[canonicalize_name(required.name)] in required.specifier


def test_the_lock_holds_nothing_for_tests_or_cards() -> None:
    assert sorted(set(lock()) & {"pytest", "hypothesis", "mypy", "ruff", "playwright", "cupy-cuda12x"}) == []


def test_the_image_has_a_python_that_nbkit_supports() -> None:
    version = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip()
    assert version.startswith("python-")
    assert version.removeprefix("python-") in SpecifierSet(PROJECT["requires-python"])


def test_the_image_installs_nbkit_without_touching_the_lock() -> None:
    script = BINDER / "postBuild"
    assert "pip install --no-deps" in script.read_text(encoding="utf-8")
    assert os.name == "nt" or os.access(script, os.X_OK)


def test_binder_s_own_tool_understands_the_folder() -> None:
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-2000:]
    assert '-r "binder/requirements.txt"' in said
    assert "chmod +x binder/postBuild" in said


def test_the_page_behind_the_link_is_the_demo_s() -> None:
    stored = json.loads((BINDER / "workbench.ipynb").read_text(encoding="utf-8"))
    assert stored["cells"] == json.loads(page())["cells"]
