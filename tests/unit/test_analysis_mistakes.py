"""Laws of the words of an analysis: mistakes are told, results say what they are, examples run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import nbkit as nb
from nbkit import analysis
from tests.unit.test_analysis_signals import recorded, sine

PARTS = [f"nbkit.analysis.{part.name}" for part in pkgutil.iter_modules(analysis.__path__)]
WAVE = recorded(sine(50.0, samples=100) * np.ones(3))
SPIKES = analysis.spike_dataset("E", [1.0, 2.0], [0, 1], size=2, duration=10.0, dt=0.1)
UNEVEN = WAVE.isel(time=[0, 1, 2, 3, 4, 5, 6, 7, 9])

MISTAKES = {
    "a misspelt variable": ("unknown-variable", lambda: analysis.spectrum(WAVE, "E.rr")),
    "a parameter": ("unknown-variable", lambda: analysis.period(WAVE.assign({"E.tau": 1.0}), "E.tau")),
    "a misspelt population": ("unknown-population", lambda: analysis.rate(SPIKES, "F")),
    "no spikes of it": ("unknown-variable", lambda: analysis.rate(WAVE, "E")),
    "no spikes at all": ("unknown-variable", lambda: analysis.spike_table(WAVE)),
    "no times": ("unknown-variable", lambda: analysis.rate(SPIKES.drop_vars("time"), "E")),
    "no step": ("unknown-variable", lambda: analysis.rate(SPIKES.drop_attrs(deep=False), "E")),
    "a bin between steps": ("duration-off-grid", lambda: analysis.rate(SPIKES, "E", bin=0.25)),
    "an empty bin": ("duration-off-grid", lambda: analysis.rate(SPIKES, "E", bin=0.0)),
    "no bin": ("bad-value", lambda: analysis.synchrony(SPIKES, "E")),
    "a bin for a variable": ("bad-value", lambda: analysis.correlation(WAVE, "E.r", bin=1.0)),
    "a bin wider than the run": ("too-short", lambda: analysis.rate(SPIKES, "E", bin=20.0)),
    "one bin": ("too-short", lambda: analysis.fano_factor(SPIKES, "E", 10.0)),
    "a time in words": ("bad-time", lambda: analysis.rate(SPIKES, "E", bin="wide")),
    "a window outside": ("bad-value", lambda: analysis.rate(SPIKES, "E", (5.0, 20.0))),
    "a window backwards": ("too-short", lambda: analysis.rate(SPIKES, "E", (5.0, 4.0))),
    "nothing left": ("too-short", lambda: analysis.period(WAVE, "E.r", discard=9.8)),
    "no spikes left": ("too-short", lambda: analysis.cv(SPIKES, "E", discard=10.0)),
    "a negative time": ("bad-value", lambda: analysis.cv(SPIKES, "E", discard=-1.0)),
    "one interval": ("bad-value", lambda: analysis.cv(SPIKES, "E", least=1)),
    "lists of two lengths": (
        "wrong-shape",
        lambda: analysis.rate(SPIKES.assign({"E.spike_unit": ("other", [0, 1, 1])}), "E"),
    ),
    "too many pairs": ("bad-value", lambda: analysis.correlation(WAVE, "E.r", pairs=4)),
    "no units": ("bad-value", lambda: analysis.synchrony(WAVE, "E.r", units=0)),
    "uneven samples": ("bad-value", lambda: analysis.spectrum(UNEVEN, "E.r")),
    "an unknown taper": ("bad-choice", lambda: analysis.spectrum(WAVE, "E.r", taper="flat hill")),
    "a segment that is too long": ("too-short", lambda: analysis.spectrum(WAVE, "E.r", segment=20.0)),
    "a segment that is too short": ("bad-value", lambda: analysis.spectrum(WAVE, "E.r", segment=0.1)),
    "phases of an average": (
        "wrong-shape",
        lambda: analysis.order_parameter(WAVE.mean("E.unit", keep_attrs=True), "E.r"),
    ),
    "pairs of an average": ("wrong-shape", lambda: analysis.correlation(WAVE.mean("E.unit", keep_attrs=True), "E.r")),
    "a short target": ("wrong-shape", lambda: analysis.fit_readout(WAVE, "E.r", np.ones(99))),
    "a target of words": ("wrong-shape", lambda: analysis.fit_readout(WAVE, "E.r", np.array(["a"] * 100))),
    "a target of other times": (
        "wrong-shape",
        lambda: analysis.fit_readout(WAVE, "E.r", WAVE["E.r"].isel(time=slice(0, 50))),
    ),
    "a target with holes": ("not-finite", lambda: analysis.fit_readout(WAVE, "E.r", np.full(100, np.nan))),
    "a run that blew up": ("not-finite", lambda: analysis.fit_readout(WAVE * np.inf, "E.r", np.ones(100))),
    "a negative ridge": ("bad-value", lambda: analysis.fit_readout(WAVE, "E.r", np.ones(100), ridge=-1.0)),
    "several runs at once": (
        "wrong-shape",
        lambda: analysis.fit_readout(WAVE.expand_dims("seed"), "E.r", np.ones(100)),
    ),
    "other units": (
        "wrong-shape",
        lambda: analysis.fit_readout(WAVE, "E.r", np.ones(100)).predict(WAVE.isel({"E.unit": [0, 1]})),
    ),
    "as many other units": (
        "wrong-shape",
        lambda: analysis.fit_readout(WAVE.isel({"E.unit": [0, 1]}), "E.r", np.ones(100)).predict(
            WAVE.isel({"E.unit": [0, 2]})
        ),
    ),
    "other outputs": (
        "wrong-shape",
        lambda: analysis.fit_readout(WAVE, "E.r", np.ones(100)).score(WAVE, np.ones((100, 2))),
    ),
    "a part of nothing": ("bad-value", lambda: analysis.train_test_split(WAVE, 1.0)),
    "more times than units": (
        "wrong-shape",
        lambda: analysis.spike_dataset("E", [1.0], [0, 1], size=2, duration=1.0, dt=0.1),
    ),
    "a unit that is not there": (
        "bad-value",
        lambda: analysis.spike_dataset("E", [1.0], [2], size=2, duration=1.0, dt=0.1),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_something_to_try(mistake):
    code, call = MISTAKES[mistake]
    with pytest.raises(nb.NbkitError) as caught:
        call()
    assert caught.value.code == code, caught.value
    assert caught.value.where
    assert caught.value.what
    assert caught.value.hint


def test_a_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(nb.NbkitError, match=r"did you mean 'E\.r'"):
        analysis.period(WAVE, "E.rr")
    with pytest.raises(nb.NbkitError, match="known: E"):
        analysis.rate(SPIKES, "x")


def test_results_say_what_they_are():
    ds = WAVE.assign_attrs(network="{}")
    results = [
        analysis.spectrum(ds, "E.r"),
        analysis.order_parameter(ds, "E.r"),
        analysis.correlation(ds, "E.r"),
        analysis.fit_readout(ds, "E.r", np.ones(100)).score(ds, np.arange(100)),
    ]
    for found in results:
        assert all({"units", "long_name"} <= set(variable.attrs) for variable in found.data_vars.values())
        assert (found.attrs["seed"], found.attrs["network"]) == (0, "{}")
    for one in (analysis.period(ds, "E.r"), analysis.synchrony(ds, "E.r")):
        assert {"units", "long_name", "population", "variable"} == set(one.attrs)


@pytest.mark.parametrize("name", PARTS)
def test_the_examples_of_the_docstrings_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_public_function_has_an_example():
    silent = [name for name in analysis.__all__ if ">>>" not in (getattr(analysis, name).__doc__ or "")]
    assert silent == []
