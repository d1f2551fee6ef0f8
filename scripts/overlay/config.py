# SPDX-License-Identifier: GPL-2.0
"""Kernel configurations from fragments, and the check that they came out as asked."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from overlay.common import Problem

LINE = re.compile(r"^(?:CONFIG_(\w+)=(.*)|# CONFIG_(\w+) is not set)$", re.M)


@dataclass(frozen=True, eq=False)
class Fragment:
    """Symbols asked for by one file, in the notation of .config without CONFIG_."""

    path: Path
    values: dict[str, str]
    optional: frozenset[str]


def parse(text: str) -> dict[str, str]:
    """The symbols that @text sets; one that is not set has the value n."""
    return {found.group(1) or found.group(3): found.group(2) if found.group(1) else "n"
            for found in LINE.finditer(text)}


def load(path: Path) -> Fragment:
    """Read a fragment; a line '# optional: A B' names symbols that may be absent."""
    if not path.is_file():
        raise Problem(f"the configuration fragment {path} does not exist")
    text = path.read_text()
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#") and not LINE.match(line):
            raise Problem(f"{path}:{number}: '{line}' is no configuration line "
                          "(want CONFIG_NAME=value)")
    optional = " ".join(re.findall(r"^# optional: (.*)$", text, re.M)).split()
    return Fragment(path, parse(text), frozenset(optional))


def merge(fragments: list[Fragment]) -> str:
    """One text for KCONFIG_ALLCONFIG; of two values for a symbol the later holds."""
    values: dict[str, str] = {}
    for fragment in fragments:
        values |= fragment.values
    return "".join(f"# CONFIG_{name} is not set\n" if value == "n" else f"CONFIG_{name}={value}\n"
                   for name, value in values.items())


def known(symbol: str, tree: Path) -> bool:
    """Whether any Kconfig file of @tree defines @symbol."""
    return subprocess.run(
        ["grep", "-rqE", rf"^\s*(menu)?config {symbol}$", "--include=Kconfig*", str(tree)],
        check=False).returncode == 0


def missing(fragment: Fragment, got: dict[str, str]) -> list[str]:
    """The symbols of @fragment that @got, a finished configuration, does not honour."""
    return [name for name, value in fragment.values.items()
            if name not in fragment.optional and got.get(name, "n") != value]


def verify(fragments: list[Fragment], extra: Fragment | None, config: Path,
           tree: Path) -> list[str]:
    """Check @config against what was asked for.

    A symbol of @extra that did not come out is an error. One of @fragments is
    an error too, unless @extra is there: it may have switched off what the
    symbol depends on, so it is only returned.
    """
    got = parse(config.read_text())
    overridden = extra.values if extra else {}
    lost = {fragment: [name for name in missing(fragment, got)
                       if name not in overridden and not later(name, fragment, fragments)]
            for fragment in fragments}
    wrong = {extra: missing(extra, got)} if extra else lost
    complaints = [complaint(fragment, names, got, tree)
                  for fragment, names in wrong.items() if names]
    if complaints:
        raise Problem("\n".join(complaints))
    return sorted(name for names in lost.values() for name in names)


def later(name: str, fragment: Fragment, fragments: list[Fragment]) -> bool:
    """Whether a fragment after @fragment sets @name as well."""
    return any(name in other.values for other in fragments[fragments.index(fragment) + 1:])


def complaint(fragment: Fragment, names: list[str], got: dict[str, str], tree: Path) -> str:
    """Say which of the symbols @names of @fragment did not come out as asked, and how."""
    outcomes = [f"{name}={fragment.values[name]} "
                + (f"(came out {got.get(name, 'n')})" if known(name, tree) else "(no such symbol)")
                for name in names]
    return (f"{fragment.path} asks for what this kernel cannot have: {', '.join(outcomes)}; "
            "see what they depend on, or what selects them")
