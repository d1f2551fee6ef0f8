# SPDX-License-Identifier: GPL-2.0
"""The everyday states as tables, and whether they are as they should be."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from cmatest.bench.judge import Verdict
from cmatest.bench.report import markdown
from cmatest.everyday.states import ASKERS, KERNELS, SIZES, STATES, Order, Told

AGAIN_MOST = 1.2  # of the price of free memory
FIRST_MOST = 1.0  # of stock's
CACHED_LEAST = 0.98  # of stock's, before anybody asked
TITLES = {"first": "the first driver", "again": "who has asked before"}

HEAD = """\
.. SPDX-License-Identifier: GPL-2.0
.. Made by "scripts/everyday --document": change nothing here.

====================================
CMA in everyday states of a machine
====================================

A machine has done something, and then a driver asks for 1, 16 and 64 MiB. Each buffer is
given back before the next one is asked for. Who has asked before does it again, after the
files were read once more. The figures are milliseconds for 1 / 16 / 64 MiB, and then how
many MiB of the area were free and how many MiB of files were cached before the first
request.

arm64 under QEMU, 1 GiB, ``cma=256M``, two processors. One instruction of the guest takes a
nanosecond. ext4 keeps its files in single pages in 6.12, XFS in large folios. ``make
everyday`` measures it anew, with ``MAINLINE=`` the tree of a newer release."""

# Of a state: its name, the file system, the seconds of rest.
Key = tuple[str, str, int]
Row = dict[str, list[Told]]  # by kernel


def key_of(order: Order) -> Key:
    return order.state, order.system, order.rest


def rows_of(all_told: list[Told]) -> dict[Key, Row]:
    rows: dict[Key, Row] = {}
    for told in all_told:
        if not told.problem:
            rows.setdefault(key_of(told.order), {}).setdefault(told.order.kernel, []).append(told)
    return rows


def ms(row: Row, kernel: str, who: str, mib: int) -> float | None:
    """The median of the seeds."""
    found = [told.ms[who, mib] for told in row.get(kernel, [])]
    return median(found) if found else None


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2g}" if value >= 0.1 else f"{value:.3f}"


def prices(row: Row, kernel: str, who: str) -> str:
    return " / ".join(number(ms(row, kernel, who, mib)) for mib in SIZES)


def memory(row: Row, kernel: str) -> str:
    told = row.get(kernel)
    if not told:
        return "-"
    return f"{median(boot.free_mib for boot in told):.0f}, " \
           f"{median(boot.cached_mib for boot in told):.0f}"


def tables(rows: dict[Key, Row]) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """A table for each file system, rest and who asks: title, head and body."""
    kernels = [name for name in KERNELS if any(name in row for row in rows.values())]
    head = ["state", *kernels, *(f"free, cached: {name}" for name in kernels)]
    for system, rest in sorted({(key[1], key[2]) for key in rows}):
        for who in ASKERS:
            body = [[STATES[key[0]].title, *(prices(row, name, who) for name in kernels),
                     *(memory(row, name) for name in kernels)]
                    for key, row in rows.items() if key[1:] == (system, rest)]
            when = f"after {rest} s of rest" if rest else "at once"
            yield f"{system}, {when}, {TITLES[who]}", head, body


def text(rows: dict[Key, Row]) -> str:
    """Milliseconds of the guest for 1 / 16 / 64 MiB; MiB free in the area, MiB cached."""
    return "\n\n".join(f"{title}\n\n{markdown(head, body)}" for title, head, body in tables(rows))


def releases(rows: dict[Key, Row]) -> str:
    """Which kernels these are."""
    found = {name: told[0].release for row in rows.values() for name, told in row.items()}
    return ", ".join(f"{name} {found[name]}" for name in KERNELS if name in found)


def list_table(head: list[str], body: list[list[str]]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [head, *body]:
        lines += [f"   {'*' if not i else ' '} - {cell}" for i, cell in enumerate(row)]
    return "\n".join(lines)


def document(rows: dict[Key, Row], made: str) -> str:
    """The page of the documentation; @made tells when, and of which commit."""
    parts = [HEAD, f"Made {made}: {releases(rows)}."]
    for title, head, body in tables(rows):
        parts.append(f"{title}\n{'=' * len(title)}\n\n{list_table(head, body)}")
    short = [f"- {found}".replace("SHORT ", "") for found in judge(rows) if not found.good]
    title = "What falls short"
    parts.append("\n".join([title, "=" * len(title), "", *(short or ["Nothing."])]))
    return "\n\n".join(parts) + "\n"


def verdict(what: str, found: float, base: float, most: float) -> Verdict:
    return Verdict(found <= base * most, what, f"{found:.3f} ms", f"<= {most:g} x {base:.3f} ms")


def judge_prices(key: Key, row: Row, idle: Row) -> Iterator[Verdict]:
    where = " ".join([key[0], key[1], f"{key[2]} s"])
    for mib in SIZES:
        stock, first = ms(row, "stock", "first", mib), ms(row, "ours", "first", mib)
        again, free = ms(row, "ours", "again", mib), ms(idle, "ours", "first", mib)
        if stock is not None and first is not None:
            yield verdict(f"{where}, the first driver, {mib} MiB", first, stock, FIRST_MOST)
        if key[2] and again is not None and free is not None:
            yield verdict(f"{where}, who has asked before, {mib} MiB", again, free, AGAIN_MOST)


def judge_cached(key: Key, row: Row) -> Iterator[Verdict]:
    if not (key[2] and STATES[key[0]].files and "stock" in row and "ours" in row):
        return
    stock, ours = (median(told.cached_mib for told in row[name]) for name in ("stock", "ours"))
    yield Verdict(ours >= CACHED_LEAST * stock, f"{key[0]} {key[1]}, cached at rest",
                  f"{ours:.0f} MiB", f">= {CACHED_LEAST:g} x {stock:.0f} MiB")


def judge(rows: dict[Key, Row]) -> list[Verdict]:
    found: list[Verdict] = []
    for key, row in rows.items():
        found += judge_prices(key, row, rows.get(("idle", "ext4", key[2]), {}))
        found += judge_cached(key, row)
    return found
