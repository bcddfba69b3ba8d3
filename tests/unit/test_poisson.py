"""Owns the proof that Poisson numbers drawn by table are Poisson numbers, tail included."""

import numpy as np
import pytest
from scipy import stats

from nbkit.run import poisson
from nbkit.run.poisson import chosen_units


def poisson_counts(drawing, mean, shape, library=None):
    """Counts in rows that stand apart; what is between them stays as it is."""
    room = np.full((shape[0], shape[1] + 5), 77, dtype=np.uint8)
    found = poisson.poisson_counts(drawing, mean, room[:, 2:-3], library)
    assert (room[:, :2] == 77).all()
    assert (room[:, -3:] == 77).all()
    return np.array(found)


@pytest.mark.parametrize("mean", [8e-4, 0.05, 0.3, 2.32, 30.0, 99.0, 1000.0])
def test_counts_have_the_distribution(mean):
    counts = poisson_counts(np.random.default_rng(1), mean, (1000, 1000)).ravel()
    assert counts.mean() == pytest.approx(mean, abs=4 * np.sqrt(mean / 1e6))
    numbers = np.arange(int(mean + 6 * np.sqrt(mean) + 6))
    expected = stats.poisson.pmf(numbers, mean) * len(counts)
    seen = np.bincount(counts, minlength=len(numbers))[: len(numbers)]
    likely = expected > 20
    assert stats.chisquare(seen[likely], expected[likely] * seen[likely].sum() / expected[likely].sum()).pvalue > 1e-4


class Fixed:
    """A generator whose bits are given: the first sixteen and those after them."""

    def __init__(self, words, rest):
        self.words, self.rest, self.bit_generator = words, rest, self

    def random_raw(self, count):
        padded = np.zeros(4 * count, dtype=np.uint16)
        padded[: len(self.words)] = self.words
        return padded.view(np.uint64)

    def random(self, count):
        return self.rest[:count]


def test_every_number_of_bits_gives_the_quantile():
    """The table and the few entries it leaves open together are the inverse of the distribution."""
    mean = 2.32
    words = np.arange(2**16, dtype=np.uint16)
    for rest in (0.0, 0.37, 0.999999):
        counts = poisson_counts(Fixed(words, np.full(300, rest)), mean, (1, len(words)))[0]
        table, _ = poisson._table(mean)
        exact = stats.poisson.ppf((words + (np.where(table == poisson.UNDECIDED, rest, 0.5))) / 2**16, mean)
        np.testing.assert_array_equal(counts, exact)


def test_few_entries_stay_open():
    table, _ = poisson._table(2.32)
    assert 5 < np.count_nonzero(table == poisson.UNDECIDED) < 30


def test_no_rate_no_spikes():
    assert not poisson_counts(np.random.default_rng(1), 0.0, (10, 10)).any()


@pytest.mark.parametrize("units", [1, 7, 1000, 4096])
def test_every_unit_is_chosen_by_as_many_words(units):
    chosen = chosen_units(np.arange(2**16, dtype=np.uint16), units)
    assert set(np.bincount(chosen, minlength=units)) == {2**16 // units}


@pytest.mark.parametrize("units", [1, 3, 12])
def test_units_and_steps_of_small_means_are_independent(units):
    """As many events as a Poisson distribution gives, of each unit in each step, whatever the others get."""
    counts = poisson_counts(np.random.default_rng(2), 0.3, (120_000, units)).astype(float)
    assert counts.sum(axis=1).var() == pytest.approx(0.3 * units, rel=0.03)
    assert np.abs(np.cov(counts.T) - 0.3 * np.eye(units)).max() < 0.01
    assert np.abs((counts[1:] * counts[:-1]).mean(axis=0) - 0.09).max() < 0.006


@pytest.mark.parametrize(("mean", "units"), [(0.01, 1), (0.3, 2068), (0.3, 5000), (2.32, 300)])
def test_the_interpreters_library_draws_the_same_numbers(interpreter, mean, units):
    drawn = [poisson_counts(np.random.default_rng(3), mean, (64, units), by) for by in (None, interpreter)]
    np.testing.assert_array_equal(*drawn)


def test_more_words_are_drawn_where_many_are_refused(monkeypatch):
    """At 40,000 units two in five words of sixteen bits are passed over, more than there are to spare."""
    monkeypatch.setattr(poisson, "SHORT_WORDS", 40_000)
    counts = poisson_counts(np.random.default_rng(3), 0.3, (20, 40_000))
    assert counts.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.3 / counts.size))
