# SPDX-License-Identifier: GPL-2.0
"""Make a table in reStructuredText of what a kernel does with bad input.

Usage: scripts/input-table RESULTS.xml >table.rst, where RESULTS.xml comes from

  STOCK=1 pytest tools/testing/cma/boot/test_input.py --junitxml=RESULTS.xml

(or without STOCK=1). A row that is not in the results is an error.
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as xml
from collections.abc import Iterator
from pathlib import Path

from cmatest.input_rows import SECTIONS
from cmatest.input_rows.row import Row

CASE = re.compile(r"test_input\[(.+)\]")
# What pytest puts around the text of a failure.
AROUND = re.compile(r"^(Failed|AssertionError): |\s*\(see \S+\)$")
WORDING = re.compile(r"^(no|\d+) lines? like |^unexpected: |^no line about ")
CRASH = re.compile(r"^the kernel complains: (.*)")
WHERE = re.compile(r"CPU: \d+ PID: \d+ |\+0x[0-9a-f]+/0x[0-9a-f]+")
HANG = re.compile(r"^no end after ")
SHOWN = 2

RIGHT = "as specified"
SILENT = "as specified, but says nothing, or something else"


def read(path: Path) -> dict[str, str]:
    """The outcome of each row: an empty string, or the text of its failure."""
    found = {}
    for case in xml.parse(path).getroot().iter("testcase"):
        match = CASE.fullmatch(case.get("name", ""))
        bad = case.find("failure")
        bad = case.find("error") if bad is None else bad
        if match and case.find("skipped") is None:
            found[match[1]] = "" if bad is None else bad.get("message") or "failed"
    return found


def literal(text: str) -> str:
    """@text so that no character of it means anything."""
    return re.sub(r"([*`|_\\<>])", r"\\\1", text)


def verdict(message: str) -> str:
    """The outcome of a row in a few words."""
    if not message:
        return RIGHT
    lines = [AROUND.sub("", line) for line in message.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("see ", "assert ", " +"))]
    crash = CRASH.match(lines[0])
    if crash:
        return f"**kernel bug**: {literal(WHERE.sub('', crash[1]))}"
    if HANG.match(lines[0]):
        return "**hangs**"
    facts = [line for line in lines if not WORDING.match(line)]
    if not facts:
        return SILENT
    return literal("; ".join(facts[:SHOWN]))


def totals(verdicts: list[str]) -> str:
    """How many rows came out how."""
    right, silent = verdicts.count(RIGHT), verdicts.count(SILENT)
    broken = sum(verdict.startswith("**") for verdict in verdicts)
    other = len(verdicts) - right - silent - broken
    return (f"{len(verdicts)} rows: {right} as specified, {silent} as specified but for what the\n"
            f"log says, {other} otherwise, {broken} with a kernel bug or a hang.")


def table(rows: list[Row], outcome: dict[str, str]) -> Iterator[str]:
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: 45 55", "",
                "   * - Input", "     - Result")
    for row in rows:
        yield f"   * - {literal(row.stated) or 'nothing'}"
        yield f"     - {verdict(outcome[row.name])}"


def work(path: Path) -> None:
    outcome = read(path)
    missing = [row.name for rows in SECTIONS.values() for row in rows if row.name not in outcome]
    if missing:
        sys.exit(f"input-table: {path} has no result of {len(missing)} rows, such as {missing[0]};"
                 " run test_input.py without ARCH, DEBUG and -k")
    print(".. SPDX-License-Identifier: GPL-2.0\n")
    print(totals([verdict(text) for text in outcome.values()]))
    for title, rows in SECTIONS.items():
        print(f"\n{title}\n{'-' * len(title)}\n")
        print("\n".join(table(rows, outcome)))


def main() -> None:
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit(f"input-table: give the JUnit file of one run:\n{__doc__}")
    work(Path(sys.argv[1]))
