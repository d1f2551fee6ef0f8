# SPDX-License-Identifier: GPL-2.0
"""What the boot of a cell says: which tests passed, failed, were left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

from cmatest import vm
from cmatest.suites.cells import Cell

# TAP, nested in itself or not; and the lines of v4l2-compliance.
TAP = re.compile(r"^[#\s]*(not ok|ok) \d+ *-? *(.*?) *(?:# (SKIP|XFAIL)\b.*|# rc .*)?$")
V4L2 = re.compile(r"^\s*(?:test|fail:) (.+?): (OK|FAIL)( \(Not Supported\))?$")
# The kernel may speak in the middle of a line.
KERNEL = re.compile(r"\[ *\d+\.\d{6}\] .*$")
NUMBER = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\b\d{5,}\b")
# What a program does on purpose: it uses up memory, and the kernel tells where it was.
ON_PURPOSE = re.compile(r"invoked oom-killer|page allocation failure|^Memory cgroup out of")
LINES_OF_TRACE = 80
# Programs that die, and pages that tests poison.
OF_PROGRAMS = re.compile(r"segfault|^MCE: Killing")
SKIPPED = {"kselftest": 4}


@dataclass
class Found:
    """One kernel in one cell. A test is "title: name"."""

    cell: str
    kernel: str
    commit: str
    date: str = ""
    release: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, int] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    splats: list[str] = field(default_factory=list)
    problem: str = ""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def count(self, outcome: str) -> int:
        return sum(value == outcome for value in self.outcomes.values())

    def named(self, outcome: str) -> list[str]:
        return [name for name, value in self.outcomes.items() if value == outcome]


def outcome_of(line: str) -> tuple[str, str] | None:
    """Name and outcome of the test that @line tells of."""
    line = KERNEL.sub("", line)
    match = TAP.match(line)
    if match:
        return match[2].strip() or "unnamed", \
            "skip" if match[3] else "fail" if match[1] == "not ok" else "pass"
    match = V4L2.match(line)
    if match:
        return match[1], "fail" if match[2] == "FAIL" else "skip" if match[3] else "pass"
    return None


def whole(title: str, rc: int) -> str:
    """How a program ended, by the custom of its suite."""
    if rc == SKIPPED.get(title.split(" ")[0]):
        return "skip"
    return "fail" if rc else "pass"


def fresh(name: str, outcomes: dict[str, str]) -> str:
    """@name, with a number if it is there already; numbers in it that differ are left out."""
    name = NUMBER.sub("N", name)[:120]
    count = 2
    while (name if count == 2 else f"{name} ({count - 1})") in outcomes:
        count += 1
    return name if count == 2 else f"{name} ({count - 1})"


def take_tests(found: Found, log: list[str]) -> None:
    title, skipped = "", False
    for line in log:
        if line.startswith("@begin="):
            title, skipped = line.split(" ", 1)[1], False
        elif line.startswith("@test."):
            words = dict(word.split("=") for word in line.split("=", 1)[1].split(" ")[:2])
            found.outcomes[title] = "skip" if skipped else whole(title, int(words["rc"]))
            found.seconds[title] = int(words["seconds"])
            title = ""
        elif title and line.startswith("> "):
            # A script that ends well though it could not test anything.
            skipped |= line[2:].strip().startswith("SKIPPED - ")
            told = outcome_of(line[2:])
            if told:
                found.outcomes[fresh(f"{title}: {told[0]}", found.outcomes)] = told[1]
            elif line.startswith(("> cycles: ", "> programs: 0", "> T: ")):
                found.told[title] = f"{found.told.get(title, '')} {line[2:].strip()}".strip()


def splats(result: vm.Result) -> Iterator[str]:
    """Complaints of the kernel, without the traces of memory that was used up on purpose."""
    quiet = 0
    for line in result.log:
        quiet = LINES_OF_TRACE if ON_PURPOSE.search(line) else max(quiet - 1, 0)
        if line.startswith(vm.QUOTES) or not vm.SPLAT.search(line):
            continue
        if not (quiet and "Call Trace:" in line) and not OF_PROGRAMS.search(line):
            yield line.strip()


def distinct(lines: Iterable[str]) -> list[str]:
    """The first of those that differ by numbers only."""
    first: dict[str, str] = {}
    for line in lines:
        first.setdefault(NUMBER.sub("N", line), line)
    return list(first.values())


def look(name: str, cell: Cell, by: tuple[str, str, str], result: vm.Result) -> Found:
    """@by: the kernel, the commit, the date."""
    found = Found(name, *by, release=result.facts.get("release", ""))
    take_tests(found, result.log)
    for program in cell.programs:
        found.outcomes.setdefault(program.title, "fail")
    for key in ("driver", "memory", "memory_end", "cgroup", "zram"):
        if key in result.facts:
            found.told[key] = result.facts[key]
    found.splats = distinct(splats(result))
    if result.facts.get("end") != "ok":
        found.problem = result.problem() or "no end"
    return found


def worse(ours: Found, stock: Found) -> list[str]:
    """What fails on ours, and not on stock."""
    names = [name for name in ours.named("fail")
             if stock.outcomes.get(name) != "fail"]
    names += [f"passes on stock only: {name}" for name in stock.named("pass")
              if ours.outcomes.get(name, "skip") == "skip"]
    said = {NUMBER.sub("N", line) for line in stock.splats}
    names += [f"splat: {line}" for line in ours.splats if NUMBER.sub("N", line) not in said]
    return names + [ours.problem] * bool(ours.problem and not stock.problem)
