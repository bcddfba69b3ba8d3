"""Owns the proof that lessons prove something: with a fault in a lesson, its own checks fail."""

import warnings

import nbformat
import papermill
import pytest

from tests.notebooks import runner
from tests.notebooks.sizes import SMALL

FIRST, SECOND = "01_populations_and_connectivity.ipynb", "02_network_simulation.ipynb"
FIELD, CORTEX = "11_neural_field.ipynb", "12_microcircuit.ipynb"
STEPS, RHYTHM = "03_how_a_computer_steps_time.ipynb", "00_your_first_rhythm.ipynb"
LEAKY, PLANE, UNEQUAL = "04_leaky_neurons_and_noise.ipynb", "05_phase_plane.ipynb", "06_unequal_neurons.ipynb"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        (FIRST, "weight=weights)]", "weight=weights.T)]"),
        (FIRST, "delay=d)", "delay=d + dt)"),
        (FIRST, "nb.Uniform(8, 12)", "nb.Uniform(8, 12.5)"),
        (SECOND, "units=[4], name", "units=[3], name"),
        (SECOND, "again = np.concatenate([first", "again = np.concatenate([second"),
        (SECOND, "(last - k_spike - 1.0)", "(last - k_spike - 2.0)"),
        (FIELD, "near, 0.1 / area, far)", "near, -0.1 / area, far)"),
        (FIELD, "nb.OneToOne(), delay=delay,", "nb.OneToOne(), delay=delay + dt,"),
        (FIELD, "area = cell if scaled else 1.0", "area = 1 / n**2 if scaled else 1.0"),
        (FIELD, "rule=nb.AllToAll(autapses=False)", "rule=nb.AllToAll()"),
        (FIELD, "gain=gain,", "gain=1.0,"),
        (FIELD, "(1 - d)*exp(-d)", "(1 - d)*exp(-1.05*d)"),
        (FIELD, "f = (v >= h)", "f = (v >= 1.05*h)"),
        (FIELD, "nb.ConductionDelay(speed)", "nb.ConductionDelay(1.05 * speed)"),
        (FIELD, "nb.kernels.Exponential(0.5,", "nb.kernels.Exponential(0.51,"),
        (CORTEX, "inputs[target, source] =", "inputs[source, target] ="),
        (CORTEX, "scale=scale, resolution=dt)", 'scale=scale, resolution=dt).with_value("L4I->L4E.gain", 0.9)'),
        (CORTEX, "scale=scale, resolution=dt)", 'scale=scale, resolution=dt).with_value("L5E.I_ex.rate", 1700.0)'),
        (CORTEX, "nb.simulate(small,", 'nb.simulate(variants["only the weights"],'),
        (CORTEX, "nb.simulate(small,", 'nb.simulate(small.with_value("L4I->L4E.gain", 0.9),'),
        (CORTEX, "first + long), resolution=dt)", 'first + long), resolution=dt).with_value("TC->L4E.gain", 0.2)'),
        (CORTEX, "method=method", 'method="euler"'),
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
        ("07_wilson_cowan.ipynb", "nb.Step(drive), name", "nb.Step(1.01 * drive), name"),
        ("07_wilson_cowan.ipynb", "warned = nb.health(beyond, coarse,", "warned = nb.health(beyond, dt,"),
        ("07_wilson_cowan.ipynb", "prediction.check(float(", "prediction.check(1.01 * float("),
        ("08_paradoxical_inhibition.ipynb", '"EI": -EI,', '"EI": -1.05 * EI,'),
        ("08_paradoxical_inhibition.ipynb", "nb.Step(push, start=begin)", "nb.Step(push, start=begin + dt)"),
        ("08_paradoxical_inhibition.ipynb", "f = count / n_inhibitory", "f = count / n_excitatory"),
        ("08_paradoxical_inhibition.ipynb", "nb.FixedInDegree(in_degree)", "nb.FixedInDegree(in_degree - 1)"),
        ("09_delays_make_rhythms.ipynb", "round(16.0 / dt)", "round(16.0 / dt) + 1"),
        ("09_delays_make_rhythms.ipynb", "weight=-gain, weight", "weight=-1.01 * gain, weight"),
        ("09_delays_make_rhythms.ipynb", "return np.log(z) / (m * step)", "return np.log(z) / ((m + 1) * step)"),
        ("10_exact_mean_field.ipynb", "weight=coupling, weight", "weight=1.02 * coupling, weight"),
        ("10_exact_mean_field.ipynb", "(v * v + 1)", "(v * v + 1.01)"),
        ("10_exact_mean_field.ipynb", "kick_off, kick)", "kick_off, 0.1 * kick)"),
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
