"""Owns the way from a graph to instructions: which nodes are needed, and where each is kept. Must not know networks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from nbkit.compile.graph import Node
from nbkit.compile.instructions import PHASES, SECTIONS, Instruction, Operand, Phase, Role, Section, Slot


@dataclass
class Layout:
    """Hands out stretches of the flat memory."""

    size: int = 0
    slots: list[Slot] = field(default_factory=list)

    def add(self, name: str, role: Role, units: int, rows: int = 1, history: int = 0) -> Slot:
        """Add a slot; ``units`` of 0 makes one number that all units share."""
        slot = Slot(name, role, self.size, max(1, units), rows, history, shared=units == 0)
        self.slots.append(slot)
        self.size += slot.size
        return slot


@dataclass(frozen=True)
class Root:
    """A value that must end up in a certain place."""

    node: Node
    target: Operand
    phase: Phase


@dataclass(frozen=True)
class Effect:
    """A change of what a phase has made: spikes, deliveries, resets. Effects keep the order in which they come."""

    phase: Phase
    operation: str
    target: Operand
    arguments: tuple[Node, ...]
    index: int
    text: str = ""


class Emitter:
    """Turns roots into instructions, in an order in which each reads only what is there."""

    def __init__(self, layout: Layout, block: int) -> None:
        self.layout, self.block = layout, block
        self.sections: dict[Section, list[Instruction]] = {s: [] for s in SECTIONS}
        self._places: dict[int, Operand] = {}
        self._free: dict[tuple[Section, int], list[Slot]] = defaultdict(list)
        self._uses: Counter[int] = Counter()
        self._read_later: set[int] = set()
        self._temporaries: Counter[Section] = Counter()

    def emit(self, roots: list[Root], effects: list[Effect]) -> None:
        """Emit every instruction that the roots and the effects need."""
        arguments = [node for effect in effects for node in effect.arguments]
        needed = _needed([r.node for r in roots] + arguments)
        self._count(needed, [r.node for r in roots] + arguments)
        claims: dict[int, Root] = {}
        for root in roots:
            if not root.node.leaf and _fits(root):
                claims.setdefault(root.node.number, root)
        for phase in PHASES:
            for node in needed:
                if node.phase == phase and not node.leaf:
                    self._compute(node, claims.get(node.number))
            for root in roots:
                if root.phase == phase and claims.get(root.node.number) is not root:
                    self._copy(root)
            for effect in effects:
                if effect.phase == phase:
                    self._effect(effect)

    def _effect(self, effect: Effect) -> None:
        sources = tuple(self._place(node) for node in effect.arguments)
        self.sections["step"].append(
            Instruction(effect.operation, effect.target, sources, "step", effect.phase, effect.text, effect.index)
        )

    def _copy(self, root: Root) -> None:
        section: Section = "step" if root.node.section == "step" or root.phase == "advance" else "block"
        sources = (self._place(root.node),)
        self.sections[section].append(Instruction("copy", root.target, sources, section, root.phase, root.node.text))

    def _count(self, needed: list[Node], ends: list[Node]) -> None:
        for node in needed:
            for argument in node.arguments:
                self._uses[argument.number] += 1
                if argument.section != node.section:
                    self._read_later.add(argument.number)
        self._read_later.update(node.number for node in ends)

    def _place(self, node: Node) -> Operand:
        return node.place or self._places[node.number]

    def _compute(self, node: Node, claim: Root | None) -> None:
        sources = tuple(self._place(a) for a in node.arguments)
        target = claim.target if claim else self._temporary(node)
        self._places[node.number] = target
        self.sections[node.section].append(
            Instruction(node.operation, target, sources, node.section, node.phase, node.text, node.index)
        )
        for argument in node.arguments:
            self._uses[argument.number] -= 1
            if not self._uses[argument.number]:
                self._release(argument)

    def _temporary(self, node: Node) -> Operand:
        waiting = self._free[node.section, node.units]
        if waiting:
            return Operand(waiting.pop())
        self._temporaries[node.section] += 1
        prefix: dict[Section, tuple[str, Role]] = {
            "setup": ("c", "cell"),
            "block": ("b", "block"),
            "step": ("s", "scratch"),
        }
        letter, role = prefix[node.section]
        name = f"{letter}{self._temporaries[node.section]}"
        return Operand(self.layout.add(name, role, node.units, self.block if role == "block" else 1))

    def _release(self, node: Node) -> None:
        """Let a later value use the slot of one that nobody reads any more."""
        if node.leaf or node.section == "setup" or node.number in self._read_later:
            return
        self._free[node.section, node.units].append(self._places[node.number].slot)


def _fits(root: Root) -> bool:
    """Whether a value can be computed straight into its place: one row per step, as long as the value."""
    return root.node.section != "setup" and root.node.units == root.target.length


def _needed(roots: Iterable[Node]) -> list[Node]:
    """All nodes that the roots are made of, each after those it needs."""
    found: dict[int, Node] = {}
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node.number not in found:
            found[node.number] = node
            waiting.extend(node.arguments)
    return [found[number] for number in sorted(found)]
