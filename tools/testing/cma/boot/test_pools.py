# SPDX-License-Identifier: GPL-2.0
"""Device-tree pools: which device gets its memory from where."""

from __future__ import annotations

import pytest

from cmatest import boots, dt, vm
from cmatest.areas import MIB, Area, areas

PAGE = 4096

# As many areas as there can be, one of them of a pool with 16 ranges. arm has a table of all
# low memory that needs pages of its own in the kernel's map, with no more entries than that.
RANGES = "".join(f"<0 {0x50000000 + i * 8 * MIB:#x} 0 {4 * MIB:#x}>, " for i in range(16))[:-2]
LABELS = ("many", *(f"pool{i}" for i in range(6)))
boots.PLANS["pool-arm-full"] = boots.Plan(
    "pool", "cma=16M", mem="512M", arch="arm", board=False, timeout=90, edit=dt.Edit(
        ('many: many { compatible = "shared-dma-pool"; reusable; reg = ' + RANGES + "; };",
         *(dt.pool(label, 4 * MIB, label=label) for label in LABELS[1:])),
        tuple(dt.sample_device(f"pooldev-{label}", label) for label in LABELS)))


def where(result: vm.Result, device: str, what: str) -> tuple[int, Area | None]:
    """The error of a request, and the area in which it was served."""
    pairs = result.pairs(f"{device}.{what}")
    ret = int(pairs["ret"])
    if ret or "pfn" not in pairs:
        return ret, None
    first, end = (int(x, 16) for x in pairs["pfn"].split("-"))
    assert pairs["contiguous"] == "yes" and pairs["translated"] == "yes"
    return ret, next((a for a in areas(result).values() if a.has(first, end)), None)


@pytest.mark.boots("pool-beside")
def test_memory_of_another_region_stays_where_it_is(boot: vm.Result) -> None:
    """To announce an area must not change the place of a region that is none."""
    buffer = boot.pairs("pooldev.small")
    assert buffer["ret"] == "0"
    assert 0x60000000 <= int(buffer["dma"], 16) < 0x60400000
    assert areas(boot)["camera"].base * PAGE == 0x70000000


@pytest.mark.boots("two-defaults")
def test_first_of_two_defaults_wins(boot: vm.Result) -> None:
    found = areas(boot)
    assert {name: area.count * PAGE // MIB for name, area in found.items()} == {
        "zz-first": 64, "aa-second": 32}
    for what in ("small", "toobig"):
        assert where(boot, "cma-sample.0", what) == (0, found["zz-first"])


@pytest.mark.boots("two-defaults")
def test_second_default_is_named(boot: vm.Result) -> None:
    said = [line for line in boot.log if "zz-first" in line and "aa-second" in line]
    assert len(said) == 1


@pytest.mark.boots("pool")
def test_device_is_served_from_its_pool(boot: vm.Result) -> None:
    pool = areas(boot)["vpu-pool"]
    assert where(boot, "pooldev", "small") == (0, pool)
    assert where(boot, "pooldev", "page") == (0, pool)


@pytest.mark.boots("pool")
def test_device_with_pool_never_uses_another_area(boot: vm.Result) -> None:
    """What its pool cannot hold is left to the page allocator.

    The default area could have served it: the next test asks there for as much.
    """
    assert where(boot, "pooldev", "toobig") == (0, None)


@pytest.mark.boots("pool")
def test_other_devices_use_the_default_area(boot: vm.Result) -> None:
    default = areas(boot)["linux,cma"]
    assert where(boot, "cma-sample.0", "small") == (0, default)
    assert where(boot, "cma-sample.0", "toobig") == (0, default)


@pytest.mark.boots("pool")
def test_single_pages_do_not_come_from_the_default_area(boot: vm.Result) -> None:
    assert where(boot, "cma-sample.0", "page") == (0, None)


@pytest.mark.lean
@pytest.mark.boots("pool-arm-full")
def test_arm_maps_each_area_by_pages_when_its_table_is_full(boot: vm.Result) -> None:
    """A buffer of an area that was left out made the kernel warn, and was cached."""
    assert sorted(areas(boot)) == sorted((*LABELS, "reserved"))
    for label in LABELS:
        assert where(boot, f"pooldev-{label}", "small") == (0, areas(boot)[label]), label
    assert where(boot, "cma-sample.0", "small") == (0, areas(boot)["reserved"])
    assert [line for line in boot.log if "node many has 16 ranges; only the first one" in line]
