# SPDX-License-Identifier: GPL-2.0
"""What a guest prints: read right, and refused when it is not what was ordered."""

from __future__ import annotations

import pytest

from cmatest import vm
from cmatest.bench.outcome import Outcome, numbers, read, start_problem
from cmatest.bench.states import Order

OCCUPANTS = "free={free} held=32 anon={anon} file=0 dirty=0 mapped=0"
REQUEST = "pages=16 ret={ret} alloc_ns=500 own_ns=490 release_ret={release} release_ns=70"
TRACE = "windows=2 irqs_off_us=3 page_drains=4 lru_drains=5"
SUM = "moved=16 unmoved=1 file_pages=-3 background_ns=9"
FACTS = {"bench.memory": "cma_free_kb=0 outside_kb=750000",
         "bench.occupants": OCCUPANTS.format(free=36, anon=65468),
         "bench.0": REQUEST.format(ret=0, release=0), "bench.0.trace": TRACE,
         "bench.sum": SUM, "end": "ok"}
ORDER = Order("ours", "anon", 16, 1)


def outcome(changes: dict[str, str | None], order: Order = ORDER) -> Outcome:
    """Of a boot that printed FACTS, but for @changes."""
    facts = {key: value for key, value in {**FACTS, **changes}.items() if value is not None}
    result = vm.Result()
    for key, value in facts.items():
        result.add(f"[    1.234567] @{key}={value}")
    return read(order, result)


def test_numbers() -> None:
    assert numbers("a=1 b=-2 c=0x10") == {"a": 1, "b": -2, "c": 16}
    with pytest.raises(ValueError):
        numbers("a=1 b")


def test_good() -> None:
    got = outcome({})
    assert got.problem is None
    sample, = got.samples
    assert (sample.pages, sample.alloc, sample.own, sample.release) == (16, 500, 490, 70)
    assert (sample.windows, sample.irqs_off_us) == (2, 3)
    assert (sample.page_drains, sample.lru_drains) == (4, 5)
    assert sample.good and got.dropped() == 3


def test_a_refusal_is_no_problem_of_the_boot() -> None:
    got = outcome({"bench.0": REQUEST.format(ret=-12, release=0)})
    assert got.problem is None and not got.samples[0].good


@pytest.mark.parametrize("changes, word", [
    ({"bench.occupants": OCCUPANTS.format(free=5504, anon=60000)}, "not full"),
    ({"bench.0": None}, "0 requests"),
    ({"bench.sum": None}, "bench.sum"),
    ({"bench.memory": None}, "bench.memory"),
    ({"bench.occupants": None}, "bench.occupants"),
    ({"bench.0.trace": None}, "bench.0.trace"),
    ({"bench.0": "pages=16"}, "cannot read"),
    ({"bench.0": REQUEST.format(ret=0, release=-5)}, "release failed"),
    ({"bench.1": REQUEST.format(ret=0, release=0), "bench.1.trace": TRACE}, "2 requests"),
    ({"end": None}, "no end"),
    ({"end": "failed", "failed": "some check"}, "some check"),
])
def test_bad(changes: dict[str, str | None], word: str) -> None:
    problem = outcome(changes).problem
    assert problem and word in problem


def test_extras_are_read() -> None:
    order = Order("ours", "cost", 0, 1)
    got = outcome({"bench.extra.fault": "3 1 2", "bench.extra.usable_pages": "7"}, order)
    assert got.extra == {"fault": [3, 1, 2], "usable_pages": [7]}
    assert outcome({}, order).problem == "the guest measured nothing"


def start(**changes: int) -> dict[str, int]:
    return {"outside_kb": 750000, "free": 65504, "held": 32, "anon": 0, "file": 0, "dirty": 0,
            "mapped": 0, **changes}


@pytest.mark.parametrize("state, found, good", [
    ("free", start(), True),
    ("free", start(free=60000, anon=5504), False),
    ("mixed", start(free=32000, held=33536), True),
    ("cache", start(free=4, file=65500), True),
    ("cachemap", start(free=4, file=65500), False),
    ("cachemap", start(free=4, file=65500, mapped=65400), True),
    ("dirty", start(free=4, file=65500, dirty=40000), False),
    ("pin1", start(free=4, anon=65500), True),
    ("pin1", start(free=4, anon=65500, outside_kb=1000), False),
])
def test_start(state: str, found: dict[str, int], good: bool) -> None:
    assert (start_problem(state, found) is None) == good


def test_what_the_guest_is_told() -> None:
    assert Order("ours", "again", 256, 3).options == (
        "cma_bench=free cma_pages=256 cma_seed=3 cma_look=0 cma_cycles=30")
    assert Order("ours", "two2", 0, 1).options.startswith("cma_bench=two ")
    assert "cma_look=2" in Order("ours", "anon", 1, 1, "depth").options
