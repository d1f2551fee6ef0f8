# SPDX-License-Identifier: GPL-2.0
"""The trees that ours were tried on: trees.json has what came out, and a document shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from overlay.common import ROOT

LIST = Path(__file__).with_name("trees.json")
DOCUMENT = ROOT / "Documentation/admin-guide/mm/cma_trees.rst"
COLUMNS = {"tree": "Tree", "commit": "Commit", "version": "Version", "how": "Checked by",
           "points": "Points", "compiles": "Compiles", "goes": "What goes"}
HEAD = """\
.. SPDX-License-Identifier: GPL-2.0
.. Generated from scripts/overlay/trees.json by "scripts/joins --document".

============================
Trees that CMA was tried on
============================

This implementation of CMA joins a kernel tree at a few points. The table tells
for each tree how many of the points match, whether the files compile for arm64
there, and what of the tree goes. ``only points`` means that the files were not
compiled there. ``make joins KSRC=...`` tells the same for your tree.

How a tree was checked:

tree
  ``make joins`` on the whole tree.
patches
  The same on stock of that release, or the nearest one at hand, with those of
  the vendor's patches that touch memory management, DMA or device trees.
release
  Nobody has the whole tree at hand. The vendor's patches leave the files alone
  that matter, so the answer is that of stock of the same release, or of the
  two releases around it.
inferred
  From single files and from trees that derive from it.

{table}
"""


def load() -> list[dict[str, str]]:
    """One row for each tree."""
    rows: list[dict[str, str]] = json.loads(LIST.read_text())
    return rows


def table(rows: Iterable[dict[str, str]]) -> str:
    """The table in the notation of documents."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 22 14 10 10 8 8 28", ""]
    for row in [COLUMNS, *rows]:
        for number, key in enumerate(COLUMNS):
            lines.append(f"   {'*' if not number else ' '} - {row[key]}".rstrip())
    return "\n".join(lines)


def document() -> str:
    """The text of the document."""
    return HEAD.format(table=table(load()))
