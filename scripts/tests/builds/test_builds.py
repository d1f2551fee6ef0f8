# SPDX-License-Identifier: GPL-2.0
"""Every architecture and the configurations around CMA: they link, with ours and without stock's."""

from __future__ import annotations

from pathlib import Path

import pytest
from orders import ROOT, config, members, order, symbols

OFF = "# CONFIG_{} is not set\n"
VARIANTS = [
    ("arm64", ""),
    ("arm", ""),
    ("x86_64", ""),
    ("um", ""),
    ("arm64", OFF.format("CMA")),
    ("arm64", OFF.format("DMA_CMA")),
    ("arm64", OFF.format("NUMA") + OFF.format("CMA_SYSFS")),
    ("arm64", OFF.format("DEBUG_FS")),
    ("arm64", OFF.format("HUGETLBFS") + OFF.format("TRANSPARENT_HUGEPAGE") + OFF.format("COMPACTION")
     + OFF.format("SWAP")),
    ("arm64", "CONFIG_CMA_SIZE_SEL_PERCENTAGE=y\n"),
    ("arm64", "CONFIG_CMA_SIZE_SEL_MAX=y\nCONFIG_ARM64_64K_PAGES=y\nCONFIG_ARM64_VA_BITS_42=y\n"
              "# CONFIG_ARM64_4K_PAGES is not set\n# CONFIG_ARM64_VA_BITS_39 is not set\n"),
    ("arm", OFF.format("HIGHMEM")),
    ("arm", "CONFIG_ARM_LPAE=y\n"),
]


def ours() -> set[str]:
    """The objects that our sources compile to, whatever the configuration."""
    sources = [*(ROOT / "mm/cma").glob("*.c"), ROOT / "mm/cma.c", *(ROOT / "kernel/dma").glob("*.c")]
    return {str(path.relative_to(ROOT).with_suffix(".o")) for path in sources}


def expected(on: set[str]) -> set[str]:
    """Which of our objects a kernel with the symbols @on is linked from."""
    absent = set()
    if "CMA_SYSFS" not in on:
        absent.add("mm/cma/sysfs.o")
    if "CMA_DEBUGFS" not in on:
        absent.add("mm/cma/debugfs.o")
    if "DMA_CMA" not in on:
        absent |= {name for name in ours() if name.startswith("kernel/dma/")}
    return ours() - absent if "CMA" in on else set()


@pytest.mark.parametrize("arch, extra", VARIANTS)
def test_links_with_ours_only(arch: str, extra: str, tmp_path: Path) -> None:
    out = order(arch, extra, tmp_path)
    linked = members(out)
    assert not linked & {"mm/cma_debug.o", "mm/cma_sysfs.o"}
    on = config(out)
    found = {name for name in linked if name.startswith("mm/cma") or name in ours()}
    assert {name for name in found if "/tests/" not in name} == expected(on)
    assert ("cma_alloc" in symbols(out)) == ("CMA" in on)
    assert ("dma_alloc_contiguous" in symbols(out)) == ("DMA_CMA" in on)


def test_the_order_decides_what_comes_out(tmp_path: Path) -> None:
    assert {"CMA", "DMA_CMA", "CMA_SYSFS", "CMA_DEBUGFS", "NUMA", "SMP"} <= config(order("arm64"))
    assert "CMA" not in config(order("arm64", OFF.format("CMA"), tmp_path))
