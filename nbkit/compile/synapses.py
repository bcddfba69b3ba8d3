"""Owns tables of synapses: millions of connections of spikes, ready to be delivered. Must not know graphs or backends.

A table belongs to a stack of sources. Its synapses stand in cells, one for each source unit and delay; the delay is
implied by the cell, so a synapse costs its target and its weight: 8 bytes where weights are drawn. A cell is made of
the shares of the projections, each in the order of its own draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from nbkit.compile.sampling import generator
from nbkit.compile.stacks import Member
from nbkit.model.counting import bincount, repeat
from nbkit.network.laws import Law, Normal, Truncated

Units = npt.NDArray[np.integer[Any]]
Weights = npt.NDArray[np.floating[Any]]

CHUNK = 2**22  # synapses that are drawn at a time
SHORT_BITS, DELAY_BITS = 8, 3  # delays of up to 256 steps share a table; of longer ones those of like length
SINGLE = 10_000  # synapses: from here on drawn weights are kept in single precision


@dataclass(frozen=True, eq=False)
class Bundle:
    """The synapses of one projection, on their way into a table.

    ``counts`` (source units x delays) tells how many each cell has.
    """

    name: str
    source: Member
    target: Member
    variable: str
    gain: float
    counts: Units = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))

    #: whether the weights were given, not drawn, so that none of their digits may be lost
    given: bool = False

    @property
    def can_be_drawn_again(self) -> bool:
        """Whether the weights can be had once more, for another gain."""
        return True

    def pieces(self) -> Iterator[tuple[int, int, Units, Weights]]:
        """The synapses in the order of their cells: first and last source unit, target units, weights."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Listed(Bundle):
    """Synapses that are known one by one, in the order of their cells."""

    targets: Units = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    weights: Weights = field(default_factory=lambda: np.zeros(0))

    @property
    def can_be_drawn_again(self) -> bool:
        """Whether the weights can be had once more: those of a long list are not kept twice."""
        return len(self.weights) <= CHUNK

    def pieces(self) -> Iterator[tuple[int, int, Units, Weights]]:
        """All in one piece."""
        yield 0, len(self.counts), self.targets, self.weights


@dataclass(frozen=True, eq=False)
class Drawn(Bundle):
    """Synapses between units drawn with replacement, made a piece at a time; nothing is ever sorted."""

    seed: int = 0
    weight: Law | float = 0.0

    def pieces(self) -> Iterator[tuple[int, int, Units, Weights]]:
        """A piece for each stretch of source units."""
        ends = np.cumsum(self.counts.sum(axis=1, dtype=np.int64))
        targets = generator(self.seed, f"{self.name}.rule.targets")
        weights = generator(self.seed, f"{self.name}.weight")
        first = 0
        while first < len(ends):
            done = ends[first - 1] if first else 0
            last = max(first + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
            count = int(ends[last - 1] - done)
            reached = targets.integers(0, self.target.size, count, dtype=np.uint32).view(np.int32)
            yield first, last, reached, draw_single(self.weight, weights, count)
            first = last


def draw_single(law: Law | float, drawing: np.random.Generator, count: int) -> Weights:
    """Drawn weights in single precision, a given one as it is."""
    if not isinstance(law, Law):
        return np.full(count, law)
    inside = law.inside if isinstance(law, Truncated) else law
    if not isinstance(inside, Normal):
        return law.draw(drawing, (count,)).astype(np.float32)
    drawn = drawing.standard_normal(count, dtype=np.float32)
    drawn *= np.float32(inside.standard_deviation)
    drawn += np.float32(inside.mean)
    if isinstance(law, Truncated):
        low, high = (np.float32(s * np.inf if b is None else b) for s, b in ((-1, law.low), (1, law.high)))
        outside = np.flatnonzero((drawn < low) | (drawn > high)) if drawn.size else np.zeros(0, dtype=np.int64)
        if outside.size:
            drawn[outside] = law.draw(drawing, outside.shape)
    return drawn


def drawn(bundle: Bundle, number: int, shares: Weights, seed: int, weight: Any) -> Drawn:
    """A bundle of ``number`` synapses: all sources and targets alike, delays of 1, 2, ... steps with these shares."""
    sources = bundle.source.size
    counts = generator(seed, f"{bundle.name}.rule").multinomial(number, np.full(sources, 1.0 / sources))[:, None]
    if np.count_nonzero(shares) > 1:
        counts = generator(seed, f"{bundle.name}.delay").multinomial(counts[:, 0], shares)
    elif len(shares) > 1:
        counts = counts * (shares > 0)
    return Drawn(*_fields(bundle), _narrow(counts), isinstance(weight, float), seed, weight)


@lru_cache(maxsize=64)
def delay_shares(law: Law, dt: float) -> Weights | None:
    """The share of each delay of 1, 2, ... steps, rounded halves up; None where the law has no end within 512 steps."""
    edges = (np.arange(513) + 0.5) * dt
    below = np.array([law.share_below(float(edge)) for edge in edges])
    end = int(np.searchsorted(below, 1.0 - 1e-11))
    if end >= len(edges) or end < 1:
        return None
    shares = np.diff(below[: end + 1])
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def listed(bundle: Bundle, pairs: tuple[Units, Units], steps: Units, weights: Weights, *, given: bool) -> Listed:
    """A bundle of given synapses (target and source units), brought into the order of its cells."""
    delays = int(np.max(steps, initial=1))
    cells = pairs[1] * delays + (steps - 1)
    order = _in_order(cells)
    counts = bincount(cells, minlength=bundle.source.size * delays).reshape(-1, delays)
    targets = pairs[0][order].astype(np.int32)
    return Listed(*_fields(bundle), _narrow(counts), given, targets, weights[order])


def _fields(bundle: Bundle) -> tuple[str, Member, Member, str, float]:
    return (bundle.name, bundle.source, bundle.target, bundle.variable, bundle.gain)


def _in_order(cells: Units) -> Units:
    """The order in which cells ascend, those alike as they come: two digits of 16 bits, each sorted by counting."""
    order = np.argsort((cells & 0xFFFF).astype(np.uint16), kind="stable")
    rest = cells >> 16
    while rest.any():
        order = order[np.argsort((rest & 0xFFFF).astype(np.uint16)[order], kind="stable")]
        rest = rest >> 16
    return order


def _narrow(counts: Units) -> Units:
    """Counts in the smallest type that holds them."""
    return counts.astype(np.min_scalar_type(int(counts.max(initial=0))))


@dataclass(frozen=True)
class Region:
    """Where the arrivals at one event state of a stack stand in a table's row of sums."""

    stack: str
    variable: str
    start: int
    size: int


@dataclass(frozen=True, eq=False)
class SynapseTable:
    """The synapses of one stack of sources.

    It has ``units`` source units, from ``first`` on. Those of unit u with a delay of d steps stand at
    ``pointers[c]`` to ``pointers[c + 1]``, where ``c = (u - first) * delays + d - 1``. ``targets`` count along the
    row of sums, which is made of ``regions``.
    """

    source: str
    first: int
    units: int
    delays: int
    pointers: Units
    targets: Units
    weights: Weights
    regions: tuple[Region, ...]
    bundles: tuple[Bundle, ...]

    @property
    def width(self) -> int:
        """Length of the row of sums."""
        return sum(region.size for region in self.regions)

    @property
    def size(self) -> int:
        """Bytes held."""
        return self.pointers.nbytes + self.targets.nbytes + self.weights.nbytes

    def bundle(self, name: str) -> Bundle | None:
        """The synapses of a projection, None if they are elsewhere."""
        return next((b for b in self.bundles if b.name == name), None)

    def synapses(self, bundle: Bundle) -> tuple[Units, Units, Weights, Units]:
        """Every synapse of a projection, by source unit and delay: sources, targets, weights, delays in steps."""
        counts = _wide(bundle.counts, self.delays)
        units, steps = (axis.ravel() for axis in np.indices(counts.shape))
        offset = self.offset(bundle)
        found = [(self.targets[where] - offset, self.weights[where]) for where, *_ in self.places(bundle)]
        targets, weights = (np.concatenate(parts) for parts in zip(*found, strict=True))
        repeats = counts.ravel()
        return repeat(units, repeats), targets, weights, repeat(steps + 1, repeats)

    def reweigh(self, bundle: Bundle) -> None:
        """Write the weights of a projection again, for a bundle with another gain."""
        for where, _, weights in self.places(bundle):
            self.weights[where] = weights

    def offset(self, bundle: Bundle) -> int:
        """Where the target population of a bundle begins in the row of sums."""
        for region in self.regions:
            if (region.stack, region.variable) == (bundle.target.stack, bundle.variable):
                return region.start + bundle.target.start
        raise KeyError(bundle.name)

    def places(self, bundle: Bundle) -> Iterator[tuple[Any, Units, Weights]]:
        """The synapses of a projection, a piece at a time: where they stand, target units, weights (gain included)."""
        beside = [b for b in self.bundles if b.source == bundle.source]
        names = [b.name for b in beside]
        before = np.zeros((1, self.delays), dtype=np.int64)
        for earlier in beside[: names.index(bundle.name)]:
            before = before + _wide(earlier.counts, self.delays)
        alone = len(beside) == 1
        own = _wide(bundle.counts, self.delays)
        first = (bundle.source.start - self.first) * self.delays
        begins = self.pointers[first : first + own.size].reshape(own.shape) + before
        for low, high, targets, weights in bundle.pieces():
            counts = own[low:high].ravel()
            starts = begins[low:high].ravel()
            if alone:
                where: Any = slice(int(starts[0]), int(starts[0]) + len(targets))
            else:
                where = repeat(starts - (np.cumsum(counts) - counts), counts)
                where += np.arange(len(targets))
            yield where, targets, (weights if bundle.gain == 1.0 else weights * weights.dtype.type(bundle.gain))


def _wide(counts: Units, delays: int) -> Units:
    """Counts of cells with room for longer delays."""
    return np.pad(counts.astype(np.int64), ((0, 0), (0, delays - counts.shape[1])))


def tables_of(bundles: Sequence[Bundle], sizes: Mapping[str, int]) -> tuple[SynapseTable, ...]:
    """The tables of a network; ``sizes`` is units by stack.

    The bundles of a stack share a table where their longest delays are alike: a table has a cell for each of its
    source units and every delay up to the longest.
    """
    groups: dict[tuple[str, int], list[Bundle]] = {}
    for bundle in bundles:
        length = max(0, (bundle.counts.shape[1] - 1).bit_length() - SHORT_BITS) // DELAY_BITS
        groups.setdefault((bundle.source.stack, length), []).append(bundle)
    return tuple(_table(stack, held, sizes) for (stack, _), held in groups.items())


def _table(stack: str, bundles: list[Bundle], sizes: Mapping[str, int]) -> SynapseTable:
    delays = max(b.counts.shape[1] for b in bundles)
    first = min(b.source.start for b in bundles)
    units = max(b.source.start + b.source.size for b in bundles) - first
    cells = np.zeros((units, delays), dtype=np.int64)
    for bundle in bundles:
        start = bundle.source.start - first
        cells[start : start + bundle.source.size, : bundle.counts.shape[1]] += bundle.counts
    total = int(cells.sum())
    kind: Any = np.int32 if total < 2**31 else np.int64
    pointers = np.zeros(cells.size + 1, dtype=kind)
    np.cumsum(cells.ravel(), out=pointers[1:])
    regions: dict[tuple[str, str], Region] = {}
    for bundle in bundles:
        key = (bundle.target.stack, bundle.variable)
        if key not in regions:
            regions[key] = Region(*key, sum(r.size for r in regions.values()), sizes[bundle.target.stack])
    single = total >= SINGLE and not any(b.given for b in bundles)
    table = SynapseTable(
        stack,
        first,
        units,
        delays,
        pointers,
        np.empty(total, dtype=kind),
        np.empty(total, dtype=np.float32 if single else np.float64),
        tuple(regions.values()),
        tuple(bundles),
    )
    for bundle in bundles:
        offset = table.offset(bundle)
        for where, targets, weights in table.places(bundle):
            table.targets[where] = targets + targets.dtype.type(offset) if offset else targets
            table.weights[where] = weights
    kept = tuple(b if b.can_be_drawn_again else Bundle(*_fields(b), b.counts, b.given) for b in bundles)
    return replace(table, bundles=kept)
