"""Owns what a grading says: verdicts, criteria, the mark and how it shows itself. Must not know how a check is run."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field
from typing import Any

from nbkit.errors import NbkitError, Problem, did_you_mean, fail

Measured = float | str | None

AGAIN = "change the answer, and grade it again"
LONGEST_WORD = 80  # letters of a measured or predicted word

#: How a grading can end -> what that means. Only the first can give points.
KINDS: dict[str, str] = {
    "marked": "the check gave its verdicts",
    "no-answer": "nothing was handed in",
    "wrong-type": "what was handed in is not what the task takes",
    "problems": "the network cannot be run as it is",
    "predict-first": "the prediction is missing",
    "not-run": "nbkit refused to run the answer, or the run left the finite numbers",
    "check-failed": "the check itself stopped",
    "bad-verdict": "the check did not answer with True or False for each criterion",
    "too-slow": "the check took longer than the task allows",
}


@dataclass(frozen=True)
class Verdict:
    """What a check says about one criterion, with the number behind it.

    Args:
        holds: whether the criterion is met.
        measured: the number, or one of the words of a `Question`, that was found.
        reason: a few words for the student.

    Example:
        >>> Verdict(38.0 < 45.0, 38.0).measured
        38.0
    """

    holds: bool
    measured: Measured = None
    reason: str = ""


@dataclass(frozen=True)
class Criterion:
    """One line of a mark: a criterion, whether it holds, and what was measured.

    Args:
        name: as the check gave it.
        holds: whether it holds.
        measured: what was measured; None if nothing was.
        reason: why it does not hold, where the check said so.

    Example:
        >>> print(Criterion("slow", holds=False, measured=38.0))
        ✗ slow: measured 38
    """

    name: str
    holds: bool
    measured: Measured = None
    reason: str = ""

    def __str__(self) -> str:
        told = [f"measured {_short(self.measured)}"] if self.measured is not None and not self.reason else []
        told += [self.reason] if self.reason else []
        return f"{'✓' if self.holds else '✗'} {self.name}" + (f": {'; '.join(told)}" if told else "")


@dataclass(frozen=True)
class Guess:
    """A prediction beside what was measured; ``close`` is None where nothing says how near is near.

    Args:
        prediction: what the student predicted.
        measured: what was measured; None if nothing was.
        close: whether the two are near.
        unit: of both.

    Example:
        >>> print(Guess(prediction=40.0, measured=38.0, close=True, unit="ms"))
        you predicted 40 ms, measured was 38 ms: close
    """

    prediction: Measured
    measured: Measured = None
    close: bool | None = None
    unit: str = ""

    def __str__(self) -> str:
        told = f"you predicted {_short(self.prediction, self.unit)}"
        if self.measured is None:
            return told
        verdict = {True: ": close", False: ": not close, which is where one learns", None: ""}[self.close]
        return f"{told}, measured was {_short(self.measured, self.unit)}{verdict}"


@dataclass(frozen=True)
class Mark:
    """Points for an answer, and what to do next. The same answer and seed give equal marks.

    A mark is true in a condition only if all points were given. Shown as the last line of a cell its plain text is the
    number of points alone, which graders of notebooks read.

    Attributes:
        task: name of the task.
        points: points given; 0 unless the check gave its verdicts.
        of: points that there are.
        criteria: what the check found, in its order.
        kind: how the grading ended, one of `KINDS`.
        reason: why there are no points, where the check gave no verdicts.
        hints: the ladder of hints of the first criterion that does not hold, from gentle to plain.
        rung: which of them is shown.
        guess: the prediction beside what was measured.
        seconds: how long it took; no part of a comparison.
        notes: warnings that the check gave; no part of a comparison.

    Example:
        >>> import nbkit as nb
        >>> start = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)})
        >>> def check(net, seed):
        ...     return {"slow": net.value("E.tau") > 20}
        >>> task = nb.Task("Make it slower.", check, start=start, name="slow")
        >>> mark = task.grade(start.with_value("E.tau", 30.0))
        >>> bool(mark), mark.points, mark.of
        (True, 1.0, 1.0)
    """

    task: str
    points: float
    of: float
    criteria: tuple[Criterion, ...] = ()
    kind: str = "marked"
    reason: str = ""
    hints: tuple[str, ...] = field(default=(), repr=False)
    rung: int = 0
    guess: Guess | None = None
    seconds: float = field(default=0.0, compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def passed(self) -> bool:
        """Whether every criterion holds."""
        return self.kind == "marked" and bool(self.criteria) and all(c.holds for c in self.criteria)

    @property
    def failed(self) -> str:
        """The first criterion that does not hold; empty if there is none."""
        return next((c.name for c in self.criteria if not c.holds), "")

    @property
    def hint(self) -> str:
        """The hint to show; empty if there is none."""
        return self.hints[min(self.rung, len(self.hints) - 1)] if self.hints else ""

    def require(self, *criteria: str) -> None:
        """Raise unless these criteria hold, or all of them if none is named: for cells that a grader runs.

        Raises:
            NbkitError: ``not-passed`` with every criterion that does not hold, or the reason why there are no
                verdicts; ``bad-choice`` for a criterion that the check did not speak of.
        """
        if self.kind != "marked":
            raise fail("not-passed", self.task, self.reason, AGAIN)
        known = {c.name: c for c in self.criteria}
        for name in criteria:
            if name not in known:
                raise fail("bad-choice", self.task, f"no criterion {name!r}", did_you_mean(name, known))
        wanted = [known[name] for name in criteria] if criteria else list(self.criteria)
        lacking = [c for c in wanted if not c.holds]
        if lacking:
            hints = [(c.name == self.failed and self.hint) or AGAIN for c in lacking]
            raise NbkitError(
                Problem("not-passed", self.task, str(c)[2:], hint) for c, hint in zip(lacking, hints, strict=True)
            )
        if not wanted:
            raise fail("not-passed", self.task, "the check found no criterion", AGAIN)

    def __bool__(self) -> bool:
        return self.passed

    def __float__(self) -> float:
        return float(self.points)

    def __str__(self) -> str:
        lines = [f"{self.task or 'task'}: {self.points:g} of {self.of:g} points"]
        lines += [self.reason] if self.reason else []
        lines += [str(c) for c in self.criteria]
        lines += [f"try: {self.hint}"] if self.hint else []
        lines += [str(self.guess)] if self.guess else []
        return "\n    ".join(lines)

    def _repr_html_(self) -> str:
        ink = "#15803d" if self.passed else "#b91c1c"
        head = f"<b>{html.escape(self.task or 'task')}</b>: "
        head += f"<b style='color:{ink}'>{self.points:g} of {self.of:g} points</b>"
        lines = [html.escape(self.reason)] if self.reason else []
        lines += [html.escape(str(c)) for c in self.criteria]
        lines += [f"<i>try: {html.escape(self.hint)}</i>"] if self.hint else []
        lines += [html.escape(str(self.guess))] if self.guess else []
        return f"<div>{'<br>'.join([head, *lines])}</div>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Text that is a number: nbgrader gives all points for a last line that it cannot read as one."""
        del include, exclude
        return {"text/plain": repr(float(self.points)), "text/html": self._repr_html_()}


def _short(value: Measured, unit: str = "") -> str:
    text = "nothing" if value is None else value if isinstance(value, str) else f"{value:.4g}"
    return f"{text} {unit}" if unit and not isinstance(value, str) and value is not None else text


def as_measured(value: Any) -> Measured:
    """A measured value as it may stand in a mark: a finite number or a short word, else None."""
    held = value.item() if getattr(value, "size", 0) == 1 and hasattr(value, "item") else value
    if isinstance(held, str):
        return held[:LONGEST_WORD]
    if isinstance(held, bool) or not isinstance(held, int | float):
        return None
    try:
        number = float(held)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
