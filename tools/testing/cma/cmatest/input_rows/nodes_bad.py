# SPDX-License-Identifier: GPL-2.0
"""Device-tree nodes that say something wrong, or not quite right."""

from __future__ import annotations

from cmatest import dt
from cmatest.input_rows.row import (FREE, GIB, KCONFIG, MIB, Row, Want, fixed, node, node_refused,
                                    other, pool, reg, rounded, size, tree)

AT = f"pool@{FREE:x}"
HERE = fixed(AT, FREE, 32)
POOL = Want("pool", 32)
# Stock's line from before ours knows of the node; where the memory cannot be had, it will do.
NO_ROOM = (r"^(cma: device tree node pool\S* refused: |"
           r"OF: reserved mem: failed to allocate memory for node 'pool)")
MIN_ALIGN = "0x0*200000|2 MiB|2048 KiB"


def refused(name: str, stated: str, text: str, *about: str, who: str = "pool") -> Row:
    """A node that is refused: one line with the reason, and Kconfig decides."""
    return Row(f"dt-{name}", stated, edit=tree(text), once=(node_refused(who, *about),))


def accepted(name: str, stated: str, text: str, area: Want, *once: str) -> Row:
    return Row(f"dt-{name}", stated, edit=tree(text), areas=(area,), default=area.name, once=once)


def no_room(name: str, stated: str, *properties: str) -> Row:
    return Row(f"dt-{name}", stated, edit=tree(pool("pool", *properties)), some=(NO_ROOM,),
               may=(NO_ROOM,))


def length(prop: str, found: int, wanted: int) -> tuple[str, str, str]:
    return rf"\b{prop}\b", rf"\b{found}\b", rf"\b{wanted}\b"


CELLS = [
    accepted("size-one-cell", "size one cell short", pool("pool", "size = <0x2000000>;"), POOL,
             r"^cma: (?!.*refused)(?=.*\bpool\b)(?=.*\b4 bytes).*\bsize\b"),
    refused("size-three-cells", "size of three cells", pool("pool", "size = <0 0x2000000 0>;"),
            *length("size", 12, 8)),
    accepted("alignment-one-cell", "alignment of one cell",
             pool("pool", size(32), "alignment = <0x400000>;"), Want("pool", 32, align=4 * MIB)),
    refused("alignment-three-cells", "alignment of three cells",
            pool("pool", size(32), "alignment = <0 0x400000 0>;"), "alignment", r"\b12\b"),
    refused("reg-three-cells", "reg of three cells", pool(AT, "reg = <0 0x60000000 0x2000000>;"),
            *length("reg", 12, 16), who=AT),
    refused("ranges-three-cells", "alloc-ranges of three cells",
            pool("pool", size(32), "alloc-ranges = <0 0x60000000 0x2000000>;"),
            *length("alloc-ranges", 12, 16)),
    refused("empty-size", "empty size", pool("pool", "size;"), r"\bsize\b"),
    refused("empty-reg", "empty reg", pool("pool", "reg;"), r"\breg\b"),
    refused("empty-both", "empty reg and size", pool("pool", "reg; size;"), r"\b(reg|size)\b"),
    refused("neither", "neither reg nor size", pool("pool"), r"\b(reg|size)\b"),
]

SIZES = [
    accepted("reg", "reg", pool(AT, reg(FREE, 32)), HERE),
    accepted("size", "size", pool("pool", size(32)), POOL),
    accepted("reg-and-size", "reg and size, equal", pool(AT, reg(FREE, 32), size(32)), HERE),
    accepted("reg-against-size", "reg and size that disagree", pool(AT, reg(FREE, 32), size(64)),
             HERE, rf"^cma: (?!.*refused)(?=.*{AT})(?=.*\bsize\b).*\breg\b"),
    refused("size-zero", "size 0", pool("pool", "size = <0 0>;"), r"\b(size|0|empty)\b"),
    refused("reg-zero", "reg of size 0", pool(AT, f"reg = <0 {FREE:#x} 0 0>;"), who=AT),
    accepted("size-63M", "size 63 MiB", pool("pool", size(63)), Want("pool", 64),
             rounded("pool", 64)),
    refused("reg-base-unaligned", "reg base not aligned",
            pool(AT, f"reg = <0 {FREE + 0x1000:#x} 0 0x2000000>;"), MIN_ALIGN, who=AT),
    refused("reg-size-unaligned", "reg size not aligned",
            pool(AT, f"reg = <0 {FREE:#x} 0 0x2001000>;"), MIN_ALIGN, who=AT),
    no_room("size-4G", "size 4 GiB on 1 GiB", "size = <1 0>;"),
    no_room("size-huge", "size 0xffffffffffe00000", "size = <0xffffffff 0xffe00000>;"),
    Row("dt-two-ranges", "reg with two ranges", edit=tree(pool(
        AT, f"reg = <0 {FREE:#x} 0 0x2000000 0 0x70000000 0 0x2000000>;")), areas=(HERE,),
        default=AT, once=(rf"^cma: (?!.*refused).*{AT}.*\b(range|reg|first|second)\b",)),
]

ALIGNMENT = [
    refused("alignment-odd", "alignment 0x300000",
            pool("pool", size(32), "alignment = <0 0x300000>;"), "alignment", "power of two"),
    accepted("alignment-zero", "alignment 0: none", pool("pool", size(32), "alignment = <0 0>;"),
             POOL),
    accepted("alignment-4K", "alignment 0x1000", pool("pool", size(32), "alignment = <0 0x1000>;"),
             POOL, r"^cma: (?!.*refused).*\bpool\b.*\balign"),
    accepted("alignment-16M", "alignment 16 MiB",
             pool("pool", size(32), "alignment = <0 0x1000000>;"),
             Want("pool", 32, align=16 * MIB)),
    no_room("alignment-1T", "alignment 1 << 40", size(32), "alignment = <0x100 0>;"),
]

RANGES = [
    no_room("ranges-small", "alloc-ranges too small", size(32),
            f"alloc-ranges = {dt.cells(FREE, 16 * MIB)};"),
    no_room("ranges-no-ram", "alloc-ranges not RAM", size(32),
            f"alloc-ranges = {dt.cells(0x10000000, 64 * MIB)};"),
    no_room("ranges-wrap", "alloc-ranges that wrap", size(32),
            f"alloc-ranges = {dt.cells((1 << 64) - 16 * MIB, 64 * MIB)};"),
    accepted("ranges", "alloc-ranges",
             pool("pool", size(32), f"alloc-ranges = {dt.cells(FREE, 64 * MIB)};"),
             Want("pool", 32, FREE, FREE + 64 * MIB)),
    accepted("second-range", "second alloc-ranges entry fits", pool(
        "pool", size(32), f"alloc-ranges = {dt.cells(FREE, 16 * MIB, 0x70000000, 64 * MIB)};"),
        Want("pool", 32, 0x70000000, 0x74000000)),
]


def parent(name: str, stated: str, head: str) -> Row:
    return Row(f"dt-{name}", stated, edit=dt.Edit((pool(AT, reg(FREE, 32)),), head=head),
               once=("unsupported node format",))


PARENTS = [
    parent("no-ranges", "ranges missing", "#address-cells = <2>; #size-cells = <2>;"),
    parent("address-cells", "#address-cells differ from the root's",
           "#address-cells = <1>; #size-cells = <2>; ranges;"),
    parent("size-cells", "#size-cells differ from the root's",
           "#address-cells = <2>; #size-cells = <1>; ranges;"),
]

FLAGS = [
    Row("dt-disabled", 'status = "disabled"',
        edit=tree(pool(AT, reg(FREE, 32), 'status = "disabled";'))),
    accepted("okay", 'status = "okay"', pool(AT, reg(FREE, 32), 'status = "okay";'), HERE),
    refused("no-map-size", "no-map and reusable, size", pool("pool", size(32), "no-map;"),
            "no-map"),
    refused("no-map-reg", "no-map and reusable, reg", pool(AT, reg(FREE, 32), "no-map;"), "no-map",
            who=AT),
    Row("dt-not-reusable", "reusable absent",
        edit=tree(node("pool", size(32), "linux,cma-default;")),
        once=(r"^cma: (?=.*\bpool\b)(?=.*linux,cma-default)",), lost_mib=32),
    Row("dt-coherent", "neither reusable nor linux,cma-default", edit=tree(node("vpu", size(32))),
        never=(r"^cma: .*\bvpu\b",), lost_mib=32),
    Row("dt-not-default", "reusable only", edit=tree(other("vpu", size(32))),
        areas=(Want("vpu", 32), KCONFIG)),
]

NAMED = r"^cma: (?!.*refused)(?=.*\blinux,cma\b)(?=.*\breusable\b)(?=.*linux,cma-default)"
LINUX_CMA = Want("linux,cma", 32)

NAMES = [
    accepted("documented", "linux,cma without reusable and linux,cma-default", node(
        "linux,cma", size(32), f"alloc-ranges = {dt.cells(GIB, GIB)};"), LINUX_CMA, NAMED),
    accepted("documented-at", "linux,cma@60000000 without the two", node(
        "linux,cma@60000000", reg(FREE, 32)), fixed("linux,cma@60000000", FREE, 32),
        NAMED.replace(r"cma\b)", r"cma@60000000\b)", 1)),
    accepted("named", "linux,cma, reusable, without linux,cma-default",
             other("linux,cma", size(32)), LINUX_CMA,
             r"^cma: (?!.*refused).*\blinux,cma\b.*linux,cma-default"),
    Row("dt-named-no-map", "linux,cma with no-map",
        edit=tree(node("linux,cma", size(32), "no-map;")), lost_mib=32),
    Row("dt-named-alike", "linux,cma2 without the two",
        edit=tree(node("linux,cma2", size(32))), lost_mib=32),
]

ROWS = [*CELLS, *SIZES, *ALIGNMENT, *RANGES, *PARENTS, *FLAGS, *NAMES]
