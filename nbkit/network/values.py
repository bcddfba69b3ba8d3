"""Owns values that a user may give: a number, an array, or a law. Must not know populations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import Problem, fail, shown
from nbkit.model.numbers import is_finite_number, is_whole
from nbkit.network.balanced import LARGEST, Balanced
from nbkit.network.expressions import Expression
from nbkit.network.laws import Law

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SparseMatrix:
    """A matrix of which only some entries are kept: ``values[i]`` stands at row ``rows[i]``, column ``columns[i]``.

    Args:
        shape: (targets, sources).
        rows: targets, counted from 0, shape (entries,).
        columns: sources, of the same shape.
        values: weights, or delays in the network's time unit, of the same shape.

    Example:
        >>> import nbkit as nb
        >>> ring = nb.SparseMatrix((3, 3), rows=[0, 1, 2], columns=[2, 0, 1], values=[0.5, 0.5, 0.5])
        >>> units = nb.Population(nb.models.leaky_integrator, 3)
        >>> net = nb.Network({"E": units}, [nb.Projection("E.x", "E.u", weight=ring)])
        >>> nb.study.weight_matrix(net, "E->E").values.tolist()
        [[0.0, 0.0, 0.5], [0.5, 0.0, 0.0], [0.0, 0.5, 0.0]]
    """

    shape: tuple[int, int]
    rows: Array
    columns: Array
    values: Array

    def __post_init__(self) -> None:
        if not isinstance(self.shape, tuple | list) or len(self.shape) != 2 or not all(is_whole(n) for n in self.shape):
            raise fail("bad-value", "SparseMatrix.shape", f"{shown(self.shape)} is no shape", "give (post, pre)")
        object.__setattr__(self, "shape", tuple(self.shape))
        for name in ("rows", "columns", "values"):
            object.__setattr__(self, name, freeze(getattr(self, name)))
            if not isinstance(getattr(self, name), np.ndarray) or getattr(self, name).ndim != 1:
                raise fail(
                    "bad-value", f"SparseMatrix.{name}", "is not a list of numbers", "give a scipy.sparse matrix"
                )


Value = float | Array | Law | SparseMatrix | Balanced | Expression


def freeze(value: object) -> Any:  # noqa: PLR0911  one return per kind of value
    """Bring a value into the form in which descriptions keep it.

    Numbers become floats, sequences become read-only float64 arrays, sparse matrices of SciPy keep their
    entries, a DataArray with dimensions ``post`` and ``pre`` is turned to (post, pre), laws and expressions
    stay. Anything else stays as it is, for the check to name it.
    """
    if isinstance(value, Law | SparseMatrix | Balanced | Expression | str | bool | bytes) or value is None:
        return value
    if hasattr(value, "tocoo"):
        entries = value.tocoo()
        return SparseMatrix(entries.shape, entries.row, entries.col, entries.data)
    dims = getattr(value, "dims", ())
    if isinstance(dims, tuple) and len(dims) == 2:
        if set(dims) != {"post", "pre"}:
            return value
        value = value.transpose("post", "pre")  # type: ignore[attr-defined]
    if isinstance(value, int | float | np.number):
        return float(value) if is_finite_number(value) or isinstance(value, float | np.floating) else value
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iuf" or isinstance(value, np.ma.MaskedArray):
            return value
        array = np.array(array, dtype=np.float64)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return value
    if array.ndim == 0:
        return float(array)
    array.setflags(write=False)
    return array


def value_problems(
    value: object, where: str, shape: tuple[int, ...], what: str = "one value per unit"
) -> Iterator[Problem]:
    """Everything that is wrong with a value that stands for an array of this shape."""
    if isinstance(value, Law):
        yield from _law_problems(value, where)
    elif type(value) is np.ndarray and value.dtype == np.float64:
        yield from _array_problems(value, where, shape, what)
    elif isinstance(value, Balanced):
        yield Problem("bad-law", where, "balanced weights are for the weights of a projection", "give another law")
    elif isinstance(value, Expression):
        what = f"{shown(value)}: a formula is for parameters and initial values of units that have places"
        yield Problem("bad-value", where, what, "give a number, an array or a law")
    elif isinstance(value, SparseMatrix):
        yield from _sparse_problems(value, where, shape)
    elif isinstance(value, float):
        if not is_finite_number(value):
            yield Problem("not-finite", where, f"{value} is not finite", "give a finite number")
    else:
        yield Problem(
            "bad-value",
            where,
            f"{shown(value)} is not a number",
            "give a number, an array or a law such as Uniform(8, 12)",
        )


def _array_problems(value: Array, where: str, shape: tuple[int, ...], what: str) -> Iterator[Problem]:
    if value.shape != shape:
        got, want = "x".join(map(str, value.shape)), "x".join(map(str, shape))
        hint = f"give a number, or an array of shape {shape}"
        if value.size == int(np.prod(shape)) and value.ndim != len(shape):
            turned = f"turn it with .reshape({', '.join(map(str, shape))})"
            hint = turned if len(shape) > 1 else "flatten it with .ravel()"
        yield Problem("wrong-shape", where, f"an array of {got} where {want} is needed ({what})", hint)
    elif not np.isfinite(value).all():
        first = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
        place = ", ".join(map(str, first))
        yield Problem("not-finite", where, f"{value[first]} at [{place}]", "replace it by a finite number")


def _law_problems(law: Law, where: str) -> Iterator[Problem]:
    inside = law.numbers()
    wrong = []
    for name, number in inside.items():
        optional = number is None and name in ("low", "high")
        if isinstance(number, Law):
            wrong += list(_law_problems(number, f"{where}.{name}"))
        elif name == "inside":
            wrong.append(Problem("bad-law", f"{where}.{name}", f"{shown(number)} is not a law", "give nb.Normal(...)"))
        elif not is_finite_number(number) and not optional:
            wrong.append(
                Problem("bad-law", f"{where}.{name}", f"{shown(number)} is not a finite number", "give a number")
            )
        elif number is not None and abs(number) > LARGEST:
            wrong.append(Problem("bad-law", f"{where}.{name}", f"{number:g} is too large", f"at most {LARGEST:g}"))
    yield from wrong
    if not wrong and law.wrong():
        yield Problem("bad-law", where, law.wrong(), "exchange or correct the numbers")


def _sparse_problems(value: SparseMatrix, where: str, shape: tuple[int, ...]) -> Iterator[Problem]:
    if value.shape != shape:
        got, want = "x".join(map(str, value.shape)), "x".join(map(str, shape))
        yield Problem("wrong-shape", where, f"a sparse matrix of {got} where {want} is needed", "rows are targets")
    elif not np.isfinite(value.values).all():
        yield Problem("not-finite", where, "an entry is not finite", "replace it by a finite number")
    elif not len(value.rows) == len(value.columns) == len(value.values) or not _inside(value):
        yield Problem("bad-value", where, "its entries do not fit its shape", "give a scipy.sparse matrix")


def _inside(value: SparseMatrix) -> bool:
    pairs = ((value.rows, value.shape[0]), (value.columns, value.shape[1]))
    return all(((i >= 0) & (i < n) & (i == np.floor(i))).all() for i, n in pairs)


def lowest_and_highest(value: Value) -> tuple[float, float]:
    """The smallest and largest number that a value surely holds; a law holds none before it is drawn."""
    if isinstance(value, Law | SparseMatrix | Balanced | Expression):
        return (np.inf, -np.inf)
    array = np.asarray(value, dtype=np.float64)
    return (float(array.min()), float(array.max())) if array.size else (np.inf, -np.inf)
