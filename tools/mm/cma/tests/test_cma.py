# SPDX-License-Identifier: GPL-2.0
"""The tool on recorded states, under ASan and UBSan.

UPDATE=1 rewrites the golden files: look at what changed. CMA_TOOL="qemu-arm build/arm/cma" tests
a program that was built before, by a command that does not depend on where it is called.
"""

from __future__ import annotations

import functools
import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
STATES = HERE / "states"
GOLDEN = HERE / "golden"
BUILD = HERE.parents[3] / "build" / "tool"
UPDATE = bool(os.environ.get("UPDATE"))
SANITIZERS = "-fsanitize=address,undefined -fno-sanitize-recover=all -Werror"
# What a sanitizer ends the program with, unlike anything that it ends with itself.
ENV = {"PATH": os.environ["PATH"], "LC_ALL": "C",
       "ASAN_OPTIONS": "exitcode=99", "UBSAN_OPTIONS": "exitcode=99"}

ALL = ["ls", "map", "map --json", "map --svg", "who", "who --each", "why", "size",
       "watch --count 1", "try 1M", "try 8M"]
FOR = ("--for camera:1080p:6 --for display:1920x1200:3 --for codec-in:720p@p010:4 "
       "--for isp:4K@raw10p --for npu:64M:2")
RUNS: dict[str, list[str]] = {
    "ours": [*ALL, "map --fine", "try 7M --align 4K", "try 7M", "try 17M", "try 65M",
             "try 1 video@1,\\ left", "bundle", "map --html"],
    "stock": [*ALL, "map --fine", "try 12M --align 1M", "try 64M", "bundle"],
    "noroot": [*ALL, "try 6M", "bundle"],
    "none": [*ALL, "bundle", f"size {FOR}"],
    "stuck": ["map", "try 6M", "try 4M", "try 1M"],
    "pages16k": ["ls", "map", "why", "size", "try 40K", "size --for npu:17K:4"],
    # What "make map" recorded, on ours and with STOCK=1; the others are made up.
    "guest.bundle": ALL,
    "guest-stock.bundle": ALL,
}
CASES = [(state, command) for state, commands in RUNS.items() for command in commands]
# Files of the state "ours", the commands that read them, and what becomes of the files.
SYSFS, DEBUGFS = "sys/kernel/mm/cma/linux,cma", "sys/kernel/debug/cma/linux,cma"
NUMBERS = ["ls", "map", "try 1M"]
READ_BY: dict[str, list[str]] = {
    f"{DEBUGFS}/holders": ["who", "map --json", "map --svg", "map --html"],
    f"{DEBUGFS}/map": ["map", "map --json", "map --svg", "map --html", "try 1M"],
    f"{DEBUGFS}/failures": ["why", "size"],
    f"{DEBUGFS}/bitmap": ["ls", "map --fine", "map --json", "try 1M"],
    f"{DEBUGFS}/base_pfn": NUMBERS,
    f"{DEBUGFS}/count": NUMBERS,
    f"{DEBUGFS}/order_per_bit": NUMBERS,
    f"{SYSFS}/total_pages": NUMBERS,
    f"{SYSFS}/largest_window_pages": NUMBERS,
    f"{SYSFS}/ready_pages": ["ls", "map --json"],
    f"{SYSFS}/alloc_fail_busy": ["ls", "size"],
}
DAMAGE: dict[str, bytes] = {
    "empty": b"", "garbage": b"\xff\x1b[31m-12 zz\x00%s%n\n", "huge": b"18446744073709551614\n",
    "huger": b"9" * 400 + b"\n", "blank": b"\n\n \n",
}


@functools.cache
def program() -> list[str]:
    """Build the tool, once; return the command that runs it."""
    if "CMA_TOOL" in os.environ:
        return shlex.split(os.environ["CMA_TOOL"])
    done = subprocess.run(
        ["make", "-s", "-C", str(HERE.parent), f"O={BUILD}", "STATIC=",
         f"EXTRA_CFLAGS={SANITIZERS}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [str(BUILD / "cma")]


def cma(place: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the tool on what is at @place; it must end by itself and without a complaint."""
    done = subprocess.run([*program(), "--from", place.name, *arguments], cwd=place.parent, env=ENV,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=20)
    assert done.returncode in (0, 1, 2), done.stderr.decode(errors="replace")
    return done


def words(command: str) -> list[str]:
    """Split a command at blanks that have no backslash before them."""
    return [word.replace("\\ ", " ") for word in re.split(r"(?<!\\) ", command)]


def transcript(place: Path, command: str) -> str:
    """All that a run shows."""
    done = cma(place, *words(command))
    return (f"$ cma {command}\n{done.stdout.decode()}"
            f"--- stderr\n{done.stderr.decode()}--- exit {done.returncode}\n")


def golden_path(state: str, command: str) -> Path:
    """Where the golden file of a run is."""
    return GOLDEN / f"{state}-{re.sub('[^a-z0-9]+', '-', command.lower()).strip('-')}.txt"


@pytest.mark.parametrize(("state", "command"), CASES)
def test_golden(state: str, command: str) -> None:
    path = golden_path(state, command)
    text = transcript(STATES / state, command)
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def test_no_golden_file_is_left_over() -> None:
    assert set(GOLDEN.iterdir()) == {golden_path(*case) for case in CASES}


@pytest.mark.parametrize("state", ["ours", "stock", "noroot"])
def test_bundle_says_the_same(state: str, tmp_path: Path) -> None:
    """What comes out of a bundle is what comes out of the files."""
    bundle = tmp_path / state
    assert cma(STATES / state, "bundle", str(bundle)).returncode == 0
    for command in [*ALL, "bundle"]:
        direct, bundled = cma(STATES / state, *words(command)), cma(bundle, *words(command))
        assert (bundled.returncode, bundled.stdout) == (direct.returncode, direct.stdout)


def test_bundle_keeps_odd_names(tmp_path: Path) -> None:
    name = "new\nline \\ back\x1b"
    shutil.copytree(STATES / "ours" / SYSFS,
                    tmp_path / "state/sys/kernel/mm/cma" / name)
    bundle = tmp_path / "bundle"
    assert cma(tmp_path / "state", "bundle", str(bundle)).returncode == 0
    areas = json.loads(cma(bundle, "map", "--json").stdout)["areas"]
    assert [area["name"] for area in areas] == [name]
    assert b"\x1b" not in cma(bundle).stdout


def numbers(state: str) -> dict[str, dict[str, int]]:
    """The numbers in sysfs, by area and file."""
    return {area.name: {file.name: int(file.read_text()) for file in area.iterdir()}
            for area in (STATES / state / "sys/kernel/mm/cma").iterdir()}


def test_json_adds_up() -> None:
    """The JSON agrees with the files, which it gets along other ways."""
    data = json.loads(cma(STATES / "ours", "map", "--json").stdout)
    known = numbers("ours")
    assert {area["name"] for area in data["areas"]} == known.keys()
    for area in data["areas"]:
        files = known[area["name"]]
        assert area["pages"] == files["total_pages"] == sum(b["pages"] for b in area["blocks"])
        assert area["held_pages"] == sum(block["held"] for block in area["blocks"])
        assert sum(gap["pages"] for gap in area["gaps"]) == files["available_pages"]
        assert max(gap["pages"] for gap in area["gaps"]) == files["largest_window_pages"]
        held = sum(holder["pages"] for holder in area["holders"])
        assert held == area["held_pages"]


@pytest.mark.parametrize("state", ["ours", "stock", "stuck"])
@pytest.mark.parametrize("options", [[], ["--fine"]])
def test_svg(state: str, options: list[str]) -> None:
    """The picture is XML, and each cell has its share of each kind and a title."""
    root = xml.fromstring(cma(STATES / state, "map", "--svg", *options).stdout)
    space = {"svg": "http://www.w3.org/2000/svg"}
    cells = root.findall("svg:g[@class='cell']", space)
    assert len(cells) >= 8
    sides = {round(sum(float(rect.get("height", "0")) for rect in cell.findall("svg:rect", space)
                       if "." in rect.get("height", "")), 1) for cell in cells}
    assert len(sides) == 1 or (state == "ours" and options)
    assert all("pfn 0x" in (cell.findtext("svg:title", "", space)) for cell in cells)
    text = xml.tostring(root, encoding="unicode")
    assert "<script" not in text and "href" not in text


def test_svg_names_holders() -> None:
    root = xml.fromstring(cma(STATES / "ours", "map", "--svg").stdout)
    titles = "".join(title.text or "" for title in root.iter("{http://www.w3.org/2000/svg}title"))
    assert 'task a<b>&"c", pid 1204, 312ms old' in titles
    assert "vivid.0: 4M at pfn 0x7c400, task qcam, pid 812" in titles


@pytest.fixture(name="state")
def copy_of_ours(tmp_path: Path) -> Path:
    """A copy of the state "ours"."""
    return Path(shutil.copytree(STATES / "ours", tmp_path / "state"))


def complaints(done: subprocess.CompletedProcess[bytes], name: str) -> list[bytes]:
    """What a run has to say about a file."""
    return [line for line in done.stderr.splitlines() if name.encode() in line]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", READ_BY)
def test_damage(name: str, damage: str, state: Path) -> None:
    """One line about the file, however it is damaged; other areas are as before."""
    (state / name).write_bytes(DAMAGE[damage])
    said = []
    for command in READ_BY[name]:
        done = cma(state, *words(command))
        said.append(complaints(done, name))
        assert b"\x1b" not in done.stdout + done.stderr
        if command == "ls":
            assert b"video@1, left  0x90000000   16M  4144K  8240K    8144K     4M     1" \
                in done.stdout
        if command == "map --json":
            json.loads(done.stdout)
        if command == "map --svg":
            xml.fromstring(done.stdout)
    assert max(map(len, said)) <= 1
    if not (name.endswith("failures") and damage == "empty"):
        assert len(said[0]) == 1


@pytest.mark.parametrize("name", [f"{SYSFS}/total_pages", f"{DEBUGFS}/count",
                                  f"{DEBUGFS}/order_per_bit", f"{DEBUGFS}/base_pfn"])
@pytest.mark.parametrize("number", [0, 7, 16352, 2**31, 2**40])
def test_number_that_does_not_fit(name: str, number: int, state: Path) -> None:
    """Nothing is drawn or searched beyond what the other files allow for."""
    (state / name).write_text(f"{number}\n")
    for command in ["map --fine", "map --json", "try 1M"]:
        cma(state, *words(command))


@pytest.mark.parametrize("name", ["bitmap", "holders", "map", "failures"])
def test_truncation(name: str, state: Path) -> None:
    """Cut off anywhere, in steps."""
    path = f"{DEBUGFS}/{name}"
    whole = (state / path).read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 7)):
        (state / path).write_bytes(whole[:length])
        done = cma(state, *words(READ_BY[path][0]))
        assert len(complaints(done, path)) <= 1


@pytest.mark.parametrize(("arguments", "code", "text"), [
    (["nonsense"], 2, "no command 'nonsense'"),
    (["ls", "x"], 2, "'x' is too much"),
    (["try"], 2, "something is missing"),
    (["who", "--svg"], 2, "does not take that option"),
    (["map", "--svg", "--json"], 2, "exclude each other"),
    (["map", "--html", "--json"], 2, "exclude each other"),
    (["map", "--html", "x"], 2, "looks at --from or at what follows"),
    (["size", "--for"], 2, "option '--for' requires an argument"),
    (["size", "--for", "npu:1M", "linux,cma"], 2, "'linux,cma' is too much"),
    (["who", "--for", "npu:1M"], 2, "does not take that option"),
    (["--wrong"], 2, "unrecognized option"),
    (["watch", "0"], 2, "not a number of seconds"),
    (["watch", "--count", "0"], 2, "not a number from 1 on"),
    (["try", "8X"], 2, "SIZE '8X': unexpected character behind the size"),
    (["try", ""], 2, "SIZE '': number missing"),
    (["try", "0"], 2, "not a size above 0"),
    (["try", "99999999999999999999"], 2, "number too large"),
    (["try", "1M", "--align", "3M"], 2, "not a power of two"),
    (["try", "16E"], 2, "number too large"),
    (["try", "15E", "--align", "8E"], 1, ""),
    (["map", "linux"], 1, "no area 'linux'; there is 'linux,cma', 'video@1, left'"),
    (["bundle", "/no/such/file"], 1, "cannot write /no/such/file: No such file"),
])
def test_usage(arguments: list[str], code: int, text: str) -> None:
    done = cma(STATES / "ours", *arguments)
    assert (done.returncode, text in done.stderr.decode()) == (code, True), done.stderr


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_information(option: str) -> None:
    done = cma(STATES / "none", option)
    assert done.returncode == 0 and done.stdout and not done.stderr


def test_place_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no bundle\n")
    assert b"neither a directory nor made by" in cma(tmp_path / "text").stderr
    assert b"cannot read absent: No such file" in cma(tmp_path / "absent").stderr


def test_full_disk() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*program(), "--from", STATES / "ours"], stdout=full, env=ENV,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1 and b"cannot write all of the output" in done.stderr


def test_watch_shows_changes(state: Path) -> None:
    """The second table has what happened since the first one."""
    watch = subprocess.Popen([*program(), "--from", state, "watch", "1", "--count", "2"], env=ENV,
                             stdout=subprocess.PIPE, text=True)
    assert watch.stdout
    first = [watch.stdout.readline() for _ in range(3)]
    given = state / SYSFS / "alloc_pages_success"
    given.write_text(f"{int(given.read_text()) + 512}\n")
    second = watch.communicate(timeout=20)[0].splitlines()
    assert first[1].split()[-3:] == ["-", "-", "-"]
    assert second[0] == "" and second[2].split()[-3:] == ["2M", "0", "0"]


@pytest.mark.parametrize(("extra", "colour"), [({}, True), ({"NO_COLOR": "1"}, False),
                                               ({"NO_COLOR": ""}, True)])
def test_colour(extra: dict[str, str], colour: bool) -> None:
    """Colours on a terminal, unless they are not wanted."""
    ours, theirs = pty.openpty()
    subprocess.run([*program(), "--from", STATES / "ours", "map"], stdout=theirs, env=ENV | extra,
                   check=True, timeout=20)
    os.close(theirs)
    shown = os.read(ours, 65536)
    os.close(ours)
    assert b"linux,cma: 64M" in shown
    assert (b"\x1b[" in shown) is colour
