"""Owns the proof that Poisson numbers drawn by table are Poisson numbers, tail included."""

import numpy as np
import pytest
from scipy import stats

from nbkit.run import poisson
from nbkit.run.poisson import poisson_counts


@pytest.mark.parametrize("mean", [8e-4, 0.05, 2.32, 30.0, 99.0, 1000.0])
def test_counts_have_the_distribution(mean):
    counts = poisson_counts(np.random.default_rng(1), mean, 1_000_000)
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
        counts = poisson_counts(Fixed(words, np.full(300, rest)), mean, len(words))
        table, _ = poisson._table(mean)
        exact = stats.poisson.ppf((words + (np.where(table == poisson.UNDECIDED, rest, 0.5))) / 2**16, mean)
        np.testing.assert_array_equal(counts, exact)


def test_few_entries_stay_open():
    table, _ = poisson._table(2.32)
    assert 5 < np.count_nonzero(table == poisson.UNDECIDED) < 30


def test_no_rate_no_spikes():
    assert not poisson_counts(np.random.default_rng(1), 0.0, 100).any()
