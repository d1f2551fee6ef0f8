# SPDX-License-Identifier: GPL-2.0
"""Runs the kernel's make: quiet, with a log, progress, and errors in sight."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from overlay.common import Problem, say

STEP = re.compile(r"^\s+(?:CC|AS|LDS|CPP|HOSTCC)\b")
TROUBLE = re.compile(r"error:|undefined reference|\*\*\*|multiple definition|No such file|fatal:")
STEADY_SECONDS = 10.0


class Progress:
    """Tells how far a build is: one line that is rewritten, or one now and then."""

    def __init__(self, title: str, expected: int) -> None:
        self.title = title
        self.expected = expected
        self.done = 0
        self.start = time.monotonic()
        self.last = self.start
        self.live = sys.stderr.isatty()

    def text(self) -> str:
        seconds = int(time.monotonic() - self.start)
        goal = f"/~{self.expected}" if self.expected else ""
        return f"  building {self.title}: {self.done}{goal} files, " \
               f"{seconds // 60:02}:{seconds % 60:02}"

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        if now - self.last < (0.2 if self.live else STEADY_SECONDS):
            return
        self.last = now
        print(f"\r{self.text()}" if self.live else self.text(), end="" if self.live else "\n",
              file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.live:
            print(f"\r{self.text()}", file=sys.stderr, flush=True)
        else:
            say(self.text())


def cc(gcc: str) -> str:
    """The compiler @gcc as make's CC, through ccache if there is one."""
    if not shutil.which(gcc):
        raise Problem(f"{gcc} is missing; run 'make deps'")
    return f"ccache {gcc}" if shutil.which("ccache") else gcc


def environment() -> dict[str, str]:
    """Ours without what an outer make passes down, and with nothing that varies."""
    drop = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARCH", "CROSS_COMPILE",
            "STOCK", "BOARD", "DEBUG", "EXTRA_CONFIG", "KSRC", "MAINLINE", "O", "V", "W", "C"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return kept | {
        "LC_ALL": "C",
        "KBUILD_BUILD_TIMESTAMP": "2024-11-17 00:00:00 UTC",
        "KBUILD_BUILD_USER": "cma", "KBUILD_BUILD_HOST": "cma", "KBUILD_BUILD_VERSION": "1",
        "CCACHE_MAXSIZE": kept.get("CCACHE_MAXSIZE", "5G"), "CCACHE_NOHASHDIR": "1",
    }


def make(arguments: list[str], log: Path, progress: Progress | None = None,
         extra_env: dict[str, str] | None = None) -> None:
    """Run make with @arguments, its output appended to @log; raise with its errors."""
    log.parent.mkdir(parents=True, exist_ok=True)
    command = ["make", f"-j{len(os.sched_getaffinity(0))}", *arguments]
    with log.open("a") as out:
        out.write(f"$ {' '.join(command)}\n")
        out.flush()
        child = subprocess.Popen(command, env=environment() | (extra_env or {}), text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, errors="replace")
        assert child.stdout
        for line in child.stdout:
            out.write(line)
            if progress and STEP.match(line):
                progress.step()
        status = child.wait()
    if progress:
        progress.end()
    if status:
        explain(log)


def explain(log: Path) -> None:
    """Raise with the lines of @log that tell what went wrong."""
    lines = log.read_text().splitlines()
    trouble = [line for line in lines if TROUBLE.search(line)] or lines[-10:]
    raise Problem("the build failed; the whole log is " + str(log) + "\n"
                  + "\n".join(f"  {line}" for line in trouble[:20]))
