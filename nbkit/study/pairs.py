"""Owns two Wilson-Cowan units that drive each other: all their resting points, and where these change with a drive.

Both are looked for along the total input of a unit, in which saturated states are as far apart as others. Must not
know networks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_SAMPLES = 20_001  # inputs at which the pair is looked at
_CLOSER = 201  # inputs between two of them, where a curve comes near to zero without crossing it
_FAR = 36.0  # slopes away from the threshold: from here on the response does not change any more
_STRIDE = 0.05  # of the other unit's input, in slopes, between two points of a curve
_PASSES, _MOST = 60, 60_000  # of making a curve finer, and points of it


@dataclass(frozen=True)
class Unit:
    """``tau dx/dt = -x + (top - factor x) S(u)``, S being a sigmoid of slope and threshold, shifted through zero."""

    tau: float
    slope: float
    threshold: float
    factor: float
    top: float

    @property
    def shift(self) -> float:
        """What the sigmoid is without input."""
        return float(_sigmoid(np.array(-self.slope * self.threshold)))

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value at which it can rest."""
        low, high = (self.top * s / (1 + self.factor * s) for s in (-self.shift, 1 - self.shift))
        return low, high

    @property
    def fault(self) -> str:
        """Why its resting value does not rise with its input; empty if it does."""
        if self.slope > 0 and self.top > 0 and self.factor >= 0 and 1 - self.factor * self.shift > 0:
            return ""
        return f"a slope of {self.slope:g} and a refractory factor of {self.factor:g}"

    def resting(self, u: Array) -> Array:
        """The value at which it rests with an input."""
        s = _sigmoid(self.slope * (u - self.threshold)) - self.shift
        return self.top * s / (1 + self.factor * s)

    def input_at(self, x: Array) -> Array:
        """The input with which it rests at a value; NaN where there is none."""
        with np.errstate(all="ignore"):
            share = x / (self.top - self.factor * x) + self.shift
            u = np.log(share / (1 - share)) / self.slope
            return np.where((share > 0) & (share < 1) & (np.abs(u) * self.slope <= _FAR), u + self.threshold, np.nan)

    def slopes(self, x: Array, u: Array) -> tuple[Array, Array]:
        """How ``dx/dt`` changes with the value itself and with the input."""
        share = _sigmoid(self.slope * (u - self.threshold))
        own = -(1 + self.factor * (share - self.shift)) / self.tau
        return own, (self.top - self.factor * x) * self.slope * share * (1 - share) / self.tau


@dataclass(frozen=True)
class Pair:
    """Two units; ``weights[i][j]`` is what unit i receives from unit j, ``drives[i]`` from outside."""

    units: tuple[Unit, Unit]
    weights: tuple[tuple[float, float], tuple[float, float]]
    drives: tuple[float, float]

    def jacobian(self, x: Array, u: Array) -> Array:
        """How the speeds change with the values, (2, 2, points), at values and inputs (2, points)."""
        own, fed = zip(*(unit.slopes(x[i], u[i]) for i, unit in enumerate(self.units)), strict=True)
        w = np.array(self.weights)
        return np.array([[fed[i] * w[i, j] + (own[i] if i == j else 0.0) for j in (0, 1)] for i in (0, 1)])


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A resting point of a pair, shape (2,), and the eigenvalues of the flow there."""

    point: Array
    eigenvalues: npt.NDArray[np.complex128]

    @property
    def stable(self) -> bool:
        """Whether the pair comes back to it."""
        return bool((self.eigenvalues.real < 0).all())

    @property
    def kind(self) -> str:
        """What it is called."""
        if self.eigenvalues.real.prod() < 0 and not self.eigenvalues.imag.any():
            return "saddle"
        shape = "focus" if self.eigenvalues.imag.any() else "node"
        return f"{'stable' if self.stable else 'unstable'} {shape}"


@dataclass(frozen=True, eq=False)
class Turn:
    """A drive at which resting points change.

    Attributes:
        kind: ``"fold"``: two of them meet and vanish; ``"hopf"``: one loses its stability to a rhythm.
        drive: the value.
        point: the resting point there, (2,).
        frequency: of the rhythm that a Hopf point begins with, radians per unit of time; 0 for a fold.
    """

    kind: str
    drive: float
    point: Array
    frequency: float


def equilibria(pair: Pair) -> tuple[Equilibrium, ...] | None:
    """All resting points, in the order of the first unit's value; None if neither unit receives from the other."""
    of = next((i for i in (0, 1) if pair.weights[i][1 - i]), None)
    if of is None:
        return None
    other = 1 - of
    (own, cross), unit = (pair.weights[of][of], pair.weights[of][other]), pair.units[of]

    def inputs(u: Array) -> Array:
        """Both inputs, (2, points): from that of one unit follows what the other is at, and from it its input."""
        x = unit.resting(u)
        needed = (u - pair.drives[of] - own * x) / cross
        u_other = pair.weights[other][of] * x + pair.weights[other][other] * needed + pair.drives[other]
        return np.array([u, u_other] if of == 0 else [u_other, u])

    def off(u: Array) -> Array:
        x = unit.resting(u)
        return pair.units[other].resting(inputs(u)[other]) - (u - pair.drives[of] - own * x) / cross

    low, high = _reach(pair, of)
    found = []
    for root in _zeros(off, np.linspace(low, high, _SAMPLES)):
        u = inputs(np.array([root]))
        x = np.array([one.resting(u[i]) for i, one in enumerate(pair.units)])
        values = np.linalg.eigvals(pair.jacobian(x, u)[:, :, 0]).astype(np.complex128)
        found.append(Equilibrium(x[:, 0], values))
    return tuple(sorted(found, key=lambda one: tuple(one.point)))


def turns(pair: Pair, driven: int, dt: float = 0.0) -> tuple[Turn, ...] | None:
    """All folds and Hopf points on the curve of resting points, from the lowest drive on.

    Args:
        pair: the pair; its own drive of that unit plays no part.
        driven: the unit whose drive changes.
        dt: for the Hopf points of Euler's rule at this step; 0 for those of the flow.

    Returns:
        In the order in which they are met along the curve; None if the other unit receives nothing from the driven one.
    """
    if not pair.weights[1 - driven][driven]:
        return None
    curve = _Curve(replace(pair, drives=(0.0, pair.drives[1]) if driven == 0 else (pair.drives[0], 0.0)), driven, dt)
    at = curve.sampled()
    drives = curve.drive(at)
    if not at.size:
        return ()
    determinant, growth = curve.tests(at)
    found = []
    for i in range(len(at) - 1):
        if not np.isfinite(drives[i : i + 2]).all():
            continue
        if determinant[i] * determinant[i + 1] < 0:
            found.append(curve.located("fold", at[i], at[i + 1]))
        if growth[i] * growth[i + 1] < 0:
            found.append(curve.located("hopf", at[i], at[i + 1]))
    kept = [turn for turn in found if turn is not None]
    first, last = drives[np.isfinite(drives)][[0, -1]]
    return tuple(kept if first <= last else kept[::-1])


@dataclass(frozen=True)
class _Curve:
    """The resting points of a pair for all drives of one unit, along the input of the other."""

    pair: Pair
    driven: int
    dt: float

    def states(self, u: Array) -> tuple[Array, Array]:
        """Values and inputs of both units, each (2, points); NaN where the driven unit cannot be what it must be."""
        other, pair = 1 - self.driven, self.pair
        x = pair.units[other].resting(u)
        driven = (u - pair.drives[other] - pair.weights[other][other] * x) / pair.weights[other][self.driven]
        u_driven = pair.units[self.driven].input_at(driven)
        pairs = ((driven, x), (u_driven, u))
        values, inputs = (np.array(both if self.driven == 0 else both[::-1]) for both in pairs)
        return values, inputs

    def drive(self, u: Array) -> Array:
        """The drive with which each point rests, (points,)."""
        x, inputs = self.states(u)
        return np.asarray(inputs[self.driven] - np.array(self.pair.weights[self.driven]) @ x)

    def tests(self, u: Array) -> tuple[Array, Array]:
        """Zero at a fold, and zero at a Hopf point or where two real modes cancel, (points,)."""
        with np.errstate(all="ignore"):
            jacobian = self.pair.jacobian(*self.states(u))
            determinant = jacobian[0, 0] * jacobian[1, 1] - jacobian[0, 1] * jacobian[1, 0]
            return determinant, jacobian[0, 0] + jacobian[1, 1] + self.dt * determinant

    def sampled(self) -> Array:
        """Inputs of the other unit, close enough together that the driven one's input changes little between them."""
        unit = self.pair.units[self.driven]
        at = np.linspace(*_reach(self.pair, 1 - self.driven), _SAMPLES)
        for _ in range(_PASSES):
            u = self.states(at)[1][self.driven]
            there = np.isfinite(u)
            with np.errstate(all="ignore"):
                coarse = np.abs(np.diff(u)) * unit.slope > _STRIDE
            split = (coarse | (there[1:] != there[:-1])) & (np.diff(at) > 1e-14 * (1 + np.abs(at[1:])))
            if not split.any() or len(at) > _MOST:
                break
            at = np.sort(np.concatenate([at, (at[:-1][split] + at[1:][split]) / 2]))
        return at

    def located(self, kind: str, low: float, high: float) -> Turn | None:
        """The turn between two inputs; None where a change of sign is none, as where two real modes cancel."""
        from scipy.optimize import brentq  # noqa: PLC0415  the layer of formulas is loaded without SciPy

        which = 0 if kind == "fold" else 1
        u = np.array([brentq(lambda u: float(self.tests(np.array([u]))[which][0]), low, high, xtol=1e-15)])
        x, inputs = self.states(u)
        values = np.linalg.eigvals(self.pair.jacobian(x, inputs)[:, :, 0])
        if kind == "hopf" and not np.iscomplex(values).any():
            return None
        turning = np.angle(1 + self.dt * values[0]) / self.dt if self.dt else values[0].imag
        frequency = abs(float(turning)) if kind == "hopf" else 0.0
        return Turn(kind, float(self.drive(u)[0]), x[:, 0], frequency)


def _reach(pair: Pair, of: int) -> tuple[float, float]:
    """The lowest and highest input that a unit can receive, and a little more."""
    ends = [sorted(w * end for end in unit.ends) for w, unit in zip(pair.weights[of], pair.units, strict=True)]
    low, high = (pair.drives[of] + sum(end[side] for end in ends) for side in (0, 1))
    return low - 1e-3 * (1 + high - low), high + 1e-3 * (1 + high - low)


def _zeros(function: Callable[[Array], Array], at: Array) -> list[float]:
    """Where a function crosses zero; what comes near without crossing is looked at more closely."""
    from scipy.optimize import brentq  # noqa: PLC0415

    values = function(at)
    size = np.abs(values)
    touches = np.flatnonzero((size[1:-1] <= size[:-2]) & (size[1:-1] <= size[2:])) + 1
    kept = [i for i in touches if len(set(np.sign(values[i - 1 : i + 2]).tolist())) == 1]
    closer = [np.linspace(at[i - 1], at[i + 1], _CLOSER) for i in kept]
    at = np.unique(np.concatenate([at, *closer]))
    values = function(at)
    found = [float(u) for u in at[values == 0]]
    crossed = np.flatnonzero(values[:-1] * values[1:] < 0)
    return found + [
        float(brentq(lambda u: float(function(np.array([u]))[0]), at[i], at[i + 1], xtol=1e-15)) for i in crossed
    ]


def _sigmoid(z: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-z)))
