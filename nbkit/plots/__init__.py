"""Owns pictures: Bokeh figures from Datasets. Must not know simulators, networks or widgets."""

from nbkit.plots.heatmap import heatmap, heatmap_picture
from nbkit.plots.picture import Picture
from nbkit.plots.traces import traces, traces_picture

__all__ = ["Picture", "heatmap", "heatmap_picture", "traces", "traces_picture"]
