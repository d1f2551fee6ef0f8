# SPDX-License-Identifier: GPL-2.0
"""What each input must come to, by kind of input."""

from __future__ import annotations

from cmatest.input_rows import arm, choice, cmdline, keep, large, nodes, nodes_bad, places
from cmatest.input_rows.row import Row

SECTIONS: dict[str, list[Row]] = {
    "``cma=`` on arm64 with 1 GiB": cmdline.ROWS,
    "``numa_cma=``, ``cma_pernuma=``, ``hugetlb_cma=``": nodes.ROWS,
    "Device tree: properties": nodes_bad.ROWS,
    "Device tree: places": places.ROWS,
    "Who decides, and names": choice.ROWS,
    "32-bit arm with 2 GiB": arm.ROWS,
    "More than 4 GiB, and holes": large.ROWS,
}
# What stock knows nothing of is not compared with it.
ROWS = [*(row for rows in SECTIONS.values() for row in rows), *keep.ROWS]
