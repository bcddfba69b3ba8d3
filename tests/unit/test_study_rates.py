"""Owns the tests of single-neuron rates: known numbers, the integral done another way, limits, and what is refused."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfc

import nbkit as nb
from nbkit.study.rates import COLOUR

study = nb.study
PLANE = [(15, 3), (15, 5), (18, 5), (20, 5), (25, 5), (0, 2), (30, 1), (-50, 10), (19.9, 0.5), (400, 30), (20, 0.5)]


def by_definition(mu: float, sigma: float, shift: float = 0.0) -> float:
    """The integral as it is printed, by quadrature, where it does not overflow."""
    low, high = (10 - mu) / sigma + shift, (20 - mu) / sigma + shift
    edges = np.unique(np.clip([low, -8.0, -3.0, -1.0, 0.0, 1.0, high - 1, high], low, high))
    found = sum(quad(lambda x: np.exp(x * x) * erfc(-x), a, b, epsabs=0, epsrel=1e-11)[0] for a, b in pairwise(edges))
    return 1000 / (2 + 20 * np.sqrt(np.pi) * found)


def by_another_integral(mu: float, sigma: float) -> float:
    """As ``tau_m`` times the integral over w > 0 of ``e^(-w^2) (e^(2 high w) - e^(2 low w))/w``, piece by piece."""
    low, high = (10 - mu) / sigma, (20 - mu) / sigma
    top = max(high, 0.0)
    edges = np.unique(
        np.concatenate([[0.0], np.geomspace(1e-12, top + 30, 200), top + np.linspace(-min(top, 9), 9, 60)])
    )
    places, weights = np.polynomial.legendre.leggauss(30)
    half = np.diff(edges)[:, None] / 2
    w = edges[:-1, None] + half * (places + 1)
    scaled = np.exp(-((w - top) ** 2) + 2 * min(high, 0.0) * w)
    held = scaled * -np.expm1(-2 * (high - low) * w) / w
    found = float((half * weights * held).sum())
    return 1000 * np.exp(-(top**2)) / (2 * np.exp(-(top**2)) + 20 * found)


def minus_zeta_half() -> float:
    """Minus Riemann's zeta function at 1/2, by the alternating series and Euler's acceleration of it."""
    n = 40
    differences = 1 / np.sqrt(np.arange(1.0, n + 1))
    total = 0.0
    for k in range(n):
        total += differences[0] / 2 ** (k + 1)
        differences = differences[:-1] - differences[1:]
    return total / (np.sqrt(2) - 1)


# Without noise


def test_the_curve_of_a_steady_current():
    rates = study.lif_rate([20.0, 21.0, 25.0, 30.0, 40.0])
    np.testing.assert_allclose(rates, [0, 20.017, 41.715, 63.040, 98.919], atol=5e-4)
    assert study.lif_rate(np.full((2, 3), 25.0)).shape == (2, 3)
    assert isinstance(float(study.lif_rate(25.0)), float)
    assert study.lif_rate(-60.0, tau_m=10.0, v_th=-50.0, v_reset=-65.0) == 0


def test_the_curve_of_euler_steps_is_exact():
    rates = study.lif_rate_euler([20.0, 21.0, 25.0, 30.0, 40.0], 0.1)
    np.testing.assert_allclose(rates, [0, 20.040, 41.667, 62.893, 99.010], atol=5e-4)
    for mu, rate in zip((21.0, 25.0, 40.0), rates[[1, 2, 4]], strict=True):
        net = nb.Network(
            {"P": nb.Population(nb.models.lif, 1, initial={"v": 10.0})}, stimuli=[nb.Stimulus("P.I_ext", nb.Step(mu))]
        )
        intervals = nb.analysis.interspike_intervals(nb.simulate(net, 300.0, 0.1), "P").to_numpy()
        np.testing.assert_allclose(1000 / intervals, rate, rtol=1e-9)


def test_euler_steps_go_over_into_the_continuous_curve():
    errors = [abs(study.lif_rate_euler(25.0, dt) / study.lif_rate(25.0) - 1) for dt in (0.1, 0.001)]
    assert errors[1] < 1e-4 < errors[0]


# With noise


def test_the_known_rates_of_a_noisy_neuron():
    rates = study.siegert_rate([15, 15, 18, 20, 25], [3, 5, 5, 5, 5])
    np.testing.assert_allclose(rates, [2.288, 9.461, 19.620, 27.341, 47.217], atol=5e-4)


@pytest.mark.parametrize(("mu", "sigma"), PLANE)
def test_the_rate_is_its_integral_done_in_two_other_ways(mu, sigma):
    """From 1e-41 Hz to the refractory limit."""
    rate = float(study.siegert_rate(mu, sigma))
    assert rate == pytest.approx(by_definition(mu, sigma), rel=1e-10)
    assert rate == pytest.approx(by_another_integral(mu, sigma), rel=1e-8)


@pytest.mark.parametrize(("mu", "sigma"), [(0, 0.8), (19.9, 0.02), (21, 0.05), (15, 0.2), (1e3, 0.01)])
def test_the_rate_where_the_printed_integral_overflows(mu, sigma):
    rate = float(study.siegert_rate(mu, sigma))
    assert np.isfinite(rate)
    assert rate == pytest.approx(by_another_integral(mu, sigma), rel=1e-8, abs=1e-290)


def test_extremes_are_finite_and_ordered():
    mu = np.concatenate([-(10.0 ** np.arange(300, -5, -5)), 10.0 ** np.arange(-5, 300, 5)])
    for sigma in (0.0, 1e-300, 1e-8, 1.0, 1e8, 1e300):
        rates = study.siegert_rate(mu, sigma)
        assert ((rates >= 0) & (rates <= 500)).all()
        assert (np.diff(rates) >= -1e-9).all(), "a stronger drive never lowers the rate"
    assert study.siegert_rate(1e9, 1.0) == pytest.approx(500.0, rel=1e-6)


def test_without_noise_it_is_the_curve_of_a_steady_current():
    mu = [10.0, 19.0, 21.0, 40.0]
    np.testing.assert_allclose(study.siegert_rate(mu, 0.0), study.lif_rate(mu), rtol=1e-12)
    np.testing.assert_allclose(study.siegert_rate(mu, 1e-5), study.lif_rate(mu), rtol=1e-9, atol=1e-12)
    strong = [1e6, 1e9, 1e12]
    np.testing.assert_allclose(study.siegert_rate(strong, 1e-20), study.lif_rate(strong), rtol=1e-15)


def test_arrays_of_different_shapes_go_together():
    mu, sigma = np.array([15.0, 20.0, 25.0]), np.array([[3.0], [5.0]])
    table = study.siegert_rate(mu, sigma)
    assert table.shape == (2, 3)
    for i in range(2):
        for j in range(3):
            assert table[i, j] == study.siegert_rate(float(mu[j]), float(sigma[i, 0]))


def test_synapses_shift_both_bounds():
    assert pytest.approx(np.sqrt(2) * minus_zeta_half(), rel=1e-12) == COLOUR
    shift = COLOUR / 2 * np.sqrt(0.5 / 20)
    rate = study.siegert_rate(15.0, 5.0, tau_syn=0.5)
    assert rate == pytest.approx(by_definition(15.0, 5.0, shift), rel=1e-10)
    assert rate < study.siegert_rate(15.0, 5.0)


def test_a_simulated_neuron_fires_at_this_rate_once_its_steps_are_allowed_for():
    """Steps miss crossings between samples; a threshold lower by 0.5826 sigma sqrt(dt/tau_m) makes up for it.

    Source: Broadie, Glasserman & Kou (1997) Math. Finance 7:325-349.
    """
    sigma, dt = 5.0, 0.1
    noisy = nb.Model(
        "noisy",
        "tau * dv/dt = -v + mu + sigma*sqrt(tau)*xi",
        states={"v": 10.0},
        parameters={"tau": 20.0, "mu": 15.0, "sigma": sigma, "v_th": 20.0, "v_reset": 10.0, "t_ref": 2.0},
        threshold="v >= v_th",
        reset="v = v_reset",
        refractory="t_ref",
    )
    lower = 20.0 - 0.5826 * sigma * np.sqrt(dt / 20.0)
    rates = []
    for threshold in (20.0, lower):
        net = nb.Network({"P": nb.Population(noisy, 1000, {"v_th": threshold})})
        rates.append(float(nb.analysis.rate(nb.simulate(net, 1200.0, dt, seed=1), "P", discard=200.0)["P.rate"].mean()))
    theory = float(study.siegert_rate(15.0, sigma))
    assert rates[0] < 0.96 * theory
    assert rates[1] == pytest.approx(theory, rel=0.03)


# What is refused


@pytest.mark.parametrize(
    ("call", "codes"),
    [
        (lambda: study.lif_rate("fast"), ["bad-value"]),
        (lambda: study.lif_rate([1.0, np.nan]), ["bad-value"]),
        (lambda: study.lif_rate([[1.0], [1.0, 2.0]]), ["bad-value"]),
        (lambda: study.lif_rate(25.0, tau_m=0.0, t_ref=-1.0, v_th="x"), ["bad-value"] * 3),
        (lambda: study.lif_rate(25.0, v_reset=20.0), ["bad-value"]),
        (lambda: study.lif_rate_euler(25.0, 20.0), ["bad-step"]),
        (lambda: study.lif_rate_euler(25.0, 0.0), ["bad-value"]),
        (lambda: study.siegert_rate(15.0, -1.0), ["bad-value"]),
        (lambda: study.siegert_rate(15.0, 1.0, tau_syn=-0.5), ["bad-value"]),
        (lambda: study.siegert_rate([1.0, 2.0], [1.0, 2.0, 3.0]), ["wrong-shape"]),
    ],
)
def test_what_makes_no_neuron_is_refused(call, codes):
    with pytest.raises(nb.NbkitError) as caught:
        call()
    assert [problem.code for problem in caught.value.problems] == codes
