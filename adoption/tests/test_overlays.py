# SPDX-License-Identifier: GPL-2.0
"""The overlays: compiled by dtc, applied by fdtoverlay to QEMU's own tree, booted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from adopt import HERE, MIB, OUT, call

from cmatest import areas, dt, guest, vm

OVERLAYS = sorted((HERE / "overlays").glob("*.dtso"))
# QEMU's RAM begins at 1 GiB. Without a range, an area lies as high as it can below 4 GiB.
RAM, HALF, END = 1 << 30, 2 << 30, 4 << 30
PAGE = 4096
ALLOC_RANGES = "alloc-ranges = <0x0 0x0 0x0 0x40000000>"


@dataclass(frozen=True)
class Case:
    """An overlay on QEMU's tree, which has a node linux,cma of 96 MiB already or has none."""

    overlay: str
    area: str = ""  # "" for none of the device tree
    mib: int = 0
    place: tuple[int, int] = (0, 0)
    has_node: bool = False
    edit: tuple[str, str] = ("", "")
    action: str = "facts"
    cmdline: str = ""


CASES = {
    "default-pool, no node there": Case("default-pool", "linux,cma", 256, (HALF, END)),
    "default-pool, cma= and a node there": Case(
        "default-pool", "linux,cma", 256, (HALF, END), has_node=True, cmdline="cma=32M"),
    "below-1g, RAM higher": Case("below-1g"),
    "below-1g, as if RAM began at 0": Case(
        "below-1g", "linux,cma", 64, (RAM, HALF), has_node=True,
        edit=(ALLOC_RANGES, ALLOC_RANGES.replace("0x40000000", "0x80000000"))),
    "private-pool": Case("private-pool", "video-pool", 64, (HALF, END), has_node=True,
                         action="pool", cmdline="pool_device=cma-sample"),
}


@pytest.fixture(scope="session")
def kernel() -> guest.Kernel:
    return guest.build_kernel(guest.Order("arm64"))


def compiled(overlay: Path, edit: tuple[str, str] = ("", "")) -> Path:
    """The overlay as a blob; dtc has nothing to say about it."""
    text = overlay.read_text()
    assert text.count(edit[0]) == 1 or not edit[0], f"{edit[0]} is not in {overlay}"
    source = OUT / overlay.name
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text.replace(*edit) if edit[0] else text)
    blob = source.with_suffix(".dtbo")
    done = call("dtc", "-@", "-O", "dtb", "-o", blob, source)
    assert not done.stdout + done.stderr
    return blob


def applied(case: Case, machine: vm.Machine) -> Path:
    """QEMU's tree with the overlay; it has an empty /reserved-memory or one with a node."""
    nodes = (dt.pool("linux,cma", 96 * MIB, default=True),) if case.has_node else ()
    whole = OUT / f"{case.overlay}-{case.has_node}.dtb"
    call("fdtoverlay", "-i", dt.tree(machine, nodes), "-o", whole,
         compiled(HERE / f"overlays/{case.overlay}.dtso", case.edit))
    return whole


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.stem)
def test_an_overlay_is_compiled_without_a_warning(overlay: Path) -> None:
    compiled(overlay)
    assert overlay.stem in {case.overlay for case in CASES.values()}, "no boot tries it"


@pytest.mark.parametrize("name", CASES)
def test_an_overlay_makes_its_area(name: str, kernel: guest.Kernel) -> None:
    """Its size and its place are those of the overlay; the log names the node."""
    case, machine = CASES[name], vm.Machine("arm64", "3G", 2)
    booted = vm.run(vm.Boot(kernel, case.action, case.cmdline, applied(case, machine), machine,
                            name=f"adoption-{re.sub('[^a-z0-9]+', '-', name)}"))
    assert booted.problem() is None
    found = areas.areas(booted)
    if not case.area:
        assert "linux,cma" not in found
        assert re.search(r"node linux,cma refused: no room for 64 MiB in its alloc-ranges",
                         booted.text)
        return
    area = found[case.area]
    start, size = area.base * PAGE, area.count * PAGE
    assert size == case.mib * MIB
    assert case.place[0] <= start and start + size <= case.place[1]
    said = booted.kernel_lines("cma: default area: ")[0]
    if case.area == "linux,cma":
        assert f"{case.mib} MiB at {start:#018x} from device tree node linux,cma" in said
    if case.cmdline.startswith("cma="):
        assert f"'{case.cmdline}' not used" in said
    if case.action == "pool":
        user = booted.pairs("cma-sample.small")
        first, end = (int(pfn, 16) for pfn in user["pfn"].split("-"))
        assert user["ret"] == "0" and area.has(first, end)
        other = booted.pairs("cma-sample.0.small")
        assert other["ret"] == "0" and found["linux,cma"].has(
            *(int(pfn, 16) for pfn in other["pfn"].split("-")))
