# SPDX-License-Identifier: GPL-2.0
"""What a guest told of its workload, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from cmatest import vm
from cmatest.workloads.cases import Case


@dataclass
class Told:
    """One boot."""

    case: Case
    kernel: str
    problem: str | None = None
    got: float = 0.0  # MiB that cannot be moved
    cma_free: int = 0  # MiB, shortly before the end
    whole: float = 0.0  # milliseconds of virtual time, until the process was gone
    ran: float = 0.0  # milliseconds that tasks ran meanwhile, in all
    mark: float = 0.0  # milliseconds of virtual time, until there was what the case marks
    bad: int = 0
    after: int = 0  # what a driver was told afterwards
    members: dict[str, int] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"workload-{self.kernel}-{self.case.name}"

    @property
    def cost(self) -> float | None:
        """At most so many millions of instructions for each MiB.

        Time passes also while nobody runs; and what tasks run counts twice while
        there are two of them.
        """
        return min(self.whole, self.ran) / self.got if self.got else None


def numbers(result: vm.Result, key: str) -> dict[str, int]:
    return {name: int(value) for name, value in result.pairs(key).items()}


def starve(told: Told, result: vm.Result) -> None:
    told.got = float(result.facts["starve.got_mib"])
    told.cma_free = result.number("starve.cma_free_mib")
    told.whole = float(result.facts["starve.end_ms"])
    told.ran = float(result.facts["starve.own_ms"]) + float(result.facts["starve.others_ms"])
    told.mark = float(result.facts["starve.mark_ms"])
    told.bad = result.number("starve.bad_pages")
    told.after = result.number("starve.after_ret")
    told.counters = numbers(result, "starve.counters")


def container(told: Told, result: vm.Result) -> None:
    memory = numbers(result, "container.memory")
    told.members = numbers(result, "container.members")
    told.got, told.cma_free = memory["unmovable_mib"], memory["cma_free_mib"]
    told.bad = result.number("container.bad_files")
    told.after = result.number("container.after_ret")


def read(case: Case, kernel: str, result: vm.Result) -> Told:
    """A boot that went wrong may have told nothing but that."""
    told = Told(case, kernel, result.problem())
    try:
        {"starve": starve, "container": container}[case.action](told, result)
    except KeyError as missing:
        told.problem = told.problem or f"the guest did not tell {missing}"
    return told
