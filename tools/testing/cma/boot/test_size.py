# SPDX-License-Identifier: GPL-2.0
"""Who decides the size of the default area, and that no page gets lost over it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from cmatest import boots, vm
from cmatest.areas import MIB, areas

Booted = Callable[[str], vm.Result]

FACTS = ["cmdline", "off", "dt", "dt+cmdline", "kconfig-mbytes", "kconfig-percentage",
         "kconfig-min", "kconfig-max"]


def total_mib(result: vm.Result) -> float:
    return result.number("CmaTotal") / 1024


def reserved_lines(result: vm.Result) -> list[str]:
    return [line for line in result.log
            if re.match(r"cma: Reserved \d+ MiB at 0x[0-9a-f]+ on node -?\d+$", line)]


@pytest.mark.boots("cmdline")
def test_command_line_reserves_and_says_so(boot: vm.Result) -> None:
    assert [line.split(" at ")[0] for line in reserved_lines(boot)] == ["cma: Reserved 192 MiB"]
    assert re.search(r"^Memory: .*\b196608K cma-reserved", boot.text, re.MULTILINE)
    assert boot.number("CmaTotal") == 196608
    assert list(areas(boot)) == ["reserved"]


@pytest.mark.boots("cmdline")
def test_reserved_line_gives_the_real_place(boot: vm.Result) -> None:
    line, = reserved_lines(boot)
    assert int(line.split()[5], 16) == areas(boot)["reserved"].base * boot.number("page_size")


@pytest.mark.boots("dt+cmdline")
def test_device_tree_beats_command_line(boot: vm.Result) -> None:
    assert total_mib(boot) == 96
    assert list(areas(boot)) == ["linux,cma"]


@pytest.mark.boots("dt+cmdline")
def test_losing_command_line_is_named_once(boot: vm.Result) -> None:
    said = boot.kernel_lines("cma: default area:")
    assert len(said) == 1
    assert "device tree" in said[0] and "cma=192MB" in said[0] and "96 MiB" in said[0]


@pytest.mark.boots("dt+cmdline", "dt")
def test_losing_command_line_reserves_nothing(booted: Booted) -> None:
    both, alone = booted("dt+cmdline"), booted("dt")
    assert not [line for line in both.log if "Reserved 192 MiB" in line]
    assert both.number("MemTotal") == alone.number("MemTotal")
    assert areas(both) == areas(alone)


@pytest.mark.boots("dt")
def test_device_tree_alone(boot: vm.Result) -> None:
    assert total_mib(boot) == 96
    assert list(areas(boot)) == ["linux,cma"]


@pytest.mark.boots("off")
def test_zero_switches_off(boot: vm.Result) -> None:
    assert boot.number("CmaTotal") == boot.number("CmaFree") == 0
    assert not areas(boot)
    assert not reserved_lines(boot)


@pytest.mark.boots("kconfig-mbytes")
def test_kconfig_mbytes(boot: vm.Result) -> None:
    config = (boots.kernel().objects / ".config").read_text(encoding="ascii")
    mbytes = re.search(r"^CONFIG_CMA_SIZE_MBYTES=(\d+)$", config, re.MULTILINE)
    assert mbytes and "CONFIG_CMA_SIZE_SEL_MBYTES=y" in config
    assert total_mib(boot) == int(mbytes[1]) > 0


@pytest.mark.boots("kconfig-percentage")
def test_kconfig_percentage(boot: vm.Result) -> None:
    assert total_mib(boot) == 1024 * 25 / 100


@pytest.mark.boots("kconfig-min")
def test_kconfig_min(boot: vm.Result) -> None:
    assert total_mib(boot) == min(48, 1024 * 25 / 100)


@pytest.mark.boots("kconfig-max")
def test_kconfig_max(boot: vm.Result) -> None:
    assert total_mib(boot) == max(48, 1024 * 25 / 100)


@pytest.mark.boots("cmdline", "off", "kconfig-mbytes")
def test_lent_memory_is_still_memory(booted: Booted) -> None:
    """An area costs no page: MemTotal is what it is without one."""
    without = booted("off").number("MemTotal")
    assert booted("cmdline").number("MemTotal") == without
    assert booted("kconfig-mbytes").number("MemTotal") == without


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.boots(n)) for n in FACTS])
def test_all_counts_agree_to_the_page(booted: Booted, name: str) -> None:
    facts = booted(name)
    page_kb = facts.number("page_size") // 1024
    held = sum(area.used for area in areas(facts).values())
    count = sum(area.count for area in areas(facts).values())
    assert facts.number("zone.managed") * page_kb == facts.number("MemTotal")
    assert facts.number("zone.cma") == count == facts.number("CmaTotal") // page_kb
    assert facts.number("zone.nr_free_cma") == facts.number("CmaFree") // page_kb
    assert 0 <= count - held - facts.number("zone.nr_free_cma") <= 64, "free pages are missing"
    log = re.search(r"^Memory: \d+K/(\d+)K .* (\d+)K cma-reserved", facts.text, re.MULTILINE)
    assert log and int(log[1]) * 1024 == 1024 * MIB and int(log[2]) == facts.number("CmaTotal")
    assert facts.number("zone.present") * page_kb == int(log[1])
