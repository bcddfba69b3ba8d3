"""Laws of tasks: whatever goes wrong gives no points and says why, and the same answer gets the same mark."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest
import xarray as xr

import nbkit as nb

START = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
FAST = START.with_value("E.tau", 3.0)
HINTS = {"forgets": ("Which number says how fast?", "Make E.tau smaller.", "E.tau below 4 ms.")}


def check(net, seed):
    left = float(nb.simulate(net, 10.0, 0.1, seed=seed)["E.x"][-1, 0])
    return {"forgets": nb.study.Verdict(left < 0.1, left), "stays positive": left > 0}


def task(found=check, **keywords):
    return nb.Task("Forget.", found, **({"start": START, "hints": HINTS, "name": "forget"} | keywords))


def returning(value):
    return task(lambda *_: value)


def raising(error):
    def stop(net, seed):
        raise error

    return task(stop)


def test_a_right_answer_gets_all_points():
    mark = task(points=3).grade(FAST)
    assert (mark.points, mark.of, mark.passed, bool(mark), float(mark)) == (3.0, 3.0, True, True, 3.0)
    assert [(c.name, c.holds) for c in mark.criteria] == [("forgets", True), ("stays positive", True)]
    assert (mark.kind, mark.reason, mark.hint, mark.failed) == ("marked", "", "", "")


def test_a_wrong_answer_gets_none_and_the_hint_of_its_first_fault():
    mark = task().grade(START)
    assert (mark.points, bool(mark), mark.failed) == (0.0, False, "forgets")
    assert mark.hint == HINTS["forgets"][0]
    assert mark.criteria[0].measured == pytest.approx(0.99**100, abs=1e-12)


def test_points_are_shared_out_only_where_the_teacher_does_so():
    assert task(points=3).grade(START).points == 0
    shared = task(points={"forgets": 2, "stays positive": 1})
    assert (shared.grade(START).points, shared.grade(FAST).points, shared.of) == (1.0, 3.0, 3.0)
    assert not shared.grade(START).passed


BROKEN = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, parameters={"tua": 1.0})})
EXPLODING = nb.Network({"E": nb.Population(nb.Model("m", "dx/dt = x**2", states={"x": 1.0}), 1)})


class Slider:
    value = 3.0


class Bench:
    network = FAST


@pytest.mark.parametrize(
    ("asked", "answer", "kind", "said"),
    [
        (task(), None, "no-answer", "nothing was handed in"),
        (task(), Slider(), "wrong-type", "a Slider was handed in, a Network is needed"),
        (task(), Bench(), "wrong-type", "hand in its .network"),
        (task(), FAST.to_json(), "wrong-type", "a str"),
        (task(), xr.Dataset(), "wrong-type", "a Dataset was handed in"),
        (task(takes="result", start=lambda _: xr.Dataset()), FAST, "wrong-type", "a Dataset is needed"),
        (task(), BROKEN, "problems", "did you mean 'tau'"),
        (task(lambda net, _: nb.simulate(net, 100.0, 0.5)), EXPLODING, "not-run", "became"),
        (task(lambda net, _: nb.simulate(net, 1.0, 0.1, record=["I.x"])), FAST, "not-run", "I.x"),
        (raising(ZeroDivisionError("by zero")), FAST, "check-failed", "ZeroDivisionError: by zero"),
        (raising(SystemExit(0)), FAST, "check-failed", "SystemExit"),
        (raising(GeneratorExit()), FAST, "check-failed", "GeneratorExit"),
        (raising(AssertionError()), FAST, "check-failed", "AssertionError"),
        (raising(MemoryError()), FAST, "check-failed", "MemoryError"),
        (task(lambda net, _: task().check(net)), FAST, "check-failed", "TypeError"),
        (returning(None), FAST, "bad-verdict", "None"),
        (returning({}), FAST, "bad-verdict", "0 criteria"),
        (returning(1), FAST, "bad-verdict", "a mapping of criteria"),
        (returning([("forgets", True)]), FAST, "bad-verdict", "a mapping of criteria"),
        (returning({"forgets": float("nan")}), FAST, "bad-verdict", "'forgets' is neither True nor False but nan"),
        (returning({"forgets": 1}), FAST, "bad-verdict", "but 1"),
        (returning({"forgets": 1.0}), FAST, "bad-verdict", "but 1.0"),
        (returning({"forgets": "True"}), FAST, "bad-verdict", "but 'True'"),
        (returning({"forgets": None}), FAST, "bad-verdict", "but None"),
        (returning({"forgets": True, "stays": None}), FAST, "bad-verdict", "'stays'"),
        (returning({"forgets": np.array([True, True])}), FAST, "bad-verdict", "2 values"),
        (returning({"forgets": xr.DataArray([True])}), FAST, "bad-verdict", "1 values"),
        (returning({"forgets": nb.study.Verdict("yes")}), FAST, "bad-verdict", "'yes'"),
        (returning({1: True}), FAST, "bad-verdict", "1 is no name"),
        (returning({" ": True}), FAST, "bad-verdict", "no name"),
        (returning({"x" * 101: True}), FAST, "bad-verdict", "no name"),
        (returning({str(n): True for n in range(51)}), FAST, "bad-verdict", "51 criteria"),
        (task(lambda *_: {"a": True}, hints=None, points={"a": 1, "b": 1}), FAST, "bad-verdict", "points for a, b"),
    ],
)
def test_whatever_goes_wrong_gives_no_points_and_says_why(asked, answer, kind, said):
    mark = asked.grade(answer)
    assert (mark.points, mark.passed, bool(mark), mark.criteria) == (0.0, False, False, ())
    assert mark.kind == kind
    assert said in mark.reason
    with pytest.raises(nb.NbkitError) as refused:
        mark.require()
    assert refused.value.code == "not-passed"
    assert mark._repr_mimebundle_()["text/plain"] == "0.0"


@pytest.mark.parametrize("truth", [np.True_, np.array(np.True_), xr.DataArray(np.True_)])
def test_what_numpy_and_xarray_call_true_is_true(truth):
    assert returning({"forgets": truth}).grade(FAST).passed
    assert returning({"forgets": nb.study.Verdict(truth, 3.0)}).grade(FAST).passed
    assert not returning({"forgets": ~truth}).grade(FAST).points


def test_a_prediction_is_a_verdict():
    held = nb.Prediction("What is left", 0.9**10, rtol=1e-3)
    mark = returning({"theory": held.check(0.34869)}).grade(FAST)
    assert mark.passed
    assert mark.criteria[0].measured == 0.34869
    assert "predicted" in str(mark)
    assert not returning({"theory": held.check(0.4)}).grade(FAST)
    assert not returning({"theory": held.check(float("nan"))}).grade(FAST)


def test_the_same_answer_gets_the_same_mark_whatever_the_global_generators_say():
    noisy = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 5)}, stimuli=[nb.Stimulus("E.u", nb.Noise(1.0))])

    def last(net, seed):
        x = float(nb.simulate(net, 5.0, 0.1, seed=seed)["E.x"][-1, 0])
        return {"finite": nb.study.Verdict(np.isfinite(x), x)}

    asked = task(last)
    marks = []
    for dice in (1, 2):
        random.seed(dice)
        np.random.seed(dice)  # noqa: NPY002
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        marks.append(asked.grade(noisy, seed=4))
        assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert marks[0] == marks[1]
    assert asked.grade(noisy, seed=5) != marks[0]


def test_a_mark_prints_what_to_do_and_hides_the_plainer_hints():
    mark = task().grade(START)
    assert str(mark) == (
        "forget: 0 of 1 points\n    ✗ forgets: measured 0.366\n    ✓ stays positive\n"
        "    try: Which number says how fast?"
    )
    for shown in (repr(mark), mark._repr_html_(), str(mark)):
        assert "E.tau" not in shown
    assert "Forget." in repr(task(reference=FAST))
    assert "reference" not in repr(task(reference=FAST))


def test_nothing_in_a_mark_is_taken_for_a_tag():
    verdict = nb.study.Verdict(holds=False, reason="<script>")
    asked = nb.Task("<a>", lambda *_: {"<b>": verdict}, start=START, hints={"<b>": "<u>"}, name="<img>")
    page = asked.grade(FAST)._repr_html_() + asked._repr_html_() + asked.attempts()._repr_html_()
    assert not [tag for tag in ("<script>", "<u>", "<img>", "<a>") if tag in page]


def test_require_raises_for_all_that_fails_or_for_what_is_named():
    mark = returning({"a": True, "b": False, "c": False}).grade(FAST)
    mark.require("a")
    for names, count in (((), 2), (("b",), 1), (("a", "c"), 1)):
        with pytest.raises(nb.NbkitError) as refused:
            mark.require(*names)
        assert [p.code for p in refused.value.problems] == ["not-passed"] * count
    with pytest.raises(nb.NbkitError, match="did you mean 'a'"):
        mark.require("aa")
    task().grade(FAST).require()


def test_what_a_check_says_on_the_error_stream_costs_nothing(capsys):
    def loud(net, seed):
        sys.stderr.write("hello\n")
        np.array(1.0) / np.array(0.0)
        nb.Network(
            {"E": nb.Population(nb.Model("m", "dx/dt = -x/tau", states={"x": 1.0}, parameters={"tau": 1.0}), 1)},
            time_unit="s",
        )
        return check(FAST, seed)

    mark = task(loud).grade(FAST)
    assert mark.passed
    told = capsys.readouterr()
    assert (told.out, told.err) == ("hello\n", "")
    assert any("defaults of m are converted" in note for note in mark.notes)
    assert any("divide by zero" in note for note in mark.notes)


ASKED = nb.study.Question("How much is left?", "forgets", tolerance=0.05)


def test_without_a_prediction_there_is_no_run():
    ran = []
    asked = task(lambda net, seed: ran.append(1) or check(net, seed), predict=ASKED)
    for missing in (None, "much", float("nan"), True, [0.1]):
        mark = asked.grade(FAST, prediction=missing)
        assert (mark.points, mark.kind, mark.guess) == (0.0, "predict-first", None)
        assert "predict first: How much is left?" in mark.reason
    assert ran == []


def test_a_prediction_is_held_beside_what_was_measured_and_costs_no_points():
    asked = task(predict=ASKED)
    left = (1 - 0.1 / 3) ** 100
    for prediction, close in ((0.05, True), (0.5, False)):
        mark = asked.grade(FAST, prediction=prediction)
        assert mark.points == 1.0
        assert (mark.guess.prediction, mark.guess.close) == (prediction, close)
        assert mark.guess.measured == pytest.approx(left, abs=1e-12)
    assert asked.grade(FAST, prediction=np.float32(0.5)).guess.prediction == 0.5
    loose = nb.study.Question("How much?", "forgets", unit="mV")
    assert loose.close(0.1, 0.2) is None
    assert "you predicted 0.1 mV, measured was 0.0337 mV" in str(task(predict=loose).grade(FAST, prediction=0.1))


def test_a_prediction_may_be_a_word():
    asked = nb.study.Question("Up or down?", "way", choices=("up", "down"))
    way = task(lambda *_: {"way": nb.study.Verdict(holds=True, measured="down")}, hints=None, predict=asked)
    assert way.grade(FAST, prediction="down").guess.close is True
    assert way.grade(FAST, prediction="up").guess.close is False
    assert "did you mean 'down'" in way.grade(FAST, prediction="dwon").reason
    assert "one of up, down" in way.grade(FAST).reason


def test_a_prediction_that_nobody_asked_for_and_a_seed_that_is_none_are_refused():
    with pytest.raises(nb.NbkitError, match="asks for no prediction"):
        task().grade(FAST, prediction=3.0)
    for seed in (-1, 1.5, "1", None, True):
        with pytest.raises(nb.NbkitError) as refused:
            task().grade(FAST, seed)
        assert refused.value.code == "bad-seed"


def test_a_result_can_be_handed_in():
    asked = task(
        lambda ds, _: {"forgets": float(ds["E.x"][-1, 0]) < 0.1},
        takes="result",
        start=lambda seed: nb.simulate(START, 10.0, 0.1, seed=seed),
    )
    assert asked.grade(nb.simulate(FAST, 10.0, 0.1)).passed
    assert not asked.grade(nb.simulate(START, 10.0, 0.1))


@pytest.mark.parametrize(
    ("keywords", "where"),
    [
        ({"text": " "}, "Task.text"),
        ({"check": 3}, "Task.check"),
        ({"check": dict}, "Task.check"),
        ({"start": None}, "Task.start"),
        ({"start": Bench()}, "Task.start"),
        ({"reference": "net"}, "Task.reference"),
        ({"wrong": [FAST]}, "Task.wrong"),
        ({"wrong": {"slow": FAST}}, "Task.wrong['slow']"),
        ({"wrong": {"slow": (FAST, 3)}}, "Task.wrong['slow']"),
        ({"wrong": {"slow": (3, "forgets")}}, "Task.wrong['slow']"),
        ({"hints": "try"}, "Task.hints"),
        ({"hints": {"forgets": ()}}, "Task.hints['forgets']"),
        ({"hints": {"forgets": ("", "b")}}, "Task.hints['forgets']"),
        ({"hints": {"forgets": "b" * 1001}}, "Task.hints['forgets']"),
        ({"points": {"a": 1}, "hints": {"b": "c"}}, "Task.hints['b']"),
        ({"points": 0}, "Task.points"),
        ({"points": float("nan")}, "Task.points"),
        ({"points": True}, "Task.points"),
        ({"points": {}}, "Task.points"),
        ({"points": {"a": -1}, "hints": None}, "Task.points['a']"),
        ({"name": "two\nlines"}, "Task.name"),
        ({"predict": "How much?"}, "Task.predict"),
        ({"seconds": 0}, "Task.seconds"),
        ({"seconds": float("inf")}, "Task.seconds"),
        ({"takes": "widget"}, "Task.takes"),
    ],
)
def test_a_task_that_makes_no_sense_is_refused(keywords, where):
    with pytest.raises(nb.NbkitError) as refused:
        nb.Task(**({"text": "Forget.", "check": check, "start": START} | keywords))
    assert [p.where for p in refused.value.problems] == [where]


def test_all_that_is_wrong_with_a_task_is_said_at_once():
    with pytest.raises(nb.NbkitError) as refused:
        nb.Task("", None, start=None, points=-1, seconds=-1, hints=3)
    assert len(refused.value.problems) == 6


@pytest.mark.parametrize(
    "keywords",
    [
        {"text": ""},
        {"text": "a", "tolerance": -1.0},
        {"text": "a", "choices": "up"},
        {"text": "a", "choices": ("up", "u" * 81)},
        {"text": "a", "choices": ("up",), "tolerance": 1.0},
        {"text": "a", "unit": 3},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(keywords):
    with pytest.raises(nb.NbkitError, match="Question"):
        nb.study.Question(**keywords)


def test_a_task_and_a_mark_never_change():
    with pytest.raises(AttributeError):
        task().points = 5
    with pytest.raises(AttributeError):
        task().grade(FAST).points = 5
