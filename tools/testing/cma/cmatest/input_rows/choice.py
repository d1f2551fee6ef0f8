# SPDX-License-Identifier: GPL-2.0
"""Which source decides, which comes first, and what areas are called."""

from __future__ import annotations

from cmatest import dt
from cmatest.input_rows.row import (ANY, FREE, KCONFIG, MIB, Row, Want, dt_wins, facts, fixed,
                                    node_refused, other, pool, refused, reg, rejected, size, tree)

AT = f"pool@{FREE:x}"
BY_REG, BY_SIZE = pool(AT, reg(FREE, 32)), pool("pool", size(32))
HERE, POOL = fixed(AT, FREE, 32), Want("pool", 32)
WRONG = pool("wrong@10000000", reg(0x10000000, 32))
OFF = r"^cma: .*switched off by 'cma=0'"


def dt_decides(name: str, cmdline: str, once: str, node: str = BY_REG, area: Want = HERE) -> Row:
    how = "reg" if node is BY_REG else "size"
    return Row(f"choice-{name}", f"DT default ({how}), {cmdline}", cmdline, tree(node),
               areas=(area,), default=area.name, once=(once,), never=(OFF,))


SOURCES = [
    dt_decides("dt-reg", "cma=32M", dt_wins(AT, "cma=32M")),
    dt_decides("dt-size", "cma=32M", dt_wins("pool", "cma=32M"), BY_SIZE, POOL),
    dt_decides("dt-off", "cma=0", dt_wins(AT, "cma=0")),
    dt_decides("dt-size-off", "cma=0", dt_wins("pool", "cma=0"), BY_SIZE, POOL),
    dt_decides("dt-bad", "cma=64Mx", rejected("cma=64Mx", 8)),
    dt_decides("dt-size-empty", "cma=", rejected("cma=", 5), BY_SIZE, POOL),
    dt_decides("dt-impossible", "cma=2G", dt_wins(AT, "cma=2G")),
    dt_decides("dt-same-place", f"cma=32M@{FREE:#x}", dt_wins(AT, f"cma=32M@{FREE:#x}")),
    Row("choice-cmdline", "DT default refused, cma=64M", "cma=64M", tree(WRONG),
        areas=(Want("reserved", 64),), once=(node_refused("wrong@10000000", "RAM"),)),
    Row("choice-off", "DT default refused, cma=0", "cma=0", tree(WRONG), areas=(), default=None,
        once=(node_refused("wrong@10000000", "RAM"), OFF)),
    Row("choice-kconfig", "DT default refused, cma=64M@0x10000000", "cma=64M@0x10000000",
        tree(WRONG),
        once=(node_refused("wrong@10000000", "RAM"), *refused("64M@0x10000000", "RAM"))),
    Row("choice-pool-and-cmdline", "DT pool that is not the default, cma=64M", "cma=64M",
        tree(other("vpu", size(32))), areas=(Want("vpu", 32), Want("reserved", 64))),
    Row("choice-pool-and-off", "DT pool that is not the default, cma=0", "cma=0",
        tree(other("vpu", size(32))), areas=(Want("vpu", 32),), default=None, once=(OFF,)),
    Row("choice-pool-in-the-way", "cma= over a DT pool", f"cma=64M@{FREE:#x}",
        tree(other("vpu", reg(FREE, 32))), areas=(fixed("vpu", FREE, 32), KCONFIG),
        once=refused(f"64M@{FREE:#x}", r"overlaps 0x0*60000000-0x0*62000000")),
]


MARKED = r"^cma: .*device tree node pool\S* \(32 MiB\) overruled"
CAPTURE = "elfcorehdr=0x60000000"


def mark(name: str, cmdline: str, area: Want | None, *nodes: str,
         once: tuple[str, ...] = ()) -> Row:
    """The command line overrules the tree."""
    return Row(f"choice-{name}", f"DT default, {cmdline}", cmdline, tree(*nodes or (BY_SIZE,)),
               areas=(area,) if area else (), default=area.name if area else None,
               once=(MARKED, *once), may=(r"^cma: device tree node vpu refused: ",))


VPU = other("vpu", size(16))
MARKS = [
    mark("mark", "cma=!64M", Want("reserved", 64)),
    mark("mark-reg", "cma=!64M", Want("reserved", 64), BY_REG),
    mark("mark-place", f"cma=!64M@{FREE:#x}", fixed("reserved", FREE, 64), BY_REG),
    mark("mark-off", "cma=!0", None, once=(r"^cma: .*switched off by 'cma=!0'",)),
    mark("mark-off-pools", "cma=!0", None, BY_SIZE, VPU),
    mark("mark-impossible", "cma=!2G", KCONFIG, once=refused("!2G", "2048 MiB.*fit")),
    mark("capture-off", f"{CAPTURE} cma=0", None, BY_SIZE, VPU, once=(OFF,)),
    Row("choice-capture-tree", "DT default, linux,elfcorehdr in /chosen, cma=0", "cma=0",
        dt.Edit((BY_SIZE,), ("chosen { linux,elfcorehdr = <0 0x60000000 0 0x1000>; };",)),
        areas=(), default=None, once=(MARKED,)),
    Row("choice-capture", f"DT default, {CAPTURE}", CAPTURE, tree(BY_SIZE), areas=(POOL,),
        default="pool"),
    Row("choice-mark-pool", "DT pool that is not the default, cma=!64M", "cma=!64M", tree(VPU),
        areas=(Want("vpu", 16), Want("reserved", 64))),
    Row("choice-mark-alone", "DT default, cma=!", "cma=!", tree(BY_SIZE), areas=(POOL,),
        default="pool", once=(rejected("cma=!", 6),)),
    Row("choice-mark-twice", "DT default, cma=!!64M", "cma=!!64M", tree(BY_SIZE), areas=(POOL,),
        default="pool", once=(rejected("cma=!!64M", 6),)),
]


def two(name: str, stated: str, one: str, second: str, *areas: Want) -> Row:
    both = facts(*(rf"\b{area.name}\b" for area in areas))
    return Row(f"choice-{name}", stated, edit=tree(one, second), areas=areas,
               default=areas[0].name, once=(f"^cma: (?!.*Reserved){both}",))


DEFAULTS = [
    two("two-sizes", "two linux,cma-default, both size", pool("zz", size(16)),
        pool("aa", size(32)), Want("zz", 16), Want("aa", 32)),
    two("two-regs", "two linux,cma-default, both reg", pool("zz", reg(FREE + 64 * MIB, 16)),
        pool("aa", reg(FREE, 32)), fixed("zz", FREE + 64 * MIB, 16), fixed("aa", FREE, 32)),
    two("reg-then-size", "two linux,cma-default, reg first", pool("zz", reg(FREE, 16)),
        pool("aa", size(32)), fixed("zz", FREE, 16), Want("aa", 32)),
    two("size-then-reg", "two linux,cma-default, size first", pool("zz", size(16)),
        pool("aa", reg(FREE, 32)), Want("zz", 16), fixed("aa", FREE, 32)),
    Row("choice-first-refused", "two linux,cma-default, the first is refused",
        edit=tree(WRONG, pool("good", size(32))), areas=(Want("good", 32),), default="good",
        once=(node_refused("wrong@10000000"),)),
]

SLOTS = 20  # CONFIG_CMA_AREAS with NUMA
NO_SLOT = r"^cma: (device tree node p\d\d\S* refused: |Not enough slots|.*\d+ (more|others))"


def many(name: str, stated: str, nodes: list[str], last: Want, live: str) -> Row:
    return Row(f"choice-{name}", stated, edit=tree(*nodes), default=last.name,
               areas=(last, *[Want(live, 2)] * (SLOTS - 1)), may=(NO_SLOT,))


MANY = [
    many("24-sizes", "24 size pools, default last, 20 slots",
         [*(other(f"p{n:02d}", size(2)) for n in range(24)), pool("last", size(2))],
         Want("last", 2), r"p\d\d"),
    many("24-regs", "24 reg pools, default last, 20 slots",
         [*(other(f"p{n:02d}", reg(FREE + n * 4 * MIB, 2)) for n in range(24)),
          pool("last", reg(0x70000000, 2))], fixed("last", 0x70000000, 2), r"p\d\d"),
    Row("choice-70-sizes", "70 size pools",
        edit=tree(*(other(f"p{n:02d}", size(2)) for n in range(70))),
        areas=(*[Want(r"p\d\d", 2)] * (SLOTS - 1), Want(r"p\d\d|reserved", 0)), default=ANY,
        may=(NO_SLOT, r"^cma: Failed to reserve 16 MiB on node -1$")),
]

ODD = "linux,cma%s%n@60000000"
LONG = "n" * 63
SLASH = "vpu/1@60000000"

NAMES = [
    Row("name-percent", "node vpu%s%n@60000000", edit=dt.Edit(
        (other("vpu%s%n@60000000", reg(FREE, 32)),), names=("vpu%s%n@60000000",)),
        areas=(fixed("vpu%s%n@60000000", FREE, 32), KCONFIG)),
    Row("name-percent-default", f"default node {ODD}", edit=dt.Edit(
        (pool(ODD, reg(FREE, 32)),), names=(ODD,)),
        areas=(fixed("linux,cma.s.n@60000000", FREE, 32),), default="linux,cma.s.n@60000000"),
    Row("name-percent-refused", f"refused node {ODD}", edit=dt.Edit(
        (pool(ODD, reg(0x10000000, 32)),), names=(ODD,)), once=(node_refused(ODD, "RAM"),)),
    Row("name-slash", f"node {SLASH}", edit=dt.Edit((other(SLASH, reg(FREE, 32)),), names=(SLASH,)),
        areas=(fixed("vpu.1@60000000", FREE, 32), KCONFIG)),
    Row("name-long", "node name of 70 characters", edit=tree(pool("n" * 70, size(32))),
        areas=(Want(LONG, 32),), default=LONG),
    Row("name-long-twice", "two names equal in the first 63 characters",
        edit=tree(pool(LONG + "a", size(32)), other(LONG + "b", size(16))),
        areas=(Want("n{40,63}.*", 32), Want("n{40,63}.*", 16)), default="n{40,63}.*"),
    Row("name-taken", "a node named reserved", edit=tree(other("reserved", size(32))),
        areas=(Want("reserved.*", 32), Want("reserved.*", KCONFIG.mib))),
]

ROWS = [*SOURCES, *MARKS, *DEFAULTS, *MANY, *NAMES]
