# SPDX-License-Identifier: GPL-2.0
"""checkpatch on our files and patches: what it gets wrong, and what it says of a patch."""

from __future__ import annotations

import subprocess
from pathlib import Path

from overlay.common import BUILD, digest, write_atomic

# What checkpatch gets wrong, by the beginning of the path.
IGNORED = {
    # It does not know how TRACE_EVENT() is laid out everywhere in the kernel.
    "include/trace/": "PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE,SPACING,LONG_LINE",
    # It takes a parameter that is a function for the body of one.
    "mm/cma/area.c": "OPEN_BRACE",
    # It knows SetPageReserved() and the like, but not the ones with underscores.
    "mm/cma/tests/": "CAMELCASE",
    # Programs have neither BIT() nor __printf(), and are not found by __func__.
    "tools/": "BIT_MACRO,PREFER_DEFINED_ATTRIBUTE_MACRO,EMBEDDED_FUNCTION_NAME",
    # A name that is pasted and quoted has no side effects.
    "tools/testing/cma/tap.h": "MACRO_ARG_REUSE",
    # The library that calls it chose the name.
    "tools/testing/cma/fuzz/": "CAMELCASE",
    # A comment says how the file is named on a command line.
    "tools/testing/kunit/configs/": "EMBEDDED_FILENAME",
    # What has no prompt, or is one of a choice, needs no paragraph of help.
    "mm/cma/Kconfig": "CONFIG_DESCRIPTION",
}
# What it says of a patch that adds files; get_maintainer.pl answers that better.
IGNORED_IN_PATCHES = {"FILE_PATH_CHANGES"}


def ignored(name: str) -> set[str]:
    """The types of complaints that are none about the file @name."""
    return {one for start, types in IGNORED.items() if name.startswith(start)
            for one in types.split(",")}


def complaints(tree: Path, patch: Path) -> list[str]:
    """What checkpatch has to say about @patch, by the tree's own one; none is remembered."""
    script = tree / "scripts/checkpatch.pl"
    passed = BUILD / "style" / digest(script.read_bytes(), Path(__file__).read_bytes(),
                                      patch.read_bytes())
    if passed.exists():
        return []
    result = subprocess.run(
        [str(script), "--strict", "--terse", "--show-types", "--showfile", "--no-summary",
         str(patch)], cwd=tree, capture_output=True, text=True, check=False)
    lines = [line for line in (result.stdout + result.stderr).splitlines() if counts(line)]
    if not lines:
        write_atomic(passed, b"")
    return lines


def counts(line: str) -> bool:
    """Whether a line of output, "path:line: LEVEL:TYPE: text", is a complaint that counts."""
    path, _, rest = line.partition(":")
    words = rest.split(":")
    kind = words[2] if len(words) > 2 else ""
    return bool(line.strip()) and kind not in ignored(path) | IGNORED_IN_PATCHES
