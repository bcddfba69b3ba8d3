"""Owns the table of a class in words: for a terminal, as CSV, as a page. Must not know how logs are read.

Names come from strangers: they are escaped in a page, and no cell of a spreadsheet begins like a formula.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from pathlib import Path

from nbkit.app.class_table import ClassTable, Standing
from nbkit.errors import fail
from nbkit.study.tasks.attempt_reading import printable

MOST_LISTED = 50
WIDEST = 28
NEVER = "·"
#: what a spreadsheet takes for the beginning of a formula, in both widths
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "|", "%")


def as_text(table: ClassTable) -> str:
    """The table for a terminal: points (attempts), a ``!`` for who is stuck, and who they are below."""
    head = ["student", *(_cut(task) for task in table.tasks)]
    rows = [[_cut(name), *(_cell(row.get(task)) for task in table.tasks)] for name, row in table.rows.items()]
    lines = _aligned([head, *rows])
    lines.append("")
    lines += ["points of the best attempt (number of attempts); ! stuck; · not tried"]
    lines += _section("stuck", [_stuck(*found) for found in table.stuck])
    lines += _section("commonest wrong answers", _common(table))
    lines += _section("notes", list(table.notes))
    return "\n".join(map(printable, lines)) + "\n"


def _cut(text: str) -> str:
    """A name short enough for a column."""
    clean = printable(text)
    return clean if len(clean) <= WIDEST else f"{clean[: WIDEST - 1]}…"


def _cell(found: Standing | None) -> str:
    if found is None:
        return NEVER
    return f"{found.points:g}/{found.of:g} ({found.attempts}){'!' * found.stuck}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _section(head: str, lines: Sequence[str]) -> list[str]:
    """A heading and its lines, the first of them where there are very many; nothing for none."""
    if not lines:
        return []
    more = [f"  and {len(lines) - MOST_LISTED} more"] if len(lines) > MOST_LISTED else []
    return ["", f"{head}:", *(f"  {line}" for line in lines[:MOST_LISTED]), *more]


def _stuck(name: str, task: str, found: Standing) -> str:
    times = f"{found.unchanged} attempt{'s' * (found.unchanged != 1)}"
    return f"{name} on {task}: {times} and {found.minutes:.0f} minutes at '{found.failed}'"


def _common(table: ClassTable) -> list[str]:
    return [f"{task}: '{what}', {n} of {tried} students" for task, (what, n, tried) in table.commonest.items()]


def as_csv(table: ClassTable) -> str:
    """One line for each student; of each task the points, the attempts, whether stuck, and where."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    columns = ("points", "of", "attempts", "stuck", "not yet")
    writer.writerow(["student", *(_tame(f"{task}: {column}") for task in table.tasks for column in columns)])
    for name, row in table.rows.items():
        cells: list[object] = [_tame(name)]
        for task in table.tasks:
            found = row.get(task)
            if found is None:
                cells += [""] * len(columns)
            else:
                stuck = "yes" if found.stuck else "no"
                cells += [f"{found.points:g}", f"{found.of:g}", found.attempts, stuck, _tame(found.failed)]
        writer.writerow(cells)
    return written.getvalue()


def _tame(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    clean = printable(text)
    return f"'{clean}" if clean.lstrip(" '\"").startswith(FORMULA) else clean


def as_html(table: ClassTable) -> str:
    """A page of its own, without a script and without anything from elsewhere."""
    head = "".join(f"<th scope='col'>{_escaped(task)}</th>" for task in table.tasks)
    body = "".join(
        f"<tr><th scope='row'>{_escaped(name)}</th>{''.join(_html_cell(row.get(t)) for t in table.tasks)}</tr>\n"
        for name, row in table.rows.items()
    )
    lists = "".join(
        f"<h2>{title}</h2>\n<ul>{''.join(f'<li>{_escaped(line)}</li>' for line in lines)}</ul>\n"
        for title, lines in (
            ("Stuck", [_stuck(*found) for found in table.stuck]),
            ("Commonest wrong answers", _common(table)),
            ("Notes", list(table.notes)),
            ("Refused", [f"{p.where}: {p.what}" for p in table.refused]),
        )
        if lines
    )
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>The class</title>\n"
        f"<style>{STYLE}</style></head>\n<body><h1>The class</h1>\n"
        "<table><caption>Points of the best attempt (number of attempts)</caption>\n"
        f"<thead><tr><th scope='col'>student</th>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>\n{lists}"
        "</body></html>\n"
    )


STYLE = (
    "body{font-family:system-ui,sans-serif;margin:2rem}table{border-collapse:collapse}"
    "th,td{border:1px solid #d1d5db;padding:.2rem .6rem;text-align:left}"
    ".solved{background:#dcfce7}.stuck{background:#fee2e2}caption{text-align:left;padding:.3rem 0}"
)


def _html_cell(found: Standing | None) -> str:
    if found is None:
        return f"<td>{NEVER}</td>"
    kind = " class='solved'" if found.solved else " class='stuck'" if found.stuck else ""
    return f"<td{kind}>{found.points:g}/{found.of:g} ({found.attempts}){' stuck' * found.stuck}</td>"


def _escaped(text: str) -> str:
    return html.escape(printable(text))


#: ending of a file -> what is written there
WRITERS = {".csv": as_csv, ".html": as_html}


def write(table: ClassTable, out: Path) -> None:
    """Write the table to a file.

    Raises:
        NbkitError: ``bad-file`` for another ending than ``.csv`` and ``.html``, or a file that cannot be written.
    """
    require_known(out)
    try:
        out.write_text(WRITERS[out.suffix](table), encoding="utf-8", newline="")
    except OSError as error:
        raise fail("bad-file", str(out), f"cannot be written: {error.strerror or error}", "another place") from None


def require_known(out: Path) -> None:
    """Refuse an ending that nothing is written for."""
    if out.suffix not in WRITERS:
        raise fail(
            "bad-file", str(out), f"nothing is written to {out.suffix or 'such'} files", "class.csv or class.html"
        )
