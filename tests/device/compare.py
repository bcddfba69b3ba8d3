"""Owns the comparison of two results: every state at every sample, every spike. Must not know who made them."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray

import nbkit as nb


def everything(net: nb.Network) -> list[str]:
    """Paths of all states, and of the spikes of all populations that spike."""
    paths = [f"{name}.{state}" for name, p in net.populations.items() for state in p.model.states]
    return paths + [f"{name}.spike" for name, p in net.populations.items() if p.model.spiking is not None]


def run(net: nb.Network, steps: int, dt: float, **keywords: Any) -> xarray.Dataset:
    """A run that records everything."""
    keywords = {"accelerator": False} | keywords if keywords.get("backend") != "cupy" else keywords
    return nb.simulate(net, steps * dt, dt, record=everything(net), **keywords)


def farthest(one: xarray.Dataset, other: xarray.Dataset, net: nb.Network) -> float:
    """The largest difference of a state, in units of 1 + its size; spikes must be the same ones."""
    worst = 0.0
    for path in everything(net):
        if path.endswith(".spike"):
            for part in ("time", "unit"):
                np.testing.assert_array_equal(
                    one[f"{path}_{part}"].values, other[f"{path}_{part}"].values, err_msg=path
                )
            continue
        a, b = one[path].values, other[path].values
        assert a.shape == b.shape
        worst = max(worst, float((np.abs(a - b) / (1 + np.abs(b))).max()))
    return worst
