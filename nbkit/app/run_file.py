"""Owns `nbkit run`: a network from a file, run, its result in a file. Must not know the words of the command."""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbkit.errors import CODES, NbkitError, NbkitNote, Problem, fail, shown
from nbkit.network.document import FORMAT, Document
from nbkit.network.time import Time
from nbkit.simulation.asking import SUFFIX, out_problems, place_problems
from nbkit.simulation.simulate import simulate
from nbkit.simulation.storage import MOST_HELD
from nbkit.study.health import health

if TYPE_CHECKING:
    import xarray

NETCDF = ".nc"

#: name of a keyword -> its word on the command line, where problems of it are told
_WORDS = {key: f"--{key}" for key in ("duration", "dt", "seed", "record", "method", "precision", "delays", "discard")}


class EndedEarlyError(Exception):
    """The run was ended by a key; nothing was written."""


def run_file(
    file: str | Path,
    out: str | Path,
    given: Mapping[str, Any],
    *,
    accelerator: bool | None = None,
    discard: Time = 0.0,
    tell: Callable[[str], None] = lambda _: None,
) -> str:
    """Run the network of a file and write the result to a new file; there is a whole one afterwards, or none.

    Args:
        file: JSON of a network, or of a document with the setup of its run.
        out: ``.nc`` for netCDF, or ``.zarr`` for a store that takes in recordings of any size.
        given: fields of `nbkit.Setup` that take the place of the document's own.
        accelerator: as for `nbkit.simulate`.
        discard: as for `nbkit.simulate`.
        tell: takes what is worth knowing before the run.

    Returns:
        What was written, in words.

    Raises:
        NbkitError: all problems of file, network, numbers and place together, before anything is run; then
            ``run-not-finite`` or ``bad-file``.
        EndedEarlyError: for a run that was ended early.
    """
    document, asked, problems = _read(Path(file))
    asked |= given
    path = Path(out)
    stores = path.suffix == SUFFIX
    problems += out_problems(path, "--out") if stores else _netcdf_problems(path)
    if document is not None:
        missing = [*_missing(asked)]
        problems += missing
        problems += (
            document.network.check() if missing else _health_problems(document, asked, discard, tell, stores=stores)
        )
    if problems or document is None:
        raise NbkitError(problems)
    keywords = asked | {"accelerator": accelerator, "discard": discard, "progress": True}
    return _written(path, lambda store: simulate(document.network, **keywords, out=store), stores=stores)


def _read(file: Path) -> tuple[Document | None, dict[str, Any], list[Problem]]:
    """The document of a file, the keywords of its setup if it has one, and what is wrong with it."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return None, {}, [Problem("unknown-format", shown(str(file)), f"cannot be read: {error}", "a JSON file")]
    try:
        document = Document.from_json(text)
    except NbkitError as error:
        return None, {}, list(error.problems)
    has_setup = json.loads(text)["format"] == FORMAT
    return document, document.setup.keywords() if has_setup else {}, []


def _missing(asked: Mapping[str, Any]) -> Iterator[Problem]:
    for key, example in (("duration", "200"), ("dt", "0.1")):
        if key not in asked:
            what = f"the file holds no setup, and no {key} is given"
            yield Problem("missing-key", _word(key), what, f"{_word(key)} {example}")


def _netcdf_problems(path: Path) -> Iterable[Problem]:
    if path.suffix != NETCDF:
        what = f"{shown(str(path))} ends neither in {NETCDF} nor in {SUFFIX}"
        return [Problem("bad-file", "--out", what, f"--out {path.stem or 'run'}{NETCDF}")]
    return place_problems(path, "--out")


def _health_problems(
    document: Document, asked: Mapping[str, Any], discard: Time, tell: Callable[[str], None], *, stores: bool
) -> list[Problem]:
    """What the run would be refused for; what else health finds of some weight is told."""
    found = health(document.network, **asked, discard=discard)
    problems = []
    for finding in found.findings:
        large = finding.code == "too-much-memory" and finding.where == "record"
        if large and stores:
            continue
        if finding.level == "problem" and finding.code in CODES:
            words = [remedy.words for remedy in finding.remedies if remedy.changes or not large]
            tried = "; ".join([f"--out FILE{SUFFIX}", *words] if large else words)
            problems.append(Problem(finding.code, _word(finding.where), finding.what, tried))
        elif finding.level != "note":
            tell(str(finding))
    if not problems and found.forecast is not None:
        kept = found.forecast.recording_bytes
        tell(str(replace(found.forecast, recording_bytes=min(kept, MOST_HELD) if stores else kept)))
    return problems


def _word(where: str) -> str:
    """A place as the command line names it."""
    return _WORDS.get(where, where)


def _written(path: Path, run: Callable[[Path | None], xarray.Dataset], *, stores: bool) -> str:
    """Run, and write the result beside its place, to which it goes when it is whole."""
    try:
        aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.absolute().parent))
    except OSError as error:
        raise fail("bad-file", "--out", f"cannot be written: {error}", "a folder that can be written to") from None
    try:
        part = aside / path.name
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "interrupted at", NbkitNote)
            result = run(part if stores else None)
        if "interrupted" in result.attrs:
            raise EndedEarlyError
        if not stores:
            result.to_netcdf(part, engine="scipy")
        told = _told(path, result)
        result.close()
        part.replace(path)
    except (OSError, ValueError) as error:
        if isinstance(error, NbkitError):
            raise
        raise fail("bad-file", "--out", f"cannot be written: {error}", f"--out {path.stem}{SUFFIX}") from error
    except KeyboardInterrupt:
        raise EndedEarlyError from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return told


def _told(path: Path, result: xarray.Dataset) -> str:
    """What a file holds, in words."""
    rows = [f"{name} {array.shape}" for name, array in result.data_vars.items() if array.dims[:1] == ("time",)]
    spikes = [
        f"{size:,} spikes of {str(dim).removesuffix('.spike')}"
        for dim, size in result.sizes.items()
        if str(dim).endswith(".spike")
    ]
    return f"{path}: {', '.join([*rows, *spikes])}"
