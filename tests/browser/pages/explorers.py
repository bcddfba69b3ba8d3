"""Two explorers on one page, the second one's figure once more, and a line in which the kernel says what it holds."""

import ipywidgets

import nbkit as nb

net = nb.Network(
    {
        "E": nb.Population(nb.models.wilson_cowan, 8, initial={"r": nb.Uniform(0.2, 0.6)}),
        "I": nb.Population(nb.models.wilson_cowan, 4, initial={"r": 0.3}),
    }
)
answer = ipywidgets.HTML()
answer.add_class("the-answer")


def say(_change=None):
    answer.value = f"tau {panel.network.value('E.tau'):g}, end {float(panel.result['E.r'][-1].mean()):.6f}"


panel = nb.explore(net, {"E.tau": (-5, 20), "I.tau": (1, 20)}, duration=50.0, dt=0.1)
for slider in panel.sliders.values():
    slider.observe(say, "value")
say()
panel

# %%
turn = ipywidgets.Button(description="Turn")


def turn_slider(_button):
    slider = panel.sliders["E.tau"]
    slider.orientation = "horizontal" if slider.orientation == "vertical" else "vertical"


turn.on_click(turn_slider)
ipywidgets.HBox([answer, turn])

# %%
one = nb.Network({"E": nb.Population(nb.models.wilson_cowan, 8, initial={"r": nb.Uniform(0.2, 0.6)})})
second = nb.explore(one, {"E.tau": (1, 20)}, duration=50.0, dt=0.1, view="heatmap")
second.add_class("the-second")
second

# %%
shelf = ipywidgets.VBox([second.figure])
away = ipywidgets.Button(description="Put away")


def put_away(_button):
    shelf.children = ()


away.on_click(put_away)
ipywidgets.VBox([shelf, away])
