# SPDX-License-Identifier: GPL-2.0
"""The program "cma" on a live kernel."""

from __future__ import annotations

import re

import pytest

from cmatest import vm

pytestmark = pytest.mark.boots("tool")


def said(result: vm.Result, command: str) -> list[str]:
    lines: list[str] = []
    while f"{command}.{len(lines)}" in result.facts:
        lines.append(result.facts[f"{command}.{len(lines)}"])
    return lines


@pytest.mark.parametrize("command", ["ls", "who", "why", "map", "size", "try", "bundle"])
def test_every_command_works(boot: vm.Result, command: str) -> None:
    assert boot.number(f"{command}.status") == 0
    assert said(boot, command)


def test_ls_knows_the_area(boot: vm.Result) -> None:
    head, line = said(boot, "ls")
    area = dict(zip(head.split(), line.split(), strict=True))
    assert area["AREA"] == "reserved" and area["SIZE"] == "192M" and area["FAIL"] == "2"


@pytest.mark.parametrize("device", ["cma-sample.0", "cma-sample.2", "cma-sample.6"])
def test_who_names_device_and_pid(boot: vm.Result, device: str) -> None:
    lines = [line.split() for line in said(boot, "who") if device in line.split()]
    assert [line[1:4] for line in lines] == [[device, "init", boot.facts["pid"]]]


def test_who_does_not_name_who_has_released(boot: vm.Result) -> None:
    assert not [line for line in said(boot, "who") if "cma-sample.1" in line.split()]


def test_why_has_both_failures_the_newest_first(boot: vm.Result) -> None:
    text = "\n".join(said(boot, "why"))
    assert re.search(r"ret -12: full\n.*ret -12: too big\n", text, re.DOTALL)
    assert "advice: " in text


@pytest.mark.parametrize("moment", ["start", "taken", "given-back"])
def test_a_bundle_of_each_moment(boot: vm.Result, moment: str) -> None:
    """Its log, which comes last, has nothing of the other bundles."""
    lines = said(boot, moment)
    log = lines.index("==> cma/kernel_log <==")
    assert boot.number("save.status") == 0 and lines[0] == "==> cma/info <=="
    assert not [line for line in lines[log + 1:] if "==> " in line]


def test_moments_differ(boot: vm.Result) -> None:
    held = []
    for moment in ("start", "taken", "given-back", "bundle"):
        lines = said(boot, moment)
        path = next(line for line in lines if re.fullmatch(r"==> sys/.*/used <==", line))
        held.append(int(lines[lines.index(path) + 1]))
    start, taken, given_back, last = held
    assert start < given_back < taken and last <= taken


def test_map_is_as_long_as_the_area(boot: vm.Result) -> None:
    cells = "".join(line.split()[1] for line in said(boot, "map")
                    if re.match(r" +0x[0-9a-f]+ ", line))
    assert len(cells) == 96
    assert "#" in cells and "." in cells
