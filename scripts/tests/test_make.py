# SPDX-License-Identifier: GPL-2.0
"""What make can do is told where people look for it."""

from __future__ import annotations

import re
import subprocess

from repo import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


def targets() -> set[str]:
    found = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)", MAKEFILE, re.M)
    assert found
    return set(found.group(1).replace("\\\n", " ").split()) - {"help"}


def test_help_and_readme_have_a_line_for_each_target() -> None:
    shown = subprocess.run(["make", "-s", "-C", str(ROOT), "help"], check=True,
                           capture_output=True, text=True).stdout
    lines = re.findall(r"^ *([a-z-]+)  +\S", shown.split("\n\n")[0], re.M)
    assert sorted(lines) == sorted(targets())
    rows = re.findall(r"^\| `make ([a-z-]+)` \|", (ROOT / "README.md").read_text(), re.M)
    assert sorted(rows) == sorted(targets())


def test_each_target_calls_a_script_that_is_there() -> None:
    called = set(re.findall(r"^\t@(scripts/[a-z-]+)", MAKEFILE, re.M))
    assert len(called) >= 8
    assert all((ROOT / name).is_file() for name in called)
