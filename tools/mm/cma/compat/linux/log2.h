/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_LOG2_H
#define _LINUX_LOG2_H

#define ilog2(n) ((unsigned int)(8 * (int)sizeof(long) - 1 - __builtin_clzl(n)))

#endif
