/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_BITS_H
#define _LINUX_BITS_H

#define BITS_PER_LONG (8 * (int)sizeof(long))
#define BIT_ULL(nr) (1ULL << (nr))

#endif
