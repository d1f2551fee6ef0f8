# SPDX-License-Identifier: GPL-2.0
"""The plan of the series: which patch takes which of the files that change.

Each file scripts/series.d/NN-name.txt is a patch. It begins with lines
    # path: PATTERN              what the patch takes, as in the F: lines of MAINTAINERS
    # part: PATH: EXPRESSION     what it adds to a file of ours of an earlier patch
and goes on with the subject and the text of the commit. Of several patterns that
fit a path the longest one takes it. A part is left out of the file until its
patch comes: a Makefile does not name what is not there yet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from overlay.common import Problem, say

# A path and its new content; None: it goes away.
Changes = dict[str, bytes | None]

WIDTH = 75
SUBJECT = re.compile(r"[\w-]+(/[\w-]+)*: \S.*[^.]")
HEAD = re.compile(r"# (path|part): (.+)")


@dataclass(frozen=True)
class Part:
    """Text in a file of ours that does not come with the file."""

    path: str
    text: re.Pattern[str]


@dataclass(frozen=True)
class Patch:
    """One patch, as it is planned."""

    name: str
    subject: str
    body: str
    paths: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Step:
    """One patch, as it is on the tree at hand."""

    patch: Patch
    changes: Changes


def check_text(where: str, subject: str, body: str) -> None:
    """Refuse a text that mail, git or checkpatch would not take as it is."""
    if not SUBJECT.fullmatch(subject) or len(subject) > WIDTH:
        raise Problem(f"{where}: '{subject}' is no subject: want 'path: what', at most "
                      f"{WIDTH} characters, no full stop")
    for line in body.splitlines():
        if len(line) > WIDTH or not line.isascii() or re.match(r"From |---|diff |[#>]", line):
            raise Problem(f"{where}: '{line[:40]}...' cannot stand in a commit: want ASCII, at "
                          f"most {WIDTH} characters, and no beginning that git takes for its own")


def read_text(path: Path) -> tuple[list[str], str, str]:
    """The lines of the head of a text, its subject and its body."""
    lines = path.read_text().splitlines()
    start = next((number for number, line in enumerate(lines) if not line.startswith("#")), 0)
    subject, *body = lines[start:] or [""]
    text = "\n".join(body).strip()
    check_text(path.name, subject, text)
    if not text or body[0]:
        raise Problem(f"{path.name}: a blank line and the text have to follow the subject")
    return lines[1:start], subject, text


def read_part(where: str, value: str) -> Part:
    """A part as the head of a text has it."""
    path, colon, expression = value.partition(": ")
    try:
        return Part(path, re.compile(expression if colon else "(", re.M))
    except re.error:
        raise Problem(f"{where}: 'part: {value}' is not PATH: EXPRESSION") from None


def load(directory: Path) -> list[Patch]:
    """All patches, in order; 00-cover.txt is none."""
    patches = []
    for path in sorted(directory.glob("*.txt")):
        if path.name == "00-cover.txt":
            continue
        head, subject, body = read_text(path)
        found = [HEAD.fullmatch(line) for line in head]
        if not all(found) or not found:
            raise Problem(f"{path.name}: after the licence, each line of the head is "
                          "'# path: PATTERN' or '# part: PATH: EXPRESSION'")
        values = [(line[1], line[2]) for line in found if line]
        patches.append(Patch(
            path.name, subject, body,
            tuple(value for kind, value in values if kind == "path"),
            tuple(read_part(path.name, value) for kind, value in values if kind == "part")))
    if not patches:
        raise Problem(f"{directory} has no patches")
    return patches


def covers(pattern: str, path: str) -> bool:
    """Whether @pattern takes @path: * stands for anything but /, a / at its end for all below."""
    expression = re.escape(pattern).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return re.fullmatch(expression + (".*" if pattern.endswith("/") else ""), path) is not None


def owner(path: str, patches: list[Patch]) -> tuple[int, str]:
    """The patch that takes @path, and by which pattern."""
    fits = [(len(pattern), number, pattern) for number, patch in enumerate(patches)
            for pattern in patch.paths if covers(pattern, path)]
    if not fits:
        raise Problem(f"{path} changes, and no patch of scripts/series.d takes it; "
                      "add '# path: ...' to one of them")
    best = [fit for fit in fits if fit[0] == max(fits)[0]]
    if len({number for _, number, _ in best}) > 1:
        names = " and ".join(sorted({patches[number].name for _, number, _ in best}))
        raise Problem(f"{path} is in more than one patch: {names}")
    return best[0][1], best[0][2]


def owners(patches: list[Patch], wanted: Changes, optional: set[str]) -> dict[str, int]:
    """The number of the patch of each path; a pattern that takes nothing is a mistake.

    @optional are paths that change on some trees only; to name one is no mistake.
    """
    found = {path: owner(path, patches) for path in wanted}
    for number, patch in enumerate(patches):
        for pattern in patch.paths:
            if (number, pattern) not in found.values() and pattern not in optional:
                raise Problem(f"{patch.name}: nothing that changes fits '# path: {pattern}'")
    return {path: number for path, (number, _) in found.items()}


def without(part: Part, text: str, where: str) -> str:
    """@text without @part, which has to be there once."""
    new, count = part.text.subn("", text)
    if count != 1:
        raise Problem(f"{where}: '# part: {part.path}: {part.text.pattern}' fits {count} times, "
                      "want 1")
    return new


def contents(path: str, first: int, patches: list[Patch],
             content: bytes | None) -> dict[int, bytes | None]:
    """What becomes of @path, by the patch that does it: first as a whole, then its parts."""
    result = {first: content}
    for number in range(len(patches) - 1, -1, -1):
        for part in patches[number].parts:
            if part.path != path:
                continue
            if content is None or number <= first:
                raise Problem(f"{patches[number].name}: '# part: {path}' is no part of a file "
                              "that an earlier patch adds")
            result.setdefault(number, content)
            content = without(part, content.decode(), patches[number].name).encode()
            result[first] = content
    return result


def check_content(wanted: Changes) -> None:
    """Refuse what git alone, or nobody, could apply."""
    for path, content in wanted.items():
        if content and (b"\0" in content or b"\r\n" in content):
            raise Problem(f"{path} is no text: patch(1) and mail spoil it; keep it as text")
        if content == b"" and re.search(r"\s", path):
            raise Problem(f"{path} is empty and has a blank in its path: patch(1) cannot make it")


def steps(patches: list[Patch], wanted: Changes, optional: set[str]) -> list[Step]:
    """What each patch changes; one that changes nothing on this tree is left out."""
    check_content(wanted)
    changes: list[Changes] = [{} for _ in patches]
    for path, first in sorted(owners(patches, wanted, optional).items()):
        for number, content in contents(path, first, patches, wanted[path]).items():
            changes[number][path] = content
    lost = {part.path for patch in patches for part in patch.parts} - wanted.keys()
    if lost:
        raise Problem(f"scripts/series.d has a part of {min(lost)}, which does not change")
    for patch, own in zip(patches, changes):
        if not own:
            say(f"series: {patch.name} changes nothing on this tree: left out")
    return [Step(patch, own) for patch, own in zip(patches, changes) if own]
