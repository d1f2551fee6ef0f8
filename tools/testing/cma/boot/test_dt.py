# SPDX-License-Identifier: GPL-2.0
"""The making of device trees, without a boot."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cmatest import dt, vm


def test_boots_that_want_the_same_tree_at_once_all_get_it(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of four once moved the blob away that another was still making."""
    monkeypatch.setattr(dt, "BUILD", tmp_path)
    edit = dt.Edit((dt.pool("twice", 16 << 20),))
    with ThreadPoolExecutor(4) as pool:
        blobs = set(pool.map(lambda _: dt.edited(vm.Machine(arch="arm64"), edit), range(4)))
    assert len(blobs) == 1 and b"twice" in blobs.pop().read_bytes()
    assert len(list((tmp_path / "dt").iterdir())) == 1, "there is something left"
