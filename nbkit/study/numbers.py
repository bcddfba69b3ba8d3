"""Owns the check of numbers that formulas take, and the rule by which they integrate. Must not know any formula."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.numbers import is_finite_number


def require(
    where: str, numbers: Mapping[str, object], positive: tuple[str, ...] = (), signed: tuple[str, ...] = ()
) -> None:
    """Raise for everything that is no number: 0 or more, unless it must be positive or may have any sign."""
    wrong = []
    for name, value in numbers.items():
        if not is_finite_number(value):
            wrong.append(
                Problem("bad-value", f"{where}.{name}", f"{shown(value)} is not a finite number", "give a number")
            )
        elif name in positive and not value > 0:  # type: ignore[operator]
            wrong.append(
                Problem("bad-value", f"{where}.{name}", f"{shown(value)} is not positive", "give a positive one")
            )
        elif name not in signed and value < 0:  # type: ignore[operator]
            wrong.append(Problem("bad-value", f"{where}.{name}", f"{shown(value)} is negative", "give 0 or more"))
    if wrong:
        raise NbkitError(wrong)


def as_array(where: str, value: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A number or an array of numbers as float64; text, objects and what is not finite are refused."""
    try:
        made = np.asarray(value)
    except ValueError:
        made = np.asarray(None)
    if made.dtype.kind not in "iuf" or not np.isfinite(made).all():
        raise fail(
            "bad-value", where, f"{shown(value)} is not made of finite numbers", "give a number or an array of them"
        )
    return made.astype(np.float64)


@cache
def gauss_rule(nodes: int) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    """Places between -1 and 1, and their weights, of Gauss's rule; read-only."""
    rule = np.polynomial.legendre.leggauss(nodes)
    for part in rule:
        part.setflags(write=False)
    return rule
