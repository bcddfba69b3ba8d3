"""Owns Brian2's side: five coupled units between turns of a slider, and a sparse network of leaky neurons.

Its Cython modules and its C++ project lie in a folder that the job names, so that a second process finds them compiled.
`method="exact"` is Brian2's own choice for these linear equations.
"""

from __future__ import annotations

from pathlib import Path

import brian2 as b2
import common as c
import numpy as np
from brian2.devices.device import get_device
from common import Answer, Job

RATES = """
dr/dt = (-r + (1 - r)*m)/(10*second) : 1
m = 1/(1 + exp(-(r_in - theta))) - 1/(1 + exp(theta)) : 1
r_in : 1
theta : 1 (shared)
"""
LEAKY = """
dv/dt = (ge + gi - (v - el))/taum : volt (unless refractory)
dge/dt = -ge/taue : volt
dgi/dt = -gi/taui : volt
"""


def _compile_into(asked: Job) -> None:
    """Choose the target, and where compiled code is kept."""
    folder = Path(asked["options"]["folder"])
    b2.prefs.codegen.runtime.cython.cache_dir = str(folder / "cython")
    if asked["options"]["target"] == "standalone":
        b2.set_device("cpp_standalone", directory=str(folder / asked["task"]), build_on_run=True)
    else:
        b2.prefs.codegen.target = asked["options"]["target"]


def live(asked: Job) -> Answer:
    """Turn a parameter, run on, look."""
    _compile_into(asked)
    matrix, start = c.weights(c.LIVE_UNITS)
    b2.defaultclock.dt = c.DT * b2.second
    group = b2.NeuronGroup(c.LIVE_UNITS, RATES, method="euler")
    group.r = start
    wires = b2.Synapses(group, group, "w : 1\nr_in_post = w*r_pre : 1 (summed)")
    wires.connect()
    wires.w = matrix.T.ravel()  # source by source
    net = b2.Network(group, wires)
    first, found, seconds = 0.0, np.zeros(0), []
    for turn in range(c.LIVE_TURNS):

        def once(turn: int = turn) -> None:
            nonlocal found
            group.theta = c.turned(turn)
            net.run(c.LIVE_STEPS * c.DT * b2.second)
            found = np.array(group.r)

        seconds.append(c.timed(once))
        first = first or c.since(asked)
    return {"values": {"run": float(np.median(seconds))}, "check": c.few(found), "first": first}


def cuba(asked: Job) -> Answer:
    """A second of a sparse network of leaky neurons, its spikes recorded."""
    _compile_into(asked)
    b2.defaultclock.dt = 0.1 * b2.ms
    numbers = {name: value * (b2.mV if name[0] in "ve" else b2.ms) for name, value in c.CUBA.items()}
    excitatory, size = c.CUBA_SIZES[0], sum(c.CUBA_SIZES)
    rules = {"threshold": "v > vt", "reset": "v = vr", "refractory": c.CUBA["t_ref"] * b2.ms, "method": "exact"}
    group = b2.NeuronGroup(size, LEAKY, namespace=numbers, **rules)
    group.v = "vr + rand()*(vt - vr)"
    wires = []
    for name, sources, weight in zip(
        ("ge", "gi"), (group[:excitatory], group[excitatory:]), c.CUBA_WEIGHTS, strict=True
    ):
        one = b2.Synapses(sources, group, on_pre=f"{name} += w", namespace={"w": weight * b2.mV})
        one.connect(p=c.CUBA_SHARE)
        wires.append(one)
    spikes = b2.SpikeMonitor(group)
    net = b2.Network(group, *wires, spikes)
    standalone = asked["options"]["target"] == "standalone"
    if not standalone:
        net.run(0.1 * b2.ms)
    seconds = c.timed(lambda: net.run(1 * b2.second))
    rate = spikes.num_spikes / size
    return {
        "values": {"run": get_device()._last_run_time if standalone else seconds},
        "check": [float(rate)],
        "first": c.since(asked),
    }


if __name__ == "__main__":
    c.work_off({"live": live, "cuba": cuba}, brian2=b2.__version__)
