# SPDX-License-Identifier: GPL-2.0
"""Debuggers see in a dump of a guest, and in the guest itself, what its debugfs said."""

from __future__ import annotations

import pytest

from cmatest import dump, guest, vm

NUMBERS = ("base_pfn", "pages", "order_per_bit", "used")
# In place of since_ms, debugfs has age_ms.
SAME = ("area", "pfn", "pages", "align", "pid", "task", "holder")
DRGN = dump.SCRIPTS / "cma-drgn.py"
Row = dict[str, str]


def taken(stock: bool, factory: pytest.TempPathFactory) -> dump.Dump:
    try:
        return dump.take(stock, factory.mktemp("dump"))
    except guest.Problem as problem:
        return pytest.fail(str(problem), pytrace=False)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dump.Dump:
    return taken(False, tmp_path_factory)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dump.Dump:
    return taken(True, tmp_path_factory)


@pytest.fixture(params=["drgn", "gdb", "gdb live"])
def seen(request: pytest.FixtureRequest, ours: dump.Dump) -> list[list[Row]]:
    """The areas and the holders, as a debugger sees them."""
    texts = {"drgn": lambda: [ours.drgn(DRGN, "areas"), ours.drgn(DRGN, "holders")],
             "gdb": lambda: ours.gdb("cma-areas", "cma-holders"),
             "gdb live": lambda: ours.live}[request.param]()
    return [table(text) for text in texts]


def table(text: str) -> list[Row]:
    """The lines of a table, by the words of its headline."""
    head, *lines = [line.split() for line in text.splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


def numbers(row: Row) -> tuple[int, ...]:
    return tuple(int(row[column], 0) for column in NUMBERS)


def areas(result: vm.Result) -> dict[str, tuple[int, ...]]:
    """The areas as debugfs had them."""
    keys = [f"area.{i}" for i in range(result.number("areas"))]
    assert len(keys) == 2
    return {result.facts[key].split()[0]: numbers(result.pairs(key)) for key in keys}


def holders(result: vm.Result) -> list[Row]:
    """The holders as debugfs had them, with the area of each."""
    rows: list[Row] = []
    for i in range(result.number("areas")):
        lines = [result.facts[f"area{i}.holders.{n}"] for n in range(1000)
                 if f"area{i}.holders.{n}" in result.facts]
        rows += [row | {"area": result.facts[f"area.{i}"].split()[0]}
                 for row in table("\n".join(lines))]
    return rows


def same(rows: list[Row]) -> list[tuple[str, ...]]:
    return sorted(tuple(row[column] for column in SAME) for row in rows)


def test_areas(ours: dump.Dump, seen: list[list[Row]]) -> None:
    assert {row["area"]: numbers(row) for row in seen[0]} == areas(ours.said)
    assert {row["state"] for row in seen[0]} == {"active"}
    assert [row["held"] for row in seen[0]] == [row["used"] for row in seen[0]]


def test_holders(ours: dump.Dump, seen: list[list[Row]]) -> None:
    said = holders(ours.said)
    assert same(seen[1]) == same(said)
    assert {"cma-sample.3", "cma_debugfs_alloc"} <= {row["holder"] for row in said}


def test_since_and_age_make_the_time_of_reading(ours: dump.Dump, seen: list[list[Row]]) -> None:
    age = {row["pfn"]: int(row["age_ms"]) for row in holders(ours.said)}
    now = [int(row["since_ms"]) + age[row["pfn"]] for row in seen[1]]
    assert max(now) - min(now) < 1000


@pytest.mark.parametrize("which", ["ours", "stock"])
def test_script_for_stock_symbols(request: pytest.FixtureRequest, which: str) -> None:
    it: dump.Dump = request.getfixturevalue(which)
    rows = table(it.drgn(dump.STOCK_SCRIPT))
    assert {row["area"]: numbers(row) for row in rows} == areas(it.said)


def test_one_area(ours: dump.Dump) -> None:
    rows = table(ours.drgn(DRGN, "holders", "reserved"))
    assert same(rows) == [row for row in same(holders(ours.said)) if row[0] == "reserved"]
    assert table(ours.gdb("cma-holders reserved")[0]) == rows


@pytest.mark.parametrize("call, words", [
    (lambda it: it.drgn(DRGN, "holders", "nobody"), "cma-drgn: no area nobody; there are: "),
    (lambda it: it.drgn(DRGN, "nonsense"), "cma-drgn: the arguments are: "),
    (lambda it: it.gdb("cma-holders nobody"), "cma-holders: no area nobody; there are: "),
    (lambda it: it.gdb("cma-areas reserved"), "cma-areas takes at most 0 arguments")])
def test_error_is_one_line(ours: dump.Dump, call: object, words: str) -> None:
    with pytest.raises(guest.Problem) as error:
        call(ours)  # type: ignore[operator]
    assert words in str(error.value) and "Traceback" not in str(error.value)


def test_another_allocator_is_told(stock: dump.Dump) -> None:
    for call in (lambda: stock.drgn(DRGN), lambda: stock.gdb("cma-areas")):
        with pytest.raises(guest.Problem) as error:
            call()
        assert "allocator" in str(error.value) and "Traceback" not in str(error.value)
