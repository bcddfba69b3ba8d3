"""Law: in the live mode a simulation goes on, edits reach it where it stands, and the exported code makes it again."""

import numpy as np
import pytest

import nbkit as nb
from nbkit.errors import NbkitError
from nbkit.plots.picture import Picture
from nbkit.plots.rolling import MARKS, Mark, rolling_picture
from nbkit.widgets.workbench.live_figures import LIVE_FIGURES, fitting, live_picture
from nbkit.widgets.workbench.pace import LAG, Pace
from nbkit.widgets.workbench.presenter import WorkbenchPresenter
from nbkit.widgets.workbench.runner import BUILDING, builds_slowly
from nbkit.widgets.workbench.standing import Standing
from nbkit.widgets.workbench.view import LiveShown
from nbkit.widgets.workbench.window import SAMPLES, Window


class Page:
    """A view that writes down what it is asked to show, a clock that stands, and a list of what waits for its turn."""

    def __init__(self):
        self.now, self.waiting, self.live_ready = 0.0, [], True
        self.frames, self.header, self.problems, self.progress, self.runs = [], None, [], [], []

    def show_drawing(self, drawing, selected):
        pass

    def show_sections(self, sections):
        pass

    def show_health(self, health):
        pass

    def show_header(self, header):
        self.header = header

    def show_run(self, run, before, difference):
        self.runs.append((run, before, difference))

    def show_progress(self, progress):
        self.progress.append(progress)

    def show_problems(self, problems):
        self.problems = list(problems)

    def show_live(self, live):
        self.frames.append(live)

    def show_silence(self, silence):
        pass

    def show_draft(self, draft, judged):
        pass

    def show_computed(self, part, told):
        pass

    def clock(self):
        return self.now

    def schedule(self, callback):
        self.waiting.append(callback)

    def turns(self, count, seconds=0.005):
        """Let time pass, and everybody have a turn."""
        for _ in range(count):
            self.now += seconds
            waiting, self.waiting = self.waiting, []
            for callback in waiting:
                callback()


SETUP = nb.Setup(100.0, 0.1)


def bench(network=None, setup=SETUP, *, live=True):
    """A presenter in the live mode, and its page."""
    page = Page()
    document = nb.Document(nb.networks.rhythm() if network is None else network, setup)
    presenter = WorkbenchPresenter(document, page, page.schedule, page.clock)
    page.turns(3)
    if live:
        presenter.set_mode("live")
    return presenter, page


def replayed(presenter):
    """What the exported code makes."""
    names = {}
    exec(presenter.code(), names)  # noqa: S102  our own export
    return names["ds"]


def require_the_same(window, fresh):
    """The last samples and spikes of a fresh run are those of the window, bit for bit."""
    kept = window.dataset()
    count = kept.sizes["time"]
    assert count > 4
    for name in kept.variables:
        array = kept[name]
        if "time" in array.dims:
            np.testing.assert_array_equal(array, fresh[name].isel(time=slice(-count, None)), strict=True)
        elif str(name).endswith((".spike_time", ".spike_unit")):
            assert array.size
            np.testing.assert_array_equal(array, fresh[name][-array.size :], strict=True)


class TestGoingOn:
    def test_it_begins_at_once_and_keeps_to_its_speed(self):
        presenter, page = bench()
        assert page.header.mode == "live"
        assert page.header.running
        live = presenter.live
        live.set_speed(50.0)
        page.turns(400)
        assert live.standing.simulation.time == pytest.approx(2.0 * 50.0, rel=0.03)
        assert 50 <= len(page.frames) <= 62
        assert page.frames[-1].status.endswith("ms/s")

    def test_the_axis_stands_at_first_and_then_moves(self):
        presenter, page = bench()
        presenter.live.set_speed(100.0)
        page.turns(100)
        assert page.frames[-1].span == (0.0, 100.0)
        page.turns(400)
        begin, end = page.frames[-1].span
        assert end == pytest.approx(presenter.live.standing.simulation.time)
        assert end - begin == pytest.approx(100.0)

    def test_a_pause_stands_and_a_stop_ends(self):
        presenter, page = bench()
        live = presenter.live
        page.turns(100)
        live.pause()
        position = live.standing.position
        page.turns(100)
        assert live.standing.position == position
        assert not page.header.running
        presenter.run()
        page.turns(20)
        assert live.standing.position > position
        presenter.stop()
        assert live.standing.window.kept > 10
        position = live.standing.position
        page.turns(50)
        assert live.standing.position == position
        presenter.run()
        page.turns(20)
        assert 0 < live.standing.position < position

    def test_a_step_is_one_step(self):
        presenter, page = bench()
        page.turns(20)
        presenter.live.pause()
        position = presenter.live.standing.position
        presenter.live.step()
        assert presenter.live.standing.position == position + 1
        assert not page.header.running

    def test_a_reset_goes_back_and_the_values_stay(self):
        presenter, page = bench()
        page.turns(40)
        presenter.set_value("E.tau", 12.0)
        page.turns(40)
        presenter.live.reset()
        assert presenter.live.standing.position == 0
        page.turns(40)
        presenter.live.pause()
        fresh = nb.simulate(presenter.document.network, 100.0, 0.1)
        kept = presenter.live.standing.window.dataset()
        np.testing.assert_array_equal(kept["E.r"], fresh["E.r"][: kept.sizes["time"]])
        require_the_same(presenter.live.standing.window, replayed(presenter))

    def test_nobody_draws_what_nobody_sees(self):
        presenter, page = bench()
        page.live_ready = False
        before = len(page.frames)
        page.turns(100)
        assert len(page.frames) == before
        assert presenter.live.standing.position > 0

    def test_its_memory_is_bounded(self):
        presenter, page = bench(nb.networks.brunel(50))
        presenter.live.set_speed(1000.0)
        page.turns(20)
        window = presenter.live.standing.window
        rows = {path: id(held._held) for path, held in window._rows.items()}
        spikes = []
        for _ in range(20):
            page.turns(8)
            spikes.append(sum(len(stamps) for stamps, _ in window._spikes.values()))
        assert presenter.live.standing.position > 5 * window.steps
        assert {path: id(held._held) for path, held in window._rows.items()} == rows
        assert max(spikes[10:]) < 2 * max(spikes[:10])
        assert window.dataset().sizes["time"] == window.steps + 1

    def test_numbers_that_run_away_are_shown_up_to_that_moment(self):
        grows = nb.Model("grows", "dx/dt = a*x**2", states={"x": 0.1}, parameters={"a": 1.0})
        presenter, page = bench(nb.Network({"G": nb.Population(grows, 1)}))
        presenter.live.set_speed(None)
        page.turns(60)
        assert not page.header.running
        assert page.problems[0].code == "run-not-finite"
        assert 0 < page.frames[-1].stretch.kept < 1001
        presenter.set_value("G.a", 0.1)
        presenter.live.set_speed(100.0)
        presenter.run()
        page.turns(10)
        assert presenter.live.standing.window.first == 0
        presenter.live.pause()
        require_the_same(presenter.live.standing.window, replayed(presenter))

    def test_an_unknown_mode_is_refused_and_a_wrong_speed_passed_over(self):
        presenter, _ = bench()
        with pytest.raises(NbkitError, match="there is no mode 'alive'"):
            presenter.set_mode("alive")
        before = presenter.live._speed
        for wrong in (0, -1.0, "quick", float("nan")):
            presenter.live.set_speed(wrong)
        assert presenter.live._speed == before

    def test_rerun_shows_the_network_as_it_is_now(self):
        presenter, page = bench()
        page.turns(10)
        presenter.set_value("E.tau", 9.0)
        presenter.set_mode("rerun")
        page.turns(10)
        assert presenter.live.standing is None
        assert page.runs[-1][0].revision.network.value("E.tau") == 9.0
        np.testing.assert_array_equal(page.runs[-1][0].result["E.r"], replayed(presenter)["E.r"])


class TestEdits:
    def test_a_value_is_set_at_the_present_step_and_marked(self):
        presenter, page = bench()
        page.turns(100)
        moment = presenter.live.standing.simulation.time
        assert presenter.set_value("E.tau", 12.0)
        page.turns(50)
        assert presenter.live.standing.simulation.time > moment
        assert page.frames[-1].marks == (Mark(moment, moment, "E.tau 8 → 12 ms"),)
        require_the_same(presenter.live.standing.window, replayed(presenter))

    def test_a_drag_is_one_mark_and_the_newest_value_wins(self):
        presenter, page = bench()
        page.turns(100)
        for tau in (8.5, 9.0, 9.5, 10.0):
            presenter.set_value("E.tau", tau, drag="a")
            presenter.set_value("E.tau", tau + 0.1, drag="a")
            page.turns(8)
        (mark,) = presenter.live.standing.marks
        assert mark.words == "E.tau 8 → 10.1 ms"
        assert mark.first < mark.last
        assert [c.value for c in presenter.live.standing._changes] == [8.6, 9.1, 9.6, 10.1]
        page.turns(200)
        presenter.set_value("E.tau", 8.0)
        assert [mark.words for mark in presenter.live.standing.marks] == ["E.tau 8 → 10.1 ms", "E.tau 10.1 → 8 ms"]

    def test_an_undo_is_an_edit_too(self):
        presenter, page = bench()
        page.turns(50)
        presenter.set_value("drive.amplitude", 2.0)
        page.turns(50)
        presenter.undo()
        page.turns(50)
        assert presenter.live.standing.network.value("drive.amplitude") == 1.25
        assert len(presenter.live.standing.marks) == 1 or len(presenter.live.standing.marks) == 2
        require_the_same(presenter.live.standing.window, replayed(presenter))

    @pytest.mark.parametrize(("path", "value"), [("E.size", 40), ("E->I.delay", 2.0), ("E.r.initial", 0.3)])
    def test_what_needs_a_new_simulation_begins_anew_with_a_word(self, path, value):
        presenter, page = bench()
        page.turns(100)
        old = presenter.live.standing
        presenter.set_value(path, value)
        assert presenter.live.standing is not old
        page.turns(20)
        assert page.frames[-1].note.startswith("Began anew at t = 0: E")
        assert page.frames[-1].marks == ()
        assert page.header.running
        require_the_same(presenter.live.standing.window, replayed(presenter))

    def test_another_step_begins_anew_and_another_window_does_not(self):
        presenter, page = bench()
        page.turns(100)
        standing = presenter.live.standing
        presenter.set_setup("duration", 50.0)
        page.turns(100)
        assert presenter.live.standing is standing
        assert page.frames[-1].span[1] - page.frames[-1].span[0] == pytest.approx(50.0)
        require_the_same(standing.window, replayed(presenter))
        presenter.set_setup("dt", 0.05)
        assert presenter.live.standing is not standing

    def test_what_cannot_be_run_leaves_the_last_good_one_going(self):
        presenter, page = bench()
        standing = presenter.live.standing
        assert not presenter.set_value("E.tau", -1)
        page.turns(20)
        assert presenter.live.standing is standing
        assert page.header.running

    def test_an_empty_canvas_waits_for_a_population(self):
        presenter, page = bench(nb.Network({}))
        assert presenter.live.standing is None
        assert not page.header.running
        presenter.add_population(nb.Population(nb.models.wilson_cowan, 4, {}, {"r": 0.1}), "E")
        page.turns(10)
        assert page.header.running
        assert presenter.live.standing.position > 0

    @pytest.mark.parametrize(
        ("network", "path", "values"),
        [
            (nb.networks.rhythm(), "E->I.weight", (14.0, 13.0, 16.0)),
            (nb.networks.brunel(50), "E.tau_m", (15.0, 30.0, 20.5)),
            (nb.networks.moving_bump(8), "spots.amplitude", (0.5, 0.9, 0.8)),
        ],
    )
    def test_the_exported_python_replays_every_set_at_its_step(self, network, path, values):
        presenter, page = bench(network, nb.Setup(60.0, 0.5 if "field" in network.populations else 0.1, seed=3))
        presenter.live.set_speed(200.0)
        page.turns(17)
        for value in values:
            presenter.set_value(path, value)
            page.turns(29)
        presenter.live.pause()
        assert presenter.code().count("sim.set(") == 3
        require_the_same(presenter.live.standing.window, replayed(presenter))

    def test_a_thinned_window_is_replayed_too(self):
        presenter, page = bench(setup=nb.Setup(400.0, 0.05))
        presenter.live.set_speed(1000.0)
        page.turns(60)
        presenter.set_value("E.tau", np.float64(9.0))
        page.turns(61)
        presenter.live.step()
        window = presenter.live.standing.window
        assert window.every == 4
        assert window.dataset().sizes["time"] <= SAMPLES + 1
        require_the_same(window, replayed(presenter))


class TestBuilding:
    def test_a_large_network_says_that_it_is_built_before_it_is(self):
        network = nb.networks.microcircuit(0.1)
        assert builds_slowly(network)
        assert not builds_slowly(nb.networks.rhythm())
        presenter, page = bench(network, nb.Setup(20.0, 0.1), live=False)
        presenter.set_mode("live")
        assert page.progress[-1].words == "building …"
        assert presenter.live.standing is None
        assert page.header.running
        page.turns(12)
        assert presenter.live.standing.position > 0

    def test_what_is_left_while_it_is_built_never_runs(self):
        presenter, page = bench(nb.networks.microcircuit(0.1), nb.Setup(20.0, 0.1))
        presenter.set_mode("rerun")
        presenter.stop()
        page.turns(5)
        assert presenter.live.standing is None
        assert page.frames == []


class TestPace:
    def test_steps_follow_the_clock(self):
        now = [0.0]
        pace = Pace(lambda: now[0])
        pace.rate = 1000.0
        pace.made(1, 1e-6, 0)
        for _ in range(20):
            pace.made(1000, 0.001, 0)
        pace.begin(0)
        now[0] = 0.1
        assert pace.due(0) == 100
        assert pace.due(100) == 0

    def test_what_lags_behind_is_not_caught_up(self):
        now = [0.0]
        pace = Pace(lambda: now[0])
        pace.rate = 1000.0
        for _ in range(20):
            pace.made(1000, 0.001, 0)
        pace.begin(0)
        now[0] = 60.0
        due = pace.due(0)
        assert 0 < due <= LAG * 1000 + 1
        now[0] += 0.01
        assert 0 <= pace.due(due) <= 11

    def test_a_slice_is_short(self):
        pace = Pace(lambda: 0.0)
        assert pace.slice() == 1
        pace.made(1, 0.01, 1)
        assert pace.slice() == 3


class TestPictures:
    @pytest.mark.parametrize(
        ("network", "setup", "names"),
        [
            (nb.networks.rhythm(), nb.Setup(100.0, 0.1), ["Traces", "Heatmap"]),
            (nb.networks.brunel(50), nb.Setup(50.0, 0.1), ["Raster"]),
            (nb.networks.moving_bump(8), nb.Setup(50.0, 0.5), ["Sheet", "Traces", "Heatmap"]),
        ],
    )
    def test_every_picture_moves_without_being_drawn_anew(self, network, setup, names):
        standing = Standing(nb.Document(network, setup).present)
        standing.advance(40)
        assert list(fitting(standing.window.dataset())) == names
        pictures = {name: self._pictures(standing, name) for name in names}
        for name, (early, late) in pictures.items():
            assert early.plan == late.plan, name
            late.draw()
            if LIVE_FIGURES[name][2]:
                assert late.settings["rolling time"]["end"] > early.settings["rolling time"]["end"]

    def _pictures(self, standing, name):
        found = []
        for _ in range(2):
            live = LiveShown(standing.window, standing.span, (), "", "", "", None, (), "")
            found.append(live_picture(name, live, standing.window))
            standing.advance(standing.window.steps + 3)
        return found

    def test_marks_stand_at_their_moments_and_the_oldest_go(self):
        ds = nb.simulate(nb.networks.rhythm(), 20.0, 0.1)
        plain = nb.plots.traces_picture(ds)
        marks = [Mark(float(k), k + 0.5, f"edit {k}") for k in range(MARKS + 3)]
        picture = rolling_picture(plain, (5.0, 25.0), marks)
        assert isinstance(picture, Picture)
        shown = [picture.settings[f"words {place}"]["text"] for place in range(6)]
        assert shown == [f"edit {k}" for k in range(5, 11)]
        assert not picture.settings["words 6"]["visible"]
        assert picture.settings["mark 0 of 0"] == {"visible": True, "left": 5.0, "right": 5.5}
        figure = picture.draw()
        assert (figure.x_range.start, figure.x_range.end) == (5.0, 25.0)
        assert figure.select_one({"name": "words 0"}).text == "edit 5"
        assert "edit 10 at 10.5" in picture.summary

    def test_the_whole_stretch_begins_before_the_first_sample(self):
        sim = nb.Simulation(nb.networks.brunel(50), 0.1)
        window = Window(sim, nb.Setup(20.0, 0.1), 200)
        window.advance(50)
        whole = window.dataset(whole=True)
        assert whole.sizes["time"] == 201
        assert float(whole["time"][0]) == pytest.approx(-15.0)
        assert window.dataset().sizes["time"] == 51
        nb.plots.raster_picture(whole)


class TestPage:
    def test_without_an_event_loop_the_page_of_the_live_mode_works_too(self):
        made = nb.Workbench(nb.networks.rhythm(), SETUP)
        header, bar = made.page.header, made.page.live.bar

        def send(pane, what, **given):
            pane._receive(pane, {"do": what, **given}, [])

        assert header.state["mode"] == "rerun"
        assert made.page.live.box.layout.display == "none"
        send(header, "set_mode", mode="live")
        assert header.state["mode"] == "live"
        assert header.state["running"]
        assert made.page.live.box.layout.display is None
        send(header, "pause")
        made.page.show_progress(BUILDING)
        assert header.state["chip"]["words"] == "building …"
        send(bar, "step")
        assert header.state["chip"]["words"] != "building …"
        assert bar.state["status"].startswith("t = ")
        assert made.page.live.figure is not None
        send(bar, "set_speed", speed=None)
        assert bar.state["speed"] is None
        send(bar, "reset")
        assert bar.state["status"] == "t = 0.0 ms"
        assert made.page.live.figure.layout.visibility == "hidden"
        send(header, "share", kind="python")
        assert "nb.simulate(net" in header.sharing["given"]["text"]
        send(header, "set_mode", mode="nothing")
        assert header.state["mode"] == "live"
        send(header, "set_mode", mode="rerun")
        assert made.page.live.box.layout.display == "none"
        np.testing.assert_array_equal(made.result["E.r"], nb.simulate(made.network, 100.0, 0.1)["E.r"])
