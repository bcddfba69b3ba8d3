"""Owns RectiPy's side: quadratic neurons on PyTorch, without gradients, which is its faster way.

It compiles into the working directory, hence a temporary one; PyRates, on which it stands, keeps caches to be cleared.
"""

from __future__ import annotations

import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import common as c
import numpy as np
import torch
from common import Answer, Job
from pyrates import clear_frontend_caches
from rectipy import Network

NODE = "neuron_model_templates.spiking_neurons.qif.qif"
WIRES = {"source_var": "s", "target_var": "s_in", "input_var": "I_ext", "output_var": "v"}
SPIKES = {"spike_var": "spike", "reset_var": "v", "op": "qif_op"}


def build_and_run(matrix: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """All rows of the potentials."""
    clear_frontend_caches()
    net = Network(dt=c.DT, device="cpu")
    net.add_diffeq_node("qif", NODE, weights=matrix, **WIRES, **SPIKES)
    return net.run(inputs=inputs, sampling_steps=1, verbose=False, enable_grad=False).to_numpy("out")


def quadratic(asked: Job) -> Answer:
    """Build and run, in a process that has built and run before."""
    torch.set_num_threads(1)
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        build_and_run(*c.quadratic(5, 100))
        numbers = c.quadratic(asked["settings"]["n"], asked["settings"]["steps"])
        kept: list[np.ndarray] = []
        seconds = c.timed(lambda: kept.append(build_and_run(*numbers)))
        first = c.since(asked)
        os.chdir(home)
    resets = float((kept[0] == -100.0).sum())
    return {"values": {"run": seconds}, "check": [resets, *c.few(kept[0][-1])], "first": first}


if __name__ == "__main__":
    c.work_off({"quadratic": quadratic}, rectipy=version("rectipy"), torch=version("torch"))
