# SPDX-License-Identifier: GPL-2.0
"""Each criterion can be met, and can be missed."""

from __future__ import annotations

import pytest

from cmatest.bench.figures import rows_of
from cmatest.bench.judge import Verdict, judge
from cmatest.bench.outcome import Outcome, Sample
from cmatest.bench.states import Order
from cmatest.bench.table import table


def boot(kernel: str, state: str, pages: int, costs: tuple[int, int, int] = (1000, 1000, 0),
         moved: int = 0, repeat: int = 0) -> Outcome:
    """@costs are those of the request, of its release, and the error."""
    alloc, release, ret = costs
    sample = Sample(pages, ret, alloc, alloc, release, 0, 0, 0, 0)
    total = {"moved": moved, "unmoved": 0, "file_pages": 0, "background_ns": 0}
    return Outcome(Order(kernel, state, pages, 1, repeat=repeat), (sample,), {}, total)


def cost(kernel: str, **extra: list[int]) -> Outcome:
    return Outcome(Order(kernel, "cost", 0, 1), extra=extra)


def verdict(word: str, *outcomes: Outcome) -> Verdict:
    """The only one that is about @word."""
    found, = [v for v in judge(rows_of(outcomes), outcomes) if word in v.what]
    return found


@pytest.mark.parametrize("state, pages, alloc, release, word, good", [
    ("free", 16, 100, 1000, "free, alloc", True),
    ("free", 16, 101, 1000, "free, alloc", False),
    ("free", 16384, 100, 40, "free, release", True),
    ("free", 16384, 100, 41, "free, release", False),
    ("cache", 4096, 500, 1, "cache, alloc", True),
    ("cache", 4096, 501, 1, "cache, alloc", False),
    ("anon", 32768, 769, 1, "anon, alloc", True),
    ("anon", 32768, 770, 1, "anon, alloc", False),
    ("dirty", 4096, 1000, 1, "dirty, alloc", True),
    ("dirty", 4096, 1001, 1, "dirty, alloc", False),
    ("pin4", 256, 100, 1, "pin4, alloc", True),
    ("pin4", 256, 101, 1, "pin4, alloc", False),
])
def test_gains(state: str, pages: int, alloc: int, release: int, word: str, good: bool) -> None:
    found = verdict(word, boot("stock", state, pages), boot("ours", state, pages,
                                                            (alloc, release, 0)))
    assert found.good == good
    assert str(found).startswith("PASS" if good else "SHORT")


def test_what_was_not_measured_is_not_met() -> None:
    assert not verdict("anon, alloc", boot("stock", "anon", 4096),
                       boot("ours", "anon", 4096, (1, 1, -12))).good


def test_pins_are_judged_where_stock_is_worst() -> None:
    found = verdict("pin1, alloc", boot("stock", "pin1", 1), boot("ours", "pin1", 1),
                    boot("stock", "pin1", 256, (9000, 1, 0)), boot("ours", "pin1", 256))
    assert "256 pages" in found.what and not found.good


def test_successes() -> None:
    refused = (1000, 0, -12)
    assert verdict("successes", boot("stock", "anon", 1, refused), boot("ours", "anon", 1)).good
    assert not verdict("successes", boot("stock", "anon", 1), boot("ours", "anon", 1, refused)).good


def test_moves() -> None:
    assert verdict("pages moved", boot("ours", "anon", 1000, moved=1050)).good
    assert not verdict("pages moved", boot("ours", "anon", 1000, moved=1051)).good
    pinned = [boot("ours", "pin1", 1000, moved=9000)]
    assert not [v for v in judge(rows_of(pinned), pinned) if "pages moved" in v.what]


@pytest.mark.parametrize("ours, good", [([2000, 1004, 900], True), ([900, 1006, 1006], False)])
def test_everyday(ours: list[int], good: bool) -> None:
    stock = cost("stock", fault=[1000, 1500, 1000])
    assert verdict("fault", stock, cost("ours", fault=ours)).good == good


def test_usable() -> None:
    stock = cost("stock", usable_pages=[200000])
    assert verdict("memory", stock, cost("ours", usable_pages=[198000])).good
    assert not verdict("memory", stock, cost("ours", usable_pages=[197999])).good


def test_repeats() -> None:
    first = boot("ours", "free", 16, (1000, 1, 0))
    assert verdict("repeated", first, boot("ours", "free", 16, (1009, 1, 0), repeat=1)).good
    assert not verdict("repeated", first, boot("ours", "free", 16, (1011, 1, 0), repeat=1)).good


def test_table_has_a_line_for_each_row() -> None:
    text = table(rows_of([boot("stock", "free", 16, (45_678, 1000, 0)), boot("ours", "free", 16),
                          boot("ours", "anon", 1, (5, 5, -12))]))
    free, anon = text.splitlines()[1:3]
    assert free.split()[:5] == ["free", "16", "45.7", "1.0", "45.7x"]
    assert anon.split()[:5] == ["anon", "1", "-", "-", "-"]
