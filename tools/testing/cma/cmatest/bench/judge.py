# SPDX-License-Identifier: GPL-2.0
"""The acceptance criteria, and what the figures say to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cmatest.bench.figures import Row, Rows, extras, gain, percentile
from cmatest.bench.outcome import Outcome
from cmatest.bench.states import COST, SIZES

LARGE = (4096, 16384, 32768)
PINS = ("pin1", "pin4", "pin64")
MOVED_MOST = 1.05
SLOWER_MOST = 1.005
REPEATS_WITHIN = 0.01
USABLE_LEAST = 0.99

# State, what of it, at which sizes, at least this many times cheaper than stock.
GAINS = (
    ("free", "alloc", SIZES, 10.0),
    ("free", "release", (16384, 32768), 25.0),
    ("cache", "alloc", LARGE, 2.0),
    ("anon", "alloc", LARGE, 1.3),
    ("dirty", "alloc", LARGE, 1.0),
)
PIN_GAIN = 10.0


@dataclass(frozen=True)
class Verdict:
    """One criterion: what was found, what was wanted."""

    good: bool
    what: str
    found: str
    wanted: str

    def __str__(self) -> str:
        mark = "PASS " if self.good else "SHORT"
        return f"{mark} {self.what}: {self.found}, wanted {self.wanted}"


def at_least(what: str, found: float | None, wanted: float) -> Verdict:
    """A gain that could not be measured is none."""
    shown = "not measured" if found is None else f"{found:.2f}x"
    return Verdict(found is not None and found >= wanted, what, shown, f">= {wanted:g}x")


def gains(rows: Rows) -> Iterator[Verdict]:
    for state, what, sizes, wanted in GAINS:
        for pages in sizes:
            if (state, pages) in rows:
                yield at_least(f"{state}, {what} of {pages} pages",
                               gain(rows[state, pages], what), wanted)


def stock_cost(row: Row) -> float:
    spread = row["stock"].spread("alloc") if "stock" in row else None
    return spread.p50 if spread else 0.0


def pins(rows: Rows) -> Iterator[Verdict]:
    """Each pin state at its worst size: the one that costs stock the most."""
    for state in PINS:
        sizes = [pages for name, pages in rows if name == state]
        if not sizes:
            continue
        worst = max(sizes, key=lambda pages: stock_cost(rows[state, pages]))
        yield at_least(f"{state}, alloc of {worst} pages, stock's worst size",
                       gain(rows[state, worst], "alloc"), PIN_GAIN)


def share(good: int, of: int) -> float:
    return good / of if of else 0.0


def successes(rows: Rows) -> Iterator[Verdict]:
    """One line, or one for each place where ours succeeds less often."""
    short = []
    both = [(key, row) for key, row in sorted(rows.items()) if {"stock", "ours"} <= row.keys()]
    for (state, pages), row in both:
        stock, ours = (share(len(cell.good), len(cell.samples)) for cell in
                       (row["stock"], row["ours"]))
        if ours < stock:
            short.append(Verdict(False, f"{state}, successes at {pages} pages",
                                 f"{ours:.0%}", f">= {stock:.0%}, as stock"))
    if both:
        yield from short or [Verdict(True, "successes", f"as many as stock in all {len(both)} rows",
                                     "never fewer")]


def moves(rows: Rows) -> Iterator[Verdict]:
    found = {key: row["ours"].moved() for key, row in rows.items()
             if key[0] not in PINS and "ours" in row}
    known = {key: value for key, value in found.items() if value is not None}
    if known:
        (state, pages), most = max(known.items(), key=lambda item: item[1])
        yield Verdict(most <= MOVED_MOST, "pages moved for each allocated, without pins",
                      f"at most {most:.3f} ({state}, {pages} pages)", f"<= {MOVED_MOST}")


def everyday(outcomes: Sequence[Outcome]) -> Iterator[Verdict]:
    """Medians: a page more or less on a list of free pages makes some rounds differ."""
    for name, values in extras(outcomes, COST).items():
        if not {"stock", "ours"} <= values.keys():
            continue
        stock, ours = (percentile(values[kernel], 50) for kernel in ("stock", "ours"))
        if name == "usable_pages":
            yield Verdict(ours >= stock * USABLE_LEAST, "memory for others while the area is idle",
                          f"{ours / 256:.0f} MiB", f">= {stock / 256:.0f} MiB less 1 %")
            continue
        yield Verdict(ours <= stock * SLOWER_MOST, f"{name} of a page, without any request",
                      f"{(ours / stock - 1) * 100:+.2f} %",
                      f"<= {(SLOWER_MOST - 1) * 100:+.1f} %")


def repeats(outcomes: Sequence[Outcome]) -> Iterator[Verdict]:
    """Boots that were done twice, and must have come out the same."""
    by_order = {(o.order.kernel, o.order.state, o.order.pages, o.order.repeat): o.samples[0].alloc
                for o in outcomes
                if o.samples and o.order.seed == 1 and o.order.look == "cost"}
    off = {key: abs(again / by_order[(*key[:3], 0)] - 1) for key, again in by_order.items()
           if key[3] and by_order.get((*key[:3], 0))}
    if off:
        (kernel, state, pages, _), most = max(off.items(), key=lambda item: item[1])
        yield Verdict(most <= REPEATS_WITHIN, f"repeated in the state {state}",
                      f"off by {most:.2%} at most ({kernel}, {pages} pages)",
                      f"<= {REPEATS_WITHIN:.0%}")


def judge(rows: Rows, outcomes: Sequence[Outcome]) -> list[Verdict]:
    """What was measured against all criteria that it lets us judge."""
    return [*gains(rows), *pins(rows), *successes(rows), *moves(rows), *everyday(outcomes),
            *repeats(outcomes)]
