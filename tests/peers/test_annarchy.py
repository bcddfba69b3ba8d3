"""Owns the agreement with ANNarchy 5.0.4: its neural field with a moving bubble, step by step.

The rates are those of ANNarchy's own run without noise, dt = 1, 2000 steps; the lateral weights are the ones that
it computed, in float32 numbers. Its update k reads rates of update k - 20, so its delay of 20 is one of 19 between
samples: the bubble here is one step ahead instead, which leaves its zero history as it is.
"""

from pathlib import Path

import numpy as np
import pytest

import nbkit as nb

DATA = np.load(Path(__file__).parent / "data" / "annarchy_field.npz")
STEPS, SIZE = DATA["steps"], int(DATA["n"])
GAP = 1 / (SIZE - 1)  # it lets the sheet end at its outer units, not at their cells


def bubble() -> nb.MovingBubble:
    """Its bubble, whose places count from 0 to 19: the middle is unit 10, half a unit beyond the sheet's own."""
    middle = (SIZE / 2 + 0.5) * GAP
    return nb.MovingBubble(
        amplitude=1.0,
        width=float(DATA["sigma"]) * GAP,
        radius=float(DATA["radius"]) * SIZE / 2 * GAP,
        period=float(DATA["period"]),
        phase=2 * np.pi / float(DATA["period"]),
        centre=(middle, middle),
    )


def network(lateral: nb.Projection, delay: float = 20.0, *noise: nb.Stimulus) -> nb.Network:
    shape = {"size": (SIZE, SIZE), "extent": SIZE * GAP}
    return nb.Network(
        {
            "inp": nb.Population(nb.models.rectified_input, **shape),
            "focus": nb.Population(nb.models.neural_field, parameters={"tau": float(DATA["tau"])}, **shape),
        },
        [nb.Projection("inp.r", "focus.exc", rule=nb.OneToOne(), delay=delay, history="zero"), lateral],
        [nb.Stimulus("inp.u", bubble()), *noise],
    )


def stored(**changes: object) -> nb.Projection:
    weight = DATA["lateral_weights"].astype(float)
    return nb.Projection("focus.r", "focus.lateral", **({"weight": weight} | changes))


def differences(net: nb.Network) -> dict[str, float]:
    """The largest distance from ANNarchy's rates, input layer and field, early and late."""
    ds = nb.simulate(net, float(DATA["n_steps"]), float(DATA["dt"]), record=["inp.r", "focus.r"])
    ours = {"inp_r": ds["inp.r"].to_numpy()[:-1], "focus_r": ds["focus.r"].to_numpy()[1:]}
    return {
        "late": max(np.abs(rows[STEPS - 1] - DATA[key]).max() for key, rows in ours.items()),
        "early": max(np.abs(rows[:40] - DATA[f"{key}_first40"]).max() for key, rows in ours.items()),
    }


def test_its_rates_are_met_with_its_weights():
    assert np.ptp(DATA["focus_r"]) > 0.2  # the field moves: agreement means something
    assert max(differences(network(stored())).values()) < 1e-10


def test_its_rates_are_met_with_our_own_difference_of_gaussians_as_far_as_its_rounding_goes():
    """Its weights are rounded to float32; unrounded ones end 7e-7 away."""
    numbers = [float(DATA[key]) for key in ("amp_pos", "sigma_pos", "amp_neg", "sigma_neg")]
    kernel = nb.kernels.DifferenceOfGaussians(*numbers)
    lateral = stored(weight=kernel, rule=nb.AllToAll(autapses=False), weight_is="synapse")
    found = differences(network(lateral))
    assert 1e-8 < max(found.values()) < 2e-6


@pytest.mark.parametrize("wrong", [{"gain": 0.999}, {"weight": DATA["lateral_weights"][::-1].astype(float)}])
def test_other_weights_are_seen(wrong):
    assert differences(network(stored(**wrong)))["late"] > 1e-5


def test_another_delay_is_seen():
    assert differences(network(stored(), delay=19.0))["early"] > 1e-5


def test_the_input_is_computed_for_whole_blocks():
    """No instruction of a single step belongs to the bubble or to the input layer."""
    program = nb.Simulation(network(stored()), dt=1.0).program
    per_step = {i.operation for i in program.sections["step"]}
    assert per_step <= {"couple", "add", "subtract", "multiply", "maximum", "minimum"}
    assert {"exp", "cos", "sin"} <= {i.operation for i in program.sections["block"]}
    assert all(
        i.target.slot.name.startswith("focus") or i.target.slot.role == "scratch" for i in program.sections["step"]
    )


def test_its_noise_is_uniform_in_the_input_and_in_the_equation():
    noise = [nb.Stimulus("inp.u", nb.UniformNoise(-0.5, 0.5), name="u1")]
    noise += [nb.Stimulus("focus.exc", nb.UniformNoise(-0.5, 0.5), name="u2")]
    ds = nb.simulate(network(stored(), 20.0, *noise), 400.0, 1.0)
    quiet = nb.simulate(network(stored()), 400.0, 1.0)
    moved = float(np.abs(ds["focus.r"] - quiet["focus.r"]).max())
    assert 0.05 < moved < 1.0
    assert float(ds["inp.r"].min()) == 0.0
