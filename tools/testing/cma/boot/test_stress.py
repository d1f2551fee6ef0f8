# SPDX-License-Identifier: GPL-2.0
"""One cell of the matrix, shorter: drivers beside all that holds, moves and gives up pages."""

from __future__ import annotations

import pytest

from cmatest import boots, vm
from cmatest.matrix.cells import Cell
from cmatest.matrix.look import Found, take_stress

CELL = Cell(boots.ARCH, "4K", "plain", "mglru", "always", "one")


@pytest.mark.board
@pytest.mark.boots("stress")
def test_nothing_changes_and_no_page_is_lost(boot: vm.Result) -> None:
    found = Found(CELL.name, "ours", "")
    take_stress(found, boot, boots.ARCH)
    assert found.failures == []
    assert found.allocs > found.refused


@pytest.mark.board
@pytest.mark.boots("fault")
def test_whose_pages_are_moved_waits_for_a_batch_of_them(boot: vm.Result) -> None:
    """With stock it is 96 us and more; the time is that of instructions."""
    fault = {key: int(value) for key, value in boot.pairs("fault").items()}
    assert fault["inside"] > 8192 and fault["slow"], "hardly anything was lent, or looked at"
    assert fault["longest_ns"] < 1.2 * 96_000
