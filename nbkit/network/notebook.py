"""Owns the notebook form of networks: cells, one after the other. Must not know what runs them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbkit.network.network import Network

_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@dataclass(frozen=True)
class Cell:
    """One cell: its kind, ``"markdown"`` or ``"code"``, and its text."""

    kind: str
    text: str


def written(*cells: Cell) -> str:
    """Write cells as the JSON text of a notebook.

    >>> import json
    >>> json.loads(written(Cell("code", "1 + 1")))["cells"][0]["source"]
    '1 + 1'
    """
    made: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        code: dict[str, Any] = {"execution_count": None, "outputs": []} if cell.kind == "code" else {}
        common = {"id": f"cell-{number:02}", "cell_type": cell.kind, "metadata": {}, "source": cell.text}
        made.append(common | code)
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": _KERNEL}, "cells": made})


def summary(network: Network) -> str:
    """What a network consists of, in words.

    >>> import nbkit as nb
    >>> summary(nb.networks.rhythm())
    '2 populations (E, I), 4 projections, 1 stimulus'
    """
    names = ", ".join(network.populations)
    shown = names if len(names) <= 40 else f"{names[:37]} …"
    populations = f"{_count(len(network.populations), 'population')}{f' ({shown})' * bool(names)}"
    stimuli = len(network.stimuli)
    driven = f", {stimuli} stimul{'us' if stimuli == 1 else 'i'}" if stimuli else ""
    return f"{populations}, {_count(len(network.projections), 'projection')}{driven}"


def heading(network: Network, story: str) -> str:
    """The first cell: what it is about, and what it does."""
    told = f"\n\n{story}" if story else ""
    return f"# A network by nbkit\n\n{summary(network)}.{told}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
