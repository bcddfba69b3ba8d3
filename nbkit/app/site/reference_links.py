"""Owns where each name of the reference has its page. Must not know what stands in the pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import griffe

from nbkit.app.site.reference_names import Entry, target
from nbkit.errors import CODES

ERRORS = "errors.html"


@dataclass(frozen=True)
class Links:
    """Name as written, or dotted place of a definition -> file in the folder of the reference, perhaps with an anchor.

    Attributes:
        names: by the name after ``nb.``.
        places: by where it is defined.
    """

    names: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def name(self, text: str) -> str:
        """Where code in prose leads: a name with or without ``nb.``, ``Class.method``, a call, or an error's code."""
        if text in CODES:
            return f"{ERRORS}#{text}"
        read = re.fullmatch(r"(nb\.|nbkit\.)?([A-Za-z_][\w.]*)(\(.*\))?", text, flags=re.DOTALL)
        if read is None:
            return ""
        if read[1] or read[2][0].isupper() or (read[3] and "." not in read[2]):
            return self.names.get(read[2], "")
        return ""

    def place(self, path: str) -> str:
        """Where a definition is told."""
        return self.places.get(path, "")


def links_of(entries: Iterable[Entry], package: griffe.Module, models: Iterable[str], networks: Iterable[str]) -> Links:
    """The places of all pages; two names that differ only in their case never share a file."""
    names: dict[str, str] = {}
    places: dict[str, str] = {}
    taken: set[str] = set()
    for entry in entries:
        held = target(package, entry.path)
        stem = entry.name if entry.name.lower() not in taken else f"{entry.name}.{held.kind.value}"
        taken.add(stem.lower())
        names[entry.name] = places[held.path] = f"{stem}.html"
        if held.is_class:
            inside = {name: f"{stem}.html#{name}" for name in public_members(held)}
            names |= {f"{entry.name}.{name}": where for name, where in inside.items()}
        elif held.is_module:
            inside = {name: f"{stem}.html#{name}" for name, one in held.members.items() if not name.startswith("_")}
            names |= (
                {f"{entry.name}.{name}": where for name, where in inside.items()} if ".ready." in entry.name else {}
            )
    for kind, shipped in (("models", models), ("networks", networks)):
        names |= {f"{kind}.{name}": f"{kind}.{name}.html" for name in shipped}
    classes = {
        name.split(".")[-1]: where for name, where in reversed(names.items()) if name.split(".")[-1][0].isupper()
    }
    return Links(classes | names, places)


def public_members(thing: griffe.Class) -> dict[str, griffe.Object]:
    """Methods and properties that a user may call, also those of its bases of ours, in the order of the source."""
    out: dict[str, griffe.Object] = {}
    for name, member in thing.all_members.items():
        held = member.final_target if member.is_alias else member
        if not name.startswith("_") and (held.is_function or "property" in held.labels):
            out[name] = held
    return out
