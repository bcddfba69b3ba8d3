"""nbkit: compose populations of neurons, run them, and see what they do.

Owns the public names. They are loaded when they are first used, so that ``import nbkit`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

#: public name -> the module that has it (the module itself where the second part is empty)
_PUBLIC: dict[str, tuple[str, str]] = {
    "NbkitError": ("nbkit.errors", "NbkitError"),
    "NbkitNote": ("nbkit.errors", "NbkitNote"),
    "Problem": ("nbkit.errors", "Problem"),
    "Model": ("nbkit.model.model", "Model"),
    "State": ("nbkit.model.model", "State"),
    "Parameter": ("nbkit.model.model", "Parameter"),
    "models": ("nbkit.model.shipped", ""),
    "Uniform": ("nbkit.network.laws", "Uniform"),
    "Normal": ("nbkit.network.laws", "Normal"),
    "LogNormal": ("nbkit.network.laws", "LogNormal"),
    "Lorentzian": ("nbkit.network.laws", "Lorentzian"),
    "Exponential": ("nbkit.network.laws", "Exponential"),
    "Truncated": ("nbkit.network.laws", "Truncated"),
    "Quantiles": ("nbkit.network.laws", "Quantiles"),
    "Balanced": ("nbkit.network.balanced", "Balanced"),
    "read_weights": ("nbkit.network.tables", "read_weights"),
    "sources": ("nbkit.network.sources", ""),
    "kernels": ("nbkit.network.kernels", ""),
    "ConductionDelay": ("nbkit.network.conduction", "ConductionDelay"),
    "networks": ("nbkit.network.shipped", ""),
    "SparseMatrix": ("nbkit.network.values", "SparseMatrix"),
    "AllToAll": ("nbkit.network.rules", "AllToAll"),
    "OneToOne": ("nbkit.network.rules", "OneToOne"),
    "FixedTotalNumber": ("nbkit.network.rules", "FixedTotalNumber"),
    "FixedInDegree": ("nbkit.network.rules", "FixedInDegree"),
    "FixedOutDegree": ("nbkit.network.rules", "FixedOutDegree"),
    "Bernoulli": ("nbkit.network.rules", "Bernoulli"),
    "SymmetricBernoulli": ("nbkit.network.rules", "SymmetricBernoulli"),
    "Explicit": ("nbkit.network.rules", "Explicit"),
    "Step": ("nbkit.network.signals", "Step"),
    "Pulse": ("nbkit.network.signals", "Pulse"),
    "Ramp": ("nbkit.network.signals", "Ramp"),
    "Sine": ("nbkit.network.signals", "Sine"),
    "Expression": ("nbkit.network.expressions", "Expression"),
    "MovingBubble": ("nbkit.network.bubbles", "MovingBubble"),
    "Noise": ("nbkit.network.signals", "Noise"),
    "UniformNoise": ("nbkit.network.signals", "UniformNoise"),
    "OrnsteinUhlenbeck": ("nbkit.network.signals", "OrnsteinUhlenbeck"),
    "Poisson": ("nbkit.network.signals", "Poisson"),
    "SpikeTimes": ("nbkit.network.spike_times", "SpikeTimes"),
    "Recorded": ("nbkit.network.signals", "Recorded"),
    "Population": ("nbkit.network.description", "Population"),
    "Projection": ("nbkit.network.description", "Projection"),
    "Stimulus": ("nbkit.network.description", "Stimulus"),
    "Network": ("nbkit.network.network", "Network"),
    "Setup": ("nbkit.network.setup", "Setup"),
    "sweep": ("nbkit.study.sweep", "sweep"),
    "Document": ("nbkit.network.document", "Document"),
    "Record": ("nbkit.simulation", "Record"),
    "Simulation": ("nbkit.simulation", "Simulation"),
    "simulate": ("nbkit.simulation", "simulate"),
    "joined": ("nbkit.simulation", "joined"),
    "analysis": ("nbkit.analysis", ""),
    "study": ("nbkit.study", ""),
    "Prediction": ("nbkit.study.prediction", "Prediction"),
    "health": ("nbkit.study.health", "health"),
    "Task": ("nbkit.study.tasks.task", "Task"),
    "checkpoint": ("nbkit.study.checkpoint", "checkpoint"),
    "plots": ("nbkit.plots", ""),
    "paper": ("nbkit.plots.paper", "paper"),
    "explore": ("nbkit.widgets", "explore"),
    "live": ("nbkit.widgets", "live"),
    "Workbench": ("nbkit.widgets.workbench.workbench", "Workbench"),
    "LiveFigure": ("nbkit.widgets", "LiveFigure"),
}

__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"nbkit has no '{name}'")
    module, inside = _PUBLIC[name]
    value = importlib.import_module(module)
    value = getattr(value, inside) if inside else value
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
