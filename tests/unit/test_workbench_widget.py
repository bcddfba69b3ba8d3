"""Law: the workbench is a holder of values where nobody looks, and passes over what no page of ours would send."""

import json

import numpy as np
import pytest

import nbkit as nb


@pytest.fixture
def bench():
    return nb.Workbench(nb.networks.rhythm(), nb.Setup(200.0, 0.1))


def send(pane, what, **given):
    pane._receive(pane, {"do": what, **given}, [])


def test_it_works_without_a_page(bench):
    assert "oscillate" in bench.page.story.value
    bench.document.edit(bench.network.with_value("E.tau", 9.0))
    bench.run()
    fresh = nb.simulate(bench.network, 200.0, 0.1)
    np.testing.assert_array_equal(bench.result["E.r"], fresh["E.r"])
    bench.document.undo()
    assert bench.network.value("E.tau") == 8.0


def test_the_panes_hold_plain_values(bench):
    for pane in (bench.page.header, bench.page.canvas, bench.page.inspector):
        json.dumps(pane.state, allow_nan=False)


def test_a_click_is_an_edit(bench):
    send(bench.page.canvas, "select", names=["I"])
    assert bench.page.inspector.state["sections"][0]["title"] == "Population I"
    send(bench.page.inspector, "set_value", path="I.tau", value="7", drag="")
    assert bench.network.value("I.tau") == 7.0
    assert bench.page.header.state["undo"] == "I.tau 8 → 7 ms"
    send(bench.page.header, "undo")
    assert bench.network.value("I.tau") == 8.0
    send(bench.page.header, "set_setup", key="duration", value="100")
    assert bench.document.setup.duration == 100.0
    send(bench.page.canvas, "move", name="E", place=[1e9, -5.0], drag="d")
    assert bench.document.positions["E"] == (360.0, 0.0)
    send(bench.page.canvas, "remove_parts", names=["E->E"])
    assert len(bench.network.projections) == 3


def test_wrong_values_are_told_where_they_belong(bench):
    send(bench.page.inspector, "set_value", path="E.tau", value="-3", drag="")
    assert "Kept 8 ms." in bench.page.inspector.state["problems"]["E.tau"]
    assert bench.page.header.state["chip"] == {"kind": "bad", "words": "1 problem"}
    send(bench.page.inspector, "set_value", path="E.tau", value="8.5", drag="")
    assert bench.page.inspector.state["problems"] == {}
    assert bench.page.header.state["chip"]["kind"] == "ready"


@pytest.mark.parametrize(
    "message",
    [
        {"do": "eval", "code": "1"},
        {"do": "close"},
        {"do": "select"},
        {"do": "set_value", "path": 3, "value": 1},
        {"do": "set_value", "path": "E.tau.low.x", "value": 1},
        {"do": "move", "name": "E", "place": [float("nan"), 1.0]},
        {"do": "move", "name": "E", "place": [1.0]},
        {"do": "connect", "source": "nobody", "target": "E"},
        {"do": "add_population", "model": "nothing"},
        {"do": "add_stimulus", "target": ""},
        {"do": "open_motif", "name": "x"},
        {"do": "look_at", "text": "{}"},
        {"do": "look_at", "text": 3},
        {"do": "open_offered"},
        {"do": "restore", "text": "nbkit1.x"},
        {"do": "share", "kind": "picture"},
        {"do": "predict", "typed": "1"},
        {"do": "check"},
        {"do": "go_to_task", "number": 0},
        {"do": "start_over"},
        {"do": "set_setup", "key": "dtt", "value": "1"},
        {"do": "set_law", "path": 3, "law": "Normal"},
        {"do": "set_law", "path": "E.tau", "law": 3},
        {"do": "rename", "name": 3, "new": None},
        {"do": "go_to", "number": "x"},
        {"do": "go_to", "number": 99},
        {"do": "compute", "part": []},
        {"do": "open_draft", "population": []},
        {"do": "judge_draft", "equations": 3, "new": [1]},
        {"do": "apply_draft"},
        {"do": "wake", "remedy": "a"},
        {"do": "add_motif", "name": "nothing"},
        {"do": "remove_parts", "names": ["nobody"]},
        {"do": 3},
        "text",
        None,
    ],
)
def test_what_no_page_of_ours_would_send_changes_nothing(bench, message):
    before = bench.document.present
    bench.page.canvas._receive(bench.page.canvas, message, [])
    assert bench.document.present is before


def test_what_is_no_network_is_refused():
    with pytest.raises(nb.NbkitError, match="is no network"):
        nb.Workbench("E")
