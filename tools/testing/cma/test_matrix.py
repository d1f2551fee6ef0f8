# SPDX-License-Identifier: GPL-2.0
"""The matrix: each possible pair of values meets, and nothing that went wrong gets lost."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations, product

import pytest

from cmatest import guest, vm
from cmatest.matrix import main, run, show
from cmatest.matrix.cells import (CELLS, EXCLUDED, FACTORS, KERNEL, Cell, Excluded, covering,
                                  possible)
from cmatest.matrix.look import Found, look, worse

TOY = {"a": ("1", "2", "3"), "b": ("x", "y"), "c": ("p", "q", "r"), "d": ("0", "1")}
NO_1Y = Excluded("1 and y do not meet", {"a": ("1",), "b": ("y",)})
CELL = Cell("arm64", "4K", "plain", "mglru", "always", "one")
JOBS = ("drive", "offline", "poison")
GOOD_CHURN = ["@churn=allocs=8 frees=8 missed=1 full=1 lent_most=5 own_ns=5000", "@end=ok"]
GOOD_REST = ["@rest.ms=1=0.1 16=1.5 64=17.0", "@rest.anew_ms=1=0.1 16=0.2 64=0.071", "@end=ok"]
GOOD_FAULT = ["@fault=inside=9 touches=9 slow=1 longest_ns=78000 request_ns=9", "@end=ok"]


def meet(cells: list[tuple[str, ...]]) -> set:
    return {pair for cell in cells for pair in combinations(enumerate(cell), 2)}


@pytest.mark.parametrize("factors, excluded", [
    (TOY, ()), (TOY, (NO_1Y,)), (FACTORS, EXCLUDED)], ids=["all", "some", "ours"])
def test_each_pair_that_can_meet_meets(factors: dict, excluded: tuple[Excluded, ...]) -> None:
    """Counted anew, from all combinations."""
    names = list(factors)
    can = [cell for cell in product(*factors.values())
           if not any(all(cell[names.index(name)] in values for name, values in out.values.items())
                      for out in excluded)]
    chosen = covering(factors, excluded)
    assert set(chosen) <= set(can)
    assert meet(chosen) == meet(can)
    assert len(chosen) == len(set(chosen)) < len(can) / 2


def test_values_that_cannot_meet_do_not() -> None:
    assert not any(cell[:2] == ("1", "y") for cell in covering(TOY, (NO_1Y,)))
    assert not any(out.has(vars(cell)) for cell in CELLS.values() for out in EXCLUDED)


def test_each_exclusion_excludes_something_and_says_why() -> None:
    for out in EXCLUDED:
        others = [other for other in EXCLUDED if other is not out]
        assert len(possible(FACTORS, others)) > len(possible(FACTORS, EXCLUDED)), out.why
        assert out.why


def test_the_same_cells_each_time_and_those_of_a_kernel_together() -> None:
    values = covering(FACTORS, EXCLUDED, KERNEL)
    assert values == covering(FACTORS, EXCLUDED, KERNEL)
    kernels = [cell[:3] for cell in values]
    assert [name for name, before in zip(kernels, [None, *kernels]) if name != before] \
        == list(dict.fromkeys(kernels))


def test_the_machine_of_a_cell() -> None:
    cell = Cell("arm64", "16K", "debug", "classic", "never", "two")
    options = run.options(cell).split()
    assert {"lru_gen=0", "transparent_hugepage=never", "page_owner=on"} <= set(options)
    argv = run.machine(cell, "stress").argv()
    assert argv.count("-numa") == 2 and "cortex-a76" in argv and "1536M" in argv
    plain = run.machine(replace(cell, kind="plain"), "churn")
    assert plain.counted and plain.smp == 1 and plain.mem == "768M"
    assert not run.machine(cell, "churn").counted
    order = run.kernel(cell, stock=True)
    assert order.stock and order.debug and order.board and order.smp == 4
    assert order.extra and "CONFIG_ARM64_16K_PAGES=y" in order.extra.read_text()


def result(*lines: str) -> vm.Result:
    told = vm.Result()
    for text in lines:
        told.add(text)
    return told


def stress(lost: int = 0, faults: int = 0, absent: int = 0, rounds: int = 4) -> list[str]:
    jobs = [f"@stress.job.{name}=rounds={rounds} faults={faults * (name == 'drive')} "
            f"absent={absent * (name == 'poison')}" for name in JOBS]
    return [*jobs, f"@stress.area=pages=9 poisoned=1 want=8 got={8 - lost} lost={lost}",
            "@stress.sum=allocs=9 refused=1 buffers=2 no_buffer=0 swapped=3 moved=4 poisoned_kb=4",
            "@end=ok"]


def found(*lines: str, cell: Cell = CELL) -> Found:
    return look(cell, ("ours", "abc"), {"churn": result(*GOOD_CHURN), "stress": result(*lines),
                                        "fault": result(*GOOD_FAULT), "rest": result(*GOOD_REST)})


def test_a_good_cell() -> None:
    good = found(*stress())
    assert (good.splats, good.failures) == ([], [])
    assert (good.allocs, good.refused, good.served, good.instructions) == (9, 1, 90, 500)
    assert (good.longest_ns, good.first_us, good.again_us) == (78000, 17000, 71)
    assert "first buffer 17 ms, next 0.071" in show.describe(good)


@pytest.mark.parametrize("lines, words", [
    (stress(lost=2), "2 pages of the area are lost"),
    (stress(faults=1), "drive: 1 faults in 4 rounds"),
    (stress(absent=1), "poison: cannot be done on this kernel"),
    (stress(rounds=0), "offline: not a single round"),
    (stress()[:-3] + ["@end=ok"], "did not come to its end"),
    (stress()[:-1], "no end after"),
    (["@failed=no swap", "@end=died"], "no swap"),
    ([line.replace("swapped=3", "swapped=0") for line in stress()], "no page was swapped"),
])
def test_failures_are_found(lines: list[str], words: str) -> None:
    failures = found(*lines).failures
    assert any(words in failure for failure in failures), failures


def test_an_area_that_was_not_lent_shows_nothing() -> None:
    churn = [GOOD_CHURN[0].replace("lent_most=5", "lent_most=0"), "@end=ok"]
    failures = look(CELL, ("ours", ""), {"churn": result(*churn),
                                         "stress": result(*stress())}).failures
    assert failures == ["churn: nothing was lent"]


def test_complaints_are_found_and_poisoned_pages_are_none() -> None:
    lines = ["BUG: Bad page state in process init", "@failed=the kernel complains: WARNING: at x",
             "Memory failure: 0x1: Sending SIGBUS to init:9 due to hardware memory corruption",
             "MCE: Killing init:86 due to hardware memory corruption fault at 7ff1ef0cf000",
             *stress()[:-1], "@end=failed"]
    assert found(*lines).splats == [lines[0], "WARNING: at x"]


def test_what_32_bit_arm_cannot_do() -> None:
    arm = Cell("arm", "4K", "plain", "mglru", "never", "one")
    assert found(*stress(absent=1), cell=arm).failures == []


@pytest.mark.parametrize("change, in_what", [
    ({}, []), ({"splats": ["x"]}, ["splats"]), ({"failures": ["x"]}, ["failures"]),
    ({"refused": 30}, ["served"]), ({"instructions": 120}, ["instructions"]),
    ({"longest_ns": 119}, []), ({"longest_ns": 121}, ["longest fault"]),
    ({"first_us": 111}, ["first buffer"]), ({"again_us": 111}, ["next buffer"])])
def test_worse_than_stock(change: dict, in_what: list[str]) -> None:
    stock = Found("c", "stock", "", allocs=90, refused=10, instructions=100,
                  longest_ns=100, first_us=100, again_us=100)
    ours = Found(**{**stock.as_dict(), "kernel": "ours", **change})
    assert worse(ours, stock) == in_what


def test_one_refusal_of_thirteen_is_luck() -> None:
    stock = Found("c", "stock", "", allocs=13)
    assert worse(Found("c", "ours", "", allocs=12, refused=1), stock) == []
    assert worse(Found("c", "ours", "", allocs=8, refused=5), stock) == ["served"]
    assert worse(Found("c", "ours", ""), Found("c", "stock", "")) == []


def test_unknown_cells_are_refused() -> None:
    with pytest.raises(guest.Problem, match="no cell named mips"):
        main.wanted(["mips*"])
    assert {cell.arch for cell in main.wanted(["arm-*"])} == {"arm"}


def test_the_table_is_what_the_results_give() -> None:
    results = main.read([main.KEPT])
    assert main.TABLE.read_text() == show.table(results)
    assert all(item["cell"] in CELLS for item in json.loads(main.KEPT.read_text()))
