"""Owns the stand-in for a card, and the word for its absence."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from nbkit.run.cuda import device
from nbkit.run.cuda.interface import Device
from tests.device.host_device import HostDevice

NO_CARD = "no CUDA device"


@pytest.fixture
def host() -> Generator[HostDevice]:
    """The stand-in, where everybody looks for a card."""
    made = HostDevice()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device, "find", lambda: made)
        yield made


@pytest.fixture
def card() -> Device:
    """A real card."""
    found = device.find()
    if not isinstance(found, Device):
        pytest.skip(f"{NO_CARD}: {found[0].what}")
    return found
