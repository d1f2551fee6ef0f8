# SPDX-License-Identifier: GPL-2.0
# One interface to everything; "make help" tells what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

.PHONY: run shell map trace gdb test check kunit boot builds debug dumps bisect-run bench \
	everyday workloads matrix selftests suites consumers kernel stage joins series patch \
	series-check release docs adoption-check deps clean help

run shell map trace gdb:
	@scripts/deps $@
	@scripts/qemu $@

test:
	@scripts/deps $@
	@scripts/test check kunit boot builds

check kunit boot builds debug dumps:
	@scripts/deps $@
	@scripts/test $@

bisect-run:
	@scripts/deps $@
	@scripts/bisect-run

bench:
	@scripts/deps $@
	@scripts/bench $(BENCH)

everyday:
	@scripts/deps $@
	@scripts/everyday $(EVERYDAY)

workloads:
	@scripts/deps $@
	@scripts/workloads $(WORKLOADS)

matrix:
	@scripts/deps $@
	@scripts/matrix $(MATRIX)

selftests:
	@scripts/deps $@
	@scripts/selftests

suites:
	@scripts/deps $@
	@scripts/suites $(SUITES)

consumers:
	@scripts/deps $@
	@scripts/suites --consumers $(SUITES)

kernel:
	@scripts/deps $@
	@scripts/kernel

stage:
	@scripts/deps stage
	@scripts/stage

joins:
	@scripts/deps stage
	@scripts/joins

series patch release:
	@scripts/deps stage
	@scripts/series $@

series-check:
	@scripts/deps $@
	@scripts/series check

adoption-check:
	@scripts/deps $@
	@scripts/adoption-check

docs:
	@scripts/deps $@
	@scripts/docs

deps:
	@scripts/deps $(FOR)

clean:
	@rm -rf build

help:
	@sed -n 's/^#: \?//p' $(lastword $(MAKEFILE_LIST))

#: run         boot a kernel with ours in QEMU and show what it does with its memory
#: shell       the same, and leave you at a prompt in there
#: map         boot it, fill the area, and draw who holds what: build/cma-map.svg,
#:             and over time, for a browser or a phone: build/cma-map.html
#: trace       boot it, and print the trace events of CMA as they come
#: gdb         boot it stopped, and attach gdb, with symbols
#: test        everything below, then one line with the totals
#:   check       pure logic on the host, and style                seconds
#:   kunit       parts against a live page allocator (UML;        2-3 minutes
#:               ARCH=arm64, ARCH=x86_64: four CPUs under QEMU)
#:   boot        boots under QEMU: parser, device trees, drivers  minutes
#:   builds      configurations and architectures; sparse, W=1    a quarter of an hour
#: debug       the boot tests with KASAN, lockdep and more        minutes
#: dumps       drgn and gdb on memory dumps of guests         two kernels
#: bisect-run  the commit after GOOD= that broke the tests of T= or SUITE=
#: bench       what requests cost, ours against stock             half an hour
#: everyday    how soon a driver gets his buffer in everyday states, ours, stock and
#:             MAINLINE=; ten minutes, and two or three kernels
#: workloads   unmovable memory beside movable, ours and stock    minutes
#: matrix      kernels and machines of many kinds under stress     hours; goes on
#:             where it was stopped
#: selftests   the selftests of the kernel tree in guests, ours or STOCK=1   minutes
#: suites      video programs and suites of others in Debian guests, ours and stock;
#:             hours, with LTP= more; goes on where it was stopped
#: consumers   drivers and machines of others that want buffers, ours and stock
#: kernel      build a kernel; the last line of output is the path of its image
#: stage       only lay our files over the stock tree, as build/linux
#: joins       say how our files fit the tree KSRC=, and compile them there
#: series      patches for git am and quilt, and a cover letter: build/series
#: patch       one patch for the tree of KSRC=: build/cma-<version>.patch
#: series-check  apply, read, build and boot each patch           an hour
#: release     the series with the tool and the documents: V=1.0
#: adoption-check  what is in adoption/: overlays, layers, binding    minutes;
#:             BUILDROOT= BITBAKE= OE_CORE= ARMBIAN= BSP= TCB= are trees to try it with,
#:             DEBIAN=1 rebuilds Debian's kernel; see adoption/README.md
#: docs        the documents as HTML: build/docs/html/index.html     seconds
#: deps        install the Debian packages that make test lacks, or FOR=target
#: clean       remove build/
#:
#: ARCH=arm64|arm|x86_64   the architecture of run to gdb, and of kernel [arm64]
#: CMA=64M MEM=1G DT=x     run to gdb: the value of cma=, RAM, device tree
#: GDB_ARGS=options        gdb: such as GDB_ARGS='-batch -ex "break cma_alloc" -ex c -ex bt'
#: T=expression            check, boot, builds, debug, dumps, adoption-check: as pytest -k;
#:                         T=churn, T=test_dt
#: SUITE=cma_hold          kunit: a suite, or suite.case; both may be patterns
#: GOOD=commit BAD=commit  bisect-run: where to look [BAD=HEAD]
#: STOCK=1                 kernel: the stock tree with the same configuration
#:                         selftests: on stock; known defects of it are named
#: DEBUG=1                 kernel: with the checks of kernel/configs/cma-debug.config
#: EXTRA_CONFIG=file       kernel: a configuration fragment that is merged last
#: FULL=1                  test, builds: five more configurations, 15 minutes more
#:                         series-check: on all architectures; with CMA=n, DMA_CMA=n
#: V=version               release: what it is called, as in V=1.0
#: QUICK=1                 bench: fewer states, one seed, below 5 minutes
#:                         workloads: one of each kind, below 3 minutes
#: BOARD=0                 run to gdb, boot: a small kernel, not that of a board
#: BOARD=1                 kernel, bench, everyday: the kernel of a board, not the small one
#: CELLS='arm-* ...'       matrix, suites, consumers: only those cells, and once more if
#:                         they were run
#: MATRIX=options          matrix: see scripts/matrix --help
#: BENCH=options           bench: see scripts/bench --help
#: LTP=tree                suites: the tests of the Linux Test Project, from its source
#: SUITES=options          suites: see scripts/suites --help
#: EVERYDAY=options        everyday: see scripts/everyday --help
#: MAINLINE=tree           everyday, kernel: the tree of another release, as it is
#: WORKLOADS=options       workloads: see scripts/workloads --help
#: KSRC=path               a 6.12.y tree or tarball in place of Debian's, or a
#:                         commit: KSRC=repository@commit[:directory]
#: FOR=check               deps: a target
#: COMPILE=0               joins: only look
#: FORCE=1                 stage, joins: go on though something of the tree goes
