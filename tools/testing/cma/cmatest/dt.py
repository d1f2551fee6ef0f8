# SPDX-License-Identifier: GPL-2.0
"""Device trees: QEMU's own for a machine, with nodes of ours added."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cmatest import vm
from cmatest.guest import BUILD, ROOT, Problem, call

BLOB_BYTES = 64 << 10
HEAD = "#address-cells = <2>; #size-cells = <2>; ranges;"
# Of a tree whose root counts addresses in one cell.
SHORT_HEAD = HEAD.replace("<2>", "<1>")
SOURCES = ROOT / "build" / "base"


def cells(*values: int) -> str:
    """Each 64-bit number as two cells, as QEMU's virt machines count."""
    return "<" + " ".join(f"{value >> 32:#x} {value & 0xffffffff:#x}" for value in values) + ">"


def pool(name: str, size: int, *, base: int | None = None, default: bool = False,
         label: str = "") -> str:
    """A reusable region below /reserved-memory."""
    where = f"size = {cells(size)};" if base is None else f"reg = {cells(base, size)};"
    mark = "linux,cma-default;" if default else ""
    tag = f"{label}: " if label else ""
    return f'{tag}{name} {{ compatible = "shared-dma-pool"; reusable; {mark} {where} }};'


def sample_device(name: str, pool_label: str) -> str:
    """A device for the sample driver that uses the pool with @pool_label."""
    return f'{name} {{ compatible = "cma,sample"; memory-region = <&{pool_label}>; }};'


@dataclass(frozen=True)
class Edit:
    """What is added to QEMU's tree.

    @names are the node names that dtc would refuse; @reserve are /memreserve/
    entries, as base and size. "ranges" may be left out of @head, or its cell
    counts changed.
    """

    nodes: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    head: str = HEAD
    reserve: tuple[tuple[int, int], ...] = ()
    names: tuple[str, ...] = ()

    def source(self, qemu: str) -> str:
        """@qemu, the machine's tree, with ours after it."""
        version, rest = qemu.split("\n", 1)
        reserve = "".join(f"/memreserve/ {base:#x} {size:#x};\n" for base, size in self.reserve)
        text = f"{version}\n{reserve}{rest}{self.text()}"
        for name in self.names:
            text = text.replace(name, masked(name))
        return text

    def text(self) -> str:
        return (f"/ {{\n\treserved-memory {{\n\t\t{self.head}\n\t\t" + "\n\t\t".join(self.nodes)
                + "\n\t};\n\t" + "\n\t".join(self.devices) + "\n};\n")


def masked(name: str) -> str:
    """A name of the same length that dtc accepts."""
    return re.sub("[%/]", "+", name)


def unmask(blob: bytes, name: str) -> bytes:
    """The blob with the name that dtc was not shown."""
    cover = masked(name).encode() + b"\0"
    if blob.count(cover) != 1:
        raise Problem(f"the name {name} is in the device tree {blob.count(cover)} times, not once")
    return blob.replace(cover, name.encode() + b"\0")


def tree(machine: vm.Machine, pools: Sequence[str], devices: Sequence[str] = ()) -> Path:
    """A device tree blob for @machine with regions and devices of ours."""
    return edited(machine, Edit(tuple(pools), tuple(devices)))


def edited(machine: vm.Machine, edit: Edit) -> Path:
    """A device tree blob for @machine, kept under a name made of its contents.

    All have the same size: the kernel keeps the blob, so MemTotal depends on it.
    """
    if machine.arch == "x86_64":
        raise Problem("a device tree needs ARCH=arm64 or ARCH=arm")
    # Another kernel may have another tree for the same board.
    base = (ROOT / "build" / "base.id").read_text(encoding="ascii") if machine.model else ""
    name = hashlib.sha256(f"{machine} {edit} {base}".encode()).hexdigest()[:16]
    blob = BUILD / "dt" / f"{machine.arch}-{name}.dtb"
    if blob.is_file():
        return blob
    blob.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=blob.parent) as scratch:
        made(machine, edit, Path(scratch)).replace(blob)
    return blob


def source_of(machine: vm.Machine, scratch: Path) -> str:
    """The tree before the edit: QEMU's own, or that of a board in the kernel's sources."""
    dumped = scratch / "dumped.dtb"
    if not machine.model:
        call(machine.argv(dumpdtb=dumped), "QEMU's dumpdtb")
        return call(["dtc", "-q", "-I", "dtb", "-O", "dts", str(dumped)], "dtc")
    prefixes = SOURCES / "scripts/dtc/include-prefixes"
    return call(["gcc", "-E", "-P", "-nostdinc", "-undef", "-D__DTS__", "-x",
                 "assembler-with-cpp", "-I", str(prefixes),
                 str(SOURCES / "arch" / machine.arch / "boot/dts" / machine.model.dts)],
                "gcc on a device tree").lstrip()


def made(machine: vm.Machine, edit: Edit, scratch: Path) -> Path:
    """The blob, new in @scratch: two boots may want the same one at the same time."""
    source, blob = scratch / "edited.dts", scratch / "edited.dtb"
    text = source_of(machine, scratch)
    source.write_text(edit.source(text), encoding="ascii")
    call(["dtc", "-q", "-I", "dts", "-O", "dtb", "-S", str(BLOB_BYTES), "-o", str(blob),
          str(source)], "dtc")
    for odd in edit.names:
        blob.write_bytes(unmask(blob.read_bytes(), odd))
    return blob
