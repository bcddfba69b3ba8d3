"""Owns the shipped models of neural fields and of what feeds them. Must not know networks."""

from __future__ import annotations

from nbkit.model.model import Model, Parameter, State

neural_field = Model(
    "neural_field",
    "tau * dr/dt = -r + exc + lateral",
    states={"r": State(0.0, limits=(0.0, 1.0), meaning="rate")},
    inputs={"exc": 0.0, "lateral": 0.0},
    parameters={"tau": Parameter(10.0, "ms", (1e-9, None), "time constant")},
    source="Amari (1977) Biol. Cybern. 27:77-87; with the rate itself kept within [0, 1] in place of an output "
    "function, as in ANNarchy's neural field: Vitay, Dinkelbach & Hamker (2015) Front. Neuroinform. 9:19",
)

rectified_input = Model(
    "rectified_input",
    "r = positive_part(u)",
    inputs={"u": 0.0},
    source="a rectified sum of inputs without memory: Householder (1941) Bull. Math. Biophys. 3:63-69; "
    "as the input layer of ANNarchy's neural field: Vitay, Dinkelbach & Hamker (2015) Front. Neuroinform. 9:19",
)
