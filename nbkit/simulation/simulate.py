"""Owns `simulate`: one call from a network to a result, for one seed or several. Must not know pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.errors import fail
from nbkit.model.counting import repeat
from nbkit.network.network import Network
from nbkit.network.time import Time
from nbkit.run.stepper import Progress
from nbkit.simulation.asking import Out
from nbkit.simulation.recording import Asked, Record
from nbkit.simulation.simulation import Simulation

if TYPE_CHECKING:
    import xarray


def simulate(
    network: Network,
    duration: Time,
    dt: Time,
    record: Asked = None,
    seed: int | Sequence[int] = 0,
    *,
    backend: str = "numpy",
    method: str | None = None,
    precision: str = "float64",
    delays: str = "error",
    accelerator: bool | None = None,
    deterministic: bool = True,
    until: str | None = None,
    discard: Time = 0.0,
    progress: bool | Progress | None = None,
    out: Out = None,
) -> xarray.Dataset:
    """Run a network from t = 0 and return what was recorded.

    Args:
        network: what to run.
        duration: a whole number of steps, in the network's time unit or as text such as ``"200 ms"``.
        dt: step.
        record: paths such as ``["E.r"]`` or ``"E.spike"``, or `Record`; None for the spikes of spiking
            populations and all states of the others (of a model without states its algebraic variables).
        seed: root of every draw; equal seeds give equal bits. A list runs one after the other and gives the
            result a leading dimension ``seed``.
        backend: as for `Simulation`.
        method: as for `Simulation`.
        precision: as for `Simulation`.
        delays: as for `Simulation`.
        accelerator: as for `Simulation`.
        deterministic: as for `Simulation`.
        until: a condition such as ``"mean(E.r) > 0.5"`` at which the run ends early; not tested before ``discard``.
        discard: leave out the samples before this time.
        progress: True for a bar, or a function called now and then with (steps made, steps asked).
        out: a new Zarr store such as ``"run.zarr"``. What is recorded is written there while it is made, whatever its
            size, and read when it is asked for. A run that ends early says in its attribute ``interrupted`` or
            ``stopped`` how far it came, one that was killed in ``unfinished``. Needs ``nbkit[storage]``.

    Returns:
        Samples 0 to n of every recorded variable, dimensions ``("time", "E.unit")``, or
        ``("time", "E.grid_y", "E.grid_x")`` of a population on a grid. Sample k is the
        state at t = k·dt, before step k.

    Raises:
        NbkitError: all problems together.

    Example:
        >>> import nbkit as nb
        >>> net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1, initial={"x": 1.0})})
        >>> round(float(nb.simulate(net, 10.0, 0.1)["E.x"][-1, 0]), 6)  # (1 - 0.01)**100
        0.366032
    """
    if not isinstance(record, str | Record | None) and isinstance(record, Iterable):
        record = list(record)

    def one(root: int) -> xarray.Dataset:
        simulation = Simulation(
            network,
            dt,
            seed=root,
            backend=backend,
            method=method,
            precision=precision,
            delays=delays,
            accelerator=accelerator,
            deterministic=deterministic,
        )
        return simulation._run(duration, record, progress, until, discard, out=out)  # noqa: SLF001  one package

    seeds = _several(seed)
    if seeds is None:
        return one(seed)  # type: ignore[arg-type]
    if until is not None:
        raise fail("bad-seed", "seed", "several seeds end at different times with until=", "give one seed")
    if out is not None:
        raise fail("bad-seed", "seed", "several seeds do not go into one store", "one seed, and one store, at a time")
    return _together([one(root) for root in seeds], seeds)


def _several(seed: Any) -> list[int] | None:
    """The seeds of a list, or None for a single one."""
    if isinstance(seed, np.ndarray) and seed.ndim == 1:
        seed = seed.tolist()
    if not isinstance(seed, Sequence) or isinstance(seed, str | bytes):
        return None
    if not seed or len(set(seed)) < len(seed):
        what = "a seed stands twice" if seed else "an empty list of seeds"
        raise fail("bad-seed", "seed", what, "give one seed, or a list of different ones")
    return list(seed)


def _together(results: list[xarray.Dataset], seeds: list[int]) -> xarray.Dataset:
    """Results of several seeds in one, with the leading dimension ``seed``; spikes tell theirs beside the unit."""
    import xarray  # noqa: PLC0415  half a second that only results need

    spikes: dict[str, Any] = {}
    for along in {str(d) for ds in results for d in ds.dims if str(d).endswith(".spike")}:
        counts = [ds.sizes[along] for ds in results]
        held = [str(name) for name in results[0].data_vars if along in results[0][name].dims]
        for name in held:
            spikes[name] = xarray.concat([ds[name] for ds in results], along)
        spikes[f"{along}_seed"] = (along, repeat(seeds, counts), {"long_name": "seed of each spike"})
    plain = [ds.drop_vars([name for name in spikes if name in ds]) for ds in results]
    joined = xarray.concat(
        plain, xarray.DataArray(seeds, dims="seed", name="seed"), data_vars="all", combine_attrs="override"
    )
    return joined.assign(spikes).assign_attrs(seed=seeds)
