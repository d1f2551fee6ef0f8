# SPDX-License-Identifier: GPL-2.0
"""numa_cma=, cma_pernuma= and hugetlb_cma=.

The machine has two nodes: [1 GiB, 1.5 GiB) and [1.5 GiB, 2 GiB).
"""

from __future__ import annotations

from cmatest.input_rows.row import GIB, KCONFIG, MIB, Row, Want, no_value, rejected, rounded

NUMA = ("-object", "memory-backend-ram,id=m0,size=512M",
        "-object", "memory-backend-ram,id=m1,size=512M",
        "-numa", "node,nodeid=0,memdev=m0,cpus=0", "-numa", "node,nodeid=1,memdev=m1,cpus=1")
HALF = 512 * MIB


def on(node: int, name: str, mib: int) -> Want:
    return Want(f"{name}{node}", mib, GIB + node * HALF, GIB + (node + 1) * HALF)


def row(name: str, option: str, *areas: Want, once: tuple[str, ...] = (),
        may: tuple[str, ...] = ()) -> Row:
    return Row(name, option, option, extra=NUMA, areas=(*areas, KCONFIG), once=once, may=may)


def bad(name: str, option: str, at: int | None = None) -> Row:
    return row(name, option, once=(rejected(option, at),))


def silent(name: str) -> Row:
    return row(f"{name.replace('_', '-')}-no-value", name, once=(no_value(name),))


def too_small(mib: int, node: int) -> tuple[str, ...]:
    return (rf"^cma: Failed to reserve {mib} MiB on node {node}$",
            rf"^cma: dma_numa_cma_reserve: reservation failed: err -\d+, node {node}$")


NODES = [
    Row("numa-none", "two nodes, no option", extra=NUMA),
    row("numa", "numa_cma=0:64M,1:32M", on(0, "numa", 64), on(1, "numa", 32)),
    row("numa-only-1", "numa_cma=1:64MiB", on(1, "numa", 64)),
    row("pernuma", "cma_pernuma=32M", on(0, "pernuma", 32), on(1, "pernuma", 32)),
    row("pernuma-and-numa", "cma_pernuma=32M numa_cma=1:16M", on(0, "pernuma", 32),
        on(1, "pernuma", 32), on(1, "numa", 16)),
    row("numa-rounded", "numa_cma=0:3M", on(0, "numa", 4), once=(rounded("numa", 4),)),
    row("numa-twice", "numa_cma=0:64M,0:32M", on(0, "numa", 32),
        once=(r"^cma: (?!.*Reserved).*(numa_cma|node 0)",)),
    row("numa-node-too-small", "numa_cma=1:600M", once=too_small(600, 1)),
    row("numa-one-too-small", "numa_cma=0:64M,1:600M", on(0, "numa", 64), once=too_small(600, 1)),
    row("pernuma-too-large", "cma_pernuma=600M", once=(*too_small(600, 0), *too_small(600, 1))),
    row("numa-absent-node", "numa_cma=3:64M", once=(r"^cma: invalid node 3 specified$",)),
    row("numa-partly-absent", "numa_cma=1:32M,3:64M", on(1, "numa", 32),
        once=(r"^cma: invalid node 3 specified$",)),
]

BAD = [
    silent("numa_cma"),
    silent("cma_pernuma"),
    silent("hugetlb_cma"),
    bad("numa-empty", "numa_cma="),
    bad("numa-large-node", "numa_cma=99999:64M", 10),
    bad("numa-empty-part", "numa_cma=0:64M,,1:64M", 16),
    bad("numa-comma-first", "numa_cma=,0:64M", 10),
    bad("numa-comma-last", "numa_cma=0:64M,"),
    bad("numa-equals", "numa_cma=0=64M", 11),
    bad("numa-no-size", "numa_cma=0:"),
    bad("numa-place", "numa_cma=0:64M@0x50000000", 15),
    bad("numa-percent", "numa_cma=0:10%", 14),
    bad("numa-second-bad", "numa_cma=0:64M,1:64Mx", 21),
    bad("numa-overflow", "numa_cma=0:16E"),
    bad("pernuma-empty", "cma_pernuma=", 13),
    bad("pernuma-word", "cma_pernuma=abc", 13),
    bad("pernuma-percent", "cma_pernuma=10%", 15),
    bad("pernuma-tail", "cma_pernuma=32Mx", 16),
    bad("pernuma-overflow", "cma_pernuma=99999999999G"),
    bad("hugetlb-empty", "hugetlb_cma=", 13),
    bad("hugetlb-word", "hugetlb_cma=abc", 13),
    bad("hugetlb-tail", "hugetlb_cma=1Gx", 15),
    bad("hugetlb-overflow", "hugetlb_cma=16E"),
    bad("hugetlb-empty-part", "hugetlb_cma=0:1G,,1:1G", 18),
    bad("hugetlb-large-node", "hugetlb_cma=99999:1G", 13),
]

ONE_NODE = [
    Row("hugetlb-1G", "hugetlb_cma=1G on 1 GiB", "hugetlb_cma=1G", once=(
        r"^cma: Failed to reserve 1024 MiB on node 0$",
        r"^hugetlb_cma: reservation failed: err -\d+, node 0$",
        r"^hugetlb_cma: reserve 1024 MiB, up to 1024 MiB per node$")),
    Row("hugetlb-hex", "hugetlb_cma=0x4B000000 on 1 GiB", "hugetlb_cma=0x4B000000", once=(
        r"^cma: Failed to reserve 2048 MiB on node 0$",
        r"^hugetlb_cma: reservation failed: err -\d+, node 0$",
        r"^hugetlb_cma: reserve 1200 MiB, up to 2048 MiB per node$")),
    bad("hugetlb-hex-unit", "hugetlb_cma=0x4BMB", 18),
    Row("hugetlb-too-small", "hugetlb_cma=64M", "hugetlb_cma=64M",
        once=(r"^hugetlb_cma: cma area should be at least 1024 MiB$",)),
    Row("numa-on-one-node", "numa_cma=0:64M,1:32M, one node", "numa_cma=0:64M,1:32M",
        areas=(Want("numa0", 64), KCONFIG), once=(r"^cma: invalid node 1 specified$",)),
]

ROWS = [*NODES, *BAD, *ONE_NODE]
