"""Owns slopes of a flow at many points at once. Must not know what they are for.

The derivatives of all formulas are written down once; `Flow.slope` writes them down anew at every point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.model.derivative import derivative
from nbkit.model.expression import Tree, names
from nbkit.network.evaluation import evaluate
from nbkit.study.flow import Flow

Array = npt.NDArray[np.float64]
Parts = tuple[tuple[str, Tree], ...]


@dataclass(frozen=True, eq=False)
class Slopes:
    """How the speeds of a flow change with its states and numbers.

    Attributes:
        lines: variable -> the names in its formula, each with the derivative.
        rates: state -> the same for its speed.
    """

    lines: dict[str, Parts]
    rates: dict[str, Parts]

    @classmethod
    def of(cls, flow: Flow) -> Slopes:
        """Write down the derivatives of a flow; they are those of the same flow with other numbers, too."""
        return cls(
            {path: _parts(tree) for path, tree in flow.lines.items()},
            {path: _parts(tree) for path, tree in flow.rates.items()},
        )

    def at(self, flow: Flow, states: npt.ArrayLike, paths: Sequence[str]) -> Array:
        """How the derivative of each state changes with each path.

        Args:
            flow: the numbers at which to look.
            states: shape (states, ...): any number of points at once.
            paths: states or numbers of the flow.

        Returns:
            Shape (..., states, paths): for all states as paths the Jacobian of each point.
        """
        x = np.asarray(states, dtype=np.float64)
        unit = np.eye(len(paths)).reshape(len(paths), len(paths), *(1,) * (x.ndim - 1))
        change: dict[str, Any] = dict(zip(paths, unit, strict=True))
        with np.errstate(all="ignore"):
            known: dict[str, Any] = dict(flow.values) | dict(zip(flow.states, x, strict=True))
            for path, tree in flow.lines.items():
                known[path] = evaluate(tree, known)
            for path, parts in self.lines.items():
                moved = _moved(parts, known, change)
                if moved is not None:
                    change[path] = moved
            found = [_moved(self.rates[state], known, change) for state in flow.states]
        shape = (len(paths), *x.shape[1:])
        rows = [np.broadcast_to(0.0 if row is None else row, shape) for row in found]
        return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def _parts(tree: Tree) -> Parts:
    return tuple((name, derivative(tree, name)) for name in sorted(names(tree)))


def _moved(parts: Parts, known: dict[str, Any], change: dict[str, Any]) -> Any:
    """The chain rule; None where nothing that the formula knows has moved."""
    total = None
    for name, tree in parts:
        if name in change:
            slope = evaluate(tree, known)
            term = change[name] * slope
            if not np.all(np.isfinite(slope)):  # what does not move counts nothing, however steep the slope
                term = np.where(change[name] == 0, 0.0, term)
            total = term if total is None else total + term
    return total
