# SPDX-License-Identifier: GPL-2.0
"""Boots the guests of the bench, two at a time, and shows how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from cmatest import guest, vm
from cmatest.bench import guests
from cmatest.bench.outcome import Outcome, read
from cmatest.bench.states import TWO, Order

AT_ONCE = 2

KernelOf = Callable[[Order], guest.Kernel]
Item = TypeVar("Item")
Made = TypeVar("Made")


class Progress:
    """One line on the terminal that is written over; a line now and then in a log."""

    def __init__(self, total: int, who: str = "bench") -> None:
        self.total, self.done, self.start = total, 0, time.monotonic()
        self.who = who
        self.live = sys.stderr.isatty()

    def step(self, what: str) -> None:
        self.done += 1
        seconds = time.monotonic() - self.start
        left = seconds / self.done * (self.total - self.done)
        text = (f"{self.who}: {self.done}/{self.total} boots, {seconds:.0f} s, "
                f"{left:.0f} s left, {what}")
        if self.live:
            print(f"\r{text:<78.78}", end="", file=sys.stderr, flush=True)
        elif self.done % 20 == 0 or self.done == self.total:
            print(text, file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.live:
            print(file=sys.stderr)


def boots(kernel_of: KernelOf, orders: list[Order]) -> Iterator[Outcome]:
    """The outcome of each order, as they come.

    Instructions can be counted on a busy machine; what goes by the clock has it
    to itself.
    """
    guest.scratch()
    guest.disk()
    progress = Progress(len(orders))
    for at_once, part in ((AT_ONCE, [order for order in orders if order.state not in TWO]),
                          (1, [order for order in orders if order.state in TWO])):
        yield from some(kernel_of, part, at_once, progress)
    progress.end()


def some(kernel_of: KernelOf, orders: list[Order], at_once: int,
         progress: Progress) -> Iterator[Outcome]:
    def boot(order: Order) -> Outcome:
        return read(order, vm.run(guests.boot_of(kernel_of(order), order)))

    for outcome in each(boot, orders, at_once):
        progress.step(outcome.order.name)
        yield outcome


def each(work: Callable[[Item], Made], items: list[Item], at_once: int) -> Iterator[Made]:
    """What @work makes of each of the items, as it comes."""
    with ThreadPoolExecutor(at_once) as pool:
        pending: set[Future[Made]] = {pool.submit(work, item) for item in items}
        try:
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            pool.shutdown(cancel_futures=True)
