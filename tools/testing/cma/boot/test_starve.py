# SPDX-License-Identifier: GPL-2.0
"""A big area starves nobody: regular memory can be had by those that have no choice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cmatest import boots, vm

# What must be had of the regular memory that was free at first; stock: 0.25 to 0.55.
WORKLOADS = {"starve-first": 0.88, "starve-second": 0.88, "starve-zram": 0.88}
# Mostly 0.97. But pipes take low memory, too, and when that is used up, the next two pages in
# one piece for the kernel itself are not to be had, with high memory left that could be moved.
WORKLOADS["starve-arm"] = 0.6
# A debug kernel still writes to swap that is full after 25 minutes; nobody saw the end of it.
if boots.DEBUG:
    del WORKLOADS["starve-zram"]


def each(*names: str) -> pytest.MarkDecorator:
    """A test for each of these boots, which looks at that boot only."""
    return pytest.mark.parametrize(
        "name", [pytest.param(name, marks=pytest.mark.boots(name)) for name in names])


def numbers(result: vm.Result, key: str) -> dict[str, int]:
    return {name: int(value) for name, value in result.pairs(key).items()}


def got(result: vm.Result) -> float:
    return float(result.facts["starve.got_mib"])


@each("starve-cache", "starve-groups")
def test_page_cache_is_moved_before_it_is_evicted(booted: Callable[[str], vm.Result],
                                                  name: str) -> None:
    """38915 of 62500 pages were once evicted beside an area with room; stock: 41789.

    Of about 70 boots with groups, two evict pages, 1600 and 2048, and one of the CI 3840: one or
    two rounds of kswapd, though balance refused nothing. Nobody saw yet which wake it was.
    """
    result = booted(name)
    assert got(result) == 280
    counters = numbers(result, "starve.counters")
    assert counters["pgsteal_direct"] + counters["pgsteal_kswapd"] < 8000
    assert counters["cma_balance_moved"] > 3000, "there was no need for it"
    assert result.number("starve.bad_pages") == 0


@pytest.mark.boots("starve-signal")
def test_who_cannot_wait_for_memory_mostly_need_not(boot: vm.Result) -> None:
    """Memory for signals is taken as in an interrupt: GFP_ATOMIC. Stock: not to be had."""
    assert got(boot) >= 60
    assert boot.number("starve.missed") < 10


@pytest.mark.lean
@pytest.mark.boots("starve-dma32")
def test_a_device_that_reaches_4_gib_finds_memory_there(boot: vm.Result) -> None:
    """Without an area, it is 1046 MiB; with stock's, 606, and two processes are killed."""
    assert got(boot) >= 0.98 * 1046
    assert numbers(boot, "starve.counters")["oom_kill"] == 0
    assert boot.number("starve.bad_pages") == 0


@pytest.mark.boots("starve-inode")
def test_a_file_system_finds_memory_in_the_middle_of_work(boot: vm.Result) -> None:
    """Open files on ext4. With stock, the OOM killer comes at 53 MiB beside less."""
    assert got(boot) >= 50


@pytest.mark.boots("starve-camera", "starve-alone")
def test_balance_and_a_camera_do_not_chase_each_other(
        booted: Callable[[str], vm.Result]) -> None:
    beside, alone = booted("starve-camera"), booted("starve-alone")
    camera = numbers(beside, "starve.camera")
    assert got(beside) == got(alone) == 350
    assert camera["starts"] > 10 and not camera["failed"]
    assert numbers(beside, "starve.camera_time")["longest_us"] < 1000
    # A real-time task that sleeps a millisecond at a time, and a program's page faults.
    assert numbers(beside, "starve.late")["longest_us"] < 3000
    assert numbers(beside, "starve.fault")["longest_us"] < 3000
    moved = [numbers(boot, "starve.counters")["pgmigrate_success"] for boot in (beside, alone)]
    assert 10000 < moved[0] < 1.1 * moved[1], "more is moved than the demand needs"


@pytest.mark.boots("huge-rounds")
def test_a_huge_page_that_comes_and_goes_moves_programs_once(boot: vm.Result) -> None:
    rounds = numbers(boot, "huge.rounds")
    assert not rounds["failed"] and boot.number("huge.bad_pages") == 0
    assert 0 < rounds["moved"] <= 1.05 * numbers(boot, "huge.first")["moved"]


@each(*WORKLOADS)
def test_unmovable_memory_beside_movable(booted: Callable[[str], vm.Result], name: str) -> None:
    result = booted(name)
    regular = numbers(result, "starve.start")["regular_mib"]
    assert got(result) >= WORKLOADS[name] * regular, f"only {got(result):.0f} of {regular} MiB"


@each(*WORKLOADS, "starve-memcg")
def test_no_contents_change(booted: Callable[[str], vm.Result], name: str) -> None:
    assert booted(name).number("starve.bad_pages") == 0


@each(*WORKLOADS, "starve-memcg")
def test_driver_gets_memory_as_soon_as_the_demand_is_gone(
        booted: Callable[[str], vm.Result], name: str) -> None:
    assert booted(name).number("starve.after_ret") == 0


@pytest.mark.boots("starve-memcg")
def test_a_limit_of_a_group_moves_nothing(boot: vm.Result) -> None:
    """The demand fails at its limit; memory for it elsewhere would not help."""
    assert boot.facts["starve.oom"] == "1"
    assert 90 <= got(boot) <= 100
    assert numbers(boot, "starve.counters")["cma_balance_moved"] == 0


@pytest.mark.boots("starve-lowmem")
def test_a_kernel_for_highmem_without_any_moves_what_is_needed(boot: vm.Result) -> None:
    """kswapd once found the empty zone short for ever, and moved 7292 pages where 3775 do."""
    assert got(boot) == 110
    assert 0 < numbers(boot, "starve.counters")["cma_balance_moved"] < 5500


@pytest.mark.boots("starve-reader")
def test_a_reader_does_not_keep_a_demand_from_its_end(boot: vm.Result) -> None:
    """What it reads lies in the area, where evicting it helps nobody else."""
    assert "starve.end_ms" in boot.facts
    refaults = numbers(boot, "starve.counters")["workingset_refault_file"]
    assert refaults < (320 << 20) // 4096, "more than all of the file was evicted"


@pytest.mark.boots("starve-pin")
def test_a_pin_of_too_much_memory_ends(boot: vm.Result) -> None:
    """What it takes out of the area must not be moved back there at once."""
    assert "starve.end_ms" in boot.facts
    moved = numbers(boot, "starve.counters")["cma_balance_moved"]
    assert moved < (640 << 20) // 4096, "more than all of the buffer went back"


@pytest.mark.boots("starve-nodes")
def test_a_demand_that_may_not_use_a_node_moves_nothing_there(boot: vm.Result) -> None:
    """512 pages were once moved on the other node each time, and the OOM killer came late."""
    assert boot.facts["starve.oom"] == "1"
    # The programs lie in one of the nodes, depending on the processor that they ran on.
    assert got(boot) > 600, "most of the node"
    counters = numbers(boot, "starve.counters")
    assert counters["cma_balance_moved"] == counters["pgscan_direct"] == 0


@pytest.mark.boots("starve-guest")
def test_a_guest_with_a_device_finds_regular_memory_free(boot: vm.Result) -> None:
    """Stock evicts 60157 pages beside an area that has room for these files."""
    assert got(boot) == 300
    counters = numbers(boot, "starve.counters")
    assert counters["pgsteal_direct"] + counters["pgsteal_kswapd"] < 6000


@pytest.mark.boots("rest")
def test_an_area_is_not_emptied_for_those_who_cannot_have_it(boot: vm.Result) -> None:
    """Of 256 MiB, 142 once lay free when all was quiet: kswapd had evicted what was there."""
    memory = numbers(boot, "rest.memory")
    assert memory["cma_free_kb"] < 64 << 10, "much of the area lies free"
    assert memory["cached_kb"] > 360 << 10, "as little as with stock"


@pytest.mark.boots("rest")
def test_no_more_is_read_again_than_with_stock(boot: vm.Result) -> None:
    """With stock it is all of the 512 MiB."""
    assert boot.number("rest.bad_pages") == 0
    assert boot.number("rest.refaults") < 0.96 * (512 << 20) / 4096


@pytest.mark.boots("container")
def test_two_hundred_processes_live_at_the_same_time(boot: vm.Result) -> None:
    members = numbers(boot, "container.members")
    assert members == {"wanted": 200, "alive": 200, "killed": 0, "failed": 0, "good": 200}


@pytest.mark.boots("container")
def test_container_is_intact_and_gone(boot: vm.Result) -> None:
    assert boot.number("container.bad_files") == 0
    assert boot.number("container.after_ret") == 0


@pytest.mark.boots("soak")
def test_all_that_moves_pages_at_once(boot: vm.Result) -> None:
    """The guest compares contents all the time."""
    soak = numbers(boot, "soak.sum")
    assert soak["bad"] == soak["stuck"] == 0
    assert not soak["killed"], "a wave was killed for memory that was there"
    for what in ("allocs", "waves", "looks", "compactions", "views"):
        assert soak[what] > 1, f"hardly any {what}"
    assert soak["allocs"] >= 9 * soak["refused"], "drivers are refused"
