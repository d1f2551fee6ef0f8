# SPDX-License-Identifier: GPL-2.0
"""Builds the host programs and runs them; shared by the tests of the pure files."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
BUILD = HERE.parents[2] / "build" / "host"
# The kernel headers that a pure file may use, as far as it uses them.
COMPAT = HERE.parents[1] / "mm" / "cma" / "compat"
TIMEOUT_SECONDS = 120

# What has to be installed, by "make" target.
NEEDS: dict[str, dict[str, str]] = {
    "all": {"cc": "gcc", "make": "make"},
    "m32": {"cc": "gcc libc6-dev-i386 lib32gcc-12-dev"},
    "fuzz": {"clang": "clang libclang-rt-14-dev"},
}


def missing(target: str) -> str:
    """Debian packages that a target lacks, or an empty string."""
    return " ".join(package for tool, package in NEEDS[target].items() if not shutil.which(tool))


@functools.cache
def _make(target: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-s", "-C", str(HERE), f"O={BUILD}", f"-j{os.cpu_count()}", target],
        capture_output=True, text=True, check=False)


def build(target: str) -> Path:
    """Build a target; return the directory of its programs."""
    done = _make(target)
    if done.returncode:
        raise RuntimeError(f"make {target} in {HERE} failed:\n{done.stdout}{done.stderr}")
    return BUILD / "m32" if target == "m32" else BUILD


def programs() -> list[str]:
    """Names of the C test programs."""
    return sorted(path.stem for path in HERE.glob("test_*.c"))


def cases(program: str) -> list[str]:
    """Names of the cases of a program, as its source declares them."""
    return re.findall(r"^CASE\((\w+)\)$", (HERE / f"{program}.c").read_text(), re.MULTILINE)


def _run(target: str, program: str) -> tuple[int, str]:
    done = subprocess.run([str(build(target) / program)], capture_output=True, text=True,
                          check=False, timeout=TIMEOUT_SECONDS)
    return done.returncode, done.stdout + done.stderr


@functools.cache
def _runs(target: str) -> dict[str, Future[tuple[int, str]]]:
    build(target)
    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    return {program: pool.submit(_run, target, program) for program in programs()}


def result(target: str, program: str) -> tuple[int, str]:
    """Exit code and output of a program; all programs of a target run at once, and once."""
    return _runs(target)[program].result()
