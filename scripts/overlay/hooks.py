# SPDX-License-Identifier: GPL-2.0
"""Joining points in C code: the semantic patches in scripts/hooks.

A hook NAME.cocci begins with
    // file: path/in/the/tree.c
    // adds: 1 some_call();
where each "adds" line says how many more times (negative: fewer) that text
stands in the file afterwards. spatch itself is silent when nothing matches.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from overlay.common import BUILD, Problem, digest, write_atomic

CACHE = BUILD / "hooks"


@dataclass(frozen=True)
class Hook:
    """One semantic patch: its rule file, the file it edits, and what it must add."""

    rule: Path
    path: str
    adds: tuple[tuple[int, str], ...]

    @property
    def name(self) -> str:
        return f"{self.path}: hook {self.rule.stem}"


def load(rule: Path) -> Hook:
    """Read the head of @rule."""
    text = rule.read_text()
    path = re.search(r"^// file: (\S+)$", text, re.M)
    adds = re.findall(r"^// adds: (-?\d+) (.+)$", text, re.M)
    if not path or not adds:
        raise Problem(f"{rule} lacks its '// file: PATH' or '// adds: COUNT TEXT' line")
    return Hook(rule, path.group(1), tuple((int(count), what) for count, what in adds))


def check(hook: Hook, old: str, new: str) -> None:
    """Refuse the result of @hook unless it adds exactly what it promised."""
    for want, what in hook.adds:
        found = new.count(what) - old.count(what)
        if found != want:
            raise Problem(f"joining point '{hook.name}' does not match this tree "
                          f"(found {found}, want {want} of '{what}'); the stock file differs "
                          f"from 6.12.y there: look at it and adapt {hook.rule}")


def apply_hook(hook: Hook, text: str) -> str:
    """The content @text after @hook; spatch runs only for what it has not seen."""
    cached = CACHE / digest(hook.rule.read_bytes(), text)
    if not cached.is_file():
        write_atomic(cached, run_spatch(hook, text).encode())
    new = cached.read_text()
    check(hook, text, new)
    return new


def run_spatch(hook: Hook, text: str) -> str:
    """Apply the rule to a lone copy of the file: headers are of no use to it."""
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / Path(hook.path).name
        target.write_text(text)
        try:
            result = subprocess.run(
                ["spatch", "--very-quiet", "--in-place", "--no-includes", "--sp-file",
                 str(hook.rule), str(target)], capture_output=True, text=True)
        except FileNotFoundError:
            raise Problem("spatch is missing; run 'make deps' (package coccinelle)") from None
        if result.returncode:
            tail = " ".join(result.stderr.split())[-300:]
            raise Problem(f"spatch failed on joining point '{hook.name}': {tail}")
        return target.read_text()
