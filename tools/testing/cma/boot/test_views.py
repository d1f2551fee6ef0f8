# SPDX-License-Identifier: GPL-2.0
"""Every place where CMA shows numbers, before and after known requests."""

from __future__ import annotations

import re

import pytest

from cmatest import boots, vm

pytestmark = pytest.mark.boots("views")

PAGES = 100
# What newer kernels print of it, after what 6.12 does; stock has only that.
NEWER = " request_count=%lu available_count=%lu total_count=%lu" * (not boots.STOCK)
EVENTS = {
    "cma_alloc_start": f"name=%s count=%lu align=%u{NEWER}",
    "cma_alloc_busy_retry": "name=%s pfn=0x%lx page=%p count=%lu align=%u",
    "cma_alloc_finish": "name=%s pfn=0x%lx page=%p count=%lu align=%u errorno=%d",
    "cma_release": "name=%s pfn=0x%lx page=%p count=%lu",
}
FAILED = "cma: cma_alloc: reserved: alloc failed, req-size: {} pages, ret: -12"


def change(result: vm.Result, key: str, after: str, before: str = "freed") -> int:
    """By how much the counter @key rose from one point to a later one."""
    return result.number(f"{after}.{key}") - result.number(f"{before}.{key}")


def traced(result: vm.Result) -> list[str]:
    """The events, without what is different each time."""
    lines = [result.facts[f"trace.{i}"] for i in range(100) if f"trace.{i}" in result.facts]
    return [re.sub(r"(pfn|page)=\S+", r"\1=X", line) for line in lines]


def test_debugfs_files_and_modes(boot: vm.Result) -> None:
    modes = {name: boot.facts[f"mode.{name}"] for name in
             ("base_pfn", "count", "order_per_bit", "used", "maxchunk", "bitmap")}
    assert set(modes.values()) == {"444"}, modes
    assert boot.facts["mode.alloc"] == boot.facts["mode.free"] == "200"


@pytest.mark.skipif(boots.STOCK, reason="6.12 does not have them")
@pytest.mark.parametrize("name", ["base_pfn", "bitmap"])
def test_debugfs_ranges_of_newer_kernels(boot: vm.Result, name: str) -> None:
    assert boot.facts[f"ranges.{name}"] == "same"


def test_sysfs_files_and_modes(boot: vm.Result) -> None:
    for name in ("alloc_pages_success", "alloc_pages_fail", "release_pages_success"):
        assert boot.facts[f"mode.{name}"] == "444", name


@pytest.mark.parametrize("event", EVENTS)
def test_format_of_event(boot: vm.Result, event: str) -> None:
    assert boot.facts[f"format.{event}"] == EVENTS[event]


def test_success_is_counted(boot: vm.Result) -> None:
    assert boot.number("alloc.ret") == 0
    assert change(boot, "alloc_pages_success", "held", "start") == PAGES
    assert change(boot, "vmstat.cma_alloc_success", "held", "start") == 1
    assert change(boot, "used", "held", "start") == PAGES
    assert change(boot, "alloc_pages_fail", "held", "start") == 0
    assert boot.number("held.maxchunk") == boot.number("held.longest_run")


def test_release_is_counted(boot: vm.Result) -> None:
    assert boot.number("free.ret") == 0
    assert change(boot, "release_pages_success", "freed", "held") == PAGES
    assert boot.number("freed.used") == boot.number("start.used")
    assert boot.number("freed.maxchunk") == boot.number("start.maxchunk")


def test_area_and_zone_agree(boot: vm.Result) -> None:
    count = int(boot.pairs("area")["count"])
    assert boot.number("zone.cma") == count
    assert boot.number("vmstat.nr_free_cma") <= count - boot.number("start.used")


def test_request_larger_than_the_area_is_a_counted_failure(boot: vm.Result) -> None:
    pages = int(boot.pairs("area")["count"]) + 1
    assert boot.number("toobig.ret") == -12
    assert change(boot, "alloc_pages_fail", "toobig") == pages
    assert change(boot, "vmstat.cma_alloc_fail", "toobig") == 1
    assert FAILED.format(pages) in boot.log


def test_request_for_more_than_is_left_is_a_counted_failure(boot: vm.Result) -> None:
    pages = int(boot.pairs("area")["count"])
    assert boot.number("full.ret") == -12
    assert change(boot, "alloc_pages_fail", "full", "toobig") == pages
    assert change(boot, "vmstat.cma_alloc_fail", "full", "toobig") == 1
    assert FAILED.format(pages) in boot.log


def test_failure_says_what_is_free(boot: vm.Result) -> None:
    pages = int(boot.pairs("area")["count"])
    after = boot.log[boot.log.index(FAILED.format(pages)) + 1:]
    said = next(line for line in after if line.startswith("cma: number of available pages: "))
    match = re.fullmatch(r"cma: number of available pages: ((?:\d+@\d+\+?)+)=> (\d+) free of "
                         r"(\d+) total pages", said)
    assert match, said
    free = sum(int(run.split("@")[0]) for run in match[1].split("+"))
    assert free == int(match[2]) == pages - boot.number("full.used")
    assert int(match[3]) == pages


def test_every_start_has_a_finish(boot: vm.Result) -> None:
    events = traced(boot)
    starts = [e.replace("start", "finish").split(" request_count=")[0] for e in events
              if e.startswith("cma_alloc_start")]
    finishes = [re.sub(r" (pfn|page)=X", "", re.sub(r" errorno=\S+", "", e))
                for e in events if e.startswith("cma_alloc_finish")]
    assert finishes == starts and starts


@pytest.mark.skipif(boots.STOCK, reason="6.12 does not have them")
def test_start_has_the_fields_of_newer_kernels(boot: vm.Result) -> None:
    area = boot.pairs("area")
    count, used = int(area["count"]), boot.number("start.used")
    said = [tuple(map(int, re.findall(r"(?:request|available|total)_count=(\d+)", e)))
            for e in traced(boot) if e.startswith("cma_alloc_start")]
    assert said == [(PAGES, count - used, count), (count + 1, count - used, count),
                    (1, count - used, count), (count, count - used - 1, count)]


def test_events_follow_the_requests(boot: vm.Result) -> None:
    count = int(boot.pairs("area")["count"])
    finish = "cma_alloc_finish: name=reserved pfn=X page=X count={} align=0 errorno={}"
    release = "cma_release: name=reserved pfn=X page=X count={}"
    assert [e for e in traced(boot) if e.startswith(("cma_alloc_finish", "cma_release"))] == [
        finish.format(PAGES, 0), release.format(PAGES), finish.format(count + 1, -12),
        finish.format(1, 0), finish.format(count, -12), release.format(1)]
