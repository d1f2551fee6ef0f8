# SPDX-License-Identifier: GPL-2.0
"""The boots of a cell: requests that are checked one by one, all at once, and who waits."""

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
    "rt": guest.RT,
    "debug": "",
}
# QEMU's A53 has no pages of 16K.
CPU = {"16K": ("-cpu", "cortex-a76")}
# A pageblock of 64K pages is 512 MiB, and so is a huge page. An area has at least one.
AREA = {"4K": "192M", "16K": "192M", "64K": "512M"}
MEM_MIB = {"4K": 1024, "16K": 1024, "64K": 4096}
DEBUG_MIB = 512  # KASAN and page_owner take an eighth, and more
# Programs and files fill memory, and a quarter of the area is what is asked for: a pageblock
# of 512 MiB, where there are such.
FULL = {"4K": "cma=256M", "16K": "cma=256M", "64K": "cma=2G rest_mib=3100"}
LOG = "log_buf_len=2M"
READY = "cma_ready=1"  # the guest leaves vm.cma_ready_percent as the kernel has it
CYCLES, SECONDS, LATE = 150, 30, 60
PATIENCE = 600.0
SLOWER = 4  # a debug kernel is


def kernel(cell: Cell, stock: bool) -> guest.Order:
    return guest.Order(cell.arch, stock, cell.kind == "debug", True,
                       guest.fragment(CONFIG[cell.pages] + CONFIG[cell.kind]))


def mem_mib(cell: Cell, action: str) -> int:
    """For churn so little that page cache has to lie in the area; the stress fills memory itself.

    An area must fit into a node, beside what is there already.
    """
    mib = MEM_MIB[cell.pages]
    if action == "churn":
        mib = mib // 2 if cell.nodes == "one" else mib * 3 // 4
    return mib + DEBUG_MIB * (cell.kind == "debug")


def machine(cell: Cell, action: str) -> vm.Machine:
    """With several processors, the time of a task would be that of the others as well."""
    counted = action != "stress" and counts(cell)
    smp = 1 if counted else guest.Order(board=True).smp
    extra, mib = CPU.get(cell.pages, ()), mem_mib(cell, action)
    if cell.nodes == "two":
        extra += vm.two_nodes(mib, smp)
    return vm.Machine(cell.arch, f"{mib}M", smp, extra, counted)


def options(cell: Cell) -> str:
    """What the kernel is told at boot."""
    words = [f"cma={AREA[cell.pages]}", LOG, f"lru_gen={int(cell.lru == 'mglru')}",
             *[f"transparent_hugepage={cell.thp}"] * (cell.arch != "arm" and cell.kind != "rt"),
             *["numa=fake=2"] * (cell.nodes == "fake"), *["page_owner=on"] * (cell.kind == "debug")]
    return " ".join(words)


def counts(cell: Cell) -> bool:
    """Whether its instructions say anything: those of checks do not."""
    return cell.kind != "debug"


def boots(cell: Cell, built: guest.Kernel) -> dict[str, vm.Boot]:
    """First what is counted, then what is as parallel as a machine can be."""
    slower = SLOWER if cell.kind == "debug" else 1

    def boot(action: str, asked: str = READY) -> vm.Boot:
        name = f"matrix-{'stock' if built.stock else 'ours'}-{cell.name}-{action}"
        return vm.Boot(built, action, f"{options(cell)} {asked}".strip(), None,
                       machine(cell, action), PATIENCE * slower, name,
                       scratch=action == "stress")

    # The slots that a refill locks for a moment are taken, and churn compares all of them.
    asked = {"churn": f"churn_cycles={CYCLES // slower}",
             "stress": f"{READY} stress_seconds={SECONDS} stress_late={LATE * slower}"}
    # It fills what is outside of the area, and knows neither nodes nor high memory.
    if counts(cell) and cell.nodes == "one" and cell.arch != "arm":
        asked["fault"] = READY
    if counts(cell):
        asked["rest"] = f"{READY} {FULL[cell.pages]}"
    return {action: boot(action, words) for action, words in asked.items()}
