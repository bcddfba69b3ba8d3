"""Laws of the pictures of spikes: their sources hold what was counted, and what they leave out is said in words."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from bokeh.embed import json_item
from bokeh.models import (
    BoxZoomTool,
    Column,
    ColumnDataSource,
    GlyphRenderer,
    Image,
    Label,
    Legend,
    LinearColorMapper,
    Range1d,
    Scatter,
    Title,
)
from bokeh.plotting import figure as Figure  # noqa: N812  it is a class

import nbkit as nb
from nbkit import analysis
from nbkit.analysis.reading import read_all_trains
from nbkit.errors import NbkitError
from nbkit.plots import (
    raster,
    raster_picture,
    rate_boxes,
    rate_boxes_picture,
    spike_statistics,
    spike_statistics_picture,
)
from nbkit.plots.populations import choose_units
from nbkit.plots.raster import DOTS, THINNEST
from nbkit.plots.style import COLOURS

LAYERS = {"L4E": 200, "L4I": 50, "L5E": 100, "L5I": 4}
DRAWS = [raster, rate_boxes, spike_statistics]
PICTURES = [raster_picture, rate_boxes_picture, spike_statistics_picture]


def spikes(sizes, *, hertz=10.0, duration=500.0, dt=0.1, seed=1, time_unit="ms"):
    """Populations that spike at random, as `nbkit.simulate` returns them."""
    random, parts = np.random.default_rng(seed), []
    for name, size in sizes.items():
        units = np.repeat(np.arange(size), random.poisson(hertz * duration * 1e-3, size))
        steps = np.sort(random.integers(1, round(duration / dt) + 1, len(units)))
        made = {"size": size, "duration": duration, "dt": dt, "time_unit": time_unit}
        parts.append(analysis.spike_dataset(name, steps * dt, random.permutation(units), **made))
    return xr.merge(parts, compat="override", join="override", combine_attrs="override")


def source(figure, name):
    return figure.select_one({"type": ColumnDataSource, "name": name}).data


def renderer(figure, name):
    found = [r for r in figure.select({"type": GlyphRenderer}) if r.data_source.name == name]
    assert len(found) == 1
    return found[0]


def note(figure):
    return next(model for model in figure.select({"name": "note"}) if isinstance(model, Title))


# ------------------------------------------------------------ raster


def test_every_spike_is_a_dot_at_its_time_and_unit():
    ds = spikes({"E": 30})
    dots = source(raster(ds), "E spikes")
    drawn = sorted(zip(dots["x"].round(6), dots["unit"], strict=True))
    assert drawn == sorted(zip(ds["E.spike_time"].values.round(6), ds["E.spike_unit"].values, strict=True))
    assert (dots["y"] == dots["unit"]).all()
    assert raster(ds).yaxis[0].axis_label == "unit of E"


def test_populations_are_stacked_from_top_to_bottom_in_proportion():
    ds = spikes(LAYERS)
    figure = raster(ds, height=660)
    heights = {}
    lowest = 1.0
    for name, size in LAYERS.items():
        dots = source(figure, f"{name} spikes")
        assert dots["y"].max() < lowest
        lowest = dots["y"].min()
        row = np.polyfit(dots["unit"], dots["y"], 1)[0]
        assert row > 0
        heights[name] = row * size
    assert heights["L4E"] / heights["L5E"] == pytest.approx(2.0, rel=1e-4)
    assert heights["L5I"] * 600 == pytest.approx(THINNEST, rel=1e-3)
    names = list(figure.yaxis[0].major_label_overrides.values())
    assert names == ["L4E (200)", "L4I (50)", "L5E (100)", "L5I (4)"]
    assert lowest > 0


def test_many_populations_share_the_height_when_none_can_have_enough():
    sizes = {f"P{number}": 1 + 40 * number for number in range(40)}
    figure = raster(spikes(sizes), height=300)
    ends = np.array(sorted(figure.yaxis[0].major_label_overrides))
    assert np.allclose(np.diff(ends), np.diff(ends)[0])
    assert 0 < ends[0] < ends[-1] < 1


def test_the_order_may_be_chosen():
    figure = raster(spikes(LAYERS), ["L5E", "L4E"])
    assert source(figure, "L5E spikes")["y"].min() > source(figure, "L4E spikes")["y"].max()
    assert figure.select_one({"name": "L4I spikes"}) is None


def test_a_stretch_of_time_may_be_chosen():
    ds = spikes({"E": 30})
    figure = raster(ds, start="0.1 s", stop=200.0)
    times = ds["E.spike_time"].values
    assert len(source(figure, "E spikes")["x"]) == ((times >= 100) & (times < 200)).sum()
    assert (figure.x_range.start, figure.x_range.end) == (100.0, 200.0)


def test_units_may_be_chosen_and_stand_in_the_order_of_the_choice():
    ds = spikes({"E": 30})
    figure = raster(ds, units=[7, 3, 20])
    dots = source(figure, "E spikes")
    wanted = {7: 0.0, 3: 1.0, 20: 2.0}
    assert [wanted[unit] for unit in dots["unit"]] == dots["y"].tolist()
    assert len(dots["x"]) == np.isin(ds["E.spike_unit"].values, [7, 3, 20]).sum()
    assert figure.yaxis[0].axis_label == "chosen unit of E, in order"
    tenth = raster(ds, units=slice(None, None, 10))
    assert set(source(tenth, "E spikes")["unit"]) == {0, 10, 20}
    assert (source(tenth, "E spikes")["y"] == source(tenth, "E spikes")["unit"]).all()
    assert (tenth.y_range.start, tenth.y_range.end) == (-5.0, 25.0)


def test_chosen_trains_are_ordered_by_their_row_and_time():
    (one,) = choose_units(read_all_trains(spikes({"E": 30})), [7, 3, 20])
    assert (np.lexsort((one.steps, one.rows)) == np.arange(len(one.rows))).all()
    assert one.numbers.tolist() == [7, 3, 20]


def test_units_that_are_not_there_are_told_for_every_population():
    ds = spikes(LAYERS)
    with pytest.raises(NbkitError) as error:
        raster(ds, units=[0, 70])
    assert [problem.where for problem in error.value.problems] == ["L4I", "L5I"]
    for wrong in ([], [1, 1], slice(300, 400), 5, "E"):
        with pytest.raises(NbkitError) as error:
            raster(ds, "L4E", units=wrong)
        assert error.value.code == "bad-choice"


def test_too_many_spikes_are_counted_in_cells_and_the_figure_says_so():
    ds = spikes({"A": 700, "B": 130}, hertz=60.0)
    figure = raster(ds)
    total = sum(ds.sizes[f"{name}.spike"] for name in "AB")
    assert total > DOTS
    steps = -(-5000 // 800)
    for name, size in (("A", 700), ("B", 130)):
        assert isinstance(renderer(figure, f"{name} spikes").glyph, Image)
        image = source(figure, f"{name} spikes")["image"][0]
        slow = np.zeros_like(image)
        rows = -(-size // 3)
        for time, unit in zip(ds[f"{name}.spike_time"].values, ds[f"{name}.spike_unit"].values, strict=True):
            column = min(round(time / 0.1) // steps, image.shape[1] - 1)
            slow[unit * rows // size, column] += 1
        assert (image == slow).all()
        assert image.shape[0] == rows
        assert image.sum() == ds.sizes[f"{name}.spike"]
    text = note(figure).text
    assert f"{total:,} spikes" in text
    assert "up to 3 units in 0.7 ms" in text
    assert text in raster_picture(ds).summary


def test_the_images_lie_where_their_time_and_population_do():
    ds = spikes({"A": 700, "B": 130}, hertz=80.0)
    figure = raster(ds, start=100.0)
    for name in "AB":
        glyph, image = renderer(figure, f"{name} spikes").glyph, source(figure, f"{name} spikes")["image"][0]
        assert glyph.x == 100.0
        times = ds[f"{name}.spike_time"].values.round(6)
        assert image[:, 0].sum() == ((times >= 100.0) & (times < 100.5)).sum()
        assert glyph.dw == pytest.approx(image.shape[1] * 0.5)
    upper, lower = renderer(figure, "A spikes").glyph, renderer(figure, "B spikes").glyph
    assert upper.y + upper.dh == pytest.approx(1.0)
    assert lower.y == pytest.approx(0.0)
    assert upper.y > lower.y + lower.dh


def test_few_enough_spikes_stay_dots():
    times = np.tile(np.arange(1, 201) * 0.1, 100)
    made = {"size": 100, "duration": 20.0, "dt": 0.1}
    at_limit = analysis.spike_dataset("E", times, np.repeat(np.arange(100), 200), **made)
    assert at_limit.sizes["E.spike"] == DOTS
    assert isinstance(renderer(raster(at_limit), "E spikes").glyph, Scatter)
    one_more = analysis.spike_dataset("E", [*times, 0.0], [*np.repeat(np.arange(100), 200), 5], **made)
    assert isinstance(renderer(raster(one_more), "E spikes").glyph, Image)


def test_a_cell_that_holds_many_spikes_holds_them_all():
    times = np.repeat(np.arange(1, 101) * 0.1, 900)
    ds = analysis.spike_dataset("E", times, np.tile(np.arange(900), 100), size=900, duration=400.0, dt=0.1)
    image = source(raster(ds), "E spikes")["image"][0]
    assert image.max() == 3 * 5
    bursts = analysis.spike_dataset("E", times[:81_000] * 0 + 7.0, np.zeros(81_000), size=1, duration=400.0, dt=0.1)
    image = source(raster(bursts), "E spikes")["image"][0]
    assert image.max() == 81_000
    assert image.dtype == np.uint32


def test_no_cell_without_a_spike_is_coloured_and_no_cell_with_one_is_blank():
    figure = raster(spikes({"A": 700, "B": 130}, hertz=60.0))
    for mapper in figure.select({"type": LinearColorMapper}):
        assert mapper.low_color.endswith("00")
        assert 0 < mapper.low < 1 < mapper.high
        shades = [int(shade[-2:], 16) for shade in mapper.palette]
        assert shades[0] >= 32
        assert shades == sorted(shades)
        assert shades[-1] == 255


def test_rates_below_are_those_of_the_analysis_over_the_same_time():
    ds = spikes(LAYERS)
    layout = raster(ds, rate=True, bin="5 ms")
    assert isinstance(layout, Column)
    top, below = layout.children
    assert top.x_range is below.x_range
    assert top.min_border_left == below.min_border_left
    for name in LAYERS:
        wanted = analysis.rate(ds, name, bin=5.0)
        line = source(layout, f"{name} rate")
        assert np.allclose(line["y"][::2], wanted[f"{name}.rate_mean"])
        assert np.allclose(line["y"][1::2], line["y"][::2])
        assert np.allclose((line["x"][::2] + line["x"][1::2]) / 2, wanted["time"])
    assert below.yaxis[0].axis_label == "rate (Hz)"
    assert "bins of 5 ms" in below.xaxis[0].axis_label
    assert [item.label.value for item in below.select_one({"type": Legend}).items] == list(LAYERS)


@pytest.mark.parametrize(
    ("duration", "dt", "bin_text"), [(500.0, 0.1, "5 ms"), (4000.0, 0.1, "10 ms"), (1.0, 0.1, "1 ms"), (500.0, 0.3, "")]
)
def test_bins_of_rates_are_a_few_ms_and_whole_steps(duration, dt, bin_text):
    duration = round(duration / dt) * dt
    below = raster(spikes({"E": 20}, duration=duration, dt=dt), rate=True).children[1]
    assert f"bins of {bin_text}" in below.xaxis[0].axis_label


def test_rates_are_those_of_the_chosen_units():
    ds = spikes({"E": 30})
    line = source(raster(ds, units=[4, 9], rate=True, bin=50.0), "E rate")
    single = analysis.rate(ds, "E", bin=50.0)["E.rate"].sel({"E.unit": [4, 9]})
    assert np.allclose(line["y"][::2], single.mean("E.unit"))


def test_a_bin_without_rates_is_refused():
    with pytest.raises(NbkitError, match="rate=True"):
        raster(spikes({"E": 30}), bin=5.0)


def test_zoom_keeps_the_names_of_populations_in_place():
    zoom = raster(spikes(LAYERS)).select_one({"type": BoxZoomTool})
    assert zoom.dimensions == "width"
    assert raster(spikes({"E": 9})).select_one({"type": BoxZoomTool}).dimensions == "auto"


def test_layers_share_a_hue_and_a_population_keeps_its_colour():
    def colours(figure):
        drawn = [r for r in figure.select({"type": GlyphRenderer}) if str(r.data_source.name).endswith("spikes")]
        return {r.data_source.name.removesuffix(" spikes"): r.glyph.fill_color for r in drawn}

    ds = spikes(LAYERS)
    everything = colours(raster(ds))
    assert len(set(everything.values())) == 4
    assert colours(raster(ds, ["L5I", "L4E"])) == {name: everything[name] for name in ("L5I", "L4E")}
    assert colours(raster(spikes({"E": 9, "I": 9}))) == {"E": COLOURS[0], "I": COLOURS[1]}
    assert len(set(colours(raster(spikes({"E": 9, "I": 9, "A": 9, "B": 9}))).values())) == 4


def test_a_run_without_a_spike_says_so():
    ds = analysis.spike_dataset("E", [], [], size=5, duration=10.0, dt=0.1)
    for draw in (raster, rate_boxes):
        assert "No unit spiked" in note(draw(ds)).text
    assert "0 spikes" in raster_picture(ds).summary
    raster(ds, rate=True)


def test_the_raster_is_told_in_words():
    ds = analysis.spike_dataset("E", [10.0, 20.0], [0, 2], size=4, duration=100.0, dt=0.1)
    words = raster_picture(ds).summary
    assert words == "Raster of 2 spikes of E over 0 to 100 ms. E: 4 units, mean rate 5 Hz."


def test_a_million_spikes_make_a_light_figure():
    figure = raster(spikes({"A": 60_000, "B": 20_000}, hertz=6.25, duration=2000.0), rate=True)
    assert sum(source(figure, f"{name} spikes")["image"][0].sum() for name in "AB") > 990_000
    assert len(json.dumps(json_item(figure))) < 500_000


# ------------------------------------------------------------ boxes


def test_boxes_hold_the_quartiles_of_the_rates_of_single_units():
    ds = spikes(LAYERS, hertz=30.0)
    boxes = source(rate_boxes(ds), "boxes")
    for place, (name, size) in enumerate(LAYERS.items()):
        units = ds[f"{name}.spike_unit"].values
        rates = np.array([2.0 * (units == unit).sum() for unit in range(size)])
        quarter, half, most = np.percentile(rates, [25, 50, 75])
        found = [boxes[key][place] for key in ("lower", "median", "upper", "mean")]
        assert np.allclose(found, [quarter, half, most, rates.mean()])
        reach = 1.5 * (most - quarter)
        assert boxes["low"][place] == rates[rates >= quarter - reach].min()
        assert boxes["high"][place] == rates[rates <= most + reach].max()
        dots = source(rate_boxes(ds), "outliers")
        mine = dots["row"] == boxes["row"][place]
        beyond = np.unique(rates[(rates < quarter - reach) | (rates > most + reach)])
        assert (dots["rate"][mine] == beyond).all()
        assert [(rates == rate).sum() for rate in beyond] == dots["units"][mine].tolist()
    assert boxes["row"].tolist() == [4.0, 3.0, 2.0, 1.0]


def test_silent_units_count_with_a_rate_of_zero():
    ds = analysis.spike_dataset("E", [1.0, 2.0, 3.0], [0, 0, 0], size=4, duration=1000.0, dt=0.1)
    boxes = source(rate_boxes(ds), "boxes")
    assert (boxes["mean"][0], boxes["median"][0], boxes["silent"][0]) == (0.75, 0.0, 0.75)
    assert source(rate_boxes(ds), "outliers")["rate"].tolist() == [3.0]


def test_many_outliers_are_thinned_and_the_farthest_stay():
    units = np.concatenate([np.full(many, unit) for unit, many in enumerate(range(1, 301))])
    times = np.random.default_rng(0).integers(1, 10_000, len(units)) * 0.1
    ds = analysis.spike_dataset("E", times, units, size=2000, duration=1000.0, dt=0.1)
    rates = source(rate_boxes(ds), "outliers")["rate"]
    assert len(rates) <= 60
    assert (rates.min(), rates.max()) == (1.0, 300.0)


def test_references_stand_beside_the_boxes_of_their_populations():
    figure = rate_boxes(spikes(LAYERS), reference={"L5E": 7.5, "L4E": 4}, reference_label="published")
    marks = source(figure, "reference")
    assert dict(zip(marks["row"], marks["rate"], strict=True)) == {2.0: 7.5, 4.0: 4.0}
    assert "published" in [item.label.value for item in figure.select_one({"type": Legend}).items]
    words = rate_boxes_picture(spikes(LAYERS), reference={"L5E": 7.5}, reference_label="published").summary
    assert "published 7.5" in words
    assert rate_boxes(spikes(LAYERS)).select_one({"name": "reference"}) is None


def test_references_that_are_no_rates_of_drawn_populations_are_refused():
    with pytest.raises(NbkitError) as error:
        rate_boxes(spikes(LAYERS), ["L4E", "L4I"], reference={"L4F": 1.0, "L5E": 2.0, "L4E": -1.0, "L4I": np.nan})
    codes = [problem.code for problem in error.value.problems]
    assert codes == ["unknown-population", "unknown-population", "bad-value", "bad-value"]
    assert "did you mean 'L4" in error.value.hint


# ------------------------------------------------------------ statistics


def test_bars_and_numbers_are_those_of_the_analysis():
    ds = spikes(LAYERS, hertz=30.0)
    measures = ["rate", "cv", "synchrony", "correlation"]
    table = analysis.spike_statistics(ds, window=(100.0, None), seed=5)
    figure = spike_statistics(ds, start=100.0, measures=measures, seed=5)
    for key in measures:
        assert np.allclose(source(figure, key)["value"], table[key])
    for key, form in (("cv", "{:.2f}"), ("rate", "{:#.3g}")):
        for place, value in enumerate(table[key].values):
            label = figure.select_one({"type": Label, "name": f"{key} number {place}"})
            assert label.text == form.format(value)
            assert label.x == value
            assert label.y == 4 - place
        axis = figure.select_one({"type": Range1d, "name": f"{key} axis"})
        assert axis.end > 1.3 * table[key].values.max()
    labels = [fig.xaxis[0].axis_label for fig in figure.children[1].select({"type": Figure})]
    wanted = ["mean rate (Hz)", "CV of intervals", "synchrony in 3 ms", "correlation in 2 ms"]
    assert sorted(labels) == sorted(wanted)


def test_what_has_too_few_spikes_has_no_bar_but_words():
    ds = analysis.spike_dataset("E", [5.0], [0], size=3, duration=30.0, dt=0.1)
    figure = spike_statistics(ds)
    assert np.isnan(source(figure, "cv")["value"]).all()
    assert figure.select_one({"name": "cv number 0"}).text == "too few spikes"
    assert "CV of intervals: too few spikes" in spike_statistics_picture(ds).summary


def test_bins_may_be_chosen_and_are_named():
    ds = spikes({"E": 30}, time_unit="1")
    figure = spike_statistics(ds, bin=5.0)
    value = analysis.synchrony(ds, "E", 5.0)
    assert source(figure, "synchrony")["value"][0] == pytest.approx(float(value))
    labels = [fig.xaxis[0].axis_label for fig in figure.select({"type": Figure})]
    assert "synchrony in 5 model units" in labels
    assert "mean rate (per model unit)" in labels
    with pytest.raises(NbkitError, match="model units"):
        spike_statistics(ds)


def test_the_heading_stands_above_all_panels():
    figure = spike_statistics(spikes({"E": 30}), title="Statistics")
    heading, grid = figure.children
    assert [line.text for line in heading.above] == ["Dashed: a Poisson process", "Statistics"]
    assert len(grid.children) == 3
    bare = spike_statistics(spikes({"E": 30}), measures=["rate"])
    assert not bare.children[0].visible


# ------------------------------------------------------------ all of them


@pytest.mark.parametrize("draw", DRAWS)
def test_what_was_not_recorded_is_refused_with_what_to_try(draw):
    rates = xr.Dataset({"E.r": ("time", np.zeros(3))}, {"time": np.arange(3.0)}, {"dt": 1.0})
    with pytest.raises(NbkitError) as error:
        draw(rates)
    assert 'record=["E.spike"]' in error.value.hint
    with pytest.raises(NbkitError) as error:
        draw(spikes(LAYERS), ["L4E", "L6E", "L23E"])
    assert [problem.where for problem in error.value.problems] == ["L6E", "L23E"]
    with pytest.raises(NbkitError, match="not within the recording"):
        draw(spikes(LAYERS), stop=900.0)
    with pytest.raises(NbkitError, match="named twice"):
        draw(spikes(LAYERS), ["L4E", "L4E"])


@pytest.mark.parametrize("draw", DRAWS)
def test_several_runs_at_once_are_refused_with_the_way_to_one(draw):
    ds = spikes({"E": 4})
    runs = xr.concat([ds, ds], "seed", data_vars="all")
    with pytest.raises(NbkitError, match="choose one run"):
        draw(runs)


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("hertz", [5.0, 300.0])
def test_two_runs_of_one_network_share_a_plan_and_all_columns_are_numbers(picture, hertz):
    first, second = (picture(spikes(LAYERS, hertz=hertz, seed=seed)) for seed in (1, 2))
    assert first.plan == second.plan
    assert first.summary != second.summary
    for name, columns in first.columns.items():
        for key, values in columns.items():
            assert values.dtype.kind in "fiu"
            if values.ndim > 1:
                assert values.shape == second.columns[name][key].shape
    figure = first.draw()
    for name in first.settings:
        assert len(list(figure.select({"name": name}))) == 1


@pytest.mark.parametrize("draw", DRAWS)
def test_a_simulated_network_is_drawn_without_a_warning(draw, caplog):
    unit = nb.models.iaf_psc_delta
    drive = nb.Stimulus("E.V_m", nb.Poisson(rate=2000.0, weight=1.5))
    net = nb.Network({"E": nb.Population(unit, 10)}, stimuli=[drive])
    ds = nb.simulate(net, duration=100.0, dt=0.1, seed=2)
    assert ds.sizes["E.spike"] > 10
    json_item(draw(ds))
    assert not caplog.records


@pytest.mark.parametrize("draw", DRAWS)
def test_a_live_page_needs_no_more_of_bokeh_than_figures(draw):
    models = draw(spikes({"E": 30})).references()
    assert not [model for model in models if type(model).__module__.startswith("bokeh.models.widgets")]
