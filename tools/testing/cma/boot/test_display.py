# SPDX-License-Identifier: GPL-2.0
"""A picture out of an area: QEMU's display controller reads the buffer in one piece."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cmatest import boots, hardware, vm

pytestmark = pytest.mark.named
BOARDS = pytest.mark.parametrize("board, device", [
    pytest.param("display", "10020000.clcd", marks=pytest.mark.boots("display")),
    pytest.param("display-high", "1c1f0000.clcd", marks=pytest.mark.boots("display-high"))])
PAGE_PIXELS = 1024
Booted = Callable[[str], vm.Result]


def seen(result: vm.Result, name: str) -> hardware.Picture:
    """The picture @name, of the size that the guest has chosen."""
    assert result.path
    found = hardware.picture(result.path.with_name(f"{result.path.stem}-{name}.ppm"))
    mode = result.pairs("display.mode")
    assert (found.width, found.height) == (int(mode["width"]), int(mode["height"]))
    return found


def numbers(result: vm.Result, key: str) -> dict[str, int]:
    return {name: int(value) for name, value in result.pairs(key).items() if value.isdigit()}


@BOARDS
@pytest.mark.parametrize("number, name", enumerate(("first", "second")))
def test_each_pixel_is_on_the_screen(booted: Booted, board: str, device: str, number: int,
                                     name: str) -> None:
    """The second one comes when programs and files had the memory of the first one."""
    assert seen(booted(board), name).wrong(number) == []


@BOARDS
def test_two_pages_in_wrong_order_show(booted: Booted, board: str, device: str) -> None:
    """The two tests above could fail."""
    result = booted(board)
    pages = numbers(result, "second.buffer")["pages"]
    wrong = seen(result, "swapped").wrong(1)
    assert {i // PAGE_PIXELS for i in wrong} == {1, pages // 2}
    assert len(wrong) == 2 * PAGE_PIXELS


@BOARDS
@pytest.mark.parametrize("when", ("first", "second"))
def test_buffer_is_in_the_area_of_the_controller(booted: Booted, board: str, device: str,
                                                 when: str) -> None:
    result = booted(board)
    assert result.pairs(f"{when}.buffer")["area"] == "display"
    told = numbers(result, f"{when}.buffer")
    mode = numbers(result, "display.mode")
    assert told["pages"] == mode["width"] * mode["height"] * 4 // 4096
    assert told["held"] == told["pages"]
    if boots.STOCK:
        return  # nobody is named there
    lines = [line.split() for key, line in result.facts.items()
             if key.startswith(f"{when}.holders.")]
    assert [line[-1] for line in lines if line[0] == f"{told['pfn']:#x}"] == [device]


@BOARDS
def test_area_was_full_in_between(booted: Booted, board: str, device: str) -> None:
    result = booted(board)
    assert result.number("lent.display") > numbers(result, "first.buffer")["count"] // 2
    assert result.number("display.bad_pages") == 0


@pytest.mark.boots("display-high")
def test_buffer_lies_out_of_the_direct_reach_of_the_kernel(boot: vm.Result) -> None:
    assert numbers(boot, "second.buffer")["base"] == 0xbc000000 // 4096
