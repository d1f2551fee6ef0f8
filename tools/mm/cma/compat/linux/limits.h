/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_LIMITS_H
#define _LINUX_LIMITS_H

/* glibc includes <linux/limits.h> too, and wants what the system says there. */
#include_next <linux/limits.h>

#define U32_MAX (~0U)
#define U64_MAX (~0ULL)

#endif
