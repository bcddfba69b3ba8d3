"""Owns problems: their codes, their words, and the one error that carries them. Knows nothing else of nbkit.

A problem says *where* it is, *what* is wrong and what to *try*. An error carries all problems
of one thing at once, so that a user mends them together.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

#: Every code that nbkit can raise, with its meaning. A test provokes each of them.
CODES: dict[str, str] = {
    # equation text
    "bad-syntax": "the text is not a formula",
    "too-long": "the text is longer than a formula may be",
    "too-deep": "the formula is nested too deeply",
    "forbidden-syntax": "the text uses Python that is not arithmetic",
    "attribute-access": "a formula may not look inside objects",
    "private-name": "a name begins with an underscore",
    "unknown-function": "no such function",
    "wrong-arity": "a function got the wrong number of arguments",
    "power-tower": "an exponent contains a power",
    "number-not-finite": "a number in a formula is not finite",
    "unknown-name": "a formula uses a name that nobody declared",
    # models
    "bad-name": "a name is not a usable identifier",
    "name-clash": "one name stands for two things",
    "reserved-name": "a name that nbkit uses itself",
    "bad-equation": "a line is neither a differential nor an algebraic equation",
    "missing-equation": "a state has no differential equation",
    "undeclared-state": "a differential equation for a name that is no state",
    "double-equation": "two equations for one name",
    "assigned-parameter": "an equation assigns a parameter or an input",
    "algebraic-cycle": "algebraic lines need each other",
    "factor-not-constant": "the factor of a derivative is not made of parameters",
    "unused-name": "a declared name appears in no equation",
    "bad-limits": "limits are not an ordered pair of numbers",
    "outside-limits": "a value lies outside its limits",
    "bad-default": "a default is not a finite number",
    "bad-threshold": "a threshold is not a comparison",
    "bad-reset": "a reset is not a list of assignments to states",
    "unknown-event": "an event is not a state",
    "unknown-method": "no such integration method",
    "not-linear": "the exact method needs linear equations",
    "unknown-time-unit": "no such time unit",
    # values
    "bad-value": "a value is neither a number, an array nor a law",
    "not-finite": "a value is NaN or infinite",
    "wrong-shape": "an array has the wrong shape",
    "bad-law": "the numbers of a law do not describe a distribution",
    "bad-time": "a time is not a number with a unit",
    # networks
    "bad-type": "a part of the network has the wrong type",
    "bad-size": "a size is not a positive whole number",
    "empty-network": "a network without populations",
    "unknown-population": "no such population",
    "unknown-variable": "no such variable",
    "unknown-parameter": "no such parameter",
    "not-a-source": "the variable cannot be a source",
    "not-an-input": "the variable is not an input",
    "not-an-event": "a spike can only arrive at a state that takes events",
    "no-spikes": "the model never spikes",
    "refractory-off-grid": "a refractory time is not a whole number of steps",
    "undeclared-input": "an input is given as if it were a parameter",
    "weight-shape": "a weight matrix is not (post, pre)",
    "bad-rule": "a rule cannot connect these populations",
    "size-mismatch": "two populations that must have one size do not",
    "bad-kernel": "a kernel whose numbers, entries or rule do not make sense",
    "no-reduction": "a part of a network for which no mean field is known",
    "no-distance": "units between which there are no distances",
    "delay-negative": "a delay is negative",
    "delay-below-step": "a delay lies between zero and one step",
    "delay-off-grid": "a delay is not a whole number of steps",
    "spread-without-delay": "a spread needs a delay",
    "bad-spread": "a spread is not a positive number",
    "chain-unstable": "a gamma delay is too short for the step",
    "needs-delay": "a variable that follows its inputs at once needs a delay of a step",
    "bad-choice": "a word that is not among the choices",
    "no-accelerator": "the compiled interpreter was asked for and cannot run this",
    "no-device": "a graphics card was asked for and there is none, or no driver for it",
    "bad-signal": "the numbers of a stimulus do not make sense",
    "bad-units": "units that the population does not have",
    "input-width": "a recorded input has the wrong width",
    "input-off-grid": "a recorded input is not sampled on whole steps",
    "input-too-short": "a recorded input ends before the run",
    "time-unit-mismatch": "a dimensionless model in a network with physical time",
    "unknown-path": "no such path",
    "path-in-law": "the path holds a law",
    # files
    "bad-json": "the text is not JSON",
    "unknown-format": "not a network file, or one from another version",
    "unknown-key": "a file has a key that nobody reads",
    "missing-key": "a file lacks a key",
    "bad-table": "a file is not a table of numbers",
    "link-too-long": "a network is too large for a link",
    "bad-link": "the text is no link of a network",
    # runs
    "bad-step": "dt is not a positive finite number",
    "bad-duration": "a duration is not a positive finite number",
    "duration-off-grid": "a duration is not a whole number of steps",
    "unknown-record": "no such variable to record",
    "bad-file": "a file cannot be written",
    "bad-record": "a recording plan that cannot be followed",
    "bad-until": "a condition that is not one truth value",
    "unknown-backend": "no such backend",
    "unknown-precision": "no such precision",
    "bad-seed": "a seed is not a whole number that is zero or more",
    "too-much-memory": "the run needs more memory than there is",
    "run-not-finite": "a state left the finite numbers during a run",
    "not-settable": "the path cannot be changed while a simulation stands",
    "bad-program": "an instruction reads or writes outside its rows",
    # analysis
    "too-short": "a recording is too short for what is asked of it",
    # tasks
    "not-passed": "a task was not passed",
    "bad-log": "a file is no log of attempts, or holds what cannot be true",
    "bad-notebook": "a notebook cannot be run, or has no tasks",
    "locked": "something that the teacher's form does not let be changed",
    "checkpoint-differs": "a number of a lesson is not the one that is kept for it",
    "missing-checkpoint": "no number is kept under this name",
    # pictures and widgets
    "unknown-view": "no such view",
    "empty-range": "a slider's range is not an ordered pair of numbers",
    "not-a-number": "a slider needs a single number",
    "no-event-loop": "nothing could keep a simulation going",
    "missing-package": "an optional package is not installed",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    ``where`` names the place as a user wrote it, ``what`` says what was found and expected,
    ``hint`` says what to try. ``code`` is one of `CODES`.

    Args:
        code: what kind of problem it is.
        where: the place, such as ``"E->I.delay"``.
        what: what was found and expected.
        hint: what to try; "" where nothing can be said.

    Example:
        >>> problem = Problem("delay-negative", "E->I.delay", "the delay is -1", "give 0 or more")
        >>> print(problem)
        E->I.delay: the delay is -1
            try: give 0 or more
    """

    code: str
    where: str
    what: str
    hint: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise KeyError(f"no such problem code: {self.code}")

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n    try: {self.hint}" if self.hint else text


class NbkitError(Exception):
    """All problems of one thing, raised together.

    Attributes:
        problems: every `Problem`, in the order in which it was found.
        code, where, what, hint: those of the first problem.

    Example:
        >>> import nbkit as nb
        >>> try:
        ...     nb.Model("unit", "tau * dr/dt = -r + u", states={"r": 0.0}, inputs={"v": 0.0}, parameters={"tau": 10.0})
        ... except nb.NbkitError as error:
        ...     print(error)
        ...     codes = [problem.code for problem in error.problems]
        2 problems
        1. line 1: 'u' is not declared
            try: did you mean 'tau'? Known: r, tau, v, xi  [unknown-name]
        2. input 'v': appears in no equation
            try: known: r, tau, u  [unused-name]
        >>> codes
        ['unknown-name', 'unused-name']
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        if not self.problems:
            raise ValueError("an error needs at least one problem")
        super().__init__(self.problems)

    @property
    def code(self) -> str:
        """Code of the first problem."""
        return self.problems[0].code

    @property
    def where(self) -> str:
        """Place of the first problem."""
        return self.problems[0].where

    @property
    def what(self) -> str:
        """What is wrong, of the first problem."""
        return self.problems[0].what

    @property
    def hint(self) -> str:
        """What to try, of the first problem."""
        return self.problems[0].hint

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return f"{self.problems[0]}  [{self.code}]"
        lines = [f"{len(self.problems)} problems"]
        lines += [f"{i}. {p}  [{p.code}]" for i, p in enumerate(self.problems, 1)]
        return "\n".join(lines)


class NbkitNote(UserWarning):
    """Something that nbkit did for the user and says in one line.

    Example:
        >>> import nbkit as nb
        >>> import warnings
        >>> with warnings.catch_warnings(record=True) as told:
        ...     warnings.simplefilter("always")
        ...     net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 1)}, time_unit="s")
        >>> print(told[0].message)
        E: defaults of wilson_cowan are converted from ms to s
        >>> issubclass(nb.NbkitNote, UserWarning)
        True
    """


def shown(value: object, width: int = 60) -> str:
    """A value as it may stand in a message: short, whatever it is."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  what a stranger's repr raises must not hide the problem
        text = f"a {type(value).__name__}"
    return text if len(text) <= width else text[: width - 3] + "..."


def fail(code: str, where: str, what: str, hint: str = "") -> NbkitError:
    """Make the error of a single problem, ready to be raised."""
    return NbkitError([Problem(code, where, what, hint)])


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Say which known name is nearest to a misspelt one, or list them all.

    >>> did_you_mean("tua", ["tau", "theta"])
    "did you mean 'tau'? Known: tau, theta"
    """
    names = sorted(known)
    listed = ", ".join(names) if names else "none"
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'? Known: {listed}" if close else f"known: {listed}"
