"""Law: a figure for a paper has the size, the letters, the units and the lines that were asked for."""

import re
import struct
import sys

import matplotlib as mpl
import numpy as np
import pytest

import nbkit as nb
from nbkit.plots import style
from nbkit.plots.paper import VIEWS


@pytest.fixture(scope="module")
def rhythm():
    return nb.simulate(nb.networks.rhythm(), 200.0, 0.1)


@pytest.fixture(scope="module")
def spikes():
    return nb.simulate(nb.networks.brunel(order=10), 100.0, 0.1)


def text_of(path):
    return path.read_text(encoding="utf-8")


def test_the_size_is_the_one_in_millimetres(rhythm, tmp_path):
    pdf = nb.paper(rhythm, path=tmp_path / "a.pdf", width_mm=85, height_mm=50)
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", pdf.read_bytes())
    assert [float(n) / 72 * 25.4 for n in box.groups()] == pytest.approx([85.0, 50.0], abs=0.1)
    svg = nb.paper(rhythm, path=tmp_path / "a.svg", width_mm=180)
    assert float(re.search(r'width="([\d.]+)pt"', text_of(svg))[1]) / 72 * 25.4 == pytest.approx(180.0, abs=0.1)
    png = nb.paper(rhythm, path=str(tmp_path / "a.png"), width_mm=85, height_mm=50)
    wide, high = struct.unpack(">II", png.read_bytes()[16:24])
    assert (wide, high) == (round(85 / 25.4 * 300 - 0.5), round(50 / 25.4 * 300 - 0.5))


@pytest.mark.parametrize(
    ("view", "variable", "labels"),
    [
        ("traces", None, ("time (ms)", "activity r (dimensionless)", "E, mean of 80")),
        ("spectrum", "E.r", ("frequency (Hz)", "(1/Hz)")),
        ("heatmap", "E.r", ("time (ms)", "unit of E", "activity r (dimensionless)")),
        ("histogram", "E.r", ("share of samples (%)",)),
        ("two_variables", ("E.r", "I.r"), ("E: activity r (dimensionless)", "I: activity r (dimensionless)")),
    ],
)
def test_axes_have_units_and_letters_stay_letters(rhythm, tmp_path, view, variable, labels):
    written = text_of(nb.paper(rhythm, view, variable, path=tmp_path / "a.svg"))
    words = re.sub(r"<[^>]+>", "\n", written)
    assert [label for label in labels if label not in words] == []
    sizes = {float(size) for size in re.findall(r"font-size: ([\d.]+)px", written)}
    assert sizes <= {7.0, 8.0}
    assert sizes


@pytest.mark.parametrize(("view", "label"), [("raster", "E (40)"), ("rates", "firing rate (Hz)")])
def test_spikes_are_drawn_too(spikes, tmp_path, view, label):
    assert label in text_of(nb.paper(spikes, view, path=tmp_path / "a.svg"))


def test_every_view_is_tested_here():
    assert set(VIEWS) == {"traces", "spectrum", "heatmap", "histogram", "two_variables", "raster", "rates"}


def lines_of(written, colour):
    """The vertices of the longest line of a colour, in points of the page."""
    found = re.findall(r'<path d="([^"]+)"[^>]*style="[^"]*stroke: ' + colour, written)
    longest = max(found, key=len)
    return np.array([[float(n) for n in pair] for pair in re.findall(r"[ML] ([\d.]+) ([\d.]+)", longest)])


def test_the_line_is_the_mean_of_the_run(rhythm, tmp_path):
    written = text_of(nb.paper(rhythm, path=tmp_path / "a.svg"))
    drawn = lines_of(written, style.COLOURS[0])
    mean = rhythm["E.r"].mean("E.unit").to_numpy()
    heights = -drawn[:, 1]
    shares = (heights - heights.min()) / np.ptp(heights)
    there = (drawn[:, 0] - drawn[0, 0]) / np.ptp(drawn[:, 0]) * 200.0
    expected = np.interp(there, rhythm["time"], (mean - mean.min()) / np.ptp(mean))
    np.testing.assert_allclose(shares, expected, atol=0.02)


def test_equal_results_give_equal_files(rhythm, tmp_path):
    for ending in (".pdf", ".svg", ".png"):
        one, other = (nb.paper(rhythm, path=tmp_path / f"{name}{ending}").read_bytes() for name in "ab")
        assert one == other, ending


def test_the_looks_of_others_stay_as_they_are(rhythm, tmp_path):
    before = dict(mpl.rcParams)
    nb.paper(rhythm, path=tmp_path / "a.pdf")
    assert dict(mpl.rcParams) == before


def test_without_matplotlib_it_says_what_to_install(rhythm, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(nb.NbkitError, match=r'pip install "nbkit\[paper\]"') as told:
        nb.paper(rhythm, path=tmp_path / "a.pdf")
    assert told.value.problems[0].code == "missing-package"
    assert not (tmp_path / "a.pdf").exists()


def test_all_that_is_wrong_is_told_at_once(rhythm, tmp_path):
    with pytest.raises(nb.NbkitError) as told:
        nb.paper(rhythm, "trace", path=tmp_path / "a.docx", width_mm=-3)
    assert [p.code for p in told.value.problems] == ["bad-value", "unknown-view", "bad-file"]
    with pytest.raises(nb.NbkitError) as told:
        nb.paper(rhythm, path=tmp_path / "nowhere" / "a.pdf")
    assert told.value.problems[0].code == "bad-file"
    with pytest.raises(nb.NbkitError, match="not two variables"):
        nb.paper(rhythm, "two_variables", path=tmp_path / "a.pdf")


#: What the three kinds of colour blindness make of linear red, green and blue (Machado et al. 2009, severity 1).
BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def lab(linear):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    x, y, z = np.cbrt(np.maximum(xyz / [0.9505, 1.0, 1.089], 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", BLIND)
def test_the_first_colours_stay_apart_for_every_eye(kind):
    seen = []
    for ink in style.COLOURS[:2]:
        channels = np.array([int(ink[k : k + 2], 16) / 255 for k in (1, 3, 5)])
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        seen.append(lab(np.clip(np.array(BLIND[kind]) @ linear, 0, 1)))
    assert np.linalg.norm(seen[0] - seen[1]) > 20
