"""Law: a rerun gives way, shows a preview while a slider is dragged, says what it does, and stops when asked."""

import gc
import itertools

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

import nbkit as nb
from nbkit.widgets.workbench.presenter import WorkbenchPresenter
from nbkit.widgets.workbench.runner import BUILDING, Ears, Runner
from tests.unit.test_workbench_live import Page

SETUP = nb.Setup(200.0, 0.1)


def bench(network=None, setup=SETUP, tick=0.0):
    """A presenter and its page; every look at the clock takes ``tick`` seconds."""
    page = Page()

    def clock():
        page.now += tick
        return page.now

    document = nb.Document(nb.networks.rhythm() if network is None else network, setup)
    presenter = WorkbenchPresenter(document, page, page.schedule, clock)
    return presenter, page


def to_the_end(page):
    while page.waiting:
        page.turns(1, 0.0)


class TestPreview:
    def test_a_long_run_is_shown_coarsely_while_a_slider_is_dragged_and_wholly_after_it(self):
        presenter, page = bench(setup=nb.Setup(2000.0, 0.1), tick=0.02)
        to_the_end(page)
        shown = len(page.runs)
        for tau in (8.5, 9.0, 9.5):
            presenter.set_value("E.tau", tau, drag="a")
            run, before, difference = page.runs[-1]
            assert run.preview.startswith("the first ")
            assert run.story.text == ""
            assert difference == f"E.tau 8 → {tau:g} ms"
            assert 4 < run.result.sizes["time"] < 20_001
            assert run.revision.network.value("E.tau") == tau
            assert before.revision.network.value("E.tau") == 8.0
        assert len(page.runs) == shown + 3
        to_the_end(page)
        run, before, _ = page.runs[-1]
        assert run.whole
        assert run.preview == ""
        assert before.whole
        assert len(page.runs) == shown + 4
        fresh = nb.simulate(presenter.document.network, **presenter.document.setup.keywords())
        np.testing.assert_array_equal(run.result["E.r"], fresh["E.r"])

    def test_a_run_that_waits_to_be_asked_for_has_a_preview_only(self):
        presenter, page = bench(setup=nb.Setup(100.0, 0.1), tick=1.5)
        to_the_end(page)
        assert not page.header.follows
        presenter.set_value("E.tau", 9.0, drag="a")
        to_the_end(page)
        run, *_ = page.runs[-1]
        assert run.preview.endswith("; Run gives the rest")
        assert not page.header.running
        presenter.run()
        to_the_end(page)
        assert page.runs[-1][0].whole

    def test_a_quick_run_needs_none(self):
        presenter, page = bench()
        presenter.set_value("E.tau", 9.0, drag="a")
        run, *_ = page.runs[-1]
        assert run.whole
        assert run.preview == ""

    def test_behind_a_drag_stands_what_was_before_it(self):
        presenter, page = bench()
        for tau in (8.5, 9.0, 9.5):
            presenter.set_value("E.tau", tau, drag="a")
        _, before, difference = page.runs[-1]
        assert before.revision.network.value("E.tau") == 8.0
        assert difference.startswith("E.tau 8 → 9.5 ms")
        presenter.set_value("E.tau", 12.0)
        assert page.runs[-1][1].revision.network.value("E.tau") == 9.5


class TestGivingWay:
    def test_what_takes_long_to_build_is_told_first(self):
        presenter, page = bench(nb.networks.microcircuit(0.1), nb.Setup(20.0, 0.1), tick=0.03)
        assert page.progress == [BUILDING]
        assert BUILDING.words == "building …"
        assert page.header.running
        page.turns(1)
        assert page.progress[-1].words.endswith("s left")
        presenter.stop()
        page.turns(1)
        run, *_ = page.runs[-1]
        assert not run.whole
        made = float(run.result["time"][-1])
        assert 0 < made < 20.0
        raster = nb.plots.raster_picture(run.result)
        assert raster.plan.window[1] == pytest.approx(made)

    def test_what_others_take_between_pieces_does_not_make_a_run_slow(self):
        presenter, page = bench(setup=nb.Setup(2000.0, 0.1), tick=0.02)
        turns = 0
        while page.waiting:
            page.turns(1, 10.0)
            turns += 1
        assert turns > 1
        assert presenter.run_shown.whole
        assert presenter.follows

    def test_a_stop_while_it_is_built_leaves_nothing_behind(self):
        presenter, page = bench(nb.networks.microcircuit(0.1), nb.Setup(20.0, 0.1))
        presenter.stop()
        to_the_end(page)
        assert page.runs == []
        assert not page.header.running

    def test_a_new_run_takes_the_place_of_one_that_is_being_built(self):
        seen, page = [], Page()
        runner = Runner(page.schedule)
        for seed in (1, 2):
            ears = Ears(page.show_progress, lambda ds, _: seen.append(ds.attrs["seed"]), None)
            runner.start(nb.networks.microcircuit(0.1), nb.Setup(1.0, 0.1, seed=seed), ears)
        to_the_end(page)
        assert seen == [2]

    def test_no_piece_is_long(self):
        """Of a network so large that a step takes a while, the first piece is a few steps only."""
        net, made = nb.networks.microcircuit(0.1), []
        runner, page = Runner(lambda _: None), Page()
        runner.start(net, nb.Setup(20.0, 0.1), Ears(made.append, None, None), patience=0.0)
        del page
        assert made == [BUILDING]
        runner._waiting()
        assert made[-1].steps < 10
        small = Runner(lambda _: None)
        small.start(nb.networks.rhythm(), nb.Setup(2000.0, 0.1), Ears(made.append, None, None))
        assert made[-1].steps == 512


class TestWidgets:
    def test_two_hundred_edits_leak_no_widget(self):
        one = nb.Population(nb.models.leaky_integrator, 2, {}, {"x": 1.0})
        made = nb.Workbench(nb.Network({"L": one}), nb.Setup(2.0, 0.1))
        edits = itertools.cycle([("L.tau", "9"), ("L.size", "3"), ("L.tau", "8"), ("L.size", "2")])

        def edit(count):
            for path, value in itertools.islice(edits, count):
                made.page.inspector._receive(None, {"do": "set_value", "path": path, "value": value, "drag": ""}, [])
            gc.collect()
            return len(_instances)

        before = edit(8)
        assert before > 5
        assert edit(200) == before
        assert len(made.document.revisions) == 209
        assert len(made._turns._waiting) <= 1
