"""Owns weights kept as text: comma-separated numbers. Must not know projections."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nbkit.errors import fail
from nbkit.network.values import Array


def read_weights(path: str | Path) -> Array:
    r"""Read a matrix of weights, (post, pre), from a file of comma-separated numbers.

    One line per target; a first line of words is passed over.

    Args:
        path: the file.

    Raises:
        NbkitError: ``bad-table`` for a file that is not there, lines of different lengths or text that is no
            number, with the line.

    Example:
        >>> import pathlib, tempfile
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "w.csv"
        >>> _ = file.write_text("0,1\n0.5,0\n")
        >>> read_weights(file).tolist()
        [[0.0, 1.0], [0.5, 0.0]]
    """
    try:
        lines = [line.split(",") for line in Path(path).read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, TypeError, UnicodeDecodeError) as error:
        raise fail("bad-table", str(path), f"cannot be read: {error}", "give a text file of numbers") from None
    rows: list[list[float]] = []
    for number, words in enumerate(lines, 1):
        try:
            rows.append([float(word) for word in words])
        except ValueError:
            if number > 1:
                what = f"'{','.join(words):.40}' is not a row of numbers"
                raise fail("bad-table", f"{path}, line {number}", what, "separate numbers by commas") from None
    if not rows or len({len(row) for row in rows}) > 1:
        what = "its rows have different lengths" if rows else "there is no row of numbers in it"
        raise fail("bad-table", str(path), what, "give one line per target, one number per source")
    return np.array(rows, dtype=np.float64)
