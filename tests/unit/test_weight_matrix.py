"""Law: a weight matrix holds what a run multiplies with, whatever plan it is delivered by."""

import numpy as np
import pytest

import nbkit as nb


def rates(rule, weight, pre=6, post=4, **more):
    populations = {
        "A": nb.Population(nb.models.leaky_integrator, pre),
        "B": nb.Population(nb.models.leaky_integrator, post),
    }
    return nb.Network(populations, [nb.Projection("A.x", "B.u", weight=weight, rule=rule, **more)])


def arriving(net, dt=0.1):
    """What the first step that hears of it makes of each source alone, (post, pre): the second, slow path."""
    columns = []
    for source in np.eye(net.populations["A"].size):
        one = net.with_value("A.x.initial", source)
        moved = nb.simulate(one, 1.0, dt, method="euler")["B.x"].to_numpy()
        columns.append(moved[int(moved.any(axis=1).argmax())])
    return np.array(columns).T / dt


@pytest.mark.parametrize(
    ("rule", "weight", "more"),
    [
        (nb.AllToAll(), 0.5, {}),
        (nb.AllToAll(), nb.Normal(0.0, 1.0), {"gain": 2.0}),
        (nb.FixedInDegree(2), nb.Uniform(-1.0, 1.0), {}),
        (nb.Bernoulli(0.4), 0.7, {"delay": 0.3, "gain": -1.0}),
    ],
)
def test_it_is_what_a_step_brings(rule, weight, more):
    net = rates(rule, weight, **more)
    found = nb.study.weight_matrix(net, net.projections[0].name, 0.1).to_numpy()
    np.testing.assert_allclose(found, arriving(net) * float(net.value("B.tau")), atol=1e-12)


def test_one_to_one_is_a_diagonal():
    net = rates(nb.OneToOne(), 3.0, 5, 5)
    np.testing.assert_array_equal(nb.study.weight_matrix(net, net.projections[0].name), 3.0 * np.eye(5))


def test_spikes_in_tables_and_in_matrices_are_the_listed_synapses():
    net = nb.networks.brunel(order=50)
    simulation = nb.Simulation(net, 0.1, seed=3)
    for projection in net.projections:
        listed = simulation.synapses(projection.name)
        found = nb.study.weight_matrix(net, projection.name, 0.1, seed=3)
        whole = np.zeros(found.shape)
        np.add.at(whole, (listed["target"].values, listed["source"].values), listed["weight"].values)
        np.testing.assert_allclose(found, whole, rtol=1e-6)
        assert found.attrs["block_targets"] == 1


def test_large_ones_are_averaged_over_blocks():
    net = rates(nb.AllToAll(), np.arange(70.0).reshape(7, 10), 10, 7)
    name = net.projections[0].name
    found = nb.study.weight_matrix(net, name, cells=4)
    whole = np.arange(70.0).reshape(7, 10)
    assert found.shape == (4, 4)
    assert found[0, 0] == whole[:2, :3].mean()
    assert found[3, 3] == whole[6:, 9:].mean()
    assert list(found["source"].values) == [0, 3, 6, 9]


def test_kernels_and_many_delays_are_matrices_too():
    net = nb.networks.moving_bump()
    name = net.projections[0].name
    found = nb.study.weight_matrix(net, name, 1.0, cells=1000)
    assert found.shape == (900, 900)
    middle = found.to_numpy()[465].reshape(30, 30)
    assert middle.max() == found.max()
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    late = rates(nb.AllToAll(), nb.Normal(0.0, 1.0), delay=nb.Uniform(0.1, 5.0))
    same = rates(nb.AllToAll(), nb.Normal(0.0, 1.0))
    name = same.projections[0].name
    one = nb.study.weight_matrix(late, name, delays="nearest")
    np.testing.assert_allclose(one, nb.study.weight_matrix(same, name), atol=1e-12)


def test_wrong_ones_are_told():
    net = nb.networks.rhythm()
    for given, code in ((("E->X",), "bad-choice"), (("E->I", 0.1, 0), "bad-value")):
        with pytest.raises(nb.NbkitError) as told:
            nb.study.weight_matrix(net, given[0], *given[1:2], cells=given[2] if given[2:] else 200)
        assert told.value.problems[0].code == code
