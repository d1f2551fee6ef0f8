# SPDX-License-Identifier: GPL-2.0
"""No warning about our files, neither from gcc (W=1) nor from sparse (C=2)."""

from __future__ import annotations

import re
import subprocess

import pytest
from kit.make import cc, environment
from orders import ROOT, order

PREFIX = {"arm64": "aarch64-linux-gnu-", "arm": "arm-linux-gnueabihf-", "x86_64": ""}
TARGETS = ("mm/cma.o", "mm/cma/", "kernel/dma/", "samples/cma/")
OURS = re.compile(r"(?:^|/)(?:mm/cma|kernel/dma/contiguous|samples/cma/|include/linux/cma\.h"
                  r"|include/trace/events/cma\.h)[^ ]*:\d+")


def compile_all(arch: str) -> str:
    """Compile and check our files for @arch anew; return what was printed."""
    out = order(arch)
    for target in TARGETS:
        for obj in (out / target).glob("*.o") if target.endswith("/") else [out / target]:
            obj.unlink(missing_ok=True)
    result = subprocess.run(
        ["make", "-C", str(out.parent), f"O={out}", f"ARCH={arch}", f"CROSS_COMPILE={PREFIX[arch]}",
         f"CC={cc(PREFIX[arch] + 'gcc')}", "W=1", "C=2", *TARGETS],
        env=environment(), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False)
    assert result.returncode == 0, result.stdout
    return result.stdout


@pytest.mark.parametrize("arch", PREFIX)
def test_no_warnings(arch: str) -> None:
    text = compile_all(arch)
    checked = set(re.findall(r"^\s+CHECK\s+(?:\.\./)?(\S+)$", text, re.M))
    sources = {str(path.relative_to(ROOT)) for where in ("mm", "mm/cma", "kernel/dma")
               for path in (ROOT / where).glob("*.c")}
    assert sources <= checked, "not all of our files were checked"
    assert [line for line in text.splitlines() if OURS.search(line)] == []
