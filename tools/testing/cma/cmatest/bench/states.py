# SPDX-License-Identifier: GPL-2.0
"""What the bench measures: states of the area, sizes of requests."""

from __future__ import annotations

from dataclasses import dataclass

SIZES = (1, 16, 256, 4096, 16384, 32768)
SEEDS = (1, 2, 3, 4, 5)
KERNELS = ("stock", "ours")
LOOKS = ("cost", "windows", "depth")  # in the order of the guest's enum bench_look


@dataclass(frozen=True)
class State:
    """What occupies the area when a request comes, and where it is asked for.

    @full is the kind of page that the area must be full of, as the guest counts
    them. @guest is what the guest calls the state, if not by its name.
    """

    name: str
    title: str
    full: str = ""
    quick: bool = True
    guest: str = ""
    cycles: int = 1


STATES = {state.name: state for state in (
    State("free", "free"),
    State("again", "free; 30 times allocated and released", cycles=30, guest="free"),
    State("cache", "full of clean page cache", "file"),
    State("cachemap", "full of clean page cache that a process has mapped", "mapped", False),
    State("dirty", "full of dirty page cache: a file on ext4 that nothing is written of yet",
          "dirty"),
    State("anon", "full of anonymous memory of one process", "anon"),
    State("fork", "full of anonymous memory that a forked child shares", "anon", False),
    State("pin1", "full of anonymous memory, a pipe holds 1 page of it", "anon"),
    State("pin4", "full of anonymous memory, pipes hold 4 pages in the first 16 MiB", "anon",
          False),
    State("pin64", "full of anonymous memory, pipes hold 64 pages in the first 16 MiB", "anon",
          False),
    State("mixed", "in pieces: half of it held by buffers of many sizes"),
)}

# Measurements that are no requests: what they tell is in Outcome.extra.
COST = "cost"
TWO = {"two1": "two tasks at once, in one area", "two2": "two tasks at once, each in its own area"}
LIVES = {f"lives{percent}": f"buffers of many sizes and lives, at most {percent} % of the area held"
         for percent in (70, 80)}
OTHERS = {COST: "page fault, page cache and usable memory, without any request", **TWO, **LIVES}

# Where there are disks: the second one, to write to, is /dev/vdb.
WRITING = ("dirty",)
READING = ("cache", "cachemap", COST, *WRITING)
# Symbols that only ours has, by how they begin.
# What ours adds, or selects: intervals are what its ledger is made of.
OWN_SYMBOLS = ("CONFIG_CMA_", "CONFIG_SAMPLES", "CONFIG_SAMPLE_", "CONFIG_INTERVAL_TREE=")


@dataclass(frozen=True)
class Order:
    """One boot: one state made, one size asked for."""

    kernel: str
    state: str
    pages: int
    seed: int
    look: str = "cost"
    repeat: int = 0  # the same again, to see whether it comes out the same
    debug: bool = False  # not to measure, but to see whether the kernel complains

    @property
    def name(self) -> str:
        return (f"bench-{self.kernel}-{self.state}-{self.pages}-{self.seed}"
                f"{f'-{self.look}' if self.look != 'cost' else ''}"
                f"{f'-repeat{self.repeat}' if self.repeat else ''}"
                f"{'-debug' * self.debug}")

    @property
    def options(self) -> str:
        state = STATES.get(self.state)
        name = (state.guest or state.name) if state else self.state.rstrip("12")
        return (f"cma_bench={name} cma_pages={self.pages} cma_seed={self.seed} "
                f"cma_look={LOOKS.index(self.look)} cma_cycles={state.cycles if state else 1}")
