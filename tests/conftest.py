"""Owns what holds for every test: one BLAS thread, no settings of the user, no luck, and no silent skip in CI."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a run of the lessons may be asked for."""
    lessons = parser.getgroup("lessons")
    lessons.addoption("--full", action="store_true", help="run the notebooks at their full size")
    lessons.addoption("--update", action="store_true", help="write the numbers that nb.checkpoint compares with")


def pytest_configure(config: pytest.Config) -> None:
    """Give kernels and servers settings of their own, and make Hypothesis draw the same cases every time."""
    from hypothesis import settings  # noqa: PLC0415 - after the threads are set

    home = tempfile.TemporaryDirectory(prefix="nbkit-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(home.cleanup)
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        folder = Path(home.name) / name.lower()
        folder.mkdir()
        os.environ[name] = str(folder)
    os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
    settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
    settings.register_profile("explore", deadline=None, max_examples=2000, database=None)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a browser is there: a browser test that is skipped for want of one has failed."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and _must_run(item):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped in CI: {report.longrepr}"
    return report


def _must_run(item: pytest.Item) -> bool:
    return os.environ.get("CI") == "true" and item.get_closest_marker("browser") is not None
