# SPDX-License-Identifier: GPL-2.0
"""Each cause of a failure is named, and so is who or what is to blame."""

from __future__ import annotations

import re

import pytest

from cmatest import boots, vm

KEPT = 16
BLOCK_LINES = 8  # of a report in the log, at most


def failures(result: vm.Result, when: str) -> list[list[str]]:
    """What is kept, oldest first: each a list of lines."""
    kept: list[list[str]] = []
    for i in range(KEPT * BLOCK_LINES):
        line = result.facts.get(f"{when}.failures.{i}")
        if line and line.startswith("["):
            kept.append([line.split("] ", 1)[1]])
        elif line:
            kept[-1].append(line.strip())
    return kept


def last(result: vm.Result, when: str) -> str:
    return "\n".join(failures(result, when)[-1])


def pages(result: vm.Result) -> int:
    return int(result.pairs("area")["count"])


@pytest.mark.boots("cause")
def test_too_big(boot: vm.Result) -> None:
    text = last(boot, "too_big")
    assert text.startswith(f"{pages(boot) + 1} pages, align 0, ret -12: too big\n")
    assert "not even an empty area of this size would do: 66 MiB or more" in text


@pytest.mark.boots("cause")
def test_full(boot: vm.Result) -> None:
    text = last(boot, "full")
    assert "ret -12: full\n" in text
    assert re.search(r"; 2048 pages are held by cma-sample\.\d \(task init, pid 1\)", text)


@pytest.mark.boots("cause")
def test_fragmented(boot: vm.Result) -> None:
    text = last(boot, "fragmented")
    assert "ret -12: fragmented\n" in text
    assert re.search(r"; fragmented by cma-sample\.\d ", text)


@pytest.mark.boots("cause")
def test_no_memory_elsewhere(boot: vm.Result) -> None:
    text = last(boot, "no_memory")
    assert "ret -12: no memory\n" in text
    assert "no memory elsewhere to move borrowed pages to" in text


@pytest.mark.boots("cause")
@pytest.mark.parametrize("cause", ["too_big", "full", "fragmented", "no_memory"])
def test_log_says_the_same(boot: vm.Result, cause: str) -> None:
    """What was seen of memory in use may have changed since it was logged."""
    for line in failures(boot, cause)[-1]:
        assert f"cma: cma_alloc: reserved: {line}" in boot.log


@pytest.mark.boots("cause")
def test_who_asked(boot: vm.Result) -> None:
    for cause in ("too_big", "full", "fragmented", "no_memory"):
        assert "\nfor cma_debugfs_alloc (task init, pid 1)\n" in last(boot, cause)


@pytest.mark.boots("cause")
def test_many_failures(boot: vm.Result) -> None:
    many = {key: int(value) for key, value in boot.pairs("many").items()}
    assert many["failed"] == 10000
    assert many["slab_kb"] < (4096 if boots.DEBUG else 512), "KASAN keeps what is freed for a while"
    said = sum(line.startswith("cma: cma_alloc: reserved: alloc failed") for line in boot.log)
    assert said <= 10 * (2 + many["ms"] // 5000)
    assert len(failures(boot, "many")) == KEPT


@pytest.mark.boots("cause")
def test_times_are_counted(boot: vm.Result) -> None:
    lines = [boot.facts[f"end.latency.{i}"].split() for i in range(23)]
    assert lines[0] == ["us", "alloc", "survey", "evacuate", "wait", "release"]
    assert [line[0] for line in lines[1:]] == [str(1 << i) for i in range(21)] + ["inf"]
    total = dict(zip(lines[0][1:], map(sum, zip(*([int(n) for n in line[1:]]
                                                  for line in lines[1:])))))
    assert total["alloc"] >= 10000
    assert total["release"] >= 6


@pytest.mark.boots("pin")
def test_pinned_page_is_named(boot: vm.Result) -> None:
    text = last(boot, "pin")
    assert ", ret -16: busy\n" in text
    pfn = int(boot.pairs("pin")["pfn"])
    assert re.search(rf"^blocker: pfn {pfn:#x}, anonymous, refs 2, mapped 1, flags ", text,
                     re.MULTILINE)
    assert re.search("blocked by references that should not last; tried again [1-9] times", text)


@pytest.mark.boots("pin")
def test_killed_task_is_named(boot: vm.Result) -> None:
    text = last(boot, "killed")
    assert ", ret -4: interrupted\n" in text
    assert "the task was killed" in text
