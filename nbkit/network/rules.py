"""Owns connection rules: which unit of the source reaches which unit of the target. Must not know weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


class Rule(ABC):
    """Says which pairs of units are connected."""

    @abstractmethod
    def inputs_per_unit(self, pre: int) -> int:
        """Number of connections onto one target unit, from a source of ``pre`` units."""

    @abstractmethod
    def weight_shape(self, post: int, pre: int) -> tuple[int, ...]:
        """Shape of a weight array."""

    @abstractmethod
    def fault(self, post: int, pre: int) -> str:
        """Why two populations of these sizes cannot be connected so; ``""`` if they can."""


@dataclass(frozen=True)
class AllToAll(Rule):
    """Every unit of the source reaches every unit of the target, itself included. Weights are (post, pre)."""

    def inputs_per_unit(self, pre: int) -> int:
        """Number of connections onto one target unit."""
        return pre

    def weight_shape(self, post: int, pre: int) -> tuple[int, ...]:
        """Shape of a weight array."""
        return (post, pre)

    def fault(self, post: int, pre: int) -> str:  # noqa: ARG002  any two sizes fit
        """Why two populations cannot be connected so."""
        return ""


@dataclass(frozen=True)
class OneToOne(Rule):
    """Unit i of the source reaches unit i of the target. Weights are one per unit."""

    def inputs_per_unit(self, pre: int) -> int:  # noqa: ARG002  one, whatever the sizes
        """Number of connections onto one target unit."""
        return 1

    def weight_shape(self, post: int, pre: int) -> tuple[int, ...]:  # noqa: ARG002  both sizes are one
        """Shape of a weight array."""
        return (post,)

    def fault(self, post: int, pre: int) -> str:
        """Why two populations cannot be connected so."""
        return "" if post == pre else f"one-to-one from {pre} units onto {post}"


#: The rules by the name that files use.
RULES: dict[str, type[Rule]] = {rule.__name__: rule for rule in (AllToAll, OneToOne)}
