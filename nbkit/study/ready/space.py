"""Owns what theory says about a line of units that are awake or asleep: bumps that stay, and fronts that travel.

Must not know plots.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from nbkit.network.conduction import ConductionDelay
from nbkit.network.network import Network
from nbkit.network.time import to_unit
from nbkit.study.fields import Bump, bump_widths
from nbkit.study.fronts import kernel_front_speed, lattice_front, slowness_of
from nbkit.study.measuring import at_step, awake_length_of, front_speed_of
from nbkit.study.prediction import Applies, Prediction, together
from nbkit.study.step_field import StepField, step_field, step_fields
from nbkit.study.wiring import after_pulses, delays_told, in_time, nearly, no, sharp_delay

Array = npt.NDArray[np.float64]

_AMARI = "Amari (1977) Biol. Cybern. 27:77-87"
_COOMBES = f"{_AMARI}; with delays Coombes (2005) Biol. Cybern. 93:91-108"

_WIDTH = r"\int_0^a w(x) \, dx = h, \quad w(a) < 0"
_SPEED = r"\int_0^\infty w(x) \left(1 - e^{-x/(c_0 \tau)}\right) dx = h, \quad \frac1c = \frac1{c_0} + \frac1s"

_PINNED = "units {:g} apart hold the front up: it is pinned"

_HELD_UP = 0.1  # of its speed: a front that units slow down by more is another one
_ENDS = 1e-3  # of the kernel's weight: what may lie beyond the longest distance
_LOOKED = 2001  # places at which a kernel or a bump is looked at


def bump_width(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    r"""The width of the bump that keeps itself awake on a line, from the network's own kernel.

    Units pin a bump: on a line it may stop anywhere within a known distance, which is the tolerance. Delays move
    neither the width nor its stability: in ``1 + tau l = G <e^(-l d)>`` no G exceeds 1. The step plays no part.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.space import bump_width
        >>> unit = nb.Model("threshold_field", "tau * dv/dt = -v + u\nf = (v >= h)", states={"v": 0.0},
        ...                 inputs={"u": 0.0}, parameters={"tau": 1.0, "h": 0.2}, time_unit="1")
        >>> line = nb.Population(unit, (400,), extent=20.0, edges="periodic")
        >>> lateral = nb.Projection("E.f", "E.u", weight=nb.Expression("(1 - d)*exp(-d)"))
        >>> print(bump_width(nb.Network({"E": line}, [lateral], time_unit="1")))
        Width of the bump of E: 2.543
    """
    del dt
    name, field = _field(network, population)
    answers, value, atol = [field] if isinstance(field, Applies) else [], None, 0.0
    if isinstance(field, StepField):
        bump = _bump(field)
        if isinstance(bump, str):
            answers.append(no(bump))
        else:
            value, atol = bump
            answers += [_alone(field), after_pulses(network, name)]
    path = field.path if isinstance(field, StepField) else ""
    return Prediction(
        f"Width of the bump of {name}", value, latex=_WIDTH, source=_AMARI, rtol=1e-3, atol=atol, quantity="length",
        of=path, verdict=together(answers), theory=partial(bump_width, population=population),
        measure=awake_length_of(path, field.level) if isinstance(field, StepField) else None,
    )  # fmt: skip


def front_speed(network: Network, population: str | None = None, *, dt: float | None = None) -> Prediction:
    r"""The speed at which activity invades a line with a kernel that only excites, with its conduction delay.

    Without ``dt`` it is that of a line without units, and the tolerance tells how far units may hold a front up. With
    ``dt`` it is that of these units under Euler's rule at this step, unit by unit.

    Example:
        >>> import nbkit as nb
        >>> from nbkit.study.ready.space import front_speed
        >>> unit = nb.Model("threshold_field", "tau * dv/dt = -v + u\nf = (v >= h)", states={"v": 0.0},
        ...                 inputs={"u": 0.0}, parameters={"tau": 1.0, "h": 0.2}, time_unit="1")
        >>> line = nb.Population(unit, (640,), extent=32.0)
        >>> lateral = nb.Projection("E.f", "E.u", weight=nb.kernels.Exponential(0.5, width=1.0),
        ...                         delay=nb.ConductionDelay(3.0))
        >>> print(front_speed(nb.Network({"E": line}, [lateral], time_unit="1")))
        Speed of the front of E: 1
    """
    name, field = _field(network, population)
    answers, value, atol = [field] if isinstance(field, Applies) else [], None, 0.0
    if isinstance(field, StepField):
        speed = _front(network, field, dt)
        if isinstance(speed, str):
            answers.append(no(speed))
        else:
            value, atol = speed
            answers.append(after_pulses(network, name))
    path = field.path if isinstance(field, StepField) else ""
    unit = "" if network.time_unit == "1" else f"1/{network.time_unit}"
    return Prediction(
        f"Speed of the front of {name}{'' if dt is None else ' at this step'}", value, unit=unit, latex=_SPEED,
        source=_COOMBES, rtol=0.02 if dt is None else 5e-3, atol=atol, quantity="speed", of=path,
        verdict=together(answers),
        theory=partial(front_speed, population=population, dt=dt),
        measure=at_step(front_speed_of(path, field.level), dt) if isinstance(field, StepField) else None,
    )  # fmt: skip


def _field(network: Network, population: str | None) -> tuple[str, StepField | Applies]:
    network.require()
    found = step_fields(network)
    name = population or (found[0] if found else next(iter(network.populations)))
    field = step_field(network, name)
    return name, no(*field) if isinstance(field, list) else field


# ------------------------------------------------------------ bumps


def _bump(field: StepField) -> tuple[float, float] | str:
    """The width of the one stable bump, and how far units may pin it; or why there is no such bump."""
    if field.threshold <= 0:
        return f"rest is awake: the threshold is {field.threshold:g} above what comes from outside"
    bumps = bump_widths(field.threshold, field.kernel, longest=field.longest)
    stable = [bump for bump in bumps if bump.stable]
    if not stable:
        told = "no bump has" if not bumps else "no stable bump has"
        return f"{told} the threshold {field.threshold:.4g} with this kernel"
    if len(stable) > 1:
        return f"bumps of {len(stable)} widths are stable: {', '.join(f'{bump.width:.4g}' for bump in stable)}"
    width = stable[0].width
    fault = _broken(field, width)
    if fault:
        return fault
    least = max((bump.width for bump in bumps if not bump.stable and bump.width < width), default=0.0)
    pinned = _pinned(field, stable[0])
    if width - pinned <= least:
        return f"units {field.spacing:g} apart are too far apart: they pin bumps of any width near {width:.4g}"
    return width, pinned


def _pinned(field: StepField, bump: Bump) -> float:
    """How far from the width of theory a bump of units may stand still.

    Its last unit must be kept awake and the next one not: two sums that differ from the integral by half a unit.
    """
    middle, edge = (float(w) for w in field.kernel(np.array([0.0, bump.width])))
    own = 0.0 if field.own else abs(middle)
    return field.spacing * ((middle - edge) / 2 + own) / abs(edge) + 1.5 * field.spacing


def _broken(field: StepField, width: float) -> str:
    """Whether the field that a bump makes is above the threshold inside and below it outside; else what is wrong."""
    cells = (np.arange(_LOOKED) + 0.5) * width / _LOOKED
    away = np.concatenate([np.linspace(0.03, 0.97, 33) * width, width + np.linspace(0.03, 0.97, 99) * field.longest])
    apart = np.abs(away[:, None] - cells)
    if field.grid.periodic:
        apart = np.abs((apart + field.longest) % field.grid.extent[0] - field.longest)
    height = field.kernel(apart).sum(axis=1) * width / _LOOKED
    inside, outside = height[:33].min(), height[33:][away[33:] < _end(field, width)].max(initial=-np.inf)
    if inside <= field.threshold:
        return f"a bump {width:.4g} wide would fall asleep inside"
    return f"a bump {width:.4g} wide would wake units outside" if outside >= field.threshold else ""


def _end(field: StepField, width: float) -> float:
    """The place up to which a bump that begins at 0 has units beyond it."""
    return field.longest + width / 2 if field.grid.periodic else math.inf


def _alone(field: StepField) -> Applies:
    if field.own:
        return Applies()
    return nearly(f"derived with the weight of a unit onto itself, which {field.projection.name} leaves out")


# ------------------------------------------------------------ fronts


def _front(network: Network, field: StepField, dt: float | None) -> tuple[float, float] | str:
    """The speed of a front, and how far that of units may differ; or why there is none."""
    delays, excites = _delays(network, field), _excites(field)
    if isinstance(delays, str) or excites:
        return excites or str(delays)
    base, speed = delays
    if dt is not None:
        return _at_step(network, field, dt, base, speed)
    found = _on_units(field, base, speed)
    if found is None:
        return _PINNED.format(field.spacing)
    theory = kernel_front_speed(
        field.threshold, field.kernel, longest=field.longest, tau=field.tau, conduction=speed, delay=base
    )
    if abs(found - theory) > _HELD_UP * abs(theory):
        return f"units {field.spacing:g} apart hold the front up: on them its speed is {found:.4g}, not {theory:.4g}"
    return theory, 1.5 * abs(found - theory)


def _excites(field: StepField) -> str:
    """Why a line has no front between two states that both stay; empty if it may have."""
    places = np.linspace(0.0, field.longest, _LOOKED)
    weights = field.kernel(places)
    if (weights < 0).any():
        first = places[int(np.argmax(weights < 0))]
        return f"derived for kernels that only excite; this one is negative at {first:.4g}"
    whole = float(np.trapezoid(weights, places))
    if not whole > 0 or weights[-1] * field.longest > _ENDS * whole:
        return f"the line is too short for its kernel: at {field.longest:g} it still weighs {weights[-1]:.3g}"
    if not 0 < field.threshold < 2 * whole:
        return f"a threshold of {field.threshold:.4g} is not between 0 and the kernel's weight of {2 * whole:.4g}"
    return ""


def _at_step(
    network: Network, field: StepField, dt: float, base: float, speed: float | None
) -> tuple[float, float] | str:
    if dt >= field.tau:
        return f"derived for steps below the time constant; {in_time(network, dt)} is not"
    steps = _steps(field, dt, base, speed)
    return _PINNED.format(field.spacing) if math.isinf(steps) else (field.spacing / (steps * dt), 0.0)


def _line(field: StepField) -> tuple[Array, Array, float]:
    """Distances of units from one another, the weights at them, and that of a unit onto itself."""
    apart: Array = field.spacing * np.arange(1, round(field.longest / field.spacing), dtype=np.float64)
    weights = field.spacing * field.kernel(apart)
    kept = 1 + int(np.searchsorted(np.cumsum(weights), weights.sum() * (1 - 1e-10)))
    own = field.spacing * float(field.kernel(np.zeros(1))[0]) if field.own else 0.0
    return apart[:kept], weights[:kept], own


def _on_units(field: StepField, base: float, speed: float | None) -> float | None:
    """The speed of a front from unit to unit, in steps without length; None for one that is pinned."""
    apart, weights, own = _line(field)
    back = 2 * field.threshold > own + 2 * weights.sum()
    level = own + 2 * weights.sum() - field.threshold if back else field.threshold
    slowness = slowness_of(float(level), apart, weights, field.tau, base) if weights.sum() > level else None
    if slowness is None:
        return None
    found = 1 / (slowness + (1 / speed if speed is not None else 0.0))
    return -found if back else found


def _steps(field: StepField, dt: float, base: float, speed: float | None) -> float:
    """Steps that a front takes from unit to unit under Euler's rule, as a mean."""
    apart, weights, own = _line(field)
    late = np.floor((base + (apart / speed if speed is not None else 0.0 * apart)) / dt + 0.5).astype(np.int64)
    return lattice_front(field.threshold, weights, own, 1 - dt / field.tau, late)


def _delays(network: Network, field: StepField) -> tuple[float, float | None] | str:
    """The delay of all signals, and their speed along the line; or why there are no such numbers."""
    delay = field.projection.delay
    if isinstance(delay, ConductionDelay):
        return to_unit(delay.base, network.time_unit, "delay"), float(delay.speed)
    sharp = sharp_delay(network, field.projection)
    if sharp is None:
        told = f"{field.projection.name} has {delays_told(network, field.projection)}"
        return f"derived for delays that are one time or follow from distance; {told}"
    return sharp, None


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about lines of units that are awake or asleep: bumps, or fronts if nothing inhibits."""
    for name in step_fields(network):
        field = step_field(network, name)
        excites = isinstance(field, StepField) and bool(
            (field.kernel(np.linspace(0, field.longest, _LOOKED)) >= 0).all()
        )
        if not excites:
            yield bump_width(network, name)
            continue
        yield front_speed(network, name)
        if dt is not None:
            yield front_speed(network, name, dt=dt)
