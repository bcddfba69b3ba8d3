"""Law: a file speaks of the project, not of plans, of tickets or of the machine that it was written on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files, text_of

#: What is forbidden -> how it is recognised.
FORBIDDEN = {
    "a plan": r"\b(?:TODO|FIXME|XXX|HACK)\b|\bcoming soon\b|\broadmap\b",
    "a ticket": r"(?i:\b(?:issue|bug|ticket|pull request|PR|GH)[ -]?#?\d+\b)|(?<![\w\"'&:/])(?<!: )#\d{1,5}\b",
    "a path of one machine": r"(?<![\w.}/-])/(?:home|root|Users|work|opt|mnt|tmp)/\w|\b[A-Z]:\\Users\\",
    "a registry address": r"\b(?:pypi|files\.pythonhoste[d]|registry\.npmjs|deb\.debian|conda\.anaconda)\.(?:org|com)\b"
    r"|\bpythonhoste[d]\b|://[^ ]*/simple\b",
}

#: This file quotes what it forbids.
SELF = Path(__file__)


def forbidden(text: str) -> Iterator[str]:
    """One line for each forbidden thing in a text."""
    for what, pattern in FORBIDDEN.items():
        for match in re.finditer(pattern, text):
            yield f"line {text.count(chr(10), 0, match.start()) + 1}: {what}: {match.group()}"


def test_no_forbidden_words() -> None:
    found = []
    for path in files():
        text = text_of(path)
        if text is not None and path != SELF:
            found += [f"{path.relative_to(ROOT)} {line}" for line in forbidden(text)]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "# TODO: later",
        "a roadmap",
        "see issue 12",
        "fixes #12",
        "(#48)",
        "bug-7",
        "open('/home/ann/x')",
        "cd /tmp/x",
        "https://" + "pypi" + ".org/project/x",
        "C:\\Users\\ann",
    ],
)
def test_a_forbidden_word_is_found(text: str) -> None:
    assert list(forbidden(text))


@pytest.mark.parametrize(
    "text",
    ["colour = '#333'", "color: #333;", "&#215;", "# 1. Run", "a/home/b", "the method", "v1.2", "grid #", "prints"],
)
def test_plain_words_are_let_through(text: str) -> None:
    assert list(forbidden(text)) == []
