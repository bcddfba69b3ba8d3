"""Law: every edit of the workbench is one revision that can be taken back, and what does not fit is named before."""

import json

import numpy as np
import pytest

import nbkit as nb
from nbkit.widgets.workbench.drawing import draw
from nbkit.widgets.workbench.editing import LONGEST_QUESTION
from nbkit.widgets.workbench.inspector import inspect
from nbkit.widgets.workbench.menus import MODELS, PARTS, population_of
from nbkit.widgets.workbench.own_model import Draft, draft_of, judge
from nbkit.widgets.workbench.renaming import joined, renamed
from nbkit.widgets.workbench.silence import silence_of
from tests.unit.test_workbench import SETUP, bench

RATE = "tau * dr/dt = -r + (1 - k*r)*m\nm = sigmoid(s*(r_in + r_ext - theta)) - sigmoid(-s*theta)"


def revisions(presenter):
    return [r.words for r in presenter.document.revisions]


class TestNames:
    def test_a_new_name_stands_everywhere_and_is_one_edit(self):
        presenter, page = bench(setup=nb.Setup(200.0, 0.1, record=["E.r"]))
        presenter.move({"E": (10.0, 20.0)})
        before = page.run.result["E.r"].to_numpy()
        presenter.editing.rename("E", " Pyr ")
        net = presenter.document.network
        assert list(net.populations) == ["Pyr", "I"]
        assert [p.name for p in net.projections] == ["Pyr->Pyr", "I->Pyr", "Pyr->I", "I->I"]
        assert presenter.document.setup.record == ("Pyr.r",)
        assert presenter.document.positions["Pyr"] == (10.0, 20.0)
        assert presenter.selected == ("Pyr",)
        np.testing.assert_array_equal(page.run.result["Pyr.r"], before)
        assert revisions(presenter)[-1] == "E renamed to Pyr"
        presenter.undo()
        assert list(presenter.document.network.populations) == ["E", "I"]

    def test_selected_arrows_stay_selected(self):
        presenter, _ = bench()
        presenter.select(["E", "E->I", "drive"])
        presenter.editing.rename("E", "Pyr")
        assert presenter.selected == ("Pyr", "Pyr->I", "drive")

    @pytest.mark.parametrize(
        ("name", "code"),
        [("I", "name-clash"), ("drive", "name-clash"), ("a b", "bad-name"), ("", "bad-name"), ("1", "bad-name")],
    )
    def test_a_name_that_cannot_be_is_refused(self, name, code):
        presenter, _ = bench()
        with pytest.raises(nb.NbkitError) as caught:
            presenter.editing.rename("E", name)
        assert caught.value.code == code
        assert caught.value.where == "E"
        assert len(revisions(presenter)) == 1

    def test_the_same_name_and_unknown_parts_are_no_edit(self):
        presenter, _ = bench()
        presenter.editing.rename("E", "E")
        presenter.editing.rename("nobody", "X")
        assert len(revisions(presenter)) == 1

    def test_a_stimulus_called_after_its_target_follows(self):
        net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 3)}, [], [nb.Stimulus("E.r_ext", nb.Step(1.0))])
        made, _ = renamed(net, SETUP, "E", "X")
        assert [s.name for s in made.stimuli] == ["X.r_ext"]
        assert made.check() == []


class TestMotifs:
    @pytest.mark.parametrize("name", PARTS)
    def test_a_motif_comes_beside_what_there_is_and_is_live(self, name):
        presenter, page = bench(setup=nb.Setup(100.0, 0.1))
        old = presenter.document.network
        new = presenter.editing.add_motif(name)
        net = presenter.document.network
        assert set(new).isdisjoint(old.populations)
        assert net.check() == []
        assert {p.name for p in old.projections} < {p.name for p in net.projections}
        assert presenter.selected == new
        assert page.silence is None
        moved = [f"{n}.{v}" for n in new for v in net.populations[n].model.states]
        assert all(np.ptp(page.run.result[path].to_numpy()) > 0.05 for path in moved if path in page.run.result)
        assert revisions(presenter)[-1].endswith(f"added: {', '.join(new)}")
        presenter.undo()
        assert presenter.document.network == old

    def test_what_was_there_runs_as_before(self):
        old = nb.networks.rhythm(delay=2.0)
        whole, new = joined(old, nb.networks.balanced(20))
        assert new == ("N",)
        alone, beside = nb.simulate(old, 20.0, 0.1), nb.simulate(whole, 20.0, 0.1)
        np.testing.assert_allclose(beside["E.r"], alone["E.r"], rtol=1e-12)

    def test_on_an_empty_canvas_it_brings_its_setup(self):
        presenter, page = bench(nb.Network({}))
        presenter.editing.add_motif("ring")
        assert presenter.document.setup == PARTS["ring"].setup
        assert list(presenter.document.network.populations) == ["ring"]
        last = page.run.result["ring.r"].to_numpy()[-1]
        assert 4 < np.count_nonzero(last > 0.1) < 30  # the bump stays where the kick was
        assert last[30] > 0.5

    def test_the_step_becomes_as_short_as_the_motif_needs(self):
        presenter, _ = bench(nb.networks.moving_bump(8), nb.Setup(50.0, 1.0))
        presenter.editing.add_motif("pair")
        assert presenter.document.setup.dt == 0.02
        presenter.editing.add_motif("ring")
        assert presenter.document.setup.dt == 0.02

    def test_other_units_of_time_and_unknown_motifs_are_refused(self):
        plain = nb.Network({"P": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
        presenter, _ = bench(plain, nb.Setup(1.0, 0.01))
        with pytest.raises(nb.NbkitError) as caught:
            presenter.editing.add_motif("pair")
        assert caught.value.code == "time-unit-mismatch"
        with pytest.raises(nb.NbkitError, match="no motif"):
            presenter.editing.add_motif("paar")


class TestSilence:
    @pytest.mark.parametrize("model", MODELS)
    def test_a_new_population_is_never_silent(self, model):
        presenter, page = bench(nb.Network({}))
        name, population = population_of(model)
        presenter.add_population(population, name)
        assert page.silence.population == name
        words = [remedy.words for remedy in page.silence.remedies]
        assert words[0] == "Add a step"
        presenter.editing.wake(0)
        assert page.silence is None
        assert len(presenter.document.network.stimuli) == 1
        result = page.run.result
        spikes = f"{name}.spike_time"
        if spikes in result:
            assert result[spikes].size > 0
        else:
            state = next(iter(population.model.states))
            assert np.ptp(result[f"{name}.{state}"].to_numpy()) > 0.01
        presenter.undo()
        assert page.silence.population == name

    def test_another_start_is_one_edit_too(self):
        presenter, page = bench(nb.Network({"E": nb.Population(nb.models.wilson_cowan, 5)}))
        assert [r.words for r in page.silence.remedies] == ["Add a step", "Start at 0.1"]
        presenter.editing.wake(1)
        assert presenter.document.network.value("E.r.initial") == 0.1
        assert page.silence is None
        assert len(revisions(presenter)) == 2

    def test_what_is_driven_is_left_alone(self):
        presenter, page = bench()
        assert page.silence is None
        with pytest.raises(nb.NbkitError, match="everything is driven"):
            presenter.editing.wake(0)
        assert silence_of(nb.networks.brunel(50), None) is None


class TestEquations:
    def judged(self, text, network=None, **more):
        return judge(network or nb.networks.rhythm(), SETUP, Draft("E", text, **more))

    def test_the_present_model_is_right(self):
        net = nb.networks.rhythm()
        found = judge(net, SETUP, draft_of(net, "E"))
        assert found.faults == ()
        assert found.changes == ()
        assert found.losses == ()
        assert "<math" in found.formula

    @pytest.mark.parametrize(
        ("text", "line", "column", "what"),
        [
            ("tau * dr/dt = -r + r_in +", 1, 27, "is not a formula"),
            ("tau * dr/dt = -r + r_in\nm = ((r)", 2, 6, "is not a formula"),
            ("tau * dr/dt = -r + r_in\n\n  x = sinn(r)", 3, 7, "no function 'sinn'"),
            ("tau * dr/dt = -r + r_in\nnothing", 2, 1, "has no single ="),
            ("tau * dr/dt = -r + b*r_in", 1, 20, "'b' is not declared"),
            ("tau * dr/dt = -r + r_in\nm = m2\nm2 = m", 0, 0, "need each other"),
            ("tau * dr/dt = -r + r_in\ntau * dr/dt = -r", 2, 8, "a second equation for 'r'"),
            ("", 1, 1, "there is no equation"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_told_at_its_place(self, text, line, column, what):
        found = self.judged(text)
        assert found.model is None
        assert found.formula == ""
        fault = next(f for f in found.faults if what in f.what)
        if what != "is not a formula":
            assert (fault.line, fault.column) == (line, column)
        else:
            assert fault.line == line
            assert fault.column >= 5

    def test_a_new_name_becomes_what_the_user_says(self):
        (fault,) = self.judged("tau * dr/dt = -r + b*(r_in + r_ext)").faults
        assert fault.undeclared == "b"
        found = self.judged("tau * dr/dt = -r + b*(r_in + r_ext)", new={"b": "parameter"})
        assert found.faults == ()
        assert found.model.parameters["b"].default == 1.0
        assert "new parameter b" in found.changes
        assert "parameter theta is no longer used and goes" in found.changes
        assert "b" in self.judged("tau * dr/dt = -r + b*(r_in + r_ext)", new={"b": "input"}).model.inputs

    def test_a_broken_line_does_not_make_others_wrong(self):
        found = self.judged("tau * dr/dt = -r + m\nm = sigmoid(r_in +)")
        assert len(found.faults) == 1
        assert found.faults[0].line == 2

    def test_a_derivative_makes_a_state(self):
        text = "tau * dr/dt = -r + r_in + r_ext - a\ntau * da/dt = -a + r"
        found = self.judged(text)
        assert found.faults == ()
        assert list(found.model.states) == ["r", "a"]
        assert "new state a" in found.changes

    def test_what_no_longer_fits_is_named_and_nothing_else_is_lost(self):
        net = nb.networks.rhythm().with_value("E.theta", 3.0)
        found = judge(net, nb.Setup(100.0, 0.1, record=["E.r", "E.m"]), Draft("E", "tau * dr/dt = -r + r_in"))
        assert found.losses == ("drive: there is no E.r_ext", "recording: there is no E.m")
        renamed_state = judge(net, SETUP, Draft("E", "tau * dx/dt = -x + r_in + r_ext"))
        assert renamed_state.losses == ("E->E: there is no E.r", "E->I: there is no E.r")

    def test_applied_it_is_one_edit_that_runs(self):
        presenter, page = bench(nb.networks.rhythm().with_value("E.theta", 3.0))
        presenter.editing.open_draft("E")
        assert page.draft.equations.startswith("tau * dr/dt = ")
        presenter.editing.judge_draft("tau * dr/dt = -r + b*r_in", new={"b": "parameter"})
        assert page.judged.losses == ("drive: there is no E.r_ext",)
        assert len(revisions(presenter)) == 1
        presenter.editing.apply_draft()
        net = presenter.document.network
        assert page.draft is None
        assert net.check() == []
        assert net.populations["E"].model.equations == "tau * dr/dt = -r + b*r_in"
        assert net.populations["E"].model.name == "wilson_cowan_own"
        assert net.stimuli == ()
        assert "theta" not in net.populations["E"].parameters
        assert revisions(presenter)[-1] == "new equations of E"
        assert page.run.revision.network == net
        names = {}
        exec(net.to_code(), names)  # noqa: S102  our own export
        assert names["net"] == net
        presenter.undo()
        assert presenter.document.network.value("E.theta") == 3.0

    def test_wrong_equations_change_nothing(self):
        presenter, page = bench()
        presenter.editing.open_draft("E")
        presenter.editing.judge_draft("tau * dr/dt = -r +")
        assert page.judged.faults
        with pytest.raises(nb.NbkitError):
            presenter.editing.apply_draft()
        assert len(revisions(presenter)) == 1
        presenter.editing.close_draft()
        presenter.editing.judge_draft(RATE)
        assert page.draft is None

    def test_neurons_keep_their_threshold(self):
        presenter, page = bench(nb.Network({"Z": nb.Population(nb.models.izhikevich, 5)}))
        presenter.editing.open_draft("Z")
        draft = page.draft
        assert draft.threshold
        presenter.editing.judge_draft(draft.equations, draft.threshold, draft.reset + "\nw += 1")
        assert any("w" in f.what for f in page.judged.faults)
        presenter.editing.judge_draft(draft.equations.replace("140", "150"), draft.threshold, draft.reset)
        assert page.judged.faults == ()
        presenter.editing.apply_draft()
        assert presenter.document.network.populations["Z"].model.spiking is not None

    def test_the_same_text_is_no_edit(self):
        presenter, page = bench(nb.networks.brunel(50), nb.Setup(10.0, 0.1))
        presenter.editing.open_draft("E")
        assert (page.judged.changes, page.judged.losses) == ((), ())
        presenter.editing.apply_draft()
        assert len(revisions(presenter)) == 1
        presenter.editing.open_draft("E")
        presenter.editing.judge_draft(page.draft.equations + "\n# mine", page.draft.threshold, page.draft.reset)
        assert page.judged.changes == ("steps are made by Euler's method, no longer exactly",)

    def test_another_model_closes_the_text_and_another_value_does_not(self):
        presenter, page = bench()
        presenter.editing.open_draft("E")
        presenter.set_value("E.tau", 9.0)
        assert page.draft is not None
        presenter.open(nb.networks.brunel(50), nb.Setup(10.0, 0.1), "spikes")
        assert page.draft is None

    def test_a_removed_population_closes_its_text(self):
        presenter, page = bench()
        presenter.editing.open_draft("I")
        presenter.select(["I"])
        presenter.remove()
        assert page.draft is None
        with pytest.raises(nb.NbkitError, match="no such population"):
            presenter.editing.open_draft("I")


class TestAsked:
    def test_what_is_folded_is_computed_when_it_is_opened(self):
        presenter, page = bench()
        assert page.computed == {}
        presenter.editing.compute("E")
        (rest,) = page.computed["E"]
        assert rest.what == "rests at"
        assert "unstable focus" in rest.words
        assert "±" in rest.words

    def test_it_follows_edits_while_it_is_open(self):
        presenter, page = bench(nb.networks.rhythm(delay=2.0), nb.Setup(200.0, 0.02))
        presenter.editing.compute("E->I")
        presenter.select(["I"])
        presenter.set_value("E->I.delay", 3.0)
        assert "3 ms · 150 steps" in [told.words for told in page.computed["E->I"]]
        presenter.editing.compute("E->I", opened=False)
        page.computed.clear()
        presenter.set_value("E->I.delay", 4.0)
        assert page.computed == {}

    def test_what_is_slow_or_out_of_sight_is_told_to_be_old(self):
        presenter, page = bench()
        presenter.editing.compute("E->I")
        presenter.select(["E"])
        presenter.set_value("E.tau", 9.0)
        assert page.computed["E->I"] is None

    def test_in_degrees_are_those_that_are_made(self):
        net = nb.networks.balanced(40, 0.2)
        presenter, page = bench(net, nb.Setup(20.0, 0.1, seed=3))
        presenter.editing.compute("N->N")
        inputs = page.computed["N->N"][0]
        made = nb.Simulation(net, 0.1, seed=3).program.couplings[0].weights
        degrees = np.count_nonzero(np.asarray(made), axis=1)
        assert inputs.words.startswith(f"40 units, mean {degrees.mean():.3g}, sd {degrees.std():.3g}")
        assert sum(inputs.drawn.counts) == 40

    def test_every_revision_can_be_gone_to(self):
        presenter, page = bench()
        for tau in (9.0, 10.0, 11.0):
            presenter.set_value("E.tau", tau)
        presenter.editing.go_to(1)
        assert presenter.document.network.value("E.tau") == 9.0
        assert page.header.redo == "E.tau 9 → 10 ms"
        presenter.editing.go_to(3)
        assert presenter.document.network.value("E.tau") == 11.0
        for number in (3, -1, 99):
            assert not presenter.document.go_to(number)

    def test_the_step_is_asked_for_and_the_verdict_is_that_of_the_study(self):
        presenter, page = bench(nb.networks.rhythm(drive=2.0), nb.Setup(400.0, 0.1))
        presenter.editing.ask_step()
        assert page.verdicts[0].startswith("Running")
        assert page.verdicts[-1].startswith("By the period of E: the picture changes with dt")
        calm, told = bench(
            nb.Network({"L": nb.Population(nb.models.leaky_integrator, 1, {}, {"x": 1.0})}), nb.Setup(50.0, 0.01)
        )
        calm.editing.ask_step()
        assert "it is the model's" in told.verdicts[-1]

    def test_a_question_that_takes_too_long_is_not_begun(self):
        presenter, page = bench(nb.networks.brunel(1000), nb.Setup(1e6, 0.1), in_turns=True)
        presenter.editing.ask_step()
        assert presenter.health.forecast.seconds * 4 > LONGEST_QUESTION
        assert page.verdicts[-1].endswith("Shorten the duration, and ask again.")


class TestSeveral:
    def test_shared_rows_say_so_and_show_where_values_differ(self):
        (both,) = inspect(nb.networks.rhythm(), ("E->I", "I->E"), SETUP)
        assert both.title == "2 connections"
        weight, delay = both.rows
        assert weight.words == "total onto a unit, both"
        assert weight.note == "now 15 (E → I), -12 (I → E)"
        assert delay.words == "delay, both"
        assert delay.note == ""

    def test_kinds_stand_apart_and_rows_are_those_that_all_have(self):
        sections = inspect(nb.networks.rhythm(), ("E", "I", "E->I", "drive"), SETUP)
        assert [(s.title, s.several) for s in sections] == [
            ("2 populations", True),
            ("E → I", False),
            ("drive → E", False),
        ]
        spiking = nb.Network(
            {"E": nb.Population(nb.models.wilson_cowan, 3), "Z": nb.Population(nb.models.izhikevich, 3)}
        )
        (all_kinds,) = inspect(spiking, ("E", "Z"), SETUP)
        assert [row.path for row in all_kinds.rows] == ["E.size"]

    def test_everything_shown_is_plain(self):
        net = nb.networks.rhythm().with_value("E.tau", nb.LogNormal(8, 2))
        page = nb.Workbench(net, SETUP).page
        json.dumps(page.inspector.state, allow_nan=False)
        json.dumps(page.canvas.state, allow_nan=False)


def test_a_stimulus_finds_a_free_place():
    presenter, _ = bench()
    presenter.editing.add_motif("pair")
    presenter.editing.add_motif("ring")
    nodes = draw(presenter.document.network, {}).nodes
    for node in nodes:
        for other in nodes:
            apart = np.hypot(*np.subtract(node.place, other.place))
            assert node is other or apart > 40, (node.name, other.name)


def test_limits_are_told_by_the_symbol():
    presenter, page = bench()
    assert not presenter.set_value("E.tau", -1.0)
    assert page.problems[0].what == "τ must be above 0. Kept 8 ms."
    assert page.problems[0].code == "outside-limits"
