"""Law: a task is predicted, checked and solved within the workbench; its check takes the network or a result alone."""

import json

import pytest

import nbkit as nb
from nbkit.study.tasks.attempt_reading import read_log

NET, SETUP = nb.networks.rhythm(), nb.Setup(50.0, 0.1)
SEEN = []


def slower(net, seed):
    SEEN.append(type(net))
    return {"slow": nb.study.Verdict(net.value("E.tau") > 20.0, net.value("E.tau"))}


def task(check=slower, **changes):
    hints = {"slow": ("What does tau mean?", "Set E.tau above 20 ms.")}
    return nb.Task("Make E slower.", check, **({"start": NET, "hints": hints, "name": "slow"} | changes))


def state(bench):
    json.dumps(bench.page.tasks.state, allow_nan=False)
    return bench.page.tasks.state


def send(bench, what, **given):
    bench.page.tasks._receive(bench.page.tasks, {"do": what, **given}, [])


def test_a_task_is_solved_by_a_slider_and_hints_become_plainer():
    bench = nb.Workbench(NET, SETUP, task=task())
    assert state(bench)["verdict"] is None
    send(bench, "check")
    assert state(bench)["verdict"]["hint"] == "What does tau mean?"
    assert state(bench)["verdict"]["criteria"] == [[False, "slow: measured 8"]]
    send(bench, "set_value", path="E.tau", value="15")
    assert state(bench)["verdict"]["stale"]
    send(bench, "check")
    assert state(bench)["verdict"]["hint"] == "Set E.tau above 20 ms."
    send(bench, "set_value", path="E.tau", value="25")
    send(bench, "check")
    verdict = state(bench)["verdict"]
    assert (verdict["passed"], verdict["points"], verdict["stale"]) == (True, 1.0, False)
    assert state(bench)["solved"] == [True]
    assert set(SEEN) == {nb.Network}
    send(bench, "undo")
    assert (state(bench)["solved"], state(bench)["verdict"]["stale"]) == ([True], True)
    send(bench, "start_over")
    assert bench.network == NET


def test_a_run_is_hidden_until_something_was_predicted():
    asked = nb.study.Question("Which tau?", "slow", unit="ms", tolerance=3.0)
    bench = nb.Workbench(NET, SETUP, task=task(predict=asked))
    assert "nbk-veiled" in bench.children[-1]._dom_classes
    assert bench.page.story.value == "Nothing has run yet."
    send(bench, "check")
    assert state(bench)["problem"] == "predict first"
    send(bench, "predict", typed="soon")
    assert state(bench)["problem"] == "'soon' is not a number"
    send(bench, "predict", typed=" 24,5 ms")
    assert state(bench)["question"]["predicted"] == "24.5 ms"
    assert "nbk-veiled" not in bench.children[-1]._dom_classes
    assert bench.page.story.value != "Nothing has run yet."
    send(bench, "predict", typed="3")
    assert bench.lesson.present.prediction == 24.5
    send(bench, "set_value", path="E.tau", value="25")
    send(bench, "check")
    assert state(bench)["verdict"]["guess"] == "you predicted 24.5 ms, measured was 25 ms: close"


def test_words_are_predicted_by_choice():
    asked = nb.study.Question("What will happen?", choices=("rises", "falls"))
    bench = nb.Workbench(NET, SETUP, task=task(predict=asked))
    send(bench, "predict", typed="")
    assert "rises" in state(bench)["problem"]
    send(bench, "predict", typed="falls")
    assert state(bench)["question"]["predicted"] == "falls"


def test_several_tasks_are_worked_on_one_after_another():
    fast = task(lambda net, _: {"fast": net.value("E.tau") < 20.0}, name="fast", hints=None)
    bench = nb.Workbench(NET, SETUP, task=[task(), fast])
    send(bench, "go_to_task", number=1)
    assert bench.lesson.check().passed
    assert state(bench)["solved"] == [False, True]
    send(bench, "go_to_task", number=0)
    assert state(bench)["verdict"] is None
    send(bench, "go_to_task", number=2)
    assert bench.lesson.at == 0


def test_attempts_are_written_only_where_a_log_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nb.Workbench(NET, SETUP, task=task()).lesson.check()
    assert list(tmp_path.iterdir()) == []
    nb.Workbench(NET, SETUP, task=task().attempts("work.jsonl")).lesson.check()
    [entry] = read_log(tmp_path / "work.jsonl").entries
    assert (entry.task, entry.points) == ("slow", 0.0)


def test_a_task_that_takes_a_result_gets_the_one_of_the_present_network():
    found = []

    def last(ds, seed):
        found.append(ds)
        return {"long enough": ds.sizes["time"] > 600}

    start = nb.simulate(NET, 50.0, 0.1)
    bench = nb.Workbench(NET, SETUP, task=task(last, takes="result", start=start, hints=None))
    assert not bench.lesson.check().passed
    assert found[0] is bench.result
    bench.document.edit(setup=nb.Setup(100.0, 0.1))
    assert bench.lesson.check().passed
    assert found[1].sizes["time"] == 1001


def test_a_network_that_cannot_be_run_or_a_check_that_breaks_gives_no_points():
    bench = nb.Workbench(NET, SETUP, task=task(lambda net, _: net.value("E.tau") / 0))
    assert bench.lesson.check().points == 0
    assert "ZeroDivisionError" in state(bench)["verdict"]["reason"]
    shown = nb.Workbench(NET, SETUP, task=task(lambda _ds, _: {}, takes="result", start=nb.simulate(NET, 1.0, 0.1)))
    shown.document.edit(setup=nb.Setup(1.05, 0.1))
    assert shown.lesson.check() is None
    assert "cannot be run" in state(shown)["problem"]


def test_without_a_network_a_workbench_begins_with_what_its_task_begins_with():
    start = nb.networks.moving_bump()
    assert nb.Workbench(setup=nb.Setup(10.0, 1.0), task=task(start=start)).network == start
    assert nb.Workbench(setup=nb.Setup(10.0, 1.0), task=task(start=lambda _: start)).network == start


def test_without_a_task_there_is_no_pane():
    bench = nb.Workbench(NET, SETUP)
    assert bench.page.tasks not in bench.children
    with pytest.raises(nb.NbkitError, match="has no task"):
        bench.lesson.check()
