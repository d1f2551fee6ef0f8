# SPDX-License-Identifier: GPL-2.0
"""32-bit arm without LPAE, 2 GiB: [0x40000000, 0xc0000000), high memory from 0x70000000.

Numbers that 32 bits cut, and what is special in a device tree there.
"""

from __future__ import annotations

from cmatest import dt
from cmatest.input_rows.row import (KCONFIG, Row, Want, dt_wins, fixed, node_refused, other, pool,
                                    refused, reg, rejected, rounded, size, tree)

HIGH = 0x70000000
END = 0xc0000000
SLOTS = 8  # CONFIG_CMA_AREAS without NUMA


def row(name: str, stated: str, cmdline: str = "", edit: dt.Edit | None = None,
        areas: tuple[Want, ...] = (KCONFIG,), default: str | None = "reserved",
        once: tuple[str, ...] = (), may: tuple[str, ...] = (),
        never: tuple[str, ...] = ()) -> Row:
    return Row(f"arm-{name}", f"{stated} (arm)", cmdline, edit, "arm", "2G", areas=areas,
               default=default, once=once, may=may, never=never)


def cma(name: str, value: str, area: Want, *once: str) -> Row:
    return row(name, f"cma={value}", f"cma={value}", areas=(area,), once=once)


def bad(name: str, value: str) -> Row:
    return row(name, f"cma={value}", f"cma={value}", once=(rejected(f"cma={value}"),))


OPTIONS = [
    bad("4G", "4G"),
    bad("4097M", "4097M"),
    bad("all-ones", "4294967295"),
    bad("base-4G", "64M@0x100000000"),
    row("above-ram", "cma=64M@0xfc000000", "cma=64M@0xfc000000",
        once=(r"^cma: .*'cma=64M@0xfc000000' (refused|rejected): .*(RAM|wrap|largest address)",),
        may=refused("64M@0xfc000000")[1:]),
    row("just-above-ram", "cma=64M@0xc0000000", "cma=64M@0xc0000000",
        once=refused("64M@0xc0000000", "RAM")),
    row("across-high", "cma=64M@0x6d000000", "cma=64M@0x6d000000",
        once=(*refused("64M@0x6d000000"), "^cma: .*low/high memory boundary.*0x0*70000000")),
    cma("plain", "64M", Want("reserved", 64, HIGH, END)),
    cma("low", "64M@0x50000000", fixed("reserved", 0x50000000, 64)),
    cma("below-high", "64M@0x6c000000", fixed("reserved", 0x6c000000, 64)),
    cma("at-high", "64M@0x70000000", fixed("reserved", 0x70000000, 64)),
    cma("range-across", "64M@0x6e000000-0x78000000", Want("reserved", 64, HIGH, 0x78000000)),
    cma("percent", "25%", Want("reserved", 512)),
    cma("3M", "3M", Want("reserved", 4), rounded("'cma=3M'", 4)),
    row("off", "cma=0", "cma=0", areas=(), default=None, once=("^cma: .*switched off by 'cma=0'",)),
]

MANY = [other(f"p{n:02d}@{0x50000000 + n * 0x1000000:x}", reg(0x50000000 + n * 0x1000000, 4))
        for n in range(24)]
SIZED = [other(f"p{n:02d}", size(4), f"alloc-ranges = {dt.cells(0x50000000, 0x20000000)};")
         for n in range(24)]
NO_SLOT = r"^cma: (device tree node p\d\d\S* refused: |Not enough slots|.*\d+ (more|others))"

TREES = [
    row("dt-low", "32 MiB reg node in low memory", "",
        tree(pool("pool@60000000", reg(0x60000000, 32))),
        (fixed("pool@60000000", 0x60000000, 32),), "pool@60000000"),
    row("dt-low-loser", "the same and cma=32M", "cma=32M",
        tree(pool("pool@60000000", reg(0x60000000, 32))),
        (fixed("pool@60000000", 0x60000000, 32),), "pool@60000000",
        once=(dt_wins("pool@60000000", "cma=32M"),)),
    row("dt-high", "32 MiB reg node in high memory", "",
        tree(pool("pool@80000000", reg(0x80000000, 32))),
        (fixed("pool@80000000", 0x80000000, 32),), "pool@80000000"),
    row("dt-across-high", "reg node across the boundary of high memory", "",
        tree(pool("pool@6e000000", reg(0x6e000000, 64))), once=(node_refused("pool@6e000000"),)),
    row("dt-base-4G", "reg base 0x100000000", "",
        tree(pool("pool@0", "reg = <1 0 0 0x2000000>;")), once=(node_refused("pool@0"),)),
    row("dt-size-4G", "size 4 GiB", "", tree(pool("pool", "size = <1 0>;")),
        once=(node_refused("pool"),)),
    row("dt-size-4G-more", "size 4 GiB + 32 MiB", "", tree(pool("pool", "size = <1 0x2000000>;")),
        once=(node_refused("pool"),)),
    row("dt-wraps", "reg 0xfe000000 + 64 MiB", "", tree(pool("pool@fe000000", reg(0xfe000000, 64))),
        once=(node_refused("pool@fe000000"),)),
    row("dt-24-reg", f"24 reg pools, default last, {SLOTS} slots", "",
        tree(*MANY, pool("last@6c000000", reg(0x6c000000, 4))),
        (fixed("last@6c000000", 0x6c000000, 4), *[Want(r"p\d\d@.*", 4)] * (SLOTS - 1)),
        "last@6c000000", may=(NO_SLOT,)),
    row("dt-24-size", f"24 size pools, default last, {SLOTS} slots", "",
        tree(*SIZED, pool("last", size(4))),
        (Want("last", 4), *[Want(r"p\d\d", 4, 0x50000000, HIGH)] * (SLOTS - 1)),
        "last", may=(NO_SLOT,)),
]

ROWS = [Row("arm-none", "no option (arm)", arch="arm", mem="2G"), *OPTIONS, *TREES]
