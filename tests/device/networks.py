"""Owns the networks that a card is tried on: every model, every coupling, delay, stimulus and kind of spikes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import nbkit as nb

#: time unit -> a step that is short for every model, and the frequency of what drives them
STEPS = {"ms": (0.02, 150.0), "s": (1e-4, 30.0), "1": (1e-3, 3.0)}

#: what makes a spiking model spike within a thousand steps
DRIVES = {"qif": 40.0, "qif_adaptation": 40.0, "lif": 60.0, "lif_exponential": 60.0, "adex": 2500.0, "izhikevich": 60.0}
DRIVES |= dict.fromkeys(("iaf_psc_delta", "iaf_psc_exp", "iaf_psc_alpha", "iaf_cond_exp"), 3000.0)


def shipped(time_unit: str) -> nb.Network:
    """Every shipped model of a time unit, four units of each from different starts, driven by sines."""
    populations, stimuli = {}, []
    for name in nb.models.names():
        model = getattr(nb.models, name)
        if model.time_unit != time_unit:
            continue
        initial = {
            key: _inside(state, state.initial + np.linspace(-0.01, 0.02, 4) * (1 + abs(state.initial)))
            for key, state in model.states.items()
        }
        populations[name] = nb.Population(model, 4, initial=initial)
        for number, (key, held) in enumerate(model.inputs.items()):
            drive = DRIVES.get(name, 1.0 + abs(held) / 4)
            stimuli.append(
                nb.Stimulus(f"{name}.{key}", nb.Sine(drive, STEPS[time_unit][1] * (1 + number)), name=f"{name}_{key}")
            )
            if name in DRIVES:
                stimuli.append(nb.Stimulus(f"{name}.{key}", nb.Step(drive), name=f"{name}_{key}_on"))
    return nb.Network(populations, stimuli=stimuli, time_unit=time_unit)


def _inside(state: nb.State, values: np.ndarray) -> np.ndarray:
    return values if state.limits is None else np.clip(values, *state.limits)


# ------------------------------------------------------------ couplings of rates

RATE = nb.Model(
    "rate", "tau*dr/dt = -r + tanh(u)\n out = r*r", states={"r": 0.1}, inputs={"u": 0.2}, parameters={"tau": 5.0}
)


def _draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape) / np.sqrt(shape[-1])


def _rates(*projections: nb.Projection, size: object = 30, other: object = 20, **more: object) -> nb.Network:
    populations = {
        "A": nb.Population(RATE, size, initial={"r": nb.Uniform(-1, 1)}, **more),
        "B": nb.Population(RATE, other, initial={"r": nb.Uniform(-1, 1)}, **more),
    }
    stimuli = [nb.Stimulus("A.u", nb.Sine(0.5, 40.0), units=slice(0, 5))]
    return nb.Network(populations, projections, stimuli, time_unit="ms")


def _sheets(weight: object, size: object = (12, 10), **more: object) -> nb.Network:
    edges = more.pop("edges", "open")
    return _rates(nb.Projection("A.r", "B.u", weight=weight, **more), size=size, other=size, edges=edges)


RATES: dict[str, Callable[[], nb.Network]] = {
    "dense": lambda: _rates(
        nb.Projection("A.r", "B.u", weight=_draw(20, 30)), nb.Projection("B.r", "A.u", weight=_draw(30, 20), delay=0.3)
    ),
    "dense, delayed beyond a block": lambda: _rates(nb.Projection("A.r", "B.u", weight=_draw(20, 30), delay=2.0)),
    "uniform": lambda: _rates(
        nb.Projection("A.r", "B.u", weight=0.05), nb.Projection("B.out", "A.u", weight=-0.1, delay=1.5)
    ),
    "one to one": lambda: _rates(
        nb.Projection("A.r", "B.u", rule=nb.OneToOne(), weight=nb.Uniform(0, 2), delay=0.1), size=20
    ),
    "sparse": lambda: _rates(
        nb.Projection("A.r", "B.u", rule=nb.Bernoulli(0.05), weight=nb.Normal(0, 1), delay=0.2),
        nb.Projection("A.r", "A.u", rule=nb.FixedInDegree(7), weight=0.1, delay=3.0, name="far"),
        size=120,
        other=90,
    ),
    "parts of populations": lambda: _rates(
        nb.Projection(
            "A.r", "B.u", weight=_draw(5, 4), source_units=slice(3, 7), target_units=[0, 2, 4, 6, 8], delay=0.2
        )
    ),
    "gamma delay": lambda: _rates(nb.Projection("A.r", "B.u", weight=_draw(20, 30), delay=2.0, spread=0.7)),
    "another past": lambda: _rates(nb.Projection("A.r", "B.u", weight=_draw(20, 30), delay=1.0, history="zero")),
    "many delays": lambda: _rates(nb.Projection("A.r", "B.u", weight=_draw(20, 30), delay=nb.Uniform(0.1, 6.0))),
    "kernel": lambda: _sheets(nb.kernels.Gaussian(0.3, 0.1, cutoff=0.2), delay=0.1),
    "separable kernel": lambda: _sheets(nb.kernels.Gaussian(0.05, 0.1), (70, 70), delay=0.1),
    "separable kernel without oneself": lambda: _rates(
        nb.Projection("A.r", "A.u", rule=nb.AllToAll(autapses=False), weight=nb.kernels.Gaussian(0.05, 0.1), delay=0.1),
        size=(70, 70),
        other=4,
    ),
    "kernel by spectrum": lambda: _sheets(nb.kernels.MexicanHat(0.02, 0.2), (70, 70), edges="periodic", delay=2.0),
    "kernel on a line": lambda: _sheets(nb.kernels.MexicanHat(0.02, 0.2), (3000,), edges="periodic"),
    "conduction": lambda: _sheets(nb.kernels.Gaussian(0.3, 0.2), delay=nb.ConductionDelay(speed=0.1, base=0.1)),
    "recorded": lambda: _with(nb.Stimulus("A.u", nb.Recorded(_draw(220, 30), 0.5), name="tape")),
    "formulas": lambda: _with(
        nb.Stimulus("A.u", nb.Pulse(2.0, 5.0, 1.0), name="p"),
        nb.Stimulus("B.u", nb.Ramp(0.0, 10.0, 2.0), name="q"),
        nb.Stimulus("B.u", nb.Expression("0.1*sin(t)**2"), name="e"),
    ),
}


def _with(*stimuli: nb.Stimulus) -> nb.Network:
    net = _rates(nb.Projection("A.r", "B.u", weight=_draw(20, 30)))
    return nb.Network(net.populations, net.projections, stimuli, time_unit="ms")


# ------------------------------------------------------------ spikes

SPIKER = nb.Model(
    "spiker",
    "tau*dv/dt = -v + u + g + 1.3\n dg/dt = -g/4\n dw/dt = -w/7\n pull = u + g",
    states={"v": 0.2, "g": 0.0, "w": 0.1},
    inputs={"u": 0.0},
    parameters={"tau": 5.0, "t_ref": 1.5, "jump": 0.4},
    events=("g", "v"),
    threshold="v >= 1 + 0.2*w",
    reset="v = 0.1*g\nw += jump",
    refractory="t_ref",
)


def _spikes(*projections: nb.Projection, sizes: tuple[int, int] = (40, 30), **more: object) -> nb.Network:
    populations = {
        name: nb.Population(SPIKER, size, parameters={"tau": nb.Uniform(4, 6)} | more, initial={"v": nb.Uniform(0, 1)})
        for name, size in zip("AB", sizes, strict=True)
    }
    return nb.Network(populations, projections, time_unit="ms")


def _qif(*projections: nb.Projection, units: int = 60) -> nb.Network:
    """Neurons that are reset at the start of a step, whose synapses fold into sums at the target."""
    populations = {
        name: nb.Population(
            nb.models.qif, units, parameters={"eta": nb.Uniform(5, 15)}, initial={"v": nb.Uniform(-2, 2)}
        )
        for name in "AB"
    }
    return nb.Network(populations, projections, time_unit="1")


SPIKES: dict[str, Callable[[], nb.Network]] = {
    "dense": lambda: _spikes(nb.Projection("A.spike", "B.g", weight=_draw(30, 40), delay=0.5)),
    "uniform": lambda: _spikes(
        nb.Projection("A.spike", "B.g", weight=0.02, delay=0.5),
        nb.Projection("B.spike", "A.g", weight=-0.01, delay=1.0),
    ),
    "one to one": lambda: _spikes(
        nb.Projection("A.spike", "B.v", rule=nb.OneToOne(), weight=0.2, delay=0.1), sizes=(30, 30)
    ),
    "table": lambda: _spikes(
        nb.Projection(
            "A.spike", "B.g", rule=nb.FixedInDegree(20), weight=nb.Normal(0.05, 0.02), delay=nb.Uniform(0.1, 2.0)
        ),
        nb.Projection("B.spike", "A.g", rule=nb.FixedTotalNumber(900), weight=-0.03, delay=1.5),
        sizes=(200, 150),
    ),
    "drawn table": lambda: _spikes(
        nb.Projection(
            "A.spike",
            "B.g",
            rule=nb.FixedTotalNumber(12_000),
            weight=nb.Normal(0.01, 0.002),
            delay=nb.Uniform(0.1, 2.0),
        ),
        sizes=(300, 200),
    ),
    "far": lambda: _spikes(
        nb.Projection("A.spike", "B.g", rule=nb.Bernoulli(0.1), weight=0.2, delay=30.0),
        nb.Projection("A.spike", "A.g", rule=nb.Bernoulli(0.1), weight=0.2, delay=nb.Uniform(0.1, 40.0), name="wide"),
        sizes=(90, 80),
    ),
    "no refractoriness": lambda: _spikes(nb.Projection("A.spike", "B.g", weight=_draw(30, 40), delay=0.1), t_ref=0.0),
    "refractory, each its own": lambda: _spikes(t_ref=np.round(np.linspace(0.0, 3.0, 30), 1), sizes=(30, 30)),
    "start of a step": _qif,
    "folded": lambda: _qif(
        nb.Projection("A.s", "B.s_in", weight=_draw(100, 100)),
        nb.Projection("B.s", "A.s_in", rule=nb.Bernoulli(0.05), weight=nb.Normal(0.0, 0.5)),
        units=100,
    ),
    "known": lambda: nb.Network(
        {"A": nb.Population(SPIKER, 20)},
        stimuli=[
            nb.Stimulus("A.g", nb.SpikeTimes([1.0, 2.0, 2.0, 3.3], 0.5)),
            nb.Stimulus("A.v", nb.SpikeTimes([1.0, 2.5, 4.0], 0.3, units=[1, 5, 1])),
        ],
        time_unit="ms",
    ),
}

# ------------------------------------------------------------ chance


def _noisy(*stimuli: nb.Stimulus, model: nb.Model = nb.models.leaky_integrator) -> nb.Network:
    return nb.Network({"E": nb.Population(model, 50)}, stimuli=stimuli, time_unit="ms")


NOISY: dict[str, Callable[[], nb.Network]] = {
    "white": lambda: _noisy(nb.Stimulus("E.u", nb.Noise(1.0))),
    "uniform": lambda: _noisy(nb.Stimulus("E.u", nb.UniformNoise(-1.0, 2.0))),
    "coloured": lambda: _noisy(nb.Stimulus("E.u", nb.OrnsteinUhlenbeck(1.0, 5.0))),
    "poisson": lambda: _noisy(nb.Stimulus("E.i_syn", nb.Poisson(800.0, 30.0)), model=nb.models.lif_exponential),
}

#: the shipped networks, small
NETWORKS: dict[str, Callable[[], nb.Network]] = {
    "rhythm": nb.networks.rhythm,
    "moving bump": nb.networks.moving_bump,
    "microcircuit": lambda: nb.networks.microcircuit(scale=0.01),
    "brunel": nb.networks.brunel,
    "balanced": nb.networks.balanced,
}
