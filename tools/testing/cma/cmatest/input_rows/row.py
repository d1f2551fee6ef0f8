# SPDX-License-Identifier: GPL-2.0
"""What a row is made of: an input and what must come of it.

A row is an input (options, a device tree, a machine) and everything that the
kernel must make of it. What the log must say is given as regular expressions,
each for a whole line and without regard to case, because the wording is free
and the facts in it are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cmatest import dt

MIB = 1 << 20
GIB = 1 << 30
RAM = GIB  # where QEMU's virt machines have theirs
KCONFIG_MIB = 16  # CONFIG_CMA_SIZE_MBYTES of kernel/configs/cma-guest.config

# Where QEMU puts things in an arm64 guest of 1 GiB.
KERNEL = 0x40200000
INITRD = 0x48000000
BLOB = 0x48200000
FREE = 0x60000000  # nobody's

ANY = ".*"  # for a default area that may be any


@dataclass(frozen=True)
class Want:
    """An area that must exist.

    @name is a regular expression; @mib is 0 where any size will do; @lo and @hi
    bound the place, in bytes.
    """

    name: str
    mib: int
    lo: int = 0
    hi: int = 1 << 64
    align: int = 1


def fixed(name: str, base: int, mib: int) -> Want:
    """An area that must be at @base."""
    return Want(name, mib, base, base + mib * MIB)


KCONFIG = Want("reserved", KCONFIG_MIB)


@dataclass(frozen=True)
class Row:
    """One input and what must come of it.

    @extra: options of QEMU; @config: lines of .config besides the usual ones.
    @once: lines that must be there exactly once; @some: at least once; @never:
    not at all; @may: complaints that are allowed besides.
    @default: name of the default area, None if there must be none.
    @lost_mib: memory that is rightly nobody's, such as that of no-map nodes.
    @dead_mib: areas that are reserved and cannot be activated.
    """

    name: str
    stated: str
    cmdline: str = ""
    edit: dt.Edit | None = None
    arch: str = "arm64"
    mem: str = "1G"
    extra: tuple[str, ...] = ()
    config: str = ""
    areas: tuple[Want, ...] = (KCONFIG,)
    default: str | None = "reserved"
    once: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    lost_mib: int = 0
    dead_mib: int = 0


def facts(*patterns: str) -> str:
    """All of the patterns, in any order, in the rest of the line."""
    return "".join(f"(?=.*(?:{pattern}))" for pattern in patterns)


def rejected(option: str, at: int | None = None) -> str:
    """A line that calls an option wrong; @at counts from 1 in the option as written."""
    where = r"\d+" if at is None else str(at)
    return rf"^cma: option '{re.escape(option)}' rejected: .*\bcharacter {where}\b"


def no_value(option: str) -> str:
    """A line about an option without a value."""
    return rf"^cma: .*option '{option}' rejected"


FAILED = r"^cma: Failed to reserve \d+ MiB on node -1$"
LARGEST = r"(?:largest|at most)\D*(\d+) MiB"


def refused(value: str, *about: str) -> tuple[str, str]:
    """The lines about a right cma= whose memory cannot be had."""
    return rf"^cma: 'cma={re.escape(value)}' refused: {facts(*about)}", FAILED


def node_refused(name: str, *about: str) -> str:
    """The line about a device-tree node that is no area."""
    return rf"^cma: device tree node {re.escape(name)} refused: {facts(*about)}"


def dt_wins(node: str, option: str) -> str:
    """The line that names both the device tree's node and the option that lost."""
    both = facts(re.escape(node), f"'{re.escape(option)}'")
    return rf"^cma: (?!.*\brefused){both}"


def rounded(who: str, mib: int) -> str:
    """The line about a size that is no multiple of a pageblock."""
    return rf"^cma: .*{re.escape(who)}.*rounded up to ({mib} MiB|{mib << 10} KiB)\b"


def size(mib: int) -> str:
    return f"size = {dt.cells(mib * MIB)};"


def reg(base: int, mib: int) -> str:
    return f"reg = {dt.cells(base, mib * MIB)};"


def pool(name: str, *properties: str) -> str:
    """A node that would be the default area if it were right."""
    return node(name, "reusable;", "linux,cma-default;", *properties)


def other(name: str, *properties: str) -> str:
    """A reusable node that does not want to be the default."""
    return node(name, "reusable;", *properties)


def node(name: str, *properties: str) -> str:
    return f'{name} {{ compatible = "shared-dma-pool"; {" ".join(properties)} }};'


def tree(*nodes: str) -> dt.Edit:
    return dt.Edit(nodes)
