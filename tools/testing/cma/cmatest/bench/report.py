# SPDX-License-Identifier: GPL-2.0
"""The report: all figures, and what they were measured with."""

from __future__ import annotations

from collections.abc import Sequence

from cmatest import guest
from cmatest.bench import guests
from cmatest.bench.figures import Cell, Rows, Spread, extras
from cmatest.bench.judge import Verdict
from cmatest.bench.outcome import Outcome
from cmatest.bench.states import KERNELS, OTHERS, SIZES, STATES
from cmatest.bench.table import HEAD, decimal, lines, ordered, thousands

HOW = """\
A cost is virtual time of QEMU's `virt` machine (arm64, cortex-a53, 2 processors, 1 GiB,
`cma=256M`) with `-icount shift=0,sleep=off`: one instruction of any processor takes 1 ns, and idle
time passes until the next timer. It is read with clock_gettime() (16 ns steps) around one write to
`alloc` or `free` in debugfs, less the cost of two looks at the clock. What the write itself costs
without a request (about 700 instructions) is in it. Caches, TLBs and memory bandwidth do not exist.

Each (state, size, seed) has a boot of its own. The state is made the same way on both kernels:
memory outside the area is taken away, the area is filled to the last page, the memory outside is
given back. Before each request the guest counts what is in the area; a boot in another state than
was asked for is a failed one. Failed requests are in no median. Without a disk, a boot repeats to
the instruction; with one (cache, cachemap, dirty, cost) it does not, because the disk works in real
time. Windows, drains and time with interrupts off come from boots of their own, with tracing;
drains and interrupts from a second pair of kernels.
"""


def cells(row: Sequence[str]) -> str:
    return f"| {' | '.join(row)} |"


def markdown(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    rule = cells(["---", *["--:"] * (len(head) - 1)])
    return "\n".join([cells(head), rule, *(cells(row) for row in body)])


def spread_of(spread: Spread | None) -> list[str]:
    if not spread:
        return ["-"] * 3
    return [thousands(value) for value in (spread.p50, spread.p99, spread.most)]


def whole(value: int | None) -> str:
    return "-" if value is None else str(value)


def detail(rows: Rows) -> str:
    """A line for each kernel, with all that the table leaves out."""
    head = ["state", "pages", "kernel", "alloc p50", "p99", "max", "own p50", "release p50", "p99",
            "max", "failed p50", "windows", "background", "irqs off us", "page drains",
            "lru drains"]
    body = []
    for key in ordered(rows):
        for kernel in KERNELS:
            cell = rows[key].get(kernel, Cell())
            own, failed = cell.spread("own"), cell.failure()
            body.append([
                key[0], str(key[1]), kernel, *spread_of(cell.spread("alloc")),
                spread_of(own)[0], *spread_of(cell.spread("release")), spread_of(failed)[0],
                decimal(cell.tried()), thousands(cell.background()),
                *(whole(cell.deepest(what)) for what in
                  ("irqs_off_us", "page_drains", "lru_drains"))])
    return markdown(head, body)


def identity(kernels: dict[str, guest.Kernel]) -> str:
    """What was measured: the tree, the images, and how their configurations differ."""
    said = [f"- this tree: {guests.commit()}"]
    said += [f"- {name}: `{kernel.image}`, sha256 {guests.digest(kernel.image)}"
             for name, kernel in kernels.items()]
    for deep in ("", "-depth"):
        pair = [kernels.get(f"{name}{deep}") for name in KERNELS]
        if pair[0] and pair[1]:
            differ = guests.compare(pair[0], pair[1])
            said.append(f"- stock{deep} and ours{deep} are configured alike, but for: "
                        f"{', '.join(differ) or 'nothing'}")
    return "\n".join(said)


def other_lines(outcomes: Sequence[Outcome]) -> list[list[str]]:
    """What boots without requests found out: a line for each figure and kernel."""
    return [[state, name, kernel, " ".join(str(value) for value in sorted(values[kernel]))]
            for state in OTHERS for name, values in extras(outcomes, state).items()
            for kernel in KERNELS if kernel in values]


def others(outcomes: Sequence[Outcome]) -> str:
    body = other_lines(outcomes)
    if not body:
        return "Not measured."
    return (markdown(["measurement", "figure", "kernel", "values, sorted"], body) +
            "\n\n`fault`, `read`, `uncached`: instructions for a thousand pages (64 MiB in rounds; "
            "`uncached` is\nthe run time of the reader alone: the disk works in real time). "
            "`usable_pages`: what one\nprocess got before it was killed for memory. "
            "`both`, `each`: nanoseconds of real time, two tasks\nasking for 16384 pages each of "
            "areas full of anonymous memory, without icount. `asked`, `failed`:\nbuffers of 80 KiB "
            "to 8.1 MiB that live for 2 to 4096 steps, in an area that nobody else uses.")


def legend() -> str:
    return "\n".join(f"- {state.name}: {state.title}" for state in STATES.values())


def report(kernels: dict[str, guest.Kernel], outcomes: Sequence[Outcome], rows: Rows,
           verdicts: Sequence[Verdict]) -> str:
    """The whole report, as Markdown."""
    problems = [f"- {o.order.name}: {o.problem}" for o in outcomes if o.problem]
    parts = {
        "Ours against stock": f"{identity(kernels)}\n\n{HOW}",
        "Criteria": "\n".join(f"- {verdict}" for verdict in verdicts) or "None could be judged.",
        "Requests": (f"Thousands of instructions, medians; the ratio is stock / ours, the median "
                     f"of the pairs with\nequal contents. Sizes: {', '.join(map(str, SIZES))} "
                     f"pages.\n\n{markdown(HEAD, lines(rows))}"),
        "Every kernel by itself": f"{detail(rows)}\n\n`own` is the part of `alloc` that ran in the "
                                  "task that asked; `background` is what other tasks ran.",
        "Without a request, and two at once": others(outcomes),
        "States": legend(),
        "Not measured": "\n".join(problems) or "Nothing that was ordered is missing.",
    }
    return "\n".join(f"{'#' * (1 if i == 0 else 2)} {title}\n\n{body.rstrip()}\n"
                     for i, (title, body) in enumerate(parts.items()))
