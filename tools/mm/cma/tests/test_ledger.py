# SPDX-License-Identifier: GPL-2.0
"""What the scripts for debuggers make of an area that they have read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import cma_ledger as ledger  # noqa: E402

BASE = 0x1000


def mask(*ranges: tuple[int, int]) -> int:
    return sum((1 << end) - (1 << first) for first, end in ranges)


def record(serial: int, first: int, end: int) -> ledger.Record:
    return ledger.Record(BASE + first, BASE + end - 1, serial, 5_999_999, 3, 7, "a task",
                         f"dev.{serial}")


def area(held: int, *records: ledger.Record, unknown: int = 0) -> ledger.Area:
    return ledger.Area("vpu", BASE, 64, 0, "active", held, held, unknown, records)


def owners(it: ledger.Area) -> list[tuple[int, int, object]]:
    return [(held.first - BASE, held.end - BASE,
             held.owner if isinstance(held.owner, str) else held.owner.serial)
            for held in ledger.holders(it)]


@pytest.mark.parametrize("it, want", [
    (area(0), []),
    (area(mask((0, 64)), record(1, 0, 64)), [(0, 64, 1)]),
    (area(mask((2, 6), (6, 9)), record(1, 2, 6), record(2, 6, 9)), [(2, 6, 1), (6, 9, 2)]),
    # The newest record around a page has it, wherever in the tree it comes.
    (area(mask((0, 10)), record(1, 0, 10), record(2, 3, 5)), [(0, 3, 1), (3, 5, 2), (5, 10, 1)]),
    (area(mask((0, 10)), record(9, 3, 5), record(4, 0, 10)), [(0, 3, 4), (3, 5, 9), (5, 10, 4)]),
    (area(mask((0, 10)), record(1, 0, 10), record(2, 2, 8), record(3, 4, 5)),
     [(0, 2, 1), (2, 4, 2), (4, 5, 3), (5, 8, 2), (8, 10, 1)]),
    # Pages that were released from the middle belong to nobody.
    (area(mask((0, 3), (5, 10)), record(1, 0, 10)), [(0, 3, 1), (5, 10, 1)]),
    (area(mask((0, 10)), record(1, 0, 10), unknown=mask((4, 6))),
     [(0, 4, 1), (4, 6, "unknown"), (6, 10, 1)]),
    (area(mask((8, 12)), unknown=mask((8, 11))), [(8, 11, "unknown"), (11, 12, "missing")]),
])
def test_holders(it: ledger.Area, want: list[tuple[int, int, object]]) -> None:
    assert owners(it) == want


SLOTS = ledger.Area("vpu", BASE, 64, 2, "active", 0b11110111, 0b11110111, 0b10000000,
                    (record(1, 0, 7), record(2, 8, 12), record(3, 16, 28), record(4, 20, 21)))


def test_slots_of_four_pages_used_in_part() -> None:
    """Of record 1 the last page is unused, of record 4, inside of 3, three are."""
    assert owners(SLOTS) == [(0, 7, 1), (8, 12, 2), (16, 20, 3), (20, 21, 4), (24, 28, 3),
                             (28, 32, "unknown")]
    assert ledger.held_pages(SLOTS) == sum(end - first for first, end, _ in owners(SLOTS)) == 24


def test_a_record_outside_of_its_area_is_told() -> None:
    with pytest.raises(ledger.Problem, match="area vpu: record 3 has pages 0x103e to 0x1040"):
        ledger.holders(area(0, record(3, 62, 65)))


def test_bitmaps_of_both_byte_orders() -> None:
    assert ledger.bitmap_bytes(65, 8) == 16 and ledger.bitmap_bytes(64, 4) == 8
    assert ledger.bits(bytes([1, 0, 0, 0, 2, 0, 0, 0]), 4, "little") == 1 | 2 << 32
    assert ledger.bits(bytes([0, 0, 0, 1, 0, 0, 0, 2]), 4, "big") == 1 | 2 << 32


def child(node: tuple[object, ...] | None, side: str) -> object:
    assert node
    return node[0 if side == "rb_left" else 2]


def test_a_tree_is_walked_in_order() -> None:
    tree = ((None, 1, None), 2, ((None, 3, None), 4, None))
    assert [node[1] for node in ledger.inorder(tree, child, 4)] == [1, 2, 3, 4]
    with pytest.raises(ledger.Problem, match="more than 3 records"):
        list(ledger.inorder(tree, child, 3))


@pytest.mark.parametrize("side", ["rb_left", "rb_right"])
def test_a_tree_that_goes_in_circles_ends(side: str) -> None:
    with pytest.raises(ledger.Problem, match="the tree of records is broken"):
        list(ledger.inorder("node", lambda node, way: node if way == side else "", 10))


def test_lines() -> None:
    it = area(mask((0, 3)), record(1, 0, 2), unknown=mask((2, 3)))
    head, *lines = [line.split() for line in ledger.area_lines([it])]
    assert dict(zip(head, lines[0], strict=True)) == {
        "area": "vpu", "base_pfn": "0x1000", "pages": "64", "order_per_bit": "0", "used": "3",
        "held": "3", "state": "active"}
    assert [line.split() for line in ledger.holder_lines([it], "vpu")] == [
        ["area", "pfn", "pages", "align", "since_ms", "pid", "task", "holder"],
        ["vpu", "0x1000", "2", "3", "5", "7", "a\\040task", "dev.1"],
        ["vpu", "0x1002", "1", "-", "-", "-", "-", "unknown"]]
    with pytest.raises(ledger.Problem, match="no area gpu; there are: vpu"):
        list(ledger.holder_lines([it], "gpu"))
