"""Owns the printing of the interpreter: one C file, made of the table of operations. Must not know programs or arrays.

Nothing outside the standard library is needed, so that the package's build can print it.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nbkit.model.functions import COMPARE, OPERATIONS

#: The columns of an instruction, as C names them.
COLUMNS = (
    *("OPERATION", "UNITS", "TARGET", "TARGET_STEP", "TARGET_BASE"),
    *("A", "A_STEP", "A_BASE", "B", "B_STEP", "B_BASE", "C", "C_STEP", "C_BASE"),
    *("WHOLE", "OTHER", "X", "Y", "Z", "BY", "DELAY", "FIRST", "SIZE", "TWIN"),
)

#: Whether each source is a number for each unit (v) or one for all (s).
FORMS = {1: ("v",), 2: ("vv", "vs", "sv")}

#: Two operations in one row, each rounded as if it stood alone: (a first b) second c. The value of the first stands
#: at {0}, c at {1}.
FIRST = {"add": ("vv", "vs"), "multiply": ("vv", "vs"), "subtract": ("vv", "vs", "sv")}
SECOND = {
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "from": "{1} - {0}",
    "multiply": "{0} * {1}",
    "over": "{1} / {0}",
}

#: Operations that the table does not have.
MORE = (
    *("dense", "uniform", "sparse_32", "sparse_64"),
    *("spike", "assign", "increase", "hold", "arrive", "arrive_counts", "gather", "synapses"),
    *(f"{kind}_{plan}" for kind in ("deliver", "fold") for plan in ("dense", "sparse_32", "sparse_64", "alike")),
)

#: Functions whose own form is right for all but far arguments, which the C library works out.
FAR = ("sin", "cos", "pow")

PRECISIONS = {"float64": "double", "float32": "float"}

#: Where the parts of the C file are, and the libraries that belong to this copy of the package.
HERE = Path(__file__).parent


def _kernels() -> dict[str, tuple[int, str, str]]:
    """Name -> number of arguments, form and C expression of every operation of the table."""
    rows = {row.name: (row.arity, row.c) for row in OPERATIONS.values() if row.numpy} | {"copy": (1, "{0}")}
    forms = {name: ("v", "s") if name == "copy" else FORMS[arity] for name, (arity, _) in rows.items()}
    return {f"{name}_{form}": (*rows[name], form) for name in rows for form in forms[name]}


def _pairs() -> Iterator[tuple[str, str, str]]:
    """First operation, second one and form of every pair."""
    for first, forms in FIRST.items():
        yield from ((first, second, form + last) for second in SECOND for form in forms for last in "vs")


#: Names of the pairs.
PAIRS = tuple("_".join(pair) for pair in _pairs())

#: Names of the comparisons that note spikes at once.
TESTS = tuple(f"spike_{row.name}_{form}" for row in OPERATIONS.values() if row.binds == COMPARE for form in FORMS[2])

#: name of an operation with the form of its sources -> its number
NUMBERS: dict[str, int] = {name: number for number, name in enumerate((*_kernels(), *PAIRS, *MORE, *TESTS))}


@cache
def source() -> str:
    """The whole C file."""
    head = "/* Printed from the table of operations; not to be edited. */\n\n"
    columns = ", ".join(COLUMNS)
    parts = [head, _text("functions"), _text("spikes"), _text("noise"), f"\nenum {{ {columns}, ROW }};\n"]
    for precision, kind in PRECISIONS.items():
        parts.append(f"\n#define F {kind}\n#define T(name) name##_{precision}\n")
        parts.append(
            "\ntypedef struct T(Live) {\n    void (*run)(const struct T(Live) *, Spikes *);\n    F *d;\n"
            "    const F *a, *b, *c;\n    U n, ds, as, bs, cs;\n    const U *row;\n} T(Live);\n\n"
        )
        parts += [_kernel(name, *kernel) for name, kernel in _kernels().items()]
        parts += [_pair(*pair) for pair in _pairs()]
        named = ", ".join(f"T({name})" for name in NUMBERS)
        tests = "".join(_test(*name.removeprefix("spike_").rsplit("_", 1)) for name in TESTS)
        parts.append(_text("machine").replace("T_TESTS", tests).replace("T_KERNELS", named))
        parts.append(
            "\n#undef F\n#undef T\n#undef SPARSE\n#undef STRIP\n#undef ADD_ENTRIES\n#undef DELIVER\n#undef FOLD\n"
        )
    return "".join(parts)


@cache
def fingerprint() -> int:
    """A number that tells one version of the source from another: a library of another version is never run."""
    return int.from_bytes(hashlib.sha256(source().encode()).digest()[:7], "big")


def whole() -> str:
    """The C file with its fingerprint, and what tells the processor's vectors."""
    return f"{source()}\n#define FINGERPRINT {fingerprint()}ULL\n{_text('processor')}"


def file_name(vectors: int = 0) -> str:
    """Name of the library for a width of vectors; 0 is that for every processor of a kind."""
    ending = {"win32": "dll", "darwin": "dylib"}.get(sys.platform, "so")
    return f"interpreter{f'-v{vectors}' if vectors else ''}.{ending}"


def _text(name: str) -> str:
    return (HERE / f"{name}.c").read_text(encoding="utf-8")


def _kernel(name: str, arity: int, written: str, form: str) -> str:
    """One operation as a loop over units."""
    arguments = "ab"[:arity]
    values = [f"{x}[j]" if kind == "v" else f"{x}0" for x, kind in zip(arguments, form, strict=True)]
    lines = [f"static void T({name})(const T(Live) *l, Spikes *all) {{", "    F *RESTRICT d = l->d;"]
    lines += [
        f"    const F *RESTRICT {x} = l->{x};" if kind == "v" else f"    const F {x}0 = l->{x}[0];"
        for x, kind in zip(arguments, form, strict=True)
    ]
    called = re.match(r"(\w+)\(", written)
    far = called[1] if called and called[1] in FAR else ""
    own = re.sub(r"\b([a-z]\w*)\(", "near_\\1(" if far else "own_\\1(", written).format(*values)
    lines += ["    const U n = l->n;", "    (void)all;", f"    for (U j = 0; j < n; j++) d[j] = (F){own};"]
    if far:
        given = ", ".join(values)
        lines += [
            "    int any = 0;",
            f"    for (U j = 0; j < n; j++) any |= far_{far}({given});",
            "    if (any)",
            f"        for (U j = 0; j < n; j++) if (far_{far}({given})) d[j] = (F){far}({given});",
        ]
    return "\n".join([*lines, "}", ""])


def _pair(first: str, second: str, form: str) -> str:
    """Two operations as one loop over units; the target may be one of the sources, row for row."""
    values = [f"{x}[j]" if kind == "v" else f"{x}0" for x, kind in zip("abc", form, strict=True)]
    inner = f"(F){OPERATIONS[first].c.format(*values[:2])}"
    lines = [f"static void T({first}_{second}_{form})(const T(Live) *l, Spikes *all) {{", "    F *d = l->d;"]
    lines += [
        f"    const F *{x} = l->{x};" if kind == "v" else f"    const F {x}0 = l->{x}[0];"
        for x, kind in zip("abc", form, strict=True)
    ]
    written = SECOND[second].format(inner, values[2])
    lines += ["    const U n = l->n;", "    (void)all;", "    EACH_ALONE"]
    return "\n".join([*lines, f"    for (U j = 0; j < n; j++) d[j] = {written};", "}", ""])


def _test(name: str, form: str) -> str:
    """A comparison that notes who spikes; most stretches of units have none."""
    values = [f"{x}[j + k]" if kind == "v" else f"{x}0" for x, kind in zip("ab", form, strict=True)]
    written = OPERATIONS[name].c.removeprefix("(double)").format(*values)
    lines = [f"static void T(spike_{name}_{form})(const T(Live) *l, Spikes *all) {{"]
    lines += [
        f"    const F *{x} = l->{x};" if kind == "v" else f"    const F {x}0 = l->{x}[0];"
        for x, kind in zip("ab", form, strict=True)
    ]
    return "\n".join([*lines, f"    NOTE_SPIKES({written})", "}", ""])
