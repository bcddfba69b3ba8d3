"""Laws of the time limit: late is late, however the check is made, and Ctrl-C is never a verdict."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import warnings

import pytest

import nbkit as nb
from nbkit.study.tasks import watch

START = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
LIMIT = 0.2
unix = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals of Unix")


def grade(check, seconds=LIMIT):
    """The mark, and how long it took."""
    begin = time.perf_counter()
    mark = nb.Task("Hurry.", check, start=START, seconds=seconds).grade(START)
    return mark, time.perf_counter() - begin


def pass_after(work):
    def check(net, _seed):
        work(net)
        return {"done": True}

    return check


def simulate_long(net):
    nb.simulate(net, 5_000_000.0, 0.1, record=nb.Record("E.x", every=1_000_000))


def spin(_net):
    end = time.perf_counter() + 20
    while time.perf_counter() < end:
        len("a")


def sleep(_net):
    time.sleep(20)


def sulk(_net):
    with contextlib.suppress(Exception):
        time.sleep(20)


def insist(_net):
    for _ in range(40):
        with contextlib.suppress(Exception):
            time.sleep(20)


def swallow(_net):
    for _ in range(2):
        with contextlib.suppress(BaseException):
            time.sleep(20)


@unix
@pytest.mark.parametrize("work", [simulate_long, spin, sleep, sulk, insist, swallow])
def test_a_check_that_takes_too_long_is_stopped_and_gives_nothing(work):
    mark, taken = grade(pass_after(work))
    assert (mark.points, mark.kind, mark.criteria) == (0.0, "too-slow", ())
    assert "longer than 0.2 s" in mark.reason
    assert taken < 5


def calls(_net):
    end = time.perf_counter() + 20

    def now():
        return time.perf_counter()

    while now() < end:
        pass


def swallow_calls(net):
    with contextlib.suppress(BaseException):
        calls(net)


@pytest.mark.parametrize("work", [simulate_long, calls, swallow_calls])
def test_where_there_are_no_signals_calls_look_at_the_clock(work, monkeypatch):
    monkeypatch.delattr(signal, "setitimer", raising=False)
    mark, taken = grade(pass_after(work))
    assert (mark.points, mark.kind) == (0.0, "too-slow")
    assert taken < 5
    assert sys.gettrace() is None


def test_what_nothing_can_stop_is_late_all_the_same(monkeypatch):
    monkeypatch.delattr(signal, "setitimer", raising=False)
    mark, taken = grade(pass_after(lambda _: time.sleep(0.1)), seconds=0.05)
    assert (mark.points, mark.kind) == (0.0, "too-slow")
    assert taken >= 0.1


def test_it_works_in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(grade(pass_after(calls))))
    thread.start()
    thread.join()
    [(mark, taken)] = found
    assert mark.kind == "too-slow"
    assert taken < 5


@unix
def test_an_alarm_of_somebody_else_is_left_alone():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        mark, taken = grade(pass_after(calls))
        assert (mark.kind, rung) == ("too-slow", [])
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
        assert taken < 0.5
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@unix
def test_nothing_is_left_behind():
    held = [signal.getsignal(n) for n in (signal.SIGALRM, signal.SIGINT)]
    for work in (sleep, lambda _: None, lambda _: 1 / 0):
        grade(pass_after(work))
        assert [signal.getsignal(n) for n in (signal.SIGALRM, signal.SIGINT)] == held
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert sys.gettrace() is None


def test_a_task_within_a_task_keeps_both_limits():
    inner = nb.Task("Inner.", pass_after(calls), start=START, seconds=LIMIT)
    mark, taken = grade(lambda net, seed: {"inner": not inner.grade(net, seed).passed}, seconds=3.0)
    assert mark.passed
    assert taken < 2
    outer, _ = grade(lambda net, seed: {"inner": inner.grade(net, seed).kind == "too-slow"}, seconds=LIMIT / 4)
    assert outer.kind == "too-slow"


@unix
@pytest.mark.parametrize("work", [simulate_long, sleep, sulk, swallow])
def test_ctrl_c_stops_the_cell_and_is_no_verdict(work):
    """A simulation answers Ctrl-C with half a result; a check must never judge that."""

    def interrupted(net):
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        work(net)

    begin = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        grade(pass_after(interrupted), seconds=3.0)
    assert time.perf_counter() - begin < 15


@unix
def test_half_a_result_is_noticed_even_where_signals_are_not_ours(monkeypatch):
    monkeypatch.setattr(watch, "_alarm_is_free", lambda: False)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        grade(pass_after(simulate_long), seconds=20.0)


def test_a_warning_of_the_check_s_own_is_no_interrupt():
    mark, _ = grade(pass_after(lambda _: warnings.warn("interrupted at noon", stacklevel=1)))
    assert mark.passed


def test_a_quick_check_keeps_its_mark():
    mark, _ = grade(pass_after(lambda _: time.sleep(0.01)), seconds=5.0)
    assert mark.passed
    assert 0.01 <= mark.seconds < 5
