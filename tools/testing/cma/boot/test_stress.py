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
