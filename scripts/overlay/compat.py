# SPDX-License-Identifier: GPL-2.0
"""mm/cma/compat.h: only what the tree lacks is staged, see the head of that file."""

from __future__ import annotations

import re
from collections.abc import Callable

HEADER = "mm/cma/compat.h"
BLOCK = re.compile(r"^/\* tree: (\w+) in ([^*]+?) \*/\n(.*?)(?=^/\* tree: )", re.M | re.S)
END = "/* tree: end */\n"
INTRO = re.compile(r"^/\*\n(?: \*.*\n)+? \*/\n", re.M)
INCLUDE = re.compile(rb'^#include "(?:\.\./)?compat\.h"\n', re.M)
NOTE = """\
/*
 * What this kernel lacks of the one that we develop on. Staging has left out
 * what it has.
 */
"""


def header(text: str, read: Callable[[str], bytes | None]) -> str:
    """The header @text without the blocks whose names are in the files that @read reads.

    Empty if no block is left.
    """
    def block(match: re.Match[str]) -> str:
        name = re.compile(rf"\b{match[1]}\b")
        files = [(read(path) or b"").decode(errors="replace") for path in match[2].split()]
        return "" if any(map(name.search, files)) else match[3]

    kept = BLOCK.sub(block, text)
    if not any(block(match) for match in BLOCK.finditer(text)):
        return ""
    return INTRO.sub(NOTE, kept.replace(END, ""), count=1)


def probe(plan: dict[str, bytes | None], read: Callable[[str], bytes | None]) -> None:
    """Make @plan hold what the tree lacks, and no more."""
    text = plan.get(HEADER)
    if text is None:
        return
    kept = header(text.decode(), read)
    if kept:
        plan[HEADER] = kept.encode()
        return
    del plan[HEADER]
    for name, content in plan.items():
        if name.startswith("mm/cma/") and content is not None:
            plan[name] = INCLUDE.sub(b"", content)
