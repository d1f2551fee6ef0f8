# SPDX-License-Identifier: GPL-2.0
"""The states, who asks in them, and what one boot told of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cmatest import guest, vm
from cmatest.bench import guests

KERNELS = ("stock", "mainline", "ours")
SIZES = (1, 16, 64)  # MiB
FILES = 14  # of 64 MiB, on the disk
SYSTEMS = ("ext4", "xfs")
RESTS = (0, 10)  # seconds
# Who comes first, and who has asked before, while the files were read again in between.
ASKERS = {"first": "rest.ms", "again": "rest.anew_ms"}
CONFIG = "CONFIG_EXT4_FS=y\nCONFIG_XFS_FS=y\n"
SECONDS = 400.0


@dataclass(frozen=True)
class State:
    """What a machine has done: programs and files in MiB, and drivers."""

    title: str
    programs: int = 0
    files: int = 0  # 64 MiB each
    more: str = ""

    @property
    def options(self) -> str:
        return (f"rest_mib={self.programs} rest_files={self.files} {self.more}").strip()


STATES = {
    "idle": State("nothing ran"),
    "files": State("900 MiB of files read", files=FILES),
    "both": State("300 MiB of programs, then the files", 300, FILES),
    "programs": State("650 MiB of programs, then 300 of files", 650, 5),
    "held": State("64 MiB held, 200 of programs, the files", 200, FILES, "rest_held=64"),
    "camera": State("a camera, three times, the files in between", 0, FILES, "rest_cameras=3"),
    "full": State("880 MiB of programs, 95 MiB left", 880),
}


@dataclass(frozen=True)
class Order:
    """One boot."""

    kernel: str
    state: str
    system: str
    rest: int
    seed: int

    @property
    def name(self) -> str:
        return f"everyday-{self.kernel}-{self.state}-{self.system}-{self.rest}-{self.seed}"

    def boot(self, kernel: guest.Kernel) -> vm.Boot:
        machine = vm.Machine("arm64", "1G", extra=("-seed", str(self.seed)), counted=True)
        ready = "cma_ready=1 " * (self.kernel == "ours")
        return vm.Boot(kernel, "rest", f"cma=256M {guests.CMDLINE} transparent_hugepage=never "
                       f"{ready}{STATES[self.state].options} rest_s={self.rest} "
                       f"data_fs={self.system}", None, machine, SECONDS, self.name,
                       image=guest.disk(self.system, FILES))


@dataclass
class Told:
    """What a boot told; milliseconds by who asks and how many MiB."""

    order: Order
    problem: str | None = None
    ms: dict[tuple[str, int], float] = field(default_factory=dict)
    cached_mib: int = 0
    free_mib: int = 0  # of the area
    release: str = ""  # of the kernel


def release_of(result: vm.Result) -> str:
    found = re.search(r"^Linux version ([\d.]+(?:-rc\d+)?)", result.text, re.M)
    return found[1].removesuffix(".0") if found else ""


def read(order: Order, result: vm.Result) -> Told:
    """A boot that went wrong may have told nothing but that."""
    told = Told(order, result.problem())
    try:
        for who, fact in ASKERS.items():
            for mib, text in result.pairs(fact).items():
                told.ms[who, int(mib)] = float(text)
        memory = result.pairs("rest.memory")
        told.cached_mib = int(memory["cached_kb"]) // 1024
        told.free_mib = int(memory["cma_free_kb"]) // 1024
        told.release = release_of(result)
    except KeyError as missing:
        told.problem = told.problem or f"the guest did not tell {missing}"
    return told


def wanted(states: list[str], kernels: list[str], seeds: int) -> list[Order]:
    """All boots; without files, the file system makes no difference."""
    return [Order(kernel, state, system, rest, seed)
            for state in states
            for system in (SYSTEMS if STATES[state].files else SYSTEMS[:1])
            for rest in RESTS for seed in range(1, seeds + 1) for kernel in kernels]
