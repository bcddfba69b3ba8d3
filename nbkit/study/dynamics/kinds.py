"""Owns the kinds of fixed points: what the eigenvalues of a flow tell about a point. Must not know how it was found."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nbkit.study.dynamics.given_flow import unknown_stability
from nbkit.study.dynamics.slopes import Slopes
from nbkit.study.flow import Flow

Array = npt.NDArray[np.float64]

#: kinds of fixed points
STABLE = ("stable node", "stable focus")
UNSTABLE = ("unstable node", "unstable focus")
SADDLE, BORDER, NOT_TOLD = "saddle", "centre or on the border", "not told: the network has delays"
KINDS = (*STABLE, SADDLE, *UNSTABLE, BORDER, NOT_TOLD)

#: a real part below this share of the largest eigenvalue counts as zero
_ZERO = 1e-7

#: an imaginary part below it is the trace of two equal eigenvalues
_TURNING = 1e-6


def eigenvalues(flow: Flow, points: Array, slopes: Slopes | None = None) -> npt.NDArray[np.complex128]:
    """Eigenvalues of the flow at points, (states, points), as (points, modes), the least stable first.

    NaN where they would not tell how the network behaves, for it has delays.
    """
    found = np.full(points.shape[::-1], complex(np.nan, np.nan))
    if unknown_stability(flow):
        return found
    jacobians = (slopes or Slopes.of(flow)).at(flow, points, flow.states)
    for i, jacobian in enumerate(jacobians):
        if np.isfinite(jacobian).all():
            values = np.linalg.eigvals(jacobian)
            found[i] = values[np.lexsort((-values.imag, -values.real))]
    return found


def unstable_directions(values: npt.NDArray[np.complex128]) -> Array:
    """How many eigenvalues, (..., modes), have a positive real part; NaN where they are not known."""
    positive = (values.real > _zero(values)).sum(axis=-1).astype(np.float64)
    return np.where(np.isfinite(values).all(axis=-1), positive, np.nan)


def kinds(values: npt.NDArray[np.complex128]) -> list[str]:
    """The kind of each point in words, from its eigenvalues, (points, modes), the least stable first."""
    return [_kind(row, float(zero[0])) for row, zero in zip(values, _zero(values), strict=True)]


def _zero(values: npt.NDArray[np.complex128]) -> Array:
    size: Array = np.abs(values).max(axis=-1, initial=0.0, keepdims=True)
    return _ZERO * size


def _kind(values: npt.NDArray[np.complex128], zero: float) -> str:
    if not np.isfinite(values).all():
        return NOT_TOLD
    if (np.abs(values.real) <= zero).any():
        return BORDER
    first, turns = values[0].real, int(abs(values[0].imag) > _TURNING * np.abs(values).max())
    if first < 0:
        return STABLE[turns]
    return UNSTABLE[turns] if turns or (values.real > 0).all() else SADDLE
