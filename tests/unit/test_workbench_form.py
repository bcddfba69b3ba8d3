"""Law: a teacher decides what may be changed; everything else is told, stays as it is, and says why."""

import pytest

import nbkit as nb
from nbkit.errors import NbkitError

NET, SETUP = nb.networks.rhythm(), nb.Setup(100.0, 0.1)


def send(bench, what, **given):
    bench.page.header._receive(bench.page.header, {"do": what, **given}, [])


def sections(bench):
    return bench.page.inspector.state["sections"]


def problems(bench):
    return bench.page.inspector.state["problems"]


def rows(bench):
    return {row["path"]: row for section in sections(bench) for row in section["rows"]}


@pytest.fixture
def bench():
    return nb.Workbench(NET, SETUP, show=["E.tau", "*.delay"], figures=["Traces"], lock=True)


def test_only_the_shown_values_are_sliders_and_the_others_are_told(bench):
    sliders = [path for path, row in rows(bench).items() if row["value"] is not None]
    assert sliders == ["E.tau", "E->E.delay", "I->E.delay", "E->I.delay", "I->I.delay"]
    fixed = rows(bench)["E.theta"]
    assert (fixed["value"], fixed["told"]) == (None, "4")
    about = {section["title"]: section["about"] for section in sections(bench)}
    assert about["Population E"] == "wilson cowan · fixed by your teacher"
    send(bench, "select", names=["I"])
    assert rows(bench)["I.tau"]["told"] == "8 ms"
    assert rows(bench)["E.tau"]["value"] == 8.0


def test_a_number_of_a_law_or_a_value_without_a_row_can_be_left_open():
    net = NET.with_value("E.tau", nb.Uniform(6.0, 10.0))
    bench = nb.Workbench(net, SETUP, show=["E.tau.low", "E->I.gain"])
    assert rows(bench)["E->I.gain"]["value"] == 1.0
    assert bench.document.edit(net.with_value("E.tau.low", 7.0))


def test_fixed_values_cannot_be_changed_by_page_or_code(bench):
    send(bench, "set_value", path="E.theta", value="5")
    assert "fixed by your teacher" in problems(bench)["E.theta"]
    send(bench, "set_value", path="E.tau", value="9")
    assert (bench.network.value("E.theta"), bench.network.value("E.tau")) == (4.0, 9.0)
    with pytest.raises(NbkitError, match="fixed by your teacher") as told:
        bench.document.edit(NET.with_value("E.theta", 5.0).with_value("I.s", 3.0))
    assert [(p.code, p.where) for p in told.value.problems] == [("locked", "E.theta"), ("locked", "I.s")]


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("add_population", {"model": "lif"}),
        ("add_stimulus", {"target": "E"}),
        ("connect", {"source": "E", "target": "I"}),
        ("remove_parts", {"names": ["E->E"]}),
        ("duplicate", {}),
        ("open_motif", {"name": "blank"}),
        ("restore", {"text": nb.networks.moving_bump().to_link()}),
    ],
)
def test_locked_parts_stay(bench, what, given):
    send(bench, what, **given)
    assert bench.network == NET
    assert bench.document.number == 0


def test_a_lock_alone_leaves_the_values_open_and_no_lock_the_parts():
    locked = nb.Workbench(NET, SETUP, lock=True)
    assert locked.document.edit(NET.with_value("E.theta", 5.0))
    with pytest.raises(NbkitError, match="fixed by your teacher"):
        locked.document.edit(nb.Network({}))
    shown = nb.Workbench(NET, SETUP, show=["E.tau"])
    send(shown, "add_population", model="lif")
    assert "N" in shown.network.populations
    send(shown, "set_value", path="N.size", value="7")
    assert shown.network.value("N.size") == 7
    plain = nb.Workbench(NET, SETUP)
    assert plain.document.edit(nb.networks.moving_bump())


def test_the_teacher_s_figures_are_the_only_ones(bench):
    assert [name for name, _ in bench.page.figures.bar.state["tabs"]] == ["Traces"]
    assert "none of these figures" not in bench.page.story.value
    none = nb.Workbench(NET, SETUP, figures=["Raster"])
    assert "Raster: none of these figures can show this network" in none.page.story.value


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(NbkitError) as told:
        nb.Workbench(NET, 3, show=["E.tua", "*.dleay"], figures=["Trace"], lock=1, task="t", autosave=7)
    assert [p.where for p in told.value.problems] == [
        "task", "autosave", "setup", "show", "show", "figures", "lock",
    ]  # fmt: skip
    assert "did you mean 'E.tau'" in str(told.value)
    assert "did you mean 'Traces'" in str(told.value)
    with pytest.raises(NbkitError, match="no list of names"):
        nb.Workbench(NET, show="E.tau")
