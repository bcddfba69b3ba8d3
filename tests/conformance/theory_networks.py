"""Owns small networks about which theories speak, for tests of predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

import nbkit as nb

TURN = 2 * np.pi


def wilson_cowan(P: float = 1.25, size: int = 1, delay: Any = 0.0, **more: Any) -> nb.Network:  # noqa: N803
    """Two populations with the numbers of Wilson and Cowan; the refractory factor is 1. Delays are those across."""
    units = {"tau": more.get("tau", 8.0), "k": more.get("k", 1.0)}
    start = {"r": more.get("start", 0.0)}
    rule = more.get("rule", nb.AllToAll())
    populations = {
        "E": nb.Population(nb.models.wilson_cowan, size, {**units, "s": 1.3, "theta": 4.0}, start),
        "I": nb.Population(nb.models.wilson_cowan_inhibitory, size, {**units, "s": 2.0, "theta": 3.7}, start),
    }
    weights = {"EE": 16.0, "IE": -12.0, "EI": 15.0, "II": -3.0}
    projections = [
        nb.Projection(
            f"{a}.r", f"{b}.r_in", rule=rule, weight=weights[a + b], weight_is="total", delay=delay if a != b else 0.0
        )
        for a, b in ("EE", "IE", "EI", "II")
    ]
    stimuli = [nb.Stimulus("E.r_ext", nb.Step(P)), *more.get("stimuli", [])]
    return nb.Network(populations, projections, stimuli)


def one_unit_pair(P: float = 1.25, **parameters: float) -> nb.Network:  # noqa: N803
    """The pair as Wilson and Cowan published it, in one unit."""
    unit = nb.Population(nb.models.wilson_cowan_pair, 1, parameters)
    return nb.Network({"P": unit}, stimuli=[nb.Stimulus("P.P", nb.Step(P))])


def published_pair(delay: float = 0.0, P: float = 1.25) -> nb.Network:  # noqa: N803
    """The same pair in two populations of a unit that is typed by hand."""
    unit = nb.Model(
        "published",
        "tau * dr/dt = -r + (top - r)*m\nm = sigmoid(s*(u - theta)) - sigmoid(-s*theta)\ntop = 1 - sigmoid(-s*theta)",
        states={"r": 0.0}, inputs={"u": 0.0}, parameters={"tau": 8.0, "s": 1.3, "theta": 4.0},
    )  # fmt: skip
    weights = {"EE": 16.0, "IE": -12.0, "EI": 15.0, "II": -3.0}
    projections = [
        nb.Projection(f"{a}.r", f"{b}.u", weight=weights[a + b], delay=delay if a != b else 0.0)
        for a, b in ("EE", "IE", "EI", "II")
    ]
    populations = {"E": nb.Population(unit, 1), "I": nb.Population(unit, 1, {"s": 2.0, "theta": 3.7})}
    return nb.Network(populations, projections, [nb.Stimulus("E.u", nb.Step(P))])


def stabilised(W: tuple[float, ...] = (2.0, 2.5, 2.5, 2.0), model: Any = None, **more: Any) -> nb.Network:  # noqa: N803
    """Excitation and inhibition with weights EE, EI, IE, II, a drive of E, and one of I that begins late."""
    unit = model or nb.models.leaky_integrator
    sent = "x" if unit == nb.models.leaky_integrator else "r"
    weights = {"EE": W[0], "EI": -W[1], "IE": W[2], "II": -W[3]}
    projections = [
        nb.Projection(
            f"{a}.{sent}", f"{b}.u", weight=weights[b + a], weight_is="total", delay=more.get("delay", 0.0)
        )
        for b in "EI" for a in "EI"
    ]  # fmt: skip
    late = nb.Stimulus("I.u", nb.Step(more.get("drive", 0.2), start=more.get("begin", 200.0)), name="g_I")
    populations = {name: nb.Population(unit, more.get("size", 3)) for name in "EI"}
    return nb.Network(populations, projections, [nb.Stimulus("E.u", nb.Step(3.0), name="g_E"), late])


def feedback(gain: float = 2.0, delay: Any = 13.0, size: int = 1, start: Any = 0.1, **more: Any) -> nb.Network:
    """A population that inhibits itself after a delay."""
    unit = nb.Population(nb.models.leaky_integrator_tanh, size, {"tau": more.get("tau", 10.0)}, {"x": start})
    loop = nb.Projection(
        "E.r", "E.u", rule=more.get("rule", nb.AllToAll()), weight=-gain, weight_is="total", delay=delay,
        spread=more.get("spread"), gain=more.get("factor", 1.0),
    )  # fmt: skip
    return nb.Network({"E": unit}, [loop, *more.get("projections", [])], more.get("stimuli", []))


def oscillators(omega: Any, K: Any = 2.0, size: int = 1000, delay: Any = 0.0, **more: Any) -> nb.Network:  # noqa: N803
    """Phase oscillators that pull at each other; they begin all round the circle."""
    around = TURN * ((np.arange(size) * 0.6180339887498949) % 1)
    start = more.get("start", around)
    unit = nb.Population(nb.models.kuramoto, size, {"omega": omega, "K": K}, {"theta": start})
    pull = [
        nb.Projection(
            f"P.{part}_phase", f"P.{part}_in", rule=more.get("rule", nb.AllToAll()), weight=more.get(part, 1.0),
            weight_is="total", delay=delay, name=part,
        )
        for part in ("sin", "cos")
    ]  # fmt: skip
    return nb.Network({"P": unit}, pull, more.get("stimuli", []), time_unit="1")


threshold_field = nb.Model(
    "threshold_field",
    "tau * dv/dt = -v + u\nf = (v >= h)",
    states={"v": 0.0},
    inputs={"u": 0.0},
    parameters={"tau": 1.0, "h": 0.2},
    time_unit="1",
)

MEXICAN_HAT = nb.Expression("(1 - d)*exp(-d)")


def bump(width: float = 1.0, spacing: float = 0.05, h: Any = 0.2, model: Any = None, **more: Any) -> nb.Network:
    """A closed line of which a stretch is awake at first."""
    count = round(20.0 / spacing)
    awake = 2 * round(width / spacing / 2)
    start = np.where(np.abs(np.arange(count) - (count - 1) / 2) < awake / 2, 1.0, 0.0)
    line = nb.Population(
        model or threshold_field, (count,), {"h": h}, {"v": start}, extent=20.0, edges="periodic"
    )  # fmt: skip
    lateral = nb.Projection(
        "E.f", "E.u", weight=more.get("kernel", MEXICAN_HAT), delay=more.get("delay", 0.0), gain=more.get("gain", 1.0),
        weight_is=more.get("weight_is"), rule=more.get("rule", nb.AllToAll()),
    )  # fmt: skip
    return nb.Network({"E": line}, [lateral, *more.get("projections", [])], more.get("stimuli", []), time_unit="1")


def front(h: float = 0.2, delay: Any = 0.0, spacing: float = 0.05, kernel: Any = None) -> nb.Network:
    """A line of which one end is awake at first."""
    count, edge = round(32.0 / spacing), 8.0 if h < 0.5 else 28.0
    x = (np.arange(count) + 0.5) * spacing
    line = nb.Population(threshold_field, (count,), {"h": h}, {"v": np.where(x < edge, 1.0, 0.0)}, extent=32.0)
    lateral = nb.Projection("E.f", "E.u", weight=kernel or nb.kernels.Exponential(0.5, width=1.0), delay=delay)
    return nb.Network({"E": line}, [lateral], time_unit="1")


def ring(mean: float = -4.0, modulation: float = 4.0, size: int = 100, drive: float = 1.0, **more: Any) -> nb.Network:
    """A ring of threshold-linear units with the kernel ``mean + modulation cos``, which begin at random."""
    extent = more.get("extent", TURN)
    start = np.random.default_rng(0).uniform(0.0, 0.1, size)
    units = nb.Population(
        nb.models.leaky_integrator_threshold_linear, (size,), more.get("parameters", {}), {"x": start},
        extent=extent, edges=more.get("edges", "periodic"),
    )  # fmt: skip
    cosine = nb.Expression(f"({mean} + {modulation}*cos({TURN}*d/{extent}))/{extent}")
    lateral = nb.Projection("E.r", "E.u", weight=more.get("weight", cosine), delay=more.get("delay", 0.0))
    stimuli = [nb.Stimulus("E.u", nb.Step(drive), name="drive"), *more.get("stimuli", [])]
    return nb.Network({"E": units}, [lateral], stimuli)
