"""Laws of thinning out: what is drawn was recorded, no peak is lost, a block is its mean."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from nbkit.plots.reduce import IMAGE_CELLS, block_mean, envelope, image_limits, peak_samples, spread_evenly


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=(10_007, 3)).cumsum(axis=0)


@pytest.mark.parametrize("steps", [401, 402, 999, 10_007])
def test_thinning_keeps_every_peak_and_both_ends(values, steps):
    values = values[:steps]
    rows = peak_samples(values, 400)
    drawn = np.take_along_axis(values, rows, axis=0)
    assert len(rows) <= 400
    assert (np.diff(rows, axis=0) >= 0).all()
    assert (drawn.max(axis=0) == values.max(axis=0)).all()
    assert (drawn.min(axis=0) == values.min(axis=0)).all()
    assert (rows[0] == 0).all()
    assert (rows[-1] == steps - 1).all()


def test_a_spike_of_one_sample_survives_in_its_own_line_only():
    values = np.zeros((5000, 2))
    values[1234, 1] = 7.0
    drawn = np.take_along_axis(values, peak_samples(values, 100), axis=0)
    assert drawn[:, 1].max() == 7.0
    assert drawn[:, 0].max() == 0.0


def test_short_lines_stay_whole(values):
    assert (peak_samples(values[:100], 100)[:, 2] == np.arange(100)).all()


def test_a_band_keeps_its_lowest_and_highest_edge_in_every_stretch(values):
    low, high = values.min(axis=1), values.max(axis=1)
    rows, thin_low, thin_high = envelope(low, high, 300)
    assert len(rows) <= 301
    for i, (start, stop) in enumerate(pairwise(rows[:-1])):
        assert thin_low[i] == low[start:stop].min()
        assert thin_high[i] == high[start:stop].max()


@pytest.mark.parametrize("shape", [(17, 5), (16, 4), (3, 2)])
def test_a_cell_is_the_mean_of_its_block(shape):
    values = np.random.default_rng(1).normal(size=shape)
    image, (samples, units) = block_mean(values, (4, 2))
    assert image.shape[0] <= 4
    assert image.shape[1] <= 2
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            block = values[i * samples : (i + 1) * samples, j * units : (j + 1) * units]
            assert image[i, j] == pytest.approx(block.mean()) or block.shape != (samples, units)
    last = values[(image.shape[0] - 1) * samples :, :units]
    assert image[-1, 0] == pytest.approx(last.mean())


@pytest.mark.parametrize("units", [1, 10, 200, 5000])
def test_an_image_never_has_more_cells_than_allowed(units):
    samples, rows = image_limits(units)
    assert samples * min(units, rows) <= IMAGE_CELLS


def test_chosen_units_are_spread_evenly_with_both_ends():
    assert list(spread_evenly(100, 4)) == [0, 33, 66, 99]
    assert list(spread_evenly(3, 30)) == [0, 1, 2]
