# SPDX-License-Identifier: GPL-2.0
"""An area beside a disk: what is on its way to it, and what a journal has not let go of."""

from __future__ import annotations

import pytest

from cmatest import boots, vm
from cmatest.boots import Plan

# The disk of the guest's disk.c: it is slow in the guest's own time. A request has to be smaller
# than what mbps= allows in 20 ms, or it never ends.
DISK = "CONFIG_BLK_DEV_NULL_BLK=y\n"
SLOW = "null_blk.gb=1 null_blk.bs=4096 null_blk.memory_backed=1 null_blk.max_sectors=128"
# A card: a millisecond for each request.
CARD = f"{SLOW} null_blk.mbps=20 null_blk.irqmode=2 null_blk.completion_nsec=1000000"
REQUESTS = 240
# Under way all the time: as many requests as the disk takes, of 64 KiB each.
AT_WORK_KB = 2048


def disk(action: str, options: str, mem: str) -> Plan:
    return Plan(action, options, mem=mem, config=DISK, timeout=120, counted=True, scratch=True)


boots.PLANS |= {
    "field-f08-slow": disk("slow", f"cma=320M {SLOW} null_blk.mbps=4", "1G"),
    "field-f09-journal": disk("journal", f"cma=56M journal_requests={REQUESTS} {CARD}", "256M"),
}

def numbers(result: vm.Result, key: str) -> dict[str, float]:
    return {name: float(value) for name, value in result.pairs(key).items()}


@pytest.mark.boots("field-f08-slow")
def test_f08_request_with_other_room_does_not_wait_for_the_disk(boot: vm.Result) -> None:
    for when in ("slow.start", "slow.roomy.end"):
        assert numbers(boot, when)["writeback_kb"] > AT_WORK_KB, "the disk was not at work"
    roomy = numbers(boot, "slow.roomy")
    assert roomy["failed"] == 0 and roomy["max"] < 100


@pytest.mark.boots("field-f08-slow")
def test_f08_killed_request_is_gone_while_the_disk_works_on(boot: vm.Result) -> None:
    assert numbers(boot, "slow.end")["writeback_kb"] > AT_WORK_KB, "the disk was not at work"
    for number in range(3):
        kill = numbers(boot, f"slow.kill.{number}")
        assert kill["waited"] == 1, "it was over before it was killed"
        assert kill["ms"] < 1000 and kill["held"] == 0


@pytest.mark.boots("field-f08-slow")
def test_f08_request_for_all_is_refused_soon(boot: vm.Result) -> None:
    whole = numbers(boot, "slow.whole")
    assert whole["failed"] == whole["n"] and whole["max"] < 1500


@pytest.mark.boots("field-f08-slow")
def test_f08_all_can_be_had_once_the_disk_is_done_and_unmounted(boot: vm.Result) -> None:
    """The guest compares the contents of the file before."""
    assert numbers(boot, "slow.done")["ret"] == 0


@pytest.mark.boots("field-f09-journal")
def test_f09_a_mib_beside_a_journal_takes_less_than_100_ms(boot: vm.Result) -> None:
    start = numbers(boot, "journal.start")
    assert start["count"] / 50 < start["lent"] < start["count"] / 5, "not lent, or most of it"
    assert boot.number("journal.lent_pages") > 0, "nothing was left in the area"
    journal = numbers(boot, "journal")
    assert journal["n"] == REQUESTS and journal["failed"] == 0
    assert journal["p99"] < 100
    assert journal["p95"] < 2, "windows without metadata come first no longer"
