# SPDX-License-Identifier: GPL-2.0
"""Heaps of contiguous memory: their names, and who may allocate under the udev rule."""

from __future__ import annotations

import pytest

from cmatest import boots, vm

SYSTEM = {"system"} if boots.BOARD else set[str]()  # the heap of the page allocator
ALLOWED = {"mode": "660", "group": "44", "root": "0", "video": "0", "others": "13"}


@pytest.mark.boots("heaps")
def test_every_area_of_the_tree_has_a_heap_beside_the_stable_name(boot: vm.Result) -> None:
    found = {key.removeprefix("heap.") for key in boot.facts if key.startswith("heap.")}
    assert found == {"linux,cma", "default_cma_region", "camera", "display"} | SYSTEM


@pytest.mark.boots("heaps")
@pytest.mark.parametrize("heap", ["default_cma_region", "camera"])
def test_a_member_of_the_group_allocates_under_the_udev_rule(boot: vm.Result, heap: str) -> None:
    assert boot.facts["udev"] == "0"
    assert boot.pairs(f"heap.{heap}") == ALLOWED


@pytest.mark.boots("heaps")
def test_an_area_with_the_name_of_another_heap_is_told_of(boot: vm.Result) -> None:
    said = [line for line in boot.log if "gets no heap" in line]
    assert len(said) == 1 and "cma: area system gets no heap: another one has this name" in said[0]


@pytest.mark.boots("cmdline")
def test_the_stable_name_does_not_depend_on_where_the_size_was_set(boot: vm.Result) -> None:
    heaps = {value for key, value in boot.facts.items() if key.startswith("heap.")}
    assert heaps == {"reserved", "default_cma_region"}
