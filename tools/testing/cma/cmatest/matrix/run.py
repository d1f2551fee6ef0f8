# SPDX-License-Identifier: GPL-2.0
"""The boots of a cell: requests that are checked one by one, then all at once."""

from __future__ import annotations

from cmatest import guest, vm
from cmatest.matrix.cells import Cell

CONFIG = {
    "4K": "",
    "16K": "# CONFIG_ARM64_4K_PAGES is not set\nCONFIG_ARM64_16K_PAGES=y\n"
           "# CONFIG_ARM64_VA_BITS_39 is not set\nCONFIG_ARM64_VA_BITS_47=y\n",
    "64K": "# CONFIG_ARM64_4K_PAGES is not set\nCONFIG_ARM64_64K_PAGES=y\n"
           "# CONFIG_ARM64_VA_BITS_39 is not set\nCONFIG_ARM64_VA_BITS_42=y\n",
    "plain": "",
    "rt": "CONFIG_PREEMPT_RT=y\n",
    "debug": "",
}
# QEMU's A53 has no pages of 16K.
CPU = {"16K": ("-cpu", "cortex-a76")}
# A pageblock of 64K pages is 512 MiB, and an area has at least one.
AREA = {"4K": "192M", "16K": "192M", "64K": "512M"}
MEM_MIB = {"4K": 1024, "16K": 1024, "64K": 2048}
DEBUG_MIB = 512  # KASAN and page_owner take an eighth, and more
LOG = "log_buf_len=2M"
CYCLES, SECONDS = 150, 30
PATIENCE = 600.0
SLOWER = 4  # a debug kernel is


def kernel(cell: Cell, stock: bool) -> guest.Order:
    return guest.Order(cell.arch, stock, cell.kind == "debug", True,
                       guest.fragment(CONFIG[cell.pages] + CONFIG[cell.kind]))


def mem_mib(cell: Cell) -> int:
    return MEM_MIB[cell.pages] + DEBUG_MIB * (cell.kind == "debug")


def two_nodes(mib: int) -> tuple[str, ...]:
    """Half of the memory and of the processors each."""
    options: tuple[str, ...] = ()
    for node, cpus in enumerate(("0-1", "2-3")):
        options += ("-object", f"memory-backend-ram,id=m{node},size={mib // 2}M",
                    "-numa", f"node,nodeid={node},memdev=m{node},cpus={cpus}")
    return options


def machine(cell: Cell, counted: bool) -> vm.Machine:
    extra = CPU.get(cell.pages, ())
    if cell.nodes == "two":
        extra += two_nodes(mem_mib(cell))
    return vm.Machine(cell.arch, f"{mem_mib(cell)}M", guest.Order(board=True).smp, extra, counted)


def options(cell: Cell) -> str:
    """What the kernel is told at boot."""
    words = [f"cma={AREA[cell.pages]}", LOG, f"lru_gen={int(cell.lru == 'mglru')}",
             *[f"transparent_hugepage={cell.thp}"] * (cell.arch != "arm" and cell.kind != "rt"),
             *["numa=fake=2"] * (cell.nodes == "fake"), *["page_owner=on"] * (cell.kind == "debug")]
    return " ".join(words)


def counts(cell: Cell) -> bool:
    """Whether its instructions say anything: those of checks do not."""
    return cell.kind != "debug"


def boots(cell: Cell, built: guest.Kernel) -> tuple[vm.Boot, vm.Boot]:
    """First what is counted, then what is as parallel as a machine can be."""
    slower = SLOWER if cell.kind == "debug" else 1
    name = f"matrix-{'stock' if built.stock else 'ours'}-{cell.name}"
    churn = vm.Boot(built, "churn", f"{options(cell)} churn_cycles={CYCLES // slower}", None,
                    machine(cell, counts(cell)), PATIENCE * slower, f"{name}-churn")
    stress = vm.Boot(built, "stress", f"{options(cell)} stress_seconds={SECONDS}", None,
                     machine(cell, False), PATIENCE * slower, f"{name}-stress", scratch=True)
    return churn, stress
