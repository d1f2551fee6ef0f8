# SPDX-License-Identifier: GPL-2.0
"""A debugger on the kernel of a guest that waits for it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from cmatest import guest

GDB = "gdb-multiarch"
CONFIG = guest.ROOT / "kernel/configs/cma-gdb.config"
SECONDS = 20.0  # for QEMU to open its socket


def command(kernel: guest.Kernel, socket: Path, more: list[str]) -> list[str]:
    """gdb with the symbols of @kernel, attached; then it does what @more says."""
    return [GDB, "-q", "-iex", f"add-auto-load-safe-path {kernel.objects.parent}",
            "-ex", f"target remote {socket}", *more, str(kernel.objects / "vmlinux")]


def wait_for(socket: Path, qemu: subprocess.Popen[bytes]) -> None:
    """Returns once @qemu listens on @socket."""
    end = time.monotonic() + SECONDS
    while not socket.exists():
        if qemu.poll() is not None or time.monotonic() > end:
            argv = " ".join(map(str, qemu.args))
            raise guest.Problem(f"QEMU does not wait for a debugger: {argv}")
        time.sleep(0.05)


def attach(argv: list[str], kernel: guest.Kernel, more: list[str]) -> int:
    """Starts the guest @argv stopped, and gdb; the guest ends with that. The status is gdb's.

    Ctrl-C is for gdb alone: QEMU has a session of its own, and we ignore it.
    """
    if not shutil.which(GDB):
        raise guest.Problem(f"{GDB} is missing; run 'make deps'")
    with tempfile.TemporaryDirectory(prefix="cma-gdb-") as scratch:
        socket = Path(scratch) / "socket"
        with subprocess.Popen([*argv, "-S", "-gdb", f"unix:{socket},server=on,wait=off"],
                              stdin=subprocess.DEVNULL, start_new_session=True) as qemu:
            try:
                wait_for(socket, qemu)
                signal.signal(signal.SIGINT, lambda *_: None)
                return subprocess.run(command(kernel, socket, more), check=False).returncode
            finally:
                qemu.kill()
