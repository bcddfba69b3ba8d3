"""Owns the question whether a picture is the model's or the step's: the same run with half the step and another seed.

Must not know plots.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nbkit.errors import NbkitError, Problem, fail, shown
from nbkit.model.model import Model
from nbkit.model.numbers import is_finite_number
from nbkit.network.balanced import Balanced
from nbkit.network.description import SPIKE
from nbkit.network.laws import Law, Quantiles
from nbkit.network.network import Network
from nbkit.network.rules import AllToAll, Explicit, OneToOne
from nbkit.network.signals import Noise, OrnsteinUhlenbeck, Poisson, UniformNoise
from nbkit.network.time import Time, to_unit
from nbkit.simulation.recording import Asked, Record
from nbkit.simulation.simulate import simulate

if TYPE_CHECKING:
    import xarray

Array = npt.NDArray[np.float64]
Measure = Callable[["xarray.Dataset"], Any]

#: of the spread of a variable over the run: a root mean square difference below this cannot be seen in a picture
CHANGED = 0.05
#: of a number that is measured: what a half step moves by less than this is the model's
MEASURED = 0.02
#: times the change with the seed: in a noisy network a half step brings other noise, and so as much change as a seed
BEYOND_SEED = 1.5
#: bins into which spikes are counted: fine enough for a picture of the run
BINS = 100

AS_ASKED, HALF_STEP, OTHER_SEED = "as asked", "half the step", "another seed"

VERDICTS = {
    "step": "the picture changes with dt: halve it, and ask again",
    "seed": "it changes from seed to seed more than with dt, or as much: ask what many seeds have in common",
    "neither": "neither a smaller dt nor another seed changes the picture: it is the model's",
    "model": "a smaller dt does not change the picture, and nothing is random: it is the model's",
}


def model_or_step(
    network: Network,
    duration: Time,
    dt: Time,
    record: Asked = None,
    *,
    seeds: tuple[int, int] = (0, 1),
    measure: Measure | None = None,
    method: str | None = None,
    delays: str = "error",
) -> xarray.Dataset:
    """Ask whether what a run shows is the model's or the step's: run it again with half the step and another seed.

    The differences are root mean squares over time and units, as a share of the spread of the variable: its standard
    deviation over time and units, or a hundredth of its size if that is more. Spikes are compared as rates in a
    hundred bins. In noisy networks a half step brings other noise too, so it counts only if it changes half as much
    again as another seed does. Where ``measure`` is given the verdict is about that number, as a share of its own
    size: two rhythms of one period that drift apart differ at every moment, and yet are the same rhythm.

    Args:
        network: what to run.
        duration: as for `nbkit.simulate`.
        dt: step of the first run.
        record: as for `nbkit.simulate`.
        seeds: of the first run, and the other one; it is used only if something in the network is random.
        measure: a function from a result to a number, such as a period or a rate.
        method: as for `nbkit.simulate`.
        delays: as for `nbkit.simulate`.

    Returns:
        Along the dimension ``run`` (``"as asked"``, ``"half the step"``, ``"another seed"``): the recorded variables,
        ``("run", "time", ...)``, on the samples of the first run; the rates of spiking populations in Hz (per model
        unit without physical time), ``("run", "bin")``, as ``E.spike_rate``; ``measure``. Along ``change`` (``"step"``,
        ``"seed"``): ``difference``, ``("change", "variable")``, and ``measure_difference``. The attribute ``verdict``
        tells in words what that means, ``answer`` in one: ``step``, ``seed``, ``neither`` or ``model``.

    Raises:
        NbkitError: as `nbkit.simulate`; ``bad-seed`` for equal seeds, ``bad-value`` if ``measure`` gives no number.

    Example:
        >>> import nbkit as nb
        >>> pair = nb.Population(nb.models.wilson_cowan_pair, 1)
        >>> net = nb.Network({"N": pair}, stimuli=[nb.Stimulus("N.P", nb.Step(2.0))])
        >>> asked = nb.study.model_or_step(net, 1000.0, 0.1, ["N.E"])
        >>> asked.attrs["verdict"]
        'the picture changes with dt: halve it, and ask again'
    """
    if not isinstance(network, Network):
        raise fail("bad-type", "network", f"{shown(network)} is no network", "nb.Network(...)")
    if not isinstance(seeds, tuple | list) or len(seeds) != 2 or seeds[0] == seeds[1]:
        raise fail("bad-seed", "seeds", f"{shown(seeds)} is no pair of different seeds", "give (0, 1)")
    network.require()
    step, wanted = to_unit(dt, network.time_unit, "dt"), _records(record)
    plans = {AS_ASKED: (step, seeds[0], 1), HALF_STEP: (step / 2, seeds[0], 2)}
    plans |= {OTHER_SEED: (step, seeds[1], 1)} if is_random(network) else {}
    runs = {
        name: simulate(network, duration, h, _thinned(wanted, network, every), seed, method=method, delays=delays)
        for name, (h, seed, every) in plans.items()
    }
    return _compared(runs, measure).assign_attrs(setup=json.dumps({"dt": step, "seeds": list(seeds)}))


def _compared(runs: Mapping[str, xarray.Dataset], measure: Measure | None) -> xarray.Dataset:
    """The runs side by side, how far they are apart, and the verdict."""
    measured = None if measure is None else {name: _measured(measure, run) for name, run in runs.items()}
    together = _together(runs)
    found = _differences(together, measured)
    answer = _answer(found, random=OTHER_SEED in runs, measured=measured is not None)
    about = {key: runs[AS_ASKED].attrs[key] for key in ("network", "time_unit", "nbkit")}
    return together.assign(found).assign_attrs(about | {"answer": answer, "verdict": VERDICTS[answer]})


def is_random(network: Network) -> bool:
    """Whether another seed makes another run: laws, rules that draw, or noise."""
    values: list[Any] = [
        value for p in network.populations.values() for value in (*p.parameters.values(), *p.initial.values())
    ]
    values += [value for p in network.projections for value in (p.weight, p.delay)]
    drawn = any(isinstance(v, Law | Balanced) and not isinstance(v, Quantiles) for v in values)
    rules = any(not isinstance(p.rule, AllToAll | OneToOne | Explicit) for p in network.projections)
    noise = any(isinstance(s.signal, Noise | UniformNoise | OrnsteinUhlenbeck | Poisson) for s in network.stimuli)
    return drawn or rules or noise or any(p.model.noisy for p in network.populations.values())


def _records(record: Asked) -> list[str | Record] | None:
    """What is asked for, as a list that can be read several times."""
    if record is None:
        return None
    if isinstance(record, Iterable) and not isinstance(record, str | bytes):
        return list(record)
    return [record]


def _thinned(record: list[str | Record] | None, network: Network, every: int) -> Asked:
    """The same records, of every so many more samples; spikes stay."""
    if every == 1:
        return record
    if record is None:
        record = [
            f"{n}.{v}" for n, p in network.populations.items() if p.model.spiking is None for v in _shown(p.model)
        ]
        record += [f"{n}.{SPIKE}" for n, p in network.populations.items() if p.model.spiking is not None]
    wanted = [r if isinstance(r, Record) else Record(r) for r in record]
    return [r if r.path.endswith(f".{SPIKE}") else replace(r, every=r.every * every) for r in wanted]


def _shown(model: Model) -> Iterable[str]:
    """What is recorded of a model when nothing is asked for."""
    return model.states or model.algebraic


def _measured(measure: Measure, run: xarray.Dataset) -> float:
    """The number that a user's function reads from a run."""
    value = np.asarray(measure(run))
    if value.size != 1 or value.dtype.kind not in "iufb" or np.isinf(value).any():
        what = f"it gave {shown(value.tolist())}, not one number"
        raise fail("bad-value", "measure", what, "lambda ds: float(ds['E.r'].mean()); NaN where there is none")
    return float(value.reshape(()))


def _together(runs: Mapping[str, xarray.Dataset]) -> xarray.Dataset:
    """The recorded variables of all runs on the samples of the first one, and the rates of what spikes."""
    import xarray  # noqa: PLC0415  half a second that only results need

    first = runs[AS_ASKED]
    rows = [str(name) for name in first.data_vars if "time" in first[name].dims]
    arrays: dict[str, Any] = {}
    for name in rows:
        kept = [run[name].isel(time=slice(first.sizes["time"])) for run in runs.values()]
        stacked = np.stack([part.to_numpy() for part in kept])
        arrays[name] = (("run", *first[name].dims), stacked, first[name].attrs)
    for name in (str(n).removesuffix("_time") for n in first.data_vars if str(n).endswith(f".{SPIKE}_time")):
        rates = np.stack([_rates(run, name) for run in runs.values()])
        unit = "Hz" if first.attrs["time_unit"] != "1" else ""
        arrays[f"{name}_rate"] = (("run", "bin"), rates, {"units": unit, "long_name": f"rate of {name.split('.')[0]}"})
    if not arrays:
        problem = Problem("bad-record", "record", "nothing is recorded that could be compared", 'record=["E.r"]')
        raise NbkitError([problem])
    arrays |= {str(name): first[name] for name in first.data_vars if _sampled(first, name)}
    coordinates = {name: first.coords[name] for name in first.coords if set(first.coords[name].dims) <= _dims(arrays)}
    return xarray.Dataset(arrays, {**coordinates, "run": list(runs)})


def _sampled(run: xarray.Dataset, name: Any) -> bool:
    """Whether a variable belongs to the network, such as a parameter or a large array, rather than to the run."""
    return not any(str(dim) == "time" or str(dim).endswith(f".{SPIKE}") for dim in run[name].dims)


def _dims(arrays: Mapping[str, Any]) -> set[Any]:
    return {dim for held in arrays.values() for dim in (held[0] if isinstance(held, tuple) else held.dims)}


def _rates(run: xarray.Dataset, name: str) -> Array:
    """The rate of a population's units in equal bins of the run, (bins,)."""
    population = Network.from_json(run.attrs["network"], _arrays(run)).populations[name.split(".", maxsplit=1)[0]]
    setup, unit = json.loads(run.attrs["setup"]), run.attrs["time_unit"]
    length = float(setup["duration"])
    count, _ = np.histogram(run[f"{name}_time"].to_numpy(), BINS, (0.0, length))
    seconds = length * {"ms": 1e-3}.get(unit, 1.0)
    return np.asarray(count * BINS / (seconds * population.count), dtype=np.float64)


def _arrays(run: xarray.Dataset) -> dict[str, Any]:
    return {str(name): run[name].to_numpy() for name in run.data_vars}


def _differences(together: xarray.Dataset, measured: Mapping[str, float] | None) -> dict[str, Any]:
    """How far the other runs are from the first one, as shares."""
    names = [str(name) for name in together.data_vars if "run" in together[name].dims]
    runs = [str(name) for name in together["run"].to_numpy()]
    changes = ["step", "seed"][: len(runs) - 1]
    shares = np.array(
        [[_share(together[name].to_numpy(), place + 1) for name in names] for place in range(len(changes))]
    )
    what = {"long_name": "root mean square difference, as a share of the spread"}
    found: dict[str, Any] = {
        "difference": (("change", "variable"), shares, what),
        "change": ("change", changes),
        "variable": ("variable", names),
    }
    if measured is not None:
        numbers = np.array([measured[name] for name in runs])
        found["measure"] = (("run",), numbers, {"long_name": "what was measured"})
        found["measure_difference"] = (("change",), np.array([_apart(numbers[0], n) for n in numbers[1:]]))
    return found


def _share(values: Array, other: int) -> float:
    """The root mean square difference of a run from the first one, as a share of the spread of both."""
    both = values[[0, other]]
    spread = max(float(both.std()), 0.01 * float(np.abs(both).max(initial=0.0)))
    apart = float(np.sqrt(np.mean((both[1] - both[0]) ** 2)))
    return apart / spread if spread else 0.0


def _apart(first: float, other: float) -> float:
    """How far a number is from another, as a share; none if there are none, infinite if there is one only once."""
    if not is_finite_number(first) or not is_finite_number(other):
        return 0.0 if np.isnan(first) and np.isnan(other) else np.inf
    size = max(abs(first), abs(other))
    return abs(other - first) / size if size else 0.0


def _answer(found: Mapping[str, Any], *, random: bool, measured: bool) -> str:
    """Which of the verdicts holds."""
    shares = found["measure_difference"][1] if measured else found["difference"][1].max(axis=1)
    least = MEASURED if measured else CHANGED
    step, seed = float(shares[0]), float(shares[1]) if random else 0.0
    if max(step, seed) <= least:
        return "neither" if random else "model"
    return "step" if step > BEYOND_SEED * seed else "seed"
