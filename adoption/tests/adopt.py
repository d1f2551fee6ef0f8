# SPDX-License-Identifier: GPL-2.0
"""What the tests of adoption/ share: where things are, and what is given to try them with."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "adoption"
OUT = ROOT / "build" / "adoption"
SOURCE = os.environ.get("KSRC") or "/usr/src/linux-source-6.12.tar.xz"
MIB = 1 << 20


def call(*command: str | Path, cwd: Path = ROOT,
         env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command, which has to succeed."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, env=os.environ | (env or {}), check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done


def given(name: str, what: str) -> Path:
    """The tree that the variable @name names; without it, the test was not run."""
    path = os.environ.get(name)
    if not path:
        pytest.skip(f"not run: {what} (give {name}=<tree>)")
    assert Path(path).is_dir(), f"{name}={path} is no directory"
    return Path(path).resolve()


@cache
def prepared(kind: str, name: str = "") -> Path:
    """What adoption/prepare makes, once, for Debian's source or for KSRC=."""
    place = OUT / f"{kind}-{name}".rstrip("-")
    shutil.rmtree(place, ignore_errors=True)
    call(HERE / "prepare", kind, SOURCE, place, *([name] if name else []))
    return place


def fresh(name: str) -> Path:
    """An empty directory to work in."""
    place = OUT / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place
