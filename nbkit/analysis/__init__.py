"""Owns the numbers that are read off results: Dataset in, labelled values out. Must not know simulators or pictures.

Names follow the data: what is computed from the spikes of E is called ``E.rate`` or ``E.cv``, what is computed from
a variable E.r is called ``E.r_period``, so that results of several populations merge into one Dataset.
"""

from nbkit.analysis.counts import fano_factor, rate
from nbkit.analysis.course import Course, Story, in_words
from nbkit.analysis.making import spike_dataset
from nbkit.analysis.readouts import Readout, fit_readout, train_test_split
from nbkit.analysis.rhythms import order_parameter, period
from nbkit.analysis.spectra import spectrum
from nbkit.analysis.statistics import spike_statistics
from nbkit.analysis.together import correlation, synchrony
from nbkit.analysis.trains import cv, interspike_intervals, spike_table

__all__ = [
    "Course",
    "Readout",
    "Story",
    "correlation",
    "cv",
    "fano_factor",
    "fit_readout",
    "in_words",
    "interspike_intervals",
    "order_parameter",
    "period",
    "rate",
    "spectrum",
    "spike_dataset",
    "spike_statistics",
    "spike_table",
    "synchrony",
    "train_test_split",
]
