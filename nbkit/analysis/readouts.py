"""Owns linear readouts: weights that turn what units do into a signal. Must not know how the units were driven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from nbkit.analysis.labels import about, provenance
from nbkit.analysis.reading import Array, is_still, read_signal, spacing
from nbkit.errors import fail
from nbkit.network.time import Time
from nbkit.results import along_units, population_of, unit_dims

#: How a target may be given: a variable of the Dataset, or samples, (time,) or (time, outputs).
Target = str | xr.DataArray | Array


@dataclass(frozen=True, eq=False)
class Readout:
    """Weights that turn the units of a variable into outputs: output = values · weights + bias.

    Attributes:
        variable: what is read, such as ``"E.r"``.
        weights: ``("E.unit", "output")``, or ``("E.unit",)`` where the target was a single signal.
        bias: ``("output",)`` or a number; zero where it was not fitted.
        ridge: the penalty that it was fitted with.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.simulate(nb.networks.rhythm(size=8), 100.0, 0.1)
        >>> readout = nb.analysis.fit_readout(ds, "E.r", 2.0 * ds["E.r"].mean("E.unit"))
        >>> bool(abs(readout.predict(ds) - 2.0 * ds["E.r"].mean("E.unit")).max() < 1e-6)
        True
    """

    variable: str
    weights: xr.DataArray
    bias: xr.DataArray
    ridge: float

    def predict(self, ds: xr.Dataset, *, discard: Time = 0.0) -> xr.DataArray:
        """Read a Dataset out, ``("time",)`` or ``("time", "output")``.

        Raises:
            NbkitError: if the variable is missing, or holds other units than those of the fit.
        """
        array = _features(ds, self.variable, discard)
        unit = str(array.dims[1])
        if array[unit].shape != self.weights[unit].shape or (array[unit].values != self.weights[unit].values).any():
            what = f"its {array.sizes[unit]} units are not the {self.weights.sizes[unit]} of the fit"
            raise fail("wrong-shape", self.variable, what, "record the same units as for the fit")
        output = array.dot(self.weights, dim=unit) + self.bias
        attributes = about(population_of(array), "readout", "", f"linear readout of {self.variable}")
        return output.assign_attrs(attributes).rename(f"{self.variable}_readout")

    def score(self, ds: xr.Dataset, target: Target, *, discard: Time = 0.0) -> xr.Dataset:
        """Compare what is read out with a target.

        Returns:
            ``r2``, the share of the target's variance that is explained, 1 at best and negative if the target's
            mean were better; ``nrmse``, the root of the mean squared error over the target's standard deviation.
            One number for each output; NaN for a target that never changes.

        Raises:
            NbkitError: what `predict` and `fit_readout` raise.
        """
        output = self.predict(ds, discard=discard)
        wanted = _target(ds, target, output["time"])
        if wanted.shape != output.shape:
            raise fail("wrong-shape", "target", f"{wanted.shape} for {output.shape} outputs", "as it was fitted")
        error = ((output.values - wanted) ** 2).sum(axis=0)
        spread = ((wanted - wanted.mean(axis=0)) ** 2).sum(axis=0)
        share = error / np.where(is_still(wanted.T), np.nan, spread)
        dims = output.dims[1:]
        variables: dict[str, Any] = {
            "r2": (dims, 1 - share, about("", "r2", "", "explained share of the variance")),
            "nrmse": (dims, np.sqrt(share), about("", "nrmse", "", "error over standard deviation of the target")),
        }
        return xr.Dataset(variables, attrs=provenance(ds))


def fit_readout(
    ds: xr.Dataset, name: str, target: Target, *, ridge: float = 0.0, discard: Time = 0.0, bias: bool = True
) -> Readout:
    """Fit weights that make the units of a variable follow a target: ridge regression.

    Minimises the summed squares of the error plus ``ridge`` times those of the weights; the bias is free. Solved as
    one least-squares problem by singular values; without ridge the shortest of equally good weights.

    Args:
        ds: a result.
        name: the variable to read, such as ``"E.r"``.
        target: samples, (time,) or (time, outputs), one for each of the Dataset's; or a DataArray with a coordinate
            ``time`` that holds those times and maybe more; or the name of another variable, such as ``"I.r"``.
        ridge: penalty, zero or more, in the variable's squared unit times samples.
        discard: length left out at the beginning.
        bias: whether to fit a constant too.

    Raises:
        NbkitError: an unknown variable, a target of the wrong shape, numbers that are not finite, a negative ridge.

    Source:
        Hoerl & Kennard (1970) Technometrics 12:55-67; as a readout, Jaeger & Haas (2004) Science 304:78-80.

    Example:
        >>> import nbkit as nb
        >>> fast_and_slow = nb.Population(nb.models.leaky_integrator, 2, {"tau": [5.0, 20.0]}, {"x": 1.0})
        >>> ds = nb.simulate(nb.Network({"E": fast_and_slow}), 50.0, 0.1)
        >>> wanted = ds["E.x"].isel({"E.unit": 0}) - 3 * ds["E.x"].isel({"E.unit": 1})
        >>> nb.analysis.fit_readout(ds, "E.x", wanted).weights.values.round(6).tolist()
        [1.0, -3.0]
    """
    if not (isinstance(ridge, int | float) and 0 <= ridge < np.inf):
        raise fail("bad-value", "ridge", f"{ridge!r} is not zero or a positive number", "try 1e-6")
    array = _features(ds, name, discard)
    values, wanted = array.values, _target(ds, target, array["time"])
    if not np.isfinite(values).all():
        raise fail("not-finite", name, "holds NaN or an infinite number", "a smaller dt, or leave that stretch out")
    middle = values.mean(axis=0) if bias else np.zeros(values.shape[1])
    aim = wanted.mean(axis=0) if bias else np.zeros(wanted.shape[1:])
    weights = _solved(values - middle, wanted - aim, float(ridge))
    unit = str(array.dims[1])
    dims = (unit, *(["output"] if wanted.ndim == 2 else []))
    population, words = population_of(array), f"of the readout of {name}"
    constant = np.asarray(aim - middle @ weights)
    for one in (weights, constant):
        one.setflags(write=False)
    attributes = about(population, "weights", "", f"weights {words}")
    about_units = {str(key): one.variable for key, one in array.coords.items() if one.dims == (unit,)}
    labelled = xr.DataArray(weights, about_units, dims, "weights", attributes)
    offset = xr.DataArray(constant, None, dims[1:], "bias", about(population, "bias", "", f"bias {words}"))
    return Readout(name, labelled, offset, float(ridge))


def train_test_split(ds: xr.Dataset, share: float = 0.7) -> tuple[xr.Dataset, xr.Dataset]:
    """Cut a recording in two at one point in time: to fit on the first part and to score on the second.

    Samples are not shuffled: neighbours are alike, so that a shuffled test would know its answers. Spikes and targets
    with a coordinate ``time`` follow the cut by themselves.

    Args:
        ds: a result.
        share: of the samples that go into the first part, between 0 and 1.

    Raises:
        NbkitError: if a part would have fewer than two samples.

    Example:
        >>> import nbkit as nb
        >>> ds = nb.simulate(nb.Network({"E": nb.Population(nb.models.leaky_integrator, 1)}), 9.9, 0.1)
        >>> [part.sizes["time"] for part in nb.analysis.train_test_split(ds, 0.8)]
        [80, 20]
    """
    samples = ds.sizes.get("time", 0)
    cut = round(share * samples)
    if not 2 <= cut <= samples - 2:
        what = f"{share!r} of {samples} samples leaves a part with fewer than two"
        raise fail("bad-value", "share", what, "give a number between 0 and 1, or run longer")
    return ds.isel(time=slice(0, cut)), ds.isel(time=slice(cut, None))


# ------------------------------------------------------------ inside


def _features(ds: xr.Dataset, name: str, discard: Time) -> xr.DataArray:
    """The units of a variable as columns, ("time", unit)."""
    array = read_signal(ds, name, discard)
    dims = unit_dims(array)
    leading = [str(dim) for dim in array.dims if dim not in ("time", *dims)]
    if leading or not dims:
        what = f"has the dimensions {array.dims}, where time and units are needed"
        raise fail("wrong-shape", name, what, "choose one run, such as ds.isel(seed=0), and record single units")
    return along_units(array).transpose("time", f"{population_of(array)}.unit")


def _target(ds: xr.Dataset, target: Target, time: xr.DataArray) -> Array:
    """Samples of a target at the given times, (time,) or (time, outputs)."""
    if isinstance(target, str):
        target = read_signal(ds, target)
    if isinstance(target, xr.DataArray) and "time" in target.coords:
        values = _at_times(target, time)
    else:
        values = np.asarray(target)
        if values.ndim not in (1, 2) or len(values) != ds.sizes["time"]:
            what = f"has the shape {values.shape}, the Dataset {ds.sizes['time']} samples"
            raise fail("wrong-shape", "target", what, "one row for each sample: (time,) or (time, outputs)")
        values = values[len(values) - time.size :]
    if values.dtype.kind not in "fiub" or values.ndim > 2:
        raise fail("wrong-shape", "target", "is not (time,) or (time, outputs) of numbers", "give an array of numbers")
    if not np.isfinite(values).all():
        raise fail("not-finite", "target", "holds NaN or an infinite number", "leave that stretch out")
    return values.astype(float)


def _at_times(target: xr.DataArray, time: xr.DataArray) -> Array:
    try:
        found = target.sel(time=time.values, method="nearest", tolerance=1e-3 * spacing(time))
    except KeyError:
        what = f"does not cover the times from {float(time[0]):g} to {float(time[-1]):g}"
        raise fail("wrong-shape", "target", what, "one sample for each of the Dataset's") from None
    return np.asarray(found.transpose("time", ...).values)


def _solved(values: Array, wanted: Array, ridge: float) -> Array:
    """Least squares with a penalty on the weights, as one problem with a row more for each weight."""
    if ridge:
        size = values.shape[1]
        values = np.concatenate([values, np.sqrt(ridge) * np.eye(size)])
        wanted = np.concatenate([wanted, np.zeros((size, *wanted.shape[1:]))])
    small = float(np.finfo(float).eps) * max(values.shape)
    from scipy import linalg  # noqa: PLC0415  only readouts need it

    return np.asarray(linalg.lstsq(values, wanted, cond=small)[0])
