"""Law: what a user does at the workbench is an edit, every edit can be taken back, and what is shown is what ran."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import nbkit as nb
from nbkit.study.checkups.finding import Remedy
from nbkit.widgets.workbench.drawing import HEIGHT, WIDTH, draw
from nbkit.widgets.workbench.inspector import inspect
from nbkit.widgets.workbench.presenter import WorkbenchPresenter
from nbkit.widgets.workbench.rows import row_of, slider_range
from nbkit.widgets.workbench.runner import Ears, Runner
from nbkit.widgets.workbench.wiring import connection, drives, free_name, parts_of, ports, sign_of


class Page:
    """A view that writes down what it is asked to show, and a list of what waits for its turn."""

    def __init__(self):
        self.drawing = self.selected = self.sections = self.header = self.run = None
        self.before, self.difference, self.problems, self.asked, self.progress = None, "", [], None, []
        self.runs, self.waiting = 0, []
        self.silence = self.draft = self.judged = None
        self.computed, self.verdicts = {}, []

    def show_drawing(self, drawing, selected):
        self.drawing, self.selected = drawing, selected

    def show_sections(self, sections):
        self.sections = sections

    def show_header(self, header):
        self.header = header

    def show_health(self, health):
        self.health = health

    def show_run(self, run, before, difference):
        self.run, self.before, self.difference = run, before, difference
        self.runs += 1

    def show_progress(self, progress):
        self.progress.append(progress)

    def show_problems(self, problems):
        self.problems = list(problems)

    def ask_port(self, source, target, choices):
        self.asked = (source, target, choices)

    def show_silence(self, silence):
        self.silence = silence

    def show_draft(self, draft, judged):
        self.draft, self.judged = draft, judged

    def show_computed(self, part, told):
        self.computed[part] = told

    def show_verdict(self, words):
        self.verdicts.append(words)

    def schedule(self, callback):
        self.waiting.append(callback)

    def turn(self):
        waiting, self.waiting = self.waiting, []
        for callback in waiting:
            callback()


SETUP = nb.Setup(200.0, 0.1)


def bench(network=None, setup=SETUP, *, in_turns=False, **keywords):
    """A presenter and its page; runs end at once, or go on with ``page.turn()``."""
    page = Page()
    document = nb.Document(nb.networks.rhythm() if network is None else network, setup)
    schedule = page.schedule if in_turns else lambda callback: callback()
    return WorkbenchPresenter(document, page, schedule, **keywords), page


class TestEdits:
    def test_it_begins_with_a_run_and_the_first_population(self):
        _, page = bench()
        assert page.run.story.courses["E"].kind == "rhythm"
        assert page.selected == ("E",)
        assert page.sections[0].title == "Population E"
        assert page.header.undo == page.header.redo == ""
        assert page.before is None

    def test_a_value_is_taken_run_and_compared(self):
        presenter, page = bench(setup=nb.Setup(800.0, 0.02), clock=lambda: 0.0)
        assert presenter.set_value("E->I.delay", 2.0)
        assert page.run.revision.network.value("E->I.delay") == 2.0
        assert page.header.undo == "E->I.delay 0 → 2 ms"
        assert page.difference.startswith("E->I.delay 0 → 2 ms: period 40.5 → ")
        assert page.before.revision.network == nb.networks.rhythm()

    def test_the_picture_is_that_of_a_fresh_run_of_the_exported_code(self):
        presenter, page = bench()
        presenter.set_value("E.tau", 9.5)
        presenter.set_value("drive.amplitude", "1,5")
        names = {}
        exec(presenter.document.network.to_code(), names)  # noqa: S102  our own export
        fresh = nb.simulate(names["net"], **presenter.document.setup.keywords())
        np.testing.assert_array_equal(page.run.result["E.r"], fresh["E.r"])

    def test_a_drag_is_one_edit(self):
        presenter, page = bench()
        for tau in (8.5, 9.0, 9.5):
            presenter.set_value("E.tau", tau, drag="a")
        assert page.header.undo == "E.tau 8 → 9.5 ms"
        presenter.undo()
        assert presenter.document.network == nb.networks.rhythm()
        assert page.header.redo == "E.tau 8 → 9.5 ms"
        presenter.redo()
        assert page.run.revision.network.value("E.tau") == 9.5

    @pytest.mark.parametrize("wrong", ["abc", -1, float("nan"), "", None, "1e999"])
    def test_a_wrong_value_is_told_and_the_last_good_one_kept(self, wrong):
        presenter, page = bench()
        assert not presenter.set_value("E.tau", wrong)
        assert presenter.document.network == nb.networks.rhythm()
        assert page.problems[0].where == "E.tau"
        assert page.problems[0].what.endswith("Kept 8 ms.")
        assert page.runs == 1
        assert presenter.set_value("E.tau", 9.0)
        assert page.problems == []

    def test_a_size_over_the_memory_is_refused_before_anything_is_built(self):
        presenter, page = bench()
        assert not presenter.set_value("E.size", 10**9)
        assert page.problems[0].code == "too-much-memory"
        assert page.problems[0].what.endswith("Kept 80.")
        assert presenter.document.network.value("E.size") == 80

    def test_several_selected_parts_share_a_value(self):
        presenter, _ = bench()
        presenter.select(["E->I", "I->E"])
        presenter.set_value("E->I.delay", 2.0)
        assert presenter.document.network.value("I->E.delay") == 2.0
        presenter.set_value("drive.amplitude", 1.0)
        assert presenter.document.network.value("drive.amplitude") == 1.0

    def test_a_size_is_whole(self):
        presenter, page = bench()
        presenter.set_value("E.size", "320")
        assert presenter.document.network.populations["E"].size == 320
        assert page.header.undo == "E: 80 → 320 units"

    def test_moving_a_part_runs_nothing(self):
        presenter, page = bench()
        presenter.move({"E": (10.0, 20.0)})
        assert page.runs == 1
        assert next(n for n in page.drawing.nodes if n.name == "E").place == (10.0, 20.0)
        presenter.undo()
        assert page.runs == 1

    def test_from_nothing_to_two_coupled_populations(self):
        presenter, page = bench(nb.Network({}))
        assert page.runs == 0
        unit = nb.Population(nb.models.wilson_cowan, 10, {}, {"r": 0.1})
        assert presenter.add_population(unit, "E") == "E"
        assert presenter.add_population(unit, "E") == "E2"
        assert presenter.connect("E", "E2") == "E->E2"
        assert presenter.add_stimulus("E") == "E.r_ext"
        assert page.selected == ("E.r_ext",)
        assert page.run.revision.network.check() == []
        assert {a.name for a in page.drawing.arrows} == {"E->E2", "E.r_ext"}
        for _ in range(4):
            presenter.undo()
        assert dict(presenter.document.network.populations) == {}
        for _ in range(4):
            presenter.redo()
        assert len(presenter.document.network.projections) == 1

    def test_what_is_removed_takes_its_arrows_along(self):
        presenter, page = bench()
        presenter.select(["I"])
        presenter.remove()
        assert [p.name for p in presenter.document.network.projections] == ["E->E"]
        assert page.selected == ()
        presenter.remove()
        assert page.header.undo.startswith("population I removed")

    def test_copies_have_names_of_their_own(self):
        presenter, page = bench()
        presenter.select(["E", "I", "E->I"])
        presenter.duplicate()
        assert list(presenter.document.network.populations) == ["E", "I", "E2", "I2"]
        assert page.selected == ("E2", "I2")

    def test_it_asks_where_an_arrow_may_mean_several_things(self):
        two = nb.Model("two", "dx/dt = -x + a + b", states={"x": 0.0}, inputs={"a": 0.0, "b": 0.0})
        presenter, page = bench(nb.Network({"A": nb.Population(two, 1), "B": nb.Population(two, 1)}))
        assert presenter.connect("A", "B") == ""
        assert [p.words for p in page.asked[2]] == ["x → a", "x → b"]
        assert presenter.connect("A", "B", page.asked[2][1]) == "A->B"
        assert presenter.document.network.projections[0].target == "B.b"

    def test_setup_is_edited_and_checked(self):
        presenter, page = bench()
        assert presenter.set_setup("dt", 0.05)
        assert page.run.result.attrs["dt"] == 0.05
        assert not presenter.set_setup("precision", "float16")
        assert page.problems[0].where == "Setup.precision"
        assert presenter.document.setup.dt == 0.05

    def test_a_step_off_the_grid_is_told_and_the_picture_kept(self):
        presenter, page = bench(nb.networks.rhythm(delay=2.0))
        presenter.set_setup("dt", 0.3)
        assert page.problems
        assert page.runs == 1
        presenter.undo()
        assert page.header.redo == "dt 0.1 → 0.3"


class TestHealth:
    def test_a_false_rhythm_is_warned_of_and_its_remedy_removes_it(self):
        presenter, page = bench(nb.networks.rhythm(drive=2.0), nb.Setup(400.0, 0.1))
        assert page.run.story.courses["E"].kind == "rhythm"
        assert page.health.findings[0].code == "false-rhythm"
        presenter.apply_remedy(0)
        assert presenter.document.setup.dt < 0.06
        assert page.run.story.courses["E"].kind != "rhythm"
        assert "false-rhythm" not in [f.code for f in page.health.findings]
        presenter.undo()
        assert presenter.document.setup.dt == 0.1

    def test_a_remedy_that_is_not_there_is_refused(self):
        presenter, _ = bench()
        for finding, remedy in ((0, 0), (-1, 0), (99, 0)):
            with pytest.raises(nb.NbkitError, match="not among what was found"):
                presenter.apply_remedy(finding, remedy)

    def test_a_remedy_of_words_alone_is_no_edit(self):
        presenter, _ = bench(nb.networks.rhythm(delay=2.0), nb.Setup(200.0, 0.1))
        found = nb.health(presenter.document.network, dt=0.3, duration=200.1)
        presenter.health = replace(found, findings=(replace(found.findings[0], remedies=(Remedy("ask"),)),))
        before = presenter.document.number
        with pytest.raises(nb.NbkitError, match="'ask' is yours to do"):
            presenter.apply_remedy(0)
        assert presenter.document.number == before

    def test_theory_knows_where_it_does_not_apply(self):
        without, delayed = (
            bench(nb.networks.rhythm(delay=d), nb.Setup(200.0, 0.02))[0].predictions() for d in (0.0, 2.0)
        )
        period = next(p for p in without if p.name == "Period of the rhythm")
        assert period.value == pytest.approx(40.0, rel=0.01)
        late = next(p for p in delayed if p.name == "Period of the rhythm")
        assert late.value is None
        assert "delays of 2 ms" in str(late)

    def test_an_empty_canvas_has_no_health(self):
        _, page = bench(nb.Network({}))
        assert page.health is None


class TestRunning:
    def test_a_slow_run_waits_to_be_asked_for(self):
        now = [0.0]

        def clock():
            now[0] += 1.5
            return now[0]

        presenter, page = bench(in_turns=True, clock=clock)
        while page.waiting:
            page.turn()
        assert page.runs == 1
        assert not page.header.follows
        presenter.set_value("E.tau", 9.0)
        assert page.runs == 1
        presenter.run()
        while page.waiting:
            page.turn()
        assert page.runs == 2
        assert page.run.revision.network.value("E.tau") == 9.0

    def test_pieces_together_are_the_run(self):
        net = nb.networks.brunel(50)
        seen = []
        page = Page()
        runner = Runner(page.schedule)
        runner.start(net, nb.Setup(60.0, 0.1, seed=3), Ears(page.progress.append, lambda *a: seen.append(a), None))
        while page.waiting:
            page.turn()
        assert len(page.progress) >= 1
        assert page.progress[-1].of == 600
        ((result, whole),) = seen
        assert whole
        fresh = nb.simulate(net, 60.0, 0.1, seed=3)
        for name in fresh.variables:
            np.testing.assert_array_equal(result[name], fresh[name])
            assert result[name].dtype == fresh[name].dtype

    def test_a_stopped_run_keeps_what_there_is(self):
        presenter, page = bench(nb.networks.brunel(50), nb.Setup(100_000.0, 0.1), in_turns=True)
        page.turn()
        assert page.header.running
        presenter.stop()
        page.turn()
        assert not page.header.running
        assert not page.run.whole
        assert 0 < float(page.run.result["time"][-1]) < 100_000.0

    def test_a_new_run_ends_the_old_one(self):
        seen = []
        page = Page()
        runner = Runner(page.schedule)
        for tau in (8.0, 9.0):
            net = nb.networks.rhythm().with_value("E.tau", tau)
            runner.start(net, SETUP, Ears(page.progress.append, lambda *_, tau=tau: seen.append(tau), None))
        while page.waiting:
            page.turn()
        assert seen == [9.0]

    def test_a_run_that_leaves_the_finite_numbers_shows_what_there_was(self):
        grows = nb.Model("grows", "dx/dt = x**2", states={"x": 0.1})
        presenter, page = bench(nb.Network({"G": nb.Population(grows, 1)}), nb.Setup(100.0, 0.1))
        assert page.problems[0].code == "run-not-finite"
        assert not page.run.whole
        assert float(page.run.result["time"][-1]) < 100.0
        assert not page.header.running
        presenter.close()

    def test_it_gives_way_to_an_event_loop(self):
        async def main():
            loop, page = asyncio.get_running_loop(), Page()
            document = nb.Document(nb.networks.brunel(50), nb.Setup(40_000.0, 0.1))
            presenter = WorkbenchPresenter(document, page, loop.call_soon)
            presenter.run()
            turns = 0
            while page.header.running:
                await asyncio.sleep(0)
                turns += 1
            return turns, page.run

        with ThreadPoolExecutor(1) as apart:  # this thread may have a loop already
            turns, run = apart.submit(asyncio.run, main()).result()
        assert turns > 3
        assert run.whole

    def test_one_piece_is_itself(self):
        ds = xr.Dataset(coords={"time": [0.0]})
        assert nb.joined([ds]) is ds

    def test_nobody_listens_after_the_end(self):
        presenter, page = bench()
        presenter.close()
        presenter.document.edit(presenter.document.network.with_value("E.tau", 9.0))
        assert page.runs == 1


class TestWiring:
    def test_ports_are_offered_the_usual_one_first(self):
        net = nb.networks.rhythm()
        assert [p.words for p in ports(net, "E", "I")] == ["r → r_in", "r → r_ext", "m → r_in", "m → r_ext"]
        assert drives(net, "E") == ("E.r_ext", "E.r_in")
        spiking = nb.networks.brunel(50)
        assert ports(spiking, "E", "I")[0].source == "E.spike"
        assert drives(nb.networks.moving_bump(), "field")[0] == "field.exc"

    def test_new_arrows_run_as_they_are(self):
        for net in (nb.networks.rhythm(), nb.networks.brunel(50), nb.networks.moving_bump(8)):
            names = list(net.populations)
            made = connection(net, names[0], names[-1])
            more = nb.Network(net.populations, [*net.projections, made], net.stimuli, net.time_unit)
            assert more.check() == []
            assert nb.simulate(more, 2.0, 0.1).sizes["time"] == 21

    def test_the_sign_is_that_of_the_source(self):
        net = nb.networks.rhythm()
        assert (sign_of(net, "E"), sign_of(net, "I")) == (1, -1)
        assert connection(net, "I", "E").weight == -1.0
        alone = nb.Network(
            {"I": nb.Population(nb.models.wilson_cowan, 1), "A": nb.Population(nb.models.wilson_cowan, 1)}
        )
        assert (sign_of(alone, "I"), sign_of(alone, "A")) == (-1, 1)

    def test_names_are_free(self):
        net = nb.networks.rhythm()
        assert free_name(net, "E") == "E2"
        assert free_name(net, "X") == "X"
        assert connection(net, "E", "I").name == "E->I2"

    def test_what_takes_nothing_is_refused(self):
        quiet = nb.Model("quiet", "dx/dt = -x", states={"x": 0.0})
        net = nb.Network({"A": nb.Population(nb.models.wilson_cowan, 1), "Q": nb.Population(quiet, 1)})
        with pytest.raises(nb.NbkitError, match="Q takes no input"):
            connection(net, "A", "Q")
        presenter, page = bench(net)
        with pytest.raises(nb.NbkitError, match="has no input"):
            presenter.add_stimulus("Q")
        del page

    def test_parts_go_without_loose_ends(self):
        net = parts_of(nb.networks.rhythm(), {"E"})
        assert list(net.populations) == ["I"]
        assert [p.name for p in net.projections] == ["I->I"]
        assert net.stimuli == ()
        assert len(parts_of(nb.networks.rhythm(), {"E->I"}).projections) == 3


class TestShown:
    def test_everything_stands_in_the_drawing_and_apart(self):
        for net in (nb.networks.rhythm(), nb.networks.microcircuit(0.01), nb.networks.moving_bump()):
            nodes = draw(net, {}).nodes
            assert len({n.place for n in nodes}) == len(nodes)
            for node in nodes:
                assert 0 <= node.place[0] <= WIDTH
                assert 0 <= node.place[1] <= HEIGHT

    def test_arrows_tell_sign_weight_and_delay(self):
        arrows = {a.name: a for a in draw(nb.networks.rhythm(delay="2 ms"), {}).arrows}
        assert (arrows["I->E"].label, arrows["I->E"].sign) == ("-12 · 2 ms", -1)
        assert arrows["E->E"].spoken == "E excites itself, weight +16"
        assert arrows["E->I"].bend == -arrows["I->E"].bend or arrows["E->I"].bend > 0
        assert draw(nb.networks.brunel(50), {}).as_mapping()["nodes"][0]["name"] == "E"

    def test_a_wrong_part_is_marked(self):
        net = nb.networks.rhythm().with_value("E.tau", -1.0)
        assert [n.name for n in draw(net, {}).nodes if n.problem] == ["E"]

    def test_rows_show_every_editable_value(self):
        net = nb.networks.rhythm(delay=2.0)
        (about, *_) = inspect(net, ("E",), nb.Setup(400.0, 0.02))
        assert [row.path for row in about.rows] == ["E.size", "E.tau", "E.k", "E.s", "E.theta", "E.r.initial"]
        assert about.rows[1].symbol == ("τ", "")
        assert about.rows[1].unit == "ms"
        (arrow,) = inspect(net, ("E->I",), nb.Setup(400.0, 0.3))
        assert arrow.rows[0].note == "each synapse 0.188 · 80 inputs"
        assert "off the grid" in arrow.rows[1].note
        (drive,) = inspect(net, ("drive",), SETUP)
        assert [row.path for row in drive.rows] == ["drive.amplitude", "drive.start"]
        assert inspect(net, ("nothing",), SETUP) == ()

    def test_laws_and_arrays_are_told(self):
        net = nb.networks.rhythm().with_value("E.tau", nb.Uniform(7, 9)).with_value("I.tau", np.full(20, 8.0))
        assert row_of(net, "E.tau").told == "Uniform(7, 9)"
        assert row_of(net, "E.tau").value is None
        assert "array" in row_of(net, "I.tau").told

    @pytest.mark.parametrize("value", [0.0, 1e-6, 0.3, 8.0, -12.0, 1e7])
    @pytest.mark.parametrize("limits", [(None, None), (0.0, None), (None, 0.0), (-1e8, 1e8)])
    def test_a_slider_holds_its_value_within_its_limits(self, value, limits):
        least, most = limits
        if (least is not None and value < least) or (most is not None and value > most):
            return
        low, high = slider_range(value, least, most)
        assert low <= value <= high
        assert low < high
        assert least is None or low >= least
        if most is not None and value != most:
            assert high <= most
