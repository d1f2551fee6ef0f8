// SPDX-License-Identifier: GPL-2.0
// file: drivers/of/of_reserved_mem.c
// near: unsupported node format
// leaves: 1 unsupported node format
// optional: of two scans that fail, both complain of the node format
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
