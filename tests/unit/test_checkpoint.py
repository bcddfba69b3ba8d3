"""Owns the law of checkpoints: compared where a test asks for it, written when asked, and else only shown."""

import json

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.checkpoint import FILE, UPDATE


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A file that a test compares with."""
    file = tmp_path / "lesson.small.json"
    file.write_text(json.dumps({"parameters": {}, "values": {"period": 40.0, "rates": [1.0, 2.0], "nothing": 0.0}}))
    monkeypatch.setenv(FILE, str(file))
    return file


def test_without_a_file_a_number_is_only_shown(monkeypatch):
    monkeypatch.delenv(FILE, raising=False)
    shown = nb.checkpoint("period", 41.5)
    assert (shown.value, shown.expected) == (41.5, None)
    assert str(shown) == "period: 41.5"
    assert "period: 41.5" in shown._repr_html_()


@pytest.mark.parametrize(
    ("name", "value", "rtol", "near"),
    [
        ("period", 40.0, 0.0, True),
        ("period", 40.3, 0.01, True),
        ("period", 40.5, 0.01, False),
        ("period", np.float32(40.0), 1e-6, True),
        ("period", [40.0], 1.0, False),
        ("rates", np.array([1.0, 2.0]), 0.0, True),
        ("rates", [1.0, 2.1], 0.01, False),
        ("rates", [1.0], 1.0, False),
        ("nothing", 1e-9, 0.5, False),
        ("nothing", 0, 0.0, True),
    ],
)
def test_a_number_is_held_beside_the_one_that_is_kept(kept, name, value, rtol, near):
    if near:
        assert str(nb.checkpoint(name, value, rtol)).endswith("as kept")
        return
    with pytest.raises(nb.NbkitError) as caught:
        nb.checkpoint(name, value, rtol)
    assert (caught.value.code, caught.value.where) == ("checkpoint-differs", name)
    assert "expected" in caught.value.what
    assert "got" in caught.value.what


def test_what_is_not_kept_says_how_to_make_it(kept):
    for _ in ("the file lacks it", "there is no file"):
        with pytest.raises(nb.NbkitError) as caught:
            nb.checkpoint("frequency", 25.0)
        assert caught.value.code == "missing-checkpoint"
        assert "--update" in caught.value.hint
        kept.unlink(missing_ok=True)


def test_an_update_writes_and_compares_nothing(kept, monkeypatch):
    monkeypatch.setenv(UPDATE, "1")
    nb.checkpoint("period", 93.0)
    nb.checkpoint("new", [1, 2])
    assert json.loads(kept.read_text())["values"] == {
        "period": 93.0,
        "rates": [1.0, 2.0],
        "nothing": 0.0,
        "new": [1, 2],
    }


@pytest.mark.parametrize("value", [np.nan, np.inf, "fast", None, [], [[1.0]], True])
def test_what_is_no_number_is_refused_also_where_nothing_is_compared(value):
    with pytest.raises(nb.NbkitError, match="bad-value"):
        nb.checkpoint("period", value)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(nb.NbkitError) as caught:
        nb.checkpoint("", "fast", -1.0)
    assert [problem.where for problem in caught.value.problems] == [
        "checkpoint.name",
        "checkpoint.value",
        "checkpoint.rtol",
    ]
