"""Owns the table of peers and the virtual environment that each of them gets."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

WORKERS = Path(__file__).with_name("workers")


@dataclass(frozen=True)
class Peer:
    """A system to compare with: what to install, the script that runs a workload in it, a remark for the table."""

    name: str
    requirements: tuple[str, ...]
    worker: str
    precisions: tuple[str, ...] = ("float64",)
    remark: str = ""

    def python(self, cache: Path) -> Path:
        """Interpreter of the peer's environment, which is made where it does not stand."""
        digest = hashlib.sha256(" ".join((*self.requirements, sys.version)).encode()).hexdigest()[:12]
        home = cache / f"{self.worker}-{digest}"
        python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        done = home / "complete"
        if not done.exists():
            print(f"installing {' '.join(self.requirements)} ...", file=sys.stderr)
            venv.create(home, clear=True, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *self.requirements], check=True)
            done.touch()
        return python


#: A further peer is a further row and a script in `workers/`. NumPy 2.3 breaks PyRates 1.2.3.
PEERS = (
    Peer(
        "PyRates 1.2.3",
        ("pyrates==1.2.3", "numpy<2.3"),
        "pyrates",
        ("float64", "float32"),
        "float32 is the default of PyRates",
    ),
)


def default_cache() -> Path:
    """Folder for the environments of the peers, outside the repository."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "nbkit-bench"
