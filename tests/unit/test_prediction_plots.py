"""Laws of predictions in pictures: a line where the number is, a tick only where it holds, and nothing is lost."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest
import xarray as xr
from bokeh.models import Column, ColumnDataSource, DataRange1d, Div, Legend, Plot, Text

import nbkit as nb
from nbkit.errors import NbkitError
from nbkit.plots import prediction_places, rate_boxes, space_time, spike_statistics, traces, traces_picture
from nbkit.plots.places import read_field
from nbkit.plots.prediction_places import DRAWN, Rates, SpaceTime, Traces, place
from nbkit.study import Applies
from nbkit.study.prediction import QUANTITIES

P = nb.Prediction
NO = Applies("no", ("derived without delay; your network has delays of 2 ms",))


def waves(period=40.0, duration=200.0, unit="", level=0.0):
    time = np.arange(0, duration + 0.1, 0.5)
    about = {"units": unit, "long_name": "activity", "variable": "r"}
    wave = level + np.cos(2 * np.pi * (time - 7) / period)
    arrays = {f"{name}.r": (("time", f"{name}.unit"), wave[:, None], about | {"population": name}) for name in "EI"}
    arrays["E.v"] = (("time", "E.unit"), 10 * wave[:, None] - 60, {"units": "mV", "variable": "v", "population": "E"})
    return xr.Dataset(arrays, {"time": ("time", time, {"units": "ms"}), "E.unit": [0], "I.unit": [0]})


def spikes():
    """Two units that spike twice each, 2 Hz, and a lone one that spikes twice."""
    made = {"duration": 1000.0, "dt": 0.1}
    pair = nb.analysis.spike_dataset("E", [100.0, 200.0, 300.0, 400.0], [0, 1, 0, 1], size=2, **made)
    lone = nb.analysis.spike_dataset("I", [50.0, 60.0], [0, 0], size=1, **made)
    return xr.merge([pair, lone], compat="override", join="override", combine_attrs="override")


def front(speed=0.05, start=3.0):
    """A front that runs from a place both ways, over 10 mm and 200 ms."""
    middles, time = (np.arange(100) + 0.5) / 10, np.arange(0.0, 200.0, 0.5)
    reached = np.abs(middles - start)[None] <= speed * time[:, None]
    arrays = {"E.u": (("time", "E.grid_x"), reached.astype(float), {"population": "E", "variable": "u"})}
    return xr.Dataset(
        arrays, {"time": ("time", time, {"units": "ms"}), "E.grid_x": ("E.grid_x", middles, {"units": "mm"})}
    )


def card(drawn):
    return drawn.select_one({"type": Div, "name": "predictions"}).text


def words(drawn):
    """The text of the card as it is read."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", card(drawn))).split())  # also at spaces that do not break


def lines(drawn):
    """The lines of theory: name of the data source -> (x, y)."""
    found = drawn.select({"type": ColumnDataSource})
    chosen = {one.name: one.data for one in found if re.fullmatch(r"prediction [\d ]+", one.name or "")}
    return {name: (data["x"], data["y"]) for name, data in sorted(chosen.items())}


def only_line(drawn):
    [line] = lines(drawn).values()
    return line


# ------------------------------------------------------------ what is drawn where


def test_without_predictions_a_picture_is_what_it_was():
    assert isinstance(traces(waves(), "E.r"), Plot)
    assert isinstance(traces(waves(), "E.r", predictions=[P("Top", 1.0)]), Column)


def test_a_level_is_a_line_across_the_panel_of_its_variable():
    drawn = traces(waves(), ["E.r", "E.v"], predictions=[P("Rest", -60.0, unit="mV", quantity="level", of="E.v")])
    x, y = only_line(drawn)
    assert list(x) == [0.0, 200.0]
    assert list(y) == [-60.0, -60.0]
    below = next(fig for fig in drawn.select({"type": Plot}) if "mV" in fig.yaxis[0].axis_label)
    assert "prediction 0 0" in [one.data_source.name for one in below.renderers]
    assert below.select_one({"type": Legend}).items[-1].label.value == "Rest", "no room beside the line"


def test_names_of_levels_that_a_curve_would_cover_stand_in_the_legend():
    both = P("Rest", {"E": 0.1, "I": 0.2}, quantity="level", of="r")
    fig = traces(waves(), ["E.r", "I.r"], predictions=[both, P("Top", 1.5, quantity="level", of="E.r")]).select_one(
        {"type": Plot}
    )
    assert [one.glyph.text.value for one in fig.renderers if isinstance(one.glyph, Text)] == ["Top"]
    last = fig.select_one({"type": Legend}).items[-3:]
    assert [item.label.value for item in last] == ["Rest: E", "Rest: I", "prediction"]
    assert len({tuple(item.renderers[-1].glyph.line_dash) for item in last[:2]}) == 2


def test_a_second_bracket_leaves_room_for_the_name_of_the_first():
    two = [P(name, 40.0, unit="ms", quantity="period", of="E.r") for name in ("First", "Second")]
    low, high = (y.mean() for _, y in lines(traces(waves(), "E.r", predictions=two)).values())
    assert high - low >= 0.18 * 2.0, "of a panel of this height a line of text is a ninth"


def test_a_level_out_of_reach_widens_the_axis():
    drawn = traces(waves(), "E.r", predictions=[P("Far", 9.0, quantity="level", of="E.r")])
    fig = drawn.select_one({"type": Plot})
    assert isinstance(fig.y_range, DataRange1d)
    assert fig.y_range.renderers in ("auto", [])
    assert all(one.visible for one in fig.renderers)


def test_levels_of_several_populations_are_lines_of_their_own():
    drawn = traces(waves(), ["E.r", "I.r"], predictions=[P("Rest", {"E": 1.2, "I": 1.4}, quantity="level", of="r")])
    assert [y[0] for _, y in lines(drawn).values()] == [1.2, 1.4]
    fig = drawn.select_one({"type": Plot})
    names = [one.glyph.text for one in fig.renderers if isinstance(one.glyph, Text)]
    assert [name.value for name in names] == ["Rest: E", "Rest: I"]


def test_names_of_levels_stand_at_different_sides():
    two = [P("Low", 1.1, quantity="level", of="E.r"), P("High", 1.12, quantity="level", of="E.r")]
    fig = traces(waves(), "E.r", predictions=two).select_one({"type": Plot})
    sides = [one.glyph.text_align for one in fig.renderers if isinstance(one.glyph, Text)]
    assert sides == ["right", "left"]


def test_a_moment_is_a_line_upwards_in_the_unit_of_the_axis():
    x, y = only_line(traces(waves(), "E.r", predictions=[P("Onset", 0.05, unit="s", quantity="time")]))
    assert list(x) == [50.0, 50.0]
    assert list(y) == pytest.approx([-1.0, 1.0], abs=1e-3)


def test_a_period_is_a_bracket_from_peak_to_peak():
    period = P("Period", 40.0, unit="ms", quantity="period", of="E.r")
    x, y = only_line(traces(waves(), "E.r", predictions=[period]))
    assert x.max() - x.min() == pytest.approx(40.0)
    assert (x.min() - 7) % 40 == pytest.approx(0.0)
    assert x.max() <= 200.0
    assert y.min() > 1.0


@pytest.mark.parametrize(
    ("prediction", "why"),
    [
        (P("p", 1.0, quantity="level", of="E.x"), "E.x is not in this picture"),
        (P("p", 1.0, quantity="level"), "it does not say of which variable"),
        (P("p", 1.0, quantity="level", of="E"), "E has several variables here"),
        (P("p", 1.0, quantity="level", of="E.v"), "it has no unit, the axis of E.v is in mV"),
        (P("p", 1.0, unit="mV", quantity="level", of="E.r"), "it is in mV, the axis of E.r has no unit"),
        (P("p", 201.0, unit="ms", quantity="time"), "201 ms lies outside the recording"),
        (P("p", 1.0, unit="mV", quantity="time"), "it is in mV, the axis of time is in ms"),
        (P("p", 201.0, unit="ms", quantity="period"), "201 ms is longer than the recording"),
        (P("p", 0.0, unit="ms", quantity="period"), "it has no length"),
        (P("p", 1.0, unit="ms", quantity="period", of="S.r"), "S.r is not in this picture"),
        (P("p", 5.0, unit="Hz", quantity="rate", of="E"), "a rate is seen in rate boxes"),
    ],
)
def test_what_cannot_be_drawn_is_told(prediction, why):
    drawn = traces(waves(), predictions=[prediction])
    assert lines(drawn) == {}
    assert f"not drawn: {why}" in words(drawn)
    assert prediction.words() in words(drawn)


@pytest.mark.parametrize("stage", DRAWN)
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_quantity_is_drawn_in_every_picture_or_says_why_not(stage, quantity):
    stages = {
        Traces: Traces((prediction_places.Curve("E.r", "E", "", "y", np.arange(9.0), np.ones(9), 0.0, 1.0),), "ms"),
        Rates: Rates({"E": 1.0}, "rate (Hz)", "Hz"),
        SpaceTime: SpaceTime("E.u", "E", *_field(front()), "ms"),
    }
    unit = {"time": "ms", "period": "ms", "rate": "Hz", "length": "mm", "speed": "mm/ms"}.get(quantity, "")
    found = place(stages[stage], P("p", 2.0, unit=unit, quantity=quantity), "", 2.0, {})
    assert isinstance(found, str) == (quantity not in DRAWN[stage])
    if isinstance(found, str):
        anywhere = any(quantity in table for table in DRAWN.values())
        assert found.startswith(f"a {quantity} is seen in") if anywhere else not found


def _field(ds):
    field = read_field(ds, "E.u")
    return field.series.time, field.values, field.axes[0]


@pytest.mark.parametrize("draw", [rate_boxes, spike_statistics])
def test_rates_are_strokes_in_the_rows_of_their_populations(draw):
    drawn = draw(spikes(), predictions=[P("Rates", {"E": 2.5, "I": 1.5, "S": 4.0}, unit="Hz", quantity="rate")])
    x, y = only_line(drawn)
    for rate, row in ((2.5, 2), (1.5, 1)):
        assert np.allclose(y[x == rate], [row - 0.38, row + 0.38])
    assert not (x == 4.0).any()
    assert "not drawn: S is not in this picture" in words(drawn)


def test_a_rate_of_one_population_is_converted():
    x, y = only_line(rate_boxes(spikes(), predictions=[P("Rate", 0.004, unit="1/ms", quantity="rate", of="I.spike")]))
    assert list(x) == [4.0, 4.0]
    assert y.mean() == 1.0


def test_a_rate_in_another_unit_or_of_nobody_is_told():
    two = [P("a", 0.5, quantity="rate", of="E"), P("b", 0.5, unit="Hz", quantity="rate")]
    text = words(rate_boxes(spikes(), predictions=two))
    assert "it has no unit, the axis of rates is in Hz" in text
    assert "it does not say of which population it is" in text


def test_strokes_side_by_side_are_named_in_the_legend():
    two = [P(name, rate, unit="Hz", quantity="rate", of="E") for name, rate in (("Now", 2.0), ("In steps", 1.9))]
    names = [item.label.value for item in rate_boxes(spikes(), predictions=two).select_one({"type": Legend}).items]
    assert names[-2:] == ["Now", "In steps"]
    one = rate_boxes(spikes(), predictions=two[:1], reference={"E": 2.1}, reference_label="a paper")
    names = [item.label.value for item in one.select_one({"type": Legend}).items]
    assert names[-2:] == ["a paper", "prediction"]


def test_statistics_make_room_for_a_stroke_and_keep_its_number_readable():
    plain = nb.plots.spike_statistics_picture(spikes())
    near = [P("Rate", 2.1, unit="Hz", quantity="rate", of="E"), P("Far", 50.0, unit="Hz", quantity="rate", of="I")]
    picture = nb.plots.spike_statistics_picture(spikes(), predictions=near)
    assert picture.settings["rate axis"]["end"] > 50.0 > plain.settings["rate axis"]["end"]
    assert picture.settings["rate number 0"]["x"] == 2.1
    assert picture.settings["rate number 1"] == plain.settings["rate number 1"]
    assert "predictions" in picture.settings["note"]["text"]


def test_statistics_without_rates_say_so():
    drawn = spike_statistics(spikes(), measures=["cv"], predictions=[P("r", 2.0, unit="Hz", quantity="rate", of="E")])
    assert "the rate is not among what is shown" in words(drawn)


@pytest.mark.parametrize(("speed", "unit"), [(0.05, "mm/ms"), (50.0, "mm/s"), (0.05, "m/s")])
def test_a_speed_is_a_slope_through_the_front_each_way(speed, unit):
    prediction = P("Speed", speed, unit=unit, quantity="speed", of="E.u")
    x, y = only_line(space_time(front(), predictions=[prediction]))
    (t0, t1), (x0, x1) = x[:2], y[:2]
    assert (x1 - x0) / (t1 - t0) == pytest.approx(0.05)
    assert (y[4] - y[3]) / (x[4] - x[3]) == pytest.approx(-0.05)
    assert np.isnan(x[2])
    middle = (t0 + t1) / 2
    assert 3.0 + 0.05 * middle == pytest.approx((x0 + x1) / 2, abs=0.15)


def test_a_wrong_speed_keeps_its_own_slope():
    x, y = only_line(space_time(front(), predictions=[P("Speed", 0.1, unit="mm/ms", quantity="speed")]))
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(0.1)
    assert np.interp(6.5, y[:2], x[:2]) == pytest.approx((6.5 - 3.0) / 0.05, abs=1.0)  # it crosses the front half-way


def test_a_front_that_goes_back_is_followed():
    ds = front()
    x, y = only_line(
        space_time(ds.assign({"E.u": 1 - ds["E.u"]}), predictions=[P("c", -0.05, "mm/ms", quantity="speed")])
    )
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(0.05)
    assert 3.0 + 0.05 * x[:2].mean() == pytest.approx(y[:2].mean(), abs=0.15)


def test_without_a_front_a_speed_has_no_line():
    ds = front().assign({"E.u": 0 * front()["E.u"]})
    drawn = space_time(ds, predictions=[P("Speed", 0.1, unit="mm/ms", quantity="speed")])
    assert lines(drawn) == {}
    assert "no front is seen" in words(drawn)


def test_a_length_is_a_bracket_around_the_activity():
    ds = front(speed=0.005)
    x, y = only_line(space_time(ds, predictions=[P("Width", 1.5, unit="mm", quantity="length")]))
    assert y.max() - y.min() == pytest.approx(1.5)
    assert (y.max() + y.min()) / 2 == pytest.approx(3.0, abs=0.1)
    assert x.max() < 200.0


@pytest.mark.parametrize(
    ("prediction", "why"),
    [
        (P("p", 11.0, unit="mm", quantity="length"), "11 mm is longer than the axis"),
        (P("p", 1.0, unit="ms", quantity="length"), "it is in ms, the axis of x is in mm"),
        (P("p", 1.0, unit="mm", quantity="length", of="I.u"), "I.u is not in this picture"),
        (P("p", 1.0, unit="mm", quantity="speed"), "it is in mm, the axis of speed is in mm/ms"),
        (P("p", 0.0, unit="mm/ms", quantity="speed"), "a speed of zero has no front"),
        (P("p", 0.5, quantity="level", of="E.u"), "a level is seen in traces"),
    ],
)
def test_what_has_no_place_in_space_and_time_is_told(prediction, why):
    drawn = space_time(front(), predictions=[prediction])
    assert lines(drawn) == {}
    assert f"not drawn: {why}" in words(drawn)


# ------------------------------------------------------------ the card


def test_the_card_tells_value_source_and_tolerance():
    period = P(
        "Period", 40.0, unit="ms", latex=r"T = \frac{2\pi}{\omega}", source="Ermentrout (1998)", rtol=0.05, atol=1.0
    )
    drawn = traces(waves(), "E.r", predictions=[period])
    text = words(drawn)
    for part in ("Period 40 ms", "± 5 % ± 1 ms", "Ermentrout (1998)"):
        assert part in text
    assert r"\frac{2\pi}{\omega}" in card(drawn)
    assert "✓" not in text
    assert "✗" not in text


@pytest.mark.parametrize(("measured", "sign", "meaning"), [(40.5, "✓", "holds"), (45.0, "✗", "does not hold")])
def test_a_measured_number_gets_a_tick_or_a_cross(measured, sign, meaning):
    drawn = traces(waves(), "E.r", predictions=[P("Period", 40.0, unit="ms").check(measured)])
    assert f"{sign} {measured:g} ms measured, 40 ms predicted" in words(drawn)
    assert f'role="img" aria-label="{meaning}"' in card(drawn)
    assert ("✓" in card(drawn)) == (sign == "✓")


def test_what_can_be_read_from_the_result_is_read():
    top = P("Top", 1.0, quantity="level", of="E.r", measure=lambda ds: float(ds["E.r"].max()))
    assert "✓ 1 measured, 1 predicted" in words(traces(waves(), "E.r", predictions=[top]))
    assert "✗ 3 measured, 1 predicted" in words(traces(waves(level=2.0), "E.r", predictions=[top]))


@pytest.mark.parametrize(
    ("measure", "why"),
    [
        (lambda ds: ds["nothing"], "it could not be measured: KeyError"),
        (lambda ds: nb.analysis.period(ds, "S.r"), "it could not be measured: S.r"),
        (lambda _: np.nan, "no number was measured"),
        (lambda _: 1 / 0, "it could not be measured: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_measured_does_not_hold_and_says_why(measure, why):
    text = words(traces(waves(), "E.r", predictions=[P("Top", 1.0, measure=measure)]))
    assert f"✗ {why}" in text
    assert "✓" not in text


def test_numbers_of_populations_are_a_table_with_a_sign_each():
    rates = P("Rates", {"E": 2.0, "I": 3.0}, unit="Hz", quantity="rate", rtol=0.1)
    drawn = rate_boxes(spikes(), predictions=[rates.check({"E": 2.1, "I": 2.0})])
    rows = re.findall(r'<tr><th scope="row">(.*?)</tr>', card(drawn))
    assert [("✓" in row, "✗" in row) for row in rows] == [(True, False), (False, True)]
    assert "E 2 2.1 +5" in words(drawn)
    assert "in Hz predicted measured off" in words(drawn)


def test_a_population_that_was_not_measured_does_not_hold():
    rates = P("Rates", {"E": 2.0, "I": 3.0}, unit="Hz", quantity="rate")
    text = words(rate_boxes(spikes(), predictions=[rates.check({"E": 2.0})]))
    assert "✗ no I was measured" in text
    assert "✓" not in text


def test_where_a_theory_does_not_apply_there_is_no_value_no_tick_and_no_line():
    period = P("Period", None, unit="ms", quantity="period", of="E.r", verdict=NO, measure=lambda _: 40.0)
    drawn = traces(waves(), "E.r", predictions=[period, period.check(40.0)])
    assert lines(drawn) == {}
    assert words(drawn).count("derived without delay; your network has delays of 2 ms") == 2
    assert words(drawn).count("no value") == 2
    assert "✓" not in card(drawn)
    assert "✗" not in card(drawn)
    assert card(drawn).count("card no") == 2


def test_what_applies_approximately_is_drawn_and_says_so():
    verdict = Applies("approximately", ("noise is left out",))
    drawn = traces(waves(), "E.r", predictions=[P("Top", 1.0, quantity="level", of="E.r", verdict=verdict).check(1.0)])
    assert "applies approximately: noise is left out" in words(drawn)
    assert "✓" in words(drawn)
    assert len(lines(drawn)) == 1


# ------------------------------------------------------------ the network of the result


def network(tau=10.0, delay=0.0):
    unit = nb.Population(nb.models.leaky_integrator, 1, {"tau": tau}, {"x": 1.0})
    return nb.Network({"E": unit}, [nb.Projection("E.x", "E.u", weight=0.1, delay=delay)])


def settling(net):
    """A theory that knows no delay."""
    late = net.value("E->E.delay") != 0
    return P(
        "Settling", None if late else net.value("E.tau"), unit="ms", quantity="time", of="E.x",
        verdict=NO if late else Applies(), theory=settling, measure=lambda _: 10.0,
    )  # fmt: skip


def test_the_network_of_the_result_decides():
    prediction = settling(network())
    own = traces(nb.simulate(network(), 30.0, 0.1), predictions=[prediction])
    assert [list(x) for x, _ in lines(own).values()] == [[10.0, 10.0]]
    assert "✓" in card(own)
    for other, why in ((network(tau=20.0), "made for another network"), (network(delay=2.0), "delays of 2 ms")):
        drawn = traces(nb.simulate(other, 30.0, 0.1), predictions=[prediction, prediction.check(10.0)])
        assert lines(drawn) == {}
        assert words(drawn).count(why) == 2
        assert "✓" not in card(drawn)


def test_a_theory_that_fails_for_the_network_does_not_apply():
    unit = nb.Population(nb.models.leaky_integrator, 1)
    drawn = traces(nb.simulate(nb.Network({"S": unit}), 30.0, 0.1), predictions=[settling(network())])
    assert lines(drawn) == {}
    assert "its theory fails" in words(drawn)


def test_a_result_that_does_not_hold_its_network_says_so():
    ds = nb.simulate(network(), 30.0, 0.1)
    for attributes, why in (({}, "does not hold its network"), ({"network": "{"}, "cannot be read")):
        drawn = traces(ds.drop_attrs().assign_attrs(attributes), predictions=[settling(network())])
        assert why in words(drawn)


# ------------------------------------------------------------ words and safety


def test_the_summary_says_what_was_predicted_and_whether_it_holds():
    given = [P("Period", 40.0, unit="ms").check(40.5), P("Top", 1.0), P("Late", None, verdict=NO)]
    text = traces_picture(waves(), "E.r", predictions=given).summary
    assert "Period: 40.5 ms measured, 40 ms predicted (+1.2 %, 2 % allowed), holds." in text
    assert "Top: 1 predicted." in text
    assert "Late: does not apply: derived without delay" in text


def test_text_is_escaped():
    evil = "<img src=x onerror=alert(1)> $$x$$ \\(y\\)"
    given = P(evil, 1.0, unit=evil, latex="a < b > c", source=evil, quantity="level", of=evil)
    text = card(traces(waves(), "E.r", predictions=[given]))
    assert "<img" not in text
    assert "$" not in text
    assert text.count("\\(") == 1
    assert r"a \lt b \gt c" in text


def test_two_pictures_of_one_kind_share_a_plan():
    one, two = (
        traces_picture(waves(), "E.r", predictions=[P("Rest", value, quantity="level", of="E.r").check(0.1)])
        for value in (0.1, 0.2)
    )
    assert one.plan == two.plan
    assert one.settings["predictions"] != two.settings["predictions"]
    assert one.columns.keys() == two.columns.keys()


@pytest.mark.parametrize("bad", [3, None, P("Top", 1.0), [3], ["Top"], {"Top": 1.0}])
def test_what_is_no_prediction_is_refused(bad):
    with pytest.raises(NbkitError) as error:
        traces(waves(), predictions=bad)
    assert (error.value.code, error.value.where) == ("bad-type", "predictions")
