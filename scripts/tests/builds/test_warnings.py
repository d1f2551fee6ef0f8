# SPDX-License-Identifier: GPL-2.0
"""No warning about our files, neither from gcc (W=1) nor from sparse (C=2)."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from orders import conditions, config, order
from overlay.make import cc, environment
from repo import kernel_c_files

PREFIX = {"arm64": "aarch64-linux-gnu-", "arm": "arm-linux-gnueabihf-", "x86_64": ""}
TARGETS = ("mm/cma.o", "mm/cma/", "kernel/dma/", "samples/cma/")
WITH_TESTS = "CONFIG_KUNIT=y\nCONFIG_CMA_KUNIT_TEST=y\n"
OURS = re.compile(r"(?:^|/)(?:mm/cma|kernel/dma/contiguous|samples/cma/|include/linux/cma\.h"
                  r"|include/trace/events/cma\.h)[^ ]*:\d+:.*(?:warning|error):")


def sources() -> set[str]:
    """Everything of ours that is compiled into a kernel."""
    return {name for name in kernel_c_files() if name.endswith(".c")}


def compile_all(arch: str, out: Path) -> str:
    """Compile and check our files in @out anew; return what was printed."""
    for name in sources():
        (out / name).with_suffix(".o").unlink(missing_ok=True)
    result = subprocess.run(
        ["make", "-C", str(out.parent), f"O={out}", f"ARCH={arch}", f"CROSS_COMPILE={PREFIX[arch]}",
         f"CC={cc(PREFIX[arch] + 'gcc')}", "W=1", "C=2", *TARGETS],
        env=environment(), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False)
    assert result.returncode == 0, result.stdout
    return result.stdout


# The suites are compiled with FULL=1 only: it takes a kernel of its own. UML always runs them.
KERNELS = [(arch, "") for arch in PREFIX]
KERNELS += [("arm64", WITH_TESTS)] if os.environ.get("FULL") == "1" else []


@pytest.mark.parametrize("arch, extra", KERNELS)
def test_no_warnings(arch: str, extra: str, tmp_path: Path) -> None:
    out = order(arch, extra, tmp_path)
    text = compile_all(arch, out)
    checked = set(re.findall(r"^\s+CHECK\s+(?:\.\./)?(\S+)$", text, re.M))
    absent = {name.removesuffix(".o") + ".c" for name, needs in conditions().items()
              if not needs <= config(out)}
    wanted = {name for name in sources() if extra or "/tests/" not in name}
    assert wanted - checked == absent, "not all of our files were checked"
    assert [line for line in text.splitlines() if OURS.search(line)] == []
