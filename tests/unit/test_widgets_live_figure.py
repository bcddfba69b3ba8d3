"""Laws of the live figure's kernel half: it sends what is asked for, only what differs, and only the newest."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nbkit.plots import Picture
from nbkit.plots.trace_plan import Line, Panel, TracePlan
from nbkit.widgets import LiveFigure
from nbkit.widgets.live_figure import pack


def picture(y, *, label="E", note=""):
    """Make a picture of one line; pictures with one label share a plan."""
    y = np.asarray(y, dtype=float)
    plan = TracePlan((Panel("time (ms)", "rate r", (Line("mean", "line", label, "#1d4ed8"),)),), "", 300, "ms")
    columns = {"line": {"x": np.arange(len(y)) * 0.1, "y": y}}
    return Picture(plan, columns, {"note": {"text": note, "visible": bool(note)}}, f"ends at {y[-1]:g}")


class Watched(LiveFigure):
    """A live figure whose messages stay in a list."""

    def send(self, content, buffers=None):
        self.__dict__.setdefault("told", []).append((content, buffers or []))

    def hear(self, **message):
        self._handle_custom_msg(message, [])

    def take(self):
        told, self.told = self.__dict__.get("told", []), []
        return told


@pytest.fixture
def figure():
    return Watched(picture([1.0, 2.0, 3.0]))


def test_without_a_page_nothing_is_sent(figure):
    figure.show(picture([4.0, 5.0, 6.0]))
    assert figure.take() == []


def test_bokehjs_is_sent_only_on_request_and_whole(figure):
    figure.hear(type="want-item", view="a")
    assert [content["type"] for content, _ in figure.take()] == ["item"]
    figure.hear(type="want-script")
    [(content, [script])] = figure.take()
    assert content == {"type": "script"}
    assert 500_000 < len(script) < 2_000_000


def test_a_new_view_gets_the_newest_figure(figure):
    figure.show(picture([7.0, 8.0, 9.0]))
    figure.hear(type="want-item", view="a")
    [(content, [item])] = figure.take()
    assert (content["type"], content["view"], content["summary"]) == ("item", "a", "ends at 9")
    assert json.loads(item)["doc"]["roots"]


def test_only_the_columns_that_differ_are_sent(figure):
    figure.hear(type="want-item", view="a")
    figure.take()
    figure.show(picture([1.0, 2.0, 30.0], note="look"))
    [(content, [buffer])] = figure.take()
    assert content["type"] == "change"
    assert content["columns"] == [{"source": "line", "name": "y", "shape": (3,), "dtype": "float32"}]
    assert list(np.frombuffer(buffer, np.float32)) == [1.0, 2.0, 30.0]
    assert content["settings"] == {"note": {"text": "look", "visible": True}}
    assert content["summary"] == "ends at 30"


def test_while_the_page_paints_only_the_newest_picture_is_kept(figure):
    figure.hear(type="want-item", view="a")
    figure.take()
    for end in range(10, 20):
        figure.show(picture([1.0, 2.0, end]))
    [(first, _)] = figure.take()
    figure.hear(type="ack", number=first["number"])
    [(second, [buffer])] = figure.take()
    assert np.frombuffer(buffer, np.float32)[-1] == 19.0
    figure.hear(type="ack", number=second["number"])
    assert figure.take() == []


def test_a_late_acknowledgement_does_not_count(figure):
    figure.hear(type="want-item", view="a")
    figure.show(picture([1.0, 2.0, 4.0]))
    figure.show(picture([1.0, 2.0, 5.0]))
    figure.take()
    figure.hear(type="ack", number=0)
    assert figure.take() == []


def test_another_plan_is_embedded_anew_everywhere(figure):
    figure.hear(type="want-item", view="a")
    figure.take()
    figure.show(picture([1.0, 2.0], label="I"))
    [(content, [item])] = figure.take()
    assert (content["type"], content["view"]) == ("item", "all")
    assert "line" in item.decode()


def test_a_second_view_does_not_leave_the_first_behind(figure):
    figure.hear(type="want-item", view="a")
    figure.show(picture([1.0, 2.0, 4.0]))
    figure.show(picture([1.0, 2.0, 5.0]))
    figure.take()
    figure.hear(type="want-item", view="b")
    told = figure.take()
    assert [content.get("view") for content, _ in told] == ["b", "all"]
    assert all(content["summary"] == "ends at 5" for content, _ in told)


def test_a_view_that_is_gone_gets_nothing(figure):
    figure.hear(type="want-item", view="a")
    figure.show(picture([1.0, 2.0, 4.0]))
    figure.hear(type="gone", view="a")
    figure.take()
    figure.show(picture([1.0, 2.0, 5.0]))
    assert figure.take() == []


def test_a_page_loaded_again_gets_the_figure_again(figure):
    figure.hear(type="want-item", view="a")
    figure.show(picture([1.0, 2.0, 4.0]))  # never acknowledged: the page went away
    figure.take()
    figure.hear(type="want-item", view="b")
    told = figure.take()
    assert told[0][0]["view"] == "b"
    figure.show(picture([1.0, 2.0, 6.0]))
    assert [content["type"] for content, _ in figure.take()] == ["change"]


def test_a_saved_notebook_holds_no_figure(figure):
    state = {key: value for key, value in figure.get_state().items() if key not in ("_esm", "_css")}
    assert len(json.dumps(state, default=str)) < 2000


def test_a_plain_bokeh_figure_is_shown_as_it_is():
    figure = Watched(picture([1.0, 2.0]).draw())
    figure.hear(type="want-item", view="a")
    figure.hear(type="want-item", view="b")
    assert [content["type"] for content, _ in figure.take()] == ["item", "item"]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([0.0, 0.5], "float32"),
        ([1e6, 1e6 + 1], "float64"),
        ([-65.0, -65.0], "float64"),
        ([np.nan, 1.0, 2.0], "float32"),
        ([np.nan], "float32"),
        ([1e300, 2e300], "float64"),
        ([], "float32"),
    ],
)
def test_numbers_are_packed_as_small_as_the_eye_allows(values, dtype):
    packed = pack(np.array(values))
    assert packed.dtype.name == dtype
    spread = np.ptp([v for v in values if np.isfinite(v)] or [0.0])
    assert np.allclose(packed.astype(float), values, rtol=0, atol=1e-4 * spread, equal_nan=True)


@pytest.mark.parametrize("kind", ["change", "item"])
def test_a_picture_that_comes_while_another_is_sent_is_sent_after_it(kind, monkeypatch):
    """A kernel may hear the page in another thread: then a cell shows pictures while one is on its way."""
    figure = Watched(picture([1.0, 2.0]))
    figure.hear(type="want-item", view="a")
    figure.take()
    newest, send = picture([5.0, 6.0]), Watched.send

    def interrupted(self, content, buffers=None):
        send(self, content, buffers)
        self.show(newest)

    monkeypatch.setattr(Watched, "send", interrupted)
    figure.show(picture([3.0, 4.0], label="E" if kind == "change" else "other"))
    [(first, _)] = figure.take()
    assert (first["type"], first["summary"]) == (kind, "ends at 4")
    monkeypatch.setattr(Watched, "send", send)
    figure.hear(type="ack", number=first["number"])
    [(second, _)] = figure.take()
    assert second["summary"] == "ends at 6"
