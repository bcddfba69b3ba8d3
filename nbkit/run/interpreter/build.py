"""Owns the compiling of the interpreter: `python -m nbkit.run.interpreter.build`. Must not know who runs it.

Nothing outside the standard library is needed, so that the package's build can call it.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nbkit.run.interpreter.printer import HERE, file_name, whole

#: No contraction and no other freedom: every processor gives the same bits.
FLAGS = (
    *("-std=c11", "-O3", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall"),
    *("-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math"),
)

#: Libraries for wider vectors, beside the one for every processor of a kind: width -> flags.
VECTORS = {3: ("-march=x86-64-v3",), 4: ("-march=x86-64-v4",)}


def compiler() -> list[str] | None:
    """The command of a C compiler, or None."""
    wanted = os.environ.get("CC")
    names = [shlex.split(wanted)] if wanted else [["cc"], ["gcc"], ["clang"]]
    return next((command for command in names if shutil.which(command[0])), None)


def build(folder: Path = HERE) -> list[Path]:
    """Compile the libraries into a folder.

    Returns:
        What was made, that for every processor first.

    Raises:
        RuntimeError: without a compiler, or with what the compiler said.
    """
    command = compiler()
    if command is None:
        raise RuntimeError("no C compiler: neither cc nor gcc nor clang is there")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "interpreter.c"
        source.write_text(whole(), encoding="utf-8")
        return list(_compiled(command, source, folder))


def _compiled(command: list[str], source: Path, folder: Path) -> Iterator[Path]:
    flags = [*FLAGS, *shlex.split(os.environ.get("ARCHFLAGS", ""))]
    if sys.platform == "win32":
        flags += ["-static-libgcc"]
    wide = VECTORS if platform.machine().lower() in ("x86_64", "amd64") and sys.platform != "darwin" else {}
    for vectors, more in {0: (), **wide}.items():
        made = source.with_name(file_name(vectors))
        done = subprocess.run(  # noqa: S603  a compiler that the user chose
            [*command, *flags, *more, str(source), "-o", str(made), "-lm"], capture_output=True, text=True, check=False
        )
        if done.returncode and not vectors:
            raise RuntimeError(f"{shlex.join(command)} failed:\n{done.stderr}")
        if not done.returncode:  # an old compiler may not know wide vectors
            target = folder / made.name
            partial = target.with_name(f"{target.name}.{os.getpid()}")
            shutil.copyfile(made, partial)
            partial.replace(target)
            yield target


if __name__ == "__main__":
    for path in build(*map(Path, sys.argv[1:2])):
        sys.stdout.write(f"{path}\n")
