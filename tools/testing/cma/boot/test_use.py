# SPDX-License-Identifier: GPL-2.0
"""An area in use: nothing is shared, changed or lost, whatever is in it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable

import pytest

from cmatest import boots, guest, vm


@pytest.mark.boots("churn")
def test_random_requests_with_page_cache_in_the_area(boot: vm.Result) -> None:
    """The guest compares bitmap, alignment and contents after each of them."""
    churn = {key: int(value) for key, value in boot.pairs("churn").items()}
    assert churn["allocs"] == churn["frees"] == boots.CYCLES
    assert churn["lent_most"] > 49152 // 4, "the page cache never was in the area"
    assert churn["missed"] <= boots.CYCLES // 50, "refused although there was room"


@pytest.mark.boots("anon")
def test_memory_of_a_program_is_moved_unchanged(boot: vm.Result) -> None:
    anon = {key: int(value) for key, value in boot.pairs("anon").items()}
    assert anon["ret"] == 0
    assert anon["inside"] > 0, "no page of the program was in the area"
    assert anon["moved"] > 0, "nothing had to be moved"
    assert boot.number("anon.bad_pages") == 0


@pytest.mark.boots("suspend")
def test_buffers_survive_suspend(boot: vm.Result) -> None:
    """They are taken and given back in between, and the machine is suspended 150 times."""
    assert boot.facts["suspend.cycles"] == "done=100 failed=0"
    assert boot.number("suspend.bad_pages") == 0
    assert boot.text.count("PM: suspend entry (s2idle)") == 150


@pytest.mark.boots("module")
def test_a_driver_that_is_a_module_gives_back_all(boot: vm.Result) -> None:
    """10 times inserted and removed, also while its devices hold buffers and a file is open."""
    assert boot.number("module.cycles") == 10
    assert boot.text.count("cma-sample: devices=17: at most 16") == 1


@pytest.mark.boots("module")
def test_what_failed_is_told_after_the_driver_is_gone(boot: vm.Result) -> None:
    told = "\n".join(value for key, value in boot.facts.items()
                     if key.startswith("removed.failures."))
    assert "ret -12: full\n" in told
    assert re.search(r"; 2048 pages are held by cma-sample\.\d \(task init, pid 1\)", told)


@pytest.mark.boots("locked")
def test_what_a_real_time_task_locks_is_in_no_area(boot: vm.Result) -> None:
    """A driver would have it moved, and the task would wait for it."""
    locked = {key: int(value) for key, value in boot.pairs("locked").items()}
    assert locked["common"] > locked["pages"] / 2, "the area was not lent"
    assert locked["realtime"] == 0


@pytest.mark.boots("pin")
def test_pinned_page_is_in_the_area(boot: vm.Result) -> None:
    pin = {key: int(value) for key, value in boot.pairs("pin").items()}
    assert pin["base"] <= pin["pfn"] < pin["base"] + pin["count"]


@pytest.mark.boots("pin")
def test_request_goes_around_a_pinned_page(boot: vm.Result) -> None:
    assert boot.pairs("pin.around")["ret"] == "0"


@pytest.mark.boots("pin")
def test_request_over_a_pinned_page_fails_as_busy(boot: vm.Result) -> None:
    assert boot.pairs("pin.all")["ret"] == "-12", "debugfs reports each failure as ENOMEM"
    failed = boot.kernel_lines("cma: cma_alloc: reserved: alloc failed")
    wanted = int(boot.pairs("pin")["count"]) * 3 // 4  # later ones are of a probing, see settle.c
    busy = [line for line in failed if int(re.findall(r"req-size: (\d+)", line)[0]) > wanted]
    assert [line.split()[-1] for line in busy] == ["-16", "-4"], "the second one was killed"


@pytest.mark.boots("pin")
def test_retries_are_traced(boot: vm.Result) -> None:
    """The request for all of the area must have met the page that cannot move."""
    retries = [v for k, v in boot.facts.items()
               if k.startswith("trace.") and v.startswith("cma_alloc_busy_retry")]
    for retry in retries:
        assert re.fullmatch(r"cma_alloc_busy_retry: name=reserved pfn=0x[0-9a-f]+ "
                            r"page=[0-9a-f]+ count=\d+ align=0", retry)
    assert len(retries) == boot.number("pin.retries") >= 1


@pytest.mark.boots("pin")
def test_blocker_windows_and_phases_are_traced(boot: vm.Result) -> None:
    events = [v for k, v in boot.facts.items() if k.startswith("trace.")]
    pin = int(boot.pairs("pin")["pfn"])
    assert any(re.fullmatch(rf"cma_alloc_blocker: name=reserved pfn={pin:#x} refs=2 flags=\S+", e)
               for e in events)
    assert any(re.match(r"cma_alloc_window: name=reserved pfn=\S+ count=\d+ errorno=-16", e)
               for e in events)
    for phase in ("alloc", "survey", "evacuate", "wait"):
        assert any(re.fullmatch(rf"cma_alloc_phase: name=reserved phase={phase} ns=\d+", e)
                   for e in events), phase


@pytest.mark.boots("overlap")
def test_neither_of_two_tasks_waits_for_the_other_to_move_pages(boot: vm.Result) -> None:
    """By the trace: each moves pages in many batches, and begins before the other is done."""
    one, other = ({key: int(value) for key, value in boot.pairs(f"overlap.{task}").items()}
                  for task in (0, 1))
    for task in (one, other):
        assert task["ret"] == 0 and task["moves"] > 4
        assert 0 < task["start"] <= task["first"] < task["last"] <= task["finish"]
    assert one["first"] < other["last"] and other["first"] < one["last"]


@pytest.mark.boots("init-on-alloc", "init-on-free")
@pytest.mark.parametrize("name", ["init-on-alloc", "init-on-free"])
def test_buffers_are_clear_when_pages_are_initialised(
        booted: Callable[[str], vm.Result], name: str) -> None:
    """The page allocator clears them, so the DMA layer need not; the guest looks at each."""
    assert booted(name).pairs("pair")["rounds"] == "100"


@pytest.mark.boots("pair")
def test_two_at_once_get_disjoint_buffers(boot: vm.Result) -> None:
    pair = {key: int(value) for key, value in boot.pairs("pair").items()}
    assert pair["rounds"] == 100
    assert pair["refused"] == 0, "a request failed because another one was running"


def test_story_ends_well() -> None:
    env = {**os.environ, "ARCH": "arm64", "CMA": "192MB", "MEM": "1G", "DT": ""}
    done = subprocess.run([guest.ROOT / "scripts/qemu", "run"], env=env, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    verdicts = re.findall(r"^VERDICT: .*$", done.stdout, re.MULTILINE)
    assert len(verdicts) == 1 and verdicts[0].startswith("VERDICT: OK"), done.stdout
    assert done.returncode == 0
