# SPDX-License-Identifier: GPL-2.0
"""gdb commands: the areas of contiguous memory of a kernel, and who holds what in them.

  gdb VMLINUX DUMP            or "make gdb", or "target remote ..."
  (gdb) source cma-gdb.py
  (gdb) cma-areas
  (gdb) cma-holders [AREA]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import gdb

sys.path.insert(0, str(Path(__file__).resolve().parent))

import cma_ledger as ledger  # noqa: E402


def text(chars: gdb.Value) -> str:
    return chars.string(errors="replace")


def bits(bitmap: gdb.Value) -> int:
    """A struct cma_bitmap as a number; 0 before activation."""
    at, word = int(bitmap["bits"]), gdb.lookup_type("unsigned long").sizeof
    if not at:
        return 0
    size = ledger.bitmap_bytes(int(bitmap["count"]), word)
    raw = bytes(gdb.selected_inferior().read_memory(at, size))
    order = "little" if "little" in gdb.execute("show endian", to_string=True) else "big"
    return ledger.bits(raw, word, order)


def holder(who: gdb.Value) -> str:
    """The device of a struct cma_holder, or the function that asked."""
    name, caller = text(who["device"]), int(who["caller"])
    if name:
        return name
    said = gdb.execute(f"info symbol {caller}", to_string=True)
    return hex(caller) if said.startswith("No symbol") else said.split()[0]


def record(node: gdb.Value) -> ledger.Record:
    """The record in whose tree node @node is."""
    struct = gdb.lookup_type("struct cma_record").pointer()
    offset = int(gdb.parse_and_eval("(unsigned long)&((struct cma_record *)0)->pages.rb"))
    it = gdb.Value(int(node) - offset).cast(struct).dereference()
    who = it["holder"]
    return ledger.Record(int(it["pages"]["start"]), int(it["pages"]["last"]), int(it["serial"]),
                         int(it["since"]), int(it["align"]), int(who["pid"]), text(who["task"]),
                         holder(who))


def child(node: gdb.Value, side: str) -> gdb.Value:
    return node[side]


def area(cma: gdb.Value) -> ledger.Area:
    """A struct cma, with its ledger."""
    root = cma["ledger"]["records"]["rb_root"]["rb_node"]
    nodes = ledger.inorder(root, child, int(cma["count"]))
    return ledger.Area(text(cma["name"]), int(cma["base_pfn"]), int(cma["count"]),
                       int(cma["order_per_bit"]), str(cma["state"]).removeprefix("CMA_").lower(),
                       bits(cma["taken"]), bits(cma["held"]), bits(cma["ledger"]["unknown"]),
                       tuple(map(record, nodes)))


def areas() -> list[ledger.Area]:
    """All areas of the kernel that gdb looks at."""
    try:
        table = gdb.parse_and_eval("cma_areas")
        count = int(gdb.parse_and_eval("cma_area_count"))
        return [area(table[number]) for number in range(count)]
    except gdb.MemoryError as error:
        raise ledger.Problem(f"{error}: not in this dump, or the kernel was moved (KASLR)"
                             ) from error
    except gdb.error as error:
        raise ledger.Problem(f"{error} Is this the vmlinux of a kernel with this allocator, "
                             "and has it debugging information?") from error


class Command(gdb.Command):
    """A command that prints lines, or one line that tells why not."""

    def __init__(self, name: str, lines: Callable[..., Iterator[str]], arguments: int) -> None:
        super().__init__(name, gdb.COMMAND_DATA)
        self.name, self.lines, self.arguments = name, lines, arguments

    def invoke(self, argument: str, from_tty: bool) -> None:
        del from_tty
        words = gdb.string_to_argv(argument)
        if len(words) > self.arguments:
            raise gdb.GdbError(f"{self.name} takes at most {self.arguments} arguments")
        try:
            print(*self.lines(areas(), *words), sep="\n")
        except ledger.Problem as problem:
            raise gdb.GdbError(f"{self.name}: {problem}") from problem


Command("cma-areas", ledger.area_lines, 0)
Command("cma-holders", ledger.holder_lines, 1)
