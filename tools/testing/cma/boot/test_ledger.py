# SPDX-License-Identifier: GPL-2.0
"""Who holds what, as debugfs shows it."""

from __future__ import annotations

import pytest

from cmatest import vm

pytestmark = pytest.mark.boots("ledger")

BY_HAND = 100
HEADERS = {
    "holders": "pfn pages align age_ms pid task holder",
    "map": "pfn pages held free idle clean movable stuck",
}


def view(result: vm.Result, file: str, when: str) -> list[dict[str, str]]:
    """The lines of a view, each as a dictionary."""
    lines = [result.facts[f"{when}.{file}.{i}"].split() for i in range(1000)
             if f"{when}.{file}.{i}" in result.facts]
    assert " ".join(lines[0]) == HEADERS[file]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def holders(result: vm.Result, when: str) -> dict[int, dict[str, str]]:
    """Those that have more pages or fewer than at the start, by pfn."""
    before = {line["pfn"]: line["pages"] for line in view(result, "holders", "start")}
    return {int(line["pfn"], 16): line for line in view(result, "holders", when)
            if before.get(line["pfn"]) != line["pages"]}


def place(result: vm.Result, which: str) -> tuple[int, int]:
    numbers = {key: int(value) for key, value in result.pairs(which).items()}
    return numbers["pfn"], numbers["pages"]


@pytest.mark.parametrize("which, device", [("first", "cma-sample.0"), ("second", "cma-sample.3")])
def test_device_is_named(boot: vm.Result, which: str, device: str) -> None:
    pfn, pages = place(boot, which)
    line = holders(boot, "held")[pfn]
    assert (line["holder"], line["task"], int(line["pid"])) == (device, "init", boot.number("pid"))
    assert int(line["pages"]) == pages
    assert int(line["align"]) == min(8, (pages - 1).bit_length())
    assert 0 <= int(line["age_ms"]) < 60000


def test_function_is_named_where_there_is_no_device(boot: vm.Result) -> None:
    lines = [line for line in holders(boot, "held").values() if int(line["pages"]) == BY_HAND]
    assert [line["holder"].split("+")[0] for line in lines] == ["cma_debugfs_alloc"]


def test_part_of_it_is_still_held(boot: vm.Result) -> None:
    lines = holders(boot, "less")
    assert place(boot, "first")[0] not in lines
    assert place(boot, "second")[0] in lines
    assert [int(line["pages"]) for line in lines.values() if "alloc" in line["holder"]] == [
        BY_HAND - BY_HAND // 2]


def test_nobody_is_left(boot: vm.Result) -> None:
    assert holders(boot, "end") == {}


def test_map_adds_up(boot: vm.Result) -> None:
    lines = [{key: int(value, 0) for key, value in line.items()}
             for line in view(boot, "map", "held")]
    area = boot.pairs("area")
    assert lines[0]["pfn"] == int(area["base"])
    assert sum(line["pages"] for line in lines) == int(area["count"])
    for line in lines:
        assert line["pages"] == sum(line[key] for key in HEADERS["map"].split()[2:])
    held = sum(int(line["pages"]) for line in view(boot, "holders", "held"))
    assert sum(line["held"] for line in lines) == held
