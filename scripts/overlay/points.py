# SPDX-License-Identifier: GPL-2.0
"""What became of the joining points in a tree, and how that is told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from overlay.common import Problem, say


@dataclass(frozen=True)
class Outcome:
    """A joining point in a tree.

    @point: its name; @lost: what is lost without it, empty if it is needed
    @form: which of its forms matched, empty if none; @says: what the user has
    to know about that form; @why: why none did
    """

    point: str
    lost: str
    form: str = ""
    says: str = ""
    why: str = ""


class Mismatch(Problem):
    """A joining point that is not in a tree."""


def excerpt(path: str, text: str, near: str) -> str:
    """The lines of the file @path around the first place where @near matches."""
    lines = text.splitlines()
    at = next((number for number, line in enumerate(lines) if re.search(near, line)), -1)
    if at < 0:
        return f"  {path} has no line with '{near}'"
    return "\n".join(f"  {path}:{number + 1}: {lines[number]}"
                     for number in range(max(at - 2, 0), min(at + 9, len(lines))))


def mismatch(name: str, count: str, there: str, hand: str) -> Mismatch:
    """The complaint about the point @name: what is @there, and what to do by @hand."""
    return Mismatch(f"joining point '{name}' does not match this tree ({count}); "
                    f"the tree has there:\n{there}\n"
                    "To go on, make the edit by hand in that tree; this is how:\n"
                    + "\n".join(f"  {line}" for line in hand.strip().splitlines()))


def tell(outcomes: list[Outcome], command: str = "stage") -> None:
    """Say what is left out, and what the forms that matched mean for the user."""
    for outcome in outcomes:
        if not outcome.form:
            say(f"{command}: left out: {outcome.point}: {outcome.lost}")
        elif outcome.says:
            say(f"{command}: {outcome.point}: {outcome.says}")
    lost = [outcome.lost for outcome in outcomes if not outcome.form]
    if lost:
        say(f"{command}: {len(outcomes) - len(lost)} of {len(outcomes)} joining points; "
            f"lost: {'; '.join(dict.fromkeys(lost))}")
