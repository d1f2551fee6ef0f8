# SPDX-License-Identifier: GPL-2.0
"""The pristine kernel tree that everything is laid over."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from overlay.common import BUILD, Problem, digest, say

DEBIAN_SOURCE = Path("/usr/src/linux-source-6.12.tar.xz")
WANT = "6.12"
BASE = BUILD / "base"
ID_FILE = BUILD / "base.id"


def source() -> Path:
    """The tree or tarball to use: KSRC if given, else Debian's."""
    given = os.environ.get("KSRC", "")
    path = Path(given).resolve() if given else DEBIAN_SOURCE
    if path.exists():
        return path
    if given:
        raise Problem(f"KSRC={given} does not exist; give a {WANT}.y tree or tarball")
    raise Problem(f"{path} is missing; run 'make deps', or give KSRC=<{WANT}.y tree or tarball>")


def identity(path: Path) -> str:
    """A key that changes whenever the source at @path does."""
    if path.is_file():
        stat = path.stat()
        return digest(str(path), str(stat.st_size), str(stat.st_mtime_ns))
    listing = subprocess.run(
        ["find", str(path), "-name", ".git", "-prune", "-o",
         "-type", "f", "-printf", "%p %s %T@\n"],
        check=True, capture_output=True).stdout
    return digest(str(path), b"\n".join(sorted(listing.splitlines())))


def version(tree: Path) -> str:
    """The version that @tree's Makefile names, as in 6.12.117."""
    makefile = tree / "Makefile"
    if not makefile.is_file():
        raise Problem(f"{tree} is no kernel tree: it has no Makefile")
    text = makefile.read_text()
    parts = [re.search(rf"^{word}\s*=\s*(\d+)", text, re.M)
             for word in ("VERSION", "PATCHLEVEL", "SUBLEVEL")]
    return ".".join(part.group(1) if part else "?" for part in parts)


def unpack(path: Path, into: Path) -> None:
    """Put a pristine copy of the source at @path into the empty directory @into."""
    say(f"stage: unpacking {path} (half a minute, once)")
    if path.is_file():
        command = ["tar", "-xf", str(path), "-C", str(into), "--strip-components=1"]
    elif (path / ".config").exists():
        raise Problem(f"KSRC={path} was built in; run 'make mrproper' there first")
    else:
        command = ["rsync", "-a", "--exclude=.git", f"{path}/", f"{into}/"]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise Problem(f"cannot unpack {path}: {' '.join(result.stderr.split())[:200]}")


def prepare() -> str:
    """Make BASE hold the pristine source; return its identity."""
    path = source()
    key = identity(path)
    if BASE.is_dir() and ID_FILE.is_file() and ID_FILE.read_text() == key:
        return key
    ID_FILE.unlink(missing_ok=True)
    fresh = BUILD / "base.new"
    for old in (fresh, BASE, BUILD / "linux", BUILD / "stock"):
        shutil.rmtree(old, ignore_errors=True)
    fresh.mkdir(parents=True)
    unpack(path, fresh)
    found = version(fresh)
    if not found.startswith(WANT + "."):
        raise Problem(f"{path} is Linux {found}; these files are made for {WANT}.y")
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
