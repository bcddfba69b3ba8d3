"""Owns the regression of the tutorials: every notebook runs at a small size, and its own checks hold."""

import json
import warnings
from contextlib import nullcontext

import nbformat
import papermill
import pytest

from tests.notebooks import runner

#: notebook -> parameters of a run small enough for every day
SMALL: dict[str, dict[str, object]] = {
    "01_populations_and_connectivity.ipynb": {"n_units": 8, "duration": 150.0, "seed": 7, "sizes": [5, 20]},
    "02_network_simulation.ipynb": {"duration": 12.0, "seed": 3},
    "03_neural_field.ipynb": {
        "duration": 1450.0, "n_seeds": 2, "spacings": [0.1, 0.05], "signal_speeds": [1.0], "seed": 7,
    },
    "04_microcircuit.ipynb": {
        "duration": 1000.0, "warm_up": 200.0, "other_scales": [0.03], "flashes": 4, "seed": 7,
    },
    "how_a_computer_steps_time.ipynb": {"shorter": [2.0, 1.0, 0.5, 0.2], "n_units": 400, "n_steps": 3000},
    "leaky_neurons_and_noise.ipynb": {
        "drives": [20.0, 21.0, 40.0], "means": [10.0, 15.0, 25.0], "n_units": 600, "duration": 1000.0,
    },
    "phase_plane.ipynb": {"currents": [0.32, 0.327, 0.34], "duration": 600.0, "izhikevich_duration": 2000.0},
    "unequal_neurons.ipynb": {"n_units": 800, "inputs": [0.25, 0.5, 0.75], "duration": 400.0},
    "your_first_rhythm.ipynb": {"duration": 600.0, "dt": 0.05, "others": [1.0, 2.0]},
    "wilson_cowan.ipynb": {"duration": 400.0, "drives": [1.2, 1.5], "near_end": [1.84, 1.88], "long": 2000.0},
    "paradoxical_inhibition.ipynb": {"recurrent": [0.9, 1.1, 2.0], "reached": [5, 17, 20]},
    "delays_make_rhythms.ipynb": {
        "delays": [8.0, 13.0, 16.0], "long_delays": [13.0, 34.0], "steps": [1.0, 0.5],
    },
    "exact_mean_field.ipynb": {"n_neurons": 2000, "n_small": 600, "thresholds": [50.0, 100.0]},
}  # fmt: skip

FIRST, SECOND, THIRD, FOURTH = (name for name in sorted(SMALL) if name[0].isdigit())
STEPS, RHYTHM = "how_a_computer_steps_time.ipynb", "your_first_rhythm.ipynb"
LEAKY, PLANE, UNEQUAL = "leaky_neurons_and_noise.ipynb", "phase_plane.ipynb", "unequal_neurons.ipynb"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def test_every_notebook_is_run():
    assert sorted(SMALL) == runner.NOTEBOOKS


@pytest.mark.parametrize("name", runner.NOTEBOOKS)
def test_a_notebook_runs_and_its_checks_hold(name, tmp_path, request):
    full, update = (bool(request.config.getoption(option)) for option in ("--full", "--update"))
    book = nbformat.read(runner.FOLDER / name, as_version=4)
    source = "\n".join(cell["source"] for cell in book.cells)
    parameters = {} if full else SMALL[name]
    kept = runner.kept_for(name, full=full)
    with runner.comparing(kept, parameters, update=update) if "nb.checkpoint(" in source else nullcontext():
        done = runner.execute(name, tmp_path / name, parameters)
    assert source.count("assert") >= 8, "a notebook proves what it teaches"
    shown = str(done.cells[-2]["outputs"] + done.cells[-3]["outputs"])
    assert "All checks passed" in shown


@pytest.mark.parametrize("file", sorted(runner.CHECKPOINTS.glob("*.json")), ids=lambda file: file.name)
def test_a_file_of_checkpoints_belongs_to_a_notebook_that_makes_them(file):
    name, size, _ = file.name.split(".")
    held = json.loads(file.read_text(encoding="utf-8"))
    source = (runner.FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert held["parameters"] == ({} if size == "full" else json.loads(json.dumps(SMALL[f"{name}.ipynb"])))
    assert held["values"]
    assert [key for key in held["values"] if key not in source] == []


def test_a_kernel_compares_with_the_file_that_was_named(tmp_path, monkeypatch):
    cells = [nbformat.v4.new_code_cell(source) for source in ("import nbkit as nb", 'nb.checkpoint("period", 40.5)')]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "lesson.ipynb")
    monkeypatch.setattr(runner, "FOLDER", tmp_path)
    file = tmp_path / "lesson.small.json"
    with runner.comparing(file, {}, update=True):
        runner.execute("lesson.ipynb", tmp_path / "out.ipynb", {})
    assert json.loads(file.read_text(encoding="utf-8")) == {"parameters": {}, "values": {"period": 40.5}}
    file.write_text(file.read_text(encoding="utf-8").replace("40.5", "40.6"), encoding="utf-8")
    with runner.comparing(file, {}), pytest.raises(papermill.PapermillExecutionError, match="checkpoint-differs"):
        runner.execute("lesson.ipynb", tmp_path / "out.ipynb", {})
    with pytest.raises(AssertionError, match="made with"), runner.comparing(file, {"tau": 11.0}):
        pass


def test_an_unknown_parameter_is_an_error(tmp_path):
    with pytest.raises(KeyError, match="has no parameter"):
        runner.execute(runner.NOTEBOOKS[0], tmp_path / "out.ipynb", {"n_unit": 3})


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        (FIRST, "weight=weights)]", "weight=weights.T)]"),
        (FIRST, "delay=d)", "delay=d + dt)"),
        (FIRST, "nb.Uniform(8, 12)", "nb.Uniform(8, 12.5)"),
        (SECOND, "units=[4], name", "units=[3], name"),
        (SECOND, "again = np.concatenate([first", "again = np.concatenate([second"),
        (SECOND, "(last - k_spike - 1.0)", "(last - k_spike - 2.0)"),
        (THIRD, "near, 0.1 / area, far)", "near, -0.1 / area, far)"),
        (THIRD, "nb.OneToOne(), delay=delay,", "nb.OneToOne(), delay=delay + dt,"),
        (THIRD, "area = cell if scaled else 1.0", "area = 1 / n**2 if scaled else 1.0"),
        (THIRD, "rule=nb.AllToAll(autapses=False)", "rule=nb.AllToAll()"),
        (THIRD, "gain=gain,", "gain=1.0,"),
        (THIRD, "(1 - d)*exp(-d)", "(1 - d)*exp(-1.05*d)"),
        (THIRD, "f = (v >= h)", "f = (v >= 1.05*h)"),
        (THIRD, "nb.ConductionDelay(speed)", "nb.ConductionDelay(1.05 * speed)"),
        (THIRD, "nb.kernels.Exponential(0.5,", "nb.kernels.Exponential(0.51,"),
        (FOURTH, "inputs[target, source] =", "inputs[source, target] ="),
        (FOURTH, "scale=scale, resolution=dt)", 'scale=scale, resolution=dt).with_value("L4I->L4E.gain", 0.9)'),
        (FOURTH, "scale=scale, resolution=dt)", 'scale=scale, resolution=dt).with_value("L5E.I_ex.rate", 1700.0)'),
        (FOURTH, "nb.simulate(small,", 'nb.simulate(variants["only the weights"],'),
        (FOURTH, "nb.simulate(small,", 'nb.simulate(small.with_value("L4I->L4E.gain", 0.9),'),
        (FOURTH, "first + long), resolution=dt)", 'first + long), resolution=dt).with_value("TC->L4E.gain", 0.2)'),
        (FOURTH, "method=method", 'method="euler"'),
        (STEPS, '{"tau": tau}, initial', '{"tau": 1.01 * tau}, initial'),
        (STEPS, "intensity=tau**0.5)", "intensity=tau**0.52)"),
        (STEPS, 'tau, method="exact")', 'tau, method="euler")'),
        (STEPS, "steps <= 50", "steps <= 5000"),
        (LEAKY, "nb.Population(nb.models.lif, 1)}", 'nb.Population(nb.models.lif, 1, {"t_ref": 2.1})}'),
        (LEAKY, "nb.Noise(noise * tau**0.5", "nb.Noise(noise * tau**0.48"),
        (LEAKY, "threshold - 0.5826", "threshold + 0.5826"),
        (LEAKY, "9 <= rate <= 11", "rate <= 11"),
        (PLANE, "sign * np.sqrt(1 - epsilon * b)", "sign * np.sqrt(1 - epsilon)"),
        (PLANE, "stable = 1 - v**2 <", "stable = 0 <"),
        (PLANE, "(5 - slope) ** 2 / 0.16", "(5 + slope) ** 2 / 0.16"),
        (PLANE, "nb.models.fitzhugh_nagumo, 1, initial", 'nb.models.fitzhugh_nagumo, 1, {"b": 0.81}, initial'),
        (UNEQUAL, "r = (x >= theta)", "r = (x >= 0.98*theta)"),
        (UNEQUAL, "math.hypot(law.standard_deviation, shaken)).cdf", "law.standard_deviation + shaken).cdf"),
        (UNEQUAL, "weight=coupled, weight_is", "weight=0.9 * coupled, weight_is"),
        (UNEQUAL, 'reasons.append("derived for neurons that', '("derived for neurons that'),
        (UNEQUAL, "width >= 0.1", "width >= 0"),
        (RHYTHM, "pair = nb.networks.rhythm(drive)", "pair = nb.networks.rhythm(1.05 * drive)"),
        (RHYTHM, "beat = run(pair)", "beat = run(with_delays(dt))"),
        (RHYTHM, '.with_value("I->E.delay", ms)', ""),
        (RHYTHM, 'path.endswith(".delay")', 'path.startswith("E")'),
        ("wilson_cowan.ipynb", "nb.Step(drive), name", "nb.Step(1.01 * drive), name"),
        ("wilson_cowan.ipynb", "warned = nb.health(beyond, coarse,", "warned = nb.health(beyond, dt,"),
        ("wilson_cowan.ipynb", "prediction.check(float(", "prediction.check(1.01 * float("),
        ("paradoxical_inhibition.ipynb", '"EI": -EI,', '"EI": -1.05 * EI,'),
        ("paradoxical_inhibition.ipynb", "nb.Step(push, start=begin)", "nb.Step(push, start=begin + dt)"),
        ("paradoxical_inhibition.ipynb", "f = count / n_inhibitory", "f = count / n_excitatory"),
        ("paradoxical_inhibition.ipynb", "nb.FixedInDegree(in_degree)", "nb.FixedInDegree(in_degree - 1)"),
        ("delays_make_rhythms.ipynb", "round(16.0 / dt)", "round(16.0 / dt) + 1"),
        ("delays_make_rhythms.ipynb", "weight=-gain, weight", "weight=-1.01 * gain, weight"),
        ("delays_make_rhythms.ipynb", "return np.log(z) / (m * step)", "return np.log(z) / ((m + 1) * step)"),
        ("exact_mean_field.ipynb", "weight=coupling, weight", "weight=1.02 * coupling, weight"),
        ("exact_mean_field.ipynb", "(v * v + 1)", "(v * v + 1.01)"),
        ("exact_mean_field.ipynb", "kick_off, kick)", "kick_off, 0.1 * kick)"),
    ],
)
def test_the_checks_of_a_notebook_see_a_fault(name, right, wrong, tmp_path):
    """A notebook whose checks cannot fail proves nothing: put a fault in and watch."""
    book = nbformat.read(runner.FOLDER / name, as_version=4)
    touched = [cell for cell in book.cells if cell.cell_type == "code" and right in cell.source]
    assert touched
    for cell in touched:
        cell.source = cell.source.replace(right, wrong)
    nbformat.write(book, tmp_path / "faulty.ipynb")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(papermill.PapermillExecutionError, match=r"AssertionError|Not equal"):
            papermill.execute_notebook(
                str(tmp_path / "faulty.ipynb"),
                None,
                SMALL[name],
                kernel_name="python3",
                progress_bar=False,
            )
