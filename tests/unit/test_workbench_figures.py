"""Law: the workbench shows any figure that fits a run, tells why one does not, and gives the data out."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import nbkit as nb
from nbkit.analysis import in_words
from nbkit.network.document import Document
from nbkit.widgets.workbench import data
from nbkit.widgets.workbench.desk import MOST_KEPT, Desk
from nbkit.widgets.workbench.figures import FIGURES
from nbkit.widgets.workbench.theory import checked, for_figures, lines_of
from nbkit.widgets.workbench.view import Shown


def run_of(net, duration=300.0, dt=0.1, words=""):
    result = nb.simulate(net, duration, dt)
    revision = replace(Document(net, nb.Setup(duration, dt)).present, words=words)
    return Shown(result, in_words(result), whole=True, revision=revision)


@pytest.fixture(scope="module")
def rhythm():
    return run_of(nb.networks.rhythm())


@pytest.fixture(scope="module")
def late():
    return run_of(nb.networks.rhythm(delay=2.0), words="delay 0 → 2 ms")


@pytest.fixture(scope="module")
def spiking():
    return run_of(nb.networks.brunel(order=10), 100.0)


@pytest.fixture
def desk(rhythm):
    made = Desk()
    made.show(rhythm, None)
    return made


# ------------------------------------------------------------ which figures


def test_every_figure_that_is_offered_can_be_drawn(desk, spiking):
    assert desk.names() == ["Traces", "Heatmap", "Spectrum", "Phase plane", "Two variables", "Weights", "Histogram"]
    seen = set()
    for run in (desk.run, spiking):
        desk.show(run, None)
        for name, why in desk.bar()["tabs"]:
            if not why:
                desk.choose(name)
                desk.picture().draw()
                assert desk.problem == ""
                seen.add(name)
    assert seen == {*FIGURES} - {"Sheet"}


def test_a_phase_plane_that_is_not_there_is_told_instead_of_failing(desk, spiking):
    desk.show(spiking, None)
    tabs = dict(map(tuple, desk.bar()["tabs"]))
    assert "no mean field is known" in tabs["Phase plane"]
    with pytest.raises(nb.NbkitError, match="no mean field is known"):
        desk.choose("Phase plane")
    assert desk.front == "Raster"


def test_the_phase_plane_shows_the_whole_way_of_the_run(desk, rhythm, late):
    for run in (rhythm, late):
        desk.show(run, None)
        desk.choose("Phase plane")
        picture = desk.picture()
        (xs,), (ys,) = picture.columns["trajectories"]["xs"], picture.columns["trajectories"]["ys"]
        assert xs[0] == pytest.approx(float(run.result["E.r"][0].mean()))
        assert ys.max() == pytest.approx(float(run.result["I.r"].mean("I.unit").max()), rel=1e-3)
        left, right, bottom, top = picture.plan.window
        assert left <= xs.min() < xs.max() <= right
        assert bottom <= ys.min() < ys.max() <= top


def test_a_figure_asks_what_it_needs_and_two_axes_are_never_one(desk):
    desk.choose("Two variables")
    asks = {ask["key"]: ask for ask in desk.bar()["asks"]}
    assert (asks["x"]["value"], asks["y"]["value"]) == ("E.r", "I.r")
    desk.answer("Two variables", "x", "I.r")
    asks = {ask["key"]: ask for ask in desk.bar()["asks"]}
    assert (asks["x"]["value"], asks["y"]["value"]) == ("I.r", "E.r")
    desk.picture()
    assert desk.problem == ""
    with pytest.raises(nb.NbkitError, match="no choice"):
        desk.answer("Two variables", "x", "nothing")
    desk.choose("Weights")
    desk.answer("Weights", "projection", "I->E")
    assert desk.picture().settings["colours"]["high"] == pytest.approx(0.6)


def test_a_wish_outlasts_a_run_that_cannot_fulfil_it(desk, rhythm, spiking):
    desk.choose("Spectrum")
    desk.show(spiking, rhythm)
    assert desk.front == "Raster"
    desk.show(rhythm, spiking)
    assert desk.front == "Spectrum"
    desk.keep("old")
    desk.show(spiking, None)
    assert desk.kept == {}
    desk.show(rhythm, None)
    assert desk.front == "Traces"


def test_only_what_is_offered_is_shown_in_that_order(rhythm):
    desk = Desk(["Spectrum", "Raster", "Traces"])
    desk.show(rhythm, None)
    assert desk.names() == ["Spectrum", "Traces"]
    assert desk.front == "Spectrum"
    with pytest.raises(nb.NbkitError, match="cannot show this run"):
        desk.choose("Heatmap")


def test_a_second_figure_is_pinned_below(desk, rhythm, spiking):
    desk.pin("Spectrum")
    assert {key[:2] for key in desk.picture().columns} == {"0 ", "1 "}
    desk.show(spiking, rhythm)
    assert not any(key.startswith("1 ") for key in desk.picture().columns)
    desk.show(rhythm, spiking)
    desk.pin()
    assert "E.r mean" in desk.picture().columns
    with pytest.raises(nb.NbkitError, match="cannot show this run"):
        desk.pin("Raster")


# ------------------------------------------------------------ runs to compare with


def test_runs_are_kept_by_name_and_drawn_grey(desk, rhythm, late):
    assert desk.bar()["name"] == "run 1"
    assert desk.keep("no delay") == "no delay"
    desk.show(late, rhythm)
    labels = [line.label for line in desk.picture().plan.panels[0].lines if line.kind == "compare"]
    assert desk.beside()[0].startswith("Beside no delay: E: a rhythm → ")
    assert labels == ["no delay", "no delay"]  # the run before is the kept one, and is not drawn twice
    assert desk.keep() == "delay 0 → 2 ms"
    assert desk.keep("no  delay") == "no delay (2)"
    desk.drop("no delay (2)")
    assert [*desk.kept] == ["no delay", "delay 0 → 2 ms"]
    for _ in range(MOST_KEPT - 2):
        desk.keep()
    with pytest.raises(nb.NbkitError, match="are kept already"):
        desk.keep()


def test_nothing_can_be_kept_before_anything_ran():
    with pytest.raises(nb.NbkitError, match="nothing has run"):
        Desk().keep()
    assert Desk().picture() is None
    assert Desk().bar() == {"tabs": []}


# ------------------------------------------------------------ theory


def test_theory_is_held_beside_the_run(desk, rhythm):
    right = nb.Prediction("Period", 40.6, unit="ms", quantity="period", of="E.r", measure=lambda _: 40.7)
    wrong = replace(right, value=30.0)
    cannot = replace(right, measure=lambda ds: ds["nothing"])
    silent = replace(right, measure=None)
    desk.told = (right, wrong, cannot, silent)
    marks = [line["mark"] for line in lines_of(desk.told, rhythm.result, desk.ticked)]
    assert marks == ["holds", "fails", "", ""]
    assert "could not be measured: KeyError" in checked(cannot, rhythm.result).reason
    assert checked(silent, rhythm.result) is None
    desk.tick(0, on=True)
    assert "prediction 0 0" in desk.picture().columns or "prediction 0" in desk.picture().columns
    desk.tick(0, on=False)
    assert not any("prediction" in key for key in desk.picture().columns)


def test_a_theory_is_not_worked_out_again_to_be_drawn(rhythm):
    def never(network):
        raise AssertionError

    held = nb.Prediction("Period", 40.0, quantity="period", of="E.r", theory=never, measure=lambda _: 40.0)
    (one,) = for_figures([held], rhythm.result)
    assert one.holds
    nb.plots.traces_picture(rhythm.result, predictions=[one])


def test_what_was_told_of_another_network_is_forgotten(desk, rhythm, late):
    desk.told = (nb.Prediction("Period", 40.0),)
    desk.show(run_of(nb.networks.rhythm(), 200.0), rhythm)
    assert desk.told
    desk.show(late, rhythm)
    assert desk.told == ()


# ------------------------------------------------------------ table and files


def test_the_table_tells_means_and_statistics_with_units(rhythm, spiking):
    told = data.table(rhythm.result)
    assert told["means"]["heads"] == ["time (ms)", "E.r", "I.r"]
    assert float(told["means"]["rows"][3][1]) == pytest.approx(float(rhythm.result["E.r"][3].mean()), rel=1e-5)
    row = dict(zip(told["statistics"]["heads"], told["statistics"]["rows"][0], strict=True))
    assert float(row["highest"]) == pytest.approx(float(rhythm.result["E.r"].max()), rel=1e-3)
    assert row["units"] == "80"
    rates = data.table(spiking.result)
    assert rates["means"]["rows"] == []
    assert [r[2] for r in rates["statistics"]["rows"]] == ["Hz", "Hz"]
    json.dumps([told, rates], allow_nan=False)


def test_csv_and_netcdf_hold_the_result(rhythm, spiking):
    means = np.loadtxt(io.BytesIO(data.file_of(rhythm.result, "means").content), delimiter=",", skiprows=1)
    np.testing.assert_allclose(means[:, 1], rhythm.result["E.r"].mean("E.unit"), rtol=1e-9)
    units = data.file_of(rhythm.result, "units").content.decode()
    assert units.splitlines()[0].split(",")[1] == "E.r[0]"
    whole = np.loadtxt(io.StringIO(units), delimiter=",", skiprows=1)
    np.testing.assert_allclose(whole[:, 81:], rhythm.result["I.r"], rtol=1e-9)
    spikes = data.file_of(spiking.result, "units").content.decode().splitlines()
    assert spikes[0] == "population,unit,time (ms)"
    assert len(spikes) - 1 == sum(spiking.result[f"{n}.spike_time"].size for n in "EI")
    for run in (rhythm, spiking):
        back = xr.open_dataset(io.BytesIO(data.file_of(run.result, "netcdf").content), engine="scipy")
        assert set(back.data_vars) == set(run.result.data_vars)
        for name in back.data_vars:
            np.testing.assert_array_equal(back[name], run.result[name])


def test_netcdf_holds_sheets_and_delays_of_single_connections(tmp_path):
    late = nb.networks.rhythm()
    late = late.with_value("E->I.delay", nb.Uniform(0.5, 3.0))
    for net, dt in ((nb.networks.moving_bump(), 1.0), (late, 0.1)):
        result = nb.simulate(net, 10.0, dt, delays="nearest")
        (tmp_path / "run.nc").write_bytes(data.file_of(result, "netcdf").content)
        back = xr.open_dataset(tmp_path / "run.nc", engine="scipy")
        assert set(back.data_vars) == set(result.data_vars)
        assert nb.Network.from_json(back.attrs["network"]) == net
        back.close()


def test_what_a_page_cannot_hold_is_refused_with_a_way_out(rhythm, monkeypatch):
    monkeypatch.setattr(data, "MOST_BYTES", 1000)
    monkeypatch.setattr(data, "MOST_TEXT", 1000)
    for kind in ("means", "units", "netcdf"):
        with pytest.raises(nb.NbkitError, match="a page takes") as told:
            data.file_of(rhythm.result, kind)
        assert told.value.problems[0].hint
    with pytest.raises(nb.NbkitError, match="no kind of file"):
        data.file_of(rhythm.result, "xls")


# ------------------------------------------------------------ the part of the page


@pytest.fixture
def bench():
    return nb.Workbench(nb.networks.rhythm(), nb.Setup(200.0, 0.1))


def send(pane, what, **given):
    pane._receive(pane, {"do": what, **given}, [])


def test_a_click_shows_another_figure(bench):
    part = bench.page.figures
    send(part.bar, "figure", name="Spectrum")
    assert part.bar.state["front"] == "Spectrum"
    assert part.figure.picture.summary.startswith("Power spectrum")
    send(part.bar, "pin", name="Traces")
    send(part.bar, "keep", name="mine")
    send(part.foot, "table", on=True)
    assert part.bar.state["kept"] == ["mine"]
    assert part.foot.state["table"]["means"]["of"] == 2001
    for pane in (part.bar, part.foot):
        json.dumps(pane.state, allow_nan=False)


def test_a_click_that_cannot_be_followed_says_why(bench):
    part = bench.page.figures
    send(part.bar, "figure", name="Raster")
    assert "cannot show this run" in part.bar.state["problem"]
    before = part.bar.state["front"]
    for message in (
        {"do": "figure"},
        {"do": "tick", "number": "x", "on": 1},
        {"do": "eval"},
        {"do": "answer", "of": 3},
    ):
        part.bar._receive(part.bar, message, [])
    assert part.bar.state["front"] == before


def test_a_file_is_sent_when_it_is_asked_for(bench, monkeypatch):
    part, sent = bench.page.figures, []
    monkeypatch.setattr(part.foot, "send", lambda content, buffers=None: sent.append((content, buffers)))
    send(part.foot, "download", kind="means")
    ((content, (held,)),) = sent
    assert content == {"type": "file", "name": "nbkit-means.csv", "mime": "text/csv"}
    assert held.startswith(b"time (ms),E.r,I.r")
    monkeypatch.setattr(data, "MOST_BYTES", 10)
    send(part.foot, "download", kind="netcdf")
    assert "Try: record fewer variables" in part.foot.state["refused"]
    assert len(sent) == 1


def test_theory_is_listed_with_what_applies_first(bench):
    part = bench.page.figures
    part.show_theory(None)
    assert part.foot.state["words"] == "Theory is thinking …"
    no = nb.study.Applies("no", ("it is late",))
    part.show_theory([nb.Prediction("A", None, verdict=no), nb.Prediction("B", 1.0, quantity="level", of="E.r")])
    assert [line["words"] for line in part.foot.state["theory"]] == ["B: 1", "A: does not apply: it is late"]
    send(part.foot, "tick", number=0, on=True)
    assert part.foot.state["theory"][0]["ticked"]
    part.show_theory([])
    assert part.foot.state["words"] == "No ready theory speaks about this network."
