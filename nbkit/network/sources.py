"""Owns signals for benchmarks: chaotic flows and maps, and NARMA, as recorded inputs. Must not know networks.

Flows are integrated by the classical Runge-Kutta method with the step at which they are recorded; maps give one
value per step. Reached as ``nb.sources``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nbkit.network.signals import Recorded
from nbkit.network.values import Array

Flow = Callable[[Array], Array]


def _flow(rates: Flow, start: Sequence[float], duration: float, dt: float, speed: float) -> Array:
    """Follow a flow; ``speed`` is how much of its own time passes in one unit of the network's."""
    h = dt * speed
    rows = [np.array(start, dtype=np.float64)]
    for _ in range(round(duration / dt)):
        x = rows[-1]
        a = rates(x)
        b = rates(x + h / 2 * a)
        c = rates(x + h / 2 * b)
        d = rates(x + h * c)
        rows.append(x + h / 6 * (a + 2 * b + 2 * c + d))
    return np.array(rows)


def lorenz(
    duration: float,
    dt: float,
    *,
    sigma: float = 10.0,
    rho: float = 28.0,
    beta: float = 8.0 / 3.0,
    start: Sequence[float] = (1.0, 1.0, 1.05),
    speed: float = 1.0,
) -> Recorded:
    """The Lorenz system, columns x, y, z. Source: Lorenz (1963) J. Atmos. Sci. 20:130-141.

    Args:
        duration: in the time unit of the network that will use it.
        dt: time between rows, in the same unit.
        sigma: Prandtl number.
        rho: Rayleigh number over its critical value.
        beta: a number of the geometry.
        start: x, y, z at t = 0.
        speed: how much of the flow's own time passes in one unit of the network's.

    Example:
        >>> signal = lorenz(duration=50.0, dt=0.01)
        >>> signal.array.shape, round(float(signal.array[:, 2].mean()))
        ((5001, 3), 24)
    """

    def rates(x: Array) -> Array:
        return np.array([sigma * (x[1] - x[0]), x[0] * (rho - x[2]) - x[1], x[0] * x[1] - beta * x[2]])

    return Recorded(_flow(rates, start, duration, dt, speed), dt=dt)


def rossler(
    duration: float,
    dt: float,
    *,
    a: float = 0.2,
    b: float = 0.2,
    c: float = 5.7,
    start: Sequence[float] = (1.0, 1.0, 1.0),
    speed: float = 1.0,
) -> Recorded:
    """The Rössler system, columns x, y, z. Source: Rössler (1976) Phys. Lett. A 57:397-398.

    Args:
        duration: in the time unit of the network that will use it.
        dt: time between rows, in the same unit.
        a: growth of y.
        b: feed of z.
        c: the x from which on z grows.
        start: x, y, z at t = 0.
        speed: how much of the flow's own time passes in one unit of the network's.

    Example:
        >>> rossler(duration=50.0, dt=0.01).array.shape
        (5001, 3)
    """

    def rates(x: Array) -> Array:
        return np.array([-x[1] - x[2], x[0] + a * x[1], b + x[2] * (x[0] - c)])

    return Recorded(_flow(rates, start, duration, dt, speed), dt=dt)


def mackey_glass(
    duration: float,
    dt: float,
    *,
    beta: float = 0.2,
    gamma: float = 0.1,
    exponent: float = 10.0,
    delay: float = 17.0,
    start: float = 1.2,
) -> Recorded:
    """The Mackey-Glass equation, stepped by Euler; before t = 0 it had its start value.

    Args:
        duration: in the time unit of the network that will use it.
        dt: step and time between rows, in the same unit.
        beta: production.
        gamma: decay.
        exponent: steepness of the feedback.
        delay: of the feedback, in the same unit; from about 17 on the solution is chaotic.
        start: value at t = 0 and before.

    Source: Mackey & Glass (1977) Science 197:287-289.

    Example:
        >>> signal = mackey_glass(duration=500.0, dt=0.1)
        >>> signal.array.shape, round(float(signal.array.max()), 1)
        ((5001,), 1.3)
    """
    steps, late = round(duration / dt), round(delay / dt)
    x = np.full(steps + 1 + late, start)
    for k in range(late, steps + late):
        past = x[k - late]
        x[k + 1] = x[k] + dt * (beta * past / (1 + past**exponent) - gamma * x[k])
    return Recorded(x[late:], dt=dt)


def henon(
    duration: float, dt: float, *, a: float = 1.4, b: float = 0.3, start: Sequence[float] = (0.0, 0.0)
) -> Recorded:
    """The Hénon map, columns x, y, one iteration per step. Source: Hénon (1976) Commun. Math. Phys. 50:69-77.

    Args:
        duration: in the time unit of the network that will use it.
        dt: time of one iteration, in the same unit.
        a: how strongly it folds.
        b: how much of the area is left after an iteration.
        start: x, y at t = 0.

    Example:
        >>> henon(duration=3.0, dt=1.0).array.round(3).tolist()
        [[0.0, 0.0], [1.0, 0.0], [-0.4, 0.3], [1.076, -0.12]]
    """
    x, y = start
    rows = [(x, y)]
    for _ in range(round(duration / dt)):
        x, y = 1 - a * x * x + y, b * x
        rows.append((x, y))
    return Recorded(np.array(rows), dt=dt)


def logistic(duration: float, dt: float, *, r: float = 4.0, start: float = 0.2) -> Recorded:
    """The logistic map, one iteration per step. Source: May (1976) Nature 261:459-467.

    Args:
        duration: in the time unit of the network that will use it.
        dt: time of one iteration, in the same unit.
        r: growth, 0 to 4; at 4 it is chaotic.
        start: value at t = 0, between 0 and 1.

    Example:
        >>> logistic(duration=3.0, dt=1.0).array.round(4).tolist()
        [0.2, 0.64, 0.9216, 0.289]
    """
    rows = [start]
    for _ in range(round(duration / dt)):
        rows.append(r * rows[-1] * (1 - rows[-1]))
    return Recorded(np.array(rows), dt=dt)


def narma(duration: float, dt: float, *, order: int = 10, seed: int = 0) -> tuple[Recorded, Array]:
    """The NARMA benchmark: an input drawn evenly from 0 to 1/2, and the target that a readout should make of it.

    Args:
        duration: in the time unit of the network that will use it.
        dt: time of one sample, in the same unit.
        order: how many samples back the target looks.
        seed: of the input.

    Returns:
        The input, and the target, shape (time,).

    Source: Atiya & Parlos (2000) IEEE Trans. Neural Netw. 11:697-709.

    Example:
        >>> signal, wanted = narma(duration=100.0, dt=1.0)
        >>> signal.array.shape == wanted.shape
        True
    """
    steps = round(duration / dt)
    u = np.random.default_rng(seed).uniform(0.0, 0.5, steps + 1)
    y = np.zeros(steps + 1)
    for k in range(order - 1, steps):
        y[k + 1] = 0.3 * y[k] + 0.05 * y[k] * y[k - order + 1 : k + 1].sum() + 1.5 * u[k - order + 1] * u[k] + 0.1
    return Recorded(u, dt=dt), y
