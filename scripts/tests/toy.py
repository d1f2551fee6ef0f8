# SPDX-License-Identifier: GPL-2.0
"""A kernel tree of a few lines and a repo to lay over it: all that staging looks at."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]
# The one semantic patch that the toy tree has a place for; test_hooks.py has all.
HOOK = "um-reserve.cocci"

DMA_KCONFIG = """\
config DMA_CMA
\tbool "x"

if  DMA_CMA

config DMA_NUMA_CMA
\tbool "x"
config CMA_SIZE_MBYTES
\tint "x"

config CMA_SIZE_PERCENTAGE
\tint "x"
choice
\tprompt "x"
config CMA_SIZE_SEL_MBYTES
\tbool "x"
config CMA_SIZE_SEL_PERCENTAGE
\tbool "x"
config CMA_SIZE_SEL_MIN
\tbool "x"
config CMA_SIZE_SEL_MAX
\tbool "x"
endchoice
config CMA_ALIGNMENT
\tint "x"
endif
"""

STOCK = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\n",
    "MAINTAINERS": "Maintainers List\n----\n\nALPHA\nS:\tOdd\n\nZULU\nS:\tOdd\n\n"
                   "THE REST\nS:\tOdd\n",
    "mm/Kconfig": "config FIRST\n\tbool\n\nconfig CMA\n\tbool \"x\"\n\thelp\n\t  x\n\n\t  y\n\n"
                  "config CMA_DEBUGFS\n\tbool \"x\"\n\nconfig CMA_SYSFS\n\tbool \"x\"\n\n"
                  "config CMA_AREAS\n\tint \"x\"\n\nconfig LAST\n\tbool\n",
    "mm/Makefile": "obj-y := first.o\nobj-$(CONFIG_CMA)\t+= cma.o\n"
                   "obj-$(CONFIG_CMA_DEBUGFS) += cma_debug.o\n"
                   "obj-$(CONFIG_CMA_SYSFS) += cma_sysfs.o\nobj-y += last.o\n",
    "kernel/dma/Kconfig": f"config FIRST\n\tbool\n\n{DMA_KCONFIG}\nconfig LAST\n\tbool\n",
    "kernel/dma/Makefile": "obj-$(CONFIG_DMA_CMA)\t\t\t+= contiguous.o\n",
    "kernel/dma/Makefile": "obj-$(CONFIG_DMA_CMA)\t\t+= contiguous.o\n",
    "samples/Kconfig": "menuconfig SAMPLES\nif SAMPLES\nendif # SAMPLES\n",
    "samples/Makefile": "subdir-$(CONFIG_SAMPLE_CGROUP) += cgroup\n",
    "tools/testing/selftests/Makefile": "TARGETS += clone3\n",
    "Documentation/mm/index.rst": "   balance\n",
    "Documentation/admin-guide/mm/index.rst": "   cma_debugfs\n",
    "arch/um/kernel/um_arch.c": "#include <linux/utsname.h>\n\nvoid setup_arch(char **p)\n{\n"
                                "\t*p = command_line;\n\tlast();\n}\n",
    "include/linux/vm_event_item.h": "enum {\n\t\tCMA_ALLOC_FAIL,\n};\n",
    "mm/untouched.c": "int untouched;\n",
} | {name: "stock\n" for name in (
    "include/linux/cma.h", "include/trace/events/cma.h", "kernel/dma/contiguous.c",
    "mm/cma.c", "mm/cma.h", "mm/cma_debug.c", "mm/cma_sysfs.c",
    "Documentation/admin-guide/mm/cma_debugfs.rst")}

OURS = {name: f"ours: {name}\n" for name in (
    "include/linux/cma.h", "include/trace/events/cma.h", "kernel/dma/contiguous.c",
    "kernel/dma/contiguous_of.c", "mm/cma.c", "mm/cma/Kconfig", "mm/cma/Kconfig.dma",
    "mm/cma/Makefile", "mm/cma/window.c", "samples/cma/Kconfig",
    "tools/testing/selftests/cma/Makefile", "Documentation/mm/cma.rst",
    "Documentation/admin-guide/mm/cma.rst", "Documentation/admin-guide/mm/cma_debugfs.rst",
    "README.md", "nowhere/file.c")} | {
    "MAINTAINERS": "MIKE\nS:\tMaintained\n", ".gitignore": "build/\n"}


# The stock files that ours replace or remove.
KNOWN = ("include/linux/cma.h", "include/trace/events/cma.h", "kernel/dma/contiguous.c",
         "mm/cma.c", "mm/cma.h", "mm/cma_debug.c", "mm/cma_sysfs.c")


def blob(text: str) -> str:
    """The id that git gives a file with this text."""
    return hashlib.sha1(f"blob {len(text.encode())}\0{text}".encode()).hexdigest()


def write(root: Path, files: dict[str, str]) -> None:
    """Create @files below @root."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@dataclass(frozen=True)
class Toy:
    """A repo with the real scripts and a stock tree, both small enough to break at will."""

    repo: Path
    stock: Path

    @property
    def staged(self) -> Path:
        return self.repo / "build/linux"

    def run(self, script: str = "stage", **env: str) -> subprocess.CompletedProcess[str]:
        """Run one of the scripts against the toy tree, whatever make passes us down."""
        kept = {name: value for name, value in os.environ.items()
                if name not in ("ARCH", "STOCK", "DEBUG", "EXTRA_CONFIG")}
        return subprocess.run([str(self.repo / "scripts" / script)], capture_output=True, text=True,
                              env=kept | {"KSRC": str(self.stock)} | env, check=False)

    def stage(self) -> None:
        """Stage, which has to work."""
        result = self.run()
        assert result.returncode == 0, result.stderr
        assert result.stdout == f"{self.staged}\n"

    def refusal(self) -> str:
        """Stage, which has to fail; return the complaint, of which each line is of use."""
        result = self.run()
        assert result.returncode == 1, result.stderr
        assert result.stdout == ""
        return re.sub(r"^stage: unpacking.*\n", "", result.stderr, flags=re.M)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace @old in the stock file @name, where it has to be."""
        path = self.stock / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


def make_toy(where: Path) -> Toy:
    """Lay out both trees below @where."""
    toy = Toy(where / "repo", where / "stock")
    write(toy.stock, STOCK)
    write(toy.repo, OURS)
    shutil.copytree(SCRIPTS, toy.repo / "scripts",
                    ignore=shutil.ignore_patterns("tests", "__pycache__"))
    for hook in (toy.repo / "scripts/hooks").iterdir():
        if hook.name != HOOK:
            hook.unlink()
    known = {name: {blob(STOCK[name]): "6.12.7"} for name in KNOWN}
    write(toy.repo, {"scripts/overlay/known.json": json.dumps(known)})
    subprocess.run(["git", "init", "-q", str(toy.repo)], check=True)
    return toy
