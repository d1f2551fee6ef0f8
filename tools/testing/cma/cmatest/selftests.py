# SPDX-License-Identifier: GPL-2.0
"""What the selftests of tools/testing/selftests/cma say in a guest, and "make selftests"."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from cmatest import boots, guest, vm

# By name of the boot: the programs that run there, see boots.py.
BOOTS = {
    "selftests": guest.selftest_names(),
    "selftests-arm": guest.selftest_names(),
    "selftests-x86": guest.selftest_names(),
    "selftests-many": ["cma_debugfs", "cma_size", "cma_view"],
}
# Only one boot has an area whose slots are larger than a page.
NOT_EVERYWHERE = "debugfs.a_part_of_large_slots_is_refused"
# What fails with 6.12 as it is, and why.
DEFECTS = {
    "debugfs.a_request_for_nothing_is_refused": "says that there is no memory for 0 pages",
    "debugfs.a_large_number_is_not_cut_to_a_small_one": "keeps 32 bits of a number of pages",
    "debugfs.a_large_number_gives_back_all": "keeps 32 bits of a number of pages",
    NOT_EVERYWHERE: "says that it has freed a part of a slot, and has not",
    "failure.more_than_the_area_is_counted": "does not count a request that cannot fit",
    "failure.more_than_the_area_is_logged": "does not log a request that cannot fit",
    "failure.what_is_logged_has_a_limit": "logs each gap, with interrupts off",
    "pin.a_search_goes_on_after_the_page": "meets the page that blocks it in each next window",
    "size.total_is_the_sum_of_all_areas": "shows one of two areas of the same name",
    "trace.a_request_for_too_much_has_a_finish": "traces no end of a request that fails early",
    "trace.a_request_for_nothing_has_a_finish": "traces no end of a request that fails early",
    "trace.what_migrated_stands_under_the_right_names": "traces values in the wrong order",
}
RESULT = re.compile(r"> (not ok|ok) \d+ (\w+\.\w+)( # SKIP .*)?$")


@dataclass
class Total:
    """How many tests came out how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        return f"{self.passed} pass, {self.failed} fail, {self.skipped} skip"


def outcomes(result: vm.Result) -> dict[str, str]:
    """"pass", "fail" or "skip" for each test, by the lines of KTAP."""
    found = (RESULT.match(line) for line in result.log)
    return {match[2]: "fail" if match[1] == "not ok" else "skip" if match[3] else "pass"
            for match in found if match}


def total(result: vm.Result, program: str) -> Total:
    """What @program says of itself; a program that did not come to its end has failed."""
    told = result.facts.get(f"selftests.{program}")
    if told is None:
        return Total(failed=1)
    words = {key: int(value) for key, value in (word.split("=") for word in told.split())}
    return Total(words["pass"], words["fail"], words["skip"])


def show(name: str, result: vm.Result) -> list[str]:
    """Prints the totals of the boot @name. Returns what failed and is no known defect."""
    print(f"{name}: {result.problem() or 'booted well'} ({result.path})")
    for program in BOOTS[name]:
        print(f"  {program:12} {total(result, program)}")
    failed = [test for test, outcome in outcomes(result).items() if outcome == "fail"]
    known = DEFECTS if boots.STOCK else {}
    for test in failed:
        print(f"  FAIL {test}: {known.get(test, 'not known')}")
    unknown = [test for test in failed if test not in known]
    missing = [program for program in BOOTS[name] if f"selftests.{program}" not in result.facts]
    # The kernel itself complains of two areas of one name.
    bad = not boots.STOCK and result.problem() is not None
    return unknown + missing + [name] * bad


def main() -> int:
    """The exit status tells whether something failed that is no known defect."""
    totals = Total()
    unknown: list[str] = []
    all_boots = boots.Boots()
    all_boots.start(BOOTS)
    for name in BOOTS:
        result = all_boots.result(name)
        unknown += show(name, result)
        for program in BOOTS[name]:
            one = total(result, program)
            totals = Total(totals.passed + one.passed, totals.failed + one.failed,
                           totals.skipped + one.skipped)
    all_boots.stop()
    print(f"{'stock' if boots.STOCK else 'ours'}: {totals}"
          + f"; of the failures, {totals.failed - len(unknown)} are known defects" * boots.STOCK)
    if unknown:
        print(f"not known: {' '.join(unknown)}", file=sys.stderr)
    return bool(unknown)
