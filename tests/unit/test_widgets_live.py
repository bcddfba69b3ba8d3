"""Laws of the live view: what runs live is what runs alone, nothing waits for a page, and nothing grows."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import nbkit as nb
from nbkit.errors import NbkitError
from nbkit.widgets.live_memory import COLUMNS, Rolling
from nbkit.widgets.live_presenter import BREATH, FRAME, LivePresenter
from nbkit.widgets.live_views import SheetView, SpaceTimeView, TracesView, choose, make_view

FIELD = nb.Model(
    "field",
    "tau * dr/dt = -r + u\n twice = 2*r",
    states={"r": nb.State(0.0, meaning="rate")},
    inputs={"u": 0.0},
    parameters={"tau": nb.Parameter(10.0, unit="ms", limits=(0.1, 100.0))},
)


def network(size=(4, 6), **keywords):
    population = nb.Population(FIELD, size, initial={"r": nb.Uniform(-1.0, 1.0)}, **keywords)
    return nb.Network(
        {"E": population},
        projections=[nb.Projection("E.r", "E.u", weight=0.01, delay=0.5)],
        stimuli=[nb.Stimulus("E.u", nb.Sine(amplitude=1.0, frequency=20.0))],
    )


class Screen:
    """A screen that writes down what it is told; ``ready`` is what the test says."""

    def __init__(self):
        self.ready = True
        self.pictures, self.running, self.status, self.problems, self.values = [], [], "", [], {}

    def show_picture(self, picture):
        self.pictures.append(picture)

    def show_running(self, *, running):
        self.running.append(running)

    def show_status(self, text):
        self.status = text

    def show_problems(self, lines):
        self.problems = list(lines)

    def show_values(self, values):
        self.values = dict(values)


class Clock:
    """A clock that goes only when told, or by ``cost`` with every step that the simulation makes."""

    def __init__(self):
        self.now, self.cost, self.steps = 100.0, 0.0, lambda: 0

    def __call__(self):
        return self.now + self.cost * self.steps()


class Rig:
    """A presenter with a screen and a clock that the test owns."""

    def __init__(self, net=None, *, speed=10, view=None, dt=0.1, variable=None, cost=0.0):
        self.simulation = nb.Simulation(net or network(), dt)
        name, paths = choose(self.simulation, view, variable)
        self.screen, self.clock = Screen(), Clock()
        self.clock.steps = lambda: round(self.simulation.time / dt)
        self.clock.cost = cost
        self.view = make_view(self.simulation, name, paths, COLUMNS, None)
        self.presenter = LivePresenter(
            self.simulation, self.view, self.screen, speed=speed, values={"E.tau": 10.0}, clock=self.clock
        )

    def ticks(self, count):
        for _ in range(count):
            self.clock.now += self.presenter.tick()


# ------------------------------------------------------------ the clockwork


def test_a_frame_comes_every_so_many_steps_at_the_rate_of_frames():
    rig = Rig(speed=10)
    rig.presenter.run()
    begin = rig.clock()
    rig.ticks(200)  # the first slices are short, until the cost of a step is known
    before, frames, start = rig.presenter.steps, len(rig.screen.pictures), rig.clock()
    rig.ticks(100)
    assert rig.presenter.steps - before == 1000
    assert len(rig.screen.pictures) - frames == 100
    assert rig.clock() - start == pytest.approx(100 * FRAME)
    assert start > begin


def test_a_page_that_does_not_draw_stops_nothing():
    rig = Rig(speed=10)
    rig.screen.ready = False
    first = len(rig.screen.pictures)
    rig.presenter.run()
    rig.ticks(300)
    assert rig.presenter.steps > 2500
    assert len(rig.screen.pictures) == first
    rig.presenter.pause()
    assert rig.screen.pictures[-1].settings["moment"]["text"] == f"t = {rig.simulation.time:.10g} ms"


def test_at_full_speed_nobody_waits_for_frames():
    rig = Rig(speed=None, cost=1e-5)
    rig.presenter.run()
    waits = []
    for _ in range(50):
        waits.append(rig.presenter.tick())
        rig.clock.now += waits[-1]
    assert set(waits) == {BREATH}
    spent = rig.presenter.steps * rig.clock.cost
    assert spent / (spent + 50 * BREATH) > 0.95


@pytest.mark.parametrize("speed", [1000, None])
def test_slow_steps_are_made_a_few_at_a_time(speed):
    rig = Rig(speed=speed, cost=0.0099)
    rig.presenter.run()
    rig.ticks(10)
    before = rig.presenter.steps
    rig.ticks(10)
    assert rig.presenter.steps - before == 30  # three hundredths of a second at a time


def test_a_simulation_that_cannot_keep_pace_is_not_hurried_afterwards():
    rig = Rig(speed=10, cost=0.1)
    rig.presenter.run()
    rig.ticks(100)
    rig.clock.now += 10.0
    rig.clock.cost, late = 0.0, rig.clock()
    rig.clock.now = late + rig.presenter.steps * 0.1
    rig.ticks(100)
    start, steps = rig.clock(), rig.presenter.steps
    rig.ticks(50)
    assert (rig.presenter.steps - steps) / (rig.clock() - start) == pytest.approx(10 / FRAME, rel=0.05)


def test_what_runs_live_is_what_runs_alone():
    for view in ("sheet", "space_time", "traces"):
        rig = Rig(speed=7, view=view)
        rig.presenter.run()
        rig.ticks(40)
        rig.presenter.pause()
        rig.presenter.step(3)
        alone = nb.Simulation(network(), 0.1)
        alone.run(rig.presenter.steps * 0.1)
        assert (alone.state["E.r"].values == rig.simulation.state["E.r"].values).all()


def test_run_and_pause_are_told_once_each():
    rig = Rig()
    rig.presenter.run()
    rig.presenter.run()
    rig.presenter.pause()
    rig.presenter.pause()
    assert rig.screen.running == [True, False]


def test_step_makes_one_frame_or_as_many_steps_as_wanted():
    rig = Rig(speed=10)
    rig.presenter.run()
    rig.presenter.step()
    assert (rig.presenter.running, rig.presenter.steps) == (False, 10)
    rig.presenter.step(250)
    assert rig.presenter.steps == 260
    assert rig.screen.status == "Paused at t = 26 ms"


def test_the_speed_can_change_while_it_runs():
    rig = Rig(speed=10)
    rig.presenter.run()
    rig.ticks(100)
    rig.presenter.speed = 50
    rig.ticks(20)
    before = rig.presenter.steps
    rig.ticks(10)
    assert rig.presenter.steps - before == 500


def test_reset_goes_back_with_the_same_draws_and_keeps_what_was_set():
    rig = Rig()
    start = rig.simulation.state["E.r"].values.copy()
    rig.presenter.change("E.tau", 2.0)
    rig.presenter.step(100)
    rig.presenter.reset()
    assert rig.presenter.steps == 0
    assert (rig.simulation.state["E.r"].values == start).all()
    assert rig.screen.status == "Ready at t = 0 ms"
    rig.presenter.step(5)
    edited = nb.simulate(network().with_value("E.tau", 2.0), 0.5, 0.1, ["E.r"])
    assert np.allclose(rig.simulation.state["E.r"].values[-1], edited["E.r"].values[-1], rtol=1e-14)


def test_a_value_acts_from_the_present_step_on():
    rig = Rig()
    rig.presenter.step(30)
    rig.presenter.change("E.tau", 3.0)
    rig.presenter.step(30)
    alone = nb.Simulation(network(), 0.1)
    alone.run(3.0)
    alone.set("E.tau", 3.0)
    alone.run(3.0)
    assert (alone.state["E.r"].values == rig.simulation.state["E.r"].values).all()
    assert rig.presenter.values == {"E.tau": 3.0}


def test_a_value_that_is_refused_moves_the_slider_back():
    rig = Rig()
    rig.presenter.change("E.tau", -1.0)
    [(told, hint)] = rig.screen.problems
    assert "E.tau" in told
    assert hint.startswith("Try: ")
    assert rig.screen.values == {"E.tau": 10.0}
    assert rig.presenter.values == {"E.tau": 10.0}
    rig.presenter.change("E.tau", 5.0)
    assert rig.screen.problems == []


def runaway():
    model = nb.Model("away", "dx/dt = x**3", states={"x": 1.0}, time_unit="1")
    return nb.Network({"E": nb.Population(model, 3)}, time_unit="1")


def test_numbers_that_run_away_stop_it_in_words():
    rig = Rig(runaway(), speed=100)
    rig.presenter.run()
    rig.ticks(30)
    assert not rig.presenter.running
    assert "E.x" in rig.screen.problems[0][0]
    assert rig.screen.status == "Ready at t = 0 model units"
    assert rig.screen.running == [True, False]
    rig.presenter.step(1)
    assert rig.screen.problems == []
    assert rig.presenter.steps == 1


def test_an_input_that_ends_stops_it_where_it_is():
    stimulus = nb.Stimulus("E.u", nb.Recorded(np.ones(50), dt=0.1))
    rig = Rig(nb.Network({"E": nb.Population(FIELD, 3)}, stimuli=[stimulus]), speed=10)
    rig.presenter.step(40)
    rig.presenter.step(20)
    assert rig.screen.problems
    assert rig.presenter.steps in range(40, 51)
    assert len(rig.screen.pictures[-1].columns["E.r mean"]["x"]) > 40


def test_the_pace_is_measured_against_real_time():
    rig = Rig(speed=10)
    rig.presenter.run()
    rig.ticks(120)
    assert "250 steps a second · 0.025 × real time" in rig.screen.status
    plain = nb.Network(
        {"E": nb.Population(nb.Model("m", "dx/dt = -x", states={"x": 1.0}, time_unit="1"), 2)}, time_unit="1"
    )
    rig = Rig(plain, speed=10)
    rig.presenter.run()
    rig.ticks(120)
    assert "250 steps a second · 25 model units a second" in rig.screen.status


# ------------------------------------------------------------ the views


def test_a_sheet_shows_the_present_state_row_by_row():
    simulation = nb.Simulation(network(), 0.1)
    view = SheetView(simulation, "E.r", None)
    view.advance(25)
    picture = view.picture()
    held = simulation.state["E.r"].values.reshape(4, 6)
    assert np.allclose(picture.columns["image"]["image"][0], held, atol=1e-6)
    assert picture.settings["moment"]["text"] == "t = 2.5 ms"
    assert picture.plan.colour_label == "rate r (dimensionless)"
    assert "at t = 2.5 ms: from" in picture.summary


def test_a_variable_that_is_no_state_is_shown_too():
    simulation = nb.Simulation(network(), 0.1)
    view = SheetView(simulation, "E.twice", None)
    assert np.isnan(view.picture().columns["image"]["image"]).all()
    view.advance(25)
    shown = view.picture().columns["image"]["image"][0]
    assert np.allclose(shown, 2 * simulation.state["E.r"].values.reshape(4, 6), atol=1e-6)
    view.forget()
    assert np.isnan(view.picture().columns["image"]["image"]).all()


def test_colours_are_chosen_or_the_limits_of_the_state_or_grow_with_what_is_shown():
    simulation = nb.Simulation(network(), 0.1)
    assert SheetView(simulation, "E.r", (0.0, 3.0)).picture().settings["colours"] == {"low": 0.0, "high": 3.0}
    view = SheetView(simulation, "E.r", None)
    first = view.picture().settings["colours"]
    view.advance(1000)
    later = view.picture().settings["colours"]
    assert later["low"] <= first["low"] < first["high"] <= later["high"]
    simulation.reset()
    view.forget()
    assert view.picture().settings["colours"] == first
    bounded = nb.Model("b", "dr/dt = -r", states={"r": nb.State(0.5, limits=(0.0, 1.0))}, time_unit="1")
    simulation = nb.Simulation(nb.Network({"E": nb.Population(bounded, (2, 2))}, time_unit="1"), 0.1)
    assert SheetView(simulation, "E.r", None).picture().settings["colours"] == {"low": 0.0, "high": 1.0}


def test_a_space_time_view_holds_the_newest_samples_of_the_run():
    simulation = nb.Simulation(network((30,)), 0.1)
    view = SpaceTimeView(simulation, "E.r", 50, None)
    for steps in (7, 1, 30):
        view.advance(steps)
    image = view.picture().columns["image"]["image"][0]
    alone = nb.simulate(network((30,)), 3.8, 0.1, ["E.r"])["E.r"].values.reshape(39, 30)
    assert image.shape == (30, 50)
    assert np.isnan(image[:, :11]).all()
    assert np.allclose(image[:, 11:], alone.T, atol=1e-6)
    view.advance(500)
    alone = nb.simulate(network((30,)), 53.8, 0.1, ["E.r"])["E.r"].values.reshape(539, 30)
    assert np.allclose(view.picture().columns["image"]["image"][0], alone[-50:].T, atol=1e-6)
    view.forget()
    assert np.isnan(view.picture().columns["image"]["image"]).all()


def test_a_space_time_view_of_a_sheet_is_its_mean_over_y():
    simulation = nb.Simulation(network(), 0.1)
    view = SpaceTimeView(simulation, "E.r", 20, None)
    view.advance(40)
    held = simulation.state["E.r"].values.reshape(4, 6).mean(axis=0)
    picture = view.picture()
    assert np.allclose(picture.columns["image"]["image"][0][:, -1], held, atol=1e-6)
    assert picture.plan.colour_label == "rate r (dimensionless), mean over y"


def test_a_long_window_keeps_every_so_manieth_sample_and_says_so():
    simulation = nb.Simulation(network((5,)), 0.1)
    view = SpaceTimeView(simulation, "E.r", 3 * COLUMNS, None)
    view.advance(300)
    picture = view.picture()
    alone = nb.simulate(network((5,)), 30.0, 0.1, ["E.r"])["E.r"].values.reshape(301, 5)
    assert np.allclose(picture.columns["image"]["image"][0][:, -101:], alone[::3].T, atol=1e-6)
    assert picture.settings["note"]["text"] == "One column for 3 steps"
    assert picture.plan.window[0] == pytest.approx(-0.1 * 3 * COLUMNS)


def test_traces_hold_mean_band_and_a_few_units():
    simulation = nb.Simulation(network((20,)), 0.1)
    view = TracesView(simulation, ["E.r"], 50)
    view.advance(30)
    columns = view.picture().columns
    alone = nb.simulate(network((20,)), 3.0, 0.1, ["E.r"])["E.r"].values.reshape(31, 20)
    assert np.allclose(columns["E.r mean"]["x"], np.arange(31) * 0.1)
    assert np.allclose(columns["E.r mean"]["y"], alone.mean(axis=1))
    assert np.allclose(columns["E.r band"]["low"], alone.min(axis=1))
    assert np.allclose(columns["E.r band"]["high"], alone.max(axis=1))
    assert np.allclose(columns["E.r units"]["ys"], alone[:, columns["E.r units"]["unit"]].T)
    view.advance(100)
    assert view.picture().columns["E.r mean"]["x"][0] == pytest.approx(13.0 - 49 * 0.1)
    assert view.picture().draw() is not None


def test_all_pictures_of_a_view_share_a_plan():
    for view in ("sheet", "space_time", "traces"):
        rig = Rig(view=view)
        rig.presenter.step(40)
        rig.presenter.step(700)
        plans = [picture.plan for picture in rig.screen.pictures]
        assert all(plan == plans[0] for plan in plans)


def test_a_rolling_table_keeps_its_size():
    rolling = Rolling(2, 5)
    rolling.push(np.arange(6.0).reshape(3, 2))
    assert np.isnan(rolling.rows[:2]).all()
    assert rolling.rows[-1].tolist() == [4.0, 5.0]
    rolling.push(np.zeros((0, 2)))
    rolling.push(np.arange(40.0).reshape(20, 2))
    assert rolling.rows.tolist() == np.arange(40.0).reshape(20, 2)[-5:].tolist()


@pytest.mark.parametrize("view", ["sheet", "space_time", "traces"])
def test_an_hour_needs_no_more_memory_than_a_minute(view):
    rig = Rig(network((10, 10)), speed=10, view=view)
    rig.presenter.run()
    rig.screen.pictures = type("Last", (list,), {"append": lambda self, one: self.__setitem__(slice(None), [one])})()
    rig.ticks(80)
    tracemalloc.start()
    try:
        rig.ticks(20)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        rig.ticks(150)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 60_000  # the samples of the steps between take 1.2 MB


# ------------------------------------------------------------ views and variables that nobody chose


def two_populations():
    units = {"E": nb.Population(FIELD, 5), "L": nb.Population(FIELD, (7,)), "S": nb.Population(FIELD, (3, 4))}
    return nb.Simulation(nb.Network(units), 0.1)


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ((None, None), ("sheet", ("S.r",))),
        (("space_time", None), ("space_time", ("L.r",))),
        (("traces", None), ("traces", ("E.r", "L.r", "S.r"))),
        ((None, "L.twice"), ("space_time", ("L.twice",))),
        ((None, "E.r"), ("traces", ("E.r",))),
        ((None, ["E.r", "S.r"]), ("traces", ("E.r", "S.r"))),
        (("space_time", "S.r"), ("space_time", ("S.r",))),
    ],
)
def test_view_and_variable_are_chosen_to_fit(asked, chosen):
    assert choose(two_populations(), *asked) == chosen


@pytest.mark.parametrize(
    ("keywords", "code"),
    [
        ({"view": "movie"}, "unknown-view"),
        ({"variable": "E.q"}, "unknown-variable"),
        ({"view": "sheet"}, "bad-choice"),
        ({"speed": 0}, "bad-choice"),
        ({"speed": 1.5}, "bad-choice"),
        ({"limits": (1, 1)}, "bad-choice"),
        ({"window": 0.1}, "bad-duration"),
        ({"controls": {"E.tau": (5, 2)}}, "empty-range"),
        ({"controls": {"E->E.delay": (0.1, 2.0)}}, "not-settable"),
    ],
)
def test_what_cannot_be_shown_live_is_refused(keywords, code):
    with pytest.raises(NbkitError) as error:
        nb.live(network((6,)), 0.1, **keywords)
    assert error.value.code == code
    assert error.value.hint


def test_a_variable_without_places_has_no_sheet():
    with pytest.raises(NbkitError, match="one variable of a sheet"):
        nb.live(network(5), 0.1, view="sheet")


# ------------------------------------------------------------ the widget


def test_without_a_page_it_holds_its_values_and_steps_when_told():
    show = nb.live(network(), 0.1, controls={"E.tau": (1, 20)}, speed=20)
    assert (show.view, show.running, show.time) == ("sheet", False, 0.0)
    show.step()
    show.step(5)
    assert show.time == pytest.approx(2.5)
    show.sliders["E.tau"].value = 5.0
    assert show.network.value("E.tau") == 5.0
    assert network() == show.simulation.network
    show.speed = 100
    show.step()
    assert show.time == pytest.approx(12.5)
    show.reset()
    assert show.time == 0.0
    assert show.network.value("E.tau") == 5.0
    show.speed = None
    assert show.speed is None
    with pytest.raises(NbkitError, match="is not on the slider"):
        show.speed = 3
    with pytest.raises(NbkitError, match="no number of steps"):
        show.step(0)


def test_a_window_is_a_stretch_of_time():
    show = nb.live(network((6,)), 0.1, window="5 ms")
    assert show.figure.picture.plan.window[0] == pytest.approx(-5.0)


def apart(call):
    """Call in a thread of its own, where no other test keeps an event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result(60)


def test_in_a_plain_script_nothing_keeps_it_going():
    with pytest.raises(NbkitError) as error:
        apart(nb.live(network(), 0.1).run)
    assert error.value.code == "no-event-loop"


def test_on_an_event_loop_it_goes_on_beside_other_work():
    async def some_time():
        show = nb.live(network(), 0.1, speed=None)
        show.run()
        show.run()
        for _ in range(20):
            await asyncio.sleep(0.005)
        assert show.running
        assert show.time > 1.0
        show.pause()
        show.run()  # before the loop has noticed the pause
        assert len([task for task in asyncio.all_tasks() if not task.done()]) == 2  # this one and the one that steps
        show.pause()
        stood = show.time
        await asyncio.sleep(0.05)
        assert show.time == stood
        show.run()
        await asyncio.sleep(0.05)
        assert show.time > stood
        show.close()
        assert not show.running
        await asyncio.sleep(0.01)

    apart(lambda: asyncio.run(some_time()))


def test_the_buttons_do_what_they_say():
    async def some_time():
        show = nb.live(network(), 0.1)
        run, step, reset = (show._panel.buttons[name] for name in ("nbkit-run", "nbkit-step", "nbkit-reset"))
        step.click()
        assert show.time == pytest.approx(1.0)
        run.click()
        assert (show.running, run.description) == (True, "Pause")
        await asyncio.sleep(0.05)
        run.click()
        assert (show.running, run.description) == (False, "Run")
        assert show.time > 1.0
        reset.click()
        assert show.time == 0.0
        await asyncio.sleep(0)

    apart(lambda: asyncio.run(some_time()))


def test_pictures_are_made_only_for_a_page_that_has_drawn_the_last_one():
    show = nb.live(network(), 0.1, speed=1)
    sent = []
    show.figure.send = lambda content, buffers=None: sent.append(content)  # noqa: ARG005
    presenter = show._presenter
    presenter.run()
    for _ in range(40):
        presenter.tick()
    assert sent == []
    assert not show.figure.ready
    show.figure._handle_custom_msg({"type": "want-item", "view": "a"}, [])
    for _ in range(40):
        presenter.tick()
    assert [content["type"] for content in sent] == ["item", "change"]
    assert not show.figure.ready
    show.figure._handle_custom_msg({"type": "ack", "number": sent[-1]["number"]}, [])
    assert show.figure.ready
    for _ in range(40):
        presenter.tick()
    assert [content["type"] for content in sent] == ["item", "change", "change"]
    assert sent[-1]["settings"]["moment"]["text"].startswith("t = ")


def test_a_failure_that_nobody_foresaw_is_shown_and_raised():
    rig = Rig()
    rig.view.advance = lambda steps: 1 / 0  # noqa: ARG005
    rig.presenter.run()
    with pytest.raises(ZeroDivisionError):
        rig.presenter.tick()
    assert not rig.presenter.running
    assert rig.screen.problems == [("ZeroDivisionError: division by zero", "Try: Reset")]


@pytest.mark.parametrize(
    ("where", "bad"),
    [
        ("view", [[], {}, np.ones(2), 3]),
        ("variable", [3, True, np.ones(2), np.array(1.0), {"E.r": 1}, b"E.r"]),
        ("controls", [3, "a", [1], [], np.ones(2), {3: (1, 2)}]),
        ("limits", [3, "ab", [], np.ones((2, 2)), np.array(1.0), (1, 0), (0, np.nan), (0, 10**400)]),
    ],
)
def test_arguments_of_a_wrong_kind_are_refused(where, bad):
    for value in bad:
        with pytest.raises(NbkitError) as error:
            nb.live(network(), 0.1, **{where: value})
        assert error.value.where == where


def test_limits_may_be_an_array():
    assert nb.live(network(), 0.1, limits=np.array([-1.0, 1.0])).view == "sheet"
