"""Owns `Question`: what is predicted before a run. Must not know tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbkit.errors import NbkitError, Problem, did_you_mean, shown
from nbkit.model.numbers import is_finite_number, make_plain, plain
from nbkit.study.tasks.mark import LONGEST_WORD, Measured


@dataclass(frozen=True)
class Question:
    """What a student predicts before the run.

    Args:
        text: the question.
        criterion: the criterion of the check whose measured value answers it; ``""`` if none does.
        unit: unit of the number.
        tolerance: how near counts as close; None says nothing about it.
        choices: the words to choose from; none for a number.

    Raises:
        NbkitError: ``bad-type`` or ``bad-value`` with everything that is wrong.

    Example:
        >>> asked = Question("How long is one period?", "rhythm", unit="ms", tolerance=5.0)
        >>> asked.problem(40.0), asked.problem("soon")
        ('', "'soon' is not a number")
        >>> asked.close(40.0, 43.0)
        True
    """

    text: str
    criterion: str = ""
    unit: str = ""
    tolerance: float | None = None
    choices: Sequence[str] = ()

    def __post_init__(self) -> None:
        make_plain(self)
        wrong = [
            Problem("bad-type", f"Question.{name}", f"{shown(held)} is not text", "write the words")
            for name in ("text", "criterion", "unit")
            if not isinstance(held := getattr(self, name), str)
        ]
        if isinstance(self.text, str) and not self.text.strip():
            wrong.append(Problem("bad-value", "Question.text", "there is no question", "ask for one number or word"))
        if self.tolerance is not None and (not is_finite_number(self.tolerance) or self.tolerance < 0):
            what = f"{shown(self.tolerance)} is no tolerance"
            wrong.append(Problem("bad-value", "Question.tolerance", what, "a number of 0 or more, or None"))
        if not are_words(self.choices):
            what = f"{shown(self.choices)} is no list of words"
            wrong.append(Problem("bad-type", "Question.choices", what, 'such as ("rises", "falls")'))
        elif any(len(word) > LONGEST_WORD for word in self.choices):
            what = f"a choice has more than {LONGEST_WORD} letters"
            wrong.append(Problem("too-long", "Question.choices", what, "use a word or two"))
        elif self.choices and self.tolerance is not None:
            wrong.append(Problem("bad-value", "Question.tolerance", "words are never near each other", "leave it out"))
        if wrong:
            raise NbkitError(wrong)
        object.__setattr__(self, "choices", tuple(self.choices))

    def problem(self, prediction: Any) -> str:
        """Why this is no prediction; empty if it is one."""
        held = plain(prediction)
        if held is None:
            return f"one of {', '.join(self.choices)}" if self.choices else f"a number{self.unit and ' in '}{self.unit}"
        if self.choices:
            return "" if held in self.choices else f"{shown(held)}: {did_you_mean(str(held)[:80], self.choices)}"
        return "" if is_finite_number(held) else f"{shown(held)} is not a number"

    def close(self, prediction: Any, measured: Measured) -> bool | None:
        """Whether a prediction is near what was measured; None where that cannot be said."""
        if measured is None or isinstance(measured, str) != bool(self.choices):
            return None
        if self.choices:
            return bool(prediction == measured)
        return None if self.tolerance is None else bool(abs(prediction - measured) <= self.tolerance)


def are_words(value: Any) -> bool:
    """Whether a value is a list of texts, none of them empty."""
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and all(isinstance(word, str) and word.strip() for word in value)
    )
