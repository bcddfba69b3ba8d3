"""Owns the page of error codes, and what to try at each. Must not know where they are raised."""

from __future__ import annotations

import html
from collections.abc import Mapping

from nbkit.app.site.reference_pages import way
from nbkit.errors import CODES

#: what is wrong -> code -> what to try; every code of `CODES` stands here once
TRY: dict[str, dict[str, str]] = {
    "Equation text": {
        "bad-syntax": "Look for a missing bracket or operator; multiplication needs its `*`.",
        "too-long": "Name parts of the formula in lines of their own; write shorter texts and hints.",
        "too-deep": "Name the inner part in a line of its own: `m = ...`.",
        "forbidden-syntax": "Formulas know `+ - * / **`, comparisons, brackets and functions, and nothing else.",
        "attribute-access": "Use a plain name without a dot.",
        "private-name": "Let the name begin with a letter.",
        "unknown-function": "The message lists the functions that there are; write others with these.",
        "wrong-arity": "Count the arguments: `maximum(a, b)` takes two, `exp(x)` one.",
        "power-tower": "Name the exponent in a line of its own.",
        "number-not-finite": "Write a number that a computer can hold, such as `1e300` at most.",
        "unknown-name": "Declare it among states, inputs or parameters, or mend its spelling.",
    },
    "Models": {
        "bad-name": "Begin with a letter; then letters, digits and underscores.",
        "name-clash": "Rename one of the two, or give projections and stimuli a `name=` each.",
        "reserved-name": "Add a letter or an underscore at the end; the name means something else here.",
        "bad-equation": "Write `dr/dt = ...`, `tau * dr/dt = ...` or `m = ...`, one a line.",
        "missing-equation": "Add `dx/dt = ...` for the state, or declare it as a parameter.",
        "undeclared-state": "Add it to `states=`.",
        "double-equation": "Keep one of the two.",
        "assigned-parameter": "Parameters and inputs come from outside; give the line a name of its own.",
        "algebraic-cycle": "Make one of the lines a differential equation, or write them as one.",
        "factor-not-constant": "Divide the right side by it instead.",
        "unused-name": "Use it in an equation or take it out; often it is a misspelling.",
        "bad-limits": "Write `(low, high)` with low below high; `None` leaves a side open.",
        "outside-limits": "Change the value or the limits.",
        "bad-default": "Write a plain number.",
        "bad-threshold": 'Write a comparison such as `"v >= v_th"`.',
        "bad-reset": "Write one assignment to a state on each line: `v = v_reset`, `w += b`.",
        "unknown-event": "Events are states; declare the state.",
        "unknown-method": "Choose `euler`, or `exact` for linear equations.",
        "not-linear": 'Use `method="euler"`; the exact method solves linear equations only.',
        "unknown-time-unit": 'Choose `"ms"`, `"s"` or `"1"`.',
    },
    "Values": {
        "bad-value": "Give a number, an array or a law; the message says which of them fit here.",
        "not-finite": "Find the NaN or infinity and replace it.",
        "wrong-shape": "Compare the shape in the message with the number of units.",
        "bad-law": "Correct the numbers of the law: low below high, spreads of 0 or more.",
        "bad-time": 'Give a number in the network\'s unit, or text such as `"200 ms"`.',
    },
    "Networks": {
        "bad-type": "The message names what was found and what fits there.",
        "bad-size": "Give a whole number from 1 on, or a grid such as `(20, 20)`.",
        "empty-network": 'Give at least one population: `{"E": nb.Population(...)}`.',
        "unknown-population": "Mend the spelling; the message lists the populations.",
        "unknown-variable": "Mend the spelling; the message lists states and other variables of the model.",
        "unknown-parameter": "Mend the spelling; the message lists the parameters of the model.",
        "not-a-source": "Project a state, an algebraic variable or `E.spike`.",
        "not-an-input": "Aim at an input of the model; the message lists them.",
        "not-an-event": "Aim spikes at a state that the model lists in `events`.",
        "no-spikes": "Project a state instead, or give the model a threshold.",
        "refractory-off-grid": "Choose a refractory time or a `dt` so that one is a whole multiple of the other.",
        "undeclared-input": "Drive inputs with a `nb.Stimulus`, not with `parameters=`.",
        "weight-shape": "Weights are `(post, pre)`: as many rows as targets. Perhaps it must be transposed.",
        "bad-rule": "Read what the rule needs: degrees up to the number of units, probabilities up to 1.",
        "size-mismatch": "Give both populations one size, or take another rule.",
        "bad-kernel": "Widths are positive; the populations need places or one size.",
        "no-reduction": "Use a model and laws of which a mean field is known; the message says what stands in the way.",
        "no-distance": "Give both populations a grid with the same `extent=` and `edges=`.",
        "delay-negative": "A signal arrives after it was sent; cut a law with `nb.Truncated(law, low=0)`.",
        "delay-below-step": "Give 0, at least `dt`, or a shorter step.",
        "delay-off-grid": 'Choose a delay that is a whole number of steps, another `dt`, or `delays="nearest"`.',
        "spread-without-delay": "Give `delay=` as the mean.",
        "bad-spread": "Give a positive number, or leave it out for a sharp delay.",
        "chain-unstable": "Take a shorter `dt` or a wider spread.",
        "needs-delay": "Give the projection a delay of at least one step.",
        "bad-choice": "Choose one of the words that the message lists.",
        "no-accelerator": 'Leave `accelerator="auto"`; install where a C compiler is to have it.',
        "no-device": "Leave `backend` out; for a card install its driver and `nbkit[cuda12]` or `nbkit[cuda13]`.",
        "bad-signal": "Times are in order and amplitudes finite; the message says which number is wrong.",
        "bad-units": "Count units from 0; name each once.",
        "input-width": "Give one column, or one for each unit.",
        "input-off-grid": "Let the sampling step of the input be a whole multiple of `dt`.",
        "input-too-short": "Run for a shorter time, or give more samples.",
        "time-unit-mismatch": 'Give `Population(..., time_scale="10 ms")`, or a network with `time_unit="1"`.',
        "unknown-path": "Write for example `E.tau` or `E->I.weight`; `net.paths()` lists them all.",
        "path-in-law": "Change one of the law's numbers, such as `E.tau.low`.",
    },
    "Files and links": {
        "bad-json": "Give the whole text that `to_json()` wrote.",
        "unknown-format": "Update nbkit, or save the file again.",
        "unknown-key": "Mend the spelling; no key is ignored.",
        "missing-key": "Add the key, or save the file again.",
        "bad-table": "One line for each target, one number for each source, separated by commas.",
        "link-too-long": "Draw large arrays from laws, or send the file of `to_json()`.",
        "bad-link": "Copy the link again, whole.",
    },
    "Runs": {
        "bad-step": "Give a positive `dt`, shorter than the fastest time constant.",
        "bad-duration": "Give a positive duration, longer than what is discarded.",
        "duration-off-grid": "Give a whole number of steps; the message names the nearest.",
        "unknown-record": "Record states, algebraic variables or `E.spike`.",
        "bad-file": "Give another folder or name.",
        "bad-record": "Name each variable once, with one `every`.",
        "bad-until": "Compare one number: `any(E.r > 0.5)`, `all(...)` or `mean(E.r) > 0.5`.",
        "unknown-backend": "Choose one of the backends in the message.",
        "unknown-precision": "Choose `float64` or `float32`.",
        "bad-seed": "Give 0, 1, 2, ...; a list names each seed once.",
        "too-much-memory": "Record fewer variables or every tenth step, or make the network smaller.",
        "run-not-finite": "Take a shorter `dt` or weaker coupling; `.result` of the error holds the run up to there.",
        "not-settable": "Make a new network with the value, and a new simulation.",
        "bad-program": "A program was changed by hand; compile the network again.",
    },
    "Analysis": {"too-short": "Run for longer, discard less, or use narrower bins."},
    "Tasks and lessons": {
        "not-passed": "Read the hint of the first criterion that does not hold.",
        "bad-log": "Give the file that `task.attempts(log=...)` wrote, unchanged.",
        "bad-notebook": "Give an `.ipynb` file with `task = nb.Task(...)` at the top level of a cell.",
        "locked": "Change what the lesson leaves open; the rest is fixed by the teacher.",
        "checkpoint-differs": "Look for what changed the number; if it is right, keep the new one.",
        "missing-checkpoint": "Let the notebooks' tests write it: `python -m pytest tests/notebooks --update`.",
    },
    "Pictures and widgets": {
        "unknown-view": "Choose one of the views in the message.",
        "empty-range": "Give a lower and a higher number, such as `(0, 1)`.",
        "not-a-number": "A slider moves one number; aim at a number inside the law or array.",
        "no-event-loop": "Use it in a notebook; in a script call `nb.simulate`.",
        "missing-package": 'Install what is named: `pip install "nbkit[app]"`.',
    },
}

#: names that are listed at once; more of them are folded
_FEW = 3

_LEAD = (
    '<p class="ref-lead">Each error tells where it is, what is wrong and what to try. All problems come at once, '
    "as <code>error.problems</code>; each has one of these codes, as <code>problem.code</code>.</p>"
)


def errors_page(raised_by: Mapping[str, list[tuple[str, str]]]) -> tuple[str, list[str]]:
    """The table of all codes, and the codes of which nothing is said.

    Args:
        raised_by: code -> names (and where they lead) whose docstring tells of it.
    """
    parts = [
        way("mend"),
        "<h1>Errors and what to try</h1>",
        _LEAD,
    ]
    for title, codes in TRY.items():
        rows = "".join(_row(code, words, raised_by.get(code, [])) for code, words in codes.items())
        head = '<tr><th scope="col">code</th><th scope="col">what it means</th><th scope="col">what to try</th></tr>'
        parts.append(f'<h2>{title}</h2><table class="ref-errors">{head}{rows}</table>')
    told = {code for codes in TRY.values() for code in codes}
    return f'<article class="ref">{"".join(parts)}</article>', sorted(set(CODES) ^ told)


def _row(code: str, words: str, raised_by: list[tuple[str, str]]) -> str:
    held = ", ".join(f'<a href="{where}"><code>{name}</code></a>' for name, where in raised_by)
    told = f'<span class="ref-type">told of by {held}</span>' if held else ""
    if len(raised_by) > _FEW:
        told = f'<details><summary class="ref-type">told of by {len(raised_by)} names</summary>{told}</details>'
    elif told:
        told = f"<br>{told}"
    meant = html.escape(CODES.get(code, ""))
    return (
        f'<tr id="{code}"><th scope="row"><code>{code}</code></th><td>{meant[:1].upper()}{meant[1:]}.{told}</td>'
        f"<td>{_code(words)}</td></tr>"
    )


def _code(words: str) -> str:
    """Text with its backticks as code."""
    pieces = html.escape(words, quote=False).split("`")
    return "".join(f"<code>{piece}</code>" if k % 2 else piece for k, piece in enumerate(pieces))
