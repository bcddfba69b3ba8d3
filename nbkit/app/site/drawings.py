"""Owns the drawing of a network as an SVG that stands still. Must not know what else is in a page."""

from __future__ import annotations

import math
from html import escape

from nbkit.network.network import Network
from nbkit.widgets.workbench.drawing import HEIGHT, WIDTH, Arrow, Drawing, Node, Place, draw

_LETTER = 8.6  # pixels of a bold letter


def drawing(network: Network) -> str:
    """Draw populations, stimuli and what connects them.

    Example:
        >>> import nbkit as nb
        >>> drawing(nb.networks.rhythm()).count('<g class="node')
        3
    """
    made = draw(network, {})
    nodes = {node.name: node for node in made.nodes}
    arrows = "".join(_arrow(arrow, nodes[arrow.source], nodes[arrow.target]) for arrow in made.arrows)
    shapes = "".join(map(_node, made.nodes))
    left, top, width, height = _frame(made)
    spoken = escape("; ".join([*(n.spoken for n in made.nodes), *(a.spoken for a in made.arrows)]), quote=True)
    box = f"{left:g} {top:g} {width:g} {height:g}"
    return f'<svg class="drawing" viewBox="{box}" role="img" aria-label="{spoken}">{arrows}{shapes}</svg>'


def _frame(made: Drawing) -> tuple[float, float, float, float]:
    """What is drawn, with a margin: the workbench's canvas without its empty parts."""
    reach = [(n.place[0], n.place[1], n.radius * (2.3 if _has_loop(made, n) else 1.1)) for n in made.nodes]
    top = min([y - r for _, y, r in reach], default=0.0) - 12
    bottom = max([y + r for _, y, r in reach], default=HEIGHT) + 12
    left = min([-6.0, *(n.place[0] - _width(n) / 2 - 6 for n in made.nodes if n.kind == "stimulus")])
    right = max([WIDTH + 6.0, *(n.place[0] + _width(n) / 2 + 6 for n in made.nodes if n.kind == "stimulus")])
    return left, top, right - left, bottom - top


def _width(node: Node) -> float:
    """The width of a stimulus: its words, and a margin."""
    return max(80.0, *(_LETTER * len(line) + 10 for line in node.lines))


def _has_loop(made: Drawing, node: Node) -> bool:
    return any(arrow.source == arrow.target == node.name for arrow in made.arrows)


def _node(node: Node) -> str:
    kind = "stimulus" if node.kind == "stimulus" else "inhibits" if node.sign < 0 else "excites"
    width = _width(node)
    rect = f'<rect x="{-width / 2:g}" y="-22" width="{width:g}" height="44" rx="5"/>'
    shape = rect if node.kind == "stimulus" else f'<circle r="{node.radius:.1f}"/>'
    texts = "".join(
        f'<text class="{"second" if k else "first"}" y="{16 * k - (3 if len(node.lines) > 1 else -4)}">'
        f"{escape(line)}</text>"
        for k, line in enumerate(node.lines)
    )
    x, y = node.place
    return f'<g class="node {kind}" transform="translate({x:.1f} {y:.1f})">{shape}{texts}</g>'


def _arrow(arrow: Arrow, source: Node, target: Node) -> str:
    path, end, angle, middle = _loop(source) if source is target else _way(source, target, arrow.bend)
    kind = "stimulus" if source.kind == "stimulus" else {1: "excites", -1: "inhibits", 0: "mixed"}[arrow.sign]
    turned = f'transform="translate({end[0]:.1f} {end[1]:.1f}) rotate({math.degrees(angle):.1f})"'
    heads = {
        "inhibits": f'<rect x="-2" y="-9" width="4" height="18" {turned}/>',
        "mixed": f'<circle r="4" {turned}/>',
    }
    head = heads.get(kind, f'<path d="M 3 0 L -9 -6 L -9 6 Z" {turned}/>')
    label = f'<text x="{middle[0]:.1f}" y="{middle[1]:.1f}">{escape(arrow.label)}</text>' if arrow.label else ""
    return f'<g class="way {kind}"><path class="line" d="{path}"/>{head}{label}</g>'


_Way = tuple[str, Place, float, Place]


def _loop(node: Node) -> _Way:
    (x, y), r, up = node.place, node.radius, 1 if node.loop_up else -1
    path = (
        f"M {x - 0.55 * r:.1f} {y - up * 0.84 * r:.1f} C {x - 1.3 * r:.1f} {y - up * 2.3 * r:.1f}, "
        f"{x + 1.3 * r:.1f} {y - up * 2.3 * r:.1f}, {x + 0.6 * r:.1f} {y - up * 0.9 * r:.1f}"
    )
    return path, (x + 0.6 * r, y - up * 0.9 * r), math.atan2(up * 1.4 * r, -0.7 * r), (x, y - up * 2.0 * r)


def _way(source: Node, target: Node, bend: float) -> _Way:
    (ax, ay), (bx, by) = source.place, target.place
    middle = ((ax + bx) / 2 - (by - ay) * bend, (ay + by) / 2 + (bx - ax) * bend)

    def rim(node: Node, extra: float) -> Place:
        length = math.dist(node.place, middle) or 1.0
        reach = (30.0 if node.kind == "stimulus" else node.radius) + extra
        x, y = (p + (m - p) * reach / length for p, m in zip(node.place, middle, strict=True))
        return x, y

    start, end = rim(source, 2), rim(target, 5)
    label = (0.5 * middle[0] + 0.25 * (start[0] + end[0]), 0.5 * middle[1] + 0.25 * (start[1] + end[1]))
    path = f"M {start[0]:.1f} {start[1]:.1f} Q {middle[0]:.1f} {middle[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
    return path, end, math.atan2(end[1] - middle[1], end[0] - middle[0]), label
