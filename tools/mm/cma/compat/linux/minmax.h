/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_MINMAX_H
#define _LINUX_MINMAX_H

/* Each argument is evaluated once, and both must be of one type. */
#define min(a, b) __pick(a, b, <)
#define max(a, b) __pick(a, b, >)
#define __pick(a, b, better) ({					\
	__typeof__(a) __a = (a);					\
	__typeof__(b) __b = (b);					\
	(void)(&__a == &__b);						\
	__a better __b ? __a : __b; })

#endif
