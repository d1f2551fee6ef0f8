# SPDX-License-Identifier: GPL-2.0
"""More than 4 GiB, and a hole in RAM.

x86_64 with 6 GiB has [0, 2 GiB) and [4 GiB, 8 GiB); arm64 has [1 GiB, 7 GiB) and
devices that reach 4 GiB.
"""

from __future__ import annotations

from dataclasses import replace

from cmatest.input_rows.row import GIB, LARGEST, Row, Want, node_refused, other, refused, tree


def row(arch: str, name: str, value: str, area: Want | None, *once: str, mem: str = "6G") -> Row:
    areas = (area,) if area else (Want("reserved", 16),)
    return Row(f"{arch.split('_')[0]}-{mem}-{name}", f"cma={value} ({arch}, {mem})", f"cma={value}",
               arch=arch, mem=mem, areas=areas, once=once)


def place(lo: int, hi: int, mib: int = 64) -> Want:
    return Want("reserved", mib, lo * GIB, hi * GIB)


X86 = [
    Row("x86-none", "no option (x86_64)", arch="x86_64"),
    Row("x86-6G-none", "no option (x86_64, 6G)", arch="x86_64", mem="6G"),
    row("x86_64", "hole", "64M@3G-3584M", None, *refused("64M@3G-3584M", "RAM|room|fit")),
    row("x86_64", "in-hole", "64M@0xc0000000", None, *refused("64M@0xc0000000", "RAM")),
    row("x86_64", "into-hole", "64M@0x7e000000", None, *refused("64M@0x7e000000", "RAM|overlaps")),
    row("x86_64", "5G-6G", "64M@5G-6G", place(5, 6)),
    row("x86_64", "fixed-5G", "64M@5G", Want("reserved", 64, 5 * GIB, 5 * GIB + (64 << 20))),
    row("x86_64", "1G-2G", "64M@1G-2G", place(1, 2)),
    row("x86_64", "1G-6G", "64M@1G-6G", place(1, 6)),
    row("x86_64", "anywhere", "64M", place(4, 8)),
    row("x86_64", "3G", "3G", place(4, 8, 3072)),
    row("x86_64", "50-percent", "50%", place(4, 8, 3070)),
    row("x86_64", "5G", "5G", None, *refused("5G", LARGEST)),
    row("x86_64", "896M", "896M", place(0, 1, 896), mem="1G"),
    row("x86_64", "leaves-too-little", "970M", None, *refused("970M", LARGEST), mem="1G"),
]

LIMIT = "0x0*100000000|4 GiB|4096 MiB"
ARM64 = [
    Row("arm64-6G-none", "no option (arm64, 6G)", mem="6G"),
    row("arm64", "beyond-limit", "64M@5G-6G", None, *refused("64M@5G-6G", LIMIT)),
    row("arm64", "fixed-beyond", "64M@5G", None, *refused("64M@5G", LIMIT)),
    row("arm64", "across-limit", "64M@3G-5G", place(3, 4)),
    row("arm64", "anywhere", "64M", place(1, 4)),
    row("arm64", "5G", "5G", None, *refused("5G", LARGEST)),
    # What makers of modules with 8 GiB, and with 2 GiB, write.
    row("arm64", "quarter-or-256M", "max(256M,25%)", place(1, 4, 2048), mem="8G"),
    row("arm64", "quarter-or-1376M", "min(1376M,25%)", place(1, 4, 1376), mem="8G"),
    row("arm64", "half", "50%", place(1, 3, 1024), mem="2G"),
    row("arm64", "320M", "320M", place(1, 2, 320), mem="1G"),
]

CROSSING = Row(
    "arm64-6G-crosses-zones", "a pool across the end of ZONE_DMA (arm64, 6G)", mem="6G",
    edit=tree(other("crossing", "reg = <0x0 0xfc000000 0x0 0x8000000>;")),
    once=(node_refused("crossing", "zones .0x0*100000000"),))

# What is not used of a node is freed, and must not be what is used.
TWICE = Row("dt-reg-ranges-overlap", "`reg` with two ranges that overlap",
            edit=tree(other("twice", "reg = <0 0x60000000 0 0x2000000>, "
                                     "<0 0x61000000 0 0x2000000>;")),
            once=(node_refused("twice", "overlap"),))

# Without these zones no device is known to be limited. The rest is for test_field.py, so that
# one kernel does for both.
ZONES = ("CONFIG_ZONE_DMA=y\nCONFIG_ZONE_DMA32=y\nCONFIG_NUMA_EMU=y\n"
         "CONFIG_CMA_ALIGNMENT=18\n")

ROWS = [*X86, TWICE, *(replace(row, config=ZONES) for row in (*ARM64, CROSSING))]
