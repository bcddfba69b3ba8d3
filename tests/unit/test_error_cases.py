"""Owns the catalogue of mistakes: each gets an error with its own code, a place, and something to try."""

import base64
import json
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import nbkit as nb
from nbkit.app.class_table import class_table
from nbkit.app.task_check import check_notebook
from nbkit.compile.instructions import Instruction, Operand
from nbkit.compile.verifier import verify
from nbkit.errors import CODES, Problem
from nbkit.network.links import PREFIX
from nbkit.run import memory

LEAK = nb.models.leaky_integrator
DELAYED = nb.Model("d", "dx/dt = -x\n y = u", states={"x": 0.0}, inputs={"u": 0.0})


def model(equations: str = "dx/dt = -x", **keywords: object) -> nb.Model:
    return nb.Model("m", equations, **({"states": {"x": 0.0}} | keywords))


def network(*projections: nb.Projection, stimuli: tuple = (), size: object = 3, **population: object) -> nb.Network:
    return nb.Network({"E": nb.Population(LEAK, size, **population)}, projections, stimuli)


def run(net: nb.Network | None = None, duration: object = 10.0, dt: object = 0.1, **keywords: object) -> None:
    nb.simulate(net or network(), duration, dt, **keywords)


def connect(**keywords: object) -> None:
    run(network(nb.Projection("E.x", "E.u", **keywords)))


def drive(signal: nb.Sine, size: object = 3) -> None:
    run(network(stimuli=(nb.Stimulus("E.u", signal),), size=size))


def load(**changes: object) -> None:
    document = json.loads(network().to_json())
    nb.Network.from_json(json.dumps({k: v for k, v in (document | changes).items() if v is not None}))


def spread_at_every_step() -> None:
    populations = {"A": nb.Population(LEAK, (70, 70))}
    net = nb.Network(populations, [nb.Projection("A.x", "A.u", weight=nb.kernels.Gaussian(1.0, 0.1))])
    run(net, accelerator=True)


def ask_for_a_card() -> None:
    """Asks where CuPy is there, but no driver."""

    class NoDriverError(RuntimeError):
        pass

    def count() -> int:
        raise NoDriverError("no driver")

    runtime = SimpleNamespace(getDeviceCount=count, CUDARuntimeError=NoDriverError)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "cupy", SimpleNamespace(cuda=SimpleNamespace(runtime=runtime)))
        run(backend="cupy")


def starve() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nbkit.simulation.checks.available", lambda: 1000)
        run(network(size=1000))


def compare(kept: dict[str, float], found: float) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        file = Path(folder) / "lesson.json"
        file.write_text(json.dumps({"values": kept}))
        patch.setenv("NBKIT_CHECKPOINTS", str(file))
        nb.checkpoint("period", found)


def break_a_program() -> None:
    program = nb.Simulation(network(), dt=0.1).program
    first = program.sections["step"][-1]
    wrong = Instruction(first.operation, Operand(first.target.slot, 1000), first.sources, "step", "advance")
    object.__setattr__(program, "sections", {**program.sections, "step": (wrong,)})
    verify(program)


def blow_up() -> None:
    net = nb.Network({"E": nb.Population(model("dx/dt = x**2", states={"x": 1.0}), 1)})
    nb.simulate(net, 100.0, 0.5)


def spike(**keywords: object) -> nb.Model:
    return model(**({"threshold": "x >= 1", "reset": "x = 0", "events": ("x",)} | keywords))


def fire(source: str = "A.spike", target: str = "A.v", **keywords: object) -> None:
    populations = {"A": nb.Population(nb.models.lif, 2), "B": nb.Population(LEAK, 2)}
    run(nb.Network(populations, [nb.Projection(source, target, **({"delay": 1.0} | keywords))]))


def weigh(weight: object, to: object = (4, 4), extent: float = 1.0, edges: str = "open", **keywords: object) -> None:
    populations = {"A": nb.Population(LEAK, (4, 4)), "B": nb.Population(LEAK, to)}
    if isinstance(to, tuple):
        populations["B"] = nb.Population(LEAK, to, extent=extent, edges=edges)
    same = "A" if (to, extent, edges) == ((4, 4), 1.0, "open") else "B"
    run(nb.Network(populations, [nb.Projection("A.x", f"{same}.u", weight=weight, **keywords)]))


def travel(unit: nb.Model, source: str, target: str) -> None:
    projection = nb.Projection(f"A.{source}", f"A.{target}", delay=nb.ConductionDelay(0.1))
    run(nb.Network({"A": nb.Population(unit, (5,))}, [projection]))


def grade(answer: object) -> nb.study.Mark:
    return nb.Task("Go.", lambda *_: {"gone": False}, start=network()).grade(answer)


def set_a_delay() -> None:
    nb.Simulation(network(nb.Projection("E.x", "E.u", delay=1)), dt=0.1).set("E->E.delay", 2)


CASES: dict[str, list[Callable[[], object]]] = {
    "bad-syntax": [lambda: model("dx/dt = 1 +"), lambda: model("dx/dt = (x")],
    "too-long": [lambda: model("dx/dt = " + "x" * 5000)],
    "too-deep": [lambda: model("dx/dt = " + "-" * 150 + "x")],
    "forbidden-syntax": [lambda: model("dx/dt = lambda: x"), lambda: model("dx/dt = x if x else x")],
    "attribute-access": [lambda: model("dx/dt = x.real"), lambda: model("dx/dt = x.real()")],
    "private-name": [lambda: model("dx/dt = _x")],
    "unknown-function": [lambda: model("dx/dt = sgmoid(x)"), lambda: model("dx/dt = __import__('os')")],
    "wrong-arity": [lambda: model("dx/dt = exp(x, x)"), lambda: model("dx/dt = exp")],
    "power-tower": [lambda: model("dx/dt = 9**9**9"), lambda: model("dx/dt = 2**(x**x)")],
    "number-not-finite": [lambda: model("dx/dt = 1e999*x")],
    "unknown-name": [
        lambda: run(network(size=(2, 3), parameters={"tau": nb.Expression("5 + z")})),
        lambda: run(network(size=(3,), parameters={"tau": nb.Expression("5 + y")})),
        lambda: run(network(size=3, initial={"x": nb.Expression("x")})),
        lambda: run(network(size=(2, 3), initial={"x": nb.Expression("t")})),
        lambda: drive(nb.Expression("sin(x - t)")),
        lambda: weigh(nb.Expression("exp(-x)")),
        lambda: model("dx/dt = -y"),
    ],
    "bad-name": [lambda: nb.Model("two words", "dx/dt = -x", states={"x": 0.0}), lambda: model(parameters={"1a": 1.0})],
    "name-clash": [lambda: model(parameters={"x": 1.0})],
    "reserved-name": [lambda: model("dx/dt = -x*dt", parameters={"dt": 1.0})],
    "bad-equation": [lambda: model("x"), lambda: model("2*x = 1"), lambda: model("dx/dt == 1")],
    "missing-equation": [lambda: model(states={"x": 0.0, "y": 0.0})],
    "undeclared-state": [lambda: model("dx/dt = -x\n dy/dt = x")],
    "double-equation": [lambda: model("dx/dt = -x\n dx/dt = x")],
    "assigned-parameter": [lambda: model("dx/dt = -k*x\n k = 2", parameters={"k": 1.0})],
    "algebraic-cycle": [lambda: model("dx/dt = a\n a = b\n b = a"), lambda: model("dx/dt = a\n a = a + x")],
    "factor-not-constant": [lambda: model("x*dx/dt = 1")],
    "unused-name": [lambda: model(parameters={"k": 1.0})],
    "bad-limits": [lambda: model(states={"x": nb.State(0.0, limits=(1.0, -1.0))})],
    "outside-limits": [
        lambda: model(states={"x": nb.State(2.0, limits=(0.0, 1.0))}),
        lambda: run(network(parameters={"tau": -10.0})),
        lambda: run(network(size=(2, 3), parameters={"tau": nb.Expression("0.2 - x")})),
    ],
    "bad-default": [lambda: model(states={"x": float("nan")}), lambda: model(states={"x": "0"})],
    "bad-threshold": [lambda: spike(threshold="x"), lambda: spike(threshold=""), lambda: model(refractory="x")],
    "bad-reset": [
        lambda: spike(reset="x == 0"),
        lambda: spike(reset="y = 0"),
        lambda: spike(reset="x -= 1"),
        lambda: spike(refractory="x"),
    ],
    "unknown-event": [lambda: spike(events=("y",)), lambda: model(events=("u",), inputs={"u": 0.0})],
    "no-spikes": [lambda: fire("B.spike")],
    "not-an-event": [lambda: fire(target="B.x"), lambda: fire(target="A.I_ext"), lambda: fire(target="B.u")],
    "refractory-off-grid": [
        lambda: run(nb.Network({"A": nb.Population(nb.models.lif, 2, parameters={"t_ref": 0.25})})),
    ],
    "unknown-method": [lambda: model(method="rk4"), lambda: run(method="rk4")],
    "not-linear": [lambda: run(nb.Network({"E": nb.Population(model("dx/dt = -x**2", method="exact"), 3)}))],
    "unknown-time-unit": [
        lambda: model(time_unit="h"),
        lambda: run(nb.Network({"E": nb.Population(LEAK, 1)}, time_unit="h")),
    ],
    "no-reduction": [
        lambda: nb.study.reduced(nb.Network({"N": nb.Population(nb.models.iaf_psc_exp, 4)})),
        lambda: nb.study.phase_plane(network()),
    ],
    "bad-value": [
        lambda: run(network(parameters={"tau": "ten"})),
        lambda: run(network(parameters={"tau": [[1], [2, 3]]})),
        lambda: run(network(parameters={"tau": None})),
        lambda: drive(nb.Sine("a", 1.0)),
        lambda: drive(nb.UniformNoise("low", 1.0)),
        lambda: run(network(size=(2, 3), parameters={"tau": nb.Expression(3)})),
        lambda: connect(gain=nb.Expression("2")),
        lambda: weigh(nb.kernels.Gaussian("big", 0.1)),
        lambda: weigh(nb.kernels.Gaussian(1.0, None)),
        lambda: weigh(1.0, delay=nb.ConductionDelay(0.0)),
        lambda: weigh(1.0, delay=nb.ConductionDelay(-3.0)),
        lambda: weigh(1.0, delay=nb.ConductionDelay("fast")),
        lambda: run(network(initial={"x": nb.kernels.Gaussian(1.0, 0.1)})),
        lambda: connect(weight=nb.ConductionDelay(1.0)),
    ],
    "not-finite": [
        lambda: run(network(parameters={"tau": [1.0, np.nan, 2.0]})),
        lambda: run(network(initial={"x": np.inf})),
        lambda: drive(nb.Recorded([0.0, np.nan], dt=0.1)),
        lambda: weigh(nb.kernels.Filter(np.full((3, 3), np.inf))),
    ],
    "wrong-shape": [
        lambda: run(network(parameters={"tau": np.ones(4)})),
        lambda: run(network(parameters={"tau": np.ones((3, 1))})),
        lambda: run(network(size=(2, 3), parameters={"tau": np.ones(6)})),
        lambda: run(network(size=(2, 3), initial={"x": np.ones((3, 2))})),
        lambda: run(network(parameters={"tau": np.ones(1)})),
    ],
    "bad-law": [
        lambda: connect(weight=nb.Balanced(1.0, 1.0, 1.0)),
        lambda: connect(weight=nb.Balanced(0.5, 1.0, -1.0)),
        lambda: connect(weight=nb.Balanced(0.5, np.nan, 1.0)),
        lambda: run(network(initial={"x": nb.Balanced(0.5, 1.0, 1.0)})),
        lambda: run(network(initial={"x": nb.Uniform(2, 1)})),
        lambda: connect(weight=nb.Normal(0, -1)),
    ],
    "bad-time": [
        lambda: weigh(1.0, delay=nb.ConductionDelay(1.0, base="soon")),
        lambda: weigh(1.0, delay=nb.ConductionDelay(1e-14)),
        lambda: connect(delay="2 hours"),
        lambda: connect(delay=None),
        lambda: connect(delay=float("nan")),
    ],
    "bad-type": [
        lambda: nb.Population("wilson_cowan", 3),
        lambda: nb.Network({"E": LEAK}),
        lambda: nb.Network([nb.Population(LEAK, 1)]),
        lambda: nb.Stimulus("E.u", 3.0),
        lambda: nb.Projection(3, "E.u"),
        lambda: connect(rule="all"),
        lambda: nb.simulate("network", 1.0, 0.1),
    ],
    "bad-size": [lambda size=s: run(network(size=size)) for s in (0, -1, 2.5, "3", True, None)],
    "empty-network": [lambda: run(nb.Network({}))],
    "unknown-population": [lambda: run(network(nb.Projection("F.x", "E.u")))],
    "unknown-variable": [
        lambda: run(network(nb.Projection("E.xx", "E.u"))),
        lambda: run(network(initial={"y": 1.0})),
    ],
    "unknown-parameter": [lambda: run(network(parameters={"tua": 1.0})), lambda: run(network(parameters={"x": 1.0}))],
    "not-a-source": [lambda: run(network(nb.Projection("E.tau", "E.u")))],
    "not-an-input": [
        lambda: run(network(nb.Projection("E.x", "E.x"))),
        lambda: run(network(stimuli=(nb.Stimulus("E.tau", nb.Step(1.0)),))),
    ],
    "undeclared-input": [lambda: run(network(parameters={"u": 1.0}))],
    "weight-shape": [lambda: connect(weight=np.ones((2, 3))), lambda: connect(weight=np.ones(3))],
    "bad-rule": [
        lambda: connect(rule=nb.FixedInDegree(3, autapses=False, multapses=False)),
        lambda: connect(rule=nb.FixedTotalNumber(10, multapses=False)),
        lambda: connect(rule=nb.FixedOutDegree(-1)),
        lambda: connect(rule=nb.FixedOutDegree(1.5)),
        lambda: connect(rule=nb.Bernoulli(1.5)),
        lambda: connect(rule=nb.Explicit([0, 1], [0, 3])),
        lambda: connect(rule=nb.Explicit([0, 1], [0])),
        lambda: connect(rule=nb.AllToAll(autapses="no")),
    ],
    "size-mismatch": [
        lambda: run(
            nb.Network(
                {"E": nb.Population(LEAK, 3), "F": nb.Population(LEAK, 2)},
                [nb.Projection("E.x", "F.u", rule=nb.OneToOne())],
            )
        )
    ],
    "bad-kernel": [
        lambda: weigh(nb.kernels.Gaussian(1.0, -0.1)),
        lambda: weigh(nb.kernels.Gaussian(1.0, 0)),
        lambda: weigh(nb.kernels.DifferenceOfGaussians(1.0, 0.1, 1.0, 0.0)),
        lambda: weigh(nb.kernels.Exponential(1.0, 0.1, cutoff=-1.0)),
        lambda: weigh(nb.kernels.MexicanHat(1.0, 0.1), rule=nb.FixedInDegree(2)),
        lambda: weigh(nb.kernels.Gaussian(1.0, 0.1), rule=nb.OneToOne()),
        lambda: weigh(nb.Expression("1/d")),
        lambda: weigh(nb.Expression("log(d - 1)"), rule=nb.AllToAll(autapses=False)),
        lambda: weigh(nb.Expression("1/d"), source_units=slice(0, 3)),
        lambda: weigh(nb.kernels.Filter(np.ones(3))),
        lambda: weigh(nb.kernels.Filter(np.ones((2, 3)))),
        lambda: weigh(nb.kernels.Filter(np.ones((9, 3)))),
        lambda: weigh(nb.kernels.Filter("ones")),
        lambda: weigh(nb.kernels.Filter(np.ones((3, 3))), to=(6, 6)),
        lambda: weigh(nb.kernels.Filter(np.ones((3, 3))), to=(2, 2)),
    ],
    "no-distance": [
        lambda: weigh(nb.kernels.Gaussian(1.0, 0.1), to=3),
        lambda: connect(weight=nb.kernels.Gaussian(1.0, 0.1)),
        lambda: connect(weight=nb.Expression("exp(-d)")),
        lambda: connect(delay=nb.ConductionDelay(1.0)),
        lambda: weigh(nb.kernels.Gaussian(1.0, 0.1), to=(4,)),
        lambda: weigh(nb.kernels.Gaussian(1.0, 0.1), extent=2.0),
        lambda: weigh(nb.kernels.Gaussian(1.0, 0.1), edges="periodic"),
        lambda: weigh(1.0, delay=nb.ConductionDelay(1.0), to=(4, 8)),
    ],
    "delay-negative": [lambda: connect(delay=-1.0), lambda: weigh(1.0, delay=nb.ConductionDelay(1.0, base=-1.0))],
    "delay-below-step": [
        lambda: connect(delay=0.05),
        lambda: fire(delay=nb.Uniform(0, 1)),
        lambda: travel(nb.models.lif, "spike", "v"),
        lambda: travel(DELAYED, "y", "u"),
    ],
    "delay-off-grid": [lambda: connect(delay=0.25)],
    "spread-without-delay": [lambda: connect(spread=1.0)],
    "bad-spread": [
        lambda: fire(spread=0.5),
        lambda: connect(delay=1.0, spread=0.0),
        lambda: weigh(1.0, delay=nb.ConductionDelay(1.0), spread=1.0),
        lambda: connect(delay=1.0, spread=-1.0),
    ],
    "chain-unstable": [lambda: connect(delay=0.5, spread=0.1)],
    "needs-delay": [
        lambda: run(nb.Network({"E": nb.Population(DELAYED, 1)}, [nb.Projection("E.y", "E.u")])),
        lambda: fire(delay=0.0),
    ],
    "bad-choice": [
        lambda: run(record=[nb.Record("E.x", average="time")]),
        lambda: spike(reset_at="middle"),
        lambda: connect(history="often"),
        lambda: connect(weight_is="mean"),
        lambda: connect(weight_is="density"),
        lambda: weigh(nb.kernels.Gaussian(1.0, 0.1), weight_is="total"),
        lambda: run(delays="often"),
        lambda: run(accelerator="fast"),
    ],
    "no-accelerator": [spread_at_every_step],
    "no-device": [ask_for_a_card],
    "bad-signal": [
        lambda: drive(nb.Pulse(2, 1, 1.0)),
        lambda: drive(nb.Noise(-1.0)),
        lambda: drive(nb.UniformNoise(1.0, -1.0)),
        lambda: drive(nb.MovingBubble(1.0, 0.1, 0.2, 50.0)),
        lambda: drive(nb.MovingBubble(1.0, -0.1, 0.2, 50.0), size=(3, 3)),
        lambda: drive(nb.MovingBubble(1.0, 0.0, 0.2, 50.0), size=(3, 3)),
        lambda: drive(nb.MovingBubble(1.0, 0.1, -0.2, 50.0), size=(3, 3)),
        lambda: drive(nb.MovingBubble(1.0, 0.1, 0.2, 0.0), size=(3, 3)),
        lambda: drive(nb.MovingBubble(1.0, 0.1, 0.2, 50.0, count=0), size=(3, 3)),
        lambda: drive(nb.MovingBubble(1.0, 0.1, 0.2, 50.0, count=2.5), size=(3, 3)),
        lambda: drive(nb.MovingBubble(1.0, 0.1, 0.2, 50.0, count="two"), size=(3, 3)),
        lambda: drive(nb.MovingBubble(1.0, 0.1, 0.2, 50.0, centre=0.5), size=(3, 3)),
        lambda: drive(nb.MovingBubble(1.0, 0.1, 0.2, 50.0, centre=(0.5, np.nan)), size=(3, 3)),
        lambda: drive(nb.MovingBubble(1.0, 0.1, 0.2, 50.0, centre="middle"), size=(3, 3)),
    ],
    "bad-units": [
        lambda: run(network(stimuli=(nb.Stimulus("E.u", nb.Step(1.0), units=[7]),))),
        lambda: connect(source_units=slice(5, 9)),
        lambda: connect(target_units=[0, 0]),
        lambda: connect(target_units=(slice(0, 2), [0])),
        lambda: run(network(size=(2, 3)), record=[nb.Record("E.x", units=(slice(0, 2), [3]))]),
    ],
    "input-width": [
        lambda: drive(nb.Recorded(np.ones((5, 2)), dt=0.1)),
        lambda: drive(nb.Recorded(np.ones((5, 1)), dt=0.1)),
        lambda: drive(nb.Recorded(np.ones((500, 6)), dt=0.1), size=(2, 3)),
        lambda: drive(nb.Recorded(np.ones((500, 3, 2)), dt=0.1), size=(2, 3)),
        lambda: drive(nb.Recorded(np.ones((500, 2, 3)), dt=0.1), size=6),
    ],
    "input-off-grid": [lambda: drive(nb.Recorded(np.ones(500), dt=0.15))],
    "input-too-short": [lambda: drive(nb.Recorded(np.ones(5), dt=0.1))],
    "time-unit-mismatch": [
        lambda: run(nb.Network({"E": nb.Population(nb.models.qif_mean_field, 1)})),
        lambda: run(nb.Network({"E": nb.Population(LEAK, 1)}, time_unit="1")),
        lambda: run(network(time_scale=3.0)),
    ],
    "unknown-path": [lambda: network().value("E.tua"), lambda: network().with_value("tau", 1.0)],
    "bad-json": [
        lambda: nb.Network.from_json("{"),
        lambda: nb.Network.from_json('{"a": 1, "a": 2}'),
        lambda: nb.Network.from_json("[" * 100000),
    ],
    "unknown-format": [lambda: nb.Network.from_json("{}"), lambda: load(version=99), lambda: nb.Network.from_json("3")],
    "unknown-key": [lambda: load(extra=1)],
    "missing-key": [lambda: load(stimuli=None)],
    "bad-file": [
        lambda: nb.Simulation(network(), dt=0.1).save("/no/such/folder/x.npz"),
        lambda: nb.Simulation(network(), dt=0.1).save("/"),
        lambda: nb.Simulation(network(), dt=0.1).save(None),
        lambda: run(out="run.nc"),
    ],
    "bad-table": [lambda: nb.read_weights("/no/such/file.csv")],
    "link-too-long": [
        lambda: network(size=3000, initial={"x": np.random.default_rng(0).normal(size=3000)}).to_link(),
    ],
    "bad-link": [
        lambda: nb.Network.from_link("https://example.org"),
        lambda: nb.Network.from_link(network().to_link()[:-20]),
        lambda: nb.Network.from_link("nbkit1.!!!"),
        lambda: nb.Network.from_link(PREFIX + base64.urlsafe_b64encode(zlib.compress(b" " * 10**7)).decode()),
        lambda: nb.Network.from_link(3),
    ],
    "bad-step": [lambda dt=dt: run(dt=dt) for dt in (0.0, -0.1, np.nan, np.inf, "fast", None)],
    "bad-duration": [lambda d=d: run(duration=d) for d in (0.0, -1.0, np.nan, np.inf, "long", None)],
    "duration-off-grid": [lambda: run(duration=0.25), lambda: run(duration=0.01)],
    "unknown-record": [lambda: run(record=["E.y"]), lambda: run(record="E.tau"), lambda: run(record=[3])],
    "bad-record": [
        lambda: run(record=[nb.Record("E.x", every=0)]),
        lambda: run(record=[nb.Record("E.x", every=1.5)]),
        lambda: run(record=["E.x", "E.x"]),
    ],
    "bad-until": [
        lambda: run(until="E.x > 0.5"),
        lambda: run(until="any(E.y > 0.5)"),
        lambda: run(until="1 > 0"),
        lambda: run(until=3),
    ],
    "unknown-backend": [lambda: run(backend="quantum"), lambda: run(backend="numpi")],
    "unknown-precision": [lambda: run(precision="float16")],
    "bad-seed": [lambda seed=s: run(seed=seed) for s in (-1, 1.5, None, "a")],
    "too-much-memory": [starve, lambda: run(duration=1e9, dt=1e-6), lambda: run(network(size=2 * 10**9))],
    "run-not-finite": [blow_up],
    "not-settable": [set_a_delay],
    "bad-program": [break_a_program],
    "not-passed": [lambda: grade(network()).require(), lambda: grade(None).require()],
    "bad-log": [lambda: nb.study.attempts("/no/such/file.jsonl"), lambda: class_table("/no/such/folder")],
    "locked": [lambda: nb.Workbench(network(), lock=True).document.edit(nb.Network({}))],
    "bad-notebook": [lambda: check_notebook("/no/such/file.ipynb")],
    "checkpoint-differs": [lambda: compare({"period": 40.0}, 41.0)],
    "missing-checkpoint": [lambda: compare({}, 41.0)],
}


@pytest.mark.parametrize(
    ("code", "number"), [(code, number) for code, calls in CASES.items() for number in range(len(calls))]
)
def test_a_mistake_gets_its_own_code_and_something_to_try(code, number):
    with pytest.raises(nb.NbkitError) as caught:
        CASES[code][number]()
    problems = {p.code: p for p in caught.value.problems}
    assert code in problems, caught.value
    assert problems[code].what
    assert str(caught.value)
    if code != "bad-program":
        assert problems[code].hint or code in ("wrong-arity", "bad-type", "unknown-key", "too-deep"), caught.value


def test_memory_is_known_on_this_machine():
    assert memory.available() is None or memory.available() > 0


def test_the_limit_of_a_container_counts_and_copies_of_files_do_not(tmp_path):
    for limit, left in (("4000", 4000 - 3000 + 500), ("max", None)):
        for name, text in (("max", limit), ("current", "3000"), ("stat", "anon 2000\ninactive_file 500\nfile 900\n")):
            (tmp_path / f"memory.{name}").write_text(f"{text}\n")
        assert memory._container(tmp_path) == left
    assert memory._container(tmp_path / "none") is None


def test_a_code_must_be_in_the_table():
    with pytest.raises(KeyError):
        Problem("no-such-code", "", "")
    with pytest.raises(ValueError, match="at least one"):
        nb.NbkitError([])


def test_each_code_has_a_meaning():
    assert all(CODES.values())
    assert len(set(CODES.values())) == len(CODES)


CODES_OF_OTHERS = {
    "too-short",
    "unknown-view",
    "empty-range",
    "not-a-number",
    "missing-package",
    "no-event-loop",
    "path-in-law",
}


def test_every_code_is_provoked_here_or_by_analysis_and_pictures():
    assert set(CASES) | CODES_OF_OTHERS == set(CODES)
