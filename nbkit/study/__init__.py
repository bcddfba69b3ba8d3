"""Owns what theory says about networks: formulas and self-consistent numbers to hold beside a run. Must not know plots.

Rates are in Hz, times in ms, potentials in mV, unless a function says otherwise.
"""

from nbkit.study.basin import basin
from nbkit.study.chaos import random_network_variance
from nbkit.study.checkups.finding import HealthFinding, Remedy
from nbkit.study.checkups.forecast import Forecast
from nbkit.study.checkups.realised import RealisedDelay
from nbkit.study.continuation import continuation
from nbkit.study.delays import (
    Onset,
    delayed_feedback_growth,
    delayed_feedback_growth_euler,
    delayed_feedback_onset,
    delayed_feedback_onset_euler,
    delayed_feedback_period,
)
from nbkit.study.fields import Bump, bump_widths, front_speed, ring_half_width
from nbkit.study.fixed_points import fixed_points
from nbkit.study.flow import Flow, flow_of
from nbkit.study.fronts import kernel_front_speed
from nbkit.study.health import Health
from nbkit.study.leak import leak_manner, leak_value, leak_variance
from nbkit.study.mean_field import brunel_rate, self_consistent_rates
from nbkit.study.model_or_step import model_or_step
from nbkit.study.phase_plane import phase_plane
from nbkit.study.phases import Synchrony, delayed_synchrony, kuramoto_coherence, kuramoto_critical_coupling
from nbkit.study.prediction import Applies, Check
from nbkit.study.quadratic_states import QuadraticState, qif_cusp, qif_folds, qif_states
from nbkit.study.rates import lif_rate, lif_rate_euler, siegert_rate
from nbkit.study.ready import predictions
from nbkit.study.reduction import Reduction, reduced
from nbkit.study.stepped_rates import lif_rate_exact, siegert_rate_stepped
from nbkit.study.tasks.attempt_reading import attempts
from nbkit.study.tasks.attempting import Attempts
from nbkit.study.tasks.mark import Criterion, Guess, Mark, Verdict
from nbkit.study.tasks.question import Question
from nbkit.study.tasks.trial import Finding
from nbkit.study.weights import weight_matrix

__all__ = [
    "Applies",
    "Attempts",
    "Bump",
    "Check",
    "Criterion",
    "Finding",
    "Flow",
    "Forecast",
    "Guess",
    "Health",
    "HealthFinding",
    "Mark",
    "Onset",
    "QuadraticState",
    "Question",
    "RealisedDelay",
    "Reduction",
    "Remedy",
    "Synchrony",
    "Verdict",
    "attempts",
    "basin",
    "brunel_rate",
    "bump_widths",
    "continuation",
    "delayed_feedback_growth",
    "delayed_feedback_growth_euler",
    "delayed_feedback_onset",
    "delayed_feedback_onset_euler",
    "delayed_feedback_period",
    "delayed_synchrony",
    "fixed_points",
    "flow_of",
    "front_speed",
    "kernel_front_speed",
    "kuramoto_coherence",
    "kuramoto_critical_coupling",
    "leak_manner",
    "leak_value",
    "leak_variance",
    "lif_rate",
    "lif_rate_euler",
    "lif_rate_exact",
    "model_or_step",
    "phase_plane",
    "predictions",
    "qif_cusp",
    "qif_folds",
    "qif_states",
    "random_network_variance",
    "reduced",
    "ring_half_width",
    "self_consistent_rates",
    "siegert_rate",
    "siegert_rate_stepped",
    "weight_matrix",
]
