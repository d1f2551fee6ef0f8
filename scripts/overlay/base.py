# SPDX-License-Identifier: GPL-2.0
"""The pristine kernel tree that everything is laid over."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from overlay.common import BUILD, Problem, say
from overlay.source import Commit, Folder, Source, Tarball, every, open_source

DEBIAN_SOURCE = Path("/usr/src/linux-source-6.12.tar.xz")
WANT = ("6.12", "6.13", "6.14")
BASE = BUILD / "base"
ID_FILE = BUILD / "base.id"


def source() -> Folder | Commit | Tarball:
    """The tree to use: KSRC if given, else Debian's."""
    given = os.environ.get("KSRC", "")
    if given:
        return open_source(given)
    if DEBIAN_SOURCE.exists():
        return open_source(str(DEBIAN_SOURCE))
    raise Problem(f"{DEBIAN_SOURCE} is missing; run 'make deps', or give KSRC=<{WANT[0]}.y tree "
                  "or tarball>")


def check_version(tree: Folder | Commit | Tarball) -> str:
    """The version of @tree, which must be one that ours fits."""
    found = tree.version()
    if found.rpartition(".")[0] not in WANT:
        raise Problem(f"{tree.label} is Linux {found}; these files are made for "
                      f"{'.y, '.join(WANT[:-1])}.y and {WANT[-1]}.y")
    return found


def unpack(tree: Folder | Commit | Tarball, into: Path,
           want: Callable[[str], bool] = every) -> None:
    """Make @into a pristine copy of @tree, or of those of its files that we @want."""
    say(f"stage: unpacking {tree.label} (half a minute, once)")
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    try:
        tree.copy(into, want)
    except BaseException:
        shutil.rmtree(into, ignore_errors=True)
        raise


def prepare(check: Callable[[Source], None] = lambda tree: None) -> str:
    """Make BASE hold the pristine source; return its identity.

    @check looks at a source that is new, and raises if ours do not fit: then
    BASE, and what was made of it, stay as they are.
    """
    tree = source()
    key = tree.identity()
    if BASE.is_dir() and ID_FILE.is_file() and ID_FILE.read_text() == key:
        return key
    fresh = BUILD / "base.new"
    check_version(tree)
    if isinstance(tree, Tarball):
        unpack(tree, fresh)
        try:
            check(Folder(fresh))
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    else:
        check(tree)
        unpack(tree, fresh)
    ID_FILE.unlink(missing_ok=True)
    for old in (BASE, BUILD / "linux", BUILD / "stock"):
        shutil.rmtree(old, ignore_errors=True)
    fresh.rename(BASE)
    ID_FILE.write_text(key)
    return key


def clone(name: str) -> Path:
    """A hard-linked copy of BASE as build/@name; made once, complete or not at all."""
    tree = BUILD / name
    if tree.is_dir():
        return tree
    fresh = BUILD / f"{name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    subprocess.run(["cp", "-al", str(BASE), str(fresh)], check=True)
    fresh.rename(tree)
    return tree
