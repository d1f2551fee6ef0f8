# SPDX-License-Identifier: GPL-2.0
"""What "make selftests" makes of what the programs say."""

from __future__ import annotations

import pytest

from cmatest import boots, selftests, vm

DEFECT = "trace.a_request_for_nothing_has_a_finish"
BOOT = "selftests-many"


def result(lines: list[str], lost: str = "") -> vm.Result:
    """A boot that ended well, with @lines, and a total of each program but @lost."""
    made = vm.Result()
    for line in lines:
        made.add(f"[    1.000000] > {line}")
    for program in selftests.BOOTS[BOOT]:
        if program != lost:
            made.add(f"@selftests.{program}=pass=2 fail=1 skip=0")
    made.add("@end=ok")
    return made


def test_each_line_of_ktap_is_an_outcome() -> None:
    told = result(["ok 1 size.a", "not ok 2 size.b", "ok 3 size.c # SKIP none", "ok", "# ok 4 x.y"])
    assert selftests.outcomes(told) == {"size.a": "pass", "size.b": "fail", "size.c": "skip"}
    assert str(selftests.total(told, "cma_size")) == "2 pass, 1 fail, 0 skip"


def test_a_program_without_a_total_has_failed() -> None:
    told = result([], lost="cma_size")
    assert selftests.total(told, "cma_size").failed == 1
    assert selftests.show(BOOT, told) == ["cma_size"]


@pytest.mark.parametrize("stock, unknown", [(False, ["size.b", DEFECT]), (True, ["size.b"])])
def test_only_stock_has_known_defects(stock: bool, unknown: list[str],
                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boots, "STOCK", stock)
    told = result(["not ok 1 size.b", f"not ok 2 {DEFECT}", "ok 3 size.c"])
    assert selftests.show(BOOT, told) == unknown


def test_a_kernel_that_complains_has_failed() -> None:
    told = result([])
    told.add("WARNING: CPU: 0 PID: 1 at mm/cma.c:1")
    assert selftests.show(BOOT, told) == [BOOT]
