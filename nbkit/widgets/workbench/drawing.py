"""Owns the drawing of a network: what stands where, and how arrows are told. Must not know any toolkit."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbkit.errors import shown
from nbkit.network.description import Projection, Stimulus, split_path
from nbkit.network.laws import Law
from nbkit.network.network import Network
from nbkit.network.time import unit_shown
from nbkit.widgets.workbench.law_rows import core
from nbkit.widgets.workbench.wiring import sign_of, sign_of_weight

Place = tuple[float, float]

#: the drawing is this wide and high; places are in it
WIDTH, HEIGHT = 360.0, 400.0
_RADIUS, _LEAST_RADIUS = 52.0, 34.0
_NARROW = 0.62  # the ring on which populations stand, as a share of half the drawing


@dataclass(frozen=True)
class Node:
    """A population or a stimulus in the drawing.

    Attributes:
        name: of the part.
        kind: ``"population"`` or ``"stimulus"``.
        place: of its middle.
        radius: of a population; half the height of a stimulus.
        sign: 1 for excitatory, -1 for inhibitory, 0 for a stimulus.
        lines: what is written in it.
        spoken: the same for those who do not see it.
        problem: whether something is wrong with it.
        loop_up: whether an arrow onto itself goes out above it, rather than below.
    """

    name: str
    kind: str
    place: Place
    radius: float
    sign: int
    lines: tuple[str, ...]
    spoken: str
    problem: bool = False
    loop_up: bool = True


@dataclass(frozen=True)
class Arrow:
    """A projection, or the way of a stimulus, in the drawing.

    Attributes:
        name: of the projection or the stimulus.
        source: the node where it begins.
        target: the node where it ends; the same for a loop.
        sign: 1 for excitation (an arrow head), -1 for inhibition (a flat bar), 0 for neither.
        label: weight and delay, such as ``"-12 · 2 ms"``.
        bend: how far it bends aside, so that two ways between the same nodes can be told apart.
        spoken: the same for those who do not see it.
    """

    name: str
    source: str
    target: str
    sign: int
    label: str
    bend: float
    spoken: str


@dataclass(frozen=True)
class Drawing:
    """All nodes and arrows."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]

    def as_mapping(self) -> dict[str, Any]:
        """Plain mappings and lists, as a page takes them."""
        return dataclasses.asdict(self)


def draw(network: Network, positions: Mapping[str, Place]) -> Drawing:
    """Put every part into the drawing: where the user put it, or on a ring, with stimuli outside.

    Example:
        >>> import nbkit as nb
        >>> drawing = draw(nb.networks.rhythm(delay=2.0), {})
        >>> [(a.name, a.label, a.sign) for a in drawing.arrows][:2]
        [('E->E', '+16', 1), ('I->E', '-12 · 2 ms', -1)]
    """
    places = _places(network, positions)
    wrong = {problem.where.split(".")[0] for problem in network.check()}
    largest = max((p.count for p in network.populations.values()), default=1)
    nodes = [_population(network, name, places[name], largest, name in wrong) for name in network.populations]
    nodes += [_stimulus(s, places[s.name], s.name in wrong) for s in network.stimuli]
    pairs = {(split_path(p.source)[0], split_path(p.target)[0]) for p in network.projections}
    seen: dict[tuple[str, str], int] = {}
    arrows = []
    for projection in network.projections:
        ends = split_path(projection.source)[0], split_path(projection.target)[0]
        again = seen[ends] = seen.get(ends, -1) + 1
        bend = 0.22 * (ends[::-1] in pairs) + 0.2 * again
        arrows.append(_arrow(network, projection, ends, bend))
    for s in network.stimuli:
        target = split_path(s.target)[0]
        arrows.append(Arrow(s.name, s.name, target, 0, "", 0.0, f"stimulus {s.name} drives {target}"))
    return Drawing(tuple(nodes), tuple(arrows))


def _places(network: Network, positions: Mapping[str, Place]) -> dict[str, Place]:
    """Where everything stands: chosen places, else populations on a ring and stimuli beyond their targets."""
    middle, names = (WIDTH / 2, HEIGHT / 2), list(network.populations)
    found: dict[str, Place] = {}
    for i, name in enumerate(names):
        angle = math.pi * (1.25 + 2 * i / len(names))
        reach = _NARROW * (0 if len(names) == 1 else 1)
        ring = middle[0] + reach * middle[0] * math.cos(angle), middle[1] + reach * middle[1] * math.sin(angle)
        found[name] = positions.get(name, ring)
    ends = [(split_path(p.source)[0], split_path(p.target)[0]) for p in network.projections]
    loops = [found[one] for one, other in ends if one == other and one in found]
    labels = [(x, y - _LABEL if _loop_up((x, y)) else y + _LABEL) for x, y in loops]
    for s in network.stimuli:
        target = split_path(s.target)[0]
        half = 3.0 + max(40.0, 3.5 * max(map(len, _stimulus_lines(s))))
        free = _free_beside(found.get(target, middle), (*found.values(), *labels), half)
        found[s.name] = positions.get(s.name, free)
    return found


#: from the middle of a population to that of a stimulus onto it, the usual way first
_WAYS = ((-96.0, 104.0), (96.0, 104.0), (-110.0, -84.0), (110.0, -84.0), (0.0, 124.0), (-124.0, 0.0), (124.0, 0.0))
_ROOM = 78.0  # between the middles of what does not lie on one another
_LABEL = 92.0  # from the middle of a population to the label of its arrow onto itself


def _free_beside(place: Place, taken: tuple[Place, ...], half: float) -> Place:
    """A place for a stimulus of this half width near its target: the first one with room, else the one with most."""
    places = [
        (min(max(place[0] + x, half), WIDTH - half), min(max(place[1] + y, 24.0), HEIGHT - 24.0)) for x, y in _WAYS
    ]
    room = {p: min((math.dist(p, other) for other in taken), default=math.inf) for p in places}
    return next((p for p in places if room[p] >= _ROOM), max(places, key=room.__getitem__))


def _loop_up(place: Place) -> bool:
    """Whether an arrow of a population onto itself goes out above it: away from the middle of the drawing."""
    return place[1] <= HEIGHT / 2


def _population(network: Network, name: str, place: Place, largest: int, problem: bool) -> Node:  # noqa: FBT001
    population = network.populations[name]
    sign = sign_of(network, name)
    share = math.log1p(population.count) / math.log1p(largest)
    crowd = math.sqrt(max(1.0, len(network.populations) / 3))
    radius = (_LEAST_RADIUS + (_RADIUS - _LEAST_RADIUS) * share) / crowd
    size = " x ".join(map(str, population.shape))
    lines = (name, f"{size} unit{'s' * (population.count != 1)}")
    kind = "excitatory" if sign > 0 else "inhibitory"
    spoken = f"{name}, {kind} population, {lines[1]}"
    return Node(name, "population", place, radius, sign, lines, spoken, problem, loop_up=_loop_up(place))


def _stimulus(stimulus: Stimulus, place: Place, problem: bool) -> Node:  # noqa: FBT001
    told, into = lines = _stimulus_lines(stimulus)
    return Node(stimulus.name, "stimulus", place, 22.0, 0, lines, f"stimulus {stimulus.name}, {told}, {into}", problem)


def _stimulus_lines(stimulus: Stimulus) -> tuple[str, str]:
    """What a stimulus is, and into what it goes."""
    signal = stimulus.signal
    size = next((getattr(signal, key) for key in ("amplitude", "rate", "intensity") if hasattr(signal, key)), None)
    told = f"{_spaced(type(signal).__name__)} {_number(size)}".strip()
    return told, f"into {split_path(stimulus.target)[0]}"


def _arrow(network: Network, projection: Projection, ends: tuple[str, str], bend: float) -> Arrow:
    sign = sign_of_weight(projection)
    label = weight_words(projection)
    delay = delay_words(network, projection)
    does = {1: "excites", -1: "inhibits", 0: "drives"}[sign]
    to = "itself" if ends[0] == ends[1] else ends[1]
    spoken = f"{ends[0]} {does} {to}, weight {label}{', delay ' * bool(delay)}{delay}"
    return Arrow(projection.name, *ends, sign, " · ".join(filter(None, (label, delay))), bend, spoken)


def weight_words(projection: Projection) -> str:
    """A weight in a few characters, with its sign; laws and arrays by their kind."""
    weight = projection.weight
    if isinstance(weight, float | int):
        return f"{weight * projection.gain:+.4g}"
    return f"{_kind(weight)}{'' if projection.gain == 1 else f' x {projection.gain:g}'}"


def delay_words(network: Network, projection: Projection) -> str:
    """A delay in a few characters; nothing where there is none."""
    delay = projection.delay
    if isinstance(delay, str):
        return delay
    if isinstance(delay, float | int):
        unit = unit_shown("ms", network.time_unit) if network.time_unit != "1" else ""
        return f"{delay:g} {unit}".strip() if delay else ""
    return _kind(delay)


def _kind(value: object) -> str:
    """What kind of value it is; of a law within bounds the law itself."""
    return _spaced(type(core(value) if isinstance(value, Law) else value).__name__)


def _spaced(name: str) -> str:
    """``MovingBubble`` as ``moving bubble``; ``ndarray`` as ``array``."""
    if name == "ndarray":
        return "array"
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def _number(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float | int) else shown(value)
