# SPDX-License-Identifier: GPL-2.0
"""The workloads: what is in memory, and what is wanted then."""

from __future__ import annotations

from dataclasses import dataclass, replace

KERNELS = ("stock", "ours")
# khugepaged raises min_free_kbytes from 4 to 22 MiB: memory that no demand can have.
CALM = "transparent_hugepage=never"
# What the demand takes on the machine that has enough of everything.
PLAIN_MIB = 320


@dataclass(frozen=True)
class Case:
    """One workload, and what is wanted of ours in it. Sizes are in MiB."""

    name: str
    options: str
    group: str = "more"
    arch: str = "arm64"
    cma: str = "640M"
    mem: str = "1G"
    action: str = "starve"
    disk: bool = False
    quick: bool = False
    counted: bool = True  # in instructions, and so the same each time
    least: float | None = None  # to be had at least
    limit: float | None = None  # of the group of the demand: to be had nearly, never more
    mark: int = 0  # no less than stock has, and that much for no more than stock
    plain: bool = False  # instructions are compared with those on a machine without CMA

    def alone(self) -> Case:
        """The same load and demand without an area, where there is enough memory."""
        kept = [word for word in self.options.split() if not word.startswith("starve_hold=")]
        return replace(self, name=f"plain-{self.name}", cma="0", mem="3G",
                       options=" ".join([*kept, f"starve_fixed={PLAIN_MIB}"]))


def first(mib: int, quick: bool = False) -> Case:
    return Case(f"first-{mib}", f"starve_mib={mib} {CALM}", "first", quick=quick, least=315,
                plain=True)


def second(mib: int, quick: bool = False) -> Case:
    return Case(f"second-{mib}", f"starve_hold=560 starve_mib={mib} {CALM}", "second",
                quick=quick, least=310, plain=True)


def small(mib: int, mark: int, quick: bool = False) -> Case:
    return Case(f"small-{mib}", f"starve_mib={mib} starve_mark={mark} {CALM}", "small", cma="64M",
                quick=quick, mark=mark)


def parallel() -> list[Case]:
    """The second workload by the clock, where two processors really run at the same time."""
    return [Case(f"parallel-{i}", f"starve_hold=560 starve_mib=250 {CALM}", "parallel",
                 counted=False, quick=i < 3, least=310) for i in range(1, 7)]


def loads() -> list[Case]:
    """What else can be in memory, each in both workloads."""
    made = []
    for load in ("cache", "tmpfs", "mlock", "fork", "mixed"):
        disk = load in ("cache", "mixed")
        base = f"starve_load={load} {CALM}"
        made += [Case(f"first-{load}", f"{base} starve_mib=512", "loads", disk=disk),
                 Case(f"second-{load}", f"{base} starve_hold=560 starve_mib=256", "loads",
                      disk=disk)]
    return made


def arm(name: str, options: str) -> Case:
    """Not counted: QEMU 7.2 then hangs now and then with two processors."""
    return Case(f"{name}-arm", f"{options} {CALM}", "arm", arch="arm", cma="512M", counted=False)


def demands() -> list[Case]:
    return [Case(f"demand-{demand}",
                 f"starve_demand={demand} starve_hold=560 starve_mib=200 {CALM}", "demands")
            for demand in ("socket", "pagetable", "slab", "vmalloc")]


CASES = {case.name: case for case in (
    first(300), first(500), first(600, quick=True),
    second(150), second(250, quick=True),
    small(300, 560), small(600, 280, quick=True),
    *parallel(), *loads(), *demands(),
    Case("first-zram", f"starve_zram=256 starve_load=squeeze starve_mib=600 {CALM}", "swap"),
    Case("second-zram", f"starve_zram=256 starve_load=squeeze starve_hold=560 starve_mib=250 "
         f"{CALM}", "swap"),
    Case("memcg", f"starve_memcg=100 starve_hold=560 starve_mib=150 {CALM}", "memcg", quick=True,
         limit=100),
    Case("first-thp", "starve_mib=600", "thp"),
    Case("second-thp", "starve_hold=560 starve_mib=250", "thp"),
    arm("first", "starve_mib=400"), arm("second", "starve_hold=450 starve_mib=300"),
    Case("container", "", "container", action="container", quick=True),
)}
GROUPS = tuple(dict.fromkeys(case.group for case in CASES.values()))

TITLES = {
    "first": "anonymous memory of that many MiB, then pipes are filled",
    "second": "the same while a driver holds 560 MiB, which it then releases",
    "small": "the first workload with an area of 64 MiB; afterwards a driver wants half of it",
    "parallel": "the second workload with 250 MiB, not counted: two processors at the same time",
    "loads": "512 (first) or 256 MiB (second workload) of other memory: clean page cache, tmpfs, "
             "locked memory, memory shared with two forked children, a mixture",
    "demands": "200 MiB in the second workload; then sockets, page tables, dentries and inodes, or "
               "tables of file descriptors",
    "swap": "256 MiB of swap in zram, contents that can be compressed",
    "memcg": "the demand is in a group that may have 100 MiB",
    "thp": "both workloads with khugepaged, which sets 22 MiB of regular memory aside",
    "arm": "both workloads on 32-bit arm with 256 MiB of highmem; 400 MiB, or 300 MiB while a "
           "driver holds 450 MiB",
    "container": "200 processes; MiB here are those of all processes that got what they wanted",
}
