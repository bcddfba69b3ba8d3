"""Owns the promise of determinism: the same bits however a run is cut, and draws that stay where they are."""

import numpy as np
import pytest

import nbkit as nb

pytestmark = pytest.mark.both_ways


def networks() -> dict[str, nb.Network]:
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 0.4, (7, 7))
    population = nb.Population(
        nb.models.wilson_cowan, 7, parameters={"tau": nb.Uniform(8, 12)}, initial={"r": rng.uniform(0, 0.5, 7)}
    )
    stimuli = [nb.Stimulus("E.r_ext", nb.Sine(1.0, 20.0)), nb.Stimulus("E.r_ext", nb.Step(0.5, start=3.3), name="kick")]

    def made(**keywords: object) -> nb.Network:
        return nb.Network({"E": population}, [nb.Projection("E.r", "E.r_in", weight=weights, **keywords)], stimuli)

    return {
        "no delay": made(),
        "short delay": made(delay=0.3),
        "long delay": made(delay=5.0),
        "gamma": made(delay=2.0, spread=0.7),
        "algebraic": nb.Network(
            {"E": population}, [nb.Projection("E.m", "E.r_in", weight=weights, delay=1.7)], stimuli
        ),
    }


@pytest.mark.parametrize("name", networks())
@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_the_bits_do_not_depend_on_how_a_run_is_cut(name, chunk):
    net, steps = networks()[name], 700
    whole = nb.Simulation(net, dt=0.1).run(steps * 0.1, record=["E.r", "E.m"])
    pieces = nb.Simulation(net, dt=0.1)
    cut = [pieces.run(chunk * 0.1, record=["E.r", "E.m"]) for _ in range(steps // chunk)]
    for path in ("E.r", "E.m"):
        together = np.concatenate([piece[path].to_numpy() for piece in cut])
        assert together.tobytes() == whole[path].to_numpy().tobytes()
    assert np.concatenate([piece["time"].to_numpy() for piece in cut]).tobytes() == whole["time"].to_numpy().tobytes()


@pytest.mark.parametrize("name", networks())
def test_what_is_recorded_does_not_change_what_happens(name):
    net = networks()[name]
    both = nb.simulate(net, 50.0, 0.1, record=["E.r", "E.m"])["E.r"].to_numpy()
    alone = nb.simulate(net, 50.0, 0.1, record=["E.r"])["E.r"].to_numpy()
    assert both.tobytes() == alone.tobytes()


@pytest.mark.parametrize("name", networks())
def test_reset_starts_again_with_the_same_draws(name):
    sim = nb.Simulation(networks()[name], dt=0.1, seed=4)
    first = sim.run(40.0)["E.r"].to_numpy()
    sim.reset()
    assert sim.run(40.0)["E.r"].to_numpy().tobytes() == first.tobytes()


@pytest.mark.parametrize("name", networks())
@pytest.mark.parametrize("at", [1, 17, 256, 300])
def test_a_value_set_at_step_k_acts_at_step_k(name, at):
    net, path = networks()[name], "E.theta"
    sim = nb.Simulation(net, dt=0.1)
    before = sim.run(at * 0.1)["E.r"].to_numpy()
    untouched = nb.simulate(net, at * 0.1 + 20.0, 0.1)["E.r"].to_numpy()
    sim.set(path, 1.0)
    after = sim.run(20.0)["E.r"].to_numpy()
    assert before.tobytes() == untouched[: at + 1].tobytes()
    assert not np.array_equal(after[0], untouched[at + 1])

    again = nb.Simulation(net, dt=0.1)
    again.run(at * 0.1)
    again.set(path, 1.0)
    pieces = [again.run(0.1)["E.r"].to_numpy() for _ in range(200)]
    assert np.concatenate(pieces).tobytes() == after.tobytes()


def test_setting_a_value_back_restores_the_bits():
    net = networks()["long delay"]
    sim = nb.Simulation(net, dt=0.1)
    sim.run(13.0)
    sim.set("E->E.gain", 3.0)
    sim.set("E->E.gain", 1.0)
    whole = nb.simulate(net, 43.0, 0.1)["E.r"].to_numpy()
    assert sim.run(30.0)["E.r"].to_numpy().tobytes() == whole[131:].tobytes()


def test_a_new_population_does_not_change_what_another_one_draws():
    law = nb.Normal(10, 1)
    one = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 5, parameters={"tau": law})})
    two = nb.Network({"A": nb.Population(nb.models.leaky_integrator, 9, parameters={"tau": law}), **one.populations})
    draws = [nb.simulate(net, 1.0, 0.1, seed=8)["E.tau"].to_numpy() for net in (one, two)]
    assert draws[0].tobytes() == draws[1].tobytes()
    assert not np.array_equal(nb.simulate(two, 1.0, 0.1, seed=9)["E.tau"], draws[0])
    assert not np.array_equal(nb.simulate(two, 1.0, 0.1, seed=8)["A.tau"][:5], draws[0])


def test_no_global_random_state_is_touched():
    np.random.seed(1)  # noqa: NPY002  the global generator is what must not move
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    nb.simulate(networks()["no delay"], 1.0, 0.1)
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002
