# SPDX-License-Identifier: GPL-2.0
"""Lines for people, and the table of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cmatest.matrix.cells import CELLS, EXCLUDED, FACTORS
from cmatest.matrix.look import Found, worse

Key = tuple[str, str]  # of a cell, of a kernel
KERNELS = ("ours", "stock")
HEAD = """\
.. SPDX-License-Identifier: GPL-2.0
.. Made by "scripts/matrix --table" of tools/testing/cma/matrix.json: change nothing here.

===============================
CMA on kernels of several kinds
===============================

``make matrix`` runs each cell of this table twice: on a kernel with this allocator and on
stock 6.12. The cells are chosen so that each two values that can meet do so in at least
one cell. A run is two to four boots. In the first one, requests have
random sizes, and each is checked against the bitmap. The second one is a stress. Drivers
want pieces of the area, and all others hold, change, replace and give up pages: pins by
io_uring and pipes, mlock, fork, truncation, direct I/O, MADV_FREE, huge pages that are
split, KSM, swap, userfaultfd, migration by others, pages taken offline and poisoned.
Each job compares the contents of its pages all the time. In the third one, a driver
takes the whole area, while a real-time program uses pages of it. The longest fault is
how long the program waits at most for one page, in thousands of instructions; the three
longest waits are left out, since an interrupt may have come in between. In the fourth
one, programs and files fill memory, and after ten seconds a driver asks for 64 MiB, gives
them back, and asks once more after the files were read again. From the second one on, a
part of the area is ready for drivers, as the kernel comes; the first one is without. The
third one runs on one node. Neither it nor the fourth one runs on a debug kernel.

Splats are complaints of the kernel. Failures are other contents, jobs that ended or did
not run, and pages of the area that nobody can have afterwards, without those that were
poisoned. Served is the share of the driver's requests in the stress. Instructions are
those of the task that asks, for one request, on one processor. They are not counted on a
debug kernel, whose checks take most of them, nor is the longest fault. Worse in
"served" is a cell whose refusals would fall like that by luck in one of twenty runs or
less.
"""


def describe(found: Found | None) -> str:
    """One kernel in one cell."""
    if found is None:
        return "not run"
    cost = f", {found.instructions / 1000:.0f}k instructions" if found.instructions else ""
    waits = f", longest fault {found.longest_ns / 1000:.0f}k" if found.longest_ns else ""
    first = (f", first buffer {found.first_us / 1000:.2g} ms, next {found.again_us / 1000:.2g}"
             if found.first_us else "")
    return (f"{len(found.splats)} splats, {len(found.failures)} failures, "
            f"{found.served:.0f} % of {found.allocs + found.refused} served, "
            f"{found.lost} lost{cost}{waits}{first}")


def line(name: str, results: Mapping[Key, Found]) -> str:
    """The line of a cell."""
    ours, stock = (results.get((name, kernel)) for kernel in KERNELS)
    than = worse(ours, stock) if ours and stock else []
    return (f"{name}: ours {describe(ours)}; stock {describe(stock)}"
            f"{'; WORSE: ' + ', '.join(than) if than else ''}")


def row(name: str, results: Mapping[Key, Found]) -> Iterator[str]:
    ours, stock = (results.get((name, kernel)) for kernel in KERNELS)
    than = worse(ours, stock) if ours and stock else []
    yield f"   * - {name}"
    yield f"     - {describe(ours)}"
    yield f"     - {describe(stock)}"
    yield f"     - {', '.join(than) or ('-' if ours and stock else '')}".rstrip()


def details(results: Mapping[Key, Found]) -> Iterator[str]:
    """What went wrong, in full."""
    for (name, kernel), found in results.items():
        for what, texts in (("splat", found.splats), ("failure", found.failures)):
            for text in texts:
                yield f"{name}, {kernel}, {what}::\n\n  {text}\n"


def table(results: Mapping[Key, Found]) -> str:
    """The document."""
    ran = [name for name in CELLS if all((name, kernel) in results for kernel in KERNELS)]
    out = [HEAD, f"Of {len(CELLS)} cells {len(ran)} were run.", "",
           ".. list-table::", "   :header-rows: 1", "",
           "   * - Cell", "     - This allocator", "     - Stock", "     - Worse in"]
    for name in CELLS:
        out += row(name, results)
    out += ["", "The columns of a cell's name", "============================", ""]
    out += [f"- {name}: {', '.join(values)}" for name, values in FACTORS.items()]
    out += ["", "What cannot meet", "================", ""]
    out += [f"- {excluded.why}" for excluded in EXCLUDED]
    wrong = list(details(results))
    out += ["", "What went wrong", "===============", ""]
    out += wrong or ["Nothing."]
    return "\n".join(out).rstrip() + "\n"
