"""Owns the list of the networks that come with nbkit. Reached as ``nb.networks``; must not know how they run.

Each is a function that makes a `Network`; its file is loaded when it is first asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from nbkit.errors import did_you_mean
from nbkit.network.network import Network

#: name of a network -> the file of this folder that makes it; no file has the name of a network
_FILES: dict[str, str] = {
    "rhythm": "motifs",
    "moving_bump": "motifs",
    "microcircuit": "cortex",
    "brunel": "sparse",
    "balanced": "sparse",
}


def names() -> tuple[str, ...]:
    """Names of all shipped networks.

    >>> names()
    ('rhythm', 'moving_bump', 'microcircuit', 'brunel', 'balanced')
    """
    return tuple(_FILES)


def __getattr__(name: str) -> Callable[..., Network]:
    if name not in _FILES:
        raise AttributeError(f"no shipped network '{name}'; {did_you_mean(name, _FILES)}")
    made: Callable[..., Network] = getattr(importlib.import_module(f"{__name__}.{_FILES[name]}"), name)
    globals()[name] = made
    return made


def __dir__() -> list[str]:
    return ["names", *_FILES]
