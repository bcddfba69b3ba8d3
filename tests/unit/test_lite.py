"""Laws of `nbkit lite build`: a site of static files that holds all it needs, or one list of all that is missing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from nbkit.app.command_line import main
from nbkit.app.lite import build as building
from nbkit.app.lite import pages
from nbkit.app.lite.bundle import CORE, LOCK, open_bundle
from nbkit.app.lite.parts import ASKED, parts_of
from nbkit.app.lite.wheels import own_wheel, pure_wheel
from nbkit.errors import NbkitError

HOSTS = re.compile(rb"https://(?:cdn\.|unpkg|pypi\.)[\w./-]*")
#: what a released Pyodide has of all that a page needs, compiled or not
RELEASED = {
    "numpy": "2.4.6", "scipy": "1.18.0", "pandas": "3.0.2", "contourpy": "1.3.3", "pillow": "12.2.0",
    "ipython": "9.0.2", "micropip": "0.11.1", "packaging": "26.0", "jedi": "0.19.2", "prompt_toolkit": "3.0.50",
    "traitlets": "5.14.3",
}  # fmt: skip


def python_of_the_kernel() -> str:
    from jupyterlite_pyodide_kernel import constants  # noqa: PLC0415

    return f"{constants.PYODIDE_PYTHON_VERSION}.2"


def make_bundle(folder: Path, packages: dict[str, str], python: str | None = None) -> Path:
    """A distribution whose files are empty: enough for whoever only copies them."""
    folder.mkdir()
    for names in CORE:
        (folder / names[-1]).write_bytes(b"")
    entries = {}
    for name, version in {**packages, "heavy": "1.0"}.items():
        file = f"{name}-{version}-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
        (folder / file).write_bytes(name.encode())
        needs = {"ipython": ["prompt-toolkit", "traitlets"], "pandas": ["numpy"]}.get(name, [])
        entries[name.replace("_", "-")] = {"name": name, "version": version, "file_name": file, "depends": needs}
    entries["sqlite3"] = {"name": "sqlite3", "version": "1.0.0", "file_name": "not-there.whl", "depends": []}
    lock = {"info": {"python": python or python_of_the_kernel()}, "packages": entries}
    (folder / LOCK).write_text(json.dumps(lock))
    return folder


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return make_bundle(tmp_path_factory.mktemp("release") / "pyodide", RELEASED)


@pytest.fixture(scope="module")
def site(tmp_path_factory, bundle):
    """A whole site, made by the command."""
    folder = tmp_path_factory.mktemp("lite") / "site"
    assert main(["lite", "build", "--out", str(folder), "--pyodide", str(bundle)]) == 0
    return folder


def settings(site: Path) -> dict:
    config = json.loads((site / "jupyter-lite.json").read_text())["jupyter-config-data"]
    return config["litePluginSettings"][building.KERNEL_SETTINGS]


# ---------------------------------------------------------------- the site


def test_the_site_holds_the_workbench_and_the_small_lessons(site):
    names = {path.name for path in (site / "files").glob("*.ipynb")}
    assert pages.WORKBENCH in names
    assert {name[:2] for name in names - {pages.WORKBENCH}} == set(pages.LESSONS)
    listed = json.loads((site / "api/contents/all.json").read_text())["content"]
    assert {entry["name"] for entry in listed} == names


def test_python_and_all_packages_come_from_the_site_itself(site):
    found = settings(site)
    assert found["pyodideUrl"].startswith("./static/pyodide/")
    assert found["disablePyPIFallback"] is True
    assert all(url.startswith("./") for url in found["pipliteUrls"])
    index = json.loads((site / "pypi/all.json").read_text())
    assert {"nbkit", "ipywidgets", "anywidget", "bokeh", "xarray", "markupsafe", "pyyaml"} <= set(index)
    lock = json.loads((site / "static/pyodide" / LOCK).read_text())["packages"]
    assert {name.replace("_", "-") for name in RELEASED} == set(
        lock
    )  # "heavy" is needed by nobody, sqlite3 is not there
    assert all((site / "static/pyodide" / entry["file_name"]).is_file() for entry in lock.values())


def test_the_pages_of_an_offline_site_name_no_other_host(site):
    own = [
        site / "index.html",
        site / "jupyter-lite.json",
        *(site / "files").iterdir(),
        *(site / "pypi").glob("*.json"),
    ]
    assert {str(path): HOSTS.findall(path.read_bytes()) for path in own if HOSTS.search(path.read_bytes())} == {}


def test_only_the_extensions_that_a_page_needs_are_there(site):
    found = {
        path.parent.relative_to(site / "extensions").as_posix() for path in site.rglob("extensions/**/package.json")
    }
    assert found == {"@jupyterlite/pyodide-kernel-extension", "@jupyter-widgets/jupyterlab-manager", "anywidget"}


def test_the_start_page_leads_to_what_is_there(site):
    page = (site / "index.html").read_text()
    for address in re.findall(r'href="([^"?]+)', page):
        assert (site / address).is_file()
    assert 'id="jupyter-config-data"' in page  # JupyterLite's own pages read it
    for name in re.findall(r"path=([\w.]+)", page):
        assert (site / "files" / name).is_file()


def test_every_page_brings_nbkit_before_it_uses_it(site):
    for path in (site / "files").glob("*.ipynb"):
        cells = json.loads(path.read_text())["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        assert pages.FETCH in code[0]
        assert len({cell["id"] for cell in cells}) == len(cells)


def test_a_site_for_everybody_takes_python_from_elsewhere(tmp_path, capsys):
    notebook = tmp_path / "mine.ipynb"
    notebook.write_text(pages.workbench())
    out = tmp_path / "site"
    words = ["lite", "build", "--out", str(out), "--notebooks", str(notebook), "--pyodide", "https://example.org/p.mjs"]
    assert main(words) == 0
    assert settings(out)["pyodideUrl"] == "https://example.org/p.mjs"
    assert "disablePyPIFallback" not in settings(out)
    assert not (out / "static/pyodide").exists()
    assert {p.name for p in (out / "files").iterdir()} == {"mine.ipynb", pages.WORKBENCH}
    packed = set(json.loads((out / "pypi/all.json").read_text()))
    assert packed >= {"nbkit", "ipywidgets", "anywidget", "psygnal", "jupyterlab-widgets"}
    assert not packed & {"numpy", "scipy", "xarray", "bokeh"}
    told = capsys.readouterr().out
    assert "2 notebooks" in told
    assert "http.server" in told


# ---------------------------------------------------------------- wheels


def test_the_own_wheel_is_for_every_platform_and_knows_its_needs(tmp_path):
    wheel = own_wheel(tmp_path)
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    assert not [name for name in names if name.endswith((".so", ".pyd", ".ipynb", ".pyc"))]
    assert {"nbkit/__init__.py", "nbkit/widgets/workbench/canvas.js", "nbkit/py.typed"} <= set(names)
    assert "Requires-Dist: xarray" in metadata


def test_the_own_wheel_runs_without_anything_else_of_nbkit(tmp_path):
    wheel = own_wheel(tmp_path)
    code = "import nbkit; print(nbkit.__file__); nbkit.simulate(nbkit.networks.rhythm(), 1.0, 0.1)"
    words = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(wheel)!r}); {code}"]
    shown = subprocess.run(words, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert str(wheel) in shown.stdout


def test_the_same_installation_makes_the_same_wheel(tmp_path):
    (tmp_path / "again").mkdir()
    assert pure_wheel("anywidget", tmp_path).read_bytes() == pure_wheel("anywidget", tmp_path / "again").read_bytes()


def test_what_works_without_its_compiled_parts_is_packed_without_them(tmp_path):
    for name in ("markupsafe", "pyyaml", "psygnal"):
        with zipfile.ZipFile(pure_wheel(name, tmp_path)) as archive:
            assert not [found for found in archive.namelist() if found.endswith((".so", ".pyd"))]


def test_what_needs_its_compiled_parts_is_refused(tmp_path):
    with pytest.raises(NbkitError) as told:
        pure_wheel("numpy", tmp_path)
    assert told.value.code == "missing-package"
    assert "compiled" in told.value.what


# ---------------------------------------------------------------- what is missing or wrong


def problems(words: list[str], capsys) -> str:
    assert main(["lite", "build", *words]) == 1
    return capsys.readouterr().err


def test_all_that_a_bundle_lacks_is_told_at_once(tmp_path, capsys):
    poor = make_bundle(tmp_path / "poor", {"numpy": "1.26.4", "micropip": "0.9"})
    told = problems(["--out", str(tmp_path / "site"), "--pyodide", str(poor)], capsys)
    for name in ("scipy", "pandas", "pillow", "contourpy", "packaging"):
        assert f"{name}: is not in the bundle" in told
    assert "numpy: the bundle has version 1.26.4, needed is >=2.0" in told
    assert "xarray" not in told  # it can be packed from here


def test_a_bundle_of_another_python_is_refused(tmp_path, capsys):
    other = make_bundle(tmp_path / "other", RELEASED, python="3.9.1")
    told = problems(["--out", str(tmp_path / "site"), "--pyodide", str(other)], capsys)
    assert "holds Python 3.9, but jupyterlite-pyodide-kernel" in told


def test_what_is_no_bundle_is_refused(tmp_path, capsys):
    out = ["--out", str(tmp_path / "site"), "--pyodide"]
    assert "there is no 'nowhere'" in problems([*out, "nowhere"], capsys)
    (tmp_path / "empty").mkdir()
    assert f"holds no {LOCK}" in problems([*out, str(tmp_path / "empty")], capsys)
    (tmp_path / "empty" / LOCK).write_text("[]")
    assert "lacks pyodide.mjs, pyodide.asm.js" in problems([*out, str(tmp_path / "empty")], capsys)
    broken = make_bundle(tmp_path / "broken", {})
    (broken / LOCK).write_text("[]")
    assert "is no lock of a Pyodide distribution" in problems([*out, str(broken)], capsys)
    (tmp_path / "text.tar.bz2").write_text("no archive")
    assert "cannot be unpacked" in problems([*out, str(tmp_path / "text.tar.bz2")], capsys)


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert "is not empty" in problems(["--out", str(tmp_path)], capsys)
    assert "is a file" in problems(["--out", str(tmp_path / "mine.txt")], capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_all_notebooks_that_are_none_are_told_at_once(tmp_path, capsys):
    (tmp_path / "text.ipynb").write_text("no notebook")
    given = ["--notebooks", str(tmp_path / "text.ipynb"), str(tmp_path / "lost.ipynb")]
    told = problems(["--out", str(tmp_path / "site"), *given], capsys)
    assert "text.ipynb: cannot be read as a notebook" in told
    assert "lost.ipynb: cannot be read as a notebook" in told


def test_without_the_extra_it_says_what_to_install(tmp_path, capsys, monkeypatch):
    real = building.importlib.util.find_spec
    gone = {"jupyterlite_core", "packaging"}
    monkeypatch.setattr(building.importlib.util, "find_spec", lambda name: None if name in gone else real(name))
    told = problems(["--out", str(tmp_path / "site")], capsys)
    assert "needs jupyterlite-core, packaging" in told
    assert 'pip install "nbkit[lite]"' in told


def test_what_jupyterlite_says_is_kept_when_it_fails(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(building, "_extensions", lambda: [tmp_path / "nowhere"])
    told = problems(["--out", str(tmp_path / "site"), "--notebooks", str(_notebook(tmp_path))], capsys)
    assert "JupyterLite did not make it" in told
    assert (tmp_path / "site/failed.log").read_text()


def _notebook(folder: Path) -> Path:
    path = folder / "one.ipynb"
    path.write_text(pages.workbench())
    return path


# ---------------------------------------------------------------- parts


def test_an_archive_is_a_bundle_too(bundle, tmp_path):
    with tarfile.open(tmp_path / "full.tar.gz", "w:gz") as archive:
        archive.add(bundle, "pyodide")
    opened = open_bundle(str(tmp_path / "full.tar.gz"), tmp_path / "unpacked")
    assert opened.version("numpy") == RELEASED["numpy"]
    assert opened.version("sqlite3") is None


def test_a_lock_that_points_elsewhere_takes_nothing_from_there(tmp_path):
    folder = make_bundle(tmp_path / "sly", {"numpy": "2.4.6"})
    (tmp_path / "secret.whl").write_text("secret")
    lock = json.loads((folder / LOCK).read_text())
    lock["packages"]["numpy"]["file_name"] = "../secret.whl"
    (folder / LOCK).write_text(json.dumps(lock))
    assert open_bundle(str(folder), tmp_path).version("numpy") is None


def test_parts_follow_what_is_needed_in_a_browser_alone(bundle, tmp_path):
    found = parts_of(open_bundle(str(bundle), tmp_path))
    assert not {"tornado", "widgetsnbextension", *ASKED[:1]} & {*found.packed, *found.bundled}
    assert {"jinja2", "xyzservices", "narwhals", "comm"} <= set(found.packed)
    assert {"prompt-toolkit", "numpy", "micropip"} <= found.bundled
