# SPDX-License-Identifier: GPL-2.0
"""cma_keep= on arm64 with 1 GiB. Stock has no such option."""

from __future__ import annotations

from cmatest.input_rows.row import FREE, Row, Want, fixed, no_value, pool, rejected, size, tree

OFF = r"^cma: .*switched off by 'cma=0'"


def kept(option: str, mib: str, area: str = "reserved") -> str:
    """The line about what is kept; @mib is a regular expression."""
    return rf"^cma: '{option}': {mib} of area {area} kept free of borrowers"


def refused(option: str) -> str:
    return rf"^cma: '{option}' refused: .*\b64 MiB; nothing of it kept free"


def no_effect(option: str, why: str) -> str:
    return rf"^cma: '{option}' has no effect: .*{why}"


def row(name: str, options: str, *once: str) -> Row:
    """A row with a default area of 64 MiB that begins with a chunk of the largest order."""
    return Row(f"keep-{name}", options, f"cma=64M@{FREE:#x} {options}",
               areas=(fixed("reserved", FREE, 64),), once=once)


GOOD = [
    row("size", "cma_keep=16M", kept("cma_keep=16M", "16 MiB") + "$"),
    row("named", "cma_keep=reserved:16MiB", kept("cma_keep=reserved:16MiB", "16 MiB") + "$"),
    row("all", "cma_keep=64M", kept("cma_keep=64M", "64 MiB") + "$"),
    row("rounded", "cma_keep=1", kept("cma_keep=1", "4 MiB") + ", rounded up from 1 bytes$"),
    Row("keep-odd-start", "cma_keep=16M, odd start", "cma=64M@0x60200000 cma_keep=16M",
        areas=(fixed("reserved", 0x60200000, 64),),
        once=(kept("cma_keep=16M", "18 MiB") + ", rounded up from 16 MiB$",)),
    row("nothing", "cma_keep=0", kept("cma_keep=0", "nothing") + "$"),
    row("twice", "cma_keep=16M cma_keep=reserved:8M",
        r"^cma: 'cma_keep=reserved:8M' replaces 'cma_keep=16M'$",
        kept("cma_keep=reserved:8M", "8 MiB")),
    Row("keep-node", "cma_keep=linux,cma:8M", "cma_keep=linux,cma:8M",
        tree(pool("linux,cma", size(32))), areas=(Want("linux,cma", 32),), default="linux,cma",
        once=(kept("cma_keep=linux,cma:8M", "8 MiB", "linux,cma"),)),
]

BAD = [
    row("tail", "cma_keep=16Mx", rejected("cma_keep=16Mx", 13)),
    row("percent", "cma_keep=10%", rejected("cma_keep=10%", 12)),
    row("empty", "cma_keep=", rejected("cma_keep=", 10)),
    row("no-value", "cma_keep", no_value("cma_keep")),
    row("no-name", "cma_keep=:16M", rejected("cma_keep=:16M", 10)),
    row("no-size", "cma_keep=reserved:", rejected("cma_keep=reserved:", 19)),
    row("later-bad", "cma_keep=16M cma_keep=8Mx", rejected("cma_keep=8Mx", 12),
        kept("cma_keep=16M", "16 MiB")),
    row("unknown", "cma_keep=vpu:16M", no_effect("cma_keep=vpu:16M", "name")),
    row("too-large", "cma_keep=65M", refused("cma_keep=65M")),
    row("far-too-large", "cma_keep=15E", refused("cma_keep=15E")),
    Row("keep-no-area", "cma=0 cma_keep=16M", "cma=0 cma_keep=16M", areas=(), default=None,
        once=(OFF, no_effect("cma_keep=16M", "no default area"))),
]

ROWS = [*GOOD, *BAD]
