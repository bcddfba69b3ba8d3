"""Owns the tests of the Python form: it reads as a user would type it, and makes the same network."""

import numpy as np
import pytest

import nbkit as nb
from tests.conformance.test_spikes import busy
from tests.conformance.test_stimuli import noisy


def again(net: nb.Network) -> nb.Network:
    made: dict[str, object] = {}
    exec(net.to_code(), made)  # noqa: S102  our own text
    return made["net"]


def test_the_code_of_a_small_network_reads_well():
    net = nb.Network(
        {"E": nb.Population(nb.models.wilson_cowan, 10, parameters={"tau": nb.Uniform(8, 12)}, initial={"r": 0.1})},
        [nb.Projection("E.r", "E.r_in", weight=15.0, delay="2 ms")],
        [nb.Stimulus("E.r_ext", nb.Sine(amplitude=1.0, frequency=10.0))],
    )
    assert net.to_code() == (
        "import nbkit as nb\n\n"
        "net = nb.Network(\n"
        "    {\n"
        "        'E': nb.Population(nb.models.wilson_cowan, 10, parameters={'tau': nb.Uniform(low=8, high=12)},"
        " initial={'r': 0.1}),\n"
        "    },\n"
        "    projections=[\n        nb.Projection('E.r', 'E.r_in', weight=15.0, delay='2 ms'),\n    ],\n"
        "    stimuli=[\n        nb.Stimulus('E.r_ext', nb.Sine(amplitude=1.0, frequency=10.0)),\n    ],\n"
        ")\n"
    )


@pytest.mark.parametrize("make", [busy, noisy], ids=["busy", "noisy"])
def test_code_makes_the_same_network(make):
    assert again(make()) == make()


def test_own_models_sparse_weights_and_awkward_text_survive():
    sparse = pytest.importorskip("scipy.sparse")
    one = nb.Model(
        "m", 'dx/dt = -x + u  # a "quoted" word\n\ny = 2*x', {"x": nb.State(0.1, limits=(None, 2.0))}, {"u": 0.0}
    )
    two = nb.Model("m", "dx/dt = -2*x + u", {"x": 0.1}, {"u": 0.0})
    net = nb.Network(
        {"A": nb.Population(one, 3, label="it's <A>"), "B": nb.Population(two, 3), "C": nb.Population(one, 3)},
        [
            nb.Projection("A.x", "B.u", weight=sparse.csr_array(np.eye(3))),
            nb.Projection("B.x", "A.u", rule=nb.Explicit([0, 1], [2, 2]), weight=[1.0, 2.0], source_units=slice(0, 2)),
            nb.Projection("B.x", "C.u", weight=nb.Truncated(nb.Normal(0, 1), low=-1.0), weight_is="total", name="own"),
        ],
    )
    assert again(net) == net
    assert nb.Network.from_link(net.to_link()) == net
