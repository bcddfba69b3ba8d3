"""Law: bumps and fronts are those of the network's own kernel, and there are none for other units, lines or drives."""

import numpy as np
import pytest

import nbkit as nb
from nbkit.study.fronts import lattice_front
from nbkit.study.ready.space import bump_width, front_speed, offered
from tests.conformance.theory_networks import MEXICAN_HAT, bump, front, threshold_field

study = nb.study


# Formulas


@pytest.mark.parametrize("h", [0.1, 0.2, 0.35, 0.5, 0.6, 0.9])
@pytest.mark.parametrize("speed", [None, 3.0, 0.5])
def test_the_speed_of_any_kernel_is_the_known_one_for_an_exponential(h, speed):
    def falls(x):
        return np.exp(-x / 2.0) / 4.0

    found = study.kernel_front_speed(h, falls, longest=80.0, tau=3.0, conduction=speed)
    assert found == pytest.approx(study.front_speed(h, width=2.0, tau=3.0, conduction=speed), abs=1e-9)


def test_a_delay_of_all_signals_slows_a_front():
    """For an exponential kernel h = integral from cD of w (1 - e^(-(x/c - D))) = e^(-cD) / (2 (1 + c))."""

    def falls(x):
        return np.exp(-x) / 2

    c = study.kernel_front_speed(0.2, falls, longest=60.0, delay=0.4)
    assert np.exp(-0.4 * c) / (2 * (1 + c)) == pytest.approx(0.2, rel=1e-6)
    assert c < 1.5


def test_conduction_adds_to_the_time_of_any_kernel():
    def bell(x):
        return np.exp(-(x**2) / 2)

    free = study.kernel_front_speed(0.5, bell, longest=12.0)
    assert 1 / study.kernel_front_speed(0.5, bell, longest=12.0, conduction=2.0) == pytest.approx(1 / free + 0.5)


@pytest.mark.parametrize(
    "call",
    [
        lambda: study.kernel_front_speed(0.0, np.exp, longest=1.0),
        lambda: study.kernel_front_speed(0.2, lambda x: 1 - x, longest=5.0),
        lambda: study.kernel_front_speed(0.2, lambda _: 1 / 0, longest=5.0),
        lambda: study.kernel_front_speed(0.2, lambda _: 1.0, longest=5.0),
        lambda: study.kernel_front_speed(2.5, lambda x: np.exp(-x), longest=50.0),
        lambda: study.kernel_front_speed(0.2, lambda x: np.exp(-x), longest=50.0, tau=-1.0),
        lambda: study.kernel_front_speed(0.2, lambda x: np.exp(-x), longest=50.0, delay=-1.0),
    ],
)
def test_what_makes_no_field_is_refused(call):
    with pytest.raises(nb.NbkitError) as error:
        call()
    assert error.value.code == "bad-value"


def test_units_are_followed_one_by_one():
    """Only neighbours reach each other: a unit wakes when w (1 - decay^n) reaches the threshold."""
    weights, late = np.array([1.0]), np.array([0])
    assert lattice_front(0.4, weights, 0.0, 0.9, late) == 5  # 1 - 0.9^5 = 0.41
    assert lattice_front(0.4, weights, 0.0, 0.9, np.array([7])) == 12
    assert lattice_front(0.4, weights, 5.0, 0.9, late) == 5, "its own weight does not wake a unit"
    assert lattice_front(1.0, weights, 0.0, 0.9, late) == np.inf
    assert lattice_front(1.6, weights, 0.0, 0.9, late) == -5, "rest invades with 2 - 1.6"


# Networks


def test_a_bump_has_the_width_of_its_kernel():
    width = bump_width(bump())
    assert width.value == pytest.approx(2.5426, abs=1e-4)
    assert width.value == pytest.approx(study.bump_widths(0.2)[1].width, rel=1e-9)
    assert bump_width(bump(spacing=0.025)).atol == pytest.approx(width.atol / 2, rel=1e-6)
    slope = (width.value - 1) * np.exp(-width.value)
    assert width.atol == pytest.approx(0.05 * ((1 + slope) / 2 / slope + 1.5), rel=1e-6)
    per_synapse = bump(kernel=nb.Expression("0.05*(1 - d)*exp(-d)"), weight_is="synapse")
    assert bump_width(per_synapse).value == pytest.approx(width.value)
    turned = nb.Model("turned", "dv/dt = (u - v)/tau\nf = (h < v)", states={"v": 0.0}, inputs={"u": 0.0},
                      parameters={"tau": 1.0, "h": 0.2}, time_unit="1")  # fmt: skip
    assert bump_width(bump(model=turned)).value == pytest.approx(width.value)


def named(text, name="other", **parameters):
    return nb.Model(name, text, states={"v": 0.0}, inputs={"u": 0.0}, parameters={"tau": 1.0, "h": 0.2, **parameters},
                    time_unit="1")  # fmt: skip


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (bump(h=0.4), "no bump has the threshold 0.4"),
        (bump(h=-0.1), "rest is awake: the threshold is -0.1"),
        (bump(spacing=0.5), "units 0.5 apart are too far apart"),
        (bump(kernel=nb.kernels.Exponential(0.5, 1.0)), "no stable bump has the threshold 0.2"),
        (bump(h=0.1, kernel=nb.Expression("exp(-0.05*d)*cos(d)")), "bumps of 2 widths are stable: 3.133, 9.394"),
        (bump(h=np.linspace(0.1, 0.3, 400)), "E.h differs between them"),
        (bump(projections=[nb.Projection("E.f", "E.u", name="x")]), "onto E comes E.f, E.f"),
        (bump(stimuli=[nb.Stimulus("E.u", nb.Noise(0.1))]), "E.u is no constant, but of the kind Noise"),
        (bump(stimuli=[nb.Stimulus("E.u", nb.Step(0.1), units=[3])]), "drives some units alone"),
        (bump(stimuli=[nb.Stimulus("E.u", nb.Expression("0.1*x"))]), "of the kind Expression"),
        (bump(model=named("tau * dv/dt = -v + 2*u\nf = (v >= h)")), "the equation of E is another one"),
        (bump(model=named("tau * dv/dt = -v + u - v**3\nf = (v >= h)")), "the equation of E is another one"),
        (bump(model=named("tau * dv/dt = -v + u\nf = 1/(1 + exp(h - v))")), "units that send 1 above a threshold"),
    ],
)  # fmt: skip
def test_other_fields_have_no_bump(net, words):
    width = bump_width(net)
    assert width.value is None
    assert words in str(width.verdict)


def test_sheets_chosen_units_and_drawn_weights_have_no_bump():
    sheet = nb.Population(threshold_field, (20, 20))
    flat = nb.Network({"E": sheet}, [nb.Projection("E.f", "E.u", weight=MEXICAN_HAT)], time_unit="1")
    assert "E is a sheet" in str(bump_width(flat).verdict)
    drawn = nb.Network(
        {"E": nb.Population(threshold_field, 20)}, [nb.Projection("E.f", "E.u", weight=nb.Normal(0, 1))], time_unit="1"
    )
    assert "E is without places" in str(bump_width(drawn).verdict)
    assert list(offered(drawn, None)) == []
    part = bump()
    chosen = nb.Projection("E.f", "E.u", weight=MEXICAN_HAT, source_units=slice(0, 10), target_units=slice(0, 10))
    connected = nb.Network(part.populations, [chosen], time_unit="1")
    assert "E->E connects chosen units" in str(bump_width(connected).verdict)


def test_a_missing_weight_onto_itself_is_told():
    alone = bump_width(bump(rule=nb.AllToAll(autapses=False)))
    assert alone.verdict.answer == "approximately"
    assert alone.atol > bump_width(bump()).atol


def test_a_kernel_that_breaks_its_bump_apart_has_none():
    """Narrow excitation and a second hill of it: a bump would wake units at the distance of the hill."""
    hills = nb.Expression("1.2*exp(-d**2) - 0.6*exp(-(d/2)**2) + 1.5*exp(-(d - 6)**2)")
    net = bump(2.0, h=0.15, kernel=hills)
    assert "a bump 2.063 wide would wake units outside" in str(bump_width(net).verdict)
    awake = nb.simulate(net, 40.0, 0.1)["E.v"].to_numpy() >= 0.15
    assert awake[-1].sum() > 2 * awake[0].sum()


def test_a_front_has_the_speed_of_theory():
    assert front_speed(front(0.2)).value == pytest.approx(1.5, rel=1e-6)
    assert front_speed(front(0.2, nb.ConductionDelay(3.0))).value == pytest.approx(1.0, rel=1e-6)
    assert front_speed(front(0.6)).value == pytest.approx(-0.25, rel=1e-6)
    assert front_speed(front(0.2), dt=0.01).value == pytest.approx(1.489, abs=1e-3)
    assert front_speed(front(0.2, nb.ConductionDelay(3.0)), dt=0.01).value == pytest.approx(1.0, abs=1e-12)
    closer = [front_speed(front(0.2, spacing=s)).atol for s in (0.1, 0.05, 0.025)]
    assert closer[0] > closer[1] > closer[2]


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (front(0.2, nb.Uniform(0.1, 0.2)), "E->E has delays that are drawn"),
        (front(0.2, kernel=nb.kernels.Exponential(0.5, width=20.0)), "the line is too short for its kernel"),
        (front(0.5, kernel=nb.kernels.Exponential(0.2, width=1.0)), "is not between 0 and the kernel's weight of 0.4"),
        (front(0.35, spacing=0.8), "it is pinned"),
        (bump(), "this one is negative at 1.0"),
    ],
)
def test_other_lines_have_no_front(net, words):
    speed = front_speed(net)
    assert speed.value is None
    assert words in str(speed.verdict)
    assert "is not" in str(front_speed(front(), dt=1.0).verdict)


def test_measurements_fail_closed():
    ds = nb.simulate(front(0.2), 2.0, 0.02)
    assert not front_speed(front(0.2), dt=0.01).check(ds).holds, "another step"
    still = nb.simulate(front(0.35, spacing=0.8), 5.0, 0.05)
    assert not nb.Prediction("c", 0.4, measure=front_speed(front(0.35)).measure).check(still).holds
    asleep = nb.simulate(bump(0.0), 1.0, 0.1)
    assert not nb.Prediction("c", 0.4, measure=front_speed(front(0.35)).measure).check(asleep).holds
    some = nb.simulate(bump(), 1.0, 0.1, record=[nb.Record("E.v", units=slice(0, 10))])
    with pytest.raises(nb.NbkitError, match="some units of the line"):
        bump_width(bump()).check(some)


def test_the_list_has_bumps_or_fronts():
    assert [p.name for p in offered(bump(), 0.1)] == ["Width of the bump of E"]
    assert [p.name for p in offered(front(), 0.1)] == [
        "Speed of the front of E",
        "Speed of the front of E at this step",
    ]
    for p in [*offered(bump(), None), *offered(front(), 0.02)]:
        assert p.for_network(bump() if "bump" in p.name else front()).value == p.value
    assert bump_width(bump()).applies(bump(3.0))
    assert not bump_width(bump()).applies(bump(h=0.25))
