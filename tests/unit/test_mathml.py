"""Law: a formula drawn by a browser is the formula that runs: the same names, brackets and order."""

import re
from xml.dom import minidom

import pytest

import nbkit as nb
from nbkit.model.expression import Apply, Number, Symbol, parse
from nbkit.model.functions import OPERATIONS
from nbkit.model.mathml import model_mathml, symbol, to_mathml


def text(mathml):
    """What is read from left to right, without elements that only place things."""
    return "".join(re.sub(r"<[^>]*>", "", mathml).split())


@pytest.mark.parametrize("name", nb.models.names())
def test_every_shipped_model_is_well_formed_and_has_all_its_names(name):
    model = getattr(nb.models, name)
    drawn = model_mathml(model)
    minidom.parseString(drawn)  # noqa: S318  our own text
    shown = set(re.findall(r'data-name="(\w+)"', drawn))
    assert {*model.states, *model.algebraic} <= shown
    refractory = set() if model.spiking is None else {str(model.refractory)}
    assert set(model.parameters) - refractory <= shown | {"pi"}


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("-r + (1 - k*r)*m", "−r+(1−kr)m"),
        ("a - (b - c)", "a−(b−c)"),
        ("a - (b + c)*2", "a−(b+c)2"),
        ("a*(-b)", "a(−b)"),
        ("-a + b", "−a+b"),
        ("a + (-b + c)", "a+(−b+c)"),
        ("(-a)**2", "(−a)2"),
        ("-a**2", "−a2"),
        ("a/(b + c)", "ab+c"),
        ("(a/b)**2", "(ab)2"),
        ("a <= b", "[a≤b]"),
        ("exp(-x/tau)", "e−xτ"),
        ("log1p(x)", "ln(1+x)"),
        ("maximum(x, 0)", "max(x,0)"),
        ("positive_part(u - h)", "[u−h]+"),
        ("sigmoid(s*(u - theta))", "σ(s(u−θ))"),
        ("2e-3*x", "2·10−3x"),
    ],
)
def test_brackets_stand_where_the_order_needs_them(formula, shown):
    assert text(to_mathml(parse(formula))) == shown


def test_a_fraction_stands_above_and_below():
    assert "<mfrac><mrow>" in to_mathml(parse("a/b"))
    assert text(to_mathml(parse("(a/b)*c"))) == "abc"  # the bar of the fraction holds it together


def test_names_are_letters_with_an_index():
    assert text(symbol("tau_s")) == "τs"
    assert text(symbol("V_th")) == "Vth"
    assert text(symbol("g2")) == "g2"
    assert "<msub" in symbol("g2")
    assert "<msub" not in symbol("rate")


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_operation_can_be_drawn(operation):
    arguments = (Symbol("x"), Number(2.0, "2"))[: OPERATIONS[operation].arity]
    drawn = to_mathml(Apply(operation, arguments))
    minidom.parseString(drawn)  # noqa: S318  our own text
    assert 'data-name="x"' in drawn


def test_spikes_are_told():
    drawn = text(model_mathml(nb.models.izhikevich))
    assert "spikeif[v≥vpeak]" in drawn or "spikeif" in drawn
    assert "u+=d" in drawn
