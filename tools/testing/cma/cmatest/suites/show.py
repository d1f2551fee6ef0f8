# SPDX-License-Identifier: GPL-2.0
"""Lines for people, and the table of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cmatest.suites.cells import CELLS, CONSUMERS
from cmatest.suites.look import Found, worse

Key = tuple[str, str]  # of a cell, of a kernel
KERNELS = ("ours", "stock")
HEAD = """\
.. SPDX-License-Identifier: GPL-2.0
.. Made by "scripts/suites --table" of tools/testing/cma/suites.json: change nothing here.

=================================================
CMA beside drivers, suites and programs of others
=================================================

``make consumers`` boots the machines of the first rows on this allocator and on stock 6.12:
drivers of others that want buffers, and what else happens to such a machine. A test of
these rows may ask for what only this allocator has, so some fail on stock.

``make suites`` boots Debian 12 on both, the kernels of a board with one configuration, on
x86_64 under QEMU. systemd starts the tests in a slice of its own, with a cpuset and a
memory cgroup; zram is the swap that zram-tools makes. A large part of memory is an area,
so much of what the tests use lies in it. In the rows of stress-ng and rt-tests a driver
takes and gives back 1 to 8192 pages at the same time, again and again.

A figure is a number of tests: passed / failed / left out, as the suites themselves tell. A
program that does not tell counts as one test, by its exit status. A row is worse if a
test failed on this allocator and not on stock, or if the kernel complained there only.
"""


def titles(name: str) -> list[str]:
    if name in CONSUMERS:
        return [CONSUMERS[name].title]
    return [program.title for program in CELLS[name].programs]


def counts(found: Found | None, title: str) -> str:
    """What came of the tests below @title."""
    if found is None:
        return "not run"
    told = [value for name, value in found.outcomes.items()
            if name == title or name.startswith(f"{title}: ")]
    several = [value for name, value in found.outcomes.items() if name.startswith(f"{title}: ")]
    return " / ".join(str((several or told).count(kind)) for kind in ("pass", "fail", "skip"))


def differences(results: Mapping[Key, Found], name: str) -> list[str]:
    ours, stock = (results.get((name, kernel)) for kernel in KERNELS)
    return worse(ours, stock) if ours and stock else []


def line(name: str, results: Mapping[Key, Found]) -> str:
    """The line of a cell."""
    told = []
    for kernel in KERNELS:
        found = results.get((name, kernel))
        told.append(f"{kernel} " + ("not run" if found is None else " / ".join(
            str(found.count(kind)) for kind in ("pass", "fail", "skip"))))
    than = differences(results, name)
    return f"{name}: {', '.join(told)}{f'; WORSE: {len(than)}: ' + '; '.join(than) if than else ''}"


def rows(name: str, results: Mapping[Key, Found]) -> Iterator[str]:
    ours, stock = (results.get((name, kernel)) for kernel in KERNELS)
    than = differences(results, name)
    for title in titles(name):
        yield f"   * - {title}"
        yield f"     - {counts(ours, title)}"
        yield f"     - {counts(stock, title)}"
        mine = [text for text in than if text == title or text.startswith(f"{title}: ")]
        yield f"     - {len(mine) or ('-' if ours and stock else '')}".rstrip()


def told(results: Mapping[Key, Found]) -> Iterator[str]:
    """What programs and the driver said of themselves."""
    for name in (*CONSUMERS, *CELLS):
        for kernel in KERNELS:
            found = results.get((name, kernel))
            for key, text in (found.told if found else {}).items():
                if key not in ("memory", "memory_end", "cgroup", "zram"):
                    yield f"- {name}, {key}, {kernel}: {text}"


def wrong(results: Mapping[Key, Found]) -> Iterator[str]:
    """All that is worse, and then what fails on both, by name."""
    for name in (*CONSUMERS, *CELLS):
        for text in differences(results, name):
            yield f"- {name}: worse: ``{text}``"
    for name in (*CONSUMERS, *CELLS):
        ours, stock = (results.get((name, kernel)) for kernel in KERNELS)
        both = [test for test in ours.named("fail")
                if stock.outcomes.get(test) == "fail"] if ours and stock else []
        if both:
            yield f"- {name}, on both: {', '.join(f'``{test}``' for test in both)}"


def made(results: Mapping[Key, Found]) -> str:
    """Which commits, releases and days."""
    found = list(results.values())
    bare = sorted({item.cell for item in found if item.told.get("zram") == ""})
    return (f"Made of commit {', '.join(sorted({item.commit for item in found}))}, "
            f"kernels {', '.join(sorted({item.release for item in found if item.release}))}, "
            f"{', '.join(sorted({item.date for item in found}))}."
            + f" Without swap: {', '.join(bare)}." * bool(bare))


def table(results: Mapping[Key, Found]) -> str:
    """The document."""
    out = [HEAD, made(results), "", ".. list-table::", "   :header-rows: 1", "",
           "   * - Suite", "     - This allocator", "     - Stock", "     - Worse"]
    for name in (*CONSUMERS, *CELLS):
        out += rows(name, results)
    out += ["", "What they said", "==============", "", *(list(told(results)) or ["Nothing."])]
    out += ["", "What failed", "===========", "", *(list(wrong(results)) or ["Nothing."])]
    return "\n".join(out).rstrip() + "\n"
