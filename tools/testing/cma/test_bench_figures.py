# SPDX-License-Identifier: GPL-2.0
"""Percentiles, ratios and counts: what a wrong figure would come from."""

from __future__ import annotations

import pytest

from cmatest.bench.figures import Spread, extras, gain, paired, percentile, ratio, rows_of
from cmatest.bench.outcome import Outcome, Sample
from cmatest.bench.states import Order


def sample(alloc: int, ret: int = 0, release: int = 10, pages: int = 100) -> Sample:
    return Sample(pages, ret, alloc, alloc, release, 0, 0, 0, 0)


def outcome(kernel: str, seed: int, *samples: Sample, look: str = "cost", repeat: int = 0,
            moved: int = 0, file_pages: int = 0) -> Outcome:
    total = {"moved": moved, "unmoved": 0, "file_pages": file_pages, "background_ns": 8}
    return Outcome(Order(kernel, "anon", 100, seed, look, repeat), samples, {}, total)


@pytest.mark.parametrize("values, percent, expected", [
    ([7], 50, 7), ([7], 99, 7), ([1, 2], 50, 1), ([3, 1, 2], 50, 2), ([3, 1, 2], 100, 3),
    (list(range(1, 101)), 99, 99), (list(range(1, 102)), 99, 100), (list(range(1, 31)), 99, 30),
    ([5, 1], 0, 1),
])
def test_percentile(values: list[int], percent: float, expected: int) -> None:
    assert percentile(values, percent) == expected


def test_percentile_of_nothing() -> None:
    with pytest.raises(ValueError):
        percentile([], 50)
    assert Spread.of([]) is None


@pytest.mark.parametrize("stock, ours, expected", [
    (10.0, 5.0, 2.0), (5.0, 10.0, 0.5), (None, 5.0, None), (5.0, None, None), (5.0, 0.0, None),
])
def test_ratio(stock: float | None, ours: float | None, expected: float | None) -> None:
    assert ratio(stock, ours) == expected


def test_pairs_have_equal_contents() -> None:
    """Order of arrival is no matter, and neither is what has no partner."""
    row = rows_of([outcome("ours", 2, sample(10)), outcome("stock", 1, sample(60)),
                   outcome("stock", 2, sample(30)), outcome("ours", 1, sample(30)),
                   outcome("ours", 3, sample(1))])["anon", 100]
    assert paired(row, "alloc") == [2.0, 3.0]
    assert gain(row, "alloc") == 2.0


def test_a_failure_is_in_no_median() -> None:
    row = rows_of([outcome("stock", 1, sample(10)), outcome("stock", 2, sample(10 ** 9, -12)),
                   outcome("ours", 1, sample(5)), outcome("ours", 2, sample(5))])["anon", 100]
    stock = row["stock"]
    assert (len(stock.good), len(stock.samples)) == (1, 2)
    assert stock.spread("alloc") == Spread(10, 10, 10)
    assert stock.failure() == Spread(10 ** 9, 10 ** 9, 10 ** 9)
    assert paired(row, "alloc") == [2.0]


def test_nothing_but_failures() -> None:
    row = rows_of([outcome("stock", 1, sample(1, -12)), outcome("ours", 1, sample(1, -12))])
    cell = row["anon", 100]["stock"]
    assert cell.spread("alloc") is None and cell.moved() is None
    assert gain(row["anon", 100], "alloc") is None


def test_traced_boots_are_not_costs() -> None:
    traced = Sample(100, 0, 999, 999, 999, 3, 0, 0, 0)
    cell = rows_of([outcome("ours", 1, sample(5)),
                    outcome("ours", 1, traced, look="windows")])["anon", 100]["ours"]
    assert cell.spread("alloc") == Spread(5, 5, 5)
    assert cell.tried() == 3


def test_repeated_boots_do_not_count_twice() -> None:
    cell = rows_of([outcome("ours", 1, sample(5)),
                    outcome("ours", 1, sample(7), repeat=1)])["anon", 100]["ours"]
    assert len(cell.samples) == 1


def test_moved_for_nothing_counts() -> None:
    """Per page that was allocated, whatever it was moved for."""
    cell = rows_of([outcome("ours", 1, sample(5), moved=100, file_pages=-30),
                    outcome("ours", 2, sample(5, -12), moved=50, file_pages=20)])
    found = cell["anon", 100]["ours"]
    assert found.moved() == 1.5
    assert found.dropped() == 0.3
    assert found.background() == 8


def test_extras() -> None:
    boots = [Outcome(Order(kernel, "cost", 0, seed), extra={"fault": [seed, seed + 1]})
             for kernel in ("stock", "ours") for seed in (1, 5)]
    assert extras(boots, "cost") == {"fault": {"stock": [1, 2, 5, 6], "ours": [1, 2, 5, 6]}}
    assert not extras(boots, "two1")
