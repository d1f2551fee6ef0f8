# SPDX-License-Identifier: GPL-2.0
"""Orders kernels as a user would: through make."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def order(arch: str, extra: str = "", scratch: Path | None = None) -> Path:
    """Build a kernel for @arch with the configuration lines @extra; return its output directory."""
    env = {name: value for name, value in os.environ.items()
           if name not in ("STOCK", "DEBUG", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    env |= {"ARCH": arch, "EXTRA_CONFIG": ""}
    if extra:
        assert scratch
        (scratch / "extra.config").write_text(extra)
        env["EXTRA_CONFIG"] = str(scratch / "extra.config")
    result = subprocess.run(["make", "-s", "kernel"], cwd=ROOT, env=env, text=True, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert result.returncode == 0, result.stderr
    image = Path(result.stdout.removesuffix("\n"))
    assert image.is_absolute() and image.is_file(), f"stdout is not just a path: {result.stdout}"
    return next(where for where in image.parents if where.name.startswith("out-"))


def members(out: Path) -> set[str]:
    """The objects that the kernel in @out is linked from."""
    listing = subprocess.run(["ar", "t", "vmlinux.a"], cwd=out, check=True,
                             capture_output=True, text=True).stdout
    return set(listing.split())


def symbols(out: Path) -> set[str]:
    """The names of the functions and data of the kernel in @out."""
    listing = subprocess.run(["nm", str(out / "vmlinux")], check=True,
                             capture_output=True, text=True).stdout
    return {line.split()[-1] for line in listing.splitlines()}


def config(out: Path) -> set[str]:
    """The symbols that are y in the configuration of @out."""
    return set(re.findall(r"^CONFIG_(\w+)=y$", (out / ".config").read_text(), re.M))


def conditions() -> dict[str, set[str]]:
    """Each of our objects, and the symbols that must all be y for it to be linked."""
    needs = {"mm/cma.o": {"CMA"}, "kernel/dma/contiguous.o": {"DMA_CMA"},
             "kernel/dma/contiguous_of.o": {"DMA_CMA", "OF_RESERVED_MEM"}}
    around: set[str] = set()
    for line in (ROOT / "mm/cma/Makefile").read_text().splitlines():
        if guard := re.fullmatch(r"ifdef CONFIG_(\w+)", line):
            around = set(guard.groups())
        elif line == "endif":
            around = set()
        elif rule := re.fullmatch(r"obj-(?:y|\$\(CONFIG_(\w+)\))\s*[:+]=\s*(.*)", line):
            own = {rule[1]} if rule[1] else set()
            needs |= {f"mm/cma/{name}": {"CMA"} | around | own
                      for name in rule[2].split() if name.endswith(".o")}
    return needs
