# SPDX-License-Identifier: GPL-2.0
"""From samples to figures: percentiles, ratios, successes. Nothing else."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cmatest.bench.outcome import Outcome, Sample


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that at least @percent of them do not exceed."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)]


def mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


@dataclass(frozen=True)
class Spread:
    """A cost, in instructions, over all repetitions."""

    p50: float
    p99: float
    most: float

    @staticmethod
    def of(values: Sequence[float]) -> Spread | None:
        """None when there is nothing to tell about."""
        if not values:
            return None
        return Spread(percentile(values, 50), percentile(values, 99), max(values))


@dataclass
class Cell:
    """All boots of one kernel in one state at one size, by what was looked at."""

    cost: list[Outcome] = field(default_factory=list)
    windows: list[Outcome] = field(default_factory=list)
    depth: list[Outcome] = field(default_factory=list)

    @property
    def samples(self) -> list[Sample]:
        return [sample for outcome in self.cost for sample in outcome.samples]

    @property
    def good(self) -> list[Sample]:
        return [sample for sample in self.samples if sample.good]

    def spread(self, what: str) -> Spread | None:
        """Of "alloc", "own" or "release"; a request that failed is in none of them."""
        return Spread.of([getattr(sample, what) for sample in self.good])

    def failure(self) -> Spread | None:
        """What requests cost that failed."""
        return Spread.of([sample.alloc for sample in self.samples if not sample.good])

    def allocated(self) -> int:
        return sum(sample.pages for sample in self.good)

    def moved(self) -> float | None:
        """Pages moved for each page allocated; those moved for nothing count, too."""
        moved = sum(outcome.total["moved"] for outcome in self.cost)
        return moved / self.allocated() if self.allocated() else None

    def dropped(self) -> float | None:
        dropped = sum(outcome.dropped() for outcome in self.cost)
        return dropped / self.allocated() if self.allocated() else None

    def background(self) -> float | None:
        """Instructions of other tasks, for each request and its release."""
        per_boot = [outcome.total["background_ns"] / len(outcome.samples)
                    for outcome in self.cost]
        return mean(per_boot)

    def tried(self) -> float | None:
        """Windows for each request."""
        return mean([s.windows for outcome in self.windows for s in outcome.samples])

    def deepest(self, what: str) -> int | None:
        """The most of @what in any request; only the second pair of kernels can tell."""
        found = [getattr(s, what) for outcome in self.depth for s in outcome.samples]
        return max(found) if found else None


Key = tuple[str, int]  # state, pages
Row = dict[str, Cell]  # by kernel
Rows = dict[Key, Row]


def rows_of(outcomes: Iterable[Outcome]) -> Rows:
    """All figures of requests: by state and size, then by kernel."""
    rows: Rows = {}
    for outcome in outcomes:
        order = outcome.order
        if not outcome.samples or order.repeat:
            continue
        row = rows.setdefault((order.state, order.pages), defaultdict(Cell))
        getattr(row[order.kernel], order.look).append(outcome)
    return rows


def ratio(stock: float | None, ours: float | None) -> float | None:
    """How many times less ours costs."""
    return stock / ours if stock is not None and ours else None


def paired(row: Row, what: str) -> list[float]:
    """The ratio of @what in each pair of good requests from equal contents."""
    def by_seed(kernel: str) -> dict[tuple[int, int], Sample]:
        return {(outcome.order.seed, i): sample for outcome in row.get(kernel, Cell()).cost
                for i, sample in enumerate(outcome.samples) if sample.good}

    stock, ours = by_seed("stock"), by_seed("ours")
    return [getattr(stock[key], what) / getattr(ours[key], what)
            for key in sorted(stock.keys() & ours.keys()) if getattr(ours[key], what)]


def gain(row: Row, what: str) -> float | None:
    """The median of the paired ratios of "alloc" or "release"."""
    ratios = paired(row, what)
    return percentile(ratios, 50) if ratios else None


def extras(outcomes: Iterable[Outcome], state: str) -> dict[str, dict[str, list[int]]]:
    """What boots without requests found out: by name, then by kernel."""
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for outcome in outcomes:
        if outcome.order.state == state:
            for name, values in outcome.extra.items():
                found[name][outcome.order.kernel] += values
    return found
