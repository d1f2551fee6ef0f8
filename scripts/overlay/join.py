# SPDX-License-Identifier: GPL-2.0
"""The joining points: every edit made to a stock file that is no C code.

Each is named, is a pure function from text to text, and says how often it
matched; apply_join() refuses a tree where that is not as often as expected,
unless somebody has made the edit by hand there.
C code is joined by the semantic patches in scripts/hooks (see hooks.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from overlay.points import Outcome, excerpt, mismatch

Edit = Callable[[str], tuple[str, int]]

# Stock files that the overlay replaces at the same path.
REPLACED = (
    "include/linux/cma.h",
    "include/trace/events/cma.h",
    "kernel/dma/contiguous.c",
    "mm/cma.c",
)
# Stock files that have no successor at their path, unless the repo has one.
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
    @edit: from old text to (new text, matches), which must be one
    @hand: how to make it by hand, and @done: the text that shows that somebody did
    @near: finds the place, for messages
    @needs: applied only when the overlay has this file
    @lost: what is lost without it; empty if it is needed
    @group: all of a group are applied, or none
    """

    path: str
    what: str
    edit: Edit
    hand: str
    done: str
    near: str
    needs: str = ""
    lost: str = ""
    group: str = ""

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


def apply_join(join: Join, text: str, stock: str) -> tuple[str, Outcome]:
    """Apply @join to @text, which was @stock before other joins, or raise a Mismatch."""
    new, found = join.edit(text)
    if found == 1:
        return new, Outcome(join.name, join.lost, "6.12")
    if found == 0 and join.done in stock:
        return text, Outcome(join.name, join.lost, "made by hand")
    raise mismatch(join.name, f"found {found}, want 1", excerpt(join.path, stock, join.near),
                   f"{join.path}: {join.hand}")


def kconfig(symbol: str, new: str = "") -> Join:
    """The entry of @symbol in mm/Kconfig."""
    source = 'source "mm/cma/Kconfig"'
    return Join("mm/Kconfig", f"config {symbol}", replace_config(symbol, new),
                f"put the line {source} in the place of the entries of CMA, CMA_DEBUGFS, "
                "CMA_SYSFS and CMA_AREAS, and of what else there is for CMA alone",
                source, rf"\b{symbol}\b|\bCMA")


def mm_object(name: str, symbol: str, new: str = "") -> Join:
    """The line of the object @name in mm/Makefile."""
    return Join("mm/Makefile", f"{name}.o",
                substitute(rf"^obj-\$\(CONFIG_{symbol}\)\s*\+=\s*{name}\.o\n", new),
                "have one line for CMA: obj-$(CONFIG_CMA) += cma.o cma/",
                "cma.o cma/\n", rf"\b{name}\b|CONFIG_CMA")


def line_after(path: str, what: str, line: str, new: str, **more: str) -> Join:
    """The line @new, or lines, after the line @line."""
    return Join(path, what, insert_after(line, new),
                f"put these lines where such lines stand:\n{new}", f"{new}\n",
                more.pop("near", re.escape(line.split()[-1])), **more)


def joins(maintainers: str) -> tuple[Join, ...]:
    """All joining points; @maintainers is the text of our MAINTAINERS section."""
    dma_source = 'source "mm/cma/Kconfig.dma"\n'
    dma_objects = ("obj-$(CONFIG_DMA_CMA)\t\t\t+= contiguous.o\n"
                   "obj-$(and $(CONFIG_DMA_CMA),$(CONFIG_OF_RESERVED_MEM)) += contiguous_of.o")
    samples = {"needs": "samples/cma/Kconfig", "group": "samples",
               "lost": "the sample driver is not built"}
    return (
        kconfig("CMA", 'source "mm/cma/Kconfig"\n\n'),
        kconfig("CMA_DEBUGFS"), kconfig("CMA_SYSFS"), kconfig("CMA_AREAS"),
        Join("kernel/dma/Kconfig", "config DMA_CMA to endif", replace_dma_block(dma_source),
             f"put the line {dma_source.strip()} in the place of DMA_CMA and all in its if block",
             dma_source, r"^config DMA_CMA$|DMA_CMA"),
        Join("kernel/dma/Makefile", "contiguous.o",
             substitute(r"^obj-\$\(CONFIG_DMA_CMA\)\s*\+=\s*contiguous\.o$", dma_objects),
             f"have these lines for CMA:\n{dma_objects}", "contiguous_of.o\n",
             "DMA_CMA|contiguous", needs="kernel/dma/contiguous_of.c"),
        mm_object("cma", "CMA", "obj-$(CONFIG_CMA)\t+= cma.o cma/\n"),
        mm_object("cma_debug", "CMA_DEBUGFS"), mm_object("cma_sysfs", "CMA_SYSFS"),
        line_after("include/linux/vm_event_item.h", "after CMA_ALLOC_FAIL",
                   "\t\tCMA_ALLOC_FAIL,", BALANCE_EVENTS, near="CMA_ALLOC"),
        Join("samples/Kconfig", "endif # SAMPLES",
             substitute(r"^endif # SAMPLES$", 'source "samples/cma/Kconfig"\n\nendif # SAMPLES'),
             'put the line source "samples/cma/Kconfig" before the last endif',
             'source "samples/cma/Kconfig"\n', "^endif", **samples),
        line_after("samples/Makefile", "after cgroup", "subdir-$(CONFIG_SAMPLE_CGROUP) += cgroup",
                   "obj-$(CONFIG_SAMPLE_CMA)\t\t+= cma/", **samples),
        line_after("tools/testing/selftests/Makefile", "after clone3", "TARGETS += clone3",
                   "TARGETS += cma", needs="tools/testing/selftests/cma/Makefile",
                   lost="the selftests of CMA do not run with all others"),
        line_after("Documentation/mm/index.rst", "after balance", "   balance",
                   "   cma\n   cma-maintainer-profile\n   cma-rules\n   cma_api\n   cma_works",
                   needs="Documentation/mm/cma.rst",
                   lost="the documents for developers stand in no index"),
        line_after("Documentation/admin-guide/mm/index.rst", "after cma_debugfs", "   cma_debugfs",
                   "   cma\n   cma_answers/index\n   cma_everyday\n   cma_input\n"
                   "   cma_matrix\n   cma_suites\n   cma_trees",
                   needs="Documentation/admin-guide/mm/cma.rst",
                   lost="the documents for users stand in no index"),
        Join("MAINTAINERS", "section by alphabet", insert_maintainers(maintainers),
             f"put this section in:\n{maintainers}", f"\n{maintainers.splitlines()[0]}\n",
             "Maintainers List", lost="get_maintainer.pl does not know who maintains CMA"),
    )
