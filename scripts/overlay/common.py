# SPDX-License-Identifier: GPL-2.0
"""What every build script shares: where things are, and how a failure is told."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"


class Problem(Exception):
    """A failure that the user can act on; its text is one clear line."""


def say(text: str) -> None:
    """Print one line of progress where it cannot be mistaken for a result."""
    print(text, file=sys.stderr, flush=True)


def digest(*parts: str | bytes) -> str:
    """Hash the parts such that moving a boundary between two changes the result."""
    total = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        total.update(b"%d:" % len(raw) + raw)
    return total.hexdigest()


def write_atomic(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace @path; a hard link to its old content elsewhere keeps that content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.chmod(mode)
    fresh.replace(path)


@contextlib.contextmanager
def locked(path: Path, waiting: str) -> Iterator[None]:
    """Hold the lock file @path; say @waiting once if somebody else has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(waiting)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main_of(name: str, work: Callable[[], None]) -> None:
    """Run @work as a command: a Problem ends it with one line and status 1."""
    try:
        work()
    except Problem as problem:
        say(f"{name}: {problem}")
        sys.exit(1)
    except KeyboardInterrupt:
        say(f"{name}: interrupted")
        sys.exit(130)
