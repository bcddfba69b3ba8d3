"""Owns the table of peers and the virtual environment that each of them gets. Knows no workload."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORKERS = Path(__file__).with_name("workers")


class NotMeasuredError(Exception):
    """A side gives no figure; the message says why, without paths of this machine, for it is stored and printed."""

    def __init__(self, reason: str) -> None:
        super().__init__(re.sub(r"(?:/[^\s/'\":]+){2,}", "...", reason))


@dataclass(frozen=True)
class Peer:
    """A system to compare with: what to install, the script that runs a workload in it, remarks for the table."""

    worker: str
    requirements: tuple[str, ...]
    commands: tuple[str, ...] = ()  # what it starts, besides Python
    compiles: bool = False  # keeps compiled code, so that its first process of all is not counted
    remark: str = field(default="", compare=False)

    def home(self, cache: Path) -> Path:
        """Folder of the peer's environment."""
        digest = hashlib.sha256(" ".join((*self.requirements, sys.version)).encode()).hexdigest()[:12]
        return cache / f"{self.worker}-{digest}"

    def python(self, cache: Path) -> Path:
        """Interpreter of the peer's environment, which is made where it does not stand.

        Raises:
            NotMeasuredError: if it cannot be installed here.
        """
        missing = [command for command in self.commands if shutil.which(command) is None]
        if missing:
            raise NotMeasuredError(f"{' and '.join(missing)} missing")
        home = self.home(cache)
        python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        done = home / "complete"
        if not done.exists():
            print(f"installing {' '.join(self.requirements)} ...", file=sys.stderr)
            venv.create(home, clear=True, with_pip=True)
            _install(python, self.requirements)
            done.touch()
        return python

    def environment(self, cache: Path) -> dict[str, str]:
        """Variables of the peer's process: its own programs first, as compilers that it starts look for them there."""
        first = self.python(cache).parent
        return {"PATH": f"{first}{os.pathsep}{os.environ.get('PATH', '')}"}


def _install(python: Path, requirements: tuple[str, ...]) -> None:
    command: list[Any] = [python, "-m", "pip", "install", "--quiet", *requirements]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NotMeasuredError(f"pip: {(errors or ['it failed'])[-1].removeprefix('ERROR: ')}")


#: NumPy 2.3 breaks PyRates 1.2.3.
PYRATES = Peer("pyrates", ("pyrates==1.2.3", "numpy<2.3"))
#: A registry's own PyTorch may bring gigabytes of CUDA along; it runs on the processor all the same.
RECTIPY = Peer(
    "rectipy", ("rectipy==0.12.2", "torch==2.13.0", "numpy<2.3"), remark="RectiPy without gradients, its faster way"
)
#: It compiles by CMake, which must find the environment's Python before any other.
ANNARCHY = Peer(
    "annarchy",
    ("ANNarchy==5.0.4.1", "cmake"),
    commands=("g++", "make"),
    remark="ANNarchy compiles each new network; that is in its first picture",
)
#: NumPy 2.4 has no `ndarray.ptp`, which Brian2 2.9.0 wraps when it is imported.
BRIAN2 = Peer(
    "brian2",
    ("brian2==2.9.0", "numpy<2.4"),
    commands=("g++", "make"),
    compiles=True,
    remark="Brian2's code was compiled by a process before",
)
#: It counts its threads by itself, whatever OMP_NUM_THREADS says.
NEST = Peer("nest", ("nest-simulator==3.10.0",), remark="NEST on two threads, nbkit always on one")
PEERS = (PYRATES, RECTIPY, ANNARCHY, BRIAN2, NEST)


def default_cache() -> Path:
    """Folder for the environments of the peers, outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "nbkit-bench"
