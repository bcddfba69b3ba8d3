"""Owns ANNarchy's side: a neural field with a moving bubble, and one without input.

It compiles each network by itself, into a temporary folder: a first picture is one that nothing was compiled for.
"""

from __future__ import annotations

import tempfile
from importlib.metadata import version
from pathlib import Path

import ANNarchy as ann  # noqa: N813  as its manual does
import common as c
import numpy as np
from common import Answer, Job

INPUT = {"parameters": "baseline = 0.0", "equations": "r = pos(baseline)"}
FIELD = {
    "parameters": f"tau = {c.TAU} : population",
    "equations": "tau * dr/dt + r = sum(exc) + sum(inh) : min=0.0, max=1.0",
}


def lateral(net: ann.Network, field: ann.Population) -> None:
    """Couple a field to itself by a difference of Gaussians."""
    net.connect(field, field, "inh").dog(**c.KERNEL)


def bubble(n: int, step: int) -> np.ndarray:
    """Input of a step: a Gaussian that moves along a circle."""
    x, y = np.meshgrid(np.arange(n, dtype=float), np.arange(n, dtype=float))
    angle = 2 * np.pi * step / c.PERIOD
    across, down = (n / 2 * (1 + c.RADIUS * turn(angle)) for turn in (np.cos, np.sin))
    return np.exp(-((x - across) ** 2 + (y - down) ** 2) / (2 * c.SIGMA**2))


def field_picture(asked: Job) -> Answer:
    """A field that follows a moving bubble, from nothing to a picture."""
    import matplotlib as mpl  # noqa: PLC0415  the picture is part of what is timed

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    n, steps = asked["settings"]["n"], asked["settings"]["steps"]
    net = ann.Network(dt=1.0, seed=1)
    inp = net.create(geometry=(n, n), neuron=ann.Neuron(**INPUT))
    focus = net.create(geometry=(n, n), neuron=ann.Neuron(**FIELD))
    net.connect(inp, focus, "exc").one_to_one(weights=1.0, delays=c.DELAY)
    lateral(net, focus)
    with tempfile.TemporaryDirectory() as folder:
        net.compile(directory=f"{folder}/field", silent=True)
        seen = net.monitor(focus, ["r"])
        for step in range(1, steps + 1):
            inp.baseline = bubble(n, step)
            net.step()
        rows = np.asarray(seen.get("r"))
        plt.imshow(rows[-1].reshape(n, n))
        plt.savefig(Path(folder) / "field.png")
        first = c.since(asked)
    return {"values": {}, "check": c.few(rows[-1]), "first": first}


def field_steps(asked: Job) -> Answer:
    """One step of a field alone, which is nearly all its lateral coupling."""
    n, steps, checked = (asked["settings"][key] for key in ("n", "peer_steps", "checked"))
    net = ann.Network(dt=1.0, seed=1)
    focus = net.create(geometry=(n, n), neuron=ann.Neuron(**FIELD))
    lateral(net, focus)
    with tempfile.TemporaryDirectory() as folder:
        net.compile(directory=f"{folder}/field", silent=True)
        focus.r = c.bump(n)
        net.simulate(float(checked))
        last = np.asarray(focus.r)
        first = c.since(asked)
        per_step = c.timed(lambda: net.simulate(float(steps))) / steps
    return {"values": {"step": per_step}, "check": c.few(last), "first": first}


if __name__ == "__main__":
    tasks = {"field_picture": field_picture, "field_steps": field_steps}
    c.work_off(tasks, annarchy=version("ANNarchy"))
