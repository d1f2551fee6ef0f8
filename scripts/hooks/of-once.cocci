// SPDX-License-Identifier: GPL-2.0
// file: drivers/of/of_reserved_mem.c
// adds: -1 unsupported node format
//
// The same complaint is made by the first scan.

@once@
@@
fdt_scan_reserved_mem_reg_nodes(...)
{
	<...
-	pr_err("Reserved memory: unsupported node format, ignoring\n");
	...>
}
