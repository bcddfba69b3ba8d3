"""Owns the law of couplings: every plan equals its dense matrix, and says why it was taken."""

import numpy as np
import pytest

import nbkit as nb

POST, PRE = 4, 4
MODEL = nb.Model("node", "tau*dx/dt = -x + tanh(u)", states={"x": 0.0}, inputs={"u": 0.0}, parameters={"tau": 5.0})


def network(delay: float, **keywords: object) -> nb.Network:
    start = np.linspace(-1, 1, PRE)
    populations = {"A": nb.Population(MODEL, PRE, initial={"x": start}), "B": nb.Population(MODEL, POST)}
    return nb.Network(populations, [nb.Projection("A.x", "B.u", delay=delay, **keywords)])


def run(net: nb.Network) -> np.ndarray:
    return nb.simulate(net, 40.0, 0.5)["B.x"].to_numpy()


CASES = {
    "uniform": (dict(weight=0.3), np.full((POST, PRE), 0.3)),
    "uniform total": (dict(weight=0.3, weight_is="total"), np.full((POST, PRE), 0.3 / PRE)),
    "one-to-one": (dict(rule=nb.OneToOne(), weight=np.arange(4.0)), np.diag(np.arange(4.0))),
    "one-to-one number": (dict(rule=nb.OneToOne(), weight=0.7), 0.7 * np.eye(4)),
    "gain": (dict(weight=0.3, gain=-2.0), np.full((POST, PRE), -0.6)),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("delay", [0.0, 1.0, 10.0])
def test_every_plan_equals_its_dense_matrix(case, delay):
    keywords, dense = CASES[case]
    np.testing.assert_allclose(run(network(delay, **keywords)), run(network(delay, weight=dense)), atol=1e-15)


@pytest.mark.parametrize(
    ("keywords", "plan"),
    [
        (dict(weight=0.3), "uniform"),
        (dict(weight=np.eye(4)), "dense"),
        (dict(weight=nb.Normal(0, 1)), "dense"),
        (dict(rule=nb.OneToOne(), weight=0.3), None),
    ],
)
def test_the_plan_follows_from_the_facts_and_is_explained(keywords, plan):
    program = nb.Simulation(network(0.0, **keywords), dt=0.5).program
    assert [c.plan for c in program.couplings] == ([plan] if plan else [])
    for coupling in program.couplings:
        assert coupling.reason
        assert coupling.reason in program.explain()


def test_rows_of_a_weight_matrix_are_targets():
    probe = np.array([[0.0, 1.0], [0.0, 0.0]])  # from unit 1 onto unit 0
    model = nb.Model("probe", "dx/dt = -x\n y = u", states={"x": 0.0}, inputs={"u": 0.0})
    population = nb.Population(model, 2, initial={"x": [3.0, 5.0]})
    net = nb.Network({"A": population}, [nb.Projection("A.x", "A.u", weight=probe)])
    assert nb.simulate(net, 1.0, 1.0, record=["A.y"])["A.y"][0].to_numpy().tolist() == [5.0, 0.0]


def test_weights_and_gains_can_be_set_while_a_simulation_stands():
    new = np.full((POST, PRE), 0.2)
    for keywords, value in ((dict(weight=np.eye(4)), new), (dict(weight=0.1), 0.2)):
        sim = nb.Simulation(network(0.0, **keywords), dt=0.5)
        sim.set("A->B.weight", value)
        sim.set("A->B.gain", 1.5)
        expected = run(network(0.0, weight=0.3))
        np.testing.assert_allclose(sim.run(40.0)["B.x"].to_numpy(), expected, atol=1e-15)
