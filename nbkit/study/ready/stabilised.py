"""Owns what theory says about stabilised."""

from __future__ import annotations

from collections.abc import Iterator

from nbkit.network.network import Network
from nbkit.study.prediction import Prediction


def offered(network: Network, dt: float | None) -> Iterator[Prediction]:
    """What this module says about a network."""
    del network, dt
    yield from ()
