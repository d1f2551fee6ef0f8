# SPDX-License-Identifier: GPL-2.0
"""The machines and kernels of the bench."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cmatest import dt, guest, vm
from cmatest.bench.states import OWN_SYMBOLS, READING, TWO, WRITING, Order

MIB = 1 << 20
SECONDS = 900.0
CMDLINE = "nokaslr norandmaps mitigations=off"
NO_GROUPS = "cgroup_disable=memory"  # to whom a page is charged is no cost of a request
AREA = "cma=256M"
# Two areas side by side, at the end of the RAM that QEMU puts at 1 GiB.
HALVES = (dt.pool("linux,cma", 128 * MIB, base=0x70000000, default=True),
          dt.pool("second", 128 * MIB, base=0x78000000))
# On the kernel of a board, which has more to do for each page.
BOARD = os.environ.get("BOARD") == "1"
IMAGES = {"arm64": "Image", "arm": "zImage"}
DEPTH = Path(__file__).resolve().parent / "depth.config"


def boot_of(kernel: guest.Kernel, order: Order) -> vm.Boot:
    """The guest for @order.

    Without a disk, equal seeds make equal runs, to the instruction. A disk works
    in real time, so one is there only where it must be. Two tasks need two
    processors that really run at the same time, so those are not counted.
    """
    extra = ("-seed", str(order.seed))
    mem = "1536M" if order.debug else "1G"  # KASAN needs some for itself
    machine = vm.Machine("arm64", mem, extra=extra,
                         counted=order.state not in TWO and not order.debug)
    split = order.state == "two2"
    blob = dt.tree(machine, HALVES) if split else None
    cmdline = f"{'' if split else AREA} {CMDLINE} {NO_GROUPS} {order.options}".strip()
    return vm.Boot(kernel, "bench", cmdline, blob, machine, SECONDS, order.name,
                   order.state in READING, scratch=order.state in WRITING)


def image(name: str, kind: str, build: bool, arch: str) -> Path:
    """The image of stock or ours; without @build the last one, whatever the sources are now."""
    extra = DEPTH if kind == "depth" else None
    if build or kind:
        return guest.build_kernel(guest.Order(arch, name == "stock", kind == "debug", BOARD,
                                              extra)).image
    tree = {"stock": "stock", "ours": "linux"}[name]
    out = f"out-{arch}{'-board' * BOARD}"
    path = guest.ROOT / f"build/{tree}/{out}/arch/{arch}/boot/{IMAGES[arch]}"
    if not path.is_file():
        raise guest.Problem(f"{path} is not there; leave out --no-build")
    return path


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Two runs of the bench must not write to the same directory."""
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise guest.Problem(f"another run writes to {out}; give --out=<directory>") from None
        yield


def kernel(out: Path, name: str, kind: str = "", build: bool = True,
           arch: str = "arm64") -> guest.Kernel:
    """A copy of the image, which stays the same while all is measured.

    @kind is "depth" or "debug" for the kernels that are not for measuring costs.
    Said to be no stock kernel: then nobody builds a sample driver for it.
    """
    source = image(name, kind, build, arch)
    copy = out / "kernels" / f"{name}-{kind}".rstrip("-") / f"arch/{arch}/boot" / source.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, copy)
    config = source.parents[3] / ".config"
    shutil.copy2(config, copy.parents[3] / "config")
    return guest.Kernel(arch, copy)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def commit() -> str:
    """The commit that is checked out, and whether anything differs from it."""
    git = ["git", "-C", str(guest.ROOT)]
    head = guest.call([*git, "rev-parse", "--short=12", "HEAD"], "git").strip()
    changed = guest.call([*git, "status", "--porcelain"], "git").strip()
    return f"{head}{', with changes that are not committed' if changed else ''}"


def differing(one: guest.Kernel, other: guest.Kernel) -> list[str]:
    """The symbols, with their values, in which the configurations are not equal."""
    def lines(kernel: guest.Kernel) -> set[str]:
        text = (kernel.objects / "config").read_text(encoding="utf-8")
        return {line.removeprefix("# ").replace(" is not set", "=n")
                for line in text.splitlines() if "CONFIG_" in line}

    return sorted(lines(one) ^ lines(other))


def compare(stock: guest.Kernel, ours: guest.Kernel) -> list[str]:
    """What ours adds to the configuration; any other difference ends the run."""
    found = differing(stock, ours)
    foreign = [line for line in found if not line.startswith(OWN_SYMBOLS)]
    if foreign:
        raise guest.Problem(f"stock and ours are configured differently ({' '.join(foreign)}): "
                            "build both anew, leave out --no-build")
    return found
