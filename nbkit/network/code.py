"""Owns the Python form of networks: the text that a user would have typed. Must not know how a network runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nbkit.model import shipped
from nbkit.model.model import Model
from nbkit.network.chosen import Rectangle
from nbkit.network.kernels import Kernel

if TYPE_CHECKING:
    from nbkit.network.network import Network

_WIDTH = 100


def to_code(network: Network) -> str:
    """Write a network as Python that makes it again; only what differs from a default is written."""
    populations = dict(network.populations)
    own = {p.model.name: p.model for p in populations.values() if not _is_shipped(p.model)}
    same_name = [m for m in {id(p.model): p.model for p in populations.values()}.values() if not _is_shipped(m)]
    variables = {id(m): m.name if own.get(m.name) is m else f"{m.name}_{i}" for i, m in enumerate(same_name)}
    lines = ["import numpy as np", "", "import nbkit as nb", ""]
    lines += [f"{variables[id(model)]} = {_model(model)}" for model in same_name]
    parts = [_mapping({n: _Raw(_population(p, variables)) for n, p in populations.items()}, 4)]
    for name in ("projections", "stimuli"):
        held = getattr(network, name)
        if held:
            inside = "".join(f"        {_written(part)},\n" for part in held)
            parts.append(f"{name}=[\n{inside}    ]")
    if network.time_unit != "ms":
        parts.append(f"time_unit={network.time_unit!r}")
    body = "".join(f"    {part},\n" for part in parts)
    text = "\n".join([*lines, f"net = nb.Network(\n{body})", ""])
    return text if "np." in text else text.replace("import numpy as np\n\n", "", 1)


@dataclasses.dataclass(frozen=True)
class _Raw:
    """Text that is code already."""

    text: str


def _is_shipped(model: Model) -> bool:
    return model.name in shipped.names() and getattr(shipped, model.name) == model


def _model(model: Model) -> str:
    plain = not any(mark in model.equations for mark in ('"', "\\", "\r"))
    equations = f'"""{model.equations}"""' if plain and "\n" in model.equations else repr(model.equations)
    skipped = ("name", "equations")
    rest = [f"{k}={v}" for k, v in _differing(model).items() if k not in skipped]
    return f"nb.Model(\n    {model.name!r},\n    {equations},\n" + "".join(f"    {r},\n" for r in rest) + ")"


def _population(population: Any, variables: Mapping[int, str]) -> str:
    model = population.model
    named = variables.get(id(model), f"nb.models.{model.name}")
    rest = [f"{k}={v}" for k, v in _differing(population).items() if k not in ("model", "size")]
    return f"nb.Population({', '.join([named, str(population.size), *rest])})"


def _differing(part: Any) -> dict[str, str]:
    """The fields of a dataclass that are not at their defaults, as code."""
    found = {}
    for f in dataclasses.fields(part):
        if not f.init:
            continue
        value = getattr(part, f.name)
        default = f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default
        if type(value) is type(default) and not isinstance(value, np.ndarray) and value == default:
            continue
        if isinstance(value, Mapping) and not value:
            continue
        found[f.name] = _written(value)
    return found


def _written(value: Any) -> str:  # noqa: PLR0911  one return per kind of value
    if isinstance(value, _Raw):
        return value.text
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r})"
    if isinstance(value, Mapping):
        return _mapping(value, 0)
    if isinstance(value, slice | Rectangle) or not dataclasses.is_dataclass(value):
        return repr(value)
    fields = _differing(value)
    kind = type(value).__name__
    if kind == "SparseMatrix":
        return f"nb.SparseMatrix({', '.join(f'{k}={v}' for k, v in fields.items())})"
    if kind in ("Projection", "Stimulus"):
        fields.pop("name" if _is_default(value, "name", "") else "", None)
        if kind == "Projection" and _is_default(value, "weight_is", None):
            fields.pop("weight_is", None)
        first = [fields.pop(k) for k in ("source", "target", "signal") if k in fields]
        return f"nb.{kind}({', '.join([*first, *(f'{k}={v}' for k, v in fields.items())])})"
    space = "nb.kernels" if isinstance(value, Kernel) else "nb"
    return f"{space}.{kind}({', '.join(f'{k}={v}' for k, v in fields.items())})"


def _is_default(part: Any, field: str, left_out: object) -> bool:
    """Whether a field holds what its part would give it."""
    return bool(getattr(part, field) == getattr(dataclasses.replace(part, **{field: left_out}), field))


def _mapping(value: Mapping[str, Any], indent: int) -> str:
    inside = [f"{k!r}: {_written(v)}" for k, v in value.items()]
    short = "{" + ", ".join(inside) + "}"
    if len(short) + indent <= _WIDTH:
        return short
    pad = " " * (indent + 4)
    return "{\n" + "".join(f"{pad}{line},\n" for line in inside) + " " * indent + "}"
