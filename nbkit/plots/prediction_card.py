"""Owns the card below a figure: what was predicted, whether it holds, and why, as HTML. Must not know Bokeh."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nbkit.plots.style import AXIS, COLOURS, FONT, GRID, INK, MUTED
from nbkit.study.prediction import Applies, Check, Prediction, measured_words, numbers_of

#: Marks of what holds and what does not: they differ in shape and word, and blue and rust stay apart for all eyes.
TICK, CROSS = ("✓", "holds", COLOURS[0]), ("✗", "does not hold", COLOURS[1])

#: Per cent below which nobody wants to know how many.
LEAST = 0.01

#: What Bokeh takes for a formula or a placeholder, and what HTML makes of its name.
_SIGNS = {sign: f"&#{ord(sign)};" for sign in "$\\@{}"}

SHEET = f"""
:host > div {{ display: block !important; width: 100%; background: white; }}
.cards {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 8px;
  align-items: start;  padding: 4px 6px 8px; color: {INK}; font: 13px/1.45 {FONT}; }}
.card {{ border: 1px solid {GRID}; border-left: 4px solid {INK}; border-radius: 3px; padding: 6px 10px 7px;
  min-width: 0; overflow-wrap: anywhere; background: white; }}
.card.no {{ border-left-color: {AXIS}; color: {MUTED}; }}
.head {{ display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 12px; font-weight: 600; }}
.mark {{ font-weight: 700; font-size: 15px; }}
.small {{ font-size: 12px; color: {MUTED}; }}
.formula {{ padding: 3px 0 5px; overflow-x: auto; overflow-y: hidden; }}
.formula svg {{ overflow: visible; }}
.formula:not(:has(svg)) {{ display: none; }}
table {{ border-collapse: collapse; margin: 2px 0; font: inherit; color: inherit; }}
th, td {{ text-align: right; padding: 0 18px 0 0; font-weight: 400; font-variant-numeric: tabular-nums; }}
th:first-child {{ text-align: left; }}
thead th {{ font-size: 12px; color: {MUTED}; }}
"""


@dataclass(frozen=True, eq=False)
class Told:
    """What a picture tells of one prediction.

    Attributes:
        prediction: the prediction.
        verdict: whether it applies to the network that the picture shows.
        check: a measured number beside it, or None.
        notes: why something is not drawn or not measured.
    """

    prediction: Prediction
    verdict: Applies
    check: Check | None = None
    notes: tuple[str, ...] = ()


def escaped(text: str) -> str:
    """Text that neither HTML nor Bokeh reads anything into; a number keeps its percent sign beside it.

    >>> escaped("a < $b$")
    'a &lt; &#36;b&#36;'
    """
    return "".join(_SIGNS.get(sign, sign) for sign in html.escape(text)).replace(" %", "&nbsp;%")


def card(told: Sequence[Told]) -> str:
    """Write the card: one field for each prediction."""
    return f'<div class="cards" role="list" aria-label="predictions">{"".join(map(_field, told))}</div>'


def in_words(told: Told) -> str:
    """Say one prediction in a sentence, for those who do not see the card.

    >>> p = Prediction("Period", 40.0, unit="ms")
    >>> in_words(Told(p, p.verdict, p.check(40.5)))
    'Period: 40.5 ms measured, 40 ms predicted (+1.2 %, 2 % allowed), holds.'
    """
    if not told.verdict:
        words = str(told.verdict)
    elif told.check is None:
        words = f"{told.prediction.words()} predicted"
    else:
        words = f"{told.check.reason}, {(TICK if told.check else CROSS)[1]}"
    return f"{told.prediction.name}: {'. '.join([words, *told.notes])}."


def _field(told: Told) -> str:
    prediction, applies = told.prediction, bool(told.verdict)
    several = applies and "" not in numbers_of(prediction.value)
    value = "" if several else prediction.words() if applies else "no value"
    parts = [f'<div class="head"><span>{escaped(prediction.name)}</span><span>{escaped(value)}</span></div>']
    if not applies:
        parts.append(f"<div>{escaped(str(told.verdict))}</div>")
    elif several:
        parts.append(_table(told))
    elif told.check is not None:
        parts.append(f"<div>{_mark(told.check)} {escaped(told.check.reason)}</div>")
    small = [f"allowed: {tolerance(prediction)}"] if applies and (several or told.check is None) else []
    small += [str(told.verdict)] if told.verdict.answer == "approximately" else []
    small += [*told.notes, prediction.source]
    formula = _formula(prediction.latex)
    lines = "".join(f'<div class="small">{escaped(text)}</div>' for text in small if text)
    return f'<div class="card{"" if applies else " no"}" role="listitem">{"".join(parts)}{formula}{lines}</div>'


def tolerance(prediction: Prediction) -> str:
    """How far a measured number may be off, in words.

    >>> tolerance(Prediction("Period", 40.0, unit="ms", rtol=0.05, atol=0.1))
    '± 5 % ± 0.1 ms'
    """
    parts = [f"± {100 * prediction.rtol:.3g} %"] if prediction.rtol else []
    parts += [f"± {prediction.atol:.3g} {prediction.unit}".rstrip()] if prediction.atol else []
    return " ".join(parts) or "no difference"


def _mark(check: Check) -> str:
    sign, words, ink = TICK if check else CROSS
    return f'<span class="mark" role="img" aria-label="{words}" title="{words}" style="color:{ink}">{sign}</span>'


def _table(told: Told) -> str:
    """One row for each population: predicted, measured, and whether it holds."""
    prediction, check = told.prediction, told.check
    found = {} if check is None or check.measured is None else numbers_of(check.measured)
    heads = ["", "predicted", *(["measured", "off", ""] if found else [])]
    rows = []
    for name, value in numbers_of(prediction.value).items():
        cells = [f"{value:.4g}"]
        if found:
            one = replace(prediction, value=float(value), theory=None, measure=None).check(found[name])
            off = found[name] - value
            seen = measured_words(found[name], value, prediction.atol + prediction.rtol * abs(value))
            cells += [seen, "" if seen.startswith("0 ") else _off(off, value)]
        ticks = f"<td>{_mark(one)}</td>" if found else ""
        written = "".join(f"<td>{escaped(cell)}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{escaped(name)}</th>{written}{ticks}</tr>')
    heads[0] = f"in {prediction.unit}" if prediction.unit else ""
    top = "".join(f'<th scope="col">{escaped(head)}</th>' for head in heads)
    missing = f"<div>{_mark(check)} {escaped(check.reason)}</div>" if check is not None and not found else ""
    return f"{missing}<table><thead><tr>{top}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _off(off: float, value: float) -> str:
    """How far a measured number is from the predicted one: as a share of it, where that is not 0.

    >>> _off(0.5, 10.0), _off(1e-12, 10.0), _off(0.5, 0.0)
    ('+5 %', '< 0.01 %', '+0.5')
    """
    share = 100 * off / value if value else math.inf
    return "< 0.01 %" if abs(share) < LEAST else f"{share:+.2g} %" if value else f"{off:+.2g}"


def _formula(latex: str) -> str:
    r"""The formula for MathJax, where the page has brought it along; elsewhere it stays hidden.

    >>> _formula("a < b")
    '<div class="formula">\\(\\displaystyle a \\lt b\\)</div>'
    """
    if not latex:
        return ""
    plain = latex.strip().strip("$").replace("<", r"\lt ").replace(">", r"\gt ")
    return rf'<div class="formula">\(\displaystyle {" ".join(plain.split())}\)</div>'
