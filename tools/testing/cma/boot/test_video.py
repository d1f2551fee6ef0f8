# SPDX-License-Identifier: GPL-2.0
"""A camera of others: the kernel's virtual one, with its buffers in the default area."""

from __future__ import annotations

import pytest

from cmatest import vm


def cycles(result: vm.Result) -> dict[str, int]:
    return {name: int(value) for name, value in result.pairs("video.cycles").items()}


@pytest.mark.boots("video")
def test_a_camera_has_its_buffers_each_time(boot: vm.Result) -> None:
    """Programs and files fill memory: 200 starts, 800 pictures."""
    assert boot.pairs("video.format")["bytes"] == str(1920 * 1080 * 2)
    told = cycles(boot)
    assert told["done"] == 200 and told["short"] == 0
    assert told["pictures"] == 800 and told["blank"] == 0
    assert boot.number("video.bad_pages") == 0
    assert not boot.kernel_lines("cma: cma_alloc: reserved: alloc failed")


@pytest.mark.boots("video-overrun")
def test_a_camera_that_wants_more_than_there_is_gets_it_elsewhere(boot: vm.Result) -> None:
    """A picture of 1920 x 1080 takes 1013 pages. One line tells, and no failure is shouted."""
    told = cycles(boot)
    assert told["short"] == 0 and told["pictures"] == 4 and told["blank"] == 0
    assert not boot.kernel_lines("cma: cma_alloc: reserved: alloc failed")
    assert boot.kernel_lines("cma: reserved: full: 1013 pages for vivid.0 (task init, pid 1) "
                             "came from elsewhere")
