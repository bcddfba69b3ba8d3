"""Owns pictures: Bokeh figures from Datasets. Must not know simulators, networks or widgets."""

from nbkit.plots.basin import basin, basin_picture
from nbkit.plots.bifurcation import bifurcation, bifurcation_picture
from nbkit.plots.heatmap import heatmap, heatmap_picture
from nbkit.plots.histogram import histogram, histogram_picture
from nbkit.plots.phase_plane import phase_plane, phase_plane_picture
from nbkit.plots.picture import Picture
from nbkit.plots.raster import raster, raster_picture
from nbkit.plots.rate_boxes import rate_boxes, rate_boxes_picture
from nbkit.plots.rates import rates, rates_picture
from nbkit.plots.sheet import sheet, sheet_picture
from nbkit.plots.space_time import space_time, space_time_picture
from nbkit.plots.spectrum import spectrum, spectrum_picture
from nbkit.plots.spike_statistics import spike_statistics, spike_statistics_picture
from nbkit.plots.stacked import stacked_picture
from nbkit.plots.traces import traces, traces_picture
from nbkit.plots.two_variables import two_variables, two_variables_picture
from nbkit.plots.weight_matrix import weight_matrix, weight_matrix_picture

__all__ = [
    "Picture",
    "basin",
    "basin_picture",
    "bifurcation",
    "bifurcation_picture",
    "heatmap",
    "heatmap_picture",
    "histogram",
    "histogram_picture",
    "phase_plane",
    "phase_plane_picture",
    "raster",
    "raster_picture",
    "rate_boxes",
    "rate_boxes_picture",
    "rates",
    "rates_picture",
    "sheet",
    "sheet_picture",
    "space_time",
    "space_time_picture",
    "spectrum",
    "spectrum_picture",
    "spike_statistics",
    "spike_statistics_picture",
    "stacked_picture",
    "traces",
    "traces_picture",
    "two_variables",
    "two_variables_picture",
    "weight_matrix",
    "weight_matrix_picture",
]
