"""Owns the tests of laws: what is drawn has the distribution that was asked for."""

import numpy as np
import pytest
from scipy import stats

import nbkit as nb
from nbkit.network.laws import LAWS, Law

KNOWN: dict[str, tuple[Law, object]] = {
    "Uniform": (nb.Uniform(-1, 3), stats.uniform(-1, 4)),
    "Normal": (nb.Normal(2, 0.5), stats.norm(2, 0.5)),
    "LogNormal": (
        nb.LogNormal(10, 4),
        stats.lognorm(s=np.sqrt(np.log1p(0.16)), scale=10 / np.sqrt(1.16)),
    ),
    "Lorentzian": (nb.Lorentzian(-5, 1), stats.cauchy(-5, 1)),
    "Exponential": (nb.Exponential(3), stats.expon(scale=3)),
    "Truncated": (nb.Truncated(nb.Normal(0, 1), low=-0.5, high=2.0), stats.truncnorm(-0.5, 2.0)),
    "Quantiles": (nb.Quantiles(nb.Normal(0, 1)), stats.norm(0, 1)),
}


def test_every_law_is_here():
    assert set(KNOWN) == set(LAWS)


@pytest.mark.parametrize("name", KNOWN)
def test_draws_follow_the_distribution(name):
    law, known = KNOWN[name]
    assert law.fault() == ""
    values = law.draw(np.random.default_rng(1), (100, 50))
    assert values.shape == (100, 50)
    assert stats.kstest(values.ravel(), known.cdf).pvalue > 0.01
    assert (
        stats.kstest(
            values.ravel() + 0.3 * known.std() if np.isfinite(known.std()) else values.ravel() + 0.3, known.cdf
        ).pvalue
        < 1e-6
    )


@pytest.mark.parametrize("name", KNOWN)
def test_quantiles_and_shares_are_each_others_inverse(name):
    law, known = KNOWN[name]
    shares = np.array([0.01, 0.3, 0.5, 0.77, 0.999])
    np.testing.assert_allclose(law.quantile(shares), known.ppf(shares), rtol=1e-9)
    np.testing.assert_allclose([law.share_below(x) for x in known.ppf(shares)], shares, rtol=1e-9)


def test_a_log_normal_has_the_mean_and_deviation_that_were_asked_for():
    values = nb.LogNormal(10, 4).draw(np.random.default_rng(0), (200_000,))
    assert values.mean() == pytest.approx(10, rel=0.01)
    assert values.std() == pytest.approx(4, rel=0.02)


def test_quantiles_do_not_depend_on_the_seed():
    net = nb.Network(
        {"E": nb.Population(nb.models.leaky_integrator, 4, parameters={"tau": nb.Quantiles(nb.Uniform(8, 12))})}
    )
    for seed in (0, 1):
        assert nb.simulate(net, 1.0, 0.1, seed=seed)["E.tau"].to_numpy().tolist() == [8.5, 9.5, 10.5, 11.5]


def test_a_truncated_law_stays_within_its_bounds():
    values = nb.Truncated(nb.Lorentzian(0, 1), low=-1, high=1).draw(np.random.default_rng(0), (1000,))
    assert np.abs(values).max() <= 1


@pytest.mark.parametrize(
    "law",
    [
        nb.Uniform(2, 1),
        nb.Normal(0, -1),
        nb.LogNormal(-1, 1),
        nb.LogNormal(1, -1),
        nb.Lorentzian(0, -1),
        nb.Exponential(0),
        nb.Truncated(nb.Normal(0, 1), low=9),
        nb.Truncated(nb.Normal(0, 1), low=1, high=1),
        nb.Truncated(nb.Normal(0, -1), low=1),
        nb.Truncated("normal", low=1),
        nb.Quantiles(3),
        nb.Quantiles(nb.Normal("a", 1)),
        nb.Uniform(np.nan, 1),
    ],
)
def test_a_law_that_cannot_be_is_refused(law):
    net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 3, initial={"x": law})})
    assert [p.code for p in net.check()] == ["bad-law"]


@pytest.mark.parametrize("name", KNOWN)
def test_a_law_goes_through_json_and_paths(name):
    law, _ = KNOWN[name]
    net = nb.Network({"E": nb.Population(nb.models.leaky_integrator, 3, initial={"x": law})})
    assert nb.Network.from_json(net.to_json()) == net
    inner = [path for path in net.paths() if path.startswith("E.x.initial.")]
    assert inner
    for path in inner:
        changed = net.with_value(path, 7.5)
        assert changed.value(path) == 7.5
        assert isinstance(changed.value("E.x.initial"), type(law))
