"""Owns how a Bokeh figure becomes small enough for a page: numbers as coarse as the eye is. Must not know figures.

A column of numbers goes as whole steps from its lowest to its highest value, two bytes each: 65 thousand steps, where
a figure has some hundred pixels. Of each step only the change from the one before is kept, for lines are smooth, and
all of it is compressed. ``figures.js`` turns it back.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

import numpy as np

from nbkit.app.site.formulas import mathml
from nbkit.plots.sheet import NOTHING, TOP
from nbkit.widgets.live_figure import pack

#: fewer numbers than this stay as they are
FEW = 24
#: images of more cells have one byte for each: no palette has more colours
LARGE = 20_000
#: steps from the lowest to the highest value; one more stands for what is no number
STEPS = {1: 254, 2: 65_534}

_REAL = ("float32", "float64")
_WHOLE = ("int8", "uint8", "int16", "uint16", "int32", "uint32")
_FILM_STEP = NOTHING // 255
_GZIP = b"\x1f\x8b"
_FORMULA = re.compile(r"\\\((.+?)\\\)", re.DOTALL)


def packed(held: Any) -> str:
    """Make a figure's JSON small.

    Args:
        held: what `bokeh.embed.json_item` gave.

    Returns:
        Base64 of compressed bytes: the length of a JSON text in four bytes, that text, and the steps of all arrays,
        which stand in the text as mappings of the type ``"steps"``.

    Example:
        >>> len(packed({"doc": {}})) < 60
        True
    """
    steps = bytearray()
    text = json.dumps(_packed(held, steps), separators=(",", ":"), ensure_ascii=False).encode()
    whole = len(text).to_bytes(4, "little") + text + bytes(steps)
    return base64.b64encode(gzip.compress(whole, 9, mtime=0)).decode()


def unpacked(text: str) -> Any:
    """Read back what `packed` wrote, as ``figures.js`` does it; arrays become NumPy's."""
    whole = gzip.decompress(base64.b64decode(text))
    end = 4 + int.from_bytes(whole[:4], "little")
    return _unpacked(json.loads(whole[4:end]), whole[end:])


def _packed(held: Any, steps: bytearray) -> Any:
    if isinstance(held, list | tuple):
        return [_packed(one, steps) for one in held]
    if not isinstance(held, dict):
        return held
    if held.get("type") == "ndarray":
        return _array(held, steps)
    inside = {key: _packed(value, steps) for key, value in held.items()}
    return _with_formulas(inside) if held.get("type") == "object" and held.get("name") == "Div" else inside


def _array(held: dict[str, Any], steps: bytearray) -> dict[str, Any]:
    inside, kind = held["array"], held["dtype"]
    if kind not in (*_REAL, *_WHOLE) or not isinstance(inside.get("data"), str):
        return {**held, "array": _packed(inside, steps)}
    raw = base64.b64decode(inside["data"])
    values = np.frombuffer(gzip.decompress(raw) if raw.startswith(_GZIP) else raw, np.dtype(kind).newbyteorder("<"))
    if values.size < FEW:
        return held
    if kind in _REAL:
        return _in_steps(values, held["shape"], steps)
    low, high = int(values.min()), int(values.max())
    if kind == "uint16" and values.size > LARGE and high >= TOP:
        return _film(values, held["shape"], steps)
    if high - low > STEPS[2]:
        return held
    return _added((values.astype(np.int64) - low), low, 1, kind, held["shape"], steps)


def _film(values: Any, shape: list[int], steps: bytearray) -> dict[str, Any]:
    """The cells of a film, which are whole numbers up to `TOP`, as one byte each; the highest is no number."""
    codes = np.where(values == NOTHING, 255, np.minimum(np.rint(values / _FILM_STEP), 254)).astype(np.int64)
    return _added(codes, 0, _FILM_STEP, "uint16", shape, steps, 1)


def _in_steps(values: Any, shape: list[int], steps: bytearray) -> dict[str, Any]:
    """Real numbers as whole steps."""
    exact = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(exact)
    width = 1 if exact.size > LARGE and len(shape) > 1 else 2
    low = float(exact[finite].min()) if finite.any() else 0.0
    high = float(exact[finite].max()) if finite.any() else 0.0
    step = (high - low) / STEPS[width]
    whole = np.zeros(exact.size) if step == 0 else np.rint((np.where(finite, exact, low) - low) / step)
    codes = np.where(finite, whole, STEPS[width] + 1).astype(np.int64)
    return _added(codes, low, step, pack(exact).dtype.name, shape, steps, width)


def _added(  # noqa: PLR0917  what a mapping of steps holds
    codes: Any, low: float, step: float, kind: str, shape: list[int], steps: bytearray, width: int = 2
) -> dict[str, Any]:
    """Put the changes from code to code behind all others, the low bytes of all first."""
    at = len(steps)
    changes = (np.diff(codes, prepend=0) % 256**width).astype(np.uint16)
    for byte in range(width):
        steps += ((changes >> (8 * byte)) & 255).astype(np.uint8).tobytes()
    count = int(codes.size)
    return {
        "type": "steps", "at": at, "count": count, "width": width, "low": low, "step": step, "dtype": kind,
        "shape": list(shape),
    }  # fmt: skip


def _unpacked(held: Any, steps: bytes) -> Any:
    if isinstance(held, list | tuple):
        return [_unpacked(one, steps) for one in held]
    if not isinstance(held, dict):
        return held
    if held.get("type") != "steps":
        return {key: _unpacked(value, steps) for key, value in held.items()}
    count, width = held["count"], held["width"]
    raw = np.frombuffer(steps, np.uint8, count * width, held["at"]).reshape(width, count).astype(np.int64)
    codes = np.cumsum(sum(raw[byte] << (8 * byte) for byte in range(width))) % 256**width
    values = held["low"] + codes * held["step"]
    if held["dtype"] in _REAL:
        values = np.where(codes > STEPS[width], np.nan, values)
    return values.astype(held["dtype"]).reshape(held["shape"])


def _with_formulas(held: dict[str, Any]) -> dict[str, Any]:
    """A text with formulas, for which Bokeh would ask for a script from elsewhere."""
    inside = dict(held["attributes"])
    if isinstance(inside.get("text"), str):
        inside["text"] = _FORMULA.sub(lambda found: mathml(found[1], block=False), inside["text"])
        inside["disable_math"] = True
    return {**held, "attributes": inside}
