"""Law: a document forgets nothing that was done, says it in words, and is itself again after JSON and link."""

import json

import numpy as np
import pytest

import nbkit as nb
from nbkit.network.difference import differences
from nbkit.network.setup import proposed


def pair(size=80):
    units = {
        "E": nb.Population(nb.models.wilson_cowan, size),
        "I": nb.Population(nb.models.wilson_cowan_inhibitory, 20),
    }
    wires = [
        nb.Projection("E.r", "I.r_in", weight=15.0, weight_is="total"),
        nb.Projection("I.r", "E.r_in", weight=-12.0, weight_is="total"),
    ]
    return nb.Network(units, wires, [nb.Stimulus("E.r_ext", nb.Step(1.25))])


def words(new, old=None):
    return [d.words for d in differences(old or pair(), new)]


class TestDifferences:
    def test_the_same_network_does_not_differ(self):
        assert words(pair()) == []
        assert words(nb.Network.from_json(pair().to_json())) == []

    def test_values_are_told_with_their_units(self):
        assert words(pair().with_value("E->I.delay", 2.0)) == ["E->I.delay 0 → 2 ms"]
        assert words(pair().with_value("E.tau", 12.0)) == ["E.tau 10 → 12 ms"]
        assert words(pair().with_value("E.r.initial", 0.1)) == ["E.r.initial 0 → 0.1"]
        assert words(pair().with_value("E.r_ext.amplitude", 2.0)) == ["E.r_ext.amplitude 1.25 → 2"]
        assert words(pair().with_value("E.tau", nb.Uniform(8, 12)))[0].startswith("E.tau 10 → Uniform")

    def test_every_difference_is_told(self):
        new = pair(320).with_value("I.tau", 5.0).with_value("I->E.gain", 2.0)
        assert words(new) == ["E: 80 → 320 units", "I.tau 10 → 5 ms", "I->E.gain 1 → 2"]

    def test_parts_come_and_go(self):
        lone = nb.Network({"E": pair().populations["E"]})
        assert words(lone) == [
            "population I removed", "connection E->I removed", "connection I->E removed", "stimulus E.r_ext removed",
        ]  # fmt: skip
        assert words(pair(), lone)[0] == "population I added"

    def test_the_kind_of_a_part_is_told(self):
        net = pair()
        other = nb.Network(net.populations, net.projections, [nb.Stimulus("E.r_ext", nb.Sine(1.0, 10.0))])
        (found,) = differences(net, other)
        assert not found.value
        assert "signal" in found.words
        wires = [
            nb.Projection("E.r", "I.r_in", rule=nb.FixedInDegree(3), weight=15.0, weight_is="total"),
            net.projections[1],
        ]
        (rule,) = differences(net, nb.Network(net.populations, wires, net.stimuli))
        assert rule.words.startswith("E->I: rule AllToAll")

    def test_arrays_differ_in_a_single_bit(self):
        rows = np.arange(80.0) + 1
        one = pair().with_value("E.tau", rows)
        assert words(pair().with_value("E.tau", rows.copy()), one) == []
        rows[3] = np.nextafter(rows[3], 10)
        assert len(words(pair().with_value("E.tau", rows), one)) == 1

    def test_a_default_that_is_typed_is_no_difference(self):
        assert words(pair().with_value("E.tau", 10.0)) == []

    def test_the_order_of_parts_counts(self):
        net = pair()
        turned = nb.Network(dict(reversed(list(net.populations.items()))), net.projections, net.stimuli)
        assert words(turned) == ["order of the populations"]


class TestEditing:
    def test_an_edit_can_be_undone_and_redone_to_the_bit(self):
        document = nb.Document(pair())
        nets = [document.network]
        for tau in (11.0, 12.0, 13.0, 14.0, 15.0):
            assert document.edit(document.network.with_value("E.tau", tau))
            nets.append(document.network)
        for net in reversed(nets[:-1]):
            assert document.undo()
            assert document.network == net
        assert not document.undo()
        for net in nets[1:]:
            assert document.redo()
            assert document.network == net
        assert not document.redo()

    def test_any_revision_can_be_gone_to(self):
        document = nb.Document(pair())
        for tau in (9.0, 10.0, 11.0):
            document.edit(document.network.with_value("E.tau", tau))
        heard = []
        document.subscribe(lambda revision: heard.append(revision.network.value("E.tau")))
        assert document.go_to(1)
        assert document.go_to(3)
        assert [document.go_to(number) for number in (3, -1, 4)] == [False, False, False]
        assert heard == [9.0, 11.0]
        assert document.number == 3

    def test_a_new_edit_forgets_what_was_undone(self):
        document = nb.Document(pair())
        document.edit(document.network.with_value("E.tau", 11.0))
        document.undo()
        document.edit(document.network.with_value("E.tau", 12.0))
        assert not document.redo()
        assert [r.words for r in document.revisions] == ["opened", "E.tau 10 → 12 ms"]

    def test_what_changes_nothing_is_no_edit(self):
        document = nb.Document(pair())
        heard = []
        document.subscribe(heard.append)
        assert not document.edit(pair())
        assert not document.edit()
        assert not document.edit(
            document.network.with_value("E.tau", 10.0).with_value("E.tau", 10.0), setup=document.setup
        )
        assert heard == []
        assert len(document.revisions) == 1

    def test_one_drag_is_one_revision(self):
        document = nb.Document(pair())
        for tau in (11.0, 12.0, 13.0):
            document.edit(document.network.with_value("E.tau", tau), merge="drag of E.tau")
        assert [r.words for r in document.revisions] == ["opened", "E.tau 10 → 13 ms"]
        document.edit(document.network.with_value("E.tau", 14.0), merge="another drag")
        assert len(document.revisions) == 3
        document.undo()
        assert document.network.value("E.tau") == 13.0
        document.edit(document.network.with_value("E.tau", 15.0), merge="another drag")
        assert document.revisions[-1].words == "E.tau 13 → 15 ms"
        assert len(document.revisions) == 3

    def test_setup_and_drawing_are_edited_too(self):
        document = nb.Document(pair(), nb.Setup(100.0, 0.1))
        assert document.edit(setup=nb.Setup(200.0, 0.05, seed=3), positions={"E": (10, 20)})
        assert document.revisions[-1].words == "duration 100 → 200; dt 0.1 → 0.05; seed 0 → 3"
        assert document.positions == {"E": (10.0, 20.0)}
        assert document.edit(positions={"E": (10, 21)})
        assert document.revisions[-1].words == "moved"
        document.edit(document.network.with_value("E.tau", 9.0))
        assert document.setup.seed == 3

    def test_places_of_parts_that_are_gone_are_dropped(self):
        document = nb.Document(pair(), positions={"E": (1, 2), "I": (3, 4), "E.r_ext": (5, 6)})
        document.edit(nb.Network({"I": pair().populations["I"]}))
        assert dict(document.positions) == {"I": (3.0, 4.0)}
        document.undo()
        assert set(document.positions) == {"E", "I", "E.r_ext"}

    def test_listeners_hear_each_change_until_they_leave(self):
        document = nb.Document(pair())
        heard = []
        leave = document.subscribe(lambda revision: heard.append(revision.network.value("E.tau")))
        document.edit(document.network.with_value("E.tau", 11.0))
        document.undo()
        document.redo()
        leave()
        leave()
        document.undo()
        assert heard == [11.0, 10.0, 11.0]

    def test_a_wrong_edit_leaves_everything_as_it_was(self):
        document = nb.Document(pair())
        for wrong in ({"network": 3}, {"setup": {"dt": 1}}, {"positions": {"E": (1, float("nan"))}}):
            with pytest.raises(nb.NbkitError):
                document.edit(**wrong)
        assert len(document.revisions) == 1

    def test_old_revisions_are_forgotten_at_last(self, monkeypatch):
        monkeypatch.setattr("nbkit.network.document._MOST_REVISIONS", 3)
        document = nb.Document(pair())
        for tau in (11.0, 12.0, 13.0, 14.0):
            document.edit(document.network.with_value("E.tau", tau))
        assert len(document.revisions) == 3
        assert document.undo()
        assert document.undo()
        assert not document.undo()
        assert document.network.value("E.tau") == 12.0

    def test_what_is_no_network_is_refused(self):
        with pytest.raises(nb.NbkitError, match="no network"):
            nb.Document("E")


class TestFiles:
    def document(self):
        return nb.Document(pair(), nb.Setup("200 ms", 0.02, 5, ["E.r"], precision="float32"), {"E": (1, 2)})

    @pytest.mark.parametrize("way", ["json", "link"])
    def test_a_document_is_itself_again(self, way):
        document = self.document()
        again = (
            nb.Document.from_json(document.to_json()) if way == "json" else nb.Document.from_link(document.to_link())
        )
        assert again.network == document.network
        assert again.setup == document.setup
        assert again.positions == document.positions
        assert len(again.revisions) == 1

    def test_a_network_alone_is_a_document_too(self):
        assert nb.Document.from_json(pair().to_json()).network == pair()
        assert nb.Document.from_link(pair().to_link()).network == pair()

    def test_everything_that_is_wrong_with_a_file_is_told(self):
        held = json.loads(self.document().to_json())
        del held["positions"]
        held["setup"]["sede"] = held["setup"].pop("dt")
        held["extra"] = 1
        with pytest.raises(nb.NbkitError) as error:
            nb.Document.from_json(json.dumps(held))
        assert sorted(p.where for p in error.value.problems) == ["extra", "positions", "setup.dt", "setup.sede"]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            "{}",
            '{"format": "nbkit.document", "version": 2}',
            '{"format": "nbkit.document", "version": 1}',
            "nan",
        ],
    )
    def test_what_is_no_document_is_refused(self, text):
        with pytest.raises(nb.NbkitError):
            nb.Document.from_json(text)


class TestSetup:
    def test_it_is_what_simulate_takes(self):
        setup = nb.Setup(10.0, 0.1, seed=3, record="E.r")
        assert setup.keywords() == {"duration": 10.0, "dt": 0.1, "seed": 3, "record": ["E.r"]}
        ds = nb.simulate(pair(), **setup.keywords())
        assert next(iter(ds.data_vars)) == "E.r"
        assert ds.attrs["seed"] == 3

    def test_everything_that_is_wrong_is_told(self):
        with pytest.raises(nb.NbkitError) as error:
            nb.Setup("long", None, seed=-1, record=[3], method="rk4", precision="float16", delays="round")
        assert len(error.value.problems) == 7

    @pytest.mark.parametrize(
        ("network", "dt", "duration"),
        [
            (pair(), 0.2, 500.0),
            (pair().with_value("E.tau", nb.Uniform(0.8, 1.2)), 0.02, 400.0),
            (pair().with_value("E->I.delay", 0.5), 0.1, 500.0),
            (pair().with_value("E->I.delay", 200.0), 0.2, 4000.0),
            (nb.Network({"N": nb.Population(nb.models.jansen_rit, 1)}, time_unit="s"), 0.0002, 4.0),
            (nb.Network({"N": nb.Population(nb.models.qif, 10)}, time_unit="1"), 0.02, 50.0),
        ],
    )
    def test_a_proposal_suits_the_time_constants(self, network, dt, duration):
        setup = proposed(network)
        assert (setup.dt, setup.duration) == (dt, duration)
        nb.simulate(network, 5 * setup.dt, setup.dt)
        assert round(setup.duration / setup.dt, 6) % 1 == 0


def test_a_guarded_document_refuses_what_its_guard_tells_and_stays_as_it_is():
    def guard(network):
        if network.value("E.tau") > 10:
            yield nb.Problem("locked", "E.tau", "too slow", "10 or less")

    net = nb.networks.rhythm()
    document = nb.Document(net, guard=guard)
    told = []
    document.subscribe(told.append)
    with pytest.raises(nb.NbkitError, match="too slow"):
        document.edit(net.with_value("E.tau", 11.0))
    assert (document.network, document.number, told) == (net, 0, [])
    assert document.edit(net.with_value("E.tau", 9.0))
    assert [p.where for p in document.refusals(net.with_value("E.tau", 12.0))] == ["E.tau"]


def test_the_code_of_a_document_makes_its_network_and_its_result():
    document = nb.Document(nb.networks.rhythm(), nb.Setup(20.0, 0.1, seed=2, record=("I.r",), precision="float32"))
    names = {}
    exec(document.to_code(), names)  # noqa: S102  our own export
    assert names["net"] == document.network
    assert "I.r" in names["ds"]
    assert "E.r" not in names["ds"]
    fresh = nb.simulate(document.network, 20.0, 0.1, seed=2, precision="float32")
    np.testing.assert_array_equal(names["ds"]["I.r"], fresh["I.r"])
