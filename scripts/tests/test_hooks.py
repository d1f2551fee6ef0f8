# SPDX-License-Identifier: GPL-2.0
"""Every semantic patch: it matches the tree that we have, and refuses one that it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from overlay import base, hooks, lay
from overlay.common import BUILD, ROOT, Problem, locked
from overlay.points import Outcome
from toy import SCRIPTS

HOOKS = hooks.load_all(SCRIPTS / "hooks")


@pytest.fixture(scope="module")
def tree() -> Path:
    """The pristine tree."""
    with locked(BUILD / "stage.lock", "waiting for another stage to finish"):
        base.prepare()
    return base.BASE


def test_all_match_together(tree: Path) -> None:
    told: list[Outcome] = []
    lay.wanted(ROOT, tree, told)
    assert [outcome.point for outcome in told if not outcome.form] == []


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.rule.stem)
def test_a_file_without_its_place_is_refused(hook: hooks.Hook) -> None:
    with pytest.raises(Problem) as problem:
        hooks.apply_hook(hook, "int nothing;\n")
    assert str(problem.value).startswith(
        f"joining point '{hook.name}' does not match this tree (found 0, want ")


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.rule.stem)
def test_a_place_that_is_there_twice_is_refused(hook: hooks.Hook, tree: Path) -> None:
    text = (tree / hook.path).read_text()
    with pytest.raises(Problem, match="does not match this tree"):
        hooks.apply_hook(hook, text + text)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.rule.stem)
def test_a_place_that_is_done_is_left_alone(hook: hooks.Hook, tree: Path) -> None:
    once, _ = hooks.apply_hook(hook, (tree / hook.path).read_text())
    again, outcome = hooks.apply_hook(hook, once)
    assert again == once
    assert outcome.form == hook.forms[0].label or outcome.form == "made by hand"
