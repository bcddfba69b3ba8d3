"""Owns nbkit's side of every workload."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import common as c
import numpy as np
from common import Answer, Job

import nbkit as nb


def simulation(asked: Job, net: nb.Network, dt: float) -> nb.Simulation:
    """A network, built as the job wants it."""
    return nb.Simulation(
        net, dt=dt, seed=0, precision=asked["precision"], accelerator=asked["options"].get("accelerator")
    )


def rates(n: int, delay: float = 0.0) -> nb.Network:
    """All-to-all Wilson-Cowan units."""
    matrix, start = c.weights(n)
    return nb.Network(
        {"E": nb.Population(nb.models.wilson_cowan, n, initial={"r": start})},
        projections=[nb.Projection("E.r", "E.r_in", weight=matrix, delay=delay, history="zero")],
    )


def wilson_cowan(asked: Job) -> Answer:
    """Time a step after a first, shorter run."""
    n, delay, steps = (asked["settings"][key] for key in ("n", "delay", "steps"))
    sim = simulation(asked, rates(n, delay), c.DT)
    short = max(steps // 10, 2)
    # a peer returns rows 0 .. count-1; row `count` is nbkit's extra, last one
    last = np.asarray(sim.run(short * c.DT, record=["E.r"])["E.r"])[short - 1]
    first = c.since(asked)
    per_step = (
        c.median_of(lambda: c.timed(lambda: sim.run(steps * c.DT, record=["E.r"])), asked["settings"]["repeats"])
        / steps
    )
    return {"values": {"step": per_step}, "check": c.few(last), "first": first}


def wilson_cowan_first(asked: Job) -> Answer:
    """From nothing to a Dataset."""
    n, steps = asked["settings"]["n"], asked["settings"]["steps"]
    ds = simulation(asked, rates(n), c.DT).run(steps * c.DT, record=["E.r"])
    return {"values": {}, "check": c.few(ds["E.r"].to_numpy()[steps - 1]), "first": c.since(asked)}


def quadratic(asked: Job) -> Answer:
    """Build and run, in a process that has built and run before."""

    def build_and_run(n: int, steps: int, numbers: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        net = nb.Network(
            {"Q": nb.Population(nb.models.qif, n)},
            [nb.Projection("Q.s", "Q.s_in", weight=numbers[0])],
            [nb.Stimulus("Q.I_ext", nb.Recorded(numbers[1], dt=c.DT))],
            time_unit="1",
        )
        return simulation(asked, net, c.DT).run(steps * c.DT, record=["Q.v"])["Q.v"].to_numpy()

    build_and_run(5, 100, c.quadratic(5, 100))
    n, steps = asked["settings"]["n"], asked["settings"]["steps"]
    numbers = c.quadratic(n, steps)
    kept: list[np.ndarray] = []
    seconds = c.timed(lambda: kept.append(build_and_run(n, steps, numbers)))
    resets = float((kept[0][:-1] == -100.0).sum())
    return {"values": {"run": seconds}, "check": [resets, *c.few(kept[0][-2])], "first": c.since(asked)}


def _sheet(n: int) -> dict[str, Any]:
    return {"size": (n, n), "extent": n / (n - 1)}


def _lateral() -> nb.Projection:
    kernel = nb.kernels.DifferenceOfGaussians(*c.KERNEL.values())
    rule = nb.AllToAll(autapses=False)
    return nb.Projection("focus.r", "focus.lateral", weight=kernel, rule=rule, weight_is="synapse")


def field_picture(asked: Job) -> Answer:
    """A field that follows a moving bubble, from nothing to a picture."""
    from bokeh.embed import file_html  # noqa: PLC0415  the picture is part of what is timed
    from bokeh.resources import CDN  # noqa: PLC0415

    n, steps = asked["settings"]["n"], asked["settings"]["steps"]
    gap = 1 / (n - 1)
    middle = (n / 2 + 0.5) * gap
    turn = {"period": c.PERIOD, "phase": 2 * np.pi / c.PERIOD, "centre": (middle, middle)}
    bubble = nb.MovingBubble(amplitude=1.0, width=c.SIGMA * gap, radius=c.RADIUS * n / 2 * gap, **turn)
    net = nb.Network(
        {
            "inp": nb.Population(nb.models.rectified_input, **_sheet(n)),
            "focus": nb.Population(nb.models.neural_field, parameters={"tau": c.TAU}, **_sheet(n)),
        },
        [nb.Projection("inp.r", "focus.exc", rule=nb.OneToOne(), delay=c.DELAY, history="zero"), _lateral()],
        [nb.Stimulus("inp.u", bubble)],
    )
    ds = simulation(asked, net, 1.0).run(float(steps), record=["focus.r"])
    with tempfile.TemporaryDirectory() as folder:
        page = file_html(nb.plots.sheet(ds), resources=CDN, title="field")
        (Path(folder) / "field.html").write_text(page, encoding="utf-8")
        first = c.since(asked)
    return {"values": {}, "check": c.few(ds["focus.r"].to_numpy()[-1]), "first": first}


def field_steps(asked: Job) -> Answer:
    """One step of a field alone, which is nearly all its lateral coupling."""
    n, steps, checked = (asked["settings"][key] for key in ("n", "steps", "checked"))
    start = {"r": c.bump(n)}
    field = nb.Population(nb.models.neural_field, parameters={"tau": c.TAU}, initial=start, **_sheet(n))
    sim = simulation(asked, nb.Network({"focus": field}, [_lateral()]), 1.0)
    last = sim.run(float(checked), record=[nb.Record("focus.r", every=checked)])["focus.r"].to_numpy()[-1]
    first = c.since(asked)
    kept = [nb.Record("focus.r", every=steps)]
    per_step = c.median_of(lambda: c.timed(lambda: sim.run(float(steps), record=kept))) / steps
    return {"values": {"step": per_step}, "check": c.few(last), "first": first}


def live(asked: Job) -> Answer:
    """Turn a parameter, step on, look."""
    matrix, start = c.weights(c.LIVE_UNITS)
    unit = nb.Population(nb.models.wilson_cowan, c.LIVE_UNITS, {"theta": 2.0}, {"r": start})
    sim = simulation(asked, nb.Network({"E": unit}, [nb.Projection("E.r", "E.r_in", weight=matrix)]), c.DT)
    first, found, seconds = 0.0, np.zeros(0), []
    for turn in range(c.LIVE_TURNS):

        def once(turn: int = turn) -> None:
            nonlocal found
            sim.set("E.theta", c.turned(turn))
            found = sim.advance(c.LIVE_STEPS, ["E.r"])[1]["E.r"][-1]

        seconds.append(c.timed(once))
        first = first or c.since(asked)
    return {"values": {"run": float(np.median(seconds))}, "check": c.few(found), "first": first}


def cuba(asked: Job) -> Answer:
    """A second of a sparse network of leaky neurons, its spikes recorded."""
    model = nb.Model(
        "cuba",
        """
        dv/dt = (ge + gi - (v - el))/taum
        dge/dt = -ge/taue
        dgi/dt = -gi/taui
        """,
        states={"v": 0.0, "ge": 0.0, "gi": 0.0},
        parameters=c.CUBA,
        events=("ge", "gi"),
        threshold="v > vt",
        reset="v = vr",
        refractory="t_ref",
        method="exact",
    )
    start = {"v": nb.Uniform(c.CUBA["vr"], c.CUBA["vt"])}
    pops = {name: nb.Population(model, size, initial=start) for name, size in zip("EI", c.CUBA_SIZES, strict=True)}
    into = dict(zip("EI", zip(("ge", "gi"), c.CUBA_WEIGHTS, strict=True), strict=True))
    wires = [
        nb.Projection(
            f"{pre}.spike", f"{post}.{into[pre][0]}", rule=nb.Bernoulli(c.CUBA_SHARE), weight=into[pre][1], delay=0.1
        )
        for pre in "EI"
        for post in "EI"
    ]
    sim = simulation(asked, nb.Network(pops, wires), 0.1)
    ds = sim.run(1000.0)
    rate = sum(ds[f"{name}.spike_time"].size for name in "EI") / sum(c.CUBA_SIZES)
    first = c.since(asked)
    sim.reset()  # the same second again, with everything loaded, as the peers' is timed
    return {"values": {"run": c.timed(lambda: sim.run(1000.0))}, "check": [rate], "first": first}


def microcircuit(asked: Job) -> Answer:
    """Build the microcircuit, let it settle, and time what follows."""
    scale, settle, duration = (asked["settings"][key] for key in ("scale", "settle", "duration"))
    kept: list[Any] = []
    built = c.timed(lambda: kept.append(simulation(asked, nb.networks.microcircuit(scale=scale), 0.1)))
    sim = kept[0]
    sim.run(settle)
    first = c.since(asked)
    seconds = c.timed(lambda: kept.append(sim.run(duration)))
    sizes = sum(p.count for p in sim.network.populations.values())
    spikes = sum(int(kept[1][f"{name}.spike_time"].size) for name in sim.network.populations)
    values = {"rtf": 1000.0 * seconds / duration, "build": built}
    return {"values": values, "check": [1000.0 * spikes / sizes / duration], "first": first}


def sweep(asked: Job) -> Answer:
    """Many variants of one network side by side, the last sample of each kept."""
    points, steps = asked["settings"]["points"], asked["settings"]["steps"]
    net, thetas = rates(10), np.linspace(1.0, 3.0, points)
    kept = [nb.Record("E.r", every=steps)]

    def run(steps: int) -> Any:
        return nb.sweep(net, {"E.theta": thetas}, steps * c.DT, c.DT, kept, precision=asked["precision"])

    run(steps)
    first = c.since(asked)
    found: list[Any] = []
    seconds = c.timed(lambda: found.append(run(steps)))
    values = {"run": seconds, "step": seconds / steps}
    return {"values": values, "check": c.few(found[0]["E.r"].to_numpy()[0, -1]), "first": first}


TASKS = {
    "wilson_cowan": wilson_cowan,
    "wilson_cowan_first": wilson_cowan_first,
    "quadratic": quadratic,
    "field_picture": field_picture,
    "field_steps": field_steps,
    "live": live,
    "cuba": cuba,
    "microcircuit": microcircuit,
    "sweep": sweep,
}

if __name__ == "__main__":
    c.work_off(TASKS, nbkit=nb.__version__)
