"""Law: the derivative of a formula is what its differences tend to, for every operation of the table."""

import numpy as np
import pytest

from nbkit.model.derivative import derivative
from nbkit.model.expression import Apply, parse, walk
from nbkit.model.functions import OPERATIONS, SLOPES
from nbkit.model.rendering import to_text
from nbkit.network.evaluation import evaluate

FORMULAS = (
    "x + y - 2*x", "x*y/(1 + x)", "x**2", "x**y", "2**x", "x**3/y", "-x/(1 - x*y)", "exp(-x*y)", "expm1(x)*log(y)",
    "log1p(x)", "sqrt(x + y)", "sin(x)*cos(y)*tan(x*y)", "arctan(x)", "sinh(x) + cosh(x*y)", "tanh(x/y)",
    "abs(x - y)", "minimum(x, y)", "maximum(x*x, y)", "sigmoid(3*x)", "exprel(x - y)", "exprel(x*0.0001)",
    "positive_part(x - 0.5)", "(x > 0.3)*x", "(x >= 0.3)*y + (x < 0.3)*x*x + (y <= 0.4)*x",
)  # fmt: skip


def test_every_operation_has_its_slopes():
    assert SLOPES.keys() == OPERATIONS.keys()
    assert all(len(SLOPES[name]) == row.arity for name, row in OPERATIONS.items())


def test_every_operation_is_tried():
    used = {part.operation for text in FORMULAS for part in walk(parse(text)) if isinstance(part, Apply)}
    assert used == OPERATIONS.keys()


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("name", ["x", "y"])
def test_a_derivative_is_the_limit_of_differences(text, name):
    tree, step = parse(text), 1e-6
    slope = derivative(tree, name)
    generator = np.random.default_rng(7)
    for _ in range(30):
        known = dict(zip("xy", generator.uniform(0.1, 0.9, 2).tolist(), strict=True))
        above, below = (evaluate(tree, {**known, name: known[name] + sign * step}) for sign in (1, -1))
        assert evaluate(slope, known) == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-7)


def test_what_is_not_there_does_not_change():
    assert to_text(derivative(parse("a*x + b"), "c")) == "0"
    assert to_text(derivative(parse("a*x + b"), "x")) == "a"
    assert to_text(derivative(parse("pi*x"), "pi")) == "0"


def test_exprel_is_smooth_where_its_two_forms_meet():
    slope = derivative(parse("exprel(x)"), "x")
    near, far = (evaluate(slope, {"x": x}) for x in (0.00099999, 0.00100001))
    assert near == pytest.approx(0.5 + 0.001 / 3, abs=1e-6)
    assert far == pytest.approx(near, abs=1e-6)
