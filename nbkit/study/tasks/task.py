"""Owns `Task`: what a student is asked, and the function that checks the answer. Must not know widgets or notebooks."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.frozen import FrozenMap
from nbkit.model.numbers import is_finite_number, is_whole, make_plain, plain
from nbkit.network.network import Network
from nbkit.study.tasks.mark import Mark
from nbkit.study.tasks.marking import NAME_LENGTH, TAKES, marked
from nbkit.study.tasks.question import Question, are_words

if TYPE_CHECKING:
    from nbkit.study.tasks.attempting import Attempts
    from nbkit.study.tasks.trial import Finding

#: What may be handed in; or a function that makes it from a seed.
Answer = Network | xr.Dataset | Callable[[int], Any]
Check = Callable[[Any, int], Mapping[str, Any]]

HINT_LENGTH = 1000
MOST_POINTS = 1e6


@dataclass(frozen=True, eq=False)
class Task:
    """Something to build or to find, with the function that checks it. The value never changes.

    The check is a plain function ``check(answer, seed)``. It takes the network that a student made (or the result, with
    ``takes="result"``), never a widget, and returns a mapping from the name of each criterion to whether it holds: True
    or False, or an object with ``.holds``, such as `nb.study.Verdict` or what `nb.Prediction.check` gives. All that is
    random in it must come from the seed. Whatever goes wrong gives no points: no answer, an error, a number that is not
    finite, a verdict that is not True or False, a check that takes too long.

    Args:
        text: what is asked of the student.
        check: the function.
        start: what the student begins with. It must get no points.
        reference: an answer that gets all points, or a function that makes one from a seed. Leave it and ``wrong`` out
            of what students receive.
        wrong: wrong answers by name, each with the criterion whose hint it should get: ``{"too slow": (net, "fast")}``.
        hints: for each criterion one hint, or several from gentle to plain.
        points: all of them or none; or a mapping, points for each criterion.
        name: a short name, for logs and tables.
        predict: what the student predicts before the run; without a prediction there are no points.
        seconds: how long the check may take.
        takes: ``"network"`` or ``"result"``.

    Raises:
        NbkitError: ``bad-type`` or ``bad-value`` with everything that is wrong.

    Example:
        >>> import nbkit as nb
        >>> def check(net, seed):
        ...     ds = nb.simulate(net, 10.0, 0.1, seed=seed)
        ...     left = float(ds["E.x"][-1, 0])
        ...     return {"forgets": nb.study.Verdict(left < 0.1, left)}
        >>> start = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
        >>> task = nb.Task(
        ...     "After 10 ms less than a tenth may be left.", check, start=start, name="forget",
        ...     hints={"forgets": ("Which number says how fast it forgets?", "Make E.tau smaller than 4 ms.")},
        ... )
        >>> print(task.grade(start))
        forget: 0 of 1 points
            ✗ forgets: measured 0.366
            try: Which number says how fast it forgets?
        >>> task.grade(start.with_value("E.tau", 3.0)).points
        1.0
    """

    text: str
    check: Check = field(repr=False)
    _: KW_ONLY
    start: Answer = field(repr=False)
    reference: Answer | None = field(default=None, repr=False)
    wrong: Mapping[str, tuple[Answer, str]] | tuple[()] = field(default=(), repr=False)
    hints: Mapping[str, str | Sequence[str]] | None = field(default=None, repr=False)
    points: float | Mapping[str, float] = 1
    name: str = ""
    predict: Question | None = None
    seconds: float = 5.0
    takes: str = "network"
    ladders: Mapping[str, tuple[str, ...]] = field(init=False, repr=False)
    of: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        make_plain(self)
        wrong = [*_plain_problems(self), *_answer_problems(self), *_hint_problems(self), *_points_problems(self)]
        if wrong:
            raise NbkitError(wrong)
        put = object.__setattr__
        ladders = {c: (h,) if isinstance(h, str) else tuple(h) for c, h in (self.hints or {}).items()}
        put(self, "ladders", FrozenMap(ladders))
        put(self, "wrong", FrozenMap({name: tuple(pair) for name, pair in dict(self.wrong).items()}))
        if isinstance(self.points, Mapping):
            put(self, "points", FrozenMap({c: float(plain(p)) for c, p in self.points.items()}))
            put(self, "of", math.fsum(self.points.values()))
        else:
            put(self, "of", float(self.points))

    def grade(self, answer: Any, seed: int = 0, *, prediction: Any = None) -> Mark:
        """Check an answer. The same answer and seed always give the same mark.

        Args:
            answer: a network, or a result where the task takes one.
            seed: handed to the check.
            prediction: what the student predicted before the run, where the task asks for it.

        Raises:
            NbkitError: ``bad-seed``; ``bad-value`` for a prediction that nobody asked for. Nothing else raises: what is
                wrong with the answer, or with the check, is the mark's ``reason``.
        """
        seed = plain(seed)
        if not is_whole(seed):
            raise fail("bad-seed", "seed", f"{shown(seed)} is not a whole number of 0 or more", "give 0, 1, 2, ...")
        if self.predict is None and prediction is not None:
            raise fail("bad-value", "prediction", "the task asks for no prediction", "leave it out")
        return marked(self, answer, seed, prediction)

    def attempts(self, log: str | Path | None = None) -> Attempts:
        """Begin to work on the task: predictions, hints that become plainer, and a log where one is wanted.

        Args:
            log: a file ending in ``.jsonl`` to which each attempt is appended; None writes nothing.
        """
        from nbkit.study.tasks.attempting import Attempts  # noqa: PLC0415  it knows tasks

        return Attempts(self, log)

    def trial(self, seeds: int = 20) -> list[Finding]:
        """Try the task itself, before students do.

        Args:
            seeds: the reference must pass with each of the seeds 0, 1, ... below this number.

        Returns:
            What was found: the start gets no points, the reference all of them, at least three wrong answers the hint
            that was meant for them, all of it twice the same and in time.
        """
        from nbkit.study.tasks.trial import trial  # noqa: PLC0415  it knows tasks

        return trial(self, seeds)

    def _repr_html_(self) -> str:
        points = f"{self.of:g} point{'s' * (self.of != 1)}"
        asked = f"<br><i>Predict first: {html.escape(self.predict.text)}</i>" if self.predict else ""
        head = f"<b>{html.escape(self.name)}</b> " if self.name else ""
        return f"<div>{head}({points})<br>{html.escape(self.text)}{asked}</div>"


def _plain_problems(task: Task) -> list[Problem]:
    """Everything that can be said about one argument alone."""
    wrong = []
    if not isinstance(task.text, str) or not task.text.strip():
        wrong.append(Problem("bad-type", "Task.text", f"{shown(task.text)} asks nothing", "say what is to be done"))
    if not callable(task.check) or isinstance(task.check, type):
        what = f"{shown(task.check)} is no function"
        wrong.append(Problem("bad-type", "Task.check", what, "def check(net, seed): return {...}"))
    if not isinstance(task.name, str) or len(task.name) > NAME_LENGTH or not task.name.isprintable():
        hint = f"one line of at most {NAME_LENGTH} letters"
        wrong.append(Problem("bad-value", "Task.name", f"{shown(task.name)} is no name", hint))
    if task.predict is not None and not isinstance(task.predict, Question):
        what = f"{shown(task.predict)} is no question"
        wrong.append(Problem("bad-type", "Task.predict", what, 'nb.study.Question("How long ...?", unit="ms")'))
    if not is_finite_number(task.seconds) or not task.seconds > 0:
        what = f"{shown(task.seconds)} is no time limit"
        wrong.append(Problem("bad-value", "Task.seconds", what, "a positive number of seconds"))
    if not isinstance(task.takes, str) or task.takes not in TAKES:
        hint = did_you_mean(str(task.takes), TAKES)
        wrong.append(Problem("bad-choice", "Task.takes", f"no such answer: {shown(task.takes)}", hint))
    return wrong


def _answer_problems(task: Task) -> list[Problem]:
    """What is given as an answer and is none."""
    if not isinstance(task.takes, str) or task.takes not in TAKES:
        return []
    kind, named, _ = TAKES[task.takes]
    given = {"start": task.start} | ({} if task.reference is None else {"reference": task.reference})
    wrong = []
    if isinstance(task.wrong, Mapping):
        for name, pair in task.wrong.items():
            if isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[1], str):
                given[f"wrong[{name!r}]"] = pair[0]
            else:
                hint = '{"too slow": (net, "fast")}'
                what = f"{shown(pair)} is no pair of an answer and a criterion"
                wrong.append(Problem("bad-type", f"Task.wrong[{name!r}]", what, hint))
    elif task.wrong != ():
        what = f"{shown(task.wrong)} is no mapping of names"
        wrong.append(Problem("bad-type", "Task.wrong", what, '{"too slow": (net, "fast"), ...}'))
    for where, answer in given.items():
        if not isinstance(answer, kind) and not callable(answer):
            what = f"{shown(answer)} is neither {named} nor a function that makes one from a seed"
            wrong.append(Problem("bad-type", f"Task.{where}", what, TAKES[task.takes][2]))
    return wrong


def _hint_problems(task: Task) -> list[Problem]:
    if task.hints is None:
        return []
    if not isinstance(task.hints, Mapping):
        what = f"{shown(task.hints)} is no mapping of criteria"
        return [Problem("bad-type", "Task.hints", what, '{"fast": ("a gentle hint", "a plain one")}')]
    wrong = []
    for name, ladder in task.hints.items():
        rungs = [ladder] if isinstance(ladder, str) else ladder
        if not isinstance(name, str) or not are_words(rungs) or not rungs:
            what = f"{shown(ladder)} is neither a hint nor a list of hints"
            wrong.append(Problem("bad-type", f"Task.hints[{name!r}]", what, "write what helps"))
        elif any(len(rung) > HINT_LENGTH for rung in rungs):
            what = f"a hint has more than {HINT_LENGTH} letters"
            wrong.append(Problem("too-long", f"Task.hints[{name!r}]", what, "say less at a time"))
        elif isinstance(task.points, Mapping) and name not in task.points:
            what = f"no points are given for '{name}'"
            hint = did_you_mean(name, [str(key) for key in task.points])
            wrong.append(Problem("bad-choice", f"Task.hints[{name!r}]", what, hint))
    return wrong


def _points_problems(task: Task) -> list[Problem]:
    each = task.points if isinstance(task.points, Mapping) else {"": task.points}
    wrong = []
    if not each:
        wrong.append(Problem("bad-value", "Task.points", "there are no points", "points=1, or {'fast': 1, ...}"))
    for name, points in each.items():
        where = f"Task.points[{name!r}]" if isinstance(task.points, Mapping) else "Task.points"
        if not is_finite_number(points) or not 0 < plain(points) <= MOST_POINTS:
            what = f"{shown(points)} is no number of points"
            wrong.append(Problem("bad-value", where, what, f"a positive number, at most {MOST_POINTS:g}"))
    return wrong
