"""Owns what a run is checked against before it starts, and the words for one that failed. Must not know how it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.errors import NbkitError, Problem, did_you_mean, fail, shown
from nbkit.model.check import METHODS
from nbkit.run.interpreter.choice import problems_of
from nbkit.run.memory import SHARE, available
from nbkit.run.numpy_executor import PRECISIONS
from nbkit.run.stepper import BACKENDS, Stop

if TYPE_CHECKING:
    import xarray


def of_units(stamps: Any, units: Any, wanted: Any) -> tuple[Any, Any]:
    """The spikes of the wanted units."""
    kept = np.isin(units, wanted)
    return stamps[kept], units[kept]


STOOD_STILL = "nothing moved: every recorded unit stayed where it began; start it elsewhere, or add a stimulus"


class Stillness:
    """Whether anything that was recorded ever changed, looked at piece by piece."""

    def __init__(self) -> None:
        self._first: dict[str, Any] = {}
        self._still, self._several = True, False

    def look(self, piece: xarray.Dataset) -> None:
        """Take in a piece of the recording."""
        for name, array in piece.data_vars.items():
            if self._still and array.dims[:1] == ("time",) and len(array):
                held = array.to_numpy()
                self._several = self._several or str(name) in self._first or len(held) > 1
                first = self._first.setdefault(str(name), held[0].copy())
                self._still = bool((held[-1] == first).all() and (held == first).all())
            elif str(name).endswith(".spike_time") and len(array):
                self._still = False

    @property
    def notes(self) -> dict[str, str]:
        """What a result tells of it."""
        return {"note": STOOD_STILL} if self._still and self._several else {}


def choice_problems(
    backend: str, method: str | None, precision: str, accelerator: object = None, *, deterministic: bool = True
) -> list[Problem]:
    """Backends, methods and precisions that are not there, and choices that do not go together."""
    found = problems_of(accelerator) + _card_problems(backend, accelerator, deterministic=deterministic)
    for code, where, value, known in (
        ("unknown-backend", "backend", backend, tuple(BACKENDS)),
        ("unknown-method", "method", method, (*METHODS, None)),
        ("unknown-precision", "precision", precision, tuple(PRECISIONS)),
    ):
        if not isinstance(value, str | None) or value not in known:
            hint = did_you_mean(str(value), [k for k in known if k])
            found.append(Problem(code, where, f"no {where} {shown(value)}", hint))
    return found


def _card_problems(backend: object, accelerator: object, *, deterministic: object) -> list[Problem]:
    """What does not go together with a card, or with none; and what is missing where one is asked for."""
    if not isinstance(backend, str):
        return []  # told as a backend that there is not
    if not isinstance(deterministic, bool):
        what = f"{shown(deterministic)} is neither True nor False"
        return [Problem("bad-choice", "deterministic", what, "deterministic=True or False")]
    found = []
    if backend == "numpy" and not deterministic:
        what = "NumPy gives the same bits every time"
        found.append(Problem("bad-choice", "deterministic", what, 'leave it out, or backend="cupy"'))
    if backend == "cupy":
        from nbkit.run.cuda import device  # noqa: PLC0415  only who asks for a card needs it

        found += device.missing()
        if accelerator is True:
            what = "the compiled interpreter is for the processor, a card makes its own steps"
            found.append(Problem("no-accelerator", "accelerator", what, "leave accelerator= or backend= out"))
    return found


def require_memory(what: str, needed: int, hint: str = "make the populations smaller") -> None:
    """Refuse what needs more memory than is left."""
    left = available()
    if left is not None and needed > SHARE * left:
        raise fail("too-much-memory", what, f"needs {needed / 1e9:.2f} GB, {left / 1e9:.2f} GB are left", hint)


def told_stop(stop: Stop, dt: float, time_unit: str) -> str:
    """Where a run left the finite numbers, in words."""
    unit = "model units" if time_unit == "1" else time_unit
    return f"unit {stop.unit} became {stop.value} at t = {stop.sample * dt:g} {unit}, step {stop.sample}"


def not_finite(stop: Stop, dt: float, time_unit: str, result: xarray.Dataset) -> NbkitError:
    """The error of a run that left the finite numbers; it carries the trace up to there."""
    error = fail(
        "run-not-finite",
        stop.variable.path,
        told_stop(stop, dt, time_unit),
        f"a smaller dt than {dt:g}, or weaker coupling; the trace up to there is the error's .result",
    )
    error.result = result  # type: ignore[attr-defined]
    return error
