# SPDX-License-Identifier: GPL-2.0
"""Which files the repo has, by kind: what the style and build tests go over."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KERNEL_DIRS = ("include/", "kernel/", "mm/", "samples/", "lib/", "drivers/")


def all_files() -> list[str]:
    """Every file of the repo that is tracked or could be."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True, capture_output=True, text=True).stdout
    return sorted(name for name in set(listing.split("\0")) if name and (ROOT / name).is_file())


def c_files() -> list[str]:
    """C sources and headers, of the kernel and of programs."""
    return [name for name in all_files() if name.endswith((".c", ".h"))]


def kernel_c_files() -> list[str]:
    """C sources and headers that are compiled into a kernel."""
    return [name for name in c_files() if name.startswith(KERNEL_DIRS)]


def is_test(name: str) -> bool:
    """Whether the kernel file @name holds tests only."""
    return "/tests/" in name or name.endswith(("_kunit.c", "_test.c"))


def shell_files() -> list[str]:
    """Shell scripts, known by their first line."""
    return [name for name in all_files() if first_line(name).startswith("#!")
            and ("bash" in first_line(name) or first_line(name).endswith("/sh"))]


def python_files() -> list[str]:
    """Python modules and scripts."""
    return [name for name in all_files()
            if name.endswith(".py") or re.match(r"#!.*python", first_line(name))]


def first_line(name: str) -> str:
    """The first line of @name, empty if it is no text."""
    with (ROOT / name).open("rb") as file:
        return file.readline().decode(errors="replace").rstrip()
