# SPDX-License-Identifier: GPL-2.0
"""What the tests of CMA are made of, on the host and in guests.

host: builds and runs the C test programs; language, dt_model: second readers of
what a user writes; guest, dt, vm: what a guest is made of, and its boot; boots:
the boots that the tests in boot/ look at; input_rows, oracle, input_table: bad input and
what must come of it; qemu, gdb: boots for people; bench, workloads: what is measured;
matrix: kernels and machines of many kinds, under stress.
"""
