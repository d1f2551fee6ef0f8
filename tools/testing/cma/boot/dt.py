# SPDX-License-Identifier: GPL-2.0
"""Device trees: QEMU's own for a machine, with nodes of ours added."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import vm
from guest import BUILD, Problem, call


def cells(value: int) -> str:
    """A 64-bit number as two cells, as QEMU's virt machines count."""
    return f"<{value >> 32:#x} {value & 0xffffffff:#x}>"


def pool(name: str, size: int, *, base: int | None = None, default: bool = False,
         label: str = "") -> str:
    """A reusable region below /reserved-memory."""
    where = f"reg = <{base >> 32:#x} {base & 0xffffffff:#x} {size >> 32:#x} {size & 0xffffffff:#x}>;" \
        if base is not None else f"size = {cells(size)}; alignment = {cells(0x200000)};"
    mark = "linux,cma-default;" if default else ""
    tag = f"{label}: " if label else ""
    return f'{tag}{name} {{ compatible = "shared-dma-pool"; reusable; {mark} {where} }};'


def sample_device(name: str, pool_label: str) -> str:
    """A device for the sample driver that uses the pool with @pool_label."""
    return f'{name} {{ compatible = "cma,sample"; memory-region = <&{pool_label}>; }};'


def tree(machine: vm.Machine, pools: Sequence[str], devices: Sequence[str] = ()) -> Path:
    """A device tree blob for @machine, kept under a name made of its contents."""
    if machine.arch == "x86_64":
        raise Problem("a device tree needs ARCH=arm64 or ARCH=arm")
    added = (
        "/ {\n\treserved-memory {\n\t\t#address-cells = <2>;\n\t\t#size-cells = <2>;\n"
        "\t\tranges;\n\t\t" + "\n\t\t".join(pools) + "\n\t};\n\t" + "\n\t".join(devices) + "\n};\n")
    name = hashlib.sha256(f"{machine} {added}".encode()).hexdigest()[:16]
    blob = BUILD / "dt" / f"{machine.arch}-{name}.dtb"
    if blob.is_file():
        return blob
    blob.parent.mkdir(parents=True, exist_ok=True)
    source = blob.with_suffix(".dts")
    dumped = blob.with_suffix(".qemu.dtb")
    call(machine.argv(dumpdtb=dumped), "QEMU's dumpdtb")
    text = call(["dtc", "-q", "-I", "dtb", "-O", "dts", str(dumped)], "dtc")
    source.write_text(text + added, encoding="ascii")
    fresh = blob.with_suffix(".new")
    call(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(fresh), str(source)], "dtc")
    fresh.replace(blob)
    return blob
