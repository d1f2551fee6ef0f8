# SPDX-License-Identifier: GPL-2.0
"""The selftests of the kernel tree, on each architecture; with stock, known defects fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cmatest import boots, vm
from cmatest.selftests import BOOTS, DEFECTS, NOT_EVERYWHERE, outcomes, total

PROGRAMS = [pytest.param(program, marks=pytest.mark.boots(name), id=f"{name}-{program}")
            for name, programs in BOOTS.items() for program in programs]
EACH = [pytest.param(name, marks=pytest.mark.boots(name)) for name in BOOTS]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_passes(boot: vm.Result, program: str) -> None:
    found = total(boot, program)
    assert not found.failed, found
    assert found.passed or boots.STOCK, found


@pytest.mark.skipif(boots.STOCK, reason="6.12 does not have all that is tested")
@pytest.mark.parametrize("name", EACH)
def test_nothing_is_skipped(boot: vm.Result, name: str) -> None:
    skipped = {test for test, outcome in outcomes(boot).items() if outcome == "skip"}
    assert skipped == ({NOT_EVERYWHERE} if name != "selftests-many" else set())


@pytest.mark.skipif(boots.STOCK, reason="of 6.12, the other tests tell")
@pytest.mark.boots("selftests", "selftests-many")
def test_each_known_defect_has_its_test(booted: Callable[[str], vm.Result]) -> None:
    names = set(outcomes(booted("selftests"))) | set(outcomes(booted("selftests-many")))
    assert DEFECTS.keys() <= names
    assert len(names) > 40
