"""Law: what holds for NumPy holds for a card. The same tests run again, and every simulation is a card's.

The stand-in takes the modules that reach farthest into spikes, cuts and copies; a card takes all of them.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ON_THE_STAND_IN = ("test_runs", "test_spikes", "test_synapses")

#: tests that look into NumPy's own parts, foretell its seconds, or compare its draws with a card's
OF_NUMPY_ALONE = (
    "tests/conformance/test_stacks.py::test_steps_beyond_single_precision_count_refractoriness",
    "tests/conformance/test_stacks.py::test_an_interrupt_anywhere_leaves_whole_samples_and_goes_on_right[take]",
    "tests/conformance/test_health.py::test_bytes_and_seconds_are_foretold",
    "tests/conformance/test_sweep.py::test_points_side_by_side_are_their_own_simulations[the strength of noise]",
    "tests/conformance/test_sweep.py::test_points_side_by_side_are_their_own_simulations[a parameter under noise]",
    "tests/conformance/test_sweep.py::test_points_side_by_side_are_their_own_simulations[coloured noise]",
    "tests/conformance/test_sweep.py::test_dimensions_are_the_paths_in_their_order_and_seeds_come_last",
)


def again(where: str, tests: list[str], seconds: float) -> None:
    """Run tests once more, every simulation on a card or on its stand-in."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    command += [part for name in OF_NUMPY_ALONE for part in ("--deselect", name)]
    if where == "card" and importlib.util.find_spec("xdist"):
        command += ["-n", "4", "--dist", "loadfile"]
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTEST_ADDOPTS", "NBKIT_TEST_ACCELERATOR", "CI")}
    environment = {k: v for k, v in environment.items() if not k.startswith("PYTEST_XDIST")}
    environment |= {"NBKIT_TEST_DEVICE": where}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=seconds
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_stand_in_conforms():
    again("host", [f"tests/conformance/{name}.py" for name in ON_THE_STAND_IN], 900.0)


@pytest.mark.device
@pytest.mark.parametrize("folder", ["conformance", "peers"])
def test_a_card_conforms(card, folder):
    modules = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / folder).glob("test_*.py"))
    again("card", modules, 3600.0)
