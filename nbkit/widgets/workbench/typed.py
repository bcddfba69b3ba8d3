"""Owns values as they are typed: read, tried on a network, and refused in words. Must not know any toolkit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nbkit.compile.connections import bytes_of_draws
from nbkit.errors import NbkitError, Problem, fail
from nbkit.model.numbers import is_finite_number
from nbkit.network.network import Network
from nbkit.network.time import to_unit
from nbkit.simulation.checks import require_memory
from nbkit.widgets.controls import GREEK
from nbkit.widgets.workbench.rows import limit_words

#: values that may be typed with a unit of time
_TIMES = ("delay", "spread", "start", "stop", "period")

_BYTES_OF_A_UNIT = 200  # states, parameters and rows of a step


def require_no_new_problem(old: Network, new: Network) -> None:
    """Refuse an edit that brings a problem, or that no memory would hold."""
    fresh = [problem for problem in new.check() if problem not in old.check()]
    if fresh:
        raise NbkitError(fresh)
    if not new.check():
        units = sum(population.count for population in new.populations.values())
        require_memory("this network", int(bytes_of_draws(new)) + units * _BYTES_OF_A_UNIT, "a smaller size")


def read_value(network: Network, path: str, value: object) -> Any:
    """A number from what was typed, times with a unit in the network's own; laws as they are.

    Raises:
        NbkitError: ``bad-value`` or ``bad-time`` for what is no number.
    """
    if isinstance(value, str):
        text = value.strip().replace("−", "-").replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            if text and path.rpartition(".")[2] in _TIMES:
                return to_unit(text, network.time_unit, path)
            raise fail("bad-value", path, f"'{value}' is no number", "such as 8 or 0.5") from None
    if value is None or (isinstance(value, int | float) and not is_finite_number(value)):
        raise fail("bad-value", path, f"{value} is no finite number", "such as 8 or 0.5")
    return value


def kept(network: Network, path: str, problem: Problem) -> Problem:
    """A problem with an edit, told with what is kept; limits are told as the symbol of the value must keep them."""
    held, about = network.value(path), network.describe(path)
    words = f"{held:g} {about.unit}".strip() if is_finite_number(held) else str(type(held).__name__)
    if problem.code == "outside-limits" and about.limits is not None:
        must = f"{GREEK.get(about.symbol, about.symbol)} must be {limit_words(*about.limits)}"
        return replace(problem, where=path, what=f"{must}. Kept {words}.", hint="")
    return replace(problem, where=path, what=f"{problem.what}. Kept {words}.")
