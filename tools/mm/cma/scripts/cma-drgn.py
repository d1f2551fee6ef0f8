#!/usr/bin/env drgn
# SPDX-License-Identifier: GPL-2.0
"""Lists the areas of contiguous memory of a kernel, and who holds what in them.

  drgn -c DUMP -s VMLINUX cma-drgn.py [areas | holders [AREA]]
  drgn [-s VMLINUX] cma-drgn.py ...       the running kernel
"""

from __future__ import annotations

import sys
from pathlib import Path

import drgn

sys.path.insert(0, str(Path(__file__).resolve().parent))

import cma_ledger as ledger  # noqa: E402

ORDER = {True: "little", False: "big"}


def text(chars: drgn.Object) -> str:
    return chars.string_().decode(errors="replace")


def bits(bitmap: drgn.Object) -> int:
    """A struct cma_bitmap as a number; 0 before activation."""
    prog, word = bitmap.prog_, drgn.sizeof(bitmap.bits[0])
    if not bitmap.bits:
        return 0
    raw = prog.read(bitmap.bits.value_(), ledger.bitmap_bytes(bitmap.count.value_(), word))
    assert prog.platform
    little = drgn.PlatformFlags.IS_LITTLE_ENDIAN in prog.platform.flags
    return ledger.bits(raw, word, ORDER[little])


def holder(who: drgn.Object) -> str:
    """The device of a struct cma_holder, or the function that asked."""
    caller = who.caller.value_()
    try:
        return text(who.device) or who.prog_.symbol(caller).name
    except LookupError:
        return hex(caller)


def record(node: drgn.Object) -> ledger.Record:
    """The record in whose tree node @node is."""
    it = drgn.container_of(node, "struct cma_record", "pages.rb").read_()
    return ledger.Record(it.pages.start.value_(), it.pages.last.value_(), it.serial.value_(),
                         it.since.value_(), it.align.value_(), it.holder.pid.value_(),
                         text(it.holder.task), holder(it.holder))


def child(node: drgn.Object, side: str) -> drgn.Object:
    return node.member_(side).read_()


def area(cma: drgn.Object) -> ledger.Area:
    """A struct cma, with its ledger."""
    nodes = ledger.inorder(cma.ledger.records.rb_root.rb_node.read_(), child, cma.count.value_())
    state = cma.state.format_(type_name=False).removeprefix("CMA_").lower()
    return ledger.Area(text(cma.name), cma.base_pfn.value_(), cma.count.value_(),
                       cma.order_per_bit.value_(), state, bits(cma.taken), bits(cma.held),
                       bits(cma.ledger.unknown), tuple(map(record, nodes)))


def areas(prog: drgn.Program) -> list[ledger.Area]:
    """All areas of the kernel that @prog is."""
    try:
        table, count = prog["cma_areas"], prog["cma_area_count"].value_()
        return [area(table[number]) for number in range(count)]
    except LookupError as error:
        raise ledger.Problem(f"{error}; is this kernel's vmlinux given with -s, has it "
                             "debugging information, and has it CONFIG_CMA?") from error
    except AttributeError as error:
        raise ledger.Problem(f"{error}: this kernel has another allocator") from error
    except drgn.FaultError as error:
        raise ledger.Problem(f"{error}: not in this dump") from error


def main(prog: drgn.Program, words: list[str]) -> None:
    """Print what the command line @words asks for, everything without one."""
    match words:
        case []:
            found = areas(prog)
            print(*ledger.area_lines(found), "", *ledger.holder_lines(found), sep="\n")
        case ["areas"]:
            print(*ledger.area_lines(areas(prog)), sep="\n")
        case ["holders"] | ["holders", _]:
            print(*ledger.holder_lines(areas(prog), *words[1:]), sep="\n")
        case _:
            raise ledger.Problem("the arguments are: [areas | holders [AREA]]")


if __name__ == "__main__":
    try:
        main(globals()["prog"], sys.argv[1:])
    except ledger.Problem as problem:
        sys.exit(f"cma-drgn: {problem}")
