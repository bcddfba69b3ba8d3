"""Owns the road from a network to a labelled result: `Simulation` and `simulate`. Must not know pictures."""

from nbkit.simulation.joining import joined
from nbkit.simulation.recording import Record
from nbkit.simulation.simulate import simulate
from nbkit.simulation.simulation import Simulation

__all__ = ["Record", "Simulation", "joined", "simulate"]
