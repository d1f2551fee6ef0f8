# SPDX-License-Identifier: GPL-2.0
"""What runs: a cell is one boot of a Debian guest, with tests one after the other."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cmatest import guest

KSELFTEST = "cd /opt/suites/kselftest"
MM = f"cd /tmp && cp -rn /opt/suites/kselftest/mm . && cd mm && ./run_vmtests.sh -t"
CAMERA = "$(video-node vivid-...-vid-cap)"
CYCLES = 200


@dataclass(frozen=True)
class Program:
    """One program, or one that runs several and tells of each."""

    title: str
    command: str
    seconds: int = 300  # an emulated machine is slow


@dataclass(frozen=True)
class Cell:
    """One boot. @beside: a driver takes up to so many pages again and again meanwhile.

    @counted: an instruction takes a nanosecond. Else it is the emulator that decides how long
    pages of code take that are written to, as happens when memory ends.
    """

    programs: tuple[Program, ...]
    cmdline: str = "cma=1G"
    mem: str = "3G"
    arch: str = "x86_64"
    beside: int = 0
    config: str = ""
    ltp: bool = False
    counted: bool = False

    @property
    def timeout(self) -> float:
        return 240.0 + sum(program.seconds for program in self.programs)

    def list(self) -> str:
        return "".join(f"{program.title}\t{program.seconds}\t{program.command}\n"
                       for program in self.programs)


@dataclass(frozen=True)
class Consumer:
    """Tests of boots.py; @facts: what its guests tell that a reader wants to see."""

    title: str
    boots: tuple[str, ...]
    facts: tuple[str, ...] = ()


def mm(category: str, seconds: int = 300) -> Program:
    return Program(f"kselftest mm: {category}", f"{MM} {category}", seconds)


def kselftest(directory: str, program: str, seconds: int = 300) -> Program:
    return Program(f"kselftest {directory}: {program}", f"{KSELFTEST}/{directory} && ./{program}",
                seconds)


def stream(count: int, width: int, height: int) -> str:
    return (f"v4l2-ctl -d {CAMERA} -v width={width},height={height},pixelformat=NV12 "
            f"--stream-mmap=6 --stream-count={count}")


GSTREAMER = (f"gst-launch-1.0 -q v4l2src device={CAMERA} num-buffers=30 io-mode=mmap ! "
             "video/x-raw,width=1920,height=1080 ! filesink location=/var/tmp/video && "
             "test -s /var/tmp/video")
VIDEO = (
    Program("v4l2-compliance: camera", f"v4l2-compliance -d {CAMERA} -s 5", 400),
    Program("v4l2-compliance: vim2m", "v4l2-compliance -d $(video-node vim2m)"),
    Program("v4l2-compliance: vicodec", "v4l2-compliance -d $(video-node stateful-encoder)"),
    Program("v4l2-ctl: 1080p", stream(30, 1920, 1080)),
    Program(f"v4l2-ctl: {CYCLES} starts, memory full",
         f"full 900 cycles {CYCLES} {stream(4, 1920, 1080)}", 1500),
    Program("gstreamer: 1080p to a file", GSTREAMER),
)
# An emulated processor of another kind is slower still.
ARM64 = (
    Program("arm64: v4l2-compliance: camera", f"v4l2-compliance -d {CAMERA} -s 2", 900),
    Program("arm64: v4l2-ctl: 20 starts, memory full",
            f"full 900 cycles 20 {stream(4, 1920, 1080)}", 900),
    Program("arm64: gstreamer: 1080p to a file", GSTREAMER, 400),
    Program("arm64: stress-ng: mmap, mremap, shared memory, pipes",
            "stress-ng --verify --mmap 1 --mremap 1 --shm 1 --pipe 1 -t 30", 400),
)
MEMORY = tuple(mm(name) for name in (
    "mmap", "gup_test", "compaction", "mlock", "process_mrelease", "mremap", "madv_populate",
    "memfd_secret", "soft_dirty", "migration", "mkdirty", "mdwe", "pagemap", "cow"))
TWO_NODES = "cma=1G numa=fake=2"
CELLS = {
    "video": Cell(VIDEO, "cma=192M vivid.allocators=1 vivid.n_devs=1", "2G"),
    "arm64": Cell(ARM64, "cma=192M vivid.allocators=1 vivid.n_devs=1", "2G", "arm64"),
    "heaps": Cell((kselftest("dmabuf-heaps", "dmabuf-heap"),
                   kselftest("drivers/dma-buf", "udmabuf")), "cma=256M", "1G"),
    "mm": Cell(MEMORY, TWO_NODES),
    "mm-huge": Cell((mm("hugetlb", 600), mm("thp", 900))),
    "mm-ksm": Cell((mm("ksm", 600), mm("ksm_numa", 400)), TWO_NODES),
    "mm-userfaultfd": Cell((mm("userfaultfd", 900),)),
    "hotplug": Cell((kselftest("memory-hotplug", "mem-on-off-test.sh -r 2", 400),),
                    "cma=512M movable_node", "2G"),
    "cgroup": Cell(tuple(kselftest("cgroup", name) for name in (
        "test_memcontrol", "test_kmem", "test_hugetlb_memcg", "test_cpuset", "test_zswap"))),
    "damon": Cell(tuple(kselftest("damon", name) for name in (
        "sysfs.sh", "sysfs_update_removed_scheme_dir.sh",
        "sysfs_update_schemes_tried_regions_hang.py",
        "sysfs_update_schemes_tried_regions_wss_estimation.py", "damos_quota.py",
        "damos_quota_goal.py", "damos_apply_interval.py", "damos_tried_regions.py",
        "damon_nr_regions.py", "reclaim.sh", "lru_sort.sh", "debugfs_attrs.sh",
        "debugfs_schemes.sh", "debugfs_target_ids.sh"))),
    "ltp-mm": Cell((Program("LTP mm", "ltp mm 100 '^([^ko]|ka|ov)'", 3600),), ltp=True),
    "ltp-oom": Cell((Program("LTP mm: the end of memory", "ltp mm 300 ^oom", 1800),), ltp=True,
                    counted=True),
    "ltp-ksm": Cell((Program("LTP mm: ksm", "ltp mm 100 ^ksm", 1800),), ltp=True),
    "ltp-hugetlb": Cell((Program("LTP hugetlb", "ltp hugetlb 100", 1800),), ltp=True),
    "ltp-memcg": Cell((Program("LTP memcg", "ltp controllers 300 ^memcg", 3000),), ltp=True),
    "stress-ng": Cell((Program("stress-ng memory", "stressors memory 3", 3000),), beside=8192),
    "rt": Cell(tuple(Program(f"rt-tests: {title}", command) for title, command in (
        ("cyclictest, beside programs and a reader",
         "full 900 cyclictest -q -m -t 2 -p 80 -i 2000 -D 30"),
        ("signaltest", "signaltest -q -t 4 -p 80 -l 2000"),
        ("ptsematest", "ptsematest -q -t 2 -p 80 -i 1000 -l 2000"),
        ("svsematest", "svsematest -q -t 2 -p 80 -i 1000 -l 2000"),
        ("sigwaittest", "sigwaittest -q -t 2 -p 80 -i 1000 -l 2000"),
        ("pmqtest", "pmqtest -q -t 2 -p 80 -i 1000 -l 2000"),
        ("pi_stress", "pi_stress --duration=20 --groups=2 --quiet"))),
        beside=8192, config=guest.RT + "# CONFIG_READ_ONLY_THP_FOR_FS is not set\n"),
}
CONSUMERS = {
    "vivid": Consumer("vivid: 200 starts at 1080p; more than there is",
                      ("video", "video-overrun"), ("video.cycles",)),
    "display": Consumer("PL111 on vexpress: the picture lies in an area",
                        ("display", "display-high"), ("display.cycles",)),
    "imx": Consumer("i.MX 6Q, 6UL, 7D: FEC, SDHCI and SDMA of the default area",
                    ("imx6q", "imx6ul", "imx7d"), ("soc.net", "soc.request")),
    "suspend": Consumer("suspend: 150 times, buffers held, taken, given back",
                        ("suspend",), ("suspend.cycles",)),
    "gigantic": Consumer("hugetlb_cma=: pages of 1 GiB come and go beside locked memory",
                         ("gigantic", "gigantic-x86"), ("gigantic.cycles",)),
    "buffers": Consumer("heaps: buffers of 64 MiB, shared, memory full", ("heap-buffers",),
                        ("buffers.0", "buffers.1000")),
    "hmb": Consumer("memory for a drive, in pieces, memory full", ("hmb",), ("hmb",)),
    "merge": Consumer("KSM: merged pages in the area", ("merge",), ("merge.driver",)),
    "missing": Consumer("userfaultfd: pages that a program provides", ("missing",),
                        ("missing.rounds",)),
    "blocks": Consumer("memory blocks are switched off beside an area", ("memory-blocks",),
                       ("blocks.off", "blocks.driver")),
}


def with_ltp() -> bool:
    return bool(os.environ.get("LTP"))
