# SPDX-License-Identifier: GPL-2.0
"""Boots for people, as far as that takes no boot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cmatest import gdb, guest, qemu, vm

KERNEL = guest.Kernel("arm64", Path("/tree/out/arch/arm64/boot/Image"))
# Opens the socket that its last argument names, and waits.
WAITS = """import socket, sys, time
socket.socket(socket.AF_UNIX).bind(sys.argv[-1].split(":")[1].split(",")[0])
time.sleep(60)
"""


def wish(**values: str) -> qemu.Wish:
    return qemu.Wish(**{"arch": "arm64", "cma": "64M", "dt": "", "mem": "1G", "stock": False,
                        "debug": False, "extra": "", "board": False, **values})


def fake_gdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    """A gdb that is @text, with its output in the file returned."""
    path = tmp_path / "gdb"
    path.write_text(f"#!/bin/sh\nexec >{tmp_path}/out\n{text}\n")
    path.chmod(0o755)
    monkeypatch.setattr(gdb, "GDB", str(path))
    return tmp_path / "out"


def test_gdb_gets_symbols_socket_and_arguments(tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    out = fake_gdb(tmp_path, monkeypatch, 'printf "%s\\n" "$@"; exit 3')
    argv = [sys.executable, "-c", WAITS]
    assert gdb.attach(argv, KERNEL, ["-batch", "-ex", "break cma_alloc"]) == 3
    said = out.read_text().splitlines()
    assert said[:4] == ["-q", "-iex", "add-auto-load-safe-path /tree", "-ex"]
    assert said[4].startswith("target remote /") and said[4].endswith("/socket")
    assert said[5:] == ["-batch", "-ex", "break cma_alloc", "/tree/out/vmlinux"]


def test_a_guest_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = fake_gdb(tmp_path, monkeypatch, "true")
    with pytest.raises(guest.Problem, match="QEMU does not wait for a debugger: /bin/false -S "):
        gdb.attach(["/bin/false"], KERNEL, [])
    assert not out.exists()


def test_gdb_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gdb, "GDB", "gdb-of-nobody")
    with pytest.raises(guest.Problem, match="gdb-of-nobody is missing; run 'make deps'"):
        gdb.attach(["/bin/false"], KERNEL, [])


def test_gdb_has_a_configuration_of_its_own() -> None:
    assert gdb.CONFIG.is_file()
    with pytest.raises(guest.Problem, match="gdb has an EXTRA_CONFIG of its own"):
        qemu.debugger(wish(extra="mine.config"))


def traced(monkeypatch: pytest.MonkeyPatch, *lines: str) -> int:
    """The status of `make trace` of a guest that prints these lines."""
    def run(boot: vm.Boot, hear: object) -> vm.Result:
        assert "trace_event=cma:* tp_printk" in boot.cmdline and boot.action == "story"
        result = vm.Result(path=Path("log"))
        for line in lines:
            result.add(line)
            hear(line)  # type: ignore[operator]
        return result

    monkeypatch.setattr(guest, "build_kernel", lambda *_: KERNEL)
    monkeypatch.setattr(vm, "run", run)
    return qemu.trace(wish())


START = "[    1.5] cma_alloc_start: name=reserved count=32 align=5"


def test_trace_shows_events_and_counts_them(monkeypatch: pytest.MonkeyPatch,
                                            capsys: pytest.CaptureFixture[str]) -> None:
    assert traced(monkeypatch, START, "[    1.6] cma: Reserved 64 MiB", START,
                  "[    1.7] cma_release: name=reserved", "[    1.8] > a word", "@end=ok") == 0
    out = capsys.readouterr().out
    assert out.count(START) == 2 and "[    1.8] > a word\n" in out and "Reserved" not in out
    assert out.endswith("\n3 events: 2 cma_alloc_start, 1 cma_release\n")


@pytest.mark.parametrize("lines, words", [
    (["@end=ok"], "there was no event"), ([START], "no end after 0 s")])
def test_trace_that_went_wrong(monkeypatch: pytest.MonkeyPatch, lines: list[str], words: str,
                               capsys: pytest.CaptureFixture[str]) -> None:
    assert traced(monkeypatch, *lines) == 1
    assert f"qemu: {words}" in capsys.readouterr().err


def test_without_a_command_it_tells_them() -> None:
    result = subprocess.run([str(guest.ROOT / "scripts/qemu")], capture_output=True, text=True,
                            check=False)
    assert result.returncode == 2
    assert all(f"scripts/qemu {name} " in result.stderr
               for name in ("run", "shell", "map", "trace", "gdb"))
