# SPDX-License-Identifier: GPL-2.0
"""A boot of a small arm board: kernel, initramfs and tree lie together at the start of RAM.

QEMU itself puts the latter two into the middle of RAM, where no boot loader of a small board
leaves them. So this loads each where it is to be, with a few instructions that start the kernel.
"""

from __future__ import annotations

import struct
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from cmatest import dt, guest, vm

MIB = 1 << 20
RAM = 1 << 30
# The kernel unpacks itself to the start of RAM. What is packed there is free again later.
TREE, INITRD, STUB, IMAGE = (RAM + offset for offset in (
    10 * MIB, 10 * MIB + 0x40000, 15 * MIB, 16 * MIB))
# r0 = 0, r1 = -1, r2 = the tree, and off to the kernel.
START = struct.pack("<6I", 0xe3a00000, 0xe3e01000, 0xe59f2000, 0xe59ff000, TREE, IMAGE)


def chosen(options: str, initrd: Path) -> str:
    """What a boot loader writes into the tree."""
    end = INITRD + initrd.stat().st_size
    return (f'chosen {{ bootargs = "{options}"; linux,initrd-start = <{INITRD:#x}>; '
            f"linux,initrd-end = <{end:#x}>; }};")


def loaded(path: Path, where: int) -> list[str]:
    return ["-device", f"loader,file={path},addr={where:#x},force-raw=on"]


@dataclass(frozen=True)
class Boot(vm.Boot):
    """One boot of an arm machine that way."""

    edit: dt.Edit = dt.Edit()

    def argv(self) -> list[str]:
        initrd = guest.initramfs(self.kernel, self.action)
        edit = replace(self.edit, devices=(*self.edit.devices, chosen(self.options(), initrd)))
        stub = guest.BUILD / "dt" / "start.bin"
        with tempfile.NamedTemporaryFile(dir=guest.BUILD, delete=False) as scratch:
            scratch.write(START)
        stub.parent.mkdir(parents=True, exist_ok=True)
        Path(scratch.name).replace(stub)
        return [*self.machine.argv(), *self.machine.disk(guest.disk()), "-serial", self.serial,
                *loaded(stub, STUB), *loaded(self.kernel.image, IMAGE),
                *loaded(dt.edited(self.machine, edit), TREE), *loaded(initrd, INITRD),
                "-device", f"loader,addr={STUB:#x},cpu-num=0"]
