"""Owns what theory says about networks: formulas and self-consistent numbers to hold beside a run. Must not know plots.

Rates are in Hz, times in ms, potentials in mV, unless a function says otherwise.
"""

from nbkit.study.fields import Bump, bump_widths, front_speed, ring_half_width
from nbkit.study.flow import Flow, flow_of
from nbkit.study.mean_field import brunel_rate, self_consistent_rates
from nbkit.study.prediction import Applies, Check
from nbkit.study.rates import lif_rate, lif_rate_euler, siegert_rate
from nbkit.study.ready import predictions
from nbkit.study.reduction import Reduction, reduced

__all__ = [
    "Applies",
    "Attempts",
    "Bump",
    "Check",
    "Criterion",
    "Finding",
    "Flow",
    "Guess",
    "Mark",
    "Question",
    "Reduction",
    "Verdict",
    "brunel_rate",
    "bump_widths",
    "flow_of",
    "front_speed",
    "lif_rate",
    "lif_rate_euler",
    "predictions",
    "reduced",
    "ring_half_width",
    "self_consistent_rates",
    "siegert_rate",
]
