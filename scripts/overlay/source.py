# SPDX-License-Identifier: GPL-2.0
"""A kernel tree to read: a directory, a commit of a git repository, or a tarball.

All are read in place; nothing is written to them.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from overlay.common import Problem, digest, say

# What a configuration leaves in a tree; some vendors commit it. The kernel's make refuses such
# a tree as a source.
CONFIGURED = ("/.config", "/.config.old", "/include/config/", "/include/generated/",
              "/arch/*/include/generated/")
# What a build leaves besides in a tree that no git looks after.
BUILT = CONFIGURED + ("/vmlinux*", "/System.map", "*.o", "*.ko", "*.a", "*.cmd", "*.mod",
                      "*.mod.c", "*.order", "*.symvers", "/debian/build/")
COMMIT = re.compile(r"(?P<repo>.+)@(?P<commit>[^@:]+)(?::(?P<under>[^@:]+))?")


def git(repo: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git on the work tree or bare repository @repo."""
    return subprocess.run(["git", "-C", str(repo), *arguments], capture_output=True, check=False)


def version_of(makefile: bytes | None, label: str) -> str:
    """The version that a kernel tree's Makefile names, as in 6.12.117."""
    if makefile is None:
        raise Problem(f"{label} is no kernel tree: it has no Makefile")
    text = makefile.decode(errors="replace")
    parts = [re.search(rf"^{word}\s*=\s*(\d+)", text, re.M)
             for word in ("VERSION", "PATCHLEVEL", "SUBLEVEL")]
    return ".".join(part.group(1) if part else "?" for part in parts)


def every(_name: str) -> bool:
    """Copy all of a tree."""
    return True


class Folder:
    """A directory; of a git work tree, what git tracks there, as it is now."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.label = str(path)
        listing = git(path, "ls-files", "-z")
        names = listing.stdout.decode(errors="surrogateescape").split("\0")
        self.tracked = None
        if not listing.returncode and "Makefile" in names:
            self.tracked = [name for name in names[:-1] if not is_left(name, CONFIGURED)]

    def version(self) -> str:
        return version_of(self.read("Makefile"), self.label)

    def read(self, name: str) -> bytes | None:
        """The content of a file, None if there is none."""
        path = self.path / name
        return path.read_bytes() if path.is_file() else None

    def exists(self, name: str) -> bool:
        return (self.path / name).is_file()

    def has_top(self, name: str) -> bool:
        """Whether it has the top directory @name."""
        return (self.path / name).is_dir()

    def search(self, words: list[str]) -> set[str]:
        """The C files in which one of the texts @words stands."""
        found = subprocess.run(["grep", "-rlZF", "--include=*.[ch]",
                                *(f"-e{word}" for word in words), "."], cwd=self.path,
                               env=os.environ | {"LC_ALL": "C"}, capture_output=True,
                               check=False).stdout
        return {name.removeprefix("./")
                for name in found.decode(errors="surrogateescape").split("\0")[:-1]}

    def blob(self, key: str) -> bytes | None:
        """A git object, from whatever repository the tree belongs to."""
        found = git(self.path, "cat-file", "blob", key)
        return found.stdout if found.returncode == 0 else None

    def identity(self) -> str:
        """A key that changes whenever the tree does."""
        if self.tracked is not None:
            stats = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name in sorted(self.tracked)
                     if (stat := lstat(self.path / name))]
            return digest(self.label, "\n".join(stats).encode(errors="surrogateescape"))
        listing = subprocess.run(
            ["find", str(self.path), "-name", ".git", "-prune", "-o",
             "-type", "f", "-printf", "%P %s %T@\n"],
            check=True, capture_output=True).stdout
        lines = [line for line in listing.splitlines()
                 if not is_left(line.split(b" ")[0].decode(errors="replace"), BUILT)]
        return digest(self.label, b"\n".join(sorted(lines)))

    def copy(self, into: Path, want: Callable[[str], bool] = every) -> None:
        """Put a pristine copy of the files that we @want into the empty directory @into."""
        names = self.tracked
        if names is None:
            found = subprocess.run(["find", str(self.path), "-name", ".git", "-prune", "-o",
                                    "(", "-type", "f", "-o", "-type", "l", ")", "-printf",
                                    "%P\\0"], check=True, capture_output=True).stdout
            names = [name for name in found.decode(errors="surrogateescape").split("\0")[:-1]
                     if not is_left(name, BUILT)]
        present = [name for name in names if want(name) and os.path.lexists(self.path / name)]
        run_copy(["rsync", "-a", "--from0", "--files-from=-", f"{self.path}/", f"{into}/"],
                 self.label, "\0".join(present).encode(errors="surrogateescape"))


class Commit:
    """A commit of a git repository, bare or not, or a directory in it."""

    def __init__(self, repo: Path, commit: str, under: str = "") -> None:
        self.repo = repo
        found = git(repo, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
        if found.returncode:
            raise Problem(f"{repo} is no git repository with a commit {commit}")
        self.label = f"{repo}@{commit}" + (f":{under}" if under else "")
        self.under = under.strip("/")
        self.commit = found.stdout.decode().strip()
        self.root = f"{self.commit}:{self.under}"
        listing = git(repo, "ls-tree", "-rz", "--full-tree", self.root).stdout
        self.blobs = {name: entry.split()[2] for entry, _, name in
                      (row.partition("\t") for row in
                       listing.decode(errors="surrogateescape").split("\0")[:-1])
                      if not is_left(name, CONFIGURED)}
        self.folders = {name.split("/")[0] for name in self.blobs if "/" in name}

    def version(self) -> str:
        return version_of(self.read("Makefile"), self.label)

    def exists(self, name: str) -> bool:
        return name in self.blobs

    def read(self, name: str) -> bytes | None:
        return self.blob(self.blobs[name]) if name in self.blobs else None

    def has_top(self, name: str) -> bool:
        return name in self.folders

    def search(self, words: list[str]) -> set[str]:
        found = subprocess.run(["git", "-C", str(self.repo), "grep", "-lzF",
                                *(f"-e{word}" for word in words), self.root, "--", "*.c", "*.h"],
                               env=os.environ | {"LC_ALL": "C"}, capture_output=True,
                               check=False).stdout
        names = found.decode(errors="surrogateescape").split("\0")[:-1]
        return {name.removeprefix(self.root).lstrip(":/") for name in names}

    def blob(self, key: str) -> bytes | None:
        found = git(self.repo, "cat-file", "blob", key)
        return found.stdout if found.returncode == 0 else None

    def identity(self) -> str:
        return digest(str(self.repo), self.root)

    def copy(self, into: Path, want: Callable[[str], bool] = every) -> None:
        """A file whose object the repository lacks is left out, and that is said."""
        names = [name for name in self.blobs if want(name)]
        where = git(self.repo, "rev-parse", "--absolute-git-dir").stdout.decode().strip()
        with tempfile.TemporaryDirectory() as scratch:
            env = os.environ | {"GIT_INDEX_FILE": f"{scratch}/index", "GIT_DIR": where,
                                "GIT_WORK_TREE": str(into)}
            subprocess.run(["git", "read-tree", self.root], check=True, env=env, cwd=into)
            subprocess.run(["git", "checkout-index", "-qfz", "--stdin"], check=False, env=env,
                           cwd=into, stderr=subprocess.DEVNULL,
                           input="\0".join(names).encode(errors="surrogateescape"))
        absent = [name for name in names if not os.path.lexists(into / name)]
        if absent:
            say(f"stage: {self.label} lacks {len(absent)} of its own files, as {absent[0]}")


class Tarball:
    """An archive. Only the version is read in place; for the rest it must be unpacked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.label = str(path)

    def version(self) -> str:
        """Reads no further than the Makefile."""
        first = subprocess.Popen(["tar", "-tf", str(self.path)], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, text=True)
        assert first.stdout
        top = first.stdout.readline().strip().split("/")[0]
        first.stdout.close()
        first.wait()
        if not top:
            raise Problem(f"cannot unpack {self.path}: it is no tar archive")
        found = subprocess.run(["tar", "-xOf", str(self.path), "--occurrence=1", f"{top}/Makefile"],
                               capture_output=True, check=False)
        return version_of(found.stdout or None, self.label)

    def identity(self) -> str:
        stat = self.path.stat()
        return digest(str(self.path), str(stat.st_size), str(stat.st_mtime_ns))

    def copy(self, into: Path, _want: Callable[[str], bool] = every) -> None:
        """All of it: to leave something out saves nothing here."""
        run_copy(["tar", "-xf", str(self.path), "-C", str(into), "--strip-components=1"],
                 self.label)


Source = Folder | Commit


def is_left(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of the @patterns of rsync means @name, a path in a tree."""
    for pattern in patterns:
        if pattern.startswith("/"):
            whole = pattern + "*" if pattern.endswith("/") else pattern
            if fnmatch.fnmatch("/" + name, whole) and ("*" not in pattern or pattern.endswith("/")
                                                       or "/" not in name):
                return True
        elif fnmatch.fnmatch(Path(name).name, pattern):
            return True
    return False


def lstat(path: Path) -> os.stat_result | None:
    """As os.lstat(), but None for what is not there."""
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def run_copy(command: list[str], label: str, names: bytes | None = None) -> None:
    """Run the @command that copies a tree."""
    if not shutil.which(command[0]):
        raise Problem(f"{command[0]} is missing; run 'make deps'")
    result = subprocess.run(command, input=names, capture_output=True, check=False)
    if result.returncode:
        text = " ".join(result.stderr.decode(errors="replace").split())[:200]
        raise Problem(f"cannot unpack {label}: {text}")


def open_source(given: str) -> Folder | Commit | Tarball:
    """What KSRC=@given means; raises if there is nothing."""
    path = Path(given).resolve()
    if path.is_dir():
        return Folder(path)
    if path.exists():
        return Tarball(path)
    match = COMMIT.fullmatch(given)
    if match and Path(match["repo"]).is_dir():
        return Commit(Path(match["repo"]).resolve(), match["commit"], match["under"] or "")
    raise Problem(f"KSRC={given} does not exist; give a 6.12.y tree, a tarball "
                  "or REPOSITORY@COMMIT")
