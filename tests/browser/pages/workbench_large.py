"""Owns the page of a workbench whose network is large: the microcircuit at a tenth of its size."""

import nbkit as nb

nb.Workbench(nb.networks.microcircuit(0.1), nb.Setup(4000.0, 0.1))
