# SPDX-License-Identifier: GPL-2.0
"""Lays our files over the pristine tree, touching only what differs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from overlay import base, hooks, join
from overlay.common import BUILD, ROOT, Problem, digest, locked, say, write_atomic

TOUCHED = BUILD / "touched.json"


def our_files(root: Path, tree: Path) -> list[str]:
    """The files of the repo that belong in a kernel tree: those in a directory it has."""
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True)
    if listing.returncode:
        raise Problem(f"git cannot list the files of {root}: {listing.stderr.strip()}")
    names = sorted(set(filter(None, listing.stdout.split("\0"))))
    return [name for name in names
            if "/" in name and not name.startswith("scripts/")
            and (tree / name.split("/")[0]).is_dir() and (root / name).is_file()]


def check_paths(ours: list[str], tree: Path) -> None:
    """Refuse a tree or a repo where a file stands that should not, or the reverse."""
    for name in join.REPLACED + join.REMOVED:
        if not (tree / name).is_file():
            raise Problem(f"joining point '{name}: stock file' does not match this tree "
                          "(found 0, want 1); adapt scripts/overlay/join.py")
    for name in join.REPLACED + ("mm/cma/Kconfig", "mm/cma/Kconfig.dma", "mm/cma/Makefile"):
        if name not in ours:
            raise Problem(f"{name} is missing from the repo; it has to take the stock one's place")
    for name in ours:
        known = name in join.REPLACED or name.startswith(join.FREE_TO_REPLACE)
        if (tree / name).exists() and not known:
            raise Problem(f"{name} would overwrite a stock file and is no known replacement; "
                          "rename it, or list it in scripts/overlay/join.py")


def edit_stock(path: str, result: dict[str, bytes | None], tree: Path, name: str,
               edit: Callable[[str], str]) -> None:
    """Apply @edit to the file @path of @tree as far as it was edited already."""
    if not (tree / path).is_file():
        raise Problem(f"joining point '{name}' does not match this tree: no file {path}")
    old = result.get(path)
    text = old.decode() if old is not None else (tree / path).read_text()
    result[path] = edit(text).encode()


def wanted(root: Path, tree: Path) -> dict[str, bytes | None]:
    """Each path of @tree that changes, and its new content; None: it goes away."""
    ours = our_files(root, tree)
    check_paths(ours, tree)
    result: dict[str, bytes | None] = {name: (root / name).read_bytes() for name in ours}
    result |= dict.fromkeys(join.REMOVED)
    for point in join.joins((root / "MAINTAINERS").read_text()):
        if not point.needs or point.needs in ours:
            edit_stock(point.path, result, tree, point.name,
                       lambda text, point=point: join.apply_join(point, text))
    for hook in map(hooks.load, sorted((root / "scripts/hooks").glob("*.cocci"))):
        edit_stock(hook.path, result, tree, hook.name,
                   lambda text, hook=hook: hooks.apply_hook(hook, text))
    return result


def put(staged: Path, content: bytes | None, mode: int) -> bool:
    """Give the file @staged this content unless it has it; say whether it changed."""
    if content is None:
        existed = staged.exists()
        staged.unlink(missing_ok=True)
        return existed
    if staged.is_file() and staged.read_bytes() == content:
        return False
    write_atomic(staged, content, mode)
    return True


def mode_of(name: str, root: Path, tree: Path) -> int:
    """The access mode for the staged file @name: ours if we have it, else the stock one's."""
    origin = root / name if name != "MAINTAINERS" and (root / name).is_file() else tree / name
    return origin.stat().st_mode & 0o777 if origin.is_file() else 0o644


def lay(plan: dict[str, bytes | None], root: Path, tree: Path, staged: Path) -> int:
    """Make @staged equal @tree plus @plan; return how many files changed.

    What an earlier run touched and this one does not is copied back from
    @tree with a new date, not linked: make goes by dates.
    """
    before = set(json.loads(TOUCHED.read_text())) if TOUCHED.is_file() else set()
    write_atomic(TOUCHED, json.dumps(sorted(before | plan.keys())).encode())
    changed = 0
    for name in sorted(before | plan.keys()):
        stock = tree / name
        content = plan[name] if name in plan else (
            stock.read_bytes() if stock.is_file() else None)
        changed += put(staged / name, content, mode_of(name, root, tree))
        drop_empty((staged / name).parent, staged)
    write_atomic(TOUCHED, json.dumps(sorted(plan)).encode())
    return changed


def drop_empty(directory: Path, staged: Path) -> None:
    """Remove @directory and its parents below @staged as far as they are empty."""
    while directory != staged and directory.is_dir() and not any(directory.iterdir()):
        directory.rmdir()
        directory = directory.parent


def gate(plan: dict[str, bytes | None], staged: Path) -> None:
    """Check what stands in the tree, independently of how it came there."""
    for name, content in plan.items():
        found = (staged / name).read_bytes() if (staged / name).is_file() else None
        if found != content:
            raise Problem(f"{staged / name} is not what was staged; remove {staged} and stage anew")
    for name in join.REMOVED:
        if (staged / name).exists():
            raise Problem(f"the stock file {name} is still in {staged}")


def stage(stock: bool) -> tuple[Path, str]:
    """Bring the tree up to date; return it and a key for its content."""
    with locked(BUILD / "stage.lock", "stage: waiting for another stage to finish"):
        key = base.prepare()
        if stock:
            return base.clone("stock"), key
        plan = wanted(ROOT, base.BASE)
        if not (BUILD / "linux").is_dir():
            TOUCHED.unlink(missing_ok=True)
        staged = base.clone("linux")
        changed = lay(plan, ROOT, base.BASE, staged)
        gate(plan, staged)
        if changed:
            say(f"stage: {staged.relative_to(ROOT)}: {changed} files changed")
        parts = [item for name, content in sorted(plan.items())
                 for item in (name, content if content is not None else b"gone")]
        return staged, digest(key, *parts)
