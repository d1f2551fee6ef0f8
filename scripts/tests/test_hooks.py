# SPDX-License-Identifier: GPL-2.0
"""Every semantic patch: it matches the tree that we have, and refuses one that it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from overlay import base, hooks, lay
from overlay.common import BUILD, ROOT, Problem, locked
from toy import SCRIPTS

RULES = sorted((SCRIPTS / "hooks").glob("*.cocci"))


@pytest.fixture(scope="module")
def tree() -> Path:
    """The pristine tree."""
    with locked(BUILD / "stage.lock", "waiting for another stage to finish"):
        base.prepare()
    return base.BASE


def test_all_match_together(tree: Path) -> None:
    staged = lay.wanted(ROOT, tree)
    for hook in map(hooks.load, RULES):
        assert staged[hook.path] != (tree / hook.path).read_bytes()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.stem)
def test_a_file_without_its_place_is_refused(rule: Path) -> None:
    hook = hooks.load(rule)
    with pytest.raises(Problem) as problem:
        hooks.apply_hook(hook, "int nothing;\n")
    assert str(problem.value).startswith(
        f"joining point '{hook.name}' does not match this tree (found 0, want ")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.stem)
def test_a_place_that_is_there_twice_is_refused(rule: Path, tree: Path) -> None:
    hook = hooks.load(rule)
    text = (tree / hook.path).read_text()
    with pytest.raises(Problem, match="does not match this tree"):
        hooks.apply_hook(hook, text + text)
