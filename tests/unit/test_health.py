"""Law: every finding of health can be provoked, and whatever remedy it offers removes it."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nbkit as nb
from nbkit.errors import CODES
from nbkit.study.checkups.finding import HEALTH_CODES, HealthFinding, Remedy
from nbkit.study.health import Health

M = nb.models
LEAK = M.leaky_integrator
STEP = nb.Step(1.0)


def leaks(*stimuli: nb.Stimulus, size: Any = 3, **population: Any) -> nb.Network:
    """Leaky integrators that start apart from rest."""
    population.setdefault("initial", {"x": 1.0})
    return nb.Network({"E": nb.Population(LEAK, size, **population)}, stimuli=stimuli)


def loop(size: int = 3, **keywords: Any) -> nb.Network:
    """Leaky integrators that feed themselves, and get a step."""
    return dataclasses.replace(
        leaks(nb.Stimulus("E.u", STEP), size=size), projections=[nb.Projection("E.x", "E.u", **keywords)]
    )


def lifs(*stimuli: nb.Stimulus, model: nb.Model = M.lif, **parameters: Any) -> nb.Network:
    return nb.Network({"L": nb.Population(model, 3, parameters)}, stimuli=stimuli)


def spikes(**keywords: Any) -> nb.Network:
    """Neurons that fire, and a projection of their spikes."""
    firing = lifs(nb.Stimulus("L.I_ext", nb.Step(25.0)))
    return dataclasses.replace(firing, projections=[nb.Projection("L.spike", "L.v", **({"weight": 0.1} | keywords))])


def pair(drive: float) -> nb.Network:
    return nb.Network({"N": nb.Population(M.wilson_cowan_pair, 1)}, stimuli=[nb.Stimulus("N.P", nb.Step(drive))])


def look(network: nb.Network, dt: Any = 0.1, duration: Any = 100.0, **keywords: Any) -> Health:
    return nb.health(network, dt, duration, **keywords)


FAST = nb.Population(M.lif_exponential, 3, {"tau_s": 0.5}, {"v": 19.0})
BESIDE = {"E": nb.Population(LEAK, 3, initial={"x": 1.0}), "Z": nb.Population(LEAK, 3, initial={"x": 1.0})}
RATES = {"E": nb.Population(M.wilson_cowan, 3), "I": nb.Population(M.wilson_cowan_inhibitory, 3)}
TRAIN = nb.Network({"S": nb.Population(M.poisson_source, 3)}, stimuli=[nb.Stimulus("S.n", nb.Poisson(5000.0, 1.0))])
BROKEN = nb.Network({"E": nb.Population(LEAK, 3, {"tua": 3.0})}, [nb.Projection("E.x", "Q.u")])
BLOCKS = [nb.Record("E.x", every=7, average="block")]

#: code -> runs that have it, and the place where it is told
CASES: dict[str, list[tuple[str, Callable[[], Health]]]] = {
    "false-rhythm": [
        ("N.E", lambda: look(pair(2.0), 0.1, 1000.0)),
        ("E.x", lambda: look(loop(weight=-50.0, size=1), 1.0)),
        ("E.x", lambda: look(loop(weight=-50.0, size=1), 1.0, method="exact")),
    ],
    "weak-damping": [("N.E", lambda: look(pair(2.0), 0.04, 1000.0))],
    "not-judged": [("dt", lambda: look(loop(delay=1.0))), ("dt", lambda: look(loop(delay=nb.Uniform(1.0, 2.0))))],
    "step-too-long": [
        ("E.x", lambda: look(leaks(parameters={"tau": 0.08}))),
        ("E.x", lambda: look(leaks(parameters={"tau": 0.05}))),
    ],
    "coarse-step": [
        ("L.i_syn", lambda: look(nb.Network({"L": FAST}, stimuli=[nb.Stimulus("L.I_ext", nb.Step(25.0))]))),
        ("E.x", lambda: look(leaks(parameters={"tau": nb.Uniform(0.5, 20.0)}))),
        ("E.x", lambda: look(leaks(parameters={"tau": [0.5, 20.0, 20.0]}))),
    ],
    "ends-early": [("duration", lambda: look(leaks(), duration=5.0))],
    "discard-too-short": [("discard", lambda: look(leaks(), discard=2.0))],
    "never-arrives": [
        ("E->E.delay", lambda: look(loop(delay=200.0))),
        ("E->E.delay", lambda: look(loop(delay=np.full((3, 3), [1.0, 2.0, 200.0])))),
    ],
    "delay-rounded": [
        ("E->E.delay", lambda: look(loop(delay=0.26), 0.2, delays="nearest")),
        ("E->E.delay", lambda: look(loop(delay=nb.Uniform(0.0, 1.0), rule=nb.FixedInDegree(2)))),
    ],
    "nothing-drives": [
        ("E", lambda: look(nb.Network(RATES, [nb.Projection("E.r", "I.r_in")]))),
        ("L", lambda: look(lifs())),
        ("L", lambda: look(lifs(model=M.iaf_psc_exp))),
        ("S", lambda: look(dataclasses.replace(TRAIN, stimuli=()))),
    ],
    "below-rheobase": [
        ("L", lambda: look(lifs(nb.Stimulus("L.I_ext", nb.Step(15.0))))),
        ("L", lambda: look(lifs(model=M.iaf_psc_alpha, I_e=300.0))),
        ("L", lambda: look(lifs(model=M.iaf_psc_delta, V_reset=-80.0, E_L=-75.0))),
    ],
    "too-late": [
        ("E.u", lambda: look(leaks(nb.Stimulus("E.u", nb.Step(1.0, start=500.0))))),
        ("E.u", lambda: look(leaks(nb.Stimulus("E.u", nb.Pulse(100.0, 120.0, 1.0))))),
        ("S.n", lambda: look(TRAIN.with_value("S.n.rate", 10.0).with_value("S.n.start", "1 s"))),
    ],
    "between-steps": [
        ("E.u", lambda: look(leaks(nb.Stimulus("E.u", nb.Pulse(10.02, 10.07, 1.0))))),
        ("E.u", lambda: look(leaks(nb.Stimulus("E.u", nb.Pulse(9.98, 10.03, 1.0))))),
    ],
    "undersampled": [("E.u", lambda: look(leaks(nb.Stimulus("E.u", nb.Sine(1.0, 3000.0)))))],
    "crowded": [
        ("S.n", lambda: look(TRAIN)),
        ("L.I_ex", lambda: look(lifs(nb.Stimulus("L.I_ex", nb.Poisson(2e5, 1.0)), model=M.iaf_psc_exp))),
    ],
    "large-recording": [("record", lambda: look(leaks(size=2000), duration=2000.0))],
    "without-effect": [
        ("E->E.gain", lambda: look(loop(gain=0.0))),
        ("E->E.weight", lambda: look(loop(weight=np.zeros((3, 3))))),
        ("E.u", lambda: look(leaks(nb.Stimulus("E.u", nb.Step(0.0))))),
    ],
    "unconnected": [("Z", lambda: look(nb.Network(BESIDE, stimuli=[nb.Stimulus("E.u", STEP)])))],
    # what a run would be refused for
    "unknown-parameter": [("E.tua", lambda: look(BROKEN))],
    "unknown-population": [("E->Q.target", lambda: look(BROKEN))],
    "bad-step": [("dt", lambda: look(leaks(), -0.1)), ("dt", lambda: look(leaks(), "soon"))],
    "bad-duration": [
        ("duration", lambda: look(leaks(), duration=0.0)),
        ("discard", lambda: look(leaks(), discard=1e3)),
    ],
    "bad-seed": [("seed", lambda: look(leaks(), seed=-1))],
    "unknown-method": [("method", lambda: look(leaks(), method="rk"))],
    "unknown-precision": [("precision", lambda: look(leaks(), precision="float16"))],
    "bad-choice": [("delays", lambda: look(leaks(), delays="near"))],
    "unknown-record": [("record 'E.y'", lambda: look(leaks(), record=["E.y"]))],
    "bad-record": [("record", lambda: look(leaks(), record=BLOCKS))],
    "duration-off-grid": [("duration", lambda: look(leaks(), duration=100.03))],
    "delay-off-grid": [("E->E.delay", lambda: look(loop(delay=1.25)))],
    "delay-below-step": [
        ("E->E.delay", lambda: look(loop(delay=0.05))),
        ("L->L.delay", lambda: look(spikes(delay=nb.Exponential(1.0)))),
        ("L->L.delay", lambda: look(spikes(delay=nb.Truncated(nb.Normal(1.0, 0.5), low=0.02)))),
    ],
    "needs-delay": [("L->L.delay", lambda: look(spikes()))],
    "refractory-off-grid": [("L.refractory", lambda: look(spikes(delay=1.0).with_value("L.t_ref", 2.05)))],
    "chain-unstable": [("E->E.spread", lambda: look(loop(delay=2.0, spread=0.1)))],
    "not-linear": [("N.E", lambda: look(pair(2.0), 0.02, 1000.0, method="exact"))],
    "input-off-grid": [("E.u.dt", lambda: look(leaks(nb.Stimulus("E.u", nb.Recorded(np.ones(1000), 0.25)))))],
    "input-too-short": [("E.u", lambda: look(leaks(nb.Stimulus("E.u", nb.Recorded(np.ones(50), 1.0)))))],
}  # fmt: skip
RUNS = [(code, number) for code, cases in CASES.items() for number in range(len(cases))]

#: codes of which some cases can only be mended by the user
WORDS_ONLY = {"unknown-parameter", "unknown-population", "bad-step", "bad-duration", "bad-seed", "unknown-record"}


def found(health: Health, code: str, where: str) -> list[HealthFinding]:
    return [finding for finding in health.findings if (finding.code, finding.where) == (code, where)]


def test_every_code_is_provoked() -> None:
    assert sorted(set(HEALTH_CODES) - set(CASES)) == []
    assert sorted(set(HEALTH_CODES) & set(CODES)) == []


@pytest.mark.parametrize(("code", "number"), RUNS)
def test_a_finding_is_made_and_its_remedies_remove_it(code: str, number: int) -> None:
    where, made = CASES[code][number]
    health = made()
    (finding,) = found(health, code, where)
    assert health.ready == (finding.level != "problem")
    acting = [remedy for remedy in finding.remedies if remedy.changes]
    assert acting or code in WORDS_ONLY | {"not-judged"}
    for remedy in acting:
        after = health.after(remedy)
        assert found(after, code, where) == [], remedy.words
        assert len(after.of_level("problem")) <= len(health.of_level("problem"))


HEALTHY: list[tuple[nb.Network, float, float]] = [
    (pair(2.0), 0.02, 1000.0),
    (pair(1.25), 0.1, 1000.0),  # the rhythm is there in truth
    (leaks(nb.Stimulus("E.u", nb.Sine(1.0, 100.0))), 0.1, 100.0),
    (spikes(delay=1.5), 0.1, 100.0),
    (nb.networks.brunel(50), 0.1, 200.0),
    (nb.networks.microcircuit(0.02), 0.1, 200.0),
    (nb.networks.balanced(50, 0.2), 0.1, 200.0),
    (nb.Network({"O": nb.Population(M.fitzhugh_nagumo, 2)}, time_unit="1"), 0.01, 100.0),
    (nb.Network({"Q": nb.Population(M.qif, 9)}, time_unit="1"), 1e-3, 10.0),
]


@pytest.mark.parametrize("number", range(len(HEALTHY)))
def test_nothing_is_said_of_a_healthy_run(number: int) -> None:
    health = look(*HEALTHY[number])
    assert [str(f) for f in health.findings if f.code != "not-judged"] == []
    assert health.ready
    assert re.fullmatch(r"Ready · [\d.]+ (s|min) · \d+(\.\d)? MB", health.summary)


def test_all_problems_are_told_at_once() -> None:
    health = look(spikes(delay=nb.Exponential(1.0)).with_value("L.t_ref", 2.05), duration=100.03, record=["L.w"])
    codes = {f.code for f in health.of_level("problem")}
    assert {"delay-below-step", "refractory-off-grid", "duration-off-grid"} <= codes
    assert health.summary == f"{len(health.of_level('problem'))} problems"


def test_the_gravest_comes_first() -> None:
    health = look(loop(delay=1.25, gain=0.0), duration=5.0)
    levels = [f.level for f in health.findings]
    assert levels == sorted(levels, key=["problem", "warning", "note"].index)
    assert len(set(levels)) > 1


@pytest.mark.parametrize(("tau", "level"), [(0.5, "warning"), (0.08, "warning"), (0.045, "problem"), (0.01, "problem")])
def test_steps_that_blow_up_are_a_problem(tau: float, level: str) -> None:
    told = [
        f.level for f in look(leaks(parameters={"tau": tau})).findings if f.code in ("coarse-step", "step-too-long")
    ]
    assert told == [level]


def test_only_a_stranger_is_an_error() -> None:
    with pytest.raises(nb.NbkitError) as caught:
        nb.health("E", 0.1, 10.0)  # type: ignore[arg-type]
    assert caught.value.code == "bad-type"


def test_the_users_numbers_are_told() -> None:
    (finding,) = found(look(pair(2.0), 0.1, 1000.0), "false-rhythm", "N.E")
    for number in ("18.29 ms", "313.7 ms", "0.1 ms", "0.05401 ms", "N.E = 0.2572"):
        assert number in finding.what
    assert finding.remedy is not None
    assert finding.remedy.changes == {"dt": 0.025}


def test_several_remedies_are_offered() -> None:
    (finding,) = found(look(loop(delay=1.25)), "delay-off-grid", "E->E.delay")
    assert [set(remedy.changes) for remedy in finding.remedies] == [{"network"}, {"dt"}, {"delays"}]
    assert finding.remedies[0].network is not None
    assert finding.remedies[0].network.value("E->E.delay") == 1.3
    assert finding.remedies[1].dt == 0.05


def test_a_remedy_that_is_only_words_changes_nothing() -> None:
    remedy = Remedy("think again")
    health = look(leaks())
    assert remedy.changes == {}
    assert health.after(remedy).plan.network is health.plan.network
    assert str(remedy) == "think again"


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(KeyError):
        HealthFinding("no-such-code", "note", "E", "what")


def test_what_cannot_be_judged_is_listed_but_not_counted() -> None:
    health = look(loop(delay=1.0))
    assert [f.code for f in health.findings] == ["not-judged"]
    assert "delays" in health.findings[0].what
    assert health.summary.startswith("Ready")


def test_a_card_shows_everything_and_escapes() -> None:
    broken = nb.Network({"E": nb.Population(LEAK, 3, {"<b>x": 3.0})})
    card = look(broken)._repr_html_()
    assert "&lt;b&gt;x" in card
    assert "<b>x" not in card
    health = look(loop(delay=1.25))
    for text in (str(health), html.unescape(health._repr_html_())):
        assert "delay-off-grid" not in text  # codes are for programs
        for part in (health.findings[0].what, health.findings[0].remedies[0].words, "1.25 ms asked"):
            assert part in text


def test_many_delays_do_not_fill_the_screen() -> None:
    health = look(nb.networks.microcircuit(0.02))
    assert len(health.delays) > 40
    assert len(str(health).splitlines()) < 20
    assert health._repr_html_().count("<li>") == len(health.delays)


def test_units_are_the_networks() -> None:
    net = nb.Network({"Q": nb.Population(M.jansen_rit, 1)}, time_unit="s")
    words = " ".join(f.what for f in look(net, 0.002, 10.0).findings)
    assert " s" in words
    assert " ms" not in words
    model_units = nb.Network({"Q": nb.Population(M.fitzhugh_nagumo, 1)}, time_unit="1")
    assert " ms" not in str(look(model_units, 0.5, 1.0))


def test_times_may_be_text() -> None:
    assert look(leaks(), "0.1 ms", "0.1 s", discard="0 ms").summary == look(leaks(), 0.1, 100.0).summary


def test_warnings_of_a_network_are_not_repeated(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.warns(nb.NbkitNote):
        net = nb.Network({"E": nb.Population(M.jansen_rit, 2)}, time_unit="ms")
    recwarn.clear()
    look(net, 0.1, 1000.0)
    assert recwarn.list == []
