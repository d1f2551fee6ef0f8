# SPDX-License-Identifier: GPL-2.0
"""What "make install" gives to a user: the manual page, and what bash completes."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import shutil
import stat
import subprocess
import time
from pathlib import Path

import pytest
from test_cma import BUILD, ENV, HERE, SANITIZERS, STATES, cma, program

TOOL = HERE.parent
PAGE = (TOOL / "cma.1").read_text()
COMPLETION = TOOL / "completion/cma.bash"
# "args" writes down what the shell made of the line.
SHELL = """\
. {completion}
PATH={path}:$PATH
PS1=
bind 'set enable-bracketed-paste off' 'set completion-query-items 0'
args() {{ printf '%s\\0' "$@" >{result}; }}
PROMPT_COMMAND='echo "[read""y]"'
"""
TAB, ALL, START = "\t", "\x1b*", "\x01"


def helped() -> tuple[set[str], dict[str, set[str]]]:
    """The options, and the commands with their options, that cma --help knows."""
    common: set[str] = set()
    commands: dict[str, set[str]] = {}
    command = ""
    for line in cma(STATES / "none", "--help").stdout.decode().splitlines()[2:]:
        names = set(re.findall(r"--\w+", re.split(r"(?<=\S)  +", line)[0]))
        if re.match(r"  [a-z]", line):
            command = line.split()[0]
            commands[command] = set()
        elif line.startswith("      "):
            commands[command] |= names
        else:
            common |= names
    return common, commands


def options_in_page(text: str) -> set[str]:
    return {f"--{name}" for name in re.findall(r"(?:\bFl|\|) \\-(\w+)", text)}


def test_help_is_understood() -> None:
    common, commands = helped()
    assert {"--from", "--help", "--version"} == common
    assert len(commands) == 8 and commands["map"] == {"--fine", "--svg", "--json",
                                                                "--html"}


def test_page_has_each_command_and_option() -> None:
    """Each in the synopsis, and each explained; nothing that is not there."""
    common, commands = helped()
    synopsis, described = PAGE.split(".Sh DESCRIPTION")
    described = described.split(".Sh ENVIRONMENT")[0]
    assert set(re.findall(r"^\.(?:It |Op )?Cm (\w+)", synopsis, re.M)) == commands.keys()
    assert set(re.findall(r"^\.It Cm (\w+)", described, re.M)) == commands.keys()
    options = common.union(*commands.values())
    assert options_in_page(described) == options
    assert options_in_page(synopsis) == options - {"--help", "--version"}


def test_page_is_rendered_without_a_warning() -> None:
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "all", TOOL / "cma.1"],
                          capture_output=True, text=True, check=False)
    assert (lint.returncode, lint.stdout + lint.stderr) == (0, "")


def test_install(tmp_path: Path) -> None:
    subprocess.run(["make", "-s", "-C", TOOL, "install", f"DESTDIR={tmp_path}", f"O={BUILD}",
                    "STATIC=", f"EXTRA_CFLAGS={SANITIZERS}"], check=True)
    files = {str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode)
             for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {
        "usr/local/sbin/cma": 0o755,
        "usr/local/share/man/man1/cma.1": 0o644,
        "usr/local/share/bash-completion/completions/cma": 0o644,
        "usr/lib/udev/rules.d/60-dma-heap-cma.rules": 0o644,
    }
    assert subprocess.run([tmp_path / "usr/local/sbin/cma", "--version"], check=True,
                          capture_output=True).stdout.startswith(b"cma ")


def test_completion_is_checked() -> None:
    lint = subprocess.run(["shellcheck", "-s", "bash", COMPLETION], capture_output=True,
                          text=True, check=False)
    assert (lint.returncode, lint.stdout + lint.stderr) == (0, "")


def until_ready(terminal: int) -> None:
    """Wait until the shell reads a line."""
    seen, end = b"", time.monotonic() + 20
    while b"[ready]" not in seen:
        assert select.select([terminal], [], [], end - time.monotonic())[0], seen
        seen += os.read(terminal, 4096)


@pytest.fixture(name="place")
def made_place(tmp_path: Path) -> Path:
    """Where a shell finds the tool, the state "ours", and an area with an address in its name."""
    tool = tmp_path / "bin/cma"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\nexec {shlex.join(program())} \"$@\"\n")
    tool.chmod(0o755)
    shutil.copytree(STATES / "ours", tmp_path / "a state")
    areas = tmp_path / "a state/sys/kernel/mm/cma"
    shutil.copytree(areas / "linux,cma", areas / "camera:0@70000000")
    return tmp_path


def typed(place: Path, keys: str) -> list[str]:
    """What the words of a line are when @keys are typed in a shell: a real one, on a terminal."""
    result, start = place / "result", place / "start"
    start.write_text(SHELL.format(completion=shlex.quote(str(COMPLETION)), path=place / "bin",
                                  result=result))
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(["bash", "--noprofile", "--rcfile", start, "-i"], cwd=place,
                             env=ENV | {"TERM": "dumb", "HOME": str(place)}, stdin=theirs,
                             stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    until_ready(ours)
    os.write(ours, f"{keys}{START}args \n".encode())
    until_ready(ours)
    os.write(ours, b"exit\n")
    shell.wait(timeout=20)
    os.close(ours)
    return result.read_text().split("\0")[:-1]


def test_completion_has_each_command_and_option(place: Path) -> None:
    common, commands = helped()
    assert set(typed(place, f"cma {ALL}")[1:]) == commands.keys()
    assert set(typed(place, f"cma --{ALL}")[1:]) == common
    for command, options in commands.items():
        found = typed(place, f"cma {command} --{ALL}")[2:]
        assert set(found) == (options or {"--"}), command


FROM = "cma --from a\\ state"
AREAS = ["camera:0@70000000", "linux,cma", "video@1, left"]


@pytest.mark.parametrize(("keys", "words"), [
    ("cma wa\t", ["watch"]),
    ("cma wh\t", ["wh"]),
    ("cma map --f\t", ["map", "--fine"]),
    ("cma map --fine --s\t", ["map", "--fine", "--svg"]),
    ("cma try --al\t", ["try", "--align"]),
    ("cma --fr\ta\t", ["--from", "a state/"]),
    ("cma --from ~/a\t", ["--from", "/a state/"]),
    ("cma bundle re\t", ["bundle", "result"]),
    ("cma map --html re\t", ["map", "--html", "result"]),
    ("cma map --html result re\t", ["map", "--html", "result", "result"]),
    ("cma size --for re\t", ["size", "--for", "re"]),
    (f"{FROM} map --svg l\t", ["--from", "a state", "map", "--svg", "linux,cma"]),
    (f"{FROM} size --for npu:1M l\t", ["--from", "a state", "size", "--for", "npu:1M", "l"]),
    # Nothing is proposed for a number, nor a file where none is meant.
    ("cma watch re\t", ["watch", "re"]),
    ("cma watch --count re\t", ["watch", "--count", "re"]),
    ("cma who re\t", ["who", "re"]),
    (f"{FROM} w\t", ["--from", "a state", "w"]),
    (f"{FROM} who l\t", ["--from", "a state", "who", "linux,cma"]),
    (f"{FROM} who --each l\t", ["--from", "a state", "who", "--each", "linux,cma"]),
    ("cma --from='a state' who l\t", ["--from=a state", "who", "linux,cma"]),
    ("cma --from ~/a\\ state who l\t", ["--from", "/a state", "who", "linux,cma"]),
    (f"{FROM} who \x1b*", ["--from", "a state", "who", *AREAS]),
    (f"{FROM} try \t", ["--from", "a state", "try"]),
    (f"{FROM} try --align 4K 1M l\t", ["--from", "a state", "try", "--align", "4K", "1M",
                                        "linux,cma"]),
    (f"{FROM} who linux,cma l\t", ["--from", "a state", "who", "linux,cma", "l"]),
    *((f"{FROM} who {start}\t", ["--from", "a state", "who", "video@1, left"]) for start in
      ("v", "video@", "video@1", "video@1,", "video@1,\\ ", "video@1\\,\\ l", "'v",
       "\"video@1, l")),
    *((f"{FROM} size {start}\t", ["--from", "a state", "size", "camera:0@70000000"]) for start in
      ("c", "camera:", "camera:0", "camera:0@", "camera:0@7", "'camera:0@7")),
])
def test_completion(place: Path, keys: str, words: list[str]) -> None:
    """Readline, its word breaks and its quotes are those of the shell."""
    (place / "result").touch()
    home = str(place) if "~" in keys else ""
    assert typed(place, keys)[1:] == [home + word if word.startswith("/") else word
                                      for word in words]
