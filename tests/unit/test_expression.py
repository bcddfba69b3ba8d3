"""Owns the tests of formulas: reading, writing, and what is kept out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbkit as nb
from nbkit.model.expression import Apply, Number, Symbol, parse
from nbkit.model.functions import OPERATIONS
from nbkit.model.rendering import number_latex, symbol_latex, to_latex, to_text

LEAVES = st.sampled_from([Symbol("a"), Symbol("tau_s"), Number(2.0, "2"), Number(0.001, "1e-3")])


def grown(children: st.SearchStrategy) -> st.SearchStrategy:
    def applied(name: str) -> st.SearchStrategy:
        return st.tuples(*[children] * OPERATIONS[name].arity).map(lambda arguments: Apply(name, arguments))

    return st.sampled_from(sorted(set(OPERATIONS) - {"power"})).flatmap(applied)


TREES = st.recursive(LEAVES, grown, max_leaves=12)


@given(TREES)
def test_what_is_written_reads_back_to_the_same_tree(tree):
    assert parse(to_text(tree)) == tree


@given(TREES)
def test_latex_has_its_brackets_and_braces_in_order(tree):
    latex = to_latex(tree)
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("-r + (1 - k*r)*m", r"-r + \left(1 - k \, r\right) \, m"),
        ("(a - b)/(2*tau)", r"\frac{a - b}{2 \, \tau}"),
        ("(a/b)**2", r"{\left(\frac{a}{b}\right)}^{2}"),
        ("a**(b + 1)", "{a}^{b + 1}"),
        ("sigmoid(-x)", r"\sigma\left(-x\right)"),
        ("2e-3*x", r"2 \cdot 10^{-3} \, x"),
        ("a - (b - c)", r"a - \left(b - c\right)"),
    ],
)
def test_a_formula_in_latex(text, latex):
    assert to_latex(parse(text)) == latex


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("tau", r"\tau"),
        ("tau_s", r"\tau_{s}"),
        ("r_in", r"r_{\mathrm{in}}"),
        ("I1", "I_{1}"),
        ("rate", r"\mathrm{rate}"),
    ],
)
def test_a_name_in_latex(name, latex):
    assert symbol_latex(name) == latex


def test_powers_of_ten_in_latex():
    assert number_latex("1e+5") == r"1 \cdot 10^{5}"


@pytest.mark.parametrize("text", ["a + b", "a+b", "((a)+(b))", "a +\tb"])
def test_spaces_and_spare_brackets_do_not_matter(text):
    assert parse(text) == parse("a + b")


def test_an_error_points_at_its_column():
    with pytest.raises(nb.NbkitError) as caught:
        nb.Model("m", "dx/dt = 1 + q*x", states={"x": 0.0, "y": 0.0})
    assert caught.value.problems[0].where == "line 1"
    with pytest.raises(nb.NbkitError) as caught:
        parse("1 + foo(x)", "line 3")
    assert caught.value.where == "line 3, column 5"


HOSTILE = [
    "__import__('os').system('true')",
    "().__class__.__bases__",
    "lambda: 0",
    "[x for x in y]",
    "f'{x}'",
    "x if y else z",
    "(x := 1)",
    "x[0]",
    "{}",
    "9**9**9**9",
    "exp(*a)",
    "exp(x=1)",
    "x.real",
    "x @ y",
    "x and y",
    "not x",
    "x == y",
    "a < b < c",
    "1j",
    "True",
    "'text'",
    "...",
    "await x",
    "yield",
    "x; y",
    "x\ny",
    "",
    " ",
    "(" * 500 + "x" + ")" * 500,
    "+".join("x" * 3000),
    "-" * 3000 + "x",
    "1e999",
    "1" * 400,
    "print(x)",
    "eval(x)",
    "x" * 5000,
    "_x",
    "exp",
    "exp()",
    "minimum(x)",
    "\u202ex",
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_not_arithmetic_is_refused_with_a_place(text):
    with pytest.raises(nb.NbkitError) as caught:
        parse(text, "line 1")
    assert caught.value.where.startswith("line 1")
    assert len(caught.value.problems) == 1


@given(st.text(max_size=40))
def test_any_text_is_a_formula_or_a_clear_error(text):
    try:
        parse(text, "here")
    except nb.NbkitError as error:
        assert error.where.startswith("here")  # noqa: PT017  either outcome is right
