# SPDX-License-Identifier: GPL-2.0
"""Proves that patches make the staged tree of the stock files, whoever applies them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

from overlay import base
from overlay.common import Problem

TOOLS = {
    "patch": ["patch", "-p1", "--silent", "--fuzz=0", "--batch", "-i"],
    "git apply": ["git", "apply"],
}


class Tree(Protocol):
    """What has to come out: see series.Tree."""

    @property
    def staged(self) -> Path: ...

    @property
    def wanted(self) -> dict[str, bytes | None]: ...

    @property
    def touched(self) -> dict[str, bytes]: ...


def lay_out(here: Tree, where: Path) -> None:
    """Copy the stock files that change to @where."""
    for path in here.touched:
        (where / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(base.BASE / path, where / path)


def difference(here: Tree, where: Path) -> str:
    """The first file at @where that is not as in the staged tree; empty if there is none."""
    found = {str(path.relative_to(where)) for path in where.rglob("*") if path.is_file()}
    there = {path for path, content in here.wanted.items() if content is not None}
    for path in sorted(found ^ there):
        return f"{path} is {'too many' if path in found else 'missing'}"
    for path in sorted(there):
        mine, theirs = where / path, here.staged / path
        if mine.read_bytes() != theirs.read_bytes():
            return f"{path} differs"
        if os.access(mine, os.X_OK) != os.access(theirs, os.X_OK):
            return f"{path} has another mode"
    return ""


def prove(here: Tree, patches: list[Path]) -> None:
    """Apply @patches to the stock files with each tool; the staged tree has to come out."""
    for name, command in TOOLS.items():
        if not shutil.which(command[0]):
            raise Problem(f"{command[0]} is missing; run 'make deps'")
        with tempfile.TemporaryDirectory(prefix="cma-") as scratch:
            where = Path(scratch)
            lay_out(here, where)
            env = os.environ | {"GIT_CEILING_DIRECTORIES": str(where.parent), "LC_ALL": "C"}
            for patch in patches:
                result = subprocess.run([*command, str(patch)], cwd=where, env=env, check=False,
                                        capture_output=True, text=True, stdin=subprocess.DEVNULL)
                said = " ".join((result.stdout + result.stderr).split())[:300]
                if result.returncode or said:
                    raise Problem(f"{name} does not take {patch.name}: "
                                  f"{said or f'status {result.returncode}'}")
            wrong = difference(here, where)
            if wrong:
                raise Problem(f"{name} makes another tree of {patches[-1].name}: {wrong}")
