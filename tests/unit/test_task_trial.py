"""Laws of a trial: a sound task is found sound, and each way to spoil it is found."""

from __future__ import annotations

import dataclasses
import itertools
import random
import time

import numpy as np
import pytest

import nbkit as nb

PAIR = nb.models.wilson_cowan_pair


def driven(drive):
    """The pair of Wilson and Cowan (1972); it is quiet at P = 1, cycles at 1.25, and is steady again at 2.6."""
    return nb.Network(
        {"C": nb.Population(PAIR, 1, initial={"E": 0.1, "I": 0.05})}, stimuli=[nb.Stimulus("C.P", nb.Step(drive))]
    )


def check(net, seed):
    ds = nb.simulate(net, 400.0, 0.1, record=["C.E"], seed=seed, discard=150.0)
    period = float(nb.analysis.period(ds, "C.E")[0])
    return {
        "rhythm": nb.study.Verdict(bool(np.isfinite(period)), period),
        "slow enough": nb.study.Verdict(period > 35.0, period),
        "fast enough": nb.study.Verdict(period < 50.0, period),
    }


def slowed(factor):
    return driven(1.25).with_value("C.tau_e", 8.0 * factor).with_value("C.tau_i", 8.0 * factor)


SOUND = nb.Task(
    "Make a rhythm of about 40 ms.",
    check,
    start=driven(1.0),
    reference=driven(1.25),
    wrong={
        "too much drive": (driven(2.6), "rhythm"),
        "too fast": (slowed(0.5), "slow enough"),
        "too slow": (slowed(2.0), "fast enough"),
    },
    hints={"rhythm": "More drive, but not too much.", "slow enough": "Raise tau.", "fast enough": "Lower tau."},
    name="gamma",
    predict=nb.study.Question("How long is one cycle?", "rhythm", unit="ms", tolerance=5.0),
)
LEAK = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)})


def spoilt(**changes):
    """A cheap task that is sound, but for these changes."""

    def quick(net, _seed):
        tau = net.value("E.tau")
        return {"fast": tau < 5, "not too fast": tau > 2}

    wrong = {str(tau): (LEAK.with_value("E.tau", tau), "fast") for tau in (6.0, 7.0)}
    wrong["1"] = (LEAK.with_value("E.tau", 1.0), "not too fast")
    sound = {
        "check": quick,
        "start": LEAK,
        "reference": LEAK.with_value("E.tau", 3.0),
        "wrong": wrong,
        "hints": {"fast": "a", "not too fast": "b"},
        "name": "speed",
    }
    return nb.Task("Faster.", **(sound | changes))


def bad(task):
    return [f.what for f in task.trial(3) if f.good is False]


def test_a_sound_task_is_found_sound():
    found = SOUND.trial(20)
    assert [str(f) for f in found if f.good is not True] == []
    assert [f.what for f in found][:5] == [
        "the start gets no points (fails at 'rhythm')",
        "the reference passes with 20 seeds",
        "wrong answer 'too much drive' fails at 'rhythm' and gets its hint",
        "wrong answer 'too fast' fails at 'slow enough' and gets its hint",
        "wrong answer 'too slow' fails at 'fast enough' and gets its hint",
    ]
    assert bad(spoilt()) == []
    assert str(spoilt().trial(1)[0]) == "speed: ok: the start gets no points (fails at 'fast')"


def by_luck(net, _seed):
    return {"fast": net.value("E.tau") < 5 and random.random() < 2, "not too fast": net.value("E.tau") > 2}


def by_numpy_luck(net, _seed):
    drawn = float(np.random.normal())  # noqa: NPY002
    return {"fast": nb.study.Verdict(net.value("E.tau") < 5, drawn), "not too fast": net.value("E.tau") > 2}


def by_fresh_luck(net, _seed):
    drawn = float(np.random.default_rng().normal())
    return {"fast": nb.study.Verdict(net.value("E.tau") < 5, drawn), "not too fast": net.value("E.tau") > 2}


def by_counting():
    calls = itertools.count()
    return lambda net, _: {"fast": net.value("E.tau") < 5 + next(calls) % 2 * 10, "not too fast": True}


def by_seed(net, seed):
    return {"fast": net.value("E.tau") < 5, "not too fast": net.value("E.tau") > 2 and seed != 2}


def by_sleeping(net, _seed):
    time.sleep(0.05)
    return {"fast": net.value("E.tau") < 5, "not too fast": net.value("E.tau") > 2}


def not_made(_seed):
    raise ValueError("no")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": LEAK.with_value("E.tau", 3.0)}, "the start gets 1 of 1 points"),
        ({"points": {"fast": 1, "not too fast": 1}}, "the start gets 1 of 2 points"),
        ({"check": lambda *_: None}, "the start gets no points, but for a wrong reason: the check returned None"),
        ({"reference": None}, "there is no reference"),
        ({"reference": LEAK}, "the reference fails with 3 seeds of 3 (0, 1, 2): fails at 'fast'"),
        ({"check": by_seed}, "the reference fails with 1 seed of 3 (2): fails at 'not too fast'"),
        ({"reference": not_made}, "the reference: it cannot be made for seed 0: ValueError: no"),
        ({"start": not_made}, "the start: it cannot be made for seed 0"),
        ({"wrong": ()}, "there are 0 wrong answers; give 3 or more"),
        ({"wrong": {"1": (LEAK, "fast")}}, "there are 1 wrong answer; give 3 or more"),
        (
            {"wrong": {str(n): (LEAK.with_value("E.tau", 3.0), "fast") for n in range(3)}},
            "wrong answer '0' passes; it was meant to fail at 'fast'",
        ),
        (
            {"wrong": {str(n): (LEAK, "not too fast") for n in range(3)}},
            "wrong answer '2' fails otherwise (fails at 'fast'); it was meant to fail at 'not too fast'",
        ),
        ({"hints": {"not too fast": "b"}}, "wrong answer '6.0' fails at 'fast', but there is no hint for that"),
        (
            {"hints": {"fats": "a", "fast": "a"}},
            "a hint is for 'fats', which the check never names; did you mean 'fast'",
        ),
        ({"predict": nb.study.Question("How?", "fsat")}, "the question is for 'fsat', which the check never names"),
        ({"predict": nb.study.Question("How?", "fast")}, "nothing is ever measured for 'fast'"),
        ({"check": by_luck}, "draws from a global random generator"),
        ({"check": by_numpy_luck}, "draws from a global random generator"),
        ({"check": by_numpy_luck}, "the reference graded twice gives two different marks"),
        ({"check": by_fresh_luck}, "the start graded twice gives two different marks"),
        ({"check": by_counting()}, "graded twice gives two different marks"),
        ({"check": by_sleeping, "seconds": 0.02}, "the check takes longer than its limit of 0.02 s"),
    ],
)
def test_what_is_wrong_with_a_task_is_found(changes, said):
    assert any(said in what for what in bad(spoilt(**changes))), bad(spoilt(**changes))


def test_everything_is_found_at_once():
    found = bad(spoilt(start=LEAK.with_value("E.tau", 3.0), reference=LEAK, wrong=(), hints={"fats": "a"}))
    assert len(found) == 4


def test_what_is_worth_knowing_is_no_failure():
    found = spoilt(check=by_sleeping, seconds=0.14, name="", hints={"fast": "a"}, wrong={}).trial(1)
    notes = [f.what for f in found if f.good is None]
    assert any("a busy server may be too slow" in what for what in notes)
    assert "no hint for not too fast" in notes
    assert any("the task has no name" in what for what in notes)
    assert {f.task for f in found} == {"Faster."}


def test_a_trial_leaves_the_global_generators_as_they_were():
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    expected = random.random(), np.random.random()  # noqa: NPY002
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    spoilt(check=by_numpy_luck).trial(2)
    assert (random.random(), np.random.random()) == expected  # noqa: NPY002


def test_answers_may_be_made_from_the_seed():
    seeds = []

    def made(seed):
        seeds.append(seed)
        return LEAK.with_value("E.tau", 3.0 + 0.01 * seed)

    assert bad(spoilt(reference=made)) == []
    assert seeds == [0, 1, 2]


def test_a_number_of_seeds_is_a_number():
    for seeds in (0, -1, 1.5, "20", True):
        with pytest.raises(nb.NbkitError) as refused:
            spoilt().trial(seeds)
        assert refused.value.code == "bad-seed"


def test_students_need_not_receive_the_answers():
    released = dataclasses.replace(spoilt(), reference=None, wrong={})
    assert released.grade(LEAK.with_value("E.tau", 3.0)).passed
