"""Owns the page of a teacher's form that the browser tests open: one slider, a prediction, a task that it solves."""

import nbkit as nb


def check(net, seed):
    period = float(nb.analysis.period(nb.simulate(net, 400.0, 0.05, seed=seed), "E.r", discard=100.0, mean=True))
    return {"slow rhythm": nb.study.Verdict(period > 60.0, round(period, 1), f"the period is {period:.1f} ms")}


task = nb.Task(
    "E excites I, and I inhibits E. Make the rhythm slow: a period above 60 ms.",
    check,
    start=nb.networks.rhythm(),
    hints={"slow rhythm": ("What would happen if I heard later from E?", "Give E → I a delay of 2 ms.")},
    name="slow rhythm",
    points=2,
    predict=nb.study.Question(
        "What will the period be with a delay of 2 ms?", "slow rhythm", unit="ms", tolerance=15.0
    ),
)

nb.Workbench(
    setup=nb.Setup(400.0, 0.05), show=["E->I.delay", "drive.amplitude"], figures=["Traces"], lock=True, task=task
)
