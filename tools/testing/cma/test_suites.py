# SPDX-License-Identifier: GPL-2.0
"""What is concluded from the console of a Debian guest, and what counts as worse."""

from __future__ import annotations

import pytest

from cmatest import boots, vm
from cmatest.suites import show
from cmatest.suites.cells import CELLS, CONSUMERS, Cell, Program
from cmatest.suites.look import Found, look, outcome_of, worse

CELL = Cell((Program("LTP mm", "ltp mm 1"), Program("plain", "true"), Program("never", "true")))
LOG = """\
@release=6.12
@begin=1 LTP mm
> ok 1 mmap10
> not ok 2 oom01 # rc 1
> ok 3 thp01 # SKIP TCONF: needs more
> # ok 1 inner 0x7fff12345678
> # ok 1 inner 0x7fff99999999
@test.1=rc=1 seconds=7 LTP mm
@begin=2 plain
@test.2=rc=0 seconds=1 plain
@end=ok
"""


def result(text: str) -> vm.Result:
    made = vm.Result()
    for line in text.splitlines():
        made.add(line)
    return made


def found(outcomes: dict[str, str], *splats: str) -> Found:
    return Found("mm", "ours", "abc", outcomes=outcomes, splats=list(splats))


@pytest.mark.parametrize(("line", "told"), [
    ("ok 1 cow", ("cow", "pass")),
    ("not ok 12 - mlock", ("mlock", "fail")),
    ("# # ok 3 fork # SKIP no memory", ("fork", "skip")),
    ("ok 12 # SKIP Could not open vgem", ("unnamed", "skip")),
    ("not ok 2 oom01 # rc 9", ("oom01", "fail")),
    ("\ttest VIDIOC_QUERYCAP: OK", ("VIDIOC_QUERYCAP", "pass")),
    ("\ttest VIDIOC_S_FMT: OK (Not Supported)", ("VIDIOC_S_FMT", "skip")),
    ("\t\ttest blocking wait: FAIL", ("blocking wait", "fail")),
    ("ok 1 kmem[   23.123456] hrtimer: interrupt took 7 ns", ("kmem", "pass")),
    ("it is ok 1 or not", None),
])
def test_what_a_line_tells(line: str, told: tuple[str, str] | None) -> None:
    assert outcome_of(line) == told


def test_a_log_is_taken_apart() -> None:
    made = look("mm", CELL, ("ours", "abc", "today"), result(LOG))
    assert made.outcomes == {
        "LTP mm: mmap10": "pass", "LTP mm: oom01": "fail", "LTP mm: thp01": "skip",
        "LTP mm: inner N": "pass", "LTP mm: inner N (2)": "pass", "LTP mm": "fail",
        "plain": "pass", "never": "fail"}
    assert made.problem == "" and made.release == "6.12" and made.seconds["LTP mm"] == 7


def test_a_script_that_left_itself_out_has_not_passed() -> None:
    log = ("@begin=1 plain\n> \t\tSKIPPED - no memory\n@test.1=rc=0 seconds=1 plain\n"
           "@begin=2 never\n")
    made = look("mm", CELL, ("ours", "abc", "today"), result(log + "@test.2=rc=0 seconds=1 never"))
    assert made.outcomes["plain"] == "skip" and made.outcomes["never"] == "pass"


def test_a_test_that_did_not_run_has_failed() -> None:
    made = look("mm", CELL, ("ours", "abc", "today"), result("@begin=1 LTP mm\n"))
    assert made.count("fail") == 3 and made.problem


def test_memory_that_is_used_up_on_purpose_is_no_complaint() -> None:
    log = "oom01 invoked oom-killer: gfp_mask=0\nCall Trace:\n"
    assert not look("mm", CELL, ("ours", "a", "b"), result(log)).splats
    assert look("mm", CELL, ("ours", "a", "b"), result("Call Trace:\n")).splats
    assert look("mm", CELL, ("ours", "a", "b"), result(log + "kernel BUG at mm\n")).splats


def test_what_is_worse() -> None:
    stock = found({"a": "pass", "b": "fail", "c": "pass", "d": "skip"})
    assert worse(found({"a": "pass", "b": "fail", "c": "pass", "d": "pass"}), stock) == []
    assert worse(found({"a": "pass", "c": "pass", "d": "fail"}), stock) == ["d"]
    assert worse(found({"a": "pass", "c": "skip"}), stock) == ["passes on stock only: c"]
    assert worse(found({"a": "fail", "b": "pass", "c": "pass", "d": "skip"}), stock) == ["a"]
    assert worse(found({"a": "pass", "b": "fail", "d": "skip"}), stock) \
        == ["passes on stock only: c"]
    assert worse(found(dict(stock.outcomes), "BUG: x 0x12"), stock) == ["splat: BUG: x 0x12"]


def test_each_program_of_the_table_has_a_row() -> None:
    text = show.table({("mm", kernel): found({}) for kernel in show.KERNELS})
    assert all(text.count(f"   * - {program.title}\n") == 1
               for cell in CELLS.values() for program in cell.programs)


def test_each_consumer_has_boots() -> None:
    assert CONSUMERS
    for consumer in CONSUMERS.values():
        assert set(consumer.boots) <= set(boots.PLANS)
