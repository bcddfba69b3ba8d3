"""Laws of `Simulation.advance`: the same steps and the same numbers as `run`, without a labelled result."""

from __future__ import annotations

import numpy as np
import pytest

import nbkit as nb
from nbkit.errors import NbkitError

MODEL = nb.Model(
    "m", "dx/dt = -x + u\n twice = 2*x", states={"x": 1.0}, inputs={"u": 0.0}, parameters={}, time_unit="ms"
)


def simulation(size=5):
    stimuli = [nb.Stimulus("E.u", nb.Noise(intensity=1.0))]
    projections = [nb.Projection("E.x", "E.u", weight=0.1, delay=0.7)]
    return nb.Simulation(nb.Network({"E": nb.Population(MODEL, size)}, projections, stimuli, time_unit="ms"), 0.1)


def test_pieces_are_the_run():
    plain, whole = simulation(), simulation()
    pieces = [plain.advance(steps, ["E.x", "E.twice"]) for steps in (3, 1, 40, 16)]
    expected = whole.run(6.0, ["E.x", "E.twice"])
    assert (np.concatenate([samples for samples, _ in pieces]) == expected["step"].values).all()
    for path in ("E.x", "E.twice"):
        assert (np.concatenate([rows[path] for _, rows in pieces]) == expected[path].values).all()
    assert (plain.state["E.x"].values == whole.state["E.x"].values).all()


def test_without_a_record_only_the_state_moves():
    plain, whole = simulation(), simulation()
    samples, rows = plain.advance(60)
    assert rows == {}
    assert len(samples) == 61
    whole.run(6.0)
    assert plain.time == whole.time
    assert (plain.state["E.x"].values == whole.state["E.x"].values).all()


def test_every_so_manieth_sample_is_counted_from_the_start():
    plain = simulation()
    plain.advance(4)
    samples, rows = plain.advance(10, ["E.x"], every=3)
    assert samples.tolist() == [6, 9, 12]
    assert (rows["E.x"] == simulation().run(1.4, ["E.x"])["E.x"].values[[6, 9, 12]]).all()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((0,), "bad-duration"),
        ((1.5,), "bad-duration"),
        ((10, ["E.q"]), "unknown-record"),
        ((10, ["E.x"], 0), "bad-record"),
    ],
)
def test_what_cannot_be_advanced_is_refused(arguments, code):
    with pytest.raises(NbkitError) as error:
        simulation().advance(*arguments)
    assert error.value.code == code


def test_spikes_come_with_their_samples_and_units():
    net = nb.networks.brunel(50)
    plain, whole = nb.Simulation(net, 0.1), nb.Simulation(net, 0.1)
    pieces = [plain.advance(steps, ["E.spike"])[1]["E.spike"] for steps in (7, 300, 193)]
    expected = whole.run(50.0, ["E.spike"])
    stamps, units = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    assert len(stamps) > 10
    assert (stamps * 0.1 == expected["E.spike_time"].values).all()
    assert (units == expected["E.spike_unit"].values).all()


def test_numbers_that_run_away_are_told_as_by_run():
    away = nb.Model("away", "dx/dt = x**3", states={"x": 1.0}, time_unit="1")
    net = nb.Network({"E": nb.Population(away, 2)}, time_unit="1")
    with pytest.raises(NbkitError) as error:
        nb.Simulation(net, 0.1).advance(1000, ["E.x"])
    assert error.value.code == "run-not-finite"
    assert np.isfinite(error.value.result["E.x"]).all()


def test_an_input_that_ends_is_told_before_the_first_step():
    stimulus = nb.Stimulus("E.u", nb.Recorded(np.ones(50), dt=0.1))
    sim = nb.Simulation(nb.Network({"E": nb.Population(MODEL, 2)}, stimuli=[stimulus], time_unit="ms"), 0.1)
    with pytest.raises(NbkitError) as error:
        sim.advance(60)
    assert error.value.code == "input-too-short"
    assert sim.time == 0.0


def test_pieces_of_a_run_are_put_together_and_nothing_else_is():
    plain, whole = nb.Simulation(nb.networks.brunel(50), 0.1), nb.Simulation(nb.networks.brunel(50), 0.1)
    together, expected = nb.joined([plain.run(3.0), plain.run(0.1), plain.run(26.9)]), whole.run(30.0)
    assert set(together.variables) == set(expected.variables)
    for name in expected.variables:
        np.testing.assert_array_equal(together[name], expected[name], strict=True)
    other = simulation().run(1.0)
    for wrong in ([], [1], [together, other]):
        with pytest.raises(NbkitError, match="no pieces of one run"):
            nb.joined(wrong)
