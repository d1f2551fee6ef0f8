# SPDX-License-Identifier: GPL-2.0
"""Every architecture, and the configurations around CMA: they link, without stock's CMA."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from orders import ROOT, conditions, config, members, order, symbols

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
]
# Each of these compiles nearly all files anew: with FULL=1 only.
MORE = [
    ("arm64", OFF.format("HUGETLBFS") + OFF.format("TRANSPARENT_HUGEPAGE")
     + OFF.format("COMPACTION") + OFF.format("SWAP")),
    ("arm64", "CONFIG_CMA_SIZE_SEL_PERCENTAGE=y\n"),
    ("arm64", "CONFIG_CMA_SIZE_SEL_MAX=y\nCONFIG_ARM64_64K_PAGES=y\nCONFIG_ARM64_VA_BITS_42=y\n"
              "# CONFIG_ARM64_4K_PAGES is not set\n# CONFIG_ARM64_VA_BITS_39 is not set\n"),
    ("arm", OFF.format("HIGHMEM")),
    ("arm", "CONFIG_ARM_LPAE=y\n"),
]
VARIANTS += MORE if os.environ.get("FULL") == "1" else []


def is_ours(name: str) -> bool:
    """Whether the object @name is made from a source of the CMA."""
    return name.startswith(("mm/cma", "kernel/dma/contiguous"))


def test_every_source_is_in_a_makefile() -> None:
    sources = [path for where in ("mm", "mm/cma", "kernel/dma")
               for path in (ROOT / where).glob("*.c")]
    assert len(sources) > 10
    assert {str(path.relative_to(ROOT).with_suffix(".o")) for path in sources} <= set(conditions())


@pytest.mark.parametrize("arch, extra", VARIANTS)
def test_links_with_ours_only(arch: str, extra: str, tmp_path: Path) -> None:
    out = order(arch, extra, tmp_path)
    linked = members(out)
    assert "mm/page_alloc.o" in linked
    on = config(out)
    expected = {name for name, needs in conditions().items() if needs <= on}
    assert {name for name in linked if is_ours(name) and "/tests/" not in name} == expected
    assert ("cma_alloc" in symbols(out)) == ("CMA" in on)
    assert ("dma_alloc_contiguous" in symbols(out)) == ("DMA_CMA" in on)


def test_the_order_decides_what_comes_out(tmp_path: Path) -> None:
    assert {"CMA", "DMA_CMA", "CMA_SYSFS", "CMA_DEBUGFS", "NUMA", "SMP"} <= config(order("arm64"))
    assert "CMA" not in config(order("arm64", OFF.format("CMA"), tmp_path))
