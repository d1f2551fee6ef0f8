// SPDX-License-Identifier: GPL-2.0
// file: arch/um/kernel/um_arch.c
// near: command_line
// optional: User Mode Linux has no default area
// adds: 1 parse_early_param();
// adds: 1 cma_reserve_default(0, NULL);
// adds: 1 #include <linux/cma-boot.h>
//
// UML has no DMA layer that would reserve the default area, and it reads its
// options only after setup_arch(), where the size of the area stands.

@call@
symbol command_line;
expression line;
@@
setup_arch(...)
{
	...
	*line = command_line;
+	parse_early_param();
+	cma_reserve_default(0, NULL);
	...
}

@include@
@@
#include <linux/utsname.h>
+#include <linux/cma-boot.h>
