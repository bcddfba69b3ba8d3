"""Owns the tests of the interpreter's own operations: each against long doubles, over ranges, and at the corners."""

import numpy as np
import pytest

from nbkit.model.functions import OPERATIONS
from nbkit.run.interpreter.encoder import Code
from nbkit.run.interpreter.library import Library
from nbkit.run.interpreter.printer import NUMBERS

COUNT = 40_000

#: name -> ranges of the argument in which the result is normal
RANGES = {
    "exp": [(-1, 1), (-40, 40), (-708, 709.7)],
    "expm1": [(-1e-3, 1e-3), (-1, 1), (-40, 40), (-700, 709)],
    "tanh": [(-1e-3, 1e-3), (-1, 1), (-25, 25)],
    "log": [(0.5, 2), (0.99, 1.01), (1e-9, 100), (1e-300, 1e300)],
    "log1p": [(-1e-3, 1e-3), (-0.9, 1), (-0.5, 0.5), (0, 1e300)],
    "sin": [(-1, 1), (-10, 10), (-1e6, 1e6), (-1e9, 1e9)],
    "cos": [(-1, 1), (-10, 10), (-1e6, 1e6), (-1e9, 1e9)],
    "tan": [(-1, 1), (-10, 10)],
    "arctan": [(-1, 1), (-100, 100)],
    "sinh": [(-1, 1), (-100, 100)],
    "cosh": [(-1, 1), (-100, 100)],
    "sqrt": [(0, 2), (0, 1e300)],
    "absolute": [(-2, 2)],
    "negative": [(-2, 2)],
}

#: base and exponent of powers
POWERS = [
    ((0.01, 2), (-5, 5)),
    ((0.5, 2), (-1000, 1000)),
    ((1e-3, 1e3), (-100, 100)),
    ((1e-300, 1e300), (-1, 1)),
    ((0.999, 1.001), (-7e5, 7e5)),
]

CORNERS = [0.0, -0.0, 1.0, -1.0, 2.0, -3.0, 0.5, np.inf, -np.inf, np.nan, 5e-324, -1e-310, 1e308, -1e308]


def applied(library: Library, name: str, *sources: np.ndarray, precision: str = "float64") -> np.ndarray:
    """What an operation makes of rows."""
    units = len(sources[0])
    memory = np.concatenate([np.zeros(units), *sources]).astype(precision)
    code = Code()
    code.add(name, units, A=units, B=2 * units)
    rows, live = code.array(), np.zeros(1000, dtype=np.uint8)
    library.block[precision](memory.ctypes.data, rows.ctypes.data, 1, live.ctypes.data, 0, 1, 1)
    return memory[:units].copy()


def units_in_the_last_place(got: np.ndarray, want: np.ndarray) -> float:
    """The largest distance, in units of the last place of the right number."""
    near = want.astype(got.dtype)
    assert np.isfinite(near).all()
    return float((np.abs(got.astype(np.longdouble) - want) / np.spacing(np.abs(near)).astype(np.longdouble)).max())


def drawn(low: float, high: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(low, high, COUNT)


@pytest.mark.parametrize(("name", "low", "high"), [(n, *r) for n, ranges in RANGES.items() for r in ranges])
def test_a_function_is_within_two_units_in_the_last_place(interpreter, name, low, high):
    row = next(n for n, r in OPERATIONS.items() if r.numpy == name)
    x = drawn(low, high)
    got = applied(interpreter, f"{row}_v", x)
    assert units_in_the_last_place(got, getattr(np, name)(x.astype(np.longdouble))) <= 2.0


@pytest.mark.parametrize(("base", "exponent"), POWERS)
def test_a_power_is_within_two_units_in_the_last_place(interpreter, base, exponent):
    x, y = drawn(*base), drawn(*exponent, seed=1)
    want = np.power(x.astype(np.longdouble), y.astype(np.longdouble))
    normal = (want > 1e-307) & (want < 1e308)
    assert normal.mean() > 0.5
    assert units_in_the_last_place(applied(interpreter, "power_vv", x, y)[normal], want[normal]) <= 2.0


def test_a_sigmoid_is_within_two_units_in_the_last_place(interpreter):
    x = drawn(-30, 30)
    grown = applied(interpreter, "add_sv", *[np.ones(COUNT)], applied(interpreter, "exp_v", -x))
    got = applied(interpreter, "divide_vv", np.ones(COUNT), grown)
    assert units_in_the_last_place(got, 1 / (1 + np.exp(-x.astype(np.longdouble)))) <= 2.0


@pytest.mark.parametrize("name", [n for n, r in OPERATIONS.items() if r.numpy and r.arity == 1])
def test_the_corners_of_a_function_are_those_of_numpy(interpreter, name):
    x = np.array(CORNERS)
    with np.errstate(all="ignore"):
        want = getattr(np, OPERATIONS[name].numpy)(x)
    got = applied(interpreter, f"{name}_v", x)
    np.testing.assert_allclose(got, want, rtol=5e-16, atol=5e-324)


@pytest.mark.parametrize("name", [n for n, r in OPERATIONS.items() if r.numpy and r.arity == 2])
@pytest.mark.parametrize("form", ["vv", "vs", "sv"])
def test_the_corners_of_an_operation_are_those_of_numpy(interpreter, name, form):
    for number in CORNERS:
        x, one = np.array(CORNERS), np.full(len(CORNERS), number)
        sources = (one, x) if form == "sv" else (x, one)
        with np.errstate(all="ignore"):
            want = np.asarray(getattr(np, OPERATIONS[name].numpy)(*sources), dtype=float)
        np.testing.assert_allclose(applied(interpreter, f"{name}_{form}", *sources), want, rtol=5e-16, atol=5e-324)


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "less", "maximum"])
def test_plain_arithmetic_has_the_bits_of_numpy(interpreter, name):
    x, y = drawn(-1e3, 1e3), drawn(-1e3, 1e3, seed=1)
    for precision in ("float64", "float32"):
        one, other = x.astype(precision), y.astype(precision)
        want = getattr(np, OPERATIONS[name].numpy)(one, other).astype(precision)
        assert applied(interpreter, f"{name}_vv", one, other, precision=precision).tobytes() == want.tobytes()


@pytest.mark.parametrize("name", ["exp", "tanh", "log", "sin"])
def test_single_precision_is_rounded_from_double(interpreter, name):
    x = drawn(0.01, 20.0).astype(np.float32)
    got = applied(interpreter, f"{name}_v", x, precision="float32")
    assert units_in_the_last_place(got, getattr(np, name)(x.astype(np.longdouble))) <= 0.51


def test_a_number_does_not_depend_on_its_neighbours(interpreter):
    x = np.concatenate([drawn(0.1, 3.0)[:37], [1e300, np.nan, -1.0]])
    for name in ("exp_v", "sin_v", "log_v", "tanh_v", "power_vv"):
        together = applied(interpreter, name, x, x)
        alone = np.concatenate([applied(interpreter, name, x[i : i + 1], x[i : i + 1]) for i in range(len(x))])
        assert together.tobytes() == alone.tobytes()


def test_every_operation_of_the_table_is_there():
    for name, row in OPERATIONS.items():
        forms = ("v",) if row.arity == 1 else ("vv", "vs", "sv")
        assert all((f"{name}_{form}" in NUMBERS) == bool(row.numpy) for form in forms)
