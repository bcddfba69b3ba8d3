"""Owns `Expression`: a formula that a user types, of time, place or distance. Must not know populations or arrays.

An expression stands where a signal may stand; and, on units that have places, where a parameter, an initial value
or a weight may stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nbkit.errors import NbkitError, Problem, did_you_mean, shown
from nbkit.model.expression import names, parse
from nbkit.model.numbers import make_plain

#: names of places
PLACES = ("x", "y")


class Signal:
    """A course in time, the same for all units or one for each."""

    def __post_init__(self) -> None:
        make_plain(self)


@dataclass(frozen=True)
class Expression(Signal):
    """A formula as text, of the names that its place in the network gives it.

    As a signal it knows ``t``, the time in the network's unit; comparisons of ``t`` with a number are decided on
    whole steps. On a grid it knows ``x`` too, and on a sheet ``y``: each unit's own place. So does a parameter or
    an initial value of a grid, which knows no ``t``.

    Args:
        text: such as ``"sin(t/10)"`` for a signal, or ``"exp(-d/0.1)"`` for a weight of distance.

    Example:
        >>> import nbkit as nb
        >>> line = nb.Population(nb.models.leaky_integrator, (4,), initial={"x": nb.Expression("2*x")})
        >>> nb.simulate(nb.Network({"E": line}), 1.0, 0.1)["E.x"][0].values.tolist()
        [0.25, 0.75, 1.25, 1.75]
    """

    text: str


def expression_problems(
    expression: Expression, where: str, known: tuple[str, ...], lacking: tuple[str, str] = ("", "")
) -> Iterator[Problem]:
    """Everything that is wrong with the text of an expression.

    Args:
        expression: what was given.
        where: how errors name its place.
        known: the names that it may use.
        lacking: why there is no ``x`` or ``y`` among them, and what to try.
    """
    if not isinstance(expression.text, str):
        yield Problem("bad-value", where, f"{shown(expression.text)} is not text", 'write for example "sin(t)"')
        return
    try:
        tree = parse(expression.text, where)
    except NbkitError as error:
        yield from error.problems
        return
    for name in sorted(names(tree) - set(known)):
        if name in PLACES and lacking[0]:
            yield Problem("unknown-name", where, f"'{name}' is a place: {lacking[0]}", lacking[1])
        else:
            yield Problem("unknown-name", where, f"'{name}' is not declared", did_you_mean(name, known))
