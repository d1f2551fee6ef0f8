# SPDX-License-Identifier: GPL-2.0
"""The boots that the tests look at, by name.

Several tests look at the same boot. Boots are started before the first test
runs, two at a time, in the order in which the tests will want them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from cmatest import dt, guest, hardware, packed, vm
from cmatest.areas import MIB

STOCK = os.environ.get("STOCK") == "1"
DEBUG = os.environ.get("DEBUG") == "1"
BOARD = guest.wants_board()
# A debug kernel whose two CPUs share one of ours does little but serve its timer.
AT_ONCE = 1 if DEBUG else 2
CYCLES = 100 if DEBUG else 500
SOAK = 60 if DEBUG else 30
ARCH = os.environ.get("ARCH") or "arm64"
# Its Kconfig ends at 12; a test of it fails on stock, all others do not need it.
NOT_IN_STOCK = "CONFIG_CMA_ALIGNMENT=18\n"
# With stock, it is always a module, which is built beside the kernel.
SAMPLE_MODULE = "CONFIG_SAMPLE_CMA=m\n"


@dataclass(frozen=True)
class Plan:
    """What makes a boot different from the others.

    @packed: an arm board whose boot loader leaves nothing in the middle of RAM.
    @counted: the time of the guest is the number of its instructions.
    @model: a board of a maker, in place of QEMU's own; it has no disks but a card, or a screen.
    """

    action: str = "facts"
    cmdline: str = ""
    pools: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    mem: str = "1G"
    config: str = ""
    arch: str = ARCH
    extra: tuple[str, ...] = ()
    edit: dt.Edit | None = None
    board: bool = BOARD  # False for what is only about the boot itself
    timeout: float = vm.TIMEOUT
    packed: bool = False
    counted: bool = False
    scratch: bool = False
    model: vm.Model | None = None
    screen: bool = False


def on(model: vm.Model, action: str, cmdline: str, mem: str, edit: dt.Edit) -> Plan:
    """A boot of a board of a maker."""
    return Plan(action, cmdline, mem=mem, edit=edit, model=model, arch="arm", board=False,
                config=hardware.CONFIG, screen=action == "display")


DEFAULT_NODE = dt.pool("linux,cma", 96 * MIB, default=True)
TWO_NODES = (dt.pool("zz-first", 64 * MIB, default=True),
             dt.pool("aa-second", 32 * MIB, default=True))
# So small that what does not fit is still no unusual request to the page allocator.
POOL_NODES = (dt.pool("linux,cma", 64 * MIB, default=True),
              dt.pool("vpu-pool", 2 * MIB, label="vpu"))
# The kernel sorts its table of regions by address, after the areas were made of the first.
BESIDE_NODES = (dt.pool("camera", 64 * MIB, base=0x70000000),
                'modem: modem { compatible = "shared-dma-pool"; no-map; '
                f"reg = {dt.cells(0x60000000, 4 * MIB)}; }};")
# One of them has a name that another heap has already.
HEAP_NODES = (dt.pool("linux,cma", 64 * MIB, default=True), dt.pool("camera", 16 * MIB),
              dt.pool("system", 4 * MIB), dt.pool("display", 8 * MIB))
# Of one name: the area of the command line has it, too.
TWIN_NODES = (dt.pool("reserved", 16 * MIB),)
CAMERA_NODES = (dt.pool("camera", 16 * MIB),)
# One kernel for the largest of two sizes, for the sample driver as a module, and for what
# udev wants, which a board's has.
MAX_CONFIG = SAMPLE_MODULE + "".join(f"CONFIG_{line}\n" for line in (
    "CMA_SIZE_SEL_MAX=y", "CMA_SIZE_MBYTES=48", "CMA_SIZE_PERCENTAGE=25", "NET=y", "UNIX=y",
    "EPOLL=y", "SIGNALFD=y", "TIMERFD=y", "INOTIFY_USER=y", "FHANDLE=y", "BINFMT_SCRIPT=y"))

# A virtual camera that wants its buffers in one piece.
VIVID = "".join(f"CONFIG_{line}\n" for line in (
    "MEDIA_SUPPORT=y", "MEDIA_SUPPORT_FILTER=y", "MEDIA_CAMERA_SUPPORT=y",
    "MEDIA_TEST_SUPPORT=y", "VIDEO_DEV=y", "V4L_TEST_DRIVERS=y", "FB=y", "VIDEO_VIVID=y"))

# khugepaged would set 22 MiB of regular memory aside.
CALM = "transparent_hugepage=never"
BIG = f"cma=640M {CALM}"
HELD = "starve_hold=560"
READY = "cma=256M cma_ready=1"
SLOW = (f"{CALM} cma=512M cma_ready=1 starve_hold=400 starve_mib=300 starve_fixed=350 "
        "starve_mbs=50 nr_cpus=1")  # the emulator lets one processor wait for another
# The checks of a debug kernel take an eighth of memory, and more.
ROOM = "1280M" if DEBUG else "1G"

VIDEO = "vivid.allocators=1 vivid.n_devs=1 vivid.node_types=0x1"

SIZES = {
    "cmdline": Plan(cmdline="cma=192MB"),
    "off": Plan(cmdline="cma=0"),
    "dt": Plan(pools=(DEFAULT_NODE,)),
    "dt+cmdline": Plan(cmdline="cma=192MB", pools=(DEFAULT_NODE,)),
    "kconfig-mbytes": Plan(),
    "kconfig-percentage": Plan(config="CONFIG_CMA_SIZE_SEL_PERCENTAGE=y\n"
                                      "CONFIG_CMA_SIZE_PERCENTAGE=25\n"),
    "kconfig-min": Plan(config="CONFIG_CMA_SIZE_SEL_MIN=y\nCONFIG_CMA_SIZE_MBYTES=48\n"
                               "CONFIG_CMA_SIZE_PERCENTAGE=25\n"),
    "kconfig-max": Plan(config=MAX_CONFIG),
}

PLANS = {name: replace(plan, board=False) for name, plan in SIZES.items()} | {
    "two-defaults": Plan("pool", f"pool_bytes={3 * MIB}", TWO_NODES),
    "pool": Plan("pool", f"pool_bytes={2 * MIB}", POOL_NODES,
                 (dt.sample_device("pooldev", "vpu"),)),
    "pool-beside": Plan("pool", pools=BESIDE_NODES,
                        devices=(dt.sample_device("pooldev", "modem"),)),
    "views": Plan("views", "cma=192MB"),
    "ledger": Plan("ledger", "cma=64MB"),
    "cause": Plan("cause", "cma=64MB", mem="256M"),
    "tool": Plan("tool", "cma=192MB"),
    "heaps": Plan("heaps", pools=HEAP_NODES, config="" if BOARD else MAX_CONFIG),
    "churn": Plan("churn", f"cma=192MB churn_cycles={CYCLES}", mem="512M"),
    "anon": Plan("anon", "cma=192MB", mem="512M"),
    "pin": Plan("pin", "cma=192MB", mem="512M"),
    "locked": Plan("locked", f"cma=192MB {CALM}", mem="512M"),
    "pair": Plan("pair", "cma=192MB", mem="512M"),
    "overlap": Plan("overlap", "cma=128M nokaslr norandmaps", mem="512M"),
    "init-on-alloc": Plan("pair", "cma=192MB init_on_alloc=1", mem="512M"),
    "init-on-free": Plan("pair", "cma=192MB init_on_free=1", mem="512M"),
    "starve-first": Plan("starve", f"{BIG} starve_mib=600", mem=ROOM),
    "starve-second": Plan("starve", f"{BIG} {HELD} starve_mib=250", mem=ROOM),
    "starve-zram": Plan("starve", f"{BIG} starve_mib=600 starve_zram=256 starve_load=squeeze",
                        mem=ROOM, timeout=2 * vm.TIMEOUT),  # MGLRU gives up late
    "starve-memcg": Plan("starve", f"{BIG} {HELD} starve_mib=150 starve_memcg=100", mem=ROOM),
    # With more RAM there is more high memory, which balance does not empty.
    "starve-arm": Plan("starve", f"{CALM} cma=512M starve_hold=450 starve_mib=300", arch="arm"),
    "starve-lowmem": Plan("starve", f"{CALM} cma=256M starve_hold=220 starve_mib=150 "
                                    "starve_most=110", mem="512M", arch="arm"),
    "starve-reader": Plan("starve", f"{BIG} starve_load=reader starve_mib=320 "
                                    "starve_seconds=120", mem=ROOM),
    # The programs and files came while a driver held the area.
    "starve-cache": Plan("starve", f"{BIG} {HELD} starve_load=cache starve_mib=250 "
                                   "starve_fixed=280", mem=ROOM),
    "starve-groups": Plan("starve", f"{BIG} {HELD} starve_load=groups starve_mib=250 "
                                    "starve_fixed=280", mem=ROOM),
    "starve-signal": Plan("starve", f"{BIG} {HELD} starve_demand=signal starve_mib=310 "
                                    "starve_fixed=60", mem=ROOM),
    "starve-inode": Plan("starve", f"{BIG} {HELD} starve_demand=inode starve_mib=325 "
                                   "starve_fixed=50", mem=ROOM, scratch=True),
    # Three quarters of memory lie below 4 GiB, and programs use most of it.
    "starve-dma32": Plan("starve", f"{CALM} cma=1G@1G-4G starve_demand=dma32 starve_mib=2800",
                         mem="4G", arch="arm64"),
    # A driver has 64 MiB of the area twice a second, while a demand empties regular memory.
    "starve-camera": Plan("starve", f"{SLOW} starve_camera=64 starve_probe=1", mem=ROOM,
                          counted=True),
    "starve-alone": Plan("starve", SLOW, mem=ROOM, counted=True),
    "huge-rounds": Plan("huge", f"{CALM} hugetlb_cma=1G cma=0 huge_rounds=40 huge_programs=1500",
                        mem="3G", timeout=2 * vm.TIMEOUT),
    "starve-pin": Plan("starve", f"{CALM} cma=512M starve_mib=16 starve_demand=pin starve_pin=640 "
                                 "starve_seconds=120", mem=ROOM),
    # The second node has no area, and the demand may use no other.
    "starve-nodes": Plan("starve", f"{CALM} cma=0 numa_cma=0:640M starve_mib=300 starve_nodes=2 "
                                   "starve_seconds=120", mem="2G", extra=vm.two_nodes(2048, 4)),
    "starve-guest": Plan("starve", "cma=512M transparent_hugepage=always starve_load=cache "
                                   "starve_mib=700 starve_demand=fresh starve_pin=300 "
                                   "starve_seconds=120", mem=ROOM),
    "fault": Plan("fault", f"{CALM} cma=64M nr_cpus=1", counted=True),
    "rest": Plan("rest", f"{CALM} cma=256M", counted=True),
    "ready-idle": Plan("rest", f"{CALM} {READY} rest_mib=0 rest_files=0", counted=True),
    "ready-rest": Plan("rest", f"{CALM} {READY}", counted=True),
    "ready-low": Plan("rest", f"{CALM} {READY} rest_low=1", counted=True, board=True),
    "ready-free": Plan("rest", f"{CALM} {READY} rest_mib=300", mem=ROOM, counted=True),
    "ready-programs": Plan("rest", f"{CALM} {READY} rest_mib=880 rest_files=0", mem=ROOM,
                           counted=True),
    "ready-fits": Plan("rest", f"{CALM} {READY} rest_mib=450 rest_rounds=5 nr_cpus=1",
                       mem=ROOM, counted=True),
    "ready-camera": Plan("camera", f"{CALM} {READY}", mem=ROOM, counted=True),
    # Two pictures fit. The others are just as large as the page allocator can serve.
    "video-overrun": Plan("video", f"cma=12M cma_ready=1 {VIDEO}", config=VIVID),
    "video": Plan("video", f"cma=192MB {CALM} {VIDEO} video_mib=600 video_cycles=200",
                  config=VIVID, timeout=3 * vm.TIMEOUT),
    "suspend": Plan("suspend", f"cma=192MB {CALM} suspend.pm_test_delay=0", mem=ROOM,
                    config="CONFIG_PM_DEBUG=y\n", board=True),
    # With more than 3 GiB, the rest is a zone of its own, from which programs have theirs first.
    "gigantic": Plan("gigantic", f"{CALM} hugetlb_cma=1G cma=0 gigantic_pages=1", mem="3G",
                     arch="arm64"),
    # A page that moves costs a lot there: the emulator stops one processor for the other.
    "gigantic-x86": Plan("gigantic", f"{CALM} hugetlb_cma=2G cma=0 gigantic_locked=64 "
                         "gigantic_mib=16 gigantic_look=0", mem="4G", arch="x86_64", board=False,
                         extra=("-cpu", "qemu64,+pdpe1gb", "-machine", "max-ram-below-4g=1G")),
    "heap-buffers": Plan("buffers", f"cma=192M {CALM}", mem=ROOM),
    "merge": Plan("merge", f"cma=192M {CALM}", mem="512M"),
    "missing": Plan("missing", f"cma=192M {CALM}", mem="512M"),
    "hmb": Plan("hmb", f"cma=192M {CALM}", mem=ROOM),
    # arm64 never switches off memory that was there when it started.
    "memory-blocks": Plan("blocks", f"cma=192M@256M movablecore=384M {CALM}", mem="1408M",
                   arch="x86_64", board=False),
    "module": Plan("module", "cma=64M", config=MAX_CONFIG, board=False),
    "display": on(hardware.A9, "display", "display_idle=90", "256M", hardware.A9_EDIT),
    "display-high": on(hardware.A15, "display", "display_idle=740", "1G", hardware.A15_EDIT),
    "imx6q": on(hardware.IMX6Q, "soc", "soc_idle=700", "1G", hardware.default_node(320)),
    "imx6ul": on(hardware.IMX6UL, "soc", "soc_idle=320", "512M", hardware.default_node(128)),
    # Some drivers wait for the chip that gives them power: nobody has told QEMU of it.
    "imx7d": on(hardware.IMX7D, "soc", "soc_idle=700 deferred_probe_timeout=1", "1G",
                hardware.default_node(256)),
    "container": Plan("container", BIG, mem=ROOM),
    "soak": Plan("soak", f"cma=640M soak_seconds={SOAK}", mem=ROOM),
    "selftests": Plan("selftests", f"{CALM} cma=192M", CAMERA_NODES, mem="512M", arch="arm64",
                      timeout=4 * vm.TIMEOUT),
    "selftests-arm": Plan("selftests", f"{CALM} cma=192M", CAMERA_NODES, mem="512M", arch="arm",
                          timeout=4 * vm.TIMEOUT),
    "selftests-x86": Plan("selftests", f"{CALM} cma=192M numa_cma=0:32M", mem="512M",
                          arch="x86_64", board=False, timeout=4 * vm.TIMEOUT),
    # Two areas of one name, and one whose slots are as large as huge pages.
    "selftests-many": Plan("selftests", f"{CALM} cma=64M hugetlb_cma=1G "
                           "selftests_only=cma_size,cma_debugfs,cma_view", TWIN_NODES, mem="3G",
                           arch="arm64", timeout=4 * vm.TIMEOUT),
    "stress": Plan("stress", f"cma=192M stress_seconds={SOAK}", mem=ROOM, scratch=True),
}

# Without those that tests add.
NAMED = frozenset(PLANS)

_building = threading.Lock()


@cache
def _kernel(config: str, arch: str, board: bool) -> guest.Kernel | guest.Problem:
    """A kernel that does not build is not tried again for the next test."""
    if STOCK:
        config = config.replace(NOT_IN_STOCK, "").replace(SAMPLE_MODULE, "")
    try:
        return guest.build_kernel(guest.Order(arch, STOCK, DEBUG, board, guest.fragment(config)))
    except guest.Problem as problem:
        return problem


def kernel(config: str = "", arch: str = ARCH, board: bool = False) -> guest.Kernel:
    """The kernel under test, with @config merged in; one build at a time."""
    with _building:
        built = _kernel(config, arch, board)
    if isinstance(built, guest.Problem):
        raise built
    return built


def boot(name: str) -> vm.Result:
    """Boots what PLANS calls @name."""
    plan = PLANS[name]
    smp = plan.model.cpus if plan.model else guest.Order(board=plan.board).smp
    machine = vm.Machine(plan.arch, plan.mem, smp, plan.extra, plan.counted, plan.model)
    edit = plan.edit or (dt.Edit(plan.pools, plan.devices) if plan.pools else None)
    timeout = plan.timeout * (8 if DEBUG else 1)
    name = f"boot-{'stock-' * STOCK}{'debug-' * DEBUG}{name}"
    built = kernel(plan.config, plan.arch, plan.board)
    if plan.packed:
        return vm.run(packed.Boot(built, plan.action, plan.cmdline, machine=machine,
                                  timeout=timeout, name=name, edit=edit or dt.Edit()))
    blob: Path | None = dt.edited(machine, edit) if edit else None
    order = vm.Boot(built, plan.action, plan.cmdline, blob, machine, timeout, name,
                    scratch=plan.scratch)
    return hardware.run(order, plan.screen) if plan.model else vm.run(order)


class Boots:
    """All boots of one test session."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._started: dict[str, Future[vm.Result]] = {}

    def start(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._started:
                self._started[name] = self._pool.submit(boot, name)

    def result(self, name: str) -> vm.Result:
        self.start([name])
        return self._started[name].result()

    def stop(self) -> None:
        self._pool.shutdown(cancel_futures=True)
