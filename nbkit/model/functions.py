"""Owns the one table of operations and functions that a formula may use. Must not know models or arrays.

Each row says how an operation is printed everywhere: as NumPy, as C/CUDA and as LaTeX.
A row with ``expands`` is shorthand: it is rewritten into other rows before anything runs.
`SLOPES` says how each one changes with its arguments.
"""

from __future__ import annotations

from dataclasses import dataclass

# How tightly a row binds, for brackets in text and LaTeX.
COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 7)


@dataclass(frozen=True)
class Operation:
    """One row: a name, its number of arguments, and how each renderer writes it."""

    name: str
    arity: int
    numpy: str  # name of the NumPy ufunc; "" for shorthand
    c: str  # C and CUDA, {0} {1} are the arguments
    text: str  # as typed
    latex: str
    binds: int = ATOM
    expands: str = ""  # a formula in x (and y) that means the same


def _function(name: str, c: str, latex: str = "", *, numpy: str = "", arity: int = 1) -> Operation:
    arguments = ", ".join(f"{{{i}}}" for i in range(arity))
    written = latex or rf"\{name}\left({arguments}\right)"
    return Operation(name, arity, numpy or name, c, f"{name}({arguments})", written)


def _shorthand(name: str, expands: str, latex: str, arity: int = 1) -> Operation:
    arguments = ", ".join(f"{{{i}}}" for i in range(arity))
    return Operation(name, arity, "", "", f"{name}({arguments})", latex, ATOM, expands)


_ROWS = (
    # arithmetic
    Operation("add", 2, "add", "({0} + {1})", "{0} + {1}", "{0} + {1}", SUM),
    Operation("subtract", 2, "subtract", "({0} - {1})", "{0} - {1}", "{0} - {1}", SUM),
    Operation("multiply", 2, "multiply", "({0} * {1})", "{0}*{1}", r"{0} \, {1}", PRODUCT),
    Operation("divide", 2, "divide", "({0} / {1})", "{0}/{1}", r"\frac{{{0}}}{{{1}}}", PRODUCT),
    Operation("power", 2, "power", "pow({0}, {1})", "{0}**{1}", "{{{0}}}^{{{1}}}", POWER),
    Operation("negative", 1, "negative", "(-{0})", "-{0}", "-{0}", SIGN),
    # comparisons give 1 or 0
    Operation("less", 2, "less", "(double)({0} < {1})", "{0} < {1}", "[{0} < {1}]", COMPARE),
    Operation("less_equal", 2, "less_equal", "(double)({0} <= {1})", "{0} <= {1}", r"[{0} \le {1}]", COMPARE),
    Operation("greater", 2, "greater", "(double)({0} > {1})", "{0} > {1}", "[{0} > {1}]", COMPARE),
    Operation("greater_equal", 2, "greater_equal", "(double)({0} >= {1})", "{0} >= {1}", r"[{0} \ge {1}]", COMPARE),
    # functions
    _function("exp", "exp({0})", r"e^{{{0}}}"),
    _function("expm1", "expm1({0})", r"\left(e^{{{0}}} - 1\right)"),
    _function("log", "log({0})", r"\ln\left({0}\right)"),
    _function("log1p", "log1p({0})", r"\ln\left(1 + {0}\right)"),
    _function("sqrt", "sqrt({0})", r"\sqrt{{{0}}}"),
    _function("sin", "sin({0})"),
    _function("cos", "cos({0})"),
    _function("tan", "tan({0})"),
    _function("arctan", "atan({0})"),
    _function("sinh", "sinh({0})"),
    _function("cosh", "cosh({0})"),
    _function("tanh", "tanh({0})"),
    _function("abs", "fabs({0})", r"\left|{0}\right|", numpy="absolute"),
    _function("minimum", "fmin({0}, {1})", r"\min\left({0}, {1}\right)", arity=2),
    _function("maximum", "fmax({0}, {1})", r"\max\left({0}, {1}\right)", arity=2),
    # shorthand
    _shorthand("sigmoid", "1/(1 + exp(-x))", r"\sigma\left({0}\right)"),
    _shorthand("exprel", "(expm1(x) + (abs(x) <= 0))/(x + (abs(x) <= 0))", r"\operatorname{{exprel}}\left({0}\right)"),
    _shorthand("positive_part", "maximum(x, 0)", r"\left[{0}\right]_+"),
)

#: name -> row
OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}

#: rows that a user calls by name
FUNCTIONS: dict[str, Operation] = {row.name: row for row in _ROWS if row.text.startswith(row.name + "(")}

#: name -> how the result changes with each argument, a formula in x (and y); at a corner that of one side
SLOPES: dict[str, tuple[str, ...]] = {
    "add": ("1", "1"),
    "subtract": ("1", "-1"),
    "multiply": ("y", "x"),
    "divide": ("1/y", "-x/(y*y)"),
    "power": ("y*x**(y - 1)", "log(x)*x**y"),
    "negative": ("-1",),
    **dict.fromkeys(("less", "less_equal", "greater", "greater_equal"), ("0", "0")),
    "exp": ("exp(x)",),
    "expm1": ("exp(x)",),
    "log": ("1/x",),
    "log1p": ("1/(1 + x)",),
    "sqrt": ("0.5/sqrt(x)",),
    "sin": ("cos(x)",),
    "cos": ("-sin(x)",),
    "tan": ("1/(cos(x)*cos(x))",),
    "arctan": ("1/(1 + x*x)",),
    "sinh": ("cosh(x)",),
    "cosh": ("sinh(x)",),
    "tanh": ("1 - tanh(x)**2",),
    "abs": ("(x > 0) - (x < 0)",),
    "minimum": ("x <= y", "y < x"),
    "maximum": ("x >= y", "y > x"),
    "sigmoid": ("sigmoid(x)*sigmoid(-x)",),
    "exprel": ("(abs(x) < 0.001)*(1/2 + x/3) + (abs(x) >= 0.001)*(exp(x) - exprel(x))/(x + (abs(x) < 0.001))",),
    "positive_part": ("x > 0",),
}

#: constants that every formula knows, with their LaTeX
CONSTANTS: dict[str, tuple[float, str]] = {"pi": (3.141592653589793, r"\pi")}

#: white noise of unit intensity, for differential equations
XI = "xi"

#: names that mean something to nbkit and may not be declared
RESERVED = frozenset({"t", "dt", XI, "spike", "time", "unit", *CONSTANTS, *FUNCTIONS})
