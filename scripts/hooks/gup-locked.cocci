// SPDX-License-Identifier: GPL-2.0
// file: mm/gup.c
// near: populate_vma_page_range
// optional: what a real-time task locks may lie in an area, and is moved for drivers
// adds: 1 CLASS(cma_locked, saved)(vma);
// adds: 1 "cma/lend.h"
//
// A real-time task locks its memory so that it never waits for a page. What lies in an
// area is moved when a driver wants its place, and who touches it then waits.

@include@
@@
 #include "internal.h"
+#include "cma/lend.h"

@locked@
symbol vma, gup_flags, FOLL_TOUCH;
@@
populate_vma_page_range(...)
{
	...
	gup_flags = FOLL_TOUCH;
+	CLASS(cma_locked, saved)(vma);
	...
}
