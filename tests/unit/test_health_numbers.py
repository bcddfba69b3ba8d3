"""Law: the numbers behind health: units at the start, resting points, steps of modes, delays, forecasts, remedies."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import nbkit as nb
from nbkit.run.memory import SHARE
from nbkit.study.checkups.chart import Chart
from nbkit.study.checkups.finding import PlannedRun, told_time
from nbkit.study.checkups.forecast import told_bytes, told_seconds
from nbkit.study.checkups.lean import HEAVY, lean
from nbkit.study.checkups.modes import RestingPoint, judge, resting_points
from nbkit.study.checkups.realised import RealisedDelay, realised_delay
from nbkit.study.checkups.remedies import DIVISORS, finer, fitting, longer, smaller
from nbkit.study.checkups.rest import resting
from nbkit.study.checkups.rheobase import silent
from nbkit.study.checkups.units import units_of

M = nb.models
LEAK = M.leaky_integrator
BELL = nb.kernels.Gaussian(1.0, width=0.1)


def one(model: nb.Model, size: Any = 3, time_unit: str = "ms", **population: Any) -> nb.Network:
    return nb.Network({"N": nb.Population(model, size, **population)}, time_unit=time_unit)


def plan(network: nb.Network, dt: Any = 0.1, duration: Any = 100.0, **keywords: Any) -> PlannedRun:
    return PlannedRun(network, dt, duration, **keywords)


def chart(*arguments: Any, **keywords: Any) -> Chart:
    return Chart(plan(*arguments, **keywords))


def pair(drive: float) -> nb.Network:
    return nb.Network({"N": nb.Population(M.wilson_cowan_pair, 1)}, stimuli=[nb.Stimulus("N.P", nb.Step(drive))])


# ---------------------------------------------------------------- units


def test_units_move_and_decay_as_their_equations_say() -> None:
    units = units_of(one(LEAK, initial={"x": 2.0}, parameters={"tau": 8.0}), "N")
    assert units.speed().tolist() == [[-0.25]]
    assert units.slopes().tolist() == [[[pytest.approx(-1 / 8, rel=1e-8)]]]


def test_slopes_are_rows_by_columns() -> None:
    units = units_of(one(M.fitzhugh_nagumo, time_unit="1", initial={"v": 0.0}), "N")
    expected = [[1.0, -1.0], [0.08, -0.064]]  # at v = 0: 1 - v**2, -1; 0.08, -0.08*0.8
    np.testing.assert_allclose(units.slopes()[0], expected, rtol=1e-6)


def test_laws_and_arrays_are_represented_by_their_ends() -> None:
    tau = nb.Uniform(4.0, 12.0)
    drawn = units_of(one(LEAK, parameters={"tau": tau}, initial={"x": [1.0, 2.0, 9.0]}), "N")
    assert drawn.known["tau"].tolist() == [8.0, pytest.approx(4.08), pytest.approx(11.92), 8.0, 8.0]
    assert drawn.known["x"].tolist() == [2.0, 2.0, 2.0, 1.0, 9.0]
    placed = one(LEAK, (3000, 3000), parameters={"tau": nb.Expression("5 + x")})
    assert units_of(placed, "N").known["tau"] == pytest.approx([5.5, 5.0025, 5.9975], rel=1e-3)


@pytest.mark.filterwarnings("ignore::nbkit.errors.NbkitNote")
@pytest.mark.parametrize(("unit", "scale"), [("ms", 1e-3), ("s", 1.0)])
def test_rates_are_in_the_networks_time(unit: str, scale: float) -> None:
    rates = np.linalg.eigvals(units_of(one(M.jansen_rit_interneuron, time_unit=unit), "N").slopes()[0])
    np.testing.assert_allclose(rates.real, -100.0 * scale, rtol=1e-3)  # a = 100 per second


def test_a_time_scale_is_respected() -> None:
    net = nb.Network({"N": nb.Population(M.fitzhugh_nagumo, 1, initial={"v": 0.0}, time_scale="10 ms")})
    np.testing.assert_allclose(units_of(net, "N").slopes()[0, 0, 0], 0.1, rtol=1e-6)


# ---------------------------------------------------------------- resting points and modes


@pytest.mark.parametrize(
    ("drive", "at", "stable"),
    [(0.5, 0.006324, True), (1.0, 0.02825, True), (1.25, 0.2017, False), (2.0, 0.2572, True), (3.0, 0.3220, True)],
)
def test_the_points_where_the_pair_rests_are_found(drive: float, at: float, stable: bool) -> None:  # noqa: FBT001
    points = judge(pair(drive), 1000.0, 0.1, None).points
    near = [p for p in points if p.values[0] == pytest.approx(at, rel=1e-3)]
    assert [p.stable for p in near] == [stable]


def test_nothing_moves_at_a_resting_point() -> None:
    for net in (pair(1.0), one(M.hodgkin_huxley, 1), one(M.jansen_rit, 1, "s"), one(M.fitzhugh_nagumo, 1, "1")):
        flow = nb.study.flow_of(net)
        points = resting_points(flow)
        assert points
        for point in points:
            scale = np.abs(flow.slopes(point)).max() * np.abs(point).max()
            assert np.abs(flow.speed(point)).max() <= 1e-6 * max(scale, 1e-3)
            assert resting_points(flow)[0].tolist() == points[0].tolist()  # seeded


def test_a_point_beyond_the_limits_or_the_sense_of_a_model_is_left_out() -> None:
    bounded = nb.Model("b", "dx/dt = -(x - a)", states={"x": nb.State(0.0, limits=(0.0, 1.0))}, parameters={"a": 0.5})
    assert len(judge(one(bounded, 1), 100.0, 0.1, None).points) == 1
    assert judge(one(bounded, 1, parameters={"a": 2.0}), 100.0, 0.1, None).points == ()
    stiff = nb.Model("s", "dx/dt = -1e7*(x - 1)", states={"x": 0.0})
    assert judge(one(stiff, 1), 100.0, 0.1, None).points == ()
    (rest,) = judge(one(M.hodgkin_huxley, 1), 100.0, 0.01, None).points
    assert rest.values[0] == pytest.approx(-65.0, abs=0.5)


def test_stimuli_are_held_at_the_end_of_the_run() -> None:
    late = dataclasses.replace(pair(0.0), stimuli=[nb.Stimulus("N.P", nb.Step(2.0, start=500.0))])
    (early,) = judge(late, 400.0, 0.1, None).points
    (end,) = judge(late, 600.0, 0.1, None).points
    assert early.values[0] < 0.01
    assert end.values[0] == pytest.approx(0.2572, rel=1e-3)


@pytest.mark.parametrize(
    ("network", "word"),
    [
        (nb.Network({"E": nb.Population(LEAK, 3)}, [nb.Projection("E.x", "E.u", delay="1 ms")]), "delays"),
        (nb.Network({"E": nb.Population(LEAK, 3)}, [nb.Projection("E.x", "E.u", delay=2.0, spread=1.0)]), "delays"),
        (nb.Network({"E": nb.Population(LEAK, (9,))}, [nb.Projection("E.x", "E.u", weight=BELL)]), "weights in space"),
        (nb.Network({f"E{i}": nb.Population(LEAK, 1) for i in range(41)}), "41"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_has_a_reason(network: nb.Network, word: str) -> None:
    judgement = judge(network, 100.0, 0.1, None)
    assert judgement.points == ()
    assert word in judgement.reason


def test_a_delay_of_zero_in_words_is_none() -> None:
    net = nb.Network({"E": nb.Population(LEAK, 3)}, [nb.Projection("E.x", "E.u", weight=0.5, delay="0 ms")])
    assert len(judge(net, 100.0, 0.1, None).points) == 1


def test_spikes_are_not_expected_to_be_judged() -> None:
    judgement = judge(one(M.lif), 100.0, 0.1, None)
    assert (judgement.points, judgement.reason) == ((), "")


def spiral(damping: float, turn: float, exact: bool = False) -> RestingPoint:  # noqa: FBT001, FBT002
    slopes = np.array([[-damping, turn], [-turn, -damping]])
    return RestingPoint(("N.x", "N.y"), np.zeros(2), slopes, slopes * np.eye(2), np.array([exact, exact]))


def test_the_longest_step_of_a_spiral_is_the_formula() -> None:
    point = spiral(0.01, 0.3)
    limit = 2 * 0.01 / (0.01**2 + 0.3**2)
    assert point.longest_step(0.1, 1e6) == pytest.approx(limit)
    assert point.radius(0.999 * limit) < 1 < point.radius(1.001 * limit)
    assert np.sort_complex(point.factors(0.1)) == pytest.approx(np.sort_complex(1 + 0.1 * point.rates))


def test_a_mode_that_hardly_dies_out_is_let_grow_unseen() -> None:
    point, dt, length = spiral(0.0, 1.0), 0.001, 100.0
    assert point.stable
    assert point.longest_step(dt, length) == pytest.approx(2 * np.log(1.1) / length)
    steps = length / point.longest_step(dt, length)
    assert point.radius(length / steps) ** steps == pytest.approx(1.1, rel=1e-3)


def test_exact_steps_have_a_longest_step_of_their_own() -> None:
    one_state = RestingPoint(("N.x",), np.zeros(1), np.array([[-5.1]]), np.array([[-0.1]]), np.array([True]))
    # x+ = e^(-h/10) x - 50 (1 - e^(-h/10)) x, which is -1 where e^(-h/10) = 49/51
    assert one_state.longest_step(1.0, 1e9) == pytest.approx(-10 * np.log(49 / 51), rel=1e-6)
    assert one_state.longest_step(0.1, 1e9) == np.inf


def test_the_share_of_damping_that_is_left_is_told() -> None:
    point = spiral(0.01, 0.3)
    limit = point.longest_step(0.1, 1e6)
    _, share = point.weakest(limit / 2, 1e6)
    assert share == pytest.approx(0.5, rel=0.02)
    assert point.weakest(limit / 2, 50.0)[1] == 1.0  # in so short a run it does not die out anyway


# ---------------------------------------------------------------- rest and rheobase


def test_activity_spreads_through_projections() -> None:
    chain = nb.Network(
        {n: nb.Population(M.wilson_cowan, 2) for n in "ABCD"},
        [nb.Projection("A.r", "B.r_in"), nb.Projection("B.r", "C.r_in", gain=0.0), nb.Projection("D.r", "C.r_in")],
        [nb.Stimulus("A.r_ext", nb.Step(1.0))],
    )
    assert resting(chain, 100.0) == ["C", "D"]
    assert resting(chain.with_value("B->C.gain", 1.0), 100.0) == ["D"]


def test_a_source_that_is_not_zero_drives() -> None:
    constant = nb.Model("c", "dx/dt = 0*x\ny = 1 + x", states={"x": 0.0})
    both = {"C": nb.Population(constant, 2), "E": nb.Population(LEAK, 2)}
    assert resting(nb.Network(both, [nb.Projection("C.x", "E.u")]), 100.0) == ["C", "E"]
    assert resting(nb.Network(both, [nb.Projection("C.y", "E.u")]), 100.0) == ["C"]


def test_noise_and_other_starts_are_no_rest() -> None:
    noisy = nb.Model("n", "dx/dt = -x + xi", states={"x": 0.0})
    assert resting(one(noisy), 100.0) == []
    assert resting(one(LEAK, initial={"x": nb.Normal(0.0, 1.0)}), 100.0) == []
    assert resting(one(LEAK, initial={"x": [0.0, 0.0, 1.0]}), 100.0) == []
    assert resting(one(LEAK), 100.0) == ["N"]


def test_the_silent_microcircuit_is_told_as_its_maker_tells_it() -> None:
    with pytest.warns(nb.NbkitNote, match="below the current") as caught:
        net = nb.networks.microcircuit(0.1, background="dc")
    told = silent(net)
    below = [name for name in net.populations if net.value(f"{name}.I_e") <= 375.0]
    assert sorted(told) == sorted(below)
    assert all(name in str(caught[0].message) for name in below)
    assert [name for name, helped in told.items() if helped] == ["L6E"]


@pytest.mark.parametrize(
    ("signal", "quiet"),
    [
        (nb.Step(19.9), True),
        (nb.Step(20.1), False),
        (nb.Sine(10.0, 5.0, offset=9.0), True),
        (nb.Sine(10.0, 5.0, offset=11.0), False),
        (nb.Pulse(1.0, 2.0, 25.0), False),
        (nb.Recorded(np.full(10, 19.0), 1.0), True),
        (nb.Noise(1.0), False),
        (nb.Expression("15 + 0*t"), False),
    ],
)
def test_what_never_reaches_the_threshold_is_silent(signal: Any, quiet: bool) -> None:  # noqa: FBT001
    net = dataclasses.replace(one(M.lif), stimuli=[nb.Stimulus("N.I_ext", signal)])
    assert ("N" in silent(net)) == quiet


def test_neurons_that_are_not_linear_or_hear_rates_are_not_judged() -> None:
    assert silent(one(M.izhikevich)) == {}
    assert silent(one(M.qif, time_unit="1")) == {}
    both = {"L": nb.Population(M.lif, 2), "E": nb.Population(LEAK, 2)}
    assert silent(nb.Network(both, [nb.Projection("E.x", "L.I_ext")])) == {}
    assert list(silent(nb.Network(both))) == ["L"]


# ---------------------------------------------------------------- delays


def field(speed: float, cutoff: float | None = None) -> nb.Network:
    line = nb.Population(LEAK, (11,), extent=11.0, initial={"x": 1.0})
    kernel = nb.kernels.Exponential(1.0, width=1.0, cutoff=cutoff)
    late = nb.Projection("E.x", "E.u", weight=kernel, delay=nb.ConductionDelay(speed, base=0.2))
    return nb.Network({"E": line}, [late])


def delay_of(delay: Any, dt: float = 0.1, source: str = "x", **keywords: Any) -> RealisedDelay:
    model, target = (LEAK, "u") if source == "x" else (M.lif, "v")
    net = nb.Network(
        {"E": nb.Population(model, 40)}, [nb.Projection(f"E.{source}", f"E.{target}", delay=delay, **keywords)]
    )
    return realised_delay(net, net.projections[0], dt)


def test_given_delays_are_told_as_they_are_realised() -> None:
    sharp = delay_of("0.26 ms")
    assert (sharp.wanted, sharp.least, sharp.mean, sharp.longest) == (0.26, *[pytest.approx(0.3)] * 3)
    assert delay_of(0.04).lost == 1.0
    assert sharp.told("ms") == "0.26 ms asked, 0.3 ms realised"
    many = delay_of(np.array([0.0, 0.14, 0.16, 0.3]), rule=nb.Explicit([0, 1, 2, 3], [1, 2, 3, 4]))
    assert (many.least, many.mean, many.longest) == pytest.approx((0.0, 0.15, 0.3))


@pytest.mark.parametrize(
    "law", [nb.Uniform(0.0, 3.0), nb.Truncated(nb.Normal(1.5, 0.75), low=0.05), nb.Exponential(1.0)]
)
def test_drawn_delays_are_foretold(law: Any) -> None:
    told = delay_of(law)
    drawn = np.floor(law.draw(np.random.default_rng(1), (1600,)) / 0.1 + 0.5) * 0.1
    assert told.mean == pytest.approx(drawn.mean(), rel=0.08)
    assert told.longest == pytest.approx(drawn.max(), rel=0.4)
    assert told.lost == pytest.approx((drawn == 0).mean(), abs=0.02)


def test_the_ends_of_a_law_do_not_move_its_mean() -> None:
    assert delay_of(nb.Exponential(1.0)).wanted == pytest.approx(1.0, rel=0.01)
    spikes = delay_of(nb.Truncated(nb.Exponential(0.2), low=0.05), source="spike")
    assert (spikes.least, spikes.lost) == (pytest.approx(0.1), 0.0)


@pytest.mark.parametrize("cutoff", [None, 3.0])
def test_conduction_delays_are_those_that_a_run_has(cutoff: float | None) -> None:
    net = field(2.0, cutoff)
    told = realised_delay(net, net.projections[0], 0.1)
    ran = nb.simulate(net, 1.0, 0.1)["E->E.realised_delay"]
    connected = ran.values[np.abs(np.arange(-10, 11)) <= (cutoff or 99)] if ran.ndim == 2 else ran.values
    assert told.least == pytest.approx(connected.min())
    assert told.longest == pytest.approx(connected.max())


# ---------------------------------------------------------------- forecast


def test_heavy_connections_are_counted_not_made() -> None:
    net = nb.Network({"E": nb.Population(LEAK, 2000)}, [
        nb.Projection("E.x", "E.u", weight=nb.Normal(0.0, 0.1), name="dense"),
        nb.Projection("E.x", "E.u", rule=nb.Bernoulli(0.5), delay=nb.Uniform(0.5, 3.0), name="late"),
        nb.Projection("E.x", "E.u", rule=nb.FixedInDegree(3), name="light"),
    ])  # fmt: skip
    made = lean(net, 0.1, 0, "error", None)
    assert [p.name for p in made.heavy] == ["dense", "late"]
    assert made.program is not None
    assert sum(c.weights.size for c in made.program.couplings if c.name != "light") <= 2 * 2000
    assert made.bytes_to_make["dense"] == 2000 * 2000 * 8 > HEAVY
    assert max(s.history for s in made.program.slots) == 30


def test_problems_of_one_part_do_not_hide_the_rest() -> None:
    net = nb.Network(
        {"L": nb.Population(M.lif, 3, {"t_ref": 2.05})},
        [
            nb.Projection("L.spike", "L.v", delay=nb.Exponential(1.0)),
            nb.Projection("L.spike", "L.v", delay=1.23, name="b"),
        ],
    )
    codes = [p.code for p in lean(net, 0.1, 0, "error", None).problems]
    assert sorted(codes) == ["delay-below-step", "delay-off-grid", "refractory-off-grid"]


def test_more_work_takes_longer() -> None:
    def seconds(size: int, duration: float = 100.0) -> float:
        net = nb.Network(
            {"E": nb.Population(M.wilson_cowan, size)}, [nb.Projection("E.r", "E.r_in", weight=nb.Normal(0, 1))]
        )
        taken = nb.health(net, 0.1, duration).forecast
        assert taken is not None
        return taken.seconds

    first, second, third = (seconds(10, duration) for duration in (0.1, 1000.1, 10_000.1))
    assert third - first == pytest.approx(10 * (second - first), rel=0.1)
    assert seconds(3000) > 20 * seconds(300)


def test_numbers_read_well() -> None:
    assert [told_bytes(n) for n in (0, 2.5e6, 2.5e7, 3e9, 4e10)] == ["1 MB", "2.5 MB", "25 MB", "3 GB", "40 GB"]
    assert [told_seconds(s) for s in (1e-5, 0.26, 1.26, 60.0, 7200.0)] == ["0.01 s", "0.3 s", "1.3 s", "1 min", "2 h"]
    assert told_time(0.1 / 3, "ms") == "0.03333 ms"


class Limit:
    """A machine that has so many bytes left."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch

    def is_(self, number: float) -> None:
        for name in ("forecast", "lean", "problems"):
            self.patch.setattr(f"nbkit.study.checkups.{name}.available", lambda: int(number))


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Limit:
    return Limit(monkeypatch)


def starved(net: nb.Network, duration: float = 1000.0, **keywords: Any) -> Any:
    health = nb.health(net, 0.1, duration, **keywords)
    (finding,) = [f for f in health.findings if f.code == "too-much-memory"]
    assert not health.ready
    for remedy in [remedy for remedy in finding.remedies if remedy.changes]:
        assert [f for f in health.after(remedy).findings if f.code == "too-much-memory"] == []
    return finding


def test_a_recording_that_does_not_fit_is_thinned(limit: Limit) -> None:
    limit.is_(2e7)
    finding = starved(one(LEAK, 500, initial={"x": 1.0}))
    assert finding.where == "record"
    kinds = [sorted(r.changes) for r in finding.remedies]
    assert 'out="run.zarr"' in finding.remedies[-1].words
    assert kinds[:3] == [["record"], ["record"], ["duration"]]
    thinned = finding.remedies[0].record
    assert thinned[0].every == 10
    assert finding.remedies[1].record[0].average == "population"


def test_a_network_that_does_not_fit_is_made_smaller(limit: Limit) -> None:
    limit.is_(3e7)
    net = nb.Network({"E": nb.Population(LEAK, 1500)}, [nb.Projection("E.x", "E.u", weight=nb.Normal(0.0, 0.02))])
    finding = starved(net, record=[nb.Record("E.x", average="population")])
    assert finding.where == "network"
    assert finding.remedies[-1].network.populations["E"].count < 1500


def test_single_precision_is_offered_where_it_is_enough(limit: Limit) -> None:
    net = nb.Network({"E": nb.Population(LEAK, 1500)}, [nb.Projection("E.x", "E.u", weight=nb.Normal(0.0, 0.02))])
    limit.is_(6.5e7)
    finding = starved(net, record=[nb.Record("E.x", average="population")])
    assert finding.remedies[0].precision == "float32"


def test_units_that_do_not_fit_are_not_even_looked_at(limit: Limit) -> None:
    limit.is_(16e9)
    finding = starved(one(LEAK, 2 * 10**9))
    assert "64 GB" in finding.what
    assert finding.remedies[0].network.populations["N"].count < 10**8


@pytest.mark.parametrize(("duration", "offered"), [(90.0, False), (100.0, True)])
def test_blocks_are_thinned_to_whole_blocks_only(limit: Limit, duration: float, offered: bool) -> None:  # noqa: FBT001
    kept, net = [nb.Record("N.x", every=2, average="block")], one(LEAK, 2000, initial={"x": 1.0})
    taken = nb.health(net, 0.1, duration, record=kept).forecast
    assert taken is not None
    limit.is_((taken.state_bytes + taken.recording_bytes / 7) / SHARE)  # a fourteenth: of the steps every 40th is kept
    remedies = starved(net, duration, record=kept).remedies
    every = [r.every for remedy in remedies for r in remedy.record or () if r.average == "block"]
    assert every == ([40] if offered else [])


# ---------------------------------------------------------------- numbers of remedies


def test_a_finer_step_stays_on_the_old_grid() -> None:
    run = plan(one(LEAK))
    for most in (0.09, 0.0269, 1e-3, 1.7e-4):
        dt = finer(run, most)
        assert dt is not None
        assert dt <= most
        assert round(0.1 / dt) in DIVISORS
        assert 0.1 / dt == pytest.approx(round(0.1 / dt))
    assert finer(run, 0.0) is None
    assert finer(run, 1e-9) is None


def test_a_fitting_step_fits_everything() -> None:
    net = nb.Network(
        {"L": nb.Population(M.lif, 3, {"t_ref": 2.05})},
        [nb.Projection("L.spike", "L.v", delay="1.5 ms"), nb.Projection("L.spike", "L.v", delay=0.75, name="b")],
        [nb.Stimulus("L.I_ext", nb.Recorded(np.ones(400), 0.25)), nb.Stimulus("L.v", nb.SpikeTimes([0.4, 3.2]))],
    )
    assert fitting(plan(net)) == 0.05
    assert fitting(plan(net.with_value("L.t_ref", np.pi))) is None


def test_a_longer_run_is_whole() -> None:
    run = plan(one(LEAK), 0.03, 3.0)
    for least in (7.0, 123.4, 0.031):
        duration = longer(run, least)
        assert duration >= least
        assert duration / 0.03 == pytest.approx(round(duration / 0.03), abs=1e-9)
        assert duration <= 1.2 * least + 0.03


def test_a_smaller_network_is_alike() -> None:
    half = smaller(nb.networks.brunel(100), 0.5)
    assert half is not None
    assert [p.count for p in half.populations.values()] == [200, 50]
    assert [p.rule.in_degree for p in half.projections] == [20, 20, 5, 5]  # type: ignore[attr-defined]
    quarter = smaller(nb.networks.microcircuit(0.1), 0.25)
    assert quarter is not None
    assert sum(p.rule.number for p in quarter.projections) == pytest.approx(2988807 / 16, rel=1e-4)  # type: ignore[attr-defined]
    sheet = smaller(one(LEAK, (40, 80), extent=2.0), 0.25)
    assert sheet is not None
    assert sheet.populations["N"].size == (20, 40)
    assert sheet.populations["N"].grid is not None
    assert sheet.populations["N"].grid.extent == (1.0, 2.0)


def test_arrays_fix_the_size_of_a_network() -> None:
    assert smaller(one(LEAK, parameters={"tau": [1.0, 2.0, 3.0]}), 0.5) is None
    loop = nb.Projection("N.x", "N.u", weight=np.eye(3))
    assert smaller(dataclasses.replace(one(LEAK), projections=[loop]), 0.5) is None
    chosen = nb.Stimulus("N.u", nb.Step(1.0), units=[0, 2])
    assert smaller(dataclasses.replace(one(LEAK), stimuli=[chosen]), 0.5) is None


def test_the_facts_are_looked_up_once() -> None:
    facts = chart(pair(2.0))
    assert facts.judgement is facts.judgement
    assert facts.lean is facts.lean
