"""Owns what the package's build adds to a wheel: the gallery, and the compiled interpreter where a C compiler is."""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
PLACE = "nbkit/run/interpreter"
SHELF = ROOT / "gallery"


class CustomBuildHook(BuildHookInterface[Any]):
    """Compiles the interpreter into the wheel, or beside its source for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and mark the wheel as one for this platform; without a compiler it stays one for all."""
        sys.path.insert(0, str(ROOT))
        from nbkit.run.interpreter.build import build  # noqa: PLC0415  the package that is being built

        editable = version == "editable"
        if not editable:
            build_data["force_include"].update(gallery())
        self._work = tempfile.TemporaryDirectory(prefix="nbkit-build-")
        try:
            made = build(ROOT / PLACE if editable else Path(self._work.name))
        except (RuntimeError, OSError) as error:
            if os.environ.get("NBKIT_NEED_COMPILER"):
                raise
            self.app.display_warning(f"nbkit is installed without its accelerator: {error}")
            return
        if not editable:
            build_data["force_include"].update({str(path): f"{PLACE}/{path.name}" for path in made})
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform_tag()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        del version, build_data, artifact_path
        self._work.cleanup()


def gallery() -> dict[str, str]:
    """What `nbkit gallery build` reads: the entries and the guides, without the pictures of the README."""
    folders = sorted({file.parent for pattern in ("*/story.md", "guides/*.ipynb") for file in SHELF.glob(pattern)})
    return {str(folder): f"nbkit/app/entries/{folder.name}" for folder in folders}


def platform_tag() -> str:
    """The tag of this platform; on macOS that of the processor that is compiled for."""
    if sys.platform == "darwin":
        flags = os.environ.get("ARCHFLAGS", "").split()
        return f"macosx_11_0_{flags[-1] if flags else platform.machine()}"
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
