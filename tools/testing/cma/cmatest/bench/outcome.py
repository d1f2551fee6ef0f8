# SPDX-License-Identifier: GPL-2.0
"""What a guest of the bench prints, taken apart and checked."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from cmatest import vm
from cmatest.bench.states import OTHERS, STATES, Order

FULL = 0.98  # of the area
EMPTY = 0.02


@dataclass(frozen=True)
class Sample:
    """One request and the release of what it gave; costs in instructions."""

    pages: int
    ret: int
    alloc: int
    own: int
    release: int
    windows: int
    irqs_off_us: int
    page_drains: int
    lru_drains: int

    @property
    def good(self) -> bool:
        return self.ret == 0


@dataclass(frozen=True)
class Outcome:
    """What one boot was ordered to measure, and what it measured.

    @start is what was in the area before, @total what all requests together
    moved and dropped, @extra what a boot without requests found out.
    """

    order: Order
    samples: tuple[Sample, ...] = ()
    start: dict[str, int] = field(default_factory=dict)
    total: dict[str, int] = field(default_factory=dict)
    extra: dict[str, list[int]] = field(default_factory=dict)
    problem: str | None = None
    seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    def dropped(self) -> int:
        """Pages of the page cache that are gone."""
        return max(-self.total["file_pages"], 0)


def numbers(text: str) -> dict[str, int]:
    """What "a=1 b=-2" says."""
    return {key: int(value, 0) for key, _, value in
            (word.partition("=") for word in text.split())}


def read_sample(cost: str, trace: str) -> Sample:
    """A sample as the guest prints it; see tell() in bench.c."""
    got = numbers(f"{cost} {trace}")
    if got["release_ret"]:
        raise ValueError(f"the release failed: {cost}")
    return Sample(got["pages"], got["ret"], got["alloc_ns"], got["own_ns"], got["release_ns"],
                  got["windows"], got["irqs_off_us"], got["page_drains"], got["lru_drains"])


def start_problem(state: str, start: dict[str, int]) -> str | None:
    """Why the area is not in the state that was asked for; None if it is."""
    pages = start["free"] + start["held"] + start["anon"] + start["file"]
    full = STATES[state].full
    if full and start[full] < FULL * pages:
        return f"the area is not full: {start[full]} of {pages} pages are {full}"
    if not full and start["anon"] + start["file"] > EMPTY * pages:
        return f"{start['anon'] + start['file']} of {pages} pages are lent, none should be"
    if start["outside_kb"] * 1024 < pages * 4096:
        return f"only {start['outside_kb']} kB are free outside the area"
    return None


def read_requests(order: Order, facts: dict[str, str]) -> Outcome:
    start = numbers(f"{facts['bench.memory']} {facts['bench.occupants']}")
    samples: list[Sample] = []
    while (key := f"bench.{len(samples)}") in facts:
        samples.append(read_sample(facts[key], facts[f"{key}.trace"]))
    expected = STATES[order.state].cycles
    problem = start_problem(order.state, start)
    if len(samples) != expected:
        problem = f"{len(samples)} requests were measured, not {expected}"
    return Outcome(order, tuple(samples), start, numbers(facts["bench.sum"]), problem=problem)


def read_extra(order: Order, facts: dict[str, str]) -> Outcome:
    key = "bench.extra."
    extra = {name.removeprefix(key): [int(word) for word in value.split()]
             for name, value in facts.items() if name.startswith(key)}
    return Outcome(order, extra=extra, problem=None if extra else "the guest measured nothing")


def read(order: Order, result: vm.Result) -> Outcome:
    """What the boot for @order found out."""
    problem = result.problem()
    if problem:
        return Outcome(order, problem=problem, seconds=result.seconds)
    try:
        reader = read_extra if order.state in OTHERS else read_requests
        return reader(order, result.facts)
    except (KeyError, ValueError) as error:
        return Outcome(order, problem=f"cannot read what the guest printed: {error!r}")
