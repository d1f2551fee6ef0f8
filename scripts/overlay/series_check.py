# SPDX-License-Identifier: GPL-2.0
"""Checks the series: it applies, reads well, and each patch of it builds and boots.

All of it happens in build/series-linux, a hard-linked copy of the pristine tree.
What was built and booted once is remembered, so that a run that was stopped
goes on where it was.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from overlay import base, checkpatch, config, series
from overlay.common import BUILD, ROOT, Problem, digest, locked, say, write_atomic

TREE = BUILD / "series-linux"
REPO = BUILD / "series-check.git"
DONE = BUILD / "series-check"
LOG = BUILD / "log/series-check.log"
AREA, RESERVED = "cma=192MB", "cma: Reserved 192 MiB"
# Where User Mode Linux without a root file system ends.
UM_END = "Kernel panic - not syncing: VFS: Unable to mount root"
# What only our allocator says at boot.
OURS = re.compile(r"^cma: default area: ", re.M)
# What changes no kernel.
NO_KERNEL = ("Documentation/", "MAINTAINERS", "tools/")
# What tools leave in a tree.
LITTER = re.compile(r"^out-|^__pycache__$|^\.checkpatch-camelcase|\.pyc$")
OFF = "# CONFIG_{} is not set\n"


@dataclass(frozen=True)
class Variant:
    """A kernel that each patch is built as; one without CMA or its DMA part is not booted."""

    arch: str
    extra: str = ""

    @property
    def name(self) -> str:
        return self.arch + "".join(f", {symbol}=n" for symbol in
                                   re.findall(r"CONFIG_(\w+) is not set", self.extra))

    def fragment(self) -> config.Fragment | None:
        if not self.extra:
            return None
        path = BUILD / "config" / f"series-{digest(self.extra)[:10]}.config"
        write_atomic(path, f"# SPDX-License-Identifier: GPL-2.0\n{self.extra}".encode())
        return config.load(path)


VARIANTS = [Variant("arm64")]
FULL = [Variant("arm"), Variant("x86_64"), Variant("um"),
        Variant("arm64", OFF.format("CMA")), Variant("arm64", OFF.format("DMA_CMA"))]


@dataclass
class Count:
    """What was found, for the last line."""

    built: int = 0
    booted: int = 0
    wrong: list[str] = field(default_factory=list)


def kernel_script() -> ModuleType:
    """scripts/kernel, which knows how to build."""
    loader = importlib.machinery.SourceFileLoader("kernel_script", str(ROOT / "scripts/kernel"))
    spec = importlib.util.spec_from_loader("kernel_script", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.modules["kernel_script"] = module
    loader.exec_module(module)
    return module


def git(*arguments: str) -> str:
    """Run git in TREE; its repository lies elsewhere, or the kernel would take it for its own."""
    return series.git("--git-dir", str(REPO), "--work-tree", str(TREE), "-C", str(TREE),
                      "-c", "user.name=check", "-c", "user.email=check@localhost", *arguments)


def prepare(made: series.Series) -> None:
    """Make TREE the pristine tree, with a repository of the files that the series touches."""
    ident = DONE / "base.id"
    key = base.ID_FILE.read_text()
    if not (TREE.is_dir() and REPO.is_dir() and ident.is_file() and ident.read_text() == key):
        for old in (TREE, REPO):
            shutil.rmtree(old, ignore_errors=True)
        base.clone(TREE.name)
        series.git("init", "-q", "--bare", str(REPO))
        write_atomic(ident, key.encode())
    shutil.rmtree(REPO / "rebase-apply", ignore_errors=True)
    git("fetch", "-q", "--force", str(made.repo), "refs/heads/*:refs/made/*")
    git("checkout", "-q", "--force", "--detach", "refs/made/base")


def files(where: Path) -> Iterator[str]:
    """All files below @where but litter."""
    for folder, folders, names in os.walk(where):
        folders[:] = [name for name in folders if not LITTER.search(name)]
        for name in names:
            if not LITTER.search(name):
                yield os.path.relpath(os.path.join(folder, name), where)


def is_same(mine: Path, theirs: Path) -> bool:
    """Whether two files have the same content and mode; links to one file have."""
    one, other = mine.lstat(), theirs.lstat()
    if (one.st_ino, one.st_dev) == (other.st_ino, other.st_dev):
        return True
    if mine.is_symlink() or theirs.is_symlink():
        return os.path.islink(mine) == os.path.islink(theirs) \
            and os.readlink(mine) == os.readlink(theirs)
    return bool(one.st_mode & 0o100) == bool(other.st_mode & 0o100) \
        and mine.read_bytes() == theirs.read_bytes()


def apply(made: series.Series) -> int:
    """Apply the series to the whole tree; return how many files then equal the staged ones."""
    git("am", "--quiet", *map(str, made.patches))
    if git("rev-parse", "HEAD^{tree}") != git("rev-parse", "refs/made/series^{tree}"):
        raise Problem("git am does not make the tree that the patches were made from")
    mine, theirs = set(files(TREE)), set(files(made.here.staged))
    for path in sorted(mine ^ theirs):
        raise Problem(f"{path} is only in the {'applied' if path in mine else 'staged'} tree")
    for path in sorted(mine):
        if not is_same(TREE / path, made.here.staged / path):
            raise Problem(f"{path} differs from the staged tree")
    return len(mine)


def read(made: series.Series, count: Count) -> None:
    """checkpatch --strict on each patch."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for patch, lines in zip(made.patches, pool.map(
                lambda patch: checkpatch.complaints(made.here.staged, patch), made.patches)):
            count.wrong += [f"{patch.name}: {line}" for line in lines]
            say(f"checkpatch: {patch.name}: {len(lines)} complaints")


def maintained(made: series.Series, path: str) -> bool:
    """Whether get_maintainer.pl finds our entry for @path."""
    result = subprocess.run(
        ["scripts/get_maintainer.pl", "--no-git", "--no-git-fallback", "--sections", "-f", path],
        cwd=made.here.staged, capture_output=True, text=True, check=False)
    return (ROOT / "MAINTAINERS").read_text().splitlines()[0] in result.stdout.splitlines()


def examples(paths: list[str]) -> dict[str, str]:
    """For each folder that our entry names as a whole its first file, and all other files."""
    entry = (ROOT / "MAINTAINERS").read_text().splitlines()
    folders = [line.split()[1] for line in entry if line.startswith("F:") and line.endswith("/")]
    found: dict[str, str] = {}
    for path in paths:
        found.setdefault(next((name for name in folders if path.startswith(name)), path), path)
    return found


def ask_maintainers(made: series.Series, count: Count) -> int:
    """Look the files of ours up, one for each whole folder; return how many there are."""
    ours = [path for path, content in sorted(made.here.wanted.items())
            if content is not None and path != "MAINTAINERS" and (ROOT / path).is_file()]
    done = DONE / digest((ROOT / "MAINTAINERS").read_bytes(), *ours)
    if not done.exists():
        asked = list(examples(ours).values())
        say(f"get_maintainer.pl: {len(asked)} of {len(ours)} files, one for each folder")
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            lost = [path for path, found in
                    zip(asked, pool.map(lambda path: maintained(made, path), asked)) if not found]
        count.wrong += [f"{path}: get_maintainer.pl does not find our entry" for path in lost]
        if lost:
            return len(ours) - len(lost)
        write_atomic(done, b"")
    return len(ours)


def run_um(image: Path) -> tuple[str, str]:
    """Boot User Mode Linux until it looks for a root; the log, or why it did not."""
    try:
        result = subprocess.run([str(image), "mem=512M", AREA, "panic=-1"], capture_output=True,
                                text=True, errors="replace", timeout=120, check=False,
                                stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return "", "no end after 120 s"
    log = result.stdout + result.stderr
    before, reached, _ = log.partition(UM_END)
    return before, "" if reached else f"no look for a root: {' '.join(log.split())[-100:]}"


def run_guest(arch: str, image: Path, stock: bool, name: str) -> tuple[str, str]:
    """Boot the guest, which reads a few numbers and ends. The log, or why not."""
    result = vm().run(vm().Boot(vm().guest.Kernel(arch, image, stock), "facts", AREA,
                                machine=vm().Machine(arch), name=f"series-{name}", disk=False))
    return result.text, result.problem() or ""


def vm() -> ModuleType:
    """The package that boots guests."""
    where = str(ROOT / "tools/testing/cma")
    if where not in sys.path:
        sys.path.insert(0, where)
    return importlib.import_module("cmatest.vm")


def boot(variant: Variant, image: Path, stock: bool, name: str) -> str:
    """What is wrong with the boot of @image; empty if nothing is."""
    if variant.arch == "um":
        log, problem = run_um(image)
        splat = vm().SPLAT.search(log)
        reserves = "cma_reserve" in (TREE / "arch/um/kernel/um_arch.c").read_text()
        problem = problem or (f"the kernel complains: {splat[0]}" if splat else "")
        return problem or ("no area was reserved" if reserves and RESERVED not in log else "")
    log, problem = run_guest(variant.arch, image, stock, name)
    if problem:
        return problem
    if RESERVED not in log:
        return "no area was reserved"
    if bool(OURS.search(log)) != (TREE / "mm/cma/Kconfig").is_file():
        return "the other allocator answers"
    return ""


def sources(commit: str) -> str:
    """What a kernel is made of at @commit: without documents and programs."""
    return "\n".join(line for line in git("ls-tree", "-r", commit).splitlines()
                     if not line.split("\t")[1].startswith(NO_KERNEL))


def one(kernel: ModuleType, variant: Variant, commit: str, number: int, count: Count) -> None:
    """Build and boot TREE as it is, unless that was done."""
    stock = not (TREE / "samples/cma/Kconfig").is_file()
    order = kernel.Order(variant.arch, stock, False, False, variant.fragment())
    merged = config.merge(order.fragments() + ([order.extra] if order.extra else []))
    done = DONE / digest(sources(commit), base.ID_FILE.read_text(), merged,
                         kernel.toolchain_key(order.machine))
    title = f"{number:04} {variant.name}"
    said = done.read_text() if done.exists() else ""
    start = time.monotonic()
    if not said:
        out = TREE / order.name
        with locked(out / "lock", f"series check: waiting for {out.name}"):
            try:
                kernel.build(order, TREE, LOG.with_name(f"series-{number:04}-{order.name}.log"))
            except Problem as problem:
                count.wrong.append(f"{title}: {problem}")
                say(f"{title}: DOES NOT BUILD, {time.monotonic() - start:.0f} s")
                return
        said = f"built in {time.monotonic() - start:.0f} s"
        start = time.monotonic()
        problem = "" if variant.extra else boot(variant, out / order.machine.image, stock,
                                                f"{number:04}-{variant.arch}")
        if problem:
            count.wrong.append(f"{title}: {problem}")
            say(f"{title}: {said}, DOES NOT BOOT: {problem}")
            count.built += 1
            return
        said += "" if variant.extra else f", booted in {time.monotonic() - start:.0f} s"
        write_atomic(done, said.encode())
    else:
        said += " (the same sources, before)"
    count.built += 1
    count.booted += not variant.extra
    say(f"{title}: {said}")


def bisect(variants: list[Variant], count: Count) -> int:
    """Build and boot each patch; return how many there are."""
    kernel = kernel_script()
    commits = git("rev-list", "--reverse", "refs/made/base..refs/made/series").split()
    for number, commit in enumerate(commits, 1):
        git("checkout", "-q", "--force", "--detach", commit)
        for variant in variants:
            one(kernel, variant, commit, number, count)
    return len(commits)


def check() -> str:
    """All checks; the line with the counts. FULL=1: more architectures and configurations."""
    start = time.monotonic()
    variants = VARIANTS + (FULL if os.environ.get("FULL") == "1" else [])
    count = Count()
    made = series.write_series()
    with locked(DONE / "lock", "series check: waiting for another check"):
        prepare(made)
        same = apply(made)
        say(f"git am: {same} files of the tree are as staged")
        read(made, count)
        listed = ask_maintainers(made, count)
        patches = bisect(variants, count)
    boots = sum(not variant.extra for variant in variants)
    line = (f"{patches} patches: {count.built} of {patches * len(variants)} built, "
            f"{count.booted} of {patches * boots} booted, {listed} files with a maintainer, "
            f"{len(count.wrong)} wrong, {time.monotonic() - start:.0f} s")
    if count.wrong:
        raise Problem("\n".join([*count.wrong, line]))
    return line
