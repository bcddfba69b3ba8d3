"""Law: a figure comes out of a page as it went in, to what an eye can see."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, Div
from bokeh.plotting import figure

import nbkit as nb
from nbkit.app.site.formulas import mathml
from nbkit.app.site.moving import Frame, moving, slimmed
from nbkit.app.site.packing import LARGE, packed, unpacked
from nbkit.app.site.texts import markdown
from nbkit.errors import NbkitError
from nbkit.plots.sheet import NOTHING, TOP


def _through(values):
    """A column of a figure after a page."""
    plot = figure()
    source = ColumnDataSource({"y": values}, name="held")
    plot.scatter(x="y", y="y", source=source)
    return _column(unpacked(packed(json_item(plot))))


def _column(held):
    if isinstance(held, list):
        return next((found for one in held if (found := _column(one)) is not None), None)
    if not isinstance(held, dict):
        return None
    if held.get("name") == "ColumnDataSource" and held["attributes"].get("name") == "held":
        return dict(held["attributes"]["data"]["entries"])["y"]
    return next((found for one in held.values() if (found := _column(one)) is not None), None)


@pytest.mark.parametrize("seed", range(5))
def test_real_numbers_return_within_half_a_step(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=500) * 10.0 ** rng.integers(-6, 7) + 10.0 ** rng.integers(-3, 4)
    values[rng.integers(0, 500, 20)] = np.nan
    found = _through(values)
    spread = np.nanmax(values) - np.nanmin(values)
    assert np.array_equal(np.isnan(found), np.isnan(values))
    assert np.nanmax(np.abs(found - values)) <= 0.51 * spread / 65534 + 1e-7 * np.nanmax(np.abs(values))


def test_whole_numbers_return_exactly():
    values = np.random.default_rng(1).integers(-3000, 40_000, 300)
    assert np.array_equal(_through(values.astype(np.int32)), values)


@pytest.mark.parametrize("value", [3.25, np.nan])
def test_a_column_of_one_value_returns(value):
    np.testing.assert_array_equal(_through(np.full(50, value)), np.full(50, value))


def test_a_film_returns_as_fine_as_its_palette():
    values = np.random.default_rng(2).integers(0, TOP + 1, LARGE + 100).astype(np.uint16)
    values[:7], values[7] = NOTHING, TOP
    found = _through(values)
    assert np.array_equal(found == NOTHING, values == NOTHING)
    assert np.abs(found.astype(int) - values.astype(int)).max() <= 258


def test_a_smooth_line_takes_less_than_two_bytes_a_number():
    text = packed({"doc": json_item(_line(np.sin(np.linspace(0, 30, 5000))))["doc"]})
    empty = packed({"doc": json_item(_line(np.zeros(5000)))["doc"]})
    assert len(text) - len(empty) < 2 * 5000


def _line(values):
    plot = figure()
    plot.line(np.arange(5000.0), values)
    return plot


def test_formulas_in_texts_need_no_script_from_elsewhere():
    item = json_item(Div(text=r"<b>T</b> \(\displaystyle \frac{a}{b}\)"))
    text = json.dumps(unpacked(packed(item)))
    assert "<mfrac>" in text
    assert "\\(" not in text
    assert '"disable_math": true' in text


@pytest.mark.parametrize(
    ("latex", "held"),
    [(r"\frac{a}{b}", "<mfrac>"), (r"e^{-x}", "<msup>"), (r"\int_0^a w(x)\, dx", "<msubsup>"), ("a < b", "&#x0003C;")],
)
def test_formulas_become_mathml(latex, held):
    assert held in mathml(latex, block=True)


def test_a_formula_that_cannot_be_read_stands_as_it_was_typed():
    assert mathml(r"a \frac", block=False) == r"<code>a \frac</code>"


def test_formulas_in_markdown_are_not_taken_for_emphasis():
    text = markdown("so $a_1 * b * c_2$ and *this*")
    assert text.count("<em>") == 1
    assert "<msub>" in text


# ------------------------------------------------------------ figures that move


def _frames(*values, band="range"):
    net = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 3, initial={"r": nb.Uniform(0.0, 0.5)})})
    runs = [nb.simulate(net.with_value("E.tau", value), 200.0, 0.1) for value in values]
    made = zip(values, runs, strict=True)
    return [Frame(f"{value:g}", nb.plots.traces_picture(ds, units=[], band=band)) for value, ds in made]


def test_every_frame_holds_what_the_others_do_not_share():
    frames = _frames(5.0, 10.0, 20.0)
    text = json.dumps(json_item(moving("E.tau (ms)", frames, 1)))
    assert "E.tau (ms) = <b>10</b>" in text
    assert text.count('["E.r mean", {"type": "map"') == 3
    assert text.count('["x", {"type": "ndarray"') < 8, "the times are the same in all frames"


def test_a_slim_picture_keeps_its_peaks_and_its_ends():
    picture = _frames(5.0)[0].picture
    slim = slimmed(picture, 100)
    for key, held in picture.columns.items():
        thin = slim.columns[key]
        assert len(thin["x"]) <= 103 < len(held["x"])
        assert (thin["x"][0], thin["x"][-1]) == (held["x"][0], held["x"][-1])
        for name, extreme in (("y", np.max), ("y", np.min), ("high", np.max), ("low", np.min)):
            assert name not in held or extreme(thin[name]) == extreme(held[name])


def test_pictures_with_other_parts_are_refused():
    frames = [*_frames(5.0), *_frames(10.0, band="none")]
    with pytest.raises(NbkitError, match="other parts"):
        moving("E.tau", frames, 0)
