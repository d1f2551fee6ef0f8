# SPDX-License-Identifier: GPL-2.0
"""What is wanted of ours, and whether it was found."""

from __future__ import annotations

from collections.abc import Iterator

from cmatest.workloads.cases import PLAIN_MIB
from cmatest.bench.judge import Verdict
from cmatest.workloads.told import Told

COST_MOST = 3.0
WORSE_MOST = 0.02
LIMIT_LEAST = 0.9

Row = dict[str, Told]  # by kernel; "plain" is the machine without CMA


def cost_ratio(row: Row, kernel: str) -> float | None:
    """Instructions for each MiB, relative to the machine without CMA."""
    told, plain = row.get(kernel), row.get("plain")
    if not told or not plain or not told.cost or not plain.cost:
        return None
    return told.cost / plain.cost


def time_ratio(row: Row, kernel: str) -> float | None:
    """Virtual time for each MiB, of which instructions are a part."""
    told, plain = row.get(kernel), row.get("plain")
    if not told or not plain or not told.got or not plain.got or not plain.whole:
        return None
    return told.whole / told.got / (plain.whole / plain.got)


def amount(ours: Told, least: float) -> Verdict:
    return Verdict(ours.got >= least, f"{ours.case.name}: unmovable memory",
                   f"{ours.got:.1f} MiB", f">= {least:g} MiB")


def cost(row: Row) -> Verdict:
    found = cost_ratio(row, "ours")
    return Verdict(found is not None and found <= COST_MOST,
                   f"{row['ours'].case.name}: instructions of the demand",
                   "not measured" if found is None else f"{found:.2f}x",
                   f"<= {COST_MOST:g}x of those without CMA, for each of {PLAIN_MIB} MiB")


def as_stock(stock: Told, ours: Told) -> Verdict:
    good = 0 < ours.mark <= stock.mark * (1 + WORSE_MOST)
    return Verdict(good, f"{ours.case.name}: instructions of {ours.case.mark} MiB, a small area",
                   f"{ours.mark:.2f} million", f"<= {stock.mark:.2f} million and {WORSE_MOST:.0%}")


def limited(ours: Told, limit: float) -> Iterator[Verdict]:
    """The limit is what ends it, and nothing is moved for what may not be had."""
    yield Verdict(LIMIT_LEAST * limit <= ours.got <= limit,
                  f"{ours.case.name}: memory under a limit", f"{ours.got:.1f} MiB",
                  f"{LIMIT_LEAST:.0%} of {limit:g} MiB or more, never above")
    moved = ours.counters.get("cma_balance_moved", 0)
    yield Verdict(not moved, f"{ours.case.name}: pages moved into the area", str(moved), "none")


def contained(row: Row) -> Iterator[Verdict]:
    ours = row["ours"].members
    wanted = ours.get("wanted", 0)
    yield Verdict(0 < wanted == ours["alive"] == ours["good"], "container: processes alive on ours",
                  f"{ours.get('alive', 0)}", f"all {wanted}")
    if "stock" in row:
        alive = row["stock"].members.get("alive", 0)
        yield Verdict(0 < alive < wanted, "container: processes alive on stock", f"{alive}",
                      f"fewer than {wanted}: or the workload is too easy")


def sound(told: Told) -> Iterator[Verdict]:
    name = told.case.name
    if told.problem:
        yield Verdict(False, f"{name}: the boot", told.problem, "no problem")
    if told.bad:
        yield Verdict(False, f"{name}: contents", f"{told.bad} bad", "none")
    if told.after:
        yield Verdict(False, f"{name}: 64 MiB for a driver afterwards", f"error {told.after}",
                      "success")


def judge_row(row: Row) -> Iterator[Verdict]:
    ours = row["ours"]
    bad = list(sound(ours))
    yield from bad
    if ours.problem:
        return
    if ours.case.least:
        yield amount(ours, ours.case.least)
    if ours.case.plain:
        yield cost(row)
    if ours.case.limit:
        yield from limited(ours, ours.case.limit)
    if ours.case.mark and "stock" in row:
        yield as_stock(row["stock"], ours)
    if ours.case.action == "container":
        yield from contained(row)


def never_worse(rows: dict[str, Row]) -> Iterator[Verdict]:
    """One line, or one for each workload in which ours has less than stock."""
    pairs = [(row["stock"], row["ours"]) for row in rows.values()
             if {"stock", "ours"} <= row.keys()]
    worse = [(stock, ours) for stock, ours in pairs if ours.got < stock.got * (1 - WORSE_MOST)]
    for stock, ours in worse:
        yield Verdict(False, f"{ours.case.name}: unmovable memory", f"{ours.got:.1f} MiB",
                      f">= {stock.got:.1f} MiB less {WORSE_MOST:.0%}, as stock")
    if pairs and not worse:
        yield Verdict(True, "unmovable memory",
                      f"as much as with stock in all {len(pairs)} workloads",
                      f"never less than that less {WORSE_MOST:.0%}")


def judge(rows: dict[str, Row]) -> list[Verdict]:
    """All that these rows let us judge."""
    verdicts = [verdict for row in rows.values() if "ours" in row for verdict in judge_row(row)]
    count = sum("ours" in row for row in rows.values())
    broken = sum(bool(list(sound(row["ours"]))) for row in rows.values() if "ours" in row)
    whole = Verdict(count > 0 and not broken, "contents, and 64 MiB afterwards",
                    f"right in {count - broken} of {count} workloads", "all")
    return [*verdicts, *never_worse(rows), whole]
