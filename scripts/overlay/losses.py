# SPDX-License-Identifier: GPL-2.0
"""What goes when our files take the place of a tree's: it is read from both."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from overlay.source import Source

COMMENT = re.compile(r'("(?:\\.|[^"\\\n])*")|/\*.*?\*/|//[^\n]*', re.S)
STRING = re.compile(r'"((?:\\.|[^"\\\n])*)"')
FUNCTION = re.compile(r"^(?!static\b|typedef\b|return\b|else\b|#)[a-z_][\w \t*]*?[\s*](\w+)"
                      r"\((?:[^;{}]*)\)[\w\s()]*[;{]", re.M)
INLINE = re.compile(r"^static (?:__always_)?inline [\w \t*]*?[\s*](\w+)\(", re.M)
MACRO = re.compile(r"^#define (\w+)\(", re.M)
EXPORT = re.compile(r"\bEXPORT_(?:TRACEPOINT_)?SYMBOL(?:_\w+)?\((\w+)")
OPTION = re.compile(r'\b(?:early_param|__setup(?:_param)?)\("([\w.]+)=?"'
                    r"|\b(?:core|module)_param(?:_cb|_named)?\((\w+)")
PROPERTY = re.compile(r'\bof_(?:get_flat_dt_prop|get_property|find_property|property_\w+)'
                      r'\([^;"]*"([^"]+)"')
EVENT = re.compile(r"^(?:TRACE_EVENT(?:_CONDITION)?\((\w+)|DEFINE_EVENT\w*\(\w+,\s*(\w+))", re.M)
VENDOR_HOOK = re.compile(r"\btrace_(android_r?vh_\w+)\(")
INCLUDE = re.compile(r'#\s*include\s+"([^"]*cma\.h)"')


@dataclass(frozen=True)
class Loss:
    """Something of a tree that ours lacks, and where it is missed."""

    what: str
    name: str
    where: tuple[str, ...] = ()
    breaks: bool = False

    def __str__(self) -> str:
        users = f" ({', '.join(self.where[:4])}{', ...' * (len(self.where) > 4)})"
        return f"{self.what} {self.name}{users if self.where else ''}"


def plain(text: str) -> str:
    """@text without comments."""
    return COMMENT.sub(lambda match: match[1] or " ", text)


def names(pattern: re.Pattern[str], texts: Iterable[str]) -> set[str]:
    """What the groups of @pattern find in @texts."""
    return {group for text in texts for match in pattern.finditer(text)
            for group in match.groups() if group}


def interface(files: dict[str, str]) -> set[str]:
    """The functions that others may call."""
    headers = [text for path, text in files.items() if path.endswith(".h")]
    return names(FUNCTION, files.values()) | names(INLINE, headers) | names(MACRO, headers)


def missed(lacking: set[str], replaced: Iterable[str], source: Source, has_header: bool,
           own: set[str]) -> list[Loss]:
    """Which of the functions @lacking others call, and who includes mm/cma.h."""
    skip = set(replaced) | own
    words = "|".join(sorted(lacking))
    callers: dict[str, set[str]] = {}
    includers = set()
    calls = re.compile(rf"(?<![\w.>])({words})\s*\(") if words else None
    for path in sorted(source.search(['cma.h"', *sorted(lacking)]) - skip):
        text = plain((source.read(path) or b"").decode(errors="replace"))
        for header in INCLUDE.findall(text):
            if os.path.normpath(os.path.join(os.path.dirname(path), header)) == "mm/cma.h" \
                    or header.endswith("mm/cma.h"):
                includers.add(path)
        own_names = interface({path: text}) | names(re.compile(r"^static[^;=]*?(\w+)\(", re.M),
                                                    [text])
        for name in (names(calls, [text]) if calls else set()) - own_names:
            callers.setdefault(name, set()).add(path)
    result = [Loss("function", name, tuple(sorted(paths)), breaks=True)
              for name, paths in sorted(callers.items())]
    if includers:
        result.append(Loss("header", "mm/cma.h" + (", now a hint what to call instead"
                                                   if has_header else ""),
                           tuple(sorted(includers)), breaks=not has_header))
    return result


def find(replaced: list[str], ours: dict[str, str], source: Source) -> list[Loss]:
    """What goes with the files @replaced of the tree, when @ours come."""
    theirs = {name: plain((source.read(name) or b"").decode(errors="replace"))
              for name in replaced}
    mine = {name: plain(text) for name, text in ours.items()}
    code = "\n".join(STRING.sub('""', text) for text in mine.values())
    words = set(re.findall(r"\w+", code))
    strings = set(STRING.findall("\n".join(mine.values())))
    options = names(OPTION, mine.values()) | {text.rstrip("=") for text in strings}
    result = missed(interface(theirs) - words, replaced, source, "mm/cma.h" in ours, set(ours))
    for what, pattern, have in (
            ("export", EXPORT, names(EXPORT, mine.values())),
            ("option", OPTION, options),
            ("device-tree property", PROPERTY, strings),
            ("trace event", EVENT, names(EVENT, mine.values())),
            ("vendor hook", VENDOR_HOOK, set())):
        for name in sorted(names(pattern, theirs.values()) - have):
            result.append(Loss(what, name))
    return result
