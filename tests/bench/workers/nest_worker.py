"""Owns NEST's side: the microcircuit on two threads, from the published numbers in `tests/peers/data/`.

Its kernel holds at most 2^27 - 2 synapses of one model on one thread, so excitatory and inhibitory ones have a copy of
the static synapse each: with that the full scale fits on two threads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common as c
import nest
import numpy as np
from common import Answer, Job

NUMBERS = json.loads((Path(__file__).parents[2] / "peers" / "data" / "microcircuit_params.json").read_text())
H = NUMBERS["resolution_ms"]
MODELS = ("excitatory", "inhibitory")


def derived(scale: float) -> dict[str, Any]:
    """Sizes, synapse numbers, currents and weights at a scale."""
    return next(d for d in NUMBERS["scaled"] if d["N_scaling"] == scale and d["bg"] == "poisson")


def populations(numbers: dict[str, Any]) -> list[Any]:
    """The neurons, and the Poisson input of each population."""
    made, start = [], NUMBERS["V0"]["optimized"]
    neuron = {key: value for key, value in NUMBERS["neuron"].items() if key not in ("model", "tau_syn")}
    tau = NUMBERS["neuron"]["tau_syn"]
    for i, size in enumerate(numbers["num_neurons"]):
        own = {"tau_syn_ex": tau, "tau_syn_in": tau, "I_e": numbers["I_e_pA"][i]}
        pop = nest.Create("iaf_psc_exp", size, params=neuron | own)
        pop.V_m = nest.random.normal(start["mean"][i], start["std"][i])
        source = nest.Create("poisson_generator", params={"rate": numbers["poisson_rate_per_neuron_Hz"][i]})
        wire = {"weight": numbers["weight_ext_pA"], "delay": NUMBERS["delay_bg_ms"]}
        nest.Connect(source, pop, syn_spec=wire)
        made.append(pop)
    return made


def pairs(numbers: dict[str, Any]) -> Iterator[tuple[int, int, int, float, float]]:
    """Target, source, number, mean weight and mean delay of every pair that is connected."""
    for target, row in enumerate(numbers["num_synapses"]):
        for source, count in enumerate(row):
            if count:
                delay = NUMBERS["delay_inh_ms" if source % 2 else "delay_exc_ms"]
                weight = numbers["weight_inh_pA" if source % 2 else "weight_exc_pA"]
                if (target, source) == (0, 2):  # L4E reaches L23E with twice the potential
                    weight = numbers["weight_L4E_to_L23E_pA"]
                yield target, source, int(count), weight, delay


def connect(made: list[Any], numbers: dict[str, Any]) -> None:
    """A fixed total number of synapses for each pair, normal weights that keep their sign, normal delays."""
    for model in MODELS:
        nest.CopyModel("static_synapse", model)
    for target, source, count, weight, delay in pairs(numbers):
        low, high = (0.0, np.inf) if weight > 0 else (-np.inf, 0.0)
        drawn = nest.random.normal(weight, NUMBERS["weight_rel_std"] * abs(weight))
        late = nest.random.normal(delay, NUMBERS["delay_rel_std"] * delay)
        wire = {
            "synapse_model": MODELS[source % 2],
            "weight": nest.math.redraw(drawn, min=low, max=high),
            "delay": nest.math.redraw(late, min=H / 2, max=np.inf),
        }
        nest.Connect(made[source], made[target], {"rule": "fixed_total_number", "N": count}, wire)


def microcircuit(asked: Job) -> Answer:
    """Build the microcircuit, let it settle, and time what follows."""
    scale, settle, duration = (asked["settings"][key] for key in ("scale", "settle", "duration"))
    numbers = derived(scale)
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.local_num_threads = asked["options"]["threads"]
    nest.resolution = H
    nest.rng_seed = 11
    recorder = []

    def build() -> None:
        made = populations(numbers)
        connect(made, numbers)
        recorder.append(nest.Create("spike_recorder"))
        for pop in made:
            nest.Connect(pop, recorder[0])
        nest.Prepare()
        nest.Cleanup()

    built = c.timed(build)
    nest.Simulate(settle)
    first = c.since(asked)
    before = recorder[0].n_events
    seconds = c.timed(lambda: nest.Simulate(duration))
    rate = 1000.0 * (recorder[0].n_events - before) / sum(numbers["num_neurons"]) / duration
    return {"values": {"rtf": 1000.0 * seconds / duration, "build": built}, "check": [rate], "first": first}


if __name__ == "__main__":
    c.work_off({"microcircuit": microcircuit}, nest=nest.__version__)
