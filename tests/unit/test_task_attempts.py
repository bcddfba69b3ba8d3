"""Laws of attempts: hints become plainer only for changed answers, and a log says what happened and nothing else."""

from __future__ import annotations

import errno
import getpass
import json
import re
import socket

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.tasks import attempt_reading, attempting
from nbkit.study.tasks.attempt_reading import read_log

START = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0}, label="Ann Other")})
LADDER = ("think", "look at E.tau", "set E.tau to 3")
ASKED = nb.study.Question("Which tau?", "fast", unit="ms", tolerance=1.0)


def check(net, _seed):
    tau = net.value("E.tau")
    return {"fast": nb.study.Verdict(tau < 4, tau), "not too fast": tau > 2}


TASK = nb.Task("Faster.", check, start=START, hints={"fast": LADDER, "not too fast": "slower"}, name="speed")
PREDICTED = nb.Task("Faster.", check, start=START, hints={"fast": LADDER}, name="speed", predict=ASKED, points=2)


def with_tau(tau):
    return START.with_value("E.tau", tau)


def test_hints_become_plainer_with_each_changed_answer_that_fails_alike():
    work = TASK.attempts()
    taus = (1.0, 10.0, 10.0, 9.0, 10.0, 8.0, 7.0, 3.0)
    hints = [work.grade(with_tau(tau)).hint for tau in taus]
    assert hints == ["slower", LADDER[0], LADDER[0], LADDER[1], LADDER[1], LADDER[2], LADDER[2], ""]
    assert [mark.points for mark in work.marks] == [0, 0, 0, 0, 0, 0, 0, 1]


def test_a_prediction_stays_until_another_is_made():
    work = PREDICTED.attempts()
    assert work.grade(with_tau(3.0)).kind == "predict-first"
    work.predict(np.float64(3.5))
    assert work.grade(with_tau(3.0)).guess.close
    work.predict(9)
    assert work.grade(with_tau(3.0)).guess.close is False
    for wrong in (None, "3", float("inf"), True):
        with pytest.raises(nb.NbkitError, match="prediction"):
            work.predict(wrong)
    with pytest.raises(nb.NbkitError, match="asks for no prediction"):
        TASK.attempts().predict(3.0)


def test_nothing_is_written_where_nobody_asked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TASK.attempts().grade(START)
    TASK.grade(START)
    TASK.trial(1)
    assert list(tmp_path.iterdir()) == []


def test_a_log_holds_one_line_for_each_attempt_and_no_more_than_it_should(tmp_path):
    log = tmp_path / "me.jsonl"
    work = PREDICTED.attempts(log)
    work.predict(5.0)
    for answer in (START, None, with_tau(3.0)):
        work.grade(answer)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    keys = "format version task time points of criteria kind hint prediction measured close answer number"
    assert [list(line) for line in lines] == [keys.split()] * 3
    assert [line["points"] for line in lines] == [0.0, 0.0, 2.0]
    assert [line["kind"] for line in lines] == ["marked", "no-answer", "marked"]
    assert [line["hint"] for line in lines] == [1, 0, 0]
    assert [line["number"] for line in lines] == [1, 2, 3]
    assert lines[0]["criteria"] == {"fast": False, "not too fast": True}
    assert (lines[2]["prediction"], lines[2]["measured"], lines[2]["close"]) == (5.0, 3.0, False)
    assert re.fullmatch(r"[0-9a-f]{12}", lines[0]["answer"])
    assert len({line["answer"] for line in lines}) == 3


def test_a_log_names_no_person_no_machine_and_no_path(tmp_path):
    def stop(net, seed):
        raise OSError(errno.ENOENT, "no such file", str(tmp_path / "secret" / getpass.getuser()))

    log = tmp_path / "me.jsonl"
    for found in (check, stop):
        nb.Task("Faster.", found, start=START, name="speed").attempts(log).grade(START)
    text = log.read_text()
    for secret in (str(tmp_path), "secret", "Ann", socket.gethostname(), "leaky", "populations"):
        assert secret not in text


def test_a_later_session_goes_on_from_the_log(tmp_path):
    log = tmp_path / "me.jsonl"
    TASK.attempts(log).grade(with_tau(10.0))
    nb.Task("Other.", check, start=START, hints={"fast": LADDER}, name="other").attempts(log).grade(with_tau(11.0))
    later = TASK.attempts(log)
    assert later.grade(with_tau(10.0)).hint == LADDER[0]
    assert later.grade(with_tau(9.0)).hint == LADDER[1]
    assert len(read_log(log).entries) == 4


def test_the_log_can_be_read_as_a_table(tmp_path):
    log = tmp_path / "me.jsonl"
    work = PREDICTED.attempts(str(log))
    work.grade(START)
    work.predict(4.0)
    work.grade(START)
    work.grade(with_tau(3.0))
    ds = nb.study.attempts(log)
    assert dict(ds.sizes) == {"attempt": 3}
    assert ds["failed"].values.tolist() == ["predict-first", "fast", ""]
    assert ds["points"].values.tolist() == [0.0, 0.0, 2.0]
    assert ds["prediction"].values.tolist() == ["", "4.0", "4.0"]
    assert ds["measured"].values.tolist() == ["", "10.0", "3.0"]
    assert (np.diff(ds["time"].values) >= np.timedelta64(0)).all()
    age = np.datetime64("now", "ms") - ds["time"].values[-1]
    assert abs(age) < np.timedelta64(1, "m")
    assert ds.attrs["cut_off"] == 0
    assert nb.study.attempts(_empty(tmp_path)).sizes["attempt"] == 0


def _empty(folder):
    path = folder / "empty.jsonl"
    path.touch()
    return path


@pytest.mark.parametrize("kept", [1, 10, 30, 200, -3, -1])
def test_a_half_written_line_costs_only_itself(tmp_path, kept):
    log = tmp_path / "me.jsonl"
    for _ in range(2):
        TASK.attempts(log).grade(START)
    first, second = log.read_text().splitlines()
    log.write_text(f"{first}\n{second[:kept]}")
    work = TASK.attempts(log)
    work.grade(with_tau(9.0))
    found = read_log(log)
    assert (len(found.entries), found.cut_off) == (2, 1)
    assert log.read_text().splitlines()[:2] == [first, second[:kept]]
    assert nb.study.attempts(log).attrs["cut_off"] == 1


def test_a_line_without_its_end_is_still_a_line(tmp_path):
    log = tmp_path / "me.jsonl"
    TASK.attempts(log).grade(START)
    log.write_text(log.read_text().rstrip("\n"))
    TASK.attempts(log).grade(START)
    assert len(read_log(log).entries) == 2


def test_an_answer_is_known_again_and_tells_nothing_else():
    assert attempting.digest_of(START) == attempting.digest_of(nb.Network.from_json(START.to_json()))
    assert attempting.digest_of(START) != attempting.digest_of(with_tau(9.9))
    first, same, other = (nb.simulate(with_tau(t), 5.0, 0.1) for t in (10.0, 10.0, 9.0))
    assert attempting.digest_of(first) == attempting.digest_of(same) != attempting.digest_of(other)
    assert attempting.digest_of("net") == ""


def test_a_log_that_cannot_be_one_is_refused_before_any_work(tmp_path):
    for log, code in (
        ("attempts.txt", "bad-file"),
        (tmp_path / "no" / "me.jsonl", "bad-file"),
        (tmp_path, "bad-file"),
        (3, "bad-file"),
    ):
        with pytest.raises(nb.NbkitError) as refused:
            TASK.attempts(log)
        assert refused.value.code == code
    with pytest.raises(nb.NbkitError, match="a log needs the task's name"):
        nb.Task("Faster.", check, start=START).attempts(tmp_path / "me.jsonl")
    other = tmp_path / "data.jsonl"
    other.write_text('{"x": 1}\n')
    with pytest.raises(nb.NbkitError, match=r"data.jsonl, line 1: it is no attempt"):
        TASK.attempts(other)
    assert other.read_text() == '{"x": 1}\n'


def test_a_mark_is_given_even_if_the_disk_is_full(tmp_path, monkeypatch):
    work = TASK.attempts(tmp_path / "me.jsonl")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(attempting, "append", full)
    with pytest.warns(nb.NbkitNote, match=r"not in me.jsonl: No space left"):
        assert work.grade(with_tau(3.0)).passed


def test_reading_a_log_that_is_not_there_is_explained(tmp_path):
    with pytest.raises(nb.NbkitError) as refused:
        nb.study.attempts(tmp_path / "no.jsonl")
    assert (refused.value.code, refused.value.where) == ("bad-log", "no.jsonl")
    assert attempt_reading.printable("a\x1b[31mb\u202ec") == "a�[31mb�c"


def test_the_page_of_the_attempts_tells_what_is_not_yet():
    work = TASK.attempts()
    work.grade(START)
    work.grade(None)
    page = work._repr_html_()
    assert "fast" in page
    assert "nothing was handed in" in page
