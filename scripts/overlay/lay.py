# SPDX-License-Identifier: GPL-2.0
"""Lays our files over the pristine tree, touching only what differs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from overlay import base, compat, hooks, join, known, losses
from overlay.common import BUILD, ROOT, Problem, digest, locked, say, write_atomic
from overlay.points import Mismatch, Outcome, tell
from overlay.source import Folder, Source

TOUCHED = BUILD / "touched.json"


@dataclass(frozen=True)
class Step:
    """An edit of one stock file; those of a group are made together, or none."""

    name: str
    path: str
    lost: str
    group: str
    edit: Callable[[str, str], tuple[str, Outcome]]


def as_source(tree: Path | Source) -> Source:
    """@tree as something to read from."""
    return Folder(tree) if isinstance(tree, Path) else tree


def our_files(root: Path, tree: Path | Source) -> list[str]:
    """The files of the repo that belong in a kernel tree: those in a directory it has."""
    source = as_source(tree)
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True)
    if listing.returncode:
        raise Problem(f"git cannot list the files of {root}: {listing.stderr.strip()}")
    names = sorted(name for name in set(filter(None, listing.stdout.split("\0"))) if "/" in name)
    tops = {top for top in {name.split("/")[0] for name in names} - {"scripts"}
            if source.has_top(top)}
    return [name for name in names if name.split("/")[0] in tops and (root / name).is_file()]


def removed(ours: list[str]) -> list[str]:
    """The stock files that go without a successor."""
    return [name for name in join.REMOVED if name not in ours]


def check_paths(ours: list[str], source: Source) -> None:
    """Refuse a tree or a repo where a file stands that should not, or the reverse."""
    for name in join.REPLACED + join.REMOVED:
        if not source.exists(name):
            raise Problem(f"joining point '{name}: stock file' does not match this tree "
                          "(found 0, want 1); adapt scripts/overlay/join.py")
    for name in join.REPLACED + ("mm/cma/Kconfig", "mm/cma/Kconfig.dma", "mm/cma/Makefile"):
        if name not in ours:
            raise Problem(f"{name} is missing from the repo; it has to take the stock one's place")
    for name in ours:
        known = name in join.REPLACED + join.REMOVED or name.startswith(join.FREE_TO_REPLACE)
        if not known and source.exists(name):
            raise Problem(f"{name} would overwrite a stock file and is no known replacement; "
                          "rename it, or list it in scripts/overlay/join.py")


def steps(root: Path, ours: list[str]) -> list[Step]:
    """All edits of stock files, in the order in which they are made."""
    points = [Step(point.name, point.path, point.lost, point.group or point.name,
                   lambda text, stock, point=point: join.apply_join(point, text, stock))
              for point in join.joins((root / "MAINTAINERS").read_text())
              if not point.needs or point.needs in ours]
    return points + [Step(hook.name, hook.path, hook.lost, hook.name,
                          lambda text, stock, hook=hook: hooks.apply_hook(hook, text))
                     for hook in hooks.load_all(root / "scripts/hooks")]


def take(step: Step, result: dict[str, bytes | None], source: Source) -> Outcome:
    """Make the edit @step of the stock file as far as @result has it; may raise a Mismatch."""
    stock = source.read(step.path)
    if stock is None:
        raise Mismatch(f"joining point '{step.name}' does not match this tree: "
                       f"no file {step.path}")
    old = result.get(step.path)
    text, outcome = step.edit((old if old is not None else stock).decode(), stock.decode())
    result[step.path] = text.encode()
    return outcome


def take_group(group: list[Step], result: dict[str, bytes | None],
               source: Source) -> list[Outcome]:
    """Make all edits of @group in @result, or none if one does not match."""
    trial = dict(result)
    outcomes = []
    why = ""
    for step in group:
        try:
            outcomes.append(take(step, trial, source))
        except Mismatch as mismatch:
            why = why or str(mismatch)
    if why:
        return [Outcome(step.name, step.lost, why=why) for step in group]
    result |= trial
    return outcomes


def attempt(root: Path,
            tree: Path | Source) -> tuple[dict[str, bytes | None], list[Outcome]]:
    """What wanted() returns, and what became of each joining point, whether they match or not."""
    source = as_source(tree)
    ours = our_files(root, source)
    check_paths(ours, source)
    result: dict[str, bytes | None] = {name: (root / name).read_bytes() for name in ours}
    result |= dict.fromkeys(removed(ours))
    compat.probe(result, source.read)
    outcomes: list[Outcome] = []
    groups: dict[str, list[Step]] = {}
    for step in steps(root, ours):
        groups.setdefault(step.group, []).append(step)
    for group in groups.values():
        outcomes += take_group(group, result, source)
    return result, outcomes


def refuse_if_needed(outcomes: list[Outcome]) -> None:
    """Raise if a joining point that is needed does not match."""
    wrong = [outcome.why for outcome in outcomes if not outcome.form and not outcome.lost]
    if wrong:
        raise Problem("\n".join(wrong))


def wanted(root: Path, tree: Path | Source,
           told: list[Outcome] | None = None) -> dict[str, bytes | None]:
    """Each path of @tree that changes, and its new content; None: it goes away.

    @told receives what became of each joining point.
    """
    result, outcomes = attempt(root, tree)
    refuse_if_needed(outcomes)
    if told is not None:
        told += outcomes
    return result


def our_code(root: Path, ours: list[str]) -> dict[str, str]:
    """Those of our files that take the place of the tree's code."""
    return {name: (root / name).read_text() for name in ours
            if name.endswith((".c", ".h")) and "/tests/" not in name
            and name.startswith(("include/", "kernel/", "mm/"))}


def what_goes(root: Path, source: Source) -> tuple[list[str], list[str]]:
    """What of @source goes with the files that we replace: reasons to stop, and remarks."""
    ours = our_files(root, source)
    replaced = [*join.REPLACED, *join.REMOVED]
    stops = [known.complaint(name, content, source)
             for name, content in known.unknown(replaced, source).items()]
    goes = losses.find(replaced, our_code(root, ours), source)
    stops += [f"{loss} goes, and is used" for loss in goes if loss.breaks]
    return stops, [f"goes: {loss}" for loss in goes if not loss.breaks]


def check(source: Source) -> None:
    """Refuse a tree that ours do not fit, and say what of it goes."""
    told: list[Outcome] = []
    wanted(ROOT, source, told)
    stops, remarks = what_goes(ROOT, source)
    for remark in remarks:
        say(f"stage: {remark}")
    if stops and os.environ.get("FORCE", "") != "1":
        raise Problem("\n".join(stops) + "\nFORCE=1 goes on nevertheless")
    for stop in stops:
        say(f"stage: FORCE=1: {stop}")


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
    """Make @staged equal @tree plus @plan; return how many files that took.

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
        if plan.get(name) is None and (staged / name).exists():
            raise Problem(f"the stock file {name} is still in {staged}")


def stage(stock: bool) -> tuple[Path, str]:
    """Bring the tree up to date; return it and a key for its content."""
    with locked(BUILD / "stage.lock", "stage: waiting for another stage to finish"):
        key = base.prepare(check)
        if stock:
            return base.clone("stock"), key
        told: list[Outcome] = []
        plan = wanted(ROOT, base.BASE, told)
        fresh = not (BUILD / "linux").is_dir()
        if fresh:
            TOUCHED.unlink(missing_ok=True)
        staged = base.clone("linux")
        changed = lay(plan, ROOT, base.BASE, staged)
        gate(plan, staged)
        if changed:
            say(f"stage: {staged.relative_to(ROOT)} is the kernel tree with CMA in it"
                if fresh else f"stage: {staged.relative_to(ROOT)} follows what was edited")
        tell(told)
        parts = [item for name, content in sorted(plan.items())
                 for item in (name, content if content is not None else b"gone")]
        return staged, digest(key, *parts)
