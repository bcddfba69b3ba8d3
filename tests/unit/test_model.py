"""Owns the tests of models: what they tell, and that all their problems come at once."""

import pickle

import pytest

import nbkit as nb

TEXT = """
tau * dx/dt = -x + y   # a comment
y = z*u
z = 1 + x

"""


def model(**changes: object) -> nb.Model:
    keywords = {"states": {"x": 0.5}, "inputs": {"u": 0.0}, "parameters": {"tau": nb.Parameter(10.0, "ms")}} | changes
    return nb.Model("m", TEXT, **keywords)


def test_algebraic_lines_are_ordered_by_need():
    assert list(model().algebraic) == ["z", "y"]
    assert list(model().differential) == ["x"]
    assert model().variables == ("x", "z", "y")


def test_what_follows_inputs_at_once_is_known():
    assert [model().depends_on_inputs(v) for v in ("x", "z", "y")] == [False, False, True]


def test_a_derivative_may_be_written_with_a_prime():
    assert nb.Model("a", "x' = -x", {"x": 1.0}).lines == nb.Model("a", "dx/dt = -x", {"x": 1.0}).lines
    primed = nb.Model("a", "(tau + 1) * x' = -x", {"x": 1.0}, parameters={"tau": 1.0})
    assert primed.lines[0].text == "(tau + 1) * dx/dt = -x"


def test_latex_shows_every_line():
    assert model().latex().count(r"\\ ") == 2
    assert r"\tau \, \frac{d x}{dt} &= -x + y" in model().latex()


def test_a_model_shows_itself_with_its_text_escaped():
    shown = nb.Model("a", "dx/dt = -k*x", {"x": 1.0}, parameters={"k": nb.Parameter(1.0, meaning="<b>")})._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<b>&lt;" not in shown


def test_all_problems_of_a_model_come_together():
    with pytest.raises(nb.NbkitError) as caught:
        nb.Model("a b", "dx/dt = q\n m = m\n junk", states={"x": 0.0, "w": 0.0}, parameters={"dt": 1.0}, time_unit="h")
    codes = {p.code for p in caught.value.problems}
    assert codes >= {
        "bad-name",
        "unknown-name",
        "algebraic-cycle",
        "bad-equation",
        "missing-equation",
        "reserved-name",
        "unknown-time-unit",
        "unused-name",
    }


def test_a_model_is_a_frozen_value():
    assert model() == model()
    assert pickle.loads(pickle.dumps(model())) == model()  # noqa: S301  our own bytes
    with pytest.raises(AttributeError):
        model().name = "other"
    with pytest.raises(TypeError):
        model().states["x"] = nb.State(1.0)


def test_an_unknown_shipped_model_is_answered_with_the_nearest():
    with pytest.raises(AttributeError, match="did you mean 'wilson_cowan'"):
        nb.models.wilson_cowen
