"""Owns what a page needs and where it comes from: Pyodide, or what is installed here. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import Distribution

from nbkit.app.lite.bundle import Bundle, plain_name
from nbkit.app.lite.wheels import compiled_parts, installed
from nbkit.errors import NbkitError, Problem, fail

#: what the first cell of a page installs
ASKED = ("nbkit", "ipywidgets", "anywidget")
#: what the kernel asks for before it hears of nbkit: of Pyodide alone, of either, and what may be missing
INSTALLER = ("micropip", "packaging")
KERNEL = ("ipython", "jedi", "comm")
BESIDE = ("sqlite3", "ssl")
#: packages that JupyterLite's kernel stands in for
STOOD_IN = {"ipykernel", "widgetsnbextension"}
#: of what widgets need, all that a released Pyodide has
IN_EVERY_RELEASE = {"ipython", "traitlets", "typing-extensions", *STOOD_IN}
_BROWSER = {
    "implementation_name": "cpython", "os_name": "posix", "platform_machine": "wasm32",
    "platform_python_implementation": "CPython", "platform_system": "Emscripten", "sys_platform": "emscripten",
    "extra": "",
}  # fmt: skip


@dataclass
class Parts:
    """What is taken from Pyodide, and which installed packages become wheels."""

    bundled: set[str] = field(default_factory=set)
    packed: list[str] = field(default_factory=list)


def parts_of(bundle: Bundle | None) -> Parts:
    """Find everything that a page needs.

    Args:
        bundle: a distribution on disk; None for a released one elsewhere, which has what nbkit computes with.

    Raises:
        NbkitError: everything that is neither in the distribution nor can be packed.
    """
    found, problems = Parts(), []
    waiting = [(name, "") for name in ((*ASKED, *KERNEL) if bundle is not None else ASKED[1:])]
    seen = set(STOOD_IN if bundle is not None else IN_EVERY_RELEASE)
    while waiting:
        name, wanted = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        try:
            if bundle is None or not _in_bundle(bundle, name, wanted, found):
                waiting += _pack(name, found)
        except NbkitError as error:
            problems += error.problems
    if bundle is not None:
        problems += [_missing(name) for name in INSTALLER if name not in bundle.packages]
        found.bundled = bundle.closure((*found.bundled, *INSTALLER, *BESIDE))
    if problems:
        raise NbkitError(problems)
    return found


def _in_bundle(bundle: Bundle, name: str, wanted: str, found: Parts) -> bool:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415

    version = bundle.version(name)
    if version is None:
        return False
    if not SpecifierSet(wanted).contains(version, prereleases=True):
        raise fail("missing-package", name, f"the bundle has version {version}, needed is {wanted}", "a newer Pyodide")
    found.bundled.add(name)
    return True


def _pack(name: str, found: Parts) -> list[tuple[str, str]]:
    """Take an installed package along; returns what it needs in turn."""
    try:
        package = installed(name)
    except NbkitError:
        raise NbkitError([_missing(name)]) from None
    if name != "nbkit":
        if compiled_parts(package):
            raise NbkitError([_missing(name)])
        found.packed.append(name)
    return _needs(package)


def _missing(name: str) -> Problem:
    what = "is not in the bundle, and no wheel of this installation can stand in for it"
    return Problem("missing-package", name, what, "a Pyodide release that holds it")


def _needs(package: Distribution) -> list[tuple[str, str]]:
    """Names and ranges of what a package needs in a browser."""
    from packaging.requirements import Requirement  # noqa: PLC0415

    read = [Requirement(text) for text in package.requires or ()]
    return [
        (plain_name(one.name), str(one.specifier))
        for one in read
        if one.marker is None or one.marker.evaluate({**_BROWSER})
    ]
