"""Law: what half a step changes is told apart from what another seed changes, on the samples of the first run."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.model_or_step import is_random, model_or_step

M = nb.models
LEAK = M.leaky_integrator


def pair(drive: float = 2.0) -> nb.Network:
    return nb.Network({"N": nb.Population(M.wilson_cowan_pair, 1)}, stimuli=[nb.Stimulus("N.P", nb.Step(drive))])


def noisy(size: int = 1, intensity: float = 1.0, start: float = 0.0) -> nb.Network:
    noise = nb.Stimulus("E.u", nb.Noise(intensity))
    return nb.Network({"E": nb.Population(LEAK, size, initial={"x": start})}, stimuli=[noise])


def falling(tau: float = 10.0, **initial: Any) -> nb.Network:
    return nb.Network({"E": nb.Population(LEAK, 2, {"tau": tau}, initial or {"x": 1.0})})


def wired(rule: Any) -> nb.Network:
    """Units that differ, and reach each other by a rule."""
    units = nb.Population(LEAK, 3, initial={"x": [1.0, 2.0, 3.0]})
    return nb.Network({"E": units}, [nb.Projection("E.x", "E.u", rule=rule, weight=0.1)])


# ---------------------------------------------------------------- verdicts


def test_a_rhythm_that_the_step_makes_is_the_steps() -> None:
    asked = model_or_step(pair(), 1000.0, 0.1, ["N.E"])
    assert asked.attrs["answer"] == "step"
    assert "halve it" in asked.attrs["verdict"]
    assert asked["difference"].sel(change="step", variable="N.E") > 0.5


def test_the_same_rhythm_with_a_fine_step_is_the_models() -> None:
    asked = model_or_step(pair(), 300.0, 0.01, ["N.E"])
    assert asked.attrs["answer"] == "model"
    assert asked["run"].to_numpy().tolist() == ["as asked", "half the step"]
    assert asked["change"].to_numpy().tolist() == ["step"]


def test_noise_is_the_seeds() -> None:
    asked = model_or_step(noisy(), 200.0, 0.1)
    assert asked.attrs["answer"] == "seed"
    assert asked["run"].to_numpy().tolist() == ["as asked", "half the step", "another seed"]
    assert float(asked["difference"].sel(change="seed").max()) > 0.5


def test_noise_that_averages_out_changes_nothing() -> None:
    mean = [nb.Record("E.x", average="population")]
    assert model_or_step(noisy(500, 0.2, start=10.0), 100.0, 0.1, mean).attrs["answer"] == "neither"


def test_a_coarse_step_is_seen_through_noise() -> None:
    net = noisy(200, 0.05, start=10.0).with_value("E.tau", 1.0)
    mean = [nb.Record("E.x", average="population")]
    assert model_or_step(net, 8.0, 0.8, mean).attrs["answer"] == "step"
    assert model_or_step(net, 10.0, 0.02, mean).attrs["answer"] == "neither"


def test_spikes_are_compared_as_rates() -> None:
    asked = model_or_step(nb.networks.brunel(50), 200.0, 0.1)
    assert asked["E.spike_rate"].dims == ("run", "bin")
    assert asked["E.spike_rate"].attrs["units"] == "Hz"
    ran = nb.simulate(nb.networks.brunel(50), 200.0, 0.1)
    expected = ran["E.spike_time"].size / 0.2 / 200
    assert float(asked["E.spike_rate"].sel(run="as asked").mean()) == pytest.approx(expected)
    assert asked.attrs["answer"] == "seed"


def test_a_regular_neuron_is_the_models() -> None:
    drive = [nb.Stimulus("L.I_ext", nb.Step(25.0))]
    net = nb.Network({"L": nb.Population(M.lif, 2)}, stimuli=drive)
    period = lambda ds: float(np.diff(ds["L.spike_time"].to_numpy()[ds["L.spike_unit"].to_numpy() == 0])[2:].mean())  # noqa: E731
    asked = model_or_step(net, 300.0, 0.02, measure=period)
    assert asked.attrs["answer"] == "model"
    assert asked["measure"].to_numpy() == pytest.approx([24.0] * 2, abs=0.1)


# ---------------------------------------------------------------- a number that is measured


def test_the_verdict_is_about_what_is_measured() -> None:
    def swing(ds: Any) -> float:
        return float(np.ptp(ds["N.E"].to_numpy()[len(ds["time"]) // 2 :]))

    assert model_or_step(pair(1.25), 300.0, 0.05, ["N.E"]).attrs["answer"] == "step"  # the phases drift apart
    asked = model_or_step(pair(1.25), 300.0, 0.05, ["N.E"], measure=swing)
    assert asked.attrs["answer"] == "model"  # the swings are as high
    assert asked["measure"].dims == ("run",)
    assert float(asked["measure_difference"].sel(change="step")) < 0.02
    assert model_or_step(pair(), 2000.0, 0.1, ["N.E"], measure=swing).attrs["answer"] == "step"


def test_what_is_measured_only_once_has_changed() -> None:
    coarse = lambda ds: 40.0 if ds.attrs["dt"] > 0.07 else float("nan")  # noqa: E731
    asked = model_or_step(falling(), 10.0, 0.1, measure=coarse)
    assert asked.attrs["answer"] == "step"
    assert np.isinf(asked["measure_difference"].to_numpy()).all()
    assert model_or_step(falling(), 10.0, 0.1, measure=lambda _: float("nan")).attrs["answer"] == "model"


@pytest.mark.parametrize("measure", [lambda _: "E", lambda ds: ds["E.x"], lambda _: np.inf, lambda _: None])
def test_what_is_no_number_is_refused(measure: Any) -> None:
    with pytest.raises(nb.NbkitError) as caught:
        model_or_step(falling(), 10.0, 0.1, measure=measure)
    assert (caught.value.code, caught.value.where) == ("bad-value", "measure")


# ---------------------------------------------------------------- alignment


def test_the_runs_stand_on_the_samples_of_the_first() -> None:
    asked = model_or_step(falling(), 10.0, 0.1, ["E.x"])
    plain, half = nb.simulate(falling(), 10.0, 0.1, ["E.x"]), nb.simulate(falling(), 10.0, 0.05, ["E.x"])
    assert asked["E.x"].dims == ("run", "time", "E.unit")
    np.testing.assert_array_equal(asked["E.x"].sel(run="as asked"), plain["E.x"])
    np.testing.assert_array_equal(asked["E.x"].sel(run="half the step"), half["E.x"][::2])
    np.testing.assert_array_equal(asked["time"], plain["time"])
    apart = np.sqrt(np.mean((plain["E.x"].values - half["E.x"].values[::2]) ** 2))
    both = np.concatenate([plain["E.x"].values, half["E.x"].values[::2]])
    assert float(asked["difference"].item()) == pytest.approx(apart / both.std())


@pytest.mark.parametrize("average", [None, "block", "population"])
def test_records_keep_their_form(average: str | None) -> None:
    kept = [nb.Record("E.x", every=5, average=average)]
    asked = model_or_step(falling(), 10.0, 0.1, kept)
    half = nb.simulate(falling(), 10.0, 0.05, [nb.Record("E.x", every=10, average=average)])
    np.testing.assert_array_equal(asked["E.x"].sel(run="half the step"), half["E.x"])
    assert asked.sizes["time"] == 21


def test_chosen_units_and_records_that_can_be_read_once() -> None:
    asked = model_or_step(falling(), 10.0, 0.1, (nb.Record("E.x", units=[1]) for _ in range(1)))
    assert asked["E.unit"].to_numpy().tolist() == [1]
    assert model_or_step(falling(), 10.0, 0.1, "E.x")["E.x"].sizes["E.unit"] == 2


def test_without_a_record_it_is_what_a_run_records() -> None:
    both = {"E": nb.Population(M.fitzhugh_nagumo, 1), "S": nb.Population(M.qif, 2)}
    net = nb.Network(both, time_unit="1")
    asked, ran = model_or_step(net, 1.0, 0.01), nb.simulate(net, 1.0, 0.01)
    assert {n for n in asked.data_vars if "time" in asked[n].dims} == {
        n for n in ran.data_vars if "time" in ran[n].dims
    }
    assert "S.spike_rate" in asked


def test_it_is_deterministic_and_says_what_was_asked() -> None:
    one, other = (model_or_step(noisy(), 20.0, 0.1, seeds=(3, 4)) for _ in range(2))
    assert one.identical(other)
    assert json.loads(one.attrs["setup"])["seeds"] == [3, 4]
    np.testing.assert_array_equal(one["E.x"].sel(run="another seed"), nb.simulate(noisy(), 20.0, 0.1, seed=4)["E.x"])
    assert nb.Network.from_json(one.attrs["network"]) == noisy()


def test_a_network_with_large_arrays_can_be_made_again() -> None:
    loop = nb.Projection("E.x", "E.u", weight=np.random.default_rng(0).normal(0.0, 0.01, (60, 60)))
    net = nb.Network({"E": nb.Population(LEAK, 60, {"tau": np.linspace(5.0, 20.0, 60)}, {"x": 1.0})}, [loop])
    asked = model_or_step(net, 5.0, 0.1)
    arrays = {str(name): asked[name].to_numpy() for name in asked.data_vars}
    assert nb.Network.from_json(asked.attrs["network"], arrays) == net
    assert asked["variable"].to_numpy().tolist() == ["E.x"]


# ---------------------------------------------------------------- what is random, what is refused


@pytest.mark.parametrize(
    ("network", "random"),
    [
        (falling(), False),
        (falling(tau=10.0, x=nb.Quantiles(nb.Normal(0.0, 1.0))), False),
        (falling(tau=10.0, x=nb.Normal(0.0, 1.0)), True),
        (falling(tau=nb.Uniform(8.0, 12.0)), True),  # type: ignore[arg-type]
        (noisy(), True),
        (nb.networks.brunel(50), True),
        (wired(nb.AllToAll()), False),
        (wired(nb.FixedInDegree(1)), True),
        (nb.networks.balanced(50), True),
        (nb.Network({"E": nb.Population(nb.Model("n", "dx/dt = -x + xi", states={"x": 0.0}), 1)}), True),
    ],
)
def test_what_another_seed_changes_is_known(network: nb.Network, random: bool) -> None:  # noqa: FBT001
    assert is_random(network) == random
    runs = [nb.simulate(network, 20.0, 0.1, seed=seed).drop_attrs() for seed in (0, 1)]
    assert runs[0].equals(runs[1]) != random


@pytest.mark.parametrize("seeds", [(1, 1), (1,), 3, (0, 1, 2)])
def test_seeds_that_are_no_pair_are_refused(seeds: Any) -> None:
    with pytest.raises(nb.NbkitError) as caught:
        model_or_step(falling(), 10.0, 0.1, seeds=seeds)
    assert caught.value.code == "bad-seed"


def test_what_cannot_be_run_or_compared_is_refused() -> None:
    for network, duration, record, code in (
        ("E", 10.0, None, "bad-type"),
        (falling(), 10.03, None, "duration-off-grid"),
        (falling(), 10.0, ["E.y"], "unknown-record"),
        (falling(), 10.0, [], "bad-record"),
    ):
        with pytest.raises(nb.NbkitError) as caught:
            model_or_step(network, duration, 0.1, record)  # type: ignore[arg-type]
        assert caught.value.code == code
