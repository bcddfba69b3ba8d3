"""Owns the laws of spikes: stamps, arrival, refractoriness, resets; and the bits however a run is cut."""

import numpy as np
import pytest

import nbkit as nb

pytestmark = pytest.mark.both_ways

DT = 0.1


def lif(size: int = 1, **keywords: object) -> nb.Population:
    return nb.Population(nb.models.lif, size, **keywords)


def steps_of(ds: object, name: str) -> list[int]:
    return np.rint(ds[f"{name}.spike_time"].to_numpy() / ds.attrs["dt"]).astype(int).tolist()


@pytest.mark.parametrize(("drive", "hertz"), [(21, 20.040), (25, 41.667), (30, 62.893), (40, 99.010)])
def test_the_rate_of_a_lif_is_exactly_what_eulers_steps_give(drive, hertz):
    """n = ceil(ln((mu - theta)/(mu - v_r)) / ln(1 - dt/tau)) steps from reset to threshold, then t_ref."""
    net = nb.Network({"E": lif(initial={"v": 10.0})}, stimuli=[nb.Stimulus("E.I_ext", nb.Step(float(drive)))])
    steps = steps_of(nb.simulate(net, 1000.0, DT), "E")
    between = int(np.ceil(np.log((drive - 20) / (drive - 10)) / np.log(1 - DT / 20))) + 20
    assert steps[0] == between - 20
    assert set(np.diff(steps)) == {between}
    assert 1000 / (between * DT) == pytest.approx(hertz, abs=1e-3)


def test_below_threshold_nothing_spikes_and_the_result_says_so_with_an_empty_train():
    net = nb.Network({"E": lif(3)}, stimuli=[nb.Stimulus("E.I_ext", nb.Step(20.0))])
    ds = nb.simulate(net, 200.0, DT)
    assert ds["E.spike_time"].size == ds["E.spike_unit"].size == 0
    assert ds["E.unit"].size == 3
    assert "E.v" not in ds


def test_the_stored_sample_is_the_reset_one_and_the_stamp_is_its_time():
    net = nb.Network({"E": lif()}, stimuli=[nb.Stimulus("E.I_ext", nb.Step(30.0))])
    ds = nb.simulate(net, 100.0, DT, record=["E.v", "E.spike"])
    v, steps = ds["E.v"].to_numpy()[:, 0], steps_of(ds, "E")
    assert v.max() < 20
    for k in steps:
        held = v[k : k + 21]  # t_ref is 20 steps
        assert (held == 10.0)[: len(v) - k].all()
        assert k + 21 >= len(v) or v[k + 21] > 10.0


def chain(delay: float, weight: float = 30.0, **keywords: object) -> nb.Network:
    """A fires once by itself; its spike reaches B."""
    return nb.Network(
        {"A": lif(initial={"v": 19.9}), "B": lif(2, **keywords)},
        [nb.Projection("A.spike", "B.v", weight=weight, delay=delay)],
        [nb.Stimulus("A.I_ext", nb.Recorded(np.r_[100.0, np.zeros(2000)], dt=DT))],
    )


@pytest.mark.parametrize("delay", [1, 2, 7, 64, 300])
def test_a_spike_arrives_exactly_d_steps_after_its_stamp(delay):
    ds = nb.simulate(chain(delay * DT, weight=5.0), 100.0, DT, record=["A.spike", "B.v", "B.spike"])
    (stamp,) = steps_of(ds, "A")
    jumps = np.flatnonzero(ds["B.v"].to_numpy()[:, 0])
    assert jumps[0] == stamp + delay
    assert ds["B.v"].to_numpy()[stamp + delay].tolist() == [5.0, 5.0]
    assert ds["B.spike_time"].size == 0


def test_a_strong_arrival_makes_a_spike_at_once():
    ds = nb.simulate(chain(1.5), 100.0, DT)
    assert steps_of(ds, "B") == [steps_of(ds, "A")[0] + 15] * 2


def test_events_onto_a_refractory_unit_are_dropped():
    net = nb.Network(
        {"A": lif(initial={"v": 19.9}), "B": lif()},
        [
            nb.Projection("A.spike", "B.v", weight=30.0, delay=1.0, name="first"),
            nb.Projection("A.spike", "B.v", weight=5.0, delay=2.0, name="during"),
            nb.Projection("A.spike", "B.v", weight=5.0, delay=3.1, name="after"),
        ],
        [nb.Stimulus("A.I_ext", nb.Recorded(np.r_[100.0, np.zeros(2000)], dt=DT))],
    )
    ds = nb.simulate(net, 10.0, DT, record=["A.spike", "B.v", "B.spike"])
    (sent,), (fired,) = steps_of(ds, "A"), steps_of(ds, "B")
    v = ds["B.v"].to_numpy()[:, 0]
    assert fired == sent + 10
    assert (v[fired : fired + 21] == 10.0).all()
    assert v[sent + 31] == pytest.approx(v[sent + 30] * (1 - DT / 20) + 5.0)


def busy(seed: int = 1, **keywords: object) -> nb.Network:
    """A recurrent network with delays, heterogeneity and every kind of spiking unit."""
    rng = np.random.default_rng(seed)
    populations = {
        "E": lif(20, parameters={"tau": nb.Uniform(15, 25)}, initial={"v": nb.Uniform(0, 20)}),
        "I": nb.Population(nb.models.lif_exponential, 8, initial={"v": nb.Uniform(0, 20)}),
    }
    projections = [
        nb.Projection("E.spike", "E.v", weight=0.3, delay=nb.Uniform(0.1, 3.0), rule=nb.FixedInDegree(5)),
        nb.Projection("E.spike", "I.i_syn", weight=rng.uniform(0, 3, (8, 20)), delay=1.0),
        nb.Projection("I.spike", "E.v", weight=-0.5, delay=0.4, name="fast"),
        nb.Projection("I.i_syn", "E.I_ext", weight=-0.1, delay=2.0, name="slow"),
    ]
    stimuli = [
        nb.Stimulus("E.I_ext", nb.Step(24.0), name="drive"),
        nb.Stimulus("I.I_ext", nb.Sine(8.0, 5.0, offset=15.0)),
    ]
    return nb.Network(populations, projections, stimuli)


RECORD = ["E.v", "I.i_syn", "E.spike", "I.spike"]


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_spikes_and_bits_do_not_depend_on_how_a_run_is_cut(chunk):
    steps = 1400
    whole = nb.Simulation(busy(), dt=DT).run(steps * DT, record=RECORD)
    sim = nb.Simulation(busy(), dt=DT)
    pieces = [sim.run(chunk * DT, record=RECORD) for _ in range(steps // chunk)]
    assert whole["E.spike_time"].size > 50
    assert whole["I.spike_time"].size > 5
    for path in ("E.v", "I.i_syn", "E.spike_time", "E.spike_unit", "I.spike_time", "I.spike_unit"):
        assert np.concatenate([p[path].to_numpy() for p in pieces]).tobytes() == whole[path].to_numpy().tobytes()


def test_recording_an_algebraic_variable_does_not_spend_spikes():
    """Its last sample is computed by a step that does not count."""
    model = nb.Model(
        "m",
        nb.models.lif.equations + "\n y = 2*v",
        nb.models.lif.states,
        nb.models.lif.inputs,
        nb.models.lif.parameters,
        ("v",),
        "v >= v_th",
        "v = v_reset",
        "t_ref",
    )
    for reset_at in ("start", "end"):
        made = nb.Model(
            "m",
            model.equations,
            model.states,
            model.inputs,
            model.parameters,
            ("v",),
            "v >= v_th",
            "v = v_reset",
            "t_ref",
            reset_at,
        )
        net = nb.Network(
            {"E": nb.Population(made, 1)},
            [nb.Projection("E.spike", "E.v", weight=1.0, delay=0.5)],
            [nb.Stimulus("E.I_ext", nb.Step(35.0))],
        )
        whole = nb.simulate(net, 100.0, DT)
        sim = nb.Simulation(net, dt=DT)
        pieces = [sim.run(DT, record=["E.y", "E.spike"]) for _ in range(1000)]
        assert [step for piece in pieces for step in steps_of(piece, "E")] == steps_of(whole, "E")


def test_reset_starts_again_without_old_spikes():
    sim = nb.Simulation(busy(), dt=DT)
    first = sim.run(50.0, record=RECORD)
    sim.reset()
    second = sim.run(50.0, record=RECORD)
    for path in ("E.v", "E.spike_time", "I.spike_unit"):
        assert second[path].to_numpy().tobytes() == first[path].to_numpy().tobytes()


def test_spikes_stay_silent_when_nobody_asked_for_them():
    ds = nb.simulate(busy(), 50.0, DT, record=["I.spike"])
    assert "E.spike_time" not in ds
    assert ds["I.spike_time"].dims == ("I.spike",)
    assert set(nb.simulate(busy(), 5.0, DT).data_vars) >= {"E.spike_time", "I.spike_time"}


def test_a_gain_scales_what_spikes_bring():
    doubled = chain(1.0, weight=2.5).with_value("A->B.gain", 2.0)
    sim = nb.Simulation(chain(1.0, weight=2.5), dt=DT)
    sim.set("A->B.gain", 2.0)
    one = sim.run(20.0, record=["B.v"])["B.v"].to_numpy()
    two = nb.simulate(doubled, 20.0, DT, record=["B.v"])["B.v"].to_numpy()
    assert one.max() == 5.0
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("name", ["qif", "qif_adaptation", "lif", "lif_exponential", "adex", "izhikevich"])
def test_every_shipped_spiking_unit_fires_when_it_is_driven_and_rests_when_it_is_not(name):
    model = getattr(nb.models, name)
    drive = {
        "qif": 20.0,
        "qif_adaptation": 30.0,
        "lif": 30.0,
        "lif_exponential": 30.0,
        "adex": 1000.0,
        "izhikevich": 10.0,
    }
    unit = model.time_unit
    duration, dt = (30.0, 1e-3) if unit == "1" else (400.0, 0.05)
    net = nb.Network({"E": nb.Population(model, 1)}, time_unit=unit)
    assert nb.simulate(net, duration, dt)["E.spike_time"].size == 0
    driven = nb.Network(net.populations, stimuli=[nb.Stimulus("E.I_ext", nb.Step(drive[name]))], time_unit=unit)
    intervals = np.diff(nb.simulate(driven, duration, dt)["E.spike_time"].to_numpy())
    assert len(intervals) > 4
    if name in ("adex", "izhikevich", "qif_adaptation"):
        assert intervals[-1] > 1.1 * intervals[0]  # adaptation


def test_the_interval_of_a_driven_quadratic_neuron():
    """tau dv/dt = v^2 + I takes (atan(v_th/sqrt I) - atan(v_reset/sqrt I)) / sqrt I from reset to threshold."""
    current, dt = 4.0, 1e-4
    net = nb.Network(
        {"E": nb.Population(nb.models.qif, 1)}, stimuli=[nb.Stimulus("E.I_ext", nb.Step(current + 5))], time_unit="1"
    )
    intervals = np.diff(nb.simulate(net, 8.0, dt)["E.spike_time"].to_numpy())
    root = np.sqrt(current)
    assert intervals.mean() == pytest.approx(2 * np.arctan(100 / root) / root, rel=5e-3)
