"""Laws of a page's Python: no threads, no processes, no compiled code of ours, and of packages only the needed ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nbkit.model.counting import bincount, repeat
from tests.architecture.tree import PACKAGE, ROOT, modules

#: What a page's Python does not have: each of these raises as it does there.
POOR = """
import _thread, builtins, multiprocessing, os, subprocess, sys, threading

def refuse(*words, **keywords):
    raise RuntimeError("can't start new thread")

_thread.start_new_thread = threading._start_new_thread = threading.Thread.start = refuse
if hasattr(threading, "_start_joinable_thread"):
    threading._start_joinable_thread = refuse
for name in ("fork", "forkpty", "system", "popen", "posix_spawn", "execv"):
    setattr(os, name, refuse)
subprocess.Popen.__init__ = multiprocessing.Process.start = refuse

MISSING = {"matplotlib", "zarr", "papermill", "cupy", "numba", "sympy", "psutil", "voila", "jupyterlab", "nbconvert",
           "nbformat", "notebook", "netCDF4", "h5py", "dask", "playwright"}

from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *words: None if name.split(".")[0] in MISSING else find(name, *words)

import ctypes
class Library(ctypes.CDLL):
    def __init__(self, name, *words, **keywords):
        if "interpreter" in str(name):
            raise OSError("no compiled code of nbkit runs here")
        super().__init__(name, *words, **keywords)
ctypes.CDLL = Library
"""

DOES = """
import asyncio, json
import nbkit as nb
seen = {"heavy at import": sorted({"scipy", "xarray", "pandas", "bokeh", "ipywidgets"} & set(sys.modules))}

net = nb.networks.rhythm()
ds = nb.simulate(net, 200.0, 0.1)
seen["accelerator"] = ds.attrs["accelerator"]
seen["sweep"] = dict(nb.sweep(net, {"E->I.delay": [0.0, 1.0]}, 100.0, 0.1).sizes)["E->I.delay"]
seen["spikes"] = nb.simulate(nb.networks.microcircuit(scale=0.02), 20.0, 0.1).sizes["L4E.spike"] > 0
seen["figure"] = type(nb.plots.traces(ds)).__module__.split(".")[0]
seen["health"] = bool(str(nb.health(net, 0.1, 200.0)))
period = next(p for p in nb.study.predictions(net) if p.quantity == "period")
seen["prediction"] = bool(period.check(nb.simulate(net, 400.0, 0.02)).holds)

document = nb.Document(net)
document.edit(net.with_value("E.tau", 9.0))
document.undo()
seen["undo"] = document.network == net
seen["link"] = nb.Network.from_link(net.to_link()) == net
"""

WORKBENCH = """
async def use():
    bench = nb.Workbench(net, nb.Setup(400.0, 0.02))
    for _ in range(400):
        await asyncio.sleep(0.01)
        if bench.result is not None:
            break
    first = bench.result
    bench.document.edit(net.with_value("E->I.delay", 2.0))
    for _ in range(400):
        await asyncio.sleep(0.01)
        if bench.result is not first:
            break
    return [round(float(nb.analysis.period(one, "E.r", discard=100.0, mean=True)), 1) for one in (first, bench.result)]

seen["workbench"] = asyncio.run(use())
print(json.dumps(seen))
"""


TRIES = """
import json
refused = 0
for line in ("threading.Thread().start()", "import zarr", "subprocess.run(['ls'])", "os.fork()"):
    try:
        exec(line)
    except (RuntimeError, ModuleNotFoundError):
        refused += 1
print(json.dumps({"refused": refused}))
"""


def run(code: str, folder: Path) -> dict:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_everything_works_where_python_is_poor(tmp_path):
    assert run(POOR + DOES + WORKBENCH, tmp_path) == {
        "heavy at import": [],
        "accelerator": "none",
        "sweep": 2,
        "spikes": True,
        "figure": "bokeh",
        "health": True,
        "prediction": True,
        "undo": True,
        "link": True,
        "workbench": [40.6, 82.6],
    }


def test_a_poor_python_is_poor(tmp_path):
    assert run(POOR + TRIES, tmp_path) == {"refused": 4}


def test_counting_takes_whole_numbers_of_any_width():
    import numpy as np  # noqa: PLC0415

    for kind in (np.int8, np.uint16, np.int32, np.int64, np.uint32):
        places = np.array([0, 2, 2], dtype=kind)
        assert bincount(places, minlength=4).tolist() == [1, 0, 2, 0]
        assert repeat([4, 5, 6], places).tolist() == [5, 5, 6, 6]
    with pytest.raises(ValueError, match="negative"):
        bincount(np.array([-1]))


def test_only_one_place_counts_by_numpy_itself():
    """NumPy's own refuses 64-bit integers where addresses have 32 bits, as in a page."""
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in modules(PACKAGE)
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bnp\.bincount\(", line)
    ]
    assert [line.split(":")[0] for line in found] == ["nbkit/model/counting.py"]
