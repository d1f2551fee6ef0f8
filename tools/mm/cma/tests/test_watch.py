# SPDX-License-Identifier: GPL-2.0
"""cma watch on terminals of all sizes: what is to be seen there at any time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_cma import DEBUGFS, ENV, STATES, SYSFS, program

BEFORE = "ls"


class Terminal:
    """As much of a terminal as the tool uses; all else is an error."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.lines = [""] * rows
        self.above: list[str] = []  # what went out at the top
        self.row = self.column = 0

    def newline(self) -> None:
        if self.row + 1 < self.rows:
            self.row += 1
        else:
            self.above.append(self.lines.pop(0))
            self.lines.append("")

    def put(self, char: str) -> None:
        """A character; one after the last column is none that should be there."""
        assert self.column < self.columns, f"wrapped after: {self.lines[self.row]}"
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[:self.column] + char + line[self.column + 1:]
        self.column += 1

    def feed(self, token: str) -> None:
        at = min(self.column, self.columns - 1)
        if token == "\r":
            self.column = 0
        elif token == "\n":
            self.newline()
        elif token == "\x1b[H":
            self.row = self.column = 0
        elif token == "\x1b[K":
            self.lines[self.row] = self.lines[self.row][:at]
        elif token == "\x1b[J":
            self.lines[self.row] = self.lines[self.row][:at]
            self.lines[self.row + 1:] = [""] * (self.rows - self.row - 1)
        else:
            assert token.isprintable(), f"{token!r} is not for this terminal"
            self.put(token)

    def shown(self) -> list[str]:
        return [line.rstrip() for line in self.lines]

    def text(self) -> str:
        return "\n".join(self.shown()).rstrip("\n")


def tokens(data: bytes) -> list[str]:
    return re.findall(r"\x1b\[[^A-Za-z]*[A-Za-z]|.", data.decode(), re.S)


class Watch:
    """The tool on a terminal, and the terminal."""

    def __init__(self, state: Path, rows: int, columns: int,
                 screen: Terminal | None = None) -> None:
        self.screen = screen or Terminal(rows, columns)
        for token in tokens(f"{BEFORE}\r\n".encode()):
            self.screen.feed(token)
        command = [*program(), "--from", str(state), "watch", "1"]
        self.pid, self.terminal = pty.fork()
        if not self.pid:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], command, ENV)
        self.modes = termios.tcgetattr(self.terminal)

    def frame(self) -> list[list[str]]:
        """Take in the next table; return the screen after each step of that."""
        assert select.select([self.terminal], [], [], 10)[0], "no table"
        data = b""
        with contextlib.suppress(OSError):  # when the tool has ended
            while select.select([self.terminal], [], [], 0.2)[0]:
                data += os.read(self.terminal, 65536)
        steps = []
        for token in tokens(data):
            self.screen.feed(token)
            steps.append(self.screen.shown())
        return steps

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self) -> int:
        """Press Ctrl-C; return the status."""
        os.write(self.terminal, b"\x03")
        end = time.monotonic() + 20
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return status
            time.sleep(0.02)
        raise AssertionError("it does not end")

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)


@pytest.fixture(name="state")
def copied_state(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STATES / "ours", tmp_path / "state"))


Start = Callable[..., Watch]


@pytest.fixture(name="start")
def started() -> Iterator[Start]:
    all_of_them = []

    def start(*arguments: Any) -> Watch:
        all_of_them.append(Watch(*arguments))
        return all_of_them[-1]

    yield start
    for watch in all_of_them:
        watch.close()


def give(state: Path, pages: int) -> None:
    path = state / SYSFS / "alloc_pages_success"
    path.write_text(f"{int(path.read_text()) + pages}\n")


@pytest.mark.parametrize(("rows", "columns", "head"), [
    (24, 80, "AREA SIZE HELD PEAK LARGEST GIVEN RETURNED REFUSED"),
    (50, 200, "AREA SIZE HELD PEAK LARGEST GIVEN RETURNED REFUSED"),
    (12, 40, "AREA HELD GIVEN REFUSED"), (5, 60, "AREA SIZE HELD GIVEN RETURNED REFUSED"),
    (24, 20, "AREA HELD"), (12, 12, "AR~ HELD"),
])
def test_all_sizes(state: Path, start: Start, rows: int, columns: int, head: str) -> None:
    """Nothing wraps; what does not fit is left out, and no number is cut off."""
    watch = start(state, rows, columns)
    watch.frame()
    give(state, 512)
    watch.frame()
    lines = watch.screen.text().splitlines()
    assert lines[0].split() == head.split() and len(lines) == 3
    if "GIVEN" in head:
        assert lines[1].split()[head.split().index("GIVEN")] == "2M"
    assert BEFORE in watch.screen.above, "what was on the screen is lost"


def test_nothing_flickers(state: Path, start: Start) -> None:
    """While a table is drawn over another, no row is empty, nor a mixture with what is not new."""
    watch = start(state, 24, 80)
    old = watch.frame()[-1]
    give(state, 512)
    steps = watch.frame()
    new = steps[-1]
    assert old != new
    for shown in steps:
        for before, now, after in zip(old, shown, new):
            assert len(now) >= min(len(before), len(after))
            assert all(char in pair for char, *pair in zip(now, before, after))


def test_ctrl_c_leaves_the_terminal_as_it_was(state: Path, start: Start) -> None:
    watch = start(state, 24, 80)
    table = watch.frame()[-1]
    status = watch.end()
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT
    assert termios.tcgetattr(watch.terminal) == watch.modes
    watch.frame()
    assert watch.screen.shown()[:3] == table[:3] and table[0].startswith("AREA")
    assert watch.screen.row == 3, "the prompt comes right below the table"


def test_more_areas_than_rows(state: Path, start: Start) -> None:
    for i in range(30):
        shutil.copytree(state / SYSFS, state / f"sys/kernel/mm/cma/more-{i:02}")
    watch = start(state, 12, 80)
    watch.frame()
    above = len(watch.screen.above)
    watch.frame()
    lines = watch.screen.shown()
    assert lines[0].startswith("AREA") and lines[10] == "and 23 more" and not lines[11]
    assert len(watch.screen.above) == above, "it scrolled"


def test_a_smaller_window(state: Path, start: Start) -> None:
    watch = start(state, 24, 80)
    watch.frame()
    watch.resize(12, 40)
    watch.screen.rows, watch.screen.columns = 12, 40
    watch.screen.lines = watch.screen.lines[:12]
    watch.frame()
    assert watch.screen.text().splitlines()[0].split() == ["AREA", "HELD", "GIVEN", "REFUSED"]


def test_what_cannot_be_read_is_told_below(state: Path, start: Start) -> None:
    """Each table has it; when the file can be read again, it is gone."""
    path = state / DEBUGFS / "bitmap"
    good = path.read_bytes()
    path.write_bytes(b"nonsense\n")
    watch = start(state, 24, 80)
    for _ in range(2):
        shown = watch.frame()[-1]
        assert shown[0].startswith("AREA") and shown[3].startswith("cma: /"), shown
    path.write_bytes(good)
    watch.frame()
    assert "cma: /" not in watch.screen.text()


def test_a_terminal_that_does_not_know_its_size(state: Path, start: Start) -> None:
    watch = start(state, 0, 0, Terminal(24, 80))
    watch.frame()
    assert watch.screen.text().splitlines()[0].split()[-1] == "REFUSED"
