# SPDX-License-Identifier: GPL-2.0
"""Who else wants contiguous memory, or does something to that which is lent."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from cmatest import boots, vm


def numbers(result: vm.Result, key: str) -> dict[str, float]:
    return {name: float(value) for name, value in result.pairs(key).items()}


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.boots(name))
                                  for name in ("gigantic", "gigantic-x86")])
def test_pages_of_1_gib_come_and_go_beside_locked_memory(
        name: str, booted: Callable[[str], vm.Result]) -> None:
    boot = booted(name)
    cycles = numbers(boot, "gigantic.cycles")
    assert cycles["done"] == 4 and cycles["few"] == 0 and cycles["left"] == 0
    # Stock lends nothing of an area that is less than half of what is free.
    assert cycles["moved"] > 0 or boots.STOCK
    contents = numbers(boot, "gigantic.contents")
    assert contents.pop("looks") > 0 and not any(contents.values())
    locked = numbers(boot, "gigantic.locked")
    assert locked["steps"] >= 12 and locked["bad"] == 0
    assert boot.number("gigantic.bad_pages") == 0
    assert numbers(boot, "gigantic.demoted") == {"ret": 0, "small": 512, "middle": 200, "left": 0}
    assert boot.pairs("gigantic.free_kb")["used"] == "0"


@pytest.mark.boots("heap-buffers")
def test_programs_share_buffers_of_a_heap_while_memory_is_full(boot: vm.Result) -> None:
    for user in (0, 1000):
        told = numbers(boot, f"buffers.{user}")
        assert told["done"] == 4
        assert [told[key] for key in ("failed", "not_shared", "old", "bad")] == [0] * 4
    assert boot.number("buffers.bad_pages") == 0
    assert boot.pairs("buffers.used")["start"] == boot.pairs("buffers.used")["now"]


@pytest.mark.board
@pytest.mark.boots("merge")
def test_merged_pages_leave_the_area_when_a_driver_wants_it(boot: vm.Result) -> None:
    pages = numbers(boot, "merge.ksm")["pages"]
    before, held, written = (numbers(boot, f"merge.{when}")
                             for when in ("before", "held", "written"))
    assert before["inside"] > pages / 3 and before["bad"] == 0
    driver = numbers(boot, "merge.driver")
    assert driver["got"] == driver["rest"]
    assert held == {"inside": 0, "bad": 0} and written == {"inside": 0, "bad": 0}


@pytest.mark.board
@pytest.mark.boots("missing")
def test_pages_that_a_program_provides_itself_leave_the_area(boot: vm.Result) -> None:
    pages = numbers(boot, "missing")
    assert pages["inside"] > pages["pages"] / 3 and pages["inside_held"] == 0
    told = numbers(boot, "missing.rounds")
    assert told["done"] == told["served"] == 4 and told["bad"] == 0
    assert told["faults"] == told["done"] * pages["pages"] / 8


@pytest.mark.boots("hmb")
def test_a_device_without_memory_gets_all_that_it_wants_in_large_pieces(boot: vm.Result) -> None:
    """64 MiB for a drive: in pieces of 4 MiB, as its driver asks first."""
    told = numbers(boot, "hmb")
    assert told["rounds"] == 10 and told["less"] == 0
    assert told["most_pieces"] == 16 and told["smallest_kib"] == 4096
    assert boot.number("hmb.bad_pages") == 0


@pytest.mark.boots("memory-blocks")
def test_blocks_of_memory_go_beside_an_area_that_is_lent(boot: vm.Result) -> None:
    """Those of the area stay, and the last one: its end is the firmware's."""
    area, off = numbers(boot, "blocks.area"), numbers(boot, "blocks.off")
    assert area["blocks"] == 2 and area["off"] == 0 and area["ret"] == -errno.EBUSY
    assert off["blocks"] == 3 and off["off"] == numbers(boot, "blocks.on")["on"] == 2
    assert off["less_mib"] == 2 * numbers(boot, "blocks")["mib"] and off["bad"] == 0
    assert boot.pairs("blocks.on")["less_kb"] == "0"
    driver = numbers(boot, "blocks.driver")
    assert driver["got"] == driver["rest"]
    assert boot.number("blocks.bad_pages") == 0
