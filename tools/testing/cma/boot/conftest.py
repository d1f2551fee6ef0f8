# SPDX-License-Identifier: GPL-2.0
"""Boot tests: `boot` is the good boot that a test named with @pytest.mark.boots."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from cmatest import boots, vm

BOOTS = pytest.StashKey[boots.Boots]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "boots(*names): the boots that this test looks at")
    config.addinivalue_line("markers", "lean: a debug kernel's own memory does not leave enough")
    config.addinivalue_line("markers", "named: takes a kernel of its own; runs if -k names it")
    config.addinivalue_line("markers", "board: needs what only the kernel of a board has")
    config.stash[BOOTS] = boots.Boots()


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """-k knows a test by its boots, too; those of bad input are in the names of the tests."""
    names = {name for mark in item.iter_markers("boots") for name in mark.args}
    item.extra_keyword_matches.update(names & boots.NAMED)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A debug kernel takes long to build, and how Kconfig decides is not what it is for.

    Nor is the small kernel for tests that need a board's. The kernel of the boards of makers
    takes minutes to build, and nothing else needs it.
    """
    asked = set(re.findall(r"[\w-]+", config.option.keyword))

    def wanted(item: pytest.Item) -> bool:
        names = [name for mark in item.iter_markers("boots") for name in mark.args]
        if item.get_closest_marker("board") and not boots.BOARD:
            return False
        if item.get_closest_marker("named") and not asked & {*names, item.path.stem}:
            return False
        return not (boots.DEBUG and (any(boots.PLANS[name].config for name in names)
                                     or item.get_closest_marker("lean")))

    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    for item in session.items:
        for mark in item.iter_markers("boots"):
            session.config.stash[BOOTS].start(mark.args)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[BOOTS].stop()


@pytest.fixture
def booted(request: pytest.FixtureRequest) -> Iterator[Callable[[str], vm.Result]]:
    """Gives the boot with a name; one that went wrong fails the test right here."""

    def get(name: str) -> vm.Result:
        result = request.config.stash[BOOTS].result(name)
        problem = result.problem()
        assert problem is None, f"{problem} (see {result.path})"
        return result

    yield get


@pytest.fixture
def boot(request: pytest.FixtureRequest, booted: Callable[[str], vm.Result]) -> vm.Result:
    """The only boot of a test."""
    mark = request.node.get_closest_marker("boots")
    assert mark and len(mark.args) == 1
    return booted(mark.args[0])
