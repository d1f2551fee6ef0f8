# SPDX-License-Identifier: GPL-2.0
"""Boards with i.MX: the rings of the network controller lie in the area, beside a card."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cmatest import boots, hardware, vm
from cmatest.areas import MIB

pytestmark = pytest.mark.named
NET_BYTES = 2 * MIB
TAKEN = 16 * MIB // 4096
Booted = Callable[[str], vm.Result]
# What the tree of each board calls its controllers, and the area that the node asks for.
BOARDS = pytest.mark.parametrize("board, mib, controllers", [
    pytest.param("imx6q", 320, {"2188000.ethernet"}, marks=pytest.mark.boots("imx6q")),
    pytest.param("imx6ul", 128, {"20b4000.ethernet"}, marks=pytest.mark.boots("imx6ul")),
    pytest.param("imx7d", 256, {"30be0000.ethernet"}, marks=pytest.mark.boots("imx7d"))])


def numbers(result: vm.Result, key: str) -> dict[str, int]:
    return {name: int(value) for name, value in result.pairs(key).items() if value.isdigit()}


def holders(result: vm.Result, when: str) -> dict[str, int]:
    """How many pages who holds."""
    found: dict[str, int] = {}
    for key, line in result.facts.items():
        if key.startswith(f"{when}.holders."):
            _, pages, *_, holder = line.split()
            if pages.isdigit():
                found[holder] = found.get(holder, 0) + int(pages)
    return found


@BOARDS
def test_area_is_that_of_the_node(booted: Booted, board: str, mib: int,
                                  controllers: set[str]) -> None:
    start = booted(board).pairs("soc.start")
    assert start["area"] == "linux,cma" and int(start["count"]) == mib * MIB // 4096


@BOARDS
def test_rings_of_the_network_are_in_the_area(booted: Booted, board: str, mib: int,
                                              controllers: set[str]) -> None:
    """Stock tells only that somebody holds pages there."""
    result = booted(board)
    held = numbers(result, "soc.start")["held"]
    assert held > 0
    if not boots.STOCK:
        told = holders(result, "soc.start")
        assert controllers <= set(told) and sum(told.values()) == held


@BOARDS
def test_all_that_is_sent_comes_back(booted: Booted, board: str, mib: int,
                                     controllers: set[str]) -> None:
    told = numbers(booted(board), "soc.net")
    assert told["good"] == NET_BYTES
    assert told["sent"] > NET_BYTES and told["received"] > NET_BYTES


@BOARDS
def test_card_is_read_and_written(booted: Booted, board: str, mib: int,
                                  controllers: set[str]) -> None:
    """The guest compares what it reads, twice; here is what it wrote."""
    result = booted(board)
    assert result.path and hardware.wrong_words(result.path.with_suffix(".card")) == 0


@BOARDS
def test_request_is_served_in_a_full_area(booted: Booted, board: str, mib: int,
                                          controllers: set[str]) -> None:
    result = booted(board)
    full, taken = numbers(result, "soc.full"), numbers(result, "soc.taken")
    assert full["lent"] > full["count"] - full["held"] - TAKEN, "there was a place for it anyway"
    assert numbers(result, "soc.request")["ret"] == 0
    assert taken["held"] == full["held"] + TAKEN
    assert result.number("soc.bad_pages") == 0
