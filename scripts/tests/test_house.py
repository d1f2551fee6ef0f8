#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The house: each module is on the map, calls make no circle, and the count stays small.

A module is a stem: mm/cma/hold.c and mm/cma/hold.h are one, mm/cma.c is another.
Tests do not count. Run as a script, it prints the count, then who calls whom.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from repo import ROOT, all_files, is_test

MAP = "Documentation/mm/cma.rst"
LIMITS = {"files": 40, "modules": 28, "public functions": 130, "circles": 0}
# What ctags has to read as something else, or not at all.
MACROS = ("VISIBLE_IF_KUNIT=static", "__read_mostly=", "__ro_after_init=", "__initdata=",
          "__must_hold(x)=", "__acquires(x)=", "__releases(x)=", "__printf(a,b)=")
NO_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|' + r"'(?:\\.|[^'\\\n])+'", re.S)
# Tags and members have names of their own; only the last alternative is a use.
USE = re.compile(r"\b(?:struct|union|enum)\s+\w+|(?:\.|->)\s*\w+|\b([A-Za-z_]\w*)")


@dataclass(frozen=True)
class Definition:
    """A function, a variable or a macro, and the lines that it takes."""

    name: str
    path: str
    kind: str
    is_static: bool
    start: int
    end: int

    @property
    def is_public(self) -> bool:
        """An inline function of a header is as public as one with a prototype there."""
        return self.kind != "macro" and (not self.is_static or self.path.endswith(".h"))


@dataclass
class House:
    """What there is: files, public functions, and who calls what."""

    files: list[str]
    functions: set[str] = field(default_factory=set)
    calls: dict[tuple[str, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter))

    @property
    def modules(self) -> list[str]:
        return sorted({stem(path) for path in self.files})

    def edge(self, source: str, target: str) -> str:
        return f"{source} -> {target} ({', '.join(sorted(self.calls[source, target]))})"

    def circles(self) -> list[list[str]]:
        """For each call the shortest way back; a circle that is found twice is one."""
        found = {rotated(way) for source, target in self.calls
                 if (way := self.way(target, source))}
        return sorted((list(circle) for circle in found), key=lambda circle: (len(circle), circle))

    def way(self, start: str, end: str) -> list[str]:
        """The modules on a shortest way from @start to @end, or none."""
        before = {start: ""}
        for module in (line := [start]):
            for source, target in sorted(self.calls):
                if source == module and target not in before:
                    before[target] = module
                    line.append(target)
        way = [end] if end in before else []
        while way and before[way[-1]]:
            way.append(before[way[-1]])
        return way[::-1]

    def counts(self) -> dict[str, int]:
        return dict(zip(LIMITS, (len(self.files), len(self.modules), len(self.functions),
                                 len(self.circles()))))

    def __str__(self) -> str:
        return "house: " + ", ".join(f"{count} {what}" for what, count in self.counts().items())


def rotated(circle: list[str]) -> tuple[str, ...]:
    """@circle from its least member on."""
    least = circle.index(min(circle))
    return tuple(circle[least:] + circle[:least])


def stem(path: str) -> str:
    """The module of @path: mm/cma.c is mm/cma, mm/cma/lib/range.h is lib/range."""
    return path.rsplit(".", 1)[0].removeprefix("mm/cma/")


def definitions(root: Path, files: Iterable[str]) -> list[Definition]:
    """What ctags finds in @files."""
    text = subprocess.run(
        ["ctags", "--language-force=C", "--kinds-C=fvd", "--fields=NFKneS",
         "--fields-C=+{properties}", "--output-format=json", *(f"-D{macro}" for macro in MACROS),
         "-f", "-", *files], cwd=root, check=True, capture_output=True, text=True).stdout
    return [Definition(tag["name"], tag["path"], tag["kind"],
                       "static" in tag.get("properties", ""), tag["line"],
                       tag.get("end", tag["line"]))
            for tag in map(json.loads, text.splitlines())]


def code(root: Path, path: str) -> list[str]:
    """The lines of @path without comments and strings."""
    return NO_CODE.sub(lambda match: "\n" * match[0].count("\n") or " ",
                       (root / path).read_text()).split("\n")


def uses(lines: Iterable[str]) -> Iterator[str]:
    """The identifiers in @lines, as often as they stand there."""
    return (match[1] for match in USE.finditer("\n".join(lines)) if match[1])


def read(root: Path, files: list[str], stubs: list[str]) -> House:
    """Read @files of the house, and @stubs, the headers outside through which it calls itself."""
    house = House(files)
    mine = definitions(root, files)
    public = [it for it in mine if it.is_public]
    house.functions = {it.name for it in public if it.kind == "function"}
    # A function has its home in a .c file, where it is no stub.
    home = {it.name: stem(it.path) for it in sorted(public, key=lambda it: it.path.endswith(".c"))}
    text = {path: code(root, path) for path in [*files, *stubs]}
    # A use of a macro, or of an inline function from outside, calls what is in it.
    through = {it.name: [name for name in uses(text[it.path][it.start - 1:it.end]) if name in home]
               for it in [*mine, *definitions(root, stubs)]
               if it.name not in home and it.path.endswith(".h") and it.kind != "variable"}
    for path in files:
        # A header only calls in its inline functions; the rest of it are prototypes.
        spans = [text[path]] if path.endswith(".c") else [
            text[path][it.start - 1:it.end] for it in mine
            if it.path == path and it.kind == "function"]
        own = {it.name for it in mine if stem(it.path) == stem(path)}
        for name in (name for span in spans for name in uses(span) if name not in own):
            for callee in through.get(name, [name] if name in home else []):
                if home[callee] != stem(path):
                    house.calls[stem(path), home[callee]][callee] += 1
    return house


def on_map(text: str) -> set[str]:
    """The modules in the tables of files in @text: "lib/plan.[ch]", "sysfs.c, debugfs.c"."""
    modules = set()
    for table in re.finditer(r"^(=+) +=+\nfile .*\n=+ +=+\n((?:.+\n)*?)=+ +=+$", text, re.M):
        for row in table[2].splitlines():
            modules |= {stem(name) for name in
                        re.findall(r"[\w/]+\.(?=[ch]\b|\[ch\])", row[:len(table[1])])}
    return modules


@pytest.fixture(scope="module")
def house() -> House:
    return current()


def current() -> House:
    """The house as it stands; compat.h has what other kernels have elsewhere."""
    names = [name for name in all_files() if name.endswith((".c", ".h"))
             and name != "mm/cma/compat.h"]
    return read(ROOT, [name for name in names
                       if re.match(r"mm/cma(\.c$|/)", name) and not is_test(name)],
                [name for name in names if re.match(r"include/linux/cma[^/]*\.h$", name)])


def test_each_module_is_on_the_map(house: House) -> None:
    named = on_map((ROOT / MAP).read_text())
    complaints = [f"not in the table of {MAP}: {', '.join(names)}"
                  for names in [sorted(set(house.modules) - named)] if names]
    complaints += [f"in the table of {MAP}, but no module: {', '.join(names)}"
                   for names in [sorted(named - set(house.modules))] if names]
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


def test_calls_make_no_circle(house: House) -> None:
    assert len(house.calls) > len(house.modules), "calls were not found"
    if house.circles():
        pytest.fail("\n".join(f"circle {number}: " + ", ".join(
            house.edge(*pair) for pair in zip(circle, [*circle[1:], circle[0]]))
            for number, circle in enumerate(house.circles(), 1)), pytrace=False)


def test_the_house_stays_small(house: House) -> None:
    print(f"\n{house}")
    over = [f"at most {LIMITS[what]} {what}" for what, count in house.counts().items()
            if count > LIMITS[what]]
    if over:
        pytest.fail(f"{house}; {', '.join(over)}; only .c and .h files count", pytrace=False)


def test_a_circle_is_seen_through_stub_macro_and_pointer(tmp_path: Path) -> None:
    toy = {
        "mm/cma/one.c": "int cma_one(void)\n{\n\treturn cma_two(); /* cma_four */\n}\n",
        "mm/cma/two.c": "int cma_two(void)\n{\n\treturn cma_for_each(0);\n}\n",
        "mm/cma/three.c": "unsigned int cma_count __read_mostly;\n"
                          "int cma_three(void)\n{\n\treturn (int)cma_one;\n}\n",
        "mm/cma/four.c": "VISIBLE_IF_KUNIT struct cma *cma_seen(void)\n{\n\treturn x.cma_two;\n}\n"
                         "int cma_four(struct cma_one *x)\n\t__must_hold(&x->lock)\n{\n"
                         "\treturn cma_count + cma_outside();\n}\n",
        "mm/cma/four.h": "int cma_two(void);\nint cma_four(struct cma_one *x);\n",
        "linux.h": "#define cma_for_each(x) cma_three(x)\n"
                   "static inline int cma_one(void)\n{\n\treturn 0;\n}\n"
                   "static inline int cma_outside(void)\n{\n\treturn cma_one();\n}\n",
    }
    for name, text in toy.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    house = read(tmp_path, [name for name in toy if name.startswith("mm/")], ["linux.h"])
    assert str(house) == "house: 5 files, 4 modules, 4 public functions, 1 circles"
    assert house.circles() == [["one", "two", "three"]]
    assert {house.edge(*pair) for pair in house.calls} == {
        "one -> two (cma_two)", "two -> three (cma_three)", "three -> one (cma_one)",
        "four -> three (cma_count)", "four -> one (cma_one)"}


def test_the_map_is_read() -> None:
    text = ("===========  ====\nfile         what\n===========  ====\nmm/cma.c     no.c\n"
            "lib/range.h  it\na.[ch], b.c  it\n===========  ====\n\nc.c\n")
    assert on_map(text) == {"mm/cma", "lib/range", "a", "b"}


if __name__ == "__main__":
    it = current()
    print(it)
    for (source, target), names in sorted(it.calls.items()):
        print(f"{source:<12} -> {target:<12} {sum(names.values()):3}  {', '.join(sorted(names))}")
