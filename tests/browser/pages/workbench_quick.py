"""Owns the page of a workbench whose runs are quick: 100 units, 1000 steps, three lines."""

import nbkit as nb

nb.Workbench(nb.networks.rhythm(), nb.Setup(200.0, 0.2, record=("E.r", "I.r", "E.m")))
