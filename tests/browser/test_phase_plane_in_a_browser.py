"""What a click on a phase plane does in a page without a kernel: it sketches the path from there, along the flow."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.embed import file_html
from bokeh.resources import INLINE

import nbkit as nb
from nbkit.plots import phase_plane

#: Puts a click at a place of the axes, as the pointer would.
CLICK = """([x, y]) => {
    const view = Bokeh.index.roots[0];
    const frame = view.frame;
    const box = view.el.getBoundingClientRect();
    return [box.left + frame.x_scale.compute(x), box.top + frame.y_scale.compute(y)];
}"""


@pytest.fixture
def shown(watch):
    net = nb.Network({"P": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
    plane = nb.study.phase_plane(net, ranges={"P.r": (0, 2), "P.v": (-3, 2)}, points=101)
    watched = watch(900)
    watched.page.set_content(file_html(phase_plane(plane), INLINE, "a plane"))
    watched.page.wait_for_function("() => window.Bokeh?.index?.roots?.length && Bokeh.index.roots[0].frame")
    return watched


def click(watched, x, y):
    count = len(watched.data("starts", "x"))
    watched.page.mouse.click(*watched.page.evaluate(CLICK, [x, y]))
    watched.wait_for_data("starts", "x", "(column, count) => column.length > count", count)


def sketches(watched):
    return [np.array(watched.data("sketches", key)[-1]) for key in ("xs", "ys")]


def test_a_click_sketches_the_path_to_where_it_leads(shown):
    net = nb.Network({"P": nb.Population(nb.models.qif_mean_field, 1)}, time_unit="1")
    flow = nb.study.flow_of(net)
    for (r, v), rest in (((1.4, 0.2), (1.0306, -0.15443)), ((0.3, -1.0), (0.08113, -1.96162))):
        click(shown, r, v)
        xs, ys = sketches(shown)
        assert (xs[0], ys[0]) == pytest.approx((r, v), abs=0.02)
        assert (xs[-1], ys[-1]) == pytest.approx(rest, abs=0.02)
        way, speed = np.array([np.diff(xs), np.diff(ys)]), flow.speed(np.array([xs, ys]))[:, :-1]
        moving = np.hypot(*way) > 1e-3
        turned = (way * speed).sum(axis=0) / np.hypot(*way) / np.hypot(*speed)
        assert turned[moving].min() > 0.95
    assert len(shown.data("sketches", "xs")) == 2


def test_a_double_click_is_one_start(shown):
    shown.page.mouse.dblclick(*shown.page.evaluate(CLICK, [1.4, 0.2]))
    shown.wait_for_data("starts", "x", "column => column.length > 0", None)
    shown.page.wait_for_timeout(500)
    assert len(shown.data("starts", "x")) == 1
    assert shown.errors == []
    assert shown.elsewhere == []


def test_the_tool_that_resets_takes_sketches_away(shown):
    click(shown, 1.4, 0.2)
    shown.page.mouse.move(400, 200)
    shown.page.locator(".bk-tool-icon-reset").first.click()
    shown.wait_for_data("starts", "x", "column => column.length === 0", None)
    assert shown.data("sketches", "xs") == []


def test_a_click_beside_the_frame_does_nothing(shown):
    shown.page.mouse.click(500, 8)
    shown.page.wait_for_timeout(300)
    assert shown.data("starts", "x") == []
