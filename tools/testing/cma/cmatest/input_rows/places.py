# SPDX-License-Identifier: GPL-2.0
"""Device-tree nodes with reg over memory that they cannot have."""

from __future__ import annotations

from cmatest import dt
from cmatest.input_rows.row import (BLOB, FREE, KERNEL, MIB, Row, Want, fixed, node_refused, other,
                                    pool, reg, tree)


def over(name: str, stated: str, base: int, *about: str) -> Row:
    who = f"pool@{base:x}"
    return Row(f"dt-{name}", stated, edit=tree(pool(who, reg(base, 32))),
               once=(node_refused(who, *about),))


PLACES = [
    over("device-space", "reg outside RAM", 0x10000000, "RAM"),
    over("above-ram", "reg after the end of RAM", 0x90000000, "RAM"),
    over("half-above", "reg half past the end of RAM", 0x7f000000, "RAM"),
    over("half-below", "reg half before the start of RAM", 0x3f000000, "RAM"),
    over("wraps", "reg wraps", 0xffffffffff000000),
    over("wraps-to-0", "reg ends at 2^64", 0xfffffffffe000000),
    over("kernel", "reg over the kernel image", KERNEL, "overlaps|reserved|owned|taken"),
    over("initrd", "reg over the initramfs", 0x47000000, "overlaps|reserved|owned|taken"),
    over("blob", "reg over the device tree itself", BLOB, "overlaps|reserved|owned|taken"),
    Row("dt-memreserve", "reg over a /memreserve/", edit=dt.Edit(
        (pool(f"pool@{FREE:x}", reg(FREE, 32)),), reserve=((FREE + 8 * MIB, 4 * MIB),)),
        once=(node_refused(f"pool@{FREE:x}", "overlaps|reserved|owned|taken"),), lost_mib=4),
    Row("dt-memreserve-beside", "reg beside a /memreserve/", edit=dt.Edit(
        (pool(f"pool@{FREE:x}", reg(FREE, 32)),), reserve=((FREE + 32 * MIB, 4 * MIB),)),
        areas=(fixed(f"pool@{FREE:x}", FREE, 32),), default=f"pool@{FREE:x}", lost_mib=4),
]

A, B = f"first@{FREE:x}", f"second@{FREE + 16 * MIB:x}"
FIRST, SECOND = pool(A, reg(FREE, 32)), other(B, reg(FREE + 16 * MIB, 32))
SECURE = f"tee@61000000 {{ {reg(FREE + 16 * MIB, 32)} no-map; }};"


def pair(name: str, stated: str, nodes: tuple[str, str], area: Want, loser: str) -> Row:
    return Row(f"dt-{name}", stated, edit=tree(*nodes), areas=(area,), default=A,
               once=(node_refused(loser),))


OVERLAPS = [
    pair("overlap", "two overlapping pools", (FIRST, SECOND), fixed(A, FREE, 32), B),
    Row("dt-overlap-default-last", "two overlapping pools, the default second",
        edit=tree(other("first", reg(FREE, 32)), pool("second", reg(FREE + 16 * MIB, 32))),
        areas=(fixed("first", FREE, 32), Want("reserved", 16)), once=(node_refused("second"),)),
    pair("overlap-downwards", "two overlapping pools, the higher one first",
         (FIRST, other("low@5f000000", reg(FREE - 16 * MIB, 32))), fixed(A, FREE, 32),
         "low@5f000000"),
    pair("same-place", "two pools in the same place", (FIRST, other("again", reg(FREE, 32))),
         fixed(A, FREE, 32), "again"),
    pair("inside", "a pool inside another", (FIRST, other("inside", reg(FREE + 8 * MIB, 8))),
         fixed(A, FREE, 32), "inside"),
    Row("dt-neighbours", "two pools side by side",
        edit=tree(FIRST, other("next", reg(FREE + 32 * MIB, 32))),
        areas=(fixed(A, FREE, 32), fixed("next", FREE + 32 * MIB, 32)), default=A),
    Row("dt-over-no-map", "pool over a no-map node, listed first", edit=tree(FIRST, SECURE),
        once=(node_refused(A),), lost_mib=32),
    Row("dt-no-map-first", "pool over a no-map node, listed second", edit=tree(SECURE, FIRST),
        once=(node_refused(A),), lost_mib=32),
    Row("dt-size-and-no-map", "size pool and a no-map node", edit=tree(
        SECURE, pool("pool", "size = <0 0x2000000>;")), areas=(Want("pool", 32),), default="pool",
        lost_mib=32),
]

ROWS = [*PLACES, *OVERLAPS]
