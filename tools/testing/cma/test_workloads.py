# SPDX-License-Identifier: GPL-2.0
"""Each criterion can be met, and can be missed."""

from __future__ import annotations

from typing import Any

import pytest

from cmatest import vm
from cmatest.workloads.cases import CASES, PLAIN_MIB
from cmatest.bench.judge import Verdict
from cmatest.workloads.limits import Row, judge
from cmatest.workloads.show import table
from cmatest.workloads.main import plan, wanted
from cmatest.workloads.told import Told, read

ALL = {"wanted": 200, "alive": 200, "killed": 0, "failed": 0, "good": 200}


def told(name: str, kernel: str = "ours", **figures: Any) -> Told:
    return Told(CASES[name], kernel, **({"got": 320.0, "whole": 1e6, "ran": 320.0} | figures))


def row(*boots: Told) -> dict[str, Row]:
    return {boots[0].case.name: {boot.kernel: boot for boot in boots}}


def short(*boots: Told) -> list[Verdict]:
    return [verdict for verdict in judge(row(*boots)) if not verdict.good]


@pytest.mark.parametrize("name, got, good", [
    ("first-300", 315.0, True), ("first-600", 314.9, False),
    ("second-150", 310.0, True), ("second-250", 309.9, False)])
def test_enough_memory(name: str, got: float, good: bool) -> None:
    plain = told(name, "plain")
    assert (not short(told(name, got=got), plain)) == good


@pytest.mark.parametrize("whole, ran, good", [
    (960.0, 1920.0, True), (1920.0, 960.0, True), (961.0, 961.0, False)])
def test_instructions(whole: float, ran: float, good: bool) -> None:
    """Time without instructions does not count, nor what counts twice."""
    ours = told("first-300", whole=whole, ran=ran)
    assert (not short(ours, told("first-300", "plain"))) == good


def test_instructions_that_were_not_measured() -> None:
    assert len(short(told("first-300"))) == 1


@pytest.mark.parametrize("got, mark, good", [
    (294.0, 100.0, True), (293.9, 100.0, False), (300.0, 102.0, True), (300.0, 102.1, False),
    (300.0, 0.0, False)])
def test_small_area(got: float, mark: float, good: bool) -> None:
    stock = told("small-600", "stock", got=300.0, mark=100.0)
    assert (not short(stock, told("small-600", got=got, mark=mark))) == good


@pytest.mark.parametrize("got, good", [(98.0, True), (97.9, False)])
def test_never_less_than_stock(got: float, good: bool) -> None:
    assert (not short(told("first-arm", "stock", got=100.0), told("first-arm", got=got))) == good


@pytest.mark.parametrize("got, moved, good", [
    (90.0, 0, True), (89.9, 0, False), (100.1, 0, False), (95.0, 1, False)])
def test_group_with_a_limit(got: float, moved: int, good: bool) -> None:
    ours = told("memcg", got=got, counters={"cma_balance_moved": moved})
    assert (not short(ours)) == good


@pytest.mark.parametrize("name", ["first-600", "first-tmpfs", "container"])
@pytest.mark.parametrize("figures", [{"bad": 1}, {"after": -12}, {"problem": "it hangs"}])
def test_what_must_never_be(name: str, figures: dict[str, Any]) -> None:
    assert short(told(name, members=ALL, **figures), told(name, "plain"))


@pytest.mark.parametrize("ours, stock, good", [
    ({}, {"alive": 100}, True), ({}, {}, False), ({"alive": 199}, {"alive": 100}, False),
    ({"good": 199}, {"alive": 100}, False)])
def test_container(ours: dict[str, int], stock: dict[str, int], good: bool) -> None:
    boots = told("container", members=ALL | ours), told("container", "stock", members=ALL | stock)
    assert (not short(*boots)) == good


def test_nothing_measured_is_not_good() -> None:
    assert not all(verdict.good for verdict in judge({}))


def test_a_boot_that_tells_nothing_is_a_problem() -> None:
    result = vm.Result(facts={"end": "ok"})
    assert read(CASES["first-300"], "ours", result).problem
    assert read(CASES["container"], "ours", result).problem


def test_machine_without_area() -> None:
    alone = CASES["second-250"].alone()
    assert alone.cma == "0" and "starve_hold" not in alone.options
    assert f"starve_fixed={PLAIN_MIB}" in alone.options and "starve_mib=250" in alone.options


def test_choosing_workloads() -> None:
    assert [case.name for case in wanted(["second", "small-6*"], False)] == [
        "second-150", "second-250", "small-600"]
    assert wanted([], False) == list(CASES.values())
    orders = plan(wanted([], True), ("stock", "ours"))
    assert {order.column for order in orders} == {"stock", "ours", "plain"}
    assert all(order.kernel == "stock" for order in orders if order.column == "plain")


def test_table_has_a_line_for_each_workload() -> None:
    rows = {**row(told("first-600"), told("first-600", "stock", got=160.0)),
            **row(told("container", members=ALL))}
    head, one, other = table(rows).splitlines()
    assert one.startswith("first-600") and "160.0" in one and "2.00x" in one
    assert "200 alive" in other and len(head) == len(one) == len(other)
