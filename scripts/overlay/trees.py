# SPDX-License-Identifier: GPL-2.0
"""The trees that ours were tried on: trees.json has what came out, and a document shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from overlay.common import ROOT

LIST = Path(__file__).with_name("trees.json")
NEWER = Path(__file__).with_name("newer.json")
DOCUMENT = ROOT / "Documentation/admin-guide/mm/cma_trees.rst"
COLUMNS = {"tree": "Tree", "commit": "Commit", "version": "Version", "how": "Checked by",
           "points": "Points", "compiles": "Compiles", "on": "What was compiled",
           "goes": "What goes"}
OBSTACLES = {"kernel": "Kernel", "what": "What it has", "needed": "What ours needs"}
HEAD = """\
.. SPDX-License-Identifier: GPL-2.0
.. Generated from scripts/overlay/*.json by "scripts/joins --document".

============================
Trees that CMA was tried on
============================

This implementation of CMA joins a kernel tree at a few points. The table tells
for each tree how many of the points match, whether our files and the joined
ones compile there, and what of the tree goes. ``make joins KSRC=...`` tells the
same for your tree.

Of {trees} trees on 6.12 it compiles on {compile}. ``only points`` means that
nothing was compiled there. Compiled means for arm64, also where the boards of a
tree are of another architecture. A version as ``6.12.y, on .107`` tells the
vendor's release, and the release of stock that stood in for it.

How a tree was checked:

tree
  ``make joins`` on the whole tree.
patches
  The same on stock of that release, or the nearest one at hand. The vendor's
  changes of files that the compiler reads for ours are laid over it, all others
  are not.
release
  The vendor has published patches. None of them changes a file that the compiler
  reads for ours, so stock of that release, or the nearest one at hand, was
  compiled.
inferred
  The vendor's tree was not at hand. What it changes is inferred from single
  files of it, and from trees that derive from it. Stock was compiled, with those
  of the vendor's files that the column names.

Since six points more came in, the points of each row that was checked by its tree
were tried again. Those of these rows that compile were compiled again; how many
files do not on 6.18 is of the state before. For the other rows, the points were
tried on 6.12.101 with all patches of OpenWrt, Raspberry Pi and Armbian that change
a file with a point. What was compiled for them was of the state before.

{table}
"""
AHEAD = """
What stands in the way on 6.18 and 7.x
======================================

``make stage`` and ``make joins`` refuse these kernels by their version. The list
says what each has that ours does not fit. For 6.18 it comes from what
``make joins`` does on the 6.18.13 tree of the table above if its version is let
through: all points match but three that are optional, five functions go that
others call, and nine files do not compile, seven of them ours. For 7.x it comes
from reading single files; nothing was compiled there.

{table}
"""


def load() -> list[dict[str, str]]:
    """One row for each tree."""
    rows: list[dict[str, str]] = json.loads(LIST.read_text())
    return rows


def newer() -> list[dict[str, str]]:
    """One row for each thing that stands in the way on a newer kernel."""
    rows: list[dict[str, str]] = json.loads(NEWER.read_text())
    return rows


def table(columns: dict[str, str], widths: str, rows: Iterable[dict[str, str]]) -> str:
    """The table in the notation of documents."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in [columns, *rows]:
        for number, key in enumerate(columns):
            lines.append(f"   {'*' if not number else ' '} - {row[key]}".rstrip())
    return "\n".join(lines)


def document() -> str:
    """The text of the document."""
    rows = load()
    on_6_12 = [row for row in rows if row["version"].startswith("6.12")]
    head = HEAD.format(trees=len(on_6_12), table=table(COLUMNS, "20 12 10 8 8 8 20 24", rows),
                       compile=sum(row["compiles"] == "yes" for row in on_6_12))
    return head + AHEAD.format(table=table(OBSTACLES, "10 45 45", newer()))
