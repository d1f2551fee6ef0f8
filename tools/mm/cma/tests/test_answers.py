# SPDX-License-Identifier: GPL-2.0
"""What the documents say that a command prints is what it prints, on a recorded guest.

A block with lines "# command" is such a claim, in the pages of cma_answers and in the README. A
line "..." stands for any number of lines, and "..." in a line for any text.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from test_cma import HERE, STATES, cma

ROOT = HERE.parents[3]
README = ROOT / "README.md"
BUNDLE = STATES / "guest.bundle"
PAGES = sorted((ROOT / "Documentation/admin-guide/mm/cma_answers").glob("*.rst"))


def blocks(text: str) -> list[list[str]]:
    """The indented blocks of @text, or those between fences, without their indent."""
    found: list[list[str]] = []
    for block in re.findall(r"(?:^(?: {2}.*)?\n)+", text, re.M):
        lines = [line[2:].rstrip() for line in block.strip("\n").split("\n")]
        found.append(lines)
    return found


def claims() -> list[tuple[str, str, list[str]]]:
    """Of each command: where it stands, the command, the lines below it."""
    found = []
    first = README.read_text().split("```\n")[1].replace("$ cma", "# cma")
    texts = {page.stem: page.read_text() for page in PAGES}
    texts["README"] = "".join(f"  {line}\n" for line in first.splitlines())
    for name, text in texts.items():
        for block in blocks(text):
            starts = [number for number, line in enumerate(block) if line.startswith("# ")]
            for start, end in zip(starts, [*starts[1:], len(block)]):
                found.append((name, block[start][2:], block[start + 1:end]))
    return found


CLAIMS = claims()


def recorded(path: str) -> str:
    found = re.search(rf"^==> {re.escape(path)} <==\n(.*?)(?=^==> |\Z)", BUNDLE.read_text(),
                      re.M | re.S)
    assert found, f"the bundle has no {path}"
    return found[1]


def printed(command: str) -> str:
    """What @command prints on the recorded machine."""
    words = shlex.split(command)
    if words[0] == "cma":
        return cma(BUNDLE, *words[1:]).stdout.decode()
    if words[0] == "dmesg":
        log = re.sub(r"^<\d>\[ *[\d.]+\] ", "", recorded("cma/kernel_log"), flags=re.M)
        return "".join(line for line in log.splitlines(True) if words[-1] in line)
    text = recorded(words[-1].lstrip("/"))
    if words[0] == "cat":
        return text
    assert words[0] == "grep", f"how is {command} run?"
    return "".join(line for line in text.splitlines(True) if re.search(words[-2], line))


def pattern(lines: list[str]) -> str:
    """What the lines of a claim match."""
    parts = [r"(?:.*\n)*" if line.strip() == "..." else
             ".*".join(map(re.escape, line.split("..."))) + r"\s*\n" for line in lines]
    return "".join(parts)


@pytest.mark.parametrize(("page", "command", "lines"), CLAIMS)
def test_a_command_prints_what_the_page_says(page: str, command: str, lines: list[str]) -> None:
    assert lines, f"{page} does not say what {command} prints"
    assert re.fullmatch(pattern(lines), printed(command)), printed(command)


def test_there_are_claims_and_they_can_fail() -> None:
    assert len(CLAIMS) >= 10
    assert not re.fullmatch(pattern(["reserved: 193M"]), printed("cma size"))


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem != "index"],
                         ids=lambda page: page.stem)
def test_each_page_has_a_command(page: Path) -> None:
    assert re.search(r"^  [#$] ", page.read_text(), re.M)
