"""Laws of the table of a class: honest logs add up, and a log that cannot be true is refused by name alone."""

from __future__ import annotations

import csv
import json
import os
import time
from pathlib import Path

import pytest

import nbkit as nb
from nbkit.app import class_writing
from nbkit.app.class_table import class_table
from nbkit.app.command_line import main
from nbkit.study.tasks import attempt_reading
from nbkit.study.tasks.attempt_log import Entry, append, time_text

NOW = 1_700_000_000.0
unix = pytest.mark.skipif(os.name == "nt", reason="links and pipes of Unix")


def entry(minute=0.0, *, task="gain", failed="strong", **changes):
    """An attempt, so many minutes before now, that failed at a criterion, or passed for an empty one."""
    criteria = {"alive": failed != "alive", "strong": failed not in ("alive", "strong")}
    held = {
        "task": task,
        "time": NOW - 3600 + 60 * minute,
        "points": 0.0 if failed else 1.0,
        "of": 1.0,
        "criteria": criteria,
        "kind": "marked",
        "hint": 1 if failed else 0,
        "answer": "0123456789ab",
    }
    return Entry(**(held | changes))


def write(folder, name, *entries):
    path = folder / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    for e in entries:
        append(path, e)
    return path


def line(**changes):
    """A line as it stands in a log; an honest one but for the changes."""
    e = entry()
    told = {"format": "nbkit.attempt", "version": 1, **e.__dict__, "time": time_text(e.time)}
    return json.dumps(told | changes)


def test_honest_logs_add_up(tmp_path):
    write(tmp_path, "ann", entry(0, failed="alive"), entry(1), entry(2, failed=""), entry(3, task="loop"))
    write(tmp_path, "Bob", entry(1), entry(2), entry(9, task="loop", failed=""))
    write(tmp_path, "cleo")
    table = class_table(tmp_path, NOW)
    assert table.tasks == ("gain", "loop")
    assert list(table.rows) == ["ann", "Bob", "cleo"]
    ann = table.rows["ann"]["gain"]
    assert (ann.points, ann.of, ann.attempts, ann.solved, ann.failed) == (1.0, 1.0, 3, True, "")
    assert (table.rows["Bob"]["gain"].attempts, table.rows["Bob"]["gain"].unchanged) == (2, 2)
    assert table.rows["cleo"] == {}
    assert table.commonest == {"gain": ("strong", 2, 2), "loop": ("strong", 1, 2)}
    assert (table.refused, table.notes) == ((), ())


@pytest.mark.parametrize(
    ("entries", "stuck"),
    [
        ([entry(0), entry(1)], False),
        ([entry(0), entry(1), entry(2)], True),
        ([entry(0), entry(1, failed="alive"), entry(2)], False),
        ([entry(0, failed="alive"), entry(1), entry(2), entry(3)], True),
        ([entry(0), entry(9.9)], False),
        ([entry(0), entry(10)], True),
        ([entry(0), entry(9, failed="alive"), entry(12, failed="alive")], False),
        ([entry(0), entry(1), entry(2), entry(3, failed="")], False),
        ([entry(0, failed=""), entry(1), entry(2), entry(3)], False),
        ([entry(n, kind="too-slow", criteria={}) for n in range(3)], True),
    ],
)
def test_three_attempts_or_ten_minutes_without_change_are_stuck(tmp_path, entries, stuck):
    write(tmp_path, "ann", *entries)
    assert [name for name, _, _ in class_table(tmp_path, NOW).stuck] == ["ann"] * stuck


def test_the_class_s_last_attempt_is_the_clock(tmp_path):
    write(tmp_path, "ann", entry(0))
    write(tmp_path, "bob", entry(9, failed=""))
    assert list(class_table(tmp_path, NOW).stuck) == []
    write(tmp_path, "cleo", entry(10, failed=""))
    [(name, task, standing)] = class_table(tmp_path, NOW).stuck
    assert (name, task, standing.minutes) == ("ann", "gain", 10.0)


def test_one_who_clicks_often_does_not_decide_what_is_common(tmp_path):
    write(tmp_path, "ann", *[entry(n) for n in range(20)])
    for name in ("bob", "cleo"):
        write(tmp_path, name, entry(0, failed="alive"))
    assert class_table(tmp_path, NOW).commonest == {"gain": ("alive", 2, 3)}


def test_logs_in_folders_of_their_own_are_named_after_both(tmp_path):
    write(tmp_path, "ann/ps1", entry())
    write(tmp_path, "ann/ps2", entry())
    (tmp_path / "readme.txt").write_text("no log")
    assert list(class_table(tmp_path, NOW).rows) == ["ann/ps1", "ann/ps2"]


@unix
def test_two_names_that_look_alike_are_kept_apart(tmp_path):
    for name in ("a\x1bb", "a\x02b"):
        write(tmp_path, name, entry())
    assert sorted(class_table(tmp_path, NOW).rows) == ["a�b", "a�b (2)"]


def test_unlike_points_and_unfinished_lines_are_noted(tmp_path):
    for name in ("ann", "bob"):
        write(tmp_path, name, entry(failed=""))
    path = write(tmp_path, "cleo", entry(failed="", points=100.0, of=100.0))
    path.write_text(path.read_text() + line()[:70])
    assert class_table(tmp_path, NOW).notes == (
        "cleo: 1 unfinished line left out",
        "gain: worth 1 in most logs, but not for cleo (100)",
    )


HOSTILE = {
    "no JSON": (b"hello\n", "not JSON"),
    "no object": (b"[1, 2]\n", "no attempt"),
    "another format": (line(format="other"), "no attempt"),
    "another version": (line(version=2), "no attempt"),
    "not UTF-8": (b"\xff\xfe{}\n", "not UTF-8"),
    "deep nesting": (b"[" * 9000 + b"]" * 9000, "not JSON"),
    "deep in a line of ours": (line()[:-1] + ', "x": ' + "[" * 9000, "not JSON"),
    "a long line": (line(prediction="x" * 30_000), "letters"),
    "an unknown key": (line(path="x"), "its keys"),
    "a missing key": (json.dumps({k: v for k, v in json.loads(line()).items() if k != "of"}), "its keys"),
    "a key twice": (line()[:-1] + ', "points": 1}', "stands twice"),
    "NaN": (line(points=float("nan")), "NaN is no number"),
    "infinity": (line(points=float("inf")), "Infinity is no number"),
    "beyond a float": (line().replace('"points": 0.0', '"points": 1e999'), "'points' is inf"),
    "a huge number": (line().replace('"points": 0.0', f'"points": {"9" * 400}'), "a number of points"),
    "a number of many digits": (line().replace('"points": 0.0', f'"points": {"9" * 5000}'), "not JSON"),
    "points as text": (line(points="1"), "a number of points"),
    "points as truth": (line(points=True), "a number of points"),
    "negative points": (line(points=-1.0), "a number of points"),
    "more points than there are": (line(points=5.0), "5 points of 1"),
    "worth nothing": (line(of=0.0), "a number of points"),
    "worth millions": (line(of=1e7), "a number of points"),
    "points that were not earned": (line(points=1.0), "do not follow"),
    "points without verdicts": (line(criteria={}, kind="too-slow", points=1.0), "do not follow"),
    "verdicts without marks": (line(kind="too-slow"), "verdicts"),
    "marks without verdicts": (line(criteria={}), "verdicts"),
    "a task that is no text": (line(task=3), "a short name"),
    "an empty task": (line(task=" "), "a short name"),
    "a long task": (line(task="x" * 101), "a short name"),
    "criteria in a list": (line(criteria=["alive"]), "a mapping"),
    "criteria that are numbers": (line(criteria={"alive": 1}), "a mapping"),
    "very many criteria": (line(criteria={str(n): False for n in range(101)}), "a mapping"),
    "a kind that is none": (line(kind="passed"), "one of"),
    "a kind that is a list": (line(kind=[]), "one of"),
    "attempt zero": (line(number=0), "a whole number"),
    "half a hint": (line(hint=0.5), "a whole number"),
    "a prediction in a list": (line(prediction=[1]), "a number, a word"),
    "a digest that is text": (line(answer="<script>"), "a digest"),
    "a time that is none": (line(time="yesterday"), "a time"),
    "a time that cannot be": (line(time="2026-02-30T10:00:00.000Z"), "a time"),
    "a time before time": (line(time="0001-01-01T00:00:00.000Z"), "a time"),
    "a time in other digits": (line(time="２026-05-04T10:12:33.120Z"), "a time"),
    "a time as a number": (line(time=NOW), "a time"),
    "the future": (line(time=time_text(NOW + 400)), "in the future"),
    "out of order": (line() + "\n" + line(time=time_text(NOW - 7200)), "line 2: its time"),
    "the same twice": (line() + "\n" + line(), "line 2: it stands there twice"),
    "very many tasks": ("\n".join(line(task=str(n)) for n in range(101)), "more than 100 tasks"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_log_that_cannot_be_true_is_refused_by_name_and_the_rest_goes_on(tmp_path, case):
    text, reason = HOSTILE[case]
    (tmp_path / "mallory.jsonl").write_bytes(text if isinstance(text, bytes) else text.encode())
    write(tmp_path, "ann", entry(failed=""))
    table = class_table(tmp_path, NOW)
    assert list(table.rows) == ["ann"]
    assert {p.code for p in table.refused} == {"bad-log"}
    told = [f"{p.where}: {p.what}" for p in table.refused]
    assert all(text.startswith("mallory") and len(text) < 400 for text in told)
    assert any(reason in text for text in told), told


def test_an_honest_line_is_believed(tmp_path):
    for name, text in {
        "plain": line(),
        "windows": "\ufeff" + line() + "\r\n",
        "empty lines": f"\n{line()}\n\n",
        "clocks that differ": line() + "\n" + line(time=time_text(NOW - 3600 - 200)),
        "a clock ahead": line(time=time_text(NOW + 200)),
    }.items():
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8", newline="")
    table = class_table(tmp_path, NOW)
    assert (len(table.rows), table.refused) == (5, ())


def test_a_large_file_is_refused_without_being_read(tmp_path):
    with (tmp_path / "mallory.jsonl").open("wb") as file:
        file.truncate(10_000_000_000)
    write(tmp_path, "ann", entry())
    begin = time.perf_counter()
    table = class_table(tmp_path, NOW)
    assert time.perf_counter() - begin < 5
    assert [p.what for p in table.refused] == ["it has more than 4 MB; an attempt needs less than a thousand bytes"]
    assert list(table.rows) == ["ann"]


def test_many_bad_lines_are_told_in_a_few(tmp_path):
    (tmp_path / "mallory.jsonl").write_text("x\n" * 10_000)
    assert len(class_table(tmp_path, NOW).refused) == attempt_reading.MOST_PROBLEMS


@unix
def test_links_pipes_and_folders_are_no_logs(tmp_path):
    outside = write(tmp_path / "outside", "secret", entry())
    folder = tmp_path / "class"
    write(folder, "ann", entry())
    (folder / "link.jsonl").symlink_to(outside)
    (folder / "inner.jsonl").symlink_to(folder / "ann.jsonl")
    (folder / "broken.jsonl").symlink_to(folder / "nowhere")
    (folder / "away").symlink_to(outside.parent)
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "folder.jsonl").mkdir()
    table = class_table(folder, NOW)
    assert list(table.rows) == ["ann"]
    assert {p.where: p.what for p in table.refused} == {
        "broken": "it is a link, not a file",
        "inner": "it is a link, not a file",
        "link": "it is a link, not a file",
        "pipe": "it is not a plain file",
    }


@unix
def test_a_name_that_is_no_text_is_shown_somehow(tmp_path, capsys):
    path = os.fsencode(tmp_path) + b"/\xff\x1b[2J.jsonl"
    Path(os.fsdecode(path)).write_text(line() + "\n")
    assert main(["class", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "��[2J" in told
    assert "\x1b" not in told


def hostile_words(folder):
    bad = "<img src=x onerror=alert(1)>"
    write(
        folder,
        "=HYPERLINK(1)",
        entry(0, task=bad, criteria={"=cmd|' /C calc'!A0": False}),
        entry(1, task="@SUM(1)", criteria={'"+1': False}),
        entry(2, task=" -2+3", criteria={"a\r\nb\x1b[31m": False}),
        *(entry(n, task="＝1", criteria={bad: False}) for n in range(3, 6)),
    )
    write(folder, "<script>alert(1)</script>".replace("/", "|"), entry(2.5))
    return class_table(folder, NOW)


@unix
def test_names_are_escaped_in_a_page(tmp_path):
    page = class_writing.as_html(hostile_words(tmp_path))
    assert "<img" not in page
    assert "<script" not in page
    assert "\x1b" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


@unix
def test_no_cell_of_the_spreadsheet_is_a_formula(tmp_path):
    text = class_writing.as_csv(hostile_words(tmp_path))
    rows = list(csv.reader(text.splitlines()))
    cells = [cell for row in rows for cell in row]
    assert len({len(row) for row in rows}) == 1
    assert [c for c in cells if c.lstrip(" \"'")[:1] in tuple("=+-@＝\t\r") and c and not c.startswith("'")] == []
    assert "'=HYPERLINK(1)" in cells
    assert "'=cmd|' /C calc'!A0" in cells
    assert "\x1b" not in text


@unix
def test_nothing_printed_moves_the_cursor(tmp_path):
    text = class_writing.as_text(hostile_words(tmp_path))
    assert [c for c in text if not c.isprintable() and c != "\n"] == []


def test_the_command_prints_the_table_and_writes_it(tmp_path, capsys):
    folder = tmp_path / "class"
    write(folder, "ann", entry(0), entry(1), entry(2), entry(3, task="loop", failed=""))
    write(folder, "bob", entry(1, failed="", points=1.0))
    outs = [tmp_path / "t.csv", tmp_path / "t.html"]
    for out in outs:
        assert main(["class", str(folder), "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out[: len(told.out) // 2] == (
        "student  gain      loop\n"
        "ann      0/1 (3)!  1/1 (1)\n"
        "bob      1/1 (1)   ·\n"
        "\n"
        "points of the best attempt (number of attempts); ! stuck; · not tried\n"
        "\n"
        "stuck:\n"
        "  ann on gain: 3 attempts and 3 minutes at 'strong'\n"
        "\n"
        "commonest wrong answers:\n"
        "  gain: 'strong', 1 of 2 students\n"
    )
    assert outs[0].read_text().splitlines()[1:] == ["ann,0,1,3,yes,strong,1,1,1,no,", "bob,1,1,1,no,,,,,,"]
    assert "class='stuck'>0/1 (3) stuck</td>" in outs[1].read_text()


def test_the_command_names_who_was_refused(tmp_path, capsys):
    write(tmp_path, "ann", entry())
    (tmp_path / "mallory.jsonl").write_text("hello\n")
    assert main(["class", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert "ann" in told.out
    assert "nbkit: refused mallory, line 1: it is not JSON" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "there is no such folder"),
        (["."], "no file in it ends in .jsonl"),
        (["logs", "--out", "t.xlsx"], "nothing is written to .xlsx files"),
        (["logs", "--out", "nowhere/t.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_read_or_written_is_explained(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    if words == ["."]:
        (tmp_path / "logs").rmdir()
    else:
        write(tmp_path / "logs", "ann", entry())
    assert main(["class", *words]) == 1
    assert said in capsys.readouterr().err


def test_a_class_of_two_hundred_is_read_in_no_time(tmp_path):
    for student in range(200):
        entries = [entry(n / 10, task=f"t{n % 10}", answer=f"{n:012x}") for n in range(100)]
        path = tmp_path / f"s{student}.jsonl"
        path.write_text("".join(line(task=e.task, time=time_text(e.time), answer=e.answer) + "\n" for e in entries))
    begin = time.perf_counter()
    table = class_table(tmp_path, NOW)
    class_writing.as_html(table)
    assert time.perf_counter() - begin < 20
    assert (len(table.rows), len(table.tasks)) == (200, 10)


def test_a_log_that_a_task_wrote_is_believed(tmp_path):
    start = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)})
    task = nb.Task("Go.", lambda *_: {"done": False}, start=start, name="go")
    work = task.attempts(tmp_path / "ann.jsonl")
    for _ in range(3):
        work.grade(start)
    table = class_table(tmp_path)
    assert [(name, where) for name, where, _ in table.stuck] == [("ann", "go")]
