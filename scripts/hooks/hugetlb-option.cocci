// SPDX-License-Identifier: GPL-2.0
// file: mm/hugetlb.c
// near: cmdline_parse_hugetlb_cma
// optional: a malformed hugetlb_cma= is honoured by half
// adds: 1 if (!cma_option_is_valid("hugetlb_cma", p))
// adds: 1 #include <linux/cma-boot.h>
//
// A list that is missing or malformed is rejected as a whole, with one line.

@include@
@@
#include <linux/cma.h>
+#include <linux/cma-boot.h>

@option@
identifier p;
statement S;
@@
cmdline_parse_hugetlb_cma(char *p)
{
	...
	char *s = p;
+	if (!cma_option_is_valid("hugetlb_cma", p))
+		return 0;
	S
	...
}
