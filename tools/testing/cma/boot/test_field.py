# SPDX-License-Identifier: GPL-2.0
"""Where an area lies, as people who build boards want it: reports from the field as experiments."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable

import pytest

from cmatest import boots, dt, vm
from cmatest.areas import MIB, areas
from cmatest.boots import Plan
from cmatest.input_rows.large import ZONES

# Sizes of boards are the matter here, and a debug kernel takes an eighth of each.
pytestmark = pytest.mark.lean

Booted = Callable[[str], vm.Result]

GIB = 1 << 30
POOL = dt.pool("linux,cma", 96 * MIB, default=True)


def board(mem: str, cmdline: str = "", *pools: str, action: str = "facts") -> Plan:
    return Plan(action, cmdline, pools=pools, mem=mem, arch="arm", packed=True, board=False,
                timeout=90 if action == "facts" else 400)


def large(mem: str, cmdline: str, *pools: str, action: str = "facts", head: str = "") -> Plan:
    edit = dt.Edit(pools, (head,) if head else ()) if pools else None
    return Plan(action, cmdline, mem=mem, config=ZONES, edit=edit, board=False, timeout=120)


def tree(mem: str, cmdline: str, *nodes: str) -> Plan:
    return Plan(cmdline=cmdline, mem=mem, edit=dt.Edit(nodes), board=False)


def named(name: str, mib: int) -> str:
    return dt.pool(name, mib * MIB, default=True)


# A bus whose devices reach the first 2 GiB.
BUS = ("bus { #address-cells = <2>; #size-cells = <2>; compatible = \"simple-bus\"; ranges; "
       "dma-ranges = <0 0 0 0 0 0x80000000>; };")

# A server, of whose memory only what the kernel itself writes to is ever there. The small kernel
# of arm64 has addresses for 256 GiB in all.
SERVER = Plan("huge", "hugetlb_cma=0:224G cma=0", mem="240G", arch="arm64", board=False,
              timeout=240, extra=("-object", "memory-backend-ram,id=ram,size=240G,reserve=off",
                                  "-machine", "memory-backend=ram"))

# A TV box: nine pools, two of them of no size, two side by side.
BOX_MIB = (0, 4, 308, 64, 0, 8, 20)
BOX = (*(dt.pool(f"box{number}", mib * MIB) for number, mib in enumerate(BOX_MIB)),
       dt.pool("left", 16 * MIB, base=0x60000000), dt.pool("right", 32 * MIB, base=0x61000000))
# Size, place and range at once, the last one 1 MiB below what nobody may use.
ALL_THREE = ('all { compatible = "shared-dma-pool"; reusable; linux,cma-default; '
             f"size = {dt.cells(16 * MIB)}; reg = {dt.cells(0x60000000, 16 * MIB)}; "
             f"alloc-ranges = {dt.cells(0x60000000, 17 * MIB)}; }};",
             f"secure {{ no-map; reg = {dt.cells(0x61100000, MIB)}; }};")
CAPTURE = "maxcpus=1 reset_devices irqpoll elfcorehdr=0x4f000000"

FIELD = {
    "huge-224G": SERVER,
    "f01-camera": board("128M", "cma=0", named("mmz", 96)),
    "f01-rounds-96M": board("128M", "cma=0 rounds=40 rounds_hold=64", named("mmz", 96),
                            action="rounds"),
    "f01-rounds-32M": board("64M", "cma=32M rounds=40 rounds_hold=24", action="rounds"),
    "f01-rounds-24M": board("64M", "cma=24M rounds=40 rounds_hold=18", action="rounds"),
    "f02-32M": board("32M", "cma=8M"),
    "f02-64M": board("64M", "cma=24M"),
    "f02-64M-half": board("64M", "cma=32M"),
    "f02-32M-kconfig": board("32M"),
    "f02-64M-too-much": board("64M", "cma=60M"),
    "f19-two-pools": Plan(pools=(dt.pool("one", 480 * MIB), dt.pool("two", 480 * MIB)),
                          board=False),
    "f03-above-4G": large("6G", "", POOL),
    "f03-out-of-reach": large("6G", "cma_sample.bits=32",
                              dt.pool("far", 1024 * MIB, base=5 * GIB, default=True),
                              action="reach"),
    "f03-does-not-fit": large("6G", "", named("pool", 3072)),
    "f04-size": large("4G", "", named("pool", 1536)),
    "f04-cmdline": large("2G", "movablecore=256M cma=640M"),
    "f04-movable": large("2G", "movablecore=300M", named("pool", 640)),
    "f04-bus": large("4G", "", named("pool", 1536), head=BUS),
    "f05-640M": large("2G", "numa=fake=4", named("pool", 640)),
    "f05-two": large("2G", "numa=fake=4", dt.pool("vpu", 200 * MIB), named("linux,cma", 400)),
    "f13-served": Plan("elsewhere", "cma=32M", mem="96M", board=False),
    "f15-camera": board("128M", "cma=!48M", named("mmz", 80)),
    "f15-tree": tree("1G", "cma=64M", named("linux,cma", 320)),
    "f16-capture": tree("256M", f"{CAPTURE} cma=0", named("linux,cma", 96)),
    "f16-too-large": tree("256M", f"{CAPTURE} cma=0", named("linux,cma", 320)),
    "f33-box": tree("1G", "", *BOX),
    "f33-all-three": tree("1G", "", *ALL_THREE),
    "f19-window": large("4G", f"cma=2G pool_bytes={256 * MIB}", action="pool"),
    "f07-fuse": Plan("fuse", "cma=192M", mem="512M"),
    "f14-spin": Plan("spin", "cma=128M", mem="512M"),
    "f05-cmdline": large("1G", "numa=fake=4 cma=300M"),
}
boots.PLANS.update({f"field-{name}": plan for name, plan in FIELD.items()})


def field(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.boots(*(f"field-{name}" for name in names))


def sizes(result: vm.Result) -> dict[str, int]:
    page = result.number("page_size")
    return {name: area.count * page // MIB for name, area in areas(result).items()}


def ends(result: vm.Result, name: str) -> tuple[int, int]:
    area, page = areas(result)[name], result.number("page_size")
    return area.base * page, (area.base + area.count) * page


def largest(result: vm.Result) -> int:
    """What the only refusal calls the largest size, in MiB."""
    said = [match for line in result.kernel_lines("cma: ")
            if (match := re.search(r"refused: .*at most (\d+) MiB would fit", line))]
    assert len(said) == 1
    return int(said[0][1])


def request(result: vm.Result, key: str) -> dict[str, int]:
    return {name: int(value) for name, value in result.pairs(key).items()}


def check_served_at_once(result: vm.Result, key: str) -> None:
    """Without pages that are blocked; where those are in the way, it never ends on stock."""
    asked = request(result, key)
    assert (asked["failed"], asked["signal"]) == (0, 0)
    assert asked["ms"] < 1000, "much of it is a slow host's"


def check_killed_while_it_waited(result: vm.Result, key: str) -> None:
    """And it was gone soon, without pages, and nobody had to be waited for at the end."""
    asked = request(result, key)
    assert asked["signal"] == signal.SIGKILL
    assert 0 <= asked["kill_ms"] < 500, "a request that nobody kills takes a second"
    assert result.number("late") == 0
    assert last(result, "killed").startswith("ret -4: interrupted")


def check_gave_up_in_time(result: vm.Result, key: str) -> None:
    """It waits for a second in all; the rest is what a slow host takes to try."""
    asked = request(result, key)
    assert (asked["failed"], asked["signal"]) == (1, 0)
    assert 500 < asked["ms"] < 2500
    assert last(result, "all").startswith("ret -16: busy")


def last(result: vm.Result, when: str) -> str:
    """The last failure that was kept, from its error on."""
    lines = [line for key, line in result.facts.items() if key.startswith(f"{when}.failures.")]
    return re.split("(?=ret -)", "\n".join(lines))[-1]


def dead(result: vm.Result) -> list[str]:
    return [line for line in result.log if "could not be activated" in line]


@pytest.mark.lean
@field("f01-camera")
def test_f01_camera_gets_96_of_128_mib(boot: vm.Result) -> None:
    assert sizes(boot) == {"mmz": 96}


ROUNDS = [f"field-f01-rounds-{mib}M" for mib in (24, 32, 96)]


@pytest.mark.lean
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.boots(name))
                                  for name in ROUNDS])
def test_f01_days_of_a_small_board(name: str, booted: Booted) -> None:
    """Two hundred rounds, which take minutes, gave the same."""
    said = request(booted(name), "rounds")
    assert said["rounds"] == 40 and said["buffers"] >= 3
    assert (said["failed"], said["oom_kill"]) == (0, 0)
    assert said["least_kb"] > 8 << 10, "regular memory is nearly used up"


@pytest.mark.lean
@field("f02-32M", "f02-64M", "f02-64M-half")
def test_f02_small_boards_get_what_they_ask_for(booted: Booted) -> None:
    for name, mib in (("32M", 8), ("64M", 24), ("64M-half", 32)):
        assert sizes(booted(f"field-f02-{name}")) == {"reserved": mib}, name


@pytest.mark.lean
@field("f02-32M-kconfig")
def test_f02_kconfig_leaves_half_of_a_small_board(boot: vm.Result) -> None:
    assert not sizes(boot)


@pytest.mark.lean
@field("f02-64M-too-much")
def test_f02_what_is_called_the_largest_boots(boot: vm.Result, booted: Booted) -> None:
    mib = largest(boot)
    boots.PLANS["field-f02-most"] = board("64M", f"cma={mib}M")
    assert sizes(booted("field-f02-most")) == {"reserved": mib}


@field("f19-two-pools")
def test_f19_room_is_asked_again_for_each_pool(boot: vm.Result) -> None:
    assert sizes(boot) == {"one": 480, "reserved": 16}
    assert 400 < largest(boot) < 480


@field("f03-above-4G")
def test_f03_pool_goes_where_all_devices_reach(boot: vm.Result) -> None:
    assert sizes(boot) == {"linux,cma": 96}
    assert ends(boot, "linux,cma")[1] <= 4 * GIB


@field("f03-does-not-fit")
def test_f03_pool_that_does_not_fit_there_is_above_with_a_line(boot: vm.Result) -> None:
    assert sizes(boot) == {} or ends(boot, "pool")[0] >= 4 * GIB
    said = boot.kernel_lines("cma: device tree node pool ")
    assert len(said) == 1 and re.search("lies above 0x100000000|at most", said[0])


@field("f03-out-of-reach")
def test_f03_nothing_is_moved_for_a_device_that_cannot_reach_the_area(boot: vm.Result) -> None:
    lent = boot.number("lent.before")
    assert lent > 32 * MIB // 4096 and boot.number("lent.after") == lent
    before = boot.pairs("effort.before")
    assert before["out_of_reach"] == "0"
    assert boot.pairs("effort.after") == before | {"out_of_reach": "5"}
    for number in range(5):
        got = {key: int(value) for key, value in boot.pairs(f"reach.{number}").items()}
        assert got["ret"] == 0 and 0 < got["end"] <= 4 * GIB // 4096


@field("f03-out-of-reach")
def test_f03_log_says_once_that_the_area_is_out_of_reach(boot: vm.Result) -> None:
    assert [line for line in boot.kernel_lines("cma: ") if "out of reach" in line] == [
        "cma: far: out of reach: 512 pages for cma-sample.0 (task init, pid 1) came from "
        "elsewhere; 1 such requests since boot"]
    advice = "the device reaches addresses up to 0xffffffff, the area begins at 0x0*140000000;"
    assert sum(line.endswith(": out of reach") for line in boot.facts.values()) == 5
    assert sum(bool(re.search(advice, line)) for line in boot.facts.values()) == 5


@field("f04-size")
def test_f04_search_avoids_the_line_of_zones(boot: vm.Result) -> None:
    assert sizes(boot) == {"pool": 1536} and not dead(boot)
    assert ends(boot, "pool")[1] <= 4 * GIB


@field("f04-cmdline")
def test_f04_search_avoids_the_movable_zone(boot: vm.Result) -> None:
    assert sizes(boot) == {"reserved": 640} and not dead(boot)


@field("f04-movable")
def test_f04_pool_is_moved_out_of_two_zones(boot: vm.Result) -> None:
    assert sizes(boot) == {"pool": 640} and not dead(boot)
    assert len([line for line in boot.log if "node pool moved from 0x98000000" in line]) == 1
    made = boot.kernel_lines("Reserved memory: created CMA memory pool at")
    assert len(made) == 1 and int(made[0].split()[7].rstrip(","), 16) == ends(boot, "pool")[0]


@field("f04-bus")
def test_f04_pool_lies_on_one_side_of_what_a_bus_reaches(boot: vm.Result) -> None:
    assert sizes(boot) == {"pool": 1536} and not dead(boot)
    assert any("lies above 0x80000000" in line for line in boot.log)


@field("f13-served")
def test_f13_what_is_served_elsewhere_is_counted_and_not_shouted(boot: vm.Result) -> None:
    assert boot.number("64K") == boot.number("16K") == 200
    begin, end = (boot.log.index(f"@{key}=64K and 16K") for key in ("begin", "end_of"))
    said = [line for line in boot.log[begin:end] if not line.startswith("@")]
    print("\n".join(said))
    assert len(said) <= 1
    assert not [line for line in said if re.search("fail|error", line, re.I)]
    assert boot.number("served") == 400
    assert boot.facts["served.failures.1"].endswith(", served elsewhere")


@field("f13-served")
def test_f13_what_nobody_serves_is_reported_in_full(boot: vm.Result) -> None:
    """What was logged was examined: lent, and who holds most."""
    said = [boot.facts[f"failed.failures.{number}"] for number in range(16 * 4)]
    assert said[-4].endswith("1024 pages, align 8, ret -12: full")
    assert said[-3] == f"  for cma-sample.{boot.number('large')} (task init, pid 1)"
    assert said[-2].startswith("  held 8192, lent 0, free 0 of 8192 pages")
    assert "pages are held by cma_debugfs_alloc (task init, pid 1)" in said[-1]
    assert said[-7].endswith(", served elsewhere") and "lent" not in said[-6]


@field("f19-window")
def test_f19_buffer_of_256_mib_is_aligned_to_its_size(boot: vm.Result) -> None:
    """Of one page more, which is half a GiB aligned."""
    pairs = boot.pairs("cma-sample.0.toobig")
    assert pairs["ret"] == "0"
    assert int(pairs["pfn"].split("-")[0], 16) * boot.number("page_size") % (512 * MIB) == 0


@field("f05-640M")
def test_f05_pool_that_fits_no_fake_node_is_refused_before_it_is_announced(
        boot: vm.Result) -> None:
    assert sizes(boot) == {"reserved": 16} and not dead(boot)
    assert 400 < largest(boot) <= 512
    assert not boot.kernel_lines("Reserved memory: created")


@field("f05-two")
def test_f05_two_pools_are_each_put_into_a_fake_node(boot: vm.Result) -> None:
    assert sizes(boot) == {"vpu": 200, "linux,cma": 400} and not dead(boot)
    for name in sizes(boot):
        low, high = ends(boot, name)
        assert low // (512 * MIB) == (high - 1) // (512 * MIB), name


@field("f05-cmdline")
def test_f05_option_that_fits_no_fake_node_names_the_largest(boot: vm.Result) -> None:
    assert sizes(boot) == {"reserved": 16} and not dead(boot)
    assert 200 < largest(boot) <= 256


@field("huge-224G")
def test_issue13_hugetlb_cma_of_224_gib_serves(boot: vm.Result) -> None:
    area = areas(boot)["hugetlb0"]
    assert area.count * 4096 == 224 * GIB and not dead(boot)
    assert boot.pairs("huge.2")["nr"] == "2" and boot.number("used.2") == 2 * GIB // 4096
    assert boot.pairs("huge.0")["nr"] == "0" and boot.number("used.0") == 0


@pytest.mark.board
@field("f07-fuse")
def test_f07_page_locked_for_a_read_that_does_not_end(boot: vm.Result) -> None:
    """Half of the area has no such page. For all of it, a request waits for a second at most."""
    assert boot.number("fuse.locked") > 200
    check_served_at_once(boot, "fuse.half")
    check_killed_while_it_waited(boot, "fuse.killed")
    check_gave_up_in_time(boot, "fuse.all")
    assert boot.number("fuse.still") == boot.number("fuse.locked")
    assert re.search(r"^  blocker: pfn .*\blocked\b", last(boot, "all"), re.MULTILINE)


@pytest.mark.board
@field("f14-spin")
def test_f14_cpu_that_never_answers(boot: vm.Result) -> None:
    """A real-time task spins there, and pages of the area are in the batch of its CPU."""
    assert boot.number("spin.batched") == 10
    check_served_at_once(boot, "spin.part")
    check_killed_while_it_waited(boot, "spin.killed")
    check_gave_up_in_time(boot, "spin.all")
    assert re.search("^  blocker: pfn ", last(boot, "all"), re.MULTILINE)


@pytest.mark.lean
@field("f15-camera")
def test_f15_owner_without_a_new_tree_gets_48_mib(boot: vm.Result) -> None:
    assert sizes(boot) == {"reserved": 48}


@field("f15-tree")
def test_f15_line_tells_how_to_do_without_a_new_tree(boot: vm.Result) -> None:
    assert sizes(boot) == {"linux,cma": 320}
    assert len([line for line in boot.kernel_lines("cma: ") if "'cma=!' would" in line]) == 1


@field("f16-capture", "f16-too-large")
def test_f16_capture_kernel_with_cma_0_has_no_area(booted: Booted) -> None:
    for name in ("capture", "too-large"):
        assert not sizes(booted(f"field-f16-{name}")), name


@field("f33-box")
def test_f33_nine_pools_of_a_tv_box(boot: vm.Result) -> None:
    assert sizes(boot) == {"box1": 4, "box2": 308, "box3": 64, "box5": 8, "box6": 20,
                           "left": 16, "right": 32, "reserved": 16}
    for name in ("box0", "box4"):
        said = boot.kernel_lines(f"cma: device tree node {name} ")
        assert len(said) == 1 and re.search(r"refused: .*\bsize\b", said[0]), name


@field("f33-all-three")
def test_f33_size_place_and_range_at_once(boot: vm.Result) -> None:
    assert sizes(boot) == {"all": 16} and ends(boot, "all")[0] == 0x60000000
