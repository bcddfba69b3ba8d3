"""Owns what an edit asks of a standing simulation: nothing, new values, or a new one. Must not know backends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nbkit.compile.program import Program
from nbkit.model.numbers import is_finite_number
from nbkit.network.difference import Difference, differences
from nbkit.network.network import Network


@dataclass(frozen=True, eq=False)
class Edit:
    """What a standing simulation must do to become that of an edited network.

    Attributes:
        kind: ``"nothing"``, ``"values"`` (they are set where the simulation stands) or ``"rebuild"``.
        values: path -> new value, for ``"values"``.
        reasons: for ``"rebuild"``, each difference that needs it, in words.
    """

    kind: Literal["nothing", "values", "rebuild"]
    values: tuple[tuple[str, Any], ...] = ()
    reasons: tuple[str, ...] = ()


def edit_between(program: Program, new: Network, old: Network | None = None) -> Edit:
    """Tell what turns the program of one network into that of another.

    Args:
        program: the compiled network.
        new: the edited network.
        old: the network with the values that the simulation has now; by default the one that was compiled.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 80)})
        >>> program = nb.Simulation(net, dt=0.1).program
        >>> edit_between(program, net.with_value("E.tau", 12.0)).values
        (('E.tau', 12.0),)
        >>> edit_between(program, net.with_value("E.size", 320)).reasons
        ('E: 80 → 320 units',)
    """
    found = [d for d in differences(program.network if old is None else old, new) if not _only_shown(d)]
    rebuilt = tuple(d.words for d in found if not _fits(program, d))
    if rebuilt:
        return Edit("rebuild", reasons=rebuilt)
    return Edit("values", tuple((d.path, d.new) for d in found)) if found else Edit("nothing")


def _only_shown(difference: Difference) -> bool:
    """Whether a difference is about words alone."""
    return difference.path.endswith(".label") and not difference.value


def _fits(program: Program, difference: Difference) -> bool:
    """Whether the new value can be written where the old one is read."""
    setting = program.settings.get(difference.path)
    if not difference.value or setting is None:
        return False
    if is_finite_number(difference.new) or isinstance(difference.new, str):
        return True
    old = difference.old
    return isinstance(difference.new, np.ndarray) and isinstance(old, np.ndarray) and difference.new.shape == old.shape
