# SPDX-License-Identifier: GPL-2.0
"""The architectures that kernels are built for, and their configuration fragments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from overlay.common import ROOT


@dataclass(frozen=True)
class Machine:
    """What make needs to know about an architecture."""

    srcarch: str
    image: str
    files: int  # roughly how many are compiled
    prefix: str = ""

    def fragments(self, board: bool = False, debug: bool = False,
                  ours: bool = True) -> list[Path]:
        """The configuration fragments of a kernel, in the order in which they are merged."""
        common, own = ROOT / "kernel/configs", ROOT / f"arch/{self.srcarch}/configs"
        is_um = self.srcarch == "um"
        return [common / "cma.config",
                *[common / "cma-guest.config"] * (not is_um),
                own / "cma-guest.config",
                *[common / "cma-board.config", own / "cma-board.config"] * board,
                *[common / "cma-debug.config"] * debug,
                *[common / "cma-ours.config"] * (ours and not is_um)]


MACHINES = {
    "arm64": Machine("arm64", "arch/arm64/boot/Image", 950, "aarch64-linux-gnu-"),
    "arm": Machine("arm", "arch/arm/boot/zImage", 960, "arm-linux-gnueabihf-"),
    "x86_64": Machine("x86", "arch/x86/boot/bzImage", 1260),
    "um": Machine("um", "linux", 510),
}
