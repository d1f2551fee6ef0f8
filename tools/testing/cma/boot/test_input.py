# SPDX-License-Identifier: GPL-2.0
"""Every row of input_rows, a boot each: see input_rows/, oracle.py in cmatest/."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from cmatest import boots, dt, oracle, vm
from cmatest.input_rows import ROWS
from cmatest.input_rows.row import KCONFIG_MIB, LARGEST, MIB, Row

Booted = Callable[[str], vm.Result]

# The kernel keeps copies of its command line: equally long ones cost equally much.
CMDLINE_CHARS = 80
TIMEOUT = 45.0


def reference(row: Row) -> Row:
    """The machine of @row without CMA."""
    edit = dt.Edit() if row.edit else None
    words = [row.arch, row.mem, *["numa"] * bool(row.extra), *["dt"] * bool(edit),
             *["zones"] * bool(row.config)]
    return Row(f"without-{'-'.join(words)}", "", "cma=0", edit, row.arch, row.mem, row.extra,
               row.config)


def plan(row: Row) -> str:
    """Makes a boot of @row; its name."""
    name = f"input-{row.name}"
    boots.PLANS[name] = boots.Plan(cmdline=row.cmdline.rjust(CMDLINE_CHARS), mem=row.mem,
                                   arch=row.arch, extra=row.extra, config=row.config,
                                   edit=row.edit, board=False, timeout=TIMEOUT)
    return name


def cases(rows: list[Row]) -> list:
    """One architecture if ARCH says which; a debug kernel is built for one only."""
    if os.environ.get("ARCH") or boots.DEBUG:
        rows = [row for row in rows if row.arch == boots.ARCH]
    return [pytest.param(row, id=row.name, marks=pytest.mark.boots(plan(reference(row)), plan(row)))
            for row in rows]


def fail_with(problems: list[str], result: vm.Result) -> None:
    if problems:
        pytest.fail("\n".join([*problems, f"see {result.path}"]), pytrace=False)


@pytest.mark.parametrize("row", cases(ROWS))
def test_input(row: Row, booted: Booted) -> None:
    result = booted(f"input-{row.name}")
    fail_with(oracle.problems(row, result, booted(f"input-{reference(row).name}")), result)


def names_largest(row: Row) -> bool:
    return any(LARGEST in pattern for pattern in row.once)


@pytest.mark.lean
@pytest.mark.parametrize("row", cases([row for row in ROWS if names_largest(row)]))
def test_largest_size_is_true(row: Row, booted: Booted) -> None:
    """What a refusal calls the largest possible size can be had, and no pageblock more."""
    said = oracle.matching(booted(f"input-{row.name}"), LARGEST)
    assert said, "no line names the largest size"
    match = re.search(LARGEST, said[0], re.IGNORECASE)
    assert match
    fits, more = int(match[1]), int(match[1]) + 2
    for mib in (fits, more):
        tried = replace(row, name=f"{row.name}-then-{mib}M", cmdline=f"cma={mib}M")
        result = booted(plan(tried))
        sizes = [area.count * oracle.PAGE // MIB for area in oracle.areas(result).values()]
        assert sizes == [fits if mib == fits else KCONFIG_MIB], f"cma={mib}M"
