"""Owns earlier runs behind a picture: which dash each has, and that they are runs at all. Must not know Bokeh."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from nbkit.errors import fail, shown
from nbkit.plots.checks import require_dataset, require_text
from nbkit.plots.style import GHOST

#: Earlier runs, each with its name.
Earlier = Sequence[tuple[str, xr.Dataset]]
#: Dashes of the first, the second, the third run; then they repeat.
DASHES = ("dashed", "dotted", "dotdash")
COLOUR = GHOST


def require_earlier(compare: object) -> None:
    """Refuse what are no earlier runs, each with its label.

    Raises:
        NbkitError: ``bad-type``.
    """
    pairs = isinstance(compare, list | tuple) and all(
        isinstance(one, list | tuple) and len(one) == 2 for one in compare
    )
    if not pairs:
        raise fail("bad-type", "compare", f"{shown(compare)} are no earlier runs", '[("before", ds)]')
    for label, ds in compare:  # type: ignore[attr-defined]
        require_text(label, "compare")
        require_dataset(ds, "compare")


def dash_of(number: int) -> str:
    """The dash of an earlier run.

    >>> dash_of(0), dash_of(3)
    ('dashed', 'dashed')
    """
    return DASHES[number % len(DASHES)]
