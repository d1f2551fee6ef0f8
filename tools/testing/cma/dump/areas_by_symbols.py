# SPDX-License-Identifier: GPL-2.0
"""Lists the areas by nothing but what each Linux 6.12 has, as parsers of memory dumps do.

  drgn -c DUMP -s VMLINUX areas_by_symbols.py

It stands for the scripts that others have: do not mend it when a change of ours breaks it.
"""

import drgn


def main(prog: drgn.Program) -> None:
    print("area base_pfn pages order_per_bit used")
    for number in range(prog["cma_area_count"].value_()):
        area = prog["cma_areas"][number]
        order = area.order_per_bit.value_()
        used = 0
        for bit in range(area.count.value_() >> order):
            long = area.bitmap[bit // 64].value_()
            used += (long >> bit % 64 & 1) << order
        print(area.name.string_().decode(), area.base_pfn.value_(), area.count.value_(), order,
              used)


main(globals()["prog"])
