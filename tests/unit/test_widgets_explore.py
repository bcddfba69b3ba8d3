"""Laws of explore: a slider is an edit and a run, with or without a page; ranges that make no sense are refused."""

from __future__ import annotations

import html
import re

import ipywidgets
import nbformat
import numpy as np
import papermill
import pytest
import xarray as xr

import nbkit as nb
from nbkit.errors import NbkitError, fail
from nbkit.plots import Picture
from nbkit.study.ready import delays
from nbkit.widgets import SliderNames
from nbkit.widgets.controls import controls, decimals, round_step
from nbkit.widgets.explorer import VIEWS


@pytest.fixture
def net():
    exc = nb.Population(nb.models.wilson_cowan, 10, initial={"r": 0.5}, parameters={"theta": nb.Uniform(1, 3)})
    weight = np.linspace(0, 1, 100).reshape(10, 10)
    return nb.Network({"E": exc}, projections=[nb.Projection("E.r", "E.r_in", weight=weight)])


def explore(net, ranges, **more):
    return nb.explore(net, ranges, duration=20.0, dt=0.1, **more)


def text_of(widget):
    """All text that a widget shows."""
    inside = "".join(text_of(child) for child in getattr(widget, "children", ()))
    own = widget.value if isinstance(widget, ipywidgets.HTML) else ""
    return inside + html.unescape(re.sub(r"<[^>]+>", "", own)) + " "


def test_a_slider_edits_the_network_and_runs_it(net):
    panel = explore(net, {"E.tau": (1, 20), "E->E.gain": (0, 4)})
    panel.sliders["E.tau"].value = 5.0
    panel.sliders["E->E.gain"].value = 2.0
    edited = net.with_value("E.tau", 5.0).with_value("E->E.gain", 2.0)
    assert panel.network == edited
    expected = nb.simulate(edited, duration=20.0, dt=0.1)
    assert (panel.result["E.r"] == expected["E.r"]).all()
    assert net.value("E.tau") == 10.0


def test_the_figure_follows_and_keeps_the_start_behind(net):
    panel = explore(net, {"E.tau": (1, 20)})
    before = panel.result["E.r"].mean("E.unit")
    panel.sliders["E.tau"].value = 2.0
    columns = panel.figure.picture.columns
    assert np.allclose(columns["E.r mean"]["y"], panel.result["E.r"].mean("E.unit"))
    assert np.allclose(columns["E.r compare 0"]["y"], before)
    assert not np.allclose(columns["E.r mean"]["y"], before)


def test_the_heat_map_follows_too(net):
    panel = explore(net, {"E.tau": (1, 20)}, view="heatmap")
    first = panel.figure.picture
    panel.sliders["E.tau"].value = 2.0
    assert isinstance(panel.figure.picture, Picture)
    assert panel.figure.picture.plan == first.plan
    assert (panel.figure.picture.columns["image"]["image"] != first.columns["image"]["image"]).any()


def test_reset_returns_everything(net):
    panel = explore(net, {"E.tau": (1, 20), "E.theta.low": (0, 3)})
    first = panel.result
    panel.sliders["E.tau"].value = 5.0
    panel.sliders["E.theta.low"].value = 2.0
    panel.reset()
    assert (panel.sliders["E.tau"].value, panel.sliders["E.theta.low"].value) == (10.0, 1.0)
    assert panel.network == net
    assert (panel.result["E.r"] == first["E.r"]).all()


def test_moving_all_sliders_back_is_one_run(net, monkeypatch):
    runs = []

    def counted(network, **setup):
        runs.append(network)
        return nb.simulate(network, **setup)

    monkeypatch.setattr("nbkit.widgets.explorer.simulate", counted)
    panel = explore(net, {"E.tau": (1, 20), "E.k": (0, 2)})
    panel.sliders["E.tau"].value = 5.0
    panel.sliders["E.k"].value = 2.0
    panel.reset()
    assert len(runs) == 4


def test_the_reset_button_resets(net):
    panel = explore(net, {"E.tau": (1, 20)})
    panel.sliders["E.tau"].value = 5.0
    panel._panel.reset.click()
    assert panel.network.value("E.tau") == 10.0


def test_a_slider_is_labelled_with_symbol_meaning_owner_and_unit(net):
    panel = explore(net, {"E.tau": (1, 20), "E->E.gain": (0, 4)})
    shown = " ".join(text_of(panel).split())
    assert "τ time constant of E ms" in shown
    assert "gain of E→E" in shown
    assert "ms per run · 200 steps" in shown


def test_a_slider_has_a_spoken_name_and_its_arrow_keys():
    slider = ipywidgets.FloatSlider()
    names = SliderNames({"time constant": slider})
    [(selector, attributes)] = names.marks.items()
    assert attributes == {"aria-label": "time constant", "data-lm-suppress-shortcuts": "true"}
    assert selector.removesuffix(" .noUi-handle").removeprefix(".") in slider._dom_classes


def test_a_failing_run_is_explained_and_the_picture_stays(net):
    panel = explore(net, {"E.tau": (-5, 20)})
    good = panel.figure.picture
    panel.sliders["E.tau"].value = -3.0
    shown = text_of(panel)
    assert "E.tau" in shown
    assert "Try:" in shown
    assert "last good one" in shown
    assert panel.figure.picture is good
    panel.sliders["E.tau"].value = 3.0
    assert "Try:" not in text_of(panel)
    assert panel.figure.picture is not good


def test_what_is_shown_is_escaped(net):
    panel = explore(net, {"E.tau": (1, 20)})
    panel._panel.show_problems([("<script>alert(1)</script>", "<b>")])
    assert "<script>" not in panel._panel.problems.value
    assert "&lt;script&gt;" in panel._panel.problems.value


def test_a_size_stays_whole(net):
    one = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 10)})
    panel = explore(one, {"E.size": (1, 50)})
    assert panel.sliders["E.size"].step == 1
    panel.sliders["E.size"].value = 20
    assert panel.network.populations["E"].size == 20
    assert panel.result.sizes["E.unit"] == 20


def test_all_ranges_that_make_no_sense_are_refused_together(net):
    with pytest.raises(nb.NbkitError) as error:
        explore(
            net,
            {
                "E.theta": (0, 5),
                "E->E.weight": (0, 1),
                "E.tua": (1, 2),
                "E.tau": (20, 30),
                "E.k": (2, 1),
                "E.s": (0, 2, 5),
                "E->E.gain": 3,
            },
        )
    found = {problem.where: (problem.code, f"{problem.what} {problem.hint}") for problem in error.value.problems}
    assert {where: code for where, (code, _) in found.items()} == {
        "E.theta": "not-a-number",
        "E->E.weight": "not-a-number",
        "E.tua": "unknown-path",
        "E.tau": "outside-limits",
        "E.k": "empty-range",
        "E.s": "empty-range",
        "E->E.gain": "empty-range",
    }
    assert "'E.theta.low' or 'E.theta.high'" in found["E.theta"][1]
    assert "a law, Uniform" in found["E.theta"][1]
    assert "'E->E.gain'" in found["E->E.weight"][1]
    assert "an array" in found["E->E.weight"][1]
    assert "E.tau" in found["E.tua"][1]
    assert "(10, 30)" in found["E.tau"][1]


def test_an_unknown_view_is_refused_with_the_nearest(net):
    with pytest.raises(nb.NbkitError) as error:
        explore(net, {"E.tau": (1, 20)}, view="heat-map")
    assert error.value.code == "unknown-view"
    assert "did you mean 'heatmap'" in error.value.hint


def test_a_heat_map_of_chosen_units_is_refused(net):
    with pytest.raises(nb.NbkitError, match="all recorded units"):
        explore(net, {"E.tau": (1, 20)}, view="heatmap", units=[0, 1])


def test_a_network_that_cannot_run_is_refused_at_once(net):
    with pytest.raises(nb.NbkitError):
        explore(net.with_value("E.tau", -1.0), {"E->E.gain": (0, 4)})


@pytest.mark.parametrize(
    ("low", "high", "value", "step"),
    [
        (1, 20, 10, 0.2),
        (0, 1, 0.5, 0.01),
        (0.1, 100, 10, 0.1),
        (0, 10, 2, 0.1),
        (-80, -40, -65, 0.5),
        (0, 1e-3, 0, 1e-5),
    ],
)
def test_steps_are_round_and_meet_the_present_value(low, high, value, step):
    assert round_step(low, high, value) == step
    assert abs((value - low) / step - round((value - low) / step)) < 1e-6


@pytest.mark.parametrize(("step", "digits"), [(1.0, 0), (0.5, 1), (0.02, 2), (0.25, 2), (10.0, 0)])
def test_a_number_shows_the_digits_of_its_step(step, digits):
    assert decimals(step) == digits


def test_a_chosen_step_is_kept(net):
    [control] = controls(net, {"E.tau": (1, 20, 0.5)})
    assert (control.low, control.high, control.step, control.start) == (1.0, 20.0, 0.5, 10.0)
    assert control.symbol == ("τ", "")
    assert control.spoken == "E.tau, time constant of E, in ms"


@pytest.mark.filterwarnings("ignore:Kernel is running over TCP:UserWarning")
def test_explore_works_in_a_notebook_that_nobody_looks_at(tmp_path):
    code = """
import nbkit as nb
net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 5, initial={"r": 0.5})})
panel = nb.explore(net, {"E.tau": (1, 20)}, duration=20.0, dt=0.1)
display(panel)
panel.sliders["E.tau"].value = 5.0
assert panel.network.value("E.tau") == 5.0
print(float(panel.result["E.r"][-1].mean()))
"""
    source, done = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), source)
    papermill.execute_notebook(source, done, kernel_name="python3", progress_bar=False)
    outputs = nbformat.read(done, 4).cells[-1].outputs
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in outputs)
    assert done.stat().st_size < 100_000


@pytest.mark.parametrize(
    ("view", "words"), [("sheet", "Sheet of E.r: 3 × 4"), ("space_time", "Space-time plot of E.r")]
)
def test_units_with_places_have_views_of_space(view, words):
    values = np.random.default_rng(0).random((21, 3, 4))
    dims = ("time", "E.grid_y", "E.grid_x")
    places = {"time": np.arange(21.0), "E.grid_y": (np.arange(3) + 0.5) / 4, "E.grid_x": (np.arange(4) + 0.5) / 4}
    ds = xr.Dataset({"E.r": (dims, values)}, places)
    assert VIEWS[view](ds, ds, None, []).summary.startswith(words)
    with pytest.raises(NbkitError, match="shows all recorded units"):
        VIEWS[view](ds, ds, [0], [])


def loop(delay):
    feedback = nb.Projection("I.r", "I.u", weight=-2.0, weight_is="total", delay=delay)
    return nb.Network({"I": nb.Population(nb.models.leaky_integrator_tanh, 2, {}, {"x": 0.1})}, [feedback])


def told_by(panel):
    """The words of the card below the figure of a panel."""
    card = panel.figure.picture.settings["predictions"]["text"]
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", card)).split())


def test_theory_is_asked_anew_for_every_network_and_held_beside_its_run():
    theory = [delays.feedback_rest, delays.feedback_period(loop(16.0))]
    panel = nb.explore(
        loop(8.0), {"I->I.delay": (1.0, 30.0)}, duration=400.0, dt=0.1, record=["I.x"], predictions=theory
    )
    rest, period = panel.checks
    assert rest.holds
    assert period.measured is None
    assert "no rhythm" in period.reason
    assert "no value" in told_by(panel)
    for delay in (16.0, 20.0):
        panel.sliders["I->I.delay"].value = delay
        rest, period = panel.checks
        assert period.holds
        assert not rest.holds
        assert period.prediction.value == delays.feedback_period(loop(delay)).value
        assert f"{period.measured:.4g} ms measured, {period.prediction.value:.4g} ms predicted" in told_by(panel)
    panel.reset()
    assert panel.checks[0].holds


def test_a_theory_that_does_not_hold_keeps_what_was_measured():
    def wrong(_network):
        return nb.Prediction("End", 3.0, measure=lambda ds: float(ds["I.x"][-1, 0]))

    panel = nb.explore(loop(8.0), {"I->I.delay": (1.0, 30.0)}, duration=40.0, dt=0.1, predictions=[wrong])
    [check] = panel.checks
    assert not check.holds
    assert check.measured == float(panel.result["I.x"][-1, 0])
    assert "✗" in told_by(panel)


def test_a_theory_that_fails_says_so_and_the_run_is_shown(net):
    def picky(network):
        if network.value("E.tau") < 5:
            raise fail("bad-value", "E.tau", "too short for this theory")
        return nb.Prediction("Level", 0.5, quantity="level", of="E.r", rtol=1.0)

    panel = explore(net, {"E.tau": (1, 20)}, predictions=[picky])
    panel.sliders["E.tau"].value = 2.0
    assert (panel.result["E.r"] == nb.simulate(panel.network, duration=20.0, dt=0.1)["E.r"]).all()
    assert panel.checks[0].prediction.value is None
    assert "its theory fails here: E.tau too short for this theory" in told_by(panel)
    panel.sliders["E.tau"].value = 6.0
    assert "Level 0.5" in told_by(panel)
    assert panel.checks[0].reason == "nothing is measured for it"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (delays.feedback_rest, "no list of theories"),
        ([nb.Prediction("Period", 40.0), 3], r"predictions\[0\].*(.|\n)*predictions\[1\]"),
        ([lambda _network: 3.0], "no prediction"),
    ],
)
def test_what_is_no_theory_is_refused(given, words):
    with pytest.raises(NbkitError, match=words) as error:
        nb.explore(loop(8.0), {"I->I.delay": (1.0, 30.0)}, duration=40.0, dt=0.1, predictions=given)
    assert error.value.code == "bad-type"


def test_a_view_without_a_card_refuses_predictions(net):
    with pytest.raises(NbkitError, match="tells no predictions"):
        explore(net, {"E.tau": (1, 20)}, view="heatmap", predictions=[lambda _network: nb.Prediction("x", 1.0)])


def test_a_stimulus_goes_by_its_name_in_the_words_of_its_sliders():
    unit = nb.Population(nb.models.fitzhugh_nagumo, 1)
    steps = [nb.Stimulus("N.I_ext", nb.Step(0.1), name="current"), nb.Stimulus("N.I_ext", nb.Step(0.2))]
    for stimulus, words in zip(steps, ("of current", "of the step onto N.I_ext"), strict=True):
        one = nb.Network({"N": unit}, stimuli=[stimulus], time_unit="1")
        path = next(path for path in one.paths() if path.endswith(".amplitude"))
        assert controls(one, {path: (0, 1)})[0].words == words
