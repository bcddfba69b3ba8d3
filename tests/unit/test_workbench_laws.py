"""Law: a number becomes a law of its own size and back; what is shown as drawn is what the next run draws."""

import dataclasses

import numpy as np
import pytest

import nbkit as nb
from nbkit.network.laws import LAWS
from nbkit.widgets.workbench.drawing import draw
from nbkit.widgets.workbench.histograms import histogram
from nbkit.widgets.workbench.inspector import inspect
from nbkit.widgets.workbench.law_rows import as_law, as_number, laws_for
from nbkit.widgets.workbench.rows import row_of
from tests.unit.test_workbench import SETUP, bench

EVERY = ("Normal", "Uniform", "LogNormal", "Lorentzian", "Exponential")


def row(network, path, setup=SETUP, part=None):
    sections = inspect(network, (part or path.rpartition(".")[0],), setup)
    return next(r for s in sections for r in s.rows if r.path == path)


class TestEdit:
    @pytest.mark.parametrize("law", EVERY)
    def test_a_parameter_becomes_a_law_and_a_number_again(self, law):
        presenter, page = bench()
        assert presenter.editing.set_law("E.tau", law)
        shown = row(presenter.document.network, "E.tau", part="E")
        assert shown.law == law
        assert presenter.document.network.check() == []
        drawn = page.run.result["E.tau"].to_numpy()
        assert drawn.shape == (80,)
        assert drawn.min() > 0
        assert presenter.document.revisions[-1].words == f"E.tau drawn from a law: {law}"
        assert presenter.editing.set_law("E.tau", "")
        assert presenter.document.network.value("E.tau") == pytest.approx(8.0, rel=0.35)
        presenter.undo()
        presenter.undo()
        assert presenter.document.network == nb.networks.rhythm()

    @pytest.mark.parametrize("path", ["E->I.weight", "E->I.delay", "E.r.initial", "I->E.weight"])
    def test_weights_delays_and_starts_too(self, path):
        presenter, page = bench(nb.networks.rhythm(delay=2.0))
        assert presenter.editing.set_law(path, "Normal")
        assert presenter.document.network.check() == []
        assert page.problems == []
        assert page.run.revision.network == presenter.document.network

    def test_selected_parts_share_it(self):
        presenter, _ = bench()
        presenter.select(["E", "I"])
        presenter.editing.set_law("E.tau", "Uniform")
        assert presenter.document.network.value("I.tau") == nb.Uniform(6.4, 9.6)
        presenter.set_value("E.tau.low", 7.0)
        assert presenter.document.network.value("I.tau.low") == 7.0

    def test_the_law_can_be_another_one(self):
        presenter, _ = bench()
        presenter.editing.set_law("E.tau", "Uniform")
        presenter.editing.set_law("E.tau", "LogNormal")
        assert presenter.document.network.value("E.tau") == nb.LogNormal(8.0, 0.8)
        presenter.editing.set_law("E.tau", "LogNormal")
        assert len(presenter.document.revisions) == 3

    @pytest.mark.parametrize(
        ("path", "value", "what"),
        [("E.tau.low", 12.0, "above high"), ("E.tau.low", "abc", "no number"), ("E.tau.high", "1e999", "finite")],
    )
    def test_wrong_numbers_of_a_law_are_told_beside_it_and_the_old_ones_kept(self, path, value, what):
        presenter, page = bench(nb.networks.rhythm().with_value("E.tau", nb.Uniform(7, 9)))
        assert not presenter.set_value(path, value)
        assert page.problems[0].where == path
        assert what in page.problems[0].what
        assert f"Kept {7 if path.endswith('low') else 9} ms." in page.problems[0].what
        assert presenter.document.network.value("E.tau") == nb.Uniform(7, 9)

    @pytest.mark.parametrize(
        ("path", "law"), [("E.tau", "Gauss"), ("I->E.weight", "LogNormal"), ("nobody.tau", "Normal")]
    )
    def test_a_law_that_does_not_fit_is_refused(self, path, law):
        presenter, page = bench()
        if path.startswith("nobody"):
            with pytest.raises(nb.NbkitError):
                presenter.editing.set_law(path, law)
        else:
            assert not presenter.editing.set_law(path, law)
            assert page.problems[0].where == path
            assert "does not fit here" in page.problems[0].what
        assert len(presenter.document.revisions) == 1


class TestSizes:
    @pytest.mark.parametrize("value", [-12.0, 0.0, 0.3, 8.0, 1e6])
    @pytest.mark.parametrize("limits", [(None, None), (0.0, None), (1e-9, 100.0), (None, 0.0), (-20.0, 20.0)])
    def test_every_law_keeps_within_the_limits(self, value, limits):
        least, most = limits
        if (least is not None and value < least) or (most is not None and value > most):
            return
        for name in laws_for(value, least, most):
            law = as_law(name, value, least, most)
            assert law.fault() == ""
            drawn = law.draw(np.random.default_rng(1), (400,))
            assert least is None or drawn.min() >= least
            assert most is None or drawn.max() <= most
            back = as_number(law, least, most)
            assert abs(back - value) <= 0.4 * abs(value) + 0.2

    def test_laws_of_positive_values_are_for_positive_values(self):
        assert "LogNormal" not in laws_for(0.0, None, None)
        assert laws_for(1.0, 1.0, 1.0) == ()
        assert set(EVERY) <= set(LAWS)


class TestDrawn:
    @pytest.mark.parametrize(
        "law", [nb.LogNormal(8, 2), nb.Truncated(nb.Normal(8, 4), low=1.0), nb.Quantiles(nb.Uniform(6, 10))]
    )
    def test_the_histogram_is_that_of_the_run(self, law):
        net, setup = nb.networks.rhythm().with_value("E.tau", law), nb.Setup(10.0, 0.1, seed=7)
        values = nb.simulate(net, **setup.keywords())["E.tau"].to_numpy()
        shown = row(net, "E.tau", setup, "E")
        assert shown.drawn == histogram(values, "ms")
        assert sum(shown.drawn.counts) == 80
        other = row(net, "E.tau", dataclasses.replace(setup, seed=8), "E")
        assert (other.drawn == shown.drawn) == isinstance(law, nb.Quantiles)

    def test_its_numbers_are_rows(self):
        net = nb.networks.rhythm().with_value("E.tau", nb.Truncated(nb.Normal(8, 2), low=1.0))
        shown = row(net, "E.tau", part="E")
        assert [(r.path, r.words, r.unit, r.value) for r in shown.inside] == [
            ("E.tau.inside.mean", "mean", "ms", 8.0),
            ("E.tau.inside.standard_deviation", "standard deviation", "ms", 2.0),
        ]
        assert shown.told == "not below 1"
        assert shown.inside[1].least == 0.0

    def test_many_values_are_looked_at_in_part(self):
        net = nb.networks.rhythm(size=400).with_value("E->E.weight", nb.Normal(16, 1))
        shown = row(net, "E->E.weight", part="E")
        assert shown.drawn.words.startswith("the first 5000 values")

    def test_long_tails_do_not_make_one_bar(self):
        values = nb.Lorentzian(0.0, 1.0).draw(np.random.default_rng(0), (2000,))
        found = histogram(values, median=True)
        assert "outside the picture" in found.words
        assert "mean" not in found.words
        assert max(found.counts) < 1000
        assert sum(found.counts) + int(found.words.split("; ")[1].split()[0]) == 2000

    def test_counts_are_exact(self):
        assert histogram([]) is None
        assert histogram([3.0]).counts.count(1) == 1
        whole = histogram([1, 2, 2, 5])
        assert (whole.low, whole.high, whole.counts) == (0.5, 5.5, (1, 2, 0, 0, 1))
        fine = histogram(np.linspace(0.0, 1.0, 2400, endpoint=False))
        assert set(fine.counts) <= {99, 100, 101}


def test_tips_tell_meaning_unit_and_usual_range():
    net = nb.networks.rhythm()
    assert row_of(net, "E.tau").tip == "time constant · ms · usually 0 to 20 · above 0"
    assert row_of(net, "E.k").words == "refractory factor"
    assert row_of(net, "E.k").tip.startswith("refractory factor; 0 leaves it out")
    assert all(r.tip for s in inspect(net, ("E",), SETUP) for r in s.rows)


def test_an_arrow_is_labelled_by_the_law_itself():
    net = nb.networks.rhythm().with_value("E->I.weight", nb.Truncated(nb.Normal(15, 1), low=0.0))
    labels = {a.name: a.label for a in draw(net.with_value("E->I.delay", nb.Uniform(1, 3)), {}).arrows}
    assert labels["E->I"] == "normal · uniform"
