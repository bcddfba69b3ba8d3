"""Owns what every picture asks of its arguments: a Dataset, names, numbers of units, a title, a height, a switch.

Must not know Bokeh or what a picture shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import xarray as xr

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.numbers import is_finite_number, is_whole, plain

#: Heights in pixels between which a picture can be read.
LOWEST, HIGHEST = 40, 4000


def require_picture(ds: object, title: object, height: object, least: int = LOWEST, **switches: object) -> None:
    """Raise for everything wrong with what all pictures take.

    Raises:
        NbkitError: ``bad-type`` for what is no Dataset, title or switch, ``bad-json`` for a Dataset whose setup cannot
            be read, ``bad-value`` for a height that is none.
    """
    problems = [*_dataset_problems(ds, "ds")]
    if not isinstance(title, str):
        problems.append(Problem("bad-type", "title", f"{shown(title)} is no text", 'title="", or a heading'))
    if not is_whole(plain(height), least, HIGHEST):
        what = f"{shown(height)} is no whole number of pixels between {least} and {HIGHEST}"
        problems.append(Problem("bad-value", "height", what, "such as 320"))
    for name, value in switches.items():
        if not isinstance(plain(value), bool):
            problems.append(Problem("bad-type", name, f"{shown(value)} is neither True nor False", f"{name}=True"))
    if problems:
        raise NbkitError(problems)


def require_dataset(ds: object, where: str = "ds") -> None:
    """Raise for what is no result that can be read."""
    problems = [*_dataset_problems(ds, where)]
    if problems:
        raise NbkitError(problems)


def _dataset_problems(ds: object, where: str) -> Iterator[Problem]:
    if not isinstance(ds, xr.Dataset):
        yield Problem("bad-type", where, f"{shown(ds)} is no Dataset", "a result of nb.simulate")
    elif not _is_setup(ds.attrs.get("setup", "{}")):
        what = f"the attribute 'setup', {shown(ds.attrs['setup'])}, does not tell the keywords of a run"
        yield Problem("bad-json", where, what, 'leave it as nb.simulate wrote it, or del ds.attrs["setup"]')


def _is_setup(text: object) -> bool:
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def names_of(given: object, where: str) -> list[str] | None:
    """Give one name or several as a list; None, for all, as it is.

    Raises:
        NbkitError: ``bad-type`` for anything else.
    """
    if given is None or isinstance(given, str):
        return None if given is None else [given]
    unordered = isinstance(given, bytes | Mapping) or getattr(given, "shape", (1,)) == ()
    names = None if unordered or not isinstance(given, Iterable) else list(given)
    if names is None or not all(isinstance(name, str) for name in names):
        hint = 'such as "E.r" or ["E.r", "I.r"]' if where == "variable" else 'such as "E" or ["E", "I"]'
        raise fail("bad-type", where, f"{shown(given)} is neither a name nor a list of names", hint)
    return names


def require_units(units: object) -> None:
    """Raise for what is neither a slice nor a list of whole numbers; None stands for a choice that nobody made."""
    if units is not None and not (_is_slice(units) if isinstance(units, slice) else _are_numbers(units)):
        raise fail("bad-choice", "units", f"{shown(units)} is neither numbers nor a slice", "such as slice(0, 50)")


def _is_slice(units: slice) -> bool:
    try:
        return range(1)[units] is not None
    except (TypeError, ValueError):
        return False


def _are_numbers(units: object) -> bool:
    if not isinstance(units, list | tuple | range) and not (isinstance(units, np.ndarray) and units.ndim == 1):
        return False
    return all(is_finite_number(number) and number == int(number) for number in units)


def require_text(text: object, where: str) -> None:
    """Raise for what is no text."""
    if not isinstance(text, str):
        raise fail("bad-type", where, f"{shown(text)} is no text", f'{where}="..."')
