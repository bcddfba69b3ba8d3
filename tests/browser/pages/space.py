"""A sheet that runs live, and a recorded sheet with its player whose frames change at the push of a button."""

import ipywidgets
import numpy as np
import xarray as xr

import nbkit as nb

field = nb.Model(
    "field",
    "tau * dr/dt = -r + u",
    states={"r": nb.State(0.0, limits=(-1.0, 1.0), meaning="rate")},
    inputs={"u": 0.0},
    parameters={"tau": nb.Parameter(10.0, unit="ms", limits=(0.1, 100.0), meaning="time constant")},
)
net = nb.Network(
    {"E": nb.Population(field, (12, 18), initial={"r": nb.Uniform(-1.0, 1.0)})},
    stimuli=[nb.Stimulus("E.u", nb.Sine(amplitude=0.8, frequency=20.0))],
)
show = nb.live(net, 0.1, controls={"E.tau": (-5, 20)}, speed=5)
show

# %%
answer = ipywidgets.HTML("0")
answer.add_class("the-answer")
ask = ipywidgets.Button(description="Ask")


def say(_button):
    answer.value = f"{int(answer.value.split()[0]) + 1} {show.running} {show.time:.1f} {show.network.value('E.tau'):g}"


ask.on_click(say)
ipywidgets.HBox([ask, answer])

# %%
middles = (np.arange(10) + 0.5) / 10
time = np.arange(101) * 0.5


def recorded(speed):
    """Make a bump that goes round."""
    phase = speed * time[:, None, None]
    x, y = middles[None, None, :], middles[None, :, None]
    bump = np.exp(-((x - 0.5 - 0.3 * np.cos(phase)) ** 2 + (y - 0.5 - 0.3 * np.sin(phase)) ** 2) / 0.02)
    dims = ("time", "B.grid_y", "B.grid_x")
    about = {"population": "B", "variable": "r", "long_name": "rate"}
    places = {"time": ("time", time, {"units": "ms"}), "B.grid_y": middles, "B.grid_x": middles}
    return xr.Dataset({"B.r": (dims, bump, about)}, places)


movie = nb.LiveFigure(nb.plots.sheet_picture(recorded(0.1)))
other = ipywidgets.Button(description="Other run")
other.on_click(lambda _button: movie.show(nb.plots.sheet_picture(recorded(-0.2))))
ipywidgets.VBox([movie, other])
