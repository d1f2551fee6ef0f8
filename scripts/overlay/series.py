# SPDX-License-Identifier: GPL-2.0
"""The series of patches, and the one patch, made of what staging changes.

The commits are made in a small repository that holds only the stock files that
change. It is made anew each time, and the same input gives the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from overlay import base, hooks, join, lay, plan, proof
from overlay.common import BUILD, ROOT, Problem, say, write_atomic

TEXTS = ROOT / "scripts/series.d"
SERIES = BUILD / "series"
# The day of Linux 6.12, and a minute more for each commit.
EPOCH = 1731801600
DIFF = ("--no-renames", "--no-color", "--no-ext-diff", "--abbrev=12", "--diff-algorithm=myers")
TEST_DATA = ("tools/mm/cma/tests/golden", "tools/mm/cma/tests/states")
NOBODY = "Linux <linux@localhost>"
AUTHOR = re.compile(r"(.+ <.+@.+>) \d+ [-+]\d+")


def environment() -> dict[str, str]:
    """Ours, without what could make git's output another one, or its repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"LC_ALL": "C", "TZ": "UTC", "GIT_CONFIG_GLOBAL": os.devnull,
                   "GIT_CONFIG_NOSYSTEM": "1"}


def git(*arguments: str, data: bytes | None = None) -> str:
    """Run git and return what it prints."""
    result = subprocess.run(["git", *arguments], input=data, capture_output=True,
                            env=environment(), check=False)
    if result.returncode:
        tail = " ".join(result.stderr.decode(errors="replace").split())[-300:]
        raise Problem(f"git {' '.join(arguments)[:80]} failed: {tail}")
    return result.stdout.decode()


@dataclass(frozen=True)
class Tree:
    """The tree at hand, and what staging makes of it."""

    staged: Path
    wanted: plan.Changes
    key: str

    @cached_property
    def version(self) -> str:
        """What the tree calls itself, as in 6.12.117."""
        makefile = (base.BASE / "Makefile").read_text()
        return ".".join(re.findall(r"^(?:VERSION|PATCHLEVEL|SUBLEVEL) = (\d+)", makefile, re.M))

    @cached_property
    def touched(self) -> dict[str, bytes]:
        """The stock files that change, as they are."""
        return {path: (base.BASE / path).read_bytes() for path in sorted(self.wanted)
                if (base.BASE / path).is_file()}

    def mode(self, path: str) -> str:
        """The mode of @path once it is ours, as git has it."""
        return git_mode(lay.mode_of(path, ROOT, base.BASE))


def git_mode(mode: int) -> str:
    return "100755" if mode & 0o100 else "100644"


def tree() -> Tree:
    """Stage, and tell what that changed."""
    staged, key = lay.stage(stock=False)
    return Tree(staged, lay.wanted(ROOT, base.BASE), key)


def optional() -> set[str]:
    """The paths that change on some trees and not on others.

    A tree may lack a joining point, or have what a file of ours would add.
    """
    rules = map(hooks.load, (ROOT / "scripts/hooks").glob("*.cocci"))
    return {*lay.our_files(ROOT, base.BASE), *(point.path for point in join.joins("X\n")),
            *(hook.path for hook in rules)}


def author() -> str:
    """Who signs the patches off: M: in MAINTAINERS if there is one, else who runs git here."""
    named = re.search(r"^M:\t(.+ <.+>)$", (ROOT / "MAINTAINERS").read_text(), re.M)
    if named:
        return named.group(1)
    found = subprocess.run(
        ["git", "-C", str(ROOT), "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"],
        capture_output=True, text=True, check=False)
    ident = AUTHOR.fullmatch(found.stdout.strip())
    if not ident:
        raise Problem("nobody signs the patches off; run 'git config user.name ...' and "
                      "'git config user.email ...'")
    return ident.group(1)


def commit(number: int, ident: str, message: str, changes: plan.Changes,
           modes: dict[str, str]) -> bytes:
    """A commit for git fast-import."""
    text = message.encode()
    parts = [b"commit refs/heads/series\n",
             f"committer {ident} {EPOCH + 60 * number} +0000\n".encode(),
             b"data %d\n%s\n" % (len(text), text)]
    for path, content in sorted(changes.items()):
        if content is None:
            parts.append(f"D {path}\n".encode())
        else:
            parts.append(f"M {modes[path]} inline {path}\n".encode()
                         + b"data %d\n%s\n" % (len(content), content))
    return b"".join(parts)


def base_commit(here: Tree) -> bytes:
    """The commit below the series: the stock files that it touches."""
    modes = {path: git_mode((base.BASE / path).stat().st_mode) for path in here.touched}
    message = f"Linux {here.version}: the files that the series touches\n"
    return commit(0, NOBODY, message, dict(here.touched), modes) + b"reset refs/heads/base\n" \
        b"from refs/heads/series\n\n"


def repository(here: Tree, commits: list[tuple[str, str, plan.Changes]], where: Path) -> Path:
    """A repository with branches base and series; each commit is (author, text, changes)."""
    shutil.rmtree(where, ignore_errors=True)
    where.parent.mkdir(parents=True, exist_ok=True)
    git("init", "-q", "--bare", "--initial-branch=series", str(where))
    stream = base_commit(here)
    for number, (ident, message, changes) in enumerate(commits, 1):
        modes = {path: here.mode(path) for path in changes}
        stream += commit(number, ident, message, changes, modes)
    git("--git-dir", str(where), "fast-import", "--quiet", data=stream)
    return where


def combined(repo: Path, title: str) -> bytes:
    """One patch for all, with a diffstat, as patch(1) and git apply take it."""
    command = ["--git-dir", str(repo), "diff", *DIFF]
    stat = git(*command, "--stat=72", "base", "series", "--")
    return f"{title}\n\n{stat}\n{git(*command, 'base', 'series', '--')}".encode()


def upstream(here: Tree, repo: Path) -> str:
    """The commit of the tree that KSRC= names, if its files are those that we have."""
    where, _, revision = os.environ.get("KSRC", "").partition("@")
    command = ["git", "-C", where or os.devnull, "rev-parse", "--verify", "--quiet",
               f"{revision or 'HEAD'}^{{commit}}"]
    head = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if not head:
        return ""
    theirs = subprocess.run(["git", "-C", where, "ls-tree", "-r", head, "--", *here.touched],
                            capture_output=True, text=True, check=False).stdout
    return head if theirs == git("--git-dir", str(repo), "ls-tree", "-r", "base") else ""


def origin(here: Tree, repo: Path) -> tuple[str, str]:
    """The commit that the series goes on, and in words what that is."""
    head = upstream(here, repo)
    if head:
        return head, f"Linux {here.version}; base-commit is of the tree that KSRC= named."
    package = ""
    if not os.environ.get("KSRC"):
        found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "linux-source-6.12"],
                               capture_output=True, text=True, check=False).stdout.strip()
        package = f"\nDebian's linux-source-6.12 {found or '(version unknown)'}"
    return git("--git-dir", str(repo), "rev-parse", "base").strip(), (
        f"Linux {here.version}{package}\n"
        f"In linux-stable that is the tag v{here.version}; the series goes on it if the\n"
        f"{len(here.touched)} stock files that it touches are the same there. base-commit is the\n"
        "id of a commit that holds these files only, as the source came\n"
        "without its history.")


def table(title: str, text: str) -> str:
    """The first table of the section @title of a document."""
    section = re.search(rf"^{re.escape(title)}\n=+\n(.*?)(?=^[^\n]+\n=+\n\n|\Z)", text, re.M | re.S)
    found = re.search(r"^(=+ .*\n)(?:.*\n)*?\1(?:.*\n)*?\1", section.group(1) if section else "",
                      re.M)
    if not found:
        raise Problem(f"00-cover.txt: there is no table in the section '{title}'")
    return found.group(0).rstrip("\n")


def fill(body: str) -> str:
    """The text of the cover letter with the tables that it takes from the documents."""
    def put(line: re.Match[str]) -> str:
        return table(line[2], (ROOT / line[1]).read_text())
    return re.sub(r"^@table (\S+) (.+)$", put, body, flags=re.M)


def diffstat(repo: Path) -> str:
    """What the series changes, without the hundreds of files that are test data."""
    command = ["--git-dir", str(repo), "diff", *DIFF]
    data = [f":(top){where}" for where in TEST_DATA]
    shown = git(*command, "--stat=72", "base", "series", "--", ".", *(
        where.replace("(top)", "(top,exclude)") for where in data)).splitlines()
    left = git(*command, "--shortstat", "base", "series", "--", *data).strip()
    rest = [f" in {' and '.join(TEST_DATA)}:", f"  {left}"] if left else []
    return "\n".join([*shown[:-1], *rest, git(*command, "--shortstat", "base", "series", "--")])


def cover(here: Tree, repo: Path, ident: str, all_steps: list[plan.Step]) -> str:
    """The cover letter."""
    _, subject, body = plan.read_text(TEXTS / "00-cover.txt")
    date = git("--git-dir", str(repo), "log", "-1", "--format=%aD", "series").strip()
    base_id, words = origin(here, repo)
    count = len(all_steps)
    subjects = "".join(f"  {step.patch.subject}\n" for step in all_steps)
    return (f"From {'0' * 40} Mon Sep 17 00:00:00 2001\n"
            f"From: {ident}\nDate: {date}\n"
            f"Subject: [PATCH {0:0{len(str(count))}}/{count}] {subject}\n\n{fill(body)}\n\n"
            f"Base: {words}\n\n{ident.split(' <')[0]} ({count}):\n{subjects}\n{diffstat(repo)}\n"
            f"base-commit: {base_id}\n")


def format_patches(repo: Path, into: Path) -> list[str]:
    """Write the patches, and return their names in order."""
    git("--git-dir", str(repo), "format-patch", *DIFF, "--quiet", "--no-signature", "--numbered",
        "--zero-commit", "--stat=72", "--output-directory", str(into), "base..series")
    return sorted(path.name for path in into.glob("[0-9]*.patch"))


def sums(where: Path) -> str:
    """The text of SHA256SUMS for all files below @where."""
    files = sorted(path for path in where.rglob("*") if path.is_file())
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(where)}\n"
                   for path in files if path.name != "SHA256SUMS")


@dataclass(frozen=True)
class Series:
    """A series as it was written."""

    here: Tree
    repo: Path
    patches: tuple[Path, ...]
    steps: tuple[plan.Step, ...]


def write_series() -> Series:
    """Make SERIES; it is complete, and applies, or is not there."""
    here, ident = tree(), author()
    all_steps = plan.steps(plan.load(TEXTS), here.wanted, optional())
    commits = [(ident, f"{step.patch.subject}\n\n{step.patch.body}\n\nSigned-off-by: {ident}\n",
                step.changes) for step in all_steps]
    repo = repository(here, commits, BUILD / "series.git")
    fresh = BUILD / "series.new"
    for old in (fresh, SERIES):
        shutil.rmtree(old, ignore_errors=True)
    fresh.mkdir()
    names = format_patches(repo, fresh)
    (fresh / "series").write_text("".join(f"{name}\n" for name in names))
    (fresh / "cma.mbox").write_bytes(b"".join((fresh / name).read_bytes() for name in names))
    (fresh / "0000-cover-letter.patch").write_text(cover(here, repo, ident, all_steps))
    title = f"The contiguous memory allocator for Linux {here.version}: the series as one patch"
    (fresh / "combined.patch").write_bytes(combined(repo, title))
    proof.prove(here, [fresh / "combined.patch"])
    proof.prove(here, [fresh / name for name in names])
    write_atomic(fresh / "SHA256SUMS", sums(fresh).encode())
    fresh.rename(SERIES)
    return Series(here, repo, tuple(SERIES / name for name in names), tuple(all_steps))


def write_patch() -> Path:
    """Make the one patch for the tree at hand."""
    here = tree()
    plan.check_content(here.wanted)
    repo = repository(here, [(NOBODY, "all\n", here.wanted)], BUILD / "patch.git")
    path = BUILD / f"cma-{here.version}.patch"
    fresh = path.with_suffix(".new")
    title = f"The contiguous memory allocator, for this tree: Linux {here.version}"
    fresh.write_bytes(combined(repo, title))
    proof.prove(here, [fresh])
    fresh.rename(path)
    say(f"patch: {len(here.wanted)} files, {len(here.touched)} of them stock; "
        "patch -p1 and git apply both give the staged tree")
    return path
