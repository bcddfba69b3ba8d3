"""Law: what was made can be taken along and opened again; nothing is opened before it was told what it is."""

import json
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import nbkit as nb
from nbkit.widgets.workbench.sharing import WAYS, read

SETUP = nb.Setup(100.0, 0.1, seed=3, record=("E.r",))


@pytest.fixture
def bench():
    return nb.Workbench(nb.networks.rhythm(), SETUP)


def send(bench, what, **given):
    bench.page.header._receive(bench.page.header, {"do": what, **given}, [])


def sharing(bench):
    json.dumps(bench.page.header.sharing, allow_nan=False)
    return bench.page.header.sharing


def taken(bench, kind):
    send(bench, "share", kind=kind)
    return sharing(bench)["given"]["text"]


def test_python_runs_as_it_stands_and_gives_the_same_result(bench):
    bench.document.edit(bench.network.with_value("E->I.delay", 2.0))
    names = {}
    exec(taken(bench, "python"), names)  # noqa: S102  our own export
    assert names["net"] == bench.network
    np.testing.assert_array_equal(names["ds"]["E.r"], bench.result["E.r"])
    assert names["ds"].sizes == bench.result.sizes


def test_json_and_link_open_as_what_they_were(bench):
    for kind in ("json", "link"):
        again = read(taken(bench, kind))
        assert (again.network, again.setup) == (bench.network, SETUP)
    link = taken(bench, "link")
    assert read(f" https://hub.example/voila/render/x.ipynb?token=1#{link}\n").network == bench.network


def test_the_notebook_runs_from_its_first_cell_to_its_last_and_goes_on_after_it(bench):
    book = nbformat.reads(taken(bench, "notebook"), as_version=4)
    nbformat.validate(book)
    assert [cell.cell_type for cell in book.cells] == ["markdown", "code", "code", "code"]
    assert bench.page.story.value.removeprefix("<b>").partition("</b>")[0] in book.cells[0].source
    book.cells.append(nbformat.v4.new_code_cell("bench = nb.Workbench(net)\nbench.run()\nprint(ds['E.r'].shape)"))
    NotebookClient(book, timeout=60, kernel_name="python3").execute()
    views = [out["data"] for cell in book.cells[2:4] for out in cell.outputs if "data" in out]
    assert len(views) == 2
    assert all("application/vnd.jupyter.widget-view+json" in view for view in views)
    assert book.cells[-1].outputs[0].text == f"{bench.result['E.r'].shape}\n"


@pytest.mark.parametrize(("motif", "plot"), [("moving_bump", "sheet"), ("spikes", "raster")])
def test_the_notebook_holds_the_figure_that_suits_the_network(bench, motif, plot):
    send(bench, "open_motif", name=motif)
    bench.document.edit(setup=nb.Setup(20.0, bench.document.setup.dt))
    cells = [cell["source"] for cell in json.loads(taken(bench, "notebook"))["cells"][1:3]]
    assert f"nb.LiveFigure(nb.plots.{plot}(ds))" in cells[1]
    exec("\n".join(cells), {})  # noqa: S102  our own export


def test_what_was_pasted_is_told_first_and_opened_only_on_request(bench):
    before = bench.network
    other = nb.Document(nb.networks.rhythm(delay=2.0), nb.Setup(400.0, 0.02), {"E": (5.0, 6.0)})
    send(bench, "look_at", text=other.to_link())
    assert sharing(bench)["answer"] == {"offer": "2 populations (E, I), 4 projections, 1 stimulus, 400 ms"}
    assert bench.network == before
    send(bench, "forget_offered")
    send(bench, "open_offered")
    assert (bench.network, sharing(bench)["answer"]) == (before, {})
    send(bench, "look_at", text=other.to_json())
    send(bench, "open_offered")
    assert (bench.network, bench.document.setup) == (other.network, other.setup)
    assert bench.document.positions == other.positions
    send(bench, "undo")
    assert bench.network == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nbkit1.xyz", "the link is damaged. Try: copy it again, whole."),
        ("hello", "this is no link of a network"),
        ("{", "not JSON"),
        ('{"format": "x"}', "neither a document nor a network"),
        ('{"format": "nbkit.network"}', "version"),
        (7, "is no text"),
    ],
)
def test_what_is_wrong_with_it_is_told_at_the_field(bench, text, words):
    send(bench, "look_at", text=text)
    assert words in sharing(bench)["answer"]["problem"]
    assert bench.document.number == 0
    send(bench, "open_offered")
    assert bench.document.number == 0


def test_what_a_form_does_not_allow_is_told_at_the_field():
    bench = nb.Workbench(nb.networks.rhythm(), SETUP, lock=True, show=["E.tau"])
    send(bench, "look_at", text=nb.networks.rhythm(delay=2.0).to_link())
    assert "fixed by your teacher" in sharing(bench)["answer"]["problem"]
    send(bench, "look_at", text=nb.networks.rhythm().with_value("E.tau", 9.0).to_link())
    send(bench, "open_offered")
    assert bench.network.value("E.tau") == 9.0


def test_a_network_that_is_too_large_for_a_link_is_kept_as_json(bench):
    weights = np.random.default_rng(0).normal(size=(80, 80))
    large = bench.network.with_value("E->E.weight", weights)
    bench.document.edit(large)
    send(bench, "share", kind="link")
    assert "a link may have 32000" in sharing(bench)["given"]["problem"]
    assert read(sharing(bench)["text"]).network == large


def test_the_page_holds_what_a_browser_can_keep(bench):
    first = sharing(bench)
    assert (first["number"], read(first["text"]).network) == (0, bench.network)
    bench.document.edit(bench.network.with_value("E.tau", 9.0))
    now = sharing(bench)
    assert (now["number"], now["did"]) == (1, "E.tau 8 → 9 ms")
    assert (now["session"], now["first"]) == (first["session"], first["first"])
    assert read(now["text"]).network.value("E.tau") == 9.0
    other = nb.Workbench(nb.networks.rhythm(), SETUP).page.header.sharing
    assert (other["first"], other["session"] == now["session"]) == (now["first"], False)
    send(bench, "restore", text=first["text"])
    assert bench.network.value("E.tau") == 8.0


def test_every_way_out_is_offered(bench):
    assert [name for name, _ in sharing(bench)["ways"]] == list(WAYS)
    send(bench, "share", kind="picture")
    assert "no way out" in " ".join(bench.page.inspector.state["problems"].values())


def test_without_a_front_end_nothing_waits():
    lines = "import time, nbkit as nb; nb.Workbench; a = time.perf_counter(), time.process_time()"
    lines += "; bench = nb.Workbench(); assert bench.result is not None"
    lines += "; print(time.perf_counter() - a[0], time.process_time() - a[1])"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True, timeout=60)
    wall, busy = map(float, done.stdout.split())
    assert done.stderr == ""
    assert busy < 3.0
    assert wall < 10.0 + 5.0 * busy  # however many share the machine
