"""Law: notebooks are stored without outputs, execution counts and kernels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.stored_notebooks import leftovers
from tests.architecture.tree import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
GUIDES = sorted((ROOT / "gallery" / "guides").glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
    assert GUIDES


@pytest.mark.parametrize("path", [*NOTEBOOKS, *GUIDES], ids=lambda p: p.name)
def test_a_notebook_is_stored_bare(path: Path) -> None:
    assert list(leftovers(path)) == []


@pytest.mark.parametrize(
    ("metadata", "cell"),
    [
        ({"kernelspec": {"name": "python3"}}, {}),
        ({"widgets": {}}, {}),
        ({}, {"outputs": [{"output_type": "stream", "text": "4"}]}),
        ({}, {"execution_count": 1}),
        ({}, {"metadata": {"execution": {}}}),
    ],
)
def test_a_leftover_is_found(tmp_path: Path, metadata: dict[str, Any], cell: dict[str, Any]) -> None:
    bare: dict[str, Any] = {
        "cell_type": "code",
        "source": "2 + 2",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": [bare]}), encoding="utf-8")
    assert list(leftovers(path)) == []
    path.write_text(json.dumps({"nbformat": 4, "metadata": metadata, "cells": [bare | cell]}), encoding="utf-8")
    assert len(list(leftovers(path))) == 1


def test_every_notebook_is_listed_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in NOTEBOOKS if f"(notebooks/{path.name})" not in text] == []
