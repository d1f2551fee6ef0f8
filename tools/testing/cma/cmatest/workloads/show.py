# SPDX-License-Identifier: GPL-2.0
"""The workloads as a table on the terminal, and as a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cmatest import guest
from cmatest.bench import guests
from cmatest.workloads.cases import GROUPS, PLAIN_MIB, TITLES
from cmatest.bench.judge import Verdict
from cmatest.workloads.limits import Row, cost_ratio, time_ratio
from cmatest.bench.report import markdown
from cmatest.workloads.told import Told

HEAD = ("workload", "stock MiB", "ours MiB", "ratio", "CMA free", "cost", "time", "moved", "bad",
        "64 MiB")

HOW = f"""\
Memory that can be moved is there first; then a process wants memory that cannot be moved, until it
is killed for it. `MiB` is what it had then, `CMA free` what was free in the area at that moment
(stock / ours, MiB), `moved` the pages that ours moved into the area for it, `bad` the parts of
memory with other contents than before, `64 MiB` whether a driver got that much right afterwards.
`cost` (stock / ours) is in guest instructions for each MiB, all that ran until the process was
gone, relative to {PLAIN_MIB} MiB beside the same memory on a machine with 3 GiB and no area; `time`
is virtual time, which passes also while all tasks sleep.

QEMU's `virt` machine (arm64: cortex-a53, arm: cortex-a15; 2 processors, 1 GiB, `cma=640M` unless
the workload says more; arm: `cma=512M`) with `-icount shift=0,sleep=off`: one instruction takes
1 ns. The workloads `parallel` and those of arm run by the clock, on two processors at once.
"""


def both(row: Row, text: dict[str, str]) -> str:
    return " / ".join(text[name] for name in ("stock", "ours") if name in row)


def ratios(row: Row, of: Callable[[Row, str], float | None]) -> str:
    found = {name: of(row, name) for name in ("stock", "ours")}
    if not any(found.values()):
        return "-"
    return both(row, {name: f"{value:.2f}x" if value else "-" for name, value in found.items()})


def mib(told: Told | None) -> str:
    if not told or not told.got:
        return "-"
    members = f" ({told.members['alive']} alive)" if told.members else ""
    return f"{told.got:.1f}{members}"


def line(name: str, row: Row) -> list[str]:
    stock, ours = row.get("stock"), row.get("ours")
    ratio = f"{ours.got / stock.got:.2f}x" if stock and ours and stock.got else "-"
    free = both(row, {kernel: str(told.cma_free) for kernel, told in row.items()})
    bad = both(row, {kernel: str(told.bad) for kernel, told in row.items()})
    after = both(row, {kernel: "ok" if not told.after else str(told.after)
                       for kernel, told in row.items()})
    moved = str(ours.counters.get("cma_balance_moved", "-")) if ours else "-"
    return [name, mib(stock), mib(ours), ratio, free, ratios(row, cost_ratio),
            ratios(row, time_ratio), moved, bad, after]


def lines(rows: dict[str, Row]) -> list[list[str]]:
    return [line(name, row) for name, row in rows.items()]


def table(rows: dict[str, Row]) -> str:
    """Columns of text: the first to the left, the others to the right."""
    body = [list(HEAD), *lines(rows)]
    widths = [max(map(len, column)) for column in zip(*body)]
    return "\n".join("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths)))
                     for row in body)


def counters(rows: dict[str, Row]) -> str:
    """What the kernels counted during the demand; only what is not always zero."""
    all_told = [told for row in rows.values() for told in row.values() if told.counters]
    names = [name for name in (all_told[0].counters if all_told else ())
             if any(told.counters.get(name) for told in all_told)]
    if not names:
        return "Nothing."
    return markdown(["boot", *names], [
        [told.name.removeprefix("workload-"), *(str(told.counters.get(name, 0)) for name in names)]
        for told in all_told])


def identity(kernels: dict[str, guest.Kernel]) -> str:
    return "\n".join([f"- this tree: {guests.commit()}",
                      *(f"- {name}: `{kernel.image}`, sha256 {guests.digest(kernel.image)}"
                        for name, kernel in kernels.items())])


def report(kernels: dict[str, guest.Kernel], rows: dict[str, Row],
           verdicts: Sequence[Verdict]) -> str:
    """The whole report, as Markdown."""
    legend = "\n".join(f"- {group}: {TITLES[group]}" for group in GROUPS)
    problems = [f"- {told.name}: {told.problem}" for row in rows.values()
                for told in row.values() if told.problem]
    parts = {
        "A big area that starves nobody": f"{identity(kernels)}\n\n{HOW}",
        "Criteria": "\n".join(f"- {verdict}" for verdict in verdicts),
        "Figures": markdown(HEAD, lines(rows)),
        "Workloads": legend,
        "What the kernels counted": counters(rows),
        "Boots that went wrong": "\n".join(problems) or "None.",
    }
    return "\n".join(f"{'#' * (1 if i == 0 else 2)} {title}\n\n{body.rstrip()}\n"
                     for i, (title, body) in enumerate(parts.items()))
