# SPDX-License-Identifier: GPL-2.0
"""The table of everyday states: what is in it, and that each criterion can be missed."""

from __future__ import annotations

from cmatest import vm
from cmatest.everyday.show import document, judge, rows_of, text
from cmatest.everyday.states import KERNELS, SIZES, STATES, Order, Told, read, release_of, wanted


def told(kernel: str, state: str = "both", rest: int = 10, first: float = 1.0,
         again: float = 1.0, cached: int = 500) -> Told:
    ms = {("first", mib): first for mib in SIZES} | {("again", mib): again for mib in SIZES}
    return Told(Order(kernel, state, "ext4", rest, 1), ms=ms, cached_mib=cached)


def short(*boots: Told) -> list[str]:
    return [verdict.what for verdict in judge(rows_of(list(boots))) if not verdict.good]


IDLE = told("ours", "idle", first=1.0)


def test_who_comes_first_must_not_pay_more_than_on_stock() -> None:
    stock = told("stock", first=2.0)
    assert not short(IDLE, stock, told("ours", first=2.0))
    assert len(short(IDLE, stock, told("ours", first=2.01))) == len(SIZES)


def test_who_has_asked_before_pays_what_free_memory_costs() -> None:
    assert not short(IDLE, told("ours", again=1.2))
    assert len(short(IDLE, told("ours", again=1.21))) == len(SIZES)
    assert not short(told("ours", "idle", 0), told("ours", rest=0, again=9.0)), "only after a rest"


def test_as_much_is_cached_as_on_stock() -> None:
    stock = told("stock", first=9.0)
    assert not short(IDLE, stock, told("ours", cached=490))
    assert short(IDLE, stock, told("ours", cached=489)) == ["both ext4, cached at rest"]


def test_a_boot_that_failed_is_in_no_figure() -> None:
    bad = told("ours", first=99.0)
    bad.problem = "no end"
    assert not short(IDLE, told("stock"), bad)


def test_the_median_of_the_seeds_counts() -> None:
    boots = [told("ours", first=value) for value in (0.5, 1.5, 99.0)]
    assert not short(IDLE, told("stock", first=1.5), *boots)


def test_what_the_table_says() -> None:
    table = text(rows_of([told("stock", first=0.0521), told("ours", first=12.34)]))
    assert "ext4, after 10 s of rest, the first driver" in table
    assert "0.052 / 0.052 / 0.052 | 12 / 12 / 12" in table
    assert "mainline" not in table


def test_the_document_names_what_falls_short() -> None:
    stock, ours = told("stock", first=1.0), told("ours", first=2.0)
    stock.release = "6.12.117"
    page = document(rows_of([stock, ours]), "today")
    assert "Made today: stock 6.12.117, ours ." in page
    assert "\n   * - 300 MiB of programs, then the files\n     - 1 / 1 / 1\n" in page
    assert "- both ext4 10 s, the first driver, 64 MiB: 2.000 ms" in page
    assert "\nNothing.\n" in document(rows_of([stock]), "today")


def test_the_release_of_a_kernel_is_in_its_log() -> None:
    for line, name in (("Linux version 7.3.0-rc7 (cma@cma)", "7.3.0-rc7"),
                       ("Linux version 6.12.117-cma (cma@cma)", "6.12.117")):
        assert release_of(vm.Result(log=["", line])) == name


def test_without_files_one_file_system_is_enough() -> None:
    orders = wanted(list(STATES), list(KERNELS), 1)
    assert {order.system for order in orders if order.state == "full"} == {"ext4"}
    assert {order.system for order in orders if order.state == "both"} == {"ext4", "xfs"}
    assert len({order.name for order in orders}) == len(orders)


def test_a_guest_that_did_not_tell_all_has_a_problem() -> None:
    result = vm.Result(facts={"end": "ok", "rest.ms": "1=0.1 16=0.2 64=0.3"})
    assert read(told("ours").order, result).problem == "the guest did not tell 'rest.anew_ms'"
