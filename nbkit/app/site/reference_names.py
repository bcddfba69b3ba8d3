"""Owns which names the reference speaks of, and in which order. Must not know pages or HTML."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import griffe

from nbkit.model import shipped as models
from nbkit.network import shipped as networks

#: what a user does -> its title, what it is about, and its headings with the names below them; a name that ends in
#: ``.*`` stands for all members of a module that have no place of their own
GROUPS: dict[str, tuple[str, str, dict[str, tuple[str, ...]]]] = {
    "describe": (
        "Describe",
        "Equations, populations, connections and stimuli. All of it is frozen data.",
        {
            "Units": ("Model", "State", "Parameter", "models"),
            "Networks": ("Network", "Population", "Projection", "Stimulus", "Setup", "Document", "networks"),
            "Laws that values are drawn from": (
                *("Uniform", "Normal", "LogNormal", "Lorentzian", "Exponential", "Truncated", "Quantiles", "Balanced"),
            ),
            "Connection rules": (
                *("AllToAll", "OneToOne", "FixedTotalNumber", "FixedInDegree", "FixedOutDegree", "Bernoulli"),
                *("SymmetricBernoulli", "Explicit"),
            ),
            "Weights and delays": ("SparseMatrix", "read_weights", "ConductionDelay"),
            "Kernels of distance": ("kernels", "kernels.*"),
            "Stimuli": (
                *("Step", "Pulse", "Ramp", "Sine", "Expression", "MovingBubble", "Noise", "UniformNoise"),
                *("OrnsteinUhlenbeck", "Poisson", "SpikeTimes", "Recorded"),
            ),
            "Signals for benchmarks": ("sources", "sources.*"),
        },
    ),
    "run": (
        "Run",
        "From a network to labelled arrays.",
        {"Runs": ("simulate", "Simulation", "Record", "joined")},
    ),
    "analyse": ("Analyse", "Numbers read off a result.", {"Analysis": ("analysis", "analysis.*")}),
    "study": (
        "Study",
        "What theory says, sweeps, and a look before the run.",
        {
            "Predictions, sweeps, checks": ("Prediction", "sweep", "health"),
            "Predictions that are ready": ("study.ready.*",),
            "Theory": ("study", "study.*"),
        },
    ),
    "plot": ("Plot", "Bokeh figures of results; files for a paper.", {"Figures": ("paper", "plots", "plots.*")}),
    "compose": (
        "Compose",
        "What moves in a notebook.",
        {"Widgets": ("Workbench", "explore", "live", "LiveFigure")},
    ),
    "teach": (
        "Teach",
        "Tasks that check themselves, and numbers that a lesson keeps.",
        {
            "Tasks": (
                *("Task", "checkpoint", "study.Question", "study.Verdict", "study.Criterion", "study.Mark"),
                *("study.Guess", "study.Attempts", "study.attempts", "study.Finding"),
            )
        },
    ),
    "mend": ("When something is wrong", "Errors and notes.", {"Errors": ("NbkitError", "Problem", "NbkitNote")}),
}

#: modules whose members have pages of another kind
_OWN_PAGES = ("models", "networks")


@dataclass(frozen=True)
class Entry:
    """One name of the reference: ``name`` as it is written after ``nb.``, ``path`` where it is defined."""

    name: str
    path: str
    group: str
    heading: str

    @property
    def shown(self) -> str:
        """The name as a user writes it."""
        return f"nb.{self.name}"


def target(package: griffe.Module, path: str) -> griffe.Object:
    """The definition at a dotted place, past imports; a function whose module has its name hides the module."""
    held = package[path.removeprefix("nbkit.")]
    held = held.final_target if held.is_alias else held
    name = path.rpartition(".")[2]
    return target(package, f"{held.path}.{name}") if held.is_module and name in held.members else held


def public_table(package: griffe.Module) -> dict[str, str]:
    """Public name -> dotted place of its definition, as the table of ``nbkit/__init__.py`` says."""
    held: dict[str, tuple[str, str]] = ast.literal_eval(str(package["_PUBLIC"].value))
    return {name: ".".join(filter(None, place)) for name, place in held.items()}


def module_members(module: griffe.Module) -> list[str]:
    """Public members of a module: what it exports, else the functions and classes defined in it."""
    if module.exports:
        return [str(name) for name in module.exports]
    own = [(name, member) for name, member in module.members.items() if not name.startswith("_")]
    return [name for name, member in own if not member.is_alias and (member.is_function or member.is_class)]


def all_names(package: griffe.Module) -> dict[str, str]:
    """Every name of the reference -> its dotted place: the table, the members of its modules, ready predictions."""
    found = public_table(package)
    for name, path in public_table(package).items():
        held = target(package, path)
        if not isinstance(held, griffe.Module):
            continue
        if name in _OWN_PAGES:
            found[f"{name}.names"] = f"{path}.names"
        else:
            found |= {f"{name}.{member}": f"{path}.{member}" for member in module_members(held)}
    return found | {f"study.ready.{name}": f"nbkit.study.ready.{name}" for name in ready_modules(package)}


def ready_modules(package: griffe.Module) -> list[str]:
    """The modules of ``nb.study.ready`` that make predictions of a network."""
    folder = package["study.ready"]
    return [
        name
        for name, held in folder.members.items()
        if not held.is_alias and held.is_module and list(ready_functions(held))
    ]


def ready_functions(module: griffe.Module) -> Iterator[griffe.Function]:
    """The functions of a module that take a network and give a prediction."""
    for name, member in module.members.items():
        if name.startswith("_") or member.is_alias or not member.is_function:
            continue
        taken = list(member.parameters)
        if str(member.returns) == "Prediction" and taken and taken[0].name == "network":
            yield member


def arranged(names: dict[str, str]) -> tuple[list[Entry], list[str]]:
    """All entries in the order of the groups, and the names that have no place in them."""
    placed = {name for _, _, headings in GROUPS.values() for below in headings.values() for name in below}
    placed |= {"study.ready", *(f"{module}.names" for module in _OWN_PAGES)}
    entries: list[Entry] = []
    for group, (_, _, headings) in GROUPS.items():
        for heading, below in headings.items():
            for name in below:
                fitting = _below(name, names, placed) if name.endswith(".*") else [name] if name in names else []
                entries += [Entry(one, names[one], group, heading) for one in fitting]
    covered = {entry.name for entry in entries} | placed
    return entries, [name for name in names if name not in covered]


def _below(pattern: str, names: dict[str, str], placed: set[str]) -> list[str]:
    stem = pattern.removesuffix("*")
    return [name for name in names if name.startswith(stem) and "." not in name[len(stem) :] and name not in placed]


def shipped(kind: str) -> tuple[str, ...]:
    """Names of the shipped models or networks: ``shipped("models")``."""
    return {"models": models, "networks": networks}[kind].names()


def families(package: griffe.Module) -> dict[str, tuple[str, ...]]:
    """What a family of shipped models is, in words -> the names of its models."""
    held: dict[str, tuple[str, ...]] = ast.literal_eval(str(package["model.shipped._FAMILIES"].value))
    return {_family_words(package[f"model.shipped.{name}"]): models for name, models in held.items()}


def _family_words(module: griffe.Module) -> str:
    """``Owns oscillators, as data.`` is the family of oscillators."""
    line = module.docstring.value.split("\n")[0] if module.docstring else module.name
    words = line.removeprefix("Owns ").split(".")[0].removesuffix(", as data")
    return words[:1].upper() + words[1:]


def network_place(package: griffe.Module, name: str) -> str:
    """Dotted place of the function that makes a shipped network."""
    files: dict[str, str] = ast.literal_eval(str(package["network.shipped._FILES"].value))
    return f"nbkit.network.shipped.{files[name]}.{name}"
