# SPDX-License-Identifier: GPL-2.0
"""What is concluded from the boots of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import comb

from cmatest import vm
from cmatest.matrix.cells import Cell

# What a kernel for 32-bit arm cannot do.
ABSENT = {"arm": {"offline", "poison"}}
COMPLAINS = "the kernel complains: "
LUCK = 0.05  # the chance below which it is not luck that ours is refused more
COSTS_MORE = 1.1
WAITS_LONGER = 1.2
BUFFER = "64"  # MiB


@dataclass
class Found:
    """One kernel in one cell; pages and requests are those of the stress."""

    cell: str
    kernel: str
    commit: str
    splats: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    allocs: int = 0
    refused: int = 0
    lost: int = 0
    moved: int = 0
    instructions: int = 0  # a request, of the task itself; 0: not counted
    longest_ns: int = 0  # a page fault of somebody whose pages are moved; 0: not counted
    first_us: int = 0  # until the first driver has his buffer, memory being full; 0: not measured
    again_us: int = 0  # the same for who has asked before
    seconds: int = 0

    @property
    def served(self) -> float:
        """The share of requests, in percent."""
        asked = self.allocs + self.refused
        return 100 * self.allocs / asked if asked else 0.0

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def take_problem(found: Found, result: vm.Result, what: str) -> None:
    """All that makes this a bad boot: complaints apart from the rest."""
    found.splats += [line.strip() for line in result.splats()]
    said = result.failures[:]
    if result.facts.get("end") is None or (result.facts["end"] != "ok" and not said):
        said.append(result.problem() or "")
    for text in said:
        if text.startswith(COMPLAINS):
            found.splats.append(text.removeprefix(COMPLAINS))
        else:
            found.failures.append(f"{what}: {text}")


def take_churn(found: Found, result: vm.Result, counted: bool) -> None:
    take_problem(found, result, "churn")
    if "churn" not in result.facts:
        return
    churn = {key: int(value) for key, value in result.pairs("churn").items()}
    if not churn["allocs"]:
        found.failures.append("churn: no request was served")
    if not churn["lent_most"]:
        found.failures.append("churn: nothing was lent")
    asked = churn["allocs"] + churn["missed"] + churn["full"]
    found.instructions = churn["own_ns"] // asked if counted and asked else 0


def take_jobs(found: Found, result: vm.Result, arch: str) -> None:
    """A job that found a fault, or that did not run though it could have."""
    for key in [key for key in result.facts if key.startswith("stress.job.")]:
        job = {name: int(value) for name, value in result.pairs(key).items()}
        name = key.removeprefix("stress.job.")
        if job["faults"]:
            found.failures.append(f"{name}: {job['faults']} faults in {job['rounds']} rounds")
        if job["absent"] and name not in ABSENT.get(arch, set()):
            found.failures.append(f"{name}: cannot be done on this kernel")
        if not job["absent"] and not job["rounds"]:
            found.failures.append(f"{name}: not a single round")


def take_stress(found: Found, result: vm.Result, arch: str) -> None:
    take_problem(found, result, "stress")
    if "stress.sum" not in result.facts or "stress.area" not in result.facts:
        found.failures.append("stress: it did not come to its end")
        return
    take_jobs(found, result, arch)
    total = {key: int(value) for key, value in result.pairs("stress.sum").items()}
    found.allocs, found.refused = total["allocs"], total["refused"]
    found.moved = total["moved"]
    found.lost = int(result.pairs("stress.area")["lost"])
    if found.lost:
        found.failures.append(f"stress: {found.lost} pages of the area are lost")
    for what in ("swapped", "moved"):
        if not total[what]:
            found.failures.append(f"stress: no page was {what}")


def take_fault(found: Found, result: vm.Result) -> None:
    take_problem(found, result, "fault")
    if "fault" in result.facts:
        found.longest_ns = int(result.pairs("fault")["longest_ns"])


def take_rest(found: Found, result: vm.Result) -> None:
    take_problem(found, result, "rest")
    for name, fact in (("first_us", "rest.ms"), ("again_us", "rest.anew_ms")):
        if fact in result.facts:
            setattr(found, name, round(1000 * float(result.pairs(fact)[BUFFER])))


def look(cell: Cell, which: tuple[str, str], results: Mapping[str, vm.Result]) -> Found:
    """@which: the name of the kernel, and the commit; @results: of each action."""
    found = Found(cell.name, *which)
    take_churn(found, results["churn"], cell.kind != "debug")
    take_stress(found, results["stress"], cell.arch)
    if "fault" in results:
        take_fault(found, results["fault"])
    if "rest" in results:
        take_rest(found, results["rest"])
    found.seconds = round(sum(result.seconds for result in results.values()))
    return found


def luck(ours: Found, stock: Found) -> float:
    """How likely so many of the refusals fall on ours, if both are refused equally often.

    This is Fisher's exact test: a stress has a few requests only, all of another size.
    """
    asked, others = ours.allocs + ours.refused, stock.allocs + stock.refused
    refused = ours.refused + stock.refused
    ways = sum(comb(asked, mine) * comb(others, refused - mine)
               for mine in range(ours.refused, min(asked, refused) + 1))
    return ways / comb(asked + others, refused)


def worse(ours: Found, stock: Found) -> list[str]:
    """In what ours is worse than stock."""
    found = [what for what in ("splats", "failures")
             if len(getattr(ours, what)) > len(getattr(stock, what))]
    if luck(ours, stock) < LUCK:
        found.append("served")
    if ours.instructions > stock.instructions * COSTS_MORE > 0:
        found.append("instructions")
    if ours.longest_ns > stock.longest_ns * WAITS_LONGER > 0:
        found.append("longest fault")
    if ours.first_us > stock.first_us * COSTS_MORE > 0:
        found.append("first buffer")
    if ours.again_us > stock.again_us * COSTS_MORE > 0:
        found.append("next buffer")
    return found
