# SPDX-License-Identifier: GPL-2.0
"""cma= on arm64 with 1 GiB."""

from __future__ import annotations

from cmatest.input_rows.row import (GIB, KERNEL, LARGEST, Row, Want, fixed, no_value, refused,
                                    rejected, rounded)


def bad(name: str, value: str, at: int | None = None, shown: str | None = None) -> Row:
    """A string that is wrong: one line, and Kconfig decides."""
    option = f"cma={value if shown is None else shown}"
    return Row(f"cma-{name}", f"cma={value}", f"cma={value}", once=(rejected(option, at),))


def good(name: str, value: str, area: Want, *once: str) -> Row:
    return Row(f"cma-{name}", f"cma={value}", f"cma={value}", areas=(area,), once=once)


def impossible(name: str, value: str, *about: str) -> Row:
    """A string that is right, but there is no such memory."""
    return Row(f"cma-{name}", f"cma={value}", f"cma={value}", once=refused(value, *about))


def plain(mib: int) -> Want:
    return Want("reserved", mib)


def within(mib: int, lo: int, hi: int) -> Want:
    return Want("reserved", mib, lo, hi)


OFF = r"^cma: .*switched off by 'cma=0'"

BAD = [
    bad("empty", "", 5),
    Row("cma-no-value", "cma", "cma", once=(no_value("cma"),), never=("Malformed early option",)),
    bad("word", "abc", 5),
    bad("plus", "+64M", 5),
    bad("blank", " 64M", 5, shown=""),
    bad("binary", "0b101M", 6),
    bad("minus", "-1", 5),
    bad("tail", "192MBx", 10),
    bad("list", "64M,64M", 8),
    bad("range-tail", "64M@0x60000000-0x68000000junk", 30),
    bad("no-amount", "@0x50000000", 5),
    bad("no-base", "64M@"),
    bad("no-end", "64M@1G-"),
    bad("end-first", "64M@2G-1G"),
    bad("small-range", "64M@0x60000000-0x63000000"),
    bad("all-ones", "18446744073709551615"),
    bad("shift-overflow", "99999999999G"),
    bad("shift-to-zero", "17179869184G"),
    bad("16E", "16E"),
    bad("rounds-to-zero", "0xfffffffffffff000"),
    bad("percent-0", "0%"),
    bad("percent-91", "91%"),
    bad("max-one-term", "max(64M)"),
    bad("max-blank", "max(64M, 10%)", shown="max(64M,"),
    bad("max-three-terms", "max(64M,10%,32M)"),
]

GOOD = [
    Row("cma-none", "no cma= at all"),
    Row("cma-0", "cma=0", "cma=0", areas=(), default=None, once=(OFF,)),
    good("MiB", "64MiB", plain(64)),
    good("MB", "192MB", plain(192)),
    good("small-letter", "64m", plain(64)),
    good("hex", "0x4000000", plain(64)),
    good("octal", "010M", plain(8)),
    good("quoted", '"64M"', plain(64)),
    good("range", "64M@0x60000000-0x68000000", within(64, 0x60000000, 0x68000000)),
    good("range-is-place", "64M@0x60000000-0x64000000", fixed("reserved", 0x60000000, 64)),
    good("range-from-0", "64M@0-0x58000000", within(64, 0, 0x58000000)),
    good("fixed", "64M@0x50000000", fixed("reserved", 0x50000000, 64)),
    good("10-percent", "10%", plain(102)),
    good("25-percent-fixed", "25%@0x50000000", fixed("reserved", 0x50000000, 256)),
    good("max", "max(256M,25%)@1G-2G", within(256, GIB, 2 * GIB)),
    good("max-size", "max(300M,25%)", plain(300)),
    good("min", "min(1376M,25%)", plain(256)),
    good("1-byte", "1", plain(2), rounded("'cma=1'", 2)),
    good("64K", "64K", plain(2), rounded("'cma=64K'", 2)),
    good("3M", "3M", plain(4), rounded("'cma=3M'", 4)),
    Row("cma-case", "CMA=64M", "CMA=64M", once=(r"^Unknown kernel .*\bCMA=64M\b",)),
]

IMPOSSIBLE = [
    impossible("1E", "1E", LARGEST),
    impossible("unaligned", "64M@0x50000001", "0x0*200000|2 MiB|2048 KiB"),
    impossible("device-space", "64M@0x10000000", "RAM"),
    impossible("end-of-ram", "64M@0x7e000000", "RAM"),
    impossible("address-0", "64M@0", "RAM"),
    impossible("kernel", f"64M@{KERNEL:#x}", r"overlaps 0x[0-9a-f]+-0x[0-9a-f]+"),
    impossible("initrd", "64M@0x46000000", r"overlaps 0x0*48000000-0x[0-9a-f]+"),
    impossible("1000M", "1000M", LARGEST),
    impossible("960M", "960M", LARGEST),
    impossible("2G", "2G", LARGEST),
    impossible("90-percent", "90%", LARGEST),
    impossible("full-range", "64M@0x40000000-0x44000000"),
    Row("cma-wraps", "cma=64M@0xfffffffffc000000", "cma=64M@0xfffffffffc000000",
        once=(r"^cma: .*'cma=64M@0xfffffffffc000000' (refused|rejected): "
              r".*(wrap|largest address)",),
        may=refused("64M@0xfffffffffc000000")[1:]),
    Row("cma-percent-of-little", "cma=1% on 128 MiB", "cma=1%", mem="128M",
        once=refused("1%")[:1], may=refused("1%")[1:]),
]


def both(new: str, old: str) -> str:
    """The line about an option that replaces an earlier one."""
    return rf"^cma: (?=.*'cma={new}')(?=.*'cma={old}')"


TWICE = [
    Row("cma-later-wins", "cma=64M@0x50000000 cma=128M", "cma=64M@0x50000000 cma=128M",
        areas=(Want("reserved", 128, 0x54000000),), once=(both("128M", "64M@0x50000000"),)),
    Row("cma-later-off", "cma=128M cma=0", "cma=128M cma=0", areas=(), default=None,
        once=(both("0", "128M"), OFF)),
    Row("cma-later-on", "cma=0 cma=128M", "cma=0 cma=128M", areas=(Want("reserved", 128),),
        once=(both("128M", "0"),), never=(OFF,)),
    Row("cma-later-bad", "cma=128M cma=64Mx", "cma=128M cma=64Mx", areas=(Want("reserved", 128),),
        once=(rejected("cma=64Mx", 8),)),
]

# A line of the log has not room for it all; the reason comes last.
LONG = "0" * 1000
LONG_CUT = r"'cma=0{100,130}\.\.\.'"
LINES = [
    Row("cma-long-bad", "cma= with 1000 zeros and a tail", f"cma={LONG}64Mx",
        once=(rf"^cma: option {LONG_CUT} rejected: unexpected 'x' at character 1008;",)),
    Row("cma-long", "cma= with 1000 zeros", f"cma={LONG}400M", areas=(Want("reserved", 256),),
        once=(rf"^cma: default area: 256 MiB at 0x[0-9a-f]+ from {LONG_CUT}",)),
]

ROWS = [*BAD, *GOOD, *IMPOSSIBLE, *TWICE, *LINES]
