# SPDX-License-Identifier: GPL-2.0
"""The joining points: every edit made to a stock file that is no C code.

Each is named, is a pure function from text to text, and says how often it
matched; apply_join() refuses a tree where that is not as often as expected.
C code is joined by the semantic patches in scripts/hooks (see hooks.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from overlay.common import Problem

Edit = Callable[[str], tuple[str, int]]

# Stock files that the overlay replaces at the same path.
REPLACED = (
    "include/linux/cma.h",
    "include/trace/events/cma.h",
    "kernel/dma/contiguous.c",
    "mm/cma.c",
)
# Stock files that have no successor at their path.
REMOVED = ("mm/cma.h", "mm/cma_debug.c", "mm/cma_sysfs.c")
# Where the overlay may replace stock files that are not listed above.
FREE_TO_REPLACE = ("Documentation/",)

DMA_SYMBOLS = {
    "DMA_CMA", "DMA_NUMA_CMA", "CMA_SIZE_MBYTES", "CMA_SIZE_PERCENTAGE",
    "CMA_SIZE_SEL_MBYTES", "CMA_SIZE_SEL_PERCENTAGE", "CMA_SIZE_SEL_MIN",
    "CMA_SIZE_SEL_MAX", "CMA_ALIGNMENT",
}
# Their names stand in scripts/hooks/vmstat-balance.cocci, in the same order.
BALANCE_EVENTS = "\n".join(f"\t\tCMA_BALANCE_{event}," for event in (
    "MOVED", "STUCK", "REFUSED_ROOM", "REFUSED_SOURCE", "REFUSED_QUIET"))


@dataclass(frozen=True)
class Join:
    """One joining point.

    @path: the stock file; @what: the place in it, in words
    @edit: from old text to (new text, matches); @needs: applied only when
    the overlay has this file; @want: how many matches there have to be
    """

    path: str
    what: str
    edit: Edit
    needs: str = ""
    want: int = 1

    @property
    def name(self) -> str:
        return f"{self.path}: {self.what}"


def substitute(pattern: str, new: str) -> Edit:
    """Replace each match of @pattern (whole lines, ^ and $ match there) by @new."""
    return lambda text: re.subn(pattern, lambda _: new, text, flags=re.M)


def insert_after(line: str, new: str) -> Edit:
    """Put the line @new after each line that is exactly @line."""
    return substitute(rf"^{re.escape(line)}\n", f"{line}\n{new}\n")


def replace_config(symbol: str, new: str = "") -> Edit:
    """Replace the Kconfig entry of @symbol, up to the next unindented line, by @new."""
    return substitute(rf"^config {symbol}\n(?:(?:[ \t].*)?\n)*", new)


def replace_dma_block(new: str) -> Edit:
    """Replace DMA_CMA and its if block by @new, but only if we know all that is in it."""
    block = re.compile(r"^config DMA_CMA\n(?:(?:[ \t].*)?\n)*"
                       r"if[ \t]+DMA_CMA\n(?:(?!(?:end)?if\b).*\n)*endif\b.*\n", re.M)

    def edit(text: str) -> tuple[str, int]:
        known = [part for part in block.findall(text)
                 if set(re.findall(r"^config (\w+)", part, re.M)) == DMA_SYMBOLS]
        return (block.sub(lambda _: new, text) if known else text), len(known)

    return edit


def insert_maintainers(entry: str) -> Edit:
    """Put @entry among the sections of MAINTAINERS, which stand in order of the alphabet."""
    title = entry.splitlines()[0]

    def edit(text: str) -> tuple[str, int]:
        start = text.find("Maintainers List")
        for section in re.finditer(r"\n\n(?=([A-Z0-9].*)\n[A-Z]:\t)", text[max(start, 0):]):
            if start >= 0 and section.group(1) > title:
                at = start + section.end()
                return text[:at] + entry.rstrip("\n") + "\n\n" + text[at:], 1
        return text, 0

    return edit


def apply_join(join: Join, text: str) -> str:
    """Apply @join to @text, or say which joining point does not match."""
    new, found = join.edit(text)
    if found == join.want:
        return new
    raise Problem(f"joining point '{join.name}' does not match this tree "
                  f"(found {found}, want {join.want}); the stock file differs from "
                  "6.12.y there: look at it and adapt scripts/overlay/join.py")


def joins(maintainers: str) -> tuple[Join, ...]:
    """All joining points; @maintainers is the text of our MAINTAINERS section."""
    return (
        Join("mm/Kconfig", "config CMA",
             replace_config("CMA", 'source "mm/cma/Kconfig"\n\n')),
        Join("mm/Kconfig", "config CMA_DEBUGFS", replace_config("CMA_DEBUGFS")),
        Join("mm/Kconfig", "config CMA_SYSFS", replace_config("CMA_SYSFS")),
        Join("mm/Kconfig", "config CMA_AREAS", replace_config("CMA_AREAS")),
        Join("kernel/dma/Kconfig", "config DMA_CMA to endif",
             replace_dma_block('source "mm/cma/Kconfig.dma"\n')),
        Join("kernel/dma/Makefile", "contiguous.o",
             substitute(r"^obj-\$\(CONFIG_DMA_CMA\)\s*\+=\s*contiguous\.o$",
                        "obj-$(CONFIG_DMA_CMA)\t\t\t+= contiguous.o\n"
                        "obj-$(and $(CONFIG_DMA_CMA),$(CONFIG_OF_RESERVED_MEM))"
                        " += contiguous_of.o"),
             needs="kernel/dma/contiguous_of.c"),
        Join("mm/Makefile", "cma.o",
             substitute(r"^obj-\$\(CONFIG_CMA\)\s*\+=\s*cma\.o$",
                        "obj-$(CONFIG_CMA)\t+= cma.o cma/")),
        Join("mm/Makefile", "cma_debug.o",
             substitute(r"^obj-\$\(CONFIG_CMA_DEBUGFS\)\s*\+=\s*cma_debug\.o\n", "")),
        Join("mm/Makefile", "cma_sysfs.o",
             substitute(r"^obj-\$\(CONFIG_CMA_SYSFS\)\s*\+=\s*cma_sysfs\.o\n", "")),
        Join("include/linux/vm_event_item.h", "after CMA_ALLOC_FAIL",
             insert_after("\t\tCMA_ALLOC_FAIL,", BALANCE_EVENTS)),
        Join("samples/Kconfig", "endif # SAMPLES",
             substitute(r"^endif # SAMPLES$", 'source "samples/cma/Kconfig"\n\nendif # SAMPLES'),
             needs="samples/cma/Kconfig"),
        Join("samples/Makefile", "after cgroup",
             insert_after("subdir-$(CONFIG_SAMPLE_CGROUP) += cgroup",
                          "obj-$(CONFIG_SAMPLE_CMA)\t\t+= cma/"),
             needs="samples/cma/Kconfig"),
        Join("tools/testing/selftests/Makefile", "after clone3",
             insert_after("TARGETS += clone3", "TARGETS += cma"),
             needs="tools/testing/selftests/cma/Makefile"),
        Join("Documentation/mm/index.rst", "after balance",
             insert_after("   balance", "   cma\n   cma-maintainer-profile\n   cma-rules"),
             needs="Documentation/mm/cma.rst"),
        Join("Documentation/admin-guide/mm/index.rst", "after cma_debugfs",
             insert_after("   cma_debugfs", "   cma"),
             needs="Documentation/admin-guide/mm/cma.rst"),
        Join("MAINTAINERS", "section by alphabet", insert_maintainers(maintainers)),
    )
