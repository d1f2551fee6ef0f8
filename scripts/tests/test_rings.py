# SPDX-License-Identifier: GPL-2.0
"""Adding up the rings: nothing that went wrong gets lost."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
from overlay.common import Problem
from toy import SCRIPTS


@pytest.fixture
def rings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module scripts/test, with its results elsewhere."""
    loader = importlib.machinery.SourceFileLoader("rings", str(SCRIPTS / "test"))
    spec = importlib.util.spec_from_loader("rings", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "rings", module)
    loader.exec_module(module)
    monkeypatch.setattr(module, "RESULTS", tmp_path)
    return module


@pytest.mark.parametrize("status, counts, want", [
    (0, (3, 0, 0), "3 passed, 0 failed"),
    (1, (3, 2, 1), "3 passed, 2 failed, 1 skipped"),
    (1, (3, 0, 0), "3 passed, 1 failed"),
    (0, (0, 0, 0), "0 passed, 1 failed"),
    (5, (0, 0, 0), "0 passed, 1 failed"),
    (0, (0, 0, 4), "0 passed, 1 failed, 4 skipped"),
])
def test_judging_a_ring(rings: ModuleType, monkeypatch: pytest.MonkeyPatch, status: int,
                        counts: tuple[int, int, int], want: str) -> None:
    monkeypatch.setitem(rings.RINGS, "check", lambda: (status, rings.Count(*counts)))
    assert str(rings.judge("check")) == want


def test_a_ring_that_cannot_start(rings: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise Problem("no tree")
    monkeypatch.setitem(rings.RINGS, "check", broken)
    assert str(rings.judge("check")) == "0 passed, 1 failed"


@pytest.mark.parametrize("body, want, status", [
    ("def test_a(): pass\ndef test_b(): assert False\n", "1 passed, 1 failed", 1),
    ("import pytest\ndef test_a(): pass\n@pytest.mark.skip\ndef test_b(): pass\n",
     "1 passed, 0 failed, 1 skipped", 0),
    ("import nothing_of_that_name\n", "0 passed, 1 failed", 2),
    ("", "0 passed, 0 failed", 5),
])
def test_counting_pytest(rings: ModuleType, tmp_path: Path, body: str, want: str,
                         status: int) -> None:
    (tmp_path / "test_it.py").write_text(body)
    got, count = rings.pytest("toy", ["--rootdir", str(tmp_path), str(tmp_path / "test_it.py")])
    assert (str(count), got) == (want, status)


def test_counting_kunit(rings: ModuleType, tmp_path: Path) -> None:
    cases = [{"name": str(number), "status": status} for number, status in
             enumerate(("PASS", "PASS", "FAIL", "SKIP", "ERROR"))]
    path = tmp_path / "kunit.json"
    group = {"test_cases": cases[:1], "sub_groups": [{"test_cases": cases[1:]}]}
    path.write_text(json.dumps(group))
    assert str(rings.read_kunit(path)) == "2 passed, 2 failed, 1 skipped"
