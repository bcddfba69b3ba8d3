"""Owns what holds for every test: one BLAS thread, no settings of the user, no luck, and no silent skip in CI.

With `NBKIT_TEST_DEVICE=host` every simulation that does not choose a backend runs as on a graphics card, on the card's
stand-in; with `card` on a card. With `NBKIT_TEST_ACCELERATOR=always` every test runs with the compiled interpreter
wherever that can run the program, with `never` on NumPy alone; without it the package decides, as for everybody.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from nbkit.compile.program import Program

VARIABLE = "NBKIT_TEST_ACCELERATOR"
DEVICE = "NBKIT_TEST_DEVICE"
NO_INTERPRETER = "the compiled interpreter is not there"

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a run of the lessons may be asked for."""
    lessons = parser.getgroup("lessons")
    lessons.addoption("--full", action="store_true", help="run the notebooks at their full size")
    lessons.addoption("--update", action="store_true", help="write the numbers that nb.checkpoint compares with")
    lessons.addoption("--pyodide", help="a Pyodide release, to move the workbench of the browser-only site with it")


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


@pytest.fixture(scope="session")
def interpreter_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the compiled interpreter is: beside its source, or built for these tests where there is a compiler."""
    from nbkit.run.interpreter.build import build, compiler  # noqa: PLC0415
    from nbkit.run.interpreter.library import find  # noqa: PLC0415
    from nbkit.run.interpreter.printer import HERE  # noqa: PLC0415

    if not isinstance(find(HERE), str) or compiler() is None:
        return HERE
    folder = tmp_path_factory.mktemp("interpreter")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def interpreter(interpreter_folder: Path) -> Any:
    """The compiled interpreter."""
    from nbkit.run.interpreter.library import find  # noqa: PLC0415

    found = find(interpreter_folder)
    return pytest.skip(f"{NO_INTERPRETER}: {found}") if isinstance(found, str) else found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests that are marked so with the interpreter and without it."""
    if (
        metafunc.definition.get_closest_marker("both_ways")
        and not os.environ.get(VARIABLE)
        and not os.environ.get(DEVICE)
    ):
        metafunc.parametrize("_accelerator", ("numpy", "interpreter"), indirect=True, scope="module")


@pytest.fixture(scope="module", autouse=True)
def _accelerator(request: pytest.FixtureRequest, interpreter_folder: Path) -> Generator[None]:
    """Let simulations find the interpreter, and choose it as the test or the environment says."""
    from nbkit.run.interpreter import choice  # noqa: PLC0415
    from nbkit.simulation import simulation  # noqa: PLC0415
    from nbkit.study.checkups import forecast  # noqa: PLC0415

    way = getattr(request, "param", os.environ.get(VARIABLE, "never" if os.environ.get(DEVICE) else ""))
    if getattr(request, "param", "") == "interpreter":
        request.getfixturevalue("interpreter")
    wanted = {"always": True, "interpreter": True, "never": False, "numpy": False}.get(way)

    def choose(program: Program, accelerator: bool | None) -> Any:  # noqa: FBT001
        asked = wanted if accelerator is None else accelerator
        found = choice.choose(program, asked, interpreter_folder)
        return choice.choose(program, None, interpreter_folder) if found[1] and accelerator is None else found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "choose", choose)
        patch.setattr(forecast, "who_runs", choose)
        yield


@pytest.fixture(scope="session", autouse=True)
def _device() -> Generator[None]:
    """Let simulations run on a card or on its stand-in, where the environment says so."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get(DEVICE):
            from nbkit.run import stepper  # noqa: PLC0415
            from nbkit.run.cuda import device  # noqa: PLC0415
            from tests.device.host_device import HostDevice  # noqa: PLC0415

            if os.environ[DEVICE] == "host":
                patch.setattr(device, "find", HostDevice)
            patch.setitem(stepper.BACKENDS, "numpy", stepper.BACKENDS["cupy"])
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a browser and a compiler are there: a test that is skipped for want of one has failed."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and _must_run(item, str(report.longrepr)):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped in CI: {report.longrepr}"
    return report


def _must_run(item: pytest.Item, reason: str) -> bool:
    return os.environ.get("CI") == "true" and (
        item.get_closest_marker("browser") is not None or NO_INTERPRETER in reason
    )
