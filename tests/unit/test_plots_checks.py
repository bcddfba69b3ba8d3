"""Laws of the arguments of pictures: what cannot be drawn is refused, and the error says which argument it was."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import nbkit as nb
from nbkit.errors import NbkitError
from nbkit.plots import heatmap, raster, rate_boxes, sheet, space_time, spike_statistics, traces

OVER_TIME, OF_SPIKES = (traces, heatmap, sheet, space_time), (raster, rate_boxes, spike_statistics)
EVERY = (*OVER_TIME, *OF_SPIKES)
NAMES = [3, True, np.array(1.0), np.ones((2, 2)), b"E", {"E": 1}, [1]]
COUNTS = ["1", np.nan, [3], 0, -1, 1.5, True, None]
TIMES = [[1.0], np.nan, "3", {}, True]
PLACES = ["1", [], [1.0, 2.0], 10**400, np.array([np.nan]), np.ones(2), {}, True, -1.0]
UNITS = ["1", 3, True, np.array(1), np.ones((2, 2)), [0.5], [True], [[0]], slice("a"), slice(0, 2, 0), {0: 1}]

#: (pictures, argument, values that it cannot be)
BAD = [
    (EVERY, "ds", [None, 3, "a", {}, np.ones(2), lambda: 1]),
    (EVERY, "title", [3, None, b"a", ["a"], np.ones(2)]),
    (EVERY, "height", [-1, 0, 10**12, 10**400, 320.5, "320", True, [320], np.ones(2)]),
    (OVER_TIME, "height", [None]),
    (OVER_TIME, "variable", NAMES),
    ((sheet, space_time), "limits", [3, "ab", [], (1, 0), (0, np.nan), (0, 10**400), np.ones((2, 2)), np.array(1.0)]),
    ((sheet,), "time", PLACES),
    ((space_time,), "axis", [3, "z", None, np.ones(2)]),
    ((space_time,), "at", [10**400, "least", None, np.ones(2), [1.0], np.nan]),
    ((traces,), "band", [3, None, [], np.ones(2)]),
    ((traces,), "mean", ["a", 3, None, np.ones(2)]),
    ((traces,), "compare", [3, "ab", ["ab"], [("a", 3)], [(3, None)], None]),
    ((traces, raster), "units", UNITS),
    (OF_SPIKES, "populations", NAMES),
    ((raster,), "rate", ["poisson", 3, None, np.ones(2)]),
    ((traces, space_time, rate_boxes, spike_statistics), "predictions", [3, None, "E", [3], ["E.r"], {"E": 1.0}]),
    ((rate_boxes,), "reference", [3, "a", [1.0], np.ones(2)]),
    ((rate_boxes,), "reference_label", [3, None]),
    ((spike_statistics,), "measures", [None, 3, [3], [[]], np.ones(2), "speed", []]),
    ((spike_statistics,), "units", COUNTS),
    ((spike_statistics,), "pair_units", COUNTS),
    ((spike_statistics,), "seed", [-1, "a", 1.5, None, [0]]),
    ((spike_statistics,), "bin", TIMES),
    ((spike_statistics,), "pair_bin", TIMES),
]


@pytest.fixture(scope="module")
def results():
    """A sheet over time, and spikes."""
    waves = nb.Population(nb.models.leaky_integrator, (3, 4), initial={"x": nb.Uniform(0, 1)})
    cells = nb.Population(nb.models.iaf_psc_exp, 5, parameters={"I_e": 600.0})
    return nb.simulate(nb.Network({"E": waves}), 2.0, 0.1), nb.simulate(nb.Network({"E": cells}), 50.0, 0.1)


def refused(draw, ds, /, **given):
    with pytest.raises(NbkitError) as error:
        draw(given.pop("ds", ds), **given)
    return error.value


@pytest.mark.parametrize(
    ("draw", "argument", "values"),
    [(draw, argument, values) for draws, argument, values in BAD for draw in draws],
    ids=lambda part: getattr(part, "__name__", part if isinstance(part, str) else ""),
)
def test_what_cannot_be_drawn_is_refused(results, draw, argument, values):
    ds = results[draw in OF_SPIKES]
    for value in values:
        error = refused(draw, ds, **{argument: value})
        assert error.where == argument, value
        assert error.hint


def test_every_argument_of_every_picture_is_asked():
    asked = {(draw, argument) for draws, argument, _ in BAD for draw in draws}
    windows = {"start", "stop"}
    for draw in EVERY:
        missing = {name for name in inspect.signature(draw).parameters if (draw, name) not in asked} - windows
        assert missing == ({"bin"} if draw is raster else set())


@pytest.mark.parametrize("draw", OF_SPIKES)
@pytest.mark.parametrize("argument", ["start", "stop"])
def test_a_window_is_made_of_times(results, draw, argument):
    for value in (np.nan, "1", [1.0], True, 10**400):
        assert refused(draw, results[1], **{argument: value}).where == "window"


@pytest.mark.parametrize("value", [-1, 0.03, "3", [1.0], np.nan])
def test_a_bin_is_a_whole_number_of_steps(results, value):
    assert refused(raster, results[1], rate=True, bin=value).where == "bin"
    assert refused(spike_statistics, results[1], bin=value).where == "bin"


@pytest.mark.parametrize("draw", EVERY)
def test_all_that_is_wrong_is_told_at_once(results, draw):
    error = refused(draw, results[draw in OF_SPIKES], title=3, height=-1)
    assert [problem.where for problem in error.problems] == ["title", "height"]


@pytest.mark.parametrize("draw", EVERY)
@pytest.mark.parametrize("setup", ["y", "[1]", 3, "[" * 100_000])
def test_a_setup_that_cannot_be_read_is_refused(results, draw, setup):
    error = refused(draw, results[draw in OF_SPIKES].assign_attrs(setup=setup))
    assert (error.code, error.where) == ("bad-json", "ds")


@pytest.mark.parametrize("draw", OVER_TIME)
@pytest.mark.parametrize("cut", [{"time": slice(0, 0)}, {"E.grid_x": slice(0, 0)}])
def test_a_result_without_samples_or_units_is_refused(results, draw, cut):
    error = refused(draw, results[0].isel(cut))
    assert (error.code, error.where) == ("too-short", "E.x")


@pytest.mark.parametrize("draw", EVERY)
def test_the_lowest_and_the_highest_picture_are_drawn(results, draw):
    for height in (100, np.int64(4000)):
        assert draw(results[draw in OF_SPIKES], height=height) is not None


def test_numbers_may_come_from_numpy(results):
    assert sheet(results[0], time=np.float64(1.0), limits=np.array([0.0, 1.0])) is not None
    assert traces(results[0], np.array(["E.x"]), units=np.array([1, 2])) is not None
    assert spike_statistics(results[1], units=np.int64(3), seed=np.int32(1)) is not None
